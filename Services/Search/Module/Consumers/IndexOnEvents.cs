using MemoryMesh.Contracts.Events;
using MemoryMesh.Search.Index;
using MemoryMesh.ServiceDefaults.Messaging;

namespace MemoryMesh.Search.Consumers;

/// <summary>Serves <see cref="Subscriptions.SearchIndex"/>: whatever happened to an item, its present state is indexed.</summary>
internal sealed class IndexOnEvents(ItemIndexer indexer)
    : IEventConsumer<MessageStored>, IEventConsumer<MessageUpdated>, IEventConsumer<MessageDeleted>, IEventConsumer<ConversationDeleted>, IEventConsumer<MemoryChanged>
{
    public Task ConsumeAsync(IReadOnlyList<EventEnvelope<MessageStored>> batch, CancellationToken cancellationToken)
        => indexer.RefreshMessagesAsync(batch.Select(item => new ItemReference(item.Event.TenantId, item.Event.MessageId)), cancellationToken);

    public Task ConsumeAsync(IReadOnlyList<EventEnvelope<MessageUpdated>> batch, CancellationToken cancellationToken)
        => indexer.RefreshMessagesAsync(batch.Select(item => new ItemReference(item.Event.TenantId, item.Event.MessageId)), cancellationToken);

    public Task ConsumeAsync(IReadOnlyList<EventEnvelope<MessageDeleted>> batch, CancellationToken cancellationToken)
        => indexer.RefreshMessagesAsync(batch.Select(item => new ItemReference(item.Event.TenantId, item.Event.MessageId)), cancellationToken);

    public async Task ConsumeAsync(IReadOnlyList<EventEnvelope<ConversationDeleted>> batch, CancellationToken cancellationToken)
    {
        foreach (var deleted in batch.Select(item => item.Event))
        {
            await indexer.RefreshConversationAsync(deleted.TenantId, deleted.ConversationKey, cancellationToken);
        }
    }

    public Task ConsumeAsync(IReadOnlyList<EventEnvelope<MemoryChanged>> batch, CancellationToken cancellationToken)
        => indexer.RefreshMemoriesAsync(batch.Select(item => new ItemReference(item.Event.TenantId, item.Event.MemoryId)), cancellationToken);
}
