using MemoryMesh.Contracts.Events;
using MemoryMesh.Retention.Features;
using MemoryMesh.Retention.Storage;
using MemoryMesh.ServiceDefaults.Messaging;

namespace MemoryMesh.Retention.Consumers;

/// <summary>Takes an erasure on when a service has answered: asks the next one, or writes the receipt.</summary>
internal sealed class AdvanceErasures(IErasureStore store, CompleteErasure complete) : IEventConsumer<ServiceErased>
{
    public async Task ConsumeAsync(IReadOnlyList<EventEnvelope<ServiceErased>> batch, CancellationToken cancellationToken)
    {
        foreach (var erased in batch.Select(item => item.Event))
        {
            if (await store.AdvanceAsync(erased, cancellationToken) is { } answered)
            {
                await complete.HandleAsync(answered, cancellationToken);
            }
        }
    }
}
