using System.Globalization;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Memory.Processing.Orders;

/// <summary>What a sentence is weighed by: its words, those that stand together, and kinds of words that stand near each other.</summary>
internal static class OrderFeatures
{
    /// <summary>Most words of a piece; longer ones are weighed in parts that overlap.</summary>
    private const int MostWords = 80;
    private const int Overlap = 20;

    /// <summary>How far apart two kinds of words may stand.</summary>
    private const int Reach = 6;

    /// <summary>Letters that words of one stem have in common, by and large.</summary>
    private const int Stem = 5;

    private const string Name = "NAME";
    private const string Number = "NUM";
    private const string Address = "ADDR";

    /// <summary>The pieces that a text is weighed by, each as places of weights: the whole of a short text, and its sentences.</summary>
    public static IEnumerable<IReadOnlyCollection<int>> PiecesOf(string text)
    {
        var sentences = Sentences(text);
        if (sentences.Count > 1 && sentences.Sum(sentence => sentence.Count) is <= MostWords)
        {
            yield return PlacesOf(sentences);
        }

        foreach (var sentence in sentences)
        {
            for (var start = 0; start == 0 || start + Overlap < sentence.Count; start += MostWords - Overlap)
            {
                yield return PlacesOf([sentence[start..Math.Min(start + MostWords, sentence.Count)]]);
            }
        }
    }

    /// <summary>The words of each sentence: names, numbers and addresses as what they are, others in lower case.</summary>
    private static List<List<string>> Sentences(string text)
    {
        List<List<string>> sentences = [];
        List<string> words = [];
        foreach (var chunk in text.Split((char[])[' ', '\t', '\u3000'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (IsAddress(chunk))
            {
                words.Add(Address);
                if (chunk[^1] == '.')
                {
                    End();
                }

                continue;
            }

            for (var at = 0; at < chunk.Length;)
            {
                var end = at;
                while (end < chunk.Length && IsOfWord(chunk[end]) && !IsIdeograph(chunk[end]))
                {
                    end++;
                }

                if (end > at)
                {
                    words.Add(WordOf(chunk[at..end], first: words.Count == 0));
                    at = end;
                }
                else if (IsIdeograph(chunk[at]))
                {
                    words.Add(chunk[at++].ToString());
                }
                else if (chunk[at++] is '.' or '!' or '?' or ';' or ':' or '\n' or '。' or '！' or '？' or '；' or '：')
                {
                    End();
                }
            }
        }

        End();
        return sentences;

        void End()
        {
            if (words.Count > 0)
            {
                sentences.Add(words);
                words = [];
            }
        }
    }

    private static bool IsOfWord(char c) => char.IsLetterOrDigit(c) || c is '\'' or '’' or '_' || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark;

    private static bool IsIdeograph(char c) => c is (>= '\u3040' and <= '\u30FF') or (>= '\u4E00' and <= '\u9FFF') or (>= '\uAC00' and <= '\uD7AF');

    private static bool IsAddress(string chunk)
    {
        if (chunk.Contains("://", StringComparison.Ordinal))
        {
            return true;
        }

        for (var at = 1; at < chunk.Length - 2; at++)
        {
            if (chunk[at] == '@' || (chunk[at] == '.' && char.IsAsciiLetterOrDigit(chunk[at - 1]) && char.IsAsciiLetterLower(chunk[at + 1]) && char.IsAsciiLetterLower(chunk[at + 2])))
            {
                return true;
            }
        }

        return false;
    }

    private static string WordOf(string word, bool first)
    {
        var lower = word.Replace('’', '\'').ToLowerInvariant();
        return word.Any(char.IsDigit) ? Number
            : !first && word.Length > 1 && char.IsUpper(word[0]) && OrderWords.Of(lower).Length == 0 ? Name
            : lower;
    }

    private static HashSet<int> PlacesOf(IReadOnlyList<List<string>> sentences)
    {
        HashSet<int> places = [];
        foreach (var words in sentences)
        {
            var kinds = words.ConvertAll(word => word is Name or Number or Address ? [word] : OrderWords.Of(word));
            WordWeights.Add(places, "^", words[0]);
            for (var at = 0; at < words.Count; at++)
            {
                WordWeights.Add(places, "w", words[at]);
                if (words[at].Length > Stem)
                {
                    WordWeights.Add(places, "p", words[at][..Stem]);
                }

                foreach (var kind in kinds[at])
                {
                    WordWeights.Add(places, at == 0 ? "^k" : "k", kind);
                }

                if (at + 1 < words.Count)
                {
                    AddPairs(places, "b", [words[at], .. kinds[at]], [words[at + 1], .. kinds[at + 1]]);
                }

                if (at + 2 < words.Count)
                {
                    WordWeights.Add(places, "t", words[at], words[at + 1], words[at + 2]);
                }

                for (var next = at + 2; next < Math.Min(at + Reach + 1, words.Count); next++)
                {
                    AddPairs(places, "s", kinds[at], kinds[next]);
                }
            }
        }

        return places;
    }

    private static void AddPairs(HashSet<int> places, string mark, string[] before, string[] after)
    {
        foreach (var one in before)
        {
            foreach (var other in after)
            {
                WordWeights.Add(places, mark, one, other);
            }
        }
    }
}
