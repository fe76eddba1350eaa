namespace MemoryMesh.Memory.Extraction;

/// <content>Corrections: what was said is put right in a later message or in the same sentence.</content>
internal sealed partial class Conversation
{
    private static readonly string[][] CorrectionMarks = [["i", "meant"], ["sorry"], ["my", "bad"], ["typo"], ["autocorrect"], ["i", "mean"], ["without", "an"], ["without", "the"], ["with", "an"], ["with", "a", "k"], ["with", "a", "c"], ["correction"], ["misspelled"], ["mistyped"], ["had", "it", "backwards"], ["mixed", "up"], ["got", "it", "wrong"], ["got", "that", "wrong"], ["misread"], ["misremembered"], ["not", "correct"], ["should", "be"], ["should", "have", "been"], ["make", "that"], ["make", "it"], ["wrong"], ["sans"], ["ohne"], ["sin"], ["spelled"], ["spelt"]];

    private bool ReadCorrection(int index, Sentence sentence, List<MemoryCandidate> output)
    {
        var end = sentence.End;
        var marker = false;
        var i = sentence.First;
        while (i < end - 1 && (Slips.Contains(Tokens[i].Lower) && i == sentence.First || Tokens[i].Lower is "quick" or "small" or "update" or "actually" or "sorry" or "oops" or "typo" or "wait" or "no" or "correction" or "hang" or "on" or "hm" or "hmm" or "ah" or "my" or "bad" or "nope" or "scratch" or "that" or "meant" or "i" or "rather" or "a" or "mistake" or "whoops" or "err" or "edit" or "should" or "have" or "said" or "be" or "was" or "it" or "is" or "'s" or "make" or "to" or "write" or "type" or "well" or "not" or "her" or "his" or "their" or "name" or "called" or "spelled" or "c'" or "est" or "es" or "ist" or "perdón" or "quiero" or "decir" or "ich" or "meine" or "pardon" || !Tokens[i].IsWord))
        {
            marker |= Tokens[i].Lower is "actually" or "sorry" or "oops" or "typo" or "correction" or "meant" or "wait" or "whoops" or "mistake" or "scratch" or "perdón" or "pardon" || (Tokens[i].Lower is "no" && i == sentence.First) || Slips.Contains(Tokens[i].Lower);
            i++;
        }

        marker |= Gate.Contains(Tokens, sentence.First, end, CorrectionMarks) >= 0 || (index > 0 && _context.Sentences[index - 1] is var opening && opening.End - opening.First <= 4 && Gate.Contains(Tokens, opening.First, opening.End, CorrectionMarks) >= 0);
        marker |= IsSpelling(sentence) || IsMistyped(index, sentence);
        marker |= index > 0 && _previous.Count > 0 && Tokens[_context.Sentences[index - 1].First].Lower == "not" && _context.Sentences[index - 1].End - _context.Sentences[index - 1].First <= 3;
        for (var k = sentence.First + 1; k < Math.Min(end, sentence.First + 4); k++)
        {
            marker |= Tokens[k].Lower is "actually" or "sorry" or "rather" && (k + 1 >= end || !Tokens[k + 1].IsWord);
        }

        marker |= end - sentence.First <= 4 && _context.Text.AsSpan().Trim() is [.., '*'] or ['*', ..];
        marker |= end - sentence.First <= 4 && Tokens[end - 1].Lower is "actually" or "sorry";
        for (var k = sentence.First; k + 1 < end && !marker && _previous.Count > 0; k++)
        {
            marker = Tokens[k].Lower == "not" && k > sentence.First && !Tokens[k - 1].IsWord && IsContentWord(Tokens[k + 1]) && Earlier.Exists(fact => HasWord(fact.Text, Tokens[k + 1].Text) || HasWord(fact.Text, Tokens[k + 1].Text.TrimEnd('s')));
        }

        i = Math.Min(i, end - 1);
        if (!marker || index == 0 && _previous.Count == 0 || sentence.IsQuestion)
        {
            return false;
        }

        var candidates = Earlier.Concat(index > 0 ? StatedAs(_context.Text[Tokens[_context.Sentences[Math.Max(0, index - 3)].First].Start..Tokens[sentence.First].Start]) : []).Reverse().ToList();
        if (Gate.Contains(Tokens, sentence.First, i, [["her"], ["his"], ["their"]]) >= 0)
        {
            candidates.RemoveAll(c => c.Category != "relationship");
        }

        for (var k = sentence.First; k + 1 < end; k++)
        {
            if (Tokens[k].Lower == "not" && ReplaceNegated(k, sentence, i, candidates) is { } replaced)
            {
                output.Add(replaced);
                return true;
            }
        }

        var dateEnd = SlotReader.Read(_context, "date", i, end, [], out var dateFirst);
        if (dateEnd == dateFirst + 1 && Lexicon.Months.Contains(Tokens[dateFirst].Lower) && candidates.Find(c => c.Category == "date" && Array.Exists(c.Text.Split(' ', '.'), word => Lexicon.Months.Contains(word.ToLowerInvariant()))) is { } monthly)
        {
            // "Gah, AUGUST": the day stays.
            var month = Array.Find(monthly.Text.Split(' ', '.'), word => Lexicon.Months.Contains(word.ToLowerInvariant()))!;
            output.Add(monthly with { Operation = CandidateOperation.Update, Text = monthly.Text.Replace(month, $"{char.ToUpperInvariant(Tokens[dateFirst].Lower[0])}{Tokens[dateFirst].Lower[1..]}", StringComparison.Ordinal), Quote = _context.Quote(sentence.First, end), Confidence = 0.75 });
            return true;
        }

        if (dateEnd > 0 && candidates.Find(c => c.Category == "date" && c.Text.Contains(" is ", StringComparison.Ordinal)) is { } dated)
        {
            output.Add(Corrected(dated, dated.Text[..(dated.Text.LastIndexOf(" is ", StringComparison.Ordinal) + 4)], _context.Render(dateFirst, dateEnd), sentence));
            return true;
        }

        for (var k = i + 1; k < end && dateEnd < 0; k++)
        {
            dateEnd = Tokens[k].Kind == TokenKind.Number ? SlotReader.Read(_context, "date", k, end, [], out dateFirst) : -1;
            if (dateEnd > 0 && candidates.Find(c => c.Category == "date" && c.Text.Contains(" is ", StringComparison.Ordinal)) is { } misdated)
            {
                output.Add(Corrected(misdated, misdated.Text[..(misdated.Text.LastIndexOf(" is ", StringComparison.Ordinal) + 4)], _context.Render(dateFirst, dateEnd), sentence));
                return true;
            }
        }

        if (dateEnd > 0 && Redated(dateFirst, dateEnd, candidates) is { } redated)
        {
            output.Add(redated with { Quote = _context.Quote(sentence.First, sentence.End), Confidence = 0.75 });
            return true;
        }

        if (ReadOwnOne(sentence, candidates) is { } own)
        {
            output.Add(own);
            return true;
        }

        if (ReadRefined(i, sentence, candidates) is { } refined)
        {
            output.Add(refined);
            return true;
        }

        var nameEnd = SlotReader.Read(_context, "name", i, end, [], out var nameFirst);
        if (CorrectionReader.Find(_context, sentence.First, end, candidates) is { } corrected)
        {
            output.Add(corrected.Fact with { Operation = CandidateOperation.Update, Text = corrected.Text, Quote = _context.Quote(sentence.First, end), Confidence = 0.75 });
            return true;
        }

        if (ReadRetold(i, sentence, candidates) is { } retold)
        {
            output.Add(retold);
            return true;
        }

        // "Make it shorter" and "actually lose the last bit" put no place right.
        var asks = Gate.Contains(Tokens, sentence.First, end, [["make", "it"], ["make", "that"], ["make", "them"]]) >= 0;
        if (nameEnd < 0 || Lexicon.Pronouns.Contains(Tokens[nameFirst].Lower) || !(Tokens[nameFirst].IsCapitalised || (_context.IsLowerCase && !asks && (nameEnd >= end || !Tokens[nameEnd].IsWord))))
        {
            return false;
        }

        var value = _context.Render(nameFirst, nameEnd);
        foreach (var candidate in candidates)
        {
            var at = candidate.Category switch
            {
                "name" => candidate.Text.LastIndexOf(" is ", StringComparison.Ordinal) + 4,
                "location" => candidate.Text.LastIndexOf(" in ", StringComparison.Ordinal) + 4,
                "employer" => candidate.Text.LastIndexOf(" at ", StringComparison.Ordinal) + 4,
                "relationship" when candidate.Text.Contains(" named ", StringComparison.Ordinal) => candidate.Text.LastIndexOf(" named ", StringComparison.Ordinal) + 7,
                _ => -1,
            };
            if (at > 4)
            {
                output.Add(Corrected(candidate, candidate.Text[..at], value, sentence));
                return true;
            }
        }

        return false;
    }

    /// <summary>"Auditor, actually", "Slovenian*", "he's a rabbit, I mistyped": a word of the same kind as what an earlier fact says.</summary>
    private MemoryCandidate? ReadRetold(int value, Sentence sentence, List<MemoryCandidate> candidates)
    {
        foreach (var candidate in candidates)
        {
            switch (candidate.SlotKey.Split(':')[0])
            {
                case "profession" when candidate.SlotKey == "profession" && SlotReader.Read(_context, "role", value, sentence.End, [], out var first) is var end and > 0:
                    return Corrected(candidate, "User is ", Morphology.WithArticle(_context.Render(first, end)), sentence);
                case "diet" when Lexicon.Diets.Contains(Tokens[value].Lower):
                    return Corrected(candidate, "User is ", Tokens[value].Text, sentence);
                case "language" or "learning" when Lexicon.Languages.Contains(Tokens[value].Lower) && LanguageIn(candidate.Text) is { } said:
                    return candidate with { Operation = CandidateOperation.Update, Text = candidate.Text.Replace(said, Tokens[value].Text, StringComparison.Ordinal), Quote = _context.Quote(sentence.First, sentence.End), Confidence = 0.75 };
                case "relationship" when PetIn(sentence) is { } species && Array.Find(candidate.Text.Split(' ', '.'), word => Lexicon.Pets.Contains(word)) is { } wrong && wrong != species:
                    return candidate with { Operation = CandidateOperation.Update, Text = candidate.Text.Replace($" {wrong}", $" {species}", StringComparison.Ordinal), Quote = _context.Quote(sentence.First, sentence.End), Confidence = 0.75 };
            }
        }

        return null;
    }

    /// <summary>"Wrong Newport, mine's on the Isle of Wight".</summary>
    private MemoryCandidate? ReadOwnOne(Sentence sentence, List<MemoryCandidate> candidates)
    {
        var mine = Gate.Contains(Tokens, sentence.First, sentence.End, [["mine", "is"], ["mine", "'s"], ["ours", "is"], ["ours", "'s"]]);
        if (mine < 0 || mine + 3 >= sentence.End || Tokens[mine + 2].Lower is not ("in" or "on" or "near" or "outside" or "by") || candidates.Find(fact => fact.Category == "location" && Enumerable.Range(sentence.First, mine - sentence.First).Any(i => Tokens[i].IsCapitalised && HasWord(fact.Text, Tokens[i].Text))) is not { } told)
        {
            return null;
        }

        return Corrected(told, told.Text.TrimEnd('.') + " ", _context.Render(mine + 2, SlotReader.Phrase(_context, mine + 2, sentence.End, [])), sentence);
    }

    /// <summary>"No, Newport on the Isle of Wight": the place that was told, told apart from others of its name.</summary>
    private MemoryCandidate? ReadRefined(int value, Sentence sentence, List<MemoryCandidate> candidates)
    {
        if (!Tokens[value].IsCapitalised || candidates.Find(fact => fact.Category == "location" && HasWord(fact.Text, Tokens[value].Text)) is not { } told)
        {
            return null;
        }

        var end = Math.Max(SlotReader.Phrase(_context, value, sentence.End, []), SlotReader.Read(_context, "place", value, sentence.End, [], out _));
        var at = told.Text.IndexOf(Tokens[value].Text, StringComparison.OrdinalIgnoreCase);
        return end - value is > 1 and < 8 ? Corrected(told, told.Text[..at], _context.Render(value, end), sentence) : null;
    }

    private static string? LanguageIn(string text) => Array.Find(text.TrimEnd('.').Split(' '), word => Lexicon.Languages.Contains(word.ToLowerInvariant()));

    private string? PetIn(Sentence sentence)
    {
        for (var i = sentence.First; i < sentence.End; i++)
        {
            if (Lexicon.Pets.Contains(Tokens[i].Lower))
            {
                return Tokens[i].Lower;
            }
        }

        return null;
    }

    /// <summary>"Leeds, not Leicester" replaces what was said before.</summary>
    private MemoryCandidate? ReplaceNegated(int not, Sentence sentence, int value, List<MemoryCandidate> candidates)
    {
        var wrong = Tokens[not + 1];
        if (!IsContentWord(wrong) && wrong.Kind != TokenKind.Number)
        {
            return null;
        }

        foreach (var candidate in candidates)
        {
            var day = wrong.Lower.TrimEnd('s');
            var at = candidate.Text.IndexOf(Lexicon.Days.Contains(day) ? day : wrong.Text, StringComparison.OrdinalIgnoreCase);
            if (at < 0 || value == not + 1)
            {
                continue;
            }

            if (Lexicon.Days.Contains(day) && Tokens.FindIndex(sentence.First, not - sentence.First, token => Lexicon.Days.Contains(token.Lower.TrimEnd('s'))) is var other and >= 0)
            {
                // "Five-a-side's on Thursdays from this month, not Tuesdays".
                return candidate with { Operation = CandidateOperation.Update, Text = candidate.Text[..at] + Tokens[other].Text.TrimEnd('s') + candidate.Text[(at + day.Length)..], Quote = _context.Quote(sentence.First, sentence.End), Confidence = 0.8 };
            }

            var valueEnd = value;
            while (valueEnd < sentence.End && valueEnd < not && Tokens[valueEnd].IsWord)
            {
                valueEnd++;
            }

            if (valueEnd > value && valueEnd - value <= 4)
            {
                return candidate with
                {
                    Operation = CandidateOperation.Update,
                    Text = candidate.Text[..at] + _context.Render(value, valueEnd) + candidate.Text[(at + wrong.Text.Length)..],
                    Quote = _context.Quote(sentence.First, sentence.End),
                    Confidence = 0.8,
                };
            }
        }

        return null;
    }

    /// <summary>"I live in Austin, well, technically Round Rock": the value is mended in the sentence that states it.</summary>
    private void CorrectWithin(List<MemoryCandidate> output)
    {
        foreach (var sentence in _context.Sentences)
        {
            for (var i = sentence.First + 2; i + 2 < sentence.End; i++)
            {
                if (Tokens[i].IsWord || Gate.Contains(Tokens, i + 1, Math.Min(i + 4, sentence.End), SelfCorrections) != i + 1)
                {
                    continue;
                }

                var value = i + 1;
                while (value < sentence.End - 1 && (!Tokens[value].IsWord || Tokens[value].Lower is "well" or "actually" or "sorry" or "i" or "mean" or "or" or "rather" or "make" or "that" or "technically" or "no" or "wait" or "now" or "it" or "is" or "'s" or "strictly" or "speaking" or "scratch" or "in"))
                {
                    value++;
                }

                var end = value;
                while (end < sentence.End && Tokens[end].IsCapitalised)
                {
                    end++;
                }

                if (end == value && Tokens[value].Kind == TokenKind.Number)
                {
                    end = value + 1;
                }

                var before = Tokens[i].Start;
                var wrong = output.FindLast(fact => fact.Quote.Start + fact.Quote.Length <= before + 1 && fact.Quote.Start >= Tokens[sentence.First].Start && fact.Category is "location" or "name" or "employer" or "other" or "date");
                if (end == value || wrong is null || Lexicon.Subjects.Contains(Tokens[value].Lower))
                {
                    continue;
                }

                var words = wrong.Text.TrimEnd('.').Split(' ');
                var first = Array.FindIndex(words, 2, word => char.IsUpper(word[0]) == Tokens[value].IsCapitalised && (Tokens[value].IsCapitalised || char.IsDigit(word[0])));
                if (first < 0)
                {
                    continue;
                }

                var last = first;
                while (last + 1 < words.Length && char.IsUpper(words[last + 1][0]) && char.IsUpper(words[first][0]))
                {
                    last++;
                }

                output.Remove(wrong);
                output.Add(wrong with { Text = string.Join(' ', [.. words[..first], _context.Render(value, end), .. words[(last + 1)..]]) + ".", Quote = _context.Quote(value, end) });
                break;
            }
        }
    }

    private static readonly string[][] SelfCorrections = [["well", ",", "technically"], ["well", "technically"], ["well", ",", "actually"], ["well", "actually"], ["technically"], ["sorry"], ["i", "mean"], ["or", "rather"], ["make", "that"], ["no", "wait"], ["scratch", "that"], ["no", ","], ["actually"]];

    private MemoryCandidate Corrected(MemoryCandidate candidate, string prefix, string value, Sentence sentence) => candidate with
    {
        Operation = CandidateOperation.Update,
        Text = prefix + value + ".",
        Quote = _context.Quote(sentence.First, sentence.End),
        Confidence = 0.8,
    };

    /// <summary>What people cry out who see what they have just written.</summary>
    private static readonly HashSet<string> Slips = ["gah", "argh", "agh", "ugh", "doh", "d'oh", "damn", "dang", "drat", "ack", "aargh", "bah", "close", "nearly", "almost"];

    /// <summary>"Stefan! Autocorrect again", "close! Aaliyah": one short sentence says that another is a slip put right.</summary>
    private bool IsMistyped(int index, Sentence sentence)
    {
        if (index > 0 && _context.Sentences[index - 1] is var cry && cry.First == 0 && Slips.Contains(Tokens[0].Lower) && (cry.End - cry.First <= 3))
        {
            return true;
        }

        return index == 0 && sentence.End - sentence.First <= 3 && Tokens[sentence.First].IsCapitalised && _context.Sentences.Count > 1 && _context.Sentences[1] is var next
            && Gate.Contains(Tokens, next.First, next.End, [["autocorrect"], ["typo"], ["spellcheck"], ["fat", "fingers"], ["fat", "thumbs"], ["my", "keyboard"], ["my", "phone"], ["spelling"]]) >= 0;
    }

    /// <summary>"Steven with a v", "Sara without an h".</summary>
    private bool IsSpelling(Sentence sentence)
    {
        for (var i = sentence.First; i + 1 < sentence.End; i++)
        {
            if (Tokens[i].Lower is "sans" or "ohne" or "sin" && Tokens[i + 1].Lower.Length == 1)
            {
                return true;
            }

            if (i + 2 < sentence.End && Tokens[i].Lower is "with" or "without" && Tokens[i + 1].Lower is "a" or "an" or "one" or "two" or "the" && (Tokens[i + 2].Lower.TrimEnd('s').Length == 1 || Tokens[i + 2].Lower is "ph" or "th" or "ck" or "ch" or "ie" or "ei" or "ll" or "tt" or "nn"))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>"Dad turns 70 on 5 June", then "6 June": the fact with its day put right; null when none names a day of that kind.</summary>
    private MemoryCandidate? Redated(int first, int end, List<MemoryCandidate> candidates)
    {
        if (Tokens.FindIndex(first, end - first, token => Lexicon.Months.Contains(token.Lower)) < 0 || Tokens.FindIndex(first, end - first, token => token.Kind == TokenKind.Number) < 0)
        {
            return null;
        }

        foreach (var candidate in candidates)
        {
            var words = candidate.Text.TrimEnd('.').Split(' ');
            var month = Array.FindIndex(words, word => Lexicon.Months.Contains(word.ToLowerInvariant()));
            if (month > 0 && char.IsAsciiDigit(words[month - 1][0]))
            {
                return candidate with { Operation = CandidateOperation.Update, Text = string.Join(' ', [.. words[..(month - 1)], _context.Render(first, end), .. words[(month + 1)..]]) + "." };
            }
        }

        return null;
    }
}
