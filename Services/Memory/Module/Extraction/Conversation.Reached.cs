namespace MemoryMesh.Memory.Extraction;

/// <content>What was told as a goal or a wish and is reached, or asked for no more.</content>
internal sealed partial class Conversation
{
    private static readonly string[] Completions = ["done", "finished", "completed", "passed", "achieved", "nailed", "smashed", "accomplished", "handed", "submitted"];

    /// <summary>What somebody passes or hands in, so that "passed!" alone tells that it is done.</summary>
    private static readonly string[] Examined = ["drive", "driving", "licence", "license", "exam", "test", "degree", "course", "thesis", "dissertation", "certificate", "certification", "book", "novel", "essay", "phd"];

    /// <summary>"Stop adding them", "graduated!": what was told holds no longer, and nothing takes its place.</summary>
    private void ReadStopped(Sentence sentence, List<MemoryCandidate> output)
    {
        if (_previous.Count == 0 || sentence.IsQuestion || _context.Blocked[sentence.First])
        {
            return;
        }

        List<MemoryCandidate> ended = [];
        var quote = _context.Quote(sentence.First, sentence.End);
        for (var i = sentence.First; i < sentence.End; i++)
        {
            if (Tokens[i].Lower == "stop" && i + 2 < sentence.End && Tokens[i + 1].Lower.EndsWith("ing", StringComparison.Ordinal) && Tokens[i + 1].Lower.Length > 5 && Tokens[i + 2].Lower is "them" or "it" or "that" or "those")
            {
                var stem = Tokens[i + 1].Lower[..^3];
                ended.AddRange(Earlier.FindAll(fact => fact.Category == "style" && (HasWord(fact.Text, stem) || HasWord(fact.Text, stem + "e"))));
            }
            else if (Tokens[i].Lower is "scrap" or "ditch" or "drop" or "lose" or "skip" or "enough" or "bin" && i + 2 < sentence.End && Tokens[i + 1].Lower is "the" or "with" or "those" && (i == sentence.First || !Tokens[i - 1].IsWord || Lexicon.Fillers.Contains(Tokens[i - 1].Lower) || Tokens[i - 1].Lower is "please" or "can" or "just"))
            {
                ended.AddRange(Spoken(i + 2, Math.Min(sentence.End, i + 5)).Where(fact => fact.Category == "style"));
            }
            else if (Tokens[i].Lower == "graduated" && (i == sentence.First || Tokens[i - 1].Lower is "i" or "have" or "just" or "finally"))
            {
                ended.AddRange(Earlier.FindAll(fact => fact.SlotKey.StartsWith("education", StringComparison.Ordinal) && !HasWord(fact.Text, "studied")));
            }
        }

        output.AddRange(ended.Select(fact => fact with { Operation = CandidateOperation.Delete, Quote = quote, Confidence = 0.7 }));
    }

    /// <summary>What somebody sits or runs on a day, so that it can be done with.</summary>
    private static readonly string[] Contests = ["triathlon", "marathon", "race", "recital", "viva", "exam", "test", "audition", "interview", "surgery", "defence", "defense", "tournament", "concert", "course", "move", "thesis", "dissertation", "essay", "paper", "manuscript", "portfolio", "assignment", "novel"];

    /// <summary>"My first triathlon is in June", then "triathlon completed": a date told of that is done with.</summary>
    private bool IsContestDone(MemoryCandidate fact)
    {
        if (fact.Category is not ("date" or "event") || Array.Find(Contests, word => HasWord(fact.Text, word)) is not { } contest)
        {
            return false;
        }

        var at = Tokens.FindIndex(0, Math.Min(Tokens.Count, MaxMention), token => token.Lower == contest);
        return at >= 0 && !_context.Blocked[at] && (at == 0 || !(Tokens[at - 1].Lower is "his" or "her" or "their")) && Tokens.FindIndex(Math.Max(0, at - 3), Math.Min(7, Tokens.Count - Math.Max(0, at - 3)), token => Completions.Contains(token.Lower)) >= 0;
    }

    /// <summary>"driving test." of "User has their driving test in May.": what was to come, without its day.</summary>
    private static string Undated(string text)
    {
        var said = Aim(text);
        said = said.StartsWith("has their ", StringComparison.Ordinal) ? said["has their ".Length..] : said;
        foreach (var joint in (ReadOnlySpan<string>)[" is ", " in ", " on "])
        {
            said = said.IndexOf(joint, StringComparison.Ordinal) is var at and > 0 ? said[..at] : said;
        }

        return said + ".";
    }

    /// <summary>A goal of an earlier message, spoken of again as done.</summary>
    private void ReadGoalReached(List<MemoryCandidate> output)
    {
        var isHere = Gate.Contains(Tokens, 0, Math.Min(Tokens.Count, 12), [["it", "is", "here"], ["it", "'s", "here"], ["she", "is", "here"], ["she", "'s", "here"], ["is", "mine"], ["'s", "mine"], ["is", "ours"], ["'s", "ours"], ["it", "arrived"], ["it", "has", "arrived"], ["paid", "cash"]]) >= 0;
        var isBought = isHere || Tokens.Exists(t => t.Lower is "bought" or "booked" or "purchased");
        if (_previous.Count == 0 || !(isBought || Tokens.Exists(t => Completions.Contains(t.Lower)) || Gate.Contains(Tokens, 0, Math.Min(Tokens.Count, MaxMention), [["in", "the", "bag"], ["i", "did", "it"]]) >= 0))
        {
            return;
        }

        var goals = Earlier.Where(g => g.Category == "goal" || IsContestDone(g)).ToList();
        if (goals.Count == 0 && Gate.SkipFillers(Tokens, 0, Tokens.Count) is var opening && Gate.Contains(Tokens, opening, Math.Min(Tokens.Count, opening + 4), [["passed"], ["nailed", "it"], ["smashed", "it"], ["aced", "it"]]) >= 0
            && Earlier.FindAll(g => g.Category is "date" or "event" && Array.Exists(Examined, word => HasWord(g.Text, word))) is [var sat])
        {
            // "Passed!!" of whom one test was told.
            output.Add(sat with { Operation = CandidateOperation.Update, Category = "event", Text = $"User has done it and passed: {Undated(sat.Text)}", Quote = _context.Quote(opening, opening + 1), Confidence = 0.75 });
            return;
        }

        foreach (var goal in goals.Where(g => (!isBought || HasWord(g.Text, "saving") || HasWord(g.Text, "buy") || HasWord(g.Text, "book"))))
        {
            _context.Effort.Steps += Math.Min(Tokens.Count, MaxMention);
            var mention = Tokens.FindIndex(0, Math.Min(Tokens.Count, MaxMention), t => IsContentWord(t) && t.Lower.Length > 3 && HasWord(goal.Text, t.Lower) && t.Lower is not ("user" or "first"));
            if (mention < 0 && goals.Count == 1)
            {
                mention = Array.Exists(Examined, word => HasWord(goal.Text, word)) ? Tokens.FindIndex(0, Math.Min(Tokens.Count, MaxMention), t => t.Lower is "passed" or "handed" or "submitted" or "finished") : -1;
                mention = mention >= 0 ? mention : Tokens.FindIndex(0, Math.Min(Tokens.Count, MaxMention), t => Completions.Contains(t.Lower) && HasWord(goal.Text, t.Lower[..^2]));
            }

            if (mention < 0 && isBought && goals.Count == 1)
            {
                // "We bought her!" of whom one thing was told to be saved for.
                mention = Tokens.FindIndex(0, Math.Min(Tokens.Count, MaxMention) - 1, token => token.Lower is "bought" or "purchased");
                mention = mention >= 0 && Tokens[mention + 1].Lower is "her" or "him" or "it" or "one" or "them" && !_context.Blocked[mention] ? mention : isHere ? Tokens.FindIndex(token => token.Lower is "here" or "mine" or "ours" or "arrived" or "cash") : -1;
            }

            if (mention < 0 || output.Exists(o => o.SlotKey == goal.SlotKey))
            {
                continue;
            }

            var aim = goal.Category is "date" or "event" ? Undated(goal.Text) : goal.Text.IndexOf(" for ", StringComparison.Ordinal) is var at and > 0 ? goal.Text[(at + 5)..] : goal.Text.IndexOf(" to ", StringComparison.Ordinal) is var to and > 0 ? goal.Text[(to + 4)..] : Aim(goal.Text) + ".";
            output.RemoveAll(o => o.Category is "event" or "possession" && HasWord(o.Text, Tokens[mention].Lower));
            output.Add(goal with { Operation = CandidateOperation.Update, Category = "event", Text = isBought && goal.Category == "goal" ? $"User has bought or got it, and no longer saves for it: {aim}" : $"User has done it and finished{(Tokens.Find(t => Completions.Contains(t.Lower)) is { Lower.Length: > 0 } word ? $" ({word.Lower})" : "")}: {aim}", Quote = _context.Quote(mention, mention + 1), Confidence = 0.75 });
        }
    }
}
