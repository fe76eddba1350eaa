using MemoryMesh.Contracts.Events;
using MemoryMesh.Retention.Transfers;
using MemoryMesh.ServiceDefaults.Erasure;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Retention.Storage.Sql;

/// <summary>
/// Erases a subject from Retention: its exports, the files of others that may hold its data, and what requests to erase it named. The requests themselves
/// stay, under the subject's keyed hash.
/// </summary>
internal sealed class SqlRetentionEraser([FromKeyedServices(RetentionModule.Name)] ModuleStore database, WithdrawTransfers transfers)
    : SubjectEraser(database, RetentionTables.All)
{
    /// <summary>Chat and Memory have erased the subject by now: what begins after this reads nothing of it.</summary>
    protected override Task PrepareAsync(SubjectErasureRequested order, CancellationToken cancellationToken)
        => transfers.HandleAsync(order.TenantId, cancellationToken);

    protected override Task CleanAsync(CancellationToken cancellationToken) => transfers.DeleteUnneededAsync(cancellationToken);

    protected override int EraseSomeOfTenant(StoreSession session, Guid tenantId, int limit, ErasedRows rows)
        => session.Execute("UPDATE erasure_requests SET details = NULL WHERE tenant_id = $1 AND details IS NOT NULL", tenantId);

    protected override void EraseLast(StoreSession session, SubjectErasureRequested order, ErasedRows rows, DateTimeOffset now)
    {
        session.Execute("UPDATE erasure_requests SET details = NULL WHERE tenant_id = $1 AND subject_key = $2", order.TenantId, order.SubjectKey);
        rows.Keep(
            "erasure_requests",
            session.Scalar("SELECT count(*) FROM erasure_requests WHERE tenant_id = $1 AND subject_key = $2", order.TenantId, order.SubjectKey));
    }
}
