using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Search.Storage.Sqlite;

/// <summary>Keeps blocks free of vectors that have left, and few.</summary>
/// <remarks>Blocks are opened and sealed before the writer's thread is asked for; the transaction takes them only where nothing has left meanwhile.</remarks>
internal partial class SqliteVectorStore
{
    /// <summary>From so many small blocks of one owner they are put together.</summary>
    private const int ManySmall = 16;

    /// <summary>Blocks that one step of purging or folding takes: some 10 ms, so that other writes go on between the steps.</summary>
    private const int StepBlocks = 64;

    public virtual async Task<bool> PurgeStepAsync(CancellationToken cancellationToken)
    {
        var stale = await _data.ReadAsync(
            session => session.Query(
                """
                SELECT b.id, b.tenant_id, b.kind, b.owner_key, b.model, m.slot, b.live, c.content
                FROM vector_blocks b JOIN vector_models m ON m.id = b.model JOIN vector_contents c ON c.id = b.id
                WHERE b.live <> b.stored LIMIT $1
                """,
                row => (
                    Id: row.Int64(0),
                    Key: new PartitionKey(row.Id(1), (ItemKind)row.Int32(2), row.Id(3)),
                    Model: new ModelSlot(row.Int32(4), row.Int32(5)),
                    Live: row.Int64(6),
                    Content: row.Bytes(7)),
                StepBlocks),
            cancellationToken);
        if (stale.Count == 0)
        {
            return await ClearCopiesStepAsync(cancellationToken);
        }

        var rewritten = new List<(long Id, long Live, byte[]? Content, bool Small, DataKey? Key)>(stale.Count);
        foreach (var (id, key, model, live, content) in stale)
        {
            var dataKey = await database.Keys.FindAsync(key.TenantId, key.OwnerKey, cancellationToken);
            var items = dataKey is null ? null : OpenItems(dataKey, key, model, id, content, live);
            rewritten.Add(items is { Count: > 0 }
                ? (id, live, Seal(dataKey!, model, id, items), IsSmall([.. items.Select(row => row.Item)]), dataKey)
                : (id, live, null, false, null));
        }

        await _data.WriteAsync(
            session =>
            {
                foreach (var (id, live, content, small, key) in rewritten)
                {
                    key?.ThrowIfDestroyed();

                    // One that nobody can open any more holds no vector that could be read.
                    if (session.Execute("UPDATE vector_blocks SET stored = live, small = $3, file = 0 WHERE id = $1 AND live = $2", id, live, small) > 0 && content is not null)
                    {
                        session.Execute("UPDATE vector_contents SET content = $2 WHERE id = $1", id, content);
                    }
                }
            },
            cancellationToken);
        _data.RequestScrub();
        return true;
    }

    public async Task<bool> FoldSomeAsync(CancellationToken cancellationToken)
    {
        var found = await _data.ReadAsync(
            session => session.Query(
                """
                SELECT b.tenant_id, b.kind, b.owner_key, b.model, m.slot FROM vector_blocks b JOIN vector_models m ON m.id = b.model AND m.role > 0
                WHERE b.small = 1 GROUP BY b.tenant_id, b.owner_key, b.kind, b.model HAVING COUNT(*) >= $1 LIMIT $2
                """,
                row => (Key: new PartitionKey(row.Id(0), (ItemKind)row.Int32(1), row.Id(2)), Model: new ModelSlot(row.Int32(3), row.Int32(4))),
                ManySmall,
                StepBlocks),
            cancellationToken);
        var folded = false;
        foreach (var (key, model) in found)
        {
            folded |= await FoldStepAsync(key, model, cancellationToken);
        }

        return folded || await CopySomeAsync(cancellationToken);
    }

    /// <summary>Puts small blocks of an owner together, if there are many.</summary>
    private async Task<bool> FoldStepAsync(PartitionKey key, ModelSlot model, CancellationToken cancellationToken)
    {
        if (await database.Keys.FindAsync(key.TenantId, key.OwnerKey, cancellationToken) is not { } dataKey)
        {
            return false;
        }

        var small = await _data.ReadAsync(
            session => session.Scalar(
                $"SELECT COUNT(*) FROM (SELECT 1 FROM vector_blocks b WHERE {OfPartition} AND b.small = 1 LIMIT $5)",
                key.TenantId,
                key.OwnerKey,
                key.Kind,
                model.Id,
                ManySmall) < ManySmall
                ? []
                : session.Query(
                    $"""
                    SELECT b.id, b.form, b.live, c.content FROM vector_blocks b CROSS JOIN vector_contents c ON c.id = b.id
                    WHERE {OfPartition} AND b.small = 1 ORDER BY b.id LIMIT $5
                    """,
                    row => (Id: row.Int64(0), Form: row.Int32(1), Live: row.Int64(2), Content: row.Bytes(3)),
                    key.TenantId,
                    key.OwnerKey,
                    key.Kind,
                    model.Id,
                    StepBlocks),
            cancellationToken);
        var items = new List<BlockItem>();
        var sources = new List<(long Id, long Live)>(small.Count);
        foreach (var (id, form, live, content) in small)
        {
            var opened = form == Single
                ? await OpenSingleItemAsync(dataKey, key, model, id, content, cancellationToken)
                : OpenItems(dataKey, key, model, id, content, live)?.ConvertAll(row => row.Item);
            if (opened is not null)
            {
                items.AddRange(opened);
                sources.Add((id, live));
            }
        }

        if (sources.Count < ManySmall)
        {
            return false;
        }

        var folded = VectorBlock.Pack(items).Select(members =>
        {
            var id = NextBlockId();
            return (Id: id, Members: members, Content: Seal(dataKey, model, id, Placed(members)));
        }).ToList();
        return await _data.WriteAsync(
            session =>
            {
                dataKey.ThrowIfDestroyed();
                if (!sources.TrueForAll(source => session.Scalar("SELECT COUNT(*) FROM vector_blocks WHERE id = $1 AND live = $2", source.Id, source.Live) == 1))
                {
                    // Something left meanwhile; the next time finds what is there then.
                    return false;
                }

                foreach (var (id, members, content) in folded)
                {
                    InsertBlock(session, id, key, model.Id, AllOf(members.Count), members, content);
                    for (var place = 0; place < members.Count; place++)
                    {
                        session.Execute("UPDATE vectors SET block = $2, place = $3 WHERE id = $1", (2 * members[place].RowId) + model.Slot, id, place);
                    }
                }

                foreach (var (id, _) in sources)
                {
                    session.Execute("DELETE FROM vector_blocks WHERE id = $1", id);
                }

                return true;
            },
            cancellationToken);
    }

    private async Task<List<BlockItem>?> OpenSingleItemAsync(
        DataKey dataKey, PartitionKey key, ModelSlot model, long id, byte[] content, CancellationToken cancellationToken)
    {
        var item = await _data.ReadAsync(
            session => session.QueryFirst(
                $"SELECT {ItemColumns} FROM indexed_items i WHERE i.id = $1 AND i.tenant_id = $2 AND i.owner_key = $3",
                row => ReadItem(row, 0),
                id >> 1,
                key.TenantId,
                key.OwnerKey),
            cancellationToken);
        return item is not null && OpenSingle(dataKey, model, item.Id, item.Version, content) is { } vectors ? [new BlockItem(id >> 1, item, vectors)] : null;
    }
}
