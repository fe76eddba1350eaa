using System.Text;

namespace MemoryMesh.ServiceDefaults.Text;

/// <summary>How many tokens of a language model a text is, about.</summary>
public static class TokenEstimate
{
    /// <summary>Counts a Chinese, Japanese or Korean character as one token, and four other characters as one, rounded up.</summary>
    /// <returns>0 for an empty text.</returns>
    public static int Count(string text) => Count(text, 4);

    /// <summary>Counts a Chinese, Japanese or Korean character as one token, and so many others as one, rounded up.</summary>
    /// <param name="text">The text.</param>
    /// <param name="charactersPerToken">At least 1.</param>
    /// <returns>0 for an empty text. Of two texts together never more than the sum.</returns>
    public static int Count(string text, double charactersPerToken)
    {
        // Most texts are ASCII alone, where the length is enough.
        if (Ascii.IsValid(text))
        {
            return (int)Math.Ceiling(text.Length / charactersPerToken);
        }

        var single = 0;
        var other = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsCjk(rune))
            {
                single++;
            }
            else
            {
                other++;
            }
        }

        return single + (int)Math.Ceiling(other / charactersPerToken);
    }

    // Hangul Jamo; CJK radicals to Hangul syllables; compatibility ideographs and forms; half- and full-width forms; the supplementary ideographic planes.
    private static bool IsCjk(Rune rune) => rune.Value is
        (>= 0x1100 and <= 0x11FF) or
        (>= 0x2E80 and <= 0xA4CF) or
        (>= 0xA960 and <= 0xA97F) or
        (>= 0xAC00 and <= 0xD7FF) or
        (>= 0xF900 and <= 0xFAFF) or
        (>= 0xFE30 and <= 0xFE4F) or
        (>= 0xFF00 and <= 0xFFEF) or
        (>= 0x20000 and <= 0x3FFFF);
}
