using MemoryMesh.Retention.Transfers.Imports;

namespace MemoryMesh.Retention.Endpoints;

/// <summary>An import.</summary>
internal sealed record ImportResponse
{
    public required Guid Id { get; init; }

    public required Guid TenantId { get; init; }

    /// <summary>memorymesh, chatgpt or messages.</summary>
    public required string Format { get; init; }

    /// <summary>Whether nothing is stored.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Whether memories are drawn from the messages.</summary>
    public required bool Extract { get; init; }

    /// <summary>The subject that everything belongs to; null for those that the file names.</summary>
    public required string? UserId { get; init; }

    /// <summary>The conversation of messages that name none.</summary>
    public required string? ConversationId { get; init; }

    /// <summary>uploading, pending, running, completed or failed.</summary>
    public required string Status { get; init; }

    public required ImportUpload Upload { get; init; }

    public required ImportProgress Progress { get; init; }

    /// <summary>What was passed over, by reason: already_there, other_branch, no_text, hidden.</summary>
    public required IReadOnlyDictionary<string, long> Skipped { get; init; }

    /// <summary>The first errors; all that are kept are at errors_url.</summary>
    public required IReadOnlyList<ImportErrorResponse> Errors { get; init; }

    /// <summary>unavailable, malformed, forbidden, disk_full, gone or failed; null unless it failed.</summary>
    public required string? Error { get; init; }

    /// <summary>Where this can be read again.</summary>
    public required string StatusUrl { get; init; }

    /// <summary>Where all errors can be read.</summary>
    public required string ErrorsUrl { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset? FinishedAt { get; init; }

    /// <summary>When an unfinished upload, or the file of a failed import, is deleted.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public static ImportResponse From(ImportRecord import, IReadOnlyList<ImportFault> faults) => new()
    {
        Id = import.Id,
        TenantId = import.TenantId,
        Format = ImportNames.Of(import.Format),
        DryRun = import.DryRun,
        Extract = import.Extract,
        UserId = import.Request.UserId,
        ConversationId = import.Request.ConversationId,
        Status = ImportNames.Of(import.Status),
        Upload = new ImportUpload(import.Received, import.UploadLength),
        Progress = new ImportProgress(import.Counts.Records, import.Counts.Stored, import.Counts.Skipped.Values.Sum(), import.Counts.Failed),
        Skipped = import.Counts.Skipped,
        Errors = [.. faults.Select(ImportErrorResponse.From)],
        Error = ImportNames.Of(import.Error),
        StatusUrl = $"/v1/imports/{import.Id:D}?tenant_id={import.TenantId:D}",
        ErrorsUrl = $"/v1/imports/{import.Id:D}/errors?tenant_id={import.TenantId:D}",
        CreatedAt = import.CreatedAt,
        FinishedAt = import.FinishedAt,
        ExpiresAt = import.ExpiresAt,
    };
}

/// <summary>How much of the file is here.</summary>
/// <param name="Offset">Bytes that are here: where to go on.</param>
/// <param name="Length">Bytes of the whole file; null when they were not told.</param>
internal sealed record ImportUpload(long Offset, long? Length);

/// <summary>What became of the file until now.</summary>
/// <param name="Lines">Lines, or elements of the list, that were read.</param>
/// <param name="Stored">Conversations, messages, memories and settings that were stored, or would be.</param>
/// <param name="Skipped">How many were passed over.</param>
/// <param name="Failed">How many could not be taken.</param>
internal sealed record ImportProgress(long Lines, long Stored, long Skipped, long Failed);

/// <summary>What is wrong with a record.</summary>
/// <param name="Line">Line of the file; null where that cannot be told.</param>
/// <param name="Record">Which line, or element of the list, from 1.</param>
/// <param name="Reason">What is wrong. It holds no text of the file.</param>
internal sealed record ImportErrorResponse(long? Line, long Record, string Reason)
{
    public static ImportErrorResponse From(ImportFault fault) => new(fault.Line, fault.Record, fault.Reason);
}

/// <summary>A page of errors, in the order of the file.</summary>
/// <param name="Count">How many there are; at most 1,000 are kept.</param>
/// <param name="Errors">The errors.</param>
/// <param name="Next">Give it as cursor for the next page; null on the last one.</param>
internal sealed record ImportErrorPage(long Count, IReadOnlyList<ImportErrorResponse> Errors, string? Next);

/// <summary>A page of imports, newest first.</summary>
/// <param name="Imports">The imports.</param>
/// <param name="Next">Give it as cursor for the next page; null on the last one.</param>
internal sealed record ImportPage(IReadOnlyList<ImportResponse> Imports, string? Next);
