using System.Buffers;
using System.Collections.Frozen;

namespace MemoryMesh.Memory.Text;

/// <summary>Tells cheaply whether a message may speak of what was said before it, so that the messages before it need not be read for most.</summary>
internal static class ContextCues
{
    private const int MostWords = 60;
    private const int MostAnswerWords = 15;
    private const int LongestAnswer = 160;

    /// <summary>What parts of a message stand between.</summary>
    private static readonly SearchValues<char> Marks = SearchValues.Create(".!,;:\n\u2013\u2014");

    private static readonly FrozenSet<string> Cues = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "actually", "hang", "hold", "reflection", "mean", "renamed", "graduated", "handed", "submitted", "vegetarian", "vegan", "stop", "sorry", "oops", "typo", "wait", "correction", "meant", "mistake", "whoops", "scratch", "rather", "instead", "nope",
        "forget", "delete", "erase", "remove", "scrub", "wipe", "drop", "unlearn", "remember", "store", "longer", "anymore", "stopped", "quit", "sold",
        "moved", "change", "changed", "today", "relocated", "broke", "split", "separated", "divorced", "married", "together", "gave", "given", "now", "rehome", "retired", "started", "turned", "meant", "autocorrect", "spelled", "spelt", "misspelled", "mistyped", "not", "done", "finished", "completed", "passed", "achieved", "nailed", "smashed", "accomplished",
        "died", "dead", "lost", "stolen", "gone", "off", "left", "leaving", "jumped", "ditched", "dropped", "binned", "hate", "cancel", "cancelled", "engaged", "single", "promoted", "joined", "accepted", "landed", "resigned", "update", "news",
        "sold", "went", "closed", "shut", "born", "arrived", "early", "calling", "take", "backwards", "swapped", "never", "risen", "raised", "increased", "pushed", "push", "shifted", "extended", "postponed", "delayed", "allergic", "scrap", "enough", "rehomed", "days", "packed", "packing", "jacked", "knocked", "called", "threw", "thrown", "fell", "fallen", "out", "more", "converted", "defected", "migrated", "crossed", "nowadays", "pulled", "bailed", "scrapped", "shelved", "interest", "exchanged", "history",
        "another", "again", "over", "mind", "these", "those", "mine", "ours", "wrong", "new", "switching", "moving", "back", "became", "become", "ex", "last", "make", "call", "cheers",
        "erased", "deleted", "forgot", "removed", "wiped", "kept", "keep", "keeping", "stored", "saved", "recorded", "strike", "grown", "began", "begun", "proposed", "resignation", "notice",
        "gekündigt", "umgezogen", "gezogen", "mudado", "mudé", "mudamos", "dejado", "dejé", "quitté", "déménagé", "emménagé",
        "bought", "replaced", "upgraded", "switched", "swapped", "traded", "she", "he", "her", "him", "his", "they", "them", "it", "that",
        "ya", "mehr", "plus", "ahora", "jetzt", "maintenant", "inzwischen", "já", "perdón", "olvida", "borra", "vergiss", "lösche", "oublie", "efface", "pardon", "ich", "meine");

    /// <summary>Words by which a person takes back or ends something said anywhere, not only in this conversation.</summary>
    private static readonly FrozenSet<string> Endings = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "forget", "delete", "erase", "remove", "scrub", "wipe", "drop", "unlearn", "longer", "anymore", "stopped", "quit", "sold",
        "erased", "deleted", "removed", "wiped", "kept", "strike", "done", "finished", "completed", "passed", "achieved", "olvida", "borra", "vergiss", "lösche", "oublie", "efface");

    /// <summary>Whether it may take back or end what a memory says.</summary>
    public static bool EndsSomething(string text)
    {
        var lookup = Endings.GetAlternateLookup<ReadOnlySpan<char>>();
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && char.IsLetter(text[i]))
            {
                start = start < 0 ? i : start;
            }
            else if (start >= 0)
            {
                if (lookup.Contains(text.AsSpan(start, i - start)))
                {
                    return true;
                }

                start = -1;
            }
        }

        return false;
    }

    /// <summary>Whether it is so short that it may be the answer to a question of the assistant.</summary>
    public static bool MayAnswer(string text)
        => text.Length <= LongestAnswer && text.AsSpan().Count(' ') < MostAnswerWords && !text.AsSpan().TrimEnd().EndsWith('?');

    /// <summary>Whether the messages before it may be needed to understand it.</summary>
    public static bool NeedsContext(string text)
    {
        var words = 0;
        var start = -1;
        var lookup = Cues.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && char.IsLetter(text[i]))
            {
                start = start < 0 ? i : start;
                continue;
            }

            if (start < 0)
            {
                continue;
            }

            words++;
            if (lookup.Contains(text.AsSpan(start, i - start)) || (words == 1 && text.AsSpan(start, i - start).Equals("no", StringComparison.OrdinalIgnoreCase)))
            {
                return true;
            }

            start = -1;
        }

        // "Paramedic, for twelve years" may answer a question, and "a heron happened. nine koi" ends what was told. What only asks does neither.
        return words is > 0 and <= MostWords && !(text.AsSpan().TrimEnd().EndsWith('?') && text.AsSpan().IndexOfAny(Marks) < 0);
    }
}
