using MassTransit;
using MassTransit.Transports;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Joins MassTransit's messages of one type to a subscription's queue.</summary>
/// <param name="queue">Who delivers them.</param>
/// <param name="withdrawn">Canceled when the bus they came over is gone: the broker delivers them again.</param>
/// <param name="isGivenUp">Whether the broker gave up delivering what comes: it is parked.</param>
internal sealed class EventConsumer<TEvent>(SubscriptionQueue queue, CancellationToken withdrawn, bool isGivenUp = false) : IConsumer<TEvent>
    where TEvent : class
{
    /// <summary>Ends when the event was taken or parked.</summary>
    /// <exception cref="GivenBackException">Neither: the broker is to keep it. Nothing else leaves this method, a cancellation neither: MassTransit parks it.</exception>
    public async Task Consume(ConsumeContext<TEvent> context)
    {
        try
        {
            if (context.MessageId is { } id && context.Headers.Get<long>(EventHeaders.OccurredAt) is { } occurredAt)
            {
                await (isGivenUp ? queue.ParkGivenUpAsync : (Func<object, Guid, DateTimeOffset, string, string?, CancellationToken, Task>)queue.TakeAsync)(
                    context.Message,
                    id,
                    DateTimeOffset.FromUnixTimeMilliseconds(occurredAt),
                    context.Headers.Get<string>(EventHeaders.Source) ?? "",
                    context.Headers.Get<string>(EventHeaders.Trace),
                    withdrawn);
            }
            else
            {
                queue.TellUnreadable("id or time is missing");
                await Parking.ParkAsync(context.ReceiveContext);
            }
        }
        catch (Exception exception) when (exception is not GivenBackException)
        {
            throw new GivenBackException();
        }
    }
}

/// <summary>Headers of our own.</summary>
internal static class EventHeaders
{
    /// <summary>The time of the change, in milliseconds since 1970 in UTC.</summary>
    public const string OccurredAt = "occurred-at";

    /// <summary>Name of the store whose outbox the event is of.</summary>
    public const string Source = "outbox-source";

    /// <summary>Its place there.</summary>
    public const string Position = "outbox-position";

    /// <summary>The span that the event goes on with, as <c>traceparent</c> has it.</summary>
    public const string Trace = "outbox-trace";
}

/// <summary>Moves messages that are no events to the queue beside as they came. MassTransit's own error queue would keep the texts of exceptions with them.</summary>
internal static class Parking
{
    public static Task ParkAsync(ReceiveContext context)
        => context.TryGetPayload<IDeadLetterTransport>(out var transport)
            ? transport.Send(context, "parked")
            : throw new InvalidOperationException("The endpoint has nowhere to park.");
}

/// <summary>Parks what is no event, because it cannot be read and so reached no consumer, and gives back what the consumer gave back.</summary>
internal sealed class UnreadableFilter(SubscriptionQueue queue) : IFilter<ExceptionReceiveContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("unreadable");

    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        if (context.Exception.GetBaseException() is GivenBackException or OperationCanceledException || context.Exception is ConsumerCanceledException)
        {
            // What leaves this filter has the broker keep the message.
            throw new GivenBackException();
        }

        queue.TellUnreadable(context.Exception.GetType().Name);
        await Parking.ParkAsync(context);
        await next.Send(context);
    }
}
