using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Search.Features;
using MemoryMesh.Search.Filters;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Usage;
using MemoryMesh.ServiceDefaults.Filtering;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Search.Endpoints;

/// <summary>The public routes.</summary>
internal static class SearchEndpoints
{
    internal const int MaxTopK = 1_000;
    internal const int DefaultTopK = 10;
    internal const int MaxExpand = 5;

    private const string ModeDescription = "`hybrid` (default) searches by words and by meaning, `fulltext` by words alone, `semantic` by meaning alone.";

    private const string PresetDescription = "Weights for a purpose: `balanced` (default), `recent` favours what is new, `precise` what holds the words.";

    private const string WeightsDescription =
        "Weights that differ from the preset's, as `lexical:1,vector:0.5`; each 0 to 10. Names: lexical, vector, late_interaction, neighbours, participant, "
        + "session, time, answer_type, question, second_person, importance, recency.";

    private const string AsOfDescription = "The time that age, \"yesterday\" and \"last May\" are reckoned from, ISO 8601; now when missing.";

    private const string MetadataDescription =
        "Condition on the metadata, as path:operator:value, for example `project.name:eq:apollo` or `priority:gt:3`; may be repeated, then all must hold. "
        + "Operators: eq, ne, in (values separated by commas), contains, gt, gte, lt, lte, exists.";

    private const string FilterDescription =
        "Conditions on metadata and threads are checked when candidates are read: the best 8,000 of each way of searching at most. When that ended before "
        + "`top_k` messages were found, `truncated` is true, and a narrower search may find more.";

    private const string TimeDescription =
        "`view=superseded` finds earlier values too and `view=all` whatever ended, told apart by `state`; `as_of` finds what was true at a time, or with `basis=system` what was "
        + "held for true here then. What waits for review is never found.";

    internal static readonly IReadOnlyDictionary<string, string> Scopes = new OrderedDictionary<string, string>(StringComparer.Ordinal)
    {
        [MemoryScopes.User] = MemoryScopes.User,
        [MemoryScopes.Team] = MemoryScopes.Team,
        [MemoryScopes.Organization] = MemoryScopes.Organization,
    };

    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1").WithTags("Search");
        group.MapGet("/memory/search", SearchMessagesAsync).WithName("Search_Messages").WithSummary("Search messages")
            .WithDescription(
                "By words and by meaning over the messages of a tenant, with what is said around them, combined with importance and age. A member finds the messages of its own subject, an admin "
                + "or owner those of every subject, or of `user_id`. score = similarity x importance x decay; `explain=true` returns the parts. "
                + FilterDescription)
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(429).ProducesProblem(503);
        group.MapPost("/memory/search", SearchMessagesByBodyAsync).WithName("Search_MessagesByBody").WithSummary("Search messages with a tree of conditions")
            .WithDescription(
                "As GET, with a body, and with `filter`: conditions {field, op, value} joined by `and`, `or` and `not`, at most 50 and 8 levels deep. "
                + FilterDescription)
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(415).ProducesProblem(429).ProducesProblem(503);
        group.MapGet("/memories/search", SearchMemoriesAsync).WithName("Search_Memories").WithSummary("Search memories")
            .WithDescription(
                "By words and by meaning over the memories of a subject, of the teams the caller may read, and of the organization. "
                + "score = similarity x importance x decay; `explain=true` returns the parts. " + TimeDescription)
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(429).ProducesProblem(503);
        group.MapPost("/memories/search", SearchMemoriesByBodyAsync).WithName("Search_MemoriesByBody").WithSummary("Search memories with a tree of conditions")
            .WithDescription(
                "As GET, with a body, and with `filter`: conditions {field, op, value} on user_id, created_at, importance and metadata, joined by `and`, `or` and `not`, at most 50 "
                + "and 8 levels deep. " + TimeDescription)
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(415).ProducesProblem(429).ProducesProblem(503);
    }

    private static async Task<Results<Ok<MessageSearchResponse>, ProblemHttpResult>> SearchMessagesAsync(
        Caller caller,
        MessageSearchDoor door,
        [FromQuery(Name = "tenant_id"), Description("Id or slug of the tenant; the caller's own when missing.")] string? tenantId,
        [FromQuery(Name = "query"), Description("What to look for, 1 to 4,096 bytes.")] string? query,
        [FromQuery(Name = "top_k"), Description("Most results, 1 to 1,000. Default 10.")] string? topK,
        [FromQuery(Name = "user_id"), Description("Only messages of this subject.")] string? userId,
        [FromQuery(Name = "conversation_id"), Description("Only messages of this conversation.")] string? conversationId,
        [FromQuery(Name = "thread"), Description("Only messages of the thread that this message is in.")] string? thread,
        [FromQuery(Name = "role"), Description("Only these roles, separated by commas: user, assistant, system, tool.")] string? role,
        [FromQuery(Name = "from"), Description("Only messages of this time or later, ISO 8601; a date begins at midnight UTC.")] string? from,
        [FromQuery(Name = "to"), Description("Only messages of this time or earlier, ISO 8601; a date includes its whole day in UTC.")] string? to,
        [FromQuery(Name = "min_importance"), Description("Only messages of at least this importance, 0 to 1.")] string? minImportance,
        [FromQuery(Name = "metadata"), Description(MetadataDescription)] string[]? metadata,
        [FromQuery(Name = "explain"), Description("Whether the parts of each score are returned.")] string? explain,
        [FromQuery(Name = "mode"), Description(ModeDescription)] string? mode,
        [FromQuery(Name = "preset"), Description(PresetDescription)] string? preset,
        [FromQuery(Name = "weights"), Description(WeightsDescription)] string? weights,
        [FromQuery(Name = "as_of"), Description(AsOfDescription)] string? asOf,
        [FromQuery(Name = "min_score"), Description("Only results of at least this score.")] string? minScore,
        [FromQuery(Name = "cursor"), Description("The `next_cursor` of the page before, with the same query and filters; at most 1,000 results over all pages.")] string? cursor,
        [FromQuery(Name = "group_by"), Description("`conversation`: the results are told by conversation too, in `groups`.")] string? groupBy,
        [FromQuery(Name = "expand"), Description("How many messages before and after each result are returned with it, 0 to 5. Default 0.")] string? expand,
        [FromQuery(Name = "highlights"), Description("Whether the words that matched are marked.")] string? highlights,
        CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var parameters = new SearchParameters();
        var question = parameters.Query(query);
        var wanted = new MessageSearch(
            question,
            parameters.Int("top_k", topK, 1, MaxTopK, DefaultTopK),
            parameters.Text("user_id", userId),
            parameters.Text("conversation_id", conversationId),
            parameters.Id("thread", thread),
            parameters.Names("role", role, MessageRoleNames.All),
            Period(parameters, from, to),
            parameters.Fraction("min_importance", minImportance),
            FilterReader.ReadMetadata(metadata, "metadata", parameters.Refuse),
            parameters.Flag("explain", explain),
            parameters.Settings(mode, preset, SearchParameters.Weights(weights), asOf, parameters.Number("min_score", minScore)),
            parameters.View(cursor, question, groupBy, parameters.Int("expand", expand, 0, MaxExpand, 0), parameters.Flag("highlights", highlights)));
        return await AnswerAsync(caller, door, tenantId, wanted, parameters, started, cancellationToken);
    }

    private static async Task<Results<Ok<MessageSearchResponse>, ProblemHttpResult>> SearchMessagesByBodyAsync(
        MessageSearchRequest request, Caller caller, MessageSearchDoor door, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var parameters = new SearchParameters();
        var wanted = SearchReading.Read(request, parameters);
        return await AnswerAsync(caller, door, request.TenantId, wanted, parameters, started, cancellationToken);
    }

    private static async Task<Results<Ok<MessageSearchResponse>, ProblemHttpResult>> AnswerAsync(
        Caller caller,
        MessageSearchDoor door,
        string? tenantId,
        MessageSearch wanted,
        SearchParameters parameters,
        long started,
        CancellationToken cancellationToken)
    {
        if (parameters.Problem is { } invalid)
        {
            return invalid;
        }

        var (found, problem) = await door.SearchAsync(caller, tenantId, wanted, cancellationToken);
        return found is null ? problem! : TypedResults.Ok(MessageSearchResponse.From(wanted, found, TookMs(started)));
    }

    private static async Task<Results<Ok<MemorySearchResponse>, ProblemHttpResult>> SearchMemoriesAsync(
        Caller caller,
        MemorySearchDoor door,
        [FromQuery(Name = "tenant_id"), Description("Id or slug of the tenant; the caller's own when missing.")] string? tenantId,
        [FromQuery(Name = "query"), Description("What to look for, 1 to 4,096 bytes.")] string? query,
        [FromQuery(Name = "top_k"), Description("Most results, 1 to 1,000. Default 10.")] string? topK,
        [FromQuery(Name = "user_id"), Description("The subject whose memories are meant; the caller's own when missing.")] string? userId,
        [FromQuery(Name = "scope"), Description("Only these scopes, separated by commas: user, team, organization.")] string? scope,
        [FromQuery(Name = "category"), Description("Only these categories, separated by commas.")] string? category,
        [FromQuery(Name = "from"), Description("Only memories of this time or later, ISO 8601; a date begins at midnight UTC.")] string? from,
        [FromQuery(Name = "to"), Description("Only memories of this time or earlier, ISO 8601; a date includes its whole day in UTC.")] string? to,
        [FromQuery(Name = "min_importance"), Description("Only memories of at least this importance, 0 to 1.")] string? minImportance,
        [FromQuery(Name = "metadata"), Description(MetadataDescription)] string[]? metadata,
        [FromQuery(Name = "explain"), Description("Whether the parts of each score are returned.")] string? explain,
        [FromQuery(Name = "mode"), Description(ModeDescription)] string? mode,
        [FromQuery(Name = "preset"), Description(PresetDescription)] string? preset,
        [FromQuery(Name = "weights"), Description(WeightsDescription)] string? weights,
        [FromQuery(Name = "view"), Description("`current` (default), `superseded` or `all`; not with `as_of`.")] string? view,
        [FromQuery(Name = "as_of"), Description("How it was at this time, ISO 8601; age and \"yesterday\" are reckoned from it too.")] string? asOf,
        [FromQuery(Name = "basis"), Description("With `as_of`: `world` (default), what was true then as far as is known now; `system`, what was held for true here then.")] string? basis,
        [FromQuery(Name = "min_score"), Description("Only results of at least this score.")] string? minScore,
        [FromQuery(Name = "cursor"), Description("The `next_cursor` of the page before, with the same query and filters; at most 1,000 results over all pages.")] string? cursor,
        [FromQuery(Name = "highlights"), Description("Whether the words that matched are marked.")] string? highlights,
        CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var parameters = new SearchParameters();
        var question = parameters.Query(query);
        var wanted = new MemorySearch(
            question,
            parameters.Int("top_k", topK, 1, MaxTopK, DefaultTopK),
            parameters.Text("user_id", userId),
            parameters.Names("scope", scope, Scopes),
            parameters.List("category", category),
            Period(parameters, from, to),
            parameters.Fraction("min_importance", minImportance),
            FilterReader.ReadMetadata(metadata, "metadata", parameters.Refuse),
            parameters.Flag("explain", explain),
            parameters.Settings(mode, preset, SearchParameters.Weights(weights), asOf, parameters.Number("min_score", minScore)),
            parameters.MemoryTime(view, asOf, basis),
            parameters.View(cursor, question, null, 0, parameters.Flag("highlights", highlights)));
        return await AnswerAsync(caller, door, tenantId, wanted, parameters, started, cancellationToken);
    }

    private static async Task<Results<Ok<MemorySearchResponse>, ProblemHttpResult>> SearchMemoriesByBodyAsync(
        MemorySearchRequest request, Caller caller, MemorySearchDoor door, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var parameters = new SearchParameters();
        var wanted = SearchReading.Read(request, parameters);
        return await AnswerAsync(caller, door, request.TenantId, wanted, parameters, started, cancellationToken);
    }

    private static async Task<Results<Ok<MemorySearchResponse>, ProblemHttpResult>> AnswerAsync(
        Caller caller,
        MemorySearchDoor door,
        string? tenantId,
        MemorySearch wanted,
        SearchParameters parameters,
        long started,
        CancellationToken cancellationToken)
    {
        if (parameters.Problem is { } invalid)
        {
            return invalid;
        }

        var (found, problem) = await door.SearchAsync(caller, tenantId, wanted, cancellationToken);
        return found is null ? problem! : TypedResults.Ok(MemorySearchResponse.From(wanted, found, TookMs(started)));
    }

    internal static (DateTimeOffset? From, DateTimeOffset? To) Period(SearchParameters parameters, string? from, string? to)
    {
        var earliest = parameters.Time("from", from, endOfDay: false);
        var latest = parameters.Time("to", to, endOfDay: true);
        if (earliest > latest)
        {
            parameters.Refuse("to", "Must not be before `from`.");
        }

        return (earliest, latest);
    }

    internal static double TookMs(long started) => Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 2);
}
