using System.Buffers;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Retention.Transfers.Exports;

/// <summary>Writes the file of an export, page by page. One that was cut off begins anew: what it holds is then of one time.</summary>
internal sealed partial class CarryOutExport(
    IExportStore store,
    TransferFiles files,
    TransferRights rights,
    ExportSources sources,
    Patience patience,
    IOptions<TransferOptions> options,
    TimeProvider clock,
    ILogger<CarryOutExport> logger)
{
    /// <summary>Times an export is begun: one that ends the process each time must not do so for ever.</summary>
    public const int MaxAttempts = 5;

    /// <summary>Carries out an export that was claimed.</summary>
    public async Task HandleAsync(ExportRecord export, CancellationToken cancellationToken)
    {
        ExportError? error;
        try
        {
            (export, error) = export.Attempts > MaxAttempts ? (export, ExportError.Failed) : await WriteAsync(export, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, export.Id, exception);
            error = exception is StorageUnavailableException { DiskFull: true } ? ExportError.DiskFull
                : Patience.MayPass(exception, cancellationToken) ? ExportError.Unavailable
                : ExportError.Failed;
        }

        var now = clock.GetUtcNow();
        export = export with
        {
            Status = error is null ? ExportStatus.Completed : ExportStatus.Failed,
            Error = error,
            FinishedAt = now,
            ExpiresAt = now.AddHours(options.Value.ExportHours),
        };
        if (error is not null)
        {
            files.Delete(TransferKind.Exports, export.Id);
        }

        // Deleted meanwhile: its file goes too.
        if (!await patience.TryAsync(token => store.UpdateAsync(export, token), cancellationToken))
        {
            files.Delete(TransferKind.Exports, export.Id);
        }

        RetentionTelemetry.Exports.Add(1, new("outcome", error is null ? "completed" : "failed"), new("format", ExportNames.Of(export.Format)));
        LogFinished(logger, export.Id, export.TenantId, export.Status, export.Done, export.Size ?? 0, error);
    }

    private async Task<(ExportRecord Export, ExportError? Error)> WriteAsync(ExportRecord export, CancellationToken cancellationToken)
    {
        if (await patience.TryAsync(token => rights.FindAsync(export.AccountId, export.TenantId, token), cancellationToken) is not { } access
            || !rights.MayHave(access, export))
        {
            return (export, ExportError.Forbidden);
        }

        await using var file = await files.CreateAsync(TransferKind.Exports, export.Id, export.TenantId, export.OwnerKey, cancellationToken);
        var buffer = new ArrayBufferWriter<byte>(2 * ExportWriting.FlushSize);
        using var formatter = ExportFormatter.Create(export.Format, buffer);
        var writing = new ExportWriting(sources, export, file, buffer, formatter);
        try
        {
            if (!await writing.RunAsync(cancellationToken))
            {
                return (export, ExportError.Gone);
            }
        }
        catch (ExportTooLargeException)
        {
            return (export, ExportError.TooLarge);
        }

        await file.CompleteAsync(cancellationToken);
        return (writing.Export with { Size = file.Length }, null);
    }

    [LoggerMessage(EventId = 6101, Level = LogLevel.Information, Message = "Export {ExportId} of tenant {TenantId}: {Status}, {Records} records, {Bytes} bytes, error {Error}")]
    private static partial void LogFinished(ILogger logger, Guid exportId, Guid tenantId, ExportStatus status, long records, long bytes, ExportError? error);

    [LoggerMessage(EventId = 6102, Level = LogLevel.Warning, Message = "Export {ExportId} failed")]
    private static partial void LogFailed(ILogger logger, Guid exportId, Exception exception);
}
