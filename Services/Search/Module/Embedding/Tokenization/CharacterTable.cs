using System.Globalization;
using System.Text;

namespace MemoryMesh.Search.Embedding.Tokenization;

/// <summary>What becomes of each character before words are looked up: dropped, a blank, a word of its own, or letters in lower case without accents.</summary>
/// <remarks>
/// The product runs with invariant globalization, where <see cref="string.Normalize()"/> changes nothing; so canonical decompositions come from
/// a table of their own. The canonical order of marks is not restored: nonspacing marks are dropped, and the vocabulary has no other mark.
/// </remarks>
internal sealed class CharacterTable
{
    private const int HangulFirst = 0xAC00;
    private const int HangulLast = 0xD7A3;

    private readonly CharacterKind[] _kinds = new CharacterKind[char.MaxValue + 1];
    private readonly char[] _single = new char[char.MaxValue + 1];
    private readonly Dictionary<int, string> _several = [];
    private readonly Dictionary<int, int[]> _decompositions = ReadDecompositions();

    public CharacterTable()
    {
        for (var code = 0; code <= char.MaxValue; code++)
        {
            _kinds[code] = KindOf(code);
            if (_kinds[code] is CharacterKind.Dropped or CharacterKind.Blank || code is >= HangulFirst and <= HangulLast)
            {
                continue;
            }

            if (_decompositions.ContainsKey(code))
            {
                _several[code] = Fold(code);
            }
            else if (Category(code) == UnicodeCategory.NonSpacingMark)
            {
                _several[code] = "";
            }
            else
            {
                _single[code] = char.ToLowerInvariant((char)code);
            }
        }
    }

    public CharacterKind Kind(int code) => code <= char.MaxValue ? _kinds[code] : KindOf(code);

    /// <summary>The letters a character of kind <see cref="CharacterKind.Word"/> or <see cref="CharacterKind.Single"/> is looked up as; a space
    /// of <paramref name="buffer"/> may hold them, so they are used before the next call. Empty when it is only a mark.</summary>
    /// <param name="code">The code point.</param>
    /// <param name="buffer">At least 8 characters.</param>
    public ReadOnlySpan<char> Folded(int code, Span<char> buffer)
    {
        if (code <= char.MaxValue && _single[code] != 0)
        {
            buffer[0] = _single[code];
            return buffer[..1];
        }

        if (code is >= HangulFirst and <= HangulLast)
        {
            return Jamo(code, buffer);
        }

        if (_several.TryGetValue(code, out var known))
        {
            return known;
        }

        // Astral characters are too many for a table and too rare to need one.
        if (_decompositions.ContainsKey(code))
        {
            return Fold(code);
        }

        var rune = new Rune(code);
        return Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark ? [] : buffer[..Rune.ToLowerInvariant(rune).EncodeToUtf16(buffer)];
    }

    /// <summary>Whether a folded character stands as a word of its own: ASCII signs, and punctuation of any script.</summary>
    public static bool IsPunctuation(int code)
        => code is (>= 33 and <= 47) or (>= 58 and <= 64) or (>= 91 and <= 96) or (>= 123 and <= 126)
            || (code > 127 && Category(code) is UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation
                or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation
                or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation);

    /// <summary>The Unicode blocks the model's authors call Chinese: every character is a word.</summary>
    public static bool IsIdeograph(int code)
        => code is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
            or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B820 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);

    internal static Dictionary<int, int[]> ReadDecompositions()
    {
        using var stream = typeof(CharacterTable).Assembly.GetManifestResourceStream("MemoryMesh.Search.Embedding.canonical-decompositions.txt")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var table = new Dictionary<int, int[]>(2_100);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                var codes = Array.ConvertAll(line.Split(' '), text => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                table[codes[0]] = codes[1..];
            }
        }

        return table;
    }

    private static CharacterKind KindOf(int code)
    {
        if (code is '\t' or '\n' or '\r')
        {
            return CharacterKind.Blank;
        }

        return Category(code) switch
        {
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned => CharacterKind.Dropped,
            UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => CharacterKind.Blank,
            _ when code == 0xFFFD => CharacterKind.Dropped,
            _ when IsIdeograph(code) || IsPunctuation(code) => CharacterKind.Single,
            _ => CharacterKind.Word,
        };
    }

    private static UnicodeCategory Category(int code) => CharUnicodeInfo.GetUnicodeCategory(code);

    private static Span<char> Jamo(int code, Span<char> buffer)
    {
        var index = code - HangulFirst;
        buffer[0] = (char)(0x1100 + (index / 588));
        buffer[1] = (char)(0x1161 + (index % 588 / 28));
        buffer[2] = (char)(0x11A7 + (index % 28));
        return buffer[..(index % 28 == 0 ? 2 : 3)];
    }

    private string Fold(int code)
    {
        var folded = new StringBuilder();
        Append(code, folded);
        return folded.ToString();
    }

    private void Append(int code, StringBuilder folded)
    {
        if (_decompositions.TryGetValue(code, out var parts))
        {
            foreach (var part in parts)
            {
                Append(part, folded);
            }
        }
        else if (Category(code) != UnicodeCategory.NonSpacingMark)
        {
            folded.Append(Rune.ToLowerInvariant(new Rune(code)).ToString());
        }
    }
}

/// <summary>What a character does to the words of a text.</summary>
internal enum CharacterKind : byte
{
    /// <summary>Belongs to a word.</summary>
    Word,

    /// <summary>Not there at all.</summary>
    Dropped,

    /// <summary>Parts words.</summary>
    Blank,

    /// <summary>A word of its own.</summary>
    Single,
}
