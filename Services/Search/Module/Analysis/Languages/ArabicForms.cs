using Lucene.Net.Analysis.Ar;

namespace MemoryMesh.Search.Analysis.Languages;

/// <summary>What the forms of an Arabic word have in common.</summary>
internal static class ArabicForms
{
    private const string Particles = "بلفكسو";
    private const string PersonPrefixes = "يتنا";

    private static readonly string[] PersonSuffixes = ["تما", "هما", "كما", "ناه", "تها", "ته", "تم", "نا", "وا", "هم", "هن", "كم", "ني", "ت", "ك", "ن"];

    [ThreadStatic]
    private static (ArabicNormalizer Normalizer, ArabicStemmer Stemmer)? _tools;

    /// <summary>
    /// Adds two forms: Lucene's light stem (without article, conjunctions and common endings, one letter for each kind of alef, ya and ta marbuta), and its
    /// consonants without particles, persons and long vowels, which singular and broken plural (كتاب, كتب) and the forms of a verb share.
    /// </summary>
    /// <param name="word">Folded: without vowel points and tatweel.</param>
    /// <param name="startsWithHamza">Whether its first letter is an alef with hamza, which no article begins with.</param>
    /// <param name="forms">Takes the forms.</param>
    public static void Add(string word, bool startsWithHamza, WordTerms forms)
    {
        var stem = Stem(word, startsWithHamza);
        forms.Add(stem);
        forms.Add(Root(stem));
    }

    private static string Stem(string word, bool startsWithHamza)
    {
        var (normalizer, stemmer) = _tools ??= (new ArabicNormalizer(), new ArabicStemmer());
        var letters = (word.Length > 5 && word[0] is 'و' or 'ف' && word.AsSpan(1) is ['ب' or 'ك', 'ا', 'ل', ..] or ['ل', 'ل', ..] ? word[1..] : word).ToCharArray();
        var length = normalizer.Normalize(letters, letters.Length);
        length = startsWithHamza ? stemmer.StemSuffix(letters, length) : stemmer.Stem(letters, length);
        return new string(letters, 0, length);
    }

    /// <summary>The consonants. What may be an ending or a particle goes only when three others are left, as most roots have three.</summary>
    private static string Root(string stem)
    {
        const int OfRoot = 3;
        var rest = stem.AsSpan();
        foreach (var suffix in PersonSuffixes)
        {
            if (rest.EndsWith(suffix) && Count(rest[..^suffix.Length]) >= OfRoot)
            {
                rest = rest[..^suffix.Length];
                break;
            }
        }

        // The ta marbuta of a word that goes on: سيارة, سيارتي; and the person of a verb with a weak letter: زرت
        if (rest[^1] == 'ت' && (rest.Length >= 5 || (rest.Length == 3 && Count(rest) == 3)))
        {
            rest = rest[..^1];
        }

        if (Particles.Contains(rest[0]) && (Count(rest[1..]) >= OfRoot || (rest.Length > 4 && Count(rest[1..]) == OfRoot - 1)))
        {
            rest = rest[1..];
            if (rest.StartsWith("ال") && Count(rest[2..]) >= OfRoot)
            {
                rest = rest[2..];
            }
        }

        for (var i = 0; i < 2 && PersonPrefixes.Contains(rest[0]) && Count(rest[1..]) >= OfRoot; i++)
        {
            rest = rest[1..];
        }

        Span<char> consonants = stackalloc char[rest.Length];
        var count = 0;
        foreach (var letter in rest)
        {
            if (!IsWeak(letter) && !(count >= 2 && consonants[count - 1] == letter))
            {
                consonants[count++] = letter;
            }
        }

        return count >= 2 ? consonants[..count].ToString() : rest.ToString();
    }

    private static int Count(ReadOnlySpan<char> letters)
    {
        var count = 0;
        foreach (var letter in letters)
        {
            count += IsWeak(letter) ? 0 : 1;
        }

        return count;
    }

    private static bool IsWeak(char letter) => letter is 'ا' or 'و' or 'ي' or 'ء';
}
