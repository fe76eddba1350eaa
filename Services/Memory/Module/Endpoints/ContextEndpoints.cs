using MemoryMesh.Memory.Features;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Memory.Endpoints;

/// <summary>The route that hands an assistant what it should know.</summary>
internal static class ContextEndpoints
{
    private const string Prefix = "/v1/context/";
    private const int DefaultTokens = 2_000;
    private const int LeastTokens = 100;
    private const int MostTokens = 100_000;
    private const int MostMessages = 200;
    private const int MaxConversationIdBytes = 200;
    private const int MaxQueryBytes = 4_096;

    public static void Map(IEndpointRouteBuilder routes)
        => routes.MapGet($"{Prefix}{{conversation_id}}", GetAsync)
            .WithName("Memory_GetContext")
            .WithSummary("Recent messages of a conversation, the memories that matter and both as one text, within a token budget")
            .WithDescription(
                "`max_messages`, 1 to 200, gives the newest messages only. `summary=true` adds a summary of those of the last 200 that are left out: sentences of "
                + "theirs, chosen by the words that occur most. `preferences` holds what the subject prefers and how it wants to be answered, whatever the query.")
            .WithTags("Memory")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Results<Ok<ContextResponse>, ProblemHttpResult>> GetAsync(
        [FromRoute(Name = "conversation_id")] string conversationSegment,
        string? tenant_id,
        string? user_id,
        string? team_id,
        string? query,
        int? max_tokens,
        int? max_messages,
        bool? summary,
        Caller caller,
        TenantGuard guard,
        MemoryRights rights,
        AssembleContext assembleContext,
        HttpContext http,
        CancellationToken cancellationToken)
    {
        var conversationId = PathIds.Read(http, Prefix, conversationSegment);
        if (TextRules.Check(conversationId, MaxConversationIdBytes) is { } wrongId)
        {
            return Problems.InvalidField("conversation_id", wrongId);
        }

        if (query is not null && TextRules.Check(query, MaxQueryBytes, allowBlank: true, allowControl: true) is { } wrongQuery)
        {
            return Problems.InvalidField("query", wrongQuery);
        }

        if (max_tokens is < LeastTokens or > MostTokens)
        {
            return Problems.InvalidField("max_tokens", $"Must be {LeastTokens} to {MostTokens}.");
        }

        if (max_messages is < 1 or > MostMessages)
        {
            return Problems.InvalidField("max_messages", $"Must be 1 to {MostMessages}.");
        }

        var (access, problem) = await guard.EnterAsync(caller, tenant_id, Permission.Read, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var (subject, refused) = rights.Choose(access, null, user_id, null, MemoryAction.Read);
        if (subject is null)
        {
            return refused!;
        }

        Guid? team = null;
        if (team_id is not null)
        {
            var (owner, noTeam) = rights.Choose(access, Contracts.Memory.MemoryScopes.Team, null, team_id, MemoryAction.Read);
            if (owner is null)
            {
                return noTeam!;
            }

            team = owner.Key;
        }

        var context = await assembleContext.HandleAsync(
            new ContextQuery
            {
                Access = access,
                ConversationId = conversationId,
                UserId = user_id,
                TeamId = team,
                Query = string.IsNullOrWhiteSpace(query) ? null : query,
                MaxTokens = max_tokens ?? DefaultTokens,
                MaxMessages = max_messages,
                Summarise = summary == true,
            },
            cancellationToken);
        var fitted = context.Fitted;
        return TypedResults.Ok(new ContextResponse
        {
            ConversationId = conversationId,
            UserId = context.UserId,
            Messages = [.. fitted.Messages.Select(message => new ContextMessageResponse(message.Role, message.Content, message.CreatedAt))],
            Memories = [.. fitted.Memories.Select(memory => new ContextMemoryResponse(
                memory.Memory.Id, memory.Memory.Scope.Name(), memory.Memory.Text, memory.Memory.Category, memory.Memory.Importance, memory.Score))],
            Summary = fitted.Summary,
            Preferences = [.. context.Preferences.Select(memory => new ContextMemoryResponse(
                memory.Id, memory.Scope.Name(), memory.Text, memory.Category, memory.Importance, null))],
            Text = fitted.Text,
            Tokens = fitted.Tokens,
            Truncated = fitted.Truncated,
            Degraded = context.Degraded,
        });
    }

    /// <summary>What an assistant is handed before it answers.</summary>
    internal sealed record ContextResponse
    {
        public required string ConversationId { get; init; }

        public required string UserId { get; init; }

        /// <summary>Recent messages, oldest first.</summary>
        public required IReadOnlyList<ContextMessageResponse> Messages { get; init; }

        public required IReadOnlyList<ContextMemoryResponse> Memories { get; init; }

        /// <summary>What earlier messages were about, in sentences of theirs, one a line; null when it was not asked for or there is nothing to say.</summary>
        public required string? Summary { get; init; }

        /// <summary>What the subject prefers and how it wants to be answered, the most important first, at most 20.</summary>
        public required IReadOnlyList<ContextMemoryResponse> Preferences { get; init; }

        /// <summary>Memories, the summary and messages as one text, ready to paste.</summary>
        public required string Text { get; init; }

        /// <summary>Estimated tokens of the text.</summary>
        public required int Tokens { get; init; }

        /// <summary>Whether something was left out or cut for the budget.</summary>
        public required bool Truncated { get; init; }

        /// <summary>Whether search was not available, so that memories were chosen by importance.</summary>
        public required bool Degraded { get; init; }
    }

    /// <summary>A message of the conversation.</summary>
    internal sealed record ContextMessageResponse(string Role, string Content, DateTimeOffset CreatedAt);

    /// <summary>A memory that matters.</summary>
    internal sealed record ContextMemoryResponse(Guid Id, string Scope, string Text, string Category, double Importance, double? Score);
}
