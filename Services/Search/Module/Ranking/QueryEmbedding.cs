using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.Extensions.Caching.Memory;

namespace MemoryMesh.Search.Ranking;

/// <summary>Turns questions into vectors, and remembers those asked last.</summary>
internal sealed class QueryEmbedding(EmbeddingModels models) : IDisposable
{
    private const int Remembered = 256;
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = Remembered });

    /// <summary>The vectors of a question; null when the model cannot be reached: full text answers then.</summary>
    public async ValueTask<QueryVectors?> FindAsync(string query, CancellationToken cancellationToken)
    {
        var model = (await models.GetAsync(cancellationToken)).Serving;
        var key = (model.Stored.Id, query);
        if (_cache.TryGetValue(key, out QueryVectors? known))
        {
            return known;
        }

        try
        {
            var vectors = await EmbedAsync(model, query, cancellationToken);
            using var entry = _cache.CreateEntry(key);
            (entry.Size, entry.Value, entry.AbsoluteExpirationRelativeToNow) = (1, vectors, KeptFor);
            return vectors;
        }
        catch (Exception exception) when (exception is DependencyUnavailableException or EmbeddingRefusedException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();

    private static async ValueTask<QueryVectors> EmbedAsync(ModelInUse model, string query, CancellationToken cancellationToken)
    {
        var embedder = model.Embedder;
        if (embedder is not ITokenEmbedder tokens)
        {
            var pooled = (await embedder.EmbedAsync([query], cancellationToken))[0];
            return QueryVectors.Create(model.Stored.Id, pooled.Span, [], null) with { LeastCosine = embedder.LeastCosine };
        }

        var encoding = (await tokens.EncodeAsync([new TextInContext(query)], cancellationToken))[0];
        var kept = new List<(ReadOnlyMemory<float>, double)>(encoding.TokenIds.Length);
        for (var token = 0; token < encoding.TokenIds.Length; token++)
        {
            var id = encoding.TokenIds.Span[token];
            if (TokenRules.IsAsked(tokens.TokenText(id)))
            {
                kept.Add((encoding.TokenVectors.Slice(token * embedder.Dimensions, embedder.Dimensions), TokenRules.Weight(id)));
            }
        }

        return QueryVectors.Create(model.Stored.Id, encoding.Pooled.Span, kept, model.Rotation) with { LeastCosine = embedder.LeastCosine };
    }
}
