using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.ServiceDefaults.Internal;

/// <summary>Tells a service behind the Gateway the address of the client.</summary>
public static class ForwardedClient
{
    /// <summary>
    /// Takes the client's address from <c>X-Forwarded-For</c> when the request carries a service's proof for its path. Without a proof anyone who
    /// reaches the service could choose an address, and the connection's own counts.
    /// </summary>
    public static IApplicationBuilder UseForwardedClient(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var credentials = app.ApplicationServices.GetRequiredService<ServiceCredentials>();
        return app.Use((context, next) =>
        {
            var headers = context.Request.Headers;
            if (headers["X-Forwarded-For"] is [{ } forwarded]
                && headers[ServiceCredentials.Header] is [{ } proof]
                && credentials.Verify(proof, context.Request.Path)
                && IPAddress.TryParse(forwarded, out var address))
            {
                context.Connection.RemoteIpAddress = address;
            }

            return next(context);
        });
    }
}
