using System.ComponentModel;
using MemoryMesh.Chat.Features;
using MemoryMesh.Chat.Storage;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Chat.Endpoints;

/// <summary>Routes of conversations. The id in a path is the one the client chose.</summary>
internal static class ConversationEndpoints
{
    private const string Path = "/v1/conversations";

    private const string MetadataDescription =
        "Condition on the metadata, as path:operator:value, for example `project.name:eq:apollo` or `priority:gt:3`; may be repeated, then all must hold. "
        + "Operators: eq, ne, in (values separated by commas), contains, gt, gte, lt, lte, exists. A page may then have fewer messages than `limit`; "
        + "the list goes on as long as there is a cursor.";

    public static void MapConversations(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(Path).WithTags("Conversations")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404);
        group.MapGet("", ListAsync).WithName("Chat_ListConversations").WithSummary("List conversations, newest activity first");
        group.MapPost("", CreateAsync).WithName("Chat_CreateConversation").WithSummary("Create a conversation").ProducesProblem(409).ProducesProblem(422);
        group.MapGet("/{id}", GetAsync).WithName("Chat_GetConversation").WithSummary("Read a conversation");
        group.MapPut("/{id}", UpdateAsync).WithName("Chat_UpdateConversation")
            .WithSummary("Replace title or metadata of a conversation").ProducesProblem(409).ProducesProblem(412);
        group.MapDelete("/{id}", DeleteAsync).WithName("Chat_DeleteConversation")
            .WithSummary("Delete a conversation with all its messages").ProducesProblem(409).ProducesProblem(412);
        group.MapGet("/{id}/messages", ListMessagesAsync).WithName("Chat_ListMessages").WithSummary("List the messages of a conversation by time");
        group.MapGet("/{id}/summary", SummaryAsync).WithName("Chat_GetConversationSummary").WithSummary("Read what the earlier messages of a conversation were about")
            .WithDescription(
                "The newest messages (20, or `Memory:MaxContextMessages`) are left out: contexts hold them whole. The summary quotes sentences, chosen by their place, by how central "
                + "they are and whether they state facts, unless a language model is configured to write it; it is kept and goes on with each new message.");
        group.MapGet("/{id}/stats", StatsAsync).WithName("Chat_GetConversationStats").WithSummary("Count what a conversation holds");
    }

    private static async Task<Results<Ok<ConversationListResponse>, ProblemHttpResult>> ListAsync(
        Caller caller,
        ListConversations listConversations,
        [FromQuery(Name = "tenant_id")] string? tenantId,
        [FromQuery(Name = "user_id")] string? userId,
        [FromQuery] int? limit,
        [FromQuery] string? cursor,
        CancellationToken cancellationToken)
    {
        if (!ChatLimits.TryReadLimit(limit, out var items))
        {
            return ChatLimits.WrongLimit();
        }

        var (page, problem) = await listConversations.ListAsync(caller, tenantId, userId, items, cursor, cancellationToken);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<Created<ConversationResponse>, ProblemHttpResult>> CreateAsync(
        CreateConversationRequest request, Caller caller, CreateConversation createConversation, HttpContext http, CancellationToken cancellationToken)
    {
        var (key, problem) = IdempotencyHeader.Read(http.Request);
        if (problem is not null)
        {
            return problem;
        }

        (var created, problem) = await createConversation.CreateAsync(request, caller, key, cancellationToken);
        if (created is null)
        {
            return problem!;
        }

        var conversation = created.Conversation;
        http.MarkReplayed(created.Replayed);
        http.Response.Headers.ETag = EntityTags.Of(conversation.Version);

        // A conversation's id is only unique in its tenant, so the address must name one that is not taken by default.
        var tenant = conversation.TenantId == caller.Principal.DefaultTenantId ? string.Empty : $"?tenant_id={conversation.TenantId:D}";
        return TypedResults.Created(
            $"{Path}/{Uri.EscapeDataString(conversation.ConversationId)}{tenant}", ConversationResponse.From(conversation));
    }

    private static async Task<Results<Ok<ConversationResponse>, ProblemHttpResult>> GetAsync(
        string id,
        Caller caller,
        FindConversation findConversation,
        HttpContext http,
        [FromQuery(Name = "tenant_id")] string? tenantId,
        CancellationToken cancellationToken)
    {
        var (conversation, _, problem) = await findConversation.FindAsync(
            caller, tenantId, IdOf(http, id), Permission.Read, cancellationToken);
        return Answer(http, conversation, problem);
    }

    private static async Task<Results<Ok<ConversationResponse>, ProblemHttpResult>> UpdateAsync(
        string id,
        UpdateConversationRequest request,
        Caller caller,
        ChangeConversation changeConversation,
        HttpContext http,
        [FromQuery(Name = "tenant_id")] string? tenantId,
        CancellationToken cancellationToken)
    {
        var (conversation, problem) = await changeConversation.UpdateAsync(
            IdOf(http, id), request, EntityTags.ReadIfMatch(http.Request), caller, tenantId, cancellationToken);
        return Answer(http, conversation, problem);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string id,
        Caller caller,
        ChangeConversation changeConversation,
        HttpContext http,
        [FromQuery(Name = "tenant_id")] string? tenantId,
        [FromQuery(Name = "keep_memories"), Description("Whether what was learned from it stays. Default false: what nothing else says goes too.")] bool? keepMemories,
        CancellationToken cancellationToken)
        => await changeConversation.DeleteAsync(
            IdOf(http, id), EntityTags.ReadIfMatch(http.Request), keepMemories ?? false, caller, tenantId, cancellationToken) is { } problem
            ? problem
            : TypedResults.NoContent();

    private static async Task<Results<Ok<MessageListResponse>, ProblemHttpResult>> ListMessagesAsync(
        string id,
        Caller caller,
        ListMessages listMessages,
        HttpContext http,
        [FromQuery(Name = "tenant_id")] string? tenantId,
        [FromQuery] int? limit,
        [FromQuery] string? before,
        [FromQuery] string? after,
        [FromQuery] string? role,
        [FromQuery(Name = "include_archived")] bool? includeArchived,
        [FromQuery, Description("Only the thread that this message is in.")] string? thread,
        [FromQuery, Description("Only messages of this time or later, ISO 8601; a date begins at midnight UTC.")] string? from,
        [FromQuery, Description("Only messages of this time or earlier, ISO 8601; a date includes its whole day in UTC.")] string? to,
        [FromQuery, Description(MetadataDescription)] string[]? metadata,
        CancellationToken cancellationToken)
    {
        if (!ChatLimits.TryReadLimit(limit, out var items))
        {
            return ChatLimits.WrongLimit();
        }

        var filter = new MessageListFilter
        {
            Limit = items, Role = role, IncludeArchived = includeArchived ?? false, Thread = thread, From = from, To = to, Metadata = metadata,
        };
        var (page, problem) = await listMessages.ListAsync(caller, tenantId, IdOf(http, id), (before, after), filter, cancellationToken);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<Ok<ConversationStatsResponse>, ProblemHttpResult>> StatsAsync(
        string id,
        Caller caller,
        ConversationStatistics statistics,
        HttpContext http,
        [FromQuery(Name = "tenant_id")] string? tenantId,
        CancellationToken cancellationToken)
    {
        var (stats, problem) = await statistics.CountAsync(caller, tenantId, IdOf(http, id), cancellationToken);
        return stats is null ? problem! : TypedResults.Ok(stats);
    }

    private static async Task<Results<Ok<ConversationSummaryResponse>, ProblemHttpResult>> SummaryAsync(
        string id,
        Caller caller,
        FindConversation findConversation,
        [FromServices] ISummaryClient summaries,
        HttpContext http,
        [FromQuery(Name = "tenant_id")] string? tenantId,
        CancellationToken cancellationToken)
    {
        var (conversation, _, problem) = await findConversation.FindAsync(caller, tenantId, IdOf(http, id), Permission.Read, cancellationToken);
        return conversation is null
            ? problem!
            : TypedResults.Ok(ConversationSummaryResponse.From(
                conversation, await summaries.SummariseAsync(conversation.TenantId, conversation.ConversationKey, conversation.SubjectKey, cancellationToken)));
    }

    private static Results<Ok<ConversationResponse>, ProblemHttpResult> Answer(HttpContext http, ConversationRecord? conversation, ProblemHttpResult? problem)
    {
        if (conversation is null)
        {
            return problem!;
        }

        http.Response.Headers.ETag = EntityTags.Of(conversation.Version);
        return TypedResults.Ok(ConversationResponse.From(conversation));
    }

    private static string IdOf(HttpContext http, string routeValue) => PathIds.Read(http, $"{Path}/", routeValue);
}
