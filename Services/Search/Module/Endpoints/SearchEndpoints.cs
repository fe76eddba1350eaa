using System.ComponentModel;
using System.Diagnostics;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Search.Features;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;
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
    private const int MaxTopK = 1_000;
    private const int DefaultTopK = 10;

    private static readonly IReadOnlyDictionary<string, MessageRole> Roles = new OrderedDictionary<string, MessageRole>(StringComparer.Ordinal)
    {
        ["user"] = MessageRole.User,
        ["assistant"] = MessageRole.Assistant,
        ["system"] = MessageRole.System,
        ["tool"] = MessageRole.Tool,
    };

    private static readonly IReadOnlyDictionary<string, string> Scopes = new OrderedDictionary<string, string>(StringComparer.Ordinal)
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
                "Full text over the messages of a tenant, combined with importance and age. A member finds the messages of its own subject, an admin "
                + "or owner those of every subject, or of `user_id`. score = similarity x importance x decay; `explain=true` returns the parts.")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(429).ProducesProblem(503);
        group.MapGet("/memories/search", SearchMemoriesAsync).WithName("Search_Memories").WithSummary("Search memories")
            .WithDescription(
                "Full text over the memories of a subject, of the teams the caller may read, and of the organization. "
                + "score = similarity x importance x decay; `explain=true` returns the parts.")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(429).ProducesProblem(503);
    }

    private static async Task<Results<Ok<MessageSearchResponse>, ProblemHttpResult>> SearchMessagesAsync(
        Caller caller,
        TenantGuard guard,
        KeyedNames names,
        SearchMessages search,
        [FromQuery(Name = "tenant_id"), Description("Id or slug of the tenant; the caller's own when missing.")] string? tenantId,
        [FromQuery(Name = "query"), Description("What to look for, 1 to 4,096 bytes.")] string? query,
        [FromQuery(Name = "top_k"), Description("Most results, 1 to 1,000. Default 10.")] string? topK,
        [FromQuery(Name = "user_id"), Description("Only messages of this subject.")] string? userId,
        [FromQuery(Name = "conversation_id"), Description("Only messages of this conversation.")] string? conversationId,
        [FromQuery(Name = "role"), Description("Only these roles, separated by commas: user, assistant, system, tool.")] string? role,
        [FromQuery(Name = "from"), Description("Only messages of this time or later, ISO 8601; a date begins at midnight UTC.")] string? from,
        [FromQuery(Name = "to"), Description("Only messages of this time or earlier, ISO 8601; a date includes its whole day in UTC.")] string? to,
        [FromQuery(Name = "min_importance"), Description("Only messages of at least this importance, 0 to 1.")] string? minImportance,
        [FromQuery(Name = "explain"), Description("Whether the parts of each score are returned.")] string? explain,
        CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var parameters = new SearchParameters();
        var question = parameters.Query(query);
        var most = parameters.Int("top_k", topK, 1, MaxTopK, DefaultTopK);
        var subject = parameters.Text("user_id", userId);
        var conversation = parameters.Text("conversation_id", conversationId);
        var roles = parameters.Names("role", role, Roles);
        var (earliest, latest) = Period(parameters, from, to);
        var importance = parameters.Fraction("min_importance", minImportance);
        var parts = parameters.Flag("explain", explain);
        if (parameters.Problem is { } invalid)
        {
            return invalid;
        }

        var (access, problem) = await guard.EnterAsync(caller, tenantId, Permission.Read, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        IReadOnlyList<Guid>? owners = null;
        if (subject is not null || !access.ActsForEverySubject)
        {
            if (access.SubjectFor(subject) is not { } allowed)
            {
                return ServiceDefaults.Http.Problems.NotFound.ToResult();
            }

            owners = [names.SubjectKey(access.TenantId, allowed)];
        }

        var filter = new ItemFilter
        {
            TenantId = access.TenantId,
            Kind = ItemKind.Message,
            OwnerKeys = owners,
            ConversationKey = conversation is null ? null : names.ConversationKey(access.TenantId, conversation),
            Roles = roles,
            From = earliest,
            To = latest,
            MinImportance = importance,
        };
        var found = await search.HandleAsync(filter, question, most, RankingSettings.Default, cancellationToken);
        return TypedResults.Ok(new MessageSearchResponse(
            question, found.Count, TookMs(started), [.. found.Select(message => MessageResult.From(message, parts))]));
    }

    private static async Task<Results<Ok<MemorySearchResponse>, ProblemHttpResult>> SearchMemoriesAsync(
        Caller caller,
        TenantGuard guard,
        KeyedNames names,
        SearchMemories search,
        [FromQuery(Name = "tenant_id"), Description("Id or slug of the tenant; the caller's own when missing.")] string? tenantId,
        [FromQuery(Name = "query"), Description("What to look for, 1 to 4,096 bytes.")] string? query,
        [FromQuery(Name = "top_k"), Description("Most results, 1 to 1,000. Default 10.")] string? topK,
        [FromQuery(Name = "user_id"), Description("The subject whose memories are meant; the caller's own when missing.")] string? userId,
        [FromQuery(Name = "scope"), Description("Only these scopes, separated by commas: user, team, organization.")] string? scope,
        [FromQuery(Name = "category"), Description("Only this category.")] string? category,
        [FromQuery(Name = "from"), Description("Only memories of this time or later, ISO 8601; a date begins at midnight UTC.")] string? from,
        [FromQuery(Name = "to"), Description("Only memories of this time or earlier, ISO 8601; a date includes its whole day in UTC.")] string? to,
        [FromQuery(Name = "min_importance"), Description("Only memories of at least this importance, 0 to 1.")] string? minImportance,
        [FromQuery(Name = "explain"), Description("Whether the parts of each score are returned.")] string? explain,
        CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var parameters = new SearchParameters();
        var question = parameters.Query(query);
        var most = parameters.Int("top_k", topK, 1, MaxTopK, DefaultTopK);
        var subject = parameters.Text("user_id", userId);
        var scopes = parameters.Names("scope", scope, Scopes);
        var only = parameters.Text("category", category);
        var (earliest, latest) = Period(parameters, from, to);
        var importance = parameters.Fraction("min_importance", minImportance);
        var parts = parameters.Flag("explain", explain);
        if (parameters.Problem is { } invalid)
        {
            return invalid;
        }

        var (access, problem) = await guard.EnterAsync(caller, tenantId, Permission.Read, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        if (access.SubjectFor(subject) is not { } allowed)
        {
            return ServiceDefaults.Http.Problems.NotFound.ToResult();
        }

        var subjectKey = names.SubjectKey(access.TenantId, allowed);
        bool Wanted(string name) => scopes.Count == 0 || scopes.Contains(name);
        var filter = new ItemFilter
        {
            TenantId = access.TenantId,
            Kind = ItemKind.Memory,
            OwnerKeys =
            [
                .. Wanted(MemoryScopes.User) ? [subjectKey] : Array.Empty<Guid>(),
                .. Wanted(MemoryScopes.Team) ? access.ReadableTeams : [],
                .. Wanted(MemoryScopes.Organization) ? [access.TenantId] : Array.Empty<Guid>(),
            ],
            Categories = only is null ? [] : [only],
            From = earliest,
            To = latest,
            MinImportance = importance,
        };
        var found = await search.HandleAsync(filter, subjectKey, question, most, RankingSettings.Default, cancellationToken);
        return TypedResults.Ok(new MemorySearchResponse(
            question, found.Count, TookMs(started), [.. found.Select(memory => MemoryResult.From(memory, parts))]));
    }

    private static (DateTimeOffset? From, DateTimeOffset? To) Period(SearchParameters parameters, string? from, string? to)
    {
        var earliest = parameters.Time("from", from, endOfDay: false);
        var latest = parameters.Time("to", to, endOfDay: true);
        if (earliest > latest)
        {
            parameters.Refuse("to", "Must not be before `from`.");
        }

        return (earliest, latest);
    }

    private static double TookMs(long started) => Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 2);
}
