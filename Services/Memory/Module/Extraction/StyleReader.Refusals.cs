namespace MemoryMesh.Memory.Extraction;

/// <content>What replies are never to do, and what the assistant is told not to do.</content>
internal sealed partial class StyleReader
{
    /// <summary>"Never put peanuts in a recipe for me".</summary>
    /// <param name="i">Where "never" stands.</param>
    /// <param name="end">Where the clause ends.</param>
    /// <param name="hasTopic">Whether it names something of replies.</param>
    /// <param name="causal">Whether it follows from what was told.</param>
    /// <param name="wish">Receives the wish; null when it says nothing by itself.</param>
    /// <returns>Whether it was read.</returns>
    private bool WishNever(int i, int end, bool hasTopic, bool causal, out string? wish)
    {
        var tokens = context.Tokens;
        if (i + 2 < end && Gate.Contains(tokens, i + 1, end, Writing) is var occasion && (occasion > i + 1 || Gate.Contains(tokens, i + 1, end, [["when", "i", "ask"]]) > i + 1))
        {
            wish = $"User does not want the assistant to {Imperative(i + 1, end)}";
            return true;
        }

        if (i + 3 == end && causal && tokens[i + 2].Lower is "them" or "it" or "those" or "these")
        {
            // "One peanut and I'm in hospital, so never include them" says it already.
            wish = null;
            return true;
        }

        if (i + 3 < end && Verbs.Contains(tokens[i + 1].Lower) && tokens[i + 1].Lower is not ("remember" or "mention" or "tell" or "say" or "ask") && Gate.Contains(tokens, i + 2, end, [["for", "me"], ["for", "us"], ["in", "my"], ["on", "my"], ["into", "my"], ["in", "our"]]) >= 0)
        {
            // "Never put peanuts in a recipe for me".
            wish = $"User does not want the assistant to {Imperative(i + 1, end)}";
            return true;
        }

        if (i + 1 < end && (hasTopic || causal) && Verbs.Contains(tokens[i + 1].Lower))
        {
            wish = $"User does not want the assistant to {Imperative(i + 1, end)}";
            return true;
        }

        if (i + 3 < end && tokens[i + 1].Lower is "put" or "schedule" or "book" or "plan" or "suggest" or "arrange" or "propose" && tokens[i + 1].Kind == TokenKind.Word && Has(i + 2, end, Lexicon.Days) | Has(i + 2, end, PluralDays))
        {
            // "Never put anything on a Thursday".
            wish = $"User does not want the assistant to {Imperative(i + 1, end)}";
            return true;
        }

        if (i + 3 < end && tokens[i + 1].Lower is "send" or "suggest" or "recommend" or "book" or "offer" or "put" or "give" or "show" or "schedule" or "call" or "wake" or "ring" or "disturb" && (tokens[i + 1].Lower is not ("call" or "ring" or "wake" or "disturb") || tokens[i + 3].Lower is "before" or "after" or "early" or "by") && tokens[i + 2].Lower is "me" or "us")
        {
            // "Never send me to anything with strobe lights" is for always, whatever it is about.
            wish = $"User does not want the assistant to {Imperative(i + 1, end)}";
            return true;
        }

        wish = null;
        return false;
    }

    /// <summary>"Don't summarise my question": what the assistant is told not to do; null when it is about the task at hand.</summary>
    private string? WishNot(int i, int end, bool hasTopic, bool isStanding, bool accepted, bool causal)
    {
        var tokens = context.Tokens;
        var verb = tokens[i + 2].Lower is "ever" ? i + 3 : i + 2;
        if (verb + 1 < end && isStanding && hasTopic && tokens[verb].Lower is "summarise" or "summarize" or "repeat" or "restate" or "rephrase" or "paraphrase" or "echo" or "quote" or "thank")
        {
            // "Don't summarise my question back at me": what a reply is not to do with what was asked.
            return $"User does not want the assistant to {Imperative(verb, end)}";
        }

        if (verb + 3 < end && tokens[verb].Lower is "talk" or "speak" && tokens[verb + 1].Lower is "to" && tokens[verb + 2].Lower is "me" && tokens[verb + 3].Lower is "about")
        {
            // "Don't talk to me about Mondays" is no wish.
            return null;
        }

        if (verb + 2 < end && tokens[verb].Lower is "call" or "address" && tokens[verb + 1].Lower == "me" && (Topics.Contains(tokens[verb + 2].Lower) || tokens[verb + 2].IsCapitalised || tokens[verb + 2].Lower is "by" or "dear" or "dude" or "bro" or "boss" or "honey" or "love" or "pal"))
        {
            return $"User does not want the assistant to {Imperative(verb, end)}";
        }

        var isTimed = Has(verb, end, Lexicon.Days) || Has(verb, end, PluralDays) || tokens.FindIndex(verb, end - verb, token => token.Kind == TokenKind.Number) is var hour and > 0 && tokens[hour - 1].Lower is "after" or "before";
        if (verb < end && (Gate.Contains(tokens, verb, end, Writing) > verb || IsUnwanted(verb, end)))
        {
            // "Don't italicise words when you write to me" is about every reply, whatever it names.
            return $"User does not want the assistant to {Imperative(verb, end)}";
        }

        if (verb < end && (Verbs.Contains(tokens[verb].Lower) && (accepted || causal || tokens[i + 2].Lower == "ever" || tokens[verb].Lower is "plan" or "put" or "add" or "set" && isTimed || tokens[verb].Lower is "schedule" or "suggest" or "recommend" or "book" or "propose" or "sugarcoat" && (hasTopic || isTimed))))
        {
            return $"User does not want the assistant to {Imperative(verb, end)}";
        }

        return null;
    }
}
