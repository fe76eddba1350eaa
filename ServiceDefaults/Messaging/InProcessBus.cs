using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Delivers events inside one process: the outbox of each service is the queue, and each consumer keeps its own position in it.</summary>
/// <remarks>
/// A commit rings a bell in memory; the events themselves are read from the file. A process killed at any moment goes on from the saved
/// positions: an event whose effect was durable and whose position was not is delivered again, which consumers expect.
/// </remarks>
public sealed partial class InProcessBus(
    IEnumerable<ModuleDatabase> databases,
    IEnumerable<SubscriptionRegistration> registrations,
    IServiceProvider services,
    ILogger<InProcessBus> logger) : BackgroundService
{
    private const int BatchSize = 256;
    private const int MaxAttempts = 12;
    private static readonly TimeSpan TrimInterval = TimeSpan.FromSeconds(20);

    private readonly ModuleDatabase[] _sources = [.. databases];
    private readonly SubscriptionRegistration[] _registrations = [.. registrations];

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var work = new List<Task>();
        foreach (var source in _sources)
        {
            var bells = _registrations.Select(_ => new SemaphoreSlim(1)).ToArray();
            source.Data.OnOutboxAppended(() =>
            {
                foreach (var bell in bells)
                {
                    if (bell.CurrentCount == 0)
                    {
                        bell.Release();
                    }
                }
            });

            // The bells hang before the first read, so that no commit falls between the two.
            for (var i = 0; i < _registrations.Length; i++)
            {
                var (registration, bell) = (_registrations[i], bells[i]);
                work.Add(Task.Run(() => DeliverAsync(source, registration, bell, stoppingToken), stoppingToken));
            }

            work.Add(Task.Run(() => TrimAsync(source, stoppingToken), stoppingToken));
        }

        return Task.WhenAll(work);
    }

    private async Task DeliverAsync(ModuleDatabase source, SubscriptionRegistration registration, SemaphoreSlim bell, CancellationToken stoppingToken)
    {
        var name = registration.Subscription.Name;
        var positions = _sources.Single(database => database.Name == registration.Database).Data;
        var position = await positions.ReadAsync(session => Outbox.Position(session, name, source.Name), stoppingToken);
        while (true)
        {
            var events = await RetryAsync(
                () => source.Data.ReadAsync(session => Outbox.Read(session, position, BatchSize), stoppingToken), name, stoppingToken);
            if (events.Count == 0)
            {
                await bell.WaitAsync(stoppingToken);
                continue;
            }

            foreach (var run in RunsOfOneType(events.Where(item => registration.Subscription.EventTypes.Contains(item.Type))))
            {
                await DeliverRunAsync(source, registration, positions, run, stoppingToken);
            }

            position = events[^1].Position;
            var reached = position;
            await RetryAsync(
                () => positions.WriteAsync(
                    session =>
                    {
                        Outbox.SavePosition(session, name, source.Name, reached);
                        return true;
                    },
                    stoppingToken),
                name,
                stoppingToken);
        }
    }

    private async Task DeliverRunAsync(
        ModuleDatabase source, SubscriptionRegistration registration, SqliteDatabase positions, List<OutboxEvent> run, CancellationToken stoppingToken)
    {
        try
        {
            await registration.DispatchAsync(services, run[0].Type, run, stoppingToken);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            LogDeliveryFailed(logger, registration.Subscription.Name, run.Count, exception);

            // One by one, so that an event that cannot be taken does not hold back the others.
            foreach (var item in run)
            {
                await DeliverOneAsync(source, registration, positions, item, stoppingToken);
            }
        }
    }

    private async Task DeliverOneAsync(
        ModuleDatabase source, SubscriptionRegistration registration, SqliteDatabase positions, OutboxEvent item, CancellationToken stoppingToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await registration.DispatchAsync(services, item.Type, [item], stoppingToken);
                return;
            }
            catch (StorageUnavailableException) when (!stoppingToken.IsCancellationRequested)
            {
                // A full or failing disk says nothing about the event: wait for the disk, however long.
                attempt--;
                await Task.Delay(Backoff(3), stoppingToken);
            }
            catch (Exception exception) when (attempt >= MaxAttempts && !stoppingToken.IsCancellationRequested)
            {
                LogParked(logger, item.Id, registration.Subscription.Name, exception);
                await RetryAsync(
                    () => positions.WriteAsync(
                        session => session.Execute(
                            "INSERT OR REPLACE INTO parked_events (id, subscription, source, type, body, reason, parked_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                            item.Id,
                            registration.Subscription.Name,
                            source.Name,
                            item.Type.FullName,
                            item.Body,
                            exception.GetType().Name,
                            DateTimeOffset.UtcNow),
                        stoppingToken),
                    registration.Subscription.Name,
                    stoppingToken);
                return;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogDeliveryFailed(logger, registration.Subscription.Name, 1, exception);
                await Task.Delay(Backoff(attempt), stoppingToken);
            }
        }
    }

    /// <summary>Deletes the part of an outbox that every consumer is past.</summary>
    private async Task TrimAsync(ModuleDatabase source, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TrimInterval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var lowest = long.MaxValue;
                foreach (var registration in _registrations)
                {
                    var positions = _sources.Single(database => database.Name == registration.Database).Data;
                    lowest = Math.Min(
                        lowest,
                        await positions.ReadAsync(session => Outbox.Position(session, registration.Subscription.Name, source.Name), stoppingToken));
                }

                if (await source.Data.ReadAsync(session => session.Scalar("SELECT 1 FROM outbox WHERE seq <= $1 LIMIT 1", lowest), stoppingToken) == 1)
                {
                    await source.Data.WriteAsync(session => session.Execute("DELETE FROM outbox WHERE seq <= $1", lowest), stoppingToken);
                }
            }
            catch (StorageUnavailableException)
            {
                // Trimming saves space and nothing else; the next tick tries again.
            }
        }
    }

    private async Task<T> RetryAsync<T>(Func<Task<T>> work, string subscription, CancellationToken stoppingToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await work();
            }
            catch (StorageUnavailableException exception)
            {
                LogDeliveryFailed(logger, subscription, 0, exception);
                await Task.Delay(Backoff(attempt), stoppingToken);
            }
        }
    }

    private static IEnumerable<List<OutboxEvent>> RunsOfOneType(IEnumerable<OutboxEvent> events)
    {
        List<OutboxEvent>? run = null;
        foreach (var item in events)
        {
            if (run is not null && run[0].Type != item.Type)
            {
                yield return run;
                run = null;
            }

            (run ??= []).Add(item);
        }

        if (run is not null)
        {
            yield return run;
        }
    }

    /// <summary>0.1 s doubled at each attempt, at most 10 s.</summary>
    private static TimeSpan Backoff(int attempt) => TimeSpan.FromMilliseconds(Math.Min(10_000, 100 * Math.Pow(2, Math.Min(attempt - 1, 10))));

    [LoggerMessage(EventId = 1101, Level = LogLevel.Warning, Message = "{Subscription}: {Count} events could not be taken; they are delivered again")]
    private static partial void LogDeliveryFailed(ILogger logger, string subscription, int count, Exception exception);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Error, Message = "Event {EventId} is parked: {Subscription} could not take it")]
    private static partial void LogParked(ILogger logger, Guid eventId, string subscription, Exception exception);
}
