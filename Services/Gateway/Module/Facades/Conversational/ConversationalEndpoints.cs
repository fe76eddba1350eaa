using System.Net.Http.Json;
using System.Text.Json;
using MemoryMesh.Client;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;

namespace MemoryMesh.Gateway.Facades.Conversational;

/// <summary>The API of the Conversational Memory Backend: messages of a user, and what an assistant should know of them.</summary>
internal static class ConversationalEndpoints
{
    /// <summary>Name of the earlier service.</summary>
    public const string Name = "Conversational Memory Backend";

    /// <summary>The path that stores messages: its body may be as large as a native batch.</summary>
    public const string StorePath = $"{Prefix}/store";

    private const string Prefix = "/memory";
    private const int DefaultContextMessages = 20;
    private const int MostContextMessages = 200;
    private const int DefaultLimit = 10;
    private const string DefaultMode = "hybrid";

    public static void MapConversational(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapFacade(Prefix, Name, ("created_at", "timestamp"), ("top_k", "limit"));
        group.MapPost("/store", StoreAsync).WithName("Conversational_Store").WithSummary("Store messages of a user")
            .WithDescription("A conversation that is not there is created. Memories are drawn from what the user says about itself, shortly after.")
            .WithExample(
                """
                {
                  "user_id": "user-123",
                  "conversation_id": "support-7",
                  "messages": [{ "role": "user", "content": "I prefer Python over JavaScript.", "timestamp": "2026-01-31T08:30:00Z" }],
                  "metadata": { "channel": "web" }
                }
                """)
            .ProducesProblem(422);
        group.MapGet("/context/{user_id}", GetContextAsync).WithName("Conversational_GetContext").WithSummary("What an assistant should know of a user")
            .WithDescription(
                "Without `conversation_id` it is the user's latest conversation. `max_messages` is at most what MAX_CONTEXT_MESSAGES allows, 20 by default; "
                + "messages before those are summed up.");
        group.MapPost("/search", SearchAsync).WithName("Conversational_Search").WithSummary("Search memories and messages of a user")
            .WithDescription("Shared with the Memory Service API: `results` are memories, `messages` are messages.")
            .WithExample("""{ "query": "which language for a backend", "user_id": "user-123", "limit": 5, "mode": "hybrid" }""");
        group.MapDelete("/user/{user_id}", EraseAsync).WithName("Conversational_EraseUser").WithSummary("Erase a user")
            .WithDescription(
                "Everything that is held about the user is deleted and its keys are destroyed. 202 with the address of the state; with `wait=true` 200 with the signed "
                + "receipt, unless it takes longer than some 20 seconds.");
    }

    private static async Task<Results<Created<StoreResponse>, ProblemHttpResult>> StoreAsync(
        StoreRequest body, FacadeRequest request, CancellationToken cancellationToken)
    {
        if (body.Message is null == body.Messages is null)
        {
            return Problems.InvalidField("messages", "Give either messages or message.");
        }

        var conversationId = body.ConversationId ?? Guid.CreateVersion7().ToString("D");
        var turns = body.Messages ?? [body.Message!];
        if (turns.Any(turn => turn is null))
        {
            return Problems.InvalidField("messages", "Must not hold null.");
        }

        var stored = await request.Native.Messages.StoreManyAsync(
            [
                .. turns.Select(turn => new NewMessage
                {
                    ConversationId = conversationId,
                    UserId = body.UserId,
                    Role = turn.Role!,
                    Content = turn.Content!,
                    CreatedAt = TimestampAttribute.Read(turn.Timestamp),
                    Metadata = body.Metadata,
                }),
            ],
            idempotencyKey: request.IdempotencyKey,
            cancellationToken: cancellationToken);

        // Form and size were checked here. What is left to refuse is the conversation or the user, for all alike, or a time in the future.
        if (stored.Results.FirstOrDefault(result => result.Problem is not null) is { Problem: { } problem } refused)
        {
            throw new MemoryMeshException((System.Net.HttpStatusCode)refused.Status, problem);
        }

        List<string> ids = [.. stored.Results.Select(result => result.Id!)];
        return TypedResults.Created((string?)null, new StoreResponse(conversationId, ids, ids.Count));
    }

    private static async Task<Results<Ok<ContextResponse>, ProblemHttpResult>> GetContextAsync(
        [FromRoute(Name = "user_id")] string userSegment,
        string? conversation_id,
        string? query,
        int? max_messages,
        int? max_tokens,
        FacadeRequest request,
        IConfiguration configuration,
        CancellationToken cancellationToken)
    {
        if (max_messages is < 1 or > MostContextMessages)
        {
            return Problems.InvalidField("max_messages", $"Must be 1 to {MostContextMessages}.");
        }

        var userId = PathIds.Read(request.Http, $"{Prefix}/context/", userSegment);
        var allowed = configuration.GetValue<int?>("Memory:MaxContextMessages") ?? DefaultContextMessages;

        var context = await request.Native.Context.GetAsync(
            conversation_id ?? await FindLatestAsync(request, userId, cancellationToken),
            new ContextQuery { UserId = userId, Query = query, MaxTokens = max_tokens, MaxMessages = Math.Min(max_messages ?? allowed, allowed), Summary = true },
            cancellationToken);
        return TypedResults.Ok(new ContextResponse
        {
            UserId = userId,
            Messages = [.. context.Messages.Select(message => new ContextTurn(message.Role, message.Content, message.CreatedAt))],
            Summary = context.Summary ?? "",
            Preferences = [.. context.Preferences.Select(ContextFact.From)],
            Memories = [.. context.Memories.Select(ContextFact.From)],
            Text = context.Text,
        });
    }

    /// <summary>The user's latest conversation. A user without one has memories all the same: those of a conversation that nobody began.</summary>
    private static async Task<string> FindLatestAsync(FacadeRequest request, string userId, CancellationToken cancellationToken)
    {
        var page = await request.Native.Conversations.ListPageAsync(new ConversationQuery { UserId = userId, Limit = 1 }, cancellationToken);
        return page.Conversations is [var latest, ..] ? latest.ConversationId : Guid.CreateVersion7().ToString("D");
    }

    private static async Task<Results<Ok<SearchResponse>, ProblemHttpResult>> SearchAsync(
        SearchRequest body, FacadeRequest request, CancellationToken cancellationToken)
    {
        var (from, to) = (TimestampAttribute.Read(body.From), TimestampAttribute.Read(body.To, endOfDay: true));
        if (from > to)
        {
            return Problems.InvalidField("to", "Must not be before `from`.");
        }

        var userId = body.UserId ?? request.OwnUserId;
        var limit = body.Limit ?? DefaultLimit;
        var others = new Dictionary<string, string> { ["mode"] = body.Mode ?? DefaultMode };
        var memories = request.Native.Search.MemoriesAsync(
            new MemorySearch { Query = body.Query!, UserId = userId, TopK = limit, From = from, To = to, Others = others }, cancellationToken);
        var messages = request.Native.Search.MessagesAsync(
            new MessageSearch { Query = body.Query!, UserId = userId, TopK = limit, From = from, To = to, Others = others }, cancellationToken);
        return TypedResults.Ok(new SearchResponse(
            [.. (await memories).Results.Select(MemoryItem.From)], [.. (await messages).Results.Select(FoundTurn.From)]));
    }

    private static async Task<Results<Ok<ErasureResponse>, Accepted<ErasureResponse>>> EraseAsync(
        [FromRoute(Name = "user_id")] string userSegment, bool? wait, FacadeRequest request, CancellationToken cancellationToken)
    {
        var userId = PathIds.Read(request.Http, $"{Prefix}/user/", userSegment);
        using var answer = await request.Native.SendAsync(
            HttpMethod.Post, wait == true ? "v1/privacy/erasures?wait=true" : "v1/privacy/erasures", JsonContent.Create(new { user_id = userId }), cancellationToken);
        var erasure = await answer.Content.ReadFromJsonAsync<ErasureResponse>(Snake, cancellationToken);
        return answer.StatusCode == System.Net.HttpStatusCode.OK ? TypedResults.Ok(erasure) : TypedResults.Accepted(erasure!.StatusUrl, erasure);
    }

    private static readonly JsonSerializerOptions Snake = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
}
