using System.Net;
using MemoryMesh.Gateway.Forwarding;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Internal;
using Microsoft.AspNetCore.Http;

namespace MemoryMesh.Gateway.Facades;

/// <summary>Sends the requests of facades to the services that have the paths, as the Gateway forwards those of clients.</summary>
internal sealed class RemoteNativeRoutes(Forwarder forwarder, ReplicaRoutes replicas, IServiceProvider provider) : INativeRoutes
{
    public async Task<HttpResponseMessage> SendAsync(HttpContext outer, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var target = request.RequestUri!;
        var path = PathString.FromUriComponent(target.AbsolutePath);
        if (ServiceRoutes.Find(path) is not { } service)
        {
            return ToMessage(Problems.NotFound, request);
        }

        if (replicas.Find(request.Method.Method, path) is { } others && others.Next() is { } replica)
        {
            using var copy = await CopyAsync(request, At(replica, target), cancellationToken);
            try
            {
                return await forwarder.SendAsync(outer, others.Service, copy, path, cancellationToken);
            }
            catch (ServiceFailedException failure) when (failure.IsAway)
            {
                others.Failed(replica);
            }
        }

        request.RequestUri = At(ServiceAddresses.Find(provider, service), target);
        try
        {
            return await forwarder.SendAsync(outer, service, request, path, cancellationToken);
        }
        catch (ServiceFailedException failure)
        {
            return ToMessage(failure.Problem, request);
        }
    }

    private static Uri At(Uri address, Uri target)
        => new(address.GetLeftPart(UriPartial.Authority) + target.PathAndQuery, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    /// <summary>A request can be sent once: one that may be sent to another server too is sent as a copy first.</summary>
    private static async Task<HttpRequestMessage> CopyAsync(HttpRequestMessage request, Uri address, CancellationToken cancellationToken)
    {
        var copy = new HttpRequestMessage(request.Method, address) { Version = request.Version };
        foreach (var (name, values) in request.Headers)
        {
            copy.Headers.TryAddWithoutValidation(name, values);
        }

        if (request.Content is { } content)
        {
            copy.Content = new ByteArrayContent(await content.ReadAsByteArrayAsync(cancellationToken));
            foreach (var (name, values) in content.Headers)
            {
                copy.Content.Headers.TryAddWithoutValidation(name, values);
            }
        }

        return copy;
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
