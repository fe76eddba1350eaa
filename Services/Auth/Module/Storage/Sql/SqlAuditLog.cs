using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Auth.Storage.Sql;

internal sealed class SqlAuditLog([FromKeyedServices(AuthModule.Name)] ModuleStore database) : IAuditLog
{
    /// <summary>Adds an event in the transaction of what it tells of.</summary>
    public static void Add(StoreSession session, AuditEvent audit)
        => session.Execute(
            "INSERT INTO audit_events (occurred_at, actor_id, tenant_id, action, target_id, outcome) VALUES ($1, $2, $3, $4, $5, $6)",
            audit.OccurredAt,
            audit.ActorId,
            audit.TenantId,
            audit.Action,
            audit.TargetId,
            audit.Outcome);

    public Task AddAsync(AuditEvent audit, CancellationToken cancellationToken)
        => database.Data.WriteAsync(session => Add(session, audit), cancellationToken);

    public Task AddOnceAsync(IReadOnlyList<AuditEvent> audits, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                foreach (var audit in audits)
                {
                    if (session.Scalar(
                        "SELECT 1 FROM audit_events WHERE occurred_at = $1 AND tenant_id = $2 AND target_id = $3 AND action = $4",
                        audit.OccurredAt,
                        audit.TenantId,
                        audit.TargetId,
                        audit.Action) == 0)
                    {
                        Add(session, audit);
                    }
                }
            },
            cancellationToken);

    public async Task<IReadOnlyList<NumberedAuditEvent>> ListAsync(Guid tenantId, long? before, int limit, CancellationToken cancellationToken)
        => await database.Data.ReadAsync(
            session => session.Query(
                """
                SELECT seq, occurred_at, actor_id, tenant_id, action, target_id, outcome FROM audit_events
                WHERE tenant_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3
                """,
                row => new NumberedAuditEvent(
                    row.Int64(0),
                    new AuditEvent(row.Time(1), row.IdOrNull(2), row.IdOrNull(3), row.Text(4), row.IdOrNull(5), row.Text(6))),
                tenantId,
                before ?? long.MaxValue,
                limit),
            cancellationToken);

    public Task RemoveOldAsync(DateTimeOffset before, CancellationToken cancellationToken)
        => database.Data.WriteAsync(session => session.Execute("DELETE FROM audit_events WHERE occurred_at < $1", before), cancellationToken);
}
