namespace MemoryMesh.Auth.Storage;

/// <summary>What was done to accounts, sessions, keys, tenants and members, and by whom. Events are added, never changed.</summary>
internal interface IAuditLog
{
    /// <summary>Adds an event that changes nothing else. What changes something adds its event in the same transaction.</summary>
    Task AddAsync(AuditEvent audit, CancellationToken cancellationToken);

    /// <summary>Adds events of other services; one that was delivered before is left out.</summary>
    Task AddOnceAsync(IReadOnlyList<AuditEvent> audits, CancellationToken cancellationToken);

    /// <summary>A tenant's events, latest first, before the event numbered <paramref name="before"/>.</summary>
    Task<IReadOnlyList<NumberedAuditEvent>> ListAsync(Guid tenantId, long? before, int limit, CancellationToken cancellationToken);

    /// <summary>Removes events older than a time.</summary>
    Task RemoveOldAsync(DateTimeOffset before, CancellationToken cancellationToken);
}

/// <summary>An event with its number.</summary>
internal sealed record NumberedAuditEvent(long Number, AuditEvent Event);
