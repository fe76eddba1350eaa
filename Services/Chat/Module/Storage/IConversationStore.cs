using MemoryMesh.Contracts.Chat;

namespace MemoryMesh.Chat.Storage;

/// <summary>Keeps conversations with their messages. Every change and its event are one transaction.</summary>
internal interface IConversationStore
{
    /// <summary>Adds messages in one transaction, and the conversations that are not there yet; each has the subject of its first message.</summary>
    /// <param name="messages">1 to 500 messages with the reach of who adds them.</param>
    /// <param name="idempotent">Set when the request carries an Idempotency-Key.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    /// <returns>What became of each, in the order given.</returns>
    Task<WriteOutcome<AddStatus[]>> AddMessagesAsync(
        IReadOnlyList<(MessageRecord Message, ConversationReach Reach)> messages,
        IdempotentWrite<AddStatus[]>? idempotent,
        CancellationToken cancellationToken);

    /// <summary>The tenants of messages; unknown ids are left out. At most 500 ids.</summary>
    Task<IReadOnlyDictionary<Guid, Guid>> FindTenantsAsync(IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken);

    /// <summary>Messages by id, in no order; what is not there or out of reach is left out. At most 500 ids.</summary>
    Task<IReadOnlyList<MessageRecord>> FindMessagesAsync(
        ConversationReach reach, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken);

    /// <summary>Replaces content, metadata and importance, each if the stored version is one below the record's.</summary>
    /// <returns>For each whether it was replaced.</returns>
    Task<bool[]> UpdateMessagesAsync(IReadOnlyList<MessageRecord> messages, CancellationToken cancellationToken);

    /// <summary>Deletes messages in one transaction.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="sameVersion">Whether only the versions of the records are deleted; otherwise whatever version is stored.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    /// <returns>For each whether it was deleted.</returns>
    Task<bool[]> DeleteMessagesAsync(IReadOnlyList<MessageRecord> messages, bool sameVersion, CancellationToken cancellationToken);

    /// <summary>A page of a conversation's messages; empty when it is not there or out of reach.</summary>
    Task<MessagePage> ListMessagesAsync(
        ConversationReach reach, Guid conversationKey, MessagePageQuery query, CancellationToken cancellationToken);

    /// <summary>How many messages a thread has now, archived ones included, and which of some messages are there.</summary>
    Task<ThreadState> ReadThreadAsync(
        ConversationReach reach, Guid conversationKey, Guid threadId, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken);

    /// <summary>The user messages of the same conversation and subject that precede a message and are not archived, oldest first.</summary>
    Task<IReadOnlyList<MessageRecord>> ListPrecedingUserMessagesAsync(
        Guid tenantId, Guid messageId, int limit, CancellationToken cancellationToken);

    /// <summary>Adds a conversation without messages.</summary>
    Task<WriteOutcome<AddConversationStatus>> AddConversationAsync(
        ConversationRecord conversation,
        ConversationReach reach,
        IdempotentWrite<AddConversationStatus>? idempotent,
        CancellationToken cancellationToken);

    /// <summary>A conversation, or null when it is not there or out of reach.</summary>
    Task<ConversationRecord?> FindConversationAsync(ConversationReach reach, Guid conversationKey, CancellationToken cancellationToken);

    /// <summary>Conversations by falling time of activity, those that follow <paramref name="after"/>.</summary>
    Task<ConversationPage> ListConversationsAsync(
        ConversationReach reach, ConversationPosition? after, int limit, CancellationToken cancellationToken);

    /// <summary>Replaces title and metadata if the stored version is one below the record's.</summary>
    /// <returns>Whether they were replaced.</returns>
    Task<bool> UpdateConversationAsync(ConversationRecord conversation, CancellationToken cancellationToken);

    /// <summary>Deletes a conversation with all its messages in one transaction.</summary>
    /// <param name="reach">Which conversations may be deleted.</param>
    /// <param name="conversationKey">The conversation.</param>
    /// <param name="version">Only this version of title and metadata; null for any.</param>
    /// <param name="keepMemories">Whether what was learned from it stays.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    /// <returns>Whether it was deleted.</returns>
    Task<bool> DeleteConversationAsync(ConversationReach reach, Guid conversationKey, int? version, bool keepMemories, CancellationToken cancellationToken);

    /// <summary>Counts by role; roles without messages are left out.</summary>
    Task<IReadOnlyList<RoleStatistics>> CountByRoleAsync(ConversationReach reach, Guid conversationKey, CancellationToken cancellationToken);

    /// <summary>Archives or deletes messages that a retention rule covers.</summary>
    /// <returns>How many.</returns>
    Task<int> ApplyRetentionAsync(RetentionOrder order, CancellationToken cancellationToken);

    /// <summary>Conversations by their key, those that follow <paramref name="after"/>: an order that writing to them does not change.</summary>
    Task<ConversationsByKey> ListConversationsByKeyAsync(ConversationReach reach, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>Messages about a subject in conversations of others, in the order of storing.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="subjectKey">The subject.</param>
    /// <param name="after">Sequence number that the page follows.</param>
    /// <param name="limit">Most messages.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The messages, and the sequence number that the next page follows; null on the last one.</returns>
    Task<(IReadOnlyList<MessageRecord> Messages, long? Next)> ListMessagesElsewhereAsync(
        Guid tenantId, Guid subjectKey, long after, int limit, CancellationToken cancellationToken);

    /// <summary>How many messages the conversations hold, archived ones included.</summary>
    Task<long> CountMessagesAsync(ConversationReach reach, CancellationToken cancellationToken);

    /// <summary>Which of these messages are there and within reach. At most 500 ids.</summary>
    Task<IReadOnlyList<Guid>> FindKnownAsync(ConversationReach reach, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken);

    /// <summary>Adds conversations and then messages that come from elsewhere, in one transaction; what is there already is left as it is.</summary>
    /// <param name="reach">Which conversations may be written to.</param>
    /// <param name="conversations">Conversations.</param>
    /// <param name="messages">Messages.</param>
    /// <param name="dryRun">Whether nothing is written.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    Task<ImportStatuses> ImportAsync(
        ConversationReach reach,
        IReadOnlyList<ConversationRecord> conversations,
        IReadOnlyList<ImportedMessage> messages,
        bool dryRun,
        CancellationToken cancellationToken);
}
