namespace MemoryMesh.Memory.Extraction;

/// <content>Wishes told by their occasion or in a polite form.</content>
internal sealed partial class StyleReader
{
    /// <summary>"Don't send me VS Code instructions": a named kind of thing the assistant is not to hand over.</summary>
    private bool IsUnwanted(int verb, int end) => verb + 3 < end && context.Tokens[verb].Lower is "send" or "give" or "show" or "suggest" && context.Tokens[verb + 1].Lower is "me" or "us" && context.Tokens[verb + 2].IsCapitalised
        && context.Tokens[end - 1].Lower is "instructions" or "recipes" or "links" or "tips" or "advice" or "examples" or "suggestions" or "shortcuts" or "commands" or "steps" or "snippets" or "tutorials" or "screenshots";

    /// <summary>"So explain to me how lists are shared out", "so you can skip the basics on plankton": what follows from a fact is asked once, unless the words themselves say that it holds for always.</summary>
    private bool IsAskedHere(int at, int end)
    {
        var tokens = context.Tokens;
        if (HasStandingWord(at, end) || Gate.Contains(tokens, at, end, Standing) >= 0)
        {
            return false;
        }

        if (tokens[at].Lower is "explain" or "tell" or "show")
        {
            var next = at + 1 < end && tokens[at + 1].Lower == "to" ? at + 2 : at + 1;
            next += next < end && tokens[next].Lower is "me" or "us" ? 1 : 0;
            return next < end && tokens[next].Lower is "how" or "why" or "what" or "who" or "where" or "when";
        }

        return tokens[at].Lower == "you" && at + 3 < end && tokens[at + 1].Lower is "can" or "may" && tokens[at + 2].Lower is "skip" or "drop" or "spare" && tokens.FindIndex(at + 3, end - at - 3, token => token.Lower is "on" or "about" or "of") >= 0;
    }

    /// <summary>"Any time you give me measurements: metric": what is wished stands behind the occasion without a verb.</summary>
    private string? WishOfOccasion(int first, Sentence sentence)
    {
        var tokens = context.Tokens;
        var you = tokens[first].Lower is "when" or "whenever" ? first + 1 : tokens[first].Lower is "any" or "every" or "each" && first + 1 < sentence.End && tokens[first + 1].Lower == "time" ? first + 2 : -1;
        if (you < 0 || you + 2 >= sentence.End || tokens[you].Lower != "you" || sentence.IsQuestion)
        {
            return null;
        }

        var mark = tokens.FindIndex(you, sentence.End - you, token => token.Kind is TokenKind.Comma or TokenKind.Break);
        return mark > you + 1 && mark + 1 < sentence.End && !Verbs.Contains(tokens[mark + 1].Lower) && !Lexicon.Pronouns.Contains(tokens[mark + 1].Lower) && sentence.End - mark < 12 && Has(mark + 1, sentence.End, Topics)
            ? $"User wants {context.Render(mark + 1, sentence.End)} when it {context.Render(you + 1, mark, isVerbPhrase: true)}" : null;
    }

    /// <summary>"If you mention a time, can it be in UTC?": what something the assistant mentions is to be like.</summary>
    private string? WishedOfIt(int first, Sentence sentence)
    {
        var tokens = context.Tokens;
        var comma = tokens[first].Lower is "if" or "when" or "whenever" && first + 4 < sentence.End && tokens[first + 1].Lower == "you" && tokens[first + 2].Lower is "mention" or "give" or "quote" or "use" or "list" or "show" or "write" or "name"
            ? tokens.FindIndex(first, Math.Min(LongestWish, sentence.End - first), token => token.Kind == TokenKind.Comma) : -1;
        if (comma < 0 || comma + 4 >= sentence.End || !(tokens[comma + 1].Lower is "can" or "could" or "should" or "may") || !(tokens[comma + 2].Lower is "it" or "they" or "that" or "those") || tokens[comma + 3].Lower != "be" || !Has(first, sentence.End, Topics))
        {
            return null;
        }

        var end = ClauseEnd(comma + 4, sentence.End);
        return $"User wants it {context.Render(comma + 4, end)} when the assistant {context.Render(first + 2, comma, isVerbPhrase: true)}";
    }

    /// <summary>"Times in CET for me please": what stands in a unit stands in it for always.</summary>
    private string? InUnit(int first, int end, Sentence sentence) =>
        first == sentence.First && first + 2 < end && context.Tokens[first].Lower is "times" or "prices" or "dates" or "distances" or "temperatures" or "measurements" or "weights" or "amounts" && context.Tokens[first + 1].Lower is "in" or "as" && Has(first + 2, sentence.End, Words("me please pls always"))
            ? $"User wants {context.Render(first, end)}" : null;

    /// <summary>How much somebody says they know.</summary>
    private static readonly string[][] Levels = [["know", "nothing"], ["know", "little"], ["know", "very", "little"], ["no", "knowledge"], ["no", "background"], ["no", "experience"], ["a", "beginner"], ["an", "expert"], ["a", "layman"], ["a", "novice"], ["know", "the", "basics"], ["am", "new"], ["zero", "knowledge"], ["never", "coded"]];

    /// <summary>"The example works better after the explanation": where or how something of a reply is wanted.</summary>
    private string? Compared(int first, int end)
    {
        var tokens = context.Tokens;
        var topic = first;
        while (topic < end - 1 && tokens[topic].Lower is "i" or "think" or "find" or "guess" or "feel" or "that" or "the" or "an" or "a" or "your" or "those" or "these")
        {
            topic++;
        }

        var better = tokens.FindIndex(topic, Math.Min(5, end - topic), token => token.Lower is "better" or "best");
        return better > topic + 1 && better + 2 < end && Topics.Contains(tokens[topic].Lower) && tokens[better - 1].Lower is "works" or "work" or "is" or "are" or "reads" or "goes" or "look" or "looks" or "fits" or "sits"
            && tokens[better + 1].Lower is "after" or "before" or "at" or "in" or "as" or "with" or "without" or "on" or "under" or "above" or "below" or "first" or "last"
            ? $"User wants the {tokens[topic].Lower} {context.Render(better + 1, end)}" : null;
    }

    /// <summary>"Never open with 'great question'": a phrase a reply is not to hold, in quotes that are read for it alone.</summary>
    private string? Unsaid(int first, int end, bool isStanding)
    {
        var tokens = context.Tokens;
        var negated = tokens[first].Lower == "never" ? 1 : first + 1 < end && tokens[first].Lower == "do" && tokens[first + 1].Lower == "not" ? 2 : tokens[first].Lower is "stop" or "quit" or "drop" or "skip" ? 0 : -1;
        if (negated < 0 || end - first > 8 || end - first <= negated || end >= tokens.Count || tokens[end] is not { Kind: TokenKind.Masked } quoted || quoted.End - quoted.Start > LongestUnsaid || !(isStanding || negated == 1 || tokens[end - 1].Lower is "with" or "saying"))
        {
            return null;
        }

        if (end + 2 < tokens.Count && tokens[end + 1].Lower is "in" or "on" or "at" or "to" or "for" && tokens[end + 2].Lower is "this" or "a" or "an" or "the" or "that")
        {
            // "Never write 'irregardless' in an essay" is about texts.
            return null;
        }

        var verb = first + negated;
        while (verb < end - 1 && tokens[verb].Lower is "ever" or "again" or "please")
        {
            verb++;
        }

        var isOfReplies = Verbs.Contains(tokens[verb].Lower) || tokens[verb].Lower is "starting" or "opening" or "beginning" or "ending" or "closing" or "saying" or "calling" or "using" or "writing" or "signing" or "prefacing" or "preface" or "open" or "close" or "use";
        return isOfReplies ? $"User does not want the assistant to {Imperative(negated == 0 ? first : verb, end)} {context.Text[quoted.Start..quoted.End]}".Replace("not want the assistant to stop", "want the assistant to stop", StringComparison.Ordinal).Replace("not want the assistant to quit", "want the assistant to quit", StringComparison.Ordinal).Replace("does want", "wants", StringComparison.Ordinal) : null;
    }

    /// <summary>"I'd be grateful if you avoided slang with me", "I'd like a full paragraph from now on".</summary>
    private (string Text, int End)? PoliteWish(int first, Sentence sentence)
    {
        var tokens = context.Tokens;
        if (sentence.IsQuestion || first + 4 >= sentence.End || !(tokens[first].Lower == "if" && tokens[first + 1].Lower == "you" || tokens[first].Lower == "i" && tokens[first + 1].Lower is "would" or "want" or "prefer"))
        {
            return null;
        }

        var end = ClauseEnd(first, Math.Min(sentence.End, first + LongestWish));
        if (tokens[first].Lower == "if" && tokens[first + 1].Lower == "you" && first > sentence.First && tokens[first - 1].Lower is "grateful" or "glad" or "happy" or "obliged" or "it" or "pleased" or "great" or "nice" or "best" or "helpful" or "better"
            && Has(first, end, Topics) && (HasStandingWord(sentence.First, sentence.End) || Gate.Contains(tokens, sentence.First, sentence.End, Standing) >= 0 || Has(first, end, StrongTopics)))
        {
            var verb = tokens[first + 2].Lower is "could" or "would" or "can" or "always" or "never" ? first + 3 : first + 2;
            return verb < end ? ($"User wants the assistant to do this: {Imperative(verb, end)}", end) : null;
        }

        if (tokens[first].Lower == "i" && tokens[first + 1].Lower is "would" or "want" or "prefer" && (Gate.Contains(tokens, first, end, FromNowOn) > first + 2 || first > sentence.First && Gate.Contains(tokens, sentence.First, first, FromNowOn) >= 0 || Gate.Contains(tokens, first, end, OfReplies) > first + 2))
        {
            var value = first + 2;
            while (value < end && tokens[value].Lower is "like" or "prefer" or "rather" or "want" or "love" or "have" or "appreciate")
            {
                value++;
            }

            return value < end && !Lexicon.Pronouns.Contains(tokens[value].Lower) && tokens[value].Lower != "to" && Has(value, end, Topics) ? ($"User wants {context.Render(value, end)}", end) : null;
        }

        return null;
    }

    /// <summary>Whether "me" stands in a range but for "for me" and "with me".</summary>
    private bool HasFreeMe(int first, int end)
    {
        for (var i = first; i < end; i++)
        {
            if (context.Tokens[i].Lower == "me" && !(i > first && context.Tokens[i - 1].Lower is "for" or "with"))
            {
                return true;
            }
        }

        return false;
    }
}
