namespace MemoryMesh.Search.Index.Vectors;

/// <summary>A question as vectors, ready to be held against stored ones.</summary>
internal sealed record QueryVectors
{
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

    /// <summary>The mean of the best cosines of the tokens to those of an item, by weight.</summary>
    public double MaxSim(ReadOnlySpan<byte> signs)
    {
        var dimensions = Tokens.Length / TokenCount;
        Span<int> best = TokenCount <= 256 ? stackalloc int[TokenCount] : new int[TokenCount];
        SignMaxSim.Best(Tokens, signs, dimensions, best);
        var sum = 0.0;
        for (var token = 0; token < best.Length; token++)
        {
            sum += _weights[token] * _scales[token] * ((2.0 * best[token]) - _sums[token]);
        }

        return sum / Math.Sqrt(dimensions);
    }
}
