using System.Collections.Concurrent;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Tests.Integration.Messaging;

/// <summary>Events to publish.</summary>
internal static class TestEvents
{
    public static MemoryIndexed New(int version = 1) => new() { TenantId = Guid.NewGuid(), MemoryId = Guid.NewGuid(), Version = version };

    public static Task PublishAsync(this ModuleDatabase database, params IEnumerable<MemoryIndexed> events)
        => database.Data.WriteAsync(
            session =>
            {
                foreach (var item in events)
                {
                    session.Publish(item, DateTimeOffset.UtcNow);
                }
            },
            default);

    public static Task<long> CountAsync(this ModuleDatabase database, string table)
        => database.Data.ReadAsync(session => session.Scalar(table == "outbox" ? "SELECT count(*) FROM outbox" : "SELECT count(*) FROM parked_events"), default);
}

/// <summary>Keeps what it was delivered.</summary>
internal sealed class RecordingConsumer : IEventConsumer<MemoryIndexed>
{
    public ConcurrentQueue<EventEnvelope<MemoryIndexed>> Taken { get; } = new();

    public ConcurrentQueue<int> BatchSizes { get; } = new();

    public Func<EventEnvelope<MemoryIndexed>, CancellationToken, Task> OnEvent { get; set; } = (_, _) => Task.CompletedTask;

    public IEnumerable<Guid> Memories => Taken.Select(item => item.Event.MemoryId);

    public async Task ConsumeAsync(IReadOnlyList<EventEnvelope<MemoryIndexed>> batch, CancellationToken cancellationToken)
    {
        foreach (var item in batch)
        {
            await OnEvent(item, cancellationToken);
        }

        BatchSizes.Enqueue(batch.Count);
        foreach (var item in batch)
        {
            Taken.Enqueue(item);
        }
    }
}
