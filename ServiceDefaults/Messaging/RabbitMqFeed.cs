using MassTransit;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Shows the events that all services publish to the listener of this process, in the order of each service's outbox.</summary>
/// <remarks>
/// They come over a queue of this process alone that vanishes with its connection. MassTransit publishes each type over a channel of its own, so that
/// an event may overtake another, and what is published while the connection is lost never comes: the positions tell both.
/// </remarks>
internal sealed class RabbitMqFeed(IEventListener listener, TimeProvider clock)
{
    private const int Prefetch = 500;

    /// <summary>Most events that the broker keeps for a process that does not keep up; of more the oldest are dropped, which the positions tell.</summary>
    private const int MaxQueued = 50_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, SourceOrder> _sources = new(StringComparer.Ordinal);

    /// <summary>Adds the queue to a bus that is made.</summary>
    public void Listen(IRabbitMqBusFactoryConfigurator bus, Action<IRabbitMqReceiveEndpointConfigurator> watch)
        => bus.ReceiveEndpoint($"live-{Guid.NewGuid():N}", endpoint =>
        {
            endpoint.Durable = false;
            endpoint.AutoDelete = true;
            endpoint.Exclusive = true;
            endpoint.PrefetchCount = Prefetch;
            endpoint.ConcurrentMessageLimit = 1;
            endpoint.PublishFaults = false;
            endpoint.DiscardFaultedMessages();
            endpoint.DiscardSkippedMessages();
            endpoint.SetQueueArgument("x-max-length", MaxQueued);
            watch(endpoint);
            RabbitMqTopology.Listen(endpoint, this);
        });

    /// <summary>The queue is bound, and a source told where it stands.</summary>
    public void Join(string source, long position) => Change(source, order => order.Join(position));

    /// <summary>An event came.</summary>
    public void Take(PassingEvent item) => Change(item.Source, order => order.Take(item));

    /// <summary>Gives up what was waited for too long.</summary>
    public void Expire()
    {
        lock (_gate)
        {
            foreach (var order in _sources.Values)
            {
                order.Expire();
            }
        }
    }

    private void Change(string source, Action<SourceOrder> change)
    {
        lock (_gate)
        {
            if (!_sources.TryGetValue(source, out var order))
            {
                _sources.Add(source, order = new SourceOrder(source, listener, clock));
            }

            change(order);
        }
    }
}

/// <summary>Hands messages of one type to the feed.</summary>
internal sealed class FeedConsumer<TEvent>(RabbitMqFeed feed) : IConsumer<TEvent>
    where TEvent : class
{
    public Task Consume(ConsumeContext<TEvent> context)
    {
        if (context.MessageId is { } id
            && context.Headers.Get<string>(EventHeaders.Source) is { } source
            && context.Headers.Get<long>(EventHeaders.Position) is { } position
            && context.Headers.Get<long>(EventHeaders.OccurredAt) is { } occurredAt)
        {
            feed.Take(new PassingEvent(source, position, id, DateTimeOffset.FromUnixTimeMilliseconds(occurredAt), context.Message));
        }

        return Task.CompletedTask;
    }
}

/// <summary>Asks every service, whenever the bus is joined, from which event on the feed sees everything.</summary>
internal sealed partial class FeedJoiner(BusKeeper keeper, RabbitMqFeed feed, InternalHttp http, TimeProvider clock, ILogger<FeedJoiner> logger) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var joined = await keeper.GetAsync(stoppingToken);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, joined.Lost);
            var asking = Task.WhenAll(ServiceAddresses.All.Select(service => AskAsync(service, end.Token)));
            do
            {
                await Task.Delay(LookInterval, clock, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                feed.Expire();
            }
            while (!end.IsCancellationRequested);

            await asking;
            await Task.Delay(LookInterval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AskAsync(string service, CancellationToken cancellationToken)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                feed.Join(service, await http.CallAsync<OutboxPlaces.Question, long>(service, OutboxPlaces.Call, new(), cancellationToken));
                return;
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (DependencyUnavailableException exception)
            {
                LogNotAsked(logger, service, exception.Message);
                var wait = Backoff.After(failures);
                await Task.Delay(wait < LongestWait ? wait : LongestWait, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(EventId = 1152, Level = LogLevel.Debug, Message = "{Service} did not tell where its events stand: {Reason}")]
    private static partial void LogNotAsked(ILogger logger, string service, string reason);
}

/// <summary>Tells other processes where the outboxes of this one stand.</summary>
internal static class OutboxPlaces
{
    /// <summary>Name of the call.</summary>
    public const string Call = "outbox-place";

    /// <summary>Serves the call for each store of this process.</summary>
    public static void MapOutboxPlaces(this IEndpointRouteBuilder routes)
    {
        foreach (var store in routes.ServiceProvider.GetServices<ModuleStoreName>())
        {
            routes.MapInternalGroup(store.Name).MapCall<IServiceProvider, Question, long>(
                Call,
                (services, _, token) => services.GetRequiredKeyedService<ModuleStore>(store.Name).Data.ReadAsync(Outbox.PositionBeforeOldest, token));
        }
    }

    /// <summary>Asks for it.</summary>
    internal sealed record Question;
}
