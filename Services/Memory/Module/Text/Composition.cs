using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace MemoryMesh.Memory.Text;

/// <summary>Canonical composition (NFC) of what keyboards and clients send apart: letters with combining marks, and Hangul.</summary>
/// <remarks>The product runs in invariant globalization mode, where <see cref="string.Normalize()"/> leaves all but ASCII as it is.</remarks>
internal static class Composition
{
    private const int HangulBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int LeadCount = 19;
    private const int VowelBase = 0x1161;
    private const int VowelCount = 21;
    private const int TailBase = 0x11A7;
    private const int TailCount = 28;

    /// <summary>No character below this composes with the one before it.</summary>
    private const char FirstMark = '\u0300';

    private static readonly (FrozenDictionary<(char, char), char> Pairs, FrozenDictionary<char, byte> Classes) Table = Load();

    /// <summary>The text with marks in canonical order and composed where a composed character exists.</summary>
    public static string Compose(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange(FirstMark, char.MaxValue))
        {
            return text;
        }

        var characters = text.ToCharArray();
        Order(characters);
        var result = new StringBuilder(characters.Length);
        var starter = -1;
        var lastClass = 0;
        foreach (var c in characters)
        {
            var combiningClass = ClassOf(c);
            var blocked = starter < 0 || (result.Length > starter + 1 && (lastClass == 0 || lastClass >= combiningClass));
            if (!blocked && Pair(result[starter], c) is { } composed)
            {
                result[starter] = composed;
                continue;
            }

            if (combiningClass == 0)
            {
                starter = result.Length;
            }

            lastClass = combiningClass;
            result.Append(c);
        }

        return result.ToString();
    }

    private static byte ClassOf(char c) => c < FirstMark ? (byte)0 : Table.Classes.GetValueOrDefault(c);

    private static void Order(char[] characters)
    {
        for (var i = 1; i < characters.Length; i++)
        {
            var combiningClass = ClassOf(characters[i]);
            for (var j = i; combiningClass != 0 && j > 0 && ClassOf(characters[j - 1]) > combiningClass; j--)
            {
                (characters[j - 1], characters[j]) = (characters[j], characters[j - 1]);
            }
        }
    }

    private static char? Pair(char first, char second)
    {
        if (first is >= (char)LeadBase and < (char)(LeadBase + LeadCount) && second is >= (char)VowelBase and < (char)(VowelBase + VowelCount))
        {
            return (char)(HangulBase + ((((first - LeadBase) * VowelCount) + (second - VowelBase)) * TailCount));
        }

        if (first is >= (char)HangulBase and < (char)(HangulBase + (LeadCount * VowelCount * TailCount))
            && (first - HangulBase) % TailCount == 0
            && second is > (char)TailBase and < (char)(TailBase + TailCount))
        {
            return (char)(first + (second - TailBase));
        }

        return Table.Pairs.TryGetValue((first, second), out var composed) ? composed : null;
    }

    private static (FrozenDictionary<(char, char), char> Pairs, FrozenDictionary<char, byte> Classes) Load()
    {
        var pairs = new Dictionary<(char, char), char>();
        var classes = new Dictionary<char, byte>();
        using var reader = new StreamReader(typeof(Composition).Assembly.GetManifestResourceStream("MemoryMesh.Memory.unicode-composition.txt")!);
        while (reader.ReadLine() is { } line)
        {
            var parts = line.Split(' ');
            if (parts[0] == "C")
            {
                pairs[((char)Hex(parts[1]), (char)Hex(parts[2]))] = (char)Hex(parts[3]);
            }
            else if (parts[0] == "K")
            {
                for (var c = Hex(parts[1]); c <= Hex(parts[2]); c++)
                {
                    classes[(char)c] = byte.Parse(parts[3], CultureInfo.InvariantCulture);
                }
            }
        }

        return (pairs.ToFrozenDictionary(), classes.ToFrozenDictionary());
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
