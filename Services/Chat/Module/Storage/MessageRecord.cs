using MemoryMesh.Contracts.Chat;
using MemoryMesh.ServiceDefaults.Filtering;

namespace MemoryMesh.Chat.Storage;

/// <summary>Which conversations a call may reach. It is part of every query.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="SubjectKey">Only conversations of this subject; null for those of every subject.</param>
internal readonly record struct ConversationReach(Guid TenantId, Guid? SubjectKey);

/// <summary>A stored message, opened.</summary>
internal sealed record MessageRecord
{
    /// <summary>The message.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Keyed hash of <see cref="ConversationId"/>.</summary>
    public required Guid ConversationKey { get; init; }

    /// <summary>The conversation's id as the client chose it.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Keyed hash of <see cref="UserId"/>.</summary>
    public required Guid SubjectKey { get; init; }

    /// <summary>The subject the message is about.</summary>
    public required string UserId { get; init; }

    /// <summary>One of <see cref="MessageRoles.All"/>.</summary>
    public required string Role { get; init; }

    /// <summary>The text.</summary>
    public required string Content { get; init; }

    /// <summary>Metadata as a compact JSON object, or null.</summary>
    public string? MetadataJson { get; init; }

    /// <summary>Importance the client set, 0 to 1, or null.</summary>
    public double? Importance { get; init; }

    /// <summary>The message it answers, or null.</summary>
    public Guid? ReplyTo { get; init; }

    /// <summary>The first message of its thread, when it answers one. Set by the store.</summary>
    public Guid? ThreadRoot { get; init; }

    /// <summary>How many replies it is below the first message of its thread. Set by the store.</summary>
    public int Depth { get; init; }

    /// <summary>Whether memories may be drawn from it.</summary>
    public required bool ExtractMemory { get; init; }

    /// <summary>What to mind when memories are drawn from it, or null.</summary>
    public MessageExtraction? Extraction { get; init; }

    /// <summary>Whether a retention rule archived it.</summary>
    public bool Archived { get; init; }

    /// <summary>Version, from 1.</summary>
    public required int Version { get; init; }

    /// <summary>Time of the message, to the millisecond.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was stored or last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Place in the order of storing; 0 until it is stored.</summary>
    public long Sequence { get; init; }

    /// <summary>Its place in the conversation.</summary>
    public MessagePosition Position => new(CreatedAt.ToUnixTimeMilliseconds(), Sequence);

    /// <summary>What filters look at.</summary>
    public FilterSubject ToFilterSubject() => new()
    {
        Role = Role,
        ConversationId = ConversationId,
        UserId = UserId,
        CreatedAt = CreatedAt,
        Importance = Importance,
        MetadataJson = MetadataJson,
    };
}

/// <summary>What became of a message that was to be added.</summary>
internal enum AddStatus
{
    /// <summary>It is stored.</summary>
    Added,

    /// <summary>The conversation is another subject's.</summary>
    OutOfReach,

    /// <summary>The message it answers is not in the conversation.</summary>
    UnknownReplyTo,

    /// <summary>It was imported before, or comes from here.</summary>
    Exists,
}

/// <summary>A message that comes from elsewhere.</summary>
/// <param name="Message">The message, with ids of its own here.</param>
/// <param name="SourceId">Its id where it comes from: a message of that id here is the same.</param>
/// <param name="SourceReplyTo">Id, where it comes from, of the message it answers: one of that id here is meant.</param>
internal sealed record ImportedMessage(MessageRecord Message, Guid? SourceId, Guid? SourceReplyTo);

/// <summary>What became of conversations and messages that were to be imported, in the order given.</summary>
internal sealed record ImportStatuses(AddConversationStatus[] Conversations, AddStatus[] Messages);

/// <summary>What became of a conversation that was to be added.</summary>
internal enum AddConversationStatus
{
    /// <summary>It is stored.</summary>
    Added,

    /// <summary>There is one of this id.</summary>
    Exists,

    /// <summary>There is one of this id, and it is another subject's.</summary>
    OutOfReach,
}

/// <summary>An idempotent write: the request, and what to keep for a replay once the outcome is known (null keeps nothing).</summary>
internal sealed record IdempotentWrite<TOutcome>(ServiceDefaults.Storage.IdempotentRequest Request, Func<TOutcome, byte[]?> Answer);

/// <summary>Outcome of an idempotent write. When <paramref name="Before"/> is set the key was used before, nothing was written, and there is no other outcome.</summary>
internal readonly record struct WriteOutcome<TOutcome>(TOutcome? Outcome, ServiceDefaults.Storage.StoredAnswer? Before);

/// <summary>Place of a message in its conversation.</summary>
/// <param name="CreatedAt">Time of the message, in milliseconds since 1970.</param>
/// <param name="Sequence">Its sequence number, which decides between equal times.</param>
internal readonly record struct MessagePosition(long CreatedAt, long Sequence)
{
    /// <summary>Before every message.</summary>
    public static readonly MessagePosition Start = new(long.MinValue, long.MinValue);

    /// <summary>After every message.</summary>
    public static readonly MessagePosition End = new(long.MaxValue, long.MaxValue);

    /// <summary>The one that comes first.</summary>
    public static MessagePosition Earlier(MessagePosition a, MessagePosition b) => a.CompareTo(b) <= 0 ? a : b;

    /// <summary>The one that comes last.</summary>
    public static MessagePosition Later(MessagePosition a, MessagePosition b) => a.CompareTo(b) >= 0 ? a : b;

    private int CompareTo(MessagePosition other) => CreatedAt != other.CreatedAt ? CreatedAt.CompareTo(other.CreatedAt) : Sequence.CompareTo(other.Sequence);
}

/// <summary>Which messages of a conversation to list.</summary>
internal sealed record MessagePageQuery
{
    /// <summary>Where the page begins or ends; not included.</summary>
    public required MessagePosition From { get; init; }

    /// <summary>True for the messages that follow <see cref="From"/>, false for those that precede it.</summary>
    public required bool Forward { get; init; }

    /// <summary>Most messages, 1 to 200.</summary>
    public required int Limit { get; init; }

    /// <summary>Only this role; null for all.</summary>
    public string? Role { get; init; }

    /// <summary>Whether archived messages are listed too.</summary>
    public bool IncludeArchived { get; init; }

    /// <summary>Only the thread that begins with this message; null for all.</summary>
    public Guid? ThreadId { get; init; }

    /// <summary>Only messages of this time or later; null for all.</summary>
    public DateTimeOffset? Earliest { get; init; }

    /// <summary>Only messages of this time or earlier; null for all.</summary>
    public DateTimeOffset? Latest { get; init; }
}

/// <summary>A page of messages.</summary>
/// <param name="Messages">Oldest first. Those whose key was destroyed are left out, so a page may have fewer than there are places.</param>
/// <param name="First">Where the page begins, when there are messages before it.</param>
/// <param name="Last">Where the page ends, when there are messages after it.</param>
internal sealed record MessagePage(IReadOnlyList<MessageRecord> Messages, MessagePosition? First, MessagePosition? Last);

/// <summary>What a thread has beside a page of its messages.</summary>
/// <param name="Messages">How many messages, archived ones included.</param>
/// <param name="Present">Of the messages that were asked for, those that are there.</param>
internal sealed record ThreadState(long Messages, IReadOnlySet<Guid> Present);
