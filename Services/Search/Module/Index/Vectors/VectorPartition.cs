using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MemoryMesh.Search.Index.Vectors;

/// <summary>Whose items of which kind lie together.</summary>
internal readonly record struct PartitionKey(Guid TenantId, ItemKind Kind, Guid OwnerKey);

/// <summary>The items of one owner in memory: what a ranking needs of them, and their vectors when they have been computed.</summary>
/// <remarks>
/// An item stands at a place that does not change; a place that gets free is used again. Adding, replacing and removing take time that does not
/// depend on how many there are, but for the shift of a conversation's list when something is put into its middle. What is kept lies in a few
/// large arrays without references: entries, bytes and rests of the vectors, signs.
/// </remarks>
internal sealed partial class VectorPartition(PartitionKey key, int dimensions) : IDisposable
{
    private const int Block = 256;
    private const int SmallPartition = 4_096;

    private readonly ReaderWriterLockSlim _lock = new();
    private readonly PlaceTable _places = new();
    private readonly SignStore _signs = new();
    private readonly Dictionary<Guid, PartitionConversation> _conversations = [];
    private readonly List<PartitionConversation?> _numbered = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<Name> _names = [];
    private readonly Stack<int> _free = new();
    private PartitionEntry[] _entries = [];
    private sbyte[] _pooled = [];
    private byte[] _rests = [];
    private float[] _scales = [];
    private int _end;
    private int _withVectors;

    public PartitionKey Key => key;

    /// <summary>Items.</summary>
    public int Count => _places.Count;

    /// <summary>Memory it takes, about.</summary>
    public unsafe long Bytes
        => ((long)_entries.Length * (sizeof(PartitionEntry) + sizeof(float) + sizeof(int))) + _pooled.Length + _rests.Length + _places.Bytes + _signs.Bytes;

    /// <summary>Makes room for so many items.</summary>
    public void Reserve(int count)
    {
        if (count > _entries.Length)
        {
            Array.Resize(ref _entries, count);
            _places.Reserve(_entries, count);
            Array.Resize(ref _scales, count);
            _pooled = Grown(_pooled, count * dimensions);
            _rests = Grown(_rests, count * RoundedVector.RestsOf(dimensions));
        }
    }

    /// <summary>Takes over an item. An older version than the one that is here changes nothing, a newer one loses its vectors.</summary>
    public void Upsert(IndexedItem item, ItemVectors? vectors = null)
    {
        _lock.EnterWriteLock();
        try
        {
            var place = _places.Find(_entries, item.Id);
            if (place >= 0)
            {
                ref var known = ref _entries[place];
                if (known.Version > item.Version)
                {
                    return;
                }

                if (known.Version < item.Version)
                {
                    ClearVectors(place);
                }

                if (known.CreatedTicks != item.CreatedAt.UtcTicks)
                {
                    var conversation = Conversation(known);
                    conversation?.Remove(_entries, place);
                    Describe(ref known, item);
                    conversation?.Add(_entries, place);
                }

                Describe(ref known, item);
            }
            else
            {
                place = TakePlace();
                ref var entry = ref _entries[place];
                entry = new PartitionEntry { IsUsed = true, Id = item.Id };
                Describe(ref entry, item);
                _places.Add(_entries, place);
                if (item.ConversationKey is { } conversationKey)
                {
                    var conversation = ConversationOf(conversationKey);
                    entry.Conversation = conversation.Number;
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
            if (_places.Find(_entries, itemId) is var place and >= 0 && _entries[place].Version == version)
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
            if (_places.Find(_entries, itemId) is not (var place and >= 0))
            {
                return;
            }

            ClearVectors(place);
            ref var entry = ref _entries[place];
            if (Conversation(entry) is { } conversation)
            {
                conversation.Remove(_entries, place);
                if (conversation.Places.Count == 0)
                {
                    _conversations.Remove(conversation.Key);
                    _numbered[conversation.Number - 1] = null;
                }
            }

            CountSpeaker(entry.Speaker, -1);
            _places.Remove(_entries, place);
            entry = default;
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

    /// <summary>What is beyond the values has any content: a place without vectors has the scale 0.</summary>
    private static T[] Grown<T>(T[] values, int length)
        where T : unmanaged
    {
        var grown = GC.AllocateUninitializedArray<T>(length);
        values.CopyTo(grown, 0);
        return grown;
    }

    private static void Describe(ref PartitionEntry entry, IndexedItem item)
    {
        entry.Version = item.Version;
        entry.CreatedTicks = item.CreatedAt.UtcTicks;
        entry.Importance = item.Importance ?? double.NaN;
        entry.Role = item.Role;
    }

    private int TakePlace()
    {
        if (_free.TryPop(out var place))
        {
            return place;
        }

        place = _end++;
        if (place == _entries.Length)
        {
            Reserve(Math.Max(4, place < SmallPartition ? 2 * place : place + (place / 8)));
        }

        return place;
    }

    private PartitionConversation? Conversation(in PartitionEntry entry) => entry.Conversation == 0 ? null : _numbered[entry.Conversation - 1];

    private PartitionConversation ConversationOf(Guid conversationKey)
    {
        ref var conversation = ref CollectionsMarshal.GetValueRefOrAddDefault(_conversations, conversationKey, out _);
        if (conversation is null)
        {
            _numbered.Add(conversation = new PartitionConversation(conversationKey, _numbered.Count + 1));
        }

        return conversation;
    }

    private void SetVectors(int place, ItemVectors vectors)
        => SetVectors(
            place, NumberOf(vectors.Speaker), NumberOf(vectors.Category), vectors.Traits, vectors.Pooled.Values, vectors.Pooled.Rests, vectors.Pooled.Scale, vectors.Signs);

    private void SetVectors(
        int place, int speaker, int category, TextTraits traits, ReadOnlySpan<sbyte> values, ReadOnlySpan<byte> rests, float scale, ReadOnlySpan<byte> signs)
    {
        ref var entry = ref _entries[place];
        entry.Traits = traits;
        CountSpeaker(entry.Speaker, -1);
        entry.Speaker = speaker;
        CountSpeaker(speaker, 1);
        entry.Category = category;
        if (speaker > 0)
        {
            Conversation(entry)?.Hear(_names[speaker - 1].Text);
        }

        if (values.Length == dimensions)
        {
            _scales[place] = scale;
            values.CopyTo(_pooled.AsSpan(place * dimensions));
            if (rests.IsEmpty)
            {
                RestsAt(place).Clear();
            }

            rests.CopyTo(RestsAt(place));
            entry.Signs = _signs.Add(signs);
            entry.HasVectors = true;
            _withVectors++;
        }
    }

    private void ClearVectors(int place)
    {
        ref var entry = ref _entries[place];
        if (entry.HasVectors)
        {
            _signs.Remove(entry.Signs);
            _pooled.AsSpan(place * dimensions, dimensions).Clear();
            RestsAt(place).Clear();
            _withVectors--;
        }

        (entry.HasVectors, entry.Signs) = (false, default);
        _scales[place] = 0;
    }

    private void CountSpeaker(int number, int change)
    {
        if (number > 0)
        {
            CollectionsMarshal.AsSpan(_names)[number - 1].Said += change;
        }
    }

    private Span<byte> RestsAt(int place) => _rests.AsSpan(place * RoundedVector.RestsOf(dimensions), RoundedVector.RestsOf(dimensions));

    private int NumberOf(string? name)
    {
        if (name is null)
        {
            return 0;
        }

        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, name, out var known);
        if (!known)
        {
            _names.Add(new Name { Text = name });
            number = _names.Count;
        }

        return number;
    }

    /// <summary>A speaker or a category.</summary>
    private struct Name
    {
        public required string Text { get; init; }

        public int Said;
    }

    /// <summary>A partition while it is being read.</summary>
    internal readonly struct View(VectorPartition partition)
    {
        /// <summary>Items by place; free places are not used.</summary>
        public ReadOnlySpan<PartitionEntry> Entries => partition._entries.AsSpan(0, partition._end);

        /// <summary>Items.</summary>
        public int Count => partition._places.Count;

        /// <summary>How many of them have vectors.</summary>
        public int CountWithVectors => partition._withVectors;

        /// <summary>Place of an item, or -1.</summary>
        public int Find(Guid itemId) => partition._places.Find(partition._entries, itemId);

        /// <summary>A conversation, or null.</summary>
        public PartitionConversation? Conversation(Guid conversationKey) => partition._conversations.GetValueOrDefault(conversationKey);

        /// <summary>The conversation of a message, or null.</summary>
        public PartitionConversation? ConversationOf(int place) => partition.Conversation(partition._entries[place]);

        /// <summary>Who said a message, or null.</summary>
        public string? Speaker(int place) => NameOf(partition._entries[place].Speaker);

        /// <summary>Category of a memory, or null.</summary>
        public string? Category(int place) => NameOf(partition._entries[place].Category);

        /// <summary>Signs of an item's tokens; empty when there are none.</summary>
        public ReadOnlySpan<byte> Signs(int place) => SignsAt(partition._entries[place].Signs);

        /// <summary>The signs that lie somewhere.</summary>
        public ReadOnlySpan<byte> SignsAt(SignSpan span) => partition._signs[span];

        /// <summary>What a filter asks of an item.</summary>
        public ItemFacts Facts(int place)
        {
            ref readonly var entry = ref partition._entries[place];
            return new(partition.Conversation(entry)?.Key, Category(place), entry.Role, entry.CreatedAt, ImportanceOf(entry));
        }

        /// <summary>An item as it is found.</summary>
        public Candidate Candidate(int place)
        {
            ref readonly var entry = ref partition._entries[place];
            return new(entry.Id, partition.Key.OwnerKey, entry.Role, entry.CreatedAt, ImportanceOf(entry));
        }

        /// <summary>Those who said at least such a share of the items.</summary>
        public IReadOnlyList<string> SpeakersOf(double share)
        {
            var least = share * partition._places.Count;
            return [.. partition._names.Where(name => name.Said > 0 && name.Said >= least).Select(name => name.Text)];
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
                var row = 0;
                for (; row + Vector256<int>.Count <= part.Length; row += Vector256<int>.Count)
                {
                    (Vector256.ConvertToSingle(Vector256.Create<int>(part[row..])) * Vector256.Create<float>(scales[row..]) * query.PooledScale).CopyTo(to[row..]);
                }

                for (; row < part.Length; row++)
                {
                    to[row] = part[row] * scales[row] * query.PooledScale;
                }
            }
        }

        private static double? ImportanceOf(in PartitionEntry entry) => double.IsNaN(entry.Importance) ? null : entry.Importance;

        private string? NameOf(int number) => number == 0 ? null : partition._names[number - 1].Text;
    }
}
