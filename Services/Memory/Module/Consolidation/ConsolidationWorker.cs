using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory.Consolidation;

/// <summary>Works on runs that were asked for, goes on with those that were stopped, and begins one for each tenant once a day in the configured hour.</summary>
internal sealed class ConsolidationWorker(
    IConsolidationStore store,
    CarryOutConsolidation carryOut,
    IOptions<ConsolidationOptions> options,
    TimeProvider clock,
    ILogger<ConsolidationWorker> logger,
    IHostApplicationLifetime? lifetime = null) : BackgroundService
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly ChangeBell _bell = new();

    /// <summary>Tells that a run was asked for.</summary>
    public void Ring() => _bell.Ring();

    /// <summary>Begins what is due, and works on one run.</summary>
    /// <returns>False when there was none.</returns>
    public async Task<bool> WorkAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (options.Value.Enabled && now.Hour == options.Value.Hour)
        {
            await store.ScheduleAsync(new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero), StoredTime.Now(clock), cancellationToken);
        }

        await store.PurgeAsync(now - TimeSpan.FromDays(options.Value.HistoryDays), cancellationToken);
        var leaseId = Guid.NewGuid();
        if (await store.TryLeaseAsync(leaseId, now, now + CarryOutConsolidation.Lease, cancellationToken) is not { } run)
        {
            return false;
        }

        try
        {
            await carryOut.HandleAsync(run, leaseId, cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            await store.ReleaseAsync(run.Id, leaseId, CancellationToken.None);
            throw;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.SettleAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!await WorkAsync(stoppingToken))
                {
                    await _bell.WaitAsync(LongestWait, clock, stoppingToken);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it was, a server that ended for it would end again at every start.
                Log.ConsolidationStopped(logger, exception);
                await Task.Delay(LongestWait, clock, stoppingToken);
            }
        }
    }
}
