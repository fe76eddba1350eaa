using System.Net;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.ServiceDefaults.Internal;

/// <summary>Tells a service behind the Gateway the address of the client.</summary>
public static class ForwardedClient
{
    /// <summary>
    /// Takes the client's address and scheme from <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> when the request carries a service's proof for its
    /// path. Without a proof anyone who reaches the service could choose them, and those of the connection count. An open service takes what comes with
    /// a proof for local: the Gateway lets nothing else in.
    /// </summary>
    public static IApplicationBuilder UseForwardedClient(this IApplicationBuilder app)
        => app.Use(next =>
        {
            // Asked for where the pipeline is built, at the start of the host: what is wrong with the keys is told there.
            var credentials = app.ApplicationServices.GetRequiredService<ServiceCredentials>();
            var open = OpenMode.IsOn(app.ApplicationServices.GetRequiredService<IConfiguration>());
            return context =>
            {
                var headers = context.Request.Headers;
                if (headers["X-Forwarded-For"] is [{ } forwarded]
                    && headers[ServiceCredentials.Header] is [{ } proof]
                    && credentials.Verify(proof, context.Request.Path)
                    && IPAddress.TryParse(forwarded, out var address))
                {
                    context.Connection.RemoteIpAddress = address;
                    if (open)
                    {
                        context.Features.Set(LocalRequest.Mark);
                    }

                    if (headers["X-Forwarded-Proto"] is ["https"])
                    {
                        context.Request.Scheme = "https";
                    }
                }

                return next(context);
            };
        });
}
