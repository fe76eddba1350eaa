using MemoryMesh.Contracts.Events;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Messaging;

namespace MemoryMesh.Memory.Consumers;

/// <summary>Completes a memory when its current version can be found by search.</summary>
internal sealed class CompleteOnMemoryIndexed(IMemoryStore store) : IEventConsumer<MemoryIndexed>
{
    public Task ConsumeAsync(IReadOnlyList<EventEnvelope<MemoryIndexed>> batch, CancellationToken cancellationToken)
        => store.CompleteAsync([.. batch.Select(item => (item.Event.TenantId, item.Event.MemoryId, item.Event.Version))], cancellationToken);
}
