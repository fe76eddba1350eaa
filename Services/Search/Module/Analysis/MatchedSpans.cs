using System.Text.RegularExpressions;
using MemoryMesh.Search.Analysis.Languages;

namespace MemoryMesh.Search.Analysis;

/// <summary>Finds the words of a text that a query matched.</summary>
internal static partial class MatchedSpans
{
    /// <summary>Most spans of a text.</summary>
    public const int MostSpans = 100;

    private const int LongestWord = 64;

    /// <summary>Spans of matched words, first and length in UTF-16 code units, in the order of the text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="queryTerms">Terms of the query.</param>
    public static IReadOnlyList<(int Start, int Length)> Find(string text, IReadOnlySet<string> queryTerms)
    {
        var spans = new List<(int Start, int Length)>();
        var terms = new List<string>();
        var languages = LanguageGuess.Of(text);
        foreach (var match in Word().EnumerateMatches(text))
        {
            if (spans.Count >= MostSpans)
            {
                break;
            }

            var word = text.AsSpan(match.Index, match.Length);
            if (IsUnspaced(word[0]))
            {
                AddPairs(word, match.Index, queryTerms, spans);
            }
            else if (match.Length <= LongestWord)
            {
                AddWords(word, match.Index, languages, queryTerms, terms, spans);
            }
        }

        return spans;
    }

    /// <summary>Words that signs join are indexed one by one and as a whole: where none of them matched, all of them may have ("e-mail", "C++").</summary>
    private static void AddWords(
        ReadOnlySpan<char> joined, int start, TextLanguages languages, IReadOnlySet<string> queryTerms, List<string> terms, List<(int Start, int Length)> spans)
    {
        var isNameWithSign = joined[0] == '.' || joined[^1] is '+' or '#';
        if (isNameWithSign && Holds(joined, languages, queryTerms, terms))
        {
            spans.Add((start, joined.Length));
            return;
        }

        var before = spans.Count;
        foreach (var part in Part().EnumerateMatches(joined))
        {
            if (spans.Count < MostSpans && Holds(joined.Slice(part.Index, part.Length), languages, queryTerms, terms))
            {
                spans.Add((start + part.Index, part.Length));
            }
        }

        if (spans.Count == before && joined.ContainsAny('.', '-', '_') && Holds(joined, languages, queryTerms, terms))
        {
            spans.Add((start, joined.Length));
        }
    }

    private static bool Holds(ReadOnlySpan<char> word, TextLanguages languages, IReadOnlySet<string> queryTerms, List<string> terms)
    {
        terms.Clear();
        TextAnalyzer.AddTerms(word.ToString(), languages, terms);
        return terms.Exists(queryTerms.Contains);
    }

    /// <summary>A script without spaces is indexed by pairs of neighbours; pairs that overlap are one span.</summary>
    private static void AddPairs(ReadOnlySpan<char> run, int start, IReadOnlySet<string> queryTerms, List<(int Start, int Length)> spans)
    {
        for (var at = 0; at < run.Length && spans.Count < MostSpans; at++)
        {
            var length = at + 1 < run.Length && queryTerms.Contains(Folded(run.Slice(at, 2))) ? 2 : queryTerms.Contains(Folded(run.Slice(at, 1))) ? 1 : 0;
            if (length == 0)
            {
                continue;
            }

            if (spans.Count > 0 && spans[^1].Start + spans[^1].Length >= start + at)
            {
                spans[^1] = (spans[^1].Start, start + at + length - spans[^1].Start);
            }
            else
            {
                spans.Add((start + at, length));
            }
        }
    }

    private static string Folded(ReadOnlySpan<char> characters) => EastAsianFolding.Fold(characters.ToString());

    private static bool IsUnspaced(char c) => c is (>= '\u3040' and <= '\u30FF') or (>= '\u3400' and <= '\u9FFF') or (>= '\uAC00' and <= '\uD7A3');

    private const string WordSigns = @"[\p{L}\p{M}\p{N}-[\u3040-\u30FF\u3400-\u9FFF\uAC00-\uD7A3]]+(?:['’]\p{L}+)?";

    [GeneratedRegex(@"[\u3040-\u30FF\u3400-\u9FFF\uAC00-\uD7A3]+|(?:(?<=^|\s)\.)?" + WordSigns + "(?:[._-]" + WordSigns + @")*(?:\+\+|\#)?")]
    private static partial Regex Word();

    [GeneratedRegex(WordSigns)]
    private static partial Regex Part();
}
