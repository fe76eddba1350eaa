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

/// <summary>An item whose vectors could not be computed.</summary>
/// <param name="Kind">message or memory.</param>
/// <param name="Id">The message or memory.</param>
/// <param name="State">parked: given up until it is tried again by hand; retrying: tried again by itself.</param>
/// <param name="Attempts">How often its text was refused.</param>
/// <param name="Error">Why, the last time: a code such as http_400.</param>
internal sealed record EmbeddingProblemStats(string Kind, Guid Id, string State, int Attempts, string Error);

/// <summary>The model that takes the place of the present one when it is done.</summary>
/// <param name="Model">Its name.</param>
/// <param name="Version">What tells two models of one name apart.</param>
/// <param name="Dimensions">Length of its vectors.</param>
/// <param name="Progress">How much of what is indexed it is done with, 0 to 1; what it gave up counts as done.</param>
/// <param name="Items">Messages and memories.</param>
/// <param name="Unavailable">Why it cannot be reached at the moment, a code; null when it can.</param>
internal sealed record NextEmbeddingStats(
    string Model, string Version, int Dimensions, double Progress, IReadOnlyList<EmbeddingKindStats> Items, string? Unavailable);

/// <summary>How far the vectors of a tenant are.</summary>
internal sealed record EmbeddingStatsResponse
{
    /// <inheritdoc cref="UsageResponse.TenantId"/>
    public required Guid TenantId { get; init; }

    /// <summary>Name of the embedding model that answers questions.</summary>
    public required string Model { get; init; }

    /// <summary>What tells two models of one name apart.</summary>
    public required string Version { get; init; }

    /// <summary>local when it runs in the server, else remote.</summary>
    public required string Provider { get; init; }

    /// <summary>Length of its vectors.</summary>
    public required int Dimensions { get; init; }

    /// <summary>Messages and memories.</summary>
    public required IReadOnlyList<EmbeddingKindStats> Items { get; init; }

    /// <summary>Vectors that were taken over from an equal text, since the server was started; null when it is not counted.</summary>
    public required long? Reused { get; init; }

    /// <summary>Why the model cannot be reached at the moment, a code such as timeout or http_401; null when it can. Words answer meanwhile.</summary>
    public required string? Unavailable { get; init; }

    /// <summary>The model that takes its place when its vectors have been computed; null when none does.</summary>
    public required NextEmbeddingStats? Next { get; init; }

    /// <summary>Items that could not be done, parked ones first; at most 100.</summary>
    public required IReadOnlyList<EmbeddingProblemStats> Problems { get; init; }
}

/// <summary>What is tried again.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="Retried">How many items.</param>
internal sealed record RetriedEmbeddings(Guid TenantId, int Retried);
