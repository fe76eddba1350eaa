using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Events between processes: a relay that publishes the outbox to RabbitMQ, and a durable queue for each subscription.</summary>
public static class RabbitMqBusExtensions
{
    /// <summary>Name of the connection string and of the health check.</summary>
    public const string Name = "rabbitmq";

    /// <summary>Joins this process to the broker at <c>ConnectionStrings:rabbitmq</c>. The process starts and serves when the broker is away; its health check tells.</summary>
    public static WebApplicationBuilder AddRabbitMqBus(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddSingleton<RabbitMqConnector>();
        services.AddSingleton<IEventPublisher, RabbitMqPublisher>();
        services.AddSingleton<RabbitMqConsumers>();
        services.AddHostedService(provider => provider.GetRequiredService<RabbitMqConsumers>());
        services.AddHostedService<OutboxRelay>();
        services.AddHealthChecks().AddCheck<RabbitMqHealthCheck>(Name, timeout: TimeSpan.FromSeconds(2));
        return builder;
    }
}

/// <summary>The subscriptions that this process serves.</summary>
internal sealed class RabbitMqConsumers : IHostedService, IDisposable
{
    private readonly List<BackgroundService> _services = [];

    public RabbitMqConsumers(
        IEnumerable<SubscriptionRegistration> registrations,
        IServiceProvider services,
        RabbitMqConnector connector,
        TimeProvider clock,
        ILoggerFactory loggers)
    {
        var all = new List<RabbitMqConsumer>();
        foreach (var registration in registrations)
        {
            var queue = new SubscriptionQueue(registration, services, clock, loggers.CreateLogger<SubscriptionQueue>());
            var consumer = new RabbitMqConsumer(queue, connector, clock, loggers.CreateLogger<RabbitMqConsumer>());
            _services.AddRange([queue, consumer]);
            all.Add(consumer);
        }

        All = all;
    }

    public IReadOnlyList<RabbitMqConsumer> All { get; }

    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(_services.Select(service => service.StartAsync(cancellationToken)));

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(_services.Select(service => service.StopAsync(cancellationToken)));

    public void Dispose() => _services.ForEach(service => service.Dispose());
}

/// <summary>Whether the broker takes connections and the subscriptions of this process are joined to it.</summary>
internal sealed class RabbitMqHealthCheck(RabbitMqConnector connector, RabbitMqConsumers consumers) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var away = consumers.All.Where(consumer => !consumer.Joined).Select(consumer => consumer.Name).ToList();
        if (away.Count > 0)
        {
            return HealthCheckResult.Unhealthy($"Not joined: {string.Join(", ", away)}");
        }

        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(connector.Address.Host, connector.Address.Port, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (SocketException exception)
        {
            return HealthCheckResult.Unhealthy($"{connector.Address}: {exception.SocketErrorCode}");
        }
    }
}
