using MemoryMesh.Retention.Features;
using MemoryMesh.Retention.Storage;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Retention.Scheduling;

/// <summary>Carries out runs: first those that the last process left unfinished, then those that are started, a few at a time.</summary>
internal sealed partial class RunWorker(
    IRetentionStore store, RunQueue queue, CarryOutRun carryOutRun, ILogger<RunWorker> logger, IHostApplicationLifetime? lifetime = null) : BackgroundService
{
    private const int RunsAtATime = 2;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.SettleAsync(stoppingToken);
        foreach (var run in await store.ListUnfinishedAsync(stoppingToken))
        {
            LogContinued(logger, run.Id);
            queue.Add(run.TenantId, run.Id);
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = RunsAtATime, CancellationToken = stoppingToken };
        await Parallel.ForEachAsync(queue.ReadAllAsync(stoppingToken), options, async (run, token) =>
        {
            try
            {
                await carryOutRun.HandleAsync(run.TenantId, run.RunId, token);
            }
            catch (StorageUnavailableException exception)
            {
                LogPutOff(logger, run.RunId, exception);
            }
        });
    }

    [LoggerMessage(EventId = 6021, Level = LogLevel.Information, Message = "Retention run {RunId} was cut off and is continued")]
    private static partial void LogContinued(ILogger logger, Guid runId);

    [LoggerMessage(EventId = 6022, Level = LogLevel.Error, Message = "Retention run {RunId} cannot be read; it is continued at the next start")]
    private static partial void LogPutOff(ILogger logger, Guid runId, Exception exception);
}
