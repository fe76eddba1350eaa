using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MemoryMesh.Gateway.Endpoints;
using MemoryMesh.Gateway.Facades;
using MemoryMesh.Gateway.Limits;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Gateway.Pipeline;

/// <summary>What stands between the network and the routes: the same in the Gateway's own process and in the embedded host.</summary>
internal static class GatewayPipeline
{
    private static readonly string[] ExposedHeaders =
    [
        "ETag", "Location", "Link", "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Deprecation", "Sunset", "x-trace-id", "Upload-Offset",
    ];

    private static readonly string[] AllowedHeaders = ["Authorization", "x-api-key", "Content-Type", "Accept", "Idempotency-Key", "If-Match", "If-None-Match", "Upload-Length", "Upload-Offset", "Upload-Complete"];

    private static readonly string[] AllowedMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    /// <summary>Adds the middleware. Routes are mapped afterwards.</summary>
    /// <remarks>
    /// The order, and why: the client's real address, if a trusted proxy tells it; trace id and security headers, so that errors have them too;
    /// problem details; the door of an open server; limits of the request's size and form, which cost nothing to check; CORS, so that a page can read a refusal; the global
    /// rate limit, before anything is looked up; routing, with 404 and 405; authentication; the tenant's rate limit; authorization.
    /// Health and readiness are answered before the limit, and metrics right after routing.
    /// </remarks>
    public static void Use(WebApplication app)
    {
        // Settings are read where the pipeline is built, at the start of the host, which tells the operator what is wrong with them.
        UseTrustedProxies(app);
        app.UseTraceHeaders();
        app.Use((context, next) =>
        {
            AnswerHeaders.Register(context);
            return next(context);
        });
        app.UseMemoryMeshProblems();
        UseOpenDoor(app);
        app.Use((context, next) => RequestLimits.Check(context) is { } problem ? problem.ToResult().ExecuteAsync(context) : next(context));
        UseAllowedOrigins(app);
        app.Use((context, next) => HealthEndpoints.Find(context.Request) is { } answer ? answer(context) : next(context));
        UseGlobalRateLimit(app);
        app.UseWebSockets();
        UseNativeRoutes(app);
        app.UseMemoryMeshRouting();
        app.UseAuthentication();
        UseTenantRateLimit(app);
        app.UseAuthorization();
        app.MapMemoryMeshProbes();
    }

    private static GatewayOptions Options(WebApplication app) => app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value;

    private static void UseTrustedProxies(WebApplication app)
        => app.Use(next =>
        {
            var proxies = Options(app).TrustedProxies;
            if (proxies.Count == 0)
            {
                return next;
            }

            var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var proxy in proxies)
            {
                if (IPAddress.TryParse(proxy, out var address))
                {
                    options.KnownProxies.Add(address);
                }
                else
                {
                    options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
                }
            }

            return Branch(app, next, branch => branch.UseForwardedHeaders(options));
        });

    private static void UseOpenDoor(WebApplication app)
    {
        if (OpenMode.IsOn(app.Configuration))
        {
            app.Use(next =>
            {
                var door = new OpenDoor(Options(app).AllowedOrigins);
                return context => door.LetsIn(context) ? next(context) : GatewayProblems.NotLocal.ToResult().ExecuteAsync(context);
            });
        }
    }

    private static void UseAllowedOrigins(WebApplication app)
        => app.Use(next =>
        {
            var origins = Options(app).AllowedOrigins;
            return origins.Count == 0
                ? next
                : Branch(app, next, branch => branch.UseCors(cors =>
                {
                    if (origins.Contains("*"))
                    {
                        cors.AllowAnyOrigin();
                    }
                    else
                    {
                        cors.WithOrigins([.. origins]);
                    }

                    cors.WithMethods(AllowedMethods).WithHeaders(AllowedHeaders).WithExposedHeaders(ExposedHeaders).SetPreflightMaxAge(TimeSpan.FromMinutes(10));
                }));
        });

    private static RequestDelegate Branch(WebApplication app, RequestDelegate next, Action<IApplicationBuilder> add)
    {
        var branch = new ApplicationBuilder(app.Services);
        add(branch);
        branch.Run(next);
        return branch.Build();
    }

    /// <summary>Requests that facades make begin here: with problem details of their own, and routing after that.</summary>
    private static void UseNativeRoutes(WebApplication app)
        => app.Use(next =>
        {
            if (app.Services.GetRequiredService<INativeRoutes>() is LocalNativeRoutes local)
            {
                local.Pipeline = Branch(app, next, branch => branch.UseMemoryMeshProblems());
            }

            return next;
        });

    private static void UseGlobalRateLimit(WebApplication app)
        => app.Use(next =>
        {
            if (!RateLimit.TryParse(Options(app).GlobalRateLimit, out var limit) || limit is null)
            {
                return next;
            }

            // Both series are there from the start: an alert on their growth must see the first refusal.
            GatewayTelemetry.RateLimitHits.Add(0, new KeyValuePair<string, object?>("limit", RateLimiters.Global));
            var limiter = app.Services.GetRequiredService<RateLimiters>().OfClients(limit);
            return async context =>
            {
                if (IsProbe(context.Request.Path) || Pass(context, await limiter.TakeAsync(ClientNetwork(context.Connection.RemoteIpAddress))))
                {
                    await next(context);
                }
                else
                {
                    await RefuseAsync(context, RateLimiters.Global);
                }
            };
        });

    private static void UseTenantRateLimit(WebApplication app)
        => app.Use(next =>
        {
            if (!RateLimit.TryParse(Options(app).TenantRateLimit, out var limit) || limit is null)
            {
                return next;
            }

            GatewayTelemetry.RateLimitHits.Add(0, new KeyValuePair<string, object?>("limit", RateLimiters.Tenant));
            var limiter = app.Services.GetRequiredService<RateLimiters>().OfTenants(limit);
            return async context =>
            {
                if (context.Features.Get<NativeCall>() is not null
                    || context.User.FindFirst("tenant") is not { } tenant
                    || Pass(context, await limiter.TakeAsync(tenant.Value)))
                {
                    await next(context);
                }
                else
                {
                    await RefuseAsync(context, RateLimiters.Tenant);
                }
            };
        });

    private static bool Pass(HttpContext context, in RateLimitDecision decision)
    {
        context.Features.Get<AnswerHeaders>()?.Report(decision);
        if (!decision.Allowed)
        {
            context.Response.Headers.RetryAfter = decision.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        }

        return decision.Allowed;
    }

    private static Task RefuseAsync(HttpContext context, string limit)
    {
        GatewayTelemetry.RateLimitHits.Add(1, new KeyValuePair<string, object?>("limit", limit));
        return Problems.TooManyRequests.ToResult().ExecuteAsync(context);
    }

    /// <summary>Whoever watches the server must see it under load too.</summary>
    private static bool IsProbe(PathString path)
        => path.Value is "/health" or "/alive" or "/metrics";

    /// <summary>The address that a limit counts for. One IPv6 client has a /64 network at least, so that is what counts.</summary>
    internal static IPAddress ClientNetwork(IPAddress? address)
    {
        if (address is null)
        {
            return IPAddress.None;
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }
}
