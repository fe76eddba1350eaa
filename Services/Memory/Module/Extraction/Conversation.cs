namespace MemoryMesh.Memory.Extraction;

/// <summary>Reads a message in the light of the earlier ones: names known already, corrections, retractions, goals reached.</summary>
internal sealed partial class Conversation
{
    private const int MaxPrevious = 12;

    /// <summary>Most facts of earlier messages that a message can speak of: the newest.</summary>
    private const int MaxEarlier = 100;

    /// <summary>Most sentences of a message that are read as speaking of earlier ones.</summary>
    private const int MaxReferences = 60;

    private readonly MessageContext _context;
    private readonly IReadOnlyList<string> _previous;
    private readonly string? _question;
    private List<MemoryCandidate>? _earlier;
    private List<MemoryCandidate>? _lastSaid;
    private HashSet<string>? _saidBefore;

    private Conversation(string text, IReadOnlyList<string> previous, string? question = null, Effort? effort = null)
    {
        _context = new MessageContext(text, effort);
        _previous = previous;
        _question = question;
    }

    private List<Token> Tokens => _context.Tokens;

    /// <summary>Facts of the earlier messages, oldest first; read only when something refers to them.</summary>
    private List<MemoryCandidate> Earlier => _earlier ??= ReadEarlier();

    /// <summary>The facts of a message.</summary>
    /// <param name="request">The message and what was written before it.</param>
    /// <param name="effort">Receives what reading has cost; null when nobody asks.</param>
    public static IReadOnlyList<MemoryCandidate> Read(ExtractionRequest request, Effort? effort = null)
    {
        var conversation = new Conversation(request.Text, request.PreviousUserMessages, request.Question, effort);
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

        if (_question is not null && !output.Exists(fact => fact.Quote.Start < EndOfAnswer()))
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

    /// <summary>Where the first part of the message ends, which may be an answer.</summary>
    private int EndOfAnswer()
    {
        var sentence = _context.Sentences[0];
        var comma = Tokens.FindIndex(sentence.First, sentence.End - sentence.First, token => !token.IsWord);
        return Tokens[(comma > sentence.First ? comma : sentence.End) - 1].End;
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

        return (ExpiryReader.Read(Tokens, first, end, saidAt) ?? ExpiryReader.ReadBefore(Tokens, first, saidAt)) is { } expiry
            ? AsStay(fact) with { ExpiresAt = expiry }
            : fact;
    }

    /// <summary>Where somebody is until a given day is where they stay, and takes nothing from where they live.</summary>
    private static MemoryCandidate AsStay(MemoryCandidate fact)
        => fact.SlotKey == "location"
            ? fact with { Text = fact.Text.Replace("User lives in ", "User is staying in ", StringComparison.Ordinal), SlotKey = "location:stay" }
            : fact;

    private List<MemoryCandidate> ReadEarlier()
    {
        List<MemoryCandidate> facts = [];
        var first = Math.Max(0, _previous.Count - MaxPrevious);
        for (var i = first; i < _previous.Count; i++)
        {
            foreach (var fact in new Conversation(_previous[i], [], effort: _context.Effort).Read())
            {
                _context.Effort.Steps += facts.Count;
                facts.RemoveAll(f => f.SlotKey == fact.SlotKey && (fact.SingleValued || fact.Operation != CandidateOperation.Add));
                if (fact.Operation != CandidateOperation.Delete)
                {
                    facts.Add(fact);
                }
            }
        }

        return facts.Count > MaxEarlier ? facts[^MaxEarlier..] : facts;
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

    private bool MentionedBefore(string word) => char.IsUpper(word[0]) && (_saidBefore ??= WordsBefore()).Contains(word);

    private HashSet<string> WordsBefore()
    {
        HashSet<string> words = new(StringComparer.OrdinalIgnoreCase);
        foreach (var text in _previous.Skip(Math.Max(0, _previous.Count - MaxPrevious)))
        {
            words.UnionWith(Tokenizer.Tokenize(text).Where(token => token.Kind == TokenKind.Word).Select(token => token.Text));
        }

        return words;
    }

    private bool IsForgetting(int at) => (Tokens[at].Lower == "drop" && at + 1 < Tokens.Count && Tokens[at + 1].Lower == "that") || Tokens[at].Lower is "scratch" or "vergiss" or "lösche" or "olvida" or "borra" or "oublie" or "efface" or "forget" or "delete" or "erase" or "scrub" or "wipe" or "unlearn";

    /// <summary>Sentences that speak about what was said before: "forget ...", "I meant ...", "no longer ...", "that's where I live".</summary>
    private List<MemoryCandidate> ReadReferences()
    {
        List<MemoryCandidate> output = [];
        for (var s = 0; s < Math.Min(_context.Sentences.Count, MaxReferences) && output.Count < FactReader.MaxFacts; s++)
        {
            var sentence = _context.Sentences[s];
            var first = Gate.SkipFillers(Tokens, sentence.First, sentence.End);
            while (first < sentence.End - 1 && Tokens[first].Lower is "please" or "bitte" or "por" or "favor" or "can" or "could" or "you" or "just" or "kindly" or "i" && (Tokens[first].Lower != "i" || Tokens[first + 1].Lower is "want"))
            {
                first++;
            }

            for (var i = first + 1; i < sentence.End && !IsForgetting(first); i++)
            {
                if (IsForgetting(i) && (!Tokens[i - 1].IsWord || Tokens[i - 1].Lower is "please" or "so" or "just" or "and" or "then" or "kindly"))
                {
                    first = i;
                    break;
                }
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

        if (index == 0 || !_context.Sentences[index - 1].IsQuestion)
        {
            return;
        }

        if (ReadChoice(_context.Sentences[index - 1], Gate.SkipFillers(Tokens, sentence.First, sentence.End), sentence, output))
        {
            return;
        }

        if (first + 1 >= sentence.End)
        {
            return;
        }

        var verb = Tokens[first].Lower;
        if (Gate.Contains(Tokens, sentence.First, sentence.End, Refusals) == first)
        {
            ReadRefused(_context.Sentences[index - 1], sentence, output);
            return;
        }

        if (verb is "no" && first + 1 < sentence.End && Tokens[first + 1].Lower is "thank" or "thanks" or "way" or "chance" || verb is "never" or "nope" or "yuck" or "ugh" or "pass" or "absolutely" && sentence.End - first <= 4)
        {
            ReadRefused(_context.Sentences[index - 1], sentence, output);
            return;
        }

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

    /// <summary>"Dogs or cats? Dogs, every time.": the user asks and answers.</summary>
    private bool ReadChoice(Sentence question, int first, Sentence answer, List<MemoryCandidate> output)
    {
        var or = Tokens.FindIndex(question.First, question.End - question.First, token => token.Lower == "or");
        if (or < 0 || question.End - question.First > 6 || answer.End - answer.First > 5 || Lexicon.Questions.Contains(Tokens[question.First].Lower))
        {
            return false;
        }

        var isFirst = Tokens[first].Lower == Tokens[or - 1].Lower;
        if (or == question.First || or + 1 >= question.End || (!isFirst && Tokens[first].Lower != Tokens[or + 1].Lower))
        {
            return false;
        }

        var (left, right) = (_context.Render(question.First, or), _context.Render(or + 1, question.End));
        output.Add(new MemoryCandidate
        {
            Operation = CandidateOperation.Add,
            Text = isFirst ? $"User prefers {left} over {right}." : $"User prefers {right} over {left}.",
            Category = "preference",
            SlotKey = "prefers:" + FactWriter.Key(isFirst ? left : right),
            Quote = _context.Quote(question.First, answer.End),
            Confidence = 0.7,
            Importance = FactWriter.ImportanceOf("preference"),
        });
        return true;
    }

    private static readonly string[][] Refusals = [["over", "my", "dead", "body"], ["hard", "pass"], ["not", "for", "me"], ["not", "my", "thing"], ["not", "a", "fan"], ["count", "me", "out"], ["no", "way"]];

    /// <summary>"Blue cheese? No thank you."</summary>
    private void ReadRefused(Sentence topic, Sentence answer, List<MemoryCandidate> output)
    {
        if (topic.End - topic.First > 4 || Lexicon.Questions.Contains(Tokens[topic.First].Lower) || Tokens[topic.First].Lower is "ready" or "ok" or "okay" or "really" or "sure" or "right")
        {
            return;
        }

        var thing = _context.Render(topic.First, topic.End);
        output.Add(new MemoryCandidate
        {
            Operation = CandidateOperation.Add,
            Text = $"User does not like {thing}.",
            Category = "dislike",
            SlotKey = "dislikes:" + FactWriter.Key(thing),
            Quote = _context.Quote(topic.First, answer.End),
            Confidence = 0.7,
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

        if (_previous.Count > 0 && fact.Category is "preference" or "dislike" && Opposite(fact.SlotKey) is { } opposite && Earlier.FindLast(known => known.SlotKey == opposite) is { } reversed)
        {
            // "I like olives after all" ends "I hate olives".
            return fact with { Operation = CandidateOperation.Update, SlotKey = reversed.SlotKey };
        }

        if (_previous.Count > 0 && fact.Operation == CandidateOperation.Update && fact.Text.EndsWith(" fan.", StringComparison.Ordinal) && Earlier.FindLast(known => HasWord(known.Text, "supports") || known.Text.EndsWith(" fan.", StringComparison.Ordinal)) is { } before)
        {
            return fact with { SlotKey = before.SlotKey };
        }

        if (_previous.Count > 0 && fact is { Operation: CandidateOperation.Update, Category: "location" } && _context.Text.Substring(fact.Quote.Start, fact.Quote.Length) is var said && said.IndexOf(" from ", StringComparison.Ordinal) is var origin and > 0
            && said[(origin + 6)..].Split(' ')[0] is var tool && Earlier.FindLast(known => known.Category is "preference" or "constraint" && HasWord(known.Text, tool)) is { } used)
        {
            // "Moved from Notion to Obsidian" tells of tools, as what was said before shows.
            return fact with { Text = "User uses " + fact.Text["User lives in ".Length..], SlotKey = used.SlotKey, Category = used.Category };
        }

        if (_previous.Count > 0 && fact.SlotKey == "profession:status" && fact.Text.Contains("retired", StringComparison.Ordinal) && Earlier.FindLast(known => known.SlotKey == "profession") is { } worked)
        {
            return fact with { Operation = CandidateOperation.Update, SlotKey = worked.SlotKey };
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

        // What somebody has now can replace what they said they use.
        var isReplacement = Tokens.Exists(t => t.Lower is "bought" or "replaced" or "upgraded" or "switched" or "swapped" or "traded" or "sold" or "instead" or "new" or "now");
        var old = isReplacement ? Earlier.FindLast(f => f.Category is "possession" or "preference" or "constraint" && KindOf(f.Text) == kind) : null;
        return old is null ? fact : fact with { Operation = CandidateOperation.Update, SlotKey = old.SlotKey };
    }

    private static string? Opposite(string slot)
        => slot.StartsWith("likes:", StringComparison.Ordinal) ? "dis" + slot : slot.StartsWith("dislikes:", StringComparison.Ordinal) ? slot[3..] : null;

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
