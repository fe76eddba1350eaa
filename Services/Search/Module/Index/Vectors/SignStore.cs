namespace MemoryMesh.Search.Index.Vectors;

/// <summary>Where the signs of an item lie.</summary>
/// <param name="Chunk">Which chunk.</param>
/// <param name="Offset">First byte in it.</param>
/// <param name="Length">Bytes; 0 for none.</param>
internal readonly record struct SignSpan(int Chunk, int Offset, int Length);

/// <summary>The token signs of a partition's items, one after the other in a few large arrays: an array for each item would cost a header, and its copying while it is young.</summary>
/// <remarks>What is given back is overwritten and used again by the smallest that it fits for.</remarks>
internal sealed class SignStore
{
    private const int SmallestChunk = 2_048;
    private const int LargestChunk = 1 << 20;

    private readonly List<byte[]> _chunks = [];
    private readonly SortedSet<(int Length, int Chunk, int Offset)> _free = [];
    private int _used;

    /// <summary>Memory it takes.</summary>
    public long Bytes { get; private set; }

    /// <summary>The signs at a place.</summary>
    public Span<byte> this[SignSpan span] => span.Length == 0 ? [] : _chunks[span.Chunk].AsSpan(span.Offset, span.Length);

    /// <summary>Takes signs over.</summary>
    public SignSpan Add(ReadOnlySpan<byte> signs)
    {
        var span = Take(signs.Length);
        signs.CopyTo(this[span]);
        return span;
    }

    /// <summary>Makes room for signs; what is there has any content. Parts of it can be removed one by one.</summary>
    public SignSpan Take(int length) => length == 0 ? default : Find(length);

    /// <summary>Gives back what is left of the newest chunk, when no more signs are to come soon.</summary>
    public void Fit()
    {
        if (_chunks.Count > 0 && _used < _chunks[^1].Length)
        {
            Bytes -= _chunks[^1].Length - _used;
            _chunks[^1] = _chunks[^1][.._used];
        }
    }

    /// <summary>Overwrites signs and gives their place back.</summary>
    public void Remove(SignSpan span)
    {
        if (span.Length > 0)
        {
            this[span].Clear();
            _free.Add((span.Length, span.Chunk, span.Offset));
        }
    }

    private SignSpan Find(int length)
    {
        if (_free.GetViewBetween((length, 0, 0), (int.MaxValue, 0, 0)).Min is { Length: > 0 } found)
        {
            _free.Remove(found);
            if (found.Length > length)
            {
                _free.Add((found.Length - length, found.Chunk, found.Offset + length));
            }

            return new(found.Chunk, found.Offset, length);
        }

        if (_chunks.Count == 0 || _chunks[^1].Length - _used < length)
        {
            if (_chunks.Count > 0 && _used < _chunks[^1].Length)
            {
                _free.Add((_chunks[^1].Length - _used, _chunks.Count - 1, _used));
            }

            var size = Math.Max(length, (int)Math.Clamp(Bytes, SmallestChunk, LargestChunk));
            _chunks.Add(GC.AllocateUninitializedArray<byte>(size));
            Bytes += size;
            _used = 0;
        }

        var span = new SignSpan(_chunks.Count - 1, _used, length);
        _used += length;
        return span;
    }
}
