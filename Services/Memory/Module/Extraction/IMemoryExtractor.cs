namespace MemoryMesh.Memory.Extraction;

/// <summary>Finds durable facts a user states about themselves in one message.</summary>
public interface IMemoryExtractor
{
    /// <summary>Extracts memory candidates from one message, in order of appearance.</summary>
    /// <param name="request">The message and what the user wrote before it.</param>
    /// <param name="cancellationToken">Stops the extraction.</param>
    /// <returns>The candidates; empty when the message holds no durable fact. No text makes it throw.</returns>
    ValueTask<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellationToken);
}
