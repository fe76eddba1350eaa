using System.Threading.Channels;

namespace MemoryMesh.Memory.Processing;

/// <summary>Wakes background work from any thread, also while the host ends. Rings that come while it works are kept as one.</summary>
internal sealed class ChangeBell
{
    private readonly Channel<bool> _rung = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Rings.</summary>
    public void Ring() => _rung.Writer.TryWrite(true);

    /// <summary>Waits until it rings, or the time has passed.</summary>
    public async Task WaitAsync(TimeSpan longest, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = clock.CreateTimer(_ => deadline.Cancel(), null, longest, Timeout.InfiniteTimeSpan);
        try
        {
            await _rung.Reader.ReadAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The waiter looks for itself.
        }
    }
}
