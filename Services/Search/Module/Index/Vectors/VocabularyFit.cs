namespace MemoryMesh.Search.Index.Vectors;

/// <summary>How far the vectors of a question can be trusted: whether the model's vocabulary knows its words, or spells them in pieces.</summary>
/// <remarks>
/// A model of one language makes vectors of any text, and those of a language it was not trained on are alike for everything. That shows in the
/// vocabulary: an English question is of whole words, a German one mostly of pieces, a Russian or Chinese one of single characters. The share of letters
/// that stand in whole words is 0.45 or more for English questions with rare names, 0.15 for German and 0 for Russian, Arabic and Korean ones.
/// </remarks>
internal static class VocabularyFit
{
    private const double ShareOfEnglish = 0.45;
    private const string Unknown = "[UNK]";

    /// <summary>1 where at least <see cref="ShareOfEnglish"/> of the letters are of words known whole, falling evenly to 0 where none is.</summary>
    /// <param name="tokens">Texts of the question's tokens; pieces that continue a word begin with ##.</param>
    public static double Of(IReadOnlyList<string> tokens)
    {
        var (known, all) = (0, 0);
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            var isPiece = token.StartsWith("##", StringComparison.Ordinal);
            if (!isPiece && token != Unknown && (token[0] == '[' || !token.Any(char.IsLetterOrDigit)))
            {
                continue;
            }

            var letters = isPiece ? token.Length - 2 : token.Length;
            var isWhole = !isPiece && letters > 1 && token != Unknown && !(i + 1 < tokens.Count && tokens[i + 1].StartsWith("##", StringComparison.Ordinal));
            all += letters;
            known += isWhole ? letters : 0;
        }

        return all == 0 ? 1 : Math.Min(1, known / (ShareOfEnglish * all));
    }
}
