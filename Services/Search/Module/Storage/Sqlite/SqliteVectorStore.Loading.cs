using System.Buffers;
using System.Numerics;
using System.Security.Cryptography;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Search.Storage.Sqlite;

/// <summary>Reads an owner's vectors into memory.</summary>
/// <remarks>
/// Blocks of an owner lie between those of others. One reader after the other would wait for the disk at each, and open what it read while the disk rests; so
/// several read, each on a connection of its own. They see the store at different times: what was put together meanwhile is told by listing the blocks again.
/// </remarks>
internal partial class SqliteVectorStore
{
    /// <summary>From so many blocks they are read by several: below, opening the connections takes longer than it saves.</summary>
    private const int ManyBlocks = 16;

    /// <summary>More than most machines have processors: some wait for the disk while others open what they read.</summary>
    private const int Loaders = 4;

    public async Task ReadPartitionAsync(PartitionKey key, StoredModel model, VectorPartition partition, CancellationToken cancellationToken)
    {
        var dataKey = await database.Keys.FindAsync(key.TenantId, key.OwnerKey, cancellationToken);
        await _data.ReadAsync(
            session =>
            {
                partition.Reserve((int)CountItems(session, key));
                if (dataKey is not null)
                {
                    // Before the blocks: they are put together to blocks, never the other way.
                    ReadSingles(session, key, model, dataKey, partition);
                }

                return partition.Count;
            },
            cancellationToken);
        var complete = dataKey is not null && await ReadBlocksAsync(key, model, dataKey, partition, cancellationToken);
        await _data.ReadAsync(
            session =>
            {
                // Nearly always all have vectors: counting them takes a hundredth of looking for those that have none.
                if (partition.Count < CountItems(session, key))
                {
                    ReadWithoutVectors(session, key, complete ? model : null, partition);
                }

                partition.EndLoading();
                return partition.Count;
            },
            cancellationToken);
    }

    private static long CountItems(SqliteSession session, PartitionKey key)
        => session.Scalar(
            "SELECT COUNT(*) FROM indexed_items WHERE tenant_id = $1 AND owner_key = $2 AND kind = $3", key.TenantId, key.OwnerKey, key.Kind);

    /// <returns>Whether all could be opened.</returns>
    private async Task<bool> ReadBlocksAsync(
        PartitionKey key, StoredModel model, DataKey dataKey, VectorPartition partition, CancellationToken cancellationToken)
    {
        var known = new HashSet<long>();
        var opened = true;
        while (true)
        {
            var listed = await _data.ReadAsync(
                session => session.Query(
                    $"SELECT b.id, b.stored FROM vector_blocks b WHERE {OfPartition} AND b.form = {Block} ORDER BY b.id",
                    row => (Id: row.Int64(0), Items: BitOperations.PopCount((ulong)row.Int64(1))),
                    key.TenantId,
                    key.OwnerKey,
                    key.Kind,
                    model.Id),
                cancellationToken);
            var blocks = listed.FindAll(block => known.Add(block.Id)).ConvertAll(block => new AllottedBlock(block.Id, partition.Allot(block.Items), block.Items));
            if (blocks.Count == 0)
            {
                return opened;
            }

            var next = -1;
            bool Load(SqliteSession session) => LoadBlocks(session, key, model, dataKey, partition, () => Interlocked.Increment(ref next) is var at && at < blocks.Count ? blocks[at] : null);
            opened &= blocks.Count < ManyBlocks
                ? await _data.ReadAsync(Load, cancellationToken)
                : (await Task.WhenAll(Enumerable.Range(0, Loaders).Select(_ => _data.ReadApartAsync(Load, cancellationToken)))).All(all => all);
        }
    }

    /// <returns>Whether all could be opened.</returns>
    private static bool LoadBlocks(
        SqliteSession session, PartitionKey key, StoredModel model, DataKey dataKey, VectorPartition partition, Func<AllottedBlock?> take)
    {
        // One buffer for all: a block fits the processor's cache, and is copied from there to where it is searched.
        var plain = ArrayPool<byte>.Shared.Rent(VectorBlock.MostBytes);
        var opened = true;
        try
        {
            while (take() is { } block)
            {
                var isLoaded = session.QueryFirst<bool?>(
                    $"SELECT b.live, c.content FROM vector_blocks b CROSS JOIN vector_contents c ON c.id = b.id WHERE b.id = $5 AND {OfPartition}",
                    row =>
                    {
                        var content = row.Span(1);
                        if (plain.Length < content.Length)
                        {
                            ArrayPool<byte>.Shared.Return(plain, clearArray: true);
                            plain = ArrayPool<byte>.Shared.Rent(content.Length);
                        }

                        int length;
                        try
                        {
                            length = dataKey.Open(content, PlaceOf(model.InSlot, block.Id), plain);
                        }
                        catch (CryptographicException)
                        {
                            // It was sealed with a key that was destroyed: its rows are about to leave.
                            return false;
                        }

                        partition.Load(new VectorBlock(plain.AsSpan(0, length)), row.Int64(0), block.First, block.Items);
                        return true;
                    },
                    key.TenantId,
                    key.OwnerKey,
                    key.Kind,
                    model.Id,
                    block.Id);
                if (isLoaded != true)
                {
                    partition.Release(block.First, block.Items);
                    opened &= isLoaded is null;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain, clearArray: true);
        }

        return opened;
    }

    private static void ReadSingles(SqliteSession session, PartitionKey key, StoredModel model, DataKey dataKey, VectorPartition partition)
        => session.Query(
            $"""
            SELECT {ItemColumns}, c.content FROM vector_blocks b CROSS JOIN vector_contents c ON c.id = b.id CROSS JOIN indexed_items i ON i.id = b.id >> 1
            WHERE {OfPartition} AND b.form = {Single}
            """,
            row =>
            {
                var item = ReadItem(row, 0);
                partition.Upsert(item, OpenSingle(dataKey, model.InSlot, item.Id, item.Version, row.Span(9)));
                return true;
            },
            key.TenantId,
            key.OwnerKey,
            key.Kind,
            model.Id);

    /// <summary>The items that have no vectors of a model; all, when there is none.</summary>
    private static void ReadWithoutVectors(SqliteSession session, PartitionKey key, StoredModel? model, VectorPartition partition)
        => session.Query(
            $"""
            SELECT {ItemColumns} FROM indexed_items i WHERE i.tenant_id = $1 AND i.owner_key = $2 AND i.kind = $3
                AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.id = 2 * i.id + $5 AND v.version = i.version AND v.model = $4)
            """,
            row =>
            {
                partition.Upsert(ReadItem(row, 0));
                return true;
            },
            key.TenantId,
            key.OwnerKey,
            key.Kind,
            model?.Id ?? 0,
            model?.Slot ?? 0);

    /// <summary>A block and the places in memory that are kept for it.</summary>
    private sealed record AllottedBlock(long Id, int First, int Items);
}
