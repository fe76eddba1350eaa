using MemoryMesh.Contracts.Events;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>A subscription with the consumer that serves it.</summary>
public sealed class SubscriptionRegistration
{
    private readonly Dictionary<string, IDispatcher> _dispatchers;

    internal SubscriptionRegistration(Subscription subscription, string database, Type consumerType)
    {
        Subscription = subscription;
        Database = database;
        ConsumerType = consumerType;
        _dispatchers = subscription.EventTypes.ToDictionary(
            type => type.FullName!,
            type => typeof(IEventConsumer<>).MakeGenericType(type).IsAssignableFrom(consumerType)
                ? (IDispatcher)Activator.CreateInstance(typeof(Dispatcher<>).MakeGenericType(type), consumerType)!
                : throw new InvalidOperationException($"{consumerType.Name} serves {subscription.Name} and must consume {type.Name}."));
    }

    /// <summary>The queue.</summary>
    public Subscription Subscription { get; }

    /// <summary>Name of the module database that keeps the consumer's positions.</summary>
    public string Database { get; }

    /// <summary>Class of the consumer.</summary>
    public Type ConsumerType { get; }

    /// <summary>Hands events of one type to the consumer, in a scope of its own.</summary>
    internal async Task DispatchAsync(IServiceProvider services, string typeName, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        if (!_dispatchers.TryGetValue(typeName, out var dispatcher))
        {
            throw new InvalidOperationException($"{Subscription.Name} does not know events of the type {typeName}.");
        }

        await using var scope = services.CreateAsyncScope();
        await dispatcher.DispatchAsync(scope.ServiceProvider, deliveries, cancellationToken);
    }

    private interface IDispatcher
    {
        Task DispatchAsync(IServiceProvider services, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken);
    }

    private sealed class Dispatcher<TEvent>(Type consumerType) : IDispatcher
        where TEvent : class
    {
        public Task DispatchAsync(IServiceProvider services, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
        {
            var batch = new List<EventEnvelope<TEvent>>(deliveries.Count);
            foreach (var delivery in deliveries)
            {
                batch.Add(new EventEnvelope<TEvent>(delivery.Id, delivery.OccurredAt, (TEvent)delivery.ReadEvent()));
            }

            var consumer = (IEventConsumer<TEvent>)services.GetRequiredService(consumerType);
            return consumer.ConsumeAsync(batch, cancellationToken);
        }
    }
}

/// <summary>Registers consumers.</summary>
public static class SubscriptionExtensions
{
    /// <summary>Serves a subscription with <typeparamref name="TConsumer"/>, which implements <see cref="IEventConsumer{TEvent}"/> for each of its event types.</summary>
    /// <param name="services">The services.</param>
    /// <param name="subscription">The queue, of <see cref="Subscriptions"/>.</param>
    public static IServiceCollection AddSubscription<TConsumer>(this IServiceCollection services, Subscription subscription)
        where TConsumer : class
    {
        ArgumentNullException.ThrowIfNull(subscription);
        services.AddScoped<TConsumer>();
        return services.AddSingleton(new SubscriptionRegistration(subscription, subscription.Service, typeof(TConsumer)));
    }
}
