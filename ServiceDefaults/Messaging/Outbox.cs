using System.Text.Json;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Appends events to a service's durable log, in the transaction of the change they tell of.</summary>
public static class Outbox
{
    /// <summary>Appends an event. It is delivered after the transaction committed, or never when it did not.</summary>
    public static void Publish<TEvent>(this SqliteSession session, TEvent message, DateTimeOffset occurredAt)
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(session);
        var name = typeof(TEvent).FullName!;
        if (!Subscriptions.EventTypes.ContainsKey(name))
        {
            throw new InvalidOperationException($"No queue takes {typeof(TEvent).Name}: an event that nobody takes would be lost.");
        }

        session.Execute(
            "INSERT INTO outbox (id, type, body, occurred_at) VALUES ($1, $2, $3, $4)",
            Guid.CreateVersion7(occurredAt),
            name,
            JsonSerializer.Serialize(message),
            occurredAt);
        session.OutboxAppended = true;
    }

    internal static List<OutboxEvent> Read(SqliteSession session, long after, int limit)
        => session.Query(
            "SELECT seq, id, type, body, occurred_at FROM outbox WHERE seq > $1 ORDER BY seq LIMIT $2",
            row => new OutboxEvent(
                row.Int64(0),
                row.Id(1),
                Subscriptions.EventTypes.TryGetValue(row.Text(2), out var type)
                    ? type
                    : throw new InvalidOperationException($"The outbox holds an event of the unknown type {row.Text(2)}."),
                row.Text(3),
                row.Time(4)),
            after,
            limit);

    internal static long Position(SqliteSession session, string subscription, string source)
        => session.Scalar("SELECT position FROM event_positions WHERE subscription = $1 AND source = $2", subscription, source);

    internal static void SavePosition(SqliteSession session, string subscription, string source, long position)
        => session.Execute(
            """
            INSERT INTO event_positions (subscription, source, position) VALUES ($1, $2, $3)
            ON CONFLICT (subscription, source) DO UPDATE SET position = excluded.position WHERE excluded.position > position
            """,
            subscription,
            source,
            position);
}
