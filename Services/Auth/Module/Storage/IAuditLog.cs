namespace MemoryMesh.Auth.Storage;

/// <summary>What was done to accounts, sessions, keys, tenants and members, and by whom. Events are added, never changed.</summary>
internal interface IAuditLog
{
    /// <summary>Adds an event that changes nothing else. What changes something adds its event in the same transaction.</summary>
    Task AddAsync(AuditEvent audit, CancellationToken cancellationToken);

    /// <summary>Removes events older than a time.</summary>
    Task RemoveOldAsync(DateTimeOffset before, CancellationToken cancellationToken);
}
