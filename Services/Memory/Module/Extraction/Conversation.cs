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
    public static IReadOnlyList<MemoryCandidate> Read(ExtractionRequest request, Effort? effort = null) => Read(request, effort, out _);

    /// <summary>The facts of a message, and whether something private was stated besides that nothing asks to be kept.</summary>
    /// <param name="request">The message and what was written before it.</param>
    /// <param name="effort">Receives what reading has cost; null when nobody asks.</param>
    /// <param name="withheldPrivate">Whether something private was stated besides.</param>
    /// <param name="weighs">Whether what no rule reads is weighed by its words.</param>
    public static IReadOnlyList<MemoryCandidate> Read(ExtractionRequest request, Effort? effort, out bool withheldPrivate, bool weighs = false)
    {
        var reading = Read(request, effort, weighs ? Weighing.Words : Weighing.None);
        withheldPrivate = reading.WithheldPrivate;
        return reading.Facts;
    }

    /// <summary>What a message says.</summary>
    /// <param name="request">The message and what was written before it.</param>
    /// <param name="effort">Receives what reading has cost; null when nobody asks.</param>
    /// <param name="weighing">What is made of what no rule reads.</param>
    /// <param name="meant">Texts of facts told before that the message means without naming them.</param>
    public static MessageReading Read(ExtractionRequest request, Effort? effort, Weighing weighing, IReadOnlyCollection<string>? meant = null)
    {
        var conversation = new Conversation(request.Text, request.PreviousUserMessages, request.Question, effort);
        var facts = conversation.Read();
        IReadOnlyList<UnnamedFact> unnamed = [];
        if (weighing != Weighing.None)
        {
            new PointingReader(conversation._context).Read(facts);
            var turns = new TurnReader(conversation._context, request.PreviousUserMessages, meant ?? []);
            if (weighing == Weighing.WordsAndMeaning)
            {
                unnamed = turns.FindUnnamed(facts);
            }

            if (!turns.Read(facts))
            {
                new UnreadReader(conversation._context, request.PreviousUserMessages.Count, conversation.AnswersTask()).Read(facts);
            }
        }

        return new(request.SaidAt is { } saidAt ? facts.ConvertAll(fact => conversation.WithEnd(fact, saidAt)) : facts, conversation._context.WithheldPrivate, unnamed);
    }

    private List<MemoryCandidate> Read()
    {
        var output = ReadReferences();
        var people = KnownPeople();
        var facts = new FactReader(_context, people, Meant(people)).Read();
        facts.RemoveAll(f => output.Exists(o => o.Quote.Overlaps(f.Quote)));
        output.AddRange(facts.Select(Relate));
        if (JapaneseReader.Applies(_context.Text))
        {
            List<MemoryCandidate> japanese = [];
            new JapaneseReader(_context.Text).Read(TextMask.Apply(_context.Text), japanese);
            output.AddRange(japanese.Where(c => !SensitiveText.IsPrivate(c.Text) && !SensitiveText.ClaimsPower(c)));
        }
        else if (ChineseReader.Applies(_context.Text) && !Tokens.Exists(token => token.Lower is "system" or "administrator"))
        {
            List<MemoryCandidate> chinese = [];
            new ChineseReader(_context.Text).Read(TextMask.Apply(_context.Text), chinese);
            output.AddRange(chinese.Where(c => !SensitiveText.IsPrivate(c.Text)));
        }

        DropAnsweredRole(output);
        ReadAnswer(output);
        ReadTurns(output);
        ReadReplaced(output);
        ReadLetGo(output);
        ReadResumed(output);
        ReadBirth(output);
        ReadNewborn(output);
        ReadShortName(output);
        ReadArrival(output);
        ReadPassedAlone(output);
        ReadNameAlone(output);
        KeepHome(output);
        ReadSignature(output);
        CorrectWithin(output);
        JoinExam(output);
        MoveAway(output);
        DropEndedJobs(output);
        ReadNewFirm(output);
        ReadLeftTrade(output);
        DropWhatDiedWith(output);
        if (output.Exists(fact => fact.SlotKey == "relationship:partner"))
        {
            // "... so we're engaged" of whom it was told to.
            output.RemoveAll(fact => fact.SlotKey == "relationship:status" && fact.Text is "User is engaged." or "User is married.");
        }

        ReadGoalReached(output);
        return [.. output.OrderBy(c => c.Quote.Start).DistinctBy(c => (c.Operation == CandidateOperation.Delete, c.SlotKey, c.Text))];
    }

    /// <summary>"A lighthouse keeper" that answers what a book is about is nobody's trade.</summary>
    private void DropAnsweredRole(List<MemoryCandidate> output)
    {
        if (Tokens.Count > 0 && Tokens[0].Lower is "a" or "an" && _question is { } asked && asked.Contains('?', StringComparison.Ordinal) && !Array.Exists(WorkWords, word => asked.Contains(word, StringComparison.OrdinalIgnoreCase)))
        {
            output.RemoveAll(fact => fact.Category == "profession" && fact.Quote.Start <= Tokens[1 % Tokens.Count].Start);
        }
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
            else if (parts.Length is 2 or 3 && parts[0] == "relationship" && (Lexicon.Family.Contains(parts[1]) || Lexicon.Pets.Contains(parts[1])))
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

    private bool IsForgetting(int at) => (Tokens[at].Lower == "remove" && at > 0 && at + 1 < Tokens.Count && Tokens[at - 1].Lower is "you" or "please" or "so" or "then" && Tokens[at + 1].Lower is "him" or "her" or "them") || (Tokens[at].Lower == "drop" && at + 1 < Tokens.Count && Tokens[at + 1].Lower == "that") || (Tokens[at].Lower is "erased" or "deleted" or "forgot" or "removed" or "wiped" or "dropped" && at > 1 && Tokens[at - 1].Lower == "you" && Tokens[at - 2].Lower == "if") || Tokens[at].Lower is "scratch" or "vergiss" or "lösche" or "olvida" or "borra" or "oublie" or "efface" or "forget" or "delete" or "erase" or "scrub" or "wipe" or "unlearn";

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
                if (Tokens[i].Lower == "did" && Tokens[i - 1].Lower == "you" && IsNotToBeKept(i, sentence.End))
                {
                    first = i;
                    break;
                }

                if (i <= first + 3 && Tokens[i].Lower == "do" && IsNotToBeKept(i, sentence.End))
                {
                    // "On reflection, don't hang on to that".
                    first = i;
                    break;
                }

                if (IsTakingOut(i, sentence.End))
                {
                    first = i;
                    break;
                }

                if (IsForgetting(i) && (!Tokens[i - 1].IsWord || Tokens[i - 1].Lower is "you" && (Tokens[i].Lower.EndsWith("ed", StringComparison.Ordinal) || i > 1 && Tokens[i - 2].Lower is "can" or "could" or "would" or "will") || Tokens[i - 1].Lower is "please" or "so" or "just" or "and" or "then" or "kindly" or "no" or "nah" or "actually"))
                {
                    first = i;
                    break;
                }
            }

            if (ReadLostSomebody(sentence, output) || ReadForget(first, sentence, output) || ReadUnkept(sentence, output) || ReadSwap(sentence, output) || ReadRecount(sentence, output) || ReadCorrection(s, sentence, output) || ReadAntecedent(s, sentence, output))
            {
                if (Tokens.FindIndex(sentence.First, sentence.End - sentence.First, token => token.Kind == TokenKind.Comma) is var comma and > 0 && comma + 1 < sentence.End)
                {
                    // "Forget the course, Callum and I split up".
                    ReadBreakUp(sentence with { First = comma + 1 }, output);
                }

                continue;
            }

            ReadOver(sentence, output);
            ReadBreakUp(sentence, output);
            ReadLoss(sentence, output);
            ReadOff(sentence, output);
            ReadRehomed(sentence, output);
            ReadPassed(sentence, output);
            ReadRenamed(sentence, output);
            ReadSwapped(sentence, output);
            ReadEngaged(sentence, output);
            ReadAffirmed(s, sentence, output);
            ReadStopped(sentence, output);
            ReadNoLonger(sentence, output);
            ReadForeignEnding(sentence, output);
            if (output.Count == 0)
            {
                ReadDenied(sentence, output);
            }

            ReadMoved(sentence, output);
            ReadHomeNow(sentence, output);
            ReadCounted(sentence, output);
            ReadChanged(sentence, output);
            ReadVerdict(sentence, output);
            ReadNews(sentence, output);
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

        if (_previous.Count > 0 && fact.Operation == CandidateOperation.Update && fact.SlotKey.StartsWith("uses:", StringComparison.Ordinal) && fact.Text.Contains(" to ", StringComparison.Ordinal) && Earlier.FindAll(known => known.SlotKey.StartsWith("uses:", StringComparison.Ordinal)) is [var tool1])
        {
            // "I've switched to Zed" ends the one tool of its kind that was told.
            return fact with { SlotKey = tool1.SlotKey };
        }

        if (_previous.Count > 0 && fact.Operation == CandidateOperation.Update && fact.SlotKey.StartsWith("uses:", StringComparison.Ordinal) && Earlier.FindAll(known => known.SlotKey.StartsWith("habit:", StringComparison.Ordinal)) is [var habit] && !Earlier.Exists(known => known.SlotKey.StartsWith("uses:", StringComparison.Ordinal)))
        {
            // "I write everything in Emacs" is a habit, and ends with "switched to Helix".
            return fact with { SlotKey = habit.SlotKey };
        }

        if (_previous.Count > 0 && fact.Category == "style" && SlotReader.CodeLanguageIn(fact.Text) is { } code && Earlier.FindLast(known => known.Category == "style" && HasWord(known.Text, "examples") == HasWord(fact.Text, "examples") && SlotReader.CodeLanguageIn(known.Text) is { } other && other != code) is { } styled)
        {
            // "Use TypeScript for the examples" takes the place of "code examples in Python".
            return fact with { Operation = CandidateOperation.Update, SlotKey = styled.SlotKey };
        }

        if (_previous.Count > 0 && fact.Category is "preference" or "dislike" && Opposite(fact.SlotKey) is { } opposite && Earlier.FindLast(known => known.SlotKey == opposite) is { } reversed)
        {
            // "I like olives after all" ends "I hate olives".
            return fact with { Operation = CandidateOperation.Update, SlotKey = reversed.SlotKey };
        }

        if (_previous.Count > 0 && fact is { SlotKey: "preference:drink", Operation: CandidateOperation.Update } && Earlier.FindLast(known => known.SlotKey.StartsWith("preference:", StringComparison.Ordinal) && Lexicon.Beverages.Contains(known.SlotKey["preference:".Length..])) is { } drunk)
        {
            // "Plain espresso is what I have now" of whose coffee was told.
            return fact with { SlotKey = drunk.SlotKey };
        }

        if (_previous.Count > 0 && fact is { Category: "dislike", Operation: CandidateOperation.Update } && fact.SlotKey.StartsWith("likes:", StringComparison.Ordinal)
            && Earlier.FindLast(known => known.Category is "preference" or "interest" && Array.Exists(fact.SlotKey["likes:".Length..].Split(' '), word => word.Length > 2 && HasWord(known.Text, word))) is { } liked)
        {
            // "I've gone off runny eggs" ends "I like my eggs runny".
            return fact with { SlotKey = liked.SlotKey };
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

        if (_previous.Count > 0 && fact is { Operation: CandidateOperation.Update, SlotKey: "location" } && !Earlier.Exists(known => known.SlotKey == "location") && Earlier.FindAll(known => known.SlotKey.StartsWith("uses:", StringComparison.Ordinal)) is [var tool2])
        {
            // "Moved over to Zed" of somebody who told of an editor and of no town.
            return fact with { Text = "User uses " + fact.Text["User lives in ".Length..], SlotKey = tool2.SlotKey, Category = tool2.Category };
        }

        if (_previous.Count > 0 && fact.SlotKey == "event:marriage" && HasWord(fact.Text, "married") && Earlier.FindLast(known => known.SlotKey == "relationship:partner" && HasWord(known.Text, "engaged")) is { } engaged)
        {
            return fact with { Operation = CandidateOperation.Update, SlotKey = engaged.SlotKey };
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
            if (Earlier.FindLast(known => HasWord(known.Text, left)) is not { } ended)
            {
                return fact;
            }

            // Who asks where somebody works finds work, and not a change of tools.
            return fact with { SlotKey = ended.SlotKey, Category = ended.Category, Text = ended.SlotKey == "employer" ? $"User works at {fact.Text[(to + 4)..]}" : fact.Text };
        }

        if (fact.Category != "possession" || _previous.Count == 0 || KindOf(fact.Text) is not { } kind)
        {
            return fact;
        }

        // What somebody has now can replace what they said they use.
        var isReplacement = Tokens.Exists(t => t.Lower is "bought" or "replaced" or "upgraded" or "switched" or "swapped" or "traded" or "sold" or "instead" or "new" or "now" or "got" or "dropped" or "died" or "broke" or "lost" or "stolen" or "went" or "smashed" or "cracked" or "binned" or "ditched");
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

        return text.AsSpan(at, end - at) is "r" or "er" or "es" or "ing" or "ers" or "rs" or "d" or "ed";
    }
}
