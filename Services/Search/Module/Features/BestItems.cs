using System.Diagnostics;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;

namespace MemoryMesh.Search.Features;

/// <summary>What a search found.</summary>
/// <param name="Items">Best first.</param>
/// <param name="Truncated">Whether so many candidates did not meet the filter that the search ended before it had seen all: there may be more.</param>
internal sealed record BestFound<T>(IReadOnlyList<T> Items, bool Truncated);

/// <summary>Ranks items and reads the best of them from their owner until there are enough.</summary>
internal sealed class BestItems(IItemRanking ranking)
{
    /// <summary>Most candidates each way of searching gives to one search: what reading them costs is bounded.</summary>
    public const int MostCandidates = 8_000;

    private const int ReadSize = 500;
    private const int Widening = 8;

    /// <summary>The best <paramref name="topK"/> items that can be read, best first.</summary>
    /// <param name="filter">What may be found.</param>
    /// <param name="query">The question.</param>
    /// <param name="topK">Most items.</param>
    /// <param name="settings">How they are ranked.</param>
    /// <param name="readAsync">Reads some items, by id, and leaves out what is gone, may not be shown or does not meet the filter.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    public async Task<BestFound<(RankedItem Ranked, T Content)>> FindAsync<T>(
        ItemFilter filter,
        string query,
        int topK,
        RankingSettings settings,
        Func<IReadOnlyList<Candidate>, Task<Dictionary<Guid, T>>> readAsync,
        CancellationToken cancellationToken)
        where T : class
    {
        var started = Stopwatch.GetTimestamp();
        var kind = new KeyValuePair<string, object?>("kind", filter.Kind == ItemKind.Message ? "message" : "memory");
        var read = new Dictionary<Guid, T?>();
        var found = new List<(RankedItem Ranked, T Content)>();
        bool truncated;

        // The index follows its owners with a delay, and knows nothing of metadata, so all candidates may prove to be none: then more are asked for.
        for (var limit = Math.Min(ranking.CandidatesFor(topK), MostCandidates); ; limit = Math.Min(limit * Widening, MostCandidates))
        {
            var all = await ranking.FindAsync(filter, query, limit, settings, cancellationToken);
            var ranked = settings.MinScore > 0 ? [.. all.TakeWhile(item => item.Score >= settings.MinScore)] : all;
            found.Clear();
            var block = topK;
            for (var at = 0; at < ranked.Count && found.Count < topK; block *= 2)
            {
                var end = Math.Min(ranked.Count, at + Math.Min(ReadSize, Math.Max(block, topK - found.Count)));
                var candidates = new List<RankedItem>(end - at);
                for (; at < end; at++)
                {
                    candidates.Add(ranked[at]);
                }

                await ReadAsync(candidates);
                found.AddRange(candidates.Where(item => read[item.Item.Id] is not null).Take(topK - found.Count).Select(item => (item, read[item.Item.Id]!)));
            }

            truncated = found.Count < topK && ranked.Count >= limit;
            if (!truncated || limit == MostCandidates)
            {
                break;
            }
        }

        SearchTelemetry.Requests.Add(1, kind);
        SearchTelemetry.Duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, kind);
        return new(found, truncated);

        async Task ReadAsync(List<RankedItem> candidates)
        {
            var wanted = candidates.Where(item => !read.ContainsKey(item.Item.Id)).Select(item => item.Item).ToList();
            var contents = wanted.Count == 0 ? [] : await readAsync(wanted);
            wanted.ForEach(item => read[item.Id] = contents.GetValueOrDefault(item.Id));
        }
    }
}

/// <summary>Turns what was found into what is wanted of it.</summary>
internal static class BestFoundExtensions
{
    public static BestFound<TResult> ConvertAll<T, TResult>(this BestFound<(RankedItem Ranked, T Content)> found, Func<RankedItem, T, TResult> convert)
        => new([.. found.Items.Select(item => convert(item.Ranked, item.Content))], found.Truncated);
}
