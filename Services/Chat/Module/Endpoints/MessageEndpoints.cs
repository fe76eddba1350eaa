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
        var group = routes.MapGroup("/v1/messages").WithTags("Messages")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404);
        group.MapPost("", StoreAsync).WithName("Chat_StoreMessage")
            .WithSummary("Store a message; its conversation is created when there is none").ProducesProblem(422);
        group.MapGet("/{id:guid}", GetAsync).WithName("Chat_GetMessage").WithSummary("Read a message");
        group.MapGet("/{id:guid}/thread", ThreadAsync).WithName("Chat_GetThread")
            .WithSummary("List the thread a message is in: its first message and all replies below it, oldest first")
            .WithDescription(
                "Any message of the thread names it. `depth` and `reply_to` give the tree. When a message in the middle is deleted, the replies to it stay at "
                + "their depth with `parent_deleted` true; when the first one is, `root_deleted` is true and the thread keeps its id.");
        group.MapPut("/{id:guid}", UpdateAsync).WithName("Chat_UpdateMessage")
            .WithSummary("Replace content, metadata or importance of a message").ProducesProblem(409).ProducesProblem(412);
        group.MapDelete("/{id:guid}", DeleteAsync).WithName("Chat_DeleteMessage").WithSummary("Delete a message").ProducesProblem(409).ProducesProblem(412);
        group.MapPost("/batch", StoreBatchAsync).WithName("Chat_StoreMessages")
            .WithSummary("Store up to 500 messages, with a result for each").ProducesProblem(422);
        group.MapPut("/batch/update", UpdateBatchAsync).WithName("Chat_UpdateMessages").WithSummary("Change up to 500 messages, with a result for each");
        group.MapDelete("/batch", DeleteBatchAsync).WithName("Chat_DeleteMessages").WithSummary("Delete up to 500 messages, with a result for each");
    }

    private static async Task<Results<Created<MessageResponse>, Accepted<MessageResponse>, ProblemHttpResult>> StoreAsync(
        CreateMessageRequest request,
        Caller caller,
        StoreMessages storeMessages,
        HttpContext http,
        [FromQuery] string? wait,
        CancellationToken cancellationToken)
    {
        var (options, problem) = StoreOptions.Read(http.Request, wait);
        if (problem is not null)
        {
            return problem;
        }

        (var stored, problem) = await storeMessages.StoreAsync(request, caller, options, cancellationToken);
        if (stored is null)
        {
            return problem!;
        }

        var message = stored.Message;
        http.Response.Headers.ETag = EntityTags.Of(message.Version);
        http.MarkReplayed(stored.Replayed);
        var location = $"/v1/messages/{message.Id:D}";
        return stored.Waited
            ? TypedResults.Created(location, MessageResponse.From(message))
            : TypedResults.Accepted(location, MessageResponse.From(message));
    }

    private static async Task<Results<Ok<BatchResponse>, Accepted<BatchResponse>, ProblemHttpResult>> StoreBatchAsync(
        CreateMessagesRequest request,
        Caller caller,
        StoreMessages storeMessages,
        HttpContext http,
        [FromQuery] string? wait,
        CancellationToken cancellationToken)
    {
        var (options, problem) = StoreOptions.Read(http.Request, wait);
        if (problem is not null)
        {
            return problem;
        }

        (var stored, problem) = await storeMessages.StoreAsync(request, caller, options, cancellationToken);
        if (stored is null)
        {
            return problem!;
        }

        http.MarkReplayed(stored.Replayed);
        return stored.Waited
            ? TypedResults.Ok(new BatchResponse(stored.Results))
            : TypedResults.Accepted((string?)null, new BatchResponse(stored.Results));
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

    private static async Task<Results<Ok<ThreadResponse>, ProblemHttpResult>> ThreadAsync(
        Guid id,
        Caller caller,
        ListThread listThread,
        [FromQuery(Name = "tenant_id")] string? tenantId,
        [FromQuery] int? limit,
        [FromQuery] string? cursor,
        [FromQuery(Name = "include_archived")] bool? includeArchived,
        CancellationToken cancellationToken)
    {
        if (!ChatLimits.TryReadLimit(limit, out var items))
        {
            return ChatLimits.WrongLimit();
        }

        var (thread, problem) = await listThread.ListAsync(caller, tenantId, id, (items, cursor, includeArchived ?? false), cancellationToken);
        return thread is null ? problem! : TypedResults.Ok(thread);
    }

    private static async Task<Results<Ok<MessageResponse>, ProblemHttpResult>> UpdateAsync(
        Guid id,
        UpdateMessageRequest request,
        Caller caller,
        UpdateMessages updateMessages,
        HttpContext http,
        [FromQuery(Name = "tenant_id")] string? tenantId,
        CancellationToken cancellationToken)
    {
        var (message, problem) = await updateMessages.UpdateAsync(id, request, EntityTags.ReadIfMatch(http.Request), caller, tenantId, cancellationToken);
        if (message is null)
        {
            return problem!;
        }

        http.Response.Headers.ETag = EntityTags.Of(message.Version);
        return TypedResults.Ok(MessageResponse.From(message));
    }

    private static async Task<Results<Ok<BatchResponse>, ProblemHttpResult>> UpdateBatchAsync(
        UpdateMessagesRequest request,
        Caller caller,
        UpdateMessages updateMessages,
        [FromQuery(Name = "tenant_id")] string? tenantId,
        CancellationToken cancellationToken)
    {
        var (results, problem) = await updateMessages.UpdateAsync(request, caller, tenantId, cancellationToken);
        return results is null ? problem! : TypedResults.Ok(new BatchResponse(results));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        Guid id,
        Caller caller,
        DeleteMessages deleteMessages,
        HttpContext http,
        [FromQuery(Name = "tenant_id")] string? tenantId,
        CancellationToken cancellationToken)
        => await deleteMessages.DeleteAsync(id, EntityTags.ReadIfMatch(http.Request), caller, tenantId, cancellationToken) is { } problem
            ? problem
            : TypedResults.NoContent();

    private static async Task<Results<Ok<BatchResponse>, ProblemHttpResult>> DeleteBatchAsync(
        [FromBody] DeleteMessagesRequest request,
        Caller caller,
        DeleteMessages deleteMessages,
        [FromQuery(Name = "tenant_id")] string? tenantId,
        CancellationToken cancellationToken)
    {
        var (results, problem) = await deleteMessages.DeleteAsync(request, caller, tenantId, cancellationToken);
        return results is null ? problem! : TypedResults.Ok(new BatchResponse(results));
    }
}
