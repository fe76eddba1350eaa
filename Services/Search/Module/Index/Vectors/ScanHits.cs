using System.Buffers;

namespace MemoryMesh.Search.Index.Vectors;

/// <summary>An item that is worth a second look.</summary>
internal readonly record struct ScanHit(VectorPartition Partition, int Place, Guid ItemId, float Cosine);

/// <summary>What a scan has found so far, in an array that the next one uses again: of thousands, a new one for each question would be a large object each time.</summary>
internal sealed class ScanHits
{
    private ScanHit[] _items = [];

    public int Count { get; private set; }

    public Span<ScanHit> Span => _items.AsSpan(0, Count);

    public void Add(in ScanHit hit)
    {
        if (Count == _items.Length)
        {
            var larger = ArrayPool<ScanHit>.Shared.Rent(Math.Max(64, 2 * Count));
            Span.CopyTo(larger);
            Return();
            _items = larger;
        }

        _items[Count++] = hit;
    }

    /// <summary>Leaves the last ones out.</summary>
    public void Shorten(int count) => Count = count;

    public ScanHit[] ToArray() => Span.ToArray();

    /// <summary>Gives the array back.</summary>
    public void Clear()
    {
        Return();
        (_items, Count) = ([], 0);
    }

    private void Return()
    {
        if (_items.Length > 0)
        {
            // They hold partitions in memory otherwise.
            ArrayPool<ScanHit>.Shared.Return(_items, clearArray: true);
        }
    }
}
