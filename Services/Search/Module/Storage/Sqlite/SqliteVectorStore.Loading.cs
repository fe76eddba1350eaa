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
/// Most blocks have a copy in the owner's file, where one lies behind the other: they are read in runs, by two at a time, so that one can wait for the disk while another opens what it read.
/// The others lie in the store between those of other owners. All these readers see the store at different times: what was put together or moved meanwhile is told by listing the blocks again.
/// </remarks>
internal partial class SqliteVectorStore
{
    /// <summary>From so many blocks of the store they are read by several: below, opening the connections takes longer than it saves.</summary>
    private const int ManyBlocks = 16;

    /// <summary>More than most machines have processors: some wait for the disk while others open what they read.</summary>
    private const int Loaders = 4;

    public async Task ReadPartitionAsync(PartitionKey key, StoredModel model, VectorPartition partition, CancellationToken cancellationToken)
    {
        var dataKey = await database.Keys.FindAsync(key.TenantId, key.OwnerKey, cancellationToken);
        var without = dataKey is null ? null : await ReadVectorsAsync(key, model, dataKey, partition, cancellationToken);

        // Nearly always all have vectors, and looking for those that have none takes long.
        if (without is not 0)
        {
            partition.ReserveMore(without ?? 0);
            await _data.ReadAsync(
                session =>
                {
                    ReadWithoutVectors(session, key, without is null ? null : model, partition);
                    return true;
                },
                cancellationToken);
        }

        partition.EndLoading();
    }

    /// <returns>How many items had no vectors when it began; null when there were none at all, or they could not be opened.</returns>
    private async Task<int?> ReadVectorsAsync(
        PartitionKey key, StoredModel model, DataKey dataKey, VectorPartition partition, CancellationToken cancellationToken)
    {
        var known = new HashSet<long>();
        int? without = null;
        var isComplete = true;
        while (true)
        {
            var listed = await _data.ReadAsync(session => HasOthers(session, key, model, known) ? ListBlocks(session, key, model) : [], cancellationToken);

            // What comes in after this is told to the partition when it has been read.
            without ??= listed.Count == 0 ? null : listed[0].OwnerItems - listed.Sum(block => BitOperations.PopCount((ulong)block.Live));
            var fresh = listed.FindAll(block => known.Add(block.Id));
            if (fresh.Count == 0)
            {
                return isComplete && without is { } count ? Math.Max(0, count) : null;
            }

            partition.ReserveMore(fresh.Sum(block => block.Items));
            if (fresh.RemoveAll(block => block.Form == Single) > 0)
            {
                // What of them is put together meanwhile is found in a block at the next look.
                await _data.ReadAsync(
                    session =>
                    {
                        ReadSingles(session, key, model, dataKey, partition);
                        return true;
                    },
                    cancellationToken);
            }

            var blocks = fresh.ConvertAll(block => new AllottedBlock(block, partition.Allot(block.Items)));
            var copied = ReadCopiesAsync(model, dataKey, partition, blocks.FindAll(block => block.Listed.File > 0), cancellationToken);
            isComplete &= await ReadStoredAsync(key, model, dataKey, partition, blocks.FindAll(block => block.Listed.File == 0), cancellationToken);
            isComplete &= await ReadStoredAsync(key, model, dataKey, partition, await copied, cancellationToken);
        }
    }

    private static bool HasOthers(SqliteSession session, PartitionKey key, StoredModel model, HashSet<long> known)
        => known.Count == 0
            || session.Query($"SELECT b.id FROM vector_blocks b WHERE {OfPartition}", row => known.Contains(row.Int64(0)), key.TenantId, key.OwnerKey, key.Kind, model.Id).Contains(false);

    private static List<ListedBlock> ListBlocks(SqliteSession session, PartitionKey key, StoredModel model)
        => session.Query(
            $"""
            SELECT b.id, b.form, b.live, b.stored, b.file, b.at, b.size,
                (SELECT COALESCE(SUM(items), 0) FROM owner_totals WHERE tenant_id = $1 AND owner_key = $2 AND kind = $3)
            FROM vector_blocks b WHERE {OfPartition} ORDER BY b.id
            """,
            row => new ListedBlock(
                row.Int64(0), row.Int32(1), row.Int64(2), BitOperations.PopCount((ulong)row.Int64(3)), row.Int64(4), row.Int64(5), row.Int32(6), row.Int32(7)),
            key.TenantId,
            key.OwnerKey,
            key.Kind,
            model.Id);

    /// <returns>Whether all could be opened.</returns>
    private async Task<bool> ReadStoredAsync(
        PartitionKey key, StoredModel model, DataKey dataKey, VectorPartition partition, List<AllottedBlock> blocks, CancellationToken cancellationToken)
    {
        if (blocks.Count == 0)
        {
            return true;
        }

        var next = -1;
        bool Load(SqliteSession session)
            => LoadStored(session, key, model, dataKey, partition, () => Interlocked.Increment(ref next) is var at && at < blocks.Count ? blocks[at] : null);
        return blocks.Count < ManyBlocks
            ? await _data.ReadAsync(Load, cancellationToken)
            : (await Task.WhenAll(Enumerable.Range(0, Loaders).Select(_ => _data.ReadApartAsync(Load, cancellationToken)))).All(all => all);
    }

    /// <returns>Whether all could be opened.</returns>
    private static bool LoadStored(
        SqliteSession session, PartitionKey key, StoredModel model, DataKey dataKey, VectorPartition partition, Func<AllottedBlock?> take)
    {
        using var plain = new OpenedBlock();
        var isComplete = true;
        while (take() is { } block)
        {
            var isLoaded = session.QueryFirst<bool?>(
                $"SELECT b.live, c.content FROM vector_blocks b CROSS JOIN vector_contents c ON c.id = b.id WHERE b.id = $5 AND {OfPartition}",
                row => plain.TryLoad(dataKey, model.InSlot, block, row.Int64(0), row.Span(1), partition),
                key.TenantId,
                key.OwnerKey,
                key.Kind,
                model.Id,
                block.Listed.Id);
            if (isLoaded != true)
            {
                partition.Release(block.First, block.Listed.Items);
                isComplete &= isLoaded is null;
            }
        }

        return isComplete;
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

    /// <summary>A block as the store has it.</summary>
    /// <param name="Id">Its row.</param>
    /// <param name="Form">How its vectors are sealed.</param>
    /// <param name="Live">One bit for each place whose vectors are those of the item still.</param>
    /// <param name="Items">Items that it holds.</param>
    /// <param name="File">The file with its copy; 0 for none.</param>
    /// <param name="At">Where in the file.</param>
    /// <param name="Size">How many bytes.</param>
    /// <param name="OwnerItems">Items that the owner had at that moment, with vectors and without.</param>
    private sealed record ListedBlock(long Id, int Form, long Live, int Items, long File, long At, int Size, int OwnerItems);

    /// <summary>A block and the first of the places in memory that are kept for it.</summary>
    private sealed record AllottedBlock(ListedBlock Listed, int First);

    /// <summary>One buffer for blocks as they are opened: it fits the processor's cache, and they are copied from there to where they are searched.</summary>
    private sealed class OpenedBlock : IDisposable
    {
        private byte[] _plain = ArrayPool<byte>.Shared.Rent(VectorBlock.MostBytes);

        /// <summary>Opens a block and lays it out.</summary>
        /// <returns>Whether it could be opened: not, when it was sealed with a key that was destroyed, or is no block any more.</returns>
        public bool TryLoad(DataKey key, ModelSlot model, AllottedBlock block, long live, ReadOnlySpan<byte> content, VectorPartition partition)
        {
            if (_plain.Length < content.Length)
            {
                ArrayPool<byte>.Shared.Return(_plain, clearArray: true);
                _plain = ArrayPool<byte>.Shared.Rent(content.Length);
            }

            int length;
            try
            {
                length = key.Open(content, PlaceOf(model, block.Listed.Id), _plain);
            }
            catch (CryptographicException)
            {
                return false;
            }

            partition.Load(new VectorBlock(_plain.AsSpan(0, length)), live, block.First, block.Listed.Items);
            return true;
        }

        public void Dispose() => ArrayPool<byte>.Shared.Return(_plain, clearArray: true);
    }
}
