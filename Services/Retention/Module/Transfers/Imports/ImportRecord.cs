namespace MemoryMesh.Retention.Transfers.Imports;

/// <summary>What the file of an import is. The numbers are stored.</summary>
internal enum ImportFormat
{
    /// <summary>What an export writes as NDJSON.</summary>
    MemoryMesh = 1,

    /// <summary>The conversations.json of a ChatGPT export.</summary>
    ChatGpt = 2,

    /// <summary>Objects with role and content: a list, lines, or lists of them as <c>messages</c>.</summary>
    Messages = 3,
}

/// <summary>How an import stands. The numbers are stored.</summary>
internal enum ImportStatus
{
    Uploading = 1,
    Pending = 2,
    Running = 3,
    Completed = 4,
    Failed = 5,
}

/// <summary>Why an import failed. The numbers are stored.</summary>
internal enum ImportError
{
    /// <summary>A part of the server could not be reached for long. It can be resumed.</summary>
    Unavailable = 1,

    /// <summary>The file is no JSON of the format; the last of the errors says where.</summary>
    Malformed = 2,

    /// <summary>Who asked for it may not store here any more.</summary>
    Forbidden = 3,

    /// <summary>The disk is full. It can be resumed.</summary>
    DiskFull = 4,

    /// <summary>The file is gone: a subject was erased while the import was unfinished, or its time was over.</summary>
    Gone = 5,

    /// <summary>A defect.</summary>
    Failed = 6,
}

/// <summary>An import.</summary>
internal sealed record ImportRecord
{
    public required Guid Id { get; init; }

    public required Guid TenantId { get; init; }

    /// <summary>The subject everything belongs to, or the tenant. Its key seals the file.</summary>
    public required Guid OwnerKey { get; init; }

    /// <summary>The account that imports.</summary>
    public required Guid AccountId { get; init; }

    public required ImportFormat Format { get; init; }

    public required bool DryRun { get; init; }

    /// <summary>Whether memories may be drawn from the messages.</summary>
    public required bool Extract { get; init; }

    public required ImportRequestDetails Request { get; init; }

    public required ImportStatus Status { get; init; }

    /// <summary>How often it was begun or gone on with since somebody asked for it.</summary>
    public int Attempts { get; init; }

    /// <summary>Bytes of the whole file; null when it was not told.</summary>
    public long? UploadLength { get; init; }

    /// <summary>Bytes of it that are here.</summary>
    public long Received { get; init; }

    /// <summary>Items of the file that were handled.</summary>
    public long Position { get; init; }

    public ImportCounts Counts { get; init; } = new();

    public ImportError? Error { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>When an unfinished upload, or the file of a failed import, is deleted.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>What became of the file until now.</summary>
internal sealed record ImportCounts
{
    /// <summary>Lines, or elements of the list, that were read.</summary>
    public long Records { get; init; }

    /// <summary>Conversations, messages, memories and settings that were stored, or would be.</summary>
    public long Stored { get; init; }

    /// <summary>What was passed over, by reason.</summary>
    public IReadOnlyDictionary<string, long> Skipped { get; init; } = new Dictionary<string, long>();

    /// <summary>What could not be taken.</summary>
    public long Failed { get; init; }
}

/// <summary>What of an import is kept sealed, for it was typed by a client.</summary>
internal sealed record ImportRequestDetails
{
    /// <summary>The subject that everything belongs to; null for those that the file names.</summary>
    public string? UserId { get; init; }

    /// <summary>The conversation of messages that name none.</summary>
    public string? ConversationId { get; init; }
}

/// <summary>What is wrong with a record.</summary>
/// <param name="Number">Place among the errors of the import, from 1.</param>
/// <param name="Line">Line of the file, where that can be told.</param>
/// <param name="Record">Which line or element of the list, from 1.</param>
/// <param name="Reason">What is wrong.</param>
internal sealed record ImportFault(long Number, long? Line, long Record, string Reason);
