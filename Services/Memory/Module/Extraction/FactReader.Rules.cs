using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <content>Which rules of the tables hold at a position.</content>
internal sealed partial class FactReader
{
    private static readonly string[][] Transient =
    [
        ["heute"], ["hoy"], ["aujourd'hui"], ["ahora", "mismo"], ["en", "ce", "moment"], ["today"], ["tonight"], ["tomorrow"], ["yesterday"], ["this", "week"], ["this", "morning"], ["this", "afternoon"], ["this", "evening"], ["right", "now"], ["at", "the", "moment"], ["for", "now"], ["this", "weekend"], ["just", "now"], ["last", "night"], ["for", "the", "weekend"], ["for", "the", "day"], ["for", "the", "night"], ["for", "a", "day"], ["for", "a", "night"], ["for", "a", "few", "days"], ["for", "two", "days"], ["for", "three", "days"], ["for", "a", "conference"], ["for", "a", "wedding"], ["an", "hour", "ago"], ["minutes", "ago"],
    ];

    private static readonly string[][] Emphasis = [["always"], ["any", "day"], ["every", "time"], ["forever"], ["all", "day"], ["for", "life"], ["hands", "down"], ["all", "the", "way"], ["for", "me"], ["no", "contest"], ["change", "my", "mind"], ["that", "hill"], ["fight", "me"], ["no", "debate"], ["no", "exceptions"], ["end", "of"], ["every", "trip"], ["every", "meal"], ["each", "time"], ["full", "stop"], ["every", "single"], ["any", "time"], ["no", "question"], ["without", "question"], ["without", "fail"], ["period"], ["for", "ever"], ["till", "i", "die"], ["until", "i", "die"], ["not", "even", "close"], ["by", "a", "mile"], ["no", "competition"], ["yes", "i", "know"], ["sorry", "not", "sorry"], ["come", "at", "me"], ["judge", "me"], ["till", "the", "end"], ["no", "arguments"]];

    /// <summary>Verbs that open a request rather than a statement whose "I" was left out.</summary>
    private static readonly FrozenSet<string> Imperatives = FrozenSet.ToFrozenSet(
        ["use", "always", "never", "only", "avoid", "keep", "read", "watch", "listen", "take", "follow", "eat", "drink", "practise", "practice", "do", "make", "run", "write", "go", "start", "build", "design", "work", "head", "lead", "manage", "teach", "sell", "need", "want", "code", "hope", "plan"]);

    private int TryRules(RuleList? rules, int position, int quoteFirst, Sentence sentence, bool clauseStart, bool needBare, bool canElide)
    {
        foreach (var rule in rules?.At(Tokens, position, sentence.End) ?? [])
        {
            if ((needBare && !sentence.AfterIntroduction && (!rule.Has(RuleTraits.Bare) || (Imperatives.Contains(Tokens[position].Lower) && !IsRefusal(position, sentence.End) && !(position + 1 < sentence.End && (Tokens[position + 1].Lower.EndsWith("ing", StringComparison.Ordinal) || Tokens[position].Lower == "never" && Tokens[position + 1].Lower.EndsWith("ed", StringComparison.Ordinal)))))) || (rule.Has(RuleTraits.ClauseStart) && !clauseStart) || (canElide && rule.Has(RuleTraits.Closed) && !sentence.AfterIntroduction))
            {
                continue;
            }

            List<Capture> captures = [];
            var end = rule.Pattern.Match(_context, position, sentence.End, lacksAm: canElide, captures);
            if (end <= position || (_context.Blocked[end - 1] && !Array.Exists(EnglishIdiomRules.Presupposed, given => given == rule)) || !Accept(rule, position, end, sentence, captures, canElide))
            {
                continue;
            }

            var before = _output.Count;
            _output.AddRange(_writer.Write(rule, position, end, captures, position == quoteFirst, canElide, quoteFirst));
            if (_output.Count == before)
            {
                continue;
            }

            _context.Effort.Matched?.Add(rule);
            MarkUpdates(rule, before, quoteFirst, end, sentence);
            return end;
        }

        return -1;
    }

    /// <summary>"Don't eat meat" and "want to get my black belt" of somebody who leaves out "I"; what the assistant is told not to do has other verbs.</summary>
    private bool IsRefusal(int position, int end) =>
        position + 3 < end && Tokens[position].Lower == "want" && Tokens[position + 1].Lower == "to" && Tokens.FindIndex(position, end - position, token => token.Lower is "my" or "year" or "summer") > 0
        || position + 2 < end && Tokens[position].Lower == "do" && Tokens[position + 1].Lower == "not" && Tokens[position + 2].Lower is "eat" or "drink" or "like" or "own" or "smoke" or "enjoy" or "drive";

    private bool Accept(Rule rule, int position, int end, Sentence sentence, List<Capture> captures, bool lacksAm)
    {
        if (rule.Has(RuleTraits.Closed) && end < sentence.End && Tokens[end].IsWord && !SlotReader.IsBoundary(_context, end, sentence.End, position)
            && !(Tokens[end].Lower is "and" or "from" or "with" or "without" or "by" or "not" or "instead" or "now" or "too" or "anymore" or "for" or "here" or "at" or "in" or "every" or "most" or "on" or "a" or "professionally" or "these" or "since"))
        {
            return false;
        }

        // "So any day trip has to be by train" follows from what was said before it.
        if (Tokens[position].Lower is "any" or "every" && position > sentence.First && Tokens[position - 1].Lower == "so" && Tokens.FindIndex(position, sentence.End - position, token => token.Lower is "you" or "please") < 0)
        {
            return false;
        }

        // "Bartholomew on paper. It's Barty": a name alone is one where names are spoken of.
        if (rule.Facts[0].Category == "name" && Tokens[position].Lower == "it" && end == sentence.End && end - position == 3 && !_output.Exists(fact => fact.Category == "name"))
        {
            return false;
        }

        // "Little Otis, born on Monday" is not the user.
        if (Tokens[position].Lower == "born" && position > sentence.First + 1 && !Tokens[position - 1].IsWord && Tokens[position - 2].IsCapitalised && !Lexicon.Subjects.Contains(Tokens[position - 2].Lower))
        {
            return false;
        }

        // "A vet in Porto, that's my sister Ines" is said of her.
        if (lacksAm && rule.Facts[0].Category is "profession" or "relationship" && Tokens.FindIndex(end - 1, Math.Min(8, sentence.End - end + 1), token => token.Lower is "that" or "this") is var pointer and > 0 && pointer + 2 < sentence.End && Tokens[pointer + 1].Lower is "is" or "'s" && Tokens[pointer + 2].Lower is "my" or "our")
        {
            return false;
        }

        // "The last week of the quarter is dreadful" is not the user.
        if (lacksAm && Tokens[position].Lower == "the" && !rule.Has(RuleTraits.Bare) && !sentence.AfterIntroduction)
        {
            return false;
        }

        // "Hello, it's Claude, right?" asks, "nothing that needs X, just for this script" is about a text at hand.
        if ((sentence.IsQuestion && rule.Facts[0].Category == "name" && Tokens[position].Lower is "hi" or "hello" or "hey" or "hiya")
            || (rule.Facts[0].SlotKey.StartsWith("limit:", StringComparison.Ordinal) && Gate.Contains(Tokens, position, sentence.End, [["for", "this"]]) >= 0))
        {
            return false;
        }

        // "Lowercase only for this bio" is about a text at hand.
        if (end + 1 < sentence.End && Tokens[end].Lower is "for" or "in" && Tokens[end + 1].Lower is "this" or "that" or "these")
        {
            return false;
        }

        // "So step-free routes only" is a wish drawn from what was said before it.
        if (position > sentence.First && Tokens[position - 1].Lower == "so" && Tokens[end - 1].Lower == "only")
        {
            return false;
        }

        if (position > sentence.First && ForeignRules.IsDenied(rule, Tokens[position - 1].Lower))
        {
            return false;
        }

        if (Tokens[position].Lower == "mine" && rule.Facts[0].Category == "date" && Tokens.FindLastIndex(position, token => token.Lower == "birthday") < 0)
        {
            return false;
        }

        if (rule.Has(RuleTraits.Emphatic) && _context.Text.AsSpan(Tokens[position].Start, Tokens[end - 1].End - Tokens[position].Start).IndexOf('>') < 0 && !(Gate.Contains(Tokens, position, EmphasisEnd(sentence), Emphasis) >= 0))
        {
            return false;
        }

        foreach (var capture in captures)
        {
            var first = Tokens[capture.First].Lower;
            if (capture.Name == "words" && capture.End == capture.First + 1 && first is "ça" or "cela" or "eso" or "esto" or "das" or "es" or "lo" or "dies" or "ce" or "aquí" or "hier" or "ici")
            {
                // "J'ai horreur de ça" says of something named before.
                return false;
            }

            if (capture.Name == "np" && rule.Facts[0].Category == "possession" && Tokens.FindIndex(capture.First, capture.End - capture.First, token => token.Lower is "it" or "them" or "those") >= 0)
            {
                // "Six barrels of it" says no more than what was named before.
                return false;
            }

            if (capture.Name == "place" && rule.Facts[0].SlotKey == "location" && SlotReader.IsPlatform(first) && Gate.Contains(Tokens, sentence.First, sentence.End, [["moved"], ["move"], ["relocation"]]) >= 0 && _output.Count == 0 && !Tokens.Exists(token => token.Lower is "from" or "over"))
            {
                // "The move to Postgres is done" is no removal.
                return false;
            }

            if (capture.Name == "org" && first is "is" or "are" or "was" or "were" or "has" or "have" || (capture.Name == "clause" && first == "be" && rule.Facts[0].Category == "profession"))
            {
                // "The company I work for is hiring" names none.
                return false;
            }

            if (lacksAm && rule.Facts[0].Category == "profession" && (Tokens.FindIndex(capture.First, capture.End - capture.First, token => token.Lower is "named" or "called") >= 0 || (end < Tokens.Count && Tokens[end].Text is ":" or "=" && capture.First == sentence.First)))
            {
                // "A retired pirate named Jack" is somebody in a story, and "author: " a field.
                return false;
            }

            if (lacksAm && rule.Facts[0].SlotKey == "diet" && end + 1 < sentence.End && Tokens[end].Lower is "is" or "'s" or "was" or "has" && Tokens[end + 1].Lower is "out" or "over" or "off" or "gone" or "done" or "finished" or "history" or "dead" or "behind" or "been")
            {
                // "Keto's out" says something of the diet.
                return false;
            }

            if (rule.Facts[0].Category == "name" && Lexicon.Days.Contains(first) && position < capture.First && Tokens[capture.First - 1].Lower is "is" or "'s" && Tokens.FindIndex(position, capture.First - position, token => token.Lower == "it") >= 0)
            {
                // "Hey, it's Friday".
                return false;
            }

            if ((capture.Name == "other" && first is "mind" or "again" or "been" or "had" or "seen" or "knew") || (capture.Name == "list" && first is "anything" or "something" or "much" or "now" or "to" or "in" && capture.End == capture.First + 1) || (capture.Name == "list" && first is "best" or "most" && Tokens[capture.First - 1].Lower is "like" or "love" or "enjoy" or "hate" or "dislike")
                || (capture.Name == "name" && (Tokens[end - 1].Lower == "again" && Lexicon.Days.Contains(first) || Tokens[end - 1].Lower is "again" or "here" && Lexicon.Months.Contains(first) && !(Tokens[end - 1].Lower == "here" && (end >= sentence.End || !Tokens[end].IsWord)))))
            {
                return false;
            }

            if (lacksAm && capture.Name == "place" && position > sentence.First && Tokens[position - 1].Text == "(" && !Tokens[capture.First].IsCapitalised)
            {
                // "Play water polo (in goal)" is not where somebody lives.
                return false;
            }

            if (capture.Name == "list" && first == "out" && capture.First > 0 && Tokens[capture.First - 1].Lower == "dropped" || capture.Name is "thing" or "stuff" && first is "been" or "rid" or "gone" or "fallen" or "grown" or "seen" or "done" or "come" or "taken" or "left")
            {
                return false;
            }

            if (capture.Name is "org" or "list" && Tokens[position].Lower == "quit" && StyleReader.IsOfReplies(first) && (position == sentence.First || !Lexicon.Subjects.Contains(Tokens[position - 1].Lower)))
            {
                // "Quit apologising" is said to the assistant.
                return false;
            }

            if (capture.Name == "list" && Tokens[position].Lower == "do" && (first == "any" || Tokens[capture.End - 1].Lower is "here" or "there" or "yet" || Tokens.FindIndex(capture.First, capture.End - capture.First, token => token.Lower is "this" or "these" or "that") >= 0) && Tokens[capture.First - 1].Lower == "use")
            {
                // "I don't use threads here" is about the task at hand.
                return false;
            }

            if (capture.Name == "clause" && capture.End == capture.First + 1 && first is "check" or "know" or "see" or "skim" or "ask" or "think" or "understand" or "verify" or "compare" or "help")
            {
                // "I like to check" says why, and nothing of somebody.
                return false;
            }

            if (capture.Name == "clause" && Gate.Contains(Tokens, position, capture.First, [["would", "rather"]]) >= 0 && Tokens.FindIndex(capture.First, capture.End - capture.First, token => token.Lower is "that" or "this" or "it") >= 0)
            {
                return false;
            }

            if (capture.Name is "role" or "nominal" && Tokens[capture.First].Lower is "her" or "his" or "their" || (capture.Name == "clause" && first == "have" && Tokens.FindIndex(capture.First, capture.End - capture.First, token => token.Lower is "than" or "written" or "finished" or "read" or "visited" or "saved") < 0))
            {
                return false;
            }

            if (capture.Name == "role" && capture.End == capture.First + 1 && position < capture.First && Tokens[capture.First].IsCapitalised && Tokens[capture.First - 1].Lower is "am" or "is" or "'s" && !Lexicon.Professions.Contains(Tokens[capture.First].Lower) && !Tokens[capture.First].IsAcronym)
            {
                // "I'm Summer" names somebody, whatever the word ends in.
                return false;
            }

            if (capture.Name == "role" && HoldsDeterminer(capture))
            {
                return false;
            }

            if (capture.Name == "status" && first is "hardly" or "barely" or "scarcely" or "hooked" or "obsessed" or "addicted" or "stuck" or "gone" or "become" or "turned" or "moved" or "switched" or "started" or "quit" or "lived")
            {
                return false;
            }

            if (lacksAm && capture.Name == "role" && Tokens[position].Lower == "the")
            {
                // "The last tutor charged double" is not the user.
                return false;
            }

            if (lacksAm && capture.Name == "demonym" && ((end < sentence.End && Tokens[end].IsWord) || (position > sentence.First && Tokens[position - 1].Lower is "then" or "only") || Tokens[position].Lower is "then" or "only"))
            {
                // "English only came after that" is a language.
                return false;
            }

            if (capture.Name == "clause" && (first is "you" or "it" && capture.First > 1 && Tokens[capture.First - 1].Lower == "rather" || first == "did" && Tokens.FindIndex(capture.First, capture.End - capture.First, token => token.Lower is "store" or "keep" or "save" or "remember" or "record") >= 0 || first is "kept" or "called" or "forgot" or "deleted" or "erased" or "removed" or "dropped" && Tokens[capture.First - 1].Lower == "you"))
            {
                // "I'd rather you kept nothing" is a request.
                return false;
            }

            if (capture.Name is "ing" or "status" && capture.End > capture.First + 1 && Tokens[capture.First + 1].Lower is "it" or "that" or "this" or "them")
            {
                // "I've been humming it since breakfast".
                return false;
            }

            if (capture.Name is "thing" or "stuff" or "np" && rule.Facts[0].Category == "possession" && SlotReader.NumberWord(first) && capture.End > capture.First + 1 && Tokens[capture.First + 1].Lower is "on" or "in" or "at" or "of" or "under" or "by")
            {
                // "Of which I have twenty-two on the terrace" does not say what.
                return false;
            }

            if (lacksAm && capture.Name == "role" && sentence.IsQuestion && capture.End + 1 < sentence.End && Tokens[capture.End].Kind == TokenKind.Comma && Tokens[capture.End + 1].Lower == "or")
            {
                // "Vet, or wait and see?" asks which.
                return false;
            }

            if (lacksAm && capture.Name is "nominal" or "size")
            {
                return false;
            }

            if (lacksAm && capture.Name == "role" && ((Tokens[position].Lower is not ("a" or "an" or "the") && !Lexicon.Professions.Contains(Tokens[capture.End - 1].Lower)) || (end < sentence.End && Tokens[end].IsWord && !SlotReader.IsBoundary(_context, end, sentence.End, position))))
            {
                return false;
            }

            if (capture.Name == "np" && first == "more" && capture.First > 0 && Tokens[capture.First - 1].Lower == "no")
            {
                // "No more climbing for me" ends something.
                return false;
            }

            if (capture.Name is "np" or "list" && first is "myself" or "ourselves" || (capture.Name is "np" or "list" && first is "back" or "along" or "waiting" or "trying" or "looking" or "asking" or "wondering" or "pointing" or "saying" && position < capture.First))
            {
                return false;
            }

            if (capture.Name == "name" && !Tokens[capture.First].IsCapitalised && first is "bike" or "bicycle" or "bus" or "train" or "tram" or "foot" or "car" or "tube" or "metro" or "ferry" or "boat" or "plane" or "taxi")
            {
                // "To work I go by bike".
                return false;
            }

            if (capture.Name == "reaction" && Lexicon.Family.Contains(first))
            {
                // "Cats make my girlfriend sneeze".
                return false;
            }

            if (capture.Name == "name" && first is "er" or "sie" or "es" or "das" or "dies" or "el" or "él" or "ella" or "ello" or "esto" or "esta" or "il" or "elle" or "ce" or "c'" or "ça")
            {
                // "Er ist mein Bruder" names nobody.
                return false;
            }

            if (capture.Name == "np" && rule.Facts[0].Category == "goal" && capture.End == capture.First + 2 && first == "a" && Tokens[capture.First + 1].Lower is "pass" or "win" or "success" or "yes" or "place" or "must")
            {
                // "A pass is my aim" does not say of what.
                return false;
            }

            if (IsAtHand(rule, capture) || IsMisread(rule, capture, sentence, position))
            {
                return false;
            }

            if (capture.Name == "ask" && first is "the" or "your" or "that" or "this" or "these" or "those" || capture.Name == "np" && first == "my" && Tokens[capture.End - 1].Lower is "rule" or "rules")
            {
                // "Your answers are what I need" thanks for them; "my rule: no emojis" is about what follows.
                return false;
            }

            if (capture.Name is "reply" or "ask" && first is "is" or "are" or "'s" or "was" || (capture.Name == "reply" && Tokens[capture.End - 1].Lower is "in" or "with" or "to"))
            {
                // "What I want is short answers" and "the language I want answers in" are read from their beginning.
                return false;
            }

            if (capture.Name == "reply" && first == "your" && capture.End > capture.First + 2 && Gate.Contains(Tokens, position, capture.First, [["would"], ["will"], ["prefer"], ["want"]]) >= 0)
            {
                // "I'd like your answers as numbered steps".
                continue;
            }

            if (capture.Name is "list" or "np" or "choice" or "reply" && (first is "your" or "this" or "that" or "these" or "it" or "them" or "you" or "how" or "what" or "why" or "to" && capture.Name != "choice" || HoldsTaskWord(capture)))
            {
                return false;
            }
        }

        if (rule.Facts[0].Category == "name" && Gate.Contains(Tokens, sentence.First, sentence.End, Transient) >= 0 && Tokens[position].Lower is "call" or "address")
        {
            return false;
        }

        if (rule.Has(RuleTraits.Closed) && rule.Facts[0].Category == "interest" && end < sentence.End && (Tokens[end].Lower == "in" || (Tokens[end].Lower == "a" && end + 1 < sentence.End && (Tokens[end + 1].IsCapitalised || Tokens[end + 1].Kind == TokenKind.Number)) || (Tokens[end].Lower is "on" or "with" && end + 1 < sentence.End && Tokens[end + 1].Lower is "a" or "an" or "my")))
        {
            // "I sing in the Riverside choir", "I sail a Contessa" say more than "I sing", "I sail".
            return false;
        }

        if (end < Tokens.Count && Tokens[end].Kind == TokenKind.Masked && captures.Exists(capture => capture.End == end))
        {
            // The value is quoted and was not read: the rest of it says nothing.
            return false;
        }

        if (rule.Pattern.FirstWords.Count == 0 && captures.Count > 0 && captures[0].End > captures[0].First + 1 && StyleReader.IsOrder(Tokens, captures[0].First))
        {
            // "Go straight to the answer, every time" is asked of the assistant.
            return false;
        }

        if (rule.Pattern.FirstWords.Count == 0 && captures.Count > 0 && (HoldsVerb(captures[0]) || Tokens[captures[0].First].Lower == "just"))
        {
            // What stands before the words of the rule is a clause of its own.
            return false;
        }

        if (rule.Pattern.FirstWords.Count == 0 && captures.Count > 0 && Lexicon.Fillers.Contains(Tokens[captures[0].First].Lower) && captures[0].End == captures[0].First + 1)
        {
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

        return !IsPassing(position, clauseEnd);
    }

    /// <summary>"Trains over planes. Every single time": what makes a fragment a preference may stand in a few words behind it.</summary>
    private int EmphasisEnd(Sentence sentence)
    {
        var next = _at + 1 < _context.Sentences.Count ? _context.Sentences[_at + 1] : default;
        return next.End > next.First && !next.IsQuestion && (next.End - next.First <= 7 || Gate.Contains(Tokens, next.First, next.End, Emphasis) == next.First) ? next.End : sentence.End;
    }

    /// <summary>Whether a clause speaks of the moment; "as of today" and "starting this week" begin something that lasts.</summary>
    private bool IsPassing(int first, int end)
    {
        while (Gate.Contains(Tokens, first, end, Transient) is var at and >= 0)
        {
            var isStart = at > 0 && Tokens[at - 1].Lower is "of" or "since" or "from" or "starting" or "until" or "till" || (at > 1 && Tokens[at - 2].Lower is "of" or "since" or "from");
            if (!isStart)
            {
                return true;
            }

            first = at + 1;
        }

        return false;
    }

    /// <summary>"last chap bled every radiator": behind the first word of a role stands no determiner but in "of the".</summary>
    private bool HoldsDeterminer(Capture capture)
    {
        for (var i = capture.First + 1; i < capture.End; i++)
        {
            if (Tokens[i].Lower is "every" or "each" or "my" or "our" or "your" or "this" or "that" or "all" || (Tokens[i].Lower is "the" or "a" or "an" && Tokens[i - 1].Lower is not ("of" or "and" or "to")))
            {
                return true;
            }
        }

        return false;
    }

    private bool HoldsVerb(Capture capture)
    {
        for (var i = capture.First; i < capture.End; i++)
        {
            if (Tokens[i].Lower is "is" or "are" or "was" or "were" or "have" or "has" or "had" or "do" or "does" or "did" or "can" or "could" or "will" or "would" or "should" or "must")
            {
                return true;
            }
        }

        return false;
    }

    private bool HoldsTaskWord(Capture capture)
    {
        for (var i = capture.First; i < capture.End; i++)
        {
            if (Tokens[i].Lower is "version" or "suggestion" or "suggestions" or "idea" or "draft" or "approach" or "option" or "error" or "errors" or "bug" or "function" or "your" or "output" or "exception" or "you" or "result" or "results" or "you're" or "those" or "these")
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
}
