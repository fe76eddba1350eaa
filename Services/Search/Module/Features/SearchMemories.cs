using MemoryMesh.Contracts.Memory;
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
    public async Task<IReadOnlyList<FoundMemory>> HandleAsync(
        ItemFilter filter, Guid subjectKey, string query, int topK, RankingSettings settings, CancellationToken cancellationToken)
    {
        if ((await memories.FindOptedOutAsync(filter.TenantId, [subjectKey], cancellationToken)).Count > 0)
        {
            return [];
        }

        return await best.FindAsync<FoundMemory>(
            filter,
            query,
            topK,
            settings,
            async ranked =>
            {
                var read = (await memories.GetMemoriesAsync(filter.TenantId, [.. ranked.Select(item => item.Item.Id)], cancellationToken))
                    .Where(memory => memory.Active && filter.OwnerKeys!.Contains(memory.OwnerKey))
                    .ToDictionary(memory => memory.Id);
                return [.. ranked.Where(item => read.ContainsKey(item.Item.Id)).Select(item => new FoundMemory(item, read[item.Item.Id]))];
            },
            cancellationToken);
    }
}
