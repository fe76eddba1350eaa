using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <summary>Keeps a statement about a turn in the user's life, whatever its grammar: "Friday was my last day at the post office", "we found out it's twins".</summary>
internal sealed class EventReader(MessageContext context)
{
    private const int MaxWords = 24;

    private static readonly string[][] Turns =
    [
        ["last", "day", "at"], ["last", "day", "as"], ["first", "day", "at"], ["first", "day", "as"], ["it", "'s", "twins"], ["it", "'s", "a", "girl"], ["it", "'s", "a", "boy"], ["having", "twins"], ["due", "in"], ["was", "born"], ["were", "born"], ["gave", "birth"], ["got", "married"], ["tied", "the", "knot"], ["got", "the", "keys"], ["came", "out", "last"],
        ["book", "came", "out"], ["album", "came", "out"], ["moved", "out"], ["moved", "in", "with"], ["left", "for", "university"], ["left", "for", "college"], ["left", "home"], ["got", "the", "job"], ["got", "my", "results"], ["got", "into"], ["passed", "away"], ["said", "yes"], ["said", "goodbye", "to"], ["had", "to", "put"], ["funeral"], ["new", "job"], ["offer", "accepted"],
        ["accepted", "an", "offer"], ["accepted", "the", "offer"], ["signed", "the", "lease"], ["signed", "a", "contract"], ["my", "divorce"], ["went", "bankrupt"], ["graduated"], ["graduation"], ["got", "my", "licence"], ["got", "my", "license"], ["got", "my", "degree"], ["won", "the"], ["won", "a"], ["got", "accepted"], ["laid", "off"], ["made", "redundant"], ["broke", "up"], ["got", "engaged"],
        ["proposed"], ["we", "lost", "our"], ["we", "lost", "the"], ["burned", "down"], ["burnt", "down"], ["flooded"], ["retired"], ["handed", "in"], ["came", "into", "the", "world"], ["arrived", "on"], ["poetry", "collection"], ["released", "my"], ["launched", "my"], ["opened", "my"], ["opened", "our"],
        ["came", "first"], ["came", "second"], ["came", "third"], ["made", "partner"], ["got", "stolen"], ["was", "stolen"], ["got", "approved"], ["was", "approved"], ["came", "through"], ["got", "accepted"], ["got", "promoted"], ["sold", "yesterday"], ["house", "sold"], ["we", "buried"], ["i", "passed"], ["we", "won"], ["i", "won"],
        ["my", "last", "day"], ["my", "first", "day"], ["on", "the", "way", "in"], ["brought", "home"], ["moved", "out", "on"], ["moving", "out"], ["got", "divorced"], ["became", "an"], ["became", "a"], ["finally", "got", "an"], ["finally", "got", "a"], ["finally", "bought"],
    ];

    /// <summary>Turns that are the user's own though nobody is named: "Twins on the way!".</summary>
    private static readonly string[][] OwnTurns = [["twins", "on", "the", "way"], ["baby", "on", "the", "way"], ["first", "day", "at"], ["last", "day", "at"], ["got", "the", "keys"], ["it", "'s", "official"]];

    private static readonly FrozenSet<string> Others = FrozenSet.ToFrozenSet(["he", "she", "they", "you", "his", "their", "your", "neighbour", "client", "customer", "boss"]);

    /// <summary>"MARRIED!!! me and Oksana, town hall": a shout, and behind it whom it is about.</summary>
    private bool ReadMarried(Sentence sentence, List<MemoryCandidate> output)
    {
        var tokens = context.Tokens;
        var (first, shout) = (sentence.First, sentence.First - 1);
        while (shout >= 0 && tokens[shout].Kind is TokenKind.Terminator or TokenKind.Symbol or TokenKind.NewLine)
        {
            shout--;
        }

        var name = first + 2 < sentence.End && tokens[first].Lower is "me" && tokens[first + 1].Lower == "and" ? first + 2 : first + 2 < sentence.End && tokens[first + 1].Lower == "and" && tokens[first + 2].Lower is "i" or "me" ? first : -1;
        if (name < 0 || shout < 0 || !tokens[name].IsCapitalised || context.Blocked[first] || context.Muted[first] || !(tokens[shout].Lower is "married" or "engaged" or "hitched") || !(shout == 0 || tokens[shout - 1].Lower is "got" or "just" or "we" or "are" or "finally" || !tokens[shout - 1].IsWord))
        {
            return false;
        }

        output.Add(new MemoryCandidate
        {
            Operation = CandidateOperation.Update,
            Text = $"User is {(tokens[shout].Lower == "engaged" ? "engaged" : "married")} to {tokens[name].Text}.",
            Category = "event",
            SlotKey = "relationship:partner",
            SingleValued = true,
            Quote = context.Quote(shout, Math.Max(name, first + 2) + 1),
            Confidence = 0.75,
            Importance = FactWriter.ImportanceOf("relationship"),
        });
        return true;
    }

    /// <summary>Reads a sentence nothing else was read in.</summary>
    public void Read(Sentence sentence, List<MemoryCandidate> output)
    {
        var tokens = context.Tokens;
        if (ReadMarried(sentence, output))
        {
            return;
        }

        if ((sentence.IsQuestion && !context.Blocked[sentence.End - 1]) || sentence.End - sentence.First > MaxWords || context.Muted[sentence.First] || Gate.OpensTask(tokens, sentence)
            || Gate.Contains(tokens, sentence.First, sentence.End, Turns) is not (var turn and >= 0) || context.Blocked[turn])
        {
            return;
        }

        var first = Gate.SkipFillers(tokens, sentence.First, sentence.End);
        var end = turn;
        while (end < sentence.End && !context.Blocked[end])
        {
            end++;
        }

        while (end > turn && !tokens[end - 1].IsWord)
        {
            end--;
        }

        sentence = sentence with { End = end };
        var mine = tokens[turn].Lower is "it" or "we" || Gate.Contains(tokens, first, sentence.End, OwnTurns) == first || (tokens[first].Lower == "baby" && tokens[first + 1].IsCapitalised);
        for (var i = first; i < sentence.End; i++)
        {
            if (context.Blocked[i] || (i <= turn && Others.Contains(tokens[i].Lower)))
            {
                return;
            }

            mine |= tokens[i].Lower is "i" or "we" or "my" or "our";
        }

        if (!mine)
        {
            return;
        }

        var text = tokens[first].Lower switch
        {
            "i" or "we" => "User " + context.Render(first + 1, sentence.End, isVerbPhrase: true),
            "my" or "our" => "User's " + context.Render(first + 1, sentence.End),
            _ => "User's news: " + context.Render(first, sentence.End),
        };
        if (text.Count(c => c == ' ') < 2)
        {
            // "I passed" does not say what.
            return;
        }

        output.Add(new MemoryCandidate
        {
            Operation = CandidateOperation.Add,
            Text = text.TrimEnd('.', ' ') + ".",
            Category = "event",
            SlotKey = "event:" + FactWriter.Key(text[5..]),
            Quote = context.Quote(first, sentence.End),
            Confidence = 0.65,
            Importance = FactWriter.ImportanceOf("event"),
        });
    }
}
