using MemoryMesh.Chat.Features;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Chat.Endpoints;

/// <summary>Routes of messages.</summary>
internal static class MessageEndpoints
{
    public static void MapMessages(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/messages").WithTags("Messages").ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404);
        group.MapPost("", StoreAsync).WithName("Chat_StoreMessage").WithSummary("Store a message; its conversation is created when there is none")
            .ProducesProblem(422);
        group.MapGet("/{id:guid}", GetAsync).WithName("Chat_GetMessage").WithSummary("Read a message");
    }

    /// <summary>Reads the query parameter <c>wait</c>: absent, or <c>indexed</c>.</summary>
    private static bool TryReadWait(string? wait, out bool waitIndexed)
    {
        waitIndexed = wait == IndexWait.Indexed;
        return waitIndexed || wait is null;
    }

    private static async Task<Results<Created<MessageResponse>, Accepted<MessageResponse>, ProblemHttpResult>> StoreAsync(
        CreateMessageRequest request,
        Caller caller,
        StoreMessages storeMessages,
        HttpContext http,
        [FromQuery] string? wait,
        CancellationToken cancellationToken)
    {
        if (!TryReadWait(wait, out var waitIndexed))
        {
            return Problems.InvalidField("wait", "Must be \"indexed\" or absent.");
        }

        var (key, problem) = IdempotencyHeader.Read(http.Request);
        if (problem is not null)
        {
            return problem;
        }

        (var stored, problem) = await storeMessages.StoreAsync(request, caller, key, waitIndexed, cancellationToken);
        if (stored is null)
        {
            return problem!;
        }

        var message = stored.Message;
        http.Response.Headers.ETag = EntityTags.Of(message.Version);
        MarkReplayed(http, stored.Replayed);
        var location = $"/v1/messages/{message.Id:D}";
        return stored.Indexed
            ? TypedResults.Created(location, MessageResponse.From(message))
            : TypedResults.Accepted(location, MessageResponse.From(message));
    }

    private static async Task<Results<Ok<MessageResponse>, ProblemHttpResult>> GetAsync(
        Guid id,
        Caller caller,
        FindMessages findMessages,
        HttpContext http,
        [FromQuery(Name = "tenant_id")] string? tenantId,
        CancellationToken cancellationToken)
    {
        var (message, problem) = await findMessages.FindAsync(caller, tenantId, id, Permission.Read, cancellationToken);
        if (message is null)
        {
            return problem!;
        }

        http.Response.Headers.ETag = EntityTags.Of(message.Version);
        return TypedResults.Ok(MessageResponse.From(message));
    }

    internal static void MarkReplayed(HttpContext http, bool replayed)
    {
        if (replayed)
        {
            http.Response.Headers[IdempotencyHeader.Replayed] = "true";
        }
    }
}
