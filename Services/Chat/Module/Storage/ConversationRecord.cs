namespace MemoryMesh.Chat.Storage;

/// <summary>A stored conversation, opened.</summary>
internal sealed record ConversationRecord
{
    /// <summary>Its tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Keyed hash of <see cref="ConversationId"/>.</summary>
    public required Guid ConversationKey { get; init; }

    /// <summary>The id as the client chose it.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Keyed hash of <see cref="UserId"/>.</summary>
    public required Guid SubjectKey { get; init; }

    /// <summary>The subject it belongs to.</summary>
    public required string UserId { get; init; }

    /// <summary>Title, or null.</summary>
    public string? Title { get; init; }

    /// <summary>Metadata as a compact JSON object, or null.</summary>
    public string? MetadataJson { get; init; }

    /// <summary>How many messages it holds, archived ones included.</summary>
    public long MessageCount { get; init; }

    /// <summary>Estimated tokens of these, when it is added; it is not read.</summary>
    public long TokenCount { get; init; }

    /// <summary>When it was created here.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Latest time of a message, or null.</summary>
    public DateTimeOffset? LastMessageAt { get; init; }

    /// <summary>Version of title and metadata, from 1.</summary>
    public required int Version { get; init; }
}

/// <summary>Place of a conversation in a list by activity.</summary>
/// <param name="ActivityAt">Time of its last message or of its creation, in milliseconds since 1970.</param>
/// <param name="ConversationKey">Decides between equal times.</param>
internal readonly record struct ConversationPosition(long ActivityAt, Guid ConversationKey);

/// <summary>A page of conversations.</summary>
/// <param name="Conversations">By falling time of activity. Those whose key was destroyed are left out.</param>
/// <param name="Last">Where the page ends, when there are conversations after it.</param>
internal sealed record ConversationPage(IReadOnlyList<ConversationRecord> Conversations, ConversationPosition? Last);

/// <summary>A page of conversations by key.</summary>
/// <param name="Conversations">Those whose key was destroyed are left out.</param>
/// <param name="Next">The key that the next page follows; null on the last one.</param>
internal sealed record ConversationsByKey(IReadOnlyList<ConversationRecord> Conversations, Guid? Next);

/// <summary>Counts of one role in a conversation.</summary>
internal sealed record RoleStatistics
{
    /// <summary>One of <see cref="MessageRoles.All"/>.</summary>
    public required string Role { get; init; }

    /// <summary>Messages, archived ones included.</summary>
    public required long Messages { get; init; }

    /// <summary>Of these, archived.</summary>
    public required long Archived { get; init; }

    /// <summary>Estimated tokens of their content.</summary>
    public required long Tokens { get; init; }

    /// <summary>Time of the first.</summary>
    public required DateTimeOffset FirstAt { get; init; }

    /// <summary>Time of the last.</summary>
    public required DateTimeOffset LastAt { get; init; }
}
