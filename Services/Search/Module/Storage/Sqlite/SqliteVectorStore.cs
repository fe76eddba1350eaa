using System.Security.Cryptography;
using System.Text;
using MemoryMesh.Contracts.Search;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Search.Storage.Sqlite;

/// <summary>Vectors in SQLite, each sealed with the key of its owner.</summary>
internal sealed class SqliteVectorStore(
    [FromKeyedServices(SearchModule.Name)] ModuleDatabase database, KeyRing ring, ITextEmbedder embedder) : IVectorStore
{
    /// <summary>Changes when vectors are computed or laid out in another way.</summary>
    private const int Layout = 2;

    /// <summary>Messages after one that changed which may have seen it as context.</summary>
    private const int Successors = 6;

    private const string ItemColumns =
        "i.item_id, i.kind, i.tenant_id, i.owner_key, i.conversation_key, i.version, i.role, i.created_at, i.importance";

    private readonly SqliteDatabase _data = database.Data;
    private long _model;

    /// <summary>Puts an item into the queue, and the messages after it that saw it, or now see it, as context. Within the transaction of its change.</summary>
    public static void Enqueue(SqliteSession session, long id, IndexedItem item)
    {
        session.Execute(
            "INSERT INTO embedding_jobs (id, state, attempts, due_at) VALUES ($1, 0, 0, 0) ON CONFLICT (id) DO UPDATE SET state = 0, attempts = 0, round = round + 1, due_at = 0, error = NULL",
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
            SELECT id, 0, 0, 0 FROM (
                SELECT id FROM indexed_items
                WHERE tenant_id = $1 AND conversation_key = $2 AND (created_at, item_id) > ($3, $4)
                ORDER BY created_at, item_id LIMIT $5)
            WHERE true
            ON CONFLICT (id) DO UPDATE SET state = 0, attempts = 0, round = round + 1, due_at = 0, error = NULL
            """,
            tenantId,
            conversationKey,
            createdAt,
            itemId,
            Successors);

    public async Task<int> UseModelAsync(CancellationToken cancellationToken)
    {
        var (model, queued) = await _data.WriteAsync(
            session =>
            {
                session.Execute(
                    "INSERT OR IGNORE INTO vector_models (name, dimensions, layout) VALUES ($1, $2, $3)", embedder.Model, embedder.Dimensions, Layout);
                var id = session.Scalar(
                    "SELECT id FROM vector_models WHERE name = $1 AND dimensions = $2 AND layout = $3", embedder.Model, embedder.Dimensions, Layout);
                var others = session.Scalar("SELECT COUNT(*) FROM vector_models WHERE id <> $1", id);
                var count = others == 0 ? 0 : session.Execute(
                    "INSERT OR IGNORE INTO embedding_jobs (id, state, attempts, due_at) SELECT id, 0, 0, 0 FROM vectors WHERE model <> $1", id);
                return (id, count);
            },
            cancellationToken);
        Volatile.Write(ref _model, model);
        return queued;
    }

    public async Task<IReadOnlyList<(IndexedItem Item, ItemVectors? Vectors)>> ReadPartitionAsync(PartitionKey key, CancellationToken cancellationToken)
    {
        var model = await ModelAsync(cancellationToken);
        var dataKey = await database.Keys.FindAsync(key.TenantId, key.OwnerKey, cancellationToken);
        return await _data.ReadAsync<IReadOnlyList<(IndexedItem, ItemVectors?)>>(
            session => session.Query(
                $"""
                SELECT {ItemColumns}, v.version, v.content FROM indexed_items i
                LEFT JOIN vectors v ON v.id = i.id AND v.version = i.version AND v.model = $4
                WHERE i.tenant_id = $1 AND i.kind = $2 AND i.owner_key = $3
                """,
                row =>
                {
                    var item = ReadItem(row, 0);
                    return (item, row.IsNull(10) || dataKey is null ? null : Open(dataKey, item.Id, row.Int32(9), row.Bytes(10)));
                },
                key.TenantId,
                key.Kind,
                key.OwnerKey,
                model),
            cancellationToken);
    }

    public Task<IReadOnlyList<Guid>> ListOwnersAsync(Guid tenantId, CancellationToken cancellationToken)
        => _data.ReadAsync<IReadOnlyList<Guid>>(
            session => session.Query(
                """
                WITH RECURSIVE owners (key) AS (
                    SELECT min(owner_key) FROM indexed_items WHERE tenant_id = $1
                    UNION ALL
                    SELECT (SELECT min(owner_key) FROM indexed_items WHERE tenant_id = $1 AND owner_key > key) FROM owners WHERE key IS NOT NULL)
                SELECT key FROM owners WHERE key IS NOT NULL
                """,
                row => row.Id(0),
                tenantId),
            cancellationToken);

    public Task<IReadOnlyList<EmbeddingTask>> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken)
        => _data.ReadAsync<IReadOnlyList<EmbeddingTask>>(
            session => session.Query(
                $"""
                SELECT j.id, j.attempts, j.round, {ItemColumns} FROM embedding_jobs j JOIN indexed_items i ON i.id = j.id
                WHERE j.state = 0 AND j.due_at <= $1 ORDER BY j.due_at, j.id LIMIT $2
                """,
                row => new EmbeddingTask(row.Int64(0), ReadItem(row, 3), row.Int32(1), row.Int64(2)),
                now,
                limit),
            cancellationToken);

    public Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken)
        => _data.ReadAsync(
            session => session.QueryFirst("SELECT min(due_at) FROM embedding_jobs WHERE state = 0", row => row.TimeOrNull(0)), cancellationToken);

    public Task<IReadOnlyDictionary<Guid, IReadOnlyList<Guid>>> ListPrecedingAsync(
        IReadOnlyList<IndexedItem> messages, int limit, TimeSpan gap, CancellationToken cancellationToken)
        => _data.ReadAsync<IReadOnlyDictionary<Guid, IReadOnlyList<Guid>>>(
            session =>
            {
                var found = new Dictionary<Guid, IReadOnlyList<Guid>>(messages.Count);
                foreach (var message in messages)
                {
                    var before = session.Query(
                        """
                        SELECT item_id, created_at FROM indexed_items
                        WHERE tenant_id = $1 AND conversation_key = $2 AND (created_at, item_id) < ($3, $4)
                        ORDER BY created_at DESC, item_id DESC LIMIT $5
                        """,
                        row => (Id: row.Id(0), At: row.Time(1)),
                        message.TenantId,
                        message.ConversationKey,
                        message.CreatedAt,
                        message.Id,
                        limit);
                    var at = message.CreatedAt;
                    found[message.Id] =
                    [
                        .. before
                            .TakeWhile(other =>
                            {
                                var follows = at - other.At <= gap;
                                at = other.At;
                                return follows;
                            })
                            .Select(other => other.Id),
                    ];
                }

                return found;
            },
            cancellationToken);

    public Task<IReadOnlyDictionary<Guid, (IReadOnlyList<Guid> Before, IReadOnlyList<Guid> After)>> ListAroundAsync(
        Guid tenantId, IReadOnlyList<Guid> messageIds, int reach, CancellationToken cancellationToken)
        => _data.ReadAsync<IReadOnlyDictionary<Guid, (IReadOnlyList<Guid>, IReadOnlyList<Guid>)>>(
            session =>
            {
                var found = new Dictionary<Guid, (IReadOnlyList<Guid>, IReadOnlyList<Guid>)>(messageIds.Count);
                foreach (var id in messageIds)
                {
                    var before = session.Query(
                        """
                        SELECT o.item_id FROM indexed_items i JOIN indexed_items o ON o.tenant_id = i.tenant_id AND o.conversation_key = i.conversation_key
                        WHERE i.item_id = $1 AND i.tenant_id = $2 AND (o.created_at, o.item_id) < (i.created_at, i.item_id)
                        ORDER BY o.created_at DESC, o.item_id DESC LIMIT $3
                        """,
                        row => row.Id(0),
                        id,
                        tenantId,
                        reach);
                    before.Reverse();
                    var after = session.Query(
                        """
                        SELECT o.item_id FROM indexed_items i JOIN indexed_items o ON o.tenant_id = i.tenant_id AND o.conversation_key = i.conversation_key
                        WHERE i.item_id = $1 AND i.tenant_id = $2 AND (o.created_at, o.item_id) > (i.created_at, i.item_id)
                        ORDER BY o.created_at, o.item_id LIMIT $3
                        """,
                        row => row.Id(0),
                        id,
                        tenantId,
                        reach);
                    found[id] = (before, after);
                }

                return found;
            },
            cancellationToken);

    public async Task<IReadOnlyDictionary<string, ItemVectors>> FindEqualAsync(
        PartitionKey key, IReadOnlyCollection<string> textHashes, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, ItemVectors>(StringComparer.Ordinal);
        if (await database.Keys.FindAsync(key.TenantId, key.OwnerKey, cancellationToken) is not { } dataKey)
        {
            return found;
        }

        var model = await ModelAsync(cancellationToken);
        return await _data.ReadAsync<IReadOnlyDictionary<string, ItemVectors>>(
            session =>
            {
                foreach (var hash in textHashes)
                {
                    var vectors = session.QueryFirst(
                        """
                        SELECT i.item_id, v.version, v.content FROM vectors v JOIN indexed_items i ON i.id = v.id
                        WHERE v.text_hash = $1 AND v.model = $2 AND i.tenant_id = $3 AND i.owner_key = $4 LIMIT 1
                        """,
                        row => Open(dataKey, row.Id(0), row.Int32(1), row.Bytes(2)),
                        Convert.FromHexString(hash),
                        model,
                        key.TenantId,
                        key.OwnerKey);
                    if (vectors is not null)
                    {
                        found[hash] = vectors;
                    }
                }

                return found;
            },
            cancellationToken);
    }

    public string HashText(PartitionKey key, string text, string? context)
    {
        var owner = ring.DeriveIndexKey($"vectors:{key.TenantId:N}:{key.OwnerKey:N}");
        return Convert.ToHexString(HMACSHA256.HashData(owner, Encoding.UTF8.GetBytes($"{context?.Length ?? -1}:{context}{text}")).AsSpan(0, 16));
    }

    public async Task<bool[]> SaveAsync(IReadOnlyList<EmbeddedItem> items, CancellationToken cancellationToken)
    {
        var model = await ModelAsync(cancellationToken);
        var rows = new List<(EmbeddedItem Item, DataKey Key, byte[] Content)>(items.Count);
        foreach (var item in items)
        {
            var indexed = item.Task.Item;
            var dataKey = await database.Keys.GetOrCreateAsync(indexed.TenantId, indexed.OwnerKey, cancellationToken);
            rows.Add((item, dataKey, dataKey.Seal(item.Vectors.ToBytes(), Place(indexed.Id, indexed.Version))));
        }

        var replaced = false;
        var saved = await _data.WriteAsync(
            session => rows.ConvertAll(row =>
            {
                var (item, key, content) = row;
                var version = session.Scalar("SELECT version FROM indexed_items WHERE id = $1 AND item_id = $2", item.Task.RowId, item.Task.Item.Id);
                if (version != item.Task.Item.Version)
                {
                    return false;
                }

                key.ThrowIfDestroyed();
                replaced |= session.Execute("DELETE FROM vectors WHERE id = $1", item.Task.RowId) > 0;
                session.Execute(
                    "INSERT INTO vectors (id, version, model, text_hash, content) VALUES ($1, $2, $3, $4, $5)",
                    item.Task.RowId,
                    item.Task.Item.Version,
                    model,
                    Convert.FromHexString(item.TextHash),
                    content);
                session.Execute("DELETE FROM embedding_jobs WHERE id = $1 AND round = $2", item.Task.RowId, item.Task.Round);
                return true;
            }).ToArray(),
            cancellationToken);
        if (replaced)
        {
            _data.RequestScrub();
        }

        return saved;
    }

    public Task FailAsync(IReadOnlyList<(EmbeddingTask Task, string Error, DateTimeOffset? DueAt)> failures, CancellationToken cancellationToken)
        => _data.WriteAsync(
            session =>
            {
                foreach (var (task, error, dueAt) in failures)
                {
                    session.Execute(
                        "UPDATE embedding_jobs SET state = $2, attempts = attempts + 1, due_at = $3, error = $4 WHERE id = $1",
                        task.RowId,
                        dueAt is null ? 1 : 0,
                        dueAt ?? DateTimeOffset.UnixEpoch,
                        error);
                }

                return failures.Count;
            },
            cancellationToken);

    public Task DropAsync(IReadOnlyList<EmbeddingTask> tasks, CancellationToken cancellationToken)
        => _data.WriteAsync(
            session => tasks.Sum(task => session.Execute(
                "DELETE FROM embedding_jobs WHERE id = $1 AND round = $2", task.RowId, task.Round)),
            cancellationToken);

    public async Task<EmbeddingCounts> CountAsync(Guid tenantId, ItemKind kind, CancellationToken cancellationToken)
    {
        var model = await ModelAsync(cancellationToken);
        return await _data.ReadAsync(
            session =>
            {
                const string OfTenant = "i.tenant_id = $1 AND i.kind = $2";
                var (items, embedded) = session.QueryFirst(
                    $"""
                    SELECT COUNT(*), COUNT(v.id) FROM indexed_items i
                    LEFT JOIN vectors v ON v.id = i.id AND v.version = i.version AND v.model = $3 WHERE {OfTenant}
                    """,
                    row => (row.Int64(0), row.Int64(1)),
                    tenantId,
                    kind,
                    model);
                var jobs = session.QueryFirst(
                    $"""
                    SELECT SUM(j.state = 0), SUM(j.state = 0 AND j.attempts > 0), SUM(j.state = 1)
                    FROM embedding_jobs j JOIN indexed_items i ON i.id = j.id WHERE {OfTenant}
                    """,
                    row => row.IsNull(0) ? default : (Waiting: row.Int64(0), Retrying: row.Int64(1), Parked: row.Int64(2)),
                    tenantId,
                    kind);
                var errors = session.Query(
                    $"SELECT j.error, COUNT(*) FROM embedding_jobs j JOIN indexed_items i ON i.id = j.id WHERE {OfTenant} AND j.state = 1 GROUP BY j.error",
                    row => (Error: row.TextOrNull(0) ?? "", Count: row.Int64(1)),
                    tenantId,
                    kind);
                return new EmbeddingCounts(items, embedded, jobs.Waiting, jobs.Retrying, jobs.Parked, errors.ToDictionary(row => row.Error, row => row.Count));
            },
            cancellationToken);
    }

    public Task<int> RetryParkedAsync(Guid tenantId, CancellationToken cancellationToken)
        => _data.WriteAsync(
            session => session.Execute(
                """
                UPDATE embedding_jobs SET state = 0, attempts = 0, due_at = 0, error = NULL
                WHERE state = 1 AND id IN (SELECT id FROM indexed_items WHERE tenant_id = $1)
                """,
                tenantId),
            cancellationToken);

    public Task<bool> AreEmbeddedAsync(Guid tenantId, IReadOnlyList<MessageVersion> messages, CancellationToken cancellationToken)
        => _data.ReadAsync(
            session => messages.All(message => session.Scalar(
                """
                SELECT COUNT(*) FROM indexed_items i WHERE i.item_id = $1 AND i.tenant_id = $2 AND i.version >= $3
                    AND NOT EXISTS (SELECT 1 FROM embedding_jobs j WHERE j.id = i.id AND j.state = 0)
                """,
                message.MessageId,
                tenantId,
                message.Version) == 1),
            cancellationToken);

    private async ValueTask<long> ModelAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _model) == 0)
        {
            await UseModelAsync(cancellationToken);
        }

        return Volatile.Read(ref _model);
    }

    /// <returns>Null when it was sealed with a key that was destroyed: its row is about to leave.</returns>
    private static ItemVectors? Open(DataKey key, Guid itemId, int version, byte[] content)
    {
        try
        {
            return ItemVectors.FromBytes(key.Open(content, Place(itemId, version)));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static RowIdentity Place(Guid itemId, int version) => new("vectors", "content", itemId, version);

    private static IndexedItem ReadItem(SqliteRow row, int first) => new()
    {
        Id = row.Id(first),
        Kind = (ItemKind)row.Int32(first + 1),
        TenantId = row.Id(first + 2),
        OwnerKey = row.Id(first + 3),
        ConversationKey = row.IdOrNull(first + 4),
        Version = row.Int32(first + 5),
        Role = (MessageRole)row.Int32(first + 6),
        CreatedAt = row.Time(first + 7),
        Importance = row.Double(first + 8),
    };
}
