namespace MemoryMesh.Memory.Extraction;

/// <summary>Walks the sentences of a message and applies the rule tables where the user speaks about themselves.</summary>
internal sealed partial class FactReader
{
    private static readonly RuleIndex FirstPerson = new([.. EnglishRules.FirstPerson, .. EnglishLifeRules.FirstPerson, .. EnglishFragmentRules.FirstPerson, .. EnglishIdiomRules.FirstPerson, .. EnglishInvertedRules.FirstPerson, .. EnglishEverydayRules.FirstPerson, .. EnglishSpokenRules.FirstPerson]);
    private static readonly RuleIndex Anywhere = new([.. EnglishRules.Anywhere, .. EnglishLifeRules.Anywhere, .. EnglishFragmentRules.Anywhere, .. EnglishIdiomRules.Anywhere, .. EnglishInvertedRules.Anywhere, .. EnglishEverydayRules.Anywhere, .. EnglishSpokenRules.Anywhere, .. ForeignInvertedRules.All, .. ForeignLifeRules.All, .. ForeignRules.All]);

    /// <summary>Rules that hold in a question too, because it takes what they say for given: "what grows in my garden in Ghent?".</summary>
    private static readonly RuleIndex Presupposed = new(EnglishIdiomRules.Presupposed);

    /// <summary>Every rule of the tables, so that a test can see that each is of use.</summary>
    public static IReadOnlyList<Rule> Rules { get; } =
        [.. ((IEnumerable<Rule>)[.. EnglishRules.FirstPerson, .. EnglishLifeRules.FirstPerson, .. EnglishFragmentRules.FirstPerson, .. EnglishIdiomRules.FirstPerson, .. EnglishInvertedRules.FirstPerson, .. EnglishEverydayRules.FirstPerson, .. EnglishSpokenRules.FirstPerson, .. EnglishRules.Anywhere, .. EnglishLifeRules.Anywhere, .. EnglishFragmentRules.Anywhere, .. EnglishIdiomRules.Anywhere, .. EnglishInvertedRules.Anywhere, .. EnglishEverydayRules.Anywhere, .. EnglishSpokenRules.Anywhere, .. EnglishIdiomRules.Presupposed, .. ForeignInvertedRules.All, .. ForeignLifeRules.All, .. ForeignRules.All]).Distinct()];

    private readonly MessageContext _context;
    private readonly FactWriter _writer;
    private readonly RelationReader _relations;
    private readonly StyleReader _styles;
    private readonly HabitReader _habits;
    private readonly EventReader _events;
    private readonly StatementReader _statements;
    private readonly RememberReader _notes;
    private readonly FactFilter _filter;
    private readonly ProfileReader _profiles;
    private readonly StandingReader _standing;
    private readonly List<MemoryCandidate> _output = [];

    /// <summary>Index of the sentence that is read.</summary>
    private int _at;

    public FactReader(MessageContext context, IEnumerable<Person> known, Person? meant = null)
    {
        _context = context;
        _writer = new FactWriter(context);
        _relations = new RelationReader(context);
        _styles = new StyleReader(context);
        _habits = new HabitReader(context);
        _events = new EventReader(context);
        _statements = new StatementReader(context);
        _notes = new RememberReader(context);
        _filter = new FactFilter(context);
        _profiles = new ProfileReader(context);
        _standing = new StandingReader(context);
        foreach (var person in known)
        {
            _relations.Know(person, person == meant);
        }
    }

    /// <summary>Most facts of one message: what says more is data, and what is read later works on all of them.</summary>
    public const int MaxFacts = 200;

    private List<Token> Tokens => _context.Tokens;

    public List<MemoryCandidate> Read()
    {
        for (var s = 0; s < _context.Sentences.Count && _output.Count < MaxFacts; s++)
        {
            var sentence = _context.Sentences[s];
            _at = s;
            var before = _output.Count;
            var factEnd = _profiles.Read(sentence, _output) ? sentence.End : ReadSentence(s, sentence);
            ReadNote(sentence, before);

            if (!_context.Muted[sentence.First])
            {
                var told = _output.Count;
                _styles.Read(s, factEnd, _output);
                DropReason(before, told);
            }

            if (_output.Count == before)
            {
                _events.Read(sentence, _output);
            }

            _standing.Read(sentence, before, _output);
            if (_output.Count == before && sentence.OfProfile)
            {
                _profiles.ReadUnknown(sentence, _output);
            }

            _filter.Apply(sentence, before, _output);
        }

        return _output;
    }

    /// <summary>What the user asks to be kept and no rule has read.</summary>
    private void ReadNote(Sentence sentence, int before)
    {
        List<MemoryCandidate> notes = [];
        _notes.Read(sentence, notes);
        if (notes is [{ } asked] && SensitiveText.IsPrivate(asked.Text) | SensitiveText.IsPrivate(Tokens, sentence.First, sentence.End))
        {
            // What is kept by consent only is kept as it was asked for, as a whole.
            _output.RemoveAll(fact => fact.Quote.Start >= asked.Quote.Start && fact.Quote.Start < asked.Quote.Start + asked.Quote.Length);
        }

        notes.RemoveAll(note => _output.Skip(before).Any(fact => fact.Quote.Overlaps(note.Quote)));
        _output.AddRange(notes);
    }

    private int ReadSentence(int index, Sentence sentence)
    {
        var aboutUser = sentence.AfterIntroduction;
        var clauseStart = true;
        var factEnd = -1;
        var opening = true;
        var position = sentence.First;
        bool? isFiction = null;
        var opener = Gate.SkipFillers(Tokens, sentence.First, sentence.End);
        while (opener < sentence.End - 1 && Lexicon.Adverbs.Contains(Tokens[opener].Lower))
        {
            opener++;
        }

        aboutUser |= Tokens[opener].Lower is "sent" or "donated" or "returned" or "traded" or "handed" or "tried" or "caved" or "splashed" or "treated" or "ended" or "gave" or "sold" or "ditched" or "dropped" or "went" or "finally" or "officially" or "defended" or "passed" or "moved" or "started" or "quit" or "left" or "switched" or "been" or "got" or "bought";
        while (position < sentence.End)
        {
            var token = Tokens[position];
            if (!token.IsWord)
            {
                clauseStart = true;
                opening |= token.Text == ":" && position > sentence.First && Tokens[position - 1].Lower is "official" or "news" or "update" or "confirmed" or "announcement" or "status";
                position++;
                continue;
            }

            if (_context.Blocked[position])
            {
                var presupposed = _relations.Read(position, sentence, clauseStart: false, ownerKnown: false, isTask: true, (isFiction ??= HoldsFiction(sentence)) ? [] : _output);
                if (presupposed <= position && (token.Lower is "my" or "our" || token.Lower is "if" or "when" or "whenever" && !sentence.IsQuestion) && Gate.Contains(Tokens, sentence.First, sentence.End, StoryWords) < 0)
                {
                    presupposed = TryRules(Presupposed.For(token.Lower), position, position, sentence, clauseStart: true, needBare: false, canElide: false);
                }

                position = presupposed > position ? presupposed : position + 1;
                clauseStart = true;
                opening = false;
                continue;
            }

            // "Never mind, sold it and got a Kobo": nobody else sells and gets.
            aboutUser |= clauseStart && token.Lower is "sent" or "donated" or "returned" or "gave" or "handed" or "resigned" or "quit" or "sold" or "bought" or "swapped" or "traded" or "ditched" && position > sentence.First && !Tokens[position - 1].IsWord;
            var after = ReadAt(position, index, sentence, clauseStart, aboutUser, opening, out var isUser);
            if (after > position)
            {
                if (_output.Count > 0 && _output[^1].Text is var told && told.StartsWith("User shares ", StringComparison.Ordinal) && told.LastIndexOf(" with ", StringComparison.Ordinal) is var with and > 0 && char.IsUpper(told[with + 6]))
                {
                    // "I share a flat with Kwabena, he's a pastry chef".
                    _relations.Know(new Person("flatmate", "", told[(with + 6)..].TrimEnd('.')), isMeant: true);
                }

                aboutUser |= isUser || (_output.Count > 0 && (_output[^1].Category is "name" or "profession" || _output[^1].SlotKey.StartsWith("limit:", StringComparison.Ordinal)) && _output[^1].Text.StartsWith("User", StringComparison.Ordinal));
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
            else if (token.Lower is "and" or "y" or "e" or "und" or "et" or "but" or "who" or "because" or "so" or "plus" or "though" or "since" or "while" or "or")
            {
                clauseStart = true;
                // "Bartek, who likes his privacy" is not the user.
                aboutUser &= token.Lower != "who" || position == sentence.First || !(Tokens[position - 1].Kind == TokenKind.Comma || Lexicon.Family.Contains(Tokens[position - 1].Lower));
            }
            else if (IsTelling(position, sentence.First))
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

    /// <summary>"You should know that walnuts ...", "..., as throwing pots has ...": a clause begins behind it.</summary>
    private bool IsTelling(int at, int first) => at > first
        && (Tokens[at].Lower == "that" && Tokens[at - 1].Lower is "know" or "mention" or "add" or "say" or "note" or "aware" or "remember" or "mind" or "explain" or "fact" or "you" or "me"
            || Tokens[at].Lower == "as" && Tokens[at - 1].Kind == TokenKind.Comma);

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

        if (clauseStart && token.Lower == "there" && Gate.Contains(Tokens, sentence.First, sentence.End, StoryWords) < 0 && position + 3 < sentence.End && Tokens[position + 1].Lower is "are" or "is" && SlotReader.NumberWord(Tokens[position + 2].Lower) && _relations.ReadNamedGroup(position + 2, sentence, _output) is var housed and > 0)
        {
            isUser = true;
            return housed;
        }

        if (clauseStart && token.Lower == "there" && position + 3 < sentence.End && Tokens[position + 1].Lower is "is" or "'s" && Tokens[position + 2].Lower is "a" or "an" or "our" or "my" && !TellsOfWorks(sentence)
            && _relations.ReadNamedOne(position + 2, sentence, _output) is var kept and > 0)
        {
            // "There's a tortoise, Hubert, who runs the house".
            isUser = true;
            return kept;
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

        if (token.Lower == "who" && position > sentence.First + 1 && Tokens[position - 1].Lower is "someone" or "somebody" or "one" && Tokens[position - 2].Lower is "as" or "am" or "for" or "being")
        {
            // "As someone who hates coriander": the user says it of themselves.
            isUser = true;
            return ReadFirstPerson(position, sentence);
        }

        if (clauseStart && token.Lower == "being" && position + 1 < sentence.End && TryElidedAm(position + 1, sentence, needBare: false) is var being and > 0)
        {
            isUser = true;
            return being;
        }

        if (_relations.Read(position, sentence, clauseStart, owns, isTask: false, _output) is var related and > 0)
        {
            return related;
        }

        if (!IsSaidOfSomebody(position, sentence) && TryRules(Anywhere.For(token.Lower), position, position, sentence, clauseStart, needBare: false, canElide: false) is var plain and > 0)
        {
            return plain;
        }

        if (!clauseStart)
        {
            return -1;
        }

        if (aboutUser && position > sentence.First && token.Lower is "no" or "a" or "an" or "two" or "three" && ReadAlsoOwned(position, sentence) is var also and > 0)
        {
            return also;
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

        if ((aboutUser || opening) && !(position > sentence.First && Tokens[position - 1].Lower is "so" || position > sentence.First && Tokens[position - 1].Lower == "please" && token.Lower is "have" or "keep" or "use" or "do") && !(token.Lower == "like" && (!aboutUser || (position > sentence.First && Tokens[position - 1].Kind == TokenKind.Comma))))
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

        // "..., Compose only" names a thing.
        return IsSaidOfSomebody(position, sentence) || Lexicon.TaskVerbs.Contains(token.Lower) && !(token.IsCapitalised && position > sentence.First && Tokens[position - 1].Kind == TokenKind.Comma) || token.Lower is "you" or "he" or "she" or "they" or "it" or "this" or "that" or "there" ? -1
            : TryRules(Anywhere.OpenedBySlot, position, position, sentence, clauseStart, needBare: false, canElide: false);
    }

    /// <summary>Whether a sentence speaks of a film or a book, where somebody may have a dog.</summary>
    private bool TellsOfWorks(Sentence sentence) => Gate.Contains(Tokens, sentence.First, sentence.End, StoryWords) >= 0
        || Tokens.FindIndex(sentence.First, sentence.End - sentence.First, token => token.Lower is "film" or "movie" or "show" or "series" or "game" or "book" or "comic" or "manga" or "anime" or "episode" or "video" or "meme" or "painting" or "cartoon" or "advert" or "neighbour" or "neighbor" or "shelter") >= 0;

    /// <summary>"I've got a banjo, a mandolin and two harps": what follows a possession is one too.</summary>
    private int ReadAlsoOwned(int position, Sentence sentence)
    {
        if (_output.Count == 0 || _output[^1] is not { Category: "possession" or "constraint" } last || position < sentence.First + 1 || !(Tokens[position - 1].Lower is "," or "and" or "plus" or "just" or "only")
            || (last.Category == "constraint" && !(last.SlotKey.StartsWith("limit:", StringComparison.Ordinal) && Tokens[position].Lower == "no") && !(last.SlotKey.StartsWith("lacks:", StringComparison.Ordinal) && Tokens[position - 1].Lower is "just" or "only"))
            || last.Quote.Start < Tokens[sentence.First].Start || last.Category == "possession" && !last.Text.StartsWith("User has ", StringComparison.Ordinal) && !last.Text.StartsWith("User got ", StringComparison.Ordinal) && !last.Text.StartsWith("User owns ", StringComparison.Ordinal))
        {
            return -1;
        }

        var end = SlotReader.Read(_context, "thing", position, sentence.End, ["and"], out var first);
        end = end > 0 ? end : SlotReader.Read(_context, "stuff", position, sentence.End, ["and"], out first);
        if (end < 0)
        {
            return -1;
        }

        if (Tokens[position].Lower == "no")
        {
            _output.Add(last with { Text = $"User has {_context.Render(position, end)}.", Category = "constraint", SlotKey = "lacks:" + FactWriter.Key(_context.Render(position + 1, end)), Quote = _context.Quote(position, end) });
            return end;
        }

        var thing = _context.Render(first, end);
        if (Tokens[position - 1].Kind == TokenKind.Comma && Enumerable.Range(first, end - first).Any(i => Tokens[i].IsCapitalised))
        {
            // "A boat, a Hallberg-Rassy" is one thing.
            _output[^1] = last with { Text = $"{last.Text.TrimEnd('.')}, {thing}." };
            return end;
        }

        _output.Add(last with { Text = $"User has {thing}.", Category = "possession", SlotKey = "possession:" + FactWriter.Key(thing), Quote = _context.Quote(first, end) });
        return end;
    }

    private int ReadFirstPerson(int position, Sentence sentence)
    {
        if (position > sentence.First + 1 && Tokens[position].Lower is "i" or "we" && Tokens[position - 1].Lower is "everything" or "anything" or "whatever" or "things" or "stuff" or "dishes" or "food")
        {
            // "Everything I bake has to work for him" is not about what the user bakes.
            return -1;
        }

        if (position > sentence.First + 1 && Tokens[position - 1].Lower == "that" && Tokens[position - 2].Lower is "proof" or "evidence" or "prove" or "suggests" or "shows" or "implies" or "confirm" or "claim" or "rumour" or "rumor")
        {
            // "The council wants proof that I live here" is theirs to decide.
            return -1;
        }

        if (position > sentence.First + 1 && (Tokens[position - 2].Lower, Tokens[position - 1].Lower) is ("of", "which") or ("of", "whom") or ("not", "that") or ("not", "because")
            || (position > sentence.First + 2 && Tokens[position - 1].Lower == "time" && Tokens[position - 3].Lower == "by"))
        {
            // "It's not that I dislike beaches" denies it, "by the time I'm 40" sets a term.
            return -1;
        }

        if (position > sentence.First && Tokens[position - 1].Lower == "all" && position + 1 < sentence.End && Tokens[position + 1].Lower is "ever" or "can" or "could" or "need" or "ask" or "want" or "know" or "spend"
            || Gate.Contains(Tokens, position + 1, Math.Min(sentence.End, position + 5), OwnSayings) == position + 1)
        {
            // "I eat my words", "we still haven't got a cot".
            return -1;
        }

        if (position > sentence.First && position + 1 < sentence.End && Tokens[position - 1].Lower == "since" && Tokens[position + 1].Lower == "last")
        {
            // "Since we last spoke" tells when.
            return -1;
        }

        if (position > sentence.First && Tokens[position - 1].Lower is "when" or "whenever" or "until" or "unless" or "how" or "before" or "till" && !(position + 1 < sentence.End && Tokens[position + 1].Lower == "became" && Tokens[position - 1].Lower is "when" or "before"))
        {
            // "Even when I write in English" tells of a case, not of a habit.
            return -1;
        }

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
        if (word is "live" or "living" or "share" && verb + 3 < sentence.End && Tokens[verb + 1].Lower == "with" && SlotReader.NumberWord(Tokens[verb + 2].Lower) && _relations.ReadNamedGroup(verb + 2, sentence, _output) is var household and > 0)
        {
            return household;
        }

        if (word is "live" or "living" or "share" && Tokens.FindIndex(verb, Math.Min(5, sentence.End - verb), token => token.Lower == "with") is var with and > 0 && with + 1 < sentence.End && _relations.ReadHousemates(with + 1, sentence, _output) is var housemates and > 0)
        {
            return housemates;
        }

        if (word == "keep" && verb + 2 < sentence.End && SlotReader.NumberWord(Tokens[verb + 1].Lower) && _relations.ReadNamedGroup(verb + 1, sentence, _output) is var kept and > 0)
        {
            return kept;
        }

        if (word is "named" or "called" or "christened" && _relations.Read(verb, sentence, clauseStart: true, ownerKnown: false, isTask: false, _output) is var naming and > 0)
        {
            return naming;
        }

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

        var matched = TryRules(FirstPerson.For(word switch { "are" or "is" or "'s" => "am", "has" => "have", "does" => "do", var other => other }), verb, position, sentence, clauseStart: true, needBare: false, canElide: false);
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

    /// <summary>"A husky called Bolt, escape artist": what follows a name without a verb is said of who has it.</summary>
    private bool IsSaidOfAnother(int position) =>
        position > 1 && Tokens[position - 1].Kind == TokenKind.Comma && Tokens[position - 2].IsCapitalised && _output.Count > 0 && _output[^1].Category == "relationship" && _output[^1].Quote.Start + _output[^1].Quote.Length == Tokens[position - 2].End;

    /// <summary>"Konrad, a widower in Trieste": a name nothing was read of stands before, and what follows is said of it.</summary>
    private bool IsSaidOfSomebody(int position, Sentence sentence) =>
        Tokens[position].Lower is "a" or "an" && position > sentence.First + 1 && Tokens[position - 1].Kind == TokenKind.Comma && Tokens[position - 2].IsCapitalised && !Lexicon.Subjects.Contains(Tokens[position - 2].Lower) && !Lexicon.Fillers.Contains(Tokens[position - 2].Lower)
        && !_output.Exists(fact => fact.Quote.Start <= Tokens[position - 2].Start && fact.Quote.Start + fact.Quote.Length >= Tokens[position - 2].End);

    /// <summary>"trying to ...", "based in ...": the rules of "I am" without "am".</summary>
    private int TryElidedAm(int position, Sentence sentence, bool needBare) =>
        IsSaidOfAnother(position) || IsSaidOfSomebody(position, sentence) || position > 0 && Tokens[position - 1].Kind == TokenKind.Masked ? -1 : TryRules(FirstPerson.WithoutAm, position, position, sentence, clauseStart: true, needBare, canElide: true);

    /// <summary>"What can I cook for my son Leo?" tells of Leo; "write a story about my wife Ana" may not.</summary>
    private bool HoldsFiction(Sentence sentence) => Gate.Contains(Tokens, sentence.First, sentence.End, FictionWords) >= 0;

    private static readonly string[][] StoryWords = [["story"], ["scene"], ["novel"], ["character"], ["script"], ["pretend"], ["imagine"], ["translate"], ["roleplay"], ["protagonist"], ["heroine"], ["hero"], ["villain"], ["chapter"], ["act"]];

    private static readonly string[][] FictionWords = [["story"], ["scene"], ["novel"], ["character"], ["script"], ["monologue"], ["pretend"], ["imagine"], ["dialogue"], ["fiction"], ["chapter"], ["translate"], ["perspective"], [":"], ["if"], ["suppose"], ["says"], ["said"], ["told"], ["protagonist"], ["roleplay"], ["user"]];
}
