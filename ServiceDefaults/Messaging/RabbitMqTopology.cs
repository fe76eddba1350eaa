using MemoryMesh.Contracts.Events;
using RabbitMQ.Client;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>What exists on the broker: for each event type an exchange of its name, for each subscription a queue of its name and one for its parked events.</summary>
/// <remarks>
/// Publishers and consumers declare all of it, with these lines, before they do anything else: no event is published before every queue that takes it is
/// bound, though its consumer may never have run. The broker refuses a declaration that differs from the first.
/// The queues are classic and durable. A quorum queue of RabbitMQ 3.10 whose broker is killed within moments of its first declaration is listed after
/// the restart but has no process, and answers nothing any more.
/// </remarks>
internal static class RabbitMqTopology
{
    /// <summary>Header with the time of the change, in milliseconds since 1970 in UTC.</summary>
    public const string OccurredAtHeader = "occurred-at";

    /// <summary>Queue with the parked events of a subscription.</summary>
    public static string ErrorQueueOf(Subscription subscription) => $"{subscription.Name}_error";

    /// <summary>Declares everything.</summary>
    public static async Task DeclareAsync(IChannel channel, CancellationToken cancellationToken)
    {
        foreach (var typeName in Subscriptions.EventTypes.Keys)
        {
            await channel.ExchangeDeclareAsync(typeName, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
        }

        foreach (var subscription in Subscriptions.All)
        {
            await DeclareQueueAsync(channel, ErrorQueueOf(subscription), [], cancellationToken);
            await DeclareQueueAsync(
                channel,
                subscription.Name,
                new() { ["x-dead-letter-exchange"] = "", ["x-dead-letter-routing-key"] = ErrorQueueOf(subscription) },
                cancellationToken);
            foreach (var type in subscription.EventTypes)
            {
                await channel.QueueBindAsync(subscription.Name, type.FullName!, routingKey: "", cancellationToken: cancellationToken);
            }
        }
    }

    private static Task<QueueDeclareOk> DeclareQueueAsync(IChannel channel, string name, Dictionary<string, object?> arguments, CancellationToken cancellationToken)
        => channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
}
