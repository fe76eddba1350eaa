using MemoryMesh.Memory.Processing;

namespace MemoryMesh.Memory.Storage;

/// <summary>Which entries a list of the ledger holds; the tenant is not optional.</summary>
internal sealed record LedgerQuery
{
    public required Guid TenantId { get; init; }

    /// <summary>Null for every owner of the tenant: for those who act for all of them.</summary>
    public required Guid? OwnerKey { get; init; }

    public ExtractionOutcome? Outcome { get; init; }

    /// <summary>The message or added memory that was read.</summary>
    public Guid? SourceId { get; init; }

    /// <summary>The memory that came of it, was evidenced, took another's place or lost its own.</summary>
    public Guid? MemoryId { get; init; }

    public Guid? ConversationKey { get; init; }

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    /// <summary>The last entry of the page before.</summary>
    public Guid? After { get; init; }

    public required int Limit { get; init; }
}

/// <summary>Keeps what became of everything that was read. Entries of a decision are written with it, by the store of memories.</summary>
internal interface IExtractionLedger
{
    /// <summary>Adds entries about versions of messages and memories that have none.</summary>
    Task AddAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken);

    /// <summary>A page of entries, the newest first.</summary>
    Task<IReadOnlyList<LedgerEntry>> ListAsync(LedgerQuery query, CancellationToken cancellationToken);

    /// <summary>Consent that a subject gave, the newest first, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<ConsentEntry>> ListConsentsAsync(Guid tenantId, Guid? ownerKey, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>Deletes entries from before a time.</summary>
    Task PurgeAsync(DateTimeOffset before, CancellationToken cancellationToken);
}
