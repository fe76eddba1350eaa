using MemoryMesh.Contracts.Search;
using MemoryMesh.Search.Embedding;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Search;

/// <summary>Computes vectors for other services, with the built-in model: they compare the texts of a call with each other only, and no text leaves the server.</summary>
internal sealed class LocalTextVectors(LocalTextEmbedder embedder) : ITextVectors
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
            return [.. (await embedder.EmbedAtLeisureAsync(texts, cancellationToken)).Select(vector => vector.ToArray())];
        }
        catch (DependencyUnavailableException)
        {
            return [];
        }
    }
}
