using MemoryMesh.Client;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Gateway.Facades;

/// <summary>A request to a facade: who sends it, and a client of the native routes that acts for them. A parameter of this type of a route handler is bound by itself.</summary>
/// <remarks>
/// A facade decides nothing on its own: what the caller may do, what is valid and what is written down about it is decided by the native routes, which
/// get the caller's own credentials. Their refusals pass through (<see cref="FacadeRoutes.MapFacade"/>).
/// </remarks>
internal sealed class FacadeRequest
{
    /// <summary>Never resolved: the native routes are reached by path.</summary>
    private static readonly Uri NativeAddress = new("http://memorymesh/");

    private FacadeRequest(HttpContext http, Caller caller, MemoryMeshClient native)
        => (Http, Caller, Native) = (http, caller, native);

    /// <summary>The request and its answer.</summary>
    public HttpContext Http { get; }

    /// <summary>Who sent it.</summary>
    public Caller Caller { get; }

    /// <summary>The native routes, with the caller's credentials. Its calls end when the request does.</summary>
    public MemoryMeshClient Native { get; }

    /// <summary>The caller's own account as a subject.</summary>
    public string OwnUserId => Caller.AccountId.ToString("D");

    /// <summary>The Idempotency-Key of the request, for the one native call that stores something; the native route checks its form.</summary>
    public string? IdempotencyKey => Http.Request.Headers[IdempotencyHeader.Name] is { Count: > 0 } values ? values.ToString() : null;

    /// <summary>The address of the request as the client wrote it, with another query.</summary>
    public string LinkToSelf(QueryString query)
    {
        var request = Http.Request;
        return UriHelper.BuildAbsolute(request.Scheme, request.Host, request.PathBase, request.Path, query);
    }

    /// <summary>The address of an item of the list that the request is about.</summary>
    public string LinkBelowSelf(string id)
    {
        var request = Http.Request;
        return UriHelper.BuildAbsolute(request.Scheme, request.Host, request.PathBase, $"{request.Path.Value!.TrimEnd('/')}/{id}/");
    }

    /// <summary>Binds the parameter.</summary>
    public static ValueTask<FacadeRequest?> BindAsync(HttpContext context)
    {
        // Without credentials authorization has answered before.
        if (context.Features.Get<Caller>() is not { } caller)
        {
            return ValueTask.FromResult<FacadeRequest?>(null);
        }

        var http = new HttpClient(new NativeHandler(context, context.RequestServices.GetRequiredService<INativeRoutes>()))
        {
            BaseAddress = NativeAddress,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        context.Response.RegisterForDispose(http);
        return ValueTask.FromResult<FacadeRequest?>(new FacadeRequest(context, caller, new MemoryMeshClient(http)));
    }
}
