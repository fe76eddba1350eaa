namespace MemoryMesh.Memory.Extraction;

/// <summary>What one message yielded.</summary>
/// <param name="Candidates">The candidates, in order of appearance in the message.</param>
public sealed record ExtractionResult(IReadOnlyList<MemoryCandidate> Candidates)
{
    /// <summary>Name of <see cref="Extractor"/> when rules read the message.</summary>
    public const string Rules = "rules";

    /// <summary>What read the message: <see cref="Rules"/>, or the name of a model. Facts of a model are checked against the words that were said.</summary>
    public string Extractor { get; init; } = Rules;

    /// <summary>Tokens that a model was sent.</summary>
    public int InputTokens { get; init; }

    /// <summary>Tokens that a model answered with.</summary>
    public int OutputTokens { get; init; }

    /// <summary>What it cost, in millionths of the currency that prices are set in.</summary>
    public long CostMicros { get; init; }

    /// <summary>Why a model did not serve and the rules did, as a code such as <c>model_timeout</c>; null when nothing failed.</summary>
    public string? Failure { get; init; }
}
