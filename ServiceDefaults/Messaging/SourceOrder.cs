namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Brings the events of one source, which may come twice, late or not at all, into their order. Not for several threads at a time.</summary>
internal sealed class SourceOrder(string source, IEventListener listener, TimeProvider clock)
{
    /// <summary>How long an event is waited for that later ones have overtaken.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Most events that wait for one that they have overtaken.</summary>
    public const int MaxWaiting = 10_000;

    private readonly SortedList<long, PassingEvent> _waiting = [];
    private long? _last;
    private long _waitingSince;

    /// <summary>The source tells, after the listening began, the position before the oldest event that it has not handed out for good.</summary>
    public void Join(long position)
    {
        if (_last is null)
        {
            _last = position;
            listener.Begin(source, position);
            DropOld();
            PassReady();
            return;
        }

        PassReady();
        if (position > _last && _waiting.Count == 0)
        {
            // They were handed out while nobody listened here.
            MissUntil(position);
        }
    }

    /// <summary>An event came.</summary>
    public void Take(PassingEvent item)
    {
        if (item.Position <= _last)
        {
            return;
        }

        if (_waiting.Count == 0)
        {
            _waitingSince = clock.GetTimestamp();
        }

        _waiting[item.Position] = item;
        PassReady();
        if (_last is not null && _waiting.Count > MaxWaiting)
        {
            MissUntil(_waiting.GetKeyAtIndex(0) - 1);
        }
    }

    /// <summary>Gives up what was waited for too long.</summary>
    public void Expire()
    {
        if (_last is not null && _waiting.Count > 0 && clock.GetElapsedTime(_waitingSince) > Patience)
        {
            MissUntil(_waiting.GetKeyAtIndex(0) - 1);
        }
    }

    private void MissUntil(long position)
    {
        _last = position;
        listener.Miss(source, position);
        PassReady();
    }

    private void DropOld()
    {
        while (_waiting.Count > 0 && _waiting.GetKeyAtIndex(0) <= _last)
        {
            _waiting.RemoveAt(0);
        }
    }

    private void PassReady()
    {
        while (_waiting.Count > 0 && _waiting.GetKeyAtIndex(0) == _last + 1)
        {
            var item = _waiting.GetValueAtIndex(0);
            _waiting.RemoveAt(0);
            _last = item.Position;
            _waitingSince = clock.GetTimestamp();
            listener.Pass(item);
        }
    }
}
