namespace MemoryMesh.Memory.Extraction;

/// <summary>What one message yielded.</summary>
/// <param name="Candidates">The candidates, in order of appearance in the message.</param>
public sealed record ExtractionResult(IReadOnlyList<MemoryCandidate> Candidates);
