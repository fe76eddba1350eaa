using MassTransit;
using MemoryMesh.Contracts.Events;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>
/// What exists on the broker: for each event type an exchange, for each subscription a queue of its name, one for what is no event, and beside a quorum queue one for the events that
/// the broker gave up delivering.
/// </summary>
/// <remarks>
/// Every process declares all of it when its bus starts, and again before the first event after one could not be published: no event is published before
/// every queue that takes it is bound, though its consumer may never have run. The broker refuses a declaration that differs from the first.
/// A quorum queue counts how often it handed out an event; RabbitMQ before 4.0 has no limit of its own. Over the limit the event moves to the queue beside, confirmed between the two,
/// where its consumer's service parks it without delivering it: an event that kills every process that takes it ends there.
/// </remarks>
internal sealed class RabbitMqTopology(string queueType)
{
    /// <summary>
    /// How often a quorum queue hands out an event. Each start of a consumer that was killed counts for all events it held, and so does an event given back after waiting
    /// 20 minutes for a store: well over a day of either.
    /// </summary>
    public const int DeliveryLimit = 100;

    private const string QueueType = "x-queue-type";
    private const string Limit = "x-delivery-limit";
    private const string Overflow = "x-overflow";
    private const string DeadLetterStrategy = "x-dead-letter-strategy";
    private const string DeadLetterExchange = "x-dead-letter-exchange";
    private const string DeadLetterRoutingKey = "x-dead-letter-routing-key";

    private static readonly IReadOnlyList<IEventTopology> Events =
        [.. Subscriptions.EventTypes.Values.Select(type => (IEventTopology)Activator.CreateInstance(typeof(EventTopology<>).MakeGenericType(type))!)];

    private readonly bool _quorum = queueType == QueueTypes.Quorum;

    /// <summary>Queue with what came to a subscription and is no event.</summary>
    public static string ErrorQueueOf(Subscription subscription) => ErrorQueueNames.Of(subscription.Name);

    /// <summary>Queue with the events of a subscription that the broker gave up delivering.</summary>
    public static string GivenUpQueueOf(Subscription subscription) => ErrorQueueNames.GivenUp(subscription.Name);

    /// <summary>Has the bus declare everything, whatever this process consumes.</summary>
    public void Declare(IRabbitMqBusFactoryConfigurator bus)
    {
        bus.DeployPublishTopology = true;
        bus.SendTopology.DeadLetterQueueNameFormatter = new ErrorQueueNames();
        bus.SendTopology.ConfigureDeadLetterSettings = parked =>
        {
            // MassTransit copies the arguments of the queue.
            foreach (var argument in (string[])[DeadLetterExchange, DeadLetterRoutingKey, DeadLetterStrategy, Overflow, Limit])
            {
                parked.SetQueueArgument(argument, null);
            }
        };
        foreach (var item in Events)
        {
            item.Declare(bus, this);
        }
    }

    /// <summary>Consumes the queue of a subscription.</summary>
    public void Consume(IRabbitMqReceiveEndpointConfigurator endpoint, SubscriptionQueue queue, CancellationToken withdrawn)
    {
        Apply(queue.Subscription.Name, endpoint.SetQueueArgument);
        foreach (var item in Events.Where(item => queue.Subscription.EventTypes.Contains(item.EventType)))
        {
            item.Consume(endpoint, queue, withdrawn);
        }
    }

    /// <summary>Has an endpoint park the events that the broker gave up, if it gives up any.</summary>
    /// <param name="add">Adds an endpoint of a name to the bus.</param>
    /// <param name="queue">Who parks them.</param>
    /// <param name="withdrawn">Canceled when the bus is gone.</param>
    public void ConsumeGivenUp(Action<string, Action<IRabbitMqReceiveEndpointConfigurator>> add, SubscriptionQueue queue, CancellationToken withdrawn)
    {
        if (_quorum)
        {
            add(GivenUpQueueOf(queue.Subscription), endpoint =>
            {
                // Nothing is published to it.
                endpoint.ConfigureConsumeTopology = false;
                ApplyType(endpoint.SetQueueArgument);
                foreach (var item in Events.Where(item => queue.Subscription.EventTypes.Contains(item.EventType)))
                {
                    item.Park(endpoint, queue, withdrawn);
                }
            });
        }
    }

    /// <summary>Has an endpoint take events of every type, for as long as it is there.</summary>
    public static void Listen(IRabbitMqReceiveEndpointConfigurator endpoint, RabbitMqFeed feed)
    {
        foreach (var item in Events)
        {
            item.Listen(endpoint, feed);
        }
    }

    private void ApplyType(Action<string, object> set)
    {
        if (_quorum)
        {
            set(QueueType, QueueTypes.Quorum);
        }
    }

    private void Apply(string queue, Action<string, object> set)
    {
        ApplyType(set);
        set(DeadLetterExchange, "");
        set(DeadLetterRoutingKey, _quorum ? ErrorQueueNames.GivenUp(queue) : ErrorQueueNames.Of(queue));
        if (_quorum)
        {
            set(Limit, DeliveryLimit);

            // Confirmed between the queues, which takes that a full queue refuses instead of dropping.
            set(DeadLetterStrategy, "at-least-once");
            set(Overflow, "reject-publish");
        }
    }

    private interface IEventTopology
    {
        Type EventType { get; }

        void Declare(IRabbitMqBusFactoryConfigurator bus, RabbitMqTopology topology);

        void Consume(IRabbitMqReceiveEndpointConfigurator endpoint, SubscriptionQueue queue, CancellationToken withdrawn);

        void Park(IRabbitMqReceiveEndpointConfigurator endpoint, SubscriptionQueue queue, CancellationToken withdrawn);

        void Listen(IRabbitMqReceiveEndpointConfigurator endpoint, RabbitMqFeed feed);
    }

    private sealed class EventTopology<TEvent> : IEventTopology
        where TEvent : class
    {
        public Type EventType => typeof(TEvent);

        public void Declare(IRabbitMqBusFactoryConfigurator bus, RabbitMqTopology topology)
            => bus.Publish<TEvent>(exchange =>
            {
                foreach (var subscription in Subscriptions.All.Where(subscription => subscription.EventTypes.Contains(typeof(TEvent))))
                {
                    var parked = ErrorQueueOf(subscription);
                    exchange.BindQueue(parked, parked, binding => topology.ApplyType(binding.SetQueueArgument));
                    if (topology._quorum)
                    {
                        var givenUp = GivenUpQueueOf(subscription);
                        exchange.BindQueue(givenUp, givenUp, binding => topology.ApplyType(binding.SetQueueArgument));
                    }

                    exchange.BindQueue(
                        exchange.Exchange.ExchangeName, subscription.Name, binding => topology.Apply(subscription.Name, binding.SetQueueArgument));
                }
            });

        public void Consume(IRabbitMqReceiveEndpointConfigurator endpoint, SubscriptionQueue queue, CancellationToken withdrawn)
            => endpoint.Instance(new EventConsumer<TEvent>(queue, withdrawn));

        public void Park(IRabbitMqReceiveEndpointConfigurator endpoint, SubscriptionQueue queue, CancellationToken withdrawn)
            => endpoint.Instance(new EventConsumer<TEvent>(queue, withdrawn, isGivenUp: true));

        public void Listen(IRabbitMqReceiveEndpointConfigurator endpoint, RabbitMqFeed feed) => endpoint.Instance(new FeedConsumer<TEvent>(feed));
    }

    private sealed class ErrorQueueNames : IDeadLetterQueueNameFormatter
    {
        private const string GivenUpEnd = "_given_up";

        public static string GivenUp(string queue) => $"{queue}{GivenUpEnd}";

        /// <summary>What is no event goes to one place, from whichever of the two.</summary>
        public static string Of(string queue) => $"{(queue.EndsWith(GivenUpEnd, StringComparison.Ordinal) ? queue[..^GivenUpEnd.Length] : queue)}_error";

        public string FormatDeadLetterQueueName(string queueName) => Of(queueName);
    }
}
