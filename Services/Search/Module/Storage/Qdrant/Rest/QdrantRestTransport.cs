using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MemoryMesh.ServiceDefaults.Configuration;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace MemoryMesh.Search.Storage.Qdrant.Rest;

/// <summary>Asks Qdrant over its REST API, as a server of version 1.18 answers it.</summary>
/// <remarks>
/// Everything that is sent may be sent twice: points are named, so writing or deleting them again changes nothing. Questions get a second attempt when the connection broke, writes
/// more, with growing waits. Both share a circuit breaker: while it is open nothing is sent. What Qdrant says of an error is not kept, as it may repeat what was sent.
/// </remarks>
internal sealed class QdrantRestTransport : IQdrantTransport, IDisposable
{
    /// <summary>Most points of a request: larger ones hold up the questions of others.</summary>
    private const int MostPoints = 50;

    /// <summary>Size from which a request is sent: far below the 32 MiB that Qdrant takes.</summary>
    private const int MostBytes = 8 << 20;

    private const int MostIds = 500;
    private const int FillerBytes = 700_000;
    private const int Fillers = 4;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    // Qdrant closes connections that are idle for 5 s.
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly HttpClient _http;
    private readonly ResiliencePipeline _questions;
    private readonly ResiliencePipeline _writes;

    public QdrantRestTransport(QdrantAddress address, IOptions<QdrantOptions> options, TimeProvider clock)
    {
        // A redirect would send the key to another server than the one that is configured.
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionIdleTimeout = LongestIdle,
            PooledConnectionLifetime = ConnectionLifetime,
            AutomaticDecompression = DecompressionMethods.GZip,
        })
        {
            BaseAddress = address.Http,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (address.Key is { } key)
        {
            _http.DefaultRequestHeaders.Add("api-key", key);
        }

        var passes = new PredicateBuilder().Handle<QdrantUnavailableException>(exception => !exception.IsLasting).Handle<TimeoutRejectedException>();
        var breaker = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                ShouldHandle = passes,
                FailureRatio = 0.5,
                MinimumThroughput = 4,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = TimeSpan.FromSeconds(5),
            })
            .Build();
        _questions = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddTimeout(options.Value.QuestionTimeout)
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<QdrantUnavailableException>(exception => exception.Reason == "network"),
                MaxRetryAttempts = 1,
                Delay = TimeSpan.Zero,
            })
            .AddPipeline(breaker)
            .Build();
        _writes = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = passes,
                MaxRetryAttempts = 2,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(200),
            })
            .AddPipeline(breaker)
            .AddTimeout(options.Value.WriteTimeout)
            .Build();
    }

    public async Task<bool> EnsureCollectionAsync(QdrantCollection collection, CancellationToken cancellationToken)
    {
        var path = PathOf(collection);
        var exists = await AskAsync(_writes, HttpMethod.Get, $"{path}/exists", null, QdrantAnswersContext.Default.AnswerExistsResult, cancellationToken);
        if (exists is { Exists: true })
        {
            return false;
        }

        await AskAsync(_writes, HttpMethod.Put, path, QdrantRequests.CreateCollection(collection.Dimensions), QdrantAnswersContext.Default.AnswerNullableBoolean, cancellationToken);
        await UpdateAsync(HttpMethod.Put, $"{path}/index", QdrantRequests.CreateIndex(QdrantFields.Tenant, "keyword", isTenant: true), cancellationToken);
        foreach (var (field, type) in QdrantFields.Indexed)
        {
            await UpdateAsync(HttpMethod.Put, $"{path}/index", QdrantRequests.CreateIndex(field, type, isTenant: false), cancellationToken);
        }

        return true;
    }

    public Task DropCollectionAsync(QdrantCollection collection, CancellationToken cancellationToken)
        => AskAsync(_writes, HttpMethod.Delete, PathOf(collection), null, QdrantAnswersContext.Default.AnswerNullableBoolean, cancellationToken);

    public async Task UpsertAsync(QdrantCollection collection, IReadOnlyList<QdrantPoint> points, CancellationToken cancellationToken)
    {
        var at = 0;
        while (at < points.Count)
        {
            var first = at;
            var buffer = new ArrayBufferWriter<byte>(1 << 16);
            using (var json = new Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                json.WriteStartArray("points");
                for (; at < points.Count && at - first < MostPoints && json.BytesCommitted + json.BytesPending < MostBytes; at++)
                {
                    if (!Array.TrueForAll(points[at].Vector, float.IsFinite))
                    {
                        // Qdrant would take it, and put it first in every answer.
                        throw new ArgumentException("A vector holds a value that is no number.", nameof(points));
                    }

                    QdrantRequests.WritePoint(json, points[at]);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            await UpdateAsync(HttpMethod.Put, $"{PathOf(collection)}/points", buffer.WrittenMemory, cancellationToken);
        }
    }

    public async Task DeleteAsync(QdrantCollection collection, QdrantScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        foreach (var part in ids.Chunk(MostIds))
        {
            await UpdateAsync(HttpMethod.Post, $"{PathOf(collection)}/points/delete", QdrantRequests.Delete(scope, part), cancellationToken, mayBeMissing: true);
        }
    }

    public async Task<IReadOnlyList<QdrantHit>> QueryAsync(
        QdrantCollection collection, float[] vector, QdrantFilter filter, int limit, CancellationToken cancellationToken)
    {
        if (!Array.TrueForAll(vector, float.IsFinite))
        {
            throw new ArgumentException("The vector holds a value that is no number.", nameof(vector));
        }

        var found = await AskPointsAsync($"{PathOf(collection)}/points/query", QdrantRequests.Query(vector, filter, limit), cancellationToken);

        // The order of equal scores changes with the limit, and what has no number for a score comes first.
        return [.. found.OrderByDescending(hit => hit.Score ?? double.NegativeInfinity).ThenBy(hit => hit.Id)];
    }

    public Task<IReadOnlyList<QdrantHit>> SampleAsync(QdrantCollection collection, QdrantFilter filter, int limit, CancellationToken cancellationToken)
        => AskPointsAsync($"{PathOf(collection)}/points/query", QdrantRequests.Sample(filter, limit), cancellationToken);

    public async Task<IReadOnlyList<QdrantHit>> FindAsync(QdrantCollection collection, QdrantFilter filter, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        var found = new List<QdrantHit>(ids.Count);
        foreach (var part in ids.Chunk(MostIds))
        {
            found.AddRange(await AskPointsAsync($"{PathOf(collection)}/points/scroll", QdrantRequests.Scroll(filter, part), cancellationToken));
        }

        return found;
    }

    public async Task<int> CountAsync(QdrantCollection collection, QdrantFilter filter, CancellationToken cancellationToken)
        => (await AskAsync(
            _questions, HttpMethod.Post, $"{PathOf(collection)}/points/count", QdrantRequests.Count(filter), QdrantAnswersContext.Default.AnswerCountResult, cancellationToken, mayBeMissing: true))?.Count ?? 0;

    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            // The probes of Qdrant answer without a key; this does not.
            using var response = await _http.GetAsync(new Uri("collections", UriKind.Relative), cancellationToken);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return false;
        }
    }

    public Task SetPayloadOnDiskAsync(QdrantCollection collection, bool onDisk, CancellationToken cancellationToken)
        => AskAsync(_writes, HttpMethod.Patch, PathOf(collection), QdrantRequests.PayloadOnDisk(onDisk), QdrantAnswersContext.Default.AnswerNullableBoolean, cancellationToken);

    public async Task<QdrantUpkeep> ReadUpkeepAsync(QdrantCollection collection, CancellationToken cancellationToken)
    {
        var info = await AskAsync(_writes, HttpMethod.Get, PathOf(collection), null, QdrantAnswersContext.Default.AnswerCollectionResult, cancellationToken);
        var work = await AskAsync(_writes, HttpMethod.Get, $"{PathOf(collection)}/optimizations", null, QdrantAnswersContext.Default.AnswerOptimizationsResult, cancellationToken);
        return new(
            info?.Config?.Params?.OnDiskPayload ?? throw new QdrantUnavailableException("malformed"),
            info.Status == "green" && work is { Running.Count: 0, Summary.QueuedOptimizations: 0 });
    }

    public async Task FillLogAsync(QdrantCollection collection, CancellationToken cancellationToken)
    {
        var ids = Enumerable.Range(0, Fillers).Select(_ => Guid.NewGuid()).ToList();
        foreach (var id in ids)
        {
            var content = Convert.ToBase64String(RandomNumberGenerator.GetBytes(FillerBytes));
            await UpdateAsync(HttpMethod.Put, $"{PathOf(collection)}/points", QdrantRequests.Filler(id, content), cancellationToken);
        }

        await DeleteAsync(collection, QdrantScope.Filler, ids, cancellationToken);
    }

    public async Task<IReadOnlyList<string>> ListSnapshotsAsync(QdrantCollection collection, CancellationToken cancellationToken)
    {
        var snapshots = await AskAsync(
            _writes, HttpMethod.Get, $"{PathOf(collection)}/snapshots", null, QdrantAnswersContext.Default.AnswerIReadOnlyListSnapshotResult, cancellationToken, mayBeMissing: true);
        return [.. (snapshots ?? []).Select(snapshot => snapshot.Name)];
    }

    public void Dispose() => _http.Dispose();

    private static string PathOf(QdrantCollection collection) => $"collections/{Uri.EscapeDataString(collection.Name)}";

    private async Task<IReadOnlyList<QdrantHit>> AskPointsAsync(string path, byte[] body, CancellationToken cancellationToken)
    {
        var result = await AskAsync(_questions, HttpMethod.Post, path, body, QdrantAnswersContext.Default.AnswerPointsResult, cancellationToken, mayBeMissing: true);
        var hits = new List<QdrantHit>(result?.Points?.Count ?? 0);
        foreach (var point in result?.Points ?? [])
        {
            if (point.Payload is { Sealed: { } content } payload)
            {
                var score = point.Score is { } value && double.IsFinite(value) ? point.Score : null;
                hits.Add(new(point.Id, new(payload.Tenant, payload.Subject), payload.Kind, payload.Version, content, score));
            }
        }

        return hits;
    }

    private async Task UpdateAsync(HttpMethod method, string path, ReadOnlyMemory<byte> body, CancellationToken cancellationToken, bool mayBeMissing = false)
    {
        var result = await AskAsync(_writes, method, $"{path}?wait=true", body, QdrantAnswersContext.Default.AnswerUpdateResult, cancellationToken, mayBeMissing);
        if (result is not { Status: "completed" } && !(result is null && mayBeMissing))
        {
            throw new QdrantUnavailableException("not_completed");
        }
    }

    /// <returns>Null when the collection is not there, if that may be.</returns>
    private async Task<T?> AskAsync<T>(
        ResiliencePipeline pipeline,
        HttpMethod method,
        string path,
        ReadOnlyMemory<byte>? body,
        JsonTypeInfo<Answer<T>> type,
        CancellationToken cancellationToken,
        bool mayBeMissing = false)
    {
        try
        {
            return await pipeline.ExecuteAsync(
                async token => await SendAsync(method, path, body, type, mayBeMissing, token), cancellationToken);
        }
        catch (BrokenCircuitException)
        {
            throw Failed(new QdrantUnavailableException("circuit_open"));
        }
        catch (TimeoutRejectedException)
        {
            throw Failed(new QdrantUnavailableException("timeout"));
        }
        catch (QdrantUnavailableException exception)
        {
            throw Failed(exception);
        }
    }

    private static QdrantUnavailableException Failed(QdrantUnavailableException exception)
    {
        SearchTelemetry.QdrantFailures.Add(1, new KeyValuePair<string, object?>("reason", exception.Reason));
        return exception;
    }

    private async Task<T?> SendAsync<T>(
        HttpMethod method, string path, ReadOnlyMemory<byte>? body, JsonTypeInfo<Answer<T>> type, bool mayBeMissing, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
            if (body is { } content)
            {
                request.Content = new ReadOnlyMemoryContent(content) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            }

            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.StatusCode == HttpStatusCode.NotFound && mayBeMissing)
            {
                return default;
            }

            // The collection is there when two make it at the same time.
            if (!response.IsSuccessStatusCode && !(response.StatusCode == HttpStatusCode.Conflict && method == HttpMethod.Put))
            {
                var status = (int)response.StatusCode;
                throw new QdrantUnavailableException(
                    string.Create(CultureInfo.InvariantCulture, $"http_{status}"), isLasting: status is < 500 and not (408 or 429));
            }

            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var answer = await JsonSerializer.DeserializeAsync(stream, type, cancellationToken);
            return answer is null ? default : answer.Result;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new QdrantUnavailableException("network");
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            throw new QdrantUnavailableException("malformed");
        }
    }
}
