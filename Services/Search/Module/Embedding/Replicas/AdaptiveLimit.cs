namespace MemoryMesh.Search.Embedding.Replicas;

/// <summary>How many calls are made at a time to embedders whose number nobody tells: more while they take them, half as many when one is full.</summary>
/// <remarks>
/// Additive increase, multiplicative decrease, and doubling until the first refusal, as congestion avoidance and slow start of TCP (Jacobson, 1988; RFC 5681). Of the calls that were under way
/// together only one halves it: they all met the same crowd. Not for several threads at a time.
/// </remarks>
/// <param name="most">Highest limit, at least 1.</param>
internal sealed class AdaptiveLimit(int most)
{
    private bool _isDoubling = true;
    private int _taken;

    /// <summary>Calls that may be under way now, from 1.</summary>
    public int Current { get; private set; } = 1;

    /// <summary>Counts the decreases. A call remembers it from when it began.</summary>
    public int Epoch { get; private set; }

    /// <summary>A call was taken.</summary>
    /// <param name="underWay">Calls under way when it ended, itself among them. Where fewer are made than could be, it does not show that more are taken.</param>
    public void Taken(int underWay)
    {
        if (underWay < Current || Current >= most)
        {
            return;
        }

        if (_isDoubling || ++_taken >= Current)
        {
            Current++;
            _taken = 0;
        }
    }

    /// <summary>A call was refused because an embedder is full.</summary>
    /// <param name="epoch">The <see cref="Epoch"/> in which it began.</param>
    public void Refused(int epoch)
    {
        if (epoch == Epoch)
        {
            Shrink(Math.Max(1, Current / 2));
            _isDoubling = false;
        }
    }

    /// <summary>Begins anew with one call: nobody knows what is there.</summary>
    public void Restart()
    {
        Shrink(1);
        _isDoubling = true;
    }

    private void Shrink(int limit)
    {
        Current = limit;
        _taken = 0;
        Epoch++;
    }
}
