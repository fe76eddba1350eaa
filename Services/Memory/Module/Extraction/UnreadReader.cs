using MemoryMesh.Memory.Text;

namespace MemoryMesh.Memory.Extraction;

/// <summary>Keeps a sentence or clause that no rule has read, as it was said, when its words weigh like those that tell something lasting about who says it.</summary>
/// <remarks>
/// A logistic regression over <see cref="UnreadFeatures"/>; "statements train" of the benchmarks makes the weights from the cases of the tests and from messages of many hands. What a rule
/// would not look at, as it is asked, supposed, quoted or handed over, is not looked at here either, and private and secret things are filtered as always.
/// </remarks>
/// <param name="context">The message.</param>
/// <param name="earlier">How many messages stand before it.</param>
/// <param name="answersTask">Whether it answers a question about a task at hand, so that what it opens with tells nothing of the user unless it speaks of them.</param>
internal sealed class UnreadReader(MessageContext context, int earlier, bool answersTask = false)
{
    /// <summary>The logarithm of the odds from which a sentence is kept.</summary>
    private const float Least = 1.25f;

    /// <summary>The same for a sentence that does not speak of who says it: "off to Nepal in May" tells something, and "couscous is wheat" nothing about anybody.</summary>
    private const float LeastOfOthers = 1.75f;

    /// <summary>How much more it takes of a clause.</summary>
    private const float MoreOfClauses = 0.75f;

    /// <summary>How much more it takes of a clause of a sentence whose rest was read: it mostly only adds to that.</summary>
    private const float MoreBesideRead = 1.5f;

    private const string Slot = "unread:";
    private const int FewestWords = 3;
    private const int MostWords = 24;
    private const int MostWordsSaid = 18;

    private static readonly Lazy<WordWeights> Shipped = new(() => WordWeights.FromResource("MemoryMesh.Memory.statement-weights.bin"));

    /// <summary>How much a part of a message weighs as a statement: the logarithm of its odds.</summary>
    public static float Weigh(MessageContext context, int at, int first, int end, int earlier) => Shipped.Value.Weigh(UnreadFeatures.PlacesOf(context, at, first, end, earlier));

    /// <summary>The parts of a sentence between its commas and dashes.</summary>
    public static IEnumerable<(int First, int End)> ClausesOf(MessageContext context, Sentence sentence)
    {
        var first = sentence.First;
        for (var token = sentence.First; token <= sentence.End; token++)
        {
            if (token == sentence.End || context.Tokens[token].Kind is TokenKind.Comma or TokenKind.Break)
            {
                if (token > first)
                {
                    yield return (first, token);
                }

                first = token + 1;
            }
        }
    }

    /// <summary>A sentence as it was said, of the user in the third person; null when it begins otherwise and is long.</summary>
    public static string? TextOf(MessageContext context, int first, int end, int most = MostWordsSaid) => context.Tokens[first].Lower switch
    {
        "i" or "we" when first + 1 < end && context.Tokens[first + 1].Lower is not ("at" or "in" or "of" or "from" or "here" or "all" or "who") => $"User {context.Render(first + 1, end, isVerbPhrase: true)}.",
        "my" or "our" => $"User's {context.Render(first + 1, end)}.",
        _ when end - first > most => null,
        _ => $"User said: {context.Render(first, end)}.",
    };

    /// <summary>Adds what no fact was read from.</summary>
    /// <param name="output">The facts of the message.</param>
    public void Read(List<MemoryCandidate> output)
    {
        for (var at = 0; at < context.Sentences.Count && output.Count < FactReader.MaxFacts; at++)
        {
            var sentence = context.Sentences[at];
            if (at == 0 && answersTask && !context.Tokens.Exists(token => UnreadFeatures.IsOwn(token.Lower)))
            {
                continue;
            }

            if (!sentence.IsQuestion && IsOpen(sentence.First, sentence.End, output) && ReadPart(at, sentence.First, sentence.End, 0, output))
            {
                continue;
            }

            var quote = context.Quote(sentence.First, sentence.End);
            var more = output.Exists(fact => fact.Quote.Overlaps(quote)) ? MoreBesideRead : MoreOfClauses;
            foreach (var (first, end) in ClausesOf(context, sentence))
            {
                if (!(sentence.IsQuestion && end == sentence.End) && IsOpen(first, end, output))
                {
                    ReadPart(at, first, end, more, output);
                }
            }
        }
    }

    /// <summary>Keeps a part when it weighs enough.</summary>
    private bool ReadPart(int at, int first, int end, float more, List<MemoryCandidate> output)
    {
        if (Weigh(context, at, first, end, earlier) <= LeastFor(first, end) + more)
        {
            return false;
        }

        var before = output.Count;
        var start = Gate.SkipFillers(context.Tokens, first, end);
        if (start + 1 < end && TextOf(context, start, end) is { } text)
        {
            output.Add(new MemoryCandidate
            {
                Operation = CandidateOperation.Add,
                Text = text,
                Category = "other",
                SlotKey = Slot + FactWriter.Key(text[5..].TrimEnd('.')),
                Quote = context.Quote(start, end),
                Confidence = 0.5,
                Importance = 0.4,
                IsWeighed = true,
            });
            new FactFilter(context).Apply(context.Sentences[at], before, output);
        }

        return true;
    }

    /// <summary>Whether a sentence or clause may state something, and nothing was read from it. "Not 43" puts right what was said before.</summary>
    private bool IsOpen(int first, int end, List<MemoryCandidate> output)
    {
        if (end - first is < FewestWords or > MostWords || context.Tokens[first].Lower is "not" or "for")
        {
            return false;
        }

        for (var token = first; token < end; token++)
        {
            if (context.Blocked[token] || context.Muted[token] || context.Tokens[token].Kind == TokenKind.Masked)
            {
                return false;
            }
        }

        var quote = context.Quote(first, end);
        return !output.Exists(fact => fact.Quote.Overlaps(quote)) && !IsRow(context.Text.AsSpan(quote.Start, quote.Length)) && !SensitiveText.IsSecret(context.Tokens, first, end);
    }

    /// <summary>"1,Ortega,Lagos,parrot" is a row of a table.</summary>
    private static bool IsRow(ReadOnlySpan<char> text)
    {
        var tight = 0;
        for (var at = 1; at + 1 < text.Length; at++)
        {
            tight += text[at] is ',' or ';' or '\t' or '|' && char.IsLetterOrDigit(text[at - 1]) && char.IsLetter(text[at + 1]) ? 1 : 0;
        }

        return tight > 1;
    }

    private float LeastFor(int first, int end)
        => context.Tokens.FindIndex(first, end - first, token => UnreadFeatures.IsOwn(token.Lower)) >= 0 ? Least

            // "Viola, not violin" puts right what was said before.
            : context.Tokens.FindIndex(first, end - first, token => token.Lower == "not") >= 0 ? float.PositiveInfinity
            : LeastOfOthers;
}
