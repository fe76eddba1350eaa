using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <content>Things, tools, goals and other nouns, told by their words.</content>
internal static partial class SlotReader
{
    /// <summary>"an Everton fan", "a huge jazz nerd": what they are a fan of stands before.</summary>
    private static int Fan(MessageContext context, int start, int end, string[] stops)
    {
        var stop = Phrase(context, start, end, [.. stops, "at", "for", "in", "with", "on", "from", "and", "all", "since", "now"]);
        return stop > start + 1 && stop - start <= 5
            && context.Tokens[stop - 1].Lower is "fan" or "nerd" or "geek" or "buff" or "nut" or "lover" or "addict" or "junkie" or "fanatic" or "aficionado" or "freak" or "fiend" or "supporter" or "snob" or "devotee" or "enthusiast" ? stop : -1;
    }

    /// <summary>What somebody is, where the phrase has a noun or a trait that lasts; states of the day are left out.</summary>
    private static int Description(MessageContext context, int start, int end, string[] stops)
    {
        var stop = NounPhrase(context, start, end, stops);
        if (stop < 0 || stop - start > 6)
        {
            return -1;
        }

        var tokens = context.Tokens;
        var head = tokens[stop - 1].Lower;
        return Lexicon.Determiners.Contains(tokens[start - 1].Lower) && tokens[start - 1].Lower is not ("my" or "our") || Lexicon.IsProfession(head) || Lexicon.Diets.Contains(head) || Lexicon.Family.Contains(head) || tokens[start].Lower is "officially" or "nocturnal" or "bilingual" or "shy" or "tall" ? stop : -1;
    }

    /// <summary>"an identical twin", "the oldest in my band": what somebody is, by any noun that is no mood.</summary>
    private static int Nominal(MessageContext context, int start, int end, string[] stops)
    {
        var tokens = context.Tokens;
        if (tokens[start].Lower is not ("a" or "an" or "the" or "one"))
        {
            return -1;
        }

        var stop = Phrase(context, start, end, stops);
        if (stop - start is < 2 or > 9)
        {
            return -1;
        }

        for (var i = start + 1; i < stop; i++)
        {
            if (Moods.Contains(tokens[i].Lower) || TaskNouns.Contains(tokens[i].Lower) || tokens[i].Lower is "you" or "your" or "this" or "that" or "it" or "who" or "when" or "here" or "right" or "now" or "today")
            {
                return -1;
            }
        }

        return tokens[start].Lower == "the" && stop - start < 3 ? -1 : stop;
    }

    /// <summary>"110 kilos", "two metres tall".</summary>
    private static int Measure(MessageContext context, int start, int end, string[] stops)
    {
        var tokens = context.Tokens;
        if (tokens[start].Kind != TokenKind.Number && !NumberWord(tokens[start].Lower) || start + 1 >= end)
        {
            return -1;
        }

        var isUnit = tokens[start + 1].Lower is "kilos" or "kg" or "kilo" or "pounds" or "lbs" or "stone" or "cm" or "metres" or "meters" or "metre" or "meter" or "foot" or "feet" or "ft" or "inches" or "kilograms" || (tokens[start + 1].Lower == "m" && start + 2 < end && tokens[start + 2].Lower == "tall");
        return isUnit && tokens[start].Lower is not "few" ? Math.Max(start + 2, Math.Min(Phrase(context, start, end, [.. stops, "away", "from", "behind", "deep", "down", "above"]), start + 4)) : -1;
    }

    /// <summary>Possessions no other slot knows: what a home, a garden, an animal or a collection is made of.</summary>
    private static int Stuff(MessageContext context, int start, int end, string[] stops)
    {
        var stop = NounPhrase(context, start, end, stops);
        for (var i = start; i < stop && i < start + 8; i++)
        {
            if (TaskNouns.Contains(context.Tokens[i].Lower))
            {
                return -1;
            }

            if (Things.Contains(context.Tokens[i].Lower))
            {
                return stop;
            }
        }

        return -1;
    }

    /// <summary>"old narrowboat", "record player": a thing few have, which "my" before it says to be there, whatever is asked of it.</summary>
    private static int Keepsake(MessageContext context, int start, int end)
    {
        var tokens = context.Tokens;
        for (var i = start; i < end && i < start + 4 && tokens[i].IsWord && !Lexicon.Pronouns.Contains(tokens[i].Lower); i++)
        {
            if (!Keepsakes.Contains(tokens[i].Lower))
            {
                continue;
            }

            // "My piano teacher" is no piano.
            var next = i + 1 < end ? tokens[i + 1].Lower : "";
            var isHead = i + 1 >= end || !tokens[i + 1].IsWord || Lexicon.Auxiliaries.Contains(next) || next is "'s" or "in" or "on" or "at" or "with" or "for" or "from" or "that" or "which" or "after" or "since" or "because" or "under" or "behind" or "by" or "of" or "and" or "or" or "but" or "so" or "keeps" or "needs" or "smells" or "sounds" or "looks" or "makes" or "leaks" or "died" or "broke" or "came" or "went" or "got" or "hit" || next.EndsWith("ed", StringComparison.Ordinal);
            return isHead ? i + 1 : -1;
        }

        return -1;
    }

    /// <summary>"African grey" before a name set off by commas: whoever is named so lives with the user.</summary>
    private static int Nameable(MessageContext context, int start, int end, string[] stops)
    {
        var tokens = context.Tokens;
        var stop = NounPhrase(context, start, end, stops);
        var last = stop > start ? tokens[stop - 1].Lower : "";
        return stop - start is 1 or 2 or 3 && tokens[stop - 1] is { Kind: TokenKind.Word, IsCapitalised: false } && !TaskNouns.Contains(last) && !Vocabulary["unnamed"].Contains(last) && !Lexicon.Family.Contains(last) && !Lexicon.IsProfession(last) && !Lexicon.Months.Contains(last) ? stop : -1;
    }

    private static int Owned(MessageContext context, int start, int end)
    {
        var tokens = context.Tokens;
        for (var i = start; i < end && i < start + 4; i++)
        {
            if (tokens[i].Lower is "is" or "'s" or "are")
            {
                return i > start ? i : -1;
            }

            if (!tokens[i].IsWord || Lexicon.Family.Contains(tokens[i].Lower) || TaskNouns.Contains(tokens[i].Lower))
            {
                return -1;
            }
        }

        return -1;
    }

    /// <summary>"eighteen", "forty", "fifty-two": ages somebody tells in words.</summary>
    private static bool IsAgeWord(string word)
    {
        var tens = word.Split('-')[0];
        return tens is "twenty" or "thirty" or "forty" or "fifty" or "sixty" or "seventy" or "eighty" or "ninety" || word is "fourteen" or "fifteen" or "sixteen" or "seventeen" or "eighteen" or "nineteen";
    }

    private static bool IsHeight(string text) =>
        text.Length is >= 3 and <= 6 && char.IsDigit(text[0]) && (text.AsSpan(1).IndexOfAny("'\u2019") >= 0 || text.EndsWith("cm", StringComparison.OrdinalIgnoreCase) || (text[1] == 'm' && char.IsDigit(text[2])));

    private static int Goal(MessageContext context, int start, int end)
    {
        var tokens = context.Tokens;
        var stop = Phrase(context, start, end, []);
        if (stop < 0)
        {
            return -1;
        }

        var verb = tokens[start].Lower;
        var target = start + 1 < stop ? tokens[start + 1].Lower : "";
        if (Vocabulary["task-verb"].Contains(verb) || target is "this" or "that" or "it" or "these" or "those" || (target == "the" && verb is "run" or "read" or "start" or "finish" && !(start + 2 < stop && (tokens[start + 2].IsCapitalised || tokens[start + 2].Lower is "marathon" or "half"))))
        {
            return -1;
        }

        for (var i = start + 1; i < stop; i++)
        {
            if (tokens[i].Lower is "function" or "error" or "bug" or "code" or "query" or "regex" or "script" or "file" or "loop" or "array" or "dataframe" or "sentence" or "email" or "paragraph" or "output" or "button" or "css" or "api" or "tonight" or "today")
            {
                return -1;
            }
        }

        if (verb == "open" && !HoldsAny(tokens, start, stop, Vocabulary["unit"]))
        {
            return -1;
        }

        if (Vocabulary["goal-verb"].Contains(verb))
        {
            return stop;
        }

        for (var i = start + 1; i < end; i++)
        {
            if (tokens[i].Lower is "year" or "someday" or "eventually" or "before" or "by" or "summer" or "winter" or "spring" or "autumn" or "decade" or "marathon" or "degree" or "career" or "month" or "weekly" || Lexicon.Months.Contains(tokens[i].Lower) && tokens[i].Lower is not ("may" or "sat"))
            {
                return stop;
            }
        }

        return -1;
    }

    private static bool HoldsAny(List<Token> tokens, int first, int end, FrozenSet<string> words)
    {
        for (var i = first; i < end; i++)
        {
            if (words.Contains(tokens[i].Lower))
            {
                return true;
            }
        }

        return false;
    }

    private static int Tool(MessageContext context, int start, int end, string[] stops)
    {
        var tokens = context.Tokens;
        var first = tokens[start].Lower;
        if (first is "this" or "that" or "the" or "these" or "those" or "it" or "them" or "your" or "which" or "what" or "some" or "any")
        {
            return -1;
        }

        var stop = NounPhrase(context, start, end, [.. stops, "to", "for", "at", "on", "every", "as", "in", "from"]);
        if (stop < 0 || stop - start > 6)
        {
            return -1;
        }

        for (var i = start; i < stop; i++)
        {
            if (tokens[i].IsCapitalised && (i > start || tokens[i].Start > 0) || Vocabulary["platform"].Contains(tokens[i].Lower) || Lexicon.Brands.ContainsKey(tokens[i].Lower) && tokens[i].Lower is "iphone" or "ipad" or "android" or "kindle" or "ps5" or "playstation" or "xbox")
            {
                return stop;
            }
        }

        return -1;
    }

    private static int Hobbyist(MessageContext context, int start, int end, string[] stops)
    {
        var stop = Phrase(context, start, end, [.. stops, "at", "for", "in", "with", "on", "from", "and"]);
        if (stop < 0 || stop - start > 5)
        {
            return -1;
        }

        var head = context.Tokens[stop - 1].Lower;
        return Lexicon.Hobbyists.Contains(head) || (stop - start > 1 && head is "fan" or "nerd" or "geek" or "enthusiast" or "buff" or "nut" or "lover" or "addict" or "junkie" or "fanatic" or "collector" or "player" or "aficionado" or "freak" or "fiend" or "supporter" or "hobbyist" or "obsessive" or "tragic" or "snob" or "devotee") ? stop : -1;
    }

    /// <summary>A thing one owns: a known kind of thing, or a model with a capital letter.</summary>
    private static int Thing(MessageContext context, int start, int end, string[] stops)
    {
        var stop = NounPhrase(context, start, end, stops);
        if (stop < 0)
        {
            return -1;
        }

        var tokens = context.Tokens;
        for (var i = start + 1; i + 1 < stop; i++)
        {
            if (tokens[i].Lower == "and" && tokens[i + 1].Lower is "a" or "an" or "another" or "two" or "three" or "some")
            {
                // "An old Saab and a new e-bike" are two things.
                stop = i;
            }
        }

        for (var i = start; i < stop && i < start + 7; i++)
        {
            var word = tokens[i].Lower;
            if (word == "flat" && i + 1 < stop && Lexicon.IsPlural(tokens[i + 1].Lower))
            {
                // "Flat whites" are no home.
                continue;
            }

            if (word is "results" or "result" or "email" or "message" or "reply" or "answer" or "joke" or "call" or "question" or "problem" or "issue" or "error" or "bug" or "exam" or "meeting" or "interview" or "deadline" or "function" or "file" or "script" or "list" or "idea" or "feeling" or "headache" or "cold" or "project" or "task" or "code" or "query" or "table" or "column" or "class" or "loop" or "string" or "array" or "dataframe")
            {
                return -1;
            }

            if (Lexicon.Vehicles.Contains(word) || Lexicon.Devices.Contains(word) || Lexicon.Homes.Contains(word) || Lexicon.Brands.ContainsKey(word) || Things.Contains(word)
                || word is "hives" or "acres" or "records" or "vinyl" or "books" or "plants" or "licence" or "license" or "passport" or "degree" or "collection" or "tattoo" or "tattoos" or "hectares" or "orchard" or "vineyard" or "pool" or "sauna" or "shop" or "business" or "cafe" or "restaurant" or "bookshop" or "bakery" or "flat"
                || (i > start && tokens[i].IsCapitalised && !Lexicon.Subjects.Contains(word) && !Lexicon.Days.Contains(word) && !Lexicon.Months.Contains(word) && !tokens[i].IsAcronym && tokens[start].Lower is "a" or "an" or "my" or "two" or "three" or "the" or "old"))
            {
                return stop;
            }
        }

        return -1;
    }

    /// <summary>"Tuning pianos", "piano tuning": what somebody does, with the word for it first or last.</summary>
    private static int Doing(MessageContext context, int start, int end, string[] stops)
    {
        var stop = Lexicon.Determiners.Contains(context.Tokens[start].Lower) ? -1 : NounPhrase(context, start, end, stops);
        return stop > 0 && (IsGerund(context.Tokens[start].Lower) || IsGerund(context.Tokens[stop - 1].Lower)) ? stop : -1;
    }

    private static bool IsGerund(string word) => word.Length > 5 && word.EndsWith("ing", StringComparison.Ordinal) && word is not ("nothing" or "something" or "anything" or "everything" or "morning" or "evening" or "meeting" or "building" or "wedding");

    /// <summary>"Astronomy", "sea swimming": a subject as such, not "the second option" or "my boss".</summary>
    private static int Topic(MessageContext context, int start, int end, string[] stops)
    {
        var first = context.Tokens[start];
        return Lexicon.Determiners.Contains(first.Lower) || first.Kind == TokenKind.Number || NumberWord(first.Lower) || first.Lower is "both" or "neither" or "either" or "none" or "all" or "option" or "one" or "yes" or "no" or "which" ? -1
            : NounPhrase(context, start, end, stops) is var stop && stop - start <= 5 ? stop : -1;
    }

    /// <summary>"A peanut", "shellfish": something to eat or touch, told by the few words it has.</summary>
    private static int Eaten(MessageContext context, int start, int end, string[] stops)
    {
        var tokens = context.Tokens;
        var stop = tokens[start].Lower is "one" or "some" or "any" or "the" or "my" or "our" or "your" or "his" or "her" or "their" or "this" or "that" ? -1 : NounPhrase(context, start, end, stops);
        for (var i = start + 1; i < stop; i++)
        {
            if (Lexicon.Determiners.Contains(tokens[i].Lower) || tokens[i].Lower is "day" or "night" or "hour" or "while" or "week" or "one")
            {
                return -1;
            }
        }

        return stop - start <= 3 ? stop : -1;
    }

    /// <summary>"Colour", "kind of music": what a liking chooses from; not a draft or an option at hand.</summary>
    private static int Sort(MessageContext context, int start, int end, string[] stops)
    {
        var stop = NounPhrase(context, start, end, stops);
        return stop > start && stop - start <= 4 && !TaskNouns.Contains(context.Tokens[stop - 1].Lower) && context.Tokens[stop - 1].Lower is not ("version" or "option" or "draft" or "slide" or "idea" or "design" or "logo" or "variant" or "approach" or "solution" or "line" or "part" or "title" or "sentence" or "paragraph" or "suggestion" or "word" or "name" or "layout" or "template" or "theme" or "picture") ? stop : -1;
    }
}
