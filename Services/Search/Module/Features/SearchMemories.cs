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
    /// <param name="subjectKey">The subject asked for: when it opted out, nothing is recalled.</param>
    /// <param name="query">The question.</param>
    /// <param name="topK">Most memories.</param>
    /// <param name="settings">How they are ranked.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    public async Task<BestFound<FoundMemory>> HandleAsync(
        ItemFilter filter, Guid subjectKey, string query, int topK, RankingSettings settings, CancellationToken cancellationToken)
    {
        if ((await memories.FindOptedOutAsync(filter.TenantId, [subjectKey], cancellationToken)).Count > 0)
        {
            return new([], false);
        }

        var found = await best.FindAsync(
            filter,
            query,
            topK,
            settings,
            async ids => (await memories.GetMemoriesAsync(filter.TenantId, [.. ids.Select(item => item.Id)], cancellationToken))
                .Where(memory => memory.Active && filter.OwnerKeys!.Contains(memory.OwnerKey) && filter.Allows(memory))
                .ToDictionary(memory => memory.Id),
            cancellationToken);
        return found.ConvertAll((ranked, memory) => new FoundMemory(ranked, memory));
    }
}
