using System.Text.Json;

namespace MemoryMesh.Client;

/// <summary>Search: <c>/v1/memory/search</c> for messages and <c>/v1/memories/search</c> for memories.</summary>
public sealed class SearchApi
{
    private readonly Connection _connection;

    internal SearchApi(Connection connection) => _connection = connection;

    /// <summary>Searches messages: a member's own, an admin's or owner's those of every subject or of one.</summary>
    public Task<MessageSearchResults> MessagesAsync(MessageSearch search, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(search);
        return _connection.GetAsync(
            Common(new Address("v1/memory/search"), search).Query("conversation_id", search.ConversationId).Query("role", search.Roles),
            ClientJson.Default.MessageSearchResults,
            cancellationToken);
    }

    /// <summary>Searches the memories of a subject, of the teams the caller may read, and of the organization.</summary>
    public Task<MemorySearchResults> MemoriesAsync(MemorySearch search, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(search);
        return search.Filter is null
            ? _connection.GetAsync(
                Common(new Address("v1/memories/search"), search)
                    .Query("scope", search.Scopes)
                    .Query("category", search.Category)
                    .Query("view", search.View)
                    .Query("as_of", search.AsOf)
                    .Query("basis", search.Basis)
                    .Query("cursor", search.Cursor)
                    .Query("highlights", search.Highlights),
                ClientJson.Default.MemorySearchResults,
                cancellationToken)
            : _connection.SendAsync(
                HttpMethod.Post,
                new Address("v1/memories/search"),
                MemorySearchBody.Of(search),
                ClientJson.Default.MemorySearchBody,
                ClientJson.Default.MemorySearchResults,
                cancellationToken);
    }

    /// <summary>Searches messages with up to 50 queries. One that is refused does not hold back the others.</summary>
    public Task<MessageBatchResults> MessagesAsync(SearchBatch batch, CancellationToken cancellationToken = default)
        => _connection.SendAsync(
            HttpMethod.Post, new Address("v1/memory/search/batch"), batch, ClientJson.Default.SearchBatch, ClientJson.Default.MessageBatchResults, cancellationToken);

    /// <summary>Searches memories with up to 50 queries. One that is refused does not hold back the others.</summary>
    public Task<MemoryBatchResults> MemoriesAsync(SearchBatch batch, CancellationToken cancellationToken = default)
        => _connection.SendAsync(
            HttpMethod.Post, new Address("v1/memories/search/batch"), batch, ClientJson.Default.SearchBatch, ClientJson.Default.MemoryBatchResults, cancellationToken);

    private static Address Common(Address address, SearchQuery search)
    {
        address.Query("tenant_id", search.TenantId)
            .Query("query", search.Query)
            .Query("top_k", search.TopK)
            .Query("user_id", search.UserId)
            .Query("from", search.From)
            .Query("to", search.To)
            .Query("min_importance", search.MinImportance)
            .Query("explain", search.Explain);
        foreach (var (name, value) in search.Others ?? new Dictionary<string, string>())
        {
            address.Query(Uri.EscapeDataString(name), value);
        }

        return address;
    }
}

/// <summary>What to look for.</summary>
public abstract record SearchQuery
{
    /// <summary>Id or slug of the tenant; the caller's own when null.</summary>
    public string? TenantId { get; init; }

    /// <summary>The question, 1 to 4,096 bytes.</summary>
    public required string Query { get; init; }

    /// <summary>Most results, 1 to 1,000; 10 when null.</summary>
    public int? TopK { get; init; }

    /// <summary>The subject.</summary>
    public string? UserId { get; init; }

    /// <summary>Only what is of this time or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only what is of this time or earlier.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only what is at least this important, 0 to 1.</summary>
    public double? MinImportance { get; init; }

    /// <summary>Whether the parts of each score are returned.</summary>
    public bool? Explain { get; init; }

    /// <summary>Parameters that have no property here, by name.</summary>
    public IReadOnlyDictionary<string, string>? Others { get; init; }
}

/// <summary>A search for messages.</summary>
public sealed record MessageSearch : SearchQuery
{
    /// <summary>Only this conversation.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Only these roles.</summary>
    public IReadOnlyList<string>? Roles { get; init; }
}

/// <summary>A search for memories.</summary>
public sealed record MemorySearch : SearchQuery
{
    /// <summary>Only these scopes: <c>user</c>, <c>team</c>, <c>organization</c>.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>Only these categories, separated by commas.</summary>
    public string? Category { get; init; }

    /// <summary><c>current</c>, <c>superseded</c> or <c>all</c>; current when null.</summary>
    public string? View { get; init; }

    /// <summary>Answers how it was at this time, instead of <see cref="View"/>.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>With <see cref="AsOf"/>: <c>world</c> for what was true then, <c>system</c> for what was held for true then; world when null.</summary>
    public string? Basis { get; init; }

    /// <summary>The <see cref="MemorySearchResults.NextCursor"/> of the page before.</summary>
    public string? Cursor { get; init; }

    /// <summary>Whether the words that matched are marked.</summary>
    public bool? Highlights { get; init; }

    /// <summary>A tree of conditions as JSON, for example <c>{"field": "metadata.shelf", "op": "gt", "value": 1}</c>. Not with <see cref="SearchQuery.Others"/>.</summary>
    public JsonElement? Filter { get; init; }
}

/// <summary>Messages that answer a query.</summary>
/// <param name="Query">The question.</param>
/// <param name="Count">How many results.</param>
/// <param name="TookMs">How long it took, in milliseconds.</param>
/// <param name="Results">The best first.</param>
public sealed record MessageSearchResults(string Query, int Count, double TookMs, IReadOnlyList<FoundMessage> Results);

/// <summary>A message that was found.</summary>
/// <param name="Id">The message.</param>
/// <param name="Score">How well it answers.</param>
/// <param name="Message">The message itself.</param>
/// <param name="Explain">The parts of the score, when they were asked for.</param>
public sealed record FoundMessage(string Id, double Score, MessageInfo Message, JsonElement? Explain);

/// <summary>Memories that answer a query.</summary>
/// <param name="Query">The question.</param>
/// <param name="Count">How many results.</param>
/// <param name="TookMs">How long it took, in milliseconds.</param>
/// <param name="Results">The best first.</param>
/// <param name="Truncated">Whether the search ended at its bound before it found as many as were asked for: there may be more.</param>
/// <param name="NextCursor">Cursor of the next page; null on the last one.</param>
public sealed record MemorySearchResults(
    string Query, int Count, double TookMs, IReadOnlyList<FoundMemory> Results, bool Truncated = false, string? NextCursor = null);

/// <summary>A memory that was found.</summary>
/// <param name="Id">The memory.</param>
/// <param name="Score">How well it answers.</param>
/// <param name="Memory">The memory itself.</param>
/// <param name="Explain">The parts of the score, when they were asked for.</param>
/// <param name="Highlights">The words of the text that matched, when they were asked for.</param>
public sealed record FoundMemory(string Id, double Score, MemoryInfo Memory, JsonElement? Explain, IReadOnlyList<MatchedSpan>? Highlights = null);

/// <summary>A part of a text that matched.</summary>
/// <param name="Start">Where it begins, in UTF-16 units.</param>
/// <param name="Length">How long it is, in UTF-16 units.</param>
public sealed record MatchedSpan(int Start, int Length);

internal sealed record MemorySearchBody(
    string Query,
    string? TenantId,
    int? TopK,
    string? UserId,
    IReadOnlyList<string>? Scope,
    string? Category,
    DateTimeOffset? From,
    DateTimeOffset? To,
    double? MinImportance,
    JsonElement? Filter,
    bool? Explain,
    string? View,
    DateTimeOffset? AsOf,
    string? Basis,
    string? Cursor,
    bool? Highlights)
{
    /// <exception cref="ArgumentException">The search has parameters that have no place in a body.</exception>
    public static MemorySearchBody Of(MemorySearch search)
        => search.Others is { Count: > 0 }
            ? throw new ArgumentException("A search with a filter has no other parameters.", nameof(search))
            : new(
                search.Query,
                search.TenantId,
                search.TopK,
                search.UserId,
                search.Scopes,
                search.Category,
                search.From,
                search.To,
                search.MinImportance,
                search.Filter,
                search.Explain,
                search.View,
                search.AsOf,
                search.Basis,
                search.Cursor,
                search.Highlights);
}
