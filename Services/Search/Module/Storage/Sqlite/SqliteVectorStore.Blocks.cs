using System.Buffers.Binary;
using System.Security.Cryptography;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Search.Storage.Sqlite;

/// <summary>The vectors themselves: blocks of items that one call opens, and for each item a row that says in which block they lie.</summary>
/// <remarks>
/// What is embedded together becomes a block. A vector that is replaced or leaves clears its bit in the block's row, within the transaction of the change, and
/// is found no more; a block without bits leaves at once. The bytes of single vectors leave when the block is sealed anew without them
/// (<see cref="PurgeStepAsync"/>). Small blocks of an owner are put together when there are many (<see cref="FoldStepAsync"/>), so a vector is written
/// three times at most on its way into a full one.
/// </remarks>
internal partial class SqliteVectorStore
{
    /// <summary>Sealed by itself with the place of its item: what a store had before there were blocks. Its id is that of the vectors.</summary>
    internal const int Single = 0;

    private const int Block = 1;

    /// <summary>A block below both of these is put together with others.</summary>
    private const int SmallItems = VectorBlock.MostItems / 2;
    private const int SmallBytes = VectorBlock.MostBytes / 2;

    private const string OfPartition = "b.tenant_id = $1 AND b.owner_key = $2 AND b.kind = $3 AND b.model = $4";

    private static long lastBlockId;

    public virtual async Task<IReadOnlyDictionary<string, ItemVectors>> FindEqualAsync(
        PartitionKey key, StoredModel model, IReadOnlyCollection<string> textHashes, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, ItemVectors>(StringComparer.Ordinal);
        if (await database.Keys.FindAsync(key.TenantId, key.OwnerKey, cancellationToken) is not { } dataKey)
        {
            return found;
        }

        return await _data.ReadAsync<IReadOnlyDictionary<string, ItemVectors>>(
            session =>
            {
                foreach (var hash in textHashes)
                {
                    var vectors = session.QueryFirst(
                        $"""
                        SELECT b.id, b.form, c.content, v.place, i.item_id, v.version
                        FROM vectors v CROSS JOIN indexed_items i ON i.id = v.id >> 1 CROSS JOIN vector_blocks b ON b.id = v.block CROSS JOIN vector_contents c ON c.id = b.id
                        WHERE v.text_hash = $5 AND {OfPartition} LIMIT 1
                        """,
                        row => row.Int32(1) == Single
                            ? OpenSingle(dataKey, model.InSlot, row.Id(4), row.Int32(5), row.Span(2))
                            : OpenItems(dataKey, key, model.InSlot, row.Int64(0), row.Span(2), 1L << row.Int32(3))?.FirstOrDefault().Item.Vectors,
                        key.TenantId,
                        key.OwnerKey,
                        key.Kind,
                        model.Id,
                        Convert.FromHexString(hash));
                    if (vectors is not null)
                    {
                        found[hash] = vectors;
                    }
                }

                return found;
            },
            cancellationToken);
    }

    public virtual async Task<SavedVectors> SaveAsync(StoredModel model, IReadOnlyList<EmbeddedItem> items, CancellationToken cancellationToken)
    {
        if (items.Count == 0)
        {
            return new SavedVectors([], LeftTraces: false);
        }

        var blocks = new List<(long Id, DataKey Key, byte[] Content, List<EmbeddedItem> Items, List<BlockItem> Members)>();
        foreach (var ofOwner in items.GroupBy(item => item.Task.Partition))
        {
            var dataKey = await database.Keys.GetOrCreateAsync(ofOwner.Key.TenantId, ofOwner.Key.OwnerKey, cancellationToken);
            var rest = ofOwner.ToList();
            foreach (var members in VectorBlock.Pack(rest.Select(item => new BlockItem(item.Task.RowId, item.Task.Item, item.Vectors))).ToList())
            {
                var id = NextBlockId();
                blocks.Add((id, dataKey, Seal(dataKey, model.InSlot, id, Placed(members)), rest[..members.Count], members));
                rest.RemoveRange(0, members.Count);
            }
        }

        var (saved, replaced) = await _data.WriteAsync(
            session =>
            {
                var done = new HashSet<EmbeddedItem>(ReferenceEqualityComparer.Instance);
                var isUsed = session.Scalar("SELECT COUNT(*) FROM vector_models WHERE id = $1 AND role > 0", model.Id) == 1;
                var isReplaced = false;
                foreach (var (id, dataKey, content, embedded, members) in isUsed ? blocks : [])
                {
                    var live = 0L;
                    for (var place = 0; place < embedded.Count; place++)
                    {
                        var task = embedded[place].Task;
                        if (session.Scalar("SELECT version FROM indexed_items WHERE id = $1 AND item_id = $2", task.RowId, task.Item.Id) == task.Item.Version)
                        {
                            live |= 1L << place;
                        }
                    }

                    if (live == 0)
                    {
                        continue;
                    }

                    dataKey.ThrowIfDestroyed();
                    InsertBlock(session, id, embedded[0].Task.Partition, model.Id, live, members, content);
                    for (var place = 0; place < embedded.Count; place++)
                    {
                        if ((live >> place & 1) == 0)
                        {
                            continue;
                        }

                        var item = embedded[place];
                        var vectorsId = (2 * item.Task.RowId) + model.Slot;
                        isReplaced |= session.Execute("DELETE FROM vectors WHERE id = $1", vectorsId) > 0;
                        session.Execute(
                            "INSERT INTO vectors (id, version, model, text_hash, block, place) VALUES ($1, $2, $3, $4, $5, $6)",
                            vectorsId,
                            item.Task.Item.Version,
                            model.Id,
                            Convert.FromHexString(item.TextHash),
                            id,
                            place);
                        session.Execute("DELETE FROM embedding_jobs WHERE id = $1 AND round = $2", vectorsId, item.Task.Round);
                        done.Add(item);
                    }
                }

                return (done, isReplaced);
            },
            cancellationToken);
        if (replaced)
        {
            _data.RequestScrub();
        }

        foreach (var key in saved.Select(item => item.Task.Partition).Distinct())
        {
            while (await FoldStepAsync(key, model.InSlot, cancellationToken) || await CopyStepAsync(key, model.InSlot, cancellationToken))
            {
            }
        }

        return new SavedVectors([.. items.Select(saved.Contains)], LeftTraces: replaced || saved.Count < items.Count);
    }

    internal static void InsertBlock(
        SqliteSession session, long id, PartitionKey key, int modelId, long live, List<BlockItem> members, byte[] content)
    {
        session.Execute(
            "INSERT INTO vector_blocks (id, tenant_id, owner_key, kind, model, form, live, stored, small) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            id,
            key.TenantId,
            key.OwnerKey,
            key.Kind,
            modelId,
            Block,
            live,
            AllOf(members.Count),
            IsSmall(members));
        session.Execute("INSERT INTO vector_contents (id, content) VALUES ($1, $2)", id, content);
    }

    private static bool IsSmall(List<BlockItem> members) => members.Count < SmallItems && members.Sum(member => member.Size) < SmallBytes;

    internal static long AllOf(int count) => count == 64 ? -1 : (1L << count) - 1;

    internal static List<(int Place, BlockItem Item)> Placed(List<BlockItem> members) => [.. members.Select((member, place) => (place, member))];

    /// <summary>Ids that rise with time, so that the blocks of an owner are read in the order in which they were written.</summary>
    internal static long NextBlockId()
    {
        while (true)
        {
            var last = Interlocked.Read(ref lastBlockId);
            var next = Math.Max(last + 1, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() << 20);
            if (Interlocked.CompareExchange(ref lastBlockId, next, last) == last)
            {
                return next;
            }
        }
    }

    internal static byte[] Seal(DataKey key, ModelSlot model, long id, List<(int Place, BlockItem Item)> items)
        => key.Seal(VectorBlock.Write(items), PlaceOf(model, id));

    /// <returns>The items at some places; null when it was sealed with a key that was destroyed.</returns>
    internal static List<(int Place, BlockItem Item)>? OpenItems(DataKey key, PartitionKey owner, ModelSlot model, long id, ReadOnlySpan<byte> content, long places)
    {
        try
        {
            return new VectorBlock(key.Open(content, PlaceOf(model, id))).Items(owner, places);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <returns>Null when it was sealed with a key that was destroyed: its row is about to leave.</returns>
    internal static ItemVectors? OpenSingle(DataKey key, ModelSlot model, Guid itemId, int version, ReadOnlySpan<byte> content)
    {
        try
        {
            return ItemVectors.FromBytes(key.Open(content, new RowIdentity("vectors", ColumnOf(model), itemId, version)));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Bound to the block, its model and the model's slot: a block that is moved does not open.</summary>
    private static RowIdentity PlaceOf(ModelSlot model, long id)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], id);
        return new("vector_contents", ColumnOf(model), new Guid(bytes, bigEndian: true), model.Id);
    }

    private static string ColumnOf(ModelSlot model) => model.Slot == 0 ? "content" : "content_1";
}
