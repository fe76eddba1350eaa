using System.Text.Json;
using MemoryMesh.Contracts.Events;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>An event as the outbox keeps it.</summary>
/// <param name="Position">Place in the outbox.</param>
/// <param name="Id">Id of the event.</param>
/// <param name="Type">Its type.</param>
/// <param name="Body">The event as JSON.</param>
/// <param name="OccurredAt">When the change was made.</param>
public sealed record OutboxEvent(long Position, Guid Id, Type Type, string Body, DateTimeOffset OccurredAt);

/// <summary>A subscription with the consumer that serves it.</summary>
public sealed class SubscriptionRegistration
{
    private readonly Dictionary<Type, IDispatcher> _dispatchers;

    internal SubscriptionRegistration(Subscription subscription, string database, Type consumerType)
    {
        Subscription = subscription;
        Database = database;
        ConsumerType = consumerType;
        _dispatchers = subscription.EventTypes.ToDictionary(
            type => type,
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
    public async Task DispatchAsync(IServiceProvider services, Type eventType, IReadOnlyList<OutboxEvent> events, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        await _dispatchers[eventType].DispatchAsync(scope.ServiceProvider, events, cancellationToken);
    }

    private interface IDispatcher
    {
        Task DispatchAsync(IServiceProvider services, IReadOnlyList<OutboxEvent> events, CancellationToken cancellationToken);
    }

    private sealed class Dispatcher<TEvent>(Type consumerType) : IDispatcher
        where TEvent : class
    {
        public Task DispatchAsync(IServiceProvider services, IReadOnlyList<OutboxEvent> events, CancellationToken cancellationToken)
        {
            var consumer = (IEventConsumer<TEvent>)services.GetRequiredService(consumerType);
            var batch = new List<EventEnvelope<TEvent>>(events.Count);
            foreach (var item in events)
            {
                batch.Add(new EventEnvelope<TEvent>(item.Id, item.OccurredAt, JsonSerializer.Deserialize<TEvent>(item.Body)!));
            }

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
