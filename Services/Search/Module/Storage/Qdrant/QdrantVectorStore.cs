using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Storage.Sqlite;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Storage.Qdrant;

/// <summary>Vectors in Qdrant. The queue of what is to be embedded, and which item has vectors of which version, stay in SQLite.</summary>
/// <remarks>
/// Two stores share no transaction, so each write is announced: a note in `point_removals`, the points, then the rows with the note taken back. A process killed in between leaves the note, and
/// the next purge removes what no row vouches for. Removals are noted in the transaction of the change and carried out when Qdrant can be asked; until then searches leave out
/// what has no row. Writing and purging take turns, so that a purge never takes what was just written.
/// </remarks>
internal sealed partial class QdrantVectorStore : SqliteVectorStore, IDisposable
{
    /// <summary>Other than <see cref="SqliteVectorStore.BlockLayout"/>: vectors in Qdrant cannot serve for those in blocks, nor the other way round.</summary>
    internal const int PointLayout = 1_002;

    private const int DrainRows = 500;
    private const int IdleLooks = 3;
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);

    private readonly ModuleDatabase _database;
    private readonly KeyRing _ring;
    private readonly QdrantPoints _points;
    private readonly IQdrantTransport _qdrant;
    private readonly IOptions<QdrantOptions> _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<QdrantVectorStore> _logger;
    private readonly SemaphoreSlim _gate = new(1);

    public QdrantVectorStore(
        [FromKeyedServices(SearchModule.Name)] ModuleDatabase database,
        KeyRing ring,
        QdrantPoints points,
        IQdrantTransport qdrant,
        IOptions<QdrantOptions> options,
        TimeProvider clock,
        ILogger<QdrantVectorStore> logger)
        : base(database, ring)
    {
        (_database, _ring, _points, _qdrant, _options, _clock, _logger) = (database, ring, points, qdrant, options, clock, logger);
    }

    protected override int Layout => PointLayout;

    /// <summary>Makes the collection, and has everything embedded again when it was lost.</summary>
    public override async Task ReadyAsync(StoredModel model, CancellationToken cancellationToken)
    {
        if (!await _qdrant.EnsureCollectionAsync(_points.CollectionOf(model), cancellationToken))
        {
            return;
        }

        var lost = await _database.Data.WriteAsync(
            session =>
            {
                var rows = session.Execute("DELETE FROM vectors WHERE model = $1", model.Id);
                session.Execute("DELETE FROM point_removals WHERE model = $1", model.Id);
                if (rows > 0)
                {
                    EnqueueAll(session, model.Slot);
                }

                return rows;
            },
            cancellationToken);
        if (lost > 0)
        {
            LogLost(_logger, lost);
        }
    }

    public override async Task<IReadOnlyDictionary<string, ItemVectors>> FindEqualAsync(
        PartitionKey key, StoredModel model, IReadOnlyCollection<string> textHashes, CancellationToken cancellationToken)
    {
        var equal = await _database.Data.ReadAsync(
            session =>
            {
                var rows = new List<(string Hash, Guid ItemId, int Version)>();
                foreach (var hash in textHashes)
                {
                    rows.AddRange(session.Query(
                        """
                        SELECT i.item_id, v.version FROM vectors v CROSS JOIN indexed_items i ON i.id = v.id >> 1
                        WHERE v.text_hash = $1 AND v.model = $2 AND v.block = 0 AND i.tenant_id = $3 AND i.owner_key = $4 AND i.kind = $5 LIMIT 1
                        """,
                        row => (hash, row.Id(0), row.Int32(1)),
                        Convert.FromHexString(hash),
                        model.Id,
                        key.TenantId,
                        key.OwnerKey,
                        key.Kind));
                }

                return rows;
            },
            cancellationToken);
        var found = new Dictionary<string, ItemVectors>(StringComparer.Ordinal);
        if (equal.Count == 0)
        {
            return found;
        }

        var filter = new QdrantFilter { TenantId = key.TenantId, Kinds = [(int)key.Kind], Owners = [key.OwnerKey] };
        var hits = await _qdrant.FindAsync(_points.CollectionOf(model), filter, [.. equal.Select(row => row.ItemId).Distinct()], cancellationToken);
        var opened = (await _points.OpenAsync(model, hits, cancellationToken)).ToDictionary(row => (row.Item.Id, row.Item.Version), row => row.Vectors);
        foreach (var (hash, itemId, version) in equal)
        {
            if (opened.TryGetValue((itemId, version), out var vectors))
            {
                found[hash] = vectors;
            }
        }

        return found;
    }

    public override async Task<SavedVectors> SaveAsync(StoredModel model, IReadOnlyList<EmbeddedItem> items, CancellationToken cancellationToken)
    {
        if (items.Count == 0)
        {
            return new SavedVectors([], LeftTraces: false);
        }

        var keys = new Dictionary<QdrantScope, DataKey>();
        var points = new List<QdrantPoint>(items.Count);
        foreach (var ofTenant in items.GroupBy(item => item.Task.Item.TenantId))
        {
            using var hashes = new TermHashes(_ring, ofTenant.Key);
            foreach (var item in ofTenant)
            {
                var scope = new QdrantScope(ofTenant.Key, item.Task.Item.OwnerKey);
                if (!keys.TryGetValue(scope, out var key))
                {
                    keys.Add(scope, key = await _database.Keys.GetOrCreateAsync(scope.TenantId, scope.OwnerKey, cancellationToken));
                }

                points.Add(_points.Seal(model, key, hashes, item));
            }
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            await _database.Data.WriteAsync(session => Note(session, model, items), cancellationToken);
            await _qdrant.UpsertAsync(_points.CollectionOf(model), points, cancellationToken);
            var saved = await _database.Data.WriteAsync(session => Save(session, model, items, keys), cancellationToken);
            return new SavedVectors([.. items.Select(saved.Contains)], LeftTraces: saved.Count < items.Count);
        }
        finally
        {
            _gate.Release();
        }
    }

    public override async Task<bool> PurgeStepAsync(CancellationToken cancellationToken) => await DrainStepAsync(cancellationToken) || await base.PurgeStepAsync(cancellationToken);

    /// <summary>Drops the collections of models that are not in use any more. When Qdrant is away they are dropped after the next start.</summary>
    public override async Task<long?> CleanStepAsync(long after, CancellationToken cancellationToken)
    {
        if (after == 0)
        {
            var retired = await _database.Data.ReadAsync(
                session => session.Query(
                    "SELECT id, slot, source, name, version, dimensions FROM vector_models WHERE role = 0 AND layout = $1",
                    row => new StoredModel(row.Int32(0), row.Int32(1), new EmbeddingModel(row.Text(2), row.Text(3), row.Text(4), row.Int32(5))),
                    PointLayout),
                cancellationToken);
            try
            {
                foreach (var model in retired)
                {
                    await _qdrant.DropCollectionAsync(_points.CollectionOf(model), cancellationToken);
                }
            }
            catch (QdrantUnavailableException exception)
            {
                LogNotDropped(_logger, exception.Reason);
                return null;
            }
        }

        return await base.CleanStepAsync(after, cancellationToken);
    }

    /// <summary>Has Qdrant write every segment of the collections anew, without what was deleted, and turn its log over.</summary>
    /// <remarks>
    /// Deleting marks points; their bytes stay in the segment until it is rewritten, which Qdrant does for segments with many deletions alone, and in the log until later writes push them
    /// out. A changed place of payloads has every segment rewritten, whatever its size; then it is changed back.
    /// </remarks>
    public override async Task<IReadOnlyList<string>> ScrubAsync(CancellationToken cancellationToken)
    {
        var copies = new List<string>();
        foreach (var model in await ListModelsAsync(cancellationToken))
        {
            var collection = _points.CollectionOf(model);
            await _qdrant.EnsureCollectionAsync(collection, cancellationToken);
            foreach (var onDisk in (bool[])[false, true])
            {
                await _qdrant.SetPayloadOnDiskAsync(collection, onDisk, cancellationToken);
                await _qdrant.FillLogAsync(collection, cancellationToken);
                await WaitUntilIdleAsync(collection, cancellationToken);
            }

            copies.AddRange(await _qdrant.ListSnapshotsAsync(collection, cancellationToken));
        }

        return copies;
    }

    public void Dispose() => _gate.Dispose();

    private static int Note(SqliteSession session, StoredModel model, IReadOnlyList<EmbeddedItem> items)
        => items.Sum(item => session.Execute(
            "INSERT OR IGNORE INTO point_removals (item_id, model, tenant, owner) VALUES ($1, $2, $3, $4)",
            item.Task.Item.Id,
            model.Id,
            item.Task.Item.TenantId,
            item.Task.Item.OwnerKey));

    private static HashSet<EmbeddedItem> Save(SqliteSession session, StoredModel model, IReadOnlyList<EmbeddedItem> items, Dictionary<QdrantScope, DataKey> keys)
    {
        var saved = new HashSet<EmbeddedItem>(ReferenceEqualityComparer.Instance);
        if (session.Scalar("SELECT COUNT(*) FROM vector_models WHERE id = $1 AND role > 0", model.Id) == 0)
        {
            return saved;
        }

        foreach (var item in items)
        {
            var task = item.Task;
            if (session.Scalar("SELECT version FROM indexed_items WHERE id = $1 AND item_id = $2", task.RowId, task.Item.Id) != task.Item.Version)
            {
                continue;
            }

            keys[new(task.Item.TenantId, task.Item.OwnerKey)].ThrowIfDestroyed();
            var vectorsId = (2 * task.RowId) + task.Slot;
            session.Execute("DELETE FROM vectors WHERE id = $1", vectorsId);
            session.Execute(
                "INSERT INTO vectors (id, version, model, text_hash, block, place) VALUES ($1, $2, $3, $4, 0, 0)",
                vectorsId,
                task.Item.Version,
                model.Id,
                Convert.FromHexString(item.TextHash));
            session.Execute("DELETE FROM embedding_jobs WHERE id = $1 AND round = $2", vectorsId, task.Round);
            session.Execute("DELETE FROM point_removals WHERE item_id = $1 AND model = $2", task.Item.Id, model.Id);
            saved.Add(item);
        }

        return saved;
    }

    /// <summary>Removes points that are noted and that no row vouches for.</summary>
    private async Task<bool> DrainStepAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var models = (await ListModelsAsync(cancellationToken)).ToDictionary(model => model.Id);
            var notes = await _database.Data.ReadAsync(
                session => session.Query(
                    """
                    SELECT r.item_id, r.model, r.tenant, r.owner, EXISTS (
                        SELECT 1 FROM indexed_items i CROSS JOIN vectors v ON v.id = 2 * i.id + m.slot AND v.version = i.version AND v.model = m.id AND v.block = 0
                        WHERE i.item_id = r.item_id AND i.owner_key = r.owner)
                    FROM point_removals r JOIN vector_models m ON m.id = r.model WHERE m.role > 0 LIMIT $1
                    """,
                    row => (ItemId: row.Id(0), Model: row.Int32(1), Scope: new QdrantScope(row.Id(2), row.Id(3)), IsLive: row.Int32(4) == 1),
                    DrainRows),
                cancellationToken);
            foreach (var ofScope in notes.Where(note => !note.IsLive && models.ContainsKey(note.Model)).GroupBy(note => (note.Model, note.Scope)))
            {
                await _qdrant.DeleteAsync(_points.CollectionOf(models[ofScope.Key.Model]), ofScope.Key.Scope, [.. ofScope.Select(note => note.ItemId)], cancellationToken);
            }

            if (notes.Count > 0)
            {
                await _database.Data.WriteAsync(
                    session => notes.Sum(note => session.Execute(
                        "DELETE FROM point_removals WHERE item_id = $1 AND model = $2 AND owner = $3", note.ItemId, note.Model, note.Scope.OwnerKey)),
                    cancellationToken);
            }

            return notes.Count > 0;
        }
        finally
        {
            _gate.Release();
        }
    }

    private Task<List<StoredModel>> ListModelsAsync(CancellationToken cancellationToken)
        => _database.Data.ReadAsync(
            session => session.Query(
                "SELECT id, slot, source, name, version, dimensions FROM vector_models WHERE role > 0 AND layout = $1",
                row => new StoredModel(row.Int32(0), row.Int32(1), new EmbeddingModel(row.Text(2), row.Text(3), row.Text(4), row.Int32(5))),
                PointLayout),
            cancellationToken);

    private async Task WaitUntilIdleAsync(QdrantCollection collection, CancellationToken cancellationToken)
    {
        // Work that has just been asked for is not told of at once: one look that finds none is not enough.
        var began = _clock.GetTimestamp();
        for (var idle = 0; idle < IdleLooks;)
        {
            await Task.Delay(LookInterval, cancellationToken);
            idle = (await _qdrant.ReadUpkeepAsync(collection, cancellationToken)).IsIdle ? idle + 1 : 0;
            if (idle < IdleLooks && _clock.GetElapsedTime(began) > _options.Value.RebuildTimeout)
            {
                throw new QdrantUnavailableException("busy");
            }
        }
    }

    [LoggerMessage(EventId = 4040, Level = LogLevel.Warning, Message = "Qdrant had lost the collection of vectors: all of its {Count} items are embedded again")]
    private static partial void LogLost(ILogger logger, int count);

    [LoggerMessage(EventId = 4041, Level = LogLevel.Warning, Message = "The vectors of a model that is not in use any more are not yet dropped from Qdrant ({Reason}); it is tried again after the next start")]
    private static partial void LogNotDropped(ILogger logger, string reason);
}
