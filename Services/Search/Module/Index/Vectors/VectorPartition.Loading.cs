using System.Numerics;
using System.Runtime.InteropServices;

namespace MemoryMesh.Search.Index.Vectors;

/// <summary>Takes over blocks of items as they were stored, several at a time.</summary>
/// <remarks>
/// Each block gets its places before it is opened, in the order of the blocks: so a partition is laid out alike at every reading, whichever thread is the
/// quickest. What concerns all items is done by one thread at a time; the bytes, which take most of the time, are copied by several without a lock, each to places of its own. Nobody else
/// has the partition while it is read, so there is room for all before the first is loaded, and nothing grows meanwhile.
/// </remarks>
internal sealed partial class VectorPartition
{
    /// <summary>For one reader at a time, while nobody else has the partition.</summary>
    private readonly Lock _loading = new();

    /// <summary>Makes room for so many items more.</summary>
    public void ReserveMore(int count)
    {
        _lock.EnterWriteLock();
        try
        {
            Reserve(_end + count);
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    /// <summary>Sets places aside, one after the other.</summary>
    /// <returns>The first.</returns>
    public int Allot(int count)
    {
        _lock.EnterWriteLock();
        try
        {
            var first = _end;
            Reserve(first + count);
            _end += count;
            return first;
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    /// <summary>Gives back places that were set aside, for a block that is not there any more.</summary>
    public void Release(int first, int count)
    {
        lock (_loading)
        {
            ReleasePlaces(first, count);
        }
    }

    /// <summary>Takes over items with their vectors that are not here yet, as they were stored together. <see cref="EndLoading"/> comes after the last.</summary>
    /// <param name="block">The items.</param>
    /// <param name="live">One bit for each place of the block: whether its vectors are those of the item still.</param>
    /// <param name="first">The first of the places that were set aside for it.</param>
    /// <param name="allotted">How many were: as many as it has items, or more.</param>
    /// <exception cref="InvalidDataException">They have another number of dimensions, or are more than that.</exception>
    public void Load(VectorBlock block, long live, int first, int allotted)
    {
        if (block.Dimensions != dimensions || block.Count > allotted)
        {
            throw new InvalidDataException("Stored vectors have other dimensions than their model, or are more than was noted of them.");
        }

        Span<int> signsAt = stackalloc int[VectorBlock.MostItems];
        long taken;
        Span<byte> signs;
        lock (_loading)
        {
            taken = Enter(block, live, first, signsAt, out signs);
            if (block.Count < allotted || BitOperations.PopCount((ulong)taken) < block.Count)
            {
                GiveBack(block.Count, taken, first, allotted);
            }
        }

        var restSize = RoundedVector.RestsOf(dimensions);
        var values = _pooled.AsSpan(first * dimensions, block.Count * dimensions);
        var rests = _rests.AsSpan(first * restSize, block.Count * restSize);
        block.AllValues.CopyTo(values);
        block.AllRests.CopyTo(rests);
        for (var at = 0; at < block.Count; at++)
        {
            if ((taken >> at & 1) != 0)
            {
                block.Signs(at).CopyTo(signs[signsAt[at]..]);
            }
            else
            {
                values.Slice(at * dimensions, dimensions).Clear();
                rests.Slice(at * restSize, restSize).Clear();
            }
        }
    }

    /// <summary>Puts what was loaded into its conversations, in order, and keeps no more room than it takes.</summary>
    public void EndLoading()
    {
        _lock.EnterWriteLock();
        try
        {
            foreach (var conversation in _conversations.Values)
            {
                conversation.Clear();
            }

            // From the first place to the last: mostly that is the order of time.
            for (var place = 0; place < _end; place++)
            {
                if (_entries[place].IsUsed)
                {
                    Conversation(_entries[place])?.Append(_entries, place);
                }
            }

            foreach (var conversation in _conversations.Values)
            {
                conversation.Sort(_entries);
            }

            _signs.Fit();
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    /// <summary>Enters the items of a block, but for their places in conversations.</summary>
    /// <returns>One bit for each item, in the order of the block, that was not here yet.</returns>
    private long Enter(scoped VectorBlock block, long live, int first, scoped Span<int> signsAt, out Span<byte> signs)
    {
        Span<int> names = stackalloc int[block.NameCount];
        for (var name = 0; name < names.Length; name++)
        {
            names[name] = NumberOf(block.Name(name));
        }

        var taken = 0L;
        var signBytes = 0;
        PartitionConversation? conversation = null;
        var heard = 0;
        for (var at = 0; at < block.Count; at++)
        {
            var item = block[at];
            if ((live >> item.Place & 1) == 0 || !_places.TryAdd(_entries, item.ItemId, first + at))
            {
                continue;
            }

            taken |= 1L << at;
            signsAt[at] = signBytes;
            signBytes += item.SignBytes;
            var speaker = item.Speaker < 0 ? 0 : names[item.Speaker];
            if (item.ConversationKey is { } conversationKey)
            {
                // Neighbours are mostly of one conversation.
                if (conversation?.Key != conversationKey)
                {
                    (conversation, heard) = (ConversationOf(conversationKey), 0);
                }

                if (speaker > 0 && speaker != heard)
                {
                    conversation.Hear(_names[speaker - 1].Text);
                    heard = speaker;
                }
            }

            Enter(item, first + at, item.ConversationKey is null ? 0 : conversation!.Number, speaker, item.Category < 0 ? 0 : names[item.Category]);
        }

        var span = _signs.Take(signBytes);
        for (var at = 0; at < block.Count; at++)
        {
            if ((taken >> at & 1) != 0 && block.Signs(at) is { Length: > 0 } own)
            {
                _entries[first + at].Signs = new SignSpan(span.Chunk, span.Offset + signsAt[at], own.Length);
            }
        }

        signs = _signs[span];
        return taken;
    }

    private void Enter(in BlockRecord item, int place, int conversation, int speaker, int category)
    {
        _entries[place] = new PartitionEntry
        {
            IsUsed = true,
            HasVectors = true,
            Id = item.ItemId,
            Version = item.Version,
            CreatedTicks = item.CreatedAt.UtcTicks,
            Importance = item.Importance,
            Role = item.Role,
            Traits = item.Traits,
            Conversation = conversation,
            Speaker = speaker,
            Category = category,
        };
        _scales[place] = item.Scale;
        _withVectors++;
        CountSpeaker(speaker, 1);
    }

    /// <summary>Gives back the places of items that were not taken over.</summary>
    private void GiveBack(int count, long taken, int first, int allotted)
    {
        for (var at = 0; at < count; at++)
        {
            if ((taken >> at & 1) == 0)
            {
                _free.Push(first + at);
            }
        }

        ReleasePlaces(first + count, allotted - count);
    }

    private void ReleasePlaces(int first, int count)
    {
        for (var place = first; place < first + count; place++)
        {
            _free.Push(place);
        }
    }
}
