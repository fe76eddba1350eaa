using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Search.Analysis;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MemoryMesh.ServiceDefaults.Messaging;

namespace MemoryMesh.Search.Index;

/// <summary>Brings the index level with messages and memories: reads their state from the owner and takes it over.</summary>
/// <remarks>
/// What happened to an item is never taken from an event: events may come late, twice or in another order. An item that the owner no longer has
/// leaves the index. One refresh of a kind runs at a time, so that a state that was read earlier is never written later than a newer one.
/// </remarks>
internal sealed partial class ItemIndexer(
    IItemIndex index,
    IVectorIndex vectors,
    IChatClient chat,
    IMemoryClient memories,
    [FromKeyedServices(SearchModule.Name)] MessageWaiters waiters,
    IndexCleaner cleaner,
    EmbeddingBell bell,
    ILogger<ItemIndexer> logger) : IDisposable
{
    private const int BatchSize = 500;

    private readonly SemaphoreSlim _messageGate = new(1);
    private readonly SemaphoreSlim _memoryGate = new(1);

    /// <summary>Indexes messages as they are now.</summary>
    public async Task RefreshMessagesAsync(IEnumerable<ItemReference> references, CancellationToken cancellationToken)
    {
        var entries = await RefreshAsync(
            _messageGate,
            references,
            async (tenantId, ids) =>
            {
                var found = new List<IndexEntry>(ids.Count);
                foreach (var message in await chat.GetMessagesAsync(tenantId, ids, cancellationToken))
                {
                    if (!message.Archived)
                    {
                        found.Add(ToEntry(tenantId, message));
                    }
                }

                return found;
            },
            "message",
            cancellationToken);
        foreach (var entry in entries)
        {
            waiters.Done(entry.Item.Id, entry.Item.Version);
        }
    }

    /// <summary>Indexes memories as they are now.</summary>
    public Task RefreshMemoriesAsync(IEnumerable<ItemReference> references, CancellationToken cancellationToken)
        => RefreshAsync(
            _memoryGate,
            references,
            async (tenantId, ids) =>
            {
                var found = new List<IndexEntry>(ids.Count);
                foreach (var memory in await memories.GetMemoriesAsync(tenantId, ids, cancellationToken))
                {
                    if (memory.Active || memory.Ended)
                    {
                        found.Add(ToEntry(tenantId, memory));
                    }
                }

                return found;
            },
            "memory",
            cancellationToken);

    /// <summary>Removes the messages of a conversation that are gone. Those of a later conversation under the same id stay.</summary>
    public async Task RefreshConversationAsync(Guid tenantId, Guid conversationKey, CancellationToken cancellationToken)
    {
        var ids = await index.ListConversationAsync(tenantId, conversationKey, cancellationToken);
        await RefreshMessagesAsync(ids.Select(id => new ItemReference(tenantId, id)), cancellationToken);
    }

    /// <summary>Waits until every refresh has ended that is under way.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        foreach (var gate in (SemaphoreSlim[])[_messageGate, _memoryGate])
        {
            await gate.WaitAsync(cancellationToken);
            gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _messageGate.Dispose();
        _memoryGate.Dispose();
    }

    private async Task<List<IndexEntry>> RefreshAsync(
        SemaphoreSlim gate,
        IEnumerable<ItemReference> references,
        Func<Guid, IReadOnlyList<Guid>, Task<List<IndexEntry>>> readAsync,
        string kind,
        CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        var wanted = references.ToHashSet();
        var jobs = wanted.Count;
        SearchTelemetry.ChangeJobs(jobs);
        try
        {
            var entries = new List<IndexEntry>(wanted.Count);
            foreach (var ofTenant in wanted.GroupBy(reference => reference.TenantId))
            {
                foreach (var ids in ofTenant.Select(reference => reference.ItemId).Chunk(BatchSize))
                {
                    entries.AddRange(await readAsync(ofTenant.Key, ids));
                }
            }

            foreach (var entry in entries)
            {
                wanted.Remove(new(entry.Item.TenantId, entry.Item.Id));
            }

            var applied = await index.ApplyAsync(entries, [.. wanted], cancellationToken);
            await vectors.ApplyAsync([.. entries.Select(entry => entry.Item)], applied.Removed, CancellationToken.None);
            bell.Ring();
            if (applied.Cleared > 0)
            {
                cleaner.Wake();
            }

            SearchTelemetry.IndexedItems.Add(entries.Count, new("kind", kind), new("change", "indexed"));
            SearchTelemetry.IndexedItems.Add(wanted.Count, new("kind", kind), new("change", "removed"));
            return entries;
        }
        finally
        {
            SearchTelemetry.ChangeJobs(-jobs);
            gate.Release();
        }
    }

    private IndexEntry ToEntry(Guid tenantId, ChatMessage message)
        => new(
            new IndexedItem
            {
                Id = message.Id,
                Kind = ItemKind.Message,
                TenantId = tenantId,
                OwnerKey = message.SubjectKey,
                ConversationKey = message.ConversationKey,
                Version = message.Version,
                Role = message.Role switch
                {
                    "user" => MessageRole.User,
                    "assistant" => MessageRole.Assistant,
                    "system" => MessageRole.System,
                    "tool" => MessageRole.Tool,
                    _ => MessageRole.None,
                },
                CreatedAt = message.CreatedAt,
                Importance = message.Importance,
            },
            Analyze(message.Id, () => IndexedText.TermsOf(message)));

    private IndexEntry ToEntry(Guid tenantId, MemoryItem memory)
        => new(
            new IndexedItem
            {
                Id = memory.Id,
                Kind = memory.Active ? ItemKind.Memory : ItemKind.EndedMemory,
                TenantId = tenantId,
                OwnerKey = memory.OwnerKey,
                Version = memory.Version,
                CreatedAt = memory.CreatedAt,
                Importance = memory.RankedImportance ?? memory.Importance,
            },
            Analyze(memory.Id, () => IndexedText.TermsOf(memory)),
            memory.Category);

    /// <summary>The terms, or none when the text defeats the analysis: one item must not hold back the others.</summary>
    private IReadOnlyList<string> Analyze(Guid id, Func<IReadOnlyList<string>> analyze)
    {
        try
        {
            return analyze();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogNotAnalyzed(logger, id, exception.GetType().Name);
            return [];
        }
    }

    [LoggerMessage(EventId = 4001, Level = LogLevel.Error, Message = "The text of {ItemId} could not be analyzed ({Kind}); it is found by no word")]
    private static partial void LogNotAnalyzed(ILogger logger, Guid itemId, string kind);
}
