using System.Collections;
using MemoryMesh.Search.Index;

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

    /// <summary>What tells where the similarity comes from.</summary>
    public required IScoreParts Parts { get; init; }

    /// <summary>Where the similarity comes from.</summary>
    public IReadOnlyList<LegScore> Legs => Parts.Legs;
}

/// <summary>Items in the order of their scores. Of hundreds that are put in order a few are shown: only these are told of in full.</summary>
internal sealed class RankedItems : IReadOnlyList<RankedItem>
{
    private readonly (double Score, FusedItem Fused)[] _order;
    private readonly RankingWeights _weights;
    private readonly SearchOptions _options;
    private readonly DateTimeOffset _now;

    public RankedItems(IReadOnlyList<FusedItem> items, RankingWeights weights, SearchOptions options, DateTimeOffset now)
    {
        (_weights, _options, _now) = (weights, options, now);
        _order = new (double, FusedItem)[items.Count];
        for (var at = 0; at < _order.Length; at++)
        {
            var (importance, age) = FactorsOf(items[at].Item);
            _order[at] = (items[at].Similarity * importance.Factor * age.Factor, items[at]);
        }

        _order.AsSpan().Sort(static (one, other) =>
            other.Score.CompareTo(one.Score) is not 0 and var byScore ? byScore
            : other.Fused.Item.CreatedAt.CompareTo(one.Fused.Item.CreatedAt) is not 0 and var byTime ? byTime
            : one.Fused.Item.Id.CompareTo(other.Fused.Item.Id));
    }

    public int Count => _order.Length;

    public RankedItem this[int index]
    {
        get
        {
            var (score, fused) = _order[index];
            var (importance, age) = FactorsOf(fused.Item);
            return new RankedItem
            {
                Item = fused.Item,
                Score = score,
                Similarity = fused.Similarity,
                Importance = importance.Value,
                ImportanceFactor = importance.Factor,
                AgeInDays = age.Value,
                DecayFactor = age.Factor,
                Parts = fused,
            };
        }
    }

    public IEnumerator<RankedItem> GetEnumerator()
    {
        for (var at = 0; at < _order.Length; at++)
        {
            yield return this[at];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private ((double Value, double Factor) Importance, (double Value, double Factor) Age) FactorsOf(Candidate item)
    {
        var (importance, age) = (ImportanceRule.Of(item, _options), DecayRule.AgeInDays(item.CreatedAt, _now));
        return ((importance, Bounded(ImportanceRule.Factor(importance, _options), _weights.Importance)), (age, Bounded(DecayRule.Factor(age, _options), _weights.Recency)));
    }

    // Whatever the weight, neither importance nor age alone makes a match disappear.
    private static double Bounded(double factor, double exponent) => exponent == 1 ? factor : Math.Clamp(Math.Pow(factor, exponent), 0.3, 1.5);
}
