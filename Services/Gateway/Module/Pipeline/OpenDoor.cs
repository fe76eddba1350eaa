using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http;

namespace MemoryMesh.Gateway.Pipeline;

/// <summary>Finds out whether a request to an open server is local: sent by a program of this machine, and of its own accord.</summary>
/// <remarks>
/// The address of the connection alone does not say so. A proxy on this machine brings requests of anybody, a page that is open in a browser here can
/// send some itself, and a name of another site that leads to 127.0.0.1 (DNS rebinding) makes that page's origin the server's own.
/// </remarks>
/// <param name="allowedOrigins">Origins that the operator lets call from browsers. A wildcard is none.</param>
internal sealed class OpenDoor(IReadOnlyList<string> allowedOrigins)
{
    /// <summary>Fields that a proxy adds; with <see cref="ProxyPrefixes"/>.</summary>
    private static readonly string[] ProxyFields = ["Forwarded", "Via", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "X-Cluster-Client-IP"];

    private static readonly string[] ProxyPrefixes = ["X-Forwarded", "X-Original-", "X-ProxyUser-"];

    /// <summary>Whether the request may go on. It is marked then.</summary>
    public bool LetsIn(HttpContext context)
    {
        var request = context.Request;
        if (!OpenMode.IsLoopback(context.Connection.RemoteIpAddress)
            || !OpenMode.IsLocalName(request.Host.Host)
            || request.Headers.Any(header => IsOfProxy(header.Key))
            || !IsOfThisSite(request))
        {
            return false;
        }

        context.Features.Set(LocalRequest.Mark);
        return true;
    }

    private static bool IsOfProxy(string field)
        => ProxyFields.Contains(field, StringComparer.OrdinalIgnoreCase)
            || ProxyPrefixes.Any(prefix => field.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    /// <summary>Programs send neither of the two fields; browsers send <c>Sec-Fetch-Site</c> always, and <c>Origin</c> with what could change something.</summary>
    private bool IsOfThisSite(HttpRequest request)
    {
        var origins = request.Headers.Origin;
        if (origins.Count > 0)
        {
            var own = $"{request.Scheme}://{request.Host.Value}";
            return origins.Count == 1
                && (string.Equals(origins[0], own, StringComparison.OrdinalIgnoreCase)
                    || allowedOrigins.Contains(origins[0], StringComparer.OrdinalIgnoreCase));
        }

        // "none" is a person who typed the address. Another port of this machine is "same-site", and may be any program's page.
        return request.Headers["Sec-Fetch-Site"] is [] or ["same-origin" or "none"];
    }
}
