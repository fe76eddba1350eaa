namespace MemoryMesh.Memory.Extraction;

/// <summary>What one message yielded.</summary>
/// <param name="Candidates">The candidates, in order of appearance in the message.</param>
public sealed record ExtractionResult(IReadOnlyList<MemoryCandidate> Candidates)
{
    /// <summary>Name of <see cref="Extractor"/> when rules read the message.</summary>
    public const string Rules = "rules";

    /// <summary>What read it: <c>rules</c>, or <c>llm</c> for a language model beside the rules.</summary>
    public string Extractor { get; init; } = Rules;

    /// <summary>Name of the language model that was asked; null when none was.</summary>
    public string? Model { get; init; }

    /// <summary>Why the model gave nothing to use, so that the rules served alone, for example <c>timeout</c> or <c>refused</c>; null when it did.</summary>
    public string? Failure { get; init; }

    /// <summary>Whether something private was stated that is not kept, as the message does not ask for it.</summary>
    public bool WithheldPrivate { get; init; }

    /// <summary>Tokens of the question to the model.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens of its answer.</summary>
    public long OutputTokens { get; init; }

    /// <summary>What it cost, by the configured prices.</summary>
    public double Cost { get; init; }
}
