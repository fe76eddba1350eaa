using System.Text.Json.Serialization;

namespace MemoryMesh.Client;

/// <summary>The life of memories: sources, undo, review, feedback, and what became of what was read.</summary>
public sealed partial class MemoriesApi
{
    /// <summary>Reads what a memory was drawn from.</summary>
    public Task<MemorySources> GetSourcesAsync(string id, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(Of(id).Part("sources").Query("tenant_id", tenantId), ClientJson.Default.MemorySources, cancellationToken);

    /// <summary>Undoes the last change of a memory.</summary>
    /// <param name="id">The memory.</param>
    /// <param name="tenantId">Its tenant, if it is not the caller's own.</param>
    /// <param name="idempotencyKey">Makes the call safe to repeat.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="MemoryMeshException">409: there is nothing to undo, or a newer value stands against it.</exception>
    public Task<MemoryInfo> UndoAsync(string id, string? tenantId = null, string? idempotencyKey = null, CancellationToken cancellationToken = default)
        => _connection.SendAsync(HttpMethod.Post, Of(id).Part("undo").Query("tenant_id", tenantId), ClientJson.Default.MemoryInfo, cancellationToken, idempotencyKey);

    /// <summary>Lists memories that are held back.</summary>
    /// <param name="owner">Whose; the caller's own when null.</param>
    /// <param name="reason"><c>inferred</c>, <c>instructions</c> or <c>sensitive</c>; any when null.</param>
    /// <param name="page">The page, from 1.</param>
    /// <param name="pageSize">Most memories of a page, 1 to 200.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<MemoryPage> ListReviewsAsync(
        MemoryOwner? owner = null, string? reason = null, int? page = null, int? pageSize = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(
            Owned("v1/memories/reviews", owner ?? new MemoryOwner()).Query("reason", reason).Query("page", page).Query("page_size", pageSize),
            ClientJson.Default.MemoryPage,
            cancellationToken);

    /// <summary>Approves a memory that is held back, with another text if one is given.</summary>
    /// <param name="id">The memory.</param>
    /// <param name="text">Its text; as it stands when null.</param>
    /// <param name="tenantId">Its tenant, if it is not the caller's own.</param>
    /// <param name="idempotencyKey">Makes the call safe to repeat.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<MemoryInfo> ApproveAsync(
        string id, string? text = null, string? tenantId = null, string? idempotencyKey = null, CancellationToken cancellationToken = default)
        => (await _connection.StoreAsync(
            Of(id).Part("review").Query("tenant_id", tenantId),
            new ReviewDecision("approve", text),
            ClientJson.Default.ReviewDecision,
            ClientJson.Default.MemoryInfo,
            idempotencyKey,
            cancellationToken).ConfigureAwait(false)).Answer;

    /// <summary>Rejects a memory that is held back: it is deleted.</summary>
    /// <param name="id">The memory.</param>
    /// <param name="tenantId">Its tenant, if it is not the caller's own.</param>
    /// <param name="idempotencyKey">Makes the call safe to repeat.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task RejectAsync(string id, string? tenantId = null, string? idempotencyKey = null, CancellationToken cancellationToken = default)
        => _connection.SendAsync(
            HttpMethod.Post, Of(id).Part("review").Query("tenant_id", tenantId), new ReviewDecision("reject", null), ClientJson.Default.ReviewDecision, cancellationToken, idempotencyKey);

    /// <summary>Says something of a memory.</summary>
    /// <param name="id">The memory.</param>
    /// <param name="kind"><c>useful</c>, <c>wrong</c>, <c>outdated</c> or <c>sensitive</c>.</param>
    /// <param name="tenantId">Its tenant, if it is not the caller's own.</param>
    /// <param name="idempotencyKey">Makes the call safe to repeat: what was said is counted once.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<MemoryInfo> GiveFeedbackAsync(
        string id, string kind, string? tenantId = null, string? idempotencyKey = null, CancellationToken cancellationToken = default)
        => (await _connection.StoreAsync(
            Of(id).Part("feedback").Query("tenant_id", tenantId),
            new Feedback(kind),
            ClientJson.Default.Feedback,
            ClientJson.Default.MemoryInfo,
            idempotencyKey,
            cancellationToken).ConfigureAwait(false)).Answer;

    /// <summary>Lists what became of everything that was read, the newest first.</summary>
    public Task<ExtractionPage> ListExtractionsAsync(ExtractionQuery? query = null, CancellationToken cancellationToken = default)
    {
        var asked = query ?? new ExtractionQuery();
        return _connection.GetAsync(
            Owned("v1/memories/extractions", asked.Owner ?? new MemoryOwner())
                .Query("outcome", asked.Outcome)
                .Query("message_id", asked.MessageId)
                .Query("conversation_id", asked.ConversationId)
                .Query("memory_id", asked.MemoryId)
                .Query("from", asked.From)
                .Query("to", asked.To)
                .Query("cursor", asked.Cursor)
                .Query("limit", asked.Limit),
            ClientJson.Default.ExtractionPage,
            cancellationToken);
    }

    /// <summary>Reads what a tenant allows to be learned.</summary>
    public Task<MemoryPolicy> GetPolicyAsync(string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(new Address("v1/memories/policy").Query("tenant_id", tenantId), ClientJson.Default.MemoryPolicy, cancellationToken);

    /// <summary>Sets what a tenant allows to be learned; for admins and owners.</summary>
    /// <param name="reviewInferred">Whether what was inferred waits for review.</param>
    /// <param name="allowedCategories">Categories that may be learned; null for all.</param>
    /// <param name="tenantId">The tenant; the caller's own when null.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<MemoryPolicy> SetPolicyAsync(
        bool reviewInferred, IReadOnlyList<string>? allowedCategories = null, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.SendAsync(
            HttpMethod.Put,
            new Address("v1/memories/policy").Query("tenant_id", tenantId),
            new PolicyChange(reviewInferred, allowedCategories),
            ClientJson.Default.PolicyChange,
            ClientJson.Default.MemoryPolicy,
            cancellationToken);

    private static Address Owned(string path, MemoryOwner owner)
        => new Address(path).Query("tenant_id", owner.TenantId).Query("scope", owner.Scope).Query("user_id", owner.UserId).Query("team_id", owner.TeamId);
}

/// <summary>What a memory was drawn from.</summary>
/// <param name="MemoryId">The memory.</param>
/// <param name="EvidenceCount">How often it was said or observed.</param>
/// <param name="Sources">Messages and added memories with the quoted words.</param>
public sealed record MemorySources(string MemoryId, int EvidenceCount, IReadOnlyList<MemorySource> Sources);

/// <summary>Which entries of the ledger to list.</summary>
public sealed record ExtractionQuery
{
    /// <summary>Whose; the caller's own when null.</summary>
    public MemoryOwner? Owner { get; init; }

    /// <summary><c>added</c>, <c>merged</c>, <c>superseded</c>, <c>skipped</c>, <c>quarantined</c> or <c>failed</c>.</summary>
    public string? Outcome { get; init; }

    /// <summary>Only of this message.</summary>
    public string? MessageId { get; init; }

    /// <summary>Only of messages of this conversation.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Only about this memory.</summary>
    public string? MemoryId { get; init; }

    /// <summary>Only of this time or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only of this time or earlier.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>The <see cref="ExtractionPage.NextCursor"/> of the page before.</summary>
    public string? Cursor { get; init; }

    /// <summary>Most entries, 1 to 200.</summary>
    public int? Limit { get; init; }
}

/// <summary>A page of the ledger.</summary>
/// <param name="Extractions">The entries, the newest first.</param>
/// <param name="NextCursor">Cursor of the next page; null on the last one.</param>
public sealed record ExtractionPage(IReadOnlyList<ExtractionInfo> Extractions, string? NextCursor);

/// <summary>What became of something that was read.</summary>
public sealed record ExtractionInfo
{
    /// <summary>The entry.</summary>
    public required string Id { get; init; }

    /// <summary><c>user</c>, <c>team</c> or <c>organization</c>.</summary>
    public required string Scope { get; init; }

    /// <summary>The message that was read, or null.</summary>
    public string? MessageId { get; init; }

    /// <summary>The added memory that was read, or null.</summary>
    public string? SourceMemoryId { get; init; }

    /// <summary>Version of the message or memory.</summary>
    public int Version { get; init; }

    /// <summary><c>added</c>, <c>merged</c>, <c>superseded</c>, <c>skipped</c>, <c>quarantined</c> or <c>failed</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>Why, as a code.</summary>
    public required string Reason { get; init; }

    /// <summary>The memory that it became, or is evidence for.</summary>
    public string? MemoryId { get; init; }

    /// <summary>The memory that says the same, when it was skipped or merged for that.</summary>
    public string? DuplicateOf { get; init; }

    /// <summary>The memory whose place it took, or that took its place.</summary>
    public string? OtherId { get; init; }

    /// <summary>Category of what was found.</summary>
    public string? Category { get; init; }

    /// <summary>What read it: <c>rules</c>, or the name of a model.</summary>
    public required string Extractor { get; init; }

    /// <summary>Tokens that a model was sent.</summary>
    public int InputTokens { get; init; }

    /// <summary>Tokens that a model answered with.</summary>
    public int OutputTokens { get; init; }

    /// <summary>Cost in millionths of the currency that prices are set in.</summary>
    public long CostMicros { get; init; }

    /// <summary>Milliseconds that reading took.</summary>
    public double TookMs { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset At { get; init; }
}

/// <summary>What a tenant allows to be learned.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="ReviewInferred">Whether a fact whose words do not stand in what was said waits for review; else it is kept, and ranked lower.</param>
/// <param name="AllowedCategories">Categories that may be learned; null for all.</param>
/// <param name="UpdatedAt">When it was set; null when never.</param>
public sealed record MemoryPolicy(string TenantId, bool ReviewInferred, IReadOnlyList<string>? AllowedCategories, DateTimeOffset? UpdatedAt);

internal sealed record ReviewDecision(string Decision, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Text);

internal sealed record Feedback(string Kind);

internal sealed record PolicyChange(bool ReviewInferred, IReadOnlyList<string>? AllowedCategories);
