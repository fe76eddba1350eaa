using System.Diagnostics;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;

namespace MemoryMesh.Search.Features;

/// <summary>A memory with its score.</summary>
internal sealed record FoundMemory(RankedItem Ranked, MemoryItem Memory);

/// <summary>Finds memories and reads them from Memory.</summary>
internal sealed class SearchMemories(ItemRanking ranking, IMemoryClient memories)
{
    private const int ReadSize = 500;

    /// <summary>The best <paramref name="topK"/> memories, best first.</summary>
    /// <param name="filter">What may be found; its owners are set.</param>
    /// <param name="subjectKey">The subject asked for: when it opted out, nothing is recalled.</param>
    /// <param name="query">The question.</param>
    /// <param name="topK">Most memories.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    public async Task<IReadOnlyList<FoundMemory>> HandleAsync(
        ItemFilter filter, Guid subjectKey, string query, int topK, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var found = new List<FoundMemory>();
        if ((await memories.FindOptedOutAsync(filter.TenantId, [subjectKey], cancellationToken)).Count == 0)
        {
            var ranked = await ranking.FindAsync(filter, query, topK, cancellationToken);
            for (var at = 0; at < ranked.Count && found.Count < topK;)
            {
                var block = ranked.Skip(at).Take(Math.Min(ReadSize, topK - found.Count)).ToList();
                at += block.Count;
                var read = (await memories.GetMemoriesAsync(filter.TenantId, [.. block.Select(item => item.Item.Id)], cancellationToken))
                    .ToDictionary(memory => memory.Id);
                found.AddRange(block
                    .Where(item => read.TryGetValue(item.Item.Id, out var memory) && memory.Active && filter.OwnerKeys!.Contains(memory.OwnerKey))
                    .Select(item => new FoundMemory(item, read[item.Item.Id])));
            }
        }

        SearchTelemetry.Requests.Add(1, new KeyValuePair<string, object?>("kind", "memory"));
        SearchTelemetry.Duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, new KeyValuePair<string, object?>("kind", "memory"));
        return found;
    }
}
