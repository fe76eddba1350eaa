namespace MemoryMesh.Search.Embedding;

/// <summary>Which vectors can be compared: those of one model from one source. Stored with the vectors.</summary>
/// <param name="Source"><c>local</c>, or the address of the server that computes them.</param>
/// <param name="Name">Name of the model.</param>
/// <param name="Version">What tells two models of one name apart.</param>
/// <param name="Dimensions">Length of every vector.</param>
internal sealed record EmbeddingModel(string Source, string Name, string Version, int Dimensions)
{
    /// <summary>What an embedder computes with.</summary>
    public static EmbeddingModel Of(ITextEmbedder embedder) => new(embedder.Source, embedder.Model, embedder.Version, embedder.Dimensions);
}
