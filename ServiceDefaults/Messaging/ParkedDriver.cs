using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Drives parked events again that an operator asked for: each is handed to its consumer alone, once. One that fails is parked again with the new reason.</summary>
/// <remarks>
/// The wish is in the store, so a process killed meanwhile goes on after its start. A row is deleted after the effect is durable: an event may be taken twice, which
/// consumers expect. While something that the consumer needs is down, the wish stays.
/// </remarks>
internal sealed partial class ParkedDriver(
    IEnumerable<ModuleStore> databases,
    IEnumerable<SubscriptionRegistration> registrations,
    IServiceProvider services,
    ParkedBell bell,
    TimeProvider clock,
    ILogger<ParkedDriver> logger,
    IHostApplicationLifetime? lifetime = null) : BackgroundService
{
    private const int Window = 100;

    private static readonly TimeSpan OutageWait = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, SubscriptionRegistration> _registrations = registrations.ToDictionary(item => item.Subscription.Name, StringComparer.Ordinal);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.SettleAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            var left = false;
            foreach (var database in databases)
            {
                try
                {
                    left |= await DriveAsync(database, stoppingToken);
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    LogFailed(logger, database.Name, exception.GetType().Name);
                    left = true;
                }
            }

            await bell.WaitAsync(left ? OutageWait : null, clock, stoppingToken);
        }
    }

    /// <returns>Whether some could not be tried, because something is down.</returns>
    private async Task<bool> DriveAsync(ModuleStore database, CancellationToken stoppingToken)
    {
        while (true)
        {
            var window = await database.Data.ReadAsync(
                session => session.Query(
                    "SELECT id, subscription, type, body FROM parked_events WHERE retry_at IS NOT NULL ORDER BY parked_at, id, subscription LIMIT $1",
                    row => new Parked(row.Id(0), row.Text(1), row.Text(2), row.Text(3)),
                    Window),
                stoppingToken);
            foreach (var item in window)
            {
                try
                {
                    await TakeAsync(database, item, stoppingToken);
                    LogTaken(logger, item.Id, item.Subscription);
                }
                catch (Exception exception) when (exception is StorageUnavailableException or DependencyUnavailableException)
                {
                    return true;
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    LogParkedAgain(logger, item.Id, item.Subscription, exception.GetType().Name);
                    await database.Data.WriteAsync(
                        session => session.Execute(
                            "UPDATE parked_events SET retry_at = NULL, reason = $3, attempts = attempts + 1, parked_at = $4 WHERE id = $1 AND subscription = $2",
                            item.Id,
                            item.Subscription,
                            exception.GetType().Name,
                            clock.GetUtcNow()),
                        stoppingToken);
                }
            }

            if (window.Count < Window)
            {
                return false;
            }
        }
    }

    private async Task TakeAsync(ModuleStore database, Parked item, CancellationToken stoppingToken)
    {
        if (item.Subscription == OutboxRelay.ParkedBy)
        {
            // Readable now, it goes the way that it could not go then.
            item.ReadEvent();
            await database.Data.WriteAsync(
                session =>
                {
                    Outbox.PublishAgain(session, item.Id, item.TypeName, item.Body, item.OccurredAt);
                    Delete(session, item);
                },
                stoppingToken);
            return;
        }

        if (!_registrations.TryGetValue(item.Subscription, out var registration))
        {
            throw new NotSupportedException($"No consumer serves {item.Subscription}.");
        }

        // Of a type that was not known then, every consumer parked one, also those that do not take it.
        if (registration.Subscription.EventTypes.Contains(item.ReadEvent().GetType()))
        {
            await registration.DispatchAsync(services, item.TypeName, [item], stoppingToken);
        }

        await database.Data.WriteAsync(session => Delete(session, item), stoppingToken);
    }

    private static void Delete(StoreSession session, Parked item)
        => session.Execute("DELETE FROM parked_events WHERE id = $1 AND subscription = $2", item.Id, item.Subscription);

    [LoggerMessage(EventId = 1181, Level = LogLevel.Information, Message = "Parked event {EventId} was driven again: {Subscription} has taken it")]
    private static partial void LogTaken(ILogger logger, Guid eventId, string subscription);

    [LoggerMessage(EventId = 1182, Level = LogLevel.Warning, Message = "Event {EventId} is parked again: {Subscription} could not take it ({Kind})")]
    private static partial void LogParkedAgain(ILogger logger, Guid eventId, string subscription, string kind);

    [LoggerMessage(EventId = 1183, Level = LogLevel.Warning, Message = "Parked events of {Store} cannot be driven again now; it is tried again ({Kind})")]
    private static partial void LogFailed(ILogger logger, string store, string kind);

    private sealed class Parked(Guid id, string subscription, string typeName, string body) : Delivery
    {
        public override Guid Id => id;

        public string Subscription => subscription;

        public override string TypeName => typeName;

        public string Body => body;

        /// <summary>Ids of events are made of the time of the change (RFC 9562, version 7).</summary>
        public override DateTimeOffset OccurredAt => DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(Convert.ToInt64(id.ToString("N")[..12], 16), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));

        public override string? Trace => null;

        public override object ReadEvent() => new OutboxEvent(0, id, typeName, body, OccurredAt).ReadEvent();

        public override void Take()
        {
            // The row is deleted by who drives it.
        }

        public override Task ParkAsync(Exception reason, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
