using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Storage.Qdrant;
using MemoryMesh.Search.Storage.Sqlite;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Moving;

namespace MemoryMesh.Search.Storage.Moving;

/// <summary>Moves vectors from points of Qdrant, which keeps them, into blocks of the file.</summary>
internal sealed class VectorsFromQdrant(ModuleDatabase database, QdrantPoints points, IQdrantTransport qdrant)
{
    /// <summary>Items of a batch: some full blocks.</summary>
    private const int BatchItems = 8 * VectorBlock.MostItems;

    public async Task<(RowDigest Moved, long Missing)> RunAsync(StoredModel model, CancellationToken cancellationToken)
    {
        var moved = new RowDigest();
        if (await database.Data.ReadAsync(session => session.Scalar("SELECT layout FROM vector_models WHERE id = $1", model.Id), cancellationToken) != QdrantVectorStore.PointLayout)
        {
            return (moved, 0);
        }

        var collection = points.CollectionOf(model);
        Row? last = null;
        while (await ReadAsync(model, last, cancellationToken) is { Count: > 0 } rows)
        {
            foreach (var ofOwner in rows.Where(row => row.Version == row.Item.Version).GroupBy(row => new PartitionKey(row.Item.TenantId, row.Item.Kind, row.Item.OwnerKey)))
            {
                moved.Add(await MoveAsync(model, collection, ofOwner.Key, [.. ofOwner], cancellationToken));
            }

            last = rows[^1];
        }

        var missing = await database.Data.WriteAsync(session => MovedVectors.End(session, model, SqliteVectorStore.BlockLayout, "block = 0"), cancellationToken);
        return (moved, missing);
    }

    /// <summary>Rows in the order of their owners, so that blocks are full.</summary>
    private Task<List<Row>> ReadAsync(StoredModel model, Row? after, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => session.Query(
                $"""
                SELECT {SqliteVectorStore.ItemColumns}, i.id, v.version FROM indexed_items i CROSS JOIN vectors v ON v.id = 2 * i.id + $1
                WHERE v.model = $2 AND v.block = 0 AND (i.tenant_id, i.owner_key, i.kind, i.id) > ($3, $4, $5, $6) ORDER BY i.tenant_id, i.owner_key, i.kind, i.id LIMIT $7
                """,
                row => new Row(row.Int64(9), row.Int32(10), SqliteVectorStore.ReadItem(row, 0)),
                model.Slot,
                model.Id,
                after?.Item.TenantId ?? Guid.Empty,
                after?.Item.OwnerKey ?? Guid.Empty,
                after is null ? -1 : (int)after.Item.Kind,
                after?.RowId ?? -1,
                BatchItems),
            cancellationToken);

    private async Task<RowDigest> MoveAsync(StoredModel model, QdrantCollection collection, PartitionKey owner, List<Row> rows, CancellationToken cancellationToken)
    {
        var moved = new RowDigest();
        if (await database.Keys.FindAsync(owner.TenantId, owner.OwnerKey, cancellationToken) is not { } key)
        {
            return moved;
        }

        var filter = new QdrantFilter { TenantId = owner.TenantId, Kinds = [(int)owner.Kind], Owners = [owner.OwnerKey] };
        var hits = await qdrant.FindAsync(collection, filter, rows.ConvertAll(row => row.Item.Id), cancellationToken);
        var opened = (await points.OpenAsync(model, hits, cancellationToken)).ToDictionary(point => (point.Item.Id, point.Item.Version), point => point.Vectors);
        var found = rows.Where(row => opened.ContainsKey((row.Item.Id, row.Version))).Select(row => new BlockItem(row.RowId, row.Item, opened[(row.Item.Id, row.Version)])).ToList();
        foreach (var item in found)
        {
            moved.Add(item.Item.Id, item.Item.Version, item.Vectors);
        }

        var blocks = VectorBlock.Pack(found).Select(members => (Id: SqliteVectorStore.NextBlockId(), Members: members)).ToList();
        await database.Data.WriteAsync(
            session =>
            {
                foreach (var (id, members) in blocks)
                {
                    SqliteVectorStore.InsertBlock(session, id, owner, model.Id, SqliteVectorStore.AllOf(members.Count), members, SqliteVectorStore.Seal(key, model.InSlot, id, SqliteVectorStore.Placed(members)));
                    for (var place = 0; place < members.Count; place++)
                    {
                        session.Execute("UPDATE vectors SET block = $2, place = $3 WHERE id = $1", (2 * members[place].RowId) + model.Slot, id, place);
                    }
                }
            },
            cancellationToken);

        var read = await ReadBackAsync(model, owner, key, blocks.ConvertAll(block => block.Id), cancellationToken);
        return moved.IsSameAs(read) ? moved : throw new InvalidDataException("What the file has of the vectors is not what was written.");
    }

    private Task<RowDigest> ReadBackAsync(StoredModel model, PartitionKey owner, DataKey key, List<long> blocks, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session =>
            {
                var read = new RowDigest();
                foreach (var id in blocks)
                {
                    var content = session.QueryFirst("SELECT content FROM vector_contents WHERE id = $1", row => row.Bytes(0), id);
                    foreach (var (_, item) in SqliteVectorStore.OpenItems(key, owner, model.InSlot, id, content, ~0L) ?? [])
                    {
                        read.Add(item.Item.Id, item.Item.Version, item.Vectors);
                    }
                }

                return read;
            },
            cancellationToken);

    private sealed record Row(long RowId, int Version, IndexedItem Item);
}
