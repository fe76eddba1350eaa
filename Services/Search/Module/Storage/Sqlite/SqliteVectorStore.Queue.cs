using MemoryMesh.Contracts.Search;
using MemoryMesh.Search.Index;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Search.Storage.Sqlite;

/// <summary>The queue: a row for each item and slot whose vectors are to be computed. Its id is that of the vectors.</summary>
internal partial class SqliteVectorStore
{
    /// <summary>Messages after one that changed which may have seen it as context.</summary>
    private const int Successors = 6;

    /// <summary>Due time, in milliseconds since 1970, of what is embedded again for another model: after what came in just now, which has 0.</summary>
    private const int AfterNewItems = 1;

    private const string OfTenant = "i.tenant_id = $1 AND i.kind = $2";

    /// <summary>Puts an item into the queue, and the messages after it that saw it, or now see it, as context. Within the transaction of its change.</summary>
    public static void Enqueue(SqliteSession session, long id, IndexedItem item)
    {
        session.Execute(
            """
            INSERT INTO embedding_jobs (id, state, attempts, due_at) SELECT 2 * $1 + slot, 0, 0, 0 FROM vector_models WHERE role > 0
            ON CONFLICT (id) DO UPDATE SET state = 0, attempts = 0, round = round + 1, due_at = 0, error = NULL
            """,
            id);
        if (item.ConversationKey is { } conversation)
        {
            EnqueueSuccessors(session, item.TenantId, conversation, item.CreatedAt, item.Id);
        }
    }

    /// <summary>Puts the messages after one that goes into the queue: their token vectors carry a trace of it.</summary>
    public static void EnqueueSuccessors(SqliteSession session, Guid tenantId, Guid conversationKey, DateTimeOffset createdAt, Guid itemId)
        => session.Execute(
            """
            INSERT INTO embedding_jobs (id, state, attempts, due_at)
            SELECT 2 * i.id + m.slot, 0, 0, 0 FROM (
                SELECT id FROM indexed_items
                WHERE tenant_id = $1 AND conversation_key = $2 AND (created_at, item_id) > ($3, $4)
                ORDER BY created_at, item_id LIMIT $5) i
            CROSS JOIN vector_models m WHERE m.role > 0
            ON CONFLICT (id) DO UPDATE SET state = 0, attempts = 0, round = round + 1, due_at = 0, error = NULL
            """,
            tenantId,
            conversationKey,
            createdAt,
            itemId,
            Successors);

    public Task<IReadOnlyList<EmbeddingTask>> ListDueAsync(DateTimeOffset now, int limit, int slots, CancellationToken cancellationToken)
        => _data.ReadAsync<IReadOnlyList<EmbeddingTask>>(
            session => session.Query(
                $"""
                SELECT j.id >> 1, j.id & 1, j.attempts, j.round, {ItemColumns} FROM embedding_jobs j CROSS JOIN indexed_items i ON i.id = j.id >> 1
                WHERE j.state = 0 AND j.due_at <= $1 AND $3 & (1 << (j.id & 1)) ORDER BY j.due_at, j.id LIMIT $2
                """,
                row => new EmbeddingTask(row.Int64(0), row.Int32(1), ReadItem(row, 4), row.Int32(2), row.Int64(3)),
                now,
                limit,
                slots),
            cancellationToken);

    public Task<DateTimeOffset?> NextDueAsync(int slots, CancellationToken cancellationToken)
        => _data.ReadAsync(
            session => session.QueryFirst(
                "SELECT due_at FROM embedding_jobs WHERE state = 0 AND $1 & (1 << (id & 1)) ORDER BY due_at LIMIT 1", row => row.TimeOrNull(0), slots),
            cancellationToken);

    public Task FailAsync(IReadOnlyList<EmbeddingFailure> failures, CancellationToken cancellationToken)
        => _data.WriteAsync(
            session =>
            {
                foreach (var failure in failures)
                {
                    session.Execute(
                        "UPDATE embedding_jobs SET state = $2, attempts = attempts + $5, due_at = $3, error = $4 WHERE id = $1",
                        IdOf(failure.Task),
                        failure.DueAt is null ? 1 : 0,
                        failure.DueAt ?? DateTimeOffset.UnixEpoch,
                        failure.Error,
                        failure.IsAttempt ? 1 : 0);
                }

                return failures.Count;
            },
            cancellationToken);

    public Task DropAsync(IReadOnlyList<EmbeddingTask> tasks, CancellationToken cancellationToken)
        => _data.WriteAsync(
            session => tasks.Sum(task => session.Execute("DELETE FROM embedding_jobs WHERE id = $1 AND round = $2", IdOf(task), task.Round)), cancellationToken);

    public Task<EmbeddingCounts> CountAsync(Guid tenantId, ItemKind kind, StoredModel model, CancellationToken cancellationToken)
        => _data.ReadAsync(
            session =>
            {
                var (items, embedded) = session.QueryFirst(
                    $"""
                    SELECT COUNT(*), COUNT(v.id) FROM indexed_items i
                    LEFT JOIN vectors v ON v.id = 2 * i.id + $4 AND v.version = i.version AND v.model = $3 WHERE {OfTenant}
                    """,
                    row => (row.Int64(0), row.Int64(1)),
                    tenantId,
                    kind,
                    model.Id,
                    model.Slot);
                var jobs = session.QueryFirst(
                    $"""
                    SELECT SUM(j.state = 0), SUM(j.state = 0 AND j.attempts > 0), SUM(j.state = 1)
                    FROM embedding_jobs j JOIN indexed_items i ON i.id = j.id >> 1 WHERE {OfTenant} AND j.id & 1 = $3
                    """,
                    row => row.IsNull(0) ? default : (Waiting: row.Int64(0), Retrying: row.Int64(1), Parked: row.Int64(2)),
                    tenantId,
                    kind,
                    model.Slot);
                var errors = session.Query(
                    $"""
                    SELECT j.error, COUNT(*) FROM embedding_jobs j JOIN indexed_items i ON i.id = j.id >> 1
                    WHERE {OfTenant} AND j.id & 1 = $3 AND j.state = 1 GROUP BY j.error
                    """,
                    row => (Error: row.TextOrNull(0) ?? "", Count: row.Int64(1)),
                    tenantId,
                    kind,
                    model.Slot);
                return new EmbeddingCounts(items, embedded, jobs.Waiting, jobs.Retrying, jobs.Parked, errors.ToDictionary(row => row.Error, row => row.Count));
            },
            cancellationToken);

    public Task<QueueCounts> CountQueueAsync(StoredModel model, CancellationToken cancellationToken)
        => _data.ReadAsync(
            session => new QueueCounts(
                session.Scalar("SELECT SUM(items) FROM index_totals"),
                CountWaiting(session, model.Slot),
                session.Scalar("SELECT COUNT(*) FROM embedding_jobs WHERE state = 1 AND id & 1 = $1", model.Slot)),
            cancellationToken);

    public Task<IReadOnlyList<FailedJob>> ListFailedAsync(Guid tenantId, StoredModel model, int limit, CancellationToken cancellationToken)
        => _data.ReadAsync<IReadOnlyList<FailedJob>>(
            session => session.Query(
                """
                SELECT i.kind, i.item_id, j.state, j.attempts, j.error FROM embedding_jobs j JOIN indexed_items i ON i.id = j.id >> 1
                WHERE i.tenant_id = $1 AND j.id & 1 = $2 AND j.error IS NOT NULL ORDER BY j.state DESC, j.id LIMIT $3
                """,
                row => new FailedJob((ItemKind)row.Int32(0), row.Id(1), row.Int32(2) == 1, row.Int32(3), row.Text(4)),
                tenantId,
                model.Slot,
                limit),
            cancellationToken);

    public Task<int> RetryParkedAsync(Guid tenantId, CancellationToken cancellationToken)
        => _data.WriteAsync(
            session => session.Execute(
                """
                UPDATE embedding_jobs SET state = 0, attempts = 0, due_at = 0, error = NULL
                WHERE state = 1 AND id >> 1 IN (SELECT id FROM indexed_items WHERE tenant_id = $1)
                """,
                tenantId),
            cancellationToken);

    public Task<bool> AreEmbeddedAsync(Guid tenantId, IReadOnlyList<MessageVersion> messages, CancellationToken cancellationToken)
        => _data.ReadAsync(
            session => messages.All(message => session.Scalar(
                """
                SELECT COUNT(*) FROM indexed_items i CROSS JOIN vector_models m
                WHERE i.item_id = $1 AND i.tenant_id = $2 AND i.version >= $3 AND m.role = 1
                    AND NOT EXISTS (SELECT 1 FROM embedding_jobs j WHERE j.id = 2 * i.id + m.slot AND j.state = 0)
                """,
                message.MessageId,
                tenantId,
                message.Version) == 1),
            cancellationToken);

    protected static int EnqueueAll(SqliteSession session, int slot)
        => session.Execute(
            "INSERT OR IGNORE INTO embedding_jobs (id, state, attempts, due_at) SELECT 2 * id + $1, 0, 0, $2 FROM indexed_items", slot, AfterNewItems);

    private static long CountWaiting(SqliteSession session, int slot)
        => session.Scalar("SELECT COUNT(*) FROM embedding_jobs WHERE state = 0 AND id & 1 = $1", slot);

    private static long IdOf(EmbeddingTask task) => (2 * task.RowId) + task.Slot;
}
