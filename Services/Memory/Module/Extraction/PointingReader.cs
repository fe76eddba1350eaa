namespace MemoryMesh.Memory.Extraction;

/// <summary>Gives facts that point back ("Sundays are for church, so don't plan anything for me then") the sentence that says what they point at: alone they tell nothing.</summary>
/// <remarks>Not where the other part is a fact of its own: that may change, and what repeats it would not.</remarks>
internal sealed class PointingReader(MessageContext context)
{
    private const int MostWords = 30;
    private const int FewestBefore = 2;

    /// <summary>Rewrites the facts that point to what stands before them in their sentence.</summary>
    public void Read(List<MemoryCandidate> facts)
    {
        for (var at = 0; at < facts.Count; at++)
        {
            if (facts[at] is { Operation: CandidateOperation.Add, IsWeighed: false, Category: "style" or "goal" or "constraint" or "preference" or "dislike" or "interest" } fact && SentenceOf(fact.Quote) is { } sentence && Widened(fact, sentence) is { } widened
                && !facts.Exists(other => other != fact && other.Quote.Start < fact.Quote.Start && other.Quote.Overlaps(widened.Quote)))
            {
                facts[at] = widened;
            }
        }
    }

    private Sentence? SentenceOf(QuotedSpan quote)
    {
        foreach (var sentence in context.Sentences)
        {
            if (context.Tokens[sentence.First].Start <= quote.Start && sentence.End > sentence.First && context.Tokens[sentence.End - 1].End >= quote.Start + quote.Length)
            {
                return sentence;
            }
        }

        return null;
    }

    private MemoryCandidate? Widened(MemoryCandidate fact, Sentence sentence)
    {
        var tokens = context.Tokens;
        var first = tokens.FindIndex(sentence.First, sentence.End - sentence.First, token => token.Start >= fact.Quote.Start);
        if (first < 0 || sentence.IsQuestion || sentence.End - sentence.First > MostWords)
        {
            return null;
        }

        var end = first;
        var points = false;
        while (end < sentence.End && tokens[end].Start < fact.Quote.Start + fact.Quote.Length)
        {
            points |= end > first && Points(end, sentence.End);
            end++;
        }

        var begin = Gate.SkipFillers(tokens, sentence.First, first);
        for (var token = begin; token < first; token++)
        {
            if (context.Blocked[token] || tokens[token].Kind == TokenKind.Masked)
            {
                return null;
            }
        }

        // What is pointed at is named before, and the quote does not hold it.
        var named = Enumerable.Range(begin, first - begin).Count(token => tokens[token].Kind == TokenKind.Word && tokens[token].Text.Length > 3);
        return points && named >= FewestBefore && UnreadReader.TextOf(context, begin, end, MostWords) is { } text
            ? fact with { Text = text, Quote = context.Quote(begin, end) }
            : null;
    }

    /// <summary>Whether a word stands for something else and not before what it belongs to.</summary>
    private bool Points(int at, int end)
    {
        var next = at + 1 < end ? context.Tokens[at + 1] : default;
        var ends = at + 1 >= end || next.Kind != TokenKind.Word || next.Lower is "in" or "on" or "at" or "for" or "with" or "by" or "to" or "of" or "out" or "into" or "from" or "anywhere" or "and" or "but" or "when" or "whenever" or "if" or "as" or "please" or "instead" or "too" or "again" or "so" or "because";
        return context.Tokens[at].Lower switch
        {
            "one" or "it" or "them" or "those" or "then" or "there" => ends,
            "two" or "three" => ends && context.Tokens[at - 1].Lower is "those" or "these" or "the",
            _ => false,
        };
    }
}
