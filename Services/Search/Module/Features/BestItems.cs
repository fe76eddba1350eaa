using System.Diagnostics;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;

namespace MemoryMesh.Search.Features;

/// <summary>Ranks items and reads the best of them from their owner until there are enough.</summary>
internal sealed class BestItems(ItemRanking ranking)
{
    private const int ReadSize = 500;
    private const int MostCandidates = 8_000;
    private const int Widening = 8;

    /// <summary>The best <paramref name="topK"/> items that can be read, best first.</summary>
    /// <param name="filter">What may be found.</param>
    /// <param name="query">The question.</param>
    /// <param name="topK">Most items.</param>
    /// <param name="settings">How they are ranked.</param>
    /// <param name="readAsync">Reads some items, in their order, and leaves out what is gone or may not be shown.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    public async Task<IReadOnlyList<T>> FindAsync<T>(
        ItemFilter filter, string query, int topK, RankingSettings settings, Func<IReadOnlyList<RankedItem>, Task<IReadOnlyList<T>>> readAsync, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var kind = new KeyValuePair<string, object?>("kind", filter.Kind == ItemKind.Message ? "message" : "memory");
        var found = new List<T>();

        // The index follows its owners with a delay, so all candidates may prove to be gone: then more are asked for.
        for (var limit = ranking.CandidatesFor(topK); ; limit *= Widening)
        {
            var ranked = await ranking.FindAsync(filter, query, limit, settings, cancellationToken);
            found.Clear();
            for (var at = 0; at < ranked.Count && found.Count < topK;)
            {
                var block = ranked.Skip(at).Take(Math.Min(ReadSize, topK - found.Count)).ToList();
                at += block.Count;
                found.AddRange(await readAsync(block));
            }

            if (found.Count >= topK || ranked.Count < limit || limit >= MostCandidates)
            {
                break;
            }
        }

        SearchTelemetry.Requests.Add(1, kind);
        SearchTelemetry.Duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, kind);
        return found;
    }
}
