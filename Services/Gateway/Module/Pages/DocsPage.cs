using MemoryMesh.ServiceDefaults.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Swashbuckle.AspNetCore.SwaggerUI;

namespace MemoryMesh.Gateway.Pages;

/// <summary><c>/docs</c>: the API's description as a page to read and try, served from the program itself.</summary>
internal static class DocsPage
{
    /// <summary>Scripts and styles of this server only. Swagger UI sets styles on its elements and shows icons as data.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
        + "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static void MapDocs(this IEndpointRouteBuilder routes)
    {
        // Built at the first visit: starting must not wait for it.
        var page = new Lazy<RequestDelegate>(() =>
        {
            var app = new ApplicationBuilder(routes.ServiceProvider);
            app.UseSwaggerUI(options =>
            {
                options.RoutePrefix = "docs";
                options.DocumentTitle = "MemoryMesh API";
                options.SwaggerEndpoint(ApiDescription.Path, "MemoryMesh v1");

                // Groups are closed at first. With all open the page would hold so many routes that it renders those in sight only, and a browser's own search misses the others.
                options.DocExpansion(DocExpansion.None);
                options.DefaultModelsExpandDepth(0);
                options.EnableFilter();
                options.EnableDeepLinking();
            });
            app.Run(context =>
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            });
            return app.Build();
        });
        routes.MapMethods("/docs/{**path}", [HttpMethods.Get, HttpMethods.Head], context =>
        {
            context.Response.Headers.ContentSecurityPolicy = Policy;
            return page.Value(context);
        }).AllowAnonymous().ExcludeFromDescription().ShortCircuit();
    }
}
