using MemoryMesh.Client;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Gateway.Facades.PersonalMem;

/// <summary>The API of PersonalMem: chats of a user that know nothing of each other, and memories that all of them share.</summary>
internal static class PersonalMemEndpoints
{
    /// <summary>Name of the earlier service.</summary>
    public const string Name = "PersonalMem";

    private const string ContextHeading = "User Personal Information (from previous conversations): ";
    private const string NothingKnown = "None.";
    private const string Chats = "/chats/";
    private const string Users = "/users/";
    private const int MostChats = 1_000;

    /// <summary>Memories of the user, the ones changed last first, among which those of a message are found.</summary>
    private const int RecentMemories = 50;

    public static void MapPersonalMem(this IEndpointRouteBuilder routes)
    {
        var chats = routes.MapFacade("/chats", Name, ("content", "message"), ("conversation_id", "chat_id"));
        chats.MapPost("", CreateChatAsync).WithName("PersonalMem_CreateChat").WithSummary("Begin a chat")
            .WithExample("""{ "user_id": "user123", "title": "Introduction" }""");
        chats.MapGet("/{chat_id}/messages", ListMessagesAsync).WithName("PersonalMem_ListMessages").WithSummary("List the messages of a chat, oldest first");
        chats.MapPost("/messages", AddUserMessageAsync).WithName("PersonalMem_AddMessage").WithSummary("Store what the user says, and get what is known of it")
            .WithDescription("Waits until memories were drawn from the message, for at most ten seconds. A chat that is not there, or is another user's, is 404.")
            .WithExample("""{ "user_id": "user123", "chat_id": "018f4a2e-0000-7000-8000-000000000001", "message": "My name is Honda.", "extract_memory": true }""");
        chats.MapPost("/responses", AddAssistantMessageAsync).WithName("PersonalMem_AddResponse").WithSummary("Store what the assistant says")
            .WithExample("""{ "chat_id": "018f4a2e-0000-7000-8000-000000000001", "response": "Nice to meet you, Honda." }""");
        chats.MapDelete("/{chat_id}", DeleteChatAsync).WithName("PersonalMem_DeleteChat").WithSummary("Delete a chat with its messages; the user's memories stay");

        var users = routes.MapFacade("/users", Name);
        users.MapGet("/{user_id}/chats", ListChatsAsync).WithName("PersonalMem_ListChats").WithSummary("List the chats of a user, the latest first, at most 1,000");
        users.MapGet("/{user_id}/memories", ListMemoriesAsync).WithName("PersonalMem_ListMemories").WithSummary("List what is known of a user");
        users.MapDelete("/{user_id}/memories", DeleteMemoriesAsync).WithName("PersonalMem_DeleteMemories").WithSummary("Delete all memories of a user")
            .WithDescription("With `opt_out=true` nothing is learned about the user from then on, until PUT /v1/memories/settings switches it on again.");
        users.MapGet("/{user_id}/context/{chat_id}", GetContextAsync).WithName("PersonalMem_GetContext").WithSummary("What an assistant should know in a chat");

        routes.MapFacade("/memories", Name).MapDelete("/{memory_id}", DeleteMemoryAsync).WithName("PersonalMem_DeleteMemory").WithSummary("Delete a memory");
    }

    private static async Task<Created<ChatResponse>> CreateChatAsync(NewChatRequest body, FacadeRequest request, CancellationToken cancellationToken)
        => TypedResults.Created((string?)null, ChatResponse.From(await request.Native.Conversations.CreateAsync(
            new NewConversation { UserId = body.UserId, Title = body.Title }, request.IdempotencyKey, cancellationToken)));

    private static async Task<Ok<List<ChatResponse>>> ListChatsAsync(
        [FromRoute(Name = "user_id")] string userSegment, FacadeRequest request, CancellationToken cancellationToken)
        => TypedResults.Ok(await request.Native.Conversations
            .ListAsync(new ConversationQuery { UserId = PathIds.Read(request.Http, Users, userSegment) }, cancellationToken)
            .Take(MostChats).Select(ChatResponse.From).ToListAsync(cancellationToken));

    private static async Task<Ok<List<ChatMessageResponse>>> ListMessagesAsync(
        [FromRoute(Name = "chat_id")] string chatSegment, FacadeRequest request, CancellationToken cancellationToken)
    {
        var messages = await request.Native.Conversations
            .ListMessagesNewestFirstAsync(PathIds.Read(request.Http, Chats, chatSegment), cancellationToken: cancellationToken)
            .Select(ChatMessageResponse.From).ToListAsync(cancellationToken);
        messages.Reverse();
        return TypedResults.Ok(messages);
    }

    private static async Task<Results<Created<UserMessageResponse>, ProblemHttpResult>> AddUserMessageAsync(
        UserMessageRequest body, FacadeRequest request, CancellationToken cancellationToken)
    {
        if (await FindChatAsync(request, body.ChatId!, body.UserId, cancellationToken) is null)
        {
            return Problems.NotFound.ToResult();
        }

        var extract = body.ExtractMemory ?? true;
        var (message, _) = await request.Native.Messages.StoreAsync(
            new NewMessage { ConversationId = body.ChatId!, UserId = body.UserId, Role = "user", Content = body.Message!, ExtractMemory = extract },
            extract ? StoreWait.Memories : StoreWait.None,
            request.IdempotencyKey,
            cancellationToken);
        var recent = extract
            ? (await request.Native.Memories.ListPageAsync(
                new MemoryQuery { Owner = new MemoryOwner { UserId = body.UserId }, Ordering = "-updated_at", PageSize = RecentMemories }, cancellationToken)).Memories
            : [];
        var context = await request.Native.Context.GetAsync(
            body.ChatId!, new ContextQuery { UserId = body.UserId, Query = body.Message }, cancellationToken);
        return TypedResults.Created((string?)null, new UserMessageResponse(
            ChatMessageResponse.From(message),
            [.. recent.Where(memory => memory.Sources.Any(source => source.MessageId == message.Id)).Select(PersonalMemory.From)],
            Describe(context)));
    }

    private static async Task<Results<Created<ChatMessageResponse>, ProblemHttpResult>> AddAssistantMessageAsync(
        AssistantMessageRequest body, FacadeRequest request, CancellationToken cancellationToken)
    {
        if (body.Response is null == body.Message is null)
        {
            return Problems.InvalidField("response", "Give either response or message.");
        }

        if (await FindChatAsync(request, body.ChatId!, body.UserId, cancellationToken) is not { } chat)
        {
            return Problems.NotFound.ToResult();
        }

        var (message, _) = await request.Native.Messages.StoreAsync(
            new NewMessage { ConversationId = body.ChatId!, UserId = chat.UserId, Role = "assistant", Content = (body.Response ?? body.Message)! },
            StoreWait.None,
            request.IdempotencyKey,
            cancellationToken);
        return TypedResults.Created((string?)null, ChatMessageResponse.From(message));
    }

    private static async Task<NoContent> DeleteChatAsync(
        [FromRoute(Name = "chat_id")] string chatSegment, FacadeRequest request, CancellationToken cancellationToken)
    {
        await request.Native.Conversations.DeleteAsync(
            PathIds.Read(request.Http, Chats, chatSegment), keepMemories: true, cancellationToken: cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<UserMemoriesResponse>> ListMemoriesAsync(
        [FromRoute(Name = "user_id")] string userSegment, FacadeRequest request, CancellationToken cancellationToken)
    {
        var userId = PathIds.Read(request.Http, Users, userSegment);
        var memories = await request.Native.Memories.ListAsync(new MemoryQuery { Owner = new MemoryOwner { UserId = userId } }, cancellationToken)
            .Select(PersonalMemory.From).ToListAsync(cancellationToken);
        return TypedResults.Ok(new UserMemoriesResponse(userId, memories, memories.Count));
    }

    private static async Task<Ok<DeletedMemoriesResponse>> DeleteMemoriesAsync(
        [FromRoute(Name = "user_id")] string userSegment, bool? opt_out, FacadeRequest request, CancellationToken cancellationToken)
    {
        var userId = PathIds.Read(request.Http, Users, userSegment);
        var deleted = await request.Native.Memories.DeleteAllAsync(new MemoryOwner { UserId = userId }, opt_out, cancellationToken);
        return TypedResults.Ok(new DeletedMemoriesResponse(deleted.Deleted, deleted.OptedOut));
    }

    private static async Task<NoContent> DeleteMemoryAsync(string memory_id, FacadeRequest request, CancellationToken cancellationToken)
    {
        await request.Native.Memories.DeleteAsync(memory_id, cancellationToken: cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<ChatContextResponse>> GetContextAsync(
        [FromRoute(Name = "user_id")] string userSegment,
        [FromRoute(Name = "chat_id")] string chatSegment,
        string? query,
        FacadeRequest request,
        CancellationToken cancellationToken)
    {
        var context = await request.Native.Context.GetAsync(
            PathIds.Read(request.Http, "/context/", chatSegment),
            new ContextQuery { UserId = PathIds.Read(request.Http, Users, userSegment), Query = query },
            cancellationToken);
        return TypedResults.Ok(new ChatContextResponse(
            [.. context.Messages.Select(message => new ChatTurn(message.Role, message.Content, message.CreatedAt))],
            [.. context.Memories.Select(memory => new ChatFact(memory.Id, memory.Text, memory.Category))],
            Describe(context)));
    }

    /// <summary>A chat that the user has; null when there is none. A chat is one user's: what another says does not belong into it.</summary>
    private static async Task<ConversationInfo?> FindChatAsync(FacadeRequest request, string chatId, string? userId, CancellationToken cancellationToken)
        => await request.Native.Conversations.GetAsync(chatId, cancellationToken: cancellationToken) is { } chat && (userId is null || chat.UserId == userId) ? chat : null;

    private static string Describe(ContextInfo context)
        => ContextHeading + (context.Memories.Count == 0
            ? NothingKnown
            : string.Join(' ', context.Memories.Select(memory => ".!?。！？".Contains(memory.Text[^1], StringComparison.Ordinal) ? memory.Text : memory.Text + ".")));
}
