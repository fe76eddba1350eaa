using MemoryMesh.Contracts.Chat;
using MemoryMesh.Memory.Context;
using MemoryMesh.Memory.Text;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory.Features;

/// <summary>Asks for what an assistant is handed before it answers.</summary>
internal sealed record ContextQuery
{
    public required TenantAccess Access { get; init; }

    public required string ConversationId { get; init; }

    /// <summary>The subject; null for that of the conversation, if the caller acts for every subject, else for the caller.</summary>
    public string? UserId { get; init; }

    /// <summary>A team of which the memories are given too; readable by the caller.</summary>
    public Guid? TeamId { get; init; }

    /// <summary>What the memories should answer; null for the last user message.</summary>
    public string? Query { get; init; }

    public required int MaxTokens { get; init; }

    /// <summary>Most messages, 1 to 200; null for what the settings say. Never more than those allow.</summary>
    public int? MaxMessages { get; init; }

    /// <summary>Whether the messages before those that are given are summed up.</summary>
    public bool Summarise { get; init; }
}

/// <summary>A context.</summary>
/// <param name="UserId">The subject.</param>
/// <param name="Fitted">What fits the budget.</param>
/// <param name="Preferences">What the subject prefers and how it wants to be answered, the most important first.</param>
/// <param name="Degraded">Whether search was not available, so that memories were chosen by importance.</param>
internal sealed record AssembledContext(string UserId, FittedContext Fitted, IReadOnlyList<RecalledMemory> Preferences, bool Degraded);

/// <summary>Puts together the recent messages of a conversation and the memories that matter.</summary>
/// <remarks>
/// Memories come in this order: who the person is (<see cref="Categories.Profile"/>), then those that <see cref="RecallMemories"/> finds, the nearer scopes first.
/// A conversation of another subject looks like an empty one.
/// </remarks>
internal sealed class AssembleContext(IContextKnowledge knowledge, IChatClient chat, ContextSearch search, KeyedNames names, IOptions<MemoryOptions> options)
{
    private const int FewMessages = 50;
    private const int ManyMessages = 200;
    private const int ManyTokens = 4_000;
    private const int MaxProfile = 20;
    private const int MaxPreferences = 20;

    /// <summary>Assembles it.</summary>
    public async Task<AssembledContext> HandleAsync(ContextQuery query, CancellationToken cancellationToken)
    {
        var access = query.Access;
        var conversationKey = names.ConversationKey(access.TenantId, query.ConversationId);
        var ofAnySubject = query.UserId is null && access.ActsForEverySubject;
        var userId = query.UserId ?? access.OwnUserId;
        var allowed = options.Value.MaxContextMessages ?? (query.MaxMessages is null && query.MaxTokens <= ManyTokens ? FewMessages : ManyMessages);
        var most = Math.Min(query.MaxMessages ?? allowed, allowed);

        // To be summed up, the messages before those that are given are read as well.
        var limit = query.Summarise ? ManyMessages : most;
        var recent = chat.GetRecentMessagesAsync(
            access.TenantId, conversationKey, ofAnySubject ? null : names.SubjectKey(access.TenantId, userId), limit, cancellationToken);

        // A given query and a given subject are all that search needs, so the two are asked at once.
        var early = query.Query is not null && !ofAnySubject ? search.FindAsync(access.TenantId, OwnersOf(query, userId), query.Query, cancellationToken) : null;
        var messages = await recent;
        if (ofAnySubject && messages.Count > 0)
        {
            userId = messages[^1].UserId;
        }

        var owners = OwnersOf(query, userId);
        var question = query.Query ?? messages.LastOrDefault(message => message.Role == "user")?.Content;
        var (hits, degraded) = await (early ?? search.FindAsync(access.TenantId, owners, question, cancellationToken));
        var known = await knowledge.ReadAsync(
            new KnowledgeCall
            {
                TenantId = access.TenantId,
                SubjectKey = owners[0],
                SharedKeys = owners[1..],
                Blocks = false,
                Style = false,
                Profile = false,
                Memories = true,
                Found = hits is null ? null : [.. hits.Select(hit => hit.MemoryId)],
                Important = [new() { Categories = [.. Categories.Profile], Most = MaxProfile }, new() { Categories = [.. Categories.Preferences], Most = MaxPreferences }],
                Summary = null,
            },
            cancellationToken);
        var found = RecallMemories.Choose(known.Memories, hits);
        var scores = found.ToDictionary(memory => memory.Memory.Id, memory => memory.Score);
        var chosen = known.Important[0].Select(memory => (memory, scores.GetValueOrDefault(memory.Id))).Concat(found).DistinctBy(memory => memory.Item1.Id);
        IReadOnlyList<ContextMemory> memories = [.. RecallMemories.WithoutContradictions(chosen).Select(memory => new ContextMemory(memory.Memory, memory.Score))];
        return new AssembledContext(
            userId, ContextBudget.Fit(messages, memories, query.MaxTokens, most, query.Summarise), known.Important[1], degraded && !known.OptedOut);
    }

    /// <summary>The subject, then its teams, then the organization. The teams of another subject are not known here, so only a team that the request names is given for it.</summary>
    private List<Guid> OwnersOf(ContextQuery query, string userId)
    {
        var access = query.Access;
        IEnumerable<Guid> teams = query.TeamId is { } team ? [team] : userId == access.OwnUserId ? access.ReadableTeams : [];
        return [names.SubjectKey(access.TenantId, userId), .. teams, access.TenantId];
    }
}
