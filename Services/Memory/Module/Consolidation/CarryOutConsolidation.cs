using MemoryMesh.Contracts.Search;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory.Consolidation;

/// <summary>
/// Carries out a run, owner by owner. What is done to an owner, the report of it and how far the run is are one transaction, so that a run that was killed is gone
/// on with after the last owner, and nothing is done or told twice.
/// </summary>
internal sealed class CarryOutConsolidation(
    IConsolidationStore store,
    ITextVectors vectors,
    ProcessingBell bell,
    IOptions<ConsolidationOptions> options,
    IOptions<MemoryOptions> memoryOptions,
    TimeProvider clock,
    ILogger<CarryOutConsolidation> logger)
{
    /// <summary>How long a run is a worker's after each owner: longer than one takes.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    private const int OwnersAtATime = 50;

    /// <summary>Others may change the owner's memories meanwhile; after so many tries it is left to the next run.</summary>
    private const int Attempts = 5;

    private static readonly ConsolidationPlan Nothing = new([], []);

    /// <summary>Goes on with a run until it has looked at every owner, or another worker has it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="leaseId">The lease that it was taken with.</param>
    /// <param name="cancellationToken">Stops it between two owners.</param>
    public async Task HandleAsync(ConsolidationRun run, Guid leaseId, CancellationToken cancellationToken)
    {
        var after = run.Cursor;
        while (await store.ListOwnersAsync(run.TenantId, changedOnly: run.RequestedBy is null, after, OwnersAtATime, cancellationToken) is { Count: > 0 } owners)
        {
            foreach (var owner in owners)
            {
                if (!await WorkAsync(run, leaseId, owner, cancellationToken))
                {
                    return;
                }
            }

            after = owners[^1];
        }

        await store.FinishAsync(run.Id, leaseId, StoredTime.Now(clock), cancellationToken);
        bell.Ring();
    }

    /// <returns>False when the run is another worker's.</returns>
    private async Task<bool> WorkAsync(ConsolidationRun run, Guid leaseId, Guid ownerKey, CancellationToken cancellationToken)
    {
        try
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                var now = StoredTime.Now(clock);
                var owner = await store.ReadOwnerAsync(run.TenantId, ownerKey, memoryOptions.Value.MaxCompared, cancellationToken);
                var alike = await CompareAsync(owner.Memories, cancellationToken);
                var plan = Consolidator.Decide(
                    owner.Memories, alike, options.Value.ApproveAfter, now, now + TimeSpan.FromSeconds(memoryOptions.Value.IndexTimeoutSeconds));
                var result = await store.ApplyAsync(new ConsolidationStep(run, leaseId, now + Lease, ownerKey, owner.Revision, plan), now, cancellationToken);
                if (result != ConsolidationStepResult.Stale)
                {
                    return result == ConsolidationStepResult.Done;
                }
            }

            Log.OwnerNotConsolidated(logger, null);
        }
        catch (Exception exception) when (exception is not (StorageUnavailableException or OperationCanceledException))
        {
            // One owner whose memories cannot be worked on does not hold back the others.
            Log.OwnerNotConsolidated(logger, exception);
        }

        var time = StoredTime.Now(clock);
        return await store.ApplyAsync(new ConsolidationStep(run, leaseId, time + Lease, ownerKey, null, Nothing), time, cancellationToken) == ConsolidationStepResult.Done;
    }

    /// <summary>Computes the vectors of texts whose words do not decide. Without a model none of them count as alike.</summary>
    private async Task<Func<MemoryRecord, MemoryRecord, bool>> CompareAsync(IReadOnlyList<MemoryRecord> memories, CancellationToken cancellationToken)
    {
        var doubtful = options.Value.Similarity < 1 ? Consolidator.FindDoubtful(memories) : [];
        var wanted = doubtful.SelectMany(pair => (MemoryRecord[])[pair.Memory, pair.Into]).DistinctBy(memory => memory.Id).ToList();
        var known = new Dictionary<Guid, float[]>(wanted.Count);
        try
        {
            foreach (var some in wanted.Chunk(ITextVectors.MostTexts))
            {
                foreach (var (memory, vector) in some.Zip(await vectors.EmbedAsync([.. some.Select(memory => memory.Text)], cancellationToken)))
                {
                    known[memory.Id] = vector;
                }
            }
        }
        catch (DependencyUnavailableException)
        {
            // What is left is compared at the next run.
        }

        return (one, other) => known.TryGetValue(one.Id, out var first) && known.TryGetValue(other.Id, out var second) && UnitVectors.Cosine(first, second) >= options.Value.Similarity;
    }
}
