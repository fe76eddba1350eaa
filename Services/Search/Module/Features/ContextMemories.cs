using MemoryMesh.Contracts.Search;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;
using MemoryMesh.Search.Usage;

namespace MemoryMesh.Search.Features;

/// <summary>Finds memories for other services, which have checked what may be found and read the memories themselves.</summary>
internal sealed class ContextMemories(IItemRanking ranking, ISearchCounter counter)
{
    private const int MaxTopK = 1_000;

    /// <summary>Memories that answer a query, best first.</summary>
    public async Task<IReadOnlyList<MemoryHit>> FindAsync(MemoryQuery query, CancellationToken cancellationToken)
    {
        counter.Count(query.TenantId, SearchedKind.Context);
        var filter = new ItemFilter
        {
            TenantId = query.TenantId,
            Kind = ItemKind.Memory,
            OwnerKeys = query.OwnerKeys,
            Categories = query.Categories ?? [],
        };
        var topK = Math.Clamp(query.TopK, 1, MaxTopK);
        var ranked = await ranking.FindAsync(filter, query.Query, ranking.CandidatesFor(topK), RankingSettings.Default, cancellationToken);
        return [.. ranked.Take(topK).Select(item => new MemoryHit(item.Item.Id, item.Score))];
    }
}
