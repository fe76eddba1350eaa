using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <summary>Reads standing wishes about the replies: format, length, tone, language. Instructions for one task are not among them.</summary>
internal sealed partial class StyleReader(MessageContext context)
{
    /// <summary>Most tokens of a wish in a polite form.</summary>
    private const int LongestWish = 40;

    /// <summary>Longest phrase in quotes, with its quotation marks, that a reply is not to hold.</summary>
    private const int LongestUnsaid = 34;

    /// <summary>Verbs that end what was wished before.</summary>
    private static readonly string[] Ending = ["drop", "ditch", "lose", "scrap", "skip"];

    private bool _isGeneralised;

    /// <summary>Reads a sentence that carries a standing wish.</summary>
    /// <param name="index">Index of the sentence.</param>
    /// <param name="factBefore">Where, in this sentence, a fact about the user ends; -1 when there is none.</param>
    /// <param name="output">Receives the candidate.</param>
    public void Read(int index, int factBefore, List<MemoryCandidate> output)
    {
        var tokens = context.Tokens;
        var sentence = context.Sentences[index];
        var isPassing = Gate.Contains(tokens, sentence.First, sentence.End, Passing) >= 0;
        var standingWord = HasStandingWord(sentence.First, sentence.End);
        var fromNowOn = Gate.Contains(tokens, sentence.First, sentence.End, Standing);
        var next = index + 1 < context.Sentences.Count ? context.Sentences[index + 1] : default;
        var generalised = next.End > next.First && !next.IsQuestion && next.End - next.First <= 16 && (Gate.Contains(tokens, next.First, next.End, Generalised) is var at and >= 0 && at <= next.First + 2);
        _isGeneralised = generalised;
        var isStanding = standingWord || fromNowOn >= 0 || generalised;
        if (Gate.Contains(tokens, sentence.First, sentence.End, OneReply) >= 0 || (!isStanding && Gate.Contains(tokens, sentence.First, sentence.End, OfAText) >= 0))
        {
            return;
        }

        if (sentence.IsQuestion && tokens.FindIndex(sentence.First, sentence.End - sentence.First, token => token.Lower is "if" or "when" or "whenever") is var occasion and >= 0 && WishedOfIt(occasion, sentence) is { } ofIt)
        {
            Add(ofIt, occasion, sentence.End, output);
            return;
        }

        if (sentence.IsQuestion && fromNowOn < 0 && !standingWord && !generalised || isPassing && !(generalised || fromNowOn >= 0))
        {
            return;
        }

        if (fromNowOn >= 0 && fromNowOn + 2 < sentence.End && tokens[fromNowOn].Lower == "all" && tokens[fromNowOn + 2].Lower == "life" && sentence.IsQuestion)
        {
            // "I've voted all my life, so can you explain ...?" asks once.
            return;
        }

        var said = output.Count;
        for (var i = sentence.First; i < sentence.End; i++)
        {
            if (IsSaid(tokens[i].Start, output, said))
            {
                continue;
            }

            if (PoliteWish(i, sentence) is var (polite, politeEnd))
            {
                Add(polite, i, politeEnd, output);
                i = politeEnd;
                continue;
            }

            var atClause = i == sentence.First || (i > sentence.First + 1 && tokens[i - 1].Lower == "you" && tokens[i - 2].Lower is "can" or "could" or "would" or "will") || !tokens[i - 1].IsWord || EndsStandingPhrase(sentence.First, i) || IsAskedToDo(sentence.First, i) || tokens[i - 1].Lower is "and" or "so" or "but" or "please" or "bitte" or "then" or "always" or "never" or "siempre" or "toujours" or "immer" or "grundsätzlich" or "nunca" or "jamais" or "just" or "on" or "forward" or "und" or "y" or "et" or "por" || Lexicon.Fillers.Contains(tokens[i - 1].Lower);
            if (!atClause || !tokens[i].IsWord || tokens[i].Lower == "on" && i > sentence.First && tokens[i - 1].Lower is "now" or "here" or "then")
            {
                continue;
            }

            var end = ClauseEnd(i, sentence.End);
            var causal = factBefore > 0 && i > factBefore && HasSo(factBefore - 1, i);
            if (Wish(i, end, isStanding, causal, sentence) is { } wish)
            {
                if (isStanding && end + 1 < sentence.End && IsTail(end + 1, sentence.End) && wish.EndsWith(context.Render(end - 1, end), StringComparison.Ordinal))
                {
                    // "Use Oxford spelling in all chats, -ize endings and the serial comma included".
                    wish += ", " + context.Render(end + 1, sentence.End);
                    end = sentence.End;
                }

                Add(wish, Has(i, end, Words("one ones")) || wish[^1] == ')' ? sentence.First : i, end, output);
                i = end;
            }
        }

        if (output.Count > said + 1 && Array.Exists(Ending, verb => output[said].Text.StartsWith($"User wants the assistant to {verb} ", StringComparison.Ordinal)) && output[said + 1].Category == "style" && !output[said + 1].Text.Contains(" not ", StringComparison.Ordinal))
        {
            // "Drop the numbers and write normal paragraphs": the second says what holds.
            output.RemoveAt(said);
        }
    }

    /// <summary>Whether a gerund is something a reply does: "quit apologising" is an order, "quit smoking" is not.</summary>
    public static bool IsOfReplies(string gerund) => gerund is "saying" or "apologising" or "apologizing" or "telling" or "asking" or "repeating" or "complimenting" or "thanking" or "praising" or "greeting" or "reminding" or "flattering" or "agreeing";

    /// <summary>"I'd like you to be more formal": what the assistant is asked to do.</summary>
    private bool IsAskedToDo(int first, int at) =>
        at > first + 3 && context.Tokens[at - 1].Lower == "to" && context.Tokens[at - 2].Lower == "you" && context.Tokens[at - 3].Lower is "want" or "like" or "prefer" or "need" or "love";

    /// <summary>Whether words are an order to the assistant: a verb of replies with what stands behind a verb.</summary>
    public static bool IsOrder(List<Token> tokens, int at) => Verbs.Contains(tokens[at].Lower) && (Lexicon.Determiners.Contains(tokens[at + 1].Lower) || tokens[at + 1].Lower is "straight" or "to" or "me" or "it" or "them" or "with" or "into");

    /// <summary>"In general give me ...": the wish begins behind what makes it a standing one.</summary>
    private bool EndsStandingPhrase(int first, int at) => Gate.SkipFillers(context.Tokens, first, at + 1) is var start && Array.Exists(Standing, phrase => at - start == phrase.Length && Gate.Contains(context.Tokens, start, at, [phrase]) == start);

    /// <summary>Whether the rest of a sentence only goes on with what is wished for: no clause of its own and no wish.</summary>
    private bool IsTail(int first, int end)
    {
        if (end - first > 9 || context.Tokens[first - 1].Kind != TokenKind.Comma)
        {
            return false;
        }

        for (var i = first; i < end; i++)
        {
            var word = context.Tokens[i].Lower;
            if (!context.Tokens[i].IsWord || Lexicon.Pronouns.Contains(word) || Lexicon.ClauseBreaks.Contains(word) || Verbs.Contains(word) || word is "is" or "are" or "have" or "do" or "no" or "never" or "always")
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsSaid(int offset, List<MemoryCandidate> output, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (offset >= output[i].Quote.Start && offset < output[i].Quote.Start + output[i].Quote.Length)
            {
                return true;
            }
        }

        return false;
    }

    private bool HasSo(int from, int to)
    {
        for (var i = Math.Max(0, from); i < to; i++)
        {
            if (context.Tokens[i].Lower is "so" or "hence" or "therefore" or "\u2014")
            {
                return true;
            }
        }

        return false;
    }

    private string? Wish(int i, int end, bool isStanding, bool causal, Sentence sentence)
    {
        var fromNowOn = Gate.Contains(context.Tokens, i, sentence.End, FromNowOn) >= 0;
        var tokens = context.Tokens;
        var word = tokens[i].Lower;
        if (i + 1 < end && Verbs.Contains(word) && tokens[i + 1].Lower is "it" && !(isStanding && word is "keep" or "make" or "put") || i + 1 < end && Verbs.Contains(word) && tokens[i + 1].Lower is "that" or "is" or "'s" or "was" or "are" or "has")
        {
            return null;
        }

        if (i + 1 < end && word is not "you" && tokens[i + 1].Lower is "do" or "does" or "did")
        {
            // "Steps with drag and drop don't help".
            return null;
        }

        if (word is "explain" or "tell" or "show" && i + 1 < end && sentence.IsQuestion && tokens[i + 1].Lower is "how" or "why" or "what" or "who" or "where" or "me")
        {
            // "Can you explain how list seats are shared out?" asks once.
            return null;
        }

        if (i > sentence.First && tokens[i - 1].Lower == "so" && IsAskedHere(i, end))
        {
            return null;
        }

        if (i + 1 == end && Gate.Contains(tokens, sentence.First, sentence.End, Standing) < 0 && word is "answer" or "reply" or "respond" or "explain" or "write" or "stop" or "ask" or "start")
        {
            // "Just answer. Every time." says nothing of how.
            return null;
        }

        if (i + 2 == end && Verbs.Contains(word) && tokens[i + 1].Lower is "it" or "them" or "me" || word == "go" && i + 1 < end && tokens[i + 1].Lower is "on" or "ahead")
        {
            // "Just answer them" is about what was asked.
            return null;
        }

        if (word == "assume" && Gate.Contains(tokens, i + 1, end, Levels) is var level and > 0 && level <= i + 5 || word == "treat" && i + 3 < end && tokens[i + 1].Lower == "me" && tokens[i + 2].Lower is "like" or "as" && Has(i + 3, end, Topics))
        {
            // "Assume I know nothing about finance" is for always: it tells who asks.
            return $"User wants the assistant to {Imperative(i, end)}";
        }

        if (word == "make" && isStanding && i + 2 < end && tokens[i + 1].Lower == "it" && i > sentence.First && TopicBefore(sentence.First, i) is { } resized)
        {
            // "Fifty words is too tight, make it a hundred from now on".
            return $"User wants the assistant to {Imperative(i, end)} ({resized})";
        }

        if ((isStanding ? Compared(i, end) : null) is { } compared)
        {
            return compared;
        }

        if (InUnit(i, end, sentence) is { } inUnit)
        {
            return inUnit;
        }

        if (Unsaid(i, end, isStanding) is { } unsaid)
        {
            return unsaid;
        }

        var hasTopic = Has(i, end, Topics) || Has(i, end, Lexicon.Languages);
        var strong = Has(i, end, StrongTopics);
        if (WishOfOccasion(i, sentence) is { } ofOccasion)
        {
            return ofOccasion;
        }

        if ((word is "when" or "whenever" || (word == "if" && isStanding)) && i + 3 < sentence.End && (tokens[i + 1].Lower is "you" || (tokens[i + 1].Lower is "i" && tokens[i + 2].Lower is "ask" or "say" or "mention" or "paste" or "send" or "share")) && (hasTopic | Has(i, sentence.End, Topics) || word == "if"))
        {
            var comma = i;
            while (comma < sentence.End && tokens[comma].Kind != TokenKind.Comma)
            {
                comma++;
            }

            if (comma + 2 < sentence.End && Verbs.Contains(tokens[comma + 1].Lower) && !(tokens[comma + 2].Lower is "that" or "this" or "it" && comma + 3 >= sentence.End))
            {
                return $"User wants the assistant to {context.Render(comma + 1, ClauseEnd(comma + 1, sentence.End))} {(word == "if" ? "if" : "when")} {(tokens[i + 1].Lower == "i" ? "they " + context.Render(i + 2, comma) : "it " + context.Render(i + 2, comma, isVerbPhrase: true))}";
            }

            // "Whenever I ask about code show me the snippet first": the wish begins at its verb.
            for (var verb = i + 4; verb < sentence.End - 1 && comma >= sentence.End; verb++)
            {
                if (tokens[verb].Lower is "show" or "give" or "keep" or "put" or "use" or "start" or "begin" or "answer" or "reply" or "add" or "include" or "skip" or "write" or "list")
                {
                    return $"User wants the assistant to {Imperative(verb, sentence.End)} {(tokens[i + 1].Lower == "i" ? "when they " + context.Render(i + 2, verb) : "when it " + context.Render(i + 2, verb, isVerbPhrase: true))}";
                }
            }

            return null;
        }

        // "You can be blunt with me", "you don't need to apologise": leave given is a wish.
        if (word is "you" && i + 2 < end && tokens[i + 1].Lower is "can" or "may" or "do" or "should" && hasTopic && !sentence.IsQuestion && (isStanding || Has(i, end, Words("flatter compliment patronise lecture blunt direct honest formal informal casual apologise apologize sugarcoat skip swear drop lose ditch spare cut"))))
        {
            var negated = tokens[i + 1].Lower is "do" && tokens[i + 2].Lower == "not";
            var verb = negated ? i + 3 : i + 2;
            while (negated && verb < end - 1 && tokens[verb].Lower is "need" or "have" or "to")
            {
                verb++;
            }

            return verb < end ? negated ? $"User does not need the assistant to {Imperative(verb, end)}" : $"User wants the assistant to {Imperative(verb, end)}" : null;
        }

        // German puts the verb of a request last: "bitte immer auf Deutsch antworten".
        if (isStanding && hasTopic && tokens[end - 1].Lower is "antworten" or "schreiben" or "duzen" or "siezen" or "verwenden" or "benutzen" or "halten" or "geben")
        {
            return $"User wants this of replies: {context.Render(i, end)}";
        }

        // "Longer answers are fine from now on".
        if (isStanding && hasTopic && Array.Exists(["fine", "ok", "okay", "good", "welcome", "great", "best", "better", "plenty", "enough"], allowed => Has(i + 1, end, Words(allowed))) && Has(i, end, Words("is are")) && !Lexicon.Subjects.Contains(word) && !sentence.IsQuestion)
        {
            return $"User says {char.ToLowerInvariant(context.Render(i, end)[0])}{context.Render(i, end)[1..]}";
        }

        if (word is "remember" or "keep" && Has(i, Math.Min(end, i + 4), Words("that mind in")) && !hasTopic)
        {
            return null;
        }

        var accepted = (isStanding && (hasTopic || (word == "explain" && i + 1 < end && tokens[i + 1].Lower is "things" or "everything" or "concepts" or "stuff"))) || (causal && !Lexicon.Questions.Contains(word) && !Has(i, end, Words("them it there one this those these both"))) || (strong && !Has(i, end, Words("this that these following")));
        if (tokens[end - 1].Lower is "that" or "this" or "those" or "these" || tokens.FindIndex(i + 1, end - i - 1, token => token.Lower is "that" or "those") is var pointing and > 0 && tokens[pointing - 1].Lower is "to" or "like" or "with")
        {
            // "Keep recipes to that" says nothing by itself.
            return null;
        }

        if (word is "no" && !hasTopic && !isStanding && causal && !Has(sentence.First, sentence.End, Words("please pls me thanks ever")))
        {
            // "So no via ferrata" follows from what was said.
            return null;
        }

        if (word is "no" && i + 2 < end && IsOfReplies(tokens[i + 1].Lower) && (tokens[i + 1].Lower is not ("saying" or "telling" or "asking" or "reminding") || tokens[i + 2].Lower is "me" or "us"))
        {
            return $"User wants no {context.Render(i + 1, end)}";
        }

        if (word is "no" && accepted | (isStanding && i == sentence.First) && i + 1 < end && tokens[i + 1].Lower is not ("no" or "idea" or "one" or "worries" or "problem" or "need" or "matter" or "way" or "longer" or "clue"))
        {
            return $"User wants {context.Render(i, end)}".Replace("wants No", "wants no", StringComparison.Ordinal);
        }

        var whole = end < sentence.End && tokens[end].Lower == "so" ? ClauseEnd(end, sentence.End) : end;
        if (word is "no" && i + 3 < end && tokens[i + 1].Lower == "need" && tokens[i + 2].Lower == "to" && Has(i, whole, Topics) && Verbs.Contains(tokens[i + 3].Lower) && (isStanding || strong || Has(i, whole, Words("me so"))))
        {
            return $"User does not need the assistant to {Imperative(i + 3, whole)}";
        }

        if (word is "never" && WishNever(i, end, hasTopic, causal, out var never))
        {
            return never;
        }

        if (word is "have" && i > sentence.First && i + 2 < end && tokens[i - 1].Lower == "please" && isStanding && (hasTopic || TopicBefore(sentence.First, i) is not null))
        {
            // "So please have one at the start of every answer".
            return $"User wants the assistant to {Imperative(i, end)}{(TopicBefore(sentence.First, i) is { } of ? $" ({of})" : "")}";
        }

        if (word is "do" && i + 2 < end && tokens[i + 1].Lower == "not")
        {
            return WishNot(i, end, hasTopic, isStanding, accepted, causal);
        }

        if (word is "stop" or "quit" && i + 1 < end && tokens[i + 1].Lower.EndsWith("ing", StringComparison.Ordinal) && (word is "stop" || IsOfReplies(tokens[i + 1].Lower)) && hasTopic | isStanding | Has(i, end, Words("me stuff everything things")))
        {
            return $"User wants the assistant to {Imperative(i, end)}";
        }

        if (word is "always" && i + 1 < end && Verbs.Contains(tokens[i + 1].Lower) && (hasTopic || causal || (i + 2 < end && tokens[i + 2].Lower == "me") || TopicBefore(sentence.First, i) is not null))
        {
            var topic = Has(i, end, Words("one them it")) && TopicBefore(sentence.First, i) is { } named ? $" ({named})" : "";
            return $"User wants the assistant to always {Imperative(i + 1, end)}{topic}";
        }

        if (Verbs.Contains(word) && accepted && !(word is "pick" or "choose" or "tell" or "show" or "give" or "add" or "check" or "suggest" or "recommend" or "write" or "list" or "make" or "translate" && causal && !isStanding && !strong))
        {
            return ForeignVerbs.Contains(word) ? $"User asks this of the assistant: {context.Text[tokens[i].Start..tokens[end - 1].End]}" : $"User wants the assistant to {Imperative(i, end)}";
        }

        if (Verbs.Contains(word) && hasTopic && IsAskedToDo(sentence.First, i) && word is "be" or "talk" or "speak" or "explain" or "keep" or "use" or "avoid" or "stop" or "address" or "treat" or "skip" && Gate.Contains(tokens, sentence.First, sentence.End, OfAText) < 0 && !Has(i, end, Words("this that these those following below")))
        {
            return $"User wants the assistant to {Imperative(i, end)}";
        }

        if (word is "talk" or "speak" && i + 2 < end && tokens[i + 1].Lower is "to" && tokens[i + 2].Lower is "me" && hasTopic || word is "explain" && i + 1 < end && tokens[i + 1].Lower is "things" or "everything" or "concepts" && hasTopic)
        {
            return $"User wants the assistant to {Imperative(i, end)}";
        }

        if (hasTopic && isStanding && end - i is > 1 and <= 6 && (SlotReader.NumberWord(word) || tokens[i].Kind == TokenKind.Number) && (EndsStandingPhrase(sentence.First, i) || i == sentence.First) && !sentence.IsQuestion && !Has(i, end, Words("is are was were has have")))
        {
            // "From now on three sentences, tops".
            return $"User wants {context.Render(i, end)} at most";
        }

        return hasTopic && (isStanding || strong) && end - i <= 9 && !(word is "could" or "can" or "would" or "will" or "do") && (i == sentence.First || tokens[i - 1].Lower == "bitte" || i == sentence.First + 3 && tokens[sentence.First + 1].Lower == "favor" || (tokens[i - 1].Lower == "so" && Has(i, sentence.End, Words("please pls"))) || (tokens[i - 1].Lower is "and" or "und" or "y" or "et" && Has(i, end, Lexicon.StandingMarkers)) || (fromNowOn | (i > sentence.First && tokens[i - 1].Text == ":" && isStanding) && i > sentence.First && !tokens[i - 1].IsWord) || tokens[sentence.First].Lower is "unless" or "by" or "until" or "from") && (strong || fromNowOn || _isGeneralised || Has(i, end, Lexicon.StandingMarkers) || Has(i, sentence.End, Words("please pls")) || (sentence.End > end && Lexicon.StandingMarkers.Contains(tokens[sentence.End - 1].Lower))) && !Lexicon.Subjects.Contains(word) && !Lexicon.TaskVerbs.Contains(word) && !Lexicon.Fillers.Contains(word) && !Lexicon.StandingMarkers.Contains(word) && word is not ("not" or "for" or "please" or "from" or "bitte" or "por" or "every" or "same" or "just" or "do") && !HasFreeMe(i, end) && !Has(i, end, Words("i my is are was i'm what how why your it"))
            ? $"User wants {context.Render(i, sentence.End > end && end + 1 < sentence.End && context.Tokens[end + 1].Lower is "not" or "no" ? ClauseEnd(end + 1, sentence.End) : end)}" : null;
    }

    /// <summary>The first word about replies before a position, or null.</summary>
    private string? TopicBefore(int first, int at)
    {
        for (var i = first; i < at; i++)
        {
            if (Topics.Contains(context.Tokens[i].Lower))
            {
                return context.Tokens[i].Lower;
            }
        }

        return null;
    }

    private string Imperative(int first, int end)
    {
        var text = context.Render(first, end);
        text = text.Replace(" your ", " its ", StringComparison.Ordinal).Replace(" you ", " it ", StringComparison.Ordinal);
        return char.ToLowerInvariant(text[0]) + text[1..];
    }

    private void Add(string wish, int first, int end, List<MemoryCandidate> output)
    {
        var sentenceText = wish.TrimEnd('.', ' ');
        if (end == first + 1 && sentenceText.StartsWith("User wants the assistant to ", StringComparison.Ordinal))
        {
            // "So switch: ..." says nothing by itself.
            return;
        }

        output.Add(new MemoryCandidate
        {
            Operation = CandidateOperation.Add,
            Text = sentenceText + ".",
            Category = "style",
            SlotKey = SlotOf(context.Tokens, first, end),
            SingleValued = true,
            Quote = context.Quote(first, end),
            Confidence = 0.75,
            Importance = FactWriter.ImportanceOf("style"),
        });
    }

    /// <summary>What of a reply a wish is about: its length, its language; null when no word tells.</summary>
    public static string? AspectOf(List<Token> tokens, int first, int end)
    {
        foreach (var (aspect, words) in Aspects)
        {
            for (var i = first; i < end; i++)
            {
                if (words.Contains(tokens[i].Lower) && !(aspect == "length" && i + 1 < end && tokens[i + 1].Lower is "example" or "examples" or "analogy" or "analogies" or "quote" or "snippet" or "snippets"))
                {
                    return aspect;
                }
            }
        }

        return null;
    }

    public static string SlotOf(List<Token> tokens, int first, int end) => AspectOf(tokens, first, end) is { } aspect ? "style:" + aspect : "style:" + FactWriter.Key(string.Join(' ', tokens.Skip(first).Take(Math.Min(5, end - first)).Select(t => t.Lower)));

    private bool HasStandingWord(int first, int end) => Has(first, end, Lexicon.StandingMarkers);

    private bool Has(int first, int end, FrozenSet<string> words)
    {
        for (var i = first; i < end; i++)
        {
            if (words.Contains(context.Tokens[i].Lower))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>"Long, thorough answers": the comma parts no clauses.</summary>
    private bool JoinsAdjectives(int comma, int end) => context.Tokens[comma].Kind == TokenKind.Comma && comma + 2 < end && context.Tokens[comma + 1].IsWord && context.Tokens[comma + 2].Lower is "answers" or "replies" or "responses" or "explanations" or "answer" or "reply" or "response" or "explanation" or "sentences" or "summaries";

    private int ClauseEnd(int first, int end)
    {
        var tokens = context.Tokens;
        var i = first + 1;
        while (i < end && (tokens[i].IsWord || JoinsAdjectives(i, end)) && !(tokens[i].Lower is "because" or "please" or "so" or "but" or "lol" || (tokens[i].Lower is "and" or "und" or "y" or "et" && i + 1 < end && (Lexicon.Subjects.Contains(tokens[i + 1].Lower) || Verbs.Contains(tokens[i + 1].Lower)))))
        {
            i++;
        }

        return i;
    }
}
