using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Retention;

/// <summary>Settings of the Retention service, section <c>Retention</c>.</summary>
public sealed class RetentionOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Retention";

    /// <summary>
    /// Age in days from which the default policy covers messages and memories of tenants that have no policy of their own. Not set by default:
    /// without an age nothing is ever archived or deleted.
    /// </summary>
    [Range(1, 36_500)]
    public int? MaxAgeDays { get; set; }

    /// <summary>Importance below which the default policy covers a message or memory that is old enough; 1 covers nearly every one.</summary>
    [Range(0.0, 1.0)]
    public double ImportanceThreshold { get; set; } = 0.35;

    /// <summary>What the default policy does: <c>archive</c> or <c>delete</c>.</summary>
    [Required(ErrorMessage = "Retention:Action must be archive or delete.")]
    [RegularExpression("^(archive|delete)$", ErrorMessage = "Retention:Action must be archive or delete.")]
    public string Action { get; set; } = "delete";

    /// <summary>Seconds between two scheduled passes over the tenants. A pass that was due while the service was down starts soon after it is up.</summary>
    [Range(1, 31_536_000)]
    public int ScheduleSeconds { get; set; } = 86_400;

    /// <summary>Days that the record of a finished run is kept.</summary>
    [Range(1, 36_500)]
    public int RunHistoryDays { get; set; } = 400;

    /// <summary>Longest that a request to erase a subject waits for its completion, in seconds, when it asks for that.</summary>
    [Range(1, 30)]
    public int ErasureWaitSeconds { get; set; } = 20;

    /// <summary>Seconds after which a service that has not erased a subject is asked again; the wait doubles each time, up to an hour.</summary>
    [Range(1, 3_600)]
    public int ErasureRetrySeconds { get; set; } = 60;

    /// <summary>
    /// Seconds from the deletion of an organization to the erasure of what it holds. Services let members in for up to a minute after; what they write then goes too.
    /// </summary>
    [Range(0, 604_800)]
    public int TenantErasureDelaySeconds { get; set; } = 120;

    /// <summary>
    /// Days that you keep backups of the data folder. Receipts of erasures tell until when a backup may hold what was erased; not set, they say that it is not known.
    /// </summary>
    [Range(1, 36_500)]
    public int? BackupDays { get; set; }
}

[OptionsValidator]
internal sealed partial class RetentionOptionsValidator : IValidateOptions<RetentionOptions>;
