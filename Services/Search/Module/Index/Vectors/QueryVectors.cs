namespace MemoryMesh.Search.Index.Vectors;

/// <summary>A question as vectors, ready to be held against stored ones.</summary>
internal sealed record QueryVectors
{
    /// <summary>What a token of the message before is nearer by to be taken instead of one of the message itself.</summary>
    private const float DiscountOfBefore = 0.1f;

    private readonly double[] _weights;
    private readonly float[] _scales;
    private readonly int[] _sums;

    private QueryVectors(int modelId, float[] exact, RoundedVector pooled, sbyte[] tokens, double[] weights, float[] scales, int[] sums)
    {
        ModelId = modelId;
        Exact = exact;
        Pooled = pooled.Values;
        PooledScale = pooled.Scale;
        Tokens = tokens;
        (_weights, _scales, _sums) = (weights, scales, sums);
    }

    /// <summary>How well the model's vocabulary fits the question, 0 to 1 (<see cref="VocabularyFit"/>); 1 where that is not known.</summary>
    public double Fit { get; init; } = 1;

    /// <summary>The model that computed it, as the store names it: nothing of another is held against it.</summary>
    public int ModelId { get; }

    /// <summary>Cosine from which a text that shares no word with the question may answer it; null for the setting.</summary>
    public double? LeastCosine { get; init; }

    /// <summary>The word each token belongs to, folded, as far as the embedder tells; empty when it does not.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>The pooled vector.</summary>
    public float[] Exact { get; }

    /// <summary>The pooled vector as bytes.</summary>
    public sbyte[] Pooled { get; }

    /// <summary>What a value of <see cref="Pooled"/> is worth.</summary>
    public float PooledScale { get; }

    /// <summary>The turned token vectors as bytes, one after the other; empty when there are none.</summary>
    public sbyte[] Tokens { get; }

    /// <summary>How many tokens there are.</summary>
    public int TokenCount => _weights.Length;

    /// <param name="modelId">The model that computed the vectors.</param>
    /// <param name="pooled">The pooled vector, of length 1.</param>
    /// <param name="tokens">Token vectors of length 1 with their weights; empty when the model gives none.</param>
    /// <param name="rotation">What stored signs were turned by; null when the model gives no token vectors.</param>
    public static QueryVectors Create(
        int modelId, ReadOnlySpan<float> pooled, IReadOnlyList<(ReadOnlyMemory<float> Vector, double Weight)> tokens, SignRotation? rotation)
    {
        var rounded = RoundedVector.Round(pooled);
        if (rotation is null || tokens.Count == 0)
        {
            return new(modelId, pooled.ToArray(), rounded, [], [], [], []);
        }

        var rows = new sbyte[tokens.Count * rotation.Dimensions];
        var (weights, scales, sums) = (new double[tokens.Count], new float[tokens.Count], new int[tokens.Count]);
        var turned = new float[rotation.Dimensions];
        var total = tokens.Sum(token => token.Weight);
        for (var token = 0; token < tokens.Count; token++)
        {
            rotation.Apply(tokens[token].Vector.Span, turned);
            var row = RoundedVector.Round(turned);
            scales[token] = row.Scale;
            row.Values.CopyTo(rows, token * rotation.Dimensions);
            foreach (var value in row.Values)
            {
                sums[token] += value;
            }

            weights[token] = tokens[token].Weight / total;
        }

        return new(modelId, pooled.ToArray(), rounded, rows, weights, scales, sums);
    }

    /// <summary>The same without the tokens of some words, unless nothing that tells anything is left.</summary>
    /// <param name="words">The words, folded and in lower case.</param>
    public QueryVectors Without(IReadOnlySet<string> words)
    {
        var kept = Enumerable.Range(0, Words.Count).Where(token => !words.Contains(Words[token])).ToArray();
        if (kept.Length == Words.Count || !kept.Any(token => Words[token].Length > 1 && TokenRules.IsKept(Words[token])))
        {
            return this;
        }

        var dimensions = Tokens.Length / TokenCount;
        var rows = new sbyte[kept.Length * dimensions];
        for (var at = 0; at < kept.Length; at++)
        {
            Tokens.AsSpan(kept[at] * dimensions, dimensions).CopyTo(rows.AsSpan(at * dimensions));
        }

        var total = kept.Sum(token => _weights[token]);
        return new(
            ModelId,
            Exact,
            new RoundedVector(Pooled, [], PooledScale),
            rows,
            [.. kept.Select(token => _weights[token] / total)],
            [.. kept.Select(token => _scales[token])],
            [.. kept.Select(token => _sums[token])])
        {
            Fit = Fit,
            LeastCosine = LeastCosine,
            Words = [.. kept.Select(token => Words[token])],
        };
    }

    /// <summary>For each token the best product with a token of an item.</summary>
    public float[] Best(ReadOnlySpan<byte> signs)
    {
        var dimensions = Tokens.Length / TokenCount;
        Span<int> sums = TokenCount <= 256 ? stackalloc int[TokenCount] : new int[TokenCount];
        SignMaxSim.Best(Tokens, signs, dimensions, sums);
        var best = new float[sums.Length];
        var root = MathF.Sqrt(dimensions);
        for (var token = 0; token < best.Length; token++)
        {
            best[token] = _scales[token] * ((2 * sums[token]) - _sums[token]) / root;
        }

        return best;
    }

    /// <summary>
    /// The mean of the best products of the tokens with those of an item, by weight. What was said just before belongs to a message as well, at a
    /// discount: an answer does not say again what it was asked.
    /// </summary>
    /// <param name="own">The item's <see cref="Best"/>.</param>
    /// <param name="before">That of the message before it; empty when there is none.</param>
    public double MaxSim(ReadOnlySpan<float> own, ReadOnlySpan<float> before)
    {
        var sum = 0.0;
        for (var token = 0; token < own.Length; token++)
        {
            sum += _weights[token] * (before.IsEmpty ? own[token] : Math.Max(own[token], before[token] - DiscountOfBefore));
        }

        return sum;
    }
}
