using MassTransit;
using MemoryMesh.Contracts.Events;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>What exists on the broker: for each event type an exchange, for each subscription a queue of its name and one for its parked events.</summary>
/// <remarks>
/// Every process declares all of it when its bus starts, and again before the first event after one could not be published: no event is published before
/// every queue that takes it is bound, though its consumer may never have run. The broker refuses a declaration that differs from the first.
/// The queues are classic and durable. A quorum queue of RabbitMQ 3.10 whose broker is killed within moments of its first declaration is listed after
/// the restart but has no process, and answers nothing any more.
/// </remarks>
internal static class RabbitMqTopology
{
    private const string DeadLetterExchange = "x-dead-letter-exchange";
    private const string DeadLetterRoutingKey = "x-dead-letter-routing-key";

    private static readonly IReadOnlyList<IEventTopology> Events =
        [.. Subscriptions.EventTypes.Values.Select(type => (IEventTopology)Activator.CreateInstance(typeof(EventTopology<>).MakeGenericType(type))!)];

    /// <summary>Queue with the parked events of a subscription.</summary>
    public static string ErrorQueueOf(Subscription subscription) => ErrorQueueNames.Of(subscription.Name);

    /// <summary>Has the bus declare everything, whatever this process consumes.</summary>
    public static void Declare(IRabbitMqBusFactoryConfigurator bus)
    {
        bus.DeployPublishTopology = true;
        bus.SendTopology.DeadLetterQueueNameFormatter = new ErrorQueueNames();
        bus.SendTopology.ConfigureDeadLetterSettings = parked =>
        {
            // MassTransit copies the arguments of the queue.
            parked.SetQueueArgument(DeadLetterExchange, null);
            parked.SetQueueArgument(DeadLetterRoutingKey, null);
        };
        foreach (var item in Events)
        {
            item.Declare(bus);
        }
    }

    /// <summary>Consumes the queue of a subscription.</summary>
    public static void Consume(IRabbitMqReceiveEndpointConfigurator endpoint, SubscriptionQueue queue, CancellationToken withdrawn)
    {
        Apply(queue.Subscription.Name, endpoint.SetQueueArgument);
        foreach (var item in Events.Where(item => queue.Subscription.EventTypes.Contains(item.EventType)))
        {
            item.Consume(endpoint, queue, withdrawn);
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

    /// <summary>What the broker itself gives up goes where the consumers park.</summary>
    private static void Apply(string queue, Action<string, object> set)
    {
        set(DeadLetterExchange, "");
        set(DeadLetterRoutingKey, ErrorQueueNames.Of(queue));
    }

    private interface IEventTopology
    {
        Type EventType { get; }

        void Declare(IRabbitMqBusFactoryConfigurator bus);

        void Consume(IRabbitMqReceiveEndpointConfigurator endpoint, SubscriptionQueue queue, CancellationToken withdrawn);

        void Listen(IRabbitMqReceiveEndpointConfigurator endpoint, RabbitMqFeed feed);
    }

    private sealed class EventTopology<TEvent> : IEventTopology
        where TEvent : class
    {
        public Type EventType => typeof(TEvent);

        public void Declare(IRabbitMqBusFactoryConfigurator bus)
            => bus.Publish<TEvent>(exchange =>
            {
                foreach (var subscription in Subscriptions.All.Where(subscription => subscription.EventTypes.Contains(typeof(TEvent))))
                {
                    var parked = ErrorQueueOf(subscription);
                    exchange.BindQueue(parked, parked);
                    exchange.BindQueue(
                        exchange.Exchange.ExchangeName, subscription.Name, binding => Apply(subscription.Name, binding.SetQueueArgument));
                }
            });

        public void Consume(IRabbitMqReceiveEndpointConfigurator endpoint, SubscriptionQueue queue, CancellationToken withdrawn)
            => endpoint.Instance(new EventConsumer<TEvent>(queue, withdrawn));

        public void Listen(IRabbitMqReceiveEndpointConfigurator endpoint, RabbitMqFeed feed) => endpoint.Instance(new FeedConsumer<TEvent>(feed));
    }

    private sealed class ErrorQueueNames : IDeadLetterQueueNameFormatter
    {
        public static string Of(string queue) => $"{queue}_error";

        public string FormatDeadLetterQueueName(string queueName) => Of(queueName);
    }
}
