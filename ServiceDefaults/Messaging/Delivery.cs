namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>One event on its way to one consumer.</summary>
internal abstract class Delivery
{
    /// <summary>Id of the event.</summary>
    public abstract Guid Id { get; }

    /// <summary>Wire name of its type.</summary>
    public abstract string TypeName { get; }

    /// <summary>When the change was made.</summary>
    public abstract DateTimeOffset OccurredAt { get; }

    /// <summary>The span that the event goes on with, as <c>traceparent</c> has it, or null.</summary>
    public abstract string? Trace { get; }

    /// <summary>Times that the consumer failed on this event alone, for a reason other than something it needs being down.</summary>
    public int Failures { get; set; }

    /// <summary>Times that something the consumer needs was down.</summary>
    public int Outages { get; set; }

    /// <summary>Whether the source took the event back: it comes again, and delivering it now would be for nothing.</summary>
    public virtual bool Withdrawn => false;

    /// <summary>The event.</summary>
    /// <exception cref="System.Text.Json.JsonException">It cannot be read.</exception>
    public abstract object ReadEvent();

    /// <summary>Tells the source that the effect is durable.</summary>
    public abstract void Take();

    /// <summary>Parks the event after the last try.</summary>
    public abstract Task ParkAsync(Exception reason, CancellationToken cancellationToken);

    /// <summary>Gives the event back to its source, when that must not wait for long.</summary>
    /// <returns>False when the source can wait.</returns>
    public virtual bool TryGiveBack() => false;
}
