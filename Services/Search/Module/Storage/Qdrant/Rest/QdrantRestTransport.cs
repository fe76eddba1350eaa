using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MemoryMesh.ServiceDefaults.Configuration;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Storage.Qdrant.Rest;

/// <summary>Asks Qdrant over its REST API, as a server of version 1.18 answers it.</summary>
/// <remarks>
/// What Qdrant says of an error is not kept, as it may repeat what was sent.
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
    private readonly QdrantPatience _patience;

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

        _patience = new QdrantPatience(options.Value, clock);
    }

    public async Task<bool> EnsureCollectionAsync(QdrantCollection collection, CancellationToken cancellationToken)
    {
        var path = PathOf(collection);
        var exists = await WriteAsync(HttpMethod.Get, $"{path}/exists", null, QdrantAnswersContext.Default.AnswerExistsResult, cancellationToken);
        if (exists is { Exists: true })
        {
            return false;
        }

        await WriteAsync(HttpMethod.Put, path, QdrantRequests.CreateCollection(collection.Dimensions), QdrantAnswersContext.Default.AnswerNullableBoolean, cancellationToken);
        await UpdateAsync(HttpMethod.Put, $"{path}/index", QdrantRequests.CreateIndex(QdrantFields.Tenant, "keyword", isTenant: true), cancellationToken);
        foreach (var (field, type) in QdrantFields.Indexed)
        {
            await UpdateAsync(HttpMethod.Put, $"{path}/index", QdrantRequests.CreateIndex(field, type, isTenant: false), cancellationToken);
        }

        return true;
    }

    public Task DropCollectionAsync(QdrantCollection collection, CancellationToken cancellationToken)
        => WriteAsync(HttpMethod.Delete, PathOf(collection), null, QdrantAnswersContext.Default.AnswerNullableBoolean, cancellationToken);

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
            $"{PathOf(collection)}/points/count", QdrantRequests.Count(filter), QdrantAnswersContext.Default.AnswerCountResult, cancellationToken))?.Count ?? 0;

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
        => WriteAsync(HttpMethod.Patch, PathOf(collection), QdrantRequests.PayloadOnDisk(onDisk), QdrantAnswersContext.Default.AnswerNullableBoolean, cancellationToken);

    public async Task<QdrantUpkeep> ReadUpkeepAsync(QdrantCollection collection, CancellationToken cancellationToken)
    {
        var info = await WriteAsync(HttpMethod.Get, PathOf(collection), null, QdrantAnswersContext.Default.AnswerCollectionResult, cancellationToken);
        var work = await WriteAsync(HttpMethod.Get, $"{PathOf(collection)}/optimizations", null, QdrantAnswersContext.Default.AnswerOptimizationsResult, cancellationToken);
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
        var snapshots = await WriteAsync(
            HttpMethod.Get, $"{PathOf(collection)}/snapshots", null, QdrantAnswersContext.Default.AnswerIReadOnlyListSnapshotResult, cancellationToken, mayBeMissing: true);
        return [.. (snapshots ?? []).Select(snapshot => snapshot.Name)];
    }

    public void Dispose() => _http.Dispose();

    private static string PathOf(QdrantCollection collection) => $"collections/{Uri.EscapeDataString(collection.Name)}";

    private async Task<IReadOnlyList<QdrantHit>> AskPointsAsync(string path, byte[] body, CancellationToken cancellationToken)
    {
        var result = await AskAsync(path, body, QdrantAnswersContext.Default.AnswerPointsResult, cancellationToken);
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
        var result = await WriteAsync(method, $"{path}?wait=true", body, QdrantAnswersContext.Default.AnswerUpdateResult, cancellationToken, mayBeMissing);
        if (result is not { Status: "completed" } && !(result is null && mayBeMissing))
        {
            throw new QdrantUnavailableException("not_completed");
        }
    }

    /// <returns>Null when the collection is not there.</returns>
    private Task<T?> AskAsync<T>(string path, byte[] body, JsonTypeInfo<Answer<T>> type, CancellationToken cancellationToken)
        => _patience.AskAsync(token => SendAsync(HttpMethod.Post, path, body, type, mayBeMissing: true, token), cancellationToken);

    /// <returns>Null when the collection is not there, if that may be.</returns>
    private Task<T?> WriteAsync<T>(
        HttpMethod method, string path, ReadOnlyMemory<byte>? body, JsonTypeInfo<Answer<T>> type, CancellationToken cancellationToken, bool mayBeMissing = false)
        => _patience.WriteAsync(token => SendAsync(method, path, body, type, mayBeMissing, token), cancellationToken);

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
            throw new QdrantUnavailableException(QdrantUnavailableException.Network);
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            throw new QdrantUnavailableException("malformed");
        }
    }
}
