using MemoryMesh.Chat.Storage;
using MemoryMesh.Contracts.Chat;

namespace MemoryMesh.Chat;

/// <summary>Answers other services from the store of this process.</summary>
internal sealed class LocalChatClient(IConversationStore store) : IChatClient
{
    private const int MostIds = 500;
    private const int MostRecent = 200;
    private const int MostPreceding = 5;
    private const int MostOfOneOrder = 1_000;

    public async Task<IReadOnlyList<ChatMessage>> GetMessagesAsync(Guid tenantId, IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(messageIds.Count, MostIds);
        return ToContract(await store.FindMessagesAsync(new ConversationReach(tenantId, null), messageIds, cancellationToken));
    }

    public async Task<IReadOnlyList<ChatMessage>> GetRecentMessagesAsync(
        Guid tenantId, Guid conversationKey, Guid? subjectKey, int limit, CancellationToken cancellationToken)
    {
        var page = await store.ListMessagesAsync(
            new ConversationReach(tenantId, subjectKey),
            conversationKey,
            new MessagePageQuery { From = MessagePosition.End, Forward = false, Limit = Math.Clamp(limit, 1, MostRecent) },
            cancellationToken);
        return ToContract(page.Messages);
    }

    public async Task<IReadOnlyList<ChatMessage>> GetPrecedingUserMessagesAsync(Guid tenantId, Guid messageId, int limit, CancellationToken cancellationToken)
        => ToContract(await store.ListPrecedingUserMessagesAsync(tenantId, messageId, Math.Clamp(limit, 1, MostPreceding), cancellationToken));

    public async Task<int> ApplyRetentionAsync(RetentionOrder order, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order.BatchSize, 1);
        var count = await store.ApplyRetentionAsync(order with { BatchSize = Math.Min(order.BatchSize, MostOfOneOrder) }, cancellationToken);
        (order.Archive ? ChatTelemetry.MessagesUpdated : ChatTelemetry.MessagesDeleted).Add(count);
        return count;
    }

    internal static ChatMessage[] ToContract(IReadOnlyList<MessageRecord> messages) =>
    [
        .. messages.Select(message => new ChatMessage
        {
            Id = message.Id,
            ConversationKey = message.ConversationKey,
            ConversationId = message.ConversationId,
            SubjectKey = message.SubjectKey,
            UserId = message.UserId,
            Role = message.Role,
            Content = message.Content,
            MetadataJson = message.MetadataJson,
            Importance = message.Importance,
            ReplyTo = message.ReplyTo,
            ThreadRoot = message.ThreadRoot,
            CreatedAt = message.CreatedAt,
            UpdatedAt = message.UpdatedAt,
            Version = message.Version,
            ExtractMemory = message.ExtractMemory,
            Extraction = message.Extraction,
            Archived = message.Archived,
        }),
    ];
}
