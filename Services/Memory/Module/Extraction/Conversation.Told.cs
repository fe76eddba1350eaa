using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <content>What is told in several short sentences, or only by what was told before: counts that change, a child that is born, a test that is passed.</content>
internal sealed partial class Conversation
{
    /// <summary>"We're down to four hens", "so three hives now": what was told of a number of things has another number.</summary>
    private void ReadCounted(Sentence sentence, List<MemoryCandidate> output)
    {
        for (var i = sentence.First; i + 1 < sentence.End && _previous.Count > 0 && !sentence.IsQuestion; i++)
        {
            var isNumber = Tokens[i].Kind == TokenKind.Number || SlotReader.NumberWord(Tokens[i].Lower);
            if (!isNumber || _context.Blocked[i] || !IsNewCount(i, sentence))
            {
                continue;
            }

            var thing = i + 1;
            while (thing < sentence.End - 1 && thing < i + 3 && !Earlier.Exists(fact => IsCountOf(fact, Tokens[thing].Lower)))
            {
                thing++;
            }

            if (Earlier.FindLast(fact => IsCountOf(fact, Tokens[thing].Lower)) is not { } told)
            {
                continue;
            }

            var words = told.Text.TrimEnd('.').Split(' ');
            var at = Array.FindIndex(words, 1, IsCount);
            if (words[at].Equals(Tokens[i].Text, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            words[at] = Tokens[i].Lower;
            output.RemoveAll(fact => fact.Quote.Overlaps(_context.Quote(i, thing + 1)));
            output.Add(told with { Operation = CandidateOperation.Delete, Quote = _context.Quote(i, thing + 1), Confidence = 0.75 });
            output.Add(told with { Operation = CandidateOperation.Update, Text = string.Join(' ', words) + ".", SlotKey = $"count:{Tokens[thing].Lower}", SingleValued = true, Quote = _context.Quote(i, thing + 1), Confidence = 0.75 });
            return;
        }
    }

    /// <summary>"Down to four", "up to six", "four left", "so three hives now".</summary>
    private bool IsNewCount(int at, Sentence sentence) =>
        at > sentence.First + 1 && Tokens[at - 1].Lower == "to" && Tokens[at - 2].Lower is "down" or "up"
        || at > sentence.First && Tokens[at - 1].Lower is "only" or "just" or "so" or "now" or "makes" or "leaves" && Gate.Contains(Tokens, at + 1, Math.Min(sentence.End, at + 5), [["now"], ["left"], ["these", "days"]]) > 0
        || at > sentence.First + 1 && Tokens[at - 1].Lower is "have" or "keep" or "got" && Gate.Contains(Tokens, at + 1, Math.Min(sentence.End, at + 5), [["now"], ["left"]]) > 0;

    private static bool IsCount(string word) => word.Length > 0 && (char.IsAsciiDigit(word[0]) && word.All(char.IsAsciiDigit) || SlotReader.NumberWord(word.ToLowerInvariant()));

    private static bool IsCountOf(MemoryCandidate fact, string thing) =>
        thing.Length > 2 && Lexicon.IsPlural(thing) && fact.Category is "possession" or "relationship" or "interest" or "other" or "constraint" && HasWord(fact.Text, thing) && Array.Exists(fact.Text.Split(' '), IsCount);

    /// <summary>"We went to Nelson, that's home now": the place named last before it.</summary>
    private void ReadHomeNow(Sentence sentence, List<MemoryCandidate> output)
    {
        var home = Gate.Contains(Tokens, sentence.First, sentence.End, [["that", "is", "home"], ["that", "'s", "home"], ["it", "is", "home"], ["it", "'s", "home"], ["this", "is", "home"], ["which", "is", "home"], ["which", "is", "our", "home"], ["that", "is", "our", "home"]]);
        if (home < 0 || sentence.IsQuestion || _context.Blocked[home] || Gate.Contains(Tokens, home + 3, sentence.End, Nowadays) < 0)
        {
            return;
        }

        for (var i = home - 1; i > 1 && i > home - 16; i--)
        {
            if (Tokens[i].IsCapitalised && !_context.Blocked[i] && Tokens[i - 1].Lower is "to" or "in" or "near" && SlotReader.Read(_context, "place", i, home, [], out var first) is var end and > 0)
            {
                output.Add(new MemoryCandidate { Operation = CandidateOperation.Update, Text = $"User lives in {_context.Render(first, end)}.", Category = "location", SlotKey = "location", SingleValued = true, Quote = _context.Quote(i, home + 3), Confidence = 0.8, Importance = 0.8 });
                return;
            }
        }
    }

    private static readonly string[][] Dismissals = [["let", "me", "go"], ["let", "us", "go"], ["laid", "me", "off"], ["sacked", "me"], ["fired", "me"], ["made", "me", "redundant"], ["went", "bust"], ["went", "under"], ["folded"], ["closed", "down"], ["shut", "down"], ["dropped", "me"]];

    /// <summary>"Tamarack let me go": what was told of the work there ends, however it was put.</summary>
    private void ReadLetGo(List<MemoryCandidate> output)
    {
        if (_previous.Count == 0 || Gate.Contains(Tokens, 0, Math.Min(Tokens.Count, MaxMention), Dismissals) is not (var at and > 0) || _context.Blocked[at] || !Tokens[at - 1].IsCapitalised)
        {
            return;
        }

        var isFollowed = output.Exists(fact => fact.Category is "profession" or "employer" && fact.Operation != CandidateOperation.Delete);
        foreach (var fact in Earlier.Where(known => known.Category is "profession" or "employer" or "interest" or "constraint" or "possession" or "other" && HasWord(known.Text, Tokens[at - 1].Text)))
        {
            if (output.Exists(known => known.SlotKey == fact.SlotKey && known.Operation != CandidateOperation.Add))
            {
                continue;
            }

            output.RemoveAll(known => known.Category == "event" && known.SlotKey == "employer" && isFollowed);
            output.Insert(0, isFollowed
                ? fact with { Operation = CandidateOperation.Delete, Quote = _context.Quote(at - 1, at + 1), Confidence = 0.75 }
                : fact with { Operation = CandidateOperation.Update, Category = "event", Text = $"User no longer works there: {Tokens[at - 1].Text} ended it.", Quote = _context.Quote(at - 1, at + 1), Confidence = 0.75 });
        }
    }

    private static readonly FrozenSet<string> BirthWords = FrozenSet.ToFrozenSet(["kilos", "kg", "lb", "lbs", "pounds", "grams", "born", "ounces"]);

    /// <summary>"She's here!! Little Ottilie, Tuesday 3 am, 3.4 kilos": a child is born of whom nothing was told.</summary>
    private void ReadArrival(List<MemoryCandidate> output)
    {
        var arrival = Gate.Contains(Tokens, 0, Math.Min(Tokens.Count, 12), [["she", "is", "here"], ["he", "is", "here"], ["she", "'s", "here"], ["he", "'s", "here"], ["they", "are", "here"], ["she", "has", "arrived"], ["he", "has", "arrived"], ["she", "arrived"], ["he", "arrived"], ["came", "early"], ["baby", "is", "here"], ["baby", "'s", "here"], ["baby", "is", "born"], ["finally", "here"], ["twins"]]);
        if (arrival is < 0 or > 6 || _context.Blocked[arrival] || Tokens.FindIndex(0, Math.Min(Tokens.Count, 60), token => BirthWords.Contains(token.Lower)) < 0 || output.Exists(fact => HasWord(fact.Text, "baby")))
        {
            return;
        }

        for (var i = 0; i + 1 < Math.Min(Tokens.Count, 40); i++)
        {
            var opens = Tokens[i].Kind == TokenKind.Terminator && i >= arrival && i + 2 < Tokens.Count && Tokens[i + 2].Lower is "," or "and" && Tokens[i + 1].Lower is not ("little" or "baby" or "tiny" or "wee");
            if (!opens && Tokens[i].Lower is not ("little" or "baby" or "tiny" or "wee") || !Tokens[i + 1].IsCapitalised || _context.Blocked[i + 1] || SlotReader.Read(_context, "name", i + 1, Tokens.Count, [], out var first) is not (var end and > 0))
            {
                continue;
            }

            var name = _context.Render(first, end);
            if (!output.Exists(fact => HasWord(fact.Text, name)))
            {
                if (end + 1 < Tokens.Count && Tokens[end].Lower == "and" && Tokens[end + 1].IsCapitalised)
                {
                    name += $" and a baby named {Tokens[end + 1].Text}";
                }

                output.Add(new MemoryCandidate { Operation = CandidateOperation.Add, Text = $"User has a baby named {name}, just born.", Category = "relationship", SlotKey = "relationship:child:" + FactWriter.Key(name), Quote = _context.Quote(i, end), Confidence = 0.7, Importance = FactWriter.ImportanceOf("relationship") });
            }

            return;
        }
    }

    /// <summary>"PASSED!!! driving test, fourth go": what is passed stands in the sentence behind.</summary>
    private void ReadPassedAlone(List<MemoryCandidate> output)
    {
        for (var s = 0; s + 1 < Math.Min(_context.Sentences.Count, 4); s++)
        {
            var sentence = _context.Sentences[s];
            var first = Gate.SkipFillers(Tokens, sentence.First, sentence.End);
            var next = _context.Sentences[s + 1];
            if (Tokens[sentence.End - 1].Lower != "passed" || sentence.End - first > 3 || sentence.IsQuestion || next.IsQuestion || _context.Blocked[next.First] || (first < sentence.End - 1 && !Lexicon.Subjects.Contains(Tokens[first].Lower)))
            {
                continue;
            }

            var end = SlotReader.Read(_context, "examined", next.First, next.End, [], out var what);
            if (end > 0 && Tokens[what].Lower is not ("the" or "all" or "unit") && !output.Exists(fact => fact.Quote.Overlaps(_context.Quote(what, end))))
            {
                var rest = Math.Min(next.End, end + 12);

                output.Add(new MemoryCandidate { Operation = CandidateOperation.Add, Text = $"User passed: {_context.Render(what, rest)}.", Category = "event", SlotKey = "event:passed:" + FactWriter.Key(_context.Render(what, end)), Quote = _context.Quote(what, rest), Confidence = 0.7, Importance = FactWriter.ImportanceOf("event") });
            }

            return;
        }
    }

    /// <summary>"Rain. It's what it says on my birth certificate": a word alone is a name by what is said of it.</summary>
    private void ReadNameAlone(List<MemoryCandidate> output)
    {
        if (_context.Sentences.Count < 2 || _context.Sentences[0] is not { First: 0, End: 1, IsQuestion: false } || !Tokens[0].IsCapitalised || output.Exists(fact => fact.Category == "name")
            || Gate.Contains(Tokens, 1, Math.Min(Tokens.Count, 40), [["birth", "certificate"], ["my", "parents", "called"], ["my", "parents", "named"], ["my", "parents", "put"], ["my", "parents", "chose"], ["is", "my", "name"], ["my", "actual", "name"], ["my", "real", "name"], ["on", "my", "passport"]]) is not (var at and > 0) || _context.Sentences.Exists(sentence => sentence.IsQuestion && sentence.First <= at && sentence.End > at))
        {
            return;
        }

        output.Add(new MemoryCandidate { Operation = CandidateOperation.Add, Text = $"User's name is {Tokens[0].Text}.", Category = "name", SlotKey = "name", SingleValued = true, Quote = _context.Quote(0, 1), Confidence = 0.7, Importance = FactWriter.ImportanceOf("name") });
    }

    /// <summary>"I work as a nurse in Leeds" of somebody who told where they live: the town is that of the work.</summary>
    private void KeepHome(List<MemoryCandidate> output)
    {
        for (var i = 0; i < output.Count; i++)
        {
            if (output[i] is { SlotKey: "location", Operation: CandidateOperation.Add } town && town.Text.StartsWith("User is based in ", StringComparison.Ordinal)
                && (_previous.Count > 0 && Earlier.Exists(IsHome) || output.Exists(IsHome)) && !Earlier.Exists(fact => fact.SlotKey == "location" && !IsHome(fact)))
            {
                output[i] = town with { Text = "User works in " + town.Text["User is based in ".Length..], SlotKey = "location:work" };
            }
        }
    }

    private static bool IsHome(MemoryCandidate fact) => fact.SlotKey == "location" && fact.Operation != CandidateOperation.Delete && fact.Text.StartsWith("User lives in ", StringComparison.Ordinal);
}
