using System.Globalization;
using MemoryMesh.Gateway.Limits;
using MemoryMesh.ServiceDefaults.Hosting;
using Microsoft.AspNetCore.Http;

namespace MemoryMesh.Gateway.Pipeline;

/// <summary>Headers that the Gateway adds to every answer when it starts: those for security, and what is left of the tighter rate limit.</summary>
/// <remarks>An endpoint that set a Content-Security-Policy or Cache-Control of its own keeps it.</remarks>
internal sealed class AnswerHeaders(HttpContext context)
{
    /// <summary>Nothing may be loaded, and no page may frame it: right for JSON.</summary>
    public const string StrictPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    private RateLimitDecision? _tightest;

    /// <summary>Adds the headers to the answer of a request.</summary>
    public static void Register(HttpContext context)
    {
        var headers = new AnswerHeaders(context);
        context.Features.Set(headers);
        context.Response.OnStarting(
            static state =>
            {
                ((AnswerHeaders)state).Add();
                return Task.CompletedTask;
            },
            headers);
    }

    /// <summary>Reports a limit; the one that leaves fewer requests is told to the client.</summary>
    public void Report(in RateLimitDecision decision)
    {
        if (_tightest is not { } known || !decision.Allowed || decision.Remaining < known.Remaining)
        {
            _tightest = decision;
        }
    }

    private void Add()
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (headers.ContentSecurityPolicy.Count == 0)
        {
            headers.ContentSecurityPolicy = StrictPolicy;
        }

        if (headers.CacheControl.Count == 0
            && (context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase) || context.GetEndpoint()?.Metadata.GetMetadata<CompatibleApi>() is not null))
        {
            headers.CacheControl = "no-store";
        }

        if (context.Request.IsHttps)
        {
            headers.StrictTransportSecurity = "max-age=31536000";
        }

        if (_tightest is { } limit)
        {
            headers["RateLimit-Limit"] = limit.Limit.ToString(CultureInfo.InvariantCulture);
            headers["RateLimit-Remaining"] = limit.Remaining.ToString(CultureInfo.InvariantCulture);
            headers["RateLimit-Reset"] = limit.ResetSeconds.ToString(CultureInfo.InvariantCulture);
        }
    }
}
