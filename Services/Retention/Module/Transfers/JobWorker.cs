using MemoryMesh.ServiceDefaults.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Retention.Transfers;

/// <summary>Carries out jobs of one kind as they come, a few at a time, beginning with those that the last process left.</summary>
internal abstract partial class JobWorker<TJob>(
    JobSignal<TJob> signal, RunningJobs running, TimeProvider clock, ILogger logger, IHostApplicationLifetime? lifetime) : BackgroundService
    where TJob : class
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    protected abstract int JobsAtATime { get; }

    protected abstract Task RecoverAsync(CancellationToken cancellationToken);

    protected abstract Task<TJob?> ClaimAsync(CancellationToken cancellationToken);

    protected abstract (Guid Id, Guid TenantId) IdOf(TJob job);

    protected abstract Task CarryOutAsync(TJob job, CancellationToken cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.SettleAsync(stoppingToken);
        while (!await SucceedsAsync(RecoverAsync, stoppingToken))
        {
            await Task.Delay(Rest, clock, stoppingToken);
        }

        await Task.WhenAll(Enumerable.Range(0, JobsAtATime).Select(_ => WorkAsync(stoppingToken)));
    }

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            TJob? job = null;
            if (!await SucceedsAsync(async token => job = await ClaimAsync(token), stoppingToken))
            {
                await Task.Delay(Rest, clock, stoppingToken);
                continue;
            }

            if (job is null)
            {
                await signal.WaitAsync(stoppingToken);
                continue;
            }

            // There may be more than one for whom nobody was woken; and the end of this one may let another of its tenant begin.
            signal.Ring();
            var (id, tenantId) = IdOf(job);
            await running.RunAsync(id, tenantId, token => SucceedsAsync(inner => CarryOutAsync(job, inner), token), stoppingToken);
            signal.Ring();
        }
    }

    /// <summary>Whatever goes wrong with one job, the others go on.</summary>
    private async Task<bool> SucceedsAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, typeof(TJob).Name, exception);
            return false;
        }
    }

    [LoggerMessage(EventId = 6121, Level = LogLevel.Error, Message = "Carrying out {Kind} failed; what is unfinished is continued at the next start")]
    private static partial void LogFailed(ILogger logger, string kind, Exception exception);
}
