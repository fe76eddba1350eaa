namespace MemoryMesh.Memory.Extraction;

/// <summary>Reads a message in the light of the earlier ones: names known already, corrections, retractions, goals reached.</summary>
internal sealed class Conversation
{
    private const int MaxPrevious = 12;

    private static readonly string[] Completions = ["done", "finished", "completed", "passed", "achieved", "nailed", "smashed", "accomplished"];

    private readonly MessageContext _context;
    private readonly IReadOnlyList<string> _previous;
    private readonly string? _question;
    private List<MemoryCandidate>? _earlier;

    private Conversation(string text, IReadOnlyList<string> previous, string? question = null)
    {
        _context = new MessageContext(text);
        _previous = previous;
        _question = question;
    }

    private List<Token> Tokens => _context.Tokens;

    /// <summary>Facts of the earlier messages, oldest first; read only when something refers to them.</summary>
    private List<MemoryCandidate> Earlier => _earlier ??= ReadEarlier();

    /// <summary>The facts of a message.</summary>
    /// <param name="request">The message and what was written before it.</param>
    public static IReadOnlyList<MemoryCandidate> Read(ExtractionRequest request)
    {
        var conversation = new Conversation(request.Text, request.PreviousUserMessages, request.Question);
        var facts = conversation.Read();
        return request.SaidAt is { } saidAt ? facts.ConvertAll(fact => conversation.WithEnd(fact, saidAt)) : facts;
    }

    private List<MemoryCandidate> Read()
    {
        var output = ReadReferences();
        var people = KnownPeople();
        var facts = new FactReader(_context, people, Meant(people)).Read();
        facts.RemoveAll(f => output.Exists(o => Overlaps(o.Quote, f.Quote)));
        output.AddRange(facts.Select(Relate));
        if (ChineseReader.Applies(_context.Text) && !Tokens.Exists(token => token.Lower is "system" or "administrator"))
        {
            List<MemoryCandidate> chinese = [];
            new ChineseReader(_context.Text).Read(TextMask.Apply(_context.Text), chinese);
            output.AddRange(chinese.Where(c => !SensitiveText.IsPrivate(c.Text)));
        }

        if (_question is not null && !output.Exists(fact => fact.Quote.Start < _context.Tokens[_context.Sentences[0].End - 1].End))
        {
            AnswerReader.Read(_context, _question, output);
        }

        ReadSignature(output);
        CorrectWithin(output);
        DropEndedJobs(output);
        DropWhatDiedWith(output);
        ReadGoalReached(output);
        return [.. output.OrderBy(c => c.Quote.Start).DistinctBy(c => (c.Operation == CandidateOperation.Delete, c.SlotKey, c.Text))];
    }

    /// <summary>A fact with the end that stands in its quote or in the rest of its clause.</summary>
    private MemoryCandidate WithEnd(MemoryCandidate fact, DateTimeOffset saidAt)
    {
        if (fact.Operation == CandidateOperation.Delete || fact.Category is "name" or "date")
        {
            return fact;
        }

        var first = Tokens.FindIndex(token => token.Start >= fact.Quote.Start);
        if (first < 0)
        {
            return fact;
        }

        var end = first;
        while (end < Tokens.Count && (Tokens[end].Start < fact.Quote.Start + fact.Quote.Length || (Tokens[end].IsWord && Tokens[end].Lower is not ("and" or "but" or "so" or "because"))))
        {
            end++;
        }

        return ExpiryReader.Read(Tokens, first, end, saidAt) is { } expiry ? fact with { ExpiresAt = expiry } : fact;
    }

    private List<MemoryCandidate> ReadEarlier()
    {
        List<MemoryCandidate> facts = [];
        var first = Math.Max(0, _previous.Count - MaxPrevious);
        for (var i = first; i < _previous.Count; i++)
        {
            foreach (var fact in new Conversation(_previous[i], []).Read())
            {
                facts.RemoveAll(f => f.SlotKey == fact.SlotKey && (fact.SingleValued || fact.Operation != CandidateOperation.Add));
                if (fact.Operation != CandidateOperation.Delete)
                {
                    facts.Add(fact);
                }
            }
        }

        return facts;
    }

    private List<Person> KnownPeople()
    {
        List<Person> people = [];
        if (_previous.Count == 0 || !Tokens.Exists(t => t.Kind == TokenKind.Word && t.Text.Length > 1 && (IsPersonal(t.Lower) || MentionedBefore(t.Text))))
        {
            return people;
        }

        foreach (var fact in Earlier)
        {
            var parts = fact.SlotKey.Split(':');
            if (parts.Length == 3 && parts[0] == "relationship" && fact.Text.Contains(" named ", StringComparison.Ordinal))
            {
                people.Add(new Person(parts[1], "", fact.Text[(fact.Text.IndexOf(" named ", StringComparison.Ordinal) + 7)..].TrimEnd('.')));
            }
            else if (parts.Length == 2 && parts[0] == "relationship" && (Lexicon.Family.Contains(parts[1]) || Lexicon.Pets.Contains(parts[1])))
            {
                people.Add(new Person(parts[1], "", null));
            }
        }

        return people;
    }

    /// <summary>Whom "he", "she" or "they" means, when the message opens with it and somebody was told of before.</summary>
    private Person? Meant(List<Person> people)
    {
        var pronoun = Tokens.FindIndex(token => IsPersonal(token.Lower));
        return pronoun < 0 ? null : people.FindLast(person => RelationReader.CanMean(Tokens[pronoun].Lower, Lexicon.Singular(person.Relation)));
    }

    private static bool IsPersonal(string word) => word is "he" or "she" or "they" or "his" or "her";

    private bool MentionedBefore(string word) => char.IsUpper(word[0]) && _previous.Skip(Math.Max(0, _previous.Count - MaxPrevious)).Any(p => p.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>Sentences that speak about what was said before: "forget ...", "I meant ...", "no longer ...", "that's where I live".</summary>
    private List<MemoryCandidate> ReadReferences()
    {
        List<MemoryCandidate> output = [];
        for (var s = 0; s < _context.Sentences.Count; s++)
        {
            var sentence = _context.Sentences[s];
            var first = Gate.SkipFillers(Tokens, sentence.First, sentence.End);
            while (first < sentence.End - 1 && Tokens[first].Lower is "please" or "can" or "could" or "you" or "just" or "kindly" or "i" && (Tokens[first].Lower != "i" || Tokens[first + 1].Lower is "want"))
            {
                first++;
            }

            if (ReadForget(first, sentence, output) || ReadCorrection(s, sentence, output) || ReadAntecedent(s, sentence, output))
            {
                continue;
            }

            ReadBreakUp(sentence, output);
            ReadNoLonger(sentence, output);
            ReadMoved(sentence, output);
            ReadChanged(sentence, output);
            ReadTopic(s, sentence, output);
            ReadProfessionFragment(s, first, sentence, output);
        }

        return output;
    }

    private bool ReadForget(int first, Sentence sentence, List<MemoryCandidate> output)
    {
        var verb = Tokens[first].Lower;
        var isForget = verb is "forget" or "delete" or "erase" or "remove" or "scrub" or "wipe" or "drop" or "unlearn" or "olvida" or "borra" or "vergiss" or "lösche" or "oublie" or "efface";
        var isDoNot = verb == "do" && first + 2 < sentence.End && Tokens[first + 1].Lower == "not" && Tokens[first + 2].Lower is "remember" or "store" or "keep" or "save";
        if (!isForget && !isDoNot)
        {
            return false;
        }

        var isPersonal = false;
        for (var i = first + 1; i < sentence.End; i++)
        {
            isPersonal |= Tokens[i].Lower is "my" or "i" or "me" or "memory" or "memories" or "record" or "records" or "notes" or "file" or "stored" or "about" or "have" or "said" or "told" or "mentioned" or "our" or "que" or "dass" or "mi" or "mein" or "meine" or "mon" or "ma" or "j'";
        }

        // "Don't store that" means what was said last.
        if (_previous.Count > 0 && IsPointing(isDoNot ? first + 3 : first + 1, sentence.End))
        {
            var last = new Conversation(_previous[^1], []).Read();
            output.AddRange(last.Select(fact => fact with { Operation = CandidateOperation.Delete, Quote = _context.Quote(first, sentence.End), Confidence = 0.8 }));
            return last.Count > 0;
        }

        // "Forget the karaoke thing" speaks of what was told before; "delete the second row" of something else.
        if (!isPersonal && (_previous.Count == 0 || !Earlier.Exists(fact => Speaks(fact, first + 1, sentence.End))))
        {
            return false;
        }

        var targets = Resolve(first + 1, sentence.End);
        var quote = _context.Quote(first, sentence.End);
        foreach (var target in targets)
        {
            output.Add(target with { Operation = CandidateOperation.Delete, Quote = quote, Confidence = 0.85 });
        }

        if (targets.Count == 0)
        {
            foreach (var stated in StatedBy(first + 1, sentence.End))
            {
                output.Add(stated with { Operation = CandidateOperation.Delete, Quote = quote, Confidence = 0.7 });
            }
        }

        if (output.Count == 0 && SlotNamedBy(first + 1, sentence.End) is { } slot)
        {
            output.Add(new MemoryCandidate { Operation = CandidateOperation.Delete, Text = $"User asked to forget: {_context.Render(first + 1, sentence.End)}.", Category = slot, SlotKey = slot, Quote = quote, Confidence = 0.6, Importance = 0.5 });
        }

        return true;
    }

    /// <summary>Whether a request names what it means by "that" alone.</summary>
    private bool IsPointing(int first, int end)
    {
        var points = false;
        for (var i = first; i < end; i++)
        {
            points |= Tokens[i].Lower is "that" or "this" or "it" or "last";
            if (!(Tokens[i].Lower is "that" or "this" or "it" or "please" or "about" or "i" or "said" or "just" or "one" or "thing" or "last" or "bit" or "in" or "your" or "memory" or "from" or "again" or "ever" or "told" or "you" || !Tokens[i].IsWord))
            {
                return false;
            }
        }

        return points;
    }

    /// <summary>Earlier facts that the words of a request speak of.</summary>
    private List<MemoryCandidate> Resolve(int first, int end)
    {
        List<MemoryCandidate> found = [];
        var earlier = Earlier;
        found.AddRange(earlier.Where(fact => Speaks(fact, first, end)));

        if (found.Count == 0 && SlotNamedBy(first, end) is { } slot)
        {
            found.AddRange(earlier.Where(f => f.SlotKey == slot || (slot == "profession" && f.SlotKey == "employer") || f.Category == slot || f.SlotKey.StartsWith(slot + ":", StringComparison.Ordinal)));
        }

        if (found.Count == 0)
        {
            foreach (var stated in StatedBy(first, end))
            {
                var same = earlier.Where(f => f.Category == stated.Category).ToList();
                if (same.Count == 1)
                {
                    found.AddRange(same);
                }
            }
        }

        return found;
    }

    private List<MemoryCandidate> Spoken(int first, int end) => Earlier.FindAll(fact => Speaks(fact, first, end));

    /// <summary>Whether words of a range speak of a fact.</summary>
    private bool Speaks(MemoryCandidate fact, int first, int end)
    {
        for (var i = first; i < end; i++)
        {
            if (IsContentWord(Tokens[i]) && (HasWord(fact.Text, Tokens[i].Lower) || KindOf(fact.Text) == Tokens[i].Lower || (KindOf(fact.Text) is "motorbike" && Tokens[i].Lower is "motorcycle" or "bike")))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The facts a part of the message would state if it stood alone.</summary>
    private List<MemoryCandidate> StatedBy(int first, int end)
    {
        while (first < end && !(Tokens[first].Lower is "i" or "my" or "we" or "our"))
        {
            first++;
        }

        return first >= end ? [] : new FactReader(new MessageContext(_context.Text[Tokens[first].Start..Tokens[end - 1].End]), []).Read();
    }

    private string? SlotNamedBy(int first, int end)
    {
        for (var i = first; i < end; i++)
        {
            switch (Tokens[i].Lower)
            {
                case "name":
                    return "name";
                case "live" or "address" or "location" or "city" or "town" or "home" or "hometown":
                    return "location";
                case "work" or "employer" or "company" or "workplace":
                    return "employer";
                case "job" or "profession" or "occupation" or "career":
                    return "profession";
                case "birthday" or "birthdate":
                    return "date:birthday";
                case "age" or "old":
                    return "age";
                case "diet":
                    return "diet";
                case "allergy" or "allergies":
                    return "allergy";
                case "budget":
                    return "budget";
            }
        }

        return null;
    }

    private static readonly string[][] CorrectionMarks = [["i", "meant"], ["sorry"], ["my", "bad"], ["typo"], ["autocorrect"], ["i", "mean"], ["without", "an"], ["without", "the"], ["with", "an"], ["with", "a", "k"], ["with", "a", "c"], ["correction"], ["misspelled"], ["mistyped"], ["not", "correct"], ["should", "be"], ["should", "have", "been"], ["spelled"], ["spelt"]];

    private bool ReadCorrection(int index, Sentence sentence, List<MemoryCandidate> output)
    {
        var end = sentence.End;
        var marker = false;
        var i = sentence.First;
        while (i < end - 1 && (Tokens[i].Lower is "actually" or "sorry" or "oops" or "typo" or "wait" or "no" or "correction" or "hang" or "on" or "hm" or "hmm" or "ah" or "my" or "bad" or "nope" or "scratch" or "that" or "meant" or "i" or "rather" or "a" or "mistake" or "whoops" or "err" or "edit" or "should" or "be" or "was" or "it" or "is" or "'s" or "make" or "well" or "not" or "her" or "his" or "their" or "name" or "called" or "spelled" or "perdón" or "quiero" or "decir" or "ich" or "meine" or "pardon" || !Tokens[i].IsWord))
        {
            marker |= Tokens[i].Lower is "actually" or "sorry" or "oops" or "typo" or "correction" or "meant" or "wait" or "whoops" or "mistake" or "scratch" or "perdón" or "pardon" || (Tokens[i].Lower is "no" && i == sentence.First);
            i++;
        }

        marker |= Gate.Contains(Tokens, sentence.First, end, CorrectionMarks) >= 0 || (index > 0 && _context.Sentences[index - 1] is var opening && opening.End - opening.First <= 4 && Gate.Contains(Tokens, opening.First, opening.End, CorrectionMarks) >= 0);
        marker |= end - sentence.First <= 4 && Tokens[end - 1].Lower is "actually" or "sorry";
        for (var k = sentence.First; k + 1 < end && !marker && _previous.Count > 0; k++)
        {
            marker = Tokens[k].Lower == "not" && k > sentence.First && !Tokens[k - 1].IsWord && IsContentWord(Tokens[k + 1]) && Earlier.Exists(fact => HasWord(fact.Text, Tokens[k + 1].Text));
        }

        i = Math.Min(i, end - 1);
        if (!marker || index == 0 && _previous.Count == 0 || sentence.IsQuestion)
        {
            return false;
        }

        var candidates = Earlier.Concat(index > 0 ? new FactReader(new MessageContext(_context.Text[Tokens[_context.Sentences[Math.Max(0, index - 3)].First].Start..Tokens[sentence.First].Start]), []).Read() : []).Reverse().ToList();
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
        if (dateEnd > 0 && candidates.Find(c => c.Category == "date" && c.Text.Contains(" is ", StringComparison.Ordinal)) is { } dated)
        {
            output.Add(Corrected(dated, dated.Text[..(dated.Text.LastIndexOf(" is ", StringComparison.Ordinal) + 4)], _context.Render(dateFirst, dateEnd), sentence));
            return true;
        }

        var nameEnd = SlotReader.Read(_context, "name", i, end, [], out var nameFirst);
        if (CorrectionReader.Find(_context, sentence.First, end, candidates) is { } corrected)
        {
            output.Add(corrected.Fact with { Operation = CandidateOperation.Update, Text = corrected.Text, Quote = _context.Quote(sentence.First, end), Confidence = 0.75 });
            return true;
        }

        if (nameEnd < 0 || !(Tokens[nameFirst].IsCapitalised || _context.IsLowerCase))
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
            var at = candidate.Text.IndexOf(wrong.Text, StringComparison.OrdinalIgnoreCase);
            if (at < 0 || value == not + 1)
            {
                continue;
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

    /// <summary>What was said of a pet or person as living goes with the news of their death; a partner ends being single.</summary>
    private void DropWhatDiedWith(List<MemoryCandidate> output)
    {
        if (_previous.Count == 0)
        {
            return;
        }

        foreach (var fact in output.ToList())
        {
            if (fact is { Category: "event", Operation: CandidateOperation.Update } && fact.SlotKey.StartsWith("relationship:", StringComparison.Ordinal))
            {
                output.AddRange(Earlier.Where(known => known.SlotKey.StartsWith(fact.SlotKey + ":", StringComparison.Ordinal)).Select(known => known with { Operation = CandidateOperation.Delete, Quote = fact.Quote }));
            }
            else if (fact.Category == "relationship" && Partners.Any(word => HasWord(fact.Text, word)) && !fact.Text.Contains("'s ", StringComparison.Ordinal) && Earlier.Find(known => known.SlotKey == "relationship:status" && HasWord(known.Text, "single")) is { } single && !output.Exists(known => known.SlotKey == single.SlotKey))
            {
                output.Insert(0, single with { Operation = CandidateOperation.Delete, Quote = fact.Quote });
            }
        }
    }

    /// <summary>A new job says that the old one ended; "left the café" beside it tells nothing more.</summary>
    private static void DropEndedJobs(List<MemoryCandidate> output)
    {
        if (output.Exists(fact => fact.Category is "profession" or "employer"))
        {
            output.RemoveAll(fact => fact.Category == "event" && fact.SlotKey == "employer" && fact.Text.Split(' ') is [_, "left" or "quit", "the" or "my" or "their", ..]);
        }
    }

    /// <summary>"cheers, Anneliese": the name a message is signed with.</summary>
    private void ReadSignature(List<MemoryCandidate> output)
    {
        var last = Tokens.Count - 1;
        while (last >= 0 && Tokens[last].Kind is TokenKind.Terminator or TokenKind.Symbol or TokenKind.NewLine)
        {
            last--;
        }

        var mark = last - 1;
        while (mark > 0 && Tokens[mark].Kind is TokenKind.Comma or TokenKind.NewLine or TokenKind.Terminator)
        {
            mark--;
        }

        if (mark < 2 || mark == last - 1 || !Tokens[last].IsCapitalised || Tokens[last].IsAcronym || _context.Muted[last] || output.Exists(fact => fact.Category == "name")
            || !(Tokens[mark].Lower is "cheers" or "thanks" or "regards" or "best" or "love" or "sincerely" or "wishes" or "ta" or "hugs" or "xx" or "x") || Lexicon.NotNames.Contains(Tokens[last].Lower) || Tokens[0].Lower is "dear"
            || Lexicon.Fillers.Contains(Tokens[last].Lower) || Lexicon.Days.Contains(Tokens[last].Lower))
        {
            return;
        }

        output.Add(new MemoryCandidate { Operation = CandidateOperation.Add, Text = $"User's name is {_context.Render(last, last + 1)}.", Category = "name", SlotKey = "name", SingleValued = true, Quote = _context.Quote(last, last + 1), Confidence = 0.7, Importance = FactWriter.ImportanceOf("name") });
    }

    /// <summary>"Nora and I broke up", "me and Nora split": the partner is one no longer, and what was said of them goes.</summary>
    private void ReadBreakUp(Sentence sentence, List<MemoryCandidate> output)
    {
        var at = Gate.Contains(Tokens, sentence.First, sentence.End, BreakUps);
        if (at < 0 || _context.Blocked[at] || sentence.IsQuestion)
        {
            return;
        }

        var partners = Earlier.FindAll(fact => fact.Category == "relationship" && Partners.Any(word => HasWord(fact.Text, word)));
        var named = partners.Find(fact => fact.Text.Contains(" named ", StringComparison.Ordinal));
        var name = named?.Text[(named.Text.IndexOf(" named ", StringComparison.Ordinal) + 7)..].TrimEnd('.');
        for (var i = sentence.First; i < at && name is null; i++)
        {
            name = Tokens[i].IsCapitalised && !Lexicon.Subjects.Contains(Tokens[i].Lower) && !Lexicon.Fillers.Contains(Tokens[i].Lower) && !Lexicon.Determiners.Contains(Tokens[i].Lower) ? Tokens[i].Text : null;
        }

        var quote = _context.Quote(sentence.First, at + 2);
        foreach (var fact in partners)
        {
            output.Add(fact with { Operation = CandidateOperation.Delete, Quote = quote, Confidence = 0.75 });
        }

        if (name is not null || partners.Count > 0)
        {
            output.Add(new MemoryCandidate
            {
                Operation = CandidateOperation.Add, Text = $"User and {name ?? "their partner"} split up{(Gate.Contains(Tokens, sentence.First, sentence.End, [["divorced"], ["divorce"]]) >= 0 ? " (divorce)" : "")}.", Category = "event", SlotKey = "relationship:ended" + (name is null ? "" : ":" + FactWriter.Key(name)), Quote = quote, Confidence = 0.75, Importance = FactWriter.ImportanceOf("event"),
            });
        }
    }

    private static readonly string[] Partners = ["girlfriend", "boyfriend", "wife", "husband", "partner", "fiancé", "fiancée", "fiance", "fiancee"];

    private static readonly string[][] BreakUps = [["broke", "up"], ["split", "up"], ["have", "split"], ["separated"], ["are", "divorced"], ["got", "divorced"], ["are", "no", "longer", "together"], ["not", "together", "anymore"], ["called", "off", "the", "engagement"], ["broke", "it", "off"], ["getting", "divorced"], ["getting", "a", "divorce"], ["filed", "for", "divorce"], ["splitting", "up"], ["are", "over"], ["parted", "ways"]];

    private MemoryCandidate Corrected(MemoryCandidate candidate, string prefix, string value, Sentence sentence) => candidate with
    {
        Operation = CandidateOperation.Update,
        Text = prefix + value + ".",
        Quote = _context.Quote(sentence.First, sentence.End),
        Confidence = 0.8,
    };

    /// <summary>"... in Porto? That's where I live": the place stands in the sentence before.</summary>
    private bool ReadAntecedent(int index, Sentence sentence, List<MemoryCandidate> output)
    {
        var asksPlace = Gate.Contains(Tokens, sentence.First, sentence.End, [["where", "i", "live"], ["where", "we", "live"], ["where", "i", "am", "based"], ["where", "i", "am", "from"], ["where", "i", "grew"], ["my", "home", "town"], ["my", "hometown"], ["where", "i", "work"]]) >= 0;
        var asksName = Gate.Contains(Tokens, sentence.First, sentence.End, [["my", "actual", "name"], ["my", "real", "name"], ["that", "'s", "my", "name"], ["my", "name", "yes"], ["is", "my", "name"]]) >= 0;
        if (index == 0 || !(asksPlace || asksName) || !(Gate.Contains(Tokens, sentence.First, sentence.End, [["that"], ["it"], ["which"], ["this"]]) >= 0))
        {
            return false;
        }

        var before = _context.Sentences[index - 1];
        for (var i = before.End - 1; i >= before.First; i--)
        {
            if (!Tokens[i].IsCapitalised || (i == before.First && asksPlace) || Lexicon.Subjects.Contains(Tokens[i].Lower))
            {
                continue;
            }

            while (i - 1 > before.First && Tokens[i - 1].IsCapitalised && !Lexicon.Subjects.Contains(Tokens[i - 1].Lower))
            {
                i--;
            }

            var slotEnd = asksPlace ? SlotReader.Read(_context, "place", i, before.End, [], out _) : SlotReader.IsBoundary(_context, i + 1, before.End + 1 < Tokens.Count ? before.End + 1 : before.End, i) ? i + 1 : -1;
            if (slotEnd < 0)
            {
                return false;
            }

            var value = _context.Render(i, slotEnd);
            var isOrigin = Gate.Contains(Tokens, sentence.First, sentence.End, [["from"], ["grew"]]) >= 0;
            output.Add(new MemoryCandidate
            {
                Operation = CandidateOperation.Add,
                Text = asksName ? $"User's name is {value}." : isOrigin ? $"User is from {value}." : $"User lives in {value}.",
                Category = asksName ? "name" : "location",
                SlotKey = asksName ? "name" : isOrigin ? "origin" : "location",
                SingleValued = true,
                Quote = _context.Quote(i, sentence.End),
                Confidence = 0.8,
                Importance = FactWriter.ImportanceOf("location"),
            });
            return true;
        }

        return false;
    }

    /// <summary>"I no longer ..." and "I don't ... any more" replace the fact they end.</summary>
    private void ReadNoLonger(Sentence sentence, List<MemoryCandidate> output)
    {
        for (var i = sentence.First; i < sentence.End; i++)
        {
            if (_context.Blocked[i])
            {
                continue;
            }

            var verb = -1;
            var end = -1;
            if (Tokens[i].Lower == "no" && i + 2 < sentence.End && Tokens[i + 1].Lower == "longer")
            {
                verb = i + 2;
                if (i > sentence.First && Tokens[i - 1].Lower is "am" or "are")
                {
                    verb = i - 1;
                }

                end = SlotReader.Phrase(_context, i + 2, sentence.End, []);
            }
            else if (Tokens[i].Lower is "do" or "am" && i + 2 < sentence.End && Tokens[i + 1].Lower == "not" && EndOfAnymore(i, sentence.End) is var stop and > 0)
            {
                verb = Tokens[i].Lower == "am" ? i : i + 2;
                end = stop;
            }
            else if (Tokens[i].Lower is "stopped" or "quit" && i + 1 < sentence.End && Tokens[i + 1].Lower.EndsWith("ing", StringComparison.Ordinal) && (i == sentence.First || Tokens[i - 1].Lower is "i" or "have" or "we" or "just" or "finally"))
            {
                end = SlotReader.Phrase(_context, i, sentence.End, []);
                AddEnded($"User {_context.Render(i, end, isVerbPhrase: true)}.", Resolve(i + 2, end), "preference", i, end, output);
                return;
            }
            else if ((Tokens[i].Lower is "gave" or "given" && i + 2 < sentence.End && Tokens[i + 1].Lower == "up" || Tokens[i].Lower is "quit" or "ditched" or "dropped" && i + 1 < sentence.End && Tokens[i + 1].Lower is not ("my" or "the" or "as")) && _previous.Count > 0 && Spoken(i + 1, SlotReader.Phrase(_context, i + 1, sentence.End, ["and"])) is { Count: > 0 } dropped)
            {
                end = SlotReader.Phrase(_context, i, sentence.End, ["and"]);
                AddEnded($"User {_context.Render(i, end)}.", dropped, "event", i, end, output);
                return;
            }
            else if (Tokens[i].Lower is "sold" && i + 2 < sentence.End && Tokens[i + 1].Lower is "my" or "the" or "our")
            {
                end = SlotReader.Phrase(_context, i, sentence.End, []);
                AddEnded($"User {_context.Render(i, end, isVerbPhrase: true)}.", Resolve(i + 2, end), "possession", i, end, output);
                return;
            }

            if (verb > 0 && end > verb && (verb == sentence.First || !Lexicon.Pronouns.Contains(Tokens[Math.Max(sentence.First, i - 1)].Lower) || Lexicon.Subjects.Contains(Tokens[Math.Max(sentence.First, i - 1)].Lower) || Tokens[i - 1].Lower is "we"))
            {
                var skip = Tokens[verb].Lower is "am" or "are" ? 1 : 0;
                var rest = skip == 1 ? (Tokens[verb + 1].Lower is "not" ? verb + 2 : verb + 3) : verb;
                if (rest >= end || Tokens[rest].Lower is "true" or "valid" or "the" or "correct" or "accurate" or "relevant" or "needed" or "necessary" or "works" or "work" && end == rest + 1)
                {
                    continue;
                }

                var text = skip == 1 ? $"User is no longer {_context.Render(rest, end)}." : $"User no longer {_context.Render(rest, end, isVerbPhrase: true)}.";
                var ended = StatedAs((skip == 1 ? "I am " : "I ") + _context.Text[Tokens[rest].Start..Tokens[end - 1].End]);
                var targets = ended.Count > 0 && _previous.Count == 0 ? ended : Resolve(rest, end) is { Count: > 0 } resolved ? resolved : ended;
                AddEnded(text, targets, "preference", i, end, output);
                return;
            }
        }
    }

    private static List<MemoryCandidate> StatedAs(string text) => new FactReader(new MessageContext(text), []).Read();

    private int EndOfAnymore(int first, int end)
    {
        for (var i = first; i < end && Tokens[i].IsWord; i++)
        {
            if (Tokens[i].Lower is "anymore" || (Tokens[i].Lower == "any" && i + 1 < end && Tokens[i + 1].Lower is "more" or "longer"))
            {
                return i;
            }
        }

        return -1;
    }

    private void AddEnded(string text, List<MemoryCandidate> targets, string category, int first, int end, List<MemoryCandidate> output)
    {
        var quote = _context.Quote(first, end);
        if (SensitiveText.IsPrivate(Tokens, first, end) || SensitiveText.IsSecret(Tokens, first, end))
        {
            return;
        }

        if (targets.Count == 0)
        {
            output.Add(new MemoryCandidate { Operation = CandidateOperation.Update, Text = text, Category = category, SlotKey = "ended:" + FactWriter.Key(text[5..].TrimEnd('.')), Quote = quote, Confidence = 0.7, Importance = 0.5 });
            return;
        }

        output.Add(targets[0] with { Operation = CandidateOperation.Update, Text = text, Quote = quote, Confidence = 0.8 });
        foreach (var other in targets.Skip(1))
        {
            output.Add(other with { Operation = CandidateOperation.Delete, Quote = quote, Confidence = 0.7 });
        }
    }

    /// <summary>"The office moved to the fifth floor": what was said of a thing changes.</summary>
    private void ReadChanged(Sentence sentence, List<MemoryCandidate> output)
    {
        if (_previous.Count == 0)
        {
            return;
        }

        for (var i = sentence.First + 1; i + 2 < sentence.End; i++)
        {
            if (!(Tokens[i].Lower is "moved" or "changed" or "switched" && Tokens[i + 1].Lower == "to") || Lexicon.Pronouns.Contains(Tokens[i - 1].Lower) || _context.Blocked[i])
            {
                continue;
            }

            var end = SlotReader.Phrase(_context, i + 2, sentence.End, ["now"]);
            var marker = $" {Tokens[i - 1].Lower} is ";
            if (end > 0 && Earlier.FindLast(fact => fact.Text.Contains(marker, StringComparison.OrdinalIgnoreCase)) is { } old)
            {
                var at = old.Text.IndexOf(marker, StringComparison.OrdinalIgnoreCase) + marker.Length;
                var preposition = old.Text[at..].StartsWith("on ", StringComparison.Ordinal) ? "on " : old.Text[at..].StartsWith("in ", StringComparison.Ordinal) ? "in " : "";
                output.Add(old with { Operation = CandidateOperation.Update, Text = old.Text[..at] + preposition + _context.Render(i + 2, end) + ".", Quote = _context.Quote(i - 1, end), Confidence = 0.75 });
                return;
            }
        }
    }

    /// <summary>"We've relocated, it's Braga now".</summary>
    private void ReadMoved(Sentence sentence, List<MemoryCandidate> output)
    {
        var moved = false;
        for (var i = sentence.First; i + 2 < sentence.End; i++)
        {
            moved |= Tokens[i].Lower is "relocated" or "moved" or "move";
            if (moved && Tokens[i].Lower == "it" && Tokens[i + 1].Lower is "is" or "'s" && !_context.Blocked[i] && SlotReader.Read(_context, "place", i + 2, sentence.End, ["now"], out var first) is var end and > 0)
            {
                var value = _context.Render(first, end);
                output.Add(new MemoryCandidate { Operation = CandidateOperation.Update, Text = $"User lives in {value}.", Category = "location", SlotKey = "location", SingleValued = true, Quote = _context.Quote(i, end), Confidence = 0.8, Importance = 0.8 });
                return;
            }
        }
    }

    /// <summary>"... but heist movies? love them": the topic is asked, the answer follows.</summary>
    private void ReadTopic(int index, Sentence sentence, List<MemoryCandidate> output)
    {
        var first = Gate.SkipFillers(Tokens, sentence.First, sentence.End);
        if (first < sentence.End - 1 && Lexicon.Subjects.Contains(Tokens[first].Lower))
        {
            first++;
        }

        while (first < sentence.End - 1 && Lexicon.Adverbs.Contains(Tokens[first].Lower))
        {
            first++;
        }

        if (index == 0 || first + 1 >= sentence.End || !_context.Sentences[index - 1].IsQuestion)
        {
            return;
        }

        var verb = Tokens[first].Lower;
        var negated = verb is "can" && first + 3 < sentence.End && Tokens[first + 1].Lower == "not" && Tokens[first + 2].Lower is "stand" && Tokens[first + 3].Lower is "them" or "it";
        if (!negated && !(verb is "love" or "hate" or "adore" or "like" or "loathe" or "despise" or "enjoy" && Tokens[first + 1].Lower is "them" or "it" or "those" or "that"))
        {
            return;
        }

        var before = _context.Sentences[index - 1];
        var start = before.End - 1;
        while (start > before.First && Tokens[start - 1].IsWord && !(Tokens[start - 1].Lower is "but" or "and" or "about"))
        {
            start--;
        }

        if (before.End - start > 4 || Lexicon.Questions.Contains(Tokens[start].Lower))
        {
            return;
        }

        var topic = _context.Render(start, before.End);
        var likes = verb is "love" or "adore" or "like" or "enjoy";
        output.Add(new MemoryCandidate
        {
            Operation = CandidateOperation.Add,
            Text = negated ? $"User can't stand {topic}." : $"User {Morphology.ThirdPerson(verb)} {topic}.",
            Category = likes ? "preference" : "dislike",
            SlotKey = (likes ? "likes:" : "dislikes:") + FactWriter.Key(topic),
            Quote = _context.Quote(start, first + 2),
            Confidence = 0.75,
            Importance = 0.6,
        });
    }

    /// <summary>"Paramedic, going on twelve years": the answer to a question about work.</summary>
    private void ReadProfessionFragment(int index, int first, Sentence sentence, List<MemoryCandidate> output)
    {
        if (index != 0 || sentence.IsQuestion || sentence.IsBullet || _context.Blocked[first] || _previous.Count == 0 || Tokens.Count > 14 || Lexicon.Determiners.Contains(Tokens[first].Lower) && Tokens[first].Lower is not ("a" or "an"))
        {
            return;
        }

        var end = SlotReader.Read(_context, "role", first, sentence.End, [], out var start);
        if (end < 0 || !Lexicon.Professions.Contains(Tokens[end - 1].Lower) || Tokens[end - 1].Lower is "model" or "clean" or "lead" or "cook" or "senior" or "junior" or "printer" or "driver" or "mason" or "major" or "minor" or "server" or "agent" or "grip" or "admin" || (end < sentence.End && Tokens[end].IsWord && Tokens[end].Lower is not ("at" or "for" or "in" or "since")))
        {
            return;
        }

        output.Add(new MemoryCandidate { Operation = CandidateOperation.Add, Text = $"User is {Morphology.WithArticle(_context.Render(start, end))}.", Category = "profession", SlotKey = "profession", SingleValued = true, Quote = _context.Quote(start, end), Confidence = 0.7, Importance = 0.8 });
    }

    /// <summary>A goal of an earlier message, spoken of again as done.</summary>
    private void ReadGoalReached(List<MemoryCandidate> output)
    {
        var isBought = Tokens.Exists(t => t.Lower is "bought" or "booked" or "purchased");
        if (_previous.Count == 0 || !(isBought || Tokens.Exists(t => Completions.Contains(t.Lower))))
        {
            return;
        }

        foreach (var goal in Earlier.Where(g => g.Category == "goal" && (!isBought || HasWord(g.Text, "saving") || HasWord(g.Text, "buy") || HasWord(g.Text, "book"))))
        {
            var mention = Tokens.FindIndex(t => IsContentWord(t) && t.Lower.Length > 3 && HasWord(goal.Text, t.Lower) && t.Lower is not ("user" or "first"));
            if (mention < 0 || output.Exists(o => o.SlotKey == goal.SlotKey))
            {
                continue;
            }

            var aim = goal.Text.IndexOf(" for ", StringComparison.Ordinal) is var at and > 0 ? goal.Text[(at + 5)..] : goal.Text.IndexOf(" to ", StringComparison.Ordinal) is var to and > 0 ? goal.Text[(to + 4)..] : goal.Text[5..];
            output.RemoveAll(o => o.Category == "event" && HasWord(o.Text, Tokens[mention].Lower));
            output.Add(goal with { Operation = CandidateOperation.Update, Category = "event", Text = $"User has done it and finished: {aim}", Quote = _context.Quote(mention, mention + 1), Confidence = 0.75 });
        }
    }

    /// <summary>Ties a new thing, or a change of style, to the earlier fact it replaces.</summary>
    private MemoryCandidate Relate(MemoryCandidate fact)
    {
        if (fact.Category == "relationship" && _previous.Count > 0 && fact.Text.Contains(" named ", StringComparison.Ordinal) && Partners.Any(word => HasWord(fact.Text, word)))
        {
            // A fiancé who became a husband is the same person.
            var name = fact.Text[fact.Text.IndexOf(" named ", StringComparison.Ordinal)..];
            return Earlier.FindLast(known => known.Category == "relationship" && known.SlotKey != fact.SlotKey && known.Text.EndsWith(name, StringComparison.Ordinal) && Partners.Any(word => HasWord(known.Text, word))) is { } former
                ? fact with { Operation = CandidateOperation.Update, SlotKey = former.SlotKey, SingleValued = true } : fact;
        }

        if (fact.Text.StartsWith("User replaced ", StringComparison.Ordinal) && _previous.Count > 0 && fact.Text.IndexOf(" with ", StringComparison.Ordinal) is var with and > 14)
        {
            var thing = fact.Text[14..with].Split(' ')[^1];
            return Earlier.FindLast(known => HasWord(known.Text, thing)) is { } replaced ? fact with { SlotKey = replaced.SlotKey, Category = replaced.Category } : fact;
        }

        if (fact.Operation == CandidateOperation.Update && _previous.Count > 0 && fact.Category != "location" && fact.Text.IndexOf(" from ", StringComparison.Ordinal) is var from and > 0 && fact.Text.IndexOf(" to ", from, StringComparison.Ordinal) is var to and > 0)
        {
            // "Moved from Notion to Obsidian" ends what was said of Notion.
            var left = fact.Text[(from + 6)..to].Split(' ')[^1];
            return Earlier.FindLast(known => HasWord(known.Text, left)) is { } ended ? fact with { SlotKey = ended.SlotKey, Category = ended.Category } : fact;
        }

        if (fact.Category != "possession" || _previous.Count == 0 || KindOf(fact.Text) is not { } kind)
        {
            return fact;
        }

        var isReplacement = Tokens.Exists(t => t.Lower is "bought" or "replaced" or "upgraded" or "switched" or "swapped" or "traded" or "sold" or "instead" or "new" or "now");
        var old = isReplacement ? Earlier.FindLast(f => f.Category == "possession" && KindOf(f.Text) == kind) : null;
        return old is null ? fact : fact with { Operation = CandidateOperation.Update, SlotKey = old.SlotKey };
    }

    private static string? KindOf(string text)
    {
        foreach (var word in text.ToLowerInvariant().Split(' ', '.', ','))
        {
            if (Lexicon.Brands.TryGetValue(word, out var kind))
            {
                return kind;
            }

            if (Lexicon.Vehicles.Contains(word) || Lexicon.Devices.Contains(word))
            {
                return word;
            }
        }

        return null;
    }

    private static bool IsContentWord(Token token) =>
        token.Kind is TokenKind.Word or TokenKind.Number && token.Lower.Length > 2 && !Lexicon.Pronouns.Contains(token.Lower) && !Lexicon.Determiners.Contains(token.Lower) && !Lexicon.Fillers.Contains(token.Lower)
        && !(token.Lower is "have" or "has" or "the" or "about" or "that" or "you" or "forget" or "delete" or "stored" or "know" or "said" or "told" or "mentioned" or "with" or "for" or "and" or "are" or "not" or "is" or "live" or "lives" or "work" or "works" or "from" or "memory" or "please" or "bit" or "thing" or "everything" or "user" or "name" or "like" or "use" or "any" or "more" or "remember" or "named");

    private static bool HasWord(string text, string word)
    {
        var at = text.IndexOf(word, StringComparison.OrdinalIgnoreCase);
        return at >= 0 && (at == 0 || !char.IsLetter(text[at - 1])) && (at + word.Length >= text.Length || !char.IsLetter(text[at + word.Length]) || text[at + word.Length] == 's' || (word.Length >= 5 && IsEnding(text, at + word.Length)));
    }

    /// <summary>"smoke" speaks of a "smoker", "run" of "running".</summary>
    private static bool IsEnding(string text, int at)
    {
        var end = at;
        while (end < text.Length && char.IsLetter(text[end]))
        {
            end++;
        }

        return text.AsSpan(at, end - at) is "r" or "er" or "ing" or "ers" or "rs" or "d" or "ed";
    }

    private static bool Overlaps(QuotedSpan a, QuotedSpan b) => a.Start < b.Start + b.Length && b.Start < a.Start + a.Length;
}
