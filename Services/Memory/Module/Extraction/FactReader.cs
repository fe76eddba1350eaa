using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <summary>Walks the sentences of a message and applies the rule tables where the user speaks about themselves.</summary>
internal sealed class FactReader
{
    private static readonly RuleIndex FirstPerson = new([.. EnglishRules.FirstPerson, .. EnglishLifeRules.FirstPerson]);
    private static readonly RuleIndex Anywhere = new([.. EnglishRules.Anywhere, .. EnglishLifeRules.Anywhere, .. ForeignRules.All]);

    private static readonly string[][] Transient =
    [
        ["today"], ["tonight"], ["tomorrow"], ["yesterday"], ["this", "week"], ["this", "morning"], ["this", "afternoon"], ["this", "evening"], ["right", "now"], ["at", "the", "moment"], ["for", "now"], ["this", "weekend"], ["just", "now"], ["last", "night"],
    ];

    private static readonly string[][] Emphasis = [["always"], ["any", "day"], ["every", "time"], ["forever"], ["all", "day"], ["for", "life"], ["hands", "down"], ["all", "the", "way"], ["for", "me"], ["no", "contest"]];

    private static readonly string[][] Consent =
    [
        ["remember"], ["note", "that"], ["make", "a", "note"], ["save", "that"], ["save", "this"], ["keep", "in", "mind"], ["do", "not", "forget"], ["store"], ["note", "down"], ["put", "on", "record"], ["on", "record"], ["on", "file"], ["bear", "in", "mind"], ["please", "note"], ["add", "to", "your", "notes"], ["keep", "a", "note"],
    ];

    /// <summary>Verbs that open a request rather than a statement whose "I" was left out.</summary>
    private static readonly FrozenSet<string> Imperatives = FrozenSet.ToFrozenSet(
        ["use", "always", "never", "only", "avoid", "keep", "read", "watch", "listen", "take", "follow", "eat", "drink", "practise", "practice", "do", "make", "run", "write", "go", "start", "build", "design", "work", "head", "lead", "manage", "teach", "sell", "need", "want", "code", "hope", "plan"]);

    private readonly MessageContext _context;
    private readonly FactWriter _writer;
    private readonly RelationReader _relations;
    private readonly StyleReader _styles;
    private readonly HabitReader _habits;
    private readonly EventReader _events;
    private readonly StatementReader _statements;
    private readonly List<MemoryCandidate> _output = [];

    public FactReader(MessageContext context, IEnumerable<Person> known, Person? meant = null)
    {
        _context = context;
        _writer = new FactWriter(context);
        _relations = new RelationReader(context);
        _styles = new StyleReader(context);
        _habits = new HabitReader(context);
        _events = new EventReader(context);
        _statements = new StatementReader(context);
        foreach (var person in known)
        {
            _relations.Know(person, person == meant);
        }
    }

    private List<Token> Tokens => _context.Tokens;

    public static bool GivesConsent(MessageContext context, int first, int end) => Gate.Contains(context.Tokens, first, end, Consent) >= 0;

    public List<MemoryCandidate> Read()
    {
        for (var s = 0; s < _context.Sentences.Count; s++)
        {
            var sentence = _context.Sentences[s];
            var before = _output.Count;
            var factEnd = ReadSentence(s, sentence);
            if (!_context.Muted[sentence.First])
            {
                _styles.Read(s, factEnd, _output);
            }

            if (_output.Count == before)
            {
                ReadRemember(sentence);
            }

            if (_output.Count == before)
            {
                _events.Read(sentence, _output);
            }

            Filter(sentence, before);
        }

        return _output;
    }

    private int ReadSentence(int index, Sentence sentence)
    {
        var aboutUser = sentence.AfterIntroduction;
        var clauseStart = true;
        var factEnd = -1;
        var opening = true;
        var position = sentence.First;
        aboutUser |= Tokens[Gate.SkipFillers(Tokens, sentence.First, sentence.End)].Lower is "gave" or "sold" or "ditched" or "dropped" or "went" or "finally" or "moved" or "started" or "quit" or "left" or "switched" or "been" or "got" or "bought";
        while (position < sentence.End)
        {
            var token = Tokens[position];
            if (!token.IsWord)
            {
                clauseStart = true;
                position++;
                continue;
            }

            if (_context.Blocked[position])
            {
                var presupposed = _relations.Read(position, sentence, clauseStart: false, ownerKnown: false, isTask: true, IsPresupposed(index) ? _output : []);
                position = presupposed > position ? presupposed : position + 1;
                clauseStart = true;
                opening = false;
                continue;
            }

            var after = ReadAt(position, index, sentence, clauseStart, aboutUser, opening, out var isUser);
            if (after > position)
            {
                aboutUser |= isUser;
                factEnd = after;
                position = after;
                clauseStart = position < sentence.End && Tokens[position].Lower is not ("and" or "but" or "or" or "who" or "plus");
                opening = false;
                continue;
            }

            if (Lexicon.Subjects.Contains(token.Lower))
            {
                aboutUser = true;
                opening = false;
                clauseStart = false;
                position++;
                continue;
            }

            if (clauseStart && token.Lower is "he" or "she" or "they" or "you" or "it" or "this" or "that" or "there" or "these" or "those" or "my" or "our" or "the" or "her" or "his" or "people" or "everyone")
            {
                aboutUser = false;
                clauseStart = false;
            }
            else if (token.Lower is "and" or "but" or "who" or "because" or "so" or "plus" or "though" or "since" or "while" or "or")
            {
                clauseStart = true;
            }
            else if (!(clauseStart && (token.Lower == "please" || Lexicon.Fillers.Contains(token.Lower) || Lexicon.Adverbs.Contains(token.Lower))))
            {
                clauseStart = false;
                opening = false;
            }

            position++;
        }

        return factEnd;
    }

    private int ReadAt(int position, int index, Sentence sentence, bool clauseStart, bool aboutUser, bool opening, out bool isUser)
    {
        isUser = false;
        var token = Tokens[position];
        var owns = position > sentence.First && Tokens[position - 1].Lower is "have" or "got" or "own" or "adopted" or "has" or "rescued" or "with" && (aboutUser || opening)
            || (clauseStart && aboutUser);
        if (opening && clauseStart && SlotReader.NumberWord(token.Lower) && _relations.ReadNamedGroup(position, sentence, _output) is var group and > 0)
        {
            isUser = true;
            return group;
        }

        if (opening && clauseStart && token.Lower is "got" or "have" && position + 1 < sentence.End
            && _relations.Read(position + 1, sentence, clauseStart: false, ownerKnown: true, isTask: false, _output) is var owned and > 0)
        {
            isUser = true;
            return owned;
        }

        if (Lexicon.Subjects.Contains(token.Lower))
        {
            isUser = true;
            return ReadFirstPerson(position, sentence);
        }

        if (_relations.Read(position, sentence, clauseStart, owns, isTask: false, _output) is var related and > 0)
        {
            return related;
        }

        if (TryRules(Anywhere.For(token.Lower), position, position, sentence, clauseStart, needBare: false, canElide: false) is var plain and > 0)
        {
            return plain;
        }

        if (!clauseStart)
        {
            return -1;
        }

        if (token.Lower is "my" or "our" && _statements.ReadOwned(position, sentence, _output) is var owning and > 0)
        {
            return owning;
        }

        if (token.Lower == "been" && (aboutUser || opening) && position + 1 < sentence.End && Tokens[position + 1].Lower.EndsWith("ing", StringComparison.Ordinal) && _habits.Read(position, position, sentence, _output) is var habit and > 0)
        {
            isUser = true;
            return habit;
        }

        if ((aboutUser || opening) && !(position > sentence.First && Tokens[position - 1].Lower is "so") && !(token.Lower == "like" && position > sentence.First && Tokens[position - 1].Kind == TokenKind.Comma))
        {
            isUser = true;
            var needBare = !aboutUser;
            var elided = TryRules(FirstPerson.For(token.Lower), position, position, sentence, clauseStart, needBare, canElide: false);
            elided = elided > 0 ? elided : TryElidedAm(position, sentence, needBare);
            if (elided > 0)
            {
                return elided;
            }

            isUser = false;
        }

        return Lexicon.TaskVerbs.Contains(token.Lower) || token.Lower is "you" or "he" or "she" or "they" or "it" or "this" or "that" or "there" ? -1
            : TryRules(Anywhere.OpenedBySlot, position, position, sentence, clauseStart, needBare: false, canElide: false);
    }

    private int ReadFirstPerson(int position, Sentence sentence)
    {
        var verb = position + 1;
        while (verb < sentence.End && Lexicon.Adverbs.Contains(Tokens[verb].Lower))
        {
            var adverbial = TryRules(FirstPerson.For(Tokens[verb].Lower), verb, position, sentence, clauseStart: true, needBare: false, canElide: false);
            if (adverbial > 0)
            {
                return adverbial;
            }

            verb++;
        }

        if (verb >= sentence.End)
        {
            return -1;
        }

        var word = Tokens[verb].Lower;
        if (word is "have" or "has" or "adopted" or "got" or "rescued" or "own" && verb + 1 < sentence.End || (word == "had" && verb + 2 < sentence.End && Tokens[verb + 2].Lower is "baby" or "girl" or "boy"))
        {
            var owned = verb + 1;
            while (owned < sentence.End - 1 && Tokens[owned].Lower is "got" or "also" or "just" or "adopted" or "had")
            {
                owned++;
            }

            if (_relations.Read(owned, sentence, clauseStart: false, ownerKnown: true, isTask: false, _output) is var related and > 0)
            {
                return related;
            }
        }

        var matched = TryRules(FirstPerson.For(word == "are" ? "am" : word), verb, position, sentence, clauseStart: true, needBare: false, canElide: false);
        if (matched < 0 && word == "have" && verb + 1 < sentence.End)
        {
            var participle = verb + 1;
            while (participle < sentence.End - 1 && Lexicon.Adverbs.Contains(Tokens[participle].Lower))
            {
                participle++;
            }

            if (Tokens[participle].Lower == "been")
            {
                matched = TryRules(FirstPerson.For("am"), verb, position, sentence, clauseStart: true, needBare: false, canElide: false);
            }
            else
            {
                matched = TryRules(FirstPerson.For(Tokens[participle].Lower), participle, position, sentence, clauseStart: true, needBare: false, canElide: false);
            }
        }

        matched = matched > 0 ? matched : _habits.Read(position, position + 1, sentence, _output);
        return matched > 0 || HabitReader.IsSubordinate(Tokens, position, sentence) ? matched : _statements.Read(position, sentence, _output);
    }

    /// <summary>"trying to ...", "based in ...": the rules of "I am" without "am".</summary>
    private int TryElidedAm(int position, Sentence sentence, bool needBare) =>
        TryRules(FirstPerson.For("am"), position, position, sentence, clauseStart: true, needBare, canElide: true);

    private int TryRules(List<Rule> rules, int position, int quoteFirst, Sentence sentence, bool clauseStart, bool needBare, bool canElide)
    {
        foreach (var rule in rules)
        {
            if ((needBare && !sentence.AfterIntroduction && (!rule.Has(RuleTraits.Bare) || (Imperatives.Contains(Tokens[position].Lower) && !(position + 1 < sentence.End && Tokens[position + 1].Lower.EndsWith("ing", StringComparison.Ordinal))))) || (rule.Has(RuleTraits.ClauseStart) && !clauseStart) || (canElide && rule.Has(RuleTraits.Closed) && !sentence.AfterIntroduction))
            {
                continue;
            }

            List<Capture> captures = [];
            var end = rule.Pattern.Match(_context, position, sentence.End, lacksAm: canElide, captures);
            if (end <= position || _context.Blocked[end - 1] || !Accept(rule, position, end, sentence, captures, canElide))
            {
                continue;
            }

            var before = _output.Count;
            _output.AddRange(_writer.Write(rule, position, end, captures, position == quoteFirst, canElide, quoteFirst));
            if (_output.Count == before)
            {
                continue;
            }

            MarkUpdates(rule, before, quoteFirst, end, sentence);
            return end;
        }

        return -1;
    }

    private bool Accept(Rule rule, int position, int end, Sentence sentence, List<Capture> captures, bool lacksAm)
    {
        if (rule.Has(RuleTraits.Closed) && end < sentence.End && Tokens[end].IsWord && !SlotReader.IsBoundary(_context, end, sentence.End, position)
            && !(Tokens[end].Lower is "and" or "from" or "with" or "without" or "by" or "not" or "instead" or "now" or "too" or "anymore" or "for" or "here" or "at" or "in" or "every" or "most" or "on" or "a" or "professionally" or "these" or "since"))
        {
            return false;
        }

        // "So step-free routes only" is a wish drawn from what was said before it.
        if (position > sentence.First && Tokens[position - 1].Lower == "so" && Tokens[end - 1].Lower == "only")
        {
            return false;
        }

        if (rule.Has(RuleTraits.Emphatic) && !(Gate.Contains(Tokens, position, sentence.End, Emphasis) >= 0))
        {
            return false;
        }

        foreach (var capture in captures)
        {
            var first = Tokens[capture.First].Lower;
            if (lacksAm && capture.Name is "nominal" or "size")
            {
                return false;
            }

            if (lacksAm && capture.Name == "role" && ((Tokens[position].Lower is not ("a" or "an" or "the") && !Lexicon.Professions.Contains(Tokens[capture.End - 1].Lower)) || (end < sentence.End && Tokens[end].IsWord && !SlotReader.IsBoundary(_context, end, sentence.End, position))))
            {
                return false;
            }

            if (capture.Name is "list" or "np" or "choice" or "reply" && (first is "your" or "this" or "that" or "these" or "it" or "them" or "you" or "how" or "what" or "to" && capture.Name != "choice" || HoldsTaskWord(capture)))
            {
                return false;
            }
        }

        if (rule.Has(RuleTraits.Closed) && rule.Facts[0].Category == "interest" && end < sentence.End && Tokens[end].Lower == "in")
        {
            // "I sing in the Riverside choir" says more than "I sing".
            return false;
        }

        if (end < Tokens.Count && Tokens[end].Kind == TokenKind.Masked && captures.Exists(capture => capture.End == end))
        {
            // The value is quoted and was not read: the rest of it says nothing.
            return false;
        }

        if (rule.Pattern.FirstWords.Count == 0 && captures.Count > 0 && Tokens[captures[0].First].Lower is "for" or "in" or "on" or "at" or "with" or "from" or "by" or "of" or "about" or "after" or "before" or "like" or "as")
        {
            return false;
        }

        if (captures.Exists(capture => capture.Name == "list" && capture.End == capture.First + 1 && Lexicon.Days.Contains(Tokens[capture.First].Lower.TrimEnd('s'))))
        {
            return false;
        }

        if (rule.Has(RuleTraits.Dated))
        {
            return true;
        }

        var clauseEnd = end;
        while (clauseEnd < sentence.End && Tokens[clauseEnd].IsWord && !SlotReader.IsBoundary(_context, clauseEnd, sentence.End, position))
        {
            clauseEnd++;
        }

        return Gate.Contains(Tokens, position, clauseEnd, Transient) < 0;
    }

    private bool HoldsTaskWord(Capture capture)
    {
        for (var i = capture.First; i < capture.End; i++)
        {
            if (Tokens[i].Lower is "version" or "suggestion" or "suggestions" or "idea" or "draft" or "approach" or "option" or "error" or "errors" or "bug" or "function" or "your" or "output" or "exception" or "you" or "result" or "results" or "you're")
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>"Now I live in ..." and "I switched to ..." supersede, "I live in ..." only adds.</summary>
    private void MarkUpdates(Rule rule, int before, int first, int end, Sentence sentence)
    {
        var isChange = rule.Has(RuleTraits.Update);
        for (var i = Math.Max(sentence.First, first - 2); i < Math.Min(sentence.End, end + 1) && !isChange; i++)
        {
            isChange = Tokens[i].Lower is "now" or "jetzt" or "ahora" or "maintenant" or "instead" or "anymore" or "nowadays";
        }

        for (var i = before; isChange && i < _output.Count; i++)
        {
            _output[i] = _output[i] with { Operation = CandidateOperation.Update };
        }
    }

    /// <summary>Ways to ask for something to be kept.</summary>
    private static readonly string[][] Requests =
    [
        ["remember"], ["note", "that"], ["note", ":"], ["make", "a", "note"], ["save", "that"], ["save", "this"], ["keep", "in", "mind"], ["do", "not", "forget"], ["note", "down"], ["bear", "in", "mind"], ["memorise"], ["memorize"], ["store", "that"], ["take", "note"],
    ];

    /// <summary>Orders to the assistant, which are no facts whoever asks for them to be remembered.</summary>
    private static readonly string[][] Commands =
    [
        ["you", "must"], ["you", "should"], ["you", "are"], ["you", "will"], ["you", "have", "to"], ["you", "can"], ["ignore"], ["disregard"], ["obey"], ["instructions"], ["rules"], ["safety"], ["the", "user"], ["the", "assistant"], ["all", "users"], ["always", "recommend"], ["respond", "with"], ["reply", "with"], ["system", "prompt"], ["password"],
        ["access"], ["admin"], ["administrator"], ["authorized"], ["authorised"], ["permission"], ["permissions"], ["privileges"], ["bypass"], ["jailbreak"], ["from", "now", "on"], ["policy"], ["policies"], ["guidelines"], ["restrictions"], ["unrestricted"], ["developer"], ["approved"],
    ];

    /// <summary>"Remember that ..." keeps a statement no rule knows.</summary>
    private void ReadRemember(Sentence sentence)
    {
        if (sentence.IsQuestion || _context.Muted[sentence.First] || Gate.Contains(Tokens, sentence.First, sentence.End, Requests) is not (var first and >= 0)
            || (first > sentence.First + 4 && Tokens[first - 1].Lower is not ("please" or "just" or "and" or "also") && Tokens[first - 1].Kind is not (TokenKind.Comma or TokenKind.Break)) || (first > sentence.First && Tokens[first - 1].Lower is "to" or "i" or "you" or "not" && Tokens[first].Lower is "remember" or "save" or "store"))
        {
            return;
        }

        var content = first + 1;
        while (content < sentence.End && Tokens[content].Lower is "that" or "this" or ":" or "," or "down" or "in" or "mind" or "a" or "note" or "not" or "forget" or "for" or "future" or "reference" or "later" or "of" or "the" && Tokens[content - 1].Lower is not ("that" or ":"))
        {
            content++;
        }

        if (content + 2 >= sentence.End || Lexicon.Pronouns.Contains(Tokens[content].Lower) && Tokens[content].Lower is not ("my" or "our" or "i" or "we") || Lexicon.TaskVerbs.Contains(Tokens[content].Lower) || Tokens[content].Lower is "to" or "from" or "always" or "never" or "if" or "when" or "how" or "why"
            || Gate.Contains(Tokens, content, sentence.End, Commands) >= 0)
        {
            return;
        }

        var isOwn = Tokens[content].Lower is "my" or "our" or "i" or "we";
        if (!isOwn && !Lexicon.Determiners.Contains(Tokens[content].Lower) && !Tokens[content].IsCapitalised || (Tokens[content].IsCapitalised && content + 1 < sentence.End && !Lexicon.Auxiliaries.Contains(Tokens[content + 1].Lower)  && Tokens[content + 1].Lower != "'s" && !isOwn))
        {
            return;
        }

        var end = content;
        while (end < sentence.End && (Tokens[end].IsWord || Tokens[end].Kind == TokenKind.Comma && end + 1 < sentence.End && !Lexicon.Subjects.Contains(Tokens[end + 1].Lower) && Tokens[end + 1].Lower is not ("it" or "so" or "that" or "because")) && end - content < 30)
        {
            end++;
        }

        var isPossessive = Tokens[content].Lower is "my" or "our";
        var text = isPossessive ? $"User's {_context.Render(content + 1, end)}." : isOwn ? $"User {_context.Render(content + 1, end, isVerbPhrase: true)}." : $"User asked to remember: {_context.Render(content, end)}.";
        _output.Add(new MemoryCandidate
        {
            Operation = CandidateOperation.Add,
            Text = text,
            Category = SensitiveText.IsPrivate(Tokens, content, end) ? "constraint" : "other",
            SlotKey = "note:" + FactWriter.Key(text[5..].TrimEnd('.')),
            Quote = _context.Quote(content, end),
            Confidence = 0.85,
            Importance = 0.7,
        });
    }

    /// <summary>Drops private facts without consent, and secrets always.</summary>
    private void Filter(Sentence sentence, int before)
    {
        var hasConsent = GivesConsent(_context, sentence.First, sentence.End);
        for (var i = _output.Count - 1; i >= before; i--)
        {
            var quote = _output[i].Quote;
            var first = sentence.First;
            while (first < sentence.End && Tokens[first].Start < quote.Start)
            {
                first++;
            }

            var end = first;
            while (end < sentence.End && Tokens[end].Start < quote.Start + quote.Length)
            {
                end++;
            }

            var clauseEnd = end;
            while (clauseEnd < sentence.End && Tokens[clauseEnd].IsWord && clauseEnd < end + 4)
            {
                clauseEnd++;
            }

            // "The alarm code at my place is 4471" says what the number is before the words that are read.
            var clauseFirst = first;
            while (clauseFirst > sentence.First && Tokens[clauseFirst - 1].IsWord)
            {
                clauseFirst--;
            }

            if (SensitiveText.IsSecret(Tokens, clauseFirst, clauseEnd) || SensitiveText.ClaimsPower(_output[i]) || (!hasConsent && (SensitiveText.IsPrivate(Tokens, first, end) || SensitiveText.IsPrivate(_output[i].Text))) || _output[i].Text.Length > 240)
            {
                _output.RemoveAt(i);
            }
        }
    }

    /// <summary>"What can I cook for my son Leo?" tells of Leo; "write a story about my wife Ana" may not.</summary>
    private bool IsPresupposed(int index)
    {
        var sentence = _context.Sentences[index];
        return Gate.Contains(Tokens, sentence.First, sentence.End, FictionWords) < 0;
    }

    private static readonly string[][] FictionWords = [["story"], ["scene"], ["novel"], ["character"], ["script"], ["monologue"], ["pretend"], ["imagine"], ["dialogue"], ["fiction"], ["chapter"], ["translate"], ["perspective"], [":"], ["if"], ["suppose"], ["says"], ["said"], ["told"], ["protagonist"], ["roleplay"], ["user"]];
}
