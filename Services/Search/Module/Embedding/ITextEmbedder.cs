namespace MemoryMesh.Search.Embedding;

/// <summary>Turns texts into vectors whose nearness is nearness of meaning.</summary>
internal interface ITextEmbedder
{
    /// <summary>Name of the model, stored with the vectors: vectors of two models cannot be compared.</summary>
    string Model { get; }

    /// <summary>Length of every vector.</summary>
    int Dimensions { get; }

    /// <summary>Where the vectors are computed: <c>local</c>, or the address of a server. It holds no password.</summary>
    string Source => EmbeddingOptions.Local;

    /// <summary>What tells two models of one name apart.</summary>
    string Version => "1";

    /// <summary>Cosine from which a text that shares no word with a question may answer it; null for that of <see cref="SearchOptions.LeastCosine"/>.</summary>
    double? LeastCosine => null;

    /// <summary>How many texts that nobody waits for are best computed together.</summary>
    int BatchSize => 48;

    /// <summary>Vectors of length 1 for texts that somebody waits for, in their order.</summary>
    /// <param name="texts">1 to 256 texts.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="MemoryMesh.ServiceDefaults.Http.DependencyUnavailableException">The model cannot be reached.</exception>
    ValueTask<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken);

    /// <summary>The same for texts that nobody waits for: it may take longer and leaves others time.</summary>
    /// <inheritdoc cref="EmbedAsync"/>
    /// <exception cref="EmbeddingRefusedException">The model does not take one of the texts.</exception>
    ValueTask<IReadOnlyList<ReadOnlyMemory<float>>> EmbedInBackgroundAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
        => EmbedAsync(texts, cancellationToken);
}
