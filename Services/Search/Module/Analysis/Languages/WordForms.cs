using System.Collections.Frozen;

namespace MemoryMesh.Search.Analysis.Languages;

/// <summary>Adds to the words of a text the forms that its inflected relatives share.</summary>
/// <remarks>
/// The word itself, folded, is always a term (<see cref="TextAnalyzer"/>), so a word that stands in text and query alike is found whatever its language
/// was taken for, and counts more than one that is only related. A form is a stem by Snowball's rules, folded, and then freed of what those rules leave
/// apart: vowels that come and go, consonants that change, participles. Where such a rule is too broad it brings unrelated words together, which costs
/// little beside the exact term.
/// </remarks>
internal static class WordForms
{
    private static readonly FrozenDictionary<string, string> Irregular = LanguageResource.ReadLines("irregular-words.txt")
        .Select(line => line.Split(' '))
        .SelectMany(parts => parts[2..].Select(form => KeyValuePair.Create(parts[0] + CharacterFolding.Fold(form), parts[1])))
        .DistinctBy(pair => pair.Key)
        .ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Adds the forms of the words of a text.</summary>
    /// <param name="text">The text as it was written.</param>
    /// <param name="languages">What its Latin words may be.</param>
    /// <param name="isQuery">Whether function words are left out.</param>
    /// <param name="terms">Takes the forms.</param>
    public static void Add(string text, TextLanguages languages, bool isQuery, List<string> terms)
    {
        var forms = new WordTerms(terms);
        foreach (var (word, elided) in TextWords.Of(text))
        {
            var isLatin = word[0] <= '\u024F';
            if (isLatin && (languages & TextLanguages.AnyForeign) == 0)
            {
                continue;
            }

            var lower = word.ToLowerInvariant();
            var folded = CharacterFolding.Fold(lower);
            if (folded.Length < 2 || (isQuery && FunctionWords.IsLeftOut(folded, languages)))
            {
                continue;
            }

            var stem = EnglishStemmer.Stem(folded);
            forms.Begin(elided ? "" : stem);
            if (elided)
            {
                // The whole is a term, l'école as lecole: without its article the word is one only here.
                forms.Add(stem);
            }

            if (isLatin)
            {
                AddLatin(lower, folded, languages, forms);
            }
            else if (word[0] is >= '\u0400' and <= '\u052F')
            {
                RussianForms.Add(lower, forms);
                AddIrregular("ru", folded, RussianForms.Key, forms);
            }
            else if (word[0] >= '\u0600')
            {
                ArabicForms.Add(folded, startsWithHamza: lower[0] is 'أ' or 'إ' or 'آ', forms);
                AddIrregular("ar", folded, lemma => lemma, forms);
            }
        }
    }

    private static void AddLatin(string lower, string folded, TextLanguages languages, WordTerms forms)
    {
        if (languages.HasFlag(TextLanguages.German))
        {
            GermanForms.Add(folded, isCertain: languages != TextLanguages.AnyForeign, forms);
        }

        if (languages.HasFlag(TextLanguages.Spanish))
        {
            forms.Add(SpanishForms.Key(lower));
            AddIrregular("es", folded, SpanishForms.Key, forms);
        }

        if (languages.HasFlag(TextLanguages.French))
        {
            forms.Add(FrenchForms.Key(lower));
            AddIrregular("fr", folded, FrenchForms.Key, forms);
        }
    }

    private static void AddIrregular(string language, string folded, Func<string, string> key, WordTerms forms)
    {
        if (Irregular.TryGetValue(language + folded, out var word))
        {
            forms.Add(key(word));
        }
    }
}
