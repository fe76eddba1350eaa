using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Text.Json.Serialization;
using MemoryMesh.Search.Filters;
using MemoryMesh.Search.Ranking;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Search.Endpoints;

/// <summary>Several searches in one request. The questions are embedded together; each has its own answer or its own error.</summary>
internal static class BatchEndpoints
{
    /// <summary>Most queries of a request.</summary>
    public const int MostQueries = 50;

    /// <summary>Most results that the queries of a request may ask for together: what one request costs is bounded.</summary>
    public const int MostResults = 2_000;

    private const string Description =
        "1 to 50 queries, each with the fields of a single search; `top_k` of all together at most 2,000. `results` has one entry for each query, in their order: its "
        + "`answer`, or the `problem` that a single search would have answered with. The questions are embedded together.";

    private const string MessagesExample = """{"queries": [{"query": "holiday plans", "top_k": 5}, {"query": "allergies", "role": ["user"]}]}""";
    private const string MemoriesExample = """{"queries": [{"query": "favourite food", "top_k": 5}, {"query": "where do I live", "scope": ["user"]}]}""";

    /// <summary>Maps the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1").WithTags("Search").ValidateRequests();
        group.MapPost("/memory/search/batch", SearchMessagesAsync).WithName("Search_MessagesBatch").WithSummary("Search messages with up to 50 queries")
            .WithDescription(Description).WithExample(MessagesExample)
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(415).ProducesProblem(429).ProducesProblem(503);
        group.MapPost("/memories/search/batch", SearchMemoriesAsync).WithName("Search_MemoriesBatch").WithSummary("Search memories with up to 50 queries")
            .WithDescription(Description).WithExample(MemoriesExample)
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(415).ProducesProblem(429).ProducesProblem(503);
    }

    private static async Task<Results<Ok<MessageBatchResponse>, ProblemHttpResult>> SearchMessagesAsync(
        MessageBatchRequest request, Caller caller, MessageSearchDoor door, IItemRanking ranking, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var read = Read(request.Queries!, SearchReading.Read);
        if (TooMuch(read.Select(query => query.Wanted?.TopK)) is { } refused)
        {
            return refused;
        }

        await ranking.PrepareAsync(read.Where(query => query.Wanted is { Settings.Mode: not SearchMode.FullText }).Select(query => query.Wanted!.Query), cancellationToken);
        var results = new List<MessageBatchResult>(read.Count);
        foreach (var (index, (wanted, problem)) in read.Index())
        {
            var began = Stopwatch.GetTimestamp();
            var (found, denied) = wanted is null ? (null, problem) : await door.SearchAsync(caller, request.Queries![index]!.TenantId, wanted, cancellationToken);
            results.Add(new(index, found is null ? null : MessageSearchResponse.From(wanted!, found, SearchEndpoints.TookMs(began)), BatchProblem.Of(denied)));
        }

        return TypedResults.Ok(new MessageBatchResponse(SearchEndpoints.TookMs(started), results));
    }

    private static async Task<Results<Ok<MemoryBatchResponse>, ProblemHttpResult>> SearchMemoriesAsync(
        MemoryBatchRequest request, Caller caller, MemorySearchDoor door, IItemRanking ranking, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var read = Read(request.Queries!, SearchReading.Read);
        if (TooMuch(read.Select(query => query.Wanted?.TopK)) is { } refused)
        {
            return refused;
        }

        await ranking.PrepareAsync(read.Where(query => query.Wanted is { Settings.Mode: not SearchMode.FullText }).Select(query => query.Wanted!.Query), cancellationToken);
        var results = new List<MemoryBatchResult>(read.Count);
        foreach (var (index, (wanted, problem)) in read.Index())
        {
            var began = Stopwatch.GetTimestamp();
            var (found, denied) = wanted is null ? (null, problem) : await door.SearchAsync(caller, request.Queries![index]!.TenantId, wanted, cancellationToken);
            results.Add(new(index, found is null ? null : MemorySearchResponse.From(wanted!, found, SearchEndpoints.TookMs(began)), BatchProblem.Of(denied)));
        }

        return TypedResults.Ok(new MemoryBatchResponse(SearchEndpoints.TookMs(started), results));
    }

    private static List<(TSearch? Wanted, ProblemHttpResult? Problem)> Read<TRequest, TSearch>(
        IReadOnlyList<TRequest?> queries, Func<TRequest, SearchParameters, TSearch> read)
        where TRequest : class
        where TSearch : class
        => [.. queries.Select(query =>
        {
            var parameters = new SearchParameters();
            if (query is null)
            {
                parameters.Query(null);
                return (null, parameters.Problem);
            }

            var wanted = read(query, parameters);
            return parameters.Problem is { } problem ? (null, problem) : ((TSearch?)wanted, (ProblemHttpResult?)null);
        })];

    private static ProblemHttpResult? TooMuch(IEnumerable<int?> topK)
        => topK.Sum() > MostResults ? Problems.InvalidField("queries", $"The top_k of all queries may be {MostResults} together.") : null;
}

/// <summary>Searches for messages.</summary>
internal sealed record MessageBatchRequest
{
    /// <summary>1 to 50 searches.</summary>
    [Required]
    [Length(1, BatchEndpoints.MostQueries, ErrorMessage = "Must hold 1 to 50 queries.")]
    public IReadOnlyList<MessageSearchRequest?>? Queries { get; init; }
}

/// <summary>Searches for memories.</summary>
internal sealed record MemoryBatchRequest
{
    /// <summary>1 to 50 searches.</summary>
    [Required]
    [Length(1, BatchEndpoints.MostQueries, ErrorMessage = "Must hold 1 to 50 queries.")]
    public IReadOnlyList<MemorySearchRequest?>? Queries { get; init; }
}

/// <summary>Answers to searches for messages.</summary>
/// <param name="TookMs">How long all took, in milliseconds.</param>
/// <param name="Results">One for each query, in their order.</param>
internal sealed record MessageBatchResponse(double TookMs, IReadOnlyList<MessageBatchResult> Results);

/// <summary>What became of one query.</summary>
/// <param name="Index">The query's place, from 0.</param>
/// <param name="Answer">What a single search answers; absent when it was refused.</param>
/// <param name="Problem">Why it was refused; absent when it was answered.</param>
internal sealed record MessageBatchResult(
    int Index,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] MessageSearchResponse? Answer,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] BatchProblem? Problem);

/// <summary>Answers to searches for memories.</summary>
/// <param name="TookMs">How long all took, in milliseconds.</param>
/// <param name="Results">One for each query, in their order.</param>
internal sealed record MemoryBatchResponse(double TookMs, IReadOnlyList<MemoryBatchResult> Results);

/// <summary>What became of one query.</summary>
/// <param name="Index">The query's place, from 0.</param>
/// <param name="Answer">What a single search answers; absent when it was refused.</param>
/// <param name="Problem">Why it was refused; absent when it was answered.</param>
internal sealed record MemoryBatchResult(
    int Index,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] MemorySearchResponse? Answer,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] BatchProblem? Problem);

/// <summary>The problem of one query of several.</summary>
/// <param name="Type">Stable type of the problem.</param>
/// <param name="Title">What kind of problem it is.</param>
/// <param name="Status">The status a single search would have answered with.</param>
/// <param name="Detail">What to do about it.</param>
/// <param name="Errors">What is wrong, by field; absent when no field is to blame.</param>
internal sealed record BatchProblem(
    string? Type,
    string? Title,
    int Status,
    string? Detail,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string[]>? Errors)
{
    public static BatchProblem? Of(ProblemHttpResult? problem)
        => problem is null
            ? null
            : new(
                problem.ProblemDetails.Type,
                problem.ProblemDetails.Title,
                problem.StatusCode,
                problem.ProblemDetails.Detail,
                (problem.ProblemDetails as HttpValidationProblemDetails)?.Errors.ToDictionary());
}
