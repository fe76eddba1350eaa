using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Events between processes, over MassTransit: a relay that publishes the outbox to RabbitMQ, and a durable queue for each subscription.</summary>
public static class RabbitMqBusExtensions
{
    /// <summary>Name of the connection string and of the health check.</summary>
    public const string Name = "rabbitmq";

    /// <summary>
    /// Joins this process to the broker at <c>ConnectionStrings:rabbitmq</c>, and passes all events on to its <see cref="IEventListener"/> when
    /// <paramref name="listens"/> is set. The process starts and serves when the broker is away; its health check tells.
    /// </summary>
    public static WebApplicationBuilder AddRabbitMqBus(this WebApplicationBuilder builder, bool listens = false)
    {
        ArgumentNullException.ThrowIfNull(builder);

        // What MassTransit says of lost connections and of messages given back, BusKeeper says in fewer lines and without texts of exceptions in consumers.
        builder.Logging.AddFilter("MassTransit", LogLevel.None);
        var services = builder.Services;

        // Stopped in the opposite order: nothing new is published, nothing more is delivered, then the bus gives back what it holds.
        services.AddOptionsWithValidateOnStart<MessagingOptions, MessagingOptionsValidator>().BindConfiguration(MessagingOptions.Section);
        services.AddSingleton<BusKeeper>();
        services.AddHostedService(provider => provider.GetRequiredService<BusKeeper>());
        services.AddSingleton<SubscriptionQueues>();
        services.AddHostedService(provider => provider.GetRequiredService<SubscriptionQueues>());
        services.AddSingleton<IEventPublisher, OutboxRelay.BusPublisher>();
        services.AddHostedService<OutboxRelay>();
        if (listens)
        {
            services.AddSingleton<RabbitMqFeed>();
            services.AddHostedService<FeedJoiner>();
        }

        services.AddHealthChecks().AddCheck<RabbitMqHealthCheck>(Name, timeout: TimeSpan.FromSeconds(3));
        return builder;
    }
}

/// <summary>The subscriptions that this process serves.</summary>
internal sealed class SubscriptionQueues : IHostedService, IDisposable
{
    public SubscriptionQueues(
        IEnumerable<SubscriptionRegistration> registrations, IServiceProvider services, TimeProvider clock, ILogger<SubscriptionQueue> logger)
        => All = [.. registrations.Select(registration => new SubscriptionQueue(registration, services, clock, logger))];

    public IReadOnlyList<SubscriptionQueue> All { get; }

    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(All.Select(queue => queue.StartAsync(cancellationToken)));

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(All.Select(queue => queue.StopAsync(cancellationToken)));

    public void Dispose()
    {
        foreach (var queue in All)
        {
            queue.Dispose();
        }
    }
}

/// <summary>Whether the broker takes connections and the subscriptions of this process are joined to it.</summary>
internal sealed class RabbitMqHealthCheck(BusKeeper keeper) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            // MassTransit's own check calls a process that only publishes healthy when the broker is away.
            await keeper.ReachAsync(cancellationToken);
            return keeper.IsJoined ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"Not joined to {keeper.Address}");
        }
        catch (SocketException exception)
        {
            return HealthCheckResult.Unhealthy($"{keeper.Address}: {exception.SocketErrorCode}");
        }
    }
}
