using System.Collections.Frozen;

namespace MemoryMesh.Search.Analysis.Languages;

/// <summary>Writes Katakana as Hiragana and traditional Chinese characters in their simplified form, one for one, whatever language they are of.</summary>
/// <remarks>Japanese texts meet themselves all the same, as texts and queries are folded alike.</remarks>
internal static class EastAsianFolding
{
    private const char FirstEastAsian = '\u3041';
    private const int KatakanaAboveHiragana = 0x60;

    private static readonly Lazy<FrozenDictionary<char, char>> Simplified = new(() => LanguageResource.ReadLines("simplified.txt")
        .SelectMany(line => line.Chunk(2))
        .ToFrozenDictionary(pair => pair[0], pair => pair[1]));

    /// <summary>The folded character.</summary>
    public static char Fold(char c) => c switch
    {
        < FirstEastAsian => c,
        >= '\u30A1' and <= '\u30F6' => (char)(c - KatakanaAboveHiragana),
        >= '\u3400' and <= '\u9FFF' => Simplified.Value.GetValueOrDefault(c, c),
        _ => c,
    };

    /// <summary>The folded text; the text itself when nothing is to be folded.</summary>
    public static string Fold(string text)
        => text.AsSpan().IndexOfAnyInRange(FirstEastAsian, '\u9FFF') < 0
            ? text
            : string.Create(text.Length, text, static (folded, original) =>
            {
                for (var i = 0; i < folded.Length; i++)
                {
                    folded[i] = Fold(original[i]);
                }
            });
}
