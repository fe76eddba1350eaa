using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Retention.Transfers.Exports;

/// <summary>Carries out exports.</summary>
internal sealed class ExportWorker(
    IExportStore store,
    CarryOutExport carryOut,
    IOptions<TransferOptions> options,
    JobSignal<ExportRecord> signal,
    RunningJobs running,
    TimeProvider clock,
    ILogger<ExportWorker> logger,
    IHostApplicationLifetime? lifetime = null) : JobWorker<ExportRecord>(signal, running, clock, logger, lifetime)
{
    protected override int JobsAtATime => options.Value.ExportsAtATime;

    protected override Task RecoverAsync(CancellationToken cancellationToken) => store.RecoverAsync(cancellationToken);

    protected override Task<ExportRecord?> ClaimAsync(CancellationToken cancellationToken) => store.ClaimAsync(cancellationToken);

    protected override (Guid Id, Guid TenantId) IdOf(ExportRecord job) => (job.Id, job.TenantId);

    protected override Task CarryOutAsync(ExportRecord job, CancellationToken cancellationToken) => carryOut.HandleAsync(job, cancellationToken);
}
