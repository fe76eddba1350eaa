using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Memory.Features;
using MemoryMesh.Memory.Processing;
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
    ISummaryStore summaries,
    SummaryKeeper summaryKeeper,
    [FromKeyedServices(MemoryModule.Name)] MessageWaiters waiters,
    TimeProvider clock)
    : IEventConsumer<MessageStored>, IEventConsumer<MessageUpdated>, IEventConsumer<MessageDeleted>, IEventConsumer<ConversationDeleted>
{
    private const int MaxIds = 500;

    public async Task ConsumeAsync(IReadOnlyList<EventEnvelope<MessageStored>> batch, CancellationToken cancellationToken)
    {
        await LearnAsync(
            batch.ToLookup(
                item => item.Event.TenantId,
                item => new MessageNews(item.Event.MessageId, item.Event.SubjectKey, item.Event.Version, item.Event.ExtractMemory, item.OccurredAt)),
            cancellationToken);
        foreach (var stored in batch.Select(item => item.Event))
        {
            summaryKeeper.Note(stored.TenantId, stored.ConversationKey, stored.SubjectKey);
        }
    }

    public async Task ConsumeAsync(IReadOnlyList<EventEnvelope<MessageUpdated>> batch, CancellationToken cancellationToken)
    {
        await DropSummariesAsync(batch.Select(item => (item.Event.TenantId, new SummaryChange(item.Event.ConversationKey, item.Event.SubjectKey, item.OccurredAt))), cancellationToken);
        await LearnAsync(
            batch.ToLookup(
                item => item.Event.TenantId,
                item => new MessageNews(item.Event.MessageId, item.Event.SubjectKey, item.Event.Version, item.Event.ExtractMemory, item.OccurredAt)),
            cancellationToken);
    }

    public async Task ConsumeAsync(IReadOnlyList<EventEnvelope<MessageDeleted>> batch, CancellationToken cancellationToken)
    {
        await DropSummariesAsync(batch.Select(item => (item.Event.TenantId, new SummaryChange(item.Event.ConversationKey, item.Event.SubjectKey, item.OccurredAt))), cancellationToken);
        foreach (var tenant in batch.GroupBy(item => item.Event.TenantId))
        {
            await store.ForgetMessagesAsync(
                tenant.Key, [.. tenant.Select(item => (item.Event.SubjectKey, item.Event.MessageId))], clock.GetUtcNow(), cancellationToken);
            await store.UnlinkMessagesAsync(tenant.Key, [.. tenant.Where(item => item.Event.ByRule).Select(item => item.Event.MessageId)], cancellationToken);
            await forget.HandleAsync(tenant.Key, [.. tenant.Where(item => !item.Event.ByRule).Select(item => item.Event.MessageId)], cancellationToken);
        }
    }

    public async Task ConsumeAsync(IReadOnlyList<EventEnvelope<ConversationDeleted>> batch, CancellationToken cancellationToken)
    {
        await DropSummariesAsync(batch.Select(item => (item.Event.TenantId, new SummaryChange(item.Event.ConversationKey, item.Event.SubjectKey, item.OccurredAt))), cancellationToken);
        foreach (var deleted in batch.Select(item => item.Event))
        {
            var sources = await store.CloseConversationAsync(deleted.TenantId, deleted.ConversationKey, deleted.DeletedAt, cancellationToken);
            foreach (var ids in sources.Chunk(MaxIds))
            {
                // A new conversation may have begun under the same id: only messages that are gone are forgotten.
                var found = await chat.GetMessagesAsync(deleted.TenantId, ids, cancellationToken);
                Guid[] gone = [.. ids.Except(found.Select(message => message.Id))];
                await (deleted.KeepsMemories ? store.UnlinkMessagesAsync(deleted.TenantId, gone, cancellationToken) : forget.HandleAsync(deleted.TenantId, gone, cancellationToken));
            }
        }
    }

    /// <summary>A summary may quote what was changed or deleted; it is made anew when it is asked for.</summary>
    private async Task DropSummariesAsync(IEnumerable<(Guid TenantId, SummaryChange Change)> conversations, CancellationToken cancellationToken)
    {
        foreach (var tenant in conversations.GroupBy(conversation => conversation.TenantId, conversation => conversation.Change))
        {
            await summaries.DeleteAsync(tenant.Key, [.. tenant], cancellationToken);
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
