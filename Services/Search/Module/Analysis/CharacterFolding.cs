using System.Buffers;
using System.Globalization;
using System.Text;

namespace MemoryMesh.Search.Analysis;

/// <summary>Makes characters that a reader takes for the same the same: compatibility forms (NFKC), accents, half-width and decomposed letters. Case stays.</summary>
/// <remarks>
/// The table is the project's own because the server runs without ICU, where <see cref="string.Normalize()"/> changes nothing. It drops the
/// accents of Latin, Greek and Cyrillic and the vowel points of Arabic and Hebrew; the vowel signs of Indic scripts and the voicing of Japanese
/// stay, because words differ by them.
/// </remarks>
internal static class CharacterFolding
{
    private const char Separator = ' ';
    private static readonly Dictionary<int, string> Replacements = Load();

    /// <summary>The folded text. A lone surrogate becomes a space.</summary>
    public static string Fold(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text;
        }

        var folded = new StringBuilder(text.Length);
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var consumed) != OperationStatus.Done)
            {
                folded.Append(Separator);
            }
            else if (rune.IsAscii)
            {
                folded.Append((char)rune.Value);
            }
            else if (Replacements.TryGetValue(rune.Value, out var replacement))
            {
                foreach (var c in replacement)
                {
                    Append(folded, c);
                }
            }
            else if (rune.IsBmp)
            {
                Append(folded, (char)rune.Value);
            }
            else
            {
                folded.Append(rest[..consumed]);
            }

            rest = rest[consumed..];
        }

        return folded.ToString();
    }

    /// <summary>Appends a character, composed with the one before it where Korean syllables and Japanese voicing marks ask for it.</summary>
    private static void Append(StringBuilder text, char c)
    {
        if (c is >= '\u1161' and <= '\u11C2' or '\u3099' or '\u309A' && text.Length > 0 && Compose(text[^1], c) is { } composed)
        {
            text[^1] = composed;
        }
        else
        {
            text.Append(c);
        }
    }

    private static char? Compose(char last, char mark)
    {
        const int FirstSyllable = 0xAC00;
        const int Finals = 28;
        const int Vowels = 21;
        switch (mark)
        {
            case <= '\u1175' when last is >= '\u1100' and <= '\u1112':
                return (char)(FirstSyllable + ((((last - 0x1100) * Vowels) + (mark - 0x1161)) * Finals));
            case >= '\u11A8' and <= '\u11C2' when last is >= '\uAC00' and <= '\uD7A3' && (last - FirstSyllable) % Finals == 0:
                return (char)(last + (mark - 0x11A7));
            case '\u3099' or '\u309A':
                // Katakana lie 0x60 above Hiragana.
                var hiragana = last >= '\u30A1' ? last - 0x60 : last;
                var canBeHalfVoiced = hiragana is 0x306F or 0x3072 or 0x3075 or 0x3078 or 0x307B;
                if (mark == '\u309A')
                {
                    return canBeHalfVoiced ? (char)(last + 2) : null;
                }

                return hiragana == 0x3046 ? (char)(last + 0x4E)
                    : canBeHalfVoiced || (hiragana is >= 0x304B and <= 0x3061 && (hiragana & 1) == 1) || hiragana is 0x3064 or 0x3066 or 0x3068 ? (char)(last + 1)
                    : null;
            default:
                return null;
        }
    }

    private static Dictionary<int, string> Load()
    {
        using var stream = typeof(CharacterFolding).Assembly.GetManifestResourceStream("MemoryMesh.Search.Analysis.folding.txt")!;
        using var reader = new StreamReader(stream);
        var replacements = new Dictionary<int, string>(6_000);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
            {
                continue;
            }

            var arrow = line.IndexOf('>', StringComparison.Ordinal);
            var dash = line.IndexOf('-', StringComparison.Ordinal);
            var first = Hex(line.AsSpan(0, dash > 0 ? dash : arrow));
            var last = dash > 0 ? Hex(line.AsSpan(dash + 1, arrow - dash - 1)) : first;
            var counts = line.EndsWith('+');
            var codes = line[(arrow + 1)..].TrimEnd('+').Split(' ', StringSplitOptions.RemoveEmptyEntries);
            for (var code = first; code <= last; code++)
            {
                var offset = counts ? code - first : 0;
                replacements[code] = string.Concat(codes.Select(hex => char.ConvertFromUtf32(Hex(hex) + offset)));
            }
        }

        return replacements;
    }

    private static int Hex(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
