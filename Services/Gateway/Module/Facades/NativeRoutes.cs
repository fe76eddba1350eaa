using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace MemoryMesh.Gateway.Facades;

/// <summary>Carries out requests to the native routes on behalf of a request to a facade.</summary>
internal interface INativeRoutes
{
    /// <summary>Answers a request to a path under <c>/v1</c>.</summary>
    /// <param name="outer">The request to the facade: its connection counts.</param>
    /// <param name="request">The request, with the caller's credentials.</param>
    /// <param name="cancellationToken">Cancels it; so does the end of <paramref name="outer"/>.</param>
    Task<HttpResponseMessage> SendAsync(HttpContext outer, HttpRequestMessage request, CancellationToken cancellationToken);
}

/// <summary>Gives the requests of a client the credentials of the request to the facade, and nothing else of it.</summary>
internal sealed class NativeHandler(HttpContext outer, INativeRoutes routes) : HttpMessageHandler
{
    private static readonly string[] Credentials = [HeaderNames.Authorization, "x-api-key"];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        foreach (var name in Credentials)
        {
            if (outer.Request.Headers.TryGetValue(name, out var values))
            {
                request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, outer.RequestAborted);
        return await routes.SendAsync(outer, request, linked.Token);
    }
}

/// <summary>Marks a request that a facade made. The client's request was counted; this one is part of it.</summary>
internal sealed class NativeCall
{
    public static readonly NativeCall Mark = new();
}
