namespace MemoryMesh.Memory.Extraction;

/// <summary>Keeps a statement that no rule knows because the user asks for it: "remember that the spare key hangs in the shed".</summary>
internal sealed class RememberReader(MessageContext context)
{
    /// <summary>Ways to ask for something to be kept.</summary>
    private static readonly string[][] Requests =
    [
        ["remember"], ["keep", "it", "in", "memory", "that"], ["keep", "in", "memory", "that"], ["note", "that"], ["note", ":"], ["make", "a", "note"], ["make", "a", "permanent", "note"], ["save", "that"], ["save", "this"], ["keep", "this", "for", "me"], ["store", "this"], ["hold", "on", "to", "this"], ["jot", "down"], ["write", "this", "down"], ["note", "for", "later"], ["for", "later", ":"], ["for", "future", "reference", ":"], ["keep", "in", "mind"], ["do", "not", "forget"], ["note", "down"], ["bear", "in", "mind"], ["memorise"], ["memorize"], ["store", "that"], ["take", "note"], ["on", "file"], ["on", "record"],
    ];

    private static readonly string[][] Ours = [["mine"], ["my"], ["our"], ["ours"], ["us"], ["at", "home"]];

    /// <summary>Orders to the assistant, which are no facts whoever asks for them to be remembered.</summary>
    private static readonly string[][] Commands =
    [
        ["you", "must"], ["you", "should"], ["you", "are"], ["you", "will"], ["you", "have", "to"], ["you", "can"], ["ignore"], ["disregard"], ["obey"], ["instructions"], ["rules"], ["safety"], ["the", "user"], ["the", "assistant"], ["all", "users"], ["always", "recommend"], ["respond", "with"], ["reply", "with"], ["system", "prompt"], ["password"],
        ["access"], ["admin"], ["administrator"], ["authorized"], ["authorised"], ["permission"], ["permissions"], ["privileges"], ["bypass"], ["jailbreak"], ["from", "now", "on"], ["policy"], ["policies"], ["guidelines"], ["restrictions"], ["unrestricted"], ["developer"], ["approved"],
    ];

    /// <summary>"I'd like you to remember", "could you remember".</summary>
    private bool IsAskedOfYou(int verb) =>
        verb > 1 && (context.Tokens[verb - 1].Lower == "to" && context.Tokens[verb - 2].Lower == "you" || (context.Tokens[verb - 1].Lower == "you" && context.Tokens[verb - 2].Lower is "can" or "could" or "would" or "will"));

    /// <summary>"Can you remember for me that ...?" asks for nothing but that.</summary>
    private bool AsksToKeep(Sentence sentence)
    {
        var first = Gate.SkipFillers(context.Tokens, sentence.First, sentence.End);
        return first + 5 < sentence.End && context.Tokens[first].Lower is "can" or "could" or "would" or "will" && context.Tokens[first + 1].Lower == "you"
            && Gate.Contains(context.Tokens, first + 2, Math.Min(sentence.End, first + 5), Requests) is var request and > 0 && Gate.Contains(context.Tokens, request, Math.Min(sentence.End, request + 7), [["that"], ["my"], ["our"], [":"]]) > 0
            && context.Tokens.FindIndex(request, sentence.End - request, token => token.Lower is "what" or "which" or "when" or "if" or "where" or "who" or "how") < 0;
    }

    /// <summary>"..., you should know it whenever I ask": it says why, and commands nothing.</summary>
    private bool IsReason(int command, int end) => command + 2 < end && context.Tokens[command].Lower == "you" && (context.Tokens[command + 1].Lower == "should" && context.Tokens[command + 2].Lower is "know" or "keep" or "remember" || context.Tokens[command + 1].Lower == "will" && context.Tokens[command + 2].Lower is "need" or "want" && command + 3 < end && (context.Tokens[command + 3].Lower is "it" or "that" or "this" || context.Tokens[command + 3].Lower == "to" && command + 4 < end && context.Tokens[command + 4].Lower is "know" or "have" or "remember"));

    /// <summary>"Bin day is Tuesday": a few words, and what they are.</summary>
    private bool IsTold(int first, int end)
    {
        var verb = context.Tokens.FindIndex(first, Math.Min(4, end - first), token => token.Lower is "is" or "'s" or "are" or "has" or "goes" or "lives");
        return verb > first && verb + 1 < end && context.Tokens.FindIndex(first, end - first, token => token.Lower is "you" or "your" or "he" or "she" or "they" or "he's") < 0;
    }

    /// <summary>"Remember that ..." keeps a statement no rule knows.</summary>
    public void Read(Sentence sentence, List<MemoryCandidate> output)
    {
        if (sentence.IsQuestion && !AsksToKeep(sentence) || SensitiveText.IsSecret(context.Tokens, sentence.First, sentence.End) || context.Muted[sentence.First] || Gate.Contains(context.Tokens, sentence.First, sentence.End, Requests) is not (var first and >= 0)
            || (first > sentence.First + 4 && !IsAskedOfYou(first) && context.Tokens[first - 1].Lower is not ("please" or "just" or "and" or "also") && context.Tokens[first - 1].Kind is not (TokenKind.Comma or TokenKind.Break)) || (first > sentence.First && !IsAskedOfYou(first) && context.Tokens[first - 1].Lower is "to" or "i" or "you" or "not" && context.Tokens[first].Lower is "remember" or "save" or "store"))
        {
            return;
        }

        var content = first + 1;
        while (content < sentence.End && (context.Tokens[content].Lower == "it" && context.Tokens[content - 1].Lower == "keep" || context.Tokens[content].Lower == "memory") || content < sentence.End && context.Tokens[content].Lower is "that" or "this" or "one" or "permanent" or ":" or "," or "me" or "please" or "down" or "in" or "mind" or "a" or "note" or "not" or "forget" or "for" or "future" or "reference" or "later" or "file" or "record" or "of" || (content < sentence.End - 1 && context.Tokens[content].Lower == "the" && context.Tokens[content + 1].Lower is "record" or "file" or "future" or "following"))
        {
            content++;
        }

        if (content + 1 >= sentence.End && first > sentence.First + 4 && ReadBefore(first, sentence) is { } before)
        {
            output.Add(before);
            return;
        }

        if (content + 2 >= sentence.End || Lexicon.Pronouns.Contains(context.Tokens[content].Lower) && context.Tokens[content].Lower is not ("my" or "our" or "i" or "we") || Lexicon.TaskVerbs.Contains(context.Tokens[content].Lower) || context.Tokens[content].Lower is "to" or "from" or "always" or "never" or "if" or "when" or "how" or "why"
            || Gate.Contains(context.Tokens, content, sentence.End, Commands) is var command and >= 0 && !IsReason(command, sentence.End))
        {
            return;
        }

        var isOwn = context.Tokens[content].Lower is "my" or "our" or "i" or "we";
        var isOfOurs = Gate.Contains(context.Tokens, content, sentence.End, Ours) >= 0;
        if (!isOwn && !isOfOurs && !Lexicon.Determiners.Contains(context.Tokens[content].Lower) && !context.Tokens[content].IsCapitalised && !IsTold(content, sentence.End) || (context.Tokens[content].IsCapitalised && content + 1 < sentence.End && !Lexicon.Auxiliaries.Contains(context.Tokens[content + 1].Lower)  && context.Tokens[content + 1].Lower != "'s" && !isOwn))
        {
            return;
        }

        var end = content;
        while (end < sentence.End && (context.Tokens[end].IsWord || (context.Tokens[end].Text == ":" && end > content && end + 1 < sentence.End) || context.Tokens[end].Kind == TokenKind.Comma && end + 1 < sentence.End && !Lexicon.Subjects.Contains(context.Tokens[end + 1].Lower) && context.Tokens[end + 1].Lower is not ("it" or "so" or "that" or "because" or "you" or "as" or "since")) && end - content < 30)
        {
            end++;
        }

        var isPossessive = context.Tokens[content].Lower is "my" or "our";
        var text = isPossessive ? $"User's {context.Render(content + 1, end)}." : isOwn ? $"User {context.Render(content + 1, end, isVerbPhrase: true)}." : $"User asked to remember: {context.Render(content, end)}.";
        output.Add(new MemoryCandidate
        {
            Operation = CandidateOperation.Add,
            Text = text,
            Category = SensitiveText.IsPrivate(context.Tokens, content, end) ? "constraint" : "other",
            SlotKey = "note:" + FactWriter.Key(text[5..].TrimEnd('.')),
            Quote = context.Quote(content, end),
            Confidence = 0.85,
            Importance = 0.7,
        });
    }

    /// <summary>"My asthma matters whenever we plan workouts, so please remember it": what is to be kept stands before.</summary>
    private MemoryCandidate? ReadBefore(int request, Sentence sentence)
    {
        var tokens = context.Tokens;
        var first = Gate.SkipFillers(tokens, sentence.First, request);
        var end = tokens.FindIndex(first, request - first, token => token.Kind is TokenKind.Comma or TokenKind.Break);
        if (end < first + 4 || tokens[first].Lower is not ("my" or "our" or "i" or "we") || Gate.Contains(tokens, first, end, Commands) >= 0 || tokens.FindIndex(first, end - first, token => token.Lower is "you" or "your" or "he" or "she" or "they" or "today" or "this") >= 0)
        {
            return null;
        }

        var text = tokens[first].Lower is "my" or "our" ? $"User's {context.Render(first + 1, end)}." : $"User {context.Render(first + 1, end, isVerbPhrase: true)}.";
        return new MemoryCandidate
        {
            Operation = CandidateOperation.Add,
            Text = text,
            Category = SensitiveText.IsPrivate(tokens, first, end) ? "constraint" : "other",
            SlotKey = "note:" + FactWriter.Key(text[5..].TrimEnd('.')),
            Quote = context.Quote(first, end),
            Confidence = 0.85,
            Importance = 0.7,
        };
    }
}
