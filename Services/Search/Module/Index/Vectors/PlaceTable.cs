namespace MemoryMesh.Search.Index.Vectors;

/// <summary>Finds the place of an item by its id. The ids themselves stand in the entries, so an item takes some 8 bytes here.</summary>
/// <remarks>Open addressing with linear probing; what follows a removed one moves up, so there are no marks of removed ones.</remarks>
internal sealed class PlaceTable
{
    private const int Smallest = 8;
    private const uint Spread = 2_654_435_769;

    // Places from 1; 0 is free. At most three quarters are used.
    private int[] _slots = new int[Smallest];
    private int _shift = 32 - 3;

    /// <summary>Items.</summary>
    public int Count { get; private set; }

    /// <summary>Memory it takes.</summary>
    public long Bytes => (long)_slots.Length * sizeof(int);

    /// <summary>Makes room for so many items.</summary>
    public void Reserve(ReadOnlySpan<PartitionEntry> entries, int count)
    {
        var size = _slots.Length;
        while (count > size / 4 * 3)
        {
            size *= 2;
        }

        if (size != _slots.Length)
        {
            Resize(entries, size);
        }
    }

    /// <summary>Place of an item, or -1.</summary>
    public int Find(ReadOnlySpan<PartitionEntry> entries, Guid id)
    {
        for (var slot = SlotOf(id); ; slot = Next(slot))
        {
            var place = _slots[slot] - 1;
            if (place < 0 || entries[place].Id == id)
            {
                return place;
            }
        }
    }

    /// <summary>Adds an item that is not here yet and stands in its entry already.</summary>
    public void Add(ReadOnlySpan<PartitionEntry> entries, int place)
    {
        Reserve(entries, Count + 1);
        Count++;
        Put(entries[place].Id, place);
    }

    /// <summary>Adds an item whose entry is written next, unless there is one of its id.</summary>
    public bool TryAdd(ReadOnlySpan<PartitionEntry> entries, Guid id, int place)
    {
        Reserve(entries, Count + 1);
        var slot = SlotOf(id);
        while (_slots[slot] != 0)
        {
            if (entries[_slots[slot] - 1].Id == id)
            {
                return false;
            }

            slot = Next(slot);
        }

        _slots[slot] = place + 1;
        Count++;
        return true;
    }

    /// <summary>Takes an item out that stands in its entry still.</summary>
    public void Remove(ReadOnlySpan<PartitionEntry> entries, int place)
    {
        var slot = SlotOf(entries[place].Id);
        while (_slots[slot] != place + 1)
        {
            slot = Next(slot);
        }

        Count--;
        for (var next = Next(slot); _slots[next] != 0; next = Next(next))
        {
            // One that would not be found any more over the gap fills it.
            var wanted = SlotOf(entries[_slots[next] - 1].Id);
            if (((next - wanted) & (_slots.Length - 1)) >= ((next - slot) & (_slots.Length - 1)))
            {
                _slots[slot] = _slots[next];
                slot = next;
            }
        }

        _slots[slot] = 0;
    }

    private int SlotOf(Guid id) => (int)((uint)id.GetHashCode() * Spread >> _shift);

    private int Next(int slot) => (slot + 1) & (_slots.Length - 1);

    private void Put(Guid id, int place)
    {
        var slot = SlotOf(id);
        while (_slots[slot] != 0)
        {
            slot = Next(slot);
        }

        _slots[slot] = place + 1;
    }

    private void Resize(ReadOnlySpan<PartitionEntry> entries, int size)
    {
        var before = _slots;
        _slots = new int[size];
        _shift = 32 - int.Log2(size);
        foreach (var place in before)
        {
            if (place > 0)
            {
                Put(entries[place - 1].Id, place - 1);
            }
        }
    }
}
