using MemoryMesh.Search.Index;

namespace MemoryMesh.Search.Ranking;

/// <summary>What one way of searching found.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Weight">Its weight, above 0.</param>
/// <param name="NoMatch">The score of an item that does not match at all, for example 0 for BM25; null when the lowest score found is as good as none.</param>
/// <param name="Items">What it found, each item once.</param>
internal sealed record LegResult(string Name, double Weight, double? NoMatch, IReadOnlyList<ScoredItem> Items);

/// <summary>What one leg gave one item.</summary>
/// <param name="Name">The leg.</param>
/// <param name="Score">The leg's own score; null when it did not find the item.</param>
/// <param name="Standardised">The score in standard deviations from the mean of what the leg found.</param>
/// <param name="Weight">The leg's weight.</param>
internal readonly record struct LegScore(string Name, double? Score, double Standardised, double Weight);

/// <summary>An item with its fused score.</summary>
/// <param name="Item">The item.</param>
/// <param name="Similarity">How well it answers the query, above 0 to 1: 1 for the best of this answer.</param>
/// <param name="Legs">Where that comes from.</param>
internal sealed record FusedItem(Candidate Item, double Similarity, IReadOnlyList<LegScore> Legs);

/// <summary>Brings the scores of several ways of searching together.</summary>
/// <remarks>
/// Scores of different legs have different scales, so each is standardised over what its leg found (z-score), then they are summed by weight. An
/// item that a leg did not find counts with the lowest score the leg gave. The sum is then stretched so that the best item has 1 and an item that
/// matches nowhere has 0; with BM25 alone that is BM25 divided by its highest value.
/// </remarks>
internal static class ScoreFusion
{
    private const double LowestSimilarity = 1e-6;

    /// <summary>The fused items, best first.</summary>
    public static IReadOnlyList<FusedItem> Fuse(IReadOnlyList<LegResult> legs)
    {
        var found = legs.Where(leg => leg.Items.Count > 0).ToArray();
        if (found.Length == 0)
        {
            return [];
        }

        var scales = Array.ConvertAll(found, Scale.Of);
        var rows = new Dictionary<Guid, (Candidate Item, double?[] Scores)>();
        for (var leg = 0; leg < found.Length; leg++)
        {
            foreach (var (item, score) in found[leg].Items)
            {
                if (!rows.TryGetValue(item.Id, out var row))
                {
                    rows.Add(item.Id, row = (item, new double?[found.Length]));
                }

                row.Scores[leg] = score;
            }
        }

        var nowhere = 0.0;
        for (var leg = 0; leg < found.Length; leg++)
        {
            nowhere += found[leg].Weight * scales[leg].Standardise(scales[leg].NoMatch);
        }

        var fused = new List<(Candidate Item, double Sum, LegScore[] Legs)>(rows.Count);
        foreach (var (item, scores) in rows.Values)
        {
            var parts = new LegScore[found.Length];
            var sum = 0.0;
            for (var leg = 0; leg < found.Length; leg++)
            {
                var standardised = scales[leg].Standardise(scores[leg] ?? scales[leg].Lowest);
                parts[leg] = new(found[leg].Name, scores[leg], standardised, found[leg].Weight);
                sum += found[leg].Weight * standardised;
            }

            fused.Add((item, sum, parts));
        }

        var best = fused.Max(item => item.Sum);
        return
        [
            .. fused
                .Select(item => new FusedItem(item.Item, Stretch(item.Sum, nowhere, best), item.Legs))
                .OrderByDescending(item => item.Similarity)
                .ThenByDescending(item => item.Item.CreatedAt)
                .ThenBy(item => item.Item.Id),
        ];
    }

    private static double Stretch(double sum, double nowhere, double best)
        => best > nowhere ? Math.Clamp((sum - nowhere) / (best - nowhere), LowestSimilarity, 1) : 1;

    private readonly record struct Scale(double Mean, double Deviation, double Lowest, double NoMatch)
    {
        public static Scale Of(LegResult leg)
        {
            var mean = leg.Items.Average(item => item.Score);
            var deviation = Math.Sqrt(leg.Items.Average(item => (item.Score - mean) * (item.Score - mean)));
            var lowest = leg.Items.Min(item => item.Score);

            // Equal scores have no deviation; with the mean as the unit they stand above "no match" all the same.
            return new(mean, deviation > 1e-12 ? deviation : Math.Max(Math.Abs(mean), 1e-12), lowest, Math.Min(leg.NoMatch ?? lowest, lowest));
        }

        public double Standardise(double score) => (score - Mean) / Deviation;
    }
}
