using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Gateway.Live;

/// <summary>Lets clients into live connections: the page they come from, the tenant and the subject.</summary>
internal sealed class LiveDoor(TenantGuard guard, KeyedNames names, IOptions<GatewayOptions> options)
{
    /// <summary>The answer to a request that is no WebSocket handshake.</summary>
    public static IResult AskForUpgrade(HttpContext context)
    {
        context.Response.Headers.Upgrade = "websocket";

        // The server ends the connection of an answer that speaks of an upgrade, so the client must not send another request on it.
        context.Response.Headers.Connection = "Upgrade, close";
        return GatewayProblems.UpgradeRequired.ToResult();
    }

    /// <summary>The answer when there are as many connections as there may be.</summary>
    public static IResult Full(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "5";
        return Problems.TooManyRequests.ToResult("There are as many live connections as there may be at the same time. Close one first.");
    }

    /// <summary>Checks origin and rights.</summary>
    public async Task<(TenantAccess? Access, IResult? Problem)> EnterAsync(HttpContext context, Caller caller, string? tenantId)
    {
        // A browser sends no preflight before a WebSocket, and lets any page open one: only the server can refuse it.
        if (!MayCome(context.Request))
        {
            return (null, GatewayProblems.OriginRefused.ToResult());
        }

        var (access, problem) = await guard.EnterAsync(caller, tenantId ?? caller.OnlyTenantId?.ToString("D"), Permission.Read, context.RequestAborted);
        return (access, problem);
    }

    /// <summary>What a client sees; null when it asks for a subject it may not act for.</summary>
    public LiveView? ViewOf(TenantAccess access, LiveFilter filter) => LiveView.Create(access, filter, names);

    private bool MayCome(HttpRequest request)
    {
        if (request.Headers.Origin.Count == 0)
        {
            return true;
        }

        // The scheme is not compared: behind a proxy the server may not know the public one.
        var origin = request.Headers.Origin.ToString();
        return options.Value.AllowedOrigins.Any(allowed => allowed == "*" || string.Equals(allowed, origin, StringComparison.OrdinalIgnoreCase))
            || (Uri.TryCreate(origin, UriKind.Absolute, out var uri)
                && uri.Scheme is "http" or "https"
                && string.Equals(uri.Authority, WithoutDefaultPort(request.Host.Value, uri), StringComparison.OrdinalIgnoreCase));
    }

    private static string? WithoutDefaultPort(string? host, Uri origin)
        => host is not null && origin.IsDefaultPort && host.EndsWith($":{origin.Port}", StringComparison.Ordinal) ? host[..host.LastIndexOf(':')] : host;
}
