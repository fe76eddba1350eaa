using System.Security.Cryptography;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Retention.Transfers.Imports;

/// <summary>Stores what the file of an import holds, batch by batch, and goes on where it was after a crash.</summary>
/// <remarks>
/// Position and counts are stored after each batch. The batch that a crash cut off is sent again: what of it was stored is found there by its ids and counts as stored.
/// </remarks>
internal sealed partial class CarryOutImport(
    IImportStore store,
    TransferFiles files,
    TransferRights rights,
    KeyedNames names,
    IChatTransfer chat,
    IMemoryTransfer memory,
    Patience patience,
    IOptions<TransferOptions> options,
    TimeProvider clock,
    ILogger<CarryOutImport> logger)
{
    /// <summary>Times an import is gone on with by itself: one that ends the process each time must not do so for ever.</summary>
    public const int MaxAttempts = 10;

    /// <summary>Carries out what is left of an import that was claimed.</summary>
    public async Task HandleAsync(ImportRecord import, CancellationToken cancellationToken)
    {
        var writing = new ImportWriting(import, names, chat, memory, patience);
        ImportError? error;
        try
        {
            error = import.Attempts > MaxAttempts ? ImportError.Failed : await StoreAsync(writing, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, import.Id, exception);
            error = exception is StorageUnavailableException { DiskFull: true } ? ImportError.DiskFull
                : Patience.MayPass(exception, cancellationToken) ? ImportError.Unavailable
                : exception is CryptographicException ? ImportError.Gone
                : ImportError.Failed;
        }

        var now = clock.GetUtcNow();
        import = writing.Import with
        {
            Status = error is null ? ImportStatus.Completed : ImportStatus.Failed,
            Error = error,
            FinishedAt = now,
            ExpiresAt = error is null ? now : now.AddHours(options.Value.UploadHours),
        };
        var faults = writing.TakeFaults();
        if (!await patience.TryAsync(token => store.UpdateAsync(import, faults, token), cancellationToken) || error is null)
        {
            files.Delete(TransferKind.Imports, import.Id);
        }

        RetentionTelemetry.Imports.Add(1, new("outcome", error is null ? "completed" : "failed"), new("format", ImportNames.Of(import.Format)));
        LogFinished(logger, import.Id, import.TenantId, import.Status, import.Counts.Stored, import.Counts.Failed, error);
    }

    private async Task<ImportError?> StoreAsync(ImportWriting writing, CancellationToken cancellationToken)
    {
        var import = writing.Import;
        if (await patience.TryAsync(token => rights.FindAsync(import.AccountId, import.TenantId, token), cancellationToken) is not { Role: >= TenantRole.Member } access
            || (import.Request.UserId is not null && access.SubjectFor(import.Request.UserId) is null))
        {
            return ImportError.Forbidden;
        }

        if (await files.OpenAsync(TransferKind.Imports, import.Id, import.TenantId, import.OwnerKey, cancellationToken) is not { } file)
        {
            return ImportError.Gone;
        }

        await using (file)
        {
            try
            {
                var position = 0L;
                await foreach (var item in ImportReader.ReadAsync(import.Format, file, cancellationToken))
                {
                    if (++position <= import.Position)
                    {
                        continue;
                    }

                    writing.Add(item);
                    if (writing.IsFull && !await SaveAsync(writing, access, cancellationToken))
                    {
                        return ImportError.Gone;
                    }
                }
            }
            catch (MalformedImportException exception)
            {
                // What came before it is stored.
                await writing.StoreAsync(access, rights.ReachOf(access), cancellationToken);
                writing.AddFault(exception.Place, exception.Message);
                return ImportError.Malformed;
            }
        }

        await writing.StoreAsync(access, rights.ReachOf(access), cancellationToken);
        return null;
    }

    /// <returns>False when the import is gone.</returns>
    private async Task<bool> SaveAsync(ImportWriting writing, TenantAccess access, CancellationToken cancellationToken)
    {
        await writing.StoreAsync(access, rights.ReachOf(access), cancellationToken);
        var faults = writing.TakeFaults();
        return await patience.TryAsync(token => store.UpdateAsync(writing.Import, faults, token), cancellationToken);
    }

    [LoggerMessage(EventId = 6111, Level = LogLevel.Information, Message = "Import {ImportId} of tenant {TenantId}: {Status}, {Stored} stored, {Failed} refused, error {Error}")]
    private static partial void LogFinished(ILogger logger, Guid importId, Guid tenantId, ImportStatus status, long stored, long failed, ImportError? error);

    [LoggerMessage(EventId = 6112, Level = LogLevel.Warning, Message = "Import {ImportId} failed")]
    private static partial void LogFailed(ILogger logger, Guid importId, Exception exception);
}
