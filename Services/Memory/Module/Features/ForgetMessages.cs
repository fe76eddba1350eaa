using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory.Features;

/// <summary>
/// Takes deleted messages from what was drawn from them: a memory that nothing else says goes, and what it superseded holds again; one that was said
/// elsewhere too, or that somebody changed, stays with the evidence that is left.
/// </summary>
internal sealed class ForgetMessages(IMemoryStore store, IOptions<MemoryOptions> options, TimeProvider clock)
{
    private const int MaxDecisions = 10;
    private const int MessagesAtATime = 100;

    /// <summary>Forgets messages of one tenant. Safe to repeat.</summary>
    public async Task HandleAsync(Guid tenantId, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
    {
        foreach (var some in messageIds.Chunk(MessagesAtATime))
        {
            foreach (var owned in await store.ListOwnersAsync(tenantId, some, cancellationToken))
            {
                await DecideAsync(tenantId, owned.Key, [.. owned], cancellationToken);
            }
        }
    }

    private async Task DecideAsync(Guid tenantId, MemoryOwner owner, IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MaxDecisions; attempt++)
        {
            var snapshot = await store.ReadOwnerAsync(
                new OwnerSnapshotQuery { TenantId = tenantId, OwnerKey = owner.Key, MessageIds = messageIds, MaxCompared = options.Value.MaxCompared }, cancellationToken);
            var now = clock.GetUtcNow();
            var plan = new OwnerPlan
            {
                TenantId = tenantId,
                Owner = owner,
                Revision = snapshot.Revision,
                IndexDeadline = now + TimeSpan.FromSeconds(options.Value.IndexTimeoutSeconds),
                Steps = Reconciler.Decide(snapshot, messageIds.Select(id => new Lesson { DrawnFrom = id, Proposals = [] })).Steps,
            };
            if (await store.ApplyAsync(plan, now, cancellationToken))
            {
                return;
            }
        }

        throw new InvalidOperationException("The owner's memories changed at every decision.");
    }
}
