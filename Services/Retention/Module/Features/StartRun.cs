using MemoryMesh.Retention.Storage;

namespace MemoryMesh.Retention.Features;

/// <summary>The outcome of <see cref="StartRun"/>: a run, or why there is none.</summary>
/// <param name="Run">The run; null when none started.</param>
/// <param name="Busy">Whether another run of the tenant is in progress; false with no run means that no policy is in force.</param>
internal readonly record struct RunStart(RetentionRun? Run, bool Busy);

/// <summary>Records that a run starts, with the policy in force as a snapshot.</summary>
internal sealed class StartRun(IRetentionStore store, PolicyInForce policies, TimeProvider clock)
{
    public async Task<RunStart> HandleAsync(Guid tenantId, RunTrigger trigger, Guid? actorAccountId, CancellationToken cancellationToken)
    {
        if (await policies.FindAsync(tenantId, cancellationToken) is not { } policy)
        {
            return new(null, Busy: false);
        }

        // Whole milliseconds, as the store keeps them: a run that is continued has the same limit of age.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        var run = new RetentionRun
        {
            Id = Guid.CreateVersion7(now),
            TenantId = tenantId,
            StartedAt = now,
            Status = RunStatus.Running,
            Trigger = trigger,
            ActorAccountId = actorAccountId,
            Policy = policy,
        };
        return await store.TryAddRunAsync(run, cancellationToken) ? new(run, Busy: false) : new(null, Busy: true);
    }
}
