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
            return (await EmbedAsync([query], cancellationToken))[0];
        }
        catch (DependencyUnavailableException)
        {
            return null;
        }
    }

    /// <summary>Computes the vectors of questions that will be asked, together: <see cref="FindAsync"/> then has them at hand.</summary>
    public async Task PrepareAsync(IEnumerable<string> queries, CancellationToken cancellationToken)
    {
        var unknown = queries.Distinct(StringComparer.Ordinal).Where(query => !_cache.TryGetValue(query, out _)).Take(Remembered / 2).ToList();
        if (unknown.Count < 2)
        {
            return;
        }

        try
        {
            await EmbedAsync(unknown, cancellationToken);
        }
        catch (DependencyUnavailableException)
        {
            // Each question finds out by itself, and full text answers.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();

    private async ValueTask<QueryVectors[]> EmbedAsync(IReadOnlyList<string> queries, CancellationToken cancellationToken)
    {
        QueryVectors[] vectors = embedder is ITokenEmbedder tokens
            ? [.. (await tokens.EncodeAsync([.. queries.Select(query => new TextInContext(query))], cancellationToken)).Select(encoding => Read(encoding, tokens))]
            : [.. (await embedder.EmbedAsync(queries, cancellationToken)).Select(pooled => QueryVectors.Create(pooled.Span, [], _rotation))];
        foreach (var (query, found) in queries.Zip(vectors))
        {
            using var entry = _cache.CreateEntry(query);
            (entry.Size, entry.Value, entry.AbsoluteExpirationRelativeToNow) = (1, found, KeptFor);
        }

        return vectors;
    }

    private QueryVectors Read(TextEncoding encoding, ITokenEmbedder tokens)
    {
        var kept = new List<(ReadOnlyMemory<float>, double)>(encoding.TokenIds.Length);
        var texts = new string[encoding.TokenIds.Length];
        for (var token = 0; token < texts.Length; token++)
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
