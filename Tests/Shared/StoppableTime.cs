namespace MemoryMesh.Tests.Shared;

/// <summary>Time whose timers no longer come due once it is stopped: what happens then, happens because somebody was told.</summary>
public sealed class StoppableTime : TimeProvider
{
    private volatile bool _stopped;

    /// <summary>From here on no new timer comes due.</summary>
    public void Stop() => _stopped = true;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        => _stopped
            ? System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan)
            : System.CreateTimer(callback, state, dueTime, period);
}
