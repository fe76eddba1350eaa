using System.Diagnostics;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Hands events to one consumer: together where it can, alone where it must, again after growing waits. Used by one task at a time.</summary>
/// <remarks>
/// An event that fails does not hold back the others: it is put off and its source goes on. After its last try it is parked. When the disk or
/// another service is down, that says nothing about the event: it is tried for as long as it takes.
/// </remarks>
internal sealed partial class Deliverer(SubscriptionRegistration registration, IServiceProvider services, TimeProvider clock, ILogger logger)
{
    /// <summary>Most events that a consumer gets at once.</summary>
    public const int BatchSize = 256;

    private const int TriesAtOnce = 3;

    /// <summary>Events in a row that meet an outage before the rest of the batch is put off untried.</summary>
    private const int OutagesInARow = 2;

    private static readonly TimeSpan[] Waits =
    [
        TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30),
    ];

    private readonly PriorityQueue<Delivery, long> _putOff = new();

    /// <summary>How many events wait for another try.</summary>
    public int PutOffCount => _putOff.Count;

    /// <summary>Time until the next event is due for another try, or null when none waits.</summary>
    public TimeSpan? UntilDue => _putOff.TryPeek(out _, out var due) ? Max(TimeSpan.Zero, clock.GetElapsedTime(clock.GetTimestamp(), due)) : null;

    /// <summary>Delivers events; when it returns, each was taken, put off or parked.</summary>
    public async Task DeliverAsync(IEnumerable<Delivery> deliveries, CancellationToken cancellationToken)
    {
        foreach (var group in deliveries.GroupBy(delivery => delivery.TypeName, StringComparer.Ordinal))
        {
            foreach (var batch in group.Chunk(BatchSize))
            {
                await DeliverBatchAsync(batch, cancellationToken);
            }
        }
    }

    /// <summary>Delivers the events that were put off and are due.</summary>
    public async Task DeliverDueAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetTimestamp();
        var together = new List<Delivery>();
        var alone = new List<Delivery>();
        while (_putOff.TryPeek(out var delivery, out var due) && due <= now)
        {
            _putOff.Dequeue();
            Telemetry.EventsPutOff.Add(-1, new TagList { { "subscription", registration.Subscription.Name } });
            (delivery.Failures == 0 ? together : alone).Add(delivery);
        }

        await DeliverAsync(together, cancellationToken);
        foreach (var delivery in alone)
        {
            await DeliverAloneAsync(delivery, cancellationToken);
        }
    }

    private async Task DeliverBatchAsync(Delivery[] batch, CancellationToken cancellationToken)
    {
        try
        {
            await DispatchAsync(batch, cancellationToken);
            return;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, registration.Subscription.Name, batch.Length, exception.GetType().Name, exception);
        }

        var outages = 0;
        foreach (var delivery in batch)
        {
            if (outages == OutagesInARow)
            {
                PutOff(delivery, Waits[0]);
            }
            else
            {
                outages = await DeliverAloneAsync(delivery, cancellationToken) ? 0 : outages + 1;
            }
        }
    }

    /// <returns>False when something the consumer needs is down.</returns>
    private async Task<bool> DeliverAloneAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await DispatchAsync([delivery], cancellationToken);
                return true;
            }
            catch (Exception exception) when (IsOutage(exception) && !cancellationToken.IsCancellationRequested)
            {
                delivery.Outages++;
                LogOutage(logger, registration.Subscription.Name, exception.Message);
                PutOff(delivery, TimeSpan.FromSeconds(Math.Min(10, 0.2 * Math.Pow(2, Math.Min(delivery.Outages - 1, 10)))));
                return false;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                delivery.Failures++;
                if (delivery.Failures >= TriesAtOnce + Waits.Length)
                {
                    LogParked(logger, delivery.Id, registration.Subscription.Name, exception.GetType().Name);
                    Telemetry.EventsParked.Add(1, new TagList { { "subscription", registration.Subscription.Name } });
                    await delivery.ParkAsync(exception, cancellationToken);
                    return true;
                }

                LogFailed(logger, registration.Subscription.Name, 1, exception.GetType().Name, exception);
                if (delivery.Failures >= TriesAtOnce)
                {
                    PutOff(delivery, Waits[delivery.Failures - TriesAtOnce]);
                    return true;
                }
            }
        }
    }

    private async Task DispatchAsync(Delivery[] batch, CancellationToken cancellationToken)
    {
        var wanted = Array.FindAll(batch, delivery => !delivery.Withdrawn);
        if (wanted.Length == 0)
        {
            return;
        }

        using (var trace = new DeliveryTrace(registration.Subscription.Name, wanted))
        {
            try
            {
                await registration.DispatchAsync(services, wanted[0].TypeName, wanted, cancellationToken);
            }
            catch (Exception exception)
            {
                trace.Fail(exception);
                throw;
            }
        }

        var now = clock.GetUtcNow();
        foreach (var delivery in wanted)
        {
            delivery.Take();
            Telemetry.EventLag.Record(Math.Max(0, (now - delivery.OccurredAt).TotalSeconds), new TagList { { "subscription", registration.Subscription.Name } });
        }
    }

    private void PutOff(Delivery delivery, TimeSpan wait)
    {
        if (!delivery.TryGiveBack())
        {
            Telemetry.EventsPutOff.Add(1, new TagList { { "subscription", registration.Subscription.Name } });
            _putOff.Enqueue(delivery, clock.GetTimestamp() + (long)(wait.TotalSeconds * clock.TimestampFrequency));
        }
    }

    private static bool IsOutage(Exception exception) => exception is StorageUnavailableException or DependencyUnavailableException;

    private static TimeSpan Max(TimeSpan first, TimeSpan second) => first > second ? first : second;

    [LoggerMessage(EventId = 1101, Level = LogLevel.Warning, Message = "{Subscription}: {Count} events could not be taken ({Kind}); they are delivered again")]
    private static partial void LogFailed(ILogger logger, string subscription, int count, string kind, Exception exception);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Error, Message = "Event {EventId} is parked: {Subscription} could not take it ({Kind})")]
    private static partial void LogParked(ILogger logger, Guid eventId, string subscription, string kind);

    [LoggerMessage(EventId = 1103, Level = LogLevel.Warning, Message = "{Subscription}: events wait: {Reason}")]
    private static partial void LogOutage(ILogger logger, string subscription, string reason);
}
