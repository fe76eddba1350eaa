using System.ComponentModel;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace MemoryMesh.Gateway.Live;

/// <summary>The routes of live connections.</summary>
internal static class LiveEndpoints
{
    private const string Filters =
        "`types` chooses among " + LiveTypes.MessageStored + ", " + LiveTypes.MessageUpdated + ", " + LiveTypes.MessageDeleted + ", " + LiveTypes.MessageIndexed
        + ", " + LiveTypes.ConversationDeleted + ", " + LiveTypes.MemoryChanged + ", " + LiveTypes.RetentionFinished + ", " + LiveTypes.ErasureRequested
        + ", " + LiveTypes.ErasureCompleted + ". ";

    private const string Content = "message";

    /// <summary>How long a WebSocket may take to answer a ping.</summary>
    private static readonly TimeSpan PongLimit = TimeSpan.FromSeconds(20);

    public static void MapLive(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/").WithTags("Live").WithMetadata(new TicketAllowed());
        group.MapGet("/ws/messages/{tenant_id}", OpenSocketAsync).WithName("Live_Messages").WithSummary("Events of a tenant over a WebSocket")
            .WithDescription(
                "Each event is a JSON frame with `type`, `seq`, `id` and `at`, and ids and versions instead of texts; `include=message` adds the message. Members see what "
                + "concerns them and what they may read, admins and owners everything. " + Filters
                + "`after` takes the `id` of the last frame to go on there; a `reset` frame tells that events went by unseen. docs/live-updates.md has every frame.")
            .Produces(StatusCodes.Status101SwitchingProtocols)
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(426).ProducesProblem(429);
        group.MapGet("/ws/stream/{tenant_id}", OpenSearchAsync).WithName("Live_Search").WithSummary("Search as one types, over a WebSocket")
            .WithDescription(
                "The client sends `{\"type\":\"search\",\"id\":\"1\",\"what\":\"messages\",\"query\":\"…\"}` with the parameters of `/v1/memory/search`, or `memories` with those of "
                + "`/v1/memories/search`. It gets `lexical`, what full text finds, then `fused`, what all ways of searching find together, then `done`, each with its times. "
                + "A new search cancels the former one. docs/live-updates.md has every frame.")
            .Produces(StatusCodes.Status101SwitchingProtocols)
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(426).ProducesProblem(429);
        group.MapGet("/v1/events", OpenResponseAsync).WithName("Live_Events").WithSummary("Events of a tenant as server-sent events")
            .WithDescription(
                "The same events as `/ws/messages/{tenant_id}`, for clients that have no WebSocket. `Last-Event-ID`, or `after`, goes on after the event with that id. "
                + Filters)
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(429);
    }

    private static async Task<IResult> OpenSocketAsync(
        HttpContext context,
        Caller caller,
        LiveServices live,
        LiveDoor door,
        [FromRoute(Name = "tenant_id"), Description("Id or slug of the tenant.")] string tenantId,
        [FromQuery(Name = "conversation_id"), Description("Only these conversations, at most 50; repeat the parameter.")] string[]? conversations,
        [FromQuery(Name = "user_id"), Description("Only this subject.")] string? userId,
        [FromQuery(Name = "types"), Description("Only these types, separated by commas.")] string? types,
        [FromQuery(Name = "include"), Description("`message`: events of stored and updated messages hold the message.")] string? include,
        [FromQuery(Name = "after"), Description("The `id` of the last frame, to go on there.")] string? after,
        [FromQuery(Name = TicketAllowed.Parameter), Description("A ticket of POST /v1/auth/ws-ticket, instead of a header.")] string? ticket)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            return LiveDoor.AskForUpgrade(context);
        }

        var (wish, access, problem) = await EnterAsync(context, caller, door, tenantId, conversations, userId, types, include, after);
        if (problem is not null)
        {
            return problem;
        }

        return await ServeSocketAsync(
            context, caller, access!, live, transport => new EventSocket(live, caller, access!, wish!, transport), socket => socket.RunAsync());
    }

    private static async Task<IResult> OpenSearchAsync(
        HttpContext context,
        Caller caller,
        LiveServices live,
        LiveDoor door,
        [FromRoute(Name = "tenant_id"), Description("Id or slug of the tenant.")] string tenantId,
        [FromQuery(Name = TicketAllowed.Parameter), Description("A ticket of POST /v1/auth/ws-ticket, instead of a header.")] string? ticket)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            return LiveDoor.AskForUpgrade(context);
        }

        var (access, problem) = await door.EnterAsync(context, caller, tenantId);
        return access is null
            ? problem!
            : await ServeSocketAsync(context, caller, access, live, transport => new SearchSocket(live, caller, access, transport), socket => socket.RunAsync());
    }

    private static async Task<IResult> OpenResponseAsync(
        HttpContext context,
        Caller caller,
        LiveServices live,
        LiveDoor door,
        [FromQuery(Name = "tenant_id"), Description("Id or slug of the tenant; the caller's own when missing.")] string? tenantId,
        [FromQuery(Name = "conversation_id"), Description("Only these conversations, at most 50; repeat the parameter.")] string[]? conversations,
        [FromQuery(Name = "user_id"), Description("Only this subject.")] string? userId,
        [FromQuery(Name = "types"), Description("Only these types, separated by commas.")] string? types,
        [FromQuery(Name = "include"), Description("`message`: events of stored and updated messages hold the message.")] string? include,
        [FromQuery(Name = "after"), Description("The `id` of the last event, to go on there.")] string? after,
        [FromHeader(Name = "Last-Event-ID"), Description("The same, as browsers send it when they come back.")] string? lastEventId,
        [FromQuery(Name = TicketAllowed.Parameter), Description("A ticket of POST /v1/auth/ws-ticket, instead of a header.")] string? ticket)
    {
        var (wish, access, problem) = await EnterAsync(
            context, caller, door, tenantId, conversations, userId, types, include, string.IsNullOrEmpty(lastEventId) ? after : lastEventId);
        if (problem is not null)
        {
            return problem;
        }

        using var seat = live.Connections.TryEnter(access!, caller);
        if (seat is null)
        {
            return LiveDoor.Full(context);
        }

        DropRateLimit(context);
        using var connection = new EventResponse(live, caller, access!, wish!, context);
        await RunAsync(live, connection, connection.RunAsync);
        return Results.Empty;
    }

    private static async Task<(LiveWish? Wish, TenantAccess? Access, IResult? Problem)> EnterAsync(
        HttpContext context,
        Caller caller,
        LiveDoor door,
        string? tenantId,
        string[]? conversations,
        string? userId,
        string? types,
        string? include,
        string? after)
    {
        var filter = new LiveFilter
        {
            Conversations = conversations ?? [],
            UserId = userId,
            Types = types is null ? [] : types.Split(',', StringSplitOptions.TrimEntries),
        };
        var errors = filter.Check();
        if (include is not (null or Content))
        {
            errors["include"] = [$"Must be {Content}."];
        }

        if (errors.Count > 0)
        {
            return (null, null, Problems.InvalidFields(errors));
        }

        var (access, problem) = await door.EnterAsync(context, caller, tenantId);
        if (access is null)
        {
            return (null, null, problem);
        }

        return door.ViewOf(access, filter) is { } view
            ? (new LiveWish(view, after, include is not null), access, null)
            : (null, null, Problems.NotFound.ToResult());
    }

    private static async Task<IResult> ServeSocketAsync<TConnection>(
        HttpContext context,
        Caller caller,
        TenantAccess access,
        LiveServices live,
        Func<WebSocketTransport, TConnection> create,
        Func<TConnection, Task> run)
        where TConnection : LiveConnection
    {
        using var seat = live.Connections.TryEnter(access, caller);
        if (seat is null)
        {
            return LiveDoor.Full(context);
        }

        using var socket = await AcceptAsync(context, live);
        using var transport = new WebSocketTransport(socket, live);
        using var connection = create(transport);
        await RunAsync(live, connection, () => run(connection));
        return Results.Empty;
    }

    private static Task<System.Net.WebSockets.WebSocket> AcceptAsync(HttpContext context, LiveServices live)
    {
        DropRateLimit(context);
        return context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            KeepAliveInterval = live.Options.PingInterval, KeepAliveTimeout = PongLimit,
        });
    }

    /// <summary>Whoever is too slow is told so: the server would drop it without a word.</summary>
    private static void DropRateLimit(HttpContext context)
    {
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    private static async Task RunAsync(LiveServices live, LiveConnection connection, Func<Task> run)
    {
        live.Connections.Add(connection);
        try
        {
            if (live.Lifetime.ApplicationStopping.IsCancellationRequested)
            {
                connection.Close(LiveClose.Stopping);
            }

            await run();
        }
        finally
        {
            live.Connections.Remove(connection);
        }
    }
}
