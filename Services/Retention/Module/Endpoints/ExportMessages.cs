using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using MemoryMesh.Retention.Transfers.Exports;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Retention.Endpoints;

/// <summary>Asks for an export.</summary>
internal sealed record CreateExportRequest
{
    /// <summary>The tenant's id or slug; the caller's default tenant when left out.</summary>
    [PlainText(200)]
    public string? TenantId { get; init; }

    /// <summary>conversation, subject, tenant or analytics.</summary>
    [Required]
    [AllowedValues(
        ExportNames.Conversation, ExportNames.Subject, ExportNames.Tenant, ExportNames.Analytics, null, ErrorMessage = "Must be conversation, subject, tenant or analytics.")]
    public string? What { get; init; }

    /// <summary>json, ndjson, csv or markdown. An import reads ndjson.</summary>
    [Required]
    [AllowedValues("json", "ndjson", "csv", "markdown", null, ErrorMessage = "Must be json, ndjson, csv or markdown.")]
    public string? Format { get; init; }

    /// <summary>The conversation, with what = conversation only.</summary>
    [PlainText(200)]
    public string? ConversationId { get; init; }

    /// <summary>The subject, with what = subject only; the caller when left out.</summary>
    [PlainText(200)]
    public string? UserId { get; init; }

    /// <summary>First date or moment, with what = analytics only, as in <c>GET /v1/analytics/trends</c>.</summary>
    [PlainText(64)]
    public string? From { get; init; }

    /// <summary>Last date, or the moment at which the time ends, with what = analytics only; now when left out.</summary>
    [PlainText(64)]
    public string? To { get; init; }

    /// <summary>hour, day (default), week or month, with what = analytics only.</summary>
    [PlainText(10)]
    public string? Interval { get; init; }

    /// <summary>Time zone of the IANA database, with what = analytics only; UTC when left out.</summary>
    [PlainText(64)]
    public string? Tz { get; init; }
}

/// <summary>An export.</summary>
internal sealed record ExportResponse
{
    public required Guid Id { get; init; }

    public required Guid TenantId { get; init; }

    /// <summary>conversation, subject, tenant or analytics.</summary>
    public required string What { get; init; }

    /// <summary>json, ndjson, csv or markdown.</summary>
    public required string Format { get; init; }

    /// <summary>The subject, of an export of one.</summary>
    public required string? UserId { get; init; }

    /// <summary>The conversation, of an export of one.</summary>
    public required string? ConversationId { get; init; }

    /// <summary>pending, running, completed, failed, or expired when its file is deleted.</summary>
    public required string Status { get; init; }

    public required ExportProgress Progress { get; init; }

    /// <summary>Bytes of the file; null until it is completed.</summary>
    public required long? Size { get; init; }

    /// <summary>unavailable, too_large, gone, forbidden, disk_full or failed; null unless it failed.</summary>
    public required string? Error { get; init; }

    /// <summary>Where this can be read again.</summary>
    public required string StatusUrl { get; init; }

    /// <summary>Where its file can be had without credentials for a short time; only when it is completed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DownloadUrl { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset? FinishedAt { get; init; }

    /// <summary>When its file is, or was, deleted.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public static ExportResponse From(ExportRecord export, ExportLinks links) => new()
    {
        Id = export.Id,
        TenantId = export.TenantId,
        What = ExportNames.Of(export.What),
        Format = ExportNames.Of(export.Format),
        UserId = export.Request.UserId,
        ConversationId = export.Request.ConversationId,
        Status = ExportNames.Of(export.Status),
        Progress = new ExportProgress(export.Done, export.Total),
        Size = export.Size,
        Error = ExportNames.Of(export.Error),
        StatusUrl = $"/v1/exports/{export.Id:D}?tenant_id={export.TenantId:D}",
        DownloadUrl = export.Status == ExportStatus.Completed ? links.Create(export) : null,
        CreatedAt = export.CreatedAt,
        FinishedAt = export.FinishedAt,
        ExpiresAt = export.ExpiresAt,
    };
}

/// <summary>How far an export is.</summary>
/// <param name="Done">Messages and memories, or intervals of analytics, that are written.</param>
/// <param name="Total">About how many there are; null until they were counted.</param>
internal sealed record ExportProgress(long Done, long? Total);

/// <summary>A page of exports, newest first.</summary>
/// <param name="Exports">The exports.</param>
/// <param name="Next">Give it as cursor for the next page; null on the last one.</param>
internal sealed record ExportPage(IReadOnlyList<ExportResponse> Exports, string? Next);
