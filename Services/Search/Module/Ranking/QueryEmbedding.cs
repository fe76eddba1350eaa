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
        if (_cache.TryGetValue((model.Stored.Id, query), out QueryVectors? known))
        {
            return known;
        }

        try
        {
            return (await EmbedAsync(model, [query], cancellationToken))[0];
        }
        catch (Exception exception) when (exception is DependencyUnavailableException or EmbeddingRefusedException)
        {
            return null;
        }
    }

    /// <summary>Computes the vectors of questions that will be asked, together: <see cref="FindAsync"/> then has them at hand.</summary>
    public async Task PrepareAsync(IEnumerable<string> queries, CancellationToken cancellationToken)
    {
        var model = (await models.GetAsync(cancellationToken)).Serving;
        var unknown = queries.Distinct(StringComparer.Ordinal).Where(query => !_cache.TryGetValue((model.Stored.Id, query), out _)).Take(Remembered / 2).ToList();
        if (unknown.Count < 2)
        {
            return;
        }

        try
        {
            await EmbedAsync(model, unknown, cancellationToken);
        }
        catch (Exception exception) when (exception is DependencyUnavailableException or EmbeddingRefusedException)
        {
            // Each question finds out by itself, and full text answers.
        }
    }

    /// <summary>Lends this thread to the question that is being turned into vectors.</summary>
    public async ValueTask AssistAsync(CancellationToken cancellationToken)
    {
        if ((await models.GetAsync(cancellationToken)).Serving.Embedder is ITokenEmbedder embedder)
        {
            embedder.Assist();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();

    private async ValueTask<QueryVectors[]> EmbedAsync(ModelInUse model, IReadOnlyList<string> queries, CancellationToken cancellationToken)
    {
        var embedder = model.Embedder;
        QueryVectors[] vectors = embedder is ITokenEmbedder tokens
            ? [.. (await tokens.EncodeAsync([.. queries.Select(query => new TextInContext(query))], cancellationToken)).Select(encoding => Read(encoding, model, tokens))]
            : [.. (await embedder.EmbedAsync(queries, cancellationToken)).Select(pooled => QueryVectors.Create(model.Stored.Id, pooled.Span, [], null) with { LeastCosine = embedder.LeastCosine })];
        foreach (var (query, found) in queries.Zip(vectors))
        {
            using var entry = _cache.CreateEntry((model.Stored.Id, query));
            (entry.Size, entry.Value, entry.AbsoluteExpirationRelativeToNow) = (1, found, KeptFor);
        }

        return vectors;
    }

    /// <summary>What is held against the index of a question that was encoded.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It has a token that the model does not have.</exception>
    public static QueryVectors Read(TextEncoding encoding, ModelInUse model, ITokenEmbedder tokens)
    {
        var dimensions = model.Embedder.Dimensions;
        var kept = new List<(ReadOnlyMemory<float>, double)>(encoding.TokenIds.Length);
        var texts = new string[encoding.TokenIds.Length];
        for (var token = 0; token < texts.Length; token++)
        {
            var id = encoding.TokenIds.Span[token];
            texts[token] = tokens.TokenText(id);
            if (TokenRules.IsAsked(texts[token]))
            {
                kept.Add((encoding.TokenVectors.Slice(token * dimensions, dimensions), TokenRules.Weight(id)));
            }
        }

        return QueryVectors.Create(model.Stored.Id, encoding.Pooled.Span, kept, model.Rotation) with { LeastCosine = model.Embedder.LeastCosine, Fit = VocabularyFit.Of(texts), Words = [.. TokenRules.WordsOf(texts).Where((_, token) => TokenRules.IsAsked(texts[token]))] };
    }
}
