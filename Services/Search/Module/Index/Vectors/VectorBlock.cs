using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace MemoryMesh.Search.Index.Vectors;

/// <summary>An item of a block, without its vectors.</summary>
/// <param name="RowId">Its row in the store.</param>
/// <param name="Place">Its place in the block, 0 to 63. It keeps it when others leave.</param>
/// <param name="ItemId">The item.</param>
/// <param name="Version">Version that the vectors were computed of.</param>
/// <param name="ConversationKey">Conversation of a message.</param>
/// <param name="CreatedAt">Its time.</param>
/// <param name="Importance">Importance that was set, or NaN.</param>
/// <param name="Role">Role of a message.</param>
/// <param name="Traits">Traits of its text.</param>
/// <param name="Speaker">Which name of the block said it, or -1.</param>
/// <param name="Category">Which name of the block is its category, or -1.</param>
/// <param name="Scale">Scale of the vector.</param>
/// <param name="SignsAt">First byte of its signs among those of the block.</param>
/// <param name="SignBytes">Bytes of its signs.</param>
internal readonly record struct BlockRecord(
    long RowId,
    int Place,
    Guid ItemId,
    int Version,
    Guid? ConversationKey,
    DateTimeOffset CreatedAt,
    double Importance,
    MessageRole Role,
    TextTraits Traits,
    int Speaker,
    int Category,
    float Scale,
    int SignsAt,
    int SignBytes);

/// <summary>An item with its vectors, to be put into a block.</summary>
/// <param name="RowId">Its row in the store.</param>
/// <param name="Item">The item.</param>
/// <param name="Vectors">Its vectors.</param>
internal sealed record BlockItem(long RowId, IndexedItem Item, ItemVectors Vectors)
{
    /// <summary>Room it takes in a block, about.</summary>
    public int Size => VectorBlock.RecordSize + Vectors.Pooled.Values.Length + Vectors.Pooled.Rests.Length + Vectors.Signs.Length;
}

/// <summary>
/// Up to 64 items of one owner with their vectors, as one run of bytes that is sealed as a whole: opening and laying it out takes as long as copying it.
/// </summary>
/// <remarks>
/// Layout, little-endian: header (format, items, dimensions, bytes of names: 8 bytes), a record of 80 bytes for each item, names (count, then length and
/// UTF-8 of each), bytes of all vectors, rests of all vectors, signs of all items.
/// </remarks>
internal readonly ref struct VectorBlock
{
    /// <summary>Most items: there is one bit for each place.</summary>
    public const int MostItems = 64;

    /// <summary>Most bytes, if it holds more than one item.</summary>
    public const int MostBytes = 131_072;

    /// <summary>Bytes of an item beside its vectors.</summary>
    public const int RecordSize = 80;

    private const byte Format = 1;
    private const int HeaderSize = 8;
    private const byte NoName = byte.MaxValue;

    private readonly ReadOnlySpan<byte> _records;
    private readonly ReadOnlySpan<byte> _values;
    private readonly ReadOnlySpan<byte> _rests;
    private readonly ReadOnlySpan<byte> _signs;
    private readonly string[] _names;

    /// <summary>Reads a block; the bytes must stay.</summary>
    /// <exception cref="InvalidDataException">The bytes have another format, or are cut off.</exception>
    public VectorBlock(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderSize || bytes[0] != Format)
        {
            throw new InvalidDataException("A stored block of vectors has an unknown format.");
        }

        Count = bytes[1];
        Dimensions = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
        var names = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        var recordBytes = Count * RecordSize;
        var valuesAt = HeaderSize + (long)recordBytes + names;
        var (valueBytes, restBytes) = (Count * Dimensions, Count * RoundedVector.RestsOf(Dimensions));
        if (names < 1 || valuesAt + valueBytes + restBytes > bytes.Length)
        {
            throw new InvalidDataException("A stored block of vectors is cut off.");
        }

        _records = bytes.Slice(HeaderSize, recordBytes);
        _names = ReadNames(bytes.Slice(HeaderSize + recordBytes, names));
        _values = bytes.Slice((int)valuesAt, valueBytes);
        _rests = bytes.Slice((int)valuesAt + valueBytes, restBytes);
        _signs = bytes[((int)valuesAt + valueBytes + restBytes)..];
    }

    /// <summary>Items.</summary>
    public int Count { get; }

    /// <summary>Dimensions of the vectors.</summary>
    public int Dimensions { get; }

    /// <summary>Names of speakers and categories.</summary>
    public int NameCount => _names.Length;

    /// <summary>An item.</summary>
    public BlockRecord this[int index]
    {
        get
        {
            var record = _records.Slice(index * RecordSize, RecordSize);
            return new(
                BinaryPrimitives.ReadInt64LittleEndian(record),
                record[70],
                new Guid(record.Slice(8, 16), bigEndian: true),
                BinaryPrimitives.ReadInt32LittleEndian(record[56..]),
                record[71] == 0 ? null : new Guid(record.Slice(24, 16), bigEndian: true),
                DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(record[40..])),
                BinaryPrimitives.ReadDoubleLittleEndian(record[48..]),
                (MessageRole)record[68],
                (TextTraits)record[69],
                record[76] == NoName ? -1 : record[76],
                record[77] == NoName ? -1 : record[77],
                BinaryPrimitives.ReadSingleLittleEndian(record[60..]),
                BinaryPrimitives.ReadInt32LittleEndian(record[64..]),
                BinaryPrimitives.ReadInt32LittleEndian(record[72..]));
        }
    }

    /// <summary>A speaker or category.</summary>
    public string Name(int index) => _names[index];

    /// <summary>Bytes of all vectors, in the order of the items.</summary>
    public ReadOnlySpan<sbyte> AllValues => MemoryMarshal.Cast<byte, sbyte>(_values);

    /// <summary>Rests of all vectors, in the order of the items.</summary>
    public ReadOnlySpan<byte> AllRests => _rests;

    /// <summary>Bytes of an item's vector.</summary>
    public ReadOnlySpan<sbyte> Values(int index) => MemoryMarshal.Cast<byte, sbyte>(_values.Slice(index * Dimensions, Dimensions));

    /// <summary>Rests of an item's vector.</summary>
    public ReadOnlySpan<byte> Rests(int index) => _rests.Slice(index * RoundedVector.RestsOf(Dimensions), RoundedVector.RestsOf(Dimensions));

    /// <summary>Signs of an item's tokens.</summary>
    public ReadOnlySpan<byte> Signs(int index)
    {
        var record = _records.Slice(index * RecordSize, RecordSize);
        return _signs.Slice(BinaryPrimitives.ReadInt32LittleEndian(record[64..]), BinaryPrimitives.ReadInt32LittleEndian(record[72..]));
    }

    /// <summary>The vectors of an item, in memory of their own.</summary>
    public ItemVectors Vectors(int index)
    {
        var record = this[index];
        return new(
            record.Speaker < 0 ? null : _names[record.Speaker],
            record.Category < 0 ? null : _names[record.Category],
            record.Traits,
            new RoundedVector(Values(index).ToArray(), Rests(index).ToArray(), record.Scale),
            Signs(index).ToArray());
    }

    /// <summary>The items at some places, to be put into another block.</summary>
    /// <param name="owner">Whose items they are.</param>
    /// <param name="places">One bit for each place that is wanted.</param>
    public List<(int Place, BlockItem Item)> Items(PartitionKey owner, long places)
    {
        var items = new List<(int, BlockItem)>(Count);
        for (var at = 0; at < Count; at++)
        {
            var record = this[at];
            if ((places >> record.Place & 1) == 0)
            {
                continue;
            }

            var item = new IndexedItem
            {
                Id = record.ItemId,
                Kind = owner.Kind,
                TenantId = owner.TenantId,
                OwnerKey = owner.OwnerKey,
                ConversationKey = record.ConversationKey,
                Version = record.Version,
                Role = record.Role,
                CreatedAt = record.CreatedAt,
                Importance = double.IsNaN(record.Importance) ? null : record.Importance,
            };
            items.Add((record.Place, new BlockItem(record.RowId, item, Vectors(at))));
        }

        return items;
    }

    /// <summary>Puts items into blocks, in their order.</summary>
    public static IEnumerable<List<BlockItem>> Pack(IEnumerable<BlockItem> items)
    {
        var packed = new List<BlockItem>(MostItems);
        var size = 0;
        foreach (var item in items)
        {
            if (packed.Count == MostItems || (packed.Count > 0 && size + item.Size > MostBytes))
            {
                yield return packed;
                (packed, size) = (new List<BlockItem>(MostItems), 0);
            }

            packed.Add(item);
            size += item.Size;
        }

        if (packed.Count > 0)
        {
            yield return packed;
        }
    }

    /// <summary>Writes a block. Vectors without rests get rests of zero, which is what they stand for.</summary>
    /// <param name="items">At least one and at most <see cref="MostItems"/> items, all of the same dimensions, each with a place of its own.</param>
    public static byte[] Write(IReadOnlyList<(int Place, BlockItem Item)> items)
    {
        ArgumentOutOfRangeException.ThrowIfZero(items.Count, nameof(items));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(items.Count, MostItems, nameof(items));
        var dimensions = items[0].Item.Vectors.Pooled.Values.Length;
        var names = new List<string>();
        var indexes = items.Select(row => (Speaker: IndexOf(names, row.Item.Vectors.Speaker), Category: IndexOf(names, row.Item.Vectors.Category))).ToList();
        var nameBytes = WriteNames(names);
        var restSize = RoundedVector.RestsOf(dimensions);
        var bytes = new byte[HeaderSize + (items.Count * (RecordSize + dimensions + restSize)) + nameBytes.Length + items.Sum(row => row.Item.Vectors.Signs.Length)];
        bytes[0] = Format;
        bytes[1] = (byte)items.Count;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), checked((ushort)dimensions));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), nameBytes.Length);
        nameBytes.CopyTo(bytes.AsSpan(HeaderSize + (items.Count * RecordSize)));
        var values = bytes.AsSpan(HeaderSize + (items.Count * RecordSize) + nameBytes.Length);
        var rests = values[(items.Count * dimensions)..];
        var signs = rests[(items.Count * restSize)..];
        var signsAt = 0;
        for (var at = 0; at < items.Count; at++)
        {
            var (place, (rowId, item, vectors)) = items[at];
            ArgumentOutOfRangeException.ThrowIfNotEqual(vectors.Pooled.Values.Length, dimensions, nameof(items));
            var record = bytes.AsSpan(HeaderSize + (at * RecordSize), RecordSize);
            BinaryPrimitives.WriteInt64LittleEndian(record, rowId);
            item.Id.TryWriteBytes(record[8..], bigEndian: true, out _);
            (item.ConversationKey ?? Guid.Empty).TryWriteBytes(record[24..], bigEndian: true, out _);
            BinaryPrimitives.WriteInt64LittleEndian(record[40..], item.CreatedAt.ToUnixTimeMilliseconds());
            BinaryPrimitives.WriteDoubleLittleEndian(record[48..], item.Importance ?? double.NaN);
            BinaryPrimitives.WriteInt32LittleEndian(record[56..], item.Version);
            BinaryPrimitives.WriteSingleLittleEndian(record[60..], vectors.Pooled.Scale);
            BinaryPrimitives.WriteInt32LittleEndian(record[64..], signsAt);
            record[68] = (byte)item.Role;
            record[69] = (byte)vectors.Traits;
            record[70] = (byte)place;
            record[71] = item.ConversationKey is null ? (byte)0 : (byte)1;
            BinaryPrimitives.WriteInt32LittleEndian(record[72..], vectors.Signs.Length);
            record[76] = indexes[at].Speaker;
            record[77] = indexes[at].Category;
            MemoryMarshal.AsBytes(vectors.Pooled.Values.AsSpan()).CopyTo(values[(at * dimensions)..]);
            vectors.Pooled.Rests.CopyTo(rests[(at * restSize)..]);
            vectors.Signs.CopyTo(signs[signsAt..]);
            signsAt += vectors.Signs.Length;
        }

        return bytes;
    }

    private static byte IndexOf(List<string> names, string? name)
    {
        if (name is null)
        {
            return NoName;
        }

        var index = names.IndexOf(name);
        if (index < 0)
        {
            index = names.Count;
            names.Add(name);
        }

        return (byte)index;
    }

    private static byte[] WriteNames(List<string> names)
    {
        var bytes = new List<byte> { (byte)names.Count };
        foreach (var name in names)
        {
            var text = Encoding.UTF8.GetBytes(name);
            bytes.AddRange([(byte)text.Length, (byte)(checked((ushort)text.Length) >> 8)]);
            bytes.AddRange(text);
        }

        return [.. bytes];
    }

    private static string[] ReadNames(ReadOnlySpan<byte> bytes)
    {
        var names = new string[bytes[0]];
        var rest = bytes[1..];
        for (var at = 0; at < names.Length; at++)
        {
            var length = rest.Length < 2 ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(rest);
            if (rest.Length < 2 + length)
            {
                throw new InvalidDataException("A stored block of vectors is cut off.");
            }

            names[at] = Encoding.UTF8.GetString(rest.Slice(2, length));
            rest = rest[(2 + length)..];
        }

        return names;
    }
}
