using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Storage.Qdrant;
using MemoryMesh.Search.Storage.Sqlite;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Moving;

namespace MemoryMesh.Search.Storage.Moving;

/// <summary>Moves vectors from blocks of the file into points of Qdrant.</summary>
internal sealed class VectorsToQdrant(ModuleDatabase database, QdrantPoints points, IQdrantTransport qdrant, KeyRing ring)
{
    /// <summary>Blocks of a batch: at most 256 vectors, some 2 MB, which one request takes.</summary>
    private const int BatchBlocks = 4;

    public async Task<(RowDigest Moved, long Missing)> RunAsync(StoredModel model, CancellationToken cancellationToken)
    {
        var moved = new RowDigest();
        if (!await IsInBlocksAsync(model, cancellationToken))
        {
            return (moved, 0);
        }

        var collection = points.CollectionOf(model);
        await qdrant.EnsureCollectionAsync(collection, cancellationToken);
        long after = 0;
        while (await ReadAsync(model, after, cancellationToken) is { Count: > 0 } blocks)
        {
            moved.Add(await MoveAsync(model, collection, blocks, cancellationToken));
            after = blocks[^1].Id;
        }

        var missing = await database.Data.WriteAsync(session => MovedVectors.End(session, model, QdrantVectorStore.PointLayout, "block <> 0"), cancellationToken);
        return (moved, missing);
    }

    private async Task<bool> IsInBlocksAsync(StoredModel model, CancellationToken cancellationToken)
        => await database.Data.ReadAsync(session => session.Scalar("SELECT layout FROM vector_models WHERE id = $1", model.Id), cancellationToken) == SqliteVectorStore.BlockLayout;

    private Task<List<StoredBlock>> ReadAsync(StoredModel model, long after, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => session.Query(
                """
                SELECT b.id, b.tenant_id, b.kind, b.owner_key, b.form, b.live, c.content FROM vector_blocks b CROSS JOIN vector_contents c ON c.id = b.id
                WHERE b.model = $1 AND b.id > $2 ORDER BY b.id LIMIT $3
                """,
                row => new StoredBlock(row.Int64(0), new PartitionKey(row.Id(1), (ItemKind)row.Int32(2), row.Id(3)), row.Int32(4), row.Int64(5), row.Bytes(6)),
                model.Id,
                after,
                BatchBlocks),
            cancellationToken);

    private async Task<RowDigest> MoveAsync(StoredModel model, QdrantCollection collection, List<StoredBlock> blocks, CancellationToken cancellationToken)
    {
        var items = new List<(long Block, EmbeddedItem Item, DataKey Key)>();
        foreach (var block in blocks)
        {
            if (await database.Keys.FindAsync(block.Owner.TenantId, block.Owner.OwnerKey, cancellationToken) is { } key)
            {
                items.AddRange((await OpenAsync(model, block, key, cancellationToken)).Select(item => (block.Id, item, key)));
            }
        }

        var written = new RowDigest();
        foreach (var ofTenant in items.GroupBy(row => row.Item.Task.Item.TenantId))
        {
            using var hashes = new TermHashes(ring, ofTenant.Key);
            await qdrant.UpsertAsync(collection, [.. ofTenant.Select(row => points.Seal(model, row.Key, hashes, row.Item))], cancellationToken);
        }

        foreach (var (_, item, _) in items)
        {
            written.Add(item.Task.Item.Id, item.Task.Item.Version, item.Vectors);
        }

        if (!written.IsSameAs(await ReadBackAsync(model, collection, items.ConvertAll(row => row.Item), cancellationToken)))
        {
            throw new InvalidDataException($"What Qdrant has in {collection.Name} is not what was written.");
        }

        await database.Data.WriteAsync(
            session =>
            {
                foreach (var (block, item, _) in items)
                {
                    session.Execute("UPDATE vectors SET block = 0, place = 0 WHERE id = $1 AND block = $2", (2 * item.Task.RowId) + model.Slot, block);
                }

                foreach (var block in blocks)
                {
                    session.Execute("DELETE FROM vector_blocks WHERE id = $1", block.Id);
                }
            },
            cancellationToken);
        return written;
    }

    private async Task<RowDigest> ReadBackAsync(StoredModel model, QdrantCollection collection, List<EmbeddedItem> items, CancellationToken cancellationToken)
    {
        var read = new RowDigest();
        foreach (var ofOwner in items.GroupBy(item => item.Task.Partition))
        {
            var filter = new QdrantFilter { TenantId = ofOwner.Key.TenantId, Kinds = [(int)ofOwner.Key.Kind], Owners = [ofOwner.Key.OwnerKey] };
            var hits = await qdrant.FindAsync(collection, filter, [.. ofOwner.Select(item => item.Task.Item.Id)], cancellationToken);
            foreach (var (item, vectors) in await points.OpenAsync(model, hits, cancellationToken))
            {
                read.Add(item.Id, item.Version, vectors);
            }
        }

        return read;
    }

    /// <summary>The items of a block whose vectors are those of the item as it is now.</summary>
    private async Task<List<EmbeddedItem>> OpenAsync(StoredModel model, StoredBlock block, DataKey key, CancellationToken cancellationToken)
        => await database.Data.ReadAsync(
            session =>
            {
                var found = new List<EmbeddedItem>();
                foreach (var (rowId, place) in Places(model, block, key))
                {
                    var row = session.QueryFirst(
                        $"""
                        SELECT {SqliteVectorStore.ItemColumns}, v.text_hash FROM vectors v CROSS JOIN indexed_items i ON i.id = v.id >> 1 AND i.version = v.version
                        WHERE v.id = $1 AND v.block = $2 AND v.model = $3 AND i.tenant_id = $4 AND i.owner_key = $5
                        """,
                        row => (Item: SqliteVectorStore.ReadItem(row, 0), Hash: row.Bytes(9)),
                        (2 * rowId) + model.Slot,
                        block.Id,
                        model.Id,
                        block.Owner.TenantId,
                        block.Owner.OwnerKey);
                    if (row.Item is { } item && VectorsOf(model, block, key, item, place) is { } vectors)
                    {
                        found.Add(new EmbeddedItem(new EmbeddingTask(rowId, model.Slot, item, 0, 0), Convert.ToHexString(row.Hash), vectors));
                    }
                }

                return found;
            },
            cancellationToken);

    private static List<(long RowId, ItemVectors? Vectors)> Places(StoredModel model, StoredBlock block, DataKey key)
        => block.Form == SqliteVectorStore.Single
            ? [(block.Id >> 1, null)]
            : [.. (SqliteVectorStore.OpenItems(key, block.Owner, model.InSlot, block.Id, block.Content, block.Live) ?? []).Select(row => (row.Item.RowId, (ItemVectors?)row.Item.Vectors))];

    private static ItemVectors? VectorsOf(StoredModel model, StoredBlock block, DataKey key, IndexedItem item, ItemVectors? opened)
        => opened ?? SqliteVectorStore.OpenSingle(key, model.InSlot, item.Id, item.Version, block.Content);

    private sealed record StoredBlock(long Id, PartitionKey Owner, int Form, long Live, byte[] Content);
}
