using System.Numerics;
using System.Runtime.InteropServices;

namespace MemoryMesh.Search.Index.Vectors;

/// <summary>Takes over blocks of items as they were stored, several at a time.</summary>
/// <remarks>
/// Each block gets its places before it is opened, in the order of the blocks: so a partition is laid out alike at every reading, whichever thread is the
/// quickest. What concerns all items is done by one thread at a time; the bytes, which take most of the time, are copied by several.
/// </remarks>
internal sealed partial class VectorPartition
{
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
        _lock.EnterWriteLock();
        try
        {
            ReleasePlaces(first, count);
        }
        finally
        {
            _lock.ExitWriteLock();
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
        var taken = Enter(block, live, first, signsAt, out var signs);
        _lock.EnterReadLock();
        try
        {
            var restSize = RoundedVector.RestsOf(dimensions);
            var values = _pooled.AsSpan(first * dimensions, block.Count * dimensions);
            var rests = _rests.AsSpan(first * restSize, block.Count * restSize);
            block.AllValues.CopyTo(values);
            block.AllRests.CopyTo(rests);
            for (var at = 0; at < block.Count; at++)
            {
                if ((taken >> at & 1) != 0)
                {
                    block.Signs(at).CopyTo(_signs[signs][signsAt[at]..]);
                }
                else
                {
                    values.Slice(at * dimensions, dimensions).Clear();
                    rests.Slice(at * restSize, restSize).Clear();
                }
            }
        }
        finally
        {
            _lock.ExitReadLock();
        }

        if (block.Count < allotted || BitOperations.PopCount((ulong)taken) < block.Count)
        {
            GiveBack(block.Count, taken, first, allotted);
        }
    }

    /// <summary>Brings what was loaded into order.</summary>
    public void EndLoading()
    {
        _lock.EnterWriteLock();
        try
        {
            foreach (var conversation in _conversations.Values)
            {
                conversation.Sort(_entries);
            }
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    /// <summary>Enters the items of a block.</summary>
    /// <returns>One bit for each item, in the order of the block, that was not here yet.</returns>
    private long Enter(VectorBlock block, long live, int first, Span<int> signsAt, out SignSpan signs)
    {
        _lock.EnterWriteLock();
        try
        {
            Span<int> names = stackalloc int[block.NameCount];
            for (var name = 0; name < names.Length; name++)
            {
                names[name] = NumberOf(block.Name(name));
            }

            var taken = 0L;
            var signBytes = 0;
            for (var at = 0; at < block.Count; at++)
            {
                var item = block[at];
                if ((live >> item.Place & 1) != 0 && _places.Find(_entries, item.ItemId) < 0)
                {
                    taken |= 1L << at;
                    signsAt[at] = signBytes;
                    signBytes += item.SignBytes;
                    Enter(item, first + at, item.Speaker < 0 ? 0 : names[item.Speaker], item.Category < 0 ? 0 : names[item.Category]);
                }
            }

            signs = _signs.Take(signBytes);
            for (var at = 0; at < block.Count; at++)
            {
                if ((taken >> at & 1) != 0 && block.Signs(at) is { Length: > 0 } span)
                {
                    _entries[first + at].Signs = new SignSpan(signs.Chunk, signs.Offset + signsAt[at], span.Length);
                }
            }

            return taken;
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    private void Enter(in BlockRecord item, int place, int speaker, int category)
    {
        ref var entry = ref _entries[place];
        entry = new PartitionEntry
        {
            IsUsed = true,
            HasVectors = true,
            Id = item.ItemId,
            Version = item.Version,
            CreatedTicks = item.CreatedAt.UtcTicks,
            Importance = item.Importance,
            Role = item.Role,
            Traits = item.Traits,
            Speaker = speaker,
            Category = category,
        };
        _scales[place] = item.Scale;
        _withVectors++;
        CountSpeaker(speaker, 1);
        if (item.ConversationKey is { } conversationKey)
        {
            var conversation = ConversationOf(conversationKey);
            entry.Conversation = conversation.Number;
            conversation.Append(_entries, place);
            if (speaker > 0)
            {
                conversation.Hear(_names[speaker - 1].Text);
            }
        }

        _places.Add(_entries, place);
    }

    /// <summary>Gives back the places of items that were not taken over.</summary>
    private void GiveBack(int count, long taken, int first, int allotted)
    {
        _lock.EnterWriteLock();
        try
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
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    private void ReleasePlaces(int first, int count)
    {
        for (var place = first; place < first + count; place++)
        {
            _free.Push(place);
        }
    }
}
