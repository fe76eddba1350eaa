using System.Net.Sockets;
using MassTransit;
using MemoryMesh.Contracts.Events;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Events between processes: a relay that publishes the outbox to RabbitMQ, and a durable queue for each subscription.</summary>
/// <remarks>
/// For each event type there is an exchange, for each subscription a quorum queue. Who publishes declares the exchange, every queue that takes the
/// type and the bindings, before the first event: no event is lost when a consumer has never run. Who consumes declares its own queue too, and binds
/// it by way of an exchange of the queue's name, as MassTransit does; the broker puts an event that has both ways into the queue once.
/// </remarks>
public static class RabbitMqBusExtensions
{
    /// <summary>Name of the connection string and of the health check.</summary>
    public const string Name = "rabbitmq";

    /// <summary>MassTransit's own check calls a process that only publishes healthy when the broker is away.</summary>
    private const string ReplacedCheck = "masstransit";

    private static readonly IReadOnlyList<IEventTopology> Topologies =
        [.. Subscriptions.EventTypes.Values.Select(type => (IEventTopology)Activator.CreateInstance(typeof(EventTopology<>).MakeGenericType(type))!)];

    /// <summary>Joins this process to the broker at <c>ConnectionStrings:rabbitmq</c>. The process starts and serves when the broker is away; its health check tells.</summary>
    public static WebApplicationBuilder AddRabbitMqBus(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.Configure<MassTransitHostOptions>(host =>
        {
            host.StopTimeout = TimeSpan.FromSeconds(5);

            // Messages that were not delivered when the host stops go back to the broker after this.
            host.ConsumerStopTimeout = TimeSpan.FromSeconds(1);
        });
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.ConfigureHealthCheckOptions(check => check.Name = ReplacedCheck);
            bus.UsingRabbitMq((context, broker) => Configure(context, broker));
        });
        services.AddHealthChecks().AddCheck<RabbitMqHealthCheck>(Name, timeout: RabbitMqHealthCheck.Timeout);
        services.PostConfigure<HealthCheckServiceOptions>(options =>
        {
            foreach (var check in options.Registrations.Where(check => check.Name == ReplacedCheck).ToList())
            {
                options.Registrations.Remove(check);
            }
        });
        services.AddSingleton(provider => new SubscriptionQueues(
        [
            .. provider.GetServices<SubscriptionRegistration>().Select(registration => new SubscriptionQueue(
                registration,
                provider,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<SubscriptionQueue>>())),
        ]));
        services.AddHostedService(provider => provider.GetRequiredService<SubscriptionQueues>());
        services.AddSingleton<IEventPublisher, OutboxRelay.BusPublisher>();
        services.AddHostedService<OutboxRelay>();
        return builder;
    }

    private static void Configure(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator broker)
    {
        var address = RabbitMqAddress.Parse(context.GetRequiredService<IConfiguration>().GetConnectionString(Name));
        broker.Host(address.Host, address.Port, address.VirtualHost, host =>
        {
            host.Username(address.User);
            host.Password(address.Password);
            host.Heartbeat(TimeSpan.FromSeconds(10));
            if (address.Tls)
            {
                host.UseSsl();
            }
        });

        foreach (var topology in Topologies)
        {
            topology.DeclareForPublishing(broker);
        }

        foreach (var queue in context.GetRequiredService<SubscriptionQueues>().All)
        {
            broker.ReceiveEndpoint(queue.Subscription.Name, endpoint =>
            {
                QueueArguments.Apply(endpoint.SetQueueArgument);
                endpoint.PrefetchCount = Deliverer.BatchSize;
                endpoint.ConcurrentMessageLimit = Deliverer.BatchSize;

                // A fault message would hold the event and go to nobody.
                endpoint.PublishFaults = false;
                endpoint.UseFilter(new GiveBackFilter());
                foreach (var topology in Topologies.Where(topology => queue.Subscription.EventTypes.Contains(topology.EventType)))
                {
                    topology.Consume(endpoint, queue);
                }
            });
        }
    }

    private interface IEventTopology
    {
        Type EventType { get; }

        void DeclareForPublishing(IRabbitMqBusFactoryConfigurator broker);

        void Consume(IReceiveEndpointConfigurator endpoint, SubscriptionQueue queue);
    }

    private sealed class EventTopology<TEvent> : IEventTopology
        where TEvent : class
    {
        public Type EventType => typeof(TEvent);

        public void DeclareForPublishing(IRabbitMqBusFactoryConfigurator broker)
            => broker.Publish<TEvent>(exchange =>
            {
                foreach (var subscription in Subscriptions.All.Where(subscription => subscription.EventTypes.Contains(typeof(TEvent))))
                {
                    exchange.BindQueue(exchange.Exchange.ExchangeName, subscription.Name, binding => QueueArguments.Apply(binding.SetQueueArgument));
                }
            });

        public void Consume(IReceiveEndpointConfigurator endpoint, SubscriptionQueue queue)
            => endpoint.Consumer(() => new EventConsumer<TEvent>(queue));
    }

    /// <summary>What publisher and consumer say of a queue. The broker refuses whoever says otherwise than the first.</summary>
    private static class QueueArguments
    {
        public static void Apply(Action<string, object> set) => set("x-queue-type", "quorum");
    }
}

/// <summary>Whether the broker takes connections and the consumers of this process are joined to it.</summary>
internal sealed class RabbitMqHealthCheck(IBusControl bus, IConfiguration configuration) : IHealthCheck
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var health = bus.CheckHealth();
        if (health.Status != BusHealthStatus.Healthy)
        {
            return HealthCheckResult.Unhealthy(health.Description);
        }

        var address = RabbitMqAddress.Parse(configuration.GetConnectionString(RabbitMqBusExtensions.Name));
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address.Host, address.Port, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (SocketException exception)
        {
            return HealthCheckResult.Unhealthy($"{address.Host}:{address.Port}: {exception.SocketErrorCode}");
        }
    }
}

/// <summary>The queues that this process consumes.</summary>
internal sealed class SubscriptionQueues(IReadOnlyList<SubscriptionQueue> all) : IHostedService
{
    public IReadOnlyList<SubscriptionQueue> All => all;

    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(all.Select(queue => queue.StartAsync(cancellationToken)));

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(all.Select(queue => queue.StopAsync(cancellationToken)));
}
