using MemoryMesh.Retention.Transfers.Exports;
using MemoryMesh.Retention.Transfers.Imports;

namespace MemoryMesh.Retention.Transfers;

/// <summary>Takes back what exports and imports keep.</summary>
internal sealed class WithdrawTransfers(
    IExportStore exports, IImportStore imports, TransferFiles files, RunningJobs running, JobSignal<ExportRecord> exportSignal, TimeProvider clock)
{
    /// <summary>
    /// Stops the jobs of a tenant and gives up their files, which may hold data that is erased. Exports that were under way begin anew; imports that are
    /// not finished end, for their files could bring back what is erased.
    /// </summary>
    public async Task HandleAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        var stopped = await running.StopTenantAsync(tenantId, cancellationToken);
        await exports.WithdrawAsync(tenantId, stopped, cancellationToken);
        await imports.WithdrawAsync(tenantId, clock.GetUtcNow(), cancellationToken);
        exportSignal.Ring();
    }

    /// <summary>Deletes files whose time is over, and those that no row is about, as a crash may leave them.</summary>
    public async Task DeleteUnneededAsync(CancellationToken cancellationToken)
    {
        // What is there is asked for first: a file is made after its row.
        var exported = files.List(TransferKind.Exports);
        foreach (var id in exported.Except(await exports.FindKeptAsync(exported, cancellationToken)))
        {
            files.Delete(TransferKind.Exports, id);
        }

        var imported = files.List(TransferKind.Imports);
        foreach (var id in imported.Except(await imports.FindKeptAsync(imported, clock.GetUtcNow(), cancellationToken)))
        {
            files.Delete(TransferKind.Imports, id);
        }
    }
}
