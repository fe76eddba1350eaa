namespace MemoryMesh.Contracts.Search;

/// <summary>What other services ask of Search. The caller has checked the tenant and what the principal may see.</summary>
public interface ISearchClient
{
    /// <summary>Memories that answer a query, best first.</summary>
    Task<IReadOnlyList<MemoryHit>> SearchMemoriesAsync(MemoryQuery query, CancellationToken cancellationToken);

    /// <summary>Waits until versions of messages can be found by search.</summary>
    /// <returns>False when <paramref name="timeout"/> passed first.</returns>
    Task<bool> WaitUntilIndexedAsync(
        Guid tenantId, IReadOnlyList<MessageVersion> messages, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Waits until versions of messages can be found by their meaning too, or turn out to have no vectors.</summary>
    /// <returns>False when <paramref name="timeout"/> passed first.</returns>
    Task<bool> WaitUntilEmbeddedAsync(
        Guid tenantId, IReadOnlyList<MessageVersion> messages, TimeSpan timeout, CancellationToken cancellationToken);
}

/// <summary>A version of a message.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="Version">Its version; a newer one in the index counts too.</param>
public sealed record MessageVersion(Guid MessageId, int Version);

/// <summary>A search over memories; tenant and owners are not optional.</summary>
public sealed record MemoryQuery
{
    /// <summary>The tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Owners whose memories may be found: subject keys, team ids, the tenant's id. Null finds those of every owner of the tenant.</summary>
    public required IReadOnlyList<Guid>? OwnerKeys { get; init; }

    /// <summary>The question.</summary>
    public required string Query { get; init; }

    /// <summary>Most hits, 1 to 1,000.</summary>
    public required int TopK { get; init; }

    /// <summary>Only these categories; null or empty for all.</summary>
    public IReadOnlyList<string>? Categories { get; init; }
}

/// <summary>A memory that was found.</summary>
/// <param name="MemoryId">The memory.</param>
/// <param name="Score">Score, at least 0, comparable within one answer only.</param>
public sealed record MemoryHit(Guid MemoryId, double Score);
