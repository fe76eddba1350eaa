using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.Extensions.Caching.Memory;

namespace MemoryMesh.Search.Ranking;

/// <summary>Turns questions into vectors, and remembers those asked last.</summary>
internal sealed class QueryEmbedding(ITextEmbedder embedder) : IDisposable
{
    private const int Remembered = 256;
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = Remembered });
    private readonly SignRotation _rotation = new(embedder.Dimensions);

    /// <summary>The vectors of a question; null when the model cannot be reached: full text answers then.</summary>
    public async ValueTask<QueryVectors?> FindAsync(string query, CancellationToken cancellationToken)
    {
        if (_cache.TryGetValue(query, out QueryVectors? known))
        {
            return known;
        }

        try
        {
            var vectors = await EmbedAsync(query, cancellationToken);
            using var entry = _cache.CreateEntry(query);
            (entry.Size, entry.Value, entry.AbsoluteExpirationRelativeToNow) = (1, vectors, KeptFor);
            return vectors;
        }
        catch (DependencyUnavailableException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();

    private async ValueTask<QueryVectors> EmbedAsync(string query, CancellationToken cancellationToken)
    {
        if (embedder is not ITokenEmbedder tokens)
        {
            return QueryVectors.Create((await embedder.EmbedAsync([query], cancellationToken))[0].Span, [], _rotation);
        }

        var encoding = (await tokens.EncodeAsync([new TextInContext(query)], cancellationToken))[0];
        var kept = new List<(ReadOnlyMemory<float>, double)>(encoding.TokenIds.Length);
        var texts = new string[encoding.TokenIds.Length];
        for (var token = 0; token < encoding.TokenIds.Length; token++)
        {
            var id = encoding.TokenIds.Span[token];
            texts[token] = tokens.TokenText(id);
            if (TokenRules.IsAsked(texts[token]))
            {
                kept.Add((encoding.TokenVectors.Slice(token * embedder.Dimensions, embedder.Dimensions), TokenRules.Weight(id)));
            }
        }

        return QueryVectors.Create(encoding.Pooled.Span, kept, _rotation, VocabularyFit.Of(texts));
    }
}
