using System.Diagnostics;
using MassTransit;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Sends an event to the broker.</summary>
internal interface IEventPublisher
{
    /// <summary>Publishes an event; done when the broker answers for it on disk.</summary>
    /// <param name="source">Name of the store whose outbox it is of.</param>
    /// <param name="item">The event.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="Exception">The broker did not confirm it, or no queue took it: it may or may not be delivered.</exception>
    Task PublishAsync(string source, OutboxEvent item, CancellationToken cancellationToken);
}

/// <summary>Publishes the outbox of each service of this process to the broker, and deletes what the broker confirmed. Nothing else publishes.</summary>
/// <remarks>
/// A process killed between the confirmation and the deletion publishes the event again with the same id, which consumers expect. While the broker
/// is away, writes go on and the outbox grows.
/// </remarks>
internal sealed partial class OutboxRelay(
    IEnumerable<ModuleStore> databases, IEventPublisher publisher, TimeProvider clock, ILogger<OutboxRelay> logger) : BackgroundService
{
    /// <summary>Most events that wait for confirmation at once.</summary>
    public const int Window = 100;

    /// <summary>Name under which events are parked that cannot be published at all.</summary>
    public const string ParkedBy = "relay";

    private const int BatchesAtOnce = 4;
    private const int BatchSize = Window / BatchesAtOnce;

    private static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
        => Task.WhenAll(databases.Select(database => Task.Run(() => RelayAsync(database, stoppingToken), stoppingToken)));

    private async Task RelayAsync(ModuleStore database, CancellationToken stoppingToken)
    {
        var bell = new Bell();
        database.Data.OnOutboxAppended(bell.Ring);
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FlowAsync(database, bell, Flows, stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // What was under way when the host stopped is still in the outbox.
            }
            catch (Exception exception)
            {
                LogFailed(logger, database.Name, exception.GetType().Name, exception.Message);
                await Task.Delay(Backoff.After(++failures), clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        void Flows()
        {
            if (failures > 0)
            {
                LogRecovered(logger, database.Name);
            }

            failures = 0;
        }
    }

    /// <summary>Publishes what the outbox holds, from its oldest event on, and what is appended to it, until something fails.</summary>
    /// <remarks>
    /// While the broker confirms one batch, the next one is read and sent, and the confirmed one before is deleted: neither the broker nor the store waits for the other.
    /// A failure ends it all; what was not deleted by then is read anew.
    /// </remarks>
    private async Task FlowAsync(ModuleStore database, Bell bell, Action flows, CancellationToken stoppingToken)
    {
        var after = 0L;
        var underWay = new Queue<Task<Outcome>>();
        var removing = Task.CompletedTask;
        try
        {
            while (true)
            {
                var batch = await database.Data.ReadAsync(session => Outbox.Read(session, after, BatchSize), stoppingToken);
                if (batch.Count > 0)
                {
                    after = batch[^1].Position;
                    underWay.Enqueue(PublishAsync(database.Name, batch, stoppingToken));
                }

                if (underWay.Count == BatchesAtOnce || (batch.Count == 0 && underWay.Count > 0))
                {
                    var outcome = await underWay.Dequeue();
                    await removing;
                    removing = RemoveAsync(database, outcome, stoppingToken);
                    if (outcome.Failure is not null)
                    {
                        await RemoveRestAsync();
                        throw outcome.Failure;
                    }

                    flows();
                }
                else if (batch.Count == 0)
                {
                    flows();
                    await bell.WaitAsync(SweepInterval, clock, stoppingToken);
                    if (removing.IsCompleted)
                    {
                        // Nothing that was published is left: whatever is there, from the oldest on, was not.
                        await removing;
                        after = 0;
                    }
                }
            }
        }
        finally
        {
            // Nothing of this flow may be under way when the next one reads from the oldest on.
            await Task.WhenAll([.. underWay, removing]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task RemoveRestAsync()
        {
            while (underWay.TryDequeue(out var other))
            {
                var outcome = await other;
                await removing;
                removing = RemoveAsync(database, outcome, stoppingToken);
            }

            await removing;
        }
    }

    /// <summary>Publishes events and tells what became of each. It throws nothing.</summary>
    private async Task<Outcome> PublishAsync(string source, List<OutboxEvent> batch, CancellationToken stoppingToken)
    {
        using var timeout = new CancellationTokenSource(ConfirmTimeout, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, timeout.Token);
        var publishing = batch.ConvertAll(item => PublishAsync(source, item, limit.Token));
        await Task.WhenAll(publishing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        var confirmed = new List<OutboxEvent>();
        var unpublishable = new List<(OutboxEvent Item, Exception Reason)>();
        Exception? failure = null;
        for (var i = 0; i < batch.Count; i++)
        {
            switch (publishing[i].Exception?.InnerException)
            {
                case null when publishing[i].IsCompletedSuccessfully:
                    confirmed.Add(batch[i]);
                    break;
                case UnpublishableException unreadable:
                    unpublishable.Add((batch[i], unreadable.InnerException!));
                    break;
                case var exception:
                    failure ??= exception ?? new TimeoutException($"The broker did not confirm within {ConfirmTimeout.TotalSeconds:0} s.");
                    break;
            }
        }

        return new(
            confirmed,
            unpublishable,
            failure is null ? null : new InvalidOperationException($"{confirmed.Count} of {batch.Count} events were confirmed: {failure.Message}", failure));
    }

    /// <summary>Deletes what the broker confirmed, and parks what cannot be published.</summary>
    private async Task RemoveAsync(ModuleStore database, Outcome outcome, CancellationToken stoppingToken)
    {
        if (outcome.Confirmed.Count + outcome.Unpublishable.Count == 0)
        {
            return;
        }

        await database.Data.WriteAsync(
            session =>
            {
                Outbox.Delete(session, outcome.Confirmed);
                Outbox.Delete(session, outcome.Unpublishable.Select(entry => entry.Item));
                foreach (var (item, reason) in outcome.Unpublishable)
                {
                    Outbox.Park(session, item, ParkedBy, database.Name, reason.GetType().Name, attempts: 1, clock.GetUtcNow());
                }
            },
            stoppingToken);
        Telemetry.EventsRelayed.Add(outcome.Confirmed.Count, new TagList { { "source", database.Name } });
        foreach (var (item, reason) in outcome.Unpublishable)
        {
            LogParked(logger, item.Id, reason.GetType().Name);
            Telemetry.EventsParked.Add(1, new TagList { { "subscription", ParkedBy } });
        }
    }

    private async Task PublishAsync(string source, OutboxEvent item, CancellationToken cancellationToken)
    {
        try
        {
            item.ReadEvent();
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or NotSupportedException)
        {
            throw new UnpublishableException(exception);
        }

        await publisher.PublishAsync(source, item, cancellationToken);
    }

    [LoggerMessage(EventId = 1121, Level = LogLevel.Warning, Message = "The events of {Source} wait for the broker: {Kind}: {Reason}")]
    private static partial void LogFailed(ILogger logger, string source, string kind, string reason);

    [LoggerMessage(EventId = 1122, Level = LogLevel.Information, Message = "The events of {Source} flow again")]
    private static partial void LogRecovered(ILogger logger, string source);

    [LoggerMessage(EventId = 1123, Level = LogLevel.Error, Message = "Event {EventId} is parked: it cannot be read ({Kind})")]
    private static partial void LogParked(ILogger logger, Guid eventId, string kind);

    /// <summary>Publishes through MassTransit. Part of the relay so that no other class has a reason to publish.</summary>
    internal sealed class BusPublisher(BusKeeper keeper) : IEventPublisher
    {
        public async Task PublishAsync(string source, OutboxEvent item, CancellationToken cancellationToken)
        {
            var message = item.ReadEvent();
            var joined = await keeper.GetAsync(cancellationToken);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, joined.Lost);
            using var span = StartSpan(source, item);
            try
            {
                var publishing = joined.Bus.Publish(
                    message,
                    message.GetType(),
                    Pipe.Execute<PublishContext>(context =>
                    {
                        context.MessageId = item.Id;
                        context.Durable = true;

                        // Without this the broker confirms, and drops, what no queue takes: for a notice that is right.
                        context.Mandatory = !Subscriptions.Notices.Contains(message.GetType());
                        context.Headers.Set(EventHeaders.OccurredAt, item.OccurredAt.ToUnixTimeMilliseconds());
                        context.Headers.Set(EventHeaders.Source, source);
                        context.Headers.Set(EventHeaders.Position, item.Position);
                        context.Headers.Set(EventHeaders.Trace, TraceParent.Of(span) ?? item.Trace);
                    }),
                    limit.Token);

                // A publication over a bus that was stopped meanwhile never ends, canceled or not.
                _ = publishing.ContinueWith(ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                await publishing.WaitAsync(limit.Token);
            }
            catch (MessageReturnedException)
            {
                // The bus works, and declares every queue again before it publishes the next event.
                throw;
            }
            catch (OperationCanceledException) when (joined.Reason is { } reason && !cancellationToken.IsCancellationRequested)
            {
                throw new IOException($"The broker was lost: {reason}");
            }
            catch (Exception exception)
            {
                joined.Doubt(exception is OperationCanceledException ? "A publication was not confirmed." : exception.Message);
                throw;
            }
        }

        /// <summary>The way over the broker, in the trace of the change; null when nobody collects spans. It is the current one in this call alone.</summary>
        private static Activity? StartSpan(string source, OutboxEvent item)
        {
            var parent = TraceParent.Read(item.Trace);
            return parent == default
                ? null
                : Telemetry.Activities.StartActivity($"publish {item.TypeName.Split('.')[^1]}", ActivityKind.Producer, parent)
                    ?.SetTag("messaging.system", "rabbitmq").SetTag("messaging.message.id", item.Id.ToString("D")).SetTag("messaging.outbox", source);
        }
    }

    /// <summary>What became of a batch.</summary>
    /// <param name="Confirmed">What the broker answers for.</param>
    /// <param name="Unpublishable">What cannot be read, and why.</param>
    /// <param name="Failure">Why the rest was not confirmed; null when there is no rest.</param>
    private sealed record Outcome(List<OutboxEvent> Confirmed, List<(OutboxEvent Item, Exception Reason)> Unpublishable, Exception? Failure);

    private sealed class UnpublishableException(Exception reason) : Exception(reason.Message, reason);
}
