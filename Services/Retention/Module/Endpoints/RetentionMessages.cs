using System.ComponentModel.DataAnnotations;
using MemoryMesh.Retention.Storage;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Retention.Endpoints;

/// <summary>Sets a tenant's policy.</summary>
internal sealed record PutPolicyRequest
{
    /// <summary>The tenant's id or slug; the caller's default tenant when left out.</summary>
    [PlainText(200)]
    public string? TenantId { get; init; }

    /// <summary>Days after which the policy applies.</summary>
    [Required]
    [Range(1, 36_500)]
    public int? MaxAgeDays { get; init; }

    /// <summary>Only what has an importance below this, above 0 to 1; any importance when left out.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double? ImportanceBelow { get; init; }

    /// <summary>archive or delete.</summary>
    [Required]
    [AllowedValues("archive", "delete", ErrorMessage = "Must be archive or delete.")]
    public string? Action { get; init; }

    /// <summary>One or both of messages and memories.</summary>
    [Required]
    [RetentionTargetList]
    public IReadOnlyList<string>? AppliesTo { get; init; }

    /// <summary>False: nothing runs for the tenant, not even a default policy of the server.</summary>
    public bool Enabled { get; init; } = true;

    public RetentionPolicy ToPolicy() => new(
        MaxAgeDays!.Value,
        ImportanceBelow,
        Action == "archive" ? RetentionAction.Archive : RetentionAction.Delete,
        AppliesTo!.Aggregate(RetentionTargets.None, (all, name) => all | (name == "messages" ? RetentionTargets.Messages : RetentionTargets.Memories)));
}

/// <summary>A list of messages, memories or both, each once.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class RetentionTargetListAttribute : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
        => value is null || (value is IReadOnlyList<string?> { Count: 1 or 2 } names
            && names.All(name => name is "messages" or "memories")
            && names.Distinct().Count() == names.Count)
            ? ValidationResult.Success
            : new ValidationResult("Must list messages, memories or both, each once.");
}

/// <summary>Starts a run.</summary>
internal sealed record StartRunRequest
{
    /// <summary>The tenant's id or slug; the caller's default tenant when left out.</summary>
    [PlainText(200)]
    public string? TenantId { get; init; }
}

/// <summary>The policy that holds for a tenant.</summary>
internal sealed record PolicyResponse
{
    public required Guid TenantId { get; init; }

    /// <summary>tenant: its own; default: the server's configuration.</summary>
    public required string Source { get; init; }

    public required bool Enabled { get; init; }

    public required int MaxAgeDays { get; init; }

    public required double? ImportanceBelow { get; init; }

    public required string Action { get; init; }

    public required IReadOnlyList<string> AppliesTo { get; init; }

    /// <summary>Null for the server's default.</summary>
    public required DateTimeOffset? UpdatedAt { get; init; }

    public static PolicyResponse Of(TenantPolicy own) => Of(own.TenantId, "tenant", own.Policy, own.Enabled, own.UpdatedAt);

    public static PolicyResponse Of(Guid tenantId, RetentionPolicy byDefault) => Of(tenantId, "default", byDefault, enabled: true, updatedAt: null);

    private static PolicyResponse Of(Guid tenantId, string source, RetentionPolicy policy, bool enabled, DateTimeOffset? updatedAt) => new()
    {
        TenantId = tenantId,
        Source = source,
        Enabled = enabled,
        MaxAgeDays = policy.MaxAgeDays,
        ImportanceBelow = policy.ImportanceBelow,
        Action = PolicySnapshot.NameOf(policy.Action),
        AppliesTo = PolicySnapshot.NamesOf(policy.AppliesTo),
        UpdatedAt = updatedAt,
    };
}

/// <summary>A policy as it was when a run started.</summary>
internal sealed record PolicySnapshot(int MaxAgeDays, double? ImportanceBelow, string Action, IReadOnlyList<string> AppliesTo)
{
    public static PolicySnapshot Of(RetentionPolicy policy)
        => new(policy.MaxAgeDays, policy.ImportanceBelow, NameOf(policy.Action), NamesOf(policy.AppliesTo));

    public static string NameOf(RetentionAction action) => action == RetentionAction.Archive ? "archive" : "delete";

    public static IReadOnlyList<string> NamesOf(RetentionTargets targets) =>
    [
        .. targets.HasFlag(RetentionTargets.Messages) ? (string[])["messages"] : [],
        .. targets.HasFlag(RetentionTargets.Memories) ? (string[])["memories"] : [],
    ];
}

/// <summary>The record of a run.</summary>
internal sealed record RunResponse
{
    public required Guid Id { get; init; }

    public required Guid TenantId { get; init; }

    /// <summary>running, completed or failed.</summary>
    public required string Status { get; init; }

    /// <summary>schedule or manual.</summary>
    public required string Trigger { get; init; }

    /// <summary>The account that started it; null for the schedule.</summary>
    public required Guid? ActorAccountId { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Only what was created before this was covered.</summary>
    public required DateTimeOffset CreatedBefore { get; init; }

    public required PolicySnapshot Policy { get; init; }

    public required long MessagesArchived { get; init; }

    public required long MessagesDeleted { get; init; }

    public required long MemoriesArchived { get; init; }

    public required long MemoriesDeleted { get; init; }

    /// <summary>chat_unavailable, memory_unavailable, chat_failed or memory_failed; null unless it failed.</summary>
    public required string? Error { get; init; }

    public static RunResponse Of(RetentionRun run)
    {
        var archive = run.Policy.Action == RetentionAction.Archive;
        return new RunResponse
        {
            Id = run.Id,
            TenantId = run.TenantId,
            Status = run.Status switch { RunStatus.Running => "running", RunStatus.Completed => "completed", _ => "failed" },
            Trigger = run.Trigger == RunTrigger.Manual ? "manual" : "schedule",
            ActorAccountId = run.ActorAccountId,
            StartedAt = run.StartedAt,
            FinishedAt = run.FinishedAt,
            CreatedBefore = run.CreatedBefore,
            Policy = PolicySnapshot.Of(run.Policy),
            MessagesArchived = archive ? run.Messages : 0,
            MessagesDeleted = archive ? 0 : run.Messages,
            MemoriesArchived = archive ? run.Memories : 0,
            MemoriesDeleted = archive ? 0 : run.Memories,
            Error = run.Error switch
            {
                null => null,
                RunError.ChatUnavailable => "chat_unavailable",
                RunError.MemoryUnavailable => "memory_unavailable",
                RunError.ChatFailed => "chat_failed",
                _ => "memory_failed",
            },
        };
    }
}

/// <summary>A page of runs, newest first.</summary>
/// <param name="Runs">The runs.</param>
/// <param name="Next">Give it as cursor for the next page; null on the last one.</param>
internal sealed record RunPage(IReadOnlyList<RunResponse> Runs, string? Next);
