using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.ServiceDefaults.Internal;

/// <summary>Proves that a call between services comes from a service of this system: an HMAC of time and path with a key that only they have.</summary>
/// <remarks>Internal routes are not forwarded by the Gateway; the proof is the second fence.</remarks>
public sealed class ServiceCredentials
{
    /// <summary>Header that carries the proof.</summary>
    public const string Header = "x-memorymesh-service";

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);
    private readonly byte[] _key;
    private readonly TimeProvider _clock;

    /// <summary>Proofs between the services of an installation, whose key comes from the root key.</summary>
    public ServiceCredentials(KeyRing ring, TimeProvider clock)
        : this((ring ?? throw new ArgumentNullException(nameof(ring))).DeriveSecret("calls between services"), clock)
    {
    }

    private ServiceCredentials(byte[] key, TimeProvider clock) => (_key, _clock) = (key, clock);

    /// <summary>Proofs for a service that is given no root key: whoever has the same secret makes and takes them.</summary>
    /// <param name="secret">A random text that both sides are configured with.</param>
    /// <param name="purpose">What the calls are for: equal secrets of two purposes give different proofs.</param>
    /// <param name="clock">The clock.</param>
    public static ServiceCredentials FromSecret(string secret, string purpose, TimeProvider clock)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        ArgumentException.ThrowIfNullOrEmpty(purpose);
        return new(HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), 32, info: Encoding.UTF8.GetBytes(purpose)), clock);
    }

    /// <summary>A proof for a path, valid for a minute.</summary>
    public string Create(string path)
    {
        var time = _clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"{time}.{Sign(time, path)}";
    }

    /// <summary>Whether a proof is genuine and fresh.</summary>
    public bool Verify(string? proof, string path)
    {
        if (proof?.IndexOf('.', StringComparison.Ordinal) is not (> 0 and < 20) || !long.TryParse(proof.AsSpan(0, proof.IndexOf('.', StringComparison.Ordinal)), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return false;
        }

        var time = seconds.ToString(CultureInfo.InvariantCulture);
        var expected = Encoding.ASCII.GetBytes($"{time}.{Sign(time, path)}");
        return CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(proof))
            && Math.Abs(_clock.GetUtcNow().ToUnixTimeSeconds() - seconds) <= Window.TotalSeconds;
    }

    private string Sign(string time, string path)
        => Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{time}\n{path}")));
}

/// <summary>Calls another service: <c>POST /internal/{service}/{call}</c> with JSON. Every call is safe to repeat, and is repeated twice when the connection fails.</summary>
public sealed class InternalHttp(IHttpClientFactory clients, ServiceCredentials credentials)
{
    /// <summary>How often a call is tried.</summary>
    internal const int Attempts = 3;

    private const string Prefix = "/internal/";

    /// <summary>The pause before the second try; before the third it is twice as long.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Whether a request is a call between services. Others go over the same connections, and only their clients know whether they may be made twice.</summary>
    internal static bool MayRepeat(HttpRequestMessage request) => request.RequestUri?.AbsolutePath.StartsWith(Prefix, StringComparison.Ordinal) == true;

    /// <summary>Makes a call.</summary>
    /// <exception cref="DependencyUnavailableException">The service cannot be reached or failed.</exception>
    public Task<TResponse> CallAsync<TRequest, TResponse>(string service, string call, TRequest request, CancellationToken cancellationToken)
        => CallAsync<TRequest, TResponse>(service, null, call, request, cancellationToken);

    /// <summary>Makes a call to one of several addresses of a service.</summary>
    /// <inheritdoc cref="CallAsync{TRequest, TResponse}(string, string, TRequest, CancellationToken)"/>
    internal async Task<TResponse> CallAsync<TRequest, TResponse>(string service, Uri? address, string call, TRequest request, CancellationToken cancellationToken)
    {
        var path = $"{Prefix}{service}/{call}";
        try
        {
            using var client = clients.CreateClient(service);
            using var message = new HttpRequestMessage(HttpMethod.Post, address is null ? new Uri(path, UriKind.Relative) : new Uri(address, path)) { Content = JsonContent.Create(request) };
            message.Headers.Add(ServiceCredentials.Header, credentials.Create(path));
            using var response = await client.SendAsync(message, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return (await response.Content.ReadFromJsonAsync<Answer<TResponse>>(cancellationToken))!.Value;
            }

            throw new DependencyUnavailableException($"{service} answered {(int)response.StatusCode} to {call}.");
        }
        catch (HttpRequestException exception)
        {
            throw new DependencyUnavailableException($"{service} cannot be reached for {call}.", exception);
        }
        catch (TaskCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DependencyUnavailableException($"{service} did not answer {call} in time.", exception);
        }
    }

    /// <summary>Envelope of an answer, so that null can be told from no answer.</summary>
    internal sealed record Answer<T>(T Value);
}

/// <summary>Serves and registers internal calls.</summary>
public static class InternalCallExtensions
{
    /// <summary>The group of a service's internal calls. Only requests with a service's proof get in; others see 404.</summary>
    public static RouteGroupBuilder MapInternalGroup(this IEndpointRouteBuilder routes, string service)
    {
        var group = routes.MapGroup($"/internal/{service}").AllowAnonymous().ExcludeFromDescription();
        group.AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            return http.RequestServices.GetRequiredService<ServiceCredentials>().Verify(http.Request.Headers[ServiceCredentials.Header], http.Request.Path)
                ? await next(context)
                : Problems.NotFound.ToResult();
        });
        return group;
    }

    /// <summary>Serves one call with the local implementation of <typeparamref name="TClient"/>.</summary>
    public static RouteHandlerBuilder MapCall<TClient, TRequest, TResponse>(
        this RouteGroupBuilder group, string call, Func<TClient, TRequest, CancellationToken, Task<TResponse>> serve)
        where TClient : notnull
        where TRequest : notnull
        => group.MapPost($"/{call}", async (HttpContext context, CancellationToken cancellationToken) =>
        {
            // Calls between services use plain JSON: the API's snake_case and strictness are for clients.
            var request = await ReadAsync<TRequest>(context.Request, cancellationToken);
            var answer = await serve(context.RequestServices.GetRequiredService<TClient>(), request, cancellationToken);
            return Results.Json(new InternalHttp.Answer<TResponse>(answer), System.Text.Json.JsonSerializerOptions.Web);
        });

    private static async Task<TRequest> ReadAsync<TRequest>(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await request.ReadFromJsonAsync<TRequest>(System.Text.Json.JsonSerializerOptions.Web, cancellationToken) ?? throw new BadHttpRequestException("The call is empty.");
        }
        catch (System.Text.Json.JsonException exception)
        {
            throw new BadHttpRequestException("The call cannot be read.", exception);
        }
    }

    /// <summary>Registers the HTTP connections to all services, as clients named like them.</summary>
    public static IServiceCollection AddServiceConnections(this IServiceCollection services)
    {
        foreach (var service in ServiceAddresses.All)
        {
            services.AddServiceConnection(service);
        }

        return services;
    }

    /// <summary>
    /// Registers the HTTP connection to another service: its address is <c>services:{service}:http:0</c> of the configuration
    /// (<c>services__{service}__http__0</c>), as Aspire's service discovery has it.
    /// </summary>
    internal static IServiceCollection AddServiceConnection(this IServiceCollection services, string service)
    {
        services.AddSingleton<InternalHttp>();
        services.AddHttpClient(service, (provider, client) =>
        {
            client.BaseAddress = ServiceReaching.AddressOf(provider, service);
            client.Timeout = TimeSpan.FromSeconds(35);
        }).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(2),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        }).RepeatCalls();
        return services;
    }
}
