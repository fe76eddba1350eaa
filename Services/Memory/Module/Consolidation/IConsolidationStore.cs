using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Memory.Consolidation;

/// <summary>
/// Keeps the runs of the consolidation, and carries out what they decide. A tenant has one run at a time that has not ended, and one worker has it, by a lease
/// that ends by itself: a run whose worker was killed is gone on with after the last owner that it wrote.
/// </summary>
internal interface IConsolidationStore
{
    /// <summary>Asks for a run.</summary>
    /// <param name="run">The run, queued.</param>
    /// <param name="request">Set when the request carries an Idempotency-Key.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    Task<ConsolidationRequested> RequestAsync(ConsolidationRun run, IdempotentRequest? request, CancellationToken cancellationToken);

    /// <summary>Queues a run for every tenant with memories that changed since the last one, unless it has one that has not ended or began by itself since <paramref name="since"/>.</summary>
    /// <returns>How many.</returns>
    Task<int> ScheduleAsync(DateTimeOffset since, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Takes the oldest run that has not ended and that nobody has; null when there is none.</summary>
    Task<ConsolidationRun?> TryLeaseAsync(Guid leaseId, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>Gives a run back, so that another worker need not wait for the lease to end.</summary>
    Task ReleaseAsync(Guid runId, Guid leaseId, CancellationToken cancellationToken);

    /// <summary>Notes that a run has looked at every owner.</summary>
    Task FinishAsync(Guid runId, Guid leaseId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Owners of a tenant by key; with <paramref name="changedOnly"/> those whose memories changed since a run looked at them.</summary>
    Task<IReadOnlyList<Guid>> ListOwnersAsync(Guid tenantId, bool changedOnly, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>An owner's memories.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="ownerKey">The owner.</param>
    /// <param name="limit">Most memories, the newest.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    Task<ConsolidatedOwner> ReadOwnerAsync(Guid tenantId, Guid ownerKey, int limit, CancellationToken cancellationToken);

    /// <summary>Writes what is done to one owner, with the report of it and how far the run is.</summary>
    Task<ConsolidationStepResult> ApplyAsync(ConsolidationStep step, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>A run, or null.</summary>
    Task<ConsolidationRun?> FindAsync(Guid tenantId, Guid runId, CancellationToken cancellationToken);

    /// <summary>Runs of a tenant, the newest first.</summary>
    Task<IReadOnlyList<ConsolidationRun>> ListAsync(Guid tenantId, Guid? before, int limit, CancellationToken cancellationToken);

    /// <summary>What a run did, in order.</summary>
    Task<IReadOnlyList<ReportedChange>> ListChangesAsync(Guid tenantId, Guid runId, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>Deletes runs that ended before a time, with their changes.</summary>
    Task PurgeAsync(DateTimeOffset before, CancellationToken cancellationToken);
}
