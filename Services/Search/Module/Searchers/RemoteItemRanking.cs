using System.Net;
using System.Net.Http.Headers;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Embedding.Replicas;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Internal;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Searchers;

/// <summary>Computes the vectors of a question here, and has the process with the index rank what it finds with them.</summary>
/// <remarks>Questions asked last are remembered with their vectors for some minutes, as where the index is.</remarks>
internal sealed partial class RemoteItemRanking : IItemRanking, IDisposable
{
    private const int Remembered = 256;
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = Remembered });
    private readonly ITokenEmbedder _embedder;
    private readonly IHttpClientFactory _clients;
    private readonly ServiceCredentials _credentials;
    private readonly SearchOptions _options;
    private readonly ILogger _logger;
    private string? _serving;

    public RemoteItemRanking(
        LocalTextEmbedder embedder, IHttpClientFactory clients, ServiceCredentials credentials, IOptions<SearchOptions> options, ILogger<RemoteItemRanking> logger)
        : this((ITokenEmbedder)embedder, clients, credentials, options, logger)
    {
    }

    internal RemoteItemRanking(ITokenEmbedder embedder, IHttpClientFactory clients, ServiceCredentials credentials, IOptions<SearchOptions> options, ILogger logger)
        => (_embedder, _clients, _credentials, _options, _logger) = (embedder, clients, credentials, options.Value, logger);

    /// <inheritdoc/>
    public int CandidatesFor(int topK) => Math.Max(_options.Candidates, topK * 4);

    /// <inheritdoc/>
    public async Task PrepareAsync(IEnumerable<string> queries, CancellationToken cancellationToken)
    {
        var unknown = queries.Distinct(StringComparer.Ordinal).Where(query => !_cache.TryGetValue(query, out _)).Take(Remembered / 2).ToList();
        if (unknown.Count > 1 && FindIdentity() is not null)
        {
            try
            {
                await EncodeAsync(unknown, cancellationToken);
            }
            catch (DependencyUnavailableException)
            {
                // Each question finds out by itself, and is asked without vectors.
            }
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RankedItem>> FindAsync(
        ItemFilter filter, string query, int limit, RankingSettings settings, CancellationToken cancellationToken)
    {
        var identity = settings.Mode == SearchMode.FullText ? null : FindIdentity();
        var vectors = identity is null ? null : await FindVectorsAsync(query, cancellationToken);
        try
        {
            using var client = _clients.CreateClient(SearchModule.Name);
            using var message = new HttpRequestMessage(HttpMethod.Post, RankingFrames.Path) { Content = new ByteArrayContent(RankingFrames.WriteCall(new(filter, query, vectors, limit, settings))) };
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(EncodingFrames.MediaType);
            message.Headers.Add(ServiceCredentials.Header, _credentials.Create(RankingFrames.Path));
            if (vectors is not null)
            {
                message.Headers.Add(EncodingFrames.IdentityHeader, identity);
            }

            using var response = await client.SendAsync(message, cancellationToken);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                throw new DependencyUnavailableException($"{SearchModule.Name} answered {(int)response.StatusCode} to a question.");
            }

            if (response.Headers.TryGetValues(EncodingFrames.IdentityHeader, out var serving))
            {
                Learn(serving.First());
            }

            return RankingFrames.ReadAnswer(await response.Content.ReadAsByteArrayAsync(cancellationToken))
                ?? throw new DependencyUnavailableException($"The answer of {SearchModule.Name} cannot be read.");
        }
        catch (HttpRequestException exception)
        {
            throw new DependencyUnavailableException($"{SearchModule.Name} cannot be reached.", exception);
        }
        catch (TaskCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DependencyUnavailableException($"{SearchModule.Name} did not answer in time.", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();

    /// <summary>What computes here, when that is what serves where the index is, or nothing is known of it; else null.</summary>
    private string? FindIdentity()
    {
        try
        {
            var own = _embedder.Identity;
            return Volatile.Read(ref _serving) is { } serving && serving != own ? null : own;
        }
        catch (DependencyUnavailableException)
        {
            return null;
        }
    }

    private void Learn(string serving)
    {
        // Each answer tells it, so that vectors are sent again as soon as they are of use.
        var before = Interlocked.Exchange(ref _serving, serving);
        if (before != serving && serving != RankingDoor.NoIdentity)
        {
            if (FindIdentity() is null)
            {
                LogOther(_logger);
            }
            else if (before is not null)
            {
                LogSame(_logger);
            }
        }
    }

    private async ValueTask<TextEncoding?> FindVectorsAsync(string query, CancellationToken cancellationToken)
    {
        if (!_cache.TryGetValue(query, out TextEncoding? vectors))
        {
            try
            {
                vectors = (await EncodeAsync([query], cancellationToken))[0];
            }
            catch (DependencyUnavailableException)
            {
                return null;
            }
        }

        return vectors is { TokenIds.Length: <= RankingFrames.MostTokens } ? vectors : null;
    }

    private async ValueTask<IReadOnlyList<TextEncoding>> EncodeAsync(IReadOnlyList<string> queries, CancellationToken cancellationToken)
    {
        var encodings = await _embedder.EncodeAsync([.. queries.Select(query => new TextInContext(query))], cancellationToken);
        foreach (var (query, found) in queries.Zip(encodings))
        {
            using var entry = _cache.CreateEntry(query);
            (entry.Size, entry.Value, entry.AbsoluteExpirationRelativeToNow) = (1, found, KeptFor);
        }

        return encodings;
    }

    [LoggerMessage(EventId = 4050, Level = LogLevel.Warning, Message = "Search has another program, model or limits of tokens than this searcher: Search computes the vectors of questions itself")]
    private static partial void LogOther(ILogger logger);

    [LoggerMessage(EventId = 4051, Level = LogLevel.Information, Message = "Search has the model of this searcher again: the vectors of questions are computed here")]
    private static partial void LogSame(ILogger logger);
}

/// <summary>Asks the process with the index which messages stand beside each other.</summary>
internal sealed class RemoteConversationOrder(InternalHttp http) : Storage.IConversationOrder
{
    public async Task<IReadOnlyDictionary<Guid, (IReadOnlyList<Guid> Before, IReadOnlyList<Guid> After)>> ListAroundAsync(
        Guid tenantId, IReadOnlyList<Guid> messageIds, int reach, CancellationToken cancellationToken)
        => (await http.CallAsync<AroundCall, IReadOnlyList<AroundMessage>>(SearchModule.Name, RankingDoor.Around, new(tenantId, messageIds, reach), cancellationToken))
            .ToDictionary(message => message.Id, message => (message.Before, message.After));
}
