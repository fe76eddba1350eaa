using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MemoryMesh.Client;

/// <summary>Sends requests and reads answers.</summary>
internal sealed class Connection(HttpClient http, MemoryMeshClientOptions options)
{
    private const string ApiKeyHeader = "x-api-key";
    private const string IdempotencyHeader = "Idempotency-Key";

    public HttpClient Http => http;

    /// <summary>GET.</summary>
    public Task<T> GetAsync<T>(Address address, JsonTypeInfo<T> answer, CancellationToken cancellationToken)
        => ReadAsync(Request(HttpMethod.Get, address), answer, cancellationToken);

    /// <summary>DELETE with a body in the answer.</summary>
    public Task<T> DeleteAsync<T>(Address address, JsonTypeInfo<T> answer, CancellationToken cancellationToken)
        => ReadAsync(Request(HttpMethod.Delete, address), answer, cancellationToken);

    /// <summary>DELETE without a body in the answer.</summary>
    public async Task DeleteAsync(Address address, int? version, CancellationToken cancellationToken)
    {
        var request = Request(HttpMethod.Delete, address);
        AddVersion(request, version);
        using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A request without a body, with one in the answer.</summary>
    public Task<T> SendAsync<T>(HttpMethod method, Address address, JsonTypeInfo<T> answer, CancellationToken cancellationToken, string? idempotencyKey = null)
    {
        var request = Request(method, address);
        AddKey(request, idempotencyKey);
        return ReadAsync(request, answer, cancellationToken);
    }

    /// <summary>A request with a body, and one in the answer.</summary>
    public Task<T> SendAsync<TBody, T>(
        HttpMethod method, Address address, TBody body, JsonTypeInfo<TBody> sent, JsonTypeInfo<T> answer, CancellationToken cancellationToken, int? version = null)
    {
        var request = Request(method, address, body, sent);
        AddVersion(request, version);
        return ReadAsync(request, answer, cancellationToken);
    }

    /// <summary>POST that may be repeated under its key.</summary>
    /// <returns>The answer, and whether its status is 202: what was waited for did not happen in time.</returns>
    public async Task<(T Answer, bool Accepted)> StoreAsync<TBody, T>(
        Address address, TBody body, JsonTypeInfo<TBody> sent, JsonTypeInfo<T> answer, string? idempotencyKey, CancellationToken cancellationToken)
    {
        var request = Request(HttpMethod.Post, address, body, sent);
        AddKey(request, idempotencyKey);

        using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        return (await ReadAsync(response, answer, cancellationToken).ConfigureAwait(false), response.StatusCode == HttpStatusCode.Accepted);
    }

    /// <summary>A request with a body, and none in the answer.</summary>
    public async Task SendAsync<TBody>(
        HttpMethod method, Address address, TBody body, JsonTypeInfo<TBody> sent, CancellationToken cancellationToken, string? idempotencyKey = null)
    {
        var request = Request(method, address, body, sent);
        AddKey(request, idempotencyKey);
        using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private static void AddKey(HttpRequestMessage request, string? idempotencyKey)
    {
        if (idempotencyKey is not null)
        {
            request.Headers.Add(IdempotencyHeader, idempotencyKey);
        }
    }

    /// <summary>Sends a request, which is disposed, and hands over the answer unless it is an error.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            if (options.ApiKey is not null)
            {
                request.Headers.Add(ApiKeyHeader, options.ApiKey);
            }
            else if ((options.GetAccessToken is null ? options.AccessToken : await options.GetAccessToken(cancellationToken).ConfigureAwait(false)) is { } token)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                throw await ReadProblemAsync(response, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static HttpRequestMessage Request(HttpMethod method, Address address) => new(method, address.ToUri());

    private static HttpRequestMessage Request<TBody>(HttpMethod method, Address address, TBody body, JsonTypeInfo<TBody> sent)
    {
        ArgumentNullException.ThrowIfNull(body);
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, sent));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var request = Request(method, address);
        request.Content = content;
        return request;
    }

    private static void AddVersion(HttpRequestMessage request, int? version)
    {
        if (version is not null)
        {
            request.Headers.IfMatch.Add(new EntityTagHeaderValue($"\"v{version}\""));
        }
    }

    private async Task<T> ReadAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> answer, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(response, answer, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> answer, CancellationToken cancellationToken)
    {
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                return await JsonSerializer.DeserializeAsync(stream, answer, cancellationToken).ConfigureAwait(false)
                    ?? throw new JsonException("The answer is null.");
            }
        }
        catch (JsonException exception)
        {
            throw new MemoryMeshException(
                response.StatusCode,
                new MemoryMeshProblem { Status = (int)response.StatusCode, Title = "The answer cannot be read", Detail = "It is not JSON of the documented shape." },
                innerException: exception);
        }
    }

    private static async Task<MemoryMeshException> ReadProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        MemoryMeshProblem? problem = null;
        if (response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.OrdinalIgnoreCase) == true)
        {
            try
            {
                problem = JsonSerializer.Deserialize(
                    await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false), ClientJson.Default.MemoryMeshProblem);
            }
            catch (JsonException)
            {
                // The status says enough.
            }
        }

        var wait = response.Headers.RetryAfter;
        return new MemoryMeshException(
            response.StatusCode,
            problem ?? new MemoryMeshProblem { Status = (int)response.StatusCode, Title = response.ReasonPhrase },
            wait?.Delta ?? (wait?.Date is { } date ? date - DateTimeOffset.UtcNow : null));
    }
}
