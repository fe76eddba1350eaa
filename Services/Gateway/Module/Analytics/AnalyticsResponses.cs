using MemoryMesh.ServiceDefaults.Analytics;

namespace MemoryMesh.Gateway.Analytics;

/// <summary>What a tenant has now.</summary>
/// <param name="Messages">Messages, archived ones included.</param>
/// <param name="Conversations">Conversations.</param>
/// <param name="ActiveMemories">Memories that hold.</param>
/// <param name="StoredMemories">Memories, superseded and archived ones too.</param>
/// <param name="StorageBytes">Bytes of sealed messages and memories.</param>
/// <param name="MessageBytes">Of these, messages: contents, metadata and subjects.</param>
/// <param name="MemoryBytes">Of these, memories: texts, metadata and ids; without history and quotes.</param>
internal sealed record CurrentUsage(
    long Messages, long Conversations, long ActiveMemories, long StoredMemories, long StorageBytes, long MessageBytes, long MemoryBytes);

/// <summary>What happened in a time, and what there is now.</summary>
internal sealed record UsageResponse
{
    /// <summary>The tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Beginning of the time, in the time zone.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>End of the time; it is not included.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>hour, day, week or month: the time is whole ones.</summary>
    public required AnalyticsInterval Interval { get; init; }

    /// <summary>The time zone.</summary>
    public required string Tz { get; init; }

    /// <summary>What happened.</summary>
    public required UsageCounts Usage { get; init; }

    /// <summary>What there is now.</summary>
    public required CurrentUsage Current { get; init; }
}

/// <summary>What happened in one interval.</summary>
/// <param name="Start">Its beginning, in the time zone.</param>
/// <param name="End">Its end, which is not included.</param>
/// <param name="Usage">What happened.</param>
internal sealed record TrendPoint(DateTimeOffset Start, DateTimeOffset End, UsageCounts Usage);

/// <summary>What happened, interval by interval.</summary>
internal sealed record TrendsResponse
{
    /// <inheritdoc cref="UsageResponse.TenantId"/>
    public required Guid TenantId { get; init; }

    /// <inheritdoc cref="UsageResponse.From"/>
    public required DateTimeOffset From { get; init; }

    /// <inheritdoc cref="UsageResponse.To"/>
    public required DateTimeOffset To { get; init; }

    /// <summary>hour, day, week or month.</summary>
    public required AnalyticsInterval Interval { get; init; }

    /// <inheritdoc cref="UsageResponse.Tz"/>
    public required string Tz { get; init; }

    /// <summary>One an interval, oldest first, also where nothing happened; at most 1,000.</summary>
    public required IReadOnlyList<TrendPoint> Points { get; init; }
}

/// <summary>A conversation with what it holds of a time.</summary>
/// <param name="ConversationId">Its id.</param>
/// <param name="UserId">The subject it belongs to.</param>
/// <param name="Title">Its title, or null.</param>
/// <param name="Messages">Messages of the time that are there now.</param>
/// <param name="Tokens">Estimated tokens of these.</param>
/// <param name="LastMessageAt">Time of its last message, also after the time that was asked for.</param>
internal sealed record TopConversation(string ConversationId, string UserId, string? Title, long Messages, long Tokens, DateTimeOffset? LastMessageAt);

/// <summary>The conversations with the most messages or tokens of a time.</summary>
internal sealed record TopConversationsResponse
{
    /// <inheritdoc cref="UsageResponse.TenantId"/>
    public required Guid TenantId { get; init; }

    /// <inheritdoc cref="UsageResponse.From"/>
    public required DateTimeOffset From { get; init; }

    /// <inheritdoc cref="UsageResponse.To"/>
    public required DateTimeOffset To { get; init; }

    /// <inheritdoc cref="UsageResponse.Interval"/>
    public required AnalyticsInterval Interval { get; init; }

    /// <inheritdoc cref="UsageResponse.Tz"/>
    public required string Tz { get; init; }

    /// <summary>messages or tokens.</summary>
    public required string By { get; init; }

    /// <summary>The most first.</summary>
    public required IReadOnlyList<TopConversation> Conversations { get; init; }
}

/// <summary>How far the vectors of one kind of item are.</summary>
/// <param name="Kind">message or memory.</param>
/// <param name="Indexed">Items in the index.</param>
/// <param name="Embedded">Of these, with vectors of the present model.</param>
/// <param name="Pending">Waiting for their vectors.</param>
/// <param name="Failed">Given up after several attempts, until they are tried again.</param>
internal sealed record EmbeddingKindStats(string Kind, long Indexed, long Embedded, long Pending, long Failed);

/// <summary>How far the vectors of a tenant are.</summary>
internal sealed record EmbeddingStatsResponse
{
    /// <inheritdoc cref="UsageResponse.TenantId"/>
    public required Guid TenantId { get; init; }

    /// <summary>Name of the embedding model.</summary>
    public required string Model { get; init; }

    /// <summary>Length of its vectors.</summary>
    public required int Dimensions { get; init; }

    /// <summary>Messages and memories.</summary>
    public required IReadOnlyList<EmbeddingKindStats> Items { get; init; }

    /// <summary>Vectors that were taken over from an equal text, since the server was started; null when it is not counted.</summary>
    public required long? Reused { get; init; }
}
