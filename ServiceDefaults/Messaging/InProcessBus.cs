using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Delivers events inside one process: the outbox of each service is the queue, and each consumer keeps its own position in it.</summary>
/// <remarks>
/// A commit rings a bell in memory; the events themselves are read from the file. A process killed at any moment goes on from the saved
/// positions: an event whose effect was durable and whose position was not is delivered again, which consumers expect. The saved position stays
/// below every event that still waits for another try, while the consumer goes on with later ones.
/// </remarks>
public sealed partial class InProcessBus(
    IEnumerable<ModuleStore> databases,
    IEnumerable<SubscriptionRegistration> registrations,
    IServiceProvider services,
    TimeProvider clock,
    ILogger<InProcessBus> logger,
    IHostApplicationLifetime? lifetime = null) : BackgroundService
{
    /// <summary>Events that may wait for another try before a consumer stops reading new ones.</summary>
    private const int MaxPutOff = 1_024;

    /// <summary>Under steady load a consumer reads this often at most, so that what it does once a batch is done for many events.</summary>
    private static readonly TimeSpan CycleTime = TimeSpan.FromMilliseconds(20);

    /// <summary>Under steady load a position is saved this often. Events of that time are delivered again when the process is killed.</summary>
    private static readonly TimeSpan SaveInterval = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan TrimInterval = TimeSpan.FromSeconds(20);

    private readonly ModuleStore[] _sources = [.. databases];
    private readonly SubscriptionRegistration[] _registrations = [.. registrations];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.SettleAsync(stoppingToken);
        var work = new List<Task>();
        foreach (var source in _sources)
        {
            // The bells hang before the first read, so that no commit falls between the two.
            foreach (var registration in _registrations)
            {
                var positions = PositionsOf(registration);
                var bell = new Bell();
                source.Data.OnOutboxAppended(bell.Ring);
                work.Add(Task.Run(() => DeliverAsync(source, registration, positions, bell, stoppingToken), stoppingToken));
            }

            work.Add(Task.Run(() => TrimAsync(source, stoppingToken), stoppingToken));
        }

        await Task.WhenAll(work);
    }

    private StoreDatabase PositionsOf(SubscriptionRegistration registration)
        => _sources.Single(database => database.Name == registration.Database).Data;

    private async Task DeliverAsync(
        ModuleStore source, SubscriptionRegistration registration, StoreDatabase positions, Bell bell, CancellationToken stoppingToken)
    {
        var name = registration.Subscription.Name;
        var types = registration.Subscription.EventTypes.Select(type => type.FullName!).ToHashSet(StringComparer.Ordinal);
        var deliverer = new Deliverer(registration, services, clock, logger);
        var waiting = new SortedSet<long>();
        long? saved = null;
        var read = 0L;
        var failures = 0;
        var savedAt = clock.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (saved is null)
                {
                    saved = await positions.ReadAsync(session => Outbox.Position(session, name, source.Name), stoppingToken);
                    read = saved.Value;
                }

                var began = clock.GetTimestamp();
                await deliverer.DeliverDueAsync(stoppingToken);
                var events = deliverer.PutOffCount < MaxPutOff
                    ? await source.Data.ReadAsync(session => Outbox.Read(session, read, Deliverer.BatchSize), stoppingToken)
                    : [];

                // A type that this version does not know is delivered too, and so parked: who would take it cannot be told.
                var wanted = events.FindAll(item => types.Contains(item.TypeName) || !IsKnown(item));
                waiting.UnionWith(wanted.Select(item => item.Position));
                await deliverer.DeliverAsync(wanted.Select(item => new OutboxDelivery(item, this, source, name, positions, waiting)), stoppingToken);
                read = events.Count > 0 ? events[^1].Position : read;

                var reached = waiting.Count > 0 ? waiting.Min - 1 : read;
                if (reached > saved && (events.Count == 0 || clock.GetElapsedTime(savedAt) >= SaveInterval))
                {
                    await positions.WriteAsync(session => Outbox.SavePosition(session, name, source.Name, reached), stoppingToken);
                    saved = reached;
                    savedAt = clock.GetTimestamp();
                }

                failures = 0;
                if (events.Count == 0)
                {
                    await bell.WaitAsync(deliverer.UntilDue, clock, stoppingToken);
                }
                else if (events.Count < Deliverer.BatchSize && CycleTime - clock.GetElapsedTime(began) is { Ticks: > 0 } rest)
                {
                    await Task.Delay(rest, clock, stoppingToken);
                }
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // What was under way when the host stopped is delivered again after the next start.
            }
            catch (Exception exception)
            {
                LogReadFailed(logger, name, source.Name, exception);
                await Task.Delay(Backoff.After(++failures), clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static bool IsKnown(OutboxEvent item) => Contracts.Events.Subscriptions.EventTypes.ContainsKey(item.TypeName);

    private async Task ParkAsync(
        OutboxEvent item, string subscription, string source, StoreDatabase positions, Exception reason, int attempts, CancellationToken stoppingToken)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                await positions.WriteAsync(
                    session => Outbox.Park(session, item, subscription, source, reason.GetType().Name, attempts, clock.GetUtcNow()), stoppingToken);
                return;
            }
            catch (StorageUnavailableException exception)
            {
                LogReadFailed(logger, subscription, source, exception);
                await Task.Delay(Backoff.After(failures), clock, stoppingToken);
            }
        }
    }

    /// <summary>Deletes the part of an outbox that every consumer is past.</summary>
    private async Task TrimAsync(ModuleStore source, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TrimInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var lowest = long.MaxValue;
                foreach (var registration in _registrations)
                {
                    lowest = Math.Min(
                        lowest,
                        await PositionsOf(registration).ReadAsync(
                            session => Outbox.Position(session, registration.Subscription.Name, source.Name), stoppingToken));
                }

                if (await source.Data.ReadAsync(session => session.Scalar("SELECT 1 FROM outbox WHERE seq <= $1 LIMIT 1", lowest), stoppingToken) == 1)
                {
                    await source.Data.WriteAsync(session => session.Execute("DELETE FROM outbox WHERE seq <= $1", lowest), stoppingToken);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Trimming saves space and nothing else; the next tick tries again.
                LogTrimFailed(logger, source.Name, exception);
            }
        }
    }

    [LoggerMessage(EventId = 1111, Level = LogLevel.Warning, Message = "{Subscription} cannot go on with the events of {Source}; it is tried again")]
    private static partial void LogReadFailed(ILogger logger, string subscription, string source, Exception exception);

    [LoggerMessage(EventId = 1112, Level = LogLevel.Warning, Message = "The outbox of {Source} could not be trimmed; it is tried again")]
    private static partial void LogTrimFailed(ILogger logger, string source, Exception exception);

    private sealed class OutboxDelivery(
        OutboxEvent item, InProcessBus bus, ModuleStore source, string subscription, StoreDatabase positions, SortedSet<long> waiting) : Delivery
    {
        public override Guid Id => item.Id;

        public override string TypeName => item.TypeName;

        public override DateTimeOffset OccurredAt => item.OccurredAt;

        public override string? Trace => item.Trace;

        public override object ReadEvent() => item.ReadEvent();

        public override void Take() => waiting.Remove(item.Position);

        public override async Task ParkAsync(Exception reason, CancellationToken cancellationToken)
        {
            await bus.ParkAsync(item, subscription, source.Name, positions, reason, Failures, cancellationToken);
            waiting.Remove(item.Position);
        }
    }
}
