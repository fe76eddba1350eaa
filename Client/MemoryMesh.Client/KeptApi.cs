namespace MemoryMesh.Client;

/// <summary>Searches that the caller's account keeps under names: <c>/v1/searches</c>.</summary>
public sealed class SavedSearchesApi
{
    private readonly Connection _connection;

    internal SavedSearchesApi(Connection connection) => _connection = connection;

    /// <summary>Saves a search.</summary>
    public Task<SavedSearchInfo> SaveAsync(NewSavedSearch search, CancellationToken cancellationToken = default)
        => _connection.SendAsync(HttpMethod.Post, new Address("v1/searches"), search, ClientJson.Default.NewSavedSearch, ClientJson.Default.SavedSearchInfo, cancellationToken);

    /// <summary>Replaces a search.</summary>
    /// <param name="id">The search.</param>
    /// <param name="search">What it is from now on.</param>
    /// <param name="version">The version that is replaced; null for any.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public Task<SavedSearchInfo> ReplaceAsync(string id, NewSavedSearch search, int? version = null, CancellationToken cancellationToken = default)
        => _connection.SendAsync(
            HttpMethod.Put, new Address("v1/searches").Id(id), search, ClientJson.Default.NewSavedSearch, ClientJson.Default.SavedSearchInfo, cancellationToken, version);

    /// <summary>Reads a search.</summary>
    public Task<SavedSearchInfo> GetAsync(string id, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(new Address("v1/searches").Id(id).Query("tenant_id", tenantId), ClientJson.Default.SavedSearchInfo, cancellationToken);

    /// <summary>A page of searches, the newest first.</summary>
    /// <param name="cursor">Where the page begins; null for the first.</param>
    /// <param name="limit">Most items, 1 to 200; 50 when null.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public Task<CursorPage<SavedSearchInfo>> ListAsync(string? cursor = null, int? limit = null, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(
            new Address("v1/searches").Query("tenant_id", tenantId).Query("limit", limit).Query("cursor", cursor), ClientJson.Default.CursorPageSavedSearchInfo, cancellationToken);

    /// <summary>Runs a search.</summary>
    /// <param name="id">The search.</param>
    /// <param name="cursor">The <c>next_cursor</c> of the page of messages before.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public Task<SavedSearchResults> RunAsync(string id, string? cursor = null, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.SendAsync(
            HttpMethod.Post,
            new Address("v1/searches").Id(id).Part("run").Query("tenant_id", tenantId).Query("cursor", cursor),
            ClientJson.Default.SavedSearchResults,
            cancellationToken);

    /// <summary>Deletes a search.</summary>
    /// <param name="id">The search.</param>
    /// <param name="version">The version that is deleted; null for any.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public Task DeleteAsync(string id, int? version = null, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.DeleteAsync(new Address("v1/searches").Id(id).Query("tenant_id", tenantId), version, cancellationToken);
}

/// <summary>Messages and memories that the caller's account has marked: <c>/v1/bookmarks</c>.</summary>
public sealed class BookmarksApi
{
    private readonly Connection _connection;

    internal BookmarksApi(Connection connection) => _connection = connection;

    /// <summary>Sets a bookmark.</summary>
    public Task<BookmarkInfo> AddAsync(NewBookmark bookmark, CancellationToken cancellationToken = default)
        => _connection.SendAsync(HttpMethod.Post, new Address("v1/bookmarks"), bookmark, ClientJson.Default.NewBookmark, ClientJson.Default.BookmarkInfo, cancellationToken);

    /// <summary>Reads a bookmark.</summary>
    public Task<BookmarkInfo> GetAsync(string id, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(new Address("v1/bookmarks").Id(id).Query("tenant_id", tenantId), ClientJson.Default.BookmarkInfo, cancellationToken);

    /// <summary>A page of bookmarks, the newest first.</summary>
    /// <param name="kind">Only of a <c>message</c> or a <c>memory</c>; both when null.</param>
    /// <param name="cursor">Where the page begins; null for the first.</param>
    /// <param name="limit">Most items, 1 to 200; 50 when null.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public Task<CursorPage<BookmarkInfo>> ListAsync(
        string? kind = null, string? cursor = null, int? limit = null, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(
            new Address("v1/bookmarks").Query("tenant_id", tenantId).Query("kind", kind).Query("limit", limit).Query("cursor", cursor),
            ClientJson.Default.CursorPageBookmarkInfo,
            cancellationToken);

    /// <summary>Deletes a bookmark.</summary>
    public Task DeleteAsync(string id, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.DeleteAsync(new Address("v1/bookmarks").Id(id).Query("tenant_id", tenantId), null, cancellationToken);
}

/// <summary>The fields of a search in a body. Those that a kind of search does not have must be null.</summary>
public sealed record SearchFields
{
    /// <summary>The question, 1 to 4,096 bytes.</summary>
    public required string Query { get; init; }

    /// <summary>Most results, 1 to 1,000; 10 when null.</summary>
    public int? TopK { get; init; }

    /// <summary>The subject.</summary>
    public string? UserId { get; init; }

    /// <summary>Only this conversation. Messages only.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Only these roles. Messages only.</summary>
    public IReadOnlyList<string>? Role { get; init; }

    /// <summary>Only these scopes. Memories only.</summary>
    public IReadOnlyList<string>? Scope { get; init; }

    /// <summary>Only this category. Memories only.</summary>
    public string? Category { get; init; }

    /// <summary>Only what is of this time or later, ISO 8601.</summary>
    public string? From { get; init; }

    /// <summary>Only what is of this time or earlier, ISO 8601.</summary>
    public string? To { get; init; }

    /// <summary>Only what is at least this important, 0 to 1.</summary>
    public double? MinImportance { get; init; }

    /// <summary><c>hybrid</c>, <c>fulltext</c> or <c>semantic</c>.</summary>
    public string? Mode { get; init; }

    /// <summary><c>balanced</c>, <c>recent</c> or <c>precise</c>.</summary>
    public string? Preset { get; init; }

    /// <summary>Whether the parts of each score are returned.</summary>
    public bool? Explain { get; init; }
}

/// <summary>A search to save. Exactly one of <see cref="Messages"/> and <see cref="Memories"/> is set.</summary>
public sealed record NewSavedSearch
{
    /// <summary>The tenant.</summary>
    public string? TenantId { get; init; }

    /// <summary>Its name, 1 to 200 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>A search for messages.</summary>
    public SearchFields? Messages { get; init; }

    /// <summary>A search for memories.</summary>
    public SearchFields? Memories { get; init; }
}

/// <summary>A saved search.</summary>
/// <param name="Id">The search.</param>
/// <param name="Name">Its name.</param>
/// <param name="Messages">A search for messages, or null.</param>
/// <param name="Memories">A search for memories, or null.</param>
/// <param name="CreatedAt">When it was saved.</param>
/// <param name="UpdatedAt">When it was last replaced.</param>
/// <param name="Version">1 for a new one.</param>
public sealed record SavedSearchInfo(
    string Id, string Name, SearchFields? Messages, SearchFields? Memories, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, int Version);

/// <summary>What a saved search finds.</summary>
/// <param name="Id">The search.</param>
/// <param name="Name">Its name.</param>
/// <param name="Messages">The answer to a search for messages, or null.</param>
/// <param name="Memories">The answer to a search for memories, or null.</param>
public sealed record SavedSearchResults(string Id, string Name, MessageSearchResults? Messages, MemorySearchResults? Memories);

/// <summary>What to mark. Exactly one of <see cref="MessageId"/> and <see cref="MemoryId"/> is set.</summary>
public sealed record NewBookmark
{
    /// <summary>The tenant.</summary>
    public string? TenantId { get; init; }

    /// <summary>The message.</summary>
    public string? MessageId { get; init; }

    /// <summary>The memory.</summary>
    public string? MemoryId { get; init; }

    /// <summary>A note, up to 2,000 bytes.</summary>
    public string? Note { get; init; }
}

/// <summary>A bookmark.</summary>
/// <param name="Id">The bookmark.</param>
/// <param name="MessageId">The message, or null.</param>
/// <param name="MemoryId">The memory, or null.</param>
/// <param name="Note">The note, or null.</param>
/// <param name="CreatedAt">When it was set.</param>
/// <param name="Message">The message as it is now; null when it is gone or may not be read.</param>
/// <param name="Memory">The memory as it is now; null when it is gone or may not be read.</param>
public sealed record BookmarkInfo(
    string Id, string? MessageId, string? MemoryId, string? Note, DateTimeOffset CreatedAt, MessageInfo? Message, MemoryInfo? Memory);

/// <summary>Searches to run together.</summary>
/// <param name="Queries">1 to 50 searches.</param>
public sealed record SearchBatch(IReadOnlyList<SearchFields> Queries);

/// <summary>What became of one search for messages of a batch.</summary>
/// <param name="Index">Its place, from 0.</param>
/// <param name="Answer">The answer; null when it was refused.</param>
/// <param name="Problem">Why it was refused; null when it was answered.</param>
public sealed record MessageBatchResult(int Index, MessageSearchResults? Answer, MemoryMeshProblem? Problem);

/// <summary>What became of one search for memories of a batch.</summary>
/// <param name="Index">Its place, from 0.</param>
/// <param name="Answer">The answer; null when it was refused.</param>
/// <param name="Problem">Why it was refused; null when it was answered.</param>
public sealed record MemoryBatchResult(int Index, MemorySearchResults? Answer, MemoryMeshProblem? Problem);

/// <summary>Answers to searches for messages, in the order of the queries.</summary>
public sealed record MessageBatchResults(double TookMs, IReadOnlyList<MessageBatchResult> Results);

/// <summary>Answers to searches for memories, in the order of the queries.</summary>
public sealed record MemoryBatchResults(double TookMs, IReadOnlyList<MemoryBatchResult> Results);
