using System.Text.Json;

namespace MemoryMesh.Client;

/// <summary>Conversations: <c>/v1/conversations</c>. Their ids are those that clients chose.</summary>
public sealed class ConversationsApi
{
    private readonly Connection _connection;

    internal ConversationsApi(Connection connection) => _connection = connection;

    /// <summary>Creates a conversation.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="idempotencyKey">1 to 255 visible ASCII characters: repeated with the same key, it is created once.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public async Task<ConversationInfo> CreateAsync(NewConversation conversation, string? idempotencyKey = null, CancellationToken cancellationToken = default)
        => (await _connection.StoreAsync(
            new Address("v1/conversations"), conversation, ClientJson.Default.NewConversation, ClientJson.Default.ConversationInfo, idempotencyKey, cancellationToken).ConfigureAwait(false)).Answer;

    /// <summary>Reads a conversation.</summary>
    public Task<ConversationInfo> GetAsync(string id, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(Of(id, tenantId), ClientJson.Default.ConversationInfo, cancellationToken);

    /// <summary>Changes title or metadata.</summary>
    /// <param name="id">The conversation.</param>
    /// <param name="changes">What is null stays.</param>
    /// <param name="version">Only this version; any when null.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public Task<ConversationInfo> UpdateAsync(
        string id, ConversationChanges changes, int? version = null, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.SendAsync(
            HttpMethod.Put, Of(id, tenantId), changes, ClientJson.Default.ConversationChanges, ClientJson.Default.ConversationInfo, cancellationToken, version);

    /// <summary>Deletes a conversation with all its messages. Memories that nothing else says go with them.</summary>
    /// <param name="id">The conversation.</param>
    /// <param name="version">Only this version; any when null.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="keepMemories">Whether memories stay that nothing else says.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public Task DeleteAsync(string id, int? version = null, string? tenantId = null, bool keepMemories = false, CancellationToken cancellationToken = default)
        => _connection.DeleteAsync(Of(id, tenantId).Query("keep_memories", keepMemories ? "true" : null), version, cancellationToken);

    /// <summary>Counts what a conversation holds.</summary>
    public Task<ConversationStats> GetStatsAsync(string id, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(Of(id, null).Part("stats").Query("tenant_id", tenantId), ClientJson.Default.ConversationStats, cancellationToken);

    /// <summary>What the earlier messages of a conversation were about; it is refreshed first.</summary>
    public Task<ConversationSummary> GetSummaryAsync(string conversationId, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(
            new Address("v1/conversations").Id(conversationId).Part("summary").Query("tenant_id", tenantId), ClientJson.Default.ConversationSummary, cancellationToken);

    /// <summary>A page of conversations, newest activity first.</summary>
    public Task<ConversationPage> ListPageAsync(ConversationQuery? query = null, CancellationToken cancellationToken = default)
        => ReadAsync(query ?? new ConversationQuery(), query?.Limit, query?.Cursor, cancellationToken);

    /// <summary>Conversations, newest activity first, read page after page.</summary>
    public IAsyncEnumerable<ConversationInfo> ListAsync(ConversationQuery? query = null, CancellationToken cancellationToken = default)
        => Pages.EnumerateAsync(
            query?.Cursor,
            async (cursor, cancel) =>
            {
                var page = await ReadAsync(query ?? new ConversationQuery(), query?.Limit ?? Pages.Largest, cursor, cancel).ConfigureAwait(false);
                return (page.Conversations, page.Next);
            },
            cancellationToken);

    /// <summary>A page of the messages of a conversation, oldest first; the latest ones when the query names no place.</summary>
    public Task<MessagePage> ListMessagesPageAsync(string id, MessageQuery? query = null, CancellationToken cancellationToken = default)
        => ReadMessagesAsync(id, query ?? new MessageQuery(), query?.Before, query?.After, cancellationToken);

    /// <summary>Messages of a conversation, newest page first and newest message first, read page after page.</summary>
    public IAsyncEnumerable<MessageInfo> ListMessagesNewestFirstAsync(string id, MessageQuery? query = null, CancellationToken cancellationToken = default)
        => Pages.EnumerateAsync(
            query?.Before,
            async (before, cancel) =>
            {
                var page = await ReadMessagesAsync(
                    id, (query ?? new MessageQuery()) with { Limit = query?.Limit ?? Pages.Largest }, before, null, cancel).ConfigureAwait(false);
                return ((IReadOnlyList<MessageInfo>)[.. page.Messages.Reverse()], page.Previous);
            },
            cancellationToken);

    private static Address Of(string id, string? tenantId) => new Address("v1/conversations").Id(id).Query("tenant_id", tenantId);

    private Task<ConversationPage> ReadAsync(ConversationQuery query, int? limit, string? cursor, CancellationToken cancellationToken)
        => _connection.GetAsync(
            new Address("v1/conversations").Query("tenant_id", query.TenantId).Query("user_id", query.UserId).Query("limit", limit).Query("cursor", cursor),
            ClientJson.Default.ConversationPage,
            cancellationToken);

    private Task<MessagePage> ReadMessagesAsync(string id, MessageQuery query, string? before, string? after, CancellationToken cancellationToken)
        => _connection.GetAsync(
            Of(id, null).Part("messages").Query("tenant_id", query.TenantId).Query("limit", query.Limit).Query("before", before).Query("after", after)
                .Query("role", query.Role).Query("include_archived", query.IncludeArchived),
            ClientJson.Default.MessagePage,
            cancellationToken);
}

/// <summary>A conversation to create.</summary>
public sealed record NewConversation
{
    /// <summary>Id or slug of the tenant; the caller's own when null.</summary>
    public string? TenantId { get; init; }

    /// <summary>Its id, 1 to 200 bytes; one is chosen when null.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Title, up to 500 bytes.</summary>
    public string? Title { get; init; }

    /// <summary>A JSON object of up to 8 KiB.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>The subject it belongs to; the caller's own account when null.</summary>
    public string? UserId { get; init; }
}

/// <summary>What to change of a conversation; what is null stays.</summary>
public sealed record ConversationChanges
{
    /// <inheritdoc cref="NewConversation.Title"/>
    public string? Title { get; init; }

    /// <inheritdoc cref="NewConversation.Metadata"/>
    public JsonElement? Metadata { get; init; }
}

/// <summary>A conversation.</summary>
public sealed record ConversationInfo
{
    /// <summary>Its id.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Its tenant.</summary>
    public required string TenantId { get; init; }

    /// <summary>The subject it belongs to.</summary>
    public required string UserId { get; init; }

    /// <summary>Title, or null.</summary>
    public string? Title { get; init; }

    /// <summary>A JSON object, or null.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>How many messages it holds, archived ones included.</summary>
    public long MessageCount { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Latest time of a message, or null while it has none.</summary>
    public DateTimeOffset? LastMessageAt { get; init; }

    /// <summary>Version of title and metadata, from 1.</summary>
    public int Version { get; init; }
}

/// <summary>Which conversations to list.</summary>
public sealed record ConversationQuery
{
    /// <summary>Id or slug of the tenant; the caller's own when null.</summary>
    public string? TenantId { get; init; }

    /// <summary>Only those of this subject.</summary>
    public string? UserId { get; init; }

    /// <summary>Most items of a page, 1 to 200.</summary>
    public int? Limit { get; init; }

    /// <summary>Where to read on.</summary>
    public string? Cursor { get; init; }
}

/// <summary>A page of conversations.</summary>
/// <param name="Conversations">The page.</param>
/// <param name="Next">Cursor of the next page, or null.</param>
public sealed record ConversationPage(IReadOnlyList<ConversationInfo> Conversations, string? Next);

/// <summary>Which messages of a conversation to list.</summary>
public sealed record MessageQuery
{
    /// <summary>Id or slug of the tenant; the caller's own when null.</summary>
    public string? TenantId { get; init; }

    /// <summary>Most messages of a page, 1 to 200.</summary>
    public int? Limit { get; init; }

    /// <summary>Messages that precede this place.</summary>
    public string? Before { get; init; }

    /// <summary>Messages that follow this place.</summary>
    public string? After { get; init; }

    /// <summary>Only this role.</summary>
    public string? Role { get; init; }

    /// <summary>Whether archived messages are listed too.</summary>
    public bool? IncludeArchived { get; init; }
}

/// <summary>A page of messages.</summary>
/// <param name="Messages">Oldest first.</param>
/// <param name="Next">Value of <see cref="MessageQuery.After"/> for the messages that follow, or null.</param>
/// <param name="Previous">Value of <see cref="MessageQuery.Before"/> for the messages that precede, or null.</param>
public sealed record MessagePage(IReadOnlyList<MessageInfo> Messages, string? Next, string? Previous);

/// <summary>Counts of a conversation.</summary>
public sealed record ConversationStats
{
    /// <summary>Messages, archived ones included.</summary>
    public long MessageCount { get; init; }

    /// <summary>Of these, archived.</summary>
    public long ArchivedCount { get; init; }

    /// <summary>Messages by role.</summary>
    public IReadOnlyDictionary<string, long> MessagesByRole { get; init; } = new Dictionary<string, long>();

    /// <summary>Estimated tokens.</summary>
    public long Tokens { get; init; }

    /// <summary>Estimated tokens by role.</summary>
    public IReadOnlyDictionary<string, long> TokensByRole { get; init; } = new Dictionary<string, long>();

    /// <summary>Time of the first message, or null.</summary>
    public DateTimeOffset? FirstMessageAt { get; init; }

    /// <summary>Time of the last message, or null.</summary>
    public DateTimeOffset? LastMessageAt { get; init; }

    /// <summary>Active memories drawn from its messages; null when that cannot be told now.</summary>
    public int? MemoriesDrawn { get; init; }
}

/// <summary>What the earlier messages of a conversation were about.</summary>
public sealed record ConversationSummary
{
    /// <summary>The conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>The tenant.</summary>
    public required string TenantId { get; init; }

    /// <summary>The summary; empty while the conversation is short.</summary>
    public required string Summary { get; init; }

    /// <summary><c>extractive</c> for sentences of the conversation, <c>llm</c> for what a language model wrote.</summary>
    public required string Method { get; init; }

    /// <summary>The sentences that are quoted, in the order they were said.</summary>
    public IReadOnlyList<SummarySentence> Sentences { get; init; } = [];

    /// <summary>How many messages are summed up.</summary>
    public int MessageCount { get; init; }

    /// <summary>Time of the newest message that is summed up; null when none is.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>When it was last refreshed; null when it never was.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}

/// <summary>A sentence that a summary quotes.</summary>
/// <param name="MessageId">Where it was said.</param>
/// <param name="Role"><c>user</c> or <c>assistant</c>.</param>
/// <param name="Text">The sentence.</param>
public sealed record SummarySentence(string MessageId, string Role, string Text);
