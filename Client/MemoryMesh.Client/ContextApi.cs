namespace MemoryMesh.Client;

/// <summary>What an assistant is handed before it answers: <c>/v1/context</c>.</summary>
public sealed class ContextApi
{
    private readonly Connection _connection;

    internal ContextApi(Connection connection) => _connection = connection;

    /// <summary>Recent messages of a conversation, the memories that matter and both as one text, within a token budget.</summary>
    public Task<ContextInfo> GetAsync(string conversationId, ContextQuery? query = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(
            new Address("v1/context").Id(conversationId)
                .Query("tenant_id", query?.TenantId)
                .Query("user_id", query?.UserId)
                .Query("team_id", query?.TeamId)
                .Query("query", query?.Query)
                .Query("max_tokens", query?.MaxTokens)
                .Query("max_messages", query?.MaxMessages)
                .Query("summary", query?.Summary),
            ClientJson.Default.ContextInfo,
            cancellationToken);

    /// <summary>
    /// Core blocks, how to answer, who the subject is, the memories that answer, a summary and the newest messages: as lists with ids and scores, and as one text that never takes
    /// more than the budget.
    /// </summary>
    public Task<ContextBundle> AssembleAsync(BundleQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _connection.SendAsync(HttpMethod.Post, new Address("v1/context"), query, ClientJson.Default.BundleQuery, ClientJson.Default.ContextBundle, cancellationToken);
    }
}

/// <summary>What the context is for.</summary>
public sealed record ContextQuery
{
    /// <summary>Id or slug of the tenant; the caller's own when null.</summary>
    public string? TenantId { get; init; }

    /// <summary>The subject; the caller's own account when null.</summary>
    public string? UserId { get; init; }

    /// <summary>A team whose memories count too.</summary>
    public string? TeamId { get; init; }

    /// <summary>What the assistant is asked; the last user message counts when null.</summary>
    public string? Query { get; init; }

    /// <summary>The budget, 100 to 100,000; 2,000 when null.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Most messages, 1 to 200; by the server's settings when null.</summary>
    public int? MaxMessages { get; init; }

    /// <summary>Whether the messages that are left out are summed up.</summary>
    public bool? Summary { get; init; }
}

/// <summary>What an assistant is handed.</summary>
public sealed record ContextInfo
{
    /// <summary>The conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>The subject.</summary>
    public required string UserId { get; init; }

    /// <summary>Recent messages, oldest first.</summary>
    public IReadOnlyList<ContextMessage> Messages { get; init; } = [];

    /// <summary>The memories that matter.</summary>
    public IReadOnlyList<ContextMemory> Memories { get; init; } = [];

    /// <summary>What earlier messages were about, one sentence a line; null when it was not asked for or there is nothing to say.</summary>
    public string? Summary { get; init; }

    /// <summary>What the subject prefers and how it wants to be answered.</summary>
    public IReadOnlyList<ContextMemory> Preferences { get; init; } = [];

    /// <summary>Memories, the summary and messages as one text, ready to paste.</summary>
    public required string Text { get; init; }

    /// <summary>Estimated tokens of the text.</summary>
    public int Tokens { get; init; }

    /// <summary>Whether something was left out or cut for the budget.</summary>
    public bool Truncated { get; init; }

    /// <summary>Whether search was not available, so that memories were chosen by importance.</summary>
    public bool Degraded { get; init; }
}

/// <summary>A message of the conversation.</summary>
/// <param name="Role"><c>user</c>, <c>assistant</c>, <c>system</c> or <c>tool</c>.</param>
/// <param name="Content">The text.</param>
/// <param name="CreatedAt">Time of the message.</param>
public sealed record ContextMessage(string Role, string Content, DateTimeOffset CreatedAt);

/// <summary>A memory that matters.</summary>
/// <param name="Id">The memory.</param>
/// <param name="Scope"><c>user</c>, <c>team</c> or <c>organization</c>.</param>
/// <param name="Text">The fact.</param>
/// <param name="Category">Its category.</param>
/// <param name="Importance">0 to 1.</param>
/// <param name="Score">How well it answers the query, when search found it.</param>
public sealed record ContextMemory(string Id, string Scope, string Text, string Category, double Importance, double? Score);
