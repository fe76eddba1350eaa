namespace MemoryMesh.Memory.Extraction;

/// <content>News of what was told before: keys to a new home, a wedding, a birthday, another day, what no longer holds.</content>
internal sealed partial class Conversation
{
    private static readonly string[][] NoLongerHolds =
    [
        ["no", "longer", "holds"], ["no", "longer", "applies"], ["no", "longer", "stands"], ["no", "longer", "true"], ["no", "longer", "the", "case"], ["does", "not", "hold"], ["does", "not", "apply"], ["is", "not", "true", "anymore"],
        ["is", "out", "of", "date"], ["is", "outdated"], ["is", "obsolete"],
    ];

    private void ReadNews(Sentence sentence, List<MemoryCandidate> output)
    {
        if (_previous.Count == 0 || sentence.IsQuestion)
        {
            return;
        }

        ReadNewHome(sentence, output);
        ReadWed(sentence, output);
        ReadBirthday(sentence, output);
        ReadNewDate(sentence, output);
        ReadHoldsNoLonger(sentence, output);
    }

    /// <summary>"Picked up the keys to our new place in Halifax", "we're Antwerp people now": another home than the one told of.</summary>
    private void ReadNewHome(Sentence sentence, List<MemoryCandidate> output)
    {
        if (!Earlier.Exists(fact => fact.SlotKey == "location") || output.Exists(fact => fact.SlotKey == "location"))
        {
            return;
        }

        for (var i = sentence.First; i + 1 < sentence.End; i++)
        {
            if (_context.Blocked[i])
            {
                continue;
            }

            if (Tokens[i].Lower == "keys" && Tokens[i + 1].Lower is "to" or "for")
            {
                var home = Tokens.FindIndex(i + 2, Math.Min(5, sentence.End - i - 2), token => Lexicon.Homes.Contains(token.Lower) || token.Lower is "place" or "home");
                if (home > 0 && home + 2 < sentence.End && Tokens[home + 1].Lower == "in" && SlotReader.Read(_context, "place", home + 2, sentence.End, ["yesterday", "today", "this", "last", "on", "now"], out var first) is var end and > 0)
                {
                    AddHome(i, first, end, output);
                    return;
                }
            }

            if (Tokens[i].Lower is "people" or "folk" or "folks" or "residents" or "dwellers" && i > sentence.First + 1 && Tokens[i - 1].IsCapitalised && Tokens[i + 1].Lower == "now")
            {
                var first = i - 1;
                while (first - 1 > sentence.First && Tokens[first - 1].IsCapitalised && !Lexicon.Subjects.Contains(Tokens[first - 1].Lower))
                {
                    first--;
                }

                if (first - 2 >= sentence.First && Tokens[first - 1].Lower is "are" or "'re" or "am" or "'m" && Lexicon.Subjects.Contains(Tokens[first - 2].Lower))
                {
                    AddHome(first - 2, first, i, output);
                    return;
                }
            }
        }
    }

    private void AddHome(int from, int first, int end, List<MemoryCandidate> output)
        => output.Add(new MemoryCandidate
        {
            Operation = CandidateOperation.Update,
            Text = $"User lives in {_context.Render(first, end)}.",
            Category = "location",
            SlotKey = "location",
            SingleValued = true,
            Quote = _context.Quote(from, end),
            Confidence = 0.75,
            Importance = 0.8,
        });

    /// <summary>"We got married on Friday": the partner told of by name.</summary>
    private void ReadWed(Sentence sentence, List<MemoryCandidate> output)
    {
        var at = Gate.Contains(Tokens, sentence.First, sentence.End, [["we", "got", "married"], ["we", "are", "married", "now"], ["we", "tied", "the", "knot"], ["we", "eloped"], ["we", "are", "engaged"], ["we", "got", "engaged"]]);
        if (at < 0 || _context.Blocked[at] || Earlier.FindAll(fact => fact.Category == "relationship" && fact.Text.Contains(" named ", StringComparison.Ordinal) && Partners.Any(word => HasWord(fact.Text, word))) is not [var partner])
        {
            return;
        }

        var name = partner.Text[(partner.Text.IndexOf(" named ", StringComparison.Ordinal) + 7)..].TrimEnd('.');
        var state = Gate.Contains(Tokens, at, sentence.End, [["engaged"]]) > 0 ? "engaged" : "married";
        output.Add(partner with { Operation = CandidateOperation.Update, Text = $"User is {state} to {name}.", SingleValued = true, Quote = _context.Quote(at, Math.Min(sentence.End, at + 3)), Confidence = 0.8 });
    }

    /// <summary>"Today, his fifth birthday": the age of somebody told of.</summary>
    private void ReadBirthday(Sentence sentence, List<MemoryCandidate> output)
    {
        for (var i = sentence.First + 1; i + 1 < sentence.End; i++)
        {
            if (Tokens[i + 1].Lower != "birthday" || _context.Blocked[i] || ValueOf(Tokens[i].Lower) is not { Kind: ValueKind.Ordinal } age
                || !(Tokens[i - 1].Lower is "his" or "her" or "their" || (i > sentence.First + 1 && Tokens[i - 1].Lower == "'s" && Tokens[i - 2].IsCapitalised))
                || Gate.Contains(Tokens, sentence.First, sentence.End, [["today"], ["yesterday"], ["just", "had"], ["last"], ["celebrated"], ["was"]]) < 0)
            {
                continue;
            }

            var name = Tokens[i - 1].Lower == "'s" ? Tokens[i - 2].Text : "";
            foreach (var fact in Enumerable.Reverse(Earlier))
            {
                // "User's son Teodor is 4."
                var words = fact.Text.TrimEnd('.').Split(' ');
                if (words is ["User's", .., "is", var years] && ValueOf(years.ToLowerInvariant()) is { Kind: ValueKind.Number } told && told.Number < age.Number && (name.Length == 0 || HasWord(fact.Text, name)))
                {
                    words[^1] = age.Number.ToString(System.Globalization.CultureInfo.InvariantCulture);
                    output.Add(fact with { Operation = CandidateOperation.Update, Text = string.Join(' ', words) + ".", Quote = _context.Quote(i - 1, i + 2), Confidence = 0.75 });
                    return;
                }
            }
        }
    }

    /// <summary>"New date! It's 5 September instead": the day that was told.</summary>
    private void ReadNewDate(Sentence sentence, List<MemoryCandidate> output)
    {
        if (Gate.Contains(Tokens, sentence.First, sentence.End, [["instead"]]) < 0 && Gate.Contains(Tokens, 0, sentence.End, [["new", "date"], ["new", "wedding", "date"], ["new", "exam", "date"], ["new", "due", "date"], ["new", "day"], ["date", "changed"], ["date", "has", "changed"], ["date", "moved"]]) < 0)
        {
            return;
        }

        for (var i = sentence.First; i < sentence.End; i++)
        {
            if (_context.Blocked[i] || !(Tokens[i].Kind == TokenKind.Number || Lexicon.Months.Contains(Tokens[i].Lower)) || SlotReader.Read(_context, "date", i, sentence.End, ["instead"], out var first) is not (var end and > 0))
            {
                continue;
            }

            if (Redated(first, end, [.. Enumerable.Reverse(Earlier)]) is { } redated && !output.Exists(fact => fact.SlotKey == redated.SlotKey))
            {
                output.Add(redated with { Quote = _context.Quote(sentence.First, sentence.End), Confidence = 0.75 });
                return;
            }
        }
    }

    /// <summary>"The Mon to Wed thing no longer holds": what is named so has ended.</summary>
    private void ReadHoldsNoLonger(Sentence sentence, List<MemoryCandidate> output)
    {
        if (Gate.Contains(Tokens, sentence.First, sentence.End, NoLongerHolds) is not (var at and > 0) || at == sentence.First || _context.Blocked[at])
        {
            return;
        }

        var first = at - 1;
        while (first > sentence.First && at - first < MostBetween && Tokens[first - 1].IsWord)
        {
            first--;
        }

        var named = Enumerable.Range(first, at - first).Select(i => DayOf(Tokens[i].Lower) ?? (IsContentWord(Tokens[i]) && Tokens[i].Lower is not ("thing" or "bit" or "part" or "rule" or "longer") ? Tokens[i].Lower : null)).OfType<string>().ToList();
        var ended = Earlier.FindAll(fact => named.Count > 0 && named.TrueForAll(word => HasWord(fact.Text, word)) && !output.Exists(other => other.SlotKey == fact.SlotKey));
        if (ended is [var only])
        {
            output.Add(only with { Operation = CandidateOperation.Delete, Quote = _context.Quote(first, at), Confidence = 0.75 });
        }
    }

    private static string? DayOf(string word)
        => word switch
        {
            "mon" => "monday", "tue" or "tues" => "tuesday", "wed" => "wednesday", "thu" or "thurs" => "thursday", "fri" => "friday", "sat" => "saturday", "sun" => "sunday", _ => null,
        };
}
