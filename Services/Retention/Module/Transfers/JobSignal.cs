using System.Threading.Channels;

namespace MemoryMesh.Retention.Transfers;

/// <summary>Wakes whoever carries out jobs of one kind. What there is to do stands in the store; a signal only saves the wait for the next look.</summary>
internal sealed class JobSignal<TJob>
{
    private readonly Channel<bool> _rung = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Ring() => _rung.Writer.TryWrite(true);

    public async Task WaitAsync(CancellationToken cancellationToken) => await _rung.Reader.ReadAsync(cancellationToken);
}
