using System.Text.Json.Serialization;
using MemoryMesh.ServiceDefaults.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MemoryMesh.Gateway.Endpoints;

/// <summary>State of the server.</summary>
internal sealed record HealthResponse
{
    /// <summary><c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>: the worst of the checks.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>Version of the server.</summary>
    public required string Version { get; init; }

    /// <summary>Seconds since the process started.</summary>
    public required long UptimeSeconds { get; init; }

    /// <summary>The checks, by name.</summary>
    public required IReadOnlyList<HealthCheckResponse> Checks { get; init; }
}

/// <summary>State of one part.</summary>
internal sealed record HealthCheckResponse
{
    /// <summary>Name of the part, for example <c>store:chat</c> or <c>service:chat</c>.</summary>
    public required string Name { get; init; }

    /// <summary><c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>Details such as versions, for callers with the scope <c>admin</c> only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, object>? Details { get; init; }
}

/// <summary><c>GET /v1/admin/health</c> and <c>GET /v1/admin/readiness</c>, for everybody.</summary>
/// <remarks>They run right after routing: neither a rate limit nor an Auth service that is down may make a server look dead to its orchestrator.</remarks>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/admin").WithTags("Admin").AllowAnonymous();
        group.ShortCircuit();
        group.MapGet("/health", HealthAsync).WithName("Gateway_Health").WithSummary("State of the server and its parts");
        group.MapGet("/readiness", ReadinessAsync).WithName("Gateway_Readiness")
            .WithSummary("Whether the server can take requests: 200 when every part is up, else 503")
            .Produces<HealthResponse>().Produces<HealthResponse>(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<Ok<HealthResponse>> HealthAsync(HttpContext context, HealthCheckService health, CancellationToken cancellationToken)
        => TypedResults.Ok(await CheckAsync(context, health, cancellationToken));

    private static async Task<JsonHttpResult<HealthResponse>> ReadinessAsync(HttpContext context, HealthCheckService health, CancellationToken cancellationToken)
    {
        var response = await CheckAsync(context, health, cancellationToken);
        return TypedResults.Json(
            response, statusCode: response.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }

    private static async Task<HealthResponse> CheckAsync(HttpContext context, HealthCheckService health, CancellationToken cancellationToken)
    {
        var report = await health.CheckHealthAsync(cancellationToken);
        var details = await context.HasAdminScopeAsync();
        return new HealthResponse
        {
            Status = report.Status,
            Version = ProductVersion.Current,
            UptimeSeconds = (long)ProductVersion.Uptime.TotalSeconds,
            Checks =
            [
                .. report.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => new HealthCheckResponse
                {
                    Name = entry.Key,
                    Status = entry.Value.Status,
                    Details = details && entry.Value.Data.Count > 0 ? entry.Value.Data : null,
                }),
            ],
        };
    }
}
