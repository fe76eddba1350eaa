using System.Net;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>Where <c>/metrics</c> gets its text: this process, or all services.</summary>
public interface IMetricsSource
{
    /// <summary>The text, in Prometheus format 0.0.4.</summary>
    Task<string> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>The metrics of this process.</summary>
internal sealed class LocalMetrics(PrometheusMetrics metrics) : IMetricsSource
{
    public Task<string> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(metrics.Write());
}

/// <summary>Serves <c>GET /metrics</c>.</summary>
public static class MetricsEndpoint
{
    /// <summary>Headers that a proxy adds: with one of them, a connection from this machine speaks for somebody else.</summary>
    private static readonly string[] ProxyHeaders =
        ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Original-For", "X-Original-Proto", "X-Real-IP", "Forwarded", "Via"];

    internal static void MapMetrics(this IEndpointRouteBuilder routes)
        => routes.MapGet("/metrics", async (HttpContext context, CancellationToken cancellationToken) =>
        {
            if (!IsLocal(context) && !IsService(context) && !Operator.Sent(context))
            {
                return await HasAccountAsync(context) ? Problems.Forbidden.ToResult() : Problems.Unauthenticated.ToResult();
            }

            var text = await context.RequestServices.GetRequiredService<IMetricsSource>().ReadAsync(cancellationToken);
            return Results.Text(text, PrometheusMetrics.ContentType);
        }).AllowAnonymous().ExcludeFromDescription().ShortCircuit();

    /// <summary>Whether a request comes from this machine, straight and for itself.</summary>
    /// <remarks>The Host is checked because a page of another site, shown by a browser on this machine, can have its name resolved to 127.0.0.1.</remarks>
    internal static bool IsLocal(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress;
        var host = context.Request.Host.Host;
        return address is not null
            && IPAddress.IsLoopback(address)
            && (host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var named) && IPAddress.IsLoopback(named)))
            && !ProxyHeaders.Any(context.Request.Headers.ContainsKey);
    }

    /// <summary>Whether the request carries valid credentials of a user. A host that checks none knows of no user.</summary>
    internal static async Task<bool> HasAccountAsync(HttpContext context)
        => context.RequestServices.GetService<IAuthenticationService>() is not null
            && (context.Request.Headers.Authorization.Count > 0 || context.Request.Headers.ContainsKey("x-api-key")) && (await context.AuthenticateAsync()).Succeeded;

    private static bool IsService(HttpContext context)
        => context.Request.Headers[ServiceCredentials.Header] is { Count: 1 } proof
            && context.RequestServices.GetRequiredService<ServiceCredentials>().Verify(proof, "/metrics");
}
