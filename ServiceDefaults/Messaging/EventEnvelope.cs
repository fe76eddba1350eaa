namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>An event on its way to a consumer.</summary>
/// <param name="Id">Id of the event, the same at every delivery.</param>
/// <param name="OccurredAt">When the change was made.</param>
/// <param name="Event">The event.</param>
public sealed record EventEnvelope<TEvent>(Guid Id, DateTimeOffset OccurredAt, TEvent Event)
    where TEvent : class;

/// <summary>Takes events of one type. Delivery is at least once, and across types and keys in no order: a consumer reads the state from the owner and applies it.</summary>
public interface IEventConsumer<TEvent>
    where TEvent : class
{
    /// <summary>Takes 1 to 256 events. When it throws, all of them are delivered again.</summary>
    Task ConsumeAsync(IReadOnlyList<EventEnvelope<TEvent>> batch, CancellationToken cancellationToken);
}
