using System.Security.Cryptography;
using System.Text;
using MemoryMesh.ServiceDefaults.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Gateway.Pages;

/// <summary><c>/console</c>: says what this server is and where to go on. <c>/</c> leads there.</summary>
internal static class ConsolePage
{
    private const string Style =
        """
        body { font: 1rem/1.6 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem; color: #1c2330; background: #fbfbfd; }
        h1 { margin-bottom: 0; } small, dt { color: #5a6372; } dt { margin-top: 1rem; } dd { margin: 0; } a { color: #0b57d0; }
        @media (prefers-color-scheme: dark) { body { color: #e6e9ef; background: #14171c; } small, dt { color: #a3abb8; } a { color: #8ab4f8; } }
        """;

    private static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; img-src data:; "
        + "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    private static readonly string Page =
        $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>MemoryMesh</title>
        <link rel="icon" href="data:,">
        <style>{Style}</style>
        </head>
        <body>
        <h1>MemoryMesh</h1>
        <small>Version {ProductVersion.Current}</small>
        <p>This server is a memory for AI assistants: it keeps their conversations, learns long-term facts about the people they talk with, and finds both again.</p>
        <p>It is used through its API. There is no graphical console yet.</p>
        <dl>
        <dt>API page</dt><dd><a href="/docs/index.html">/docs</a>, described by <a href="{ApiDescription.Path}">{ApiDescription.Path}</a></dd>
        <dt>Is it ready?</dt><dd><a href="/v1/admin/readiness">/v1/admin/readiness</a></dd>
        <dt>Its parts</dt><dd><a href="/v1/admin/health">/v1/admin/health</a></dd>
        <dt>Metrics, for Prometheus</dt><dd><a href="/metrics">/metrics</a></dd>
        </dl>
        </body>
        </html>
        """;

    public static void MapConsole(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", () => Results.Redirect("/console")).AllowAnonymous().ExcludeFromDescription().ShortCircuit();
        routes.MapGet("/console", (HttpContext context) =>
        {
            context.Response.Headers.ContentSecurityPolicy = Policy;
            context.Response.Headers.CacheControl = "no-cache";
            return Results.Text(Page, "text/html; charset=utf-8");
        }).AllowAnonymous().ExcludeFromDescription().ShortCircuit();
    }
}
