namespace MemoryMesh.Client;

/// <summary>Core blocks, the short texts that are part of every context: <c>/v1/blocks</c>.</summary>
public sealed class BlocksApi
{
    private readonly Connection _connection;

    internal BlocksApi(Connection connection) => _connection = connection;

    /// <summary>Adds a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="idempotencyKey">Makes the call safe to repeat.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<BlockInfo> AddAsync(NewBlock block, string? idempotencyKey = null, CancellationToken cancellationToken = default)
        => (await _connection.StoreAsync(
            new Address("v1/blocks"), block, ClientJson.Default.NewBlock, ClientJson.Default.BlockInfo, idempotencyKey, cancellationToken).ConfigureAwait(false)).Answer;

    /// <summary>The blocks of one owner, the caller when null.</summary>
    public async Task<IReadOnlyList<BlockInfo>> ListAsync(MemoryOwner? owner = null, CancellationToken cancellationToken = default)
        => (await _connection.GetAsync(
            new Address("v1/blocks").Query("tenant_id", owner?.TenantId).Query("scope", owner?.Scope).Query("user_id", owner?.UserId).Query("team_id", owner?.TeamId),
            ClientJson.Default.BlockList,
            cancellationToken).ConfigureAwait(false)).Blocks;

    /// <summary>Reads a block.</summary>
    public Task<BlockInfo> GetAsync(string id, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(Of(id).Query("tenant_id", tenantId), ClientJson.Default.BlockInfo, cancellationToken);

    /// <summary>Changes a block.</summary>
    /// <param name="id">The block.</param>
    /// <param name="changes">What is null stays.</param>
    /// <param name="version">Only this version; any when null.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public Task<BlockInfo> UpdateAsync(string id, BlockChanges changes, int? version = null, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.SendAsync(
            HttpMethod.Patch, Of(id).Query("tenant_id", tenantId), changes, ClientJson.Default.BlockChanges, ClientJson.Default.BlockInfo, cancellationToken, version);

    /// <summary>Deletes a block with its versions.</summary>
    public Task DeleteAsync(string id, int? version = null, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.DeleteAsync(Of(id).Query("tenant_id", tenantId), version, cancellationToken);

    /// <summary>The versions of a block, oldest first; at most the newest 100.</summary>
    public async Task<IReadOnlyList<BlockVersion>> GetHistoryAsync(string id, string? tenantId = null, CancellationToken cancellationToken = default)
        => (await _connection.GetAsync(Of(id).Part("history").Query("tenant_id", tenantId), ClientJson.Default.BlockHistory, cancellationToken).ConfigureAwait(false)).Versions;

    private static Address Of(string id) => new Address("v1/blocks").Id(id);
}

/// <summary>A block to add.</summary>
public sealed record NewBlock
{
    /// <summary>Id or slug of the tenant; the caller's own when null.</summary>
    public string? TenantId { get; init; }

    /// <summary><c>user</c>, <c>team</c> or <c>organization</c>; user when null.</summary>
    public string? Scope { get; init; }

    /// <summary>The subject, in the scope user; the caller when null.</summary>
    public string? UserId { get; init; }

    /// <summary>The team, in the scope team.</summary>
    public string? TeamId { get; init; }

    /// <summary>Its name, one for each owner.</summary>
    public required string Label { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>The text.</summary>
    public required string Text { get; init; }

    /// <summary>Most characters of the text; 2,000 when null.</summary>
    public int? Limit { get; init; }

    /// <summary>Whether only those who administer its owner may change it.</summary>
    public bool? ReadOnly { get; init; }
}

/// <summary>Changes to a block; what is null stays.</summary>
public sealed record BlockChanges
{
    /// <summary>The new name.</summary>
    public string? Label { get; init; }

    /// <summary>What it is for; an empty text removes it.</summary>
    public string? Description { get; init; }

    /// <summary>The new text.</summary>
    public string? Text { get; init; }

    /// <summary>Most characters of the text.</summary>
    public int? Limit { get; init; }

    /// <summary>Whether only those who administer its owner may change it.</summary>
    public bool? ReadOnly { get; init; }
}

/// <summary>A block.</summary>
public sealed record BlockInfo
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The tenant.</summary>
    public required string TenantId { get; init; }

    /// <summary><c>user</c>, <c>team</c> or <c>organization</c>.</summary>
    public required string Scope { get; init; }

    /// <summary>The subject, in the scope user.</summary>
    public string? UserId { get; init; }

    /// <summary>The team, in the scope team.</summary>
    public string? TeamId { get; init; }

    /// <summary>Its name.</summary>
    public required string Label { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>The text.</summary>
    public required string Text { get; init; }

    /// <summary>Most characters of the text.</summary>
    public int Limit { get; init; }

    /// <summary>Whether only those who administer its owner may change it.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Version, from 1.</summary>
    public int Version { get; init; }

    /// <summary>When it was added.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>A version of a block.</summary>
/// <param name="Version">From 1.</param>
/// <param name="Text">The text of that version.</param>
/// <param name="At">When it was made.</param>
/// <param name="Actor">Account that made it.</param>
public sealed record BlockVersion(int Version, string Text, DateTimeOffset At, string Actor);

internal sealed record BlockList(IReadOnlyList<BlockInfo> Blocks);

internal sealed record BlockHistory(string Id, IReadOnlyList<BlockVersion> Versions);
