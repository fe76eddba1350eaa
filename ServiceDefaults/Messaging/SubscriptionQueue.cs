using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Takes the events of one queue of the broker and delivers them, as many together as wait.</summary>
/// <remarks>
/// Each event is acknowledged, parked or given back by itself, so that one that cannot be taken parks none of the others. A process killed between parking and acknowledging
/// parks the event again, as the same row. There is no time limit to
/// fill a batch: while one is delivered, the next one gathers.
/// </remarks>
internal sealed partial class SubscriptionQueue : BackgroundService
{
    /// <summary>The broker closes the channel of a consumer that holds a message for 30 minutes; it is given back well before.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(20);

    private readonly Channel<Received> _received = Channel.CreateUnbounded<Received>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Deliverer _deliverer;
    private readonly Lazy<ModuleStore> _database;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;

    public SubscriptionQueue(SubscriptionRegistration registration, IServiceProvider services, TimeProvider clock, ILogger<SubscriptionQueue> logger)
    {
        Subscription = registration.Subscription;
        _deliverer = new Deliverer(registration, services, clock, logger);
        _database = new(() => services.GetRequiredKeyedService<ModuleStore>(registration.Database));
        _clock = clock;
        _logger = logger;
    }

    /// <summary>The queue.</summary>
    public Subscription Subscription { get; }

    /// <summary>Delivers a message; done when its effect is durable, or it is parked in the store of the consumer.</summary>
    /// <exception cref="OperationCanceledException">It was not delivered: the broker is to keep it.</exception>
    public Task TakeAsync(object message, Guid id, DateTimeOffset occurredAt, string source, string? trace, CancellationToken cancellationToken)
    {
        var received = new Received(this, message, id, occurredAt, source, trace, cancellationToken);
        return _received.Writer.TryWrite(received) ? received.Done : Task.FromCanceled(new CancellationToken(canceled: true));
    }

    /// <summary>Parks an event that the broker handed out as often as it does, to processes that did not come to an end with it.</summary>
    public async Task ParkGivenUpAsync(object message, Guid id, DateTimeOffset occurredAt, string source, string? trace, CancellationToken cancellationToken)
    {
        var reason = new DeliveryLimitException();
        LogGivenUp(_logger, id, Subscription.Name);
        Telemetry.EventsParked.Add(1, new TagList { { "subscription", Subscription.Name } });
        await ParkAsync(new Received(this, message, id, occurredAt, source, trace, cancellationToken) { Failures = RabbitMqTopology.DeliveryLimit }, source, reason, cancellationToken);
    }

    /// <summary>Tells that a message in the queue is no event.</summary>
    /// <param name="kind">Class of the exception that reading it met.</param>
    public void TellUnreadable(string kind) => LogUnreadable(_logger, Subscription.Name, kind);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var reader = _received.Reader;
        var batch = new List<Delivery>(Deliverer.BatchSize);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _deliverer.DeliverDueAsync(stoppingToken);
                batch.Clear();
                while (batch.Count < Deliverer.BatchSize && reader.TryRead(out var received))
                {
                    batch.Add(received);
                }

                await _deliverer.DeliverAsync(batch, stoppingToken);
                if (batch.Count == 0)
                {
                    await WaitAsync(reader, stoppingToken);
                }
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // What was under way when the host stopped goes back to the broker.
            }
            catch (Exception exception)
            {
                LogFailed(_logger, Subscription.Name, exception);
                await Task.Delay(Backoff.After(1), _clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WaitAsync(ChannelReader<Received> reader, CancellationToken stoppingToken)
    {
        if (_deliverer.UntilDue is not { } due)
        {
            await reader.WaitToReadAsync(stoppingToken);
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await Task.WhenAny(reader.WaitToReadAsync(limit.Token).AsTask(), Task.Delay(due, _clock, limit.Token));
        await limit.CancelAsync();
        stoppingToken.ThrowIfCancellationRequested();
    }

    /// <summary>Keeps an event that could not be taken where it can be listed, driven again and erased.</summary>
    private async Task ParkAsync(Received received, string source, Exception reason, CancellationToken cancellationToken)
    {
        var item = new OutboxEvent(0, received.Id, received.TypeName, JsonSerializer.Serialize(received.ReadEvent(), received.ReadEvent().GetType()), received.OccurredAt);
        for (var failures = 1; ; failures++)
        {
            try
            {
                await _database.Value.Data.WriteAsync(
                    session => Outbox.Park(session, item, Subscription.Name, source, reason.GetType().Name, received.Failures, _clock.GetUtcNow()), cancellationToken);
                return;
            }
            catch (StorageUnavailableException)
            {
                await Task.Delay(Backoff.After(failures), _clock, cancellationToken);
            }
        }
    }

    [LoggerMessage(EventId = 1131, Level = LogLevel.Error, Message = "{Subscription}: delivering broke off; it goes on")]
    private static partial void LogFailed(ILogger logger, string subscription, Exception exception);

    [LoggerMessage(EventId = 1132, Level = LogLevel.Error, Message = "{Subscription}: a message is parked: it is no event ({Kind})")]
    private static partial void LogUnreadable(ILogger logger, string subscription, string kind);

    [LoggerMessage(EventId = 1133, Level = LogLevel.Error, Message = "Event {EventId} for {Subscription} is parked: no process came to an end with it")]
    private static partial void LogGivenUp(ILogger logger, Guid eventId, string subscription);

    private sealed class Received : Delivery
    {
        private readonly SubscriptionQueue _queue;
        private readonly object _message;
        private readonly string _source;
        private readonly long _since;
        private readonly CancellationToken _withdrawn;
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenRegistration _registration;

        public Received(SubscriptionQueue queue, object message, Guid id, DateTimeOffset occurredAt, string source, string? trace, CancellationToken withdrawn)
        {
            _queue = queue;
            _message = message;
            _source = source;
            Id = id;
            OccurredAt = occurredAt;
            Trace = trace;
            _since = queue._clock.GetTimestamp();
            _withdrawn = withdrawn;
            _registration = withdrawn.Register(() => _done.TrySetCanceled(withdrawn));
        }

        public Task Done => _done.Task;

        public override Guid Id { get; }

        public override string TypeName => _message.GetType().FullName!;

        public override DateTimeOffset OccurredAt { get; }

        public override string? Trace { get; }

        public override bool Withdrawn => _withdrawn.IsCancellationRequested;

        public override object ReadEvent() => _message;

        public override void Take()
        {
            _registration.Unregister();
            _done.TrySetResult();
        }

        public override async Task ParkAsync(Exception reason, CancellationToken cancellationToken)
        {
            await _queue.ParkAsync(this, _source, reason, cancellationToken);
            Take();
        }

        public override bool TryGiveBack()
        {
            if (Withdrawn)
            {
                return true;
            }

            return _queue._clock.GetElapsedTime(_since) > LongestHold && _done.TrySetException(new GivenBackException());
        }
    }
}

/// <summary>An event waited too long and goes back into the queue.</summary>
internal sealed class GivenBackException() : Exception("The event goes back into the queue.");

/// <summary>The broker handed out an event as often as it does.</summary>
internal sealed class DeliveryLimitException() : Exception("The event was handed out too often.");
