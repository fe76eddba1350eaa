using System.Net;
using MemoryMesh.Gateway.Forwarding;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Internal;
using Microsoft.AspNetCore.Http;

namespace MemoryMesh.Gateway.Facades;

/// <summary>Sends the requests of facades to the services that have the paths, as the Gateway forwards those of clients.</summary>
internal sealed class RemoteNativeRoutes(Forwarder forwarder, IServiceProvider provider) : INativeRoutes
{
    public async Task<HttpResponseMessage> SendAsync(HttpContext outer, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var target = request.RequestUri!;
        var path = PathString.FromUriComponent(target.AbsolutePath);
        if (ServiceRoutes.Find(path) is not { } service)
        {
            return ToMessage(Problems.NotFound, request);
        }

        request.RequestUri = new Uri(
            ServiceAddresses.Find(provider, service).GetLeftPart(UriPartial.Authority) + target.PathAndQuery,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        try
        {
            return await forwarder.SendAsync(outer, service, request, path, cancellationToken);
        }
        catch (ServiceFailedException failure)
        {
            return ToMessage(failure.Problem, request);
        }
    }

    private static HttpResponseMessage ToMessage(ProblemKind problem, HttpRequestMessage request)
    {
        var message = new HttpResponseMessage((HttpStatusCode)problem.Status)
        {
            RequestMessage = request,
            Content = System.Net.Http.Json.JsonContent.Create(problem.ToDetails(), mediaType: new("application/problem+json")),
        };
        if (problem == Problems.Unavailable)
        {
            message.Headers.RetryAfter = new(Forwarder.RetryAfter);
        }

        return message;
    }
}
