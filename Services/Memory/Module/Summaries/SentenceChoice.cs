using System.Runtime.InteropServices;
using MemoryMesh.Memory.Features;
using MemoryMesh.ServiceDefaults.Text;

namespace MemoryMesh.Memory.Summaries;

/// <summary>Chooses the sentences that say in few words what many were about.</summary>
/// <remarks>
/// A sentence counts by how near it is to the middle of all sentences (the centroid of their vectors: Radev, Jing, Styś and Tam, Information Processing
/// &amp; Management 40, 2004), by its place in its message, and by whether it states a fact. They are taken one by one, each less the nearer it is to one
/// that was taken (maximal marginal relevance: Carbonell and Goldstein, SIGIR 1998). Without vectors the words tell how near sentences are.
/// </remarks>
internal static class SentenceChoice
{
    private const double Centrality = 0.45;
    private const double Place = 0.15;
    private const double Fact = 0.4;
    private const double Sameness = 0.6;

    /// <summary>The best sentences in the order given.</summary>
    /// <param name="sentences">In the order they were said.</param>
    /// <param name="sum">Sum of all vectors.</param>
    /// <param name="most">Most sentences.</param>
    /// <param name="maxTokens">Most tokens of them together.</param>
    public static IReadOnlyList<SummarySentence> Best(IReadOnlyList<SummarySentence> sentences, float[] sum, int most, int maxTokens)
    {
        var vectors = sentences.Select(sentence => Open(sentence.Vector)).ToList();
        var words = sentences.Select(sentence => ConversationSummary.WordsOf(sentence.Text).ToHashSet(StringComparer.Ordinal)).ToList();
        var scores = sentences.Select((sentence, i) =>
            (Centrality * Central(vectors[i], sum, words, i)) + (Place / (1 + sentence.Position)) + (sentence.Fact ? Fact : 0)).ToList();
        var nearest = new double[sentences.Count];
        var chosen = new List<int>();
        var tokens = 0;
        while (chosen.Count < most)
        {
            var best = -1;
            var bestValue = double.NegativeInfinity;
            for (var i = 0; i < sentences.Count; i++)
            {
                var value = scores[i] - (Sameness * nearest[i]);
                if (value > bestValue && !chosen.Contains(i) && tokens + Cost(sentences[i]) <= maxTokens)
                {
                    (best, bestValue) = (i, value);
                }
            }

            if (best < 0)
            {
                break;
            }

            chosen.Add(best);
            tokens += Cost(sentences[best]);
            for (var i = 0; i < sentences.Count; i++)
            {
                nearest[i] = Math.Max(nearest[i], Likeness(vectors[i], vectors[best], words[i], words[best]));
            }
        }

        return [.. chosen.Order().Select(index => sentences[index])];
    }

    /// <summary>A vector in steps of 1/127.</summary>
    public static byte[] Close(float[] vector) => [.. vector.Select(value => unchecked((byte)(sbyte)Math.Clamp(MathF.Round(value * 127), -127, 127)))];

    private static float[] Open(byte[] vector) => [.. MemoryMarshal.Cast<byte, sbyte>(vector).ToArray().Select(value => value / 127f)];

    private static int Cost(SummarySentence sentence) => TokenEstimate.Count(sentence.Text) + TokenEstimate.Count(sentence.Role) + 1;

    private static double Central(float[] vector, float[] sum, List<HashSet<string>> words, int index)
    {
        if (vector.Length > 0 && vector.Length == sum.Length)
        {
            return Math.Max(0, Cosine(vector, sum));
        }

        // The part of the others that share a word with it.
        return words.Count < 2 ? 0 : (double)words.Where((other, i) => i != index && other.Overlaps(words[index])).Count() / (words.Count - 1);
    }

    private static double Likeness(float[] vector, float[] other, HashSet<string> words, HashSet<string> otherWords)
        => vector.Length > 0 && vector.Length == other.Length
            ? Math.Max(0, Cosine(vector, other))
            : words.Count == 0 || otherWords.Count == 0 ? 0 : (double)words.Count(otherWords.Contains) / Math.Max(words.Count, otherWords.Count);

    private static double Cosine(float[] one, float[] other)
    {
        double dot = 0, square = 0, otherSquare = 0;
        for (var i = 0; i < one.Length; i++)
        {
            dot += one[i] * other[i];
            square += one[i] * one[i];
            otherSquare += other[i] * other[i];
        }

        return square == 0 || otherSquare == 0 ? 0 : dot / Math.Sqrt(square * otherSquare);
    }
}
