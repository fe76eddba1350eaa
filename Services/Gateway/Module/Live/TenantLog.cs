namespace MemoryMesh.Gateway.Live;

/// <summary>The latest events of one tenant, in the order they came to this Gateway. Guarded by the stream's lock.</summary>
/// <remarks>
/// Who is connected reads what came last: these are objects. What is older waits for someone who comes back or is far behind, mostly for nobody, and is kept as bytes
/// (<see cref="EventPacker"/>): some 40 instead of 250 for an event.
/// </remarks>
internal sealed class TenantLog(Guid tenantId, long[] floors)
{
    /// <summary>How many events are packed together.</summary>
    public const int Together = 32;

    private const int MostUnpacked = 2 * Together;
    private const int Smallest = 8;

    private readonly Dictionary<long, byte[]> _packed = [];
    private readonly LiveEvent[] _lastRead = new LiveEvent[Together];
    private LiveEvent?[] _latest = new LiveEvent?[Smallest];
    private long _lastReadNumber = -1;

    /// <summary>Index of the oldest event that is an object: a multiple of <see cref="Together"/>.</summary>
    private long _firstUnpacked;

    /// <summary>The tenant.</summary>
    public Guid TenantId { get; } = tenantId;

    /// <summary>For each source: events after this position are in the log, or never were.</summary>
    public long[] Floors { get; } = floors;

    /// <summary>Index of the oldest event that is kept; indexes are never used again.</summary>
    public long First { get; private set; }

    /// <summary>Index of the next event.</summary>
    public long Next { get; private set; }

    /// <summary>Those who are woken by an event.</summary>
    public HashSet<LiveSignal> Listeners { get; } = [];

    public void Append(LiveEvent item)
    {
        if (Next - _firstUnpacked == MostUnpacked)
        {
            PackOldest();
        }
        else if (Next - _firstUnpacked == _latest.Length)
        {
            Grow();
        }

        _latest[Next++ % _latest.Length] = item;
    }

    /// <summary>Reads events that are kept, one after the other.</summary>
    public void Read(long from, Span<LiveEvent> into)
    {
        for (var i = 0; i < into.Length; i++)
        {
            into[i] = EventAt(from + i);
        }
    }

    /// <summary>Forgets the oldest event.</summary>
    public void DropFirst()
    {
        var item = EventAt(First);
        if (item.Source >= 0)
        {
            Floors[item.Source] = item.Position;
        }

        if (First >= _firstUnpacked)
        {
            _latest[First % _latest.Length] = null;
        }

        if (++First % Together == 0)
        {
            Forget((First / Together) - 1);
        }
    }

    private LiveEvent EventAt(long index)
    {
        if (index >= _firstUnpacked)
        {
            return _latest[index % _latest.Length]!;
        }

        var number = index / Together;
        if (number != _lastReadNumber)
        {
            EventPacker.Unpack(_packed[number], TenantId, _lastRead);
            _lastReadNumber = number;
        }

        return _lastRead[index % Together];
    }

    private void PackOldest()
    {
        var events = new List<LiveEvent>(Together);
        for (var index = _firstUnpacked; index < _firstUnpacked + Together; index++)
        {
            ref var item = ref _latest[index % _latest.Length];
            if (item is not null)
            {
                events.Add(item);
            }

            item = null;
        }

        // All of them are gone where the log keeps fewer than are objects.
        if (events.Count > 0)
        {
            _packed.Add(_firstUnpacked / Together, EventPacker.Pack(events));
        }

        _firstUnpacked += Together;
    }

    private void Forget(long number)
    {
        _packed.Remove(number);
        if (number == _lastReadNumber)
        {
            _lastRead.AsSpan().Clear();
            _lastReadNumber = -1;
        }
    }

    private void Grow()
    {
        var larger = new LiveEvent?[_latest.Length * 2];
        for (var index = _firstUnpacked; index < Next; index++)
        {
            larger[index % larger.Length] = _latest[index % _latest.Length];
        }

        _latest = larger;
    }
}
