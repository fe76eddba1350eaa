namespace MemoryMesh.Contracts.Chat;

/// <summary>What exports and imports ask of Chat. The caller has checked the tenant and what the principal may see. Every call is safe to repeat.</summary>
public interface IChatTransfer
{
    /// <summary>Most items of one call.</summary>
    const int MostItems = 500;

    /// <summary>A conversation, or null.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="conversationKey">The conversation.</param>
    /// <param name="subjectKey">Only when the conversation belongs to this subject; null for any.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<ConversationCopy?> FindConversationAsync(Guid tenantId, Guid conversationKey, Guid? subjectKey, CancellationToken cancellationToken);

    /// <summary>Conversations of one subject, or of all, in an order that does not change while they are written to.</summary>
    Task<ConversationSlice> ListConversationsAsync(Guid tenantId, Guid? subjectKey, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>Messages of a conversation by time, archived ones too.</summary>
    Task<MessageSlice> ListMessagesAsync(Guid tenantId, Guid conversationKey, MessagePlace? after, int limit, CancellationToken cancellationToken);

    /// <summary>Messages about a subject in conversations of others, in the order of storing.</summary>
    Task<MessageSlice> ListMessagesElsewhereAsync(Guid tenantId, Guid subjectKey, MessagePlace? after, int limit, CancellationToken cancellationToken);

    /// <summary>How many messages the conversations of one subject hold, or of all.</summary>
    Task<long> CountMessagesAsync(Guid tenantId, Guid? subjectKey, CancellationToken cancellationToken);

    /// <summary>Which of these messages are here, in conversations of one subject or of all.</summary>
    Task<IReadOnlyList<Guid>> FindMessagesAsync(Guid tenantId, Guid? subjectKey, IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken);

    /// <summary>Stores conversations and then messages, each in one transaction. What is there already, by its id, is left as it is.</summary>
    /// <returns>What became of each: first of the conversations, then of the messages, in the order given.</returns>
    Task<IReadOnlyList<CopyOutcome>> ImportAsync(ChatImport import, CancellationToken cancellationToken);
}

/// <summary>What became of an item that was to be imported.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Reason">Why it was refused: a field and what is wrong with it, never text of the item.</param>
public sealed record CopyOutcome(CopyStatus Status, string? Reason = null)
{
    /// <summary>It is stored, or would be.</summary>
    public static readonly CopyOutcome Stored = new(CopyStatus.Stored);

    /// <summary>It was there before.</summary>
    public static readonly CopyOutcome Exists = new(CopyStatus.Exists);
}

/// <summary>What became of an item that was to be imported.</summary>
public enum CopyStatus
{
    /// <summary>It is stored, or would be.</summary>
    Stored,

    /// <summary>It was there before.</summary>
    Exists,

    /// <summary>It breaks a rule, or is out of reach.</summary>
    Refused,
}

/// <summary>A conversation with all that is kept of it, but for its messages.</summary>
public sealed record ConversationCopy
{
    /// <summary>Keyed hash of the conversation's id. An import leaves it out.</summary>
    public Guid ConversationKey { get; init; }

    /// <summary>The conversation's id as the client chose it.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Keyed hash of the subject. An import leaves it out.</summary>
    public Guid SubjectKey { get; init; }

    /// <summary>The subject it belongs to.</summary>
    public required string UserId { get; init; }

    /// <summary>Title, or null.</summary>
    public string? Title { get; init; }

    /// <summary>Metadata as a JSON object, or null.</summary>
    public string? MetadataJson { get; init; }

    /// <summary>How many messages it holds, archived ones included. An import leaves it out.</summary>
    public long MessageCount { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Latest time of a message, or null. An import leaves it out.</summary>
    public DateTimeOffset? LastMessageAt { get; init; }
}

/// <summary>A page of conversations.</summary>
/// <param name="Conversations">The conversations. Those whose key was destroyed are left out.</param>
/// <param name="Next">Where the next page begins; null on the last one.</param>
public sealed record ConversationSlice(IReadOnlyList<ConversationCopy> Conversations, Guid? Next);

/// <summary>Place of a message in a list.</summary>
/// <param name="CreatedAt">Time of the message, in milliseconds since 1970; 0 where the order of storing decides alone.</param>
/// <param name="Sequence">Its place in the order of storing.</param>
public sealed record MessagePlace(long CreatedAt, long Sequence);

/// <summary>A page of messages.</summary>
/// <param name="Messages">The messages. Those whose key was destroyed are left out.</param>
/// <param name="Next">Where the next page begins; null on the last one.</param>
public sealed record MessageSlice(IReadOnlyList<ChatMessage> Messages, MessagePlace? Next);

/// <summary>Conversations and messages to import.</summary>
public sealed record ChatImport
{
    /// <summary>The tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Only conversations of this subject may be written to; null for those of every subject.</summary>
    public required Guid? ReachSubjectKey { get; init; }

    /// <summary>True: say what would become of each, and store nothing.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Conversations, stored before the messages.</summary>
    public required IReadOnlyList<ConversationCopy> Conversations { get; init; }

    /// <summary>Messages, in the order in which they are stored.</summary>
    public required IReadOnlyList<MessageCopy> Messages { get; init; }
}

/// <summary>A message to import.</summary>
public sealed record MessageCopy
{
    /// <summary>Its id here: the same for the same message of the same source, so that importing it twice is seen.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its id at its source, when the source is a MemoryMesh: a message of that id here is the same.</summary>
    public Guid? SourceId { get; init; }

    /// <summary>The conversation's id.</summary>
    public required string? ConversationId { get; init; }

    /// <summary>The subject.</summary>
    public required string? UserId { get; init; }

    /// <summary>user, assistant, system or tool.</summary>
    public required string? Role { get; init; }

    /// <summary>The text.</summary>
    public required string? Content { get; init; }

    /// <summary>Metadata as a JSON object, or null.</summary>
    public string? MetadataJson { get; init; }

    /// <summary>0 to 1, or null.</summary>
    public double? Importance { get; init; }

    /// <summary>The message it answers, by its id here.</summary>
    public Guid? ReplyTo { get; init; }

    /// <summary>The message it answers, by its id at the source; when it is here, it is meant.</summary>
    public Guid? SourceReplyTo { get; init; }

    /// <summary>Time of the message.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether memories may be drawn from it.</summary>
    public required bool ExtractMemory { get; init; }

    /// <summary>Whether it is archived.</summary>
    public bool Archived { get; init; }
}
