namespace MemoryMesh.Memory.Extraction;

/// <summary>Reads a message in the light of the earlier ones: names known already, corrections, retractions, goals reached.</summary>
internal sealed class Conversation
{
    private const int MaxPrevious = 12;

    private static readonly string[] Completions = ["done", "finished", "completed", "passed", "achieved", "nailed", "smashed", "accomplished"];

    private readonly MessageContext _context;
    private readonly IReadOnlyList<string> _previous;
    private List<MemoryCandidate>? _earlier;

    private Conversation(string text, IReadOnlyList<string> previous)
    {
        _context = new MessageContext(text);
        _previous = previous;
    }

    private List<Token> Tokens => _context.Tokens;

    /// <summary>Facts of the earlier messages, oldest first; read only when something refers to them.</summary>
    private List<MemoryCandidate> Earlier => _earlier ??= ReadEarlier();

    /// <summary>The facts of a message.</summary>
    /// <param name="request">The message and what was written before it.</param>
    public static IReadOnlyList<MemoryCandidate> Read(ExtractionRequest request)
    {
        var conversation = new Conversation(request.Text, request.PreviousUserMessages);
        var facts = conversation.Read();
        return request.SaidAt is { } saidAt ? facts.ConvertAll(fact => conversation.WithEnd(fact, saidAt)) : facts;
    }

    private List<MemoryCandidate> Read()
    {
        var output = ReadReferences();
        var facts = new FactReader(_context, KnownPeople()).Read();
        facts.RemoveAll(f => output.Exists(o => Overlaps(o.Quote, f.Quote)));
        output.AddRange(facts.Select(Relate));
        if (ChineseReader.Applies(_context.Text))
        {
            List<MemoryCandidate> chinese = [];
            new ChineseReader(_context.Text).Read(TextMask.Apply(_context.Text), chinese);
            output.AddRange(chinese.Where(c => !SensitiveText.IsPrivate(c.Text)));
        }

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
        if (_previous.Count == 0 || !Tokens.Exists(t => t.Kind == TokenKind.Word && t.Text.Length > 1 && MentionedBefore(t.Text)))
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
        }

        return people;
    }

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

            ReadNoLonger(sentence, output);
            ReadMoved(sentence, output);
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

        if (!isPersonal)
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

    /// <summary>Earlier facts that the words of a request speak of.</summary>
    private List<MemoryCandidate> Resolve(int first, int end)
    {
        List<MemoryCandidate> found = [];
        var earlier = Earlier;
        foreach (var fact in earlier)
        {
            for (var i = first; i < end; i++)
            {
                if (IsContentWord(Tokens[i]) && (HasWord(fact.Text, Tokens[i].Lower) || KindOf(fact.Text) == Tokens[i].Lower || (KindOf(fact.Text) is "motorbike" && Tokens[i].Lower is "motorcycle" or "bike")))
                {
                    found.Add(fact);
                    break;
                }
            }
        }

        if (found.Count == 0 && SlotNamedBy(first, end) is { } slot)
        {
            found.AddRange(earlier.Where(f => f.SlotKey == slot || f.Category == slot || f.SlotKey.StartsWith(slot + ":", StringComparison.Ordinal)));
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

        if (!marker || i >= end || index == 0 && _previous.Count == 0 || sentence.IsQuestion)
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
                if (rest >= end)
                {
                    return;
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
        if (_previous.Count == 0 || !Tokens.Exists(t => Completions.Contains(t.Lower)))
        {
            return;
        }

        foreach (var goal in Earlier.Where(g => g.Category == "goal"))
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
        return at >= 0 && (at == 0 || !char.IsLetter(text[at - 1])) && (at + word.Length >= text.Length || !char.IsLetter(text[at + word.Length]) || text[at + word.Length] == 's');
    }

    private static bool Overlaps(QuotedSpan a, QuotedSpan b) => a.Start < b.Start + b.Length && b.Start < a.Start + a.Length;
}
