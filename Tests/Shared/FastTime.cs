namespace MemoryMesh.Tests.Shared;

/// <summary>Time that runs <paramref name="factor"/> times as fast, so that a test of long waits is short.</summary>
public sealed class FastTime(int factor) : TimeProvider
{
    private readonly long _start = System.GetTimestamp();
    private readonly DateTimeOffset _startedAt = System.GetUtcNow();

    /// <inheritdoc/>
    public override long GetTimestamp() => _start + ((System.GetTimestamp() - _start) * factor);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _startedAt + GetElapsedTime(_start);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        => System.CreateTimer(callback, state, Scale(dueTime), Scale(period));

    private TimeSpan Scale(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / factor;
}
