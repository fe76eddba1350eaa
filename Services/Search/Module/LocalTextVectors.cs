using MemoryMesh.Contracts.Search;
using MemoryMesh.Search.Embedding;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Search;

/// <summary>Computes vectors for other services, with the built-in model: they compare the texts of a call with each other only, and no text leaves the server.</summary>
internal sealed class LocalTextVectors(LocalTextEmbedder embedder) : ITextVectors
{
    public Task<IReadOnlyList<float[]>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken) => EmbedAsync(texts, embedder.EmbedAtLeisureAsync, cancellationToken);

    public Task<IReadOnlyList<float[]>> EmbedSoonAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken) => EmbedAsync(texts, embedder.EmbedInBackgroundAsync, cancellationToken);

    private static async Task<IReadOnlyList<float[]>> EmbedAsync(
        IReadOnlyList<string> texts, Func<IReadOnlyList<string>, CancellationToken, ValueTask<IReadOnlyList<ReadOnlyMemory<float>>>> embed, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(texts.Count, ITextVectors.MostTexts);
        if (texts.Count == 0)
        {
            return [];
        }

        try
        {
            return [.. (await embed(texts, cancellationToken)).Select(vector => vector.ToArray())];
        }
        catch (DependencyUnavailableException)
        {
            return [];
        }
    }
}
