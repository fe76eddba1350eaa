using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Kept;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Search.Endpoints;

/// <summary>Messages and memories that an account marks, with a note.</summary>
internal static class BookmarkEndpoints
{
    private const string GetRoute = "Bookmarks_Get";
    private const string TenantDescription = "Id or slug of the tenant; the caller's own when missing.";

    private static readonly IReadOnlyDictionary<string, ItemKind> Kinds = new OrderedDictionary<string, ItemKind>(StringComparer.Ordinal)
    {
        ["message"] = ItemKind.Message,
        ["memory"] = ItemKind.Memory,
    };

    /// <summary>Maps the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/bookmarks").WithTags("Bookmarks").ValidateRequests()
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(429).ProducesProblem(503);
        group.MapPost("", AddAsync).WithName("Bookmarks_Add").WithSummary("Bookmark a message or a memory")
            .WithDescription(
                "For the account that sets it: nobody else sees it, admins neither. One that the caller may not read answers 404. An account has at most 10,000 in a tenant, "
                + "and one for each message or memory.")
            .WithExample("""{"message_id": "0199b4a2-7c1e-7a3f-8c55-2f6f0f6d9a10", "note": "Ask again in spring"}""")
            .ProducesProblem(409).ProducesProblem(415).ProducesProblem(422);
        group.MapGet("", ListAsync).WithName("Bookmarks_List").WithSummary("List bookmarks with what they mark, the newest first")
            .WithDescription("What was deleted meanwhile, or may not be read any more, is left out of its bookmark.");
        group.MapGet("/{id:guid}", GetAsync).WithName(GetRoute).WithSummary("Read a bookmark");
        group.MapDelete("/{id:guid}", DeleteAsync).WithName("Bookmarks_Delete").WithSummary("Delete a bookmark");
    }

    private static async Task<Results<CreatedAtRoute<BookmarkResponse>, ProblemHttpResult>> AddAsync(
        BookmarkRequest request, Caller caller, KeeperDoor door, IKeptStore store, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (access, keeper, problem) = await door.EnterToMarkAsync(caller, request.TenantId, Permission.Write, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        if (request.MessageId is null == request.MemoryId is null)
        {
            return Problems.InvalidField("message_id", "Exactly one of message_id and memory_id is needed.");
        }

        var now = KeptTime.Now(clock);
        var bookmark = new Bookmark(
            Guid.CreateVersion7(now), request.MessageId is null ? ItemKind.Memory : ItemKind.Message, (request.MessageId ?? request.MemoryId)!.Value, now, request.Note);
        var shown = await ShowAsync([bookmark], access, door, cancellationToken);
        if (shown[0] is { Message: null, Memory: null })
        {
            return Problems.NotFound.ToResult();
        }

        return await store.AddAsync(keeper, bookmark, cancellationToken) switch
        {
            KeepOutcome.Done => TypedResults.CreatedAtRoute(shown[0], GetRoute, new RouteValueDictionary { ["id"] = bookmark.Id }),
            KeepOutcome.Taken => Problems.Conflict.ToResult(),
            _ => Problems.UnprocessableField("message_id", $"An account has at most {IKeptStore.MostBookmarks} bookmarks in a tenant: delete one first."),
        };
    }

    private static async Task<Results<Ok<BookmarkPage>, ProblemHttpResult>> ListAsync(
        Caller caller,
        KeeperDoor door,
        IKeptStore store,
        [FromQuery(Name = "tenant_id"), Description(TenantDescription)] string? tenantId,
        [FromQuery(Name = "kind"), Description("Only these: `message` or `memory`.")] string? kind,
        [FromQuery(Name = "limit"), Description("Most items, 1 to 200. Default 50.")] string? limit,
        [FromQuery(Name = "cursor"), Description("The `next_cursor` of the page before.")] string? cursor,
        CancellationToken cancellationToken)
    {
        var parameters = new SearchParameters();
        var most = parameters.Int("limit", limit, 1, KeptPages.MostItems, KeptPages.Items);
        var before = parameters.Id("cursor", cursor);
        var kinds = parameters.Names("kind", kind, Kinds);
        if (parameters.Problem is { } invalid)
        {
            return invalid;
        }

        var (access, keeper, problem) = await door.EnterToMarkAsync(caller, tenantId, Permission.Read, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var found = await store.ListBookmarksAsync(keeper, kinds.Count == 1 ? kinds[0] : null, before, most + 1, cancellationToken);
        return TypedResults.Ok(new BookmarkPage(
            await ShowAsync([.. found.Take(most)], access, door, cancellationToken), KeptPages.Next(found.Count > most, () => found[most - 1].Id)));
    }

    private static async Task<Results<Ok<BookmarkResponse>, ProblemHttpResult>> GetAsync(
        Guid id,
        Caller caller,
        KeeperDoor door,
        IKeptStore store,
        [FromQuery(Name = "tenant_id"), Description(TenantDescription)] string? tenantId,
        CancellationToken cancellationToken)
    {
        var (access, keeper, problem) = await door.EnterToMarkAsync(caller, tenantId, Permission.Read, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        return await store.FindBookmarkAsync(keeper, id, cancellationToken) is { } bookmark
            ? TypedResults.Ok((await ShowAsync([bookmark], access, door, cancellationToken))[0])
            : Problems.NotFound.ToResult();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        Guid id,
        Caller caller,
        KeeperDoor door,
        IKeptStore store,
        [FromQuery(Name = "tenant_id"), Description(TenantDescription)] string? tenantId,
        CancellationToken cancellationToken)
    {
        var (keeper, problem) = await door.EnterAsync(caller, tenantId, Permission.Write, cancellationToken);
        if (keeper is null)
        {
            return problem!;
        }

        return await store.DeleteBookmarkAsync(keeper.Value, id, cancellationToken) ? TypedResults.NoContent() : Problems.NotFound.ToResult();
    }

    private static async Task<IReadOnlyList<BookmarkResponse>> ShowAsync(
        IReadOnlyList<Bookmark> bookmarks, TenantAccess access, KeeperDoor door, CancellationToken cancellationToken)
    {
        IReadOnlyList<Guid> Ids(ItemKind kind) => [.. bookmarks.Where(bookmark => bookmark.Kind == kind).Select(bookmark => bookmark.ItemId)];
        var messages = await door.FindMessagesAsync(access, Ids(ItemKind.Message), cancellationToken);
        var memories = await door.FindMemoriesAsync(access, Ids(ItemKind.Memory), cancellationToken);
        return [.. bookmarks.Select(bookmark => BookmarkResponse.From(bookmark, messages.GetValueOrDefault(bookmark.ItemId), memories.GetValueOrDefault(bookmark.ItemId)))];
    }
}

/// <summary>What to mark. Exactly one of <c>message_id</c> and <c>memory_id</c> is given.</summary>
internal sealed record BookmarkRequest
{
    /// <summary>Id or slug of the tenant; the caller's own when absent.</summary>
    public string? TenantId { get; init; }

    /// <summary>The message.</summary>
    public Guid? MessageId { get; init; }

    /// <summary>The memory.</summary>
    public Guid? MemoryId { get; init; }

    /// <summary>A note, 1 to 2,000 bytes.</summary>
    [PlainText(2_000, AllowControl = true)]
    public string? Note { get; init; }
}

/// <summary>A bookmark with what it marks.</summary>
/// <param name="Id">The bookmark.</param>
/// <param name="MessageId">The message; absent when a memory is marked.</param>
/// <param name="MemoryId">The memory; absent when a message is marked.</param>
/// <param name="Note">The note; absent when there is none.</param>
/// <param name="CreatedAt">When it was set.</param>
/// <param name="Message">The message as it is now; absent when it is gone or may not be read any more.</param>
/// <param name="Memory">The memory as it is now; absent when it is gone or may not be read any more.</param>
internal sealed record BookmarkResponse(
    Guid Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? MessageId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? MemoryId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Note,
    DateTimeOffset CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] MessageContent? Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] MemoryContent? Memory)
{
    public static BookmarkResponse From(Bookmark bookmark, ChatMessage? message, MemoryItem? memory)
        => new(
            bookmark.Id,
            bookmark.Kind == ItemKind.Message ? bookmark.ItemId : null,
            bookmark.Kind == ItemKind.Memory ? bookmark.ItemId : null,
            bookmark.Note,
            bookmark.CreatedAt,
            message is null ? null : MessageContent.From(message),
            memory is null ? null : MemoryContent.From(memory));
}

/// <summary>A page of bookmarks.</summary>
/// <param name="Items">The newest first.</param>
/// <param name="NextCursor">Where the next page begins; absent on the last one.</param>
internal sealed record BookmarkPage(
    IReadOnlyList<BookmarkResponse> Items,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextCursor);
