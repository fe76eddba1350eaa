namespace MemoryMesh.Search.Embedding;

/// <summary>Turns texts into vectors whose nearness is nearness of meaning.</summary>
internal interface ITextEmbedder
{
    /// <summary>Name of the model, stored with the vectors: vectors of two models cannot be compared.</summary>
    string Model { get; }

    /// <summary>Length of every vector.</summary>
    int Dimensions { get; }

    /// <summary>One vector of length 1 for each text, in their order.</summary>
    /// <param name="texts">1 to 256 texts.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="MemoryMesh.ServiceDefaults.Http.DependencyUnavailableException">The model cannot be reached.</exception>
    ValueTask<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken);
}
