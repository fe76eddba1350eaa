using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <content>Names, places, organisations and languages.</content>
internal static partial class SlotReader
{
    /// <summary>Names of several people: "Tomás y Julieta", "Zoé, Malo et Léa".</summary>
    private static int Names(MessageContext context, int start, int end)
    {
        var tokens = context.Tokens;
        var at = start;
        var last = -1;
        while (at < end && tokens[at].IsCapitalised)
        {
            while (at < end && tokens[at].IsCapitalised)
            {
                at++;
            }

            last = at;
            if (at + 2 < end && tokens[at].Text == "(")
            {
                while (at < end - 1 && tokens[at].Text != ")")
                {
                    at++;
                }

                at++;
                last = at;
            }

            if (at + 1 >= end || !(tokens[at].Kind == TokenKind.Comma || tokens[at].Lower is "and" or "y" or "e" or "und" or "et"))
            {
                break;
            }

            at++;
        }

        return last;
    }

    /// <summary>"hey im alex": without capitals, only a greeting tells a name from a state.</summary>
    private static bool IsGreeted(MessageContext context, int position) =>
        (context.IsLowerCase && position > 0 && position + 1 < context.Tokens.Count && context.Tokens[position - 1].Lower == "am" && context.Tokens[position + 1].Lower is "btw" or "fyi" && !context.Tokens[position].Lower.EndsWith("ing", StringComparison.Ordinal) && !context.Tokens[position].Lower.EndsWith("ed", StringComparison.Ordinal))
        || (context.IsLowerCase && position > 0 && position + 1 < context.Tokens.Count && context.Tokens[position - 1].Lower == "am" && context.Tokens[position + 1].Lower == "from" && !context.Tokens[position].Lower.EndsWith("ing", StringComparison.Ordinal) && !context.Tokens[position].Lower.EndsWith("ed", StringComparison.Ordinal) && context.Tokens[position].Lower is not ("fresh" or "straight" or "far" or "away" or "coming" or "back"))
        || position <= 4 && context.Tokens[0].Lower is "hi" or "hey" or "hello" or "hiya" or "yo" && !context.Tokens[position].Lower.EndsWith("ing", StringComparison.Ordinal) && !context.Tokens[position].Lower.EndsWith("ed", StringComparison.Ordinal);

    private static int Languages(MessageContext context, ref int start, int end, string[] stops)
    {
        var language = Language(context, ref start, end);
        return language < 0 ? -1 : Math.Max(language, List(context, start, end, [.. stops, "at", "with", "because", "for", "since", "as", "in", "is", "are"]));
    }

    private static int Name(MessageContext context, ref int start, int end)
    {
        var tokens = context.Tokens;
        if (tokens[start].Lower is "the" && start + 1 < end || tokens[start].Text.Contains('&', StringComparison.Ordinal))
        {
            return -1;
        }

        if (!tokens[start].IsCapitalised)
        {
            var word = tokens[start].Lower;
            var ends = start + 1 >= end || !tokens[start + 1].IsWord || tokens[start + 1].Lower is "and" or "but" or "from" or "i" or "so" or "not" or "by" or "please" or "with" or "the" or "without" or "here" or "now" or "instead" or "btw" || tokens[start + 1].Kind == TokenKind.Number;
            return ends && tokens[start].Kind == TokenKind.Word && word.Length > 1 && !Lexicon.NotNames.Contains(word) && !Lexicon.IsProfession(word) && !Lexicon.Adverbs.Contains(word) && !Lexicon.Pronouns.Contains(word) && !Lexicon.Demonyms.Contains(word) ? start + 1 : -1;
        }

        // "Danish now" after "I'm learning Dutch" is a language; "my name is Danish" is a name.
        if (Lexicon.Languages.Contains(tokens[start].Lower) && start + 1 < end && tokens[start + 1].Lower is "again" or "only" or "please" or "here" or "now" or "these")
        {
            return -1;
        }

        if (Lexicon.Pronouns.Contains(tokens[start].Lower) && !tokens[start].IsAcronym)
        {
            // "Me again".
            return -1;
        }

        if (Lexicon.NotNames.Contains(tokens[start].Lower) && !(tokens[start].Lower is "monday" or "tuesday" or "thursday" or "friday" or "saturday" or "sunday" or "christian" or "java" or "joy" or "will"))
        {
            return -1;
        }

        var i = start + 1;
        while (i < end && i - start < 4)
        {
            if (tokens[i].IsCapitalised && !Lexicon.Subjects.Contains(tokens[i].Lower) && !tokens[i].IsAcronym)
            {
                i++;
            }
            else if (i + 1 < end && tokens[i].Lower is "de" or "van" or "von" or "der" or "la" or "del" or "da" or "al" or "bin" or "ben" or "di" or "of" or "'s" && tokens[i + 1].IsCapitalised && tokens[i].Lower is not "'s")
            {
                i += 2;
            }
            else
            {
                break;
            }
        }

        return i;
    }

    private static int Place(MessageContext context, ref int start, int end)
    {
        var tokens = context.Tokens;
        if (tokens[start].Lower is "mr" or "mrs" or "ms" or "dr" or "prof" or "professor" or "sir" or "lady")
        {
            // "From Dr Patel".
            return -1;
        }

        if (tokens[start].Lower is "the" && start + 1 < end)
        {
            if (!tokens[start + 1].IsCapitalised && tokens[start + 1].Lower is not ("north" or "south" or "east" or "west" or "countryside" or "suburbs" or "midlands" or "highlands" or "mountains" or "city" or "uk" or "us" or "usa"))
            {
                return -1;
            }

            var after = start + 1;
            var theEnd = PlaceRun(context, ref after, end);
            return theEnd;
        }

        while (start + 1 < end && tokens[start].Lower is "rural" or "central" or "downtown" or "northern" or "southern" or "eastern" or "western" or "upstate" or "inner" or "outer" or "north" or "south" or "east" or "west" or "sunny" or "rainy" or "snowy" or "beautiful" or "near" or "outside" or "just")
        {
            if (tokens[start].Lower is "sunny" or "rainy" or "beautiful" or "snowy" or "near" or "outside" or "just")
            {
                start++;
                continue;
            }

            var inner = start + 1;
            return PlaceRun(context, ref inner, end);
        }

        return PlaceRun(context, ref start, end);
    }

    private static int PlaceRun(MessageContext context, ref int start, int end)
    {
        var tokens = context.Tokens;
        if (start >= end || tokens[start].Kind != TokenKind.Word || Lexicon.Fields.Contains(tokens[start].Lower) || Lexicon.Months.Contains(tokens[start].Lower) || Lexicon.Days.Contains(tokens[start].Lower) || Lexicon.Languages.Contains(tokens[start].Lower) || (Vocabulary["codelang"].Contains(tokens[start].Lower) && tokens[start].Lower != "java"))
        {
            return -1;
        }

        if (!tokens[start].IsCapitalised)
        {
            return context.IsLowerCase && tokens[start].Text.Length > 2 && !Lexicon.Pronouns.Contains(tokens[start].Lower) && !Lexicon.Determiners.Contains(tokens[start].Lower) && !CommonAfterIn(tokens[start].Lower)
                ? LowerPlace(context, start, end) : -1;
        }

        if (start + 1 < end && tokens[start + 1].Lower is "time" or "style" or "mode" or "format" or "terms" or "class" or "book" or "film" or "movie" or "game")
        {
            return -1;
        }

        var i = start + 1;
        while (i < end && i - start < 6)
        {
            if (tokens[i].IsCapitalised && !Lexicon.Subjects.Contains(tokens[i].Lower) && !Lexicon.Months.Contains(tokens[i].Lower))
            {
                i++;
            }
            else if (i + 1 < end && tokens[i].Lower is "de" or "la" or "del" or "of" or "upon" or "on" or "am" or "an" or "sur" or "le" or "the" or "di" or "do" or "dos" or "les" or "in" && tokens[i + 1].IsCapitalised && tokens[i].Text != "On" && tokens[i + 1].Lower is not "i")
            {
                i += 2;
            }
            else if (i + 1 < end && tokens[i].Kind == TokenKind.Comma && tokens[i + 1].IsCapitalised && !Lexicon.Subjects.Contains(tokens[i + 1].Lower) && (i + 2 >= end || !tokens[i + 2].IsWord || tokens[i + 2].Lower is "and" or "now" or "but" or "so"))
            {
                i += 2;
            }
            else
            {
                break;
            }
        }

        return i;
    }

    private static int LowerPlace(MessageContext context, int start, int end)
    {
        var phrase = Phrase(context, start, end, ["now", "with", "and", "for", "near", "since", "at", "as", "by", "where", "these", "btw"]);
        return phrase > 0 && phrase - start <= 3 && !(context.Tokens[phrase - 1].Lower is "times" or "world" or "country" or "area" or "flat" or "house" or "apartment" or "peace" or "fear" or "hope" or "denial" or "poverty" or "dorm" or "dorms" or "place" or "neighbourhood" or "building" or "room" or "harmony" or "future" or "past" or "present" or "hotel") ? phrase : -1;
    }

    /// <summary>Whether a German or French word after "ich bin" or "je suis" looks like what somebody is rather than like a name.</summary>
    private static bool IsRoleLike(Token token)
    {
        var word = token.Lower;
        return !token.IsCapitalised || Vocabulary["beruf"].Contains(word) || Vocabulary["métier"].Contains(word) || Lexicon.Diets.Contains(word) || Lexicon.Demonyms.Contains(word)
            || Array.Exists(["in", "er", "ist", "ant", "ent", "eur", "euse", "mann", "frau", "ling", "loge", "ière", "ien", "ienne", "ais", "aise"], ending => word.Length > ending.Length + 3 && word.EndsWith(ending, StringComparison.Ordinal));
    }

    private static bool CommonAfterIn(string word) =>
        word is "love" or "trouble" or "bed" or "school" or "college" or "university" or "charge" or "need" or "pain" or "debt" or "grad" or "high" or "general" or "case" or "order" or "class" or "two" or "three" or "one" or "town" or "doubt" or "shape" or "between" or "fear" or "hell" or "peace" or "my" or "hospital" or "mind" or "fact" or "short" or "front" or "there" or "here" or "time" or "person" or "private" or "public" or "advance" or "addition" or "particular" or "theory" or "practice" or "year" or "grade" or "form" or "stage" or "room" or "phase" or "level" or "line" or "week" or "step" or "part" or "lesson" or "chapter";

    private static int Organisation(MessageContext context, int start, int end, string[] stops)
    {
        var tokens = context.Tokens;
        var first = tokens[start].Lower;
        if (Lexicon.Subjects.Contains(first) || first is "it" or "that" or "this" or "these" or "home" or "night" or "nights" or "least" or "all" or "once" or "first" or "them" or "you" or "work" or "fun" or "free" or "now" or "me" or "myself" or "her" or "over" or "almost" or "nearly" or "about" or "ages" or "years" or "done" or "finished" or "due" || NumberWord(first) || tokens[start].Kind == TokenKind.Number)
        {
            return -1;
        }

        if (first is "my" or "our" && start + 1 < end && Lexicon.Family.Contains(tokens[start + 1].Lower))
        {
            // "A carer for my nan".
            return -1;
        }

        if (start > 0 && tokens[start - 1].Lower == "with" && !tokens[start].IsCapitalised)
        {
            return -1;
        }

        if (first is "a" or "an" or "the" or "my" or "our" || !tokens[start].IsCapitalised)
        {
            var phrase = Phrase(context, start, end, [.. stops, "in", "as", "for", "since", "on", "near", "after", "until", "doing", "where", "now", "these"]);
            return phrase > 0 && phrase - start <= 5 && (first is "a" or "an" or "the" or "my" or "our" || context.IsLowerCase && phrase - start <= 3) ? phrase : -1;
        }

        var i = start + 1;
        while (i < end && i - start < 7)
        {
            if (tokens[i].IsCapitalised && !Lexicon.Subjects.Contains(tokens[i].Lower))
            {
                i++;
            }
            else if (i + 1 < end && tokens[i].Lower is "and" or "of" or "de" or "du" or "des" or "von" or "der" or "for" or "the" or "'s" && tokens[i + 1].IsCapitalised && !Lexicon.Subjects.Contains(tokens[i + 1].Lower) && (tokens[i].Lower != "and" || tokens[i].Text is "&" or "+" or "and"))
            {
                i += 2;
            }
            else if (i > start && tokens[i].Kind == TokenKind.Number && i + 1 >= end)
            {
                i++;
            }
            else
            {
                break;
            }
        }

        return i;
    }

    /// <summary>"I speak Wolof", "my mother tongue is Plattdeutsch": a name where only a language can stand.</summary>
    private static bool IsSpoken(List<Token> tokens, int at) =>
        at > 0 && tokens[at].IsCapitalised && tokens[at].Text.Length > 2 && !Lexicon.NotNames.Contains(tokens[at].Lower)
        && (tokens[at - 1].Lower is "speak" or "speaks" or "speaking" || (at > 1 && tokens[at - 1].Lower is "is" or "'s" && tokens[at - 2].Lower is "tongue" or "language"));

    private static int Language(MessageContext context, ref int start, int end)
    {
        var tokens = context.Tokens;
        while (start + 1 < end && tokens[start].Lower is "fluent" or "native" or "decent" or "basic" or "conversational" or "broken" or "passable" or "rusty" or "good" or "some" or "a" or "bit" or "of" or "little" or "ok" or "both" or "perfect" or "near-native" or "brazilian" or "swiss" or "mexican" or "european" or "argentinian" or "austrian" or "quebec" or "canadian" or "british" or "american" or "intermediate")
        {
            start++;
        }

        return Lexicon.Languages.Contains(tokens[start].Lower) || IsSpoken(tokens, start) ? start + 1 : -1;
    }

    /// <summary>"Agnieszka, hello": the first word of a message is who writes it, unless it is who is written to.</summary>
    private static bool IsIntroduced(MessageContext context, int start)
    {
        var tokens = context.Tokens;
        return start == 0 && tokens[0].IsCapitalised && !tokens[0].IsAcronym && !Addressed.Contains(tokens[0].Lower) && !Lexicon.IsProfession(tokens[0].Lower) && !Lexicon.Family.Contains(tokens[0].Lower)
            && tokens.Count > 1 && tokens[1].Kind == TokenKind.Comma;
    }

    /// <summary>"Nomvula from Gqeberha": a name at the beginning of a message or behind a greeting.</summary>
    private static bool IsNewcomer(MessageContext context, int start) => context.Tokens[start].IsCapitalised && !context.Tokens[start].IsAcronym && start < 4 && context.Sentences.Exists(sentence => sentence.First == start);

    /// <summary>Whom a message opens with that greets: assistants, and people one writes to.</summary>
    private static readonly FrozenSet<string> Addressed = Words("claude chatgpt gpt gemini copilot bard siri alexa cortana llama mistral bixby assistant bot computer robot google ai doctor doc team everyone everybody all dear sir madam folks guys people friend friends colleagues ladies gentlemen mate buddy dude boss world");
}
