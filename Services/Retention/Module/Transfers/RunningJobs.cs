using System.Collections.Concurrent;

namespace MemoryMesh.Retention.Transfers;

/// <summary>Jobs that are carried out in this process, so that one that is deleted stops.</summary>
internal sealed class RunningJobs
{
    private readonly ConcurrentDictionary<Guid, Job> _running = new();

    /// <summary>Carries out a job with a token that stopping it cancels.</summary>
    public async Task RunAsync(Guid jobId, Guid tenantId, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var job = new Job(tenantId, stop);
        _running[jobId] = job;
        try
        {
            await work(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Stopped: nothing is left to be said about it.
        }
        finally
        {
            _running.TryRemove(jobId, out _);
            job.Ended.SetResult();
        }
    }

    /// <summary>Stops a job, if it runs, and waits until it has ended.</summary>
    public Task StopAsync(Guid jobId, CancellationToken cancellationToken)
        => _running.TryGetValue(jobId, out var job) ? StopAsync([job], cancellationToken) : Task.CompletedTask;

    /// <summary>Stops all jobs of a tenant, and waits until they have ended.</summary>
    /// <returns>Which they were.</returns>
    public async Task<IReadOnlyList<Guid>> StopTenantAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        var jobs = _running.Where(job => job.Value.TenantId == tenantId).ToList();
        await StopAsync([.. jobs.Select(job => job.Value)], cancellationToken);
        return [.. jobs.Select(job => job.Key)];
    }

    private static async Task StopAsync(IReadOnlyList<Job> jobs, CancellationToken cancellationToken)
    {
        foreach (var job in jobs)
        {
            try
            {
                await job.Stop.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // It ended meanwhile.
            }

            await job.Ended.Task.WaitAsync(cancellationToken);
        }
    }

    private sealed record Job(Guid TenantId, CancellationTokenSource Stop)
    {
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
