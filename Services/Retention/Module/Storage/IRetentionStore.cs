namespace MemoryMesh.Retention.Storage;

/// <summary>Keeps policies and the records of runs.</summary>
internal interface IRetentionStore
{
    /// <summary>The tenant's own policy, or null.</summary>
    Task<TenantPolicy?> FindPolicyAsync(Guid tenantId, CancellationToken cancellationToken);

    /// <summary>Stores what <paramref name="change"/> makes of the policy that is there, or of none, in one transaction.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="change">Answers the new policy, or null to keep everything as it is.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>What is stored now when it was changed, else null.</returns>
    Task<TenantPolicy?> SavePolicyAsync(Guid tenantId, Func<TenantPolicy?, TenantPolicy?> change, CancellationToken cancellationToken);

    /// <summary>Deletes the tenant's own policy when it is there and <paramref name="allowed"/> agrees.</summary>
    /// <returns>The policy that was there, and whether it was deleted.</returns>
    Task<(TenantPolicy? Found, bool Deleted)> DeletePolicyAsync(Guid tenantId, Func<TenantPolicy, bool> allowed, CancellationToken cancellationToken);

    /// <summary>Ids of tenants with an enabled policy of their own, by id after <paramref name="after"/>.</summary>
    Task<IReadOnlyList<Guid>> ListTenantsWithPolicyAsync(Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>Stores a run that starts.</summary>
    /// <returns>False when another run of the tenant is not finished.</returns>
    Task<bool> TryAddRunAsync(RetentionRun run, CancellationToken cancellationToken);

    /// <summary>A run of a tenant, or null.</summary>
    Task<RetentionRun?> FindRunAsync(Guid tenantId, Guid runId, CancellationToken cancellationToken);

    /// <summary>Runs of a tenant, newest first, older than <paramref name="before"/> when it is given.</summary>
    Task<IReadOnlyList<RetentionRun>> ListRunsAsync(Guid tenantId, Guid? before, int limit, CancellationToken cancellationToken);

    /// <summary>Runs of all tenants that are not finished, oldest first.</summary>
    Task<IReadOnlyList<RetentionRun>> ListUnfinishedAsync(CancellationToken cancellationToken);

    /// <summary>Stores counts, status and end of a run.</summary>
    Task UpdateRunAsync(RetentionRun run, CancellationToken cancellationToken);

    /// <summary>Deletes the records of runs that finished before a time.</summary>
    Task TrimRunsAsync(DateTimeOffset finishedBefore, CancellationToken cancellationToken);

    /// <summary>When the last scheduled pass started, or null.</summary>
    Task<DateTimeOffset?> FindLastPassAsync(CancellationToken cancellationToken);

    /// <summary>Stores when a scheduled pass started.</summary>
    Task SaveLastPassAsync(DateTimeOffset startedAt, CancellationToken cancellationToken);
}
