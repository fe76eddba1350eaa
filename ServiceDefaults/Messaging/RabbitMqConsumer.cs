using System.Text.Json;
using MemoryMesh.Contracts.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Joins one subscription to its queue on the broker, and joins it again whenever the connection breaks.</summary>
internal sealed partial class RabbitMqConsumer(SubscriptionQueue queue, RabbitMqConnector connector, TimeProvider clock, ILogger<RabbitMqConsumer> logger)
    : BackgroundService
{
    /// <summary>Tries that may fail before the log says so again.</summary>
    private const int LogEvery = 10;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private volatile bool _joined;

    /// <summary>Name of the queue.</summary>
    public string Name => queue.Subscription.Name;

    /// <summary>Whether it is joined to its queue now.</summary>
    public bool Joined => _joined;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ConsumeAsync(() => failures = 0, stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                if (failures++ % LogEvery == 0)
                {
                    LogNotJoined(logger, Name, connector.Address, exception.GetType().Name, exception.Message);
                }
            }

            var wait = Backoff.After(Math.Max(failures, 1));
            await Task.Delay(wait < LongestWait ? wait : LongestWait, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Consumes until the connection, the channel or the queue goes away.</summary>
    private async Task ConsumeAsync(Action whenJoined, CancellationToken stoppingToken)
    {
        // Canceled when the channel is gone: the broker then delivers what was not acknowledged again, to whoever consumes.
        using var withdrawn = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await using var connection = await connector.OpenAsync(Name, stoppingToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: stoppingToken);
        await RabbitMqTopology.DeclareAsync(channel, stoppingToken);
        await channel.BasicQosAsync(prefetchSize: 0, prefetchCount: Deliverer.BatchSize, global: false, stoppingToken);

        var gone = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.ChannelShutdownAsync += (_, reason) => Gone(reason.ReplyText);
        connection.ConnectionShutdownAsync += (_, reason) => Gone(reason.ReplyText);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.UnregisteredAsync += (_, _) => Gone("The queue was deleted.");
        consumer.ReceivedAsync += (_, delivered) =>
        {
            // Read here, because the bytes are the client's again when this returns; not awaited, so that events gather while others are delivered.
            _ = TakeAsync(channel, delivered.DeliveryTag, Read(delivered), withdrawn.Token);
            return Task.CompletedTask;
        };

        try
        {
            await channel.BasicConsumeAsync(Name, autoAck: false, consumer, stoppingToken);
            _joined = true;
            whenJoined();
            LogJoined(logger, Name);
            var reason = await gone.Task.WaitAsync(stoppingToken);
            LogGone(logger, Name, reason);
        }
        finally
        {
            _joined = false;
            await withdrawn.CancelAsync();
        }

        Task Gone(string reason)
        {
            gone.TrySetResult(reason);
            return Task.CompletedTask;
        }
    }

    private async Task TakeAsync(IChannel channel, ulong deliveryTag, Message message, CancellationToken withdrawn)
    {
        try
        {
            if (message.Event is null)
            {
                LogUnreadable(logger, Name, message.Defect!);
                await channel.BasicNackAsync(deliveryTag, multiple: false, requeue: false, withdrawn);
                return;
            }

            try
            {
                await queue.TakeAsync(message.Event, message.Id, message.OccurredAt, withdrawn);
                await channel.BasicAckAsync(deliveryTag, multiple: false, withdrawn);
            }
            catch (EventNotTakenException)
            {
                await channel.BasicNackAsync(deliveryTag, multiple: false, requeue: false, withdrawn);
            }
            catch (GivenBackException)
            {
                await channel.BasicNackAsync(deliveryTag, multiple: false, requeue: true, withdrawn);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or AlreadyClosedException or OperationInterruptedException or ObjectDisposedException)
        {
            // The channel is gone, and the event with it: the broker delivers it again.
        }
    }

    private static Message Read(BasicDeliverEventArgs delivered)
    {
        var properties = delivered.BasicProperties;
        if (properties.Type is null || !Subscriptions.EventTypes.TryGetValue(properties.Type, out var type))
        {
            return new Message("its type is not known");
        }

        if (!Guid.TryParse(properties.MessageId, out var id)
            || properties.Headers?.TryGetValue(RabbitMqTopology.OccurredAtHeader, out var time) != true
            || time is not long milliseconds)
        {
            return new Message("id or time is missing");
        }

        try
        {
            return JsonSerializer.Deserialize(delivered.Body.Span, type) is { } item
                ? new Message(item, id, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds))
                : new Message("it is empty");
        }
        catch (JsonException)
        {
            return new Message("it is no JSON of its type");
        }
    }

    private readonly record struct Message(object? Event, Guid Id, DateTimeOffset OccurredAt, string? Defect = null)
    {
        public Message(string defect)
            : this(null, default, default, defect)
        {
        }
    }

    [LoggerMessage(EventId = 1141, Level = LogLevel.Information, Message = "{Subscription} takes events")]
    private static partial void LogJoined(ILogger logger, string subscription);

    [LoggerMessage(EventId = 1142, Level = LogLevel.Warning, Message = "{Subscription} lost its queue: {Reason}")]
    private static partial void LogGone(ILogger logger, string subscription, string reason);

    [LoggerMessage(EventId = 1143, Level = LogLevel.Warning, Message = "{Subscription} waits for the broker at {Address}: {Kind}: {Reason}")]
    private static partial void LogNotJoined(ILogger logger, string subscription, RabbitMqAddress address, string kind, string reason);

    [LoggerMessage(EventId = 1144, Level = LogLevel.Error, Message = "{Subscription}: a message is parked: {Defect}")]
    private static partial void LogUnreadable(ILogger logger, string subscription, string defect);
}
