namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>An event of some service as it passes by.</summary>
/// <param name="Source">Name of the service's store.</param>
/// <param name="Position">Its place in the outbox there: the events of one source have positions without gaps.</param>
/// <param name="Id">Id of the event.</param>
/// <param name="OccurredAt">When the change was made.</param>
/// <param name="Event">The event; null when it cannot be read.</param>
public sealed record PassingEvent(string Source, long Position, Guid Id, DateTimeOffset OccurredAt, object? Event);

/// <summary>Sees the events of all services while it listens, those of one source once and in order. Nothing is kept for it.</summary>
/// <remarks>Calls for one source come one after the other, calls for several at the same time. They must be short.</remarks>
public interface IEventListener
{
    /// <summary>The events of a source after <paramref name="position"/> follow.</summary>
    void Begin(string source, long position);

    /// <summary>An event passes.</summary>
    void Pass(PassingEvent item);

    /// <summary>Events of a source, up to <paramref name="position"/>, went by unseen.</summary>
    void Miss(string source, long position);
}
