namespace MemoryMesh.Contracts.Chat;

/// <summary>What other services ask of Chat. The caller has checked the tenant and what the principal may see.</summary>
public interface IChatClient
{
    /// <summary>Messages by id, in no order; those that are gone or of another tenant are left out. At most 500 ids.</summary>
    Task<IReadOnlyList<ChatMessage>> GetMessagesAsync(Guid tenantId, IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken);

    /// <summary>The newest messages of a conversation, oldest first.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="conversationKey">The conversation.</param>
    /// <param name="subjectKey">Only when the conversation belongs to this subject; null for any.</param>
    /// <param name="limit">1 to 200.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<IReadOnlyList<ChatMessage>> GetRecentMessagesAsync(
        Guid tenantId, Guid conversationKey, Guid? subjectKey, int limit, CancellationToken cancellationToken);

    /// <summary>The user messages of the same conversation and subject that precede a message, oldest first, at most 5: what a pronoun may refer to.</summary>
    Task<IReadOnlyList<ChatMessage>> GetPrecedingUserMessagesAsync(Guid tenantId, Guid messageId, int limit, CancellationToken cancellationToken);

    /// <summary>Archives or deletes messages that a retention rule covers, at most <see cref="RetentionOrder.BatchSize"/>; repeat until it answers 0.</summary>
    /// <returns>How many messages it acted on.</returns>
    Task<int> ApplyRetentionAsync(RetentionOrder order, CancellationToken cancellationToken);
}

/// <summary>A message as another service sees it.</summary>
public sealed record ChatMessage
{
    /// <summary>The message.</summary>
    public required Guid Id { get; init; }

    /// <summary>Keyed hash of the conversation's id.</summary>
    public required Guid ConversationKey { get; init; }

    /// <summary>The conversation's id as the client chose it.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Keyed hash of the subject.</summary>
    public required Guid SubjectKey { get; init; }

    /// <summary>The subject's id as the client chose it.</summary>
    public required string UserId { get; init; }

    /// <summary>user, assistant, system or tool.</summary>
    public required string Role { get; init; }

    /// <summary>The text.</summary>
    public required string Content { get; init; }

    /// <summary>Metadata as a JSON object, or null.</summary>
    public string? MetadataJson { get; init; }

    /// <summary>Importance the client set, 0 to 1, or null.</summary>
    public double? Importance { get; init; }

    /// <summary>The message it answers, or null.</summary>
    public Guid? ReplyTo { get; init; }

    /// <summary>The first message of its thread, when it answers one; it may be deleted meanwhile.</summary>
    public Guid? ThreadRoot { get; init; }

    /// <summary>The thread it is in, named by its first message, which is the message itself when it answers none.</summary>
    public Guid ThreadId => ThreadRoot ?? Id;

    /// <summary>Time of the message.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was stored or last changed.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Version, from 1.</summary>
    public required int Version { get; init; }

    /// <summary>Whether memories may be drawn from it.</summary>
    public required bool ExtractMemory { get; init; }

    /// <summary>What to mind when memories are drawn from it; null for what the tenant or the server says.</summary>
    public MessageExtraction? Extraction { get; init; }

    /// <summary>Whether a retention rule archived it: kept, readable by id, left out of lists, context and search.</summary>
    public bool Archived { get; init; }
}

/// <summary>What to mind when memories are drawn from one message. It goes before what the tenant and the server say.</summary>
public sealed record MessageExtraction
{
    /// <summary>What a language model should mind; null for what the tenant or the server says.</summary>
    public string? Instructions { get; init; }

    /// <summary>Categories that are drawn, by the rules too; empty for those of the tenant or the server.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];
}

/// <summary>One retention rule, applied to one tenant.</summary>
public sealed record RetentionOrder
{
    /// <summary>The tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Only what was created before this time.</summary>
    public required DateTimeOffset CreatedBefore { get; init; }

    /// <summary>Only what has an importance below this, 0 to 1; null for any importance.</summary>
    public double? ImportanceBelow { get; init; }

    /// <summary>True archives, false deletes.</summary>
    public required bool Archive { get; init; }

    /// <summary>Most rows of one call, 1 to 1,000.</summary>
    public required int BatchSize { get; init; }
}
