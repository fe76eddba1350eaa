using System.Globalization;

namespace MemoryMesh.Search.Analysis.Languages;

/// <summary>Cuts text of scripts with spaces into words as their stemmers want them: with their accents, composed, without apostrophes.</summary>
internal static class TextWords
{
    private const int LongestWord = 64;

    private static readonly Dictionary<(char Letter, char Mark), char> Composed = Compositions();

    /// <summary>Runs of 2 to 64 letters that no digit touches. Scripts without spaces and signs end a word; so does an apostrophe, and <c>Elided</c> tells that a word follows one.</summary>
    public static IEnumerable<(string Word, bool Elided)> Of(string text)
    {
        var start = -1;
        var hasMark = false;
        var touchesDigit = false;
        for (var i = 0; i <= text.Length; i++)
        {
            var c = i < text.Length ? text[i] : ' ';
            var isMark = !char.IsAscii(c) && char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark;
            if ((isMark && start >= 0) || IsLetter(c) || (c == '\u0640' && start >= 0))
            {
                start = start < 0 ? i : start;
                hasMark |= isMark;
                continue;
            }

            var isDigit = char.IsAsciiDigit(c);
            if (start >= 0 && !touchesDigit && !isDigit && i - start is > 1 and <= LongestWord)
            {
                var word = text[start..i];
                yield return (hasMark ? Compose(word) : word, start > 0 && text[start - 1] is '\'' or '’');
            }

            (start, hasMark, touchesDigit) = (-1, false, isDigit);
        }
    }

    // Cyrillic, Arabic and Latin; full-width letters are left to the folding, as no stemmer knows them.
    private static bool IsLetter(char c) => char.IsAscii(c) ? char.IsAsciiLetter(c) : c is (>= 'ª' and <= '\u024F') or (>= '\u0370' and <= '\u052F') or (>= '\u0590' and <= '\u06FF') && char.IsLetter(c);

    private static string Compose(string word)
    {
        var composed = new char[word.Length];
        var length = 0;
        foreach (var c in word)
        {
            if (length > 0 && Composed.TryGetValue((composed[length - 1], c), out var one))
            {
                composed[length - 1] = one;
            }
            else
            {
                composed[length++] = c;
            }
        }

        return new string(composed, 0, length);
    }

    private static Dictionary<(char Letter, char Mark), char> Compositions()
    {
        var all = new Dictionary<(char, char), char>();
        foreach (var (mark, letters, composed) in ((char, string, string)[])
            [
                ('\u0301', "aeiouyAEIOU", "áéíóúýÁÉÍÓÚ"), ('\u0300', "aeiouAEIOU", "àèìòùÀÈÌÒÙ"), ('\u0302', "aeiouAEIOU", "âêîôûÂÊÎÔÛ"),
                ('\u0308', "aeiouAOUеЕ", "äëïöüÄÖÜёЁ"), ('\u0303', "naoNAO", "ñãõÑÃÕ"), ('\u0327', "cC", "çÇ"), ('\u0306', "иИ", "йЙ"),
            ])
        {
            for (var i = 0; i < letters.Length; i++)
            {
                all[(letters[i], mark)] = composed[i];
            }
        }

        return all;
    }
}
