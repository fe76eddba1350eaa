using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Memory.Storage;

/// <summary>Keeps core blocks with their versions. What is asked for in another tenant is not there.</summary>
internal interface ICoreBlockStore
{
    /// <summary>Adds a block and its first version.</summary>
    /// <param name="block">The block.</param>
    /// <param name="accountId">Who adds it.</param>
    /// <param name="mostOfOwner">Most blocks of its owner.</param>
    /// <param name="request">Set when the request carries an Idempotency-Key.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    /// <returns>What became of it, and the block: as it was made before, when the same request made it.</returns>
    Task<(BlockOutcome Outcome, CoreBlock Block)> AddAsync(
        CoreBlock block, Guid accountId, int mostOfOwner, IdempotentRequest? request, CancellationToken cancellationToken);

    /// <summary>A block, or null.</summary>
    Task<CoreBlock?> FindAsync(Guid tenantId, Guid blockId, CancellationToken cancellationToken);

    /// <summary>Blocks of owners, in the order of the owners and then of their creation.</summary>
    Task<IReadOnlyList<CoreBlock>> ListAsync(Guid tenantId, IReadOnlyList<Guid> ownerKeys, CancellationToken cancellationToken);

    /// <summary>Replaces a block by its next version.</summary>
    /// <returns><see cref="BlockOutcome.Stale"/> when <paramref name="current"/> is not the stored version any more.</returns>
    Task<BlockOutcome> ReplaceAsync(CoreBlock current, CoreBlock next, Guid accountId, CancellationToken cancellationToken);

    /// <summary>Deletes a block with its versions.</summary>
    /// <returns>False when it was not there in that version.</returns>
    Task<bool> DeleteAsync(Guid tenantId, Guid blockId, int version, CancellationToken cancellationToken);

    /// <summary>Versions of a block, oldest first; at most the newest <see cref="CoreBlock.KeptVersions"/>.</summary>
    Task<IReadOnlyList<BlockVersion>> ListVersionsAsync(CoreBlock block, CancellationToken cancellationToken);
}

/// <summary>What became of a change to a block.</summary>
internal enum BlockOutcome
{
    Done,

    /// <summary>The owner has a block of that label.</summary>
    LabelTaken,

    /// <summary>The owner has as many blocks as it may.</summary>
    TooMany,

    /// <summary>The subject opted out of memory.</summary>
    OptedOut,

    /// <summary>It was changed or deleted meanwhile.</summary>
    Stale,

    /// <summary>The same request made it before.</summary>
    Replayed,

    /// <summary>The Idempotency-Key came with another request before.</summary>
    KeyReused,
}

/// <summary>A short text that is part of every context of its owner.</summary>
internal sealed record CoreBlock
{
    /// <summary>Versions that are kept of a block; the oldest goes when a new one comes.</summary>
    public const int KeptVersions = 100;

    public required Guid Id { get; init; }

    public required Guid TenantId { get; init; }

    public required MemoryOwner Owner { get; init; }

    /// <summary>Its name, one for each owner.</summary>
    public required string Label { get; init; }

    /// <summary>What it is for, or null.</summary>
    public string? Description { get; init; }

    public required string Text { get; init; }

    /// <summary>Most characters (Unicode code points) of the text.</summary>
    public required int MaxCharacters { get; init; }

    /// <summary>Whether only those who administer its owner may change or delete it.</summary>
    public required bool ReadOnly { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public string ScopeName => Owner.Scope.Name();
}

/// <summary>A version of a block.</summary>
/// <param name="Version">From 1.</param>
/// <param name="Text">The text of that version.</param>
/// <param name="ChangedBy">Account that made it.</param>
/// <param name="At">When.</param>
internal sealed record BlockVersion(int Version, string Text, Guid ChangedBy, DateTimeOffset At);
