using MemoryMesh.Memory.Text;

namespace MemoryMesh.Memory.Extraction;

/// <summary>Ends what was told before, when the words of a message weigh like those by which people say that it changed, is over, or is not to be kept.</summary>
/// <remarks>
/// Two logistic regressions over <see cref="TurnFeatures"/>; "changes train" of the benchmarks makes the weights from pairs of messages. Rules read first: where they
/// end, correct or replace something, nothing is weighed. What a message does not name has ended only when <see cref="TurnMeaning"/> says that it is what the message means.
/// </remarks>
internal sealed class TurnReader(MessageContext context, IReadOnlyList<string> previous, IReadOnlyCollection<string> meant)
{
    /// <summary>The logarithm of the odds from which a fact has ended.</summary>
    private const float LeastOver = 0.5f;

    /// <summary>The same for what is to be forgotten, which is deleted.</summary>
    private const float LeastForgotten = 0.5f;

    /// <summary>The same where it has ended anyway: only how is asked.</summary>
    private const float LeastForgottenOfOver = -0.75f;

    private const double Most = 0.75;
    private const int MostNamed = 3;
    private const int MostUnnamed = 12;
    private const int MostTold = 40;
    private const int FewestWords = 3;
    private const int MostWords = 24;

    private static readonly Lazy<WordWeights> Over = new(() => WordWeights.FromResource("MemoryMesh.Memory.over-weights.bin"));
    private static readonly Lazy<WordWeights> Forgotten = new(() => WordWeights.FromResource("MemoryMesh.Memory.forget-weights.bin"));

    private List<MemoryCandidate>? _told;

    private List<MemoryCandidate> ToldBefore => _told ??= Told(previous);

    /// <summary>What earlier messages told, as rules and weights read each by itself, oldest first.</summary>
    public static List<MemoryCandidate> Told(IEnumerable<string> previous)
    {
        List<MemoryCandidate> told = [];
        foreach (var text in previous)
        {
            foreach (var fact in Conversation.Read(new ExtractionRequest { Text = text, Role = "user" }, null, out _, weighs: true))
            {
                told.RemoveAll(known => known.SlotKey == fact.SlotKey && (fact.SingleValued || fact.Operation != CandidateOperation.Add));
                if (fact.Operation != CandidateOperation.Delete)
                {
                    told.Add(fact);
                }
            }
        }

        return told.Count > MostTold ? told[^MostTold..] : told;
    }

    /// <summary>Adds what ends.</summary>
    /// <param name="output">The facts of the message.</param>
    /// <returns>Whether something is to be forgotten: such a message tells nothing else.</returns>
    public bool Read(List<MemoryCandidate> output)
    {
        var forgets = output.Count > 0 && output.TrueForAll(fact => fact.Operation == CandidateOperation.Delete);
        if (previous.Count == 0 || context.Sentences.Count == 0 || forgets)
        {
            return forgets;
        }

        var said = output.ToList();
        var ended = ToldBefore
            .Select((fact, at) => (Fact: fact, Back: ToldBefore.Count - 1 - at, IsMeant: meant.Contains(fact.Text)))
            .Where(known => (known.IsMeant || IsNamed(known.Fact)) && !said.Exists(read => read.Operation != CandidateOperation.Add && read.SlotKey == known.Fact.SlotKey))
            .Select(known => (known.Fact, known.IsMeant, Places: TurnFeatures.PlacesOf(context, known.Fact, known.Back, said)))
            .Select(weighed => (weighed.Fact, Over: weighed.IsMeant ? float.MaxValue : Over.Value.Weigh(weighed.Places), Forgotten: Forgotten.Value.Weigh(weighed.Places)))
            .Where(weighed => weighed.Over > LeastOver || weighed.Forgotten > LeastForgotten)
            .OrderByDescending(weighed => Math.Max(weighed.Over, weighed.Forgotten))
            .Take(MostNamed)
            .ToList();
        if (ended.Count == 0)
        {
            return false;
        }

        var part = MostTelling();
        foreach (var (fact, over, forgotten) in ended)
        {
            if (forgotten > LeastForgotten || (over > LeastOver && forgotten > LeastForgottenOfOver))
            {
                forgets = true;
                output.Add(fact with { Operation = CandidateOperation.Delete, Quote = context.Quote(part.First, part.End), Confidence = 0.7 });
            }
            else
            {
                Replace(fact, part, output);
            }
        }

        return forgets;
    }

    /// <summary>Facts told before that the message does not name, and that its words let one think are over: the likeliest first.</summary>
    /// <param name="output">The facts of the message.</param>
    public IReadOnlyList<UnnamedFact> FindUnnamed(IReadOnlyList<MemoryCandidate> output)
        => previous.Count == 0 || context.Sentences.Count == 0 || IsBesides() || output.Any(fact => fact.Operation != CandidateOperation.Add)
            ? []
            : [.. ToldBefore
                .Select((fact, at) => (Fact: fact, Back: ToldBefore.Count - 1 - at))
                .TakeLast(MostUnnamed)
                .Where(known => known.Fact.Category != "name" && !IsNamed(known.Fact))
                .Select(known => new UnnamedFact(known.Fact.Text, Over.Value.Weigh(TurnFeatures.PlacesOf(context, known.Fact, known.Back, output))))
                .Where(known => known.Over > LeastOver)
                .OrderByDescending(known => known.Over)];

    /// <summary>Whether the message adds to what was told: "I play tennis too" is as near to chess as what would end it.</summary>
    private bool IsBesides()
        => context.Tokens.Exists(token => token.Lower is "also" or "auch" or "también" or "aussi")
            || Gate.Contains(context.Tokens, 0, context.Tokens.Count, [["as", "well"]]) >= 0
            || context.Tokens.Where((token, at) => token.Lower == "too" && (at + 1 == context.Tokens.Count || !context.Tokens[at + 1].IsWord)).Any();

    /// <summary>Whether a word of the fact stands in the message. What is not named stays: "we've moved on from that plan" ends no dog, and "scrap the boxing" no chess.</summary>
    private bool IsNamed(MemoryCandidate fact)
    {
        var words = TurnFeatures.WordsOf(fact).FindAll(word => !Lexicon.NameNothing.Contains(word));
        return Enumerable.Range(0, context.Tokens.Count).Any(token => !context.Muted[token] && TurnFeatures.Shares(words, context.Tokens[token].Lower));
    }

    /// <summary>Puts what the message says in the place of a fact: what was read of the same kind, or the sentence as it was said.</summary>
    private void Replace(MemoryCandidate fact, Sentence part, List<MemoryCandidate> output)
    {
        if (output.Exists(read => read.SlotKey == fact.SlotKey))
        {
            // It takes the place by itself.
            return;
        }

        var quote = context.Quote(part.First, part.End);
        var now = output.FindIndex(read => read.Operation == CandidateOperation.Add && (read.Category == fact.Category || (!read.SingleValued && IsMostOf(read, quote))));
        if (now >= 0)
        {
            output[now] = output[now] with { Operation = CandidateOperation.Update, SlotKey = fact.SlotKey, SingleValued = fact.SingleValued };
        }
        else if (output.Exists(read => read.Operation != CandidateOperation.Delete && IsMostOf(read, quote)))
        {
            // What took its place has been read from these words, and has a place of its own.
            output.Add(fact with { Operation = CandidateOperation.Delete, Quote = quote, Confidence = 0.6 });
        }
        else if (part.End - part.First >= FewestWords
            && UnreadReader.TextOf(context, part.First, Math.Min(part.End, part.First + MostWords)) is { } text)
        {
            var before = output.Count;
            output.Add(fact with { Operation = CandidateOperation.Update, Text = text, Quote = context.Quote(part.First, part.End), Confidence = 0.6, IsWeighed = true });
            new FactFilter(context).Apply(part, before, output);
            if (output.Count == before)
            {
                // Why it ended is nobody's business; that it ended is.
                output.Add(fact with { Operation = CandidateOperation.Delete, Quote = context.Quote(part.First, part.End), Confidence = 0.6 });
            }
        }
    }

    /// <summary>Whether a fact was read from most of what is quoted.</summary>
    private static bool IsMostOf(MemoryCandidate read, QuotedSpan quote)
        => Math.Min(read.Quote.Start + read.Quote.Length, quote.Start + quote.Length) - Math.Max(read.Quote.Start, quote.Start) > quote.Length * Most;

    /// <summary>The sentence that most likely states something, questions aside.</summary>
    private Sentence MostTelling()
    {
        var best = context.Sentences[0];
        var most = float.NegativeInfinity;
        for (var at = 0; at < context.Sentences.Count; at++)
        {
            var sentence = context.Sentences[at];
            if (!sentence.IsQuestion && !context.Muted[sentence.First] && UnreadReader.Weigh(context, at, sentence.First, sentence.End, previous.Count) is var weight && weight > most)
            {
                (best, most) = (sentence, weight);
            }
        }

        return best;
    }
}
