namespace MemoryMesh.Gateway.Live;

/// <summary>Wakes the one task that sends on a connection. Rings that come while it works are kept as one.</summary>
internal sealed class LiveSignal
{
    private TaskCompletionSource _rung = New();

    /// <summary>Wakes the task, or its next wait.</summary>
    public void Ring() => Volatile.Read(ref _rung).TrySetResult();

    /// <summary>Waits for a ring.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await Volatile.Read(ref _rung).Task.WaitAsync(cancellationToken);

        // Replaced before the task looks for events: what is rung for from here on is found by that look or rings the new one.
        Volatile.Write(ref _rung, New());
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
