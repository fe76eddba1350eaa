using MemoryMesh.Search.Analysis;

namespace MemoryMesh.Search.Index.Vectors;

/// <summary>Which tokens of a text take part in late interaction, and how much those of a question count.</summary>
internal static class TokenRules
{
    // Before this, a BERT vocabulary holds marks, unused places and single characters; behind it, words follow by falling frequency.
    private const int FirstWord = 1_996;
    private const double RarityPower = 1.5;

    // What a token starts with that goes on a word.
    private const string Continues = "##";

    /// <summary>Whether a token of a stored text is kept: words that say nothing and punctuation are not.</summary>
    public static bool IsKept(string token)
        => token.StartsWith(Continues, StringComparison.Ordinal) || (token.Any(char.IsLetterOrDigit) && !StopWords.Contains(token));

    /// <summary>Whether a token of a question is held against texts: punctuation is not, small words are, as little as they weigh.</summary>
    public static bool IsAsked(string token) => token.Any(char.IsLetterOrDigit);

    /// <summary>For each token the whole word that it is or is a piece of.</summary>
    public static string[] WordsOf(IReadOnlyList<string> tokens)
    {
        var words = new string[tokens.Count];
        for (int first = 0, end; first < words.Length; first = end)
        {
            end = first + 1;
            while (end < words.Length && tokens[end].StartsWith(Continues, StringComparison.Ordinal))
            {
                end++;
            }

            words.AsSpan(first, end - first).Fill(tokens[first] + string.Concat(tokens.Skip(first + 1).Take(end - first - 1).Select(piece => piece[Continues.Length..])));
        }

        return words;
    }

    /// <summary>
    /// Weight of a question's token: the higher the rarer. Rarity comes from the order of the vocabulary (by Zipf's law the logarithm of a word's
    /// rank goes with its inverse document frequency), so it is the same for a person with ten messages as for one with a million.
    /// </summary>
    public static double Weight(int tokenId) => Math.Pow(Math.Log(Math.Max(2, tokenId - FirstWord + 2)), RarityPower);
}
