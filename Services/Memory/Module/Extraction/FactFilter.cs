namespace MemoryMesh.Memory.Extraction;

/// <summary>Takes out of the facts of a sentence what is private and comes without consent, what is secret, and what claims rights.</summary>
internal sealed class FactFilter(MessageContext context)
{
    private const int MaxText = 240;

    private static readonly string[][] Consent =
    [
        ["remember"], ["note", "that"], ["make", "a", "note"], ["make", "a", "permanent", "note"], ["keep", "this", "one"], ["save", "that"], ["save", "this"], ["keep", "in", "mind"], ["in", "memory", "that"], ["hold", "on", "to", "the", "fact"], ["keep", "it", "in", "mind"], ["do", "not", "forget"], ["store"], ["note", "down"], ["put", "on", "record"], ["on", "record"], ["on", "file"], ["bear", "in", "mind"], ["please", "note"], ["add", "to", "your", "notes"], ["keep", "a", "note"],
    ];

    /// <summary>Whether words of a range ask for what they say to be kept.</summary>
    public static bool GivesConsent(MessageContext context, int first, int end) => Gate.Contains(context.Tokens, first, end, Consent) >= 0;

    /// <summary>Drops private facts without consent, and secrets always.</summary>
    public void Apply(Sentence sentence, int before, List<MemoryCandidate> output)
    {
        var hasConsent = GivesConsent(context, sentence.First, sentence.End);
        context.WithheldPrivate |= !hasConsent && StatesPrivate(sentence);
        for (var i = output.Count - 1; i >= before; i--)
        {
            var quote = output[i].Quote;
            if (output[i].Text.StartsWith("User has not since ", StringComparison.Ordinal))
            {
                // "I don't fly, haven't since 2016" says nothing alone.
                output.RemoveAt(i);
                continue;
            }

            var first = sentence.First;
            while (first < sentence.End && context.Tokens[first].Start < quote.Start)
            {
                first++;
            }

            var end = first;
            while (end < sentence.End && context.Tokens[end].Start < quote.Start + quote.Length)
            {
                end++;
            }

            var clauseEnd = end;
            while (clauseEnd < sentence.End && context.Tokens[clauseEnd].IsWord && clauseEnd < end + 4 && !BeginsAnother(clauseEnd, sentence.End))
            {
                clauseEnd++;
            }

            // "The alarm code at my place is 4471" says what the number is before the words that are read.
            var clauseFirst = first;
            while (clauseFirst > sentence.First && context.Tokens[clauseFirst - 1].IsWord && !BeginsAnother(clauseFirst - 1, sentence.End))
            {
                clauseFirst--;
            }

            if (SensitiveText.NamesSecret(context.Tokens, clauseFirst, clauseEnd) || HoldsNumber(first, end, sentence.End) || SensitiveText.ClaimsPower(output[i]) || output[i].Text.Length > MaxText)
            {
                output.RemoveAt(i);
            }
            else if (!hasConsent && (SensitiveText.IsPrivate(context.Tokens, first, end) || SensitiveText.IsPrivate(output[i].Text)))
            {
                output.RemoveAt(i);
                context.WithheldPrivate = true;
            }
        }
    }

    /// <summary>Whether a fact holds the number of a card or an account, or the beginning of one. A number beside a fact takes nothing from it.</summary>
    private bool HoldsNumber(int first, int end, int sentenceEnd)
    {
        if (first >= end || context.Tokens.FindIndex(first, end - first, HasDigits) < 0)
        {
            return false;
        }

        while (end < sentenceEnd && HasDigits(context.Tokens[end]))
        {
            end++;
        }

        return SensitiveText.HasCardOrAccount(context.Tokens, first, end);
    }

    private static bool HasDigits(Token token) => token.Text.AsSpan().IndexOfAnyInRange('0', '9') >= 0;

    /// <summary>"... and I'm a baker": what stands before "and" belongs to another clause.</summary>
    private bool BeginsAnother(int at, int end) => at + 1 < end && context.Tokens[at].Lower is "and" or "but" or "so" && context.Tokens[at + 1].Lower is "i" or "we" or "my" or "our" or "the" or "his" or "her";

    /// <summary>Whether a person says something private of themselves, whether a rule reads it or not.</summary>
    private bool StatesPrivate(Sentence sentence)
    {
        for (var i = sentence.First; i < sentence.End && !sentence.IsQuestion; i++)
        {
            if (context.Tokens[i].Lower is "i" or "my" && !context.Blocked[i])
            {
                return SensitiveText.IsPrivate(context.Tokens, i, sentence.End);
            }
        }

        return false;
    }
}
