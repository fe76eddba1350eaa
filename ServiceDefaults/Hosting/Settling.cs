using Microsoft.Extensions.Hosting;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>Lets background work begin when the host serves: what it costs to begin would make the first requests wait.</summary>
public static class Settling
{
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until the host serves, and a moment more; not at all where there is no host.</summary>
    public static async Task SettleAsync(this IHostApplicationLifetime? lifetime, CancellationToken cancellationToken)
    {
        if (lifetime is not null)
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task.WaitAsync(cancellationToken);
            await Task.Delay(Rest, cancellationToken);
        }
    }
}
