using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Retention.Transfers.Imports;

/// <summary>Carries out imports.</summary>
internal sealed class ImportWorker(
    IImportStore store,
    TransferFiles files,
    CarryOutImport carryOut,
    IOptions<TransferOptions> options,
    JobSignal<ImportRecord> signal,
    RunningJobs running,
    TimeProvider clock,
    ILogger<ImportWorker> logger,
    IHostApplicationLifetime? lifetime = null) : JobWorker<ImportRecord>(signal, running, clock, logger, lifetime)
{
    protected override int JobsAtATime => options.Value.ImportsAtATime;

    /// <summary>What of an upload reached the disk before a crash is told by the file alone.</summary>
    protected override async Task RecoverAsync(CancellationToken cancellationToken)
    {
        foreach (var import in await store.RecoverAsync(cancellationToken))
        {
            var length = await files.MeasureAsync(TransferKind.Imports, import.Id, cancellationToken);
            if (length != import.Received)
            {
                await store.ReceivedAsync(import.Id, length, complete: false, import.ExpiresAt, cancellationToken);
            }
        }
    }

    protected override Task<ImportRecord?> ClaimAsync(CancellationToken cancellationToken) => store.ClaimAsync(cancellationToken);

    protected override (Guid Id, Guid TenantId) IdOf(ImportRecord job) => (job.Id, job.TenantId);

    protected override Task CarryOutAsync(ImportRecord job, CancellationToken cancellationToken) => carryOut.HandleAsync(job, cancellationToken);
}
