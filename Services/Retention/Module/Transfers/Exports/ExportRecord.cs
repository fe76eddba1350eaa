using MemoryMesh.ServiceDefaults.Analytics;
using NodaTime;

namespace MemoryMesh.Retention.Transfers.Exports;

/// <summary>What an export holds. The numbers are stored.</summary>
internal enum ExportSubject
{
    Conversation = 1,
    Subject = 2,
    Tenant = 3,

    /// <summary>What was counted of a tenant.</summary>
    Analytics = 4,
}

/// <summary>How an export is written. The numbers are stored.</summary>
internal enum ExportFormat
{
    Json = 1,
    Ndjson = 2,
    Csv = 3,
    Markdown = 4,
}

/// <summary>How an export stands. The numbers are stored.</summary>
internal enum ExportStatus
{
    Pending = 1,
    Running = 2,
    Completed = 3,
    Failed = 4,

    /// <summary>It was completed, and its file is deleted.</summary>
    Expired = 5,
}

/// <summary>Why an export failed. The numbers are stored.</summary>
internal enum ExportError
{
    /// <summary>A part of the server could not be reached for long.</summary>
    Unavailable = 1,

    /// <summary>It would be larger than the limit.</summary>
    TooLarge = 2,

    /// <summary>What it is about is gone.</summary>
    Gone = 3,

    /// <summary>Who asked for it may not have it any more.</summary>
    Forbidden = 4,

    /// <summary>The disk is full.</summary>
    DiskFull = 5,

    /// <summary>A defect.</summary>
    Failed = 6,
}

/// <summary>An export.</summary>
internal sealed record ExportRecord
{
    public required Guid Id { get; init; }

    public required Guid TenantId { get; init; }

    /// <summary>The subject it is about, or the tenant. Its key seals the file.</summary>
    public required Guid OwnerKey { get; init; }

    /// <summary>The account that asked for it.</summary>
    public required Guid AccountId { get; init; }

    public required ExportSubject What { get; init; }

    public required ExportFormat Format { get; init; }

    public Guid? ConversationKey { get; init; }

    public required ExportRequestDetails Request { get; init; }

    public required ExportStatus Status { get; init; }

    /// <summary>How often it was begun.</summary>
    public int Attempts { get; init; }

    /// <summary>Messages and memories, or intervals, that are written.</summary>
    public long Done { get; init; }

    /// <summary>About how many there are; null until they were counted.</summary>
    public long? Total { get; init; }

    /// <summary>Bytes of the whole file; null until it is completed.</summary>
    public long? Size { get; init; }

    public ExportError? Error { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>When its file is deleted.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>What of an export is kept sealed, for it was typed by a client.</summary>
internal sealed record ExportRequestDetails
{
    public string? UserId { get; init; }

    public string? ConversationId { get; init; }

    /// <summary>The time that counts are exported of.</summary>
    public ExportPeriod? Period { get; init; }
}

/// <summary>A time divided into intervals of a time zone.</summary>
internal sealed record ExportPeriod(DateTimeOffset From, DateTimeOffset To, AnalyticsInterval Interval, string Zone)
{
    public static ExportPeriod Of(AnalyticsPeriod period)
        => new(period.Show(period.From), period.Show(period.To), period.Interval, period.Zone.Id);

    public AnalyticsPeriod Read() => new()
    {
        From = Instant.FromDateTimeOffset(From),
        To = Instant.FromDateTimeOffset(To),
        Interval = Interval,
        Zone = DateTimeZoneProviders.Tzdb[Zone],
    };
}
