namespace MemoryMesh.Retention.Transfers.Exports;

/// <summary>Keeps exports. Every call that a request makes names the tenant.</summary>
internal interface IExportStore
{
    /// <summary>Adds an export.</summary>
    /// <param name="export">The export.</param>
    /// <param name="limit">Most exports of the tenant that wait, run or keep a file.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    /// <returns>False when the tenant has as many as it may.</returns>
    Task<bool> TryAddAsync(ExportRecord export, int limit, CancellationToken cancellationToken);

    /// <summary>An export of any tenant, or null: the caller checks who may have it.</summary>
    Task<ExportRecord?> FindAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Exports of a tenant, the newest first: of conversations and subjects those of one owner or of all, and those of the tenant if asked for.</summary>
    Task<IReadOnlyList<ExportRecord>> ListAsync(
        Guid tenantId, Guid? ownerKey, bool ofTenant, Guid? before, int limit, CancellationToken cancellationToken);

    /// <summary>Takes the export that waits longest, of a tenant that has none running, and marks it as running.</summary>
    Task<ExportRecord?> ClaimAsync(CancellationToken cancellationToken);

    /// <summary>Lets exports that a process left running wait again.</summary>
    Task RecoverAsync(CancellationToken cancellationToken);

    /// <summary>Stores how an export stands.</summary>
    /// <returns>False when it is gone.</returns>
    Task<bool> UpdateAsync(ExportRecord export, CancellationToken cancellationToken);

    /// <summary>Deletes an export's row.</summary>
    Task<bool> DeleteAsync(Guid tenantId, Guid id, CancellationToken cancellationToken);

    /// <summary>Marks exports as expired whose time is over, and deletes rows that expired before another time.</summary>
    Task ExpireAsync(DateTimeOffset now, DateTimeOffset forgetBefore, CancellationToken cancellationToken);

    /// <summary>Marks completed exports of a tenant as expired, and lets those that were stopped wait again.</summary>
    Task WithdrawAsync(Guid tenantId, IReadOnlyList<Guid> stopped, CancellationToken cancellationToken);

    /// <summary>Which of these have a row whose file is or may be needed.</summary>
    Task<IReadOnlyList<Guid>> FindKeptAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken);
}
