namespace MemoryMesh.Client;

/// <summary>Learning: what may be drawn from what is said, consent, and the consolidation of what was learned.</summary>
public sealed partial class MemoriesApi
{
    /// <summary>Sets whether a subject opted out, and which categories may be learned about it.</summary>
    /// <param name="optedOut">Whether nothing is learned about the subject and nothing recalled.</param>
    /// <param name="allowedCategories">Categories that may be learned; null for all.</param>
    /// <param name="userId">The subject; the caller's own account when null.</param>
    /// <param name="tenantId">The tenant; the caller's own when null.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<MemorySettings> SetSettingsAsync(
        bool optedOut, IReadOnlyList<string>? allowedCategories, string? userId = null, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.SendAsync(
            HttpMethod.Put,
            Settings(userId, tenantId),
            new SubjectSettingsChange(optedOut, allowedCategories),
            ClientJson.Default.SubjectSettingsChange,
            ClientJson.Default.MemorySettings,
            cancellationToken);

    /// <summary>Lists what sensitive a subject asked to be remembered, the newest first.</summary>
    /// <param name="userId">The subject; the caller's own account when null.</param>
    /// <param name="tenantId">The tenant; the caller's own when null.</param>
    /// <param name="cursor">The <see cref="ConsentPage.NextCursor"/> of the page before.</param>
    /// <param name="limit">Most records, 1 to 200.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<ConsentPage> ListConsentsAsync(
        string? userId = null, string? tenantId = null, string? cursor = null, int? limit = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(
            new Address("v1/memories/consents").Query("tenant_id", tenantId).Query("user_id", userId).Query("cursor", cursor).Query("limit", limit),
            ClientJson.Default.ConsentPage,
            cancellationToken);

    /// <summary>Reads what is drawn from the tenant's messages; for admins and owners.</summary>
    public Task<ExtractionSettings> GetExtractionSettingsAsync(string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(ExtractionSettingsOf(tenantId), ClientJson.Default.ExtractionSettings, cancellationToken);

    /// <summary>Says what is drawn from the tenant's messages; for admins and owners.</summary>
    /// <param name="instructions">What the language model should mind, up to 4,000 bytes; nothing when null.</param>
    /// <param name="categories">Categories that are drawn, by the rules too; all when null or empty.</param>
    /// <param name="version">Only over this version; over any when null.</param>
    /// <param name="tenantId">The tenant; the caller's own when null.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<ExtractionSettings> SetExtractionSettingsAsync(
        string? instructions, IReadOnlyList<string>? categories = null, int? version = null, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.SendAsync(
            HttpMethod.Put,
            ExtractionSettingsOf(tenantId),
            new ExtractionSettingsChange(instructions, categories),
            ClientJson.Default.ExtractionSettingsChange,
            ClientJson.Default.ExtractionSettings,
            cancellationToken,
            version);

    /// <summary>Has the server's settings hold for the tenant again; for admins and owners.</summary>
    public Task ResetExtractionSettingsAsync(string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.DeleteAsync(ExtractionSettingsOf(tenantId), null, cancellationToken);

    /// <summary>Begins a consolidation of the tenant's memories; for admins and owners.</summary>
    /// <param name="dryRun">Whether nothing is changed, and the report tells what would be.</param>
    /// <param name="tenantId">The tenant; the caller's own when null.</param>
    /// <param name="idempotencyKey">Makes the call safe to repeat.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="MemoryMeshException">409: one has not ended.</exception>
    public async Task<ConsolidationInfo> ConsolidateAsync(
        bool dryRun = false, string? tenantId = null, string? idempotencyKey = null, CancellationToken cancellationToken = default)
        => (await _connection.StoreAsync(
            new Address(Consolidations),
            new NewConsolidation(tenantId, dryRun),
            ClientJson.Default.NewConsolidation,
            ClientJson.Default.ConsolidationInfo,
            idempotencyKey,
            cancellationToken).ConfigureAwait(false)).Answer;

    /// <summary>Reads how far a consolidation is.</summary>
    public Task<ConsolidationInfo> GetConsolidationAsync(string id, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(new Address(Consolidations).Id(id).Query("tenant_id", tenantId), ClientJson.Default.ConsolidationInfo, cancellationToken);

    /// <summary>A page of the consolidations of a tenant, the newest first.</summary>
    public Task<ConsolidationPage> ListConsolidationsAsync(
        string? tenantId = null, string? cursor = null, int? limit = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(
            new Address(Consolidations).Query("tenant_id", tenantId).Query("cursor", cursor).Query("limit", limit), ClientJson.Default.ConsolidationPage, cancellationToken);

    /// <summary>A page of what a consolidation did, or would do, in order.</summary>
    public Task<ConsolidationChangePage> ListConsolidationChangesAsync(
        string id, string? tenantId = null, string? cursor = null, int? limit = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(
            new Address(Consolidations).Id(id).Part("changes").Query("tenant_id", tenantId).Query("cursor", cursor).Query("limit", limit),
            ClientJson.Default.ConsolidationChangePage,
            cancellationToken);

    private const string Consolidations = "v1/memories/consolidations";

    private static Address ExtractionSettingsOf(string? tenantId) => new Address("v1/memories/extraction-settings").Query("tenant_id", tenantId);
}

/// <summary>A page of consent.</summary>
/// <param name="Consents">The records, the newest first.</param>
/// <param name="NextCursor">Cursor of the next page; null on the last one.</param>
public sealed record ConsentPage(IReadOnlyList<ConsentInfo> Consents, string? NextCursor);

/// <summary>That a subject asked for something sensitive to be remembered.</summary>
/// <param name="Id">The record.</param>
/// <param name="Category">What it is about.</param>
/// <param name="MessageId">The message that asks for it.</param>
/// <param name="MemoryId">The memory that came of it.</param>
/// <param name="At">When it was said.</param>
public sealed record ConsentInfo(string Id, string Category, string MessageId, string MemoryId, DateTimeOffset At);

/// <summary>What is drawn from a tenant's messages.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="Instructions">What the language model should mind; null for nothing.</param>
/// <param name="Categories">Categories that are drawn; all when empty.</param>
/// <param name="Model">Name of the language model; null when none is configured.</param>
/// <param name="Version">From 1; 0 while the server's settings hold.</param>
/// <param name="UpdatedAt">When it was set; null while the server's settings hold.</param>
public sealed record ExtractionSettings(
    string TenantId, string? Instructions, IReadOnlyList<string> Categories, string? Model, int Version, DateTimeOffset? UpdatedAt);

/// <summary>A consolidation of a tenant's memories.</summary>
public sealed record ConsolidationInfo
{
    /// <summary>The run.</summary>
    public required string Id { get; init; }

    /// <summary>The tenant.</summary>
    public required string TenantId { get; init; }

    /// <summary><c>queued</c>, <c>running</c> or <c>completed</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Whether it only tells what it would do.</summary>
    public bool DryRun { get; init; }

    /// <summary><c>schedule</c> or <c>request</c>.</summary>
    public required string Trigger { get; init; }

    /// <summary>When it was asked for.</summary>
    public DateTimeOffset RequestedAt { get; init; }

    /// <summary>When it began; null while it is queued.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When every owner had been looked at; null until then.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>How many owners were looked at.</summary>
    public int Owners { get; init; }

    /// <summary>How many of them could not be worked on.</summary>
    public int Failed { get; init; }

    /// <summary>Memories that were merged into others, or would be.</summary>
    public int Merged { get; init; }

    /// <summary>Memories whose place a newer value took.</summary>
    public int Superseded { get; init; }

    /// <summary>Memories whose time was over.</summary>
    public int Expired { get; init; }

    /// <summary>Memories that rank higher.</summary>
    public int Promoted { get; init; }

    /// <summary>Inferred memories that were let through.</summary>
    public int Approved { get; init; }
}

/// <summary>A page of consolidations.</summary>
/// <param name="Consolidations">The newest first.</param>
/// <param name="NextCursor">Cursor of the next page; null on the last one.</param>
public sealed record ConsolidationPage(IReadOnlyList<ConsolidationInfo> Consolidations, string? NextCursor);

/// <summary>A page of what a consolidation did.</summary>
/// <param name="Changes">The changes, in order.</param>
/// <param name="NextCursor">Cursor of the next page; null on the last one.</param>
public sealed record ConsolidationChangePage(IReadOnlyList<ConsolidationChange> Changes, string? NextCursor);

/// <summary>A change of a memory.</summary>
/// <param name="Change"><c>merged</c>, <c>superseded</c>, <c>expired</c>, <c>promoted</c> or <c>approved</c>.</param>
/// <param name="Scope"><c>user</c>, <c>team</c> or <c>organization</c>.</param>
/// <param name="MemoryId">The memory.</param>
/// <param name="Into">The memory that says the same, or that took its place; else null.</param>
public sealed record ConsolidationChange(string Change, string Scope, string MemoryId, string? Into);

internal sealed record SubjectSettingsChange(
    bool OptedOut,
    [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.Never)] IReadOnlyList<string>? AllowedCategories);

internal sealed record ExtractionSettingsChange(string? Instructions, IReadOnlyList<string>? Categories);

internal sealed record NewConsolidation(string? TenantId, bool DryRun);
