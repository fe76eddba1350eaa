using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Auth.Storage.Sqlite;

internal sealed class SqliteAuditLog([FromKeyedServices(AuthModule.Name)] ModuleDatabase database) : IAuditLog
{
    /// <summary>Adds an event in the transaction of what it tells of.</summary>
    public static void Add(SqliteSession session, AuditEvent audit)
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

    public Task RemoveOldAsync(DateTimeOffset before, CancellationToken cancellationToken)
        => database.Data.WriteAsync(session => session.Execute("DELETE FROM audit_events WHERE occurred_at < $1", before), cancellationToken);
}
