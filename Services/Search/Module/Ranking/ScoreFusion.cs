using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;

namespace MemoryMesh.Search.Ranking;

/// <summary>What one part of the ranking gave one item; <c>weight x standardised</c> is what it adds to the sum.</summary>
/// <param name="Name">The part.</param>
/// <param name="Score">The part's own score, for example BM25 or a cosine; null when it has none for the item.</param>
/// <param name="Standardised">The score in standard deviations from the mean over all items that were looked at.</param>
/// <param name="Weight">The part's weight.</param>
internal readonly record struct LegScore(string Name, double? Score, double Standardised, double Weight);

/// <summary>Tells where a score comes from: asked of the few items that are shown.</summary>
internal interface IScoreParts
{
    /// <summary>The parts of the score.</summary>
    IReadOnlyList<LegScore> Legs { get; }
}

/// <summary>What the scores of one answer are measured by.</summary>
internal sealed record FusionScales(VectorMatches Matches, LegScale? Lexical, RankingWeights Weights, double Unit);

/// <summary>An item with its fused score. Hundreds are made for each question, so where a score comes from is told only of those that are shown.</summary>
internal sealed class FusedItem(VectorMatch match, FusionScales scales, double around, double inTime, double answers) : IScoreParts
{
    /// <summary>What was found of it.</summary>
    public VectorMatch Match => match;

    /// <summary>The item.</summary>
    public Candidate Item => match.Item;

    /// <summary>A share of what those around it have.</summary>
    public double Around => around;

    /// <summary>What lying in a time that is named is worth.</summary>
    public double InTime => inTime;

    /// <summary>What giving the kind of answer that is asked for is worth.</summary>
    public double Answers => answers;

    /// <summary>The sum of all parts.</summary>
    public double Sum { get; set; }

    /// <summary>What the best of its session have.</summary>
    public double Session { get; set; }

    /// <summary>How well it answers the query, above 0 to 1: 1 for the best of this answer.</summary>
    public double Similarity { get; set; }

    /// <summary>Where the similarity comes from.</summary>
    public IReadOnlyList<LegScore> Legs => ScoreFusion.Explain(this, scales);
}

/// <summary>Brings the scores of several ways of searching together.</summary>
/// <remarks>
/// <para>Scores of BM25, of pooled vectors and of late interaction have different scales, so each is standardised over all items the search may find
/// (an item without a matching word has BM25 0) and they are summed by weight: s = sum of w x z. A leg that has nothing for an item counts as its mean.</para>
/// <para>To that come, for messages: a share of the s of those around it: .3 of the one before when that is a question somebody else asked and .15 otherwise,
/// .2 of the one after, .07 of each one further; and, in units of the deviation that s has when legs correlate by one half: being said by the one
/// participant the question names, lying in a time it names (the more, the fewer messages lie there: by ln(all / those)), saying when if it asks when, or
/// how many or a name if it asks for that, less for being a question or for a person's talk of the one it talks to alone. At last a share of what the
/// three best of its session have in the mean.</para>
/// <para>The sum is then stretched so that the best item has 1 and an item that matches nowhere has 0; with BM25 alone that is BM25 divided by its
/// highest value.</para>
/// </remarks>
internal static class ScoreFusion
{
    /// <summary>Name of full text in explanations.</summary>
    public const string Lexical = "bm25";

    private const double LowestSimilarity = 1e-6;
    private const double Asked = 0.3;
    private const double Before = 0.15;
    private const double After = 0.2;
    private const double Further = 0.07;
    private const double Correlation = 0.5;
    private const int BestOfSession = 3;

    // Numbers and names stand in more texts than times do, and tell less.
    private const double NumberOrName = 2.0 / 3;

    // A time that one of a thousand messages lies in must not outweigh everything else.
    private const double MostNarrow = 4;

    // An item without a word of the question is shown when its vector is near enough, or nearly so beside a message that is found itself.
    private const double NeighbourAllowance = 0.1;

    /// <summary>The fused items that are to be listed, in no order: importance and age have their say before they are sorted.</summary>
    /// <param name="matches">What was found.</param>
    /// <param name="signs">What the question tells.</param>
    /// <param name="weights">Weights of the parts.</param>
    /// <param name="leastCosine">Least cosine of an item that no word of the question stands in.</param>
    public static IReadOnlyList<FusedItem> Fuse(VectorMatches matches, QuerySigns signs, RankingWeights weights, double leastCosine)
    {
        var lexical = ScaleOfWords(matches);
        foreach (var match in matches.Items)
        {
            match.LegSum = SumOfLegs(match, matches, lexical, weights);
        }

        var unit = UnitOf(matches, weights);
        var scales = new FusionScales(matches, lexical, weights, unit);
        var narrow = matches.Covered > 0 ? Math.Min(MostNarrow, Math.Log((double)matches.Total / matches.Covered)) : 0;
        var rows = new List<FusedItem>(matches.Items.Count);
        foreach (var match in matches.Items)
        {
            var around = 0.0;
            foreach (var (other, offset) in match.Neighbours)
            {
                around += ShareOf(match, offset) * other.LegSum;
            }

            var row = new FusedItem(match, scales, around, narrow > 0 && signs.Covers(match.Item.CreatedAt) ? narrow : 0, Answers(signs.Wanted, match.Traits));
            row.Sum = match.LegSum + (weights.Neighbours * around) + (unit * (
                (match.IsByNamed ? weights.Participant : 0)
                + (weights.Time * row.InTime)
                + (weights.AnswerType * row.Answers)
                - (match.Traits.HasFlag(TextTraits.Question) ? weights.Question : 0)
                - (TalksOfTheOther(match) ? weights.SecondPerson : 0)));
            rows.Add(row);
        }

        AddSessions(rows, weights.Session);
        var nowhere = lexical is { } words ? weights.Lexical * words.Standardise(0) : 0;
        rows.RemoveAll(row => !row.Match.IsListed || !IsFound(row.Match, weights, leastCosine));
        if (rows.Count == 0)
        {
            return [];
        }

        var best = rows.Max(row => row.Sum);
        foreach (var row in rows)
        {
            row.Similarity = Stretch(row.Sum, nowhere, best);
        }

        return rows;
    }

    private static double ShareOf(VectorMatch match, int offset) => offset switch
    {
        -1 => match.IsReply ? Asked : Before,
        1 => After,
        _ => Further,
    };

    private static double Answers(TextTraits wanted, TextTraits traits)
        => wanted == TextTraits.None || !traits.HasFlag(wanted) ? 0 : wanted == TextTraits.Time ? 1 : NumberOrName;

    // An assistant says "you" of the person whose facts are looked for.
    private static bool TalksOfTheOther(VectorMatch match) => match.Item.Role == MessageRole.User && match.Traits.HasFlag(TextTraits.SecondPerson);

    private static LegScale? ScaleOfWords(VectorMatches matches)
    {
        var (sum, squares) = (0.0, 0.0);
        foreach (var match in matches.Items)
        {
            sum += match.Lexical;
            squares += match.Lexical * match.Lexical;
        }

        if (sum <= 0)
        {
            return null;
        }

        var mean = sum / matches.Total;
        var deviation = Math.Sqrt(Math.Max(0, (squares / matches.Total) - (mean * mean)));

        // Equal scores have no deviation but what rounding leaves, the root of a double's; with the mean as the unit they stand above "no match" all the same.
        return new(mean, deviation > 1e-6 * mean ? deviation : mean);
    }

    private static IEnumerable<LegScore> Legs(VectorMatch match, VectorMatches matches, LegScale? lexical, RankingWeights weights)
    {
        if (lexical is { } words && weights.Lexical > 0)
        {
            yield return new(Lexical, match.Lexical > 0 ? match.Lexical : null, words.Standardise(match.Lexical), weights.Lexical);
        }

        if (matches.Cosine is { } cosines && weights.Vector > 0)
        {
            yield return new("vector", match.Cosine, match.Cosine is { } cosine ? cosines.Standardise(cosine) : 0, weights.Vector);
        }

        if (matches.MaxSim is { } maxSims && weights.LateInteraction > 0)
        {
            yield return new("late_interaction", match.MaxSim, match.MaxSim is { } maxSim ? maxSims.Standardise(maxSim) : 0, weights.LateInteraction);
        }
    }

    private static double SumOfLegs(VectorMatch match, VectorMatches matches, LegScale? lexical, RankingWeights weights)
        => (lexical is { } words ? weights.Lexical * words.Standardise(match.Lexical) : 0)
            + (matches.Cosine is { } cosines && match.Cosine is { } cosine ? weights.Vector * cosines.Standardise(cosine) : 0)
            + (matches.MaxSim is { } maxSims && match.MaxSim is { } maxSim ? weights.LateInteraction * maxSims.Standardise(maxSim) : 0);

    private static double UnitOf(VectorMatches matches, RankingWeights weights)
    {
        ReadOnlySpan<double> legs = [weights.Lexical, matches.Cosine is null ? 0 : weights.Vector, matches.MaxSim is null ? 0 : weights.LateInteraction];
        var (sum, squares) = (0.0, 0.0);
        foreach (var weight in legs)
        {
            sum += weight;
            squares += weight * weight;
        }

        return Math.Sqrt(((1 - Correlation) * squares) + (Correlation * sum * sum));
    }

    private static void AddSessions(List<FusedItem> rows, double weight)
    {
        if (weight == 0)
        {
            return;
        }

        foreach (var session in rows.Where(row => row.Match.Session > 0).GroupBy(row => row.Match.Session))
        {
            var mean = session.Select(row => row.Sum).OrderDescending().Take(BestOfSession).Sum() / BestOfSession;
            foreach (var row in session)
            {
                row.Session = mean;
            }
        }

        foreach (var row in rows)
        {
            row.Sum += weight * row.Session;
        }
    }

    private static bool IsFound(VectorMatch match, RankingWeights weights, double leastCosine)
    {
        if (IsNear(match, weights, leastCosine))
        {
            return true;
        }

        if (weights.Neighbours > 0 && match.Cosine >= leastCosine - NeighbourAllowance)
        {
            foreach (var (other, offset) in match.Neighbours)
            {
                if (offset is 1 or -1 && IsNear(other, weights, leastCosine))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsNear(VectorMatch match, RankingWeights weights, double leastCosine)
        => (match.Lexical > 0 && weights.Lexical > 0) || match.Cosine >= leastCosine;

    private static double Stretch(double sum, double nowhere, double best)
        => best > nowhere ? Math.Clamp((sum - nowhere) / (best - nowhere), LowestSimilarity, 1) : 1;

    /// <summary>Where the similarity of an item comes from.</summary>
    public static LegScore[] Explain(FusedItem row, FusionScales scales)
    {
        var (matches, lexical, weights, unit) = scales;
        return
        [
            .. Legs(row.Match, matches, lexical, weights),
            .. new LegScore[]
            {
                new("neighbours", null, row.Around, weights.Neighbours),
                new("participant", null, row.Match.IsByNamed ? unit : 0, weights.Participant),
                new("time", null, unit * row.InTime, weights.Time),
                new("answer_type", null, unit * row.Answers, weights.AnswerType),
                new("question", null, row.Match.Traits.HasFlag(TextTraits.Question) ? -unit : 0, weights.Question),
                new("second_person", null, TalksOfTheOther(row.Match) ? -unit : 0, weights.SecondPerson),
                new("session", null, row.Session, weights.Session),
            }.Where(leg => leg.Standardised != 0 && leg.Weight != 0),
        ];
    }
}
