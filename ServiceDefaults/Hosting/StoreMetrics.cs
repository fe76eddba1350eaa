using System.Diagnostics.Metrics;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>Looks every few seconds how much each store of this process holds and how far its outbox has been delivered, and tells it as gauges.</summary>
/// <remarks>A scrape reads what was found: it must not wait for a store that is busy.</remarks>
internal sealed partial class StoreMetrics(IEnumerable<ModuleStore> databases, TimeProvider clock, ILogger<StoreMetrics> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private static volatile IReadOnlyList<Found> _found = [];

    /// <summary>Bytes of a store's files, by store.</summary>
    public static readonly ObservableGauge<long> Size = Telemetry.Meter.CreateObservableGauge(
        "memorymesh.store.size", () => Tell(found => found.Bytes), "By", "Bytes of the files of a store");

    /// <summary>Events in a service's outbox, by store. In one process those count that were delivered within the last 20 s too.</summary>
    public static readonly ObservableGauge<long> OutboxEvents = Telemetry.Meter.CreateObservableGauge(
        "memorymesh.outbox.events", () => Tell(found => found.Events), "{event}", "Events in the outbox of a store");

    /// <summary>Age of the oldest of them, by store; 0 when there is none.</summary>
    public static readonly ObservableGauge<double> OutboxAge = Telemetry.Meter.CreateObservableGauge(
        "memorymesh.outbox.age", () => Tell(found => found.Age), "s", "Age of the oldest event in the outbox of a store");

    /// <summary>Events that were parked and are still there, by store.</summary>
    public static readonly ObservableGauge<long> Parked = Telemetry.Meter.CreateObservableGauge(
        "memorymesh.events.parked_now", () => Tell(found => found.Parked), "{event}", "Parked events in a store");

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            var found = new List<Found>();
            foreach (var database in databases)
            {
                try
                {
                    found.Add(await LookAsync(database, stoppingToken));
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    // A store that cannot be read is told by its health check.
                    LogFailed(logger, database.Name, exception.Message);
                }
            }

            _found = found;
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<Found> LookAsync(ModuleStore database, CancellationToken cancellationToken)
    {
        var (events, oldest, parked) = await database.Data.ReadAsync(
            session =>
            (
                // The rows lie between the first and the last place, which are found without reading them.
                session.Scalar("SELECT coalesce((SELECT max(seq) FROM outbox) - (SELECT min(seq) FROM outbox) + 1, 0)"),
                session.QueryFirst("SELECT occurred_at FROM outbox ORDER BY seq LIMIT 1", row => row.TimeOrNull(0)),
                session.Scalar("SELECT count(*) FROM parked_events")
            ),
            cancellationToken);
        var bytes = await database.MeasureAsync(cancellationToken);
        return new Found(database.Name, bytes, events, oldest is { } time ? Math.Max(0, (clock.GetUtcNow() - time).TotalSeconds) : 0, parked);
    }

    private static IEnumerable<Measurement<T>> Tell<T>(Func<Found, T> value)
        where T : struct
        => _found.Select(found => new Measurement<T>(value(found), new KeyValuePair<string, object?>("store", found.Store)));

    [LoggerMessage(EventId = 1161, Level = LogLevel.Debug, Message = "The store {Store} could not be measured: {Reason}")]
    private static partial void LogFailed(ILogger logger, string store, string reason);

    private sealed record Found(string Store, long Bytes, long Events, double Age, long Parked);
}
