using MemoryMesh.Contracts.Events;
using MemoryMesh.Retention.Storage;
using MemoryMesh.Retention.Transfers;
using MemoryMesh.ServiceDefaults.Messaging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Retention.Consumers;

/// <summary>Has what a deleted tenant holds erased, when nobody is let into it any more.</summary>
internal sealed class EraseDeletedTenants(IErasureStore store, WithdrawTransfers transfers, IOptions<RetentionOptions> options) : IEventConsumer<TenantDeleted>
{
    public async Task ConsumeAsync(IReadOnlyList<EventEnvelope<TenantDeleted>> batch, CancellationToken cancellationToken)
    {
        foreach (var deleted in batch.Select(item => item.Event))
        {
            await transfers.HandleAsync(deleted.TenantId, cancellationToken);
            await store.StartTenantAsync(deleted, deleted.DeletedAt.AddSeconds(options.Value.TenantErasureDelaySeconds), cancellationToken);
        }
    }
}
