using System.Text.Json.Serialization;
using MemoryMesh.ServiceDefaults.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
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

    /// <summary>Details such as versions, for the operator only (<c>Monitoring:Token</c>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, object>? Details { get; init; }
}

/// <summary><c>GET /v1/admin/health</c> and <c>GET /v1/admin/readiness</c>, for everybody.</summary>
internal static class HealthEndpoints
{
    private const string HealthPath = "/v1/admin/health";
    private const string ReadinessPath = "/v1/admin/readiness";

    /// <summary>Answers the two before routing. The routes are mapped as well, for the other verbs and for the API's description.</summary>
    /// <remarks>
    /// Neither a rate limit nor an Auth service that is down may make a server look dead to its orchestrator. And the first request that is routed
    /// waits until the handlers of all routes are built, which is most of the time that a process needs to start: whether it is ready can be told before.
    /// </remarks>
    public static RequestDelegate? Find(HttpRequest request)
        => !HttpMethods.IsGet(request.Method) ? null : request.Path.Value switch
        {
            HealthPath => AnswerHealthAsync,
            ReadinessPath => AnswerReadinessAsync,
            _ => null,
        };

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/").WithTags("Admin").AllowAnonymous();
        group.ShortCircuit();
        group.MapGet(HealthPath, (Delegate)AnswerHealthAsync).WithName("Gateway_Health").WithSummary("State of the server and its parts")
            .Produces<HealthResponse>();
        group.MapGet(ReadinessPath, (Delegate)AnswerReadinessAsync).WithName("Gateway_Readiness")
            .WithSummary("Whether the server can take requests: 200 when every part is up, else 503")
            .Produces<HealthResponse>().Produces<HealthResponse>(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task AnswerHealthAsync(HttpContext context)
        => await context.Response.WriteAsJsonAsync(await CheckAsync(context), context.RequestAborted);

    private static async Task AnswerReadinessAsync(HttpContext context)
    {
        var response = await CheckAsync(context);
        context.Response.StatusCode = response.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        await context.Response.WriteAsJsonAsync(response, context.RequestAborted);
    }

    private static async Task<HealthResponse> CheckAsync(HttpContext context)
    {
        var report = await context.RequestServices.GetRequiredService<HealthCheckService>().CheckHealthAsync(context.RequestAborted);
        var details = Operator.Sent(context);
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
