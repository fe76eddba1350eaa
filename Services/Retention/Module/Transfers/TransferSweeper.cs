using MemoryMesh.Retention.Transfers.Exports;
using MemoryMesh.Retention.Transfers.Imports;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Retention.Transfers;

/// <summary>Deletes files whose time is over, and those that no row is about, as a crash may leave them.</summary>
internal sealed partial class TransferSweeper(
    IExportStore exports, IImportStore imports, WithdrawTransfers withdraw, TimeProvider clock, ILogger<TransferSweeper> logger, IHostApplicationLifetime? lifetime = null)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>How long it can be seen of an export or an import that its file is gone.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(7);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.SettleAsync(stoppingToken);
        while (true)
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (StorageUnavailableException exception)
            {
                LogFailed(logger, exception.Message);
            }

            await Task.Delay(Interval, clock, stoppingToken);
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await exports.ExpireAsync(now, now - Remembered, cancellationToken);
        await imports.ExpireAsync(now, now - Remembered, cancellationToken);
        await withdraw.DeleteUnneededAsync(cancellationToken);
    }

    [LoggerMessage(EventId = 6131, Level = LogLevel.Warning, Message = "Files of exports and imports could not be looked over ({Reason}); it is tried again")]
    private static partial void LogFailed(ILogger logger, string reason);
}
