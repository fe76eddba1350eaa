using MemoryMesh.Retention.Features;
using MemoryMesh.Retention.Storage;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Retention.Scheduling;

/// <summary>Sees to it that erasures end: asks services again whose answer is missing, since their order may be parked, and writes receipts that were cut off.</summary>
internal sealed partial class ErasureWatch(
    IErasureStore store,
    CompleteErasure complete,
    IOptions<RetentionOptions> options,
    TimeProvider clock,
    ILogger<ErasureWatch> logger,
    IHostApplicationLifetime? lifetime = null) : BackgroundService
{
    /// <summary>After as many tries an erasure counts as failed.</summary>
    private const int MostAttempts = 8;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.SettleAsync(stoppingToken);
        var firstWait = TimeSpan.FromSeconds(options.Value.ErasureRetrySeconds);
        using var timer = new PeriodicTimer(firstWait / 4, clock);
        do
        {
            try
            {
                foreach (var answered in await store.AskAgainAsync(firstWait, MostAttempts, stoppingToken))
                {
                    await complete.HandleAsync(answered, stoppingToken);
                }
            }
            catch (StorageUnavailableException exception)
            {
                LogPutOff(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(EventId = 6051, Level = LogLevel.Warning, Message = "Erasures cannot be looked after now; it is tried again")]
    private static partial void LogPutOff(ILogger logger, Exception exception);
}
