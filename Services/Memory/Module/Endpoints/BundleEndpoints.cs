using MemoryMesh.Memory.Context;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Memory.Endpoints;

/// <summary>The routes that hand an assistant everything it should know, by parts.</summary>
internal static class BundleEndpoints
{
    private const int DefaultTokens = 2_000;

    private const string Description =
        "Core blocks, how the subject wants to be answered, who it is, the memories that answer, what earlier messages were about, and the newest messages: as lists with ids and scores, and as "
        + "one text that never takes more than `max_tokens` (counted by `Memory:CharactersPerToken`). What people wrote stands in the text as data: one line an item, quoted or escaped. "
        + "The budget is split 15 % blocks, 5 % style, 10 % profile, 30 % memories, 10 % summary, 30 % messages; `budget` splits it otherwise, and what a part leaves over goes to the others.";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/context").WithTags("Context").ValidateRequests()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/", GetAsync).WithName("Memory_GetContextBundle").WithSummary("What an assistant should know before it answers").WithDescription(Description);
        group.MapPost("/", PostAsync).WithName("Memory_AssembleContext").WithSummary("What an assistant should know before it answers, asked for with a body").WithDescription(Description)
            .WithExample("""{"conversation_id": "user-123", "query": "Where shall we eat?", "max_tokens": 1500, "format": "xml", "budget": {"memories": 0.5}}""");
    }

    private static Task<Results<Ok<ContextBundleResponse>, ProblemHttpResult>> GetAsync(
        [AsParameters] ContextParameters parameters, Caller caller, TenantGuard guard, MemoryRights rights, AssembleBundle assemble, CancellationToken cancellationToken)
    {
        var shares = parameters.Budget is null ? [] : ContextSplit.Parse(parameters.Budget);
        var request = new ContextRequest
        {
            TenantId = parameters.TenantId,
            ConversationId = parameters.ConversationId,
            UserId = parameters.UserId,
            TeamId = parameters.TeamId,
            Query = parameters.Query,
            MaxTokens = parameters.MaxTokens,
            MaxMessages = parameters.MaxMessages,
            Format = parameters.Format,
            Sections = parameters.Sections?.Split(',', StringSplitOptions.TrimEntries),
        };
        var errors = new Dictionary<string, string[]>(RequestValidation.Check(request));
        if (shares is null)
        {
            errors["budget"] = [$"Must be like memories:0.5,messages:0.3, of {string.Join(", ", ContextSplit.Names.Keys)}."];
        }

        return errors.Count > 0
            ? Task.FromResult<Results<Ok<ContextBundleResponse>, ProblemHttpResult>>(Problems.InvalidFields(errors))
            : AnswerAsync(request, shares!, caller, guard, rights, assemble, cancellationToken);
    }

    private static Task<Results<Ok<ContextBundleResponse>, ProblemHttpResult>> PostAsync(
        ContextRequest request, Caller caller, TenantGuard guard, MemoryRights rights, AssembleBundle assemble, CancellationToken cancellationToken)
        => AnswerAsync(request, request.Budget?.Given() ?? new Dictionary<ContextPart, double>(), caller, guard, rights, assemble, cancellationToken);

    private static async Task<Results<Ok<ContextBundleResponse>, ProblemHttpResult>> AnswerAsync(
        ContextRequest request,
        IReadOnlyDictionary<ContextPart, double> shares,
        Caller caller,
        TenantGuard guard,
        MemoryRights rights,
        AssembleBundle assemble,
        CancellationToken cancellationToken)
    {
        if (request.Format is not (null or "markdown" or "xml"))
        {
            return Problems.InvalidField("format", "Must be markdown or xml.");
        }

        if (request.Sections is { } sections && (sections.Count is 0 or > 20 || sections.Any(section => section is null || !ContextSplit.Names.ContainsKey(section))))
        {
            return Problems.InvalidField("sections", $"Must be some of {string.Join(", ", ContextSplit.Names.Keys)}.");
        }

        if (ContextSplit.Check(shares) is { } wrong)
        {
            return Problems.InvalidField("budget", wrong);
        }

        var (access, problem) = await guard.EnterAsync(caller, request.TenantId, Permission.Read, cancellationToken, request.TeamId);
        if (access is null)
        {
            return problem!;
        }

        var (subject, refused) = rights.Choose(access, null, request.UserId, null, MemoryAction.Read);
        if (subject is null)
        {
            return refused!;
        }

        Guid? team = null;
        if (request.TeamId is not null)
        {
            var (owner, noTeam) = rights.Choose(access, Contracts.Memory.MemoryScopes.Team, null, request.TeamId, MemoryAction.Read);
            if (owner is null)
            {
                return noTeam!;
            }

            team = owner.Key;
        }

        var query = new BundleQuery
        {
            Access = access,
            ConversationId = request.ConversationId,
            UserId = request.UserId,
            TeamId = team,
            Query = string.IsNullOrWhiteSpace(request.Query) ? null : request.Query,
            MaxTokens = request.MaxTokens ?? DefaultTokens,
            MaxMessages = request.MaxMessages,
            Split = ContextSplit.Of(request.Sections is null ? null : [.. request.Sections.Select(section => ContextSplit.Names[section])], shares),
            Format = request.Format == "xml" ? new XmlContext() : new MarkdownContext(),
        };
        return TypedResults.Ok(ContextBundleResponse.From(query, await assemble.HandleAsync(query, cancellationToken)));
    }
}
