using MemoryMesh.Contracts.Memory;
using MemoryMesh.Search.Filters;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;

namespace MemoryMesh.Search.Features;

/// <summary>A memory with its score.</summary>
internal sealed record FoundMemory(RankedItem Ranked, MemoryItem Memory);

/// <summary>Finds memories and reads them from Memory.</summary>
internal sealed class SearchMemories(BestItems best, IMemoryClient memories)
{
    /// <summary>The best <paramref name="topK"/> memories, best first.</summary>
    /// <param name="filter">What may be found; its owners are set.</param>
    /// <param name="time">Which of them are meant.</param>
    /// <param name="subjectKey">The subject asked for: when it opted out, nothing is recalled.</param>
    /// <param name="query">The question.</param>
    /// <param name="topK">Most memories.</param>
    /// <param name="settings">How they are ranked.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    public async Task<BestFound<FoundMemory>> HandleAsync(
        ItemFilter filter, MemoryTime time, Guid subjectKey, string query, int topK, RankingSettings settings, CancellationToken cancellationToken)
    {
        if ((await memories.FindOptedOutAsync(filter.TenantId, [subjectKey], cancellationToken)).Count > 0)
        {
            return new([], false);
        }

        var found = await best.FindAsync(
            filter with { AlsoKind = time.AlsoKind },
            query,
            topK,
            settings,
            async items => (await ReadAsync([.. items.Select(item => item.Id)]))
                .Where(memory => time.Allows(memory) && filter.OwnerKeys!.Contains(memory.OwnerKey) && filter.Allows(memory))
                .ToDictionary(memory => memory.Id),
            cancellationToken);
        return found.ConvertAll((ranked, memory) => new FoundMemory(ranked, memory));

        Task<IReadOnlyList<MemoryItem>> ReadAsync(IReadOnlyList<Guid> ids)
            => time is { Believed: true, AsOf: { } at }
                ? memories.GetBelievedMemoriesAsync(filter.TenantId, ids, at, cancellationToken)
                : memories.GetMemoriesAsync(filter.TenantId, ids, cancellationToken);
    }
}
