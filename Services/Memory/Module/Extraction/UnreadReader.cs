using MemoryMesh.Memory.Text;

namespace MemoryMesh.Memory.Extraction;

/// <summary>Keeps a sentence that no rule has read, as it was said, when its words weigh like those of sentences that tell something lasting about who says it.</summary>
/// <remarks>
/// A logistic regression over <see cref="UnreadFeatures"/>; "statements train" of the benchmarks makes the weights from the cases of the tests. What a rule would not look at, as it is asked,
/// supposed, quoted or handed over, is not looked at here either, and private and secret things are filtered as always.
/// </remarks>
internal sealed class UnreadReader(MessageContext context, int earlier)
{
    /// <summary>The logarithm of the odds from which a sentence is kept. By sets left out, nineteen of twenty sentences that weigh so much state something.</summary>
    private const float Least = 2.25f;

    /// <summary>The same for a sentence that does not speak of who says it: "off to Nepal in May" tells something, and "couscous is wheat" nothing about anybody.</summary>
    private const float LeastOfOthers = 3;

    private const string Slot = "unread:";
    private const int FewestWords = 3;
    private const int MostWords = 24;
    private const int MostWordsSaid = 18;

    private static readonly Lazy<WordWeights> Shipped = new(() => WordWeights.FromResource("MemoryMesh.Memory.statement-weights.bin"));

    /// <summary>Whether a fact is a sentence that was kept so.</summary>
    public static bool HasKept(MemoryCandidate fact) => fact.SlotKey.StartsWith(Slot, StringComparison.Ordinal);

    /// <summary>Adds what no fact was read from.</summary>
    /// <param name="output">The facts of the message.</param>
    public void Read(List<MemoryCandidate> output)
    {
        for (var at = 0; at < context.Sentences.Count && output.Count < FactReader.MaxFacts; at++)
        {
            var sentence = context.Sentences[at];
            if (IsOpen(sentence, output) && Shipped.Value.Weigh(UnreadFeatures.PlacesOf(context, at, earlier)) > LeastFor(sentence))
            {
                var before = output.Count;
                if (Keep(Gate.SkipFillers(context.Tokens, sentence.First, sentence.End), sentence.End) is { } kept)
                {
                    output.Add(kept);
                    new FactFilter(context).Apply(sentence, before, output);
                }
            }
        }
    }

    /// <summary>Whether a sentence may state something, and nothing was read from it.</summary>
    private bool IsOpen(Sentence sentence, List<MemoryCandidate> output)
    {
        if (sentence.IsQuestion || sentence.End - sentence.First is < FewestWords or > MostWords)
        {
            return false;
        }

        for (var token = sentence.First; token < sentence.End; token++)
        {
            if (context.Blocked[token] || context.Muted[token] || context.Tokens[token].Kind == TokenKind.Masked)
            {
                return false;
            }
        }

        var quote = context.Quote(sentence.First, sentence.End);
        return !output.Exists(fact => fact.Quote.Overlaps(quote)) && !SensitiveText.IsSecret(context.Tokens, sentence.First, sentence.End);
    }

    private float LeastFor(Sentence sentence)
    {
        var length = sentence.End - sentence.First;
        return context.Tokens.FindIndex(sentence.First, length, token => UnreadFeatures.IsOwn(token.Lower)) >= 0 ? Least

            // "Viola, not violin" puts right what was said before.
            : context.Tokens.FindIndex(sentence.First, length, token => token.Lower == "not") >= 0 ? float.PositiveInfinity
            : LeastOfOthers;
    }

    private MemoryCandidate? Keep(int first, int end)
    {
        if (first + 1 >= end)
        {
            return null;
        }

        var text = context.Tokens[first].Lower switch
        {
            "i" or "we" => $"User {context.Render(first + 1, end, isVerbPhrase: true)}.",
            "my" or "our" => $"User's {context.Render(first + 1, end)}.",
            _ when end - first > MostWordsSaid => null,
            _ => $"User said: {context.Render(first, end)}.",
        };
        return text is null ? null : new MemoryCandidate
        {
            Operation = CandidateOperation.Add,
            Text = text,
            Category = "other",
            SlotKey = Slot + FactWriter.Key(text[5..].TrimEnd('.')),
            Quote = context.Quote(first, end),
            Confidence = 0.5,
            Importance = 0.4,
        };
    }
}
