using System.Globalization;
using System.Text;
using MemoryMesh.Search.Analysis.Languages;

namespace MemoryMesh.Search.Analysis;

/// <summary>Cuts text into the terms that are indexed and looked up. Pure: the same text always gives the same terms.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>Characters are folded (<see cref="CharacterFolding"/>) and lower case; English words are stemmed (<see cref="EnglishStemmer"/>).</item>
/// <item>A word is a run of letters, digits and their marks. An apostrophe inside is left out, a final 's is cut.</item>
/// <item>Words joined by <c>.</c>, <c>-</c> or <c>_</c> give a term each and one for the whole, without hyphens and underscores: <c>user_name</c>
/// meets <c>userName</c>, <c>e-mail</c> meets <c>email</c>; the dots stay (<c>node.js</c>, <c>3.14</c>).</item>
/// <item>A word in camel case gives the whole and its parts.</item>
/// <item><c>c++</c>, <c>c#</c> and <c>.net</c> are terms of their own.</item>
/// <item>Scripts without spaces (Han, Kana; Thai, Lao, Khmer, Burmese) and Hangul give pairs of neighbours and single characters (<see cref="UnspacedTerms"/>),
/// with Katakana as Hiragana and traditional characters simplified.</item>
/// <item>Words of other languages than English add the forms that their relatives share (<see cref="WordForms"/>).</item>
/// </list>
/// </remarks>
internal static class TextAnalyzer
{
    private const int LongestSplitWord = 64;
    private const int MostJoinedWords = 8;

    /// <summary>Terms of a text, with repetitions, in the order of the text.</summary>
    public static void AddTerms(string text, List<string> terms) => AddTerms(text, LanguageGuess.Of(text), terms);

    /// <summary>Terms of a text whose Latin words are of some languages, with repetitions, in the order of the text: words first, then their forms.</summary>
    public static void AddTerms(string text, TextLanguages languages, List<string> terms)
    {
        new Scan(Fold(text), terms, null, languages).Run();
        // Where nothing tells the language, a text is most likely English, and forms beside its words would lift it above longer ones. A question has them all.
        WordForms.Add(text, languages == TextLanguages.AnyForeign ? TextLanguages.English : languages, isQuery: false, terms);
    }

    /// <summary>Distinct terms of a query, at most <paramref name="limit"/>, without stop words unless there is nothing else.</summary>
    public static IReadOnlyList<string> QueryTerms(string query, int limit)
    {
        var languages = LanguageGuess.Of(query);
        var terms = Words(query, languages);
        WordForms.Add(query, languages, isQuery: true, terms);
        foreach (var name in DateWords.NamesIn(query, languages))
        {
            AddTerms(name, TextLanguages.English, terms);
        }

        return [.. terms.Distinct(StringComparer.Ordinal).Take(limit)];
    }

    /// <summary>Whether a query is a single word.</summary>
    public static bool IsOneWord(string query) => Words(query, LanguageGuess.Of(query)).Distinct(StringComparer.Ordinal).Take(2).Count() == 1;

    private static List<string> Words(string query, TextLanguages languages)
    {
        var terms = new List<string>();
        var stopWords = new List<string>();
        new Scan(Fold(query), terms, stopWords, languages).Run();
        return terms.Count > 0 ? terms : stopWords;
    }

    private static string Fold(string text) => EastAsianFolding.Fold(CharacterFolding.Fold(text));

    /// <param name="text">Folded text.</param>
    /// <param name="terms">Takes the terms.</param>
    /// <param name="stopWords">Takes the stop words of a query; null when indexing, where they are terms.</param>
    /// <param name="languages">What the text may be written in.</param>
    private sealed class Scan(string text, List<string> terms, List<string>? stopWords, TextLanguages languages)
    {
        private readonly List<string> _joined = [];
        private readonly List<string> _run = [];
        private int _at;

        public void Run()
        {
            while (_at < text.Length)
            {
                if (IsUnspaced(_at, out var size))
                {
                    ReadUnspaced();
                }
                else if (IsWord(_at, out size))
                {
                    ReadWords();
                }
                else
                {
                    AddDotName();
                    _at += size;
                }
            }
        }

        private void ReadUnspaced()
        {
            _run.Clear();
            while (_at < text.Length && IsUnspaced(_at, out var size))
            {
                _run.Add(text.Substring(_at, size));
                _at += size;
            }

            if (stopWords is null)
            {
                UnspacedTerms.AddIndexed(_run, terms);
            }
            else
            {
                UnspacedTerms.AddAsked(_run, terms, stopWords);
            }
        }

        /// <summary>Reads a word and those joined to it.</summary>
        private void ReadWords()
        {
            _joined.Clear();
            var start = _at;
            var dotted = false;
            while (true)
            {
                var word = ReadWord();
                _joined.Add(word);
                if (_at + 1 < text.Length && text[_at] is '.' or '-' or '_' && IsWord(_at + 1, out _))
                {
                    dotted |= text[_at] == '.';
                    _at++;
                    continue;
                }

                break;
            }

            if (_joined.Count is > 1 and <= MostJoinedWords && _at - start <= LongestSplitWord)
            {
                var whole = dotted
                    ? text[start.._at].Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal)
                    : string.Concat(_joined);
                AddWord(whole, whole: true);
            }

            for (var i = 0; i < _joined.Count; i++)
            {
                if (i == _joined.Count - 1 && AddSymbolName(_joined[i]))
                {
                    continue;
                }

                AddWord(_joined[i], whole: false);
            }
        }

        private string ReadWord()
        {
            var start = _at;
            var hasApostrophe = false;
            while (_at < text.Length)
            {
                if (IsWord(_at, out var size))
                {
                    _at += size;
                }
                else if (text[_at] == '\'' && _at + 1 < text.Length && char.IsLetter(text[_at + 1]) && char.IsLetter(text[_at - 1]))
                {
                    hasApostrophe = true;
                    _at++;
                }
                else
                {
                    break;
                }
            }

            var word = text[start.._at];
            if (!hasApostrophe)
            {
                return word;
            }

            if (word.EndsWith("'s", StringComparison.OrdinalIgnoreCase))
            {
                word = word[..^2];
            }

            return word.Replace("'", "", StringComparison.Ordinal);
        }

        private void AddWord(string word, bool whole)
        {
            if (!whole && word.Length <= LongestSplitWord)
            {
                AddCamelParts(word);
            }

            Add(word.ToLowerInvariant());
        }

        private void Add(string lower)
        {
            var isStopWord = stopWords is not null && FunctionWords.IsLeftOut(lower, languages);
            (isStopWord ? stopWords! : terms).Add(EnglishStemmer.Stem(lower));
        }

        private void AddCamelParts(string word)
        {
            var start = 0;
            for (var i = 1; i <= word.Length; i++)
            {
                var isBoundary = i < word.Length && char.IsUpper(word[i])
                    && (!char.IsUpper(word[i - 1]) || (i + 1 < word.Length && char.IsLower(word[i + 1])));
                if (!isBoundary && (i < word.Length || start == 0))
                {
                    continue;
                }

                if (i - start > 1)
                {
                    Add(word[start..i].ToLowerInvariant());
                }

                start = i;
            }
        }

        /// <summary>Adds <c>c++</c> or <c>c#</c> when the word just read goes on so. A name of one letter then says nothing without its sign.</summary>
        /// <returns>Whether the word itself is no term.</returns>
        private bool AddSymbolName(string word)
        {
            var sign = text.AsSpan(_at) switch
            {
                ['+', '+', ..] => "++",
                ['#', ..] => "#",
                _ => null,
            };
            if (sign is null)
            {
                return false;
            }

            var end = _at + sign.Length;
            if (end < text.Length && (text[end] is '+' or '#' || (IsWord(end, out _) && !(sign == "++" && char.IsAsciiDigit(text[end])))))
            {
                return false;
            }

            _at = end;
            terms.Add(word.ToLowerInvariant() + sign);
            return word.Length == 1;
        }

        /// <summary>Adds <c>.net</c> when a dot begins a word.</summary>
        private void AddDotName()
        {
            if (text[_at] != '.' || (_at > 0 && !char.IsWhiteSpace(text[_at - 1]) && text[_at - 1] is not ('(' or '"' or '\'')))
            {
                return;
            }

            var end = _at + 1;
            while (end < text.Length && char.IsAsciiLetter(text[end]))
            {
                end++;
            }

            if (end > _at + 1 && (end == text.Length || !IsWord(end, out _)))
            {
                terms.Add(text[_at..end].ToLowerInvariant());
            }
        }

        private bool IsWord(int index, out int size)
        {
            var c = text[index];
            size = 1;
            if (char.IsAscii(c))
            {
                return char.IsAsciiLetterOrDigit(c);
            }

            var rune = ReadRune(index, out size);
            if (IsUnspaced(rune))
            {
                return false;
            }

            return Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune)
                is UnicodeCategory.NonSpacingMark
                or UnicodeCategory.SpacingCombiningMark
                or UnicodeCategory.LetterNumber
                or UnicodeCategory.OtherNumber;
        }

        private bool IsUnspaced(int index, out int size)
        {
            size = 1;
            return !char.IsAscii(text[index]) && IsUnspaced(ReadRune(index, out size));
        }

        private Rune ReadRune(int index, out int size)
        {
            Rune.DecodeFromUtf16(text.AsSpan(index), out var rune, out size);
            return rune;
        }

        private static bool IsUnspaced(Rune rune) => rune.Value switch
        {
            < 0x0E00 => false,
            <= 0x0EFF => Rune.IsLetter(rune) || IsMark(rune),
            >= 0x1000 and <= 0x109F or >= 0x1780 and <= 0x17D3 => Rune.IsLetter(rune) || IsMark(rune),
            >= 0x1100 and <= 0x11FF => true,
            0x3005 or 0x3007 => true,
            >= 0x3041 and <= 0x3096 or >= 0x309D and <= 0x309F or >= 0x30A1 and <= 0x30FA or >= 0x30FC and <= 0x312F => true,
            >= 0x3131 and <= 0x318E or >= 0x31A0 and <= 0x31BF or >= 0x31F0 and <= 0x31FF => true,
            >= 0x3400 and <= 0x4DBF or >= 0x4E00 and <= 0x9FFF or >= 0xAC00 and <= 0xD7A3 or >= 0xF900 and <= 0xFAFF => true,
            >= 0x1B000 and <= 0x1B16F or >= 0x20000 and <= 0x323AF => true,
            _ => false,
        };

        private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
    }
}
