using System.Diagnostics;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>Pieces of the request pipeline that every host is built from.</summary>
public static class Pipeline
{
    /// <summary>Adds <c>x-trace-id</c> to every answer.</summary>
    /// <remarks>It is added when the answer starts: the handling of an exception clears the headers that were set before.</remarks>
    public static IApplicationBuilder UseTraceHeaders(this IApplicationBuilder app)
        => app.Use((context, next) =>
        {
            context.Response.OnStarting(AddTraceHeaders, context);
            return next(context);
        });

    /// <summary>Finds the endpoint; answers of deprecated ones say so from here on. A path or verb that no endpoint has is answered at once, before anybody asks for credentials.</summary>
    /// <remarks>Which routes exist is public (the API's description lists them), and "credentials are needed" would mislead for a mistyped path.</remarks>
    public static IApplicationBuilder UseMemoryMeshRouting(this IApplicationBuilder app)
    {
        app.UseRouting();
        return app.Use((context, next) =>
        {
            switch (context.GetEndpoint())
            {
                case RouteEndpoint endpoint:
                    if (endpoint.Metadata.GetMetadata<Deprecation>() is { } deprecation)
                    {
                        context.Response.OnStarting(() =>
                        {
                            deprecation.AddTo(context.Response.Headers);
                            return Task.CompletedTask;
                        });
                    }

                    return next(context);

                // Routing stands endpoints of its own in for a verb (405) or a content type (415) that the path does not have.
                case { RequestDelegate: { } refuse }:
                    return refuse(context);
                default:
                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                    return Task.CompletedTask;
            }
        });
    }

    /// <summary>Maps <c>/health</c>, <c>/alive</c>, <c>/metrics</c> and <c>/openapi/v1.json</c>.</summary>
    public static void MapMemoryMeshProbes(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.MapProbes();
        app.MapApiDescription();
    }

    /// <summary>Maps <c>/health</c>, <c>/alive</c> and <c>/metrics</c>.</summary>
    /// <remarks>They run right after routing: neither a limit nor an Auth service that is down may make a server look dead to its orchestrator.</remarks>
    internal static void MapProbes(this WebApplication app)
    {

        // Created here and not at the first scrape: what is not listened to is not counted.
        app.Services.GetRequiredService<PrometheusMetrics>();
        app.MapHealthChecks("/health").AllowAnonymous().ShortCircuit();
        app.MapGet("/alive", () => Results.Text("Alive")).AllowAnonymous().ExcludeFromDescription().ShortCircuit();
        app.MapMetrics();
    }

    private static Task AddTraceHeaders(object state)
    {
        var context = (HttpContext)state;
        if (Activity.Current is { } activity)
        {
            context.Response.Headers["x-trace-id"] = activity.TraceId.ToHexString();
        }

        if (context.Features.Get<IHttpActivityFeature>()?.Activity is { } request && request.Source.HasListeners())
        {
            Describe(request, context);
        }

        return Task.CompletedTask;
    }

    /// <summary>Names the span of a request by its route, never by its path: paths and queries hold what people typed.</summary>
    private static void Describe(Activity activity, HttpContext context)
    {
        activity.SetTag("http.request.method", context.Request.Method);
        activity.SetTag("http.response.status_code", context.Response.StatusCode);
        activity.SetTag("url.scheme", context.Request.Scheme);
        if (context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } route })
        {
            activity.DisplayName = $"{context.Request.Method} {route}";
            activity.SetTag("http.route", route);
        }
    }
}
