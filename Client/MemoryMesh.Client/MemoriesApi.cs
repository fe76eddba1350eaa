using System.Text.Json;

namespace MemoryMesh.Client;

/// <summary>Memories: <c>/v1/memories</c>.</summary>
public sealed partial class MemoriesApi
{
    private readonly Connection _connection;

    internal MemoriesApi(Connection connection) => _connection = connection;

    /// <summary>Adds a memory. Its status is <c>pending</c> until the background work on it is done.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="idempotencyKey">1 to 255 visible ASCII characters: repeated with the same key, it is added once.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public async Task<MemoryInfo> AddAsync(NewMemory memory, string? idempotencyKey = null, CancellationToken cancellationToken = default)
        => (await _connection.StoreAsync(
            new Address("v1/memories"), memory, ClientJson.Default.NewMemory, ClientJson.Default.MemoryInfo, idempotencyKey, cancellationToken).ConfigureAwait(false)).Answer;

    /// <summary>Reads a memory.</summary>
    public Task<MemoryInfo> GetAsync(string id, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(Of(id).Query("tenant_id", tenantId), ClientJson.Default.MemoryInfo, cancellationToken);

    /// <summary>Changes a memory.</summary>
    /// <param name="id">The memory.</param>
    /// <param name="changes">What is null stays.</param>
    /// <param name="version">Only this version; any when null.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public Task<MemoryInfo> UpdateAsync(
        string id, MemoryChanges changes, int? version = null, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.SendAsync(
            HttpMethod.Patch,
            Of(id).Query("tenant_id", tenantId),
            changes,
            ClientJson.Default.MemoryChanges,
            ClientJson.Default.MemoryInfo,
            cancellationToken,
            version);

    /// <summary>Deletes a memory with its history, and the facts that were drawn from it and from nothing else.</summary>
    /// <param name="id">The memory.</param>
    /// <param name="version">Only this version; any when null.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public Task DeleteAsync(string id, int? version = null, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.DeleteAsync(Of(id).Query("tenant_id", tenantId), version, cancellationToken);

    /// <summary>The versions of a memory, oldest first.</summary>
    public Task<MemoryHistory> GetHistoryAsync(string id, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(Of(id).Part("history").Query("tenant_id", tenantId), ClientJson.Default.MemoryHistory, cancellationToken);

    /// <summary>Tries the background work on a failed memory again.</summary>
    public Task<MemoryInfo> RetryAsync(string id, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.SendAsync(HttpMethod.Post, Of(id).Part("retry").Query("tenant_id", tenantId), ClientJson.Default.MemoryInfo, cancellationToken);

    /// <summary>A page of the memories of one owner.</summary>
    public Task<MemoryPage> ListPageAsync(MemoryQuery? query = null, CancellationToken cancellationToken = default)
        => ReadAsync(query ?? new MemoryQuery(), cancellationToken);

    /// <summary>The memories of one owner, read page after page from the query's page on.</summary>
    public async IAsyncEnumerable<MemoryInfo> ListAsync(
        MemoryQuery? query = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var next = (query ?? new MemoryQuery()) with { Page = query?.Page ?? 1, PageSize = query?.PageSize ?? Pages.Largest };
        while (true)
        {
            var page = await ReadAsync(next, cancellationToken).ConfigureAwait(false);
            foreach (var memory in page.Memories)
            {
                yield return memory;
            }

            if ((long)page.Page * page.PageSize >= page.Count)
            {
                yield break;
            }

            next = next with { Page = next.Page + 1 };
        }
    }

    /// <summary>Deletes all memories of one owner, superseded ones too.</summary>
    /// <param name="owner">The owner; it is named, never assumed.</param>
    /// <param name="optOut">Whether a subject is also opted out, so that nothing more is learned.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public Task<DeletedMemories> DeleteAllAsync(MemoryOwner owner, bool? optOut = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return _connection.DeleteAsync(Owned(owner).Query("opt_out", optOut), ClientJson.Default.DeletedMemories, cancellationToken);
    }

    /// <summary>Whether a subject opted out.</summary>
    public Task<MemorySettings> GetSettingsAsync(string? userId = null, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(Settings(userId, tenantId), ClientJson.Default.MemorySettings, cancellationToken);

    /// <summary>Opts a subject out of memory, or in again: nothing is learned about it and nothing recalled.</summary>
    public Task<MemorySettings> SetOptedOutAsync(bool optedOut, string? userId = null, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.SendAsync(
            HttpMethod.Put,
            Settings(userId, tenantId),
            new SettingsChange(optedOut),
            ClientJson.Default.SettingsChange,
            ClientJson.Default.MemorySettings,
            cancellationToken);

    private static Address Of(string id) => new Address("v1/memories").Id(id);

    private static Address Settings(string? userId, string? tenantId)
        => new Address("v1/memories/settings").Query("tenant_id", tenantId).Query("user_id", userId);

    private static Address Owned(MemoryOwner owner)
        => new Address("v1/memories").Query("tenant_id", owner.TenantId).Query("scope", owner.Scope).Query("user_id", owner.UserId).Query("team_id", owner.TeamId);

    private Task<MemoryPage> ReadAsync(MemoryQuery query, CancellationToken cancellationToken)
        => _connection.GetAsync(
            Owned(query.Owner ?? new MemoryOwner())
                .Query("agent_id", query.AgentId)
                .Query("run_id", query.RunId)
                .Query("status", query.Status)
                .Query("category", query.Category)
                .Query("search", query.Search)
                .Query("ordering", query.Ordering)
                .Query("view", query.View)
                .Query("include_superseded", query.IncludeSuperseded)
                .Query("as_of", query.AsOf)
                .Query("basis", query.Basis)
                .Query("include_facts", query.IncludeFacts)
                .Query("page", query.Page)
                .Query("page_size", query.PageSize),
            ClientJson.Default.MemoryPage,
            cancellationToken);
}

/// <summary>Whose memories: a subject's, a team's or an organization's.</summary>
public sealed record MemoryOwner
{
    /// <summary>Id or slug of the tenant; the caller's own when null.</summary>
    public string? TenantId { get; init; }

    /// <summary><c>user</c>, <c>team</c> or <c>organization</c>, or <c>tenant</c> for every owner in a list or a deletion; user when null.</summary>
    public string? Scope { get; init; }

    /// <summary>The subject; the caller's own account when null.</summary>
    public string? UserId { get; init; }

    /// <summary>The team.</summary>
    public string? TeamId { get; init; }
}

/// <summary>A memory to add.</summary>
public sealed record NewMemory
{
    /// <summary>Id or slug of the tenant; the caller's own when null.</summary>
    public string? TenantId { get; init; }

    /// <summary>The fact, up to 8,192 bytes; white space is collapsed, unless facts are drawn from it.</summary>
    public required string Text { get; init; }

    /// <inheritdoc cref="MemoryOwner.Scope"/>
    public string? Scope { get; init; }

    /// <inheritdoc cref="MemoryOwner.UserId"/>
    public string? UserId { get; init; }

    /// <inheritdoc cref="MemoryOwner.TeamId"/>
    public string? TeamId { get; init; }

    /// <summary>One of the documented categories; found from the text when null.</summary>
    public string? Category { get; init; }

    /// <summary>0 to 1; by category when null.</summary>
    public double? Importance { get; init; }

    /// <summary>A JSON object of up to 8 KiB.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>Narrows the memory to an agent.</summary>
    public string? AgentId { get; init; }

    /// <summary>Narrows the memory to a run.</summary>
    public string? RunId { get; init; }

    /// <summary>Whether facts are drawn from the text, which then stays as it was written; see <see cref="MemoryInfo.Facts"/>. False when null.</summary>
    public bool? Extract { get; init; }

    /// <summary>With <see cref="Extract"/>: what the language model should mind for this text, instead of what the tenant or the server says.</summary>
    public string? Instructions { get; init; }

    /// <summary>Since when it is true in the world, not in the future; now when null.</summary>
    public DateTimeOffset? ValidFrom { get; init; }

    /// <summary>When it ends in the world; no known end when null.</summary>
    public DateTimeOffset? ValidTo { get; init; }
}

/// <summary>What to change of a memory; what is null stays.</summary>
public sealed record MemoryChanges
{
    /// <summary>The new text, up to 8,192 bytes.</summary>
    public string? Text { get; init; }

    /// <summary>One of the documented categories.</summary>
    public string? Category { get; init; }

    /// <summary>0 to 1.</summary>
    public double? Importance { get; init; }

    /// <summary>Replaces the metadata; a JSON null removes it.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>When it ends in the world, as a JSON string with a time in ISO 8601; a JSON null removes the end.</summary>
    public JsonElement? ValidTo { get; init; }
}

/// <summary>A memory.</summary>
public sealed record MemoryInfo
{
    /// <summary>The memory.</summary>
    public required string Id { get; init; }

    /// <summary>Its tenant. Null in results of a search.</summary>
    public string? TenantId { get; init; }

    /// <summary><c>user</c>, <c>team</c> or <c>organization</c>.</summary>
    public required string Scope { get; init; }

    /// <summary>Its subject, in the scope user.</summary>
    public string? UserId { get; init; }

    /// <summary>Its team, in the scope team.</summary>
    public string? TeamId { get; init; }

    /// <summary>The agent it is narrowed to, or null.</summary>
    public string? AgentId { get; init; }

    /// <summary>The run it is narrowed to, or null.</summary>
    public string? RunId { get; init; }

    /// <summary>The fact.</summary>
    public required string Text { get; init; }

    /// <summary>Category, for example <c>name</c> or <c>preference</c>.</summary>
    public required string Category { get; init; }

    /// <summary>0 to 1.</summary>
    public double Confidence { get; init; }

    /// <summary>0 to 1.</summary>
    public double Importance { get; init; }

    /// <summary>A JSON object, or null.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary><c>pending</c>, <c>processing</c>, <c>completed</c> or <c>failed</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Why the background work failed, as a code.</summary>
    public string? Error { get; init; }

    /// <summary>Account that added it; null when it was drawn from something.</summary>
    public string? CreatedBy { get; init; }

    /// <summary>Whether facts are drawn from its text.</summary>
    public bool Extract { get; init; }

    /// <summary>The facts that were drawn from it and hold, in the order of its words.</summary>
    public IReadOnlyList<MemoryFact> Facts { get; init; } = [];

    /// <summary>What it was drawn from; empty for a memory that a client added.</summary>
    public IReadOnlyList<MemorySource> Sources { get; init; } = [];

    /// <summary><c>current</c>, <c>superseded</c>, <c>merged</c>, <c>archived</c>, <c>expired</c>, <c>withdrawn</c>, <c>review</c> or <c>quarantined</c>.</summary>
    public string? State { get; init; }

    /// <summary>Why it is held back: <c>inferred</c>, <c>instructions</c> or <c>sensitive</c>; null when it is not.</summary>
    public string? HoldReason { get; init; }

    /// <summary>Whether its words do not stand in what was said.</summary>
    public bool Inferred { get; init; }

    /// <summary>How often it was said or observed.</summary>
    public int EvidenceCount { get; init; }

    /// <summary>Since when it is true in the world.</summary>
    public DateTimeOffset ValidFrom { get; init; }

    /// <summary>When its time ends or ended in the world; null for no known end.</summary>
    public DateTimeOffset? ValidTo { get; init; }

    /// <summary>When it was first held for true here.</summary>
    public DateTimeOffset RecordedAt { get; init; }

    /// <summary>When it ceased to be held for true here; null while it is.</summary>
    public DateTimeOffset? SupersededAt { get; init; }

    /// <summary>The memory that took its place, or that it was merged into; or null.</summary>
    public string? SupersededBy { get; init; }

    /// <summary>Memories whose place it took, or that were merged into it.</summary>
    public IReadOnlyList<string> Supersedes { get; init; } = [];

    /// <summary>Version, from 1.</summary>
    public int Version { get; init; }

    /// <summary>When it was first stored.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>A fact that was drawn from an added memory; it is a memory itself.</summary>
/// <param name="Id">The memory.</param>
/// <param name="Text">The fact.</param>
/// <param name="Category">Its category.</param>
/// <param name="Confidence">0 to 1.</param>
/// <param name="Importance">0 to 1.</param>
/// <param name="CreatedAt">When it was first stored.</param>
public sealed record MemoryFact(string Id, string Text, string Category, double Confidence, double Importance, DateTimeOffset CreatedAt);

/// <summary>What a memory was drawn from: a message, or a memory that a client added.</summary>
/// <param name="MessageId">The message, or null.</param>
/// <param name="ConversationId">Its conversation, or null.</param>
/// <param name="MemoryId">The memory, or null.</param>
/// <param name="QuoteStart">Where the quoted words begin in it, in UTF-16 units.</param>
/// <param name="QuoteLength">How long they are, in UTF-16 units.</param>
/// <param name="Quote">The words.</param>
public sealed record MemorySource(string? MessageId, string? ConversationId, string? MemoryId, int QuoteStart, int QuoteLength, string Quote);

/// <summary>Which memories to list.</summary>
public sealed record MemoryQuery
{
    /// <summary>Whose; the caller's own when null.</summary>
    public MemoryOwner? Owner { get; init; }

    /// <summary>Only those of an agent.</summary>
    public string? AgentId { get; init; }

    /// <summary>Only those of a run.</summary>
    public string? RunId { get; init; }

    /// <summary><c>pending</c>, <c>processing</c>, <c>completed</c> or <c>failed</c>.</summary>
    public string? Status { get; init; }

    /// <summary>Only this category.</summary>
    public string? Category { get; init; }

    /// <summary>Only memories whose text holds this, in any case.</summary>
    public string? Search { get; init; }

    /// <summary><c>created_at</c>, <c>updated_at</c> or <c>importance</c>, with <c>-</c> before it for falling order; <c>-created_at</c> when null.</summary>
    public string? Ordering { get; init; }

    /// <summary><c>current</c>, <c>superseded</c> or <c>all</c>; current when null.</summary>
    public string? View { get; init; }

    /// <summary>Answers how it was at this time, instead of <see cref="View"/>.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>With <see cref="AsOf"/>: <c>world</c> for what was true then, <c>system</c> for what was held for true then; world when null.</summary>
    public string? Basis { get; init; }

    /// <summary>Whether those that do not hold any more are listed too.</summary>
    public bool? IncludeSuperseded { get; init; }

    /// <summary>Whether facts that were drawn from added memories are listed on their own too; true when null.</summary>
    public bool? IncludeFacts { get; init; }

    /// <summary>The page, from 1.</summary>
    public int? Page { get; init; }

    /// <summary>Most memories of a page, 1 to 200.</summary>
    public int? PageSize { get; init; }
}

/// <summary>A page of memories.</summary>
/// <param name="Count">How many the whole list has.</param>
/// <param name="Page">The page, from 1.</param>
/// <param name="PageSize">Most memories of a page.</param>
/// <param name="Memories">The memories.</param>
public sealed record MemoryPage(int Count, int Page, int PageSize, IReadOnlyList<MemoryInfo> Memories);

/// <summary>The versions of a memory, oldest first.</summary>
/// <param name="MemoryId">The memory.</param>
/// <param name="History">The versions.</param>
public sealed record MemoryHistory(string MemoryId, IReadOnlyList<MemoryHistoryEntry> History);

/// <summary>A version of a memory.</summary>
/// <param name="Version">The version.</param>
/// <param name="Event">
/// <c>ADD</c>, <c>UPDATE</c>, <c>SUPERSEDE</c>, <c>MERGE</c>, <c>ARCHIVE</c>, <c>EXPIRE</c>, <c>WITHDRAW</c>, <c>HOLD</c>, <c>APPROVE</c>, <c>RESTORE</c> or <c>DELETE</c>.
/// </param>
/// <param name="OldText">The text before.</param>
/// <param name="NewText">The text after; of SUPERSEDE the text of the memory that took its place.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Id of the account, or <c>extraction</c>, <c>processing</c>, <c>consolidation</c> or <c>retention</c>; null of DELETE.</param>
/// <param name="ValidFrom">Since when it was held to be true in the world; null where that was not noted.</param>
/// <param name="ValidTo">Until when; null for no known end.</param>
public sealed record MemoryHistoryEntry(
    int Version, string Event, string? OldText, string? NewText, DateTimeOffset At, string? Actor, DateTimeOffset? ValidFrom, DateTimeOffset? ValidTo);

/// <summary>What deleting all did.</summary>
/// <param name="Deleted">How many memories were deleted.</param>
/// <param name="OptedOut">Whether the subject is opted out now.</param>
public sealed record DeletedMemories(int Deleted, bool OptedOut);

/// <summary>A subject's settings.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="UserId">The subject.</param>
/// <param name="OptedOut">Whether nothing is learned about the subject and nothing recalled.</param>
/// <param name="UpdatedAt">When it was set; null when never.</param>
/// <param name="AllowedCategories">Categories that may be learned about the subject; null for all.</param>
public sealed record MemorySettings(string TenantId, string UserId, bool OptedOut, DateTimeOffset? UpdatedAt, IReadOnlyList<string>? AllowedCategories);

internal sealed record SettingsChange(bool OptedOut);
