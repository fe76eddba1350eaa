using System.Text;

namespace MemoryMesh.Memory.Text;

/// <summary>The form in which memory texts are kept and compared.</summary>
internal static class MemoryText
{
    private const string TrailingMarks = ".!?。！？,;:…";

    /// <summary>Composed characters (NFC), no space at the ends, every run of white space and control characters as one space.</summary>
    public static string Normalise(string text)
    {
        var composed = Composition.Compose(text);
        var result = new StringBuilder(composed.Length);
        var space = false;
        foreach (var c in composed)
        {
            if (char.IsWhiteSpace(c) || char.IsControl(c))
            {
                space = result.Length > 0;
                continue;
            }

            if (space)
            {
                result.Append(' ');
                space = false;
            }

            result.Append(c);
        }

        return result.ToString();
    }

    /// <summary>The form in which an added text is kept: as it was written when facts are drawn from it, else normalised.</summary>
    public static string ToKeep(string text, bool extract) => extract ? text : Normalise(text);

    /// <summary>What two texts share when they say the same with another case or full stop.</summary>
    public static string Fold(string text)
    {
        var folded = Normalise(text).Replace('’', '\'').ToLowerInvariant();
        var end = folded.Length;
        while (end > 0 && (TrailingMarks.Contains(folded[end - 1], StringComparison.Ordinal) || folded[end - 1] == ' '))
        {
            end--;
        }

        return end == 0 ? folded : folded[..end];
    }

    /// <summary>On one line, so that a text stays one item of a list.</summary>
    public static string OneLine(string text) => Normalise(text);
}
