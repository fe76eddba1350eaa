namespace MemoryMesh.Contracts.Analytics;

/// <summary>Asks for the counters of one tenant. The caller has checked that the principal may see them.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="Boundaries">
/// Where the intervals begin, and where the last one ends: at least two, rising, in quarter hours since 1970 in UTC. Every time zone in use is whole
/// quarter hours away from UTC, so the hours, days, weeks and months of each begin there.
/// </param>
public sealed record UsageQuery(Guid TenantId, IReadOnlyList<long> Boundaries);

/// <summary>A number for each role of a message.</summary>
/// <param name="User">Of people.</param>
/// <param name="Assistant">Of assistants.</param>
/// <param name="System">Of instructions.</param>
/// <param name="Tool">Of tools.</param>
public sealed record RoleCounts(long User, long Assistant, long System, long Tool)
{
    /// <summary>All together.</summary>
    public long Total => User + Assistant + System + Tool;
}

/// <summary>What happened to messages in an interval.</summary>
/// <param name="Created">Messages by role, at the time of the message. What was deleted since counts too.</param>
/// <param name="Tokens">Estimated tokens of these as they were stored.</param>
/// <param name="Deleted">Messages that were deleted, at the time of the deletion.</param>
/// <param name="ActiveSubjects">Subjects with at least one message in the interval, each once.</param>
/// <param name="BytesAdded">By how many bytes sealed messages grew, when they were stored, changed or deleted; negative when they shrank.</param>
public sealed record MessageUsage(RoleCounts Created, RoleCounts Tokens, long Deleted, long ActiveSubjects, long BytesAdded);

/// <summary>Counters of Chat.</summary>
/// <param name="Intervals">One an interval, in their order.</param>
/// <param name="ActiveSubjects">Subjects with at least one message in any of them, each once.</param>
/// <param name="BytesBefore">Bytes of sealed messages when the first interval began.</param>
/// <param name="Messages">Messages there are now, archived ones included.</param>
/// <param name="Conversations">Conversations there are now.</param>
/// <param name="Bytes">Bytes of sealed messages now.</param>
public sealed record ChatUsage(
    IReadOnlyList<MessageUsage> Intervals, long ActiveSubjects, long BytesBefore, long Messages, long Conversations, long Bytes);

/// <summary>Asks which conversations have the most messages or tokens.</summary>
public sealed record TopConversationsQuery
{
    /// <summary>The tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Only messages of this time or later.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Only messages before this time.</summary>
    public required DateTimeOffset Before { get; init; }

    /// <summary>True for the most tokens, false for the most messages.</summary>
    public required bool ByTokens { get; init; }

    /// <summary>Most conversations, 1 to 100.</summary>
    public required int Limit { get; init; }
}

/// <summary>A conversation with what it holds of a time.</summary>
/// <param name="ConversationId">Its id as the client chose it.</param>
/// <param name="UserId">The subject it belongs to.</param>
/// <param name="Title">Its title, or null.</param>
/// <param name="Messages">Messages of the time that are there now.</param>
/// <param name="Tokens">Estimated tokens of these.</param>
/// <param name="LastMessageAt">Time of its last message, also after the time that was asked for.</param>
public sealed record ConversationUsage(string ConversationId, string UserId, string? Title, long Messages, long Tokens, DateTimeOffset? LastMessageAt);

/// <summary>Counters that Chat keeps.</summary>
public interface IChatUsage
{
    /// <summary>What happened, and what there is.</summary>
    Task<ChatUsage> GetUsageAsync(UsageQuery query, CancellationToken cancellationToken);

    /// <summary>The conversations with the most, the most first.</summary>
    Task<IReadOnlyList<ConversationUsage>> ListTopConversationsAsync(TopConversationsQuery query, CancellationToken cancellationToken);
}

/// <summary>What happened to memories in an interval.</summary>
/// <param name="Added">Memories that were added.</param>
/// <param name="Updated">Texts or metadata that were replaced.</param>
/// <param name="Superseded">Memories that newer ones took the place of.</param>
/// <param name="Archived">Memories that ended without another in their place.</param>
/// <param name="Deleted">Memories that were deleted.</param>
/// <param name="BytesAdded">By how many bytes sealed memories grew; negative when they shrank.</param>
public sealed record MemoryCounts(long Added, long Updated, long Superseded, long Archived, long Deleted, long BytesAdded);

/// <summary>Counters of Memory.</summary>
/// <param name="Intervals">One an interval, in their order.</param>
/// <param name="BytesBefore">Bytes of sealed memories when the first interval began.</param>
/// <param name="Active">Memories that hold now.</param>
/// <param name="Stored">Memories there are now, superseded and archived ones too.</param>
/// <param name="Bytes">Bytes of sealed memories now: texts, metadata and ids, without history and quotes.</param>
public sealed record MemoryUsage(IReadOnlyList<MemoryCounts> Intervals, long BytesBefore, long Active, long Stored, long Bytes);

/// <summary>Counters that Memory keeps.</summary>
public interface IMemoryUsage
{
    /// <summary>What happened, and what there is.</summary>
    Task<MemoryUsage> GetUsageAsync(UsageQuery query, CancellationToken cancellationToken);
}

/// <summary>Searches of an interval.</summary>
/// <param name="Messages">Searches for messages.</param>
/// <param name="Memories">Searches for memories.</param>
/// <param name="Context">Searches for memories that a context needed.</param>
public sealed record SearchCounts(long Messages, long Memories, long Context)
{
    /// <summary>All together.</summary>
    public long Total => Messages + Memories + Context;
}

/// <summary>Counters of Search.</summary>
/// <param name="Intervals">One an interval, in their order.</param>
public sealed record SearchUsage(IReadOnlyList<SearchCounts> Intervals);

/// <summary>How far the vectors of one kind of item are.</summary>
/// <param name="Kind"><c>message</c> or <c>memory</c>.</param>
/// <param name="Indexed">Items in the index.</param>
/// <param name="Embedded">Of these, with vectors of the present model.</param>
/// <param name="Pending">Waiting for their vectors.</param>
/// <param name="Failed">Given up after several attempts, until they are tried again.</param>
public sealed record EmbeddingKind(string Kind, long Indexed, long Embedded, long Pending, long Failed);

/// <summary>A job that could not be done.</summary>
/// <param name="Kind"><c>message</c> or <c>memory</c>.</param>
/// <param name="ItemId">The message or memory.</param>
/// <param name="State"><c>parked</c>: given up until it is tried again by hand; <c>retrying</c>: tried again by itself.</param>
/// <param name="Attempts">How often the text itself was refused.</param>
/// <param name="Error">Why, the last time: a code without personal text.</param>
public sealed record EmbeddingProblem(string Kind, Guid ItemId, string State, int Attempts, string Error);

/// <summary>An embedding model that takes the place of the one that answers questions.</summary>
/// <param name="Model">Its name.</param>
/// <param name="Version">What tells two models of one name apart.</param>
/// <param name="Dimensions">Length of its vectors.</param>
/// <param name="Kinds">Messages and memories, with how many have its vectors.</param>
/// <param name="Unavailable">Why it cannot be reached at the moment, a code; null when it can.</param>
public sealed record NextEmbedding(string Model, string Version, int Dimensions, IReadOnlyList<EmbeddingKind> Kinds, string? Unavailable);

/// <summary>How far the vectors of a tenant are.</summary>
public sealed record EmbeddingStats
{
    /// <summary>Name of the embedding model that answers questions.</summary>
    public required string Model { get; init; }

    /// <summary>What tells two models of one name apart.</summary>
    public string Version { get; init; } = "1";

    /// <summary><c>local</c> when it runs in the server, else <c>remote</c>.</summary>
    public string Provider { get; init; } = "local";

    /// <summary>Length of its vectors.</summary>
    public required int Dimensions { get; init; }

    /// <summary>Messages and memories.</summary>
    public required IReadOnlyList<EmbeddingKind> Kinds { get; init; }

    /// <summary>Vectors that were taken over from an equal text instead of being computed, since the server was started; null when it is not counted.</summary>
    public long? Reused { get; init; }

    /// <summary>Why the model cannot be reached at the moment, a code; null when it can.</summary>
    public string? Unavailable { get; init; }

    /// <summary>The model that takes its place when its vectors have been computed, or null.</summary>
    public NextEmbedding? Next { get; init; }

    /// <summary>Jobs that could not be done, parked ones first; at most 100.</summary>
    public IReadOnlyList<EmbeddingProblem> Problems { get; init; } = [];
}

/// <summary>Counters that Search keeps.</summary>
public interface ISearchUsage
{
    /// <summary>What happened.</summary>
    Task<SearchUsage> GetUsageAsync(UsageQuery query, CancellationToken cancellationToken);

    /// <summary>How far the vectors are.</summary>
    Task<EmbeddingStats> GetEmbeddingStatsAsync(Guid tenantId, CancellationToken cancellationToken);

    /// <summary>Lets what was given up be tried again.</summary>
    /// <returns>How many items.</returns>
    Task<int> RetryEmbeddingsAsync(Guid tenantId, CancellationToken cancellationToken);
}
