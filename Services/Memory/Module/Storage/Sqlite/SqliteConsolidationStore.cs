using MemoryMesh.Memory.Consolidation;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>Keeps consolidations in the module's SQLite file.</summary>
internal sealed class SqliteConsolidationStore([FromKeyedServices(MemoryModule.Name)] ModuleDatabase database, KeyedNames names) : IConsolidationStore
{
    private const string Columns =
        "id, tenant_id, requested_by, dry_run, state, requested_at, started_at, finished_at, cursor, owners, failed, merged, superseded, expired, promoted, approved";

    private const int PurgedAtATime = 200;

    public async Task<ConsolidationRequested> RequestAsync(ConsolidationRun run, IdempotentRequest? request, CancellationToken cancellationToken)
    {
        var claim = request is null ? null : await database.PrepareAsync(names, request, cancellationToken);
        return await database.Data.WriteAsync(
            session =>
            {
                if (claim is not null && IdempotencyTable.Find(session, claim, run.RequestedAt) is { } before)
                {
                    return before.SameRequest
                        ? new ConsolidationRequested(Find(session, run.TenantId, new Guid(before.Answer, bigEndian: true)), Replayed: true)
                        : new ConsolidationRequested(null, KeyReused: true);
                }

                if (!TryInsert(session, run))
                {
                    return new ConsolidationRequested(null);
                }

                if (claim is not null)
                {
                    IdempotencyTable.Add(session, claim, run.Id.ToByteArray(bigEndian: true), run.RequestedAt);
                }

                return new ConsolidationRequested(run);
            },
            cancellationToken);
    }

    public Task<int> ScheduleAsync(DateTimeOffset since, DateTimeOffset now, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session => session.Query(
                """
                SELECT DISTINCT o.tenant_id FROM memory_owners o WHERE o.revision > o.consolidated AND NOT EXISTS (
                    SELECT 1 FROM memory_consolidations c
                    WHERE c.tenant_id = o.tenant_id AND (c.finished_at IS NULL OR (c.requested_by IS NULL AND c.requested_at >= $1)))
                """,
                row => row.Id(0),
                since).Count(tenantId => TryInsert(
                    session, new ConsolidationRun { Id = Guid.CreateVersion7(now), TenantId = tenantId, DryRun = false, RequestedAt = now })),
            cancellationToken);

    public Task<ConsolidationRun?> TryLeaseAsync(Guid leaseId, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                var run = session.QueryFirst(
                    $"SELECT {Columns} FROM memory_consolidations WHERE finished_at IS NULL AND (lease_until IS NULL OR lease_until <= $1) ORDER BY id LIMIT 1", Read, now);
                if (run is null)
                {
                    return null;
                }

                session.Execute(
                    "UPDATE memory_consolidations SET state = $2, started_at = coalesce(started_at, $3), lease_id = $4, lease_until = $5 WHERE id = $1",
                    run.Id,
                    ConsolidationState.Running,
                    now,
                    leaseId,
                    until);
                return Find(session, run.TenantId, run.Id);
            },
            cancellationToken);

    public Task ReleaseAsync(Guid runId, Guid leaseId, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session => session.Execute("UPDATE memory_consolidations SET lease_id = NULL, lease_until = NULL WHERE id = $1 AND lease_id = $2", runId, leaseId), cancellationToken);

    public Task FinishAsync(Guid runId, Guid leaseId, DateTimeOffset now, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session => session.Execute(
                "UPDATE memory_consolidations SET state = $3, finished_at = $4, lease_id = NULL, lease_until = NULL WHERE id = $1 AND lease_id = $2",
                runId,
                leaseId,
                ConsolidationState.Completed,
                now),
            cancellationToken);

    public Task<IReadOnlyList<Guid>> ListOwnersAsync(Guid tenantId, bool changedOnly, Guid? after, int limit, CancellationToken cancellationToken)
        => database.Data.ReadAsync<IReadOnlyList<Guid>>(
            session => session.Query(
                "SELECT owner_key FROM memory_owners WHERE tenant_id = $1 AND owner_key > $2 AND (NOT $3 OR revision > consolidated) ORDER BY owner_key LIMIT $4",
                row => row.Id(0),
                tenantId,

                // The smallest key stands for every owner together.
                after ?? Guid.Empty,
                changedOnly,
                limit),
            cancellationToken);

    public async Task<ConsolidatedOwner> ReadOwnerAsync(Guid tenantId, Guid ownerKey, int limit, CancellationToken cancellationToken)
    {
        var key = await database.Keys.FindAsync(tenantId, ownerKey, cancellationToken);
        return await database.Data.ReadAsync(
            session =>
            {
                var revision = SqliteMemoryStore.Revision(session, tenantId, ownerKey);
                var rows = key is null ? [] : session.Query(
                    $"""
                    SELECT {MemoryRow.Columns} FROM memories
                    WHERE tenant_id = $1 AND owner_key = $2 AND ((valid_to IS NULL AND text_key IS NOT NULL) OR (state = $3 AND hold_reason = $4))
                    ORDER BY updated_at DESC LIMIT $5
                    """,
                    MemoryRow.Read,
                    tenantId,
                    ownerKey,
                    MemoryState.Review,
                    HoldReasons.Inferred,
                    limit);
                return new ConsolidatedOwner(revision, [.. rows.Select(row => row.Open(key!))]);
            },
            cancellationToken);
    }

    public async Task<ConsolidationStepResult> ApplyAsync(ConsolidationStep step, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (run, plan) = (step.Run, step.Plan);
        IReadOnlyList<(MemoryTurn Turn, Action<SqliteSession> Write)> turns = [];
        DataKey? key = null;
        if (!run.DryRun && plan.Turns.Count > 0)
        {
            key = await database.Keys.GetOrCreateAsync(run.TenantId, step.OwnerKey, cancellationToken);
            turns = SqliteMemoryStore.PrepareTurns(plan.Turns, new Actor(ActorKind.Consolidation), now, key);
        }

        var ids = OrderedIds.Create(now, plan.Changes.Count);
        try
        {
            return await database.Data.WriteAsync(
                session =>
                {
                    key?.ThrowIfDestroyed();
                    if (step.Revision is { } revision && SqliteMemoryStore.Revision(session, run.TenantId, step.OwnerKey) != revision)
                    {
                        return ConsolidationStepResult.Stale;
                    }

                    if (!Advance(session, step))
                    {
                        return ConsolidationStepResult.LeaseLost;
                    }

                    SqliteMemoryStore.WriteTurns(session, turns);
                    for (var i = 0; i < ids.Length; i++)
                    {
                        Report(session, step, ids[i], plan.Changes[i]);
                    }

                    if (!run.DryRun && step.Revision is not null)
                    {
                        if (turns.Count > 0)
                        {
                            SqliteMemoryStore.BumpRevision(session, run.TenantId, step.OwnerKey);
                        }

                        session.Execute("UPDATE memory_owners SET consolidated = revision WHERE tenant_id = $1 AND owner_key = $2", run.TenantId, step.OwnerKey);
                    }

                    return ConsolidationStepResult.Done;
                },
                cancellationToken);
        }
        catch (Exception exception) when (exception is StalePlanException or ConflictingTurnException)
        {
            return ConsolidationStepResult.Stale;
        }
    }

    public Task<ConsolidationRun?> FindAsync(Guid tenantId, Guid runId, CancellationToken cancellationToken)
        => database.Data.ReadAsync(session => Find(session, tenantId, runId), cancellationToken);

    public Task<IReadOnlyList<ConsolidationRun>> ListAsync(Guid tenantId, Guid? before, int limit, CancellationToken cancellationToken)
        => database.Data.ReadAsync<IReadOnlyList<ConsolidationRun>>(
            session => session.Query(
                $"SELECT {Columns} FROM memory_consolidations WHERE tenant_id = $1 AND ($2 IS NULL OR id < $2) ORDER BY id DESC LIMIT $3", Read, tenantId, before, limit),
            cancellationToken);

    public Task<IReadOnlyList<ReportedChange>> ListChangesAsync(Guid tenantId, Guid runId, Guid? after, int limit, CancellationToken cancellationToken)
        => database.Data.ReadAsync<IReadOnlyList<ReportedChange>>(
            session => session.Query(
                """
                SELECT id, change, scope, memory_id, into_id FROM memory_consolidation_changes
                WHERE run_id = $2 AND tenant_id = $1 AND ($3 IS NULL OR id > $3) ORDER BY id LIMIT $4
                """,
                row => new ReportedChange(row.Id(0), (ConsolidationChangeKind)row.Int32(1), (MemoryScope)row.Int32(2), row.Id(3), row.IdOrNull(4)),
                tenantId,
                runId,
                after,
                limit),
            cancellationToken);

    public async Task PurgeAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        int deleted;
        do
        {
            deleted = await database.Data.WriteAsync(
                session => session.Execute(
                    "DELETE FROM memory_consolidations WHERE id IN (SELECT id FROM memory_consolidations WHERE finished_at < $1 LIMIT $2)", before, PurgedAtATime),
                cancellationToken);
        }
        while (deleted == PurgedAtATime);
    }

    /// <summary>False when the tenant has a run that has not ended.</summary>
    private static bool TryInsert(SqliteSession session, ConsolidationRun run)
        => session.Scalar("SELECT 1 FROM memory_consolidations WHERE tenant_id = $1 AND finished_at IS NULL", run.TenantId) == 0
            && session.Execute(
                "INSERT INTO memory_consolidations (id, tenant_id, requested_by, dry_run, state, requested_at) VALUES ($1, $2, $3, $4, $5, $6)",
                run.Id,
                run.TenantId,
                run.RequestedBy,
                run.DryRun,
                run.State,
                run.RequestedAt) > 0;

    private static bool Advance(SqliteSession session, ConsolidationStep step)
    {
        int Count(ConsolidationChangeKind kind) => step.Plan.Changes.Count(change => change.Kind == kind);
        return session.Execute(
            """
            UPDATE memory_consolidations SET cursor = $3, lease_until = $4, owners = owners + 1, failed = failed + $5, merged = merged + $6,
                superseded = superseded + $7, expired = expired + $8, promoted = promoted + $9, approved = approved + $10
            WHERE id = $1 AND lease_id = $2 AND finished_at IS NULL
            """,
            step.Run.Id,
            step.LeaseId,
            step.OwnerKey,
            step.LeaseUntil,
            step.Revision is null,
            Count(ConsolidationChangeKind.Merged),
            Count(ConsolidationChangeKind.Superseded),
            Count(ConsolidationChangeKind.Expired),
            Count(ConsolidationChangeKind.Promoted),
            Count(ConsolidationChangeKind.Approved)) > 0;
    }

    private static void Report(SqliteSession session, ConsolidationStep step, Guid id, ConsolidationChange change)
        => session.Execute(
            """
            INSERT INTO memory_consolidation_changes (id, run_id, tenant_id, owner_key, scope, change, memory_id, into_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            id,
            step.Run.Id,
            step.Run.TenantId,
            step.OwnerKey,
            change.Memory.Scope,
            change.Kind,
            change.Memory.Id,
            change.Into?.Id);

    private static ConsolidationRun? Find(SqliteSession session, Guid tenantId, Guid runId)
        => session.QueryFirst($"SELECT {Columns} FROM memory_consolidations WHERE tenant_id = $1 AND id = $2", Read, tenantId, runId);

    private static ConsolidationRun Read(SqliteRow row) => new()
    {
        Id = row.Id(0),
        TenantId = row.Id(1),
        RequestedBy = row.IdOrNull(2),
        DryRun = row.Bool(3),
        State = (ConsolidationState)row.Int32(4),
        RequestedAt = row.Time(5),
        StartedAt = row.TimeOrNull(6),
        FinishedAt = row.TimeOrNull(7),
        Cursor = row.IdOrNull(8),
        Figures = new ConsolidationFigures(row.Int32(9), row.Int32(10), row.Int32(11), row.Int32(12), row.Int32(13), row.Int32(14), row.Int32(15)),
    };
}
