using System.ComponentModel;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using MemoryMesh.ServiceDefaults.Analytics;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace MemoryMesh.Gateway.Analytics;

/// <summary>Counters of a tenant, for its admins and owners.</summary>
internal static class AnalyticsEndpoints
{
    private const string Csv = "text/csv";
    private const int DefaultConversations = 10;
    private const int MostConversations = 100;

    private const string From = "First date or moment, ISO 8601; in the time zone when it has no offset. It is taken back to the beginning of its interval.";
    private const string To = "Last date, which is included, or the moment at which the time ends. It is taken on to the end of its interval. Default now.";
    private const string Interval = "hour, day (default), week (from Monday) or month, of the time zone.";
    private const string Zone = "Time zone of the IANA database, for example Europe/Berlin. Default UTC.";
    private const string Format = "json or csv; the Accept header decides when it is missing.";
    private const string Tenant = "Id or slug of the tenant; the caller's own when missing.";

    public static void MapAnalytics(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/analytics").WithTags("Analytics")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(503);
        group.MapGet("/usage", UsageAsync).WithName("Gateway_Usage").WithSummary("Count what happened in a time, and what there is now")
            .WithDescription("Exact, from counters that are written with every change. Needs the role admin or owner, and the scope `admin` of an API key.")
            .Produces<UsageResponse>(200, "application/json", Csv).Produces(StatusCodes.Status304NotModified);
        group.MapGet("/trends", TrendsAsync).WithName("Gateway_Trends").WithSummary("Count what happened, interval by interval")
            .WithDescription("As usage, for each hour, day, week or month; at most 1,000 of them.")
            .Produces<TrendsResponse>(200, "application/json", Csv).Produces(StatusCodes.Status304NotModified);
        group.MapGet("/llm", LlmAsync).WithName("Gateway_LlmUsage").WithSummary("Count what the language model took, interval by interval")
            .WithDescription("Questions, tokens and cost of drawing memories and writing summaries; all zero where no model is configured.")
            .Produces<LlmUsageResponse>(200, "application/json", Csv).Produces(StatusCodes.Status304NotModified);
        group.MapGet("/top-conversations", TopConversationsAsync).WithName("Gateway_TopConversations")
            .WithSummary("List the conversations with the most messages or tokens of a time")
            .WithDescription("Counts messages that are there now. Of conversations with equally many, any may be left out.")
            .Produces<TopConversationsResponse>(200, "application/json", Csv).Produces(StatusCodes.Status304NotModified);
        group.MapGet("/embedding-stats", EmbeddingStatsAsync).WithName("Gateway_EmbeddingStats").WithSummary("Count how many items have their vectors")
            .WithDescription("With what could not be done and why, and how far another model is that is to take the place of the present one.")
            .Produces<EmbeddingStatsResponse>(200, "application/json", Csv).Produces(StatusCodes.Status304NotModified);
        group.MapPost("/embedding-stats/retry", RetryEmbeddingsAsync).WithName("Gateway_RetryEmbeddings")
            .WithSummary("Try the items again whose vectors were given up")
            .WithDescription("Needs the role admin or owner, and the scope `admin` of an API key.");
    }

    private static async Task<Results<Ok<RetriedEmbeddings>, ProblemHttpResult>> RetryEmbeddingsAsync(
        Caller caller,
        TenantGuard guard,
        ReadAnalytics analytics,
        [FromQuery(Name = "tenant_id"), Description(Tenant)] string? tenantId,
        CancellationToken cancellationToken)
    {
        var (access, refusal) = await guard.EnterAsync(caller, tenantId, Permission.Administer, cancellationToken);
        return access is null ? refusal! : TypedResults.Ok(await analytics.RetryEmbeddingsAsync(access.TenantId, cancellationToken));
    }

    private static Task<IResult> UsageAsync(
        Caller caller,
        AnalyticsDoor door,
        HttpContext http,
        [FromQuery(Name = "tenant_id"), Description(Tenant)] string? tenantId,
        [FromQuery, Description(From)] string? from,
        [FromQuery, Description(To)] string? to,
        [FromQuery, Description(Interval)] string? interval,
        [FromQuery, Description(Zone)] string? tz,
        [FromQuery, Description(Format)] string? format,
        CancellationToken cancellationToken)
        => door.AnswerAsync(
            caller,
            tenantId,
            (http, format),
            (from, to, interval, tz),
            async (tenant, period, analytics) => await analytics.UsageAsync(tenant, period, cancellationToken),
            usage =>
            {
                var table = new CsvTable([
                    "from", "to", .. UsageCounts.Columns, "current_messages", "current_conversations", "current_active_memories", "current_stored_memories",
                    "current_storage_bytes",
                ]);
                table.Add([
                    usage.From, usage.To, .. usage.Usage.Values, usage.Current.Messages, usage.Current.Conversations, usage.Current.ActiveMemories,
                    usage.Current.StoredMemories, usage.Current.StorageBytes,
                ]);
                return table;
            },
            cancellationToken);

    private static Task<IResult> TrendsAsync(
        Caller caller,
        AnalyticsDoor door,
        HttpContext http,
        [FromQuery(Name = "tenant_id"), Description(Tenant)] string? tenantId,
        [FromQuery, Description(From)] string? from,
        [FromQuery, Description(To)] string? to,
        [FromQuery, Description(Interval)] string? interval,
        [FromQuery, Description(Zone)] string? tz,
        [FromQuery, Description(Format)] string? format,
        CancellationToken cancellationToken)
        => door.AnswerAsync(
            caller,
            tenantId,
            (http, format),
            (from, to, interval, tz),
            async (tenant, period, analytics) => period.Divide() is { } boundaries
                ? await analytics.TrendsAsync(tenant, period, boundaries, cancellationToken)
                : null,
            trends =>
            {
                var table = new CsvTable(["start", "end", .. UsageCounts.Columns]);
                foreach (var point in trends.Points)
                {
                    table.Add([point.Start, point.End, .. point.Usage.Values]);
                }

                return table;
            },
            cancellationToken);

    private static Task<IResult> LlmAsync(
        Caller caller,
        AnalyticsDoor door,
        HttpContext http,
        [FromQuery(Name = "tenant_id"), Description(Tenant)] string? tenantId,
        [FromQuery, Description(From)] string? from,
        [FromQuery, Description(To)] string? to,
        [FromQuery, Description(Interval)] string? interval,
        [FromQuery, Description(Zone)] string? tz,
        [FromQuery, Description(Format)] string? format,
        CancellationToken cancellationToken)
        => door.AnswerAsync(
            caller,
            tenantId,
            (http, format),
            (from, to, interval, tz),
            async (tenant, period, analytics) => period.Divide() is { } boundaries ? await analytics.LlmAsync(tenant, period, boundaries, cancellationToken) : null,
            usage =>
            {
                var table = new CsvTable(["start", "end", "calls", "failed", "input_tokens", "output_tokens", "cost"]);
                foreach (var point in usage.Points)
                {
                    table.Add([point.Start, point.End, point.Calls, point.Failed, point.InputTokens, point.OutputTokens, point.Cost]);
                }

                return table;
            },
            cancellationToken);

    private static async Task<IResult> TopConversationsAsync(
        Caller caller,
        AnalyticsDoor door,
        HttpContext http,
        [FromQuery(Name = "tenant_id"), Description(Tenant)] string? tenantId,
        [FromQuery, Description(From)] string? from,
        [FromQuery, Description(To)] string? to,
        [FromQuery, Description(Interval)] string? interval,
        [FromQuery, Description(Zone)] string? tz,
        [FromQuery, Description("messages (default) or tokens.")] string? by,
        [FromQuery, Description("Most conversations, 1 to 100. Default 10.")] int? limit,
        [FromQuery, Description(Format)] string? format,
        CancellationToken cancellationToken)
    {
        if (by is not (null or "messages" or "tokens"))
        {
            return Problems.InvalidField("by", "Must be messages or tokens.");
        }

        if (limit is < 1 or > MostConversations)
        {
            return Problems.InvalidField("limit", $"Must be from 1 to {MostConversations}.");
        }

        return await door.AnswerAsync(
            caller,
            tenantId,
            (http, format),
            (from, to, interval, tz),
            async (tenant, period, analytics)
                => await analytics.TopConversationsAsync(tenant, period, by == "tokens", limit ?? DefaultConversations, cancellationToken),
            top =>
            {
                var table = new CsvTable("conversation_id", "user_id", "title", "messages", "tokens", "last_message_at");
                foreach (var item in top.Conversations)
                {
                    table.Add(item.ConversationId, item.UserId, item.Title, item.Messages, item.Tokens, item.LastMessageAt);
                }

                return table;
            },
            cancellationToken);
    }

    private static Task<IResult> EmbeddingStatsAsync(
        Caller caller,
        AnalyticsDoor door,
        HttpContext http,
        [FromQuery(Name = "tenant_id"), Description(Tenant)] string? tenantId,
        [FromQuery, Description(Format)] string? format,
        CancellationToken cancellationToken)
        => door.AnswerAsync(
            caller,
            tenantId,
            (http, format),
            default,
            async (tenant, _, analytics) => await analytics.EmbeddingStatsAsync(tenant, cancellationToken),
            stats =>
            {
                var table = new CsvTable("kind", "model", "dimensions", "indexed", "embedded", "pending", "failed");
                foreach (var kind in stats.Items)
                {
                    table.Add(kind.Kind, stats.Model, stats.Dimensions, kind.Indexed, kind.Embedded, kind.Pending, kind.Failed);
                }

                return table;
            },
            cancellationToken);
}

/// <summary>Lets admins and owners in, and answers in the format they want.</summary>
internal sealed class AnalyticsDoor(TenantGuard guard, ReadAnalytics analytics, IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json, TimeProvider clock)
{
    private const string Json = "application/json; charset=utf-8";
    private const string Csv = "text/csv; charset=utf-8";

    /// <summary>Answers a request.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="tenantId">For which tenant.</param>
    /// <param name="request">The request, and its parameter <c>format</c>.</param>
    /// <param name="time">Its parameters <c>from</c>, <c>to</c>, <c>interval</c> and <c>tz</c>.</param>
    /// <param name="readAsync">Reads the answer; null when the time has too many intervals.</param>
    /// <param name="toTable">The answer as a table.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public async Task<IResult> AnswerAsync<T>(
        Caller caller,
        string? tenantId,
        (HttpContext Http, string? Format) request,
        (string? From, string? To, string? Interval, string? Zone) time,
        Func<Guid, AnalyticsPeriod, ReadAnalytics, Task<T?>> readAsync,
        Func<T, CsvTable> toTable,
        CancellationToken cancellationToken)
        where T : class
    {
        if (request.Format is not (null or "json" or "csv"))
        {
            return Problems.InvalidField("format", "Must be json or csv.");
        }

        var (period, problem) = AnalyticsPeriod.Read(time.From, time.To, time.Interval, time.Zone, clock.GetUtcNow());
        if (period is null)
        {
            return problem!;
        }

        var (access, refusal) = await guard.EnterAsync(caller, tenantId, Permission.Administer, cancellationToken);
        if (access is null)
        {
            return refusal!;
        }

        if (await readAsync(access.TenantId, period, analytics) is not { } answer)
        {
            return AnalyticsPeriod.TooManyIntervals();
        }

        return WantsCsv(request.Http.Request, request.Format)
            ? Tagged(request.Http, toTable(answer).ToBytes(), Csv)
            : Tagged(request.Http, JsonSerializer.SerializeToUtf8Bytes(answer, json.Value.SerializerOptions), Json);
    }

    /// <summary>Whether the parameter, or without it the Accept header, asks for CSV before JSON.</summary>
    private static bool WantsCsv(HttpRequest request, string? format)
    {
        if (format is not null)
        {
            return format == "csv";
        }

        var accepted = request.GetTypedHeaders().Accept;
        double Quality(string type) => accepted.Where(item => item.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)).Select(item => item.Quality ?? 1).FirstOrDefault();
        return Quality("text/csv") is > 0 and var csv && csv > Quality("application/json");
    }

    /// <summary>An answer with a tag, so that a page which asks again is told when nothing has changed. Only the caller may keep it.</summary>
    private static IResult Tagged(HttpContext http, byte[] body, string contentType)
    {
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 12))}\"");
        var headers = http.Response.GetTypedHeaders();
        headers.ETag = tag;
        headers.CacheControl = new CacheControlHeaderValue { Private = true, NoCache = true };
        http.Response.Headers.Append(HeaderNames.Vary, "Accept, Authorization, x-api-key");
        return http.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Tag == "*" || known.Compare(tag, useStrongComparison: false))
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Bytes(body, contentType);
    }
}
