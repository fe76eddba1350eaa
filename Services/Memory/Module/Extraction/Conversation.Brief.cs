namespace MemoryMesh.Memory.Extraction;

/// <content>What a message says in a word or two: who was born, what is over, what somebody goes by.</content>
internal sealed partial class Conversation
{
    /// <summary>"It's a girl!! Marisol, 3.2 kg", "Grandad as of this morning! Rufus, 3.4 kilos", "twins. arrived last night": who was born.</summary>
    private void ReadNewborn(List<MemoryCandidate> output)
    {
        if (Tokens.Count is < 4 or > 60)
        {
            return;
        }

        var grand = Tokens.FindIndex(0, Math.Min(Tokens.Count, 6), token => token.Lower is "grandad" or "granddad" or "grandpa" or "grandfather" or "gran" or "granny" or "grandma" or "nan" or "nana" or "grandmother" or "grandparents");
        for (var i = 0; i + 3 < Tokens.Count; i++)
        {
            if (Tokens[i].IsCapitalised && !Lexicon.Days.Contains(Tokens[i].Lower) && !Lexicon.Months.Contains(Tokens[i].Lower) && Tokens[i + 1].Kind == TokenKind.Comma && Tokens[i + 2].Kind == TokenKind.Number && (Tokens[i + 3].Lower is "kg" or "kilos" or "kilo" or "lb" or "lbs" or "pounds" || Tokens[i + 2].Lower.EndsWith("kg", StringComparison.Ordinal) || Tokens[i + 2].Lower.EndsWith("lb", StringComparison.Ordinal))
                && !_context.Blocked[i] && !Lexicon.Fillers.Contains(Tokens[i].Lower) && (grand >= 0 || Gate.Contains(Tokens, 0, Tokens.Count, [["girl"], ["boy"], ["born"], ["arrived"], ["baby"], ["a", "dad"], ["a", "mum"], ["is", "here"], ["'s", "here"]]) >= 0))
            {
                if (!output.Exists(fact => fact.Category == "relationship" && HasWord(fact.Text, Tokens[i].Text)))
                {
                    var sex = Array.Find(["girl", "boy"], word => Tokens.Exists(token => token.Lower == word));
                    output.RemoveAll(fact => fact.Text.StartsWith("User's news: ", StringComparison.Ordinal));
                    AddNewborn(grand >= 0 ? $"User became a {Tokens[grand].Lower}: {Tokens[i].Text} was born." : $"User has a baby {sex}{(sex is null ? "" : " ")}named {Tokens[i].Text}, just born.", $"relationship:{(grand >= 0 ? "grandchild" : "baby")}:{Tokens[i].Lower}", i, i + 1, output);
                }

                return;
            }
        }

        if (Tokens[0].Lower is "twins" or "triplets" && _context.Sentences.Count > 1 && _context.Sentences[0].End == 1 && Gate.Contains(Tokens, 0, Tokens.Count, [["arrived"], ["born"], ["are", "here"]]) > 0 && !output.Exists(fact => fact.Category == "relationship"))
        {
            AddNewborn($"User's {Tokens[0].Lower} were born.", "relationship:" + Tokens[0].Lower, 0, 1, output);
        }
    }

    private static readonly string[][] Overs = [["is", "over"], ["'s", "over"], ["is", "out"], ["'s", "out"], ["is", "history"], ["'s", "history"], ["is", "gone"], ["'s", "gone"], ["has", "gone"], ["is", "no", "more"], ["no", "more"], ["is", "finished"], ["'s", "finished"]];

    /// <summary>"Keto's over", "coffee's gone altogether": what a sentence opens with and an earlier fact is about has ended.</summary>
    private void ReadOver(Sentence sentence, List<MemoryCandidate> output)
    {
        var first = Gate.SkipFillers(Tokens, sentence.First, sentence.End);
        if (_previous.Count == 0 || sentence.IsQuestion || first + 2 >= sentence.End + 1 || first >= sentence.End || Tokens[first].Lower.Length < 4 || Lexicon.Pronouns.Contains(Tokens[first].Lower) || Gate.Contains(Tokens, first + 1, Math.Min(sentence.End, first + 4), Overs) != first + 1
            || first + 3 < sentence.End && Tokens[first + 3].IsWord && Tokens[first + 3].Lower is not ("altogether" or "completely" or "as" or "since" or "lasted" or "after" or "for" or "more" or "entirely")
            || Tokens.FindIndex(first, sentence.End - first, token => token.Lower is "stock" or "now" or "shop" or "fridge" or "print" or "today" or "back" or "to" or "on") >= 0 || output.Exists(fact => fact.Quote.Overlaps(_context.Quote(first, sentence.End))))
        {
            return;
        }

        if (Earlier.FindAll(fact => fact.Category is "constraint" or "preference" or "interest" && fact.Text.StartsWith("User ", StringComparison.Ordinal) && !fact.Text.Contains(" not ", StringComparison.Ordinal) && HasWord(fact.Text, Tokens[first].Lower)) is { Count: > 0 } ended)
        {
            AddEnded($"User no longer has or does this: {_context.Render(first, first + 1)}.", ended, ended[0].Category, first, sentence.End, output);
        }
    }

    /// <summary>"It's Maximilian on paper. Max, please": the name somebody goes by.</summary>
    private void ReadShortName(List<MemoryCandidate> output)
    {
        if (!output.Exists(fact => fact is { SlotKey: "name", Operation: not CandidateOperation.Delete }))
        {
            return;
        }

        foreach (var sentence in _context.Sentences)
        {
            if (sentence.End - sentence.First == 3 && !sentence.IsQuestion && Tokens[sentence.First].IsCapitalised && Tokens[sentence.First + 1].Kind == TokenKind.Comma && Tokens[sentence.First + 2].Lower == "please" && sentence.First > 0 && !Lexicon.NotNames.Contains(Tokens[sentence.First].Lower) && !Lexicon.Fillers.Contains(Tokens[sentence.First].Lower))
            {
                output.Add(new MemoryCandidate { Operation = CandidateOperation.Add, Text = $"User goes by {Tokens[sentence.First].Text}.", Category = "name", SlotKey = "name:short", SingleValued = true, Quote = _context.Quote(sentence.First, sentence.First + 1), Confidence = 0.75, Importance = FactWriter.ImportanceOf("name") });
                return;
            }
        }
    }

    /// <summary>"Left them, I'm a porter at the hospital now": where somebody works now ends where they worked.</summary>
    private void ReadNewFirm(List<MemoryCandidate> output)
    {
        if (_previous.Count > 0 && !output.Exists(fact => fact.SlotKey == "employer") && output.Find(fact => fact is { SlotKey: "profession", Operation: not CandidateOperation.Delete } && fact.Text.Contains(" at ", StringComparison.Ordinal)) is { } taken
            && Gate.Contains(Tokens, 0, Math.Min(Tokens.Count, MaxMention), [["left"], ["as", "of"], ["now"], ["these", "days"], ["new", "job"], ["quit"], ["switched"], ["moved"], ["since"]]) >= 0)
        {
            output.AddRange(Earlier.Where(fact => fact.SlotKey == "employer" && !taken.Text.Contains(fact.Text["User works at ".Length..].TrimEnd('.'), StringComparison.OrdinalIgnoreCase)).Select(fact => fact with { Operation = CandidateOperation.Delete, Quote = taken.Quote }).ToList());
        }
    }

    private void AddNewborn(string text, string slot, int first, int end, List<MemoryCandidate> output)
        => output.Add(new MemoryCandidate { Operation = CandidateOperation.Add, Text = text, Category = "relationship", SlotKey = slot, Quote = _context.Quote(first, end), Confidence = 0.75, Importance = FactWriter.ImportanceOf("relationship") });
}
