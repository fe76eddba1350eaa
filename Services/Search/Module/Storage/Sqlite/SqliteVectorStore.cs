using System.Security.Cryptography;
using System.Text;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Search.Storage.Sqlite;

/// <summary>Vectors in SQLite, in blocks of up to 64 that are sealed with the key of their owner.</summary>
internal partial class SqliteVectorStore([FromKeyedServices(SearchModule.Name)] ModuleDatabase database, KeyRing ring) : IVectorStore
{
    private const int NotUsed = 0;
    private const int Serving = 1;
    private const int Next = 2;

    /// <summary>Rows that one step of cleaning looks at: some 10 ms, so that other writes go on between the steps.</summary>
    private const int CleanStepRows = 1_000;

    internal const string ItemColumns =
        "i.item_id, i.kind, i.tenant_id, i.owner_key, i.conversation_key, i.version, i.role, i.created_at, i.importance";

    /// <summary>Layout of vectors in blocks of the file.</summary>
    internal const int BlockLayout = 2;

    private readonly SqliteDatabase _data = database.Data;

    /// <summary>Changes when vectors are computed or laid out in another way or place, so that those of before cannot serve.</summary>
    protected virtual int Layout => BlockLayout;

    public virtual Task ReadyAsync(StoredModel model, CancellationToken cancellationToken) => Task.CompletedTask;

    public virtual Task<IReadOnlyList<string>> ScrubAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

    public Task<StoredModels> UseModelAsync(EmbeddingModel wanted, Func<EmbeddingModel, bool> canServe, CancellationToken cancellationToken)
        => _data.WriteAsync(
            session =>
            {
                var rows = session.Query(
                    "SELECT id, slot, source, name, version, dimensions, layout, role FROM vector_models WHERE role > 0",
                    row => (
                        Model: new StoredModel(row.Int32(0), row.Int32(1), new EmbeddingModel(row.Text(2), row.Text(3), row.Text(4), row.Int32(5))),
                        Layout: row.Int32(6),
                        Role: row.Int32(7)));
                var queued = 0;
                StoredModel Add(int role, int slot)
                {
                    var id = (int)session.Scalar(
                        """
                        INSERT INTO vector_models (source, name, version, dimensions, layout, role, slot) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id
                        """,
                        wanted.Source,
                        wanted.Name,
                        wanted.Version,
                        wanted.Dimensions,
                        Layout,
                        role,
                        slot);
                    queued = EnqueueAll(session, slot);
                    return new StoredModel(id, slot, wanted);
                }

                var serving = rows.Find(row => row.Role == Serving);
                var next = rows.Find(row => row.Role == Next);
                if (serving.Model is null)
                {
                    return new StoredModels(Add(Serving, slot: 0), null, queued);
                }

                var isWanted = serving.Layout == Layout && serving.Model.Model == wanted;
                if (next.Model is not null && (isWanted || next.Layout != Layout || next.Model.Model != wanted))
                {
                    Retire(session, next.Model);
                    next = default;
                }

                if (isWanted)
                {
                    return new StoredModels(serving.Model, null, 0);
                }

                var taking = next.Model ?? Add(Next, 1 - serving.Model.Slot);
                if (serving.Layout == Layout && canServe(serving.Model.Model))
                {
                    return new StoredModels(serving.Model, taking, queued);
                }

                Retire(session, serving.Model);
                session.Execute("UPDATE vector_models SET role = $2 WHERE id = $1", taking.Id, Serving);
                return new StoredModels(taking, null, queued);
            },
            cancellationToken);

    public Task<bool> TrySwitchAsync(StoredModel next, CancellationToken cancellationToken)
        => _data.WriteAsync(
            session =>
            {
                if (CountWaiting(session, next.Slot) > CountWaiting(session, 1 - next.Slot))
                {
                    return false;
                }

                session.Execute("DELETE FROM embedding_jobs WHERE id & 1 = $1", 1 - next.Slot);
                session.Execute("UPDATE vector_models SET role = CASE id WHEN $1 THEN 1 ELSE 0 END WHERE role > 0", next.Id);
                return true;
            },
            cancellationToken);

    public virtual async Task<long?> CleanStepAsync(long after, CancellationToken cancellationToken)
    {
        var (end, count) = await _data.WriteAsync<(long? End, int Deleted)>(
            session =>
            {
                if (session.Scalar("SELECT COUNT(*) FROM vector_models WHERE role = 0") == 0)
                {
                    return (null, 0);
                }

                var last = session.QueryFirst(
                    "SELECT max(id) FROM (SELECT id FROM vectors WHERE id > $1 ORDER BY id LIMIT $2)", row => row.IsNull(0) ? (long?)null : row.Int64(0), after, CleanStepRows);
                if (last is not { } to)
                {
                    session.Execute("DELETE FROM vector_models WHERE role = 0");
                    session.Execute("DELETE FROM point_removals WHERE model NOT IN (SELECT id FROM vector_models)");
                    return (null, 0);
                }

                return (to, session.Execute(
                    "DELETE FROM vectors WHERE id > $1 AND id <= $2 AND model NOT IN (SELECT id FROM vector_models WHERE role > 0)", after, to));
            },
            cancellationToken);
        if (count > 0)
        {
            _data.RequestScrub();
        }

        return end;
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

    public string HashText(PartitionKey key, string text, string? context)
    {
        var owner = ring.DeriveIndexKey($"vectors:{key.TenantId:N}:{key.OwnerKey:N}");
        return Convert.ToHexString(HMACSHA256.HashData(owner, Encoding.UTF8.GetBytes($"{context?.Length ?? -1}:{context}{text}")).AsSpan(0, 16));
    }

    private static void Retire(SqliteSession session, StoredModel model)
    {
        session.Execute("UPDATE vector_models SET role = $2 WHERE id = $1", model.Id, NotUsed);
        session.Execute("DELETE FROM embedding_jobs WHERE id & 1 = $1", model.Slot);
    }

    internal static IndexedItem ReadItem(SqliteRow row, int first) => new()
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
