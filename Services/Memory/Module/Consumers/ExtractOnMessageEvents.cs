using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Memory.Features;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Memory.Consumers;

/// <summary>
/// Draws memories from stored and changed messages, and takes back what only deleted ones said. What a retention rule deletes was not taken back by
/// anybody: its memories stay, without their words, until a rule for memories ends them.
/// </summary>
internal sealed class ExtractOnMessageEvents(
    LearnFromMessages learn,
    ForgetMessages forget,
    IMemoryStore store,
    IChatClient chat,
    [FromKeyedServices(MemoryModule.Name)] MessageWaiters waiters,
    TimeProvider clock)
    : IEventConsumer<MessageStored>, IEventConsumer<MessageUpdated>, IEventConsumer<MessageDeleted>, IEventConsumer<ConversationDeleted>
{
    private const int MaxIds = 500;

    public Task ConsumeAsync(IReadOnlyList<EventEnvelope<MessageStored>> batch, CancellationToken cancellationToken)
        => LearnAsync(
            batch.ToLookup(
                item => item.Event.TenantId,
                item => new MessageNews(item.Event.MessageId, item.Event.SubjectKey, item.Event.Version, item.Event.ExtractMemory, item.OccurredAt)),
            cancellationToken);

    public Task ConsumeAsync(IReadOnlyList<EventEnvelope<MessageUpdated>> batch, CancellationToken cancellationToken)
        => LearnAsync(
            batch.ToLookup(
                item => item.Event.TenantId,
                item => new MessageNews(item.Event.MessageId, item.Event.SubjectKey, item.Event.Version, item.Event.ExtractMemory, item.OccurredAt)),
            cancellationToken);

    public async Task ConsumeAsync(IReadOnlyList<EventEnvelope<MessageDeleted>> batch, CancellationToken cancellationToken)
    {
        foreach (var tenant in batch.GroupBy(item => item.Event.TenantId))
        {
            await store.ForgetMessagesAsync(
                tenant.Key, [.. tenant.Select(item => (item.Event.SubjectKey, item.Event.MessageId))], clock.GetUtcNow(), cancellationToken);
            await store.UnlinkMessagesAsync(tenant.Key, [.. tenant.Where(item => item.Event.ByRetention).Select(item => item.Event.MessageId)], cancellationToken);
            await forget.HandleAsync(tenant.Key, [.. tenant.Where(item => !item.Event.ByRetention).Select(item => item.Event.MessageId)], cancellationToken);
        }
    }

    public async Task ConsumeAsync(IReadOnlyList<EventEnvelope<ConversationDeleted>> batch, CancellationToken cancellationToken)
    {
        foreach (var deleted in batch.Select(item => item.Event))
        {
            var sources = await store.CloseConversationAsync(deleted.TenantId, deleted.ConversationKey, deleted.DeletedAt, cancellationToken);
            foreach (var ids in sources.Chunk(MaxIds))
            {
                // A new conversation may have begun under the same id: only messages that are gone are forgotten.
                var found = await chat.GetMessagesAsync(deleted.TenantId, ids, cancellationToken);
                await forget.HandleAsync(deleted.TenantId, [.. ids.Except(found.Select(message => message.Id))], cancellationToken);
            }
        }
    }

    private async Task LearnAsync(ILookup<Guid, MessageNews> newsByTenant, CancellationToken cancellationToken)
    {
        foreach (var news in newsByTenant)
        {
            await learn.HandleAsync(news.Key, [.. news], cancellationToken);
            foreach (var item in news)
            {
                waiters.Done(item.MessageId, item.Version);
            }
        }
    }
}
