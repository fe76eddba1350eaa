using MassTransit;
using MassTransit.Transports;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Joins MassTransit's messages of one type to a subscription's queue.</summary>
/// <param name="queue">Who delivers them.</param>
/// <param name="withdrawn">Canceled when the bus they came over is gone: the broker delivers them again.</param>
internal sealed class EventConsumer<TEvent>(SubscriptionQueue queue, CancellationToken withdrawn) : IConsumer<TEvent>
    where TEvent : class
{
    /// <summary>Ends when the event was taken or parked; nothing but a cancellation, which gives it back to the broker, leaves it.</summary>
    public async Task Consume(ConsumeContext<TEvent> context)
    {
        if (context.MessageId is not { } id || context.Headers.Get<long>(EventHeaders.OccurredAt) is not { } occurredAt)
        {
            await Parking.ParkAsync(context.ReceiveContext);
            return;
        }

        try
        {
            await queue.TakeAsync(context.Message, id, DateTimeOffset.FromUnixTimeMilliseconds(occurredAt), withdrawn);
        }
        catch (EventNotTakenException)
        {
            await Parking.ParkAsync(context.ReceiveContext);
        }
        catch (GivenBackException exception)
        {
            throw new OperationCanceledException(exception.Message);
        }
    }
}

/// <summary>Headers of our own.</summary>
internal static class EventHeaders
{
    /// <summary>The time of the change, in milliseconds since 1970 in UTC.</summary>
    public const string OccurredAt = "occurred-at";
}

/// <summary>Moves messages to the queue of parked events as they came. MassTransit's own error queue would keep the texts of exceptions with them.</summary>
internal static class Parking
{
    public static Task ParkAsync(ReceiveContext context)
        => context.TryGetPayload<IDeadLetterTransport>(out var transport)
            ? transport.Send(context, "parked")
            : throw new InvalidOperationException("The endpoint has nowhere to park.");
}

/// <summary>Parks what is no event: what cannot be read does not reach a consumer.</summary>
internal sealed class UnreadableFilter(SubscriptionQueue queue) : IFilter<ExceptionReceiveContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("unreadable");

    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        queue.TellUnreadable(context.Exception.GetType().Name);
        await Parking.ParkAsync(context);
        await next.Send(context);
    }
}
