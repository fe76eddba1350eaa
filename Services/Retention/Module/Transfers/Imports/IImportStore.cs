namespace MemoryMesh.Retention.Transfers.Imports;

/// <summary>Keeps imports and what was wrong with them.</summary>
internal interface IImportStore
{
    /// <summary>Most errors that are kept of an import; more are counted only.</summary>
    const int MostFaults = 1_000;

    /// <summary>Adds an import that waits for its file.</summary>
    /// <returns>False when the tenant has as many unfinished ones as it may.</returns>
    Task<bool> TryAddAsync(ImportRecord import, int limit, CancellationToken cancellationToken);

    /// <summary>An import of any tenant, or null: the caller checks who may see it.</summary>
    Task<ImportRecord?> FindAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Imports of a tenant, the newest first: of one account, or of all.</summary>
    Task<IReadOnlyList<ImportRecord>> ListAsync(Guid tenantId, Guid? accountId, Guid? before, int limit, CancellationToken cancellationToken);

    /// <summary>Errors of an import that follow one, in the order of the file.</summary>
    Task<IReadOnlyList<ImportFault>> ListFaultsAsync(Guid id, long after, int limit, CancellationToken cancellationToken);

    /// <summary>Notes how much of the file is here, and until when more is waited for.</summary>
    Task ReceivedAsync(Guid id, long received, bool complete, DateTimeOffset expiresAt, CancellationToken cancellationToken);

    /// <summary>Takes the import that waits longest, of a tenant that has none running, and marks it as running.</summary>
    Task<ImportRecord?> ClaimAsync(CancellationToken cancellationToken);

    /// <summary>Lets imports that a process left running wait again.</summary>
    /// <returns>Imports whose upload is not complete.</returns>
    Task<IReadOnlyList<ImportRecord>> RecoverAsync(CancellationToken cancellationToken);

    /// <summary>Stores how an import stands, and what was wrong since it was stored last.</summary>
    /// <returns>False when it is gone.</returns>
    Task<bool> UpdateAsync(ImportRecord import, IReadOnlyList<ImportFault> faults, CancellationToken cancellationToken);

    /// <summary>Lets a failed import wait again.</summary>
    /// <returns>False when it has not failed.</returns>
    Task<bool> ResumeAsync(Guid id, DateTimeOffset expiresAt, CancellationToken cancellationToken);

    /// <summary>Deletes an import's row and errors.</summary>
    Task DeleteAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Deletes uploads that nobody goes on with, and rows of imports that ended before a time.</summary>
    Task ExpireAsync(DateTimeOffset now, DateTimeOffset forgetBefore, CancellationToken cancellationToken);

    /// <summary>Ends the unfinished imports of a tenant: their files are given up.</summary>
    Task WithdrawAsync(Guid tenantId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Which of these have a row whose file is or may be needed.</summary>
    Task<IReadOnlyList<Guid>> FindKeptAsync(IReadOnlyList<Guid> ids, DateTimeOffset now, CancellationToken cancellationToken);
}
