using System.Collections.Frozen;
using System.Globalization;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Memory.Processing;

/// <summary>Tells whether what a fact says stands in what was said.</summary>
/// <remarks>
/// The words of a sentence about a user that carry no information of their own ("user", "lives", "prefers") are left out. Every number of the rest must
/// have been said, and most of its words, in any of their forms: a word counts as said when one of its text begins as it does, up to an ending.
/// </remarks>
internal static class Grounding
{
    /// <summary>Least part of the words that must have been said.</summary>
    private const double LeastPart = 0.6;

    /// <summary>Shortest beginning that two forms of a word share.</summary>
    private const int LeastStem = 3;

    private static readonly FrozenSet<string> Carriers = FrozenSet.Create(
        StringComparer.Ordinal,
        "user", "users", "s", "the", "a", "an", "is", "are", "was", "were", "be", "been", "has", "have", "had", "his", "her", "their", "they", "he", "she", "it", "its", "them",
        "and", "or", "of", "in", "on", "at", "to", "for", "from", "with", "by", "as", "that", "this", "who", "which", "not", "no", "does", "do", "did", "name", "named", "called",
        "live", "lives", "living", "lived", "work", "works", "working", "like", "likes", "love", "loves", "enjoy", "enjoys", "prefer", "prefers", "preferred", "dislike", "dislikes",
        "hate", "hates", "want", "wants", "goal", "plan", "plans", "speak", "speaks", "language", "favorite", "favourite", "interested", "interest", "own", "owns", "currently",
        "responses", "response", "answers", "answer", "person", "very", "also", "about", "into", "than", "longer", "now");

    /// <summary>Whether the fact is grounded.</summary>
    /// <param name="fact">The fact as it would be stored.</param>
    /// <param name="said">What the user said: the message, and those before it.</param>
    public static bool IsGrounded(string fact, IEnumerable<string> said)
    {
        var words = Words(fact).Where(word => !Carriers.Contains(word)).ToList();
        if (words.Count == 0)
        {
            return true;
        }

        var spoken = said.SelectMany(Words).ToHashSet(StringComparer.Ordinal);
        var found = words.Count(word => IsSaid(word, spoken));
        return found >= LeastPart * words.Count && words.TrueForAll(word => !char.IsAsciiDigit(word[0]) || spoken.Contains(word));
    }

    private static readonly FrozenSet<string> Endings = FrozenSet.Create(
        StringComparer.Ordinal,
        "", "s", "es", "d", "ed", "r", "er", "ers", "ing", "ning", "ting", "ping", "ming", "ging", "y", "ies", "ied", "ly", "e", "en", "n", "t", "in", "er's");

    private static bool IsSaid(string word, HashSet<string> spoken)
        => spoken.Contains(word)
            || spoken.Any(other => SharedStart(word, other) is var shared && shared >= LeastStem
                && ((Endings.Contains(word[shared..]) && Endings.Contains(other[shared..])) || shared >= Math.Max(word.Length, other.Length) - 3 && shared > LeastStem));

    private static int SharedStart(string one, string other) => one.AsSpan().CommonPrefixLength(other);

    /// <summary>Runs of letters and digits; of Chinese, Japanese and Korean every character.</summary>
    private static IEnumerable<string> Words(string text)
    {
        var folded = MemoryText.Fold(text);
        var start = -1;
        for (var i = 0; i <= folded.Length; i++)
        {
            var inWord = i < folded.Length && (char.IsLetterOrDigit(folded[i]) || char.GetUnicodeCategory(folded[i]) == UnicodeCategory.NonSpacingMark);
            var single = inWord && folded[i] >= '\u2E80';
            if (start >= 0 && (!inWord || single))
            {
                yield return folded[start..i];
                start = -1;
            }

            if (single)
            {
                yield return folded[i].ToString();
            }
            else if (inWord && start < 0)
            {
                start = i;
            }
        }
    }
}
