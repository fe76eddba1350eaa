using System.Text.Json;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>An event as the outbox keeps it.</summary>
/// <param name="Position">Place in the outbox.</param>
/// <param name="Id">Id of the event.</param>
/// <param name="TypeName">Wire name of its type, for example <c>MemoryMesh.Contracts.Events.MessageStored</c>.</param>
/// <param name="Body">The event as JSON.</param>
/// <param name="OccurredAt">When the change was made.</param>
/// <param name="Trace">The span that it was made in, as <c>traceparent</c> has it, or null.</param>
public sealed record OutboxEvent(long Position, Guid Id, string TypeName, string Body, DateTimeOffset OccurredAt, string? Trace = null)
{
    /// <summary>Reads the event.</summary>
    /// <exception cref="JsonException">The body is no event of the type.</exception>
    /// <exception cref="NotSupportedException">This version does not know the type.</exception>
    public object ReadEvent()
        => Subscriptions.EventTypes.TryGetValue(TypeName, out var type)
            ? JsonSerializer.Deserialize(Body, type) ?? throw new JsonException($"The event {Id} is empty.")
            : throw new NotSupportedException($"Events of the type {TypeName} are not known.");
}

/// <summary>Appends events to a service's durable log, in the transaction of the change they tell of.</summary>
public static class Outbox
{
    /// <summary>Appends an event. It is delivered after the transaction committed, or never when it did not.</summary>
    public static void Publish<TEvent>(this StoreSession session, TEvent message, DateTimeOffset occurredAt)
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(session);
        var name = typeof(TEvent).FullName!;
        if (!Subscriptions.EventTypes.ContainsKey(name))
        {
            throw new InvalidOperationException($"No queue takes {typeof(TEvent).Name}: an event that nobody takes would be lost.");
        }

        session.Execute(
            "INSERT INTO outbox (id, type, body, occurred_at, trace) VALUES ($1, $2, $3, $4, $5)",
            Guid.CreateVersion7(occurredAt),
            name,
            JsonSerializer.Serialize(message),
            occurredAt,
            session.Trace);
        session.OutboxAppended = true;
    }

    /// <summary>Appends an event once more, as the same event.</summary>
    internal static void PublishAgain(StoreSession session, Guid id, string typeName, string body, DateTimeOffset occurredAt, string? trace = null)
    {
        session.Execute("INSERT INTO outbox (id, type, body, occurred_at, trace) VALUES ($1, $2, $3, $4, $5)", id, typeName, body, occurredAt, trace);
        session.OutboxAppended = true;
    }

    internal static List<OutboxEvent> Read(StoreSession session, long after, int limit)
        => session.Query(
            "SELECT seq, id, type, body, occurred_at, trace FROM outbox WHERE seq > $1 ORDER BY seq LIMIT $2",
            row => new OutboxEvent(row.Int64(0), row.Id(1), row.Text(2), row.Text(3), row.Time(4), row.TextOrNull(5)),
            after,
            limit);

    /// <summary>The position before the oldest event that is still there; that of the last event ever when none is.</summary>
    internal static long PositionBeforeOldest(StoreSession session)
        => session.Scalar(
            $"SELECT coalesce((SELECT min(seq) - 1 FROM outbox), ({session.LastOutboxPlaceSql}), 0)");

    internal static void Delete(StoreSession session, IEnumerable<OutboxEvent> events)
    {
        foreach (var item in events)
        {
            session.Execute("DELETE FROM outbox WHERE seq = $1 AND id = $2", item.Position, item.Id);
        }
    }

    /// <summary>Keeps an event that could not be delivered, until an operator drives it again.</summary>
    internal static void Park(StoreSession session, OutboxEvent item, string subscription, string source, string reason, int attempts, DateTimeOffset now)
        => session.Execute(
            """
            INSERT INTO parked_events (id, subscription, source, type, body, reason, attempts, parked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (id, subscription) DO UPDATE SET source = excluded.source, type = excluded.type, body = excluded.body, reason = excluded.reason,
                attempts = excluded.attempts, parked_at = excluded.parked_at, retry_at = NULL
            """,
            item.Id,
            subscription,
            source,
            item.TypeName,
            item.Body,
            reason,
            attempts,
            now);

    /// <summary>Deletes the parked events about a subject's messages and memories. Those of erasures stay: they are to be driven again.</summary>
    /// <returns>How many.</returns>
    internal static int DeleteParked(StoreSession session, Guid subjectKey)
        => session.Execute(
            "DELETE FROM parked_events WHERE replace(body, $1, '') <> body AND type NOT IN ($2, $3, $4)",
            subjectKey.ToString("D"),
            typeof(SubjectErasureRequested).FullName,
            typeof(ServiceErased).FullName,
            typeof(SubjectErased).FullName);

    internal static long Position(StoreSession session, string subscription, string source)
        => session.Scalar("SELECT position FROM event_positions WHERE subscription = $1 AND source = $2", subscription, source);

    internal static void SavePosition(StoreSession session, string subscription, string source, long position)
        => session.Execute(
            """
            INSERT INTO event_positions (subscription, source, position) VALUES ($1, $2, $3)
            ON CONFLICT (subscription, source) DO UPDATE SET position = excluded.position WHERE excluded.position > event_positions.position
            """,
            subscription,
            source,
            position);
}
