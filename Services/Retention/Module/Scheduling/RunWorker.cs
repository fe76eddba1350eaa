using MemoryMesh.Retention.Features;
using MemoryMesh.Retention.Storage;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Retention.Scheduling;

/// <summary>Carries out runs: first those that the last process left unfinished, then those that are started, a few at a time.</summary>
internal sealed partial class RunWorker(
    IRetentionStore store, RunQueue queue, CarryOutRun carryOutRun, TimeProvider clock, ILogger<RunWorker> logger, IHostApplicationLifetime? lifetime = null) : BackgroundService
{
    private const int RunsAtATime = 2;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.SettleAsync(stoppingToken);
        await UntilReachedAsync(
            async () =>
            {
                foreach (var run in await store.ListUnfinishedAsync(stoppingToken))
                {
                    LogContinued(logger, run.Id);
                    queue.Add(run.TenantId, run.Id);
                }
            },
            stoppingToken);

        var options = new ParallelOptions { MaxDegreeOfParallelism = RunsAtATime, CancellationToken = stoppingToken };
        await Parallel.ForEachAsync(
            queue.ReadAllAsync(stoppingToken),
            options,
            async (run, token) => await UntilReachedAsync(() => carryOutRun.HandleAsync(run.TenantId, run.RunId, token), token));
    }

    /// <summary>Does something as often as it takes: where it was broken off stands in the store.</summary>
    private async Task UntilReachedAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await work();
                return;
            }
            catch (StorageUnavailableException exception)
            {
                LogPutOff(logger, exception.Message);
                await Task.Delay(Rest, clock, cancellationToken);
            }
        }
    }

    [LoggerMessage(EventId = 6021, Level = LogLevel.Information, Message = "Retention run {RunId} was cut off and is continued")]
    private static partial void LogContinued(ILogger logger, Guid runId);

    [LoggerMessage(EventId = 6022, Level = LogLevel.Warning, Message = "Retention runs wait for the store: {Reason}")]
    private static partial void LogPutOff(ILogger logger, string reason);
}
