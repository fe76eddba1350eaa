using MemoryMesh.Search.Index;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Ranking;

/// <summary>An item with its score: <c>Score = Similarity x ImportanceFactor x DecayFactor</c>.</summary>
internal sealed record RankedItem
{
    public required Candidate Item { get; init; }

    public required double Score { get; init; }

    public required double Similarity { get; init; }

    public required double Importance { get; init; }

    public required double ImportanceFactor { get; init; }

    public required double AgeInDays { get; init; }

    public required double DecayFactor { get; init; }

    public required IReadOnlyList<LegScore> Legs { get; init; }
}

/// <summary>Asks every way of searching and ranks what they find.</summary>
internal sealed class ItemRanking(IEnumerable<ISearchLeg> legs, IOptions<SearchOptions> options, TimeProvider clock)
{
    private readonly ISearchLeg[] _legs = [.. legs];

    /// <summary>How many candidates each way of searching gives when so many results are wanted: more, as importance and age change the order.</summary>
    public int CandidatesFor(int topK) => Math.Max(options.Value.Candidates, topK * 4);

    /// <summary>The candidates, best first.</summary>
    /// <param name="filter">What may be found.</param>
    /// <param name="query">The question.</param>
    /// <param name="limit">Most candidates of each way of searching.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    public async Task<IReadOnlyList<RankedItem>> FindAsync(ItemFilter filter, string query, int limit, CancellationToken cancellationToken)
    {
        var found = await Task.WhenAll(_legs.Select(leg => leg.FindAsync(filter, query, limit, cancellationToken)));
        return Rank(ScoreFusion.Fuse(found), options.Value, clock.GetUtcNow());
    }

    /// <summary>Applies importance and decay.</summary>
    public static IReadOnlyList<RankedItem> Rank(IReadOnlyList<FusedItem> items, SearchOptions options, DateTimeOffset now)
    {
        var ranked = new List<RankedItem>(items.Count);
        foreach (var fused in items)
        {
            var importance = ImportanceRule.Of(fused.Item, options);
            var importanceFactor = ImportanceRule.Factor(importance, options);
            var age = DecayRule.AgeInDays(fused.Item.CreatedAt, now);
            var decay = DecayRule.Factor(age, options);
            ranked.Add(new RankedItem
            {
                Item = fused.Item,
                Score = fused.Similarity * importanceFactor * decay,
                Similarity = fused.Similarity,
                Importance = importance,
                ImportanceFactor = importanceFactor,
                AgeInDays = age,
                DecayFactor = decay,
                Legs = fused.Legs,
            });
        }

        return [.. ranked.OrderByDescending(item => item.Score).ThenByDescending(item => item.Item.CreatedAt).ThenBy(item => item.Item.Id)];
    }
}
