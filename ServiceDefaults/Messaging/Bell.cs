namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>Wakes a task that waits for work. Rings that come while it works are kept as one.</summary>
internal class Bell
{
    private TaskCompletionSource _rung = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Wakes the waiter, or the next wait.</summary>
    public void Ring() => Volatile.Read(ref _rung).TrySetResult();

    /// <summary>Waits for a ring, at most for <paramref name="limit"/>.</summary>
    public async Task WaitAsync(TimeSpan? limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        var rung = Volatile.Read(ref _rung).Task;
        try
        {
            await rung.WaitAsync(limit ?? Timeout.InfiniteTimeSpan, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The waiter looks for itself.
        }

        // Replaced before the waiter looks for work: what is rung for from here on is found by that look or rings the new one.
        Volatile.Write(ref _rung, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
