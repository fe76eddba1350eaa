using System.Runtime.InteropServices;

namespace MemoryMesh.Search.Index.Vectors;

/// <summary>Whose items of which kind lie together.</summary>
internal readonly record struct PartitionKey(Guid TenantId, ItemKind Kind, Guid OwnerKey);

/// <summary>The items of one owner in memory: what a ranking needs of them, and their vectors when they have been computed.</summary>
/// <remarks>
/// An item stands at a place that does not change; a place that gets free is used again. Adding, replacing and removing take time that does not
/// depend on how many there are, but for the shift of a conversation's list when something is put into its middle.
/// </remarks>
internal sealed class VectorPartition(PartitionKey key, int dimensions) : IDisposable
{
    private const int Block = 256;
    private const int EntryBytes = 240;

    private readonly ReaderWriterLockSlim _lock = new();
    private readonly Dictionary<Guid, int> _places = [];
    private readonly Dictionary<Guid, PartitionConversation> _conversations = [];
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _speakers = new(StringComparer.Ordinal);
    private readonly Stack<int> _free = new();
    private Entry[] _entries = [];
    private sbyte[] _pooled = [];
    private byte[] _rests = [];
    private float[] _scales = [];
    private int _end;
    private long _signBytes;

    public PartitionKey Key => key;

    /// <summary>Items.</summary>
    public int Count => _places.Count;

    /// <summary>Memory it takes, about.</summary>
    public long Bytes => ((long)_entries.Length * (EntryBytes + sizeof(float))) + _pooled.Length + _rests.Length + Interlocked.Read(ref _signBytes);

    /// <summary>Makes room for so many items.</summary>
    public void Reserve(int count)
    {
        if (count > _entries.Length)
        {
            Array.Resize(ref _entries, count);
            Array.Resize(ref _pooled, count * dimensions);
            Array.Resize(ref _rests, count * RoundedVector.RestsOf(dimensions));
            Array.Resize(ref _scales, count);
        }
    }

    /// <summary>Takes over an item. An older version than the one that is here changes nothing, a newer one loses its vectors.</summary>
    public void Upsert(IndexedItem item, ItemVectors? vectors = null)
    {
        _lock.EnterWriteLock();
        try
        {
            if (_places.TryGetValue(item.Id, out var place))
            {
                ref var known = ref _entries[place];
                if (known.Item.Version > item.Version)
                {
                    return;
                }

                if (known.Item.Version < item.Version)
                {
                    ClearVectors(place);
                }

                if (known.Item.CreatedAt != item.CreatedAt)
                {
                    known.Conversation?.Remove(_entries, place);
                    known.Item = item;
                    known.Conversation?.Add(_entries, place);
                }

                known.Item = item;
            }
            else
            {
                if (!_free.TryPop(out place))
                {
                    place = _end++;
                    if (place == _entries.Length)
                    {
                        Reserve(Math.Max(4, place < 4_096 ? 2 * place : place + (place / 4)));
                    }
                }

                _places.Add(item.Id, place);
                _entries[place] = new Entry { Item = item };
                if (item.ConversationKey is { } conversationKey)
                {
                    ref var conversation = ref CollectionsMarshal.GetValueRefOrAddDefault(_conversations, conversationKey, out _);
                    conversation ??= new PartitionConversation();
                    _entries[place].Conversation = conversation;
                    conversation.Add(_entries, place);
                }
            }

            if (vectors is not null)
            {
                SetVectors(place, vectors);
            }
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    /// <summary>Takes over the vectors of a version of an item, if that version is here.</summary>
    public void SetVectors(Guid itemId, int version, ItemVectors vectors)
    {
        _lock.EnterWriteLock();
        try
        {
            if (_places.TryGetValue(itemId, out var place) && _entries[place].Item.Version == version)
            {
                ClearVectors(place);
                SetVectors(place, vectors);
            }
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    /// <summary>Removes an item and overwrites its vectors.</summary>
    public void Remove(Guid itemId)
    {
        _lock.EnterWriteLock();
        try
        {
            if (!_places.Remove(itemId, out var place))
            {
                return;
            }

            ClearVectors(place);
            if (_entries[place].Conversation is { } conversation)
            {
                conversation.Remove(_entries, place);
                if (conversation.Places.Count == 0)
                {
                    _conversations.Remove(_entries[place].Item.ConversationKey!.Value);
                }
            }

            CountSpeaker(_entries[place].Speaker, -1);
            _entries[place] = default;
            _free.Push(place);
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    /// <summary>Reads under a lock that lets other readers in.</summary>
    public T Read<T>(Func<View, T> read)
    {
        _lock.EnterReadLock();
        try
        {
            return read(new View(this));
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    public void Dispose() => _lock.Dispose();

    private void SetVectors(int place, ItemVectors vectors)
    {
        ref var entry = ref _entries[place];
        entry.Traits = vectors.Traits;
        CountSpeaker(entry.Speaker, -1);
        entry.Speaker = Intern(vectors.Speaker);
        CountSpeaker(entry.Speaker, 1);
        entry.Category = Intern(vectors.Category);
        if (entry.Speaker is not null)
        {
            entry.Conversation?.Speakers.Add(entry.Speaker);
        }

        if (vectors.Pooled.Values.Length == dimensions)
        {
            _scales[place] = vectors.Pooled.Scale;
            entry.Signs = vectors.Signs;
            vectors.Pooled.Values.CopyTo(_pooled.AsSpan(place * dimensions));
            vectors.Pooled.Rests.CopyTo(RestsAt(place));
            Interlocked.Add(ref _signBytes, vectors.Signs.Length);
        }
    }

    private void ClearVectors(int place)
    {
        ref var entry = ref _entries[place];
        if (entry.Signs is not null)
        {
            Interlocked.Add(ref _signBytes, -entry.Signs.Length);
            Array.Clear(entry.Signs);
            _pooled.AsSpan(place * dimensions, dimensions).Clear();
            RestsAt(place).Clear();
        }

        entry.Signs = null;
        _scales[place] = 0;
    }

    private void CountSpeaker(string? name, int change)
    {
        if (name is not null)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_speakers, name, out _) += change;
        }
    }

    private Span<byte> RestsAt(int place) => _rests.AsSpan(place * RoundedVector.RestsOf(dimensions), RoundedVector.RestsOf(dimensions));

    private string? Intern(string? name)
    {
        if (name is null)
        {
            return null;
        }

        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_names, name, out _);
        return known ??= name;
    }

    /// <summary>An item in a partition.</summary>
    internal struct Entry
    {
        /// <summary>The item; null when the place is free.</summary>
        public IndexedItem Item;

        /// <summary>Its conversation, or null.</summary>
        public PartitionConversation? Conversation;

        /// <summary>Signs of its tokens; null while it has no vectors.</summary>
        public byte[]? Signs;

        /// <summary>Who said it, or null.</summary>
        public string? Speaker;

        /// <summary>Category of a memory.</summary>
        public string? Category;

        /// <summary>Traits of its text.</summary>
        public TextTraits Traits;
    }

    /// <summary>A partition while it is being read.</summary>
    internal readonly struct View(VectorPartition partition)
    {
        /// <summary>Items by place; free places have no item.</summary>
        public ReadOnlySpan<Entry> Entries => partition._entries.AsSpan(0, partition._end);

        /// <summary>Place of an item, or -1.</summary>
        public int Find(Guid itemId) => partition._places.TryGetValue(itemId, out var place) ? place : -1;

        /// <summary>A conversation, or null.</summary>
        public PartitionConversation? Conversation(Guid conversationKey) => partition._conversations.GetValueOrDefault(conversationKey);

        /// <summary>Those who said at least such a share of the items.</summary>
        public IReadOnlyList<string> SpeakersOf(double share)
        {
            var least = share * partition._places.Count;
            return [.. partition._speakers.Where(speaker => speaker.Value >= least).Select(speaker => speaker.Key)];
        }

        /// <summary>Cosine of one item's vector to the question's, in single precision.</summary>
        public double Cosine(QueryVectors query, int place)
        {
            var length = query.Exact.Length;
            return RoundedVector.Dot(query.Exact, partition._pooled.AsSpan(place * length, length), partition.RestsAt(place), partition._scales[place]);
        }

        /// <summary>Cosines of all items by place, from bytes on both sides; 0 where there is no vector.</summary>
        public void Cosines(QueryVectors query, Span<float> cosines)
        {
            Span<int> products = stackalloc int[Block];
            var count = partition._end;
            for (var first = 0; first < count; first += Block)
            {
                var part = products[..Math.Min(Block, count - first)];
                ByteDot.Multiply(query.Pooled, partition._pooled.AsSpan(first * query.Pooled.Length, part.Length * query.Pooled.Length), part);
                var scales = partition._scales.AsSpan(first, part.Length);
                var to = cosines.Slice(first, part.Length);
                for (var row = 0; row < part.Length; row++)
                {
                    to[row] = part[row] * scales[row] * query.PooledScale;
                }
            }
        }
    }
}

/// <summary>The messages of one conversation in the order they were said.</summary>
internal sealed class PartitionConversation
{
    /// <summary>Places of the messages, oldest first.</summary>
    public List<int> Places { get; } = [];

    /// <summary>Everybody who was heard in it.</summary>
    public HashSet<string> Speakers { get; } = new(StringComparer.Ordinal);

    /// <summary>Where a message stands.</summary>
    public int PositionOf(ReadOnlySpan<VectorPartition.Entry> entries, int place)
    {
        var (low, high) = (0, Places.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = Compare(entries[Places[middle]].Item, entries[place].Item);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }

    internal void Add(VectorPartition.Entry[] entries, int place)
    {
        if (Places.Count == 0 || Compare(entries[Places[^1]].Item, entries[place].Item) < 0)
        {
            Places.Add(place);
        }
        else if (PositionOf(entries, place) is var at and < 0)
        {
            Places.Insert(~at, place);
        }
    }

    internal void Remove(VectorPartition.Entry[] entries, int place)
    {
        if (PositionOf(entries, place) is var at and >= 0)
        {
            Places.RemoveAt(at);
        }
    }

    private static int Compare(IndexedItem a, IndexedItem b)
    {
        var order = a.CreatedAt.CompareTo(b.CreatedAt);
        return order != 0 ? order : a.Id.CompareTo(b.Id);
    }
}
