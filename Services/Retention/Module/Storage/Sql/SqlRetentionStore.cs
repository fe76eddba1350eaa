using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Retention.Storage.Sql;

internal sealed class SqlRetentionStore([FromKeyedServices(RetentionModule.Name)] ModuleStore database) : IRetentionStore
{
    private const string PolicyColumns = "tenant_id, max_age_days, importance_below, action, applies_to, enabled, version, updated_at, updated_by";

    private const string RunColumns =
        "id, tenant_id, started_at, finished_at, status, trigger_kind, actor_account_id, max_age_days, importance_below, action, applies_to, messages, memories, error";

    public Task<TenantPolicy?> FindPolicyAsync(Guid tenantId, CancellationToken cancellationToken)
        => database.Data.ReadAsync(session => FindPolicy(session, tenantId), cancellationToken);

    public Task<TenantPolicy?> SavePolicyAsync(Guid tenantId, Func<TenantPolicy?, TenantPolicy?> change, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                if (change(FindPolicy(session, tenantId)) is not { } changed)
                {
                    return null;
                }

                session.Execute(
                    $"""
                    INSERT INTO retention_policies ({PolicyColumns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                    ON CONFLICT (tenant_id) DO UPDATE SET max_age_days = excluded.max_age_days, importance_below = excluded.importance_below,
                        action = excluded.action, applies_to = excluded.applies_to, enabled = excluded.enabled, version = excluded.version,
                        updated_at = excluded.updated_at, updated_by = excluded.updated_by
                    """,
                    tenantId,
                    changed.Policy.MaxAgeDays,
                    changed.Policy.ImportanceBelow,
                    changed.Policy.Action,
                    changed.Policy.AppliesTo,
                    changed.Enabled,
                    changed.Version,
                    changed.UpdatedAt,
                    changed.UpdatedBy);
                return FindPolicy(session, tenantId);
            },
            cancellationToken);

    public Task<(TenantPolicy? Found, bool Deleted)> DeletePolicyAsync(
        Guid tenantId, Func<TenantPolicy, bool> allowed, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                var found = FindPolicy(session, tenantId);
                var delete = found is not null && allowed(found);
                if (delete)
                {
                    session.Execute("DELETE FROM retention_policies WHERE tenant_id = $1", tenantId);
                }

                return (found, delete);
            },
            cancellationToken);

    public Task<IReadOnlyList<Guid>> ListTenantsWithPolicyAsync(Guid? after, int limit, CancellationToken cancellationToken)
        => database.Data.ReadAsync<IReadOnlyList<Guid>>(
            session => session.Query(
                "SELECT tenant_id FROM retention_policies WHERE enabled = 1 AND tenant_id > $1 ORDER BY tenant_id LIMIT $2",
                row => row.Id(0),
                after ?? Guid.Empty,
                limit),
            cancellationToken);

    public Task<bool> TryAddRunAsync(RetentionRun run, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session => session.Execute(
                $"""
                INSERT INTO retention_runs ({RunColumns}) SELECT $1, $2, $3, NULL, $4, $5, $6, $7, $8, $9, $10, 0, 0, NULL
                WHERE NOT EXISTS (SELECT 1 FROM retention_runs WHERE tenant_id = $2 AND status = 1)
                """,
                run.Id,
                run.TenantId,
                run.StartedAt,
                run.Status,
                run.Trigger,
                run.ActorAccountId,
                run.Policy.MaxAgeDays,
                run.Policy.ImportanceBelow,
                run.Policy.Action,
                run.Policy.AppliesTo) == 1,
            cancellationToken);

    public Task<RetentionRun?> FindRunAsync(Guid tenantId, Guid runId, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => session.QueryFirst($"SELECT {RunColumns} FROM retention_runs WHERE id = $1 AND tenant_id = $2", MapRun, runId, tenantId),
            cancellationToken);

    public Task<IReadOnlyList<RetentionRun>> ListRunsAsync(Guid tenantId, Guid? before, int limit, CancellationToken cancellationToken)
        => database.Data.ReadAsync<IReadOnlyList<RetentionRun>>(
            session => session.Query(
                $"SELECT {RunColumns} FROM retention_runs WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
                MapRun,
                tenantId,
                before ?? Guid.AllBitsSet,
                limit),
            cancellationToken);

    public Task<IReadOnlyList<RetentionRun>> ListUnfinishedAsync(CancellationToken cancellationToken)
        => database.Data.ReadAsync<IReadOnlyList<RetentionRun>>(
            session => session.Query($"SELECT {RunColumns} FROM retention_runs WHERE status = 1 ORDER BY id", MapRun), cancellationToken);

    public Task UpdateRunAsync(RetentionRun run, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                session.Execute(
                    "UPDATE retention_runs SET finished_at = $3, status = $4, messages = $5, memories = $6, error = $7 WHERE id = $1 AND tenant_id = $2",
                    run.Id,
                    run.TenantId,
                    run.FinishedAt,
                    run.Status,
                    run.Messages,
                    run.Memories,
                    run.Error);
                if (run is { Status: not RunStatus.Running, FinishedAt: { } finishedAt })
                {
                    session.Publish(
                        new RetentionRunFinished
                        {
                            TenantId = run.TenantId,
                            RunId = run.Id,
                            Completed = run.Status == RunStatus.Completed,
                            Archive = run.Policy.Action == RetentionAction.Archive,
                            Messages = run.Messages,
                            Memories = run.Memories,
                        },
                        finishedAt);
                }
            },
            cancellationToken);

    public Task TrimRunsAsync(DateTimeOffset finishedBefore, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                session.Execute("DELETE FROM retention_runs WHERE finished_at < $1", finishedBefore);
            },
            cancellationToken);

    public Task<DateTimeOffset?> FindLastPassAsync(CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => session.QueryFirst("SELECT started_at FROM retention_passes WHERE id = 1", row => row.TimeOrNull(0)), cancellationToken);

    public Task SaveLastPassAsync(DateTimeOffset startedAt, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                session.Execute(
                    "INSERT INTO retention_passes (id, started_at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET started_at = excluded.started_at", startedAt);
            },
            cancellationToken);

    private static TenantPolicy? FindPolicy(StoreSession session, Guid tenantId)
        => session.QueryFirst(
            $"SELECT {PolicyColumns} FROM retention_policies WHERE tenant_id = $1",
            row => new TenantPolicy
            {
                TenantId = row.Id(0),
                Policy = new RetentionPolicy(row.Int32(1), row.Double(2), (RetentionAction)row.Int32(3), (RetentionTargets)row.Int32(4)),
                Enabled = row.Bool(5),
                Version = row.Int32(6),
                UpdatedAt = row.Time(7),
                UpdatedBy = row.Id(8),
            },
            tenantId);

    private static RetentionRun MapRun(StoreRow row) => new()
    {
        Id = row.Id(0),
        TenantId = row.Id(1),
        StartedAt = row.Time(2),
        FinishedAt = row.TimeOrNull(3),
        Status = (RunStatus)row.Int32(4),
        Trigger = (RunTrigger)row.Int32(5),
        ActorAccountId = row.IdOrNull(6),
        Policy = new RetentionPolicy(row.Int32(7), row.Double(8), (RetentionAction)row.Int32(9), (RetentionTargets)row.Int32(10)),
        Messages = row.Int64(11),
        Memories = row.Int64(12),
        Error = row.IsNull(13) ? null : (RunError)row.Int32(13),
    };
}
