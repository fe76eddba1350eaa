using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Retention.Transfers;

/// <summary>Settings of exports and imports, section <c>Transfers</c>.</summary>
public sealed class TransferOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Transfers";

    /// <summary>Exports that are carried out at the same time, at most one of each tenant. Default 2.</summary>
    [Range(1, 16)]
    public int ExportsAtATime { get; set; } = 2;

    /// <summary>Imports that are carried out at the same time, at most one of each tenant. Default 2.</summary>
    [Range(1, 16)]
    public int ImportsAtATime { get; set; } = 2;

    /// <summary>Exports, and imports, of one tenant that may wait, run or keep a file. Default 10 of each.</summary>
    [Range(1, 1_000)]
    public int MaxJobsPerTenant { get; set; } = 10;

    /// <summary>Hours that the file of an export is kept. Default 24.</summary>
    [Range(1, 8_760)]
    public int ExportHours { get; set; } = 24;

    /// <summary>Seconds that a download link opens. Each look at the export gives a fresh one. Default 900.</summary>
    [Range(1, 86_400)]
    public int LinkSeconds { get; set; } = 900;

    /// <summary>Most bytes of the file of an export. Default 16 GiB.</summary>
    [Range(1_024L, long.MaxValue)]
    public long MaxExportBytes { get; set; } = 16L * 1024 * 1024 * 1024;

    /// <summary>Most bytes of the file of an import. Default 1 GiB.</summary>
    [Range(1_024L, long.MaxValue)]
    public long MaxImportBytes { get; set; } = 1024L * 1024 * 1024;

    /// <summary>Hours after which an upload that nobody goes on with, and the file of an import that failed, are deleted. Default 24.</summary>
    [Range(1, 8_760)]
    public int UploadHours { get; set; } = 24;
}

[OptionsValidator]
internal sealed partial class TransferOptionsValidator : IValidateOptions<TransferOptions>;
