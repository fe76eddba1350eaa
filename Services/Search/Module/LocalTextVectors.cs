using MemoryMesh.Contracts.Search;
using MemoryMesh.Search.Embedding;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Search;

/// <summary>Computes vectors for other services, with the model of the index.</summary>
internal sealed class LocalTextVectors(ITextEmbedder embedder) : ITextVectors
{
    public async Task<IReadOnlyList<float[]>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(texts.Count, ITextVectors.MostTexts);
        if (texts.Count == 0)
        {
            return [];
        }

        try
        {
            return [.. (await embedder.EmbedAsync(texts, cancellationToken)).Select(vector => vector.ToArray())];
        }
        catch (DependencyUnavailableException)
        {
            return [];
        }
    }
}
