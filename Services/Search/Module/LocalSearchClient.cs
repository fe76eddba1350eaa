using MemoryMesh.Contracts.Search;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;
using MemoryMesh.Search.Storage;

namespace MemoryMesh.Search;

/// <summary>Search for other services, in the process that keeps the index.</summary>
internal sealed class LocalSearchClient(ItemRanking ranking, IItemIndex index, IndexWaiters waiters, TimeProvider clock) : ISearchClient
{
    private const int MaxTopK = 1_000;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    public async Task<IReadOnlyList<MemoryHit>> SearchMemoriesAsync(MemoryQuery query, CancellationToken cancellationToken)
    {
        var filter = new ItemFilter
        {
            TenantId = query.TenantId,
            Kind = ItemKind.Memory,
            OwnerKeys = query.OwnerKeys,
            Categories = query.Categories ?? [],
        };
        var topK = Math.Clamp(query.TopK, 1, MaxTopK);
        var ranked = await ranking.FindAsync(filter, query.Query, ranking.CandidatesFor(topK), cancellationToken);
        return [.. ranked.Take(topK).Select(item => new MemoryHit(item.Item.Id, item.Score))];
    }

    public async Task<bool> WaitUntilIndexedAsync(
        Guid tenantId, IReadOnlyList<MessageVersion> messages, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var registered = new List<IndexWaiters.Waiter>(messages.Count);
        try
        {
            foreach (var message in messages)
            {
                if (waiters.Register(message) is not { } waiter)
                {
                    return await index.ContainsAsync(tenantId, messages, cancellationToken);
                }

                registered.Add(waiter);
            }

            // The waiters stand before the index is asked, so that no commit falls between the two.
            if (await index.ContainsAsync(tenantId, messages, cancellationToken))
            {
                return true;
            }

            await Task.WhenAll(registered.Select(waiter => waiter.Task))
                .WaitAsync(timeout < LongestWait ? timeout : LongestWait, clock, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            registered.ForEach(waiter => waiter.Dispose());
        }
    }
}
