using System.Collections.Concurrent;

namespace MemoryMesh.Retention.Transfers;

/// <summary>Jobs that are carried out in this process, so that one that is deleted stops.</summary>
internal sealed class RunningJobs
{
    private readonly ConcurrentDictionary<Guid, CancellationTokenSource> _running = new();

    /// <summary>Carries out a job with a token that <see cref="Stop"/> cancels.</summary>
    public async Task RunAsync(Guid jobId, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _running[jobId] = stop;
        try
        {
            await work(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Deleted: nothing is left to be said about it.
        }
        finally
        {
            _running.TryRemove(jobId, out _);
        }
    }

    /// <summary>Stops a job, if it runs.</summary>
    public void Stop(Guid jobId)
    {
        if (_running.TryGetValue(jobId, out var stop))
        {
            try
            {
                stop.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It ended meanwhile.
            }
        }
    }
}
