using System.Runtime.InteropServices;

namespace MemoryMesh.Search.Index.Vectors;

/// <summary>The messages of one conversation in the order they were said.</summary>
/// <param name="key">The conversation.</param>
/// <param name="number">Its number in the partition, from 1.</param>
internal sealed class PartitionConversation(Guid key, int number)
{
    private bool _isUnsorted;
    private bool _isAscending = true;

    /// <summary>The conversation.</summary>
    public Guid Key => key;

    /// <summary>Its number in the partition, from 1.</summary>
    public int Number => number;

    /// <summary>Places of the messages, oldest first.</summary>
    public List<int> Places { get; } = [];

    /// <summary>Everybody who was heard in it.</summary>
    public string[] Speakers { get; private set; } = [];

    /// <summary>Where a message stands; the complement of where it would stand when it is not here.</summary>
    public int PositionOf(ReadOnlySpan<PartitionEntry> entries, int place)
    {
        var (low, high) = (0, Places.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = PartitionEntry.Compare(entries[Places[middle]], entries[place]);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }

    /// <summary>Where a message of this conversation stands.</summary>
    /// <remarks>
    /// Messages mostly come in the order they are said, and then their places ascend: these lie together, while each entry that is compared is another line of memory. With one
    /// conversation to a partition the first look finds it.
    /// </remarks>
    public int PositionOfMember(ReadOnlySpan<PartitionEntry> entries, int place)
    {
        if (!_isAscending)
        {
            return PositionOf(entries, place);
        }

        var places = CollectionsMarshal.AsSpan(Places);
        var likely = place - places[0];
        return likely < places.Length && places[likely] == place ? likely : places.BinarySearch(place);
    }

    /// <summary>Notes that somebody was heard.</summary>
    public void Hear(string speaker)
    {
        if (!Speakers.Contains(speaker))
        {
            Speakers = [.. Speakers, speaker];
        }
    }

    /// <summary>Adds a message.</summary>
    public void Add(ReadOnlySpan<PartitionEntry> entries, int place)
    {
        if (Places.Count == 0 || PartitionEntry.Compare(entries[Places[^1]], entries[place]) < 0)
        {
            _isAscending &= Places.Count == 0 || Places[^1] < place;
            Places.Add(place);
        }
        else if (PositionOf(entries, place) is var at and < 0)
        {
            _isAscending &= place < Places[~at] && (~at == 0 || Places[~at - 1] < place);
            Places.Insert(~at, place);
        }
    }

    /// <summary>Forgets the messages, to be added anew with <see cref="Append"/>.</summary>
    public void Clear()
    {
        Places.Clear();
        _isUnsorted = false;
        _isAscending = true;
    }

    /// <summary>Adds a message that is not here yet at the end; <see cref="Sort"/> brings it to its place.</summary>
    public void Append(ReadOnlySpan<PartitionEntry> entries, int place)
    {
        _isAscending &= Places.Count == 0 || Places[^1] < place;
        _isUnsorted |= Places.Count > 0 && PartitionEntry.Compare(entries[Places[^1]], entries[place]) > 0;
        Places.Add(place);
    }

    /// <summary>Brings into order what was appended.</summary>
    public void Sort(PartitionEntry[] entries)
    {
        if (_isUnsorted)
        {
            Places.Sort((one, other) => PartitionEntry.Compare(entries[one], entries[other]));
            _isUnsorted = false;
            _isAscending = IsAscending(CollectionsMarshal.AsSpan(Places));
        }

        Places.TrimExcess();
    }

    /// <summary>Takes a message out.</summary>
    public void Remove(ReadOnlySpan<PartitionEntry> entries, int place)
    {
        if (PositionOf(entries, place) is var at and >= 0)
        {
            Places.RemoveAt(at);
        }
    }

    private static bool IsAscending(ReadOnlySpan<int> places)
    {
        for (var at = 1; at < places.Length; at++)
        {
            if (places[at] < places[at - 1])
            {
                return false;
            }
        }

        return true;
    }
}
