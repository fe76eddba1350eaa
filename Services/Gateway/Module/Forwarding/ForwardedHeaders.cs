using System.Collections.Frozen;
using MemoryMesh.ServiceDefaults.Internal;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace MemoryMesh.Gateway.Forwarding;

/// <summary>Which header fields go on to a service, and which come back.</summary>
internal static class ForwardedHeaders
{
    /// <summary>Fields that are about one connection (RFC 9110, section 7.6.1), and what is told anew.</summary>
    private static readonly FrozenSet<string> HopByHop = new[]
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Fields of requests that never go on as they came: a client could speak for a proxy or a service with them.</summary>
    private static readonly FrozenSet<string> Replaced = new[]
    {
        "Host", "Expect", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Original-For",
        "X-Original-Proto", "X-Real-IP", "Via", "traceparent", "tracestate", "baggage", ServiceCredentials.Header,
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Fields of answers that the Gateway sets itself.</summary>
    private static readonly FrozenSet<string> Own = new[] { "Server", "Date", "x-trace-id" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Path and query as the client sent them. A target in absolute form loses scheme and host.</summary>
    public static string TargetOf(HttpRequest request, string rawTarget)
    {
        if (rawTarget.StartsWith('/'))
        {
            return rawTarget;
        }

        var authority = rawTarget.IndexOf("://", StringComparison.Ordinal);
        var path = authority < 0 ? -1 : rawTarget.IndexOf('/', authority + 3);
        return path >= 0 ? rawTarget[path..] : request.Path.ToUriComponent() + request.QueryString.ToUriComponent();
    }

    /// <summary>Sets the header of the request to a service.</summary>
    /// <param name="context">The client's request.</param>
    /// <param name="request">The request to the service.</param>
    /// <param name="proof">Shows the service that the client's address was told by the Gateway.</param>
    public static void CopyToService(HttpContext context, HttpRequestMessage request, string proof)
    {
        var dropped = NamedByConnection(context.Request.Headers.Connection);
        foreach (var (name, values) in context.Request.Headers)
        {
            if (HopByHop.Contains(name) || Replaced.Contains(name) || dropped?.Contains(name) == true)
            {
                continue;
            }

            // Fields of the content are refused by the request's collection, and those of the request by the content's.
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        TellClient(context, request, proof);
    }

    /// <summary>Tells a service the address, scheme and host of the client, with the proof that the Gateway told it.</summary>
    public static void TellClient(HttpContext context, HttpRequestMessage request, string proof)
    {
        request.Headers.Host = context.Request.Host.Value;
        request.Headers.TryAddWithoutValidation(ServiceCredentials.Header, proof);
        request.Headers.TryAddWithoutValidation("X-Forwarded-Host", context.Request.Host.Value);
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", context.Request.Scheme);
        if (context.Connection.RemoteIpAddress is { } address)
        {
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString());
        }
    }

    /// <summary>Sets the header of the answer to the client.</summary>
    public static void CopyToClient(HttpResponseMessage response, IHeaderDictionary headers)
    {
        var dropped = NamedByConnection(new StringValues([.. response.Headers.Connection]));
        foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
            if (!HopByHop.Contains(name) && !Own.Contains(name) && dropped?.Contains(name) != true)
            {
                headers[name] = new StringValues([.. values]);
            }
        }
    }

    private static HashSet<string>? NamedByConnection(StringValues connection)
    {
        HashSet<string>? names = null;
        foreach (var value in connection)
        {
            foreach (var name in (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                (names ??= new(StringComparer.OrdinalIgnoreCase)).Add(name);
            }
        }

        return names;
    }
}
