namespace MemoryMesh.Search.Analysis.Languages;

/// <summary>Tells which languages the Latin words of a text may be of: by its function words, letters that only some languages have, and endings.</summary>
/// <remarks>
/// A chat message is too short for statistics of letters, and most have a function word. A guess need not be right, only kind: languages near the
/// best one are kept, and where nothing tells, all are, so that a question is looked up by all forms its texts may be found by.
/// </remarks>
internal static class LanguageGuess
{
    private const double Near = 0.75;
    private const int MostWords = 400;
    private const int ShortestWithEnding = 6;

    private static readonly (string Ending, TextLanguages Language)[] Endings =
    [
        ("ung", TextLanguages.German), ("ungen", TextLanguages.German), ("heit", TextLanguages.German), ("keit", TextLanguages.German),
        ("lich", TextLanguages.German), ("liche", TextLanguages.German), ("isch", TextLanguages.German), ("schaft", TextLanguages.German), ("chen", TextLanguages.German),
        ("cion", TextLanguages.Spanish), ("ciones", TextLanguages.Spanish), ("idad", TextLanguages.Spanish), ("mente", TextLanguages.Spanish),
        ("ando", TextLanguages.Spanish), ("iendo", TextLanguages.Spanish), ("aron", TextLanguages.Spanish), ("ieron", TextLanguages.Spanish),
        ("eux", TextLanguages.French), ("euse", TextLanguages.French), ("eaux", TextLanguages.French), ("aient", TextLanguages.French),
        ("ing", TextLanguages.English), ("ness", TextLanguages.English), ("ful", TextLanguages.English), ("ly", TextLanguages.English), ("ed", TextLanguages.English),
    ];

    /// <summary>The languages; <see cref="TextLanguages.English"/> alone when it is plainly English, or has no Latin word.</summary>
    public static TextLanguages Of(string text)
    {
        Span<double> scores = stackalloc double[4];
        var words = 0;
        foreach (var (word, _) in TextWords.Of(text))
        {
            if (word[0] < 'A' || word[0] > '\u024F')
            {
                continue;
            }

            if (++words > MostWords)
            {
                break;
            }

            AddLetters(word, scores);
            var folded = CharacterFolding.Fold(word).ToLowerInvariant();
            Add(scores, FunctionWords.LanguagesOf(folded), 1);
            if (folded.Length >= ShortestWithEnding)
            {
                foreach (var (ending, language) in Endings)
                {
                    if (folded.EndsWith(ending, StringComparison.Ordinal))
                    {
                        Add(scores, language, 0.5);
                    }
                }
            }
        }

        var best = Math.Max(Math.Max(scores[0], scores[1]), Math.Max(scores[2], scores[3]));
        if (words == 0)
        {
            return TextLanguages.English;
        }

        if (best == 0)
        {
            return TextLanguages.AnyForeign;
        }

        var languages = TextLanguages.None;
        for (var i = 0; i < scores.Length; i++)
        {
            if (scores[i] >= best * Near)
            {
                languages |= (TextLanguages)(1 << i);
            }
        }

        return languages;
    }

    private static void AddLetters(string word, Span<double> scores)
    {
        foreach (var c in word)
        {
            switch (c)
            {
                case 'ä' or 'ö' or 'ü' or 'Ä' or 'Ö' or 'Ü':
                    Add(scores, TextLanguages.German, 1);
                    break;
                case 'ß':
                    Add(scores, TextLanguages.German, 2);
                    break;
                case 'ñ' or 'Ñ':
                    Add(scores, TextLanguages.Spanish, 2);
                    break;
                case 'á' or 'í' or 'ó' or 'ú' or 'Á' or 'Í' or 'Ó' or 'Ú':
                    Add(scores, TextLanguages.Spanish, 1);
                    break;
                case 'è' or 'ê' or 'à' or 'ù' or 'ç' or 'œ' or 'û' or 'î' or 'â' or 'ô' or 'À' or 'Ê' or 'È' or 'Ç':
                    Add(scores, TextLanguages.French, 1);
                    break;
                case 'é' or 'É':
                    Add(scores, TextLanguages.French | TextLanguages.Spanish, 0.5);
                    break;
            }
        }
    }

    private static void Add(Span<double> scores, TextLanguages languages, double score)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            if (languages.HasFlag((TextLanguages)(1 << i)))
            {
                scores[i] += score;
            }
        }
    }
}
