using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Text.Json.Serialization;
using MemoryMesh.Search.Filters;
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

/// <summary>Searches that an account keeps under a name, to run them again.</summary>
internal static class SavedSearchEndpoints
{
    private const string GetRoute = "Searches_Get";
    private const string TenantDescription = "Id or slug of the tenant; the caller's own when missing.";
    private const string Example = """{"name": "Holiday plans", "messages": {"query": "holiday plans", "top_k": 5, "role": ["user"]}}""";

    /// <summary>Maps the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/searches").WithTags("Saved searches").ValidateRequests()
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(429).ProducesProblem(503);
        group.MapPost("", AddAsync).WithName("Searches_Save").WithSummary("Save a search")
            .WithDescription(
                "The parameters of a search for `messages` or for `memories` under a name, for the account that saves it: nobody else sees it, admins neither. "
                + "An account has at most 500 in a tenant, each with a name of its own.")
            .WithExample(Example).ProducesProblem(409).ProducesProblem(415).ProducesProblem(422);
        group.MapGet("", ListAsync).WithName("Searches_List").WithSummary("List saved searches, the newest first");
        group.MapGet("/{id:guid}", GetAsync).WithName(GetRoute).WithSummary("Read a saved search");
        group.MapPut("/{id:guid}", ReplaceAsync).WithName("Searches_Replace").WithSummary("Replace a saved search")
            .WithDescription("With If-Match, only the version that it names.").WithExample(Example)
            .ProducesProblem(409).ProducesProblem(412).ProducesProblem(415);
        group.MapDelete("/{id:guid}", DeleteAsync).WithName("Searches_Delete").WithSummary("Delete a saved search").ProducesProblem(412);
        group.MapPost("/{id:guid}/run", RunAsync).WithName("Searches_Run").WithSummary("Run a saved search")
            .WithDescription("Answers what the search finds now, as the search itself would answer it.");
    }

    private static async Task<Results<CreatedAtRoute<SavedSearchResponse>, ProblemHttpResult>> AddAsync(
        SavedSearchRequest request, Caller caller, KeeperDoor door, IKeptStore store, TimeProvider clock, HttpContext http, CancellationToken cancellationToken)
    {
        var (keeper, problem) = await door.EnterAsync(caller, request.TenantId, Permission.Write, cancellationToken);
        if (keeper is null)
        {
            return problem!;
        }

        if (Check(request) is { } refused)
        {
            return refused;
        }

        var now = KeptTime.Now(clock);
        var search = new SavedSearch(Guid.CreateVersion7(now), 1, now, now, request.ToContent());
        var outcome = await store.AddAsync(keeper.Value, search, cancellationToken);
        if (outcome != KeepOutcome.Done)
        {
            return Refusal(outcome);
        }

        http.Response.Headers.ETag = EntityTags.Of(search.Version);
        return TypedResults.CreatedAtRoute(SavedSearchResponse.From(search), GetRoute, new RouteValueDictionary { ["id"] = search.Id });
    }

    private static async Task<Results<Ok<SavedSearchPage>, ProblemHttpResult>> ListAsync(
        Caller caller,
        KeeperDoor door,
        IKeptStore store,
        [FromQuery(Name = "tenant_id"), Description(TenantDescription)] string? tenantId,
        [FromQuery(Name = "limit"), Description("Most items, 1 to 200. Default 50.")] string? limit,
        [FromQuery(Name = "cursor"), Description("The `next_cursor` of the page before.")] string? cursor,
        CancellationToken cancellationToken)
    {
        var parameters = new SearchParameters();
        var most = parameters.Int("limit", limit, 1, KeptPages.MostItems, KeptPages.Items);
        var before = parameters.Id("cursor", cursor);
        if (parameters.Problem is { } invalid)
        {
            return invalid;
        }

        var (keeper, problem) = await door.EnterAsync(caller, tenantId, Permission.Read, cancellationToken);
        if (keeper is null)
        {
            return problem!;
        }

        var found = await store.ListSearchesAsync(keeper.Value, before, most + 1, cancellationToken);
        return TypedResults.Ok(new SavedSearchPage([.. found.Take(most).Select(SavedSearchResponse.From)], KeptPages.Next(found.Count > most, () => found[most - 1].Id)));
    }

    private static async Task<Results<Ok<SavedSearchResponse>, ProblemHttpResult>> GetAsync(
        Guid id,
        Caller caller,
        KeeperDoor door,
        IKeptStore store,
        HttpContext http,
        [FromQuery(Name = "tenant_id"), Description(TenantDescription)] string? tenantId,
        CancellationToken cancellationToken)
    {
        var (keeper, problem) = await door.EnterAsync(caller, tenantId, Permission.Read, cancellationToken);
        if (keeper is null)
        {
            return problem!;
        }

        if (await store.FindSearchAsync(keeper.Value, id, cancellationToken) is not { } search)
        {
            return Problems.NotFound.ToResult();
        }

        http.Response.Headers.ETag = EntityTags.Of(search.Version);
        return TypedResults.Ok(SavedSearchResponse.From(search));
    }

    private static async Task<Results<Ok<SavedSearchResponse>, ProblemHttpResult>> ReplaceAsync(
        Guid id, SavedSearchRequest request, Caller caller, KeeperDoor door, IKeptStore store, HttpContext http, CancellationToken cancellationToken)
    {
        var (keeper, problem) = await door.EnterAsync(caller, request.TenantId, Permission.Write, cancellationToken);
        if (keeper is null)
        {
            return problem!;
        }

        if (Check(request) is { } refused)
        {
            return refused;
        }

        var (outcome, saved) = await store.ReplaceAsync(keeper.Value, id, request.ToContent(), EntityTags.ReadIfMatch(http.Request), cancellationToken);
        if (saved is null)
        {
            return Refusal(outcome);
        }

        http.Response.Headers.ETag = EntityTags.Of(saved.Version);
        return TypedResults.Ok(SavedSearchResponse.From(saved));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        Guid id,
        Caller caller,
        KeeperDoor door,
        IKeptStore store,
        HttpContext http,
        [FromQuery(Name = "tenant_id"), Description(TenantDescription)] string? tenantId,
        CancellationToken cancellationToken)
    {
        var (keeper, problem) = await door.EnterAsync(caller, tenantId, Permission.Write, cancellationToken);
        if (keeper is null)
        {
            return problem!;
        }

        var outcome = await store.DeleteSearchAsync(keeper.Value, id, EntityTags.ReadIfMatch(http.Request), cancellationToken);
        return outcome == KeepOutcome.Done ? TypedResults.NoContent() : Refusal(outcome);
    }

    private static async Task<Results<Ok<SavedSearchAnswer>, ProblemHttpResult>> RunAsync(
        Guid id,
        Caller caller,
        KeeperDoor door,
        IKeptStore store,
        MessageSearchDoor messages,
        MemorySearchDoor memories,
        [FromQuery(Name = "tenant_id"), Description(TenantDescription)] string? tenantId,
        [FromQuery(Name = "cursor"), Description("The `next_cursor` of the page before.")] string? cursor,
        CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var (keeper, problem) = await door.EnterAsync(caller, tenantId, Permission.Read, cancellationToken);
        if (keeper is null)
        {
            return problem!;
        }

        if (await store.FindSearchAsync(keeper.Value, id, cancellationToken) is not { } search)
        {
            return Problems.NotFound.ToResult();
        }

        var parameters = new SearchParameters();
        var tenant = keeper.Value.TenantId.ToString("D");
        if (search.Content.Messages is { } forMessages)
        {
            var wanted = SearchReading.Read(forMessages with { Cursor = cursor }, parameters);
            if (parameters.Problem is { } invalid)
            {
                return invalid;
            }

            (var found, problem) = await messages.SearchAsync(caller, tenant, wanted, cancellationToken);
            return found is null
                ? problem!
                : TypedResults.Ok(new SavedSearchAnswer(search.Id, search.Content.Name, MessageSearchResponse.From(wanted, found, SearchEndpoints.TookMs(started)), null));
        }
        else
        {
            var wanted = SearchReading.Read(search.Content.Memories! with { Cursor = cursor }, parameters);
            if (parameters.Problem is { } invalid)
            {
                return invalid;
            }

            (var found, problem) = await memories.SearchAsync(caller, tenant, wanted, cancellationToken);
            return found is null
                ? problem!
                : TypedResults.Ok(new SavedSearchAnswer(search.Id, search.Content.Name, null, MemorySearchResponse.From(wanted, found, SearchEndpoints.TookMs(started))));
        }
    }

    /// <summary>What is wrong with a search to save: it is read as if it were run.</summary>
    private static ProblemHttpResult? Check(SavedSearchRequest request)
    {
        if (request.Messages is null == request.Memories is null)
        {
            return Problems.InvalidField("messages", "Exactly one of messages and memories is needed.");
        }

        var (parameters, kind) = (new SearchParameters(), request.Messages is null ? "memories" : "messages");
        if (request.Messages is { } messages)
        {
            SearchReading.Read(messages with { Cursor = null }, parameters);
        }
        else
        {
            SearchReading.Read(request.Memories! with { Cursor = null }, parameters);
        }

        if ((request.Messages?.Cursor ?? request.Memories?.Cursor) is not null)
        {
            parameters.Refuse("cursor", "Is given when the search is run.");
        }

        if ((request.Messages?.TenantId ?? request.Memories?.TenantId) is not null)
        {
            parameters.Refuse("tenant_id", "Is that of the saved search.");
        }

        return parameters.Errors.Count == 0 ? null : Problems.InvalidFields(parameters.Errors.ToDictionary(error => $"{kind}.{error.Key}", error => error.Value));
    }

    private static ProblemHttpResult Refusal(KeepOutcome outcome) => outcome switch
    {
        KeepOutcome.NotFound => Problems.NotFound.ToResult(),
        KeepOutcome.Changed => Problems.PreconditionFailed.ToResult(),
        KeepOutcome.Taken => Problems.Conflict.ToResult(),
        _ => Problems.UnprocessableField("name", $"An account saves at most {IKeptStore.MostSearches} searches in a tenant: delete one first."),
    };
}

/// <summary>Pages of what is kept.</summary>
internal static class KeptPages
{
    /// <summary>Most items of a page.</summary>
    public const int MostItems = 200;

    /// <summary>Items of a page when the request does not say.</summary>
    public const int Items = 50;

    /// <summary>The cursor of the next page, or null.</summary>
    public static string? Next(bool hasMore, Func<Guid> last) => hasMore ? last().ToString("D") : null;
}

/// <summary>A search to save. Exactly one of <c>messages</c> and <c>memories</c> is given.</summary>
internal sealed record SavedSearchRequest
{
    /// <summary>Id or slug of the tenant; the caller's own when absent.</summary>
    public string? TenantId { get; init; }

    /// <summary>Its name, 1 to 200 bytes; another search of the account in the tenant must not have it.</summary>
    [Required]
    [PlainText(200)]
    public string? Name { get; init; }

    /// <summary>A search for messages, with the fields of <c>POST /v1/memory/search</c> but <c>tenant_id</c> and <c>cursor</c>.</summary>
    public MessageSearchRequest? Messages { get; init; }

    /// <summary>A search for memories, with the parameters of <c>GET /v1/memories/search</c> but <c>tenant_id</c>.</summary>
    public MemorySearchRequest? Memories { get; init; }

    public SavedSearchContent ToContent() => new(Name!, Messages, Memories);
}

/// <summary>A saved search.</summary>
/// <param name="Id">The search.</param>
/// <param name="Name">Its name.</param>
/// <param name="Messages">A search for messages; absent when it is for memories.</param>
/// <param name="Memories">A search for memories; absent when it is for messages.</param>
/// <param name="CreatedAt">When it was saved.</param>
/// <param name="UpdatedAt">When it was last replaced.</param>
/// <param name="Version">1 for a new one.</param>
internal sealed record SavedSearchResponse(
    Guid Id,
    string Name,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] MessageSearchRequest? Messages,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] MemorySearchRequest? Memories,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    int Version)
{
    public static SavedSearchResponse From(SavedSearch search)
        => new(search.Id, search.Content.Name, search.Content.Messages, search.Content.Memories, search.CreatedAt, search.UpdatedAt, search.Version);
}

/// <summary>A page of saved searches.</summary>
/// <param name="Items">The newest first.</param>
/// <param name="NextCursor">Where the next page begins; absent on the last one.</param>
internal sealed record SavedSearchPage(
    IReadOnlyList<SavedSearchResponse> Items,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextCursor);

/// <summary>What a saved search finds.</summary>
/// <param name="Id">The search.</param>
/// <param name="Name">Its name.</param>
/// <param name="Messages">The answer to a search for messages.</param>
/// <param name="Memories">The answer to a search for memories.</param>
internal sealed record SavedSearchAnswer(
    Guid Id,
    string Name,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] MessageSearchResponse? Messages,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] MemorySearchResponse? Memories);
