namespace MemoryMesh.Memory.Extraction;

/// <content>Changes: a thing told of before has another value, place or day.</content>
internal sealed partial class Conversation
{
    /// <summary>"Changed gyms, I go to Bodyworks now": the thing is named, then what it is now.</summary>
    private bool ReadExchanged(Sentence sentence, List<MemoryCandidate> output)
    {
        for (var i = sentence.First; i + 2 < sentence.End && i < sentence.First + 4; i++)
        {
            if (!(Tokens[i].Lower is "changed" or "switched" or "swapped") || _context.Blocked[i])
            {
                continue;
            }

            var marker = $" {Tokens[i + 1].Lower.TrimEnd('s')} is ";
            var value = Tokens.FindIndex(i + 2, sentence.End - i - 2, token => token.IsCapitalised && !Lexicon.Subjects.Contains(token.Lower));
            if (value < 0 || Earlier.FindLast(fact => fact.Text.Contains(marker, StringComparison.OrdinalIgnoreCase)) is not { } old)
            {
                continue;
            }

            var end = value + 1;
            while (end < sentence.End && Tokens[end].IsCapitalised)
            {
                end++;
            }

            var at = old.Text.IndexOf(marker, StringComparison.OrdinalIgnoreCase) + marker.Length;
            output.Add(old with { Operation = CandidateOperation.Update, Text = old.Text[..at] + _context.Render(value, end) + ".", Quote = _context.Quote(i, sentence.End), Confidence = 0.75 });
            return true;
        }

        return false;
    }

    /// <summary>"We've swapped Split for Zadar": what was said of the one holds of the other.</summary>
    private void ReadSwapped(Sentence sentence, List<MemoryCandidate> output)
    {
        for (var i = sentence.First; i + 3 < sentence.End && _previous.Count > 0; i++)
        {
            if (!(Tokens[i].Lower is "swapped" or "traded" or "exchanged" or "left" or "switched") || _context.Blocked[i] || !Tokens[i + 1].IsCapitalised)
            {
                continue;
            }

            var joint = Tokens.FindIndex(i + 2, Math.Min(4, sentence.End - i - 2), token => token.Lower is "for" or "to");
            if (joint < 0 || joint + 1 >= sentence.End || !Tokens[joint + 1].IsCapitalised)
            {
                continue;
            }

            var left = _context.Render(i + 1, joint);
            var end = joint + 1;
            while (end < sentence.End && (Tokens[end].IsCapitalised || Tokens[end].Kind == TokenKind.Number))
            {
                end++;
            }

            var told = Earlier.FindAll(fact => fact.Category is not ("relationship" or "name") && HasWord(fact.Text, left));
            foreach (var fact in told)
            {
                output.Add(fact with { Operation = CandidateOperation.Update, Text = fact.Text.Replace(left, _context.Render(joint + 1, end), StringComparison.OrdinalIgnoreCase), Quote = _context.Quote(i, end), Confidence = 0.75 });
            }

            if (told.Count > 0)
            {
                return;
            }
        }
    }

    /// <summary>"Tiago and I are engaged": the partner told of is more than that now.</summary>
    private void ReadEngaged(Sentence sentence, List<MemoryCandidate> output)
    {
        for (var i = sentence.First; i + 4 < sentence.End && _previous.Count > 0; i++)
        {
            if (Tokens[i].IsCapitalised && Tokens[i + 1].Lower == "and" && Tokens[i + 2].Lower is "i" or "me" && Tokens[i + 3].Lower is "are" or "got" && Tokens[i + 4].Lower is "engaged" or "married" && !_context.Blocked[i + 4]
                && Earlier.Find(fact => fact.Category == "relationship" && Partners.Any(word => HasWord(fact.Text, word)) && fact.Text.EndsWith($" named {Tokens[i].Text}.", StringComparison.Ordinal)) is { } partner)
            {
                output.Add(partner with { Operation = CandidateOperation.Update, Text = $"User is {Tokens[i + 4].Lower} to {Tokens[i].Text}.", SingleValued = true, Quote = _context.Quote(i, i + 5), Confidence = 0.8 });
                return;
            }
        }
    }

    /// <summary>"The office moved to the fifth floor": what was said of a thing changes.</summary>
    private void ReadChanged(Sentence sentence, List<MemoryCandidate> output)
    {
        if (_previous.Count == 0)
        {
            return;
        }

        if (ReadExchanged(sentence, output))
        {
            return;
        }

        for (var i = sentence.First; i + 2 < sentence.End; i++)
        {
            if (_context.Blocked[i] || !(Tokens[i].Lower is "moved" or "changed" or "switched" or "went" or "gone" or "risen" or "dropped" or "increased" or "raised" or "cut" or "pushed" or "push" or "bumped" or "shifted" or "shift" or "extended" or "postponed" or "delayed" or "brought" or "move" or "reschedule" or "rescheduled" or "rebooked"))
            {
                continue;
            }

            var joint = Tokens.FindIndex(i + 1, Math.Min(5, sentence.End - i - 1), token => token.Lower is "to" or "till" or "until");
            if (joint > 0 && joint + 1 < sentence.End && DayMoved(sentence.First, joint, sentence.End) is { } moved)
            {
                output.Add(moved with { Operation = CandidateOperation.Update, Quote = _context.Quote(sentence.First, joint + 2), Confidence = 0.75 });
                return;
            }

            if (joint > 0 && joint + 1 < sentence.End && ThingOf(sentence.First, joint, i) is var (old, at) && old is not null && SlotReader.Phrase(_context, joint + 1, sentence.End, ["now"]) is var end and > 0)
            {
                var preposition = old.Text[at..].StartsWith("on ", StringComparison.Ordinal) ? "on " : old.Text[at..].StartsWith("in ", StringComparison.Ordinal) ? "in " : "";
                output.Add(old with { Operation = CandidateOperation.Update, Text = old.Text[..at] + preposition + _context.Render(joint + 1, end) + ".", Quote = _context.Quote(sentence.First, end), Confidence = 0.75 });
                return;
            }
        }
    }

    /// <summary>"I switched my gym day to Thursday": the fact of the gym with its new day; null when none speaks of a day.</summary>
    private MemoryCandidate? DayMoved(int first, int joint, int end)
    {
        var day = Tokens[joint + 1].Lower is "a" or "the" or "on" && joint + 2 < end ? joint + 2 : joint + 1;
        if (!Lexicon.Days.Contains(Tokens[day].Lower.TrimEnd('s')))
        {
            return null;
        }

        foreach (var fact in Spoken(first, joint))
        {
            if (Array.Find(fact.Text.TrimEnd('.').Split(' '), word => Lexicon.Days.Contains(word.ToLowerInvariant().TrimEnd('s'))) is { } old)
            {
                return fact with { Text = fact.Text.Replace(old, Tokens[day].Text, StringComparison.Ordinal) };
            }
        }

        return null;
    }

    /// <summary>The earlier fact that says what a thing of a range is, and where its value begins: "User's budget is 4k" of "the budget's gone up to".</summary>
    private (MemoryCandidate? Fact, int Value) ThingOf(int first, int end, int verb)
    {
        for (var i = end - 1; i >= first; i--)
        {
            if (Tokens[i].Lower == "it" && SlotReader.Read(_context, "date", end + 1, Math.Min(Tokens.Count, end + 4), [], out _) > 0 && Earlier.FindLast(told => told.Category == "date" && told.Text.Contains(" is ", StringComparison.Ordinal)) is { } dated)
            {
                return (dated, dated.Text.LastIndexOf(" is ", StringComparison.Ordinal) + 4);
            }

            if (i == verb || !IsContentWord(Tokens[i]))
            {
                continue;
            }

            var marker = $" {Tokens[i].Lower} is ";
            if (Earlier.FindLast(fact => fact.Text.Contains(marker, StringComparison.OrdinalIgnoreCase)) is { } fact)
            {
                return (fact, fact.Text.IndexOf(marker, StringComparison.OrdinalIgnoreCase) + marker.Length);
            }
        }

        return (null, -1);
    }

    /// <summary>"We've relocated, it's Braga now".</summary>
    private void ReadMoved(Sentence sentence, List<MemoryCandidate> output)
    {
        var moved = false;
        if (sentence.First > 0 && _previous.Count > 0)
        {
            // "We left Aarhus in May. It's Odense these days."
            for (var i = Math.Max(0, sentence.First - 8); i < sentence.First; i++)
            {
                moved |= Tokens[i].Lower is "left" or "moved" or "relocated";
            }
        }

        for (var i = sentence.First; i + 2 < sentence.End; i++)
        {
            moved |= Tokens[i].Lower is "relocated" or "moved" or "move" || (Tokens[i].Lower == "left" && _previous.Count > 0);
            if (moved && (i == sentence.First || Tokens[i - 1].Kind == TokenKind.Comma) && Tokens[i].IsCapitalised && !_context.Blocked[i] && SlotReader.Read(_context, "place", i, sentence.End, ["now", "these"], out var here) is var stop and > 0 && stop < sentence.End && Tokens[stop].Lower is "now" or "these")
            {
                // "We've left Ghent. Namur now".
                output.Add(new MemoryCandidate { Operation = CandidateOperation.Update, Text = $"User lives in {_context.Render(here, stop)}.", Category = "location", SlotKey = "location", SingleValued = true, Quote = _context.Quote(i, stop), Confidence = 0.8, Importance = 0.8 });
                return;
            }

            if (moved && Tokens[i].Lower == "it" && Tokens[i + 1].Lower is "is" or "'s" && !_context.Blocked[i] && SlotReader.Read(_context, "place", i + 2, sentence.End, ["now", "these"], out var first) is var end and > 0)
            {
                var value = _context.Render(first, end);
                output.Add(new MemoryCandidate { Operation = CandidateOperation.Update, Text = $"User lives in {value}.", Category = "location", SlotKey = "location", SingleValued = true, Quote = _context.Quote(i, end), Confidence = 0.8, Importance = 0.8 });
                return;
            }
        }
    }
}
