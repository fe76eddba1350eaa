using System.Globalization;
using System.Text;
using MemoryMesh.Search.Embedding.Tokenization;

namespace MemoryMesh.Tests.Unit.Embedding;

/// <summary>The algorithm as it is described, step by step over whole strings, to hold the fast tokenizer against.</summary>
internal sealed class PlainTokenizer(Vocabulary vocabulary)
{
    private readonly Dictionary<int, int[]> _decompositions = CharacterTable.ReadDecompositions();
    private readonly Dictionary<string, int> _ids = Enumerable.Range(0, vocabulary.Count).ToDictionary(id => vocabulary[id], StringComparer.Ordinal);

    public List<int> Tokenize(string text)
    {
        var ids = new List<int>();
        var rest = text;
        while (true)
        {
            var next = vocabulary.Specials
                .Select(special => (special.Text, special.Id, At: rest.IndexOf(special.Text, StringComparison.Ordinal)))
                .Where(special => special.At >= 0)
                .OrderBy(special => special.At)
                .FirstOrDefault((Text: "", Id: -1, At: rest.Length));
            ids.AddRange(Words(rest[..next.At]).SelectMany(Pieces));
            if (next.Id < 0)
            {
                return ids;
            }

            ids.Add(next.Id);
            rest = rest[(next.At + next.Text.Length)..];
        }
    }

    private static bool IsPunctuation(int code)
        => (code < 128 && char.IsAscii((char)code) && (char.IsPunctuation((char)code) || char.IsSymbol((char)code)))
            || CharUnicodeInfo.GetUnicodeCategory(code).ToString().EndsWith("Punctuation", StringComparison.Ordinal)
            || CharUnicodeInfo.GetUnicodeCategory(code) is UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation;

    private static bool IsDropped(int code)
        => code is 0 or 0xFFFD || (code is not ('\t' or '\n' or '\r') && CharUnicodeInfo.GetUnicodeCategory(code) is UnicodeCategory.Control
            or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);

    private static bool IsIdeograph(int code)
        => new (int First, int Last)[]
        {
            (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
        }.Any(block => code >= block.First && code <= block.Last);

    private static List<int> Codes(string text)
    {
        var codes = new List<int>();
        for (var index = 0; index < text.Length; index++)
        {
            if (char.IsSurrogatePair(text, Math.Min(index, Math.Max(0, text.Length - 2))) && index < text.Length - 1)
            {
                codes.Add(char.ConvertToUtf32(text[index], text[++index]));
            }
            else if (!char.IsSurrogate(text[index]))
            {
                codes.Add(text[index]);
            }
        }

        return codes;
    }

    private static string Piece(string word, int at, int length) => $"{(at > 0 ? "##" : "")}{word.AsSpan(at, length)}";

    private IEnumerable<int> Decompose(int code)
    {
        if (code is >= 0xAC00 and <= 0xD7A3)
        {
            var index = code - 0xAC00;
            var tail = index % 28;
            return tail == 0 ? [0x1100 + (index / 588), 0x1161 + (index / 28 % 21)] : [0x1100 + (index / 588), 0x1161 + (index / 28 % 21), 0x11A7 + tail];
        }

        return _decompositions.TryGetValue(code, out var parts) ? parts.SelectMany(Decompose) : [code];
    }

    private List<string> Words(string text)
    {
        var cleaned = Codes(text).Where(code => !IsDropped(code)).SelectMany(code => IsIdeograph(code) ? new[] { ' ', code, ' ' } : [code]);
        var stripped = cleaned.SelectMany(Decompose).Where(code => CharUnicodeInfo.GetUnicodeCategory(code) != UnicodeCategory.NonSpacingMark);
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var code in stripped.Select(code => Rune.ToLowerInvariant(new Rune(code)).Value).Append(' '))
        {
            var blank = code is '\t' or '\n' or '\r' || CharUnicodeInfo.GetUnicodeCategory(code) is UnicodeCategory.SpaceSeparator
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            if ((blank || IsPunctuation(code)) && word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }

            if (!blank)
            {
                word.Append(char.ConvertFromUtf32(code));
                if (IsPunctuation(code))
                {
                    words.Add(word.ToString());
                    word.Clear();
                }
            }
        }

        return words;
    }

    private List<int> Pieces(string word)
    {
        var pieces = new List<int>();
        if (word.EnumerateRunes().Count() <= 100)
        {
            for (var at = 0; at < word.Length;)
            {
                var longest = Enumerable.Range(1, word.Length - at).Reverse().FirstOrDefault(length => _ids.ContainsKey(Piece(word, at, length)));
                if (longest == 0)
                {
                    return [vocabulary.Unknown];
                }

                pieces.Add(_ids[Piece(word, at, longest)]);
                at += longest;
            }

            return pieces;
        }

        return [vocabulary.Unknown];
    }
}
