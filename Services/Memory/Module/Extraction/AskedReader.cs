namespace MemoryMesh.Memory.Extraction;

/// <summary>
/// Reads an answer to any question about how the user lives, by the statement that it makes beside the question ("I hold a Paraguayan passport"), which the ordinary rules read; what none
/// reads is kept as it is said.
/// </summary>
/// <param name="context">The message.</param>
/// <param name="question">What the assistant wrote before it.</param>
/// <param name="spoken">What the user said before that; null when it is not known.</param>
internal sealed class AskedReader(MessageContext context, string question, string? spoken)
{
    private const int MostQuestion = 2_000;
    private const int MostWords = 12;
    private const string Slot = "asked:";

    private List<Token> Tokens => context.Tokens;

    /// <summary>Adds what the answers say that no rule has read.</summary>
    public void Read(List<MemoryCandidate> output)
    {
        if (!question.Contains('?', StringComparison.Ordinal))
        {
            return;
        }

        var asked = new MessageContext(question.Length > MostQuestion ? question[^MostQuestion..] : question, context.Effort);
        var last = asked.Sentences.FindLastIndex(sentence => sentence.IsQuestion);

        // "Who is it for, and what are they into?" "My stepmum Odile. Orchids": who they are is answered first.
        List<Token> said = [.. Tokenizer.Tokenize(spoken is null ? "" : spoken.Length > MostQuestion ? spoken[^MostQuestion..] : spoken), .. context.Sentences.Count > 1 ? Tokens[context.Sentences[0].First..context.Sentences[0].End] : []];
        if (last < 0 || QuestionFrame.Of(asked.Tokens[asked.Sentences[last].First..asked.Sentences[last].End], said) is not { Count: > 0 } frames)
        {
            return;
        }

        var at = context.Sentences.FindIndex(sentence => Gate.SkipFillers(Tokens, sentence.First, sentence.End) is var first && first < sentence.End && !Lexicon.Fillers.Contains(Tokens[first].Lower));
        if (at < 0)
        {
            return;
        }

        if (frames[0].Fit == AnswerFit.Company)
        {
            ReadCompany(at, output);
            return;
        }

        if (frames.Count == 2 && frames[0].About.Length == 0)
        {
            ReadFrame(frames[0], at, output);
            at++;
            frames.RemoveAt(0);
        }

        var frame = frames[0];
        if (frame.About.Length > 0 && at + 1 < context.Sentences.Count && context.Sentences[at] is var who && who.End - who.First <= 4 && Tokens[who.First].Lower is "my" or "our" && IsRead(who, output))
        {
            frame = frame with { Before = frame.Before.Replace(frame.About, "my " + context.Text[Tokens[who.First + 1].Start..Tokens[who.End - 1].End], StringComparison.Ordinal) };
            at++;
        }

        if (at < context.Sentences.Count && context.Sentences[at].IsQuestion && frame.About.Length > 0 && at + 1 < context.Sentences.Count && NameOf(context.Sentences[at]) is { } name)
        {
            // "Bruno? pottery, mostly": who is meant, and the answer.
            Keep($"{frame.About} is named {name}", "", context.Quote(context.Sentences[at].First, context.Sentences[at].End), output);
            frame = frame with { Before = frame.Before.Replace(frame.About, $"{frame.About} {name}", StringComparison.Ordinal) };
            at++;
        }

        if (at < context.Sentences.Count)
        {
            ReadFrame(frame, at, output);
        }
    }

    private string? NameOf(Sentence sentence) => sentence.End - sentence.First == 1 && Tokens[sentence.First].IsCapitalised && !Lexicon.NotNames.Contains(Tokens[sentence.First].Lower) ? Tokens[sentence.First].Text : null;

    /// <summary>"Just Ottilie, my wife. And the dog": who comes along is somebody of the user's.</summary>
    private void ReadCompany(int at, List<MemoryCandidate> output)
    {
        for (var s = at; s < Math.Min(context.Sentences.Count, at + 3); s++)
        {
            var sentence = context.Sentences[s];
            var first = sentence.First;
            while (first < sentence.End - 1 && Tokens[first].Lower is "and" or "just" or "plus" or "oh" or "also" or "the" or "our" or "my")
            {
                first++;
            }

            var word = Tokens[first].Lower;
            var behind = first + 1 == sentence.End || Tokens[first + 1].Lower is "obviously" or "too" or "and" or "of" or "naturally" or "always" || !Tokens[first + 1].IsWord;
            if (behind && !IsRead(sentence, output) && (Lexicon.Pets.Contains(word) || word is "kids" or "twins" or "children" or "boys" or "girls" or "wife" or "husband" or "baby"))
            {
                Keep("I have " + (Lexicon.IsPlural(word) || word is "children" ? word : "a " + word), word, context.Quote(first, first + 1), output);
            }
        }
    }

    private bool IsRead(Sentence sentence, List<MemoryCandidate> output)
    {
        var quote = context.Quote(sentence.First, sentence.End);
        return output.Exists(fact => fact.Quote.Overlaps(quote));
    }

    private void ReadFrame(QuestionFrame frame, int at, List<MemoryCandidate> output)
    {
        var sentence = context.Sentences[at];
        var first = Gate.SkipFillers(Tokens, sentence.First, sentence.End);
        while (first < sentence.End - 1 && (!Tokens[first].IsWord || Tokens[first].Lower is "just" or "mostly" or "mainly" or "usually" or "probably" or "it" or "'s" or "is" or "normally" or "generally" or "only"))
        {
            first++;
        }

        var end = EndOf(first, sentence);
        if (sentence.IsQuestion || Lexicon.Subjects.Contains(Tokens[first].Lower) || Tokens[first].Lower is "he" or "she" or "they" || IsRead(sentence, output) || end <= first || end - first > MostWords || !MayAnswer(first, end))
        {
            return;
        }

        var answer = context.Text[Tokens[first].Start..Tokens[end - 1].End];
        answer = IsCommon(Tokens[first].Lower) ? char.ToLowerInvariant(answer[0]) + answer[1..] : answer;
        if (Fitted(frame, answer, first, end) is { } fitted)
        {
            var before = output.Count;
            Keep(frame.Before + fitted, frame.After, context.Quote(first, end), output, Tokens[first].Lower);
            new FactFilter(context).Apply(sentence, before, output);
        }
    }

    /// <summary>Whether a word has its capital only because it opens the answer.</summary>
    private static bool IsCommon(string word) => SlotReader.NumberWord(word) || Lexicon.Determiners.Contains(word) || word is "by" or "in" or "on" or "at" or "about" or "around" or "every" or "once" or "twice" or "half" or "black" or "white" or "nights" or "mornings" or "evenings" or "mostly" or "anything" or "near" or "up" or "most" or "nearly" or "almost" or "over" or "since";

    /// <summary>Where the answer ends: before a clause of its own.</summary>
    private int EndOf(int first, Sentence sentence)
    {
        var end = first + 1;
        while (end < sentence.End && !(Tokens[end].Kind == TokenKind.Break || Tokens[end].Lower is "mostly" or "mainly" or "basically" && Tokens[end - 1].Kind == TokenKind.Comma || Tokens[end].Lower is "but" or "because" or "so" or "since" or "though" || (Lexicon.Subjects.Contains(Tokens[end].Lower) || Tokens[end].Lower is "my" or "not" or "she" or "he" or "they" or "it") && (Tokens[end - 1].Kind == TokenKind.Comma || Tokens[end - 1].Lower is "and")))
        {
            end++;
        }

        if (Tokens.FindIndex(first, end - first, token => token.Lower is "it" or "you" or "i" or "we" or "that") is var besides and > 0 && Tokens.FindIndex(first, besides - first, token => token.Kind == TokenKind.Comma) is var comma and > 0)
        {
            // "Subtitling, six years of it".
            end = comma;
        }

        if (Tokens.FindIndex(first + 1, end - first - 1, token => token.Lower == "nothing") is var nothing and > 0)
        {
            // "Model trains, and basically nothing else".
            end = nothing;
            while (end > first + 1 && (!Tokens[end - 1].IsWord || Tokens[end - 1].Lower is "and" || Lexicon.Adverbs.Contains(Tokens[end - 1].Lower)))
            {
                end--;
            }
        }

        while (end > first && (!Tokens[end - 1].IsWord || Tokens[end - 1].Lower is "and"))
        {
            end--;
        }

        return end;
    }

    private bool MayAnswer(int first, int end)
    {
        for (var i = first; i < end; i++)
        {
            if (context.Blocked[i] || context.Muted[i] || Tokens[i].Kind == TokenKind.Masked || Lexicon.Subjects.Contains(Tokens[i].Lower) || Tokens[i].Lower is "you" or "your" or "it" or "that's" or "depends" or "whatever" or "nothing" or "none" or "either" or "maybe" or "dunno")
            {
                return false;
            }
        }

        return !(Tokens[first].Lower is "no" or "not" or "never" or "any" or "anything" or "both" or "this" or "that" or "these" or "those" or "there" or "here" or "what" or "why" or "how" or "which" or "who" or "can" or "could" or "do" or "please" or "let" or "skip" or "one" && end == first + 1 || Lexicon.TaskVerbs.Contains(Tokens[first].Lower));
    }

    /// <summary>The answer as it stands in the statement; null when it is none of what is asked for.</summary>
    private string? Fitted(QuestionFrame frame, string answer, int first, int end)
    {
        var word = Tokens[first].Lower;
        var isNumber = Tokens[first].Kind == TokenKind.Number || SlotReader.NumberWord(word) || word is "about" or "around" or "over" or "nearly" or "almost" or "roughly" or "a" or "just" or "half" or "twice" or "once";
        var hasPreposition = word is "in" or "on" or "at" or "near" or "outside" or "by" or "from" or "around" or "about" or "before" or "after" or "every" or "all" or "most" or "never" or "up" or "down" or "between" or "mornings" or "evenings" or "nights" or "weekends";
        switch (frame.Fit)
        {
            case AnswerFit.Place:
                return hasPreposition || word.EndsWith("where", StringComparison.Ordinal) ? answer : "in " + answer;
            case AnswerFit.PlaceAt:
                return hasPreposition ? answer : "at " + answer;
            case AnswerFit.Time:
                return hasPreposition || Lexicon.Days.Contains(word.TrimEnd('s')) && word.EndsWith('s') ? answer : (frame.Before.StartsWith("my ", StringComparison.Ordinal) || Lexicon.Days.Contains(word) ? "on " : "at ") + answer;
            case AnswerFit.Duration:
                return isNumber || word is "since" or "forever" or "all" or "years" or "most" ? (word is "since" or "all" or "for" or "most" or "forever" ? answer : "for " + answer) : null;
            case AnswerFit.Number:
                var comma = Tokens.FindIndex(first, end - first, token => token.Kind == TokenKind.Comma);
                return isNumber ? comma > first ? context.Text[Tokens[first].Start..Tokens[comma - 1].End] : answer : null;
            case AnswerFit.Kind:
                return Tokens.FindIndex(first, end - first, token => token.Kind == TokenKind.Comma) == first + 1 || !isNumber ? Morphology.WithArticle(answer) : answer;
            case AnswerFit.Noun when frame.Noun.Length > 0 && end == first + 1 && Lexicon.Demonyms.Contains(word) | (Tokens[first].IsCapitalised && (word.EndsWith("ian", StringComparison.Ordinal) || word.EndsWith("ish", StringComparison.Ordinal) || word.EndsWith("ese", StringComparison.Ordinal) || word.EndsWith("an", StringComparison.Ordinal))):
                return $"{Morphology.WithArticle(answer)} {frame.Noun}";
            case AnswerFit.Noun when isNumber && frame.Noun.StartsWith("size", StringComparison.Ordinal):
                return "size " + answer;
            default:
                return answer;
        }
    }

    /// <summary>Keeps what the rules read from a statement, and the statement itself when they read nothing from it.</summary>
    private void Keep(string statement, string after, QuotedSpan quote, List<MemoryCandidate> output, string? word = null)
    {
        var said = new MessageContext(statement + (word is null ? "" : after), context.Effort);
        if (said.Sentences.Count != 1 || said.Sentences[0] is var sentence && sentence.End - sentence.First > MostWords * 2)
        {
            return;
        }

        var facts = new FactReader(said, []).Read();
        facts.RemoveAll(fact => word is not null && !fact.Text.Contains(word, StringComparison.OrdinalIgnoreCase));
        if (facts.Count == 0 && word is not null && UnreadReader.TextOf(said, sentence.First, sentence.End) is { } text)
        {
            facts.Add(new MemoryCandidate { Operation = CandidateOperation.Add, Text = text, Category = "other", SlotKey = Slot + FactWriter.Key(text[5..].TrimEnd('.')), Quote = quote, Confidence = 0.6, Importance = 0.5 });
            new FactFilter(said).Apply(sentence, 0, facts);
        }

        output.AddRange(facts.Select(fact => fact with { Quote = quote, Confidence = Math.Min(fact.Confidence, 0.65) }));
    }
}
