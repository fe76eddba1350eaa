using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <summary>Reads the value of a typed slot: how far it reaches, and whether it is of its type.</summary>
internal static partial class SlotReader
{
    /// <summary>Most tokens from the start of a slot to the first word behind it.</summary>
    public const int LongestSlot = 48;

    private const int MaxPhrase = 20;
    private const int MaxAdverbs = 4;

    /// <summary>Reads a slot.</summary>
    /// <param name="context">The message.</param>
    /// <param name="type">The slot type.</param>
    /// <param name="position">Where the slot may begin.</param>
    /// <param name="end">Where the sentence ends.</param>
    /// <param name="stops">Words of the pattern that may follow the slot.</param>
    /// <param name="start">Where the value begins, leading adverbs left out.</param>
    /// <returns>The index behind the value, or -1 when there is none of the type.</returns>
    public static int Read(MessageContext context, string type, int position, int end, string[] stops, out int start)
    {
        var tokens = context.Tokens;
        start = position;
        while (start < end - 1 && start < position + MaxAdverbs && Lexicon.Adverbs.Contains(tokens[start].Lower) && type is not ("np" or "clause"))
        {
            start++;
        }

        if (start >= end || !tokens[start].IsWord)
        {
            return -1;
        }

        return type switch
        {
            "name" => Name(context, ref start, end),
            "selfname" => tokens[start].IsCapitalised || IsGreeted(context, start) ? Name(context, ref start, end) : -1,
            "newcomer" => IsNewcomer(context, start) ? Name(context, ref start, end) : -1,
            "stranger" => IsIntroduced(context, start) ? Name(context, ref start, end) : -1,
            "firm" => tokens[start].IsCapitalised ? Organisation(context, start, end, stops) : -1,
            "place" => Place(context, ref start, end),
            "org" => Organisation(context, start, end, stops),
            "role" => Role(context, ref start, end, stops),
            "num" => tokens[start].Kind == TokenKind.Number || NumberWord(tokens[start].Lower) ? start + 1 : -1,
            "lang" => Language(context, ref start, end),
            "demonym" => Lexicon.Demonyms.Contains(tokens[start].Lower) ? start + 1 : -1,
            "diet" => Lexicon.Diets.Contains(tokens[start].Lower) ? start + 1 : -1,
            "access" => Lexicon.AccessNeeds.Contains(tokens[start].Lower) ? start + 1 : -1,
            "field" => Lexicon.Fields.Contains(tokens[start].Lower) ? start + 1 : -1,
            "date" => Date(context, start, end),
            "drink" => Lexicon.Beverages.Contains(tokens[start].Lower) ? start + 1 : -1,
            "vehicle" => OneOf(context, start, end, Lexicon.Vehicles),
            "device" => OneOf(context, start, end, Lexicon.Devices),
            "home" => OneOf(context, start, end, Lexicon.Homes),
            "thing" => Thing(context, start, end, stops),
            "hobbyist" => Hobbyist(context, start, end, stops),
            "ing" => tokens[start].Lower.EndsWith("ing", StringComparison.Ordinal) && tokens[start].Lower.Length > 4 ? Phrase(context, start, end, stops) : -1,
            "making" => tokens[start].Lower.EndsWith("ing", StringComparison.Ordinal) && tokens[start].Lower is not ("having" or "thinking" or "feeling" or "crying" or "worrying" or "seeing" or "hearing" or "getting" or "losing" or "waking" or "eating" or "drinking") && Phrase(context, start, end, stops) is var made && made > start + 1 ? made : -1,
            "homeword" => Vocabulary["dwelling"].Contains(tokens[start].Lower) ? start + 1 : -1,
            "gerund" => tokens[start].Lower.EndsWith("ing", StringComparison.Ordinal) && tokens[start].Lower.Length > 4 ? start + 1 : -1,
            "list" or "items" => List(context, start, end, stops),
            "clause" => Clause(context, start, end),
            "word" => start + 1,
            "words" => Foreign(context, start, end, stops),
            "day" => Lexicon.Days.Contains(tokens[start].Lower.TrimEnd('s')) ? start + 1 : -1,
            "age" => (tokens[start].Kind == TokenKind.Number && int.TryParse(tokens[start].Text, out var age) && age is > 5 and < 120) || IsAgeWord(tokens[start].Lower) ? start + 1 : -1,
            "langs" => Languages(context, ref start, end, stops),
            "choice" => Choice(context, start, end),
            "goal" => Goal(context, start, end),
            "tool" => Tool(context, start, end, stops),
            "system" => tokens[start].IsCapitalised && !Lexicon.Days.Contains(tokens[start].Lower) && !Lexicon.Months.Contains(tokens[start].Lower) || Vocabulary["platform"].Contains(tokens[start].Lower) ? NounPhrase(context, start, end, stops) : -1,
            "systems" => tokens[start].IsCapitalised || tokens[start].Lower is "a" or "my" ? Phrase(context, start, end, stops) : -1,
            "description" => Description(context, start, end, stops),
            "names" => Names(context, start, end),
            "nominal" => Nominal(context, start, end, stops),
            "measure" => Measure(context, start, end, stops),
            "stuff" => Stuff(context, start, end, stops),
            "nameable" => Nameable(context, start, end, stops),
            "duty" => tokens[start].Lower is "head" or "run" or "lead" or "manage" or "handle" or "oversee" or "coordinate" or "supervise" or "teach" or "direct" || tokens[start].Lower is "look" or "am" or "work" && start + 1 < end && tokens[start + 1].Lower is "after" or "in" or "responsible" or "as" or "a" or "an" or "the" or "head" ? Phrase(context, start, end, stops) : -1,
            "pastime" => Topic(context, start, end, stops) is var pastime and > 0 && tokens.FindIndex(start, pastime - start, token => Vocabulary["burden"].Contains(token.Lower)) < 0 ? pastime : -1,
            "bareexam" => Topic(context, start, end, stops) is var exam and > 0 && HoldsAny(tokens, start, exam, Vocabulary["examined"]) ? exam : -1,
            "leaving" => PhraseWith(context, start, end, stops, Vocabulary["leave"]),
            "owned" => tokens[start].Kind == TokenKind.Word && !TaskNouns.Contains(tokens[start].Lower) ? Owned(context, start, end) : -1,
            "status" => PhraseWith(context, start, end, stops, Vocabulary["status"]),
            "grade" => tokens[start].Lower is "basic" or "rusty" or "decent" or "fluent" or "good" or "ok" or "okay" or "terrible" or "fine" or "passable" or "conversational" or "a1" or "a2" or "b1" or "b2" or "c1" or "c2" or "limited" or "broken" or "native" or "intermediate" or "beginner" or "advanced" or "poor" or "bad" ? start + 1 : -1,
            "body" => tokens[start].Lower is "leg" or "arm" or "wrist" or "ankle" or "hip" or "collarbone" or "toe" or "finger" or "foot" or "elbow" or "knee" or "acl" or "shoulder" or "rib" or "ribs" or "hand" ? start + 1 : -1,
            "rufname" => IsRoleLike(tokens[start]) ? -1 : Name(context, ref start, end),
            "beruf1" or "oficio1" or "métier1" => Vocabulary[type[..^1]].Contains(tokens[start].Lower) ? start + 1 : -1,
            "beruf" or "oficio" or "métier" when ForeignTrades.IsTrade(type, tokens[start]) => Phrase(context, start, end, stops),
            "codelang" => Vocabulary["codelang"].Contains(tokens[start].Lower) ? start + 1 : -1,
            "utc" => tokens[start].Lower.StartsWith("utc", StringComparison.Ordinal) || tokens[start].Lower.StartsWith("gmt", StringComparison.Ordinal) || tokens[start].IsAcronym && tokens[start].Lower is "cet" or "cest" or "est" or "edt" or "pst" or "pdt" or "cst" or "bst" or "jst" or "ist" or "aest" ? NounPhrase(context, start, end, stops) : -1,
            "yearold" => tokens[start].Lower.EndsWith("-year-old", StringComparison.Ordinal) || tokens[start].Lower.EndsWith("-month-old", StringComparison.Ordinal) || tokens[start].Lower.EndsWith("-week-old", StringComparison.Ordinal) ? start + 1 : -1,
            "doing" => Doing(context, start, end, stops),
            "topic" => Topic(context, start, end, stops),
            "eaten" => Eaten(context, start, end, stops),
            "sort" => Sort(context, start, end, stops),
            "foods" => Phrase(context, start, end, stops) is var foods and > 0 && foods - start <= 3 ? foods : -1,
            "branded" => Branded(context, start, end),
            "marque" => tokens[start].IsCapitalised ? Branded(context, start, end) : -1,
            "fan" => Fan(context, start, end, stops),
            "sex" => tokens[start].Lower is "m" or "f" or "male" or "female" or "yo" or "y/o" ? start + 1 : -1,
            "height" => IsHeight(tokens[start].Text) ? start + 1 : -1,
            "hair" => tokens[start].Lower is "red" or "curly" or "brown" or "blond" or "blonde" or "grey" or "gray" or "blue" or "green" or "hazel" or "sensitive" or "dry" or "oily" or "fine" or "thick" or "fair" or "dark" or "long" or "short" ? start + 1 : -1,
            "keepsake" => Keepsake(context, start, end),
            "team" => tokens[start].IsCapitalised ? NounPhrase(context, start, end, stops) : -1,
            "money" => tokens[start].Kind == TokenKind.Number && tokens[start].Lower[^1] == 'k' || tokens[start].Start > 0 && context.Text[tokens[start].Start - 1] is '£' or '$' or '€' ? NounPhrase(context, start, end, stops) : tokens[start].Kind == TokenKind.Number || NumberWord(tokens[start].Lower) ? PhraseWith(context, start, end, stops, Vocabulary["sum"]) : -1,
            "kept" => NounPhrase(context, start, end, stops) is var kept and > 0 && tokens.FindIndex(start, kept - start, token => token.Lower is "this" or "that" or "it" or "answer" or "reply" or "respond" or "run") < 0 ? kept : -1,
            "onlys" => NounPhrase(context, start, end, stops) is var limited and > 0 && tokens.FindIndex(start, limited - start, token => token.Lower.EndsWith("-only", StringComparison.Ordinal)) >= 0 ? limited : -1,
            "craft" => tokens[start].Lower.Length > 6 && tokens[start].Lower.EndsWith("ing", StringComparison.Ordinal) && !NoCrafts.Contains(tokens[start].Lower) && (start + 1 >= end || !tokens[start + 1].IsWord || tokens[start + 1].Lower is "in" or "at" or "on" or "every" or "since" or "for" or "with" or "as" or "most" or "and") ? start + 1 : -1,
            "diploma" => tokens[start].IsAcronym && tokens[start].Text.Length > 2 ? start + 1 : PhraseWith(context, start, end, stops, Vocabulary["credential"]),
            "plural" => Phrase(context, start, end, stops) is var several and > 0 && several - start <= 3 && (Lexicon.IsPlural(tokens[several - 1].Lower) || tokens[several - 1].IsCapitalised) && !Lexicon.Determiners.Contains(tokens[start].Lower) && !Lexicon.Adverbs.Contains(tokens[start].Lower) && tokens[start].Kind != TokenKind.Number && !NumberWord(tokens[start].Lower) ? several : -1,
            "software" => tokens[start].IsCapitalised && !Lexicon.Days.Contains(tokens[start].Lower) && !Lexicon.Months.Contains(tokens[start].Lower) && !Lexicon.Languages.Contains(tokens[start].Lower) && !Lexicon.Demonyms.Contains(tokens[start].Lower) ? NounPhrase(context, start, end, stops) : -1,
            "place-or-home" => NounPhrase(context, start, end, stops),
            "liebling" or "allergie" or "nation" or "stand" or "verwandt" or "mangel" or "hilfe" or "commerce" or "besitz" or "bare" or "centro" or "cosa" or "tema" => Abroad(context, type, start, end, stops),
            _ => Vocabulary.TryGetValue(type, out var words) ? PhraseWith(context, start, end, stops, words) : NounPhrase(context, start, end, stops),
        };
    }

    /// <summary>A phrase that holds a word of a vocabulary.</summary>
    private static int PhraseWith(MessageContext context, int start, int end, string[] stops, FrozenSet<string> words)
    {
        var stop = Phrase(context, start, end, stops);
        for (var i = start; i < stop && i < start + 8; i++)
        {
            if (words.Contains(context.Tokens[i].Lower) && !(context.Tokens[i].Lower == "it" && !context.Tokens[i].IsAcronym))
            {
                return stop;
            }
        }

        return -1;
    }

    /// <summary>What somebody prefers: a phrase that may go on with what it is preferred to.</summary>
    private static int Choice(MessageContext context, int start, int end)
    {
        var tokens = context.Tokens;
        if (tokens[start].Lower is "it" or "that" or "this" or "them" or "not")
        {
            return -1;
        }

        return Phrase(context, start, end, []);
    }

    /// <summary>Where a phrase ends: at punctuation, or at a word that begins another clause.</summary>
    public static int Phrase(MessageContext context, int start, int end, string[] stops)
    {
        var tokens = context.Tokens;
        var i = start;
        while (i < end && i - start < MaxPhrase)
        {
            if (IsBoundary(context, i, end, start) || (i > start && Array.IndexOf(stops, tokens[i].Lower == "'s" ? "is" : tokens[i].Lower) >= 0))
            {
                break;
            }

            i++;
        }

        while (i > start && (tokens[i - 1].Lower is "and" or "or" or "to" or "a" or "the" or "as" or "too" or "just" or "simply" or "also" or "definitely" or "though" or "tbh" or "anyway" or "lol" || (i - 1 > start && Lexicon.Fillers.Contains(tokens[i - 1].Lower) && !(i - 2 >= start && tokens[i - 2].Lower == "called") && tokens[i - 1].Lower is not ("well" or "good" or "evening" or "morning" or "afternoon" or "night" or "there" or "all" or "now" or "again" or "everyone"))))
        {
            i--;
        }

        return i > start ? i : -1;
    }

    public static bool IsBoundary(MessageContext context, int i, int end, int start)
    {
        context.Effort.Steps++;
        var tokens = context.Tokens;
        var token = tokens[i];
        if (!token.IsWord)
        {
            return true;
        }

        if (i == start)
        {
            return false;
        }

        var next = i + 1 < end ? tokens[i + 1].Lower : "";
        if (Lexicon.ClauseBreaks.Contains(token.Lower))
        {
            return true;
        }

        return token.Lower switch
        {
            "and" or "or" or "plus" or "nor" => Lexicon.ClauseStarters.Contains(next) || next.Length == 0 || (next is "the" or "a" or "an" && BeginsClause(tokens, i + 2, end)),
            "since" => i + 1 >= end || tokens[i + 1].Kind != TokenKind.Number && next is not ("i" or "we" or "lockdown" or "covid" or "uni" or "birth" or "primary" or "high" or "secondary" or "forever" or "around" or "about" or "early" or "late" or "childhood" or "last" or "school" or "university" or "college"),
            "as" => next is "i" or "we" or "my" or "it",
            "after" => next is "all",
            "to" => next is "be" && i + 2 < end && tokens[i + 2].Lower is "honest" or "fair" or "frank" or "clear" or "precise",
            "i" or "we" => !(tokens[i - 1].Lower is "that" or "before" or "after" or "since" or "until" or "till" or "everything" or "anything" or "than" or "things") && tokens[i - 1].Lower != "as",
            "what" or "how" or "why" or "any" or "is" or "are" or "can" or "could" or "does" or "do" or "should" or "would" or "my" when i - start > 0 => token.Lower is "what" or "how" or "why" && next is "is" or "are" or "do" or "does" or "should" or "can" or "'s" or "about",
            _ => false,
        };
    }

    /// <summary>"... and the spare room is still full": a subject and its verb, so that no noun phrase goes on.</summary>
    private static bool BeginsClause(List<Token> tokens, int first, int end)
    {
        for (var i = first + 1; i < end && i < first + 4 && tokens[i].IsWord; i++)
        {
            if (tokens[i].Lower is "is" or "'s" or "are" or "was" or "were" or "has" or "have" or "will" or "needs" or "keeps")
            {
                return tokens[i].Lower != "'s" || i + 1 >= end || tokens[i + 1].Lower is "a" or "the" or "not" or "still" or "always" or "so" or "too";
            }
        }

        return false;
    }

    private static int NounPhrase(MessageContext context, int start, int end, string[] stops)
    {
        var first = context.Tokens[start].Lower;
        if (first is "i" or "we" or "you" or "he" or "she" or "they" or "to" or "this" or "that" or "these" or "those" or "it" or "them" or "him" or "her" or "what" or "how" or "if" or "when" or "is" or "are" or "there" or "has" or "had" or "was" or "were" or "can" or "could" or "will" or "would" or "should" or "does" or "did"
            || Lexicon.ClauseBreaks.Contains(first) || Lexicon.Coordinators.Contains(first))
        {
            return -1;
        }

        return Phrase(context, start, end, stops);
    }

    /// <summary>A noun phrase that may be an enumeration with commas.</summary>
    private static int List(MessageContext context, int start, int end, string[] stops)
    {
        var first = NounPhrase(context, start, end, stops);
        if (first < 0)
        {
            return -1;
        }

        var tokens = context.Tokens;
        var last = first;
        var at = first;
        while (at < end && tokens[at].Kind == TokenKind.Comma && at + 1 < end && last - start < MaxPhrase)
        {
            var item = at + 1;
            var closing = tokens[item].Lower is "and" or "or";
            if (closing)
            {
                item++;
            }

            if (item >= end || !tokens[item].IsWord || Lexicon.ClauseStarters.Contains(tokens[item].Lower) || Lexicon.ClauseBreaks.Contains(tokens[item].Lower)
                || Lexicon.Fillers.Contains(tokens[item].Lower) || Lexicon.Pronouns.Contains(tokens[item].Lower) || Lexicon.Adverbs.Contains(tokens[item].Lower) || Lexicon.TaskVerbs.Contains(tokens[item].Lower))
            {
                break;
            }

            var itemEnd = Phrase(context, item, end, stops);
            if (itemEnd < 0 || itemEnd - item > 8)
            {
                break;
            }

            var hasAnd = closing || (itemEnd < end && tokens[itemEnd].Lower == "too");
            for (var i = item; i < itemEnd; i++)
            {
                hasAnd |= tokens[i].Lower is "and" or "or";
            }

            at = itemEnd;
            if (hasAnd)
            {
                last = itemEnd;
                break;
            }
        }

        while (last > start + 1 && tokens[last - 1].Lower is "now" or "again" or "nowadays" or "lately" or "anyway")
        {
            last--;
        }

        return last;
    }

    /// <summary>Cuts an enumeration into its items.</summary>
    public static List<(int First, int End)> Items(MessageContext context, int first, int end, bool splitPairs)
    {
        List<(int, int)> items = [];
        var commas = 0;
        var start = first;
        for (var i = first; i <= end; i++)
        {
            if (i < end && context.Tokens[i].Kind == TokenKind.Comma)
            {
                commas++;
            }

            if (i == end || context.Tokens[i].Kind == TokenKind.Comma || context.Tokens[i].Lower is "and" or "or" or "plus" or "nor" or "y" or "und" or "et" or "e")
            {
                if (i > start)
                {
                    items.Add((start, i));
                }

                start = i + 1;
            }
        }

        var isList = items.Count > 1 && (splitPairs || commas > 0) && items.TrueForAll(x => x.Item2 - x.Item1 <= (splitPairs ? 4 : 6));
        return isList ? items : [(first, end)];
    }

    /// <summary>The rest of the clause, commas included when they don't begin a clause of their own.</summary>
    private static int Clause(MessageContext context, int start, int end) => Phrase(context, start, end, []);

    private static int Foreign(MessageContext context, int start, int end, string[] stops)
    {
        var tokens = context.Tokens;
        var i = start;
        while (i < end && i - start < 10 && tokens[i].IsWord && Array.IndexOf(stops, tokens[i].Lower) < 0
            && !(i > start && tokens[i].Lower is "y" or "und" or "et" or "pero" or "aber" or "mais" or "porque" or "weil" or "denn" or "car" or "que" or "qué" or "welche" or "welcher" or "welches" or "donc" or "así" or "desde" or "depuis" or "seit" or "cuando" or "quand" or "wenn" or "parce" or "como" or "and" or "but"))
        {
            i++;
        }

        return i > start ? i : -1;
    }

    private static int Role(MessageContext context, ref int start, int end, string[] stops)
    {
        var tokens = context.Tokens;
        if ((Lexicon.Pronouns.Contains(tokens[start].Lower) && !Lexicon.Determiners.Contains(tokens[start].Lower)) || tokens[start].Lower is "nobody" or "everybody" or "everyone" or "somebody" or "someone" or "anybody" or "anyone" or "so" or "and" or "but" or "not" or "as" or "like" or "told" or "given" or "supposed" or "asked" or "never" or "no" or "to" or "in" or "on" or "for" or "by" or "of" or "with" or "my" or "your")
        {
            return -1;
        }

        if (tokens[start].Lower.EndsWith("ing", StringComparison.Ordinal) && start + 1 < end && Lexicon.Determiners.Contains(tokens[start + 1].Lower))
        {
            return -1;
        }

        if (tokens[start].Lower is "a" or "an" or "the")
        {
            start++;
        }

        var stop = Phrase(context, start, end, [.. stops, "at", "for", "in", "with", "on", "from", "based", "living", "working", "currently", "now", "by", "near", "over", "here", "specialising", "specializing", "since", "up", "out", "doing", "that", "during", "not", "going", "to", "than", "is", "as", "down", "about", "last", "next", "this", "yesterday", "today", "again", "focusing", "turned", "trying", "looking", "since", "before", "i", "we"]);
        if (stop < 0)
        {
            return -1;
        }

        if (stop + 1 < end && tokens[stop].Lower == "'s" && (Lexicon.IsProfession(tokens[stop + 1].Lower) || tokens[stop + 1].Lower is "aide" or "mate" or "helper" or "hand"))
        {
            // "A dentist's assistant".
            stop += 2;
        }

        var head = stop - 1;
        for (var i = start + 1; i < stop; i++)
        {
            if (tokens[i].Lower is "und" or "als" or "y" or "et" or "ich" or "je" or "der" or "die" or "bei")
            {
                return -1;
            }

            if (tokens[i].Lower is "of" or "and" or "or")
            {
                head = i - 1;
                if (tokens[i].Lower == "and" && !Lexicon.IsProfession(tokens[stop - 1].Lower) && !Lexicon.Hobbyists.Contains(tokens[stop - 1].Lower))
                {
                    // "A surveyor and bored to tears".
                    stop = i;
                }

                break;
            }
        }

        if (stop - start > 7 || start > head)
        {
            return -1;
        }

        var word = tokens[head].Lower;
        var last = word.LastIndexOf('-');
        var ok = Lexicon.IsProfession(word) || (word is "aide" or "mate" or "helper" && head > start + 1 && tokens[head - 1].Lower == "'s") || (last > 0 && Lexicon.IsProfession(word[(last + 1)..])) || (word.EndsWith('s') && Lexicon.Professions.Contains(word[..^1]) && stop - start > 1)
            || (head > start && (word is "teacher" or "lead" or "manager" or "head" or "officer" or "hand" or "rep" or "man" or "woman" or "guy" or "person" or "director" or "owner" && IsTrade(tokens[head - 1].Lower)))
            || (head > start && word is "head" or "lead" && tokens[head - 1].Lower is "deputy" or "team" or "department" or "section" or "year" or "shift" or "tech" or "assistant")
            || (word == "crew" && head > start && tokens[head - 1].Lower is "cabin" or "ground" or "flight" or "deck" or "stage" or "film" or "camera" or "lifeboat" or "kitchen" or "ambulance" or "sound")
            || (word is "head" or "director" or "chief" or "vice-president" && head + 1 < stop)
            || (word is "owner" && head > start);
        if (ok && (tokens[start].Lower is "big" or "huge" or "total" or "terrible" or "bad" or "slow" or "fast" or "good" or "great" or "bit" or "little" or "keen" or "avid" or "heavy" or "light" or "early" or "late" or "casual" or "fussy" or "picky" or "nervous" or "visual" or "quick" or "hobby" or "amateur" or "aspiring" or "wannabe" or "better" or "native" or "fluent" or "lapsed" or "first-time" or "frequent"))
        {
            ok = false;
        }

        return ok ? stop : -1;
    }

    private static bool IsTrade(string word) =>
        word is "shop" or "business" or "restaurant" or "cafe" or "café" or "bar" or "bookshop" or "bakery" or "store" or "delivery" or "maintenance" or "sales" or "farm" or "deck" or "stage" or "ranch" or "product" or "project" or "police" or "fire" or "it";

    private static int Date(MessageContext context, int start, int end)
    {
        var tokens = context.Tokens;
        var i = start;
        var found = false;
        var numbers = 0;
        while (i < end && i - start < 7 && numbers < 2)
        {
            var token = tokens[i];
            if (token.Kind == TokenKind.Number && !IsDateNumber(token.Text))
            {
                numbers++;
            }
            else if (token.Kind == TokenKind.Number || Lexicon.Months.Contains(token.Lower) || Lexicon.Days.Contains(token.Lower) || Ordinal(token.Lower))
            {
                found = true;
            }
            else if ((token.IsCapitalised || token.Lower is "christmas" or "boxing") && i + 1 < end && tokens[i + 1].Lower is "day" or "eve")
            {
                found = true;
            }
            else if (token.Kind == TokenKind.Comma)
            {
                if (i + 1 >= end || tokens[i + 1].Kind != TokenKind.Number)
                {
                    break;
                }
            }
            else if (!(token.Lower is "the" or "of" or "on" or "in" or "last" or "next" or "this" or "early" or "late" or "mid" or "day" or "eve" or "year's" or "new" or "de" or "le" or "am" or "week" or "month" or "year" or "spring" or "summer" or "autumn" or "winter" or "fall" or "end"))
            {
                break;
            }

            i++;
        }

        while (i > start + 1 && tokens[i - 1].Lower is "in" or "on" or "of" or "the")
        {
            i--;
        }

        return found ? i : -1;
    }

    /// <summary>A number that is a date by itself: 12/07, 3rd, 1989.</summary>
    private static bool IsDateNumber(string number) =>
        (number.Length > 2 && char.IsLetter(number[^1]) && !number.EndsWith('k')) || (number.Contains('/') && number.Length > 2) || (number.Length == 4 && number[0] is '1' or '2' && number.All(char.IsDigit)) || (number.Length >= 8 && number.Count(c => c is '-' or '.') == 2);

    private static bool Ordinal(string word) =>
        word is "first" or "second" or "third" or "fourth" or "fifth" or "sixth" or "seventh" or "eighth" or "ninth" or "tenth" or "eleventh" or "twelfth" or "thirteenth" or "fourteenth" or "fifteenth" or "sixteenth" or "seventeenth"
            or "eighteenth" or "nineteenth" or "twentieth" or "twenty-first" or "twenty-second" or "twenty-third" or "twenty-fourth" or "twenty-fifth" or "thirtieth" or "thirty-first";

    public static bool NumberWord(string word) =>
        word is "one" or "two" or "three" or "four" or "five" or "six" or "seven" or "eight" or "nine" or "ten" or "eleven" or "twelve" or "thirteen" or "fourteen" or "fifteen" or "sixteen" or "seventeen" or "eighteen" or "nineteen"
            or "twenty" or "thirty" or "forty" or "fifty" or "sixty" or "seventy" or "eighty" or "ninety" or "couple" or "dozen" or "several" or "both" or "few"
            || (word.IndexOf("ty-", StringComparison.Ordinal) is var tens and > 1 && NumberWord(word[..(tens + 2)]) && NumberWord(word[(tens + 3)..]));

    /// <summary>"Kobo Libra", "old ThinkPad X1": the name of a product, with a word the vocabulary knows as a brand or device.</summary>
    private static int Branded(MessageContext context, int start, int end)
    {
        var tokens = context.Tokens;
        var i = start;
        while (i < end && !tokens[i].IsCapitalised && tokens[i].Lower is "old" or "new" or "trusty" or "little" or "ancient" or "second-hand")
        {
            i++;
        }

        var first = i;
        var isKnown = false;
        while (i < end && i - first < 5 && (tokens[i].IsCapitalised || tokens[i].Kind == TokenKind.Number || (i > first && Lexicon.Devices.Contains(tokens[i].Lower) | Lexicon.Vehicles.Contains(tokens[i].Lower)) || Lexicon.Brands.ContainsKey(tokens[i].Lower)))
        {
            isKnown |= Lexicon.Brands.ContainsKey(tokens[i].Lower) || (i > first && Lexicon.Devices.Contains(tokens[i].Lower) | Lexicon.Vehicles.Contains(tokens[i].Lower));
            i++;
        }

        return i > first && isKnown ? i : -1;
    }

    private static int OneOf(MessageContext context, int start, int end, FrozenSet<string> words)
    {
        for (var i = start; i < end && i < start + 4; i++)
        {
            if (words.Contains(context.Tokens[i].Lower))
            {
                return i + 1;
            }
        }

        return -1;
    }
}
