using MemoryMesh.Contracts.Events;
using MemoryMesh.Memory.Features;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>The part that ends memories and lets them hold again.</summary>
internal sealed partial class SqliteMemoryStore
{
    public async Task<TurnResult> ChangeAsync(IReadOnlyList<MemoryTurn> turns, Actor actor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (tenantId, ownerKey) = (turns[0].Current.TenantId, turns[0].Current.OwnerKey);
        var key = await database.Keys.GetOrCreateAsync(tenantId, ownerKey, cancellationToken);

        // What ends goes first: no two that say the same may hold at one moment.
        var writes = turns.OrderBy(turn => turn.Next.Active).Select(turn => (turn.Next, Write: PrepareTurn(turn, actor, now, key))).ToList();
        try
        {
            return await database.Data.WriteAsync(
                session =>
                {
                    key.ThrowIfDestroyed();
                    foreach (var (next, write) in writes)
                    {
                        if (next.Active && Contradicts(session, next))
                        {
                            throw new ConflictingTurnException();
                        }

                        write(session);
                    }

                    BumpRevision(session, tenantId, ownerKey);
                    return TurnResult.Done;
                },
                cancellationToken);
        }
        catch (StalePlanException)
        {
            return TurnResult.Stale;
        }
        catch (ConflictingTurnException)
        {
            return TurnResult.Conflict;
        }
    }

    public async Task<IReadOnlyList<MemoryRecord>> ListPredecessorsAsync(Guid tenantId, Guid ownerKey, Guid memoryId, CancellationToken cancellationToken)
        => await OpenAsync(
            await database.Data.ReadAsync(
                session => session.Query(
                    $"SELECT {MemoryRow.Columns} FROM memories WHERE superseded_by = $3 AND tenant_id = $1 AND owner_key = $2 ORDER BY superseded_at DESC, id DESC",
                    MemoryRow.Read,
                    tenantId,
                    ownerKey,
                    memoryId),
                cancellationToken),
            cancellationToken);

    public Task<ILookup<Guid, Guid>> ListSupersededIdsAsync(Guid tenantId, IReadOnlyCollection<Guid> memoryIds, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => memoryIds.SelectMany(id => session.Query(
                "SELECT id FROM memories WHERE superseded_by = $2 AND tenant_id = $1 AND state IN ($3, $4)",
                row => (By: id, Id: row.Id(0)),
                tenantId,
                id,
                MemoryState.Superseded,
                MemoryState.Merged)).ToLookup(pair => pair.By, pair => pair.Id),
            cancellationToken);

    public Task<bool> AddFeedbackAsync(MemoryRecord memory, Guid accountId, FeedbackKind kind, DateTimeOffset now, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session => session.Execute(
                """
                INSERT INTO memory_feedback (memory_id, tenant_id, account_id, kind, at)
                SELECT id, tenant_id, $3, $4, $5 FROM memories WHERE tenant_id = $1 AND id = $2
                ON CONFLICT (memory_id, account_id, kind) DO NOTHING
                """,
                memory.TenantId,
                memory.Id,
                accountId,
                kind,
                now) > 0,
            cancellationToken);

    public async Task<int> ExpireAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.Data.ReadAsync(
            session => session.Query(
                $"SELECT {MemoryRow.Columns} FROM memories WHERE expires_at <= $1 AND valid_to IS NULL ORDER BY expires_at LIMIT $2", MemoryRow.Read, now, limit),
            cancellationToken);
        var count = 0;
        foreach (var owned in (await OpenAsync(rows, cancellationToken)).GroupBy(memory => (memory.TenantId, memory.OwnerKey)))
        {
            var turns = owned.Select(memory => new MemoryTurn(memory, memory.Ended(MemoryState.Expired, memory.ExpiresAt!.Value, now), HistoryEvent.Expire)).ToList();
            if (await ChangeAsync(turns, new Actor(ActorKind.Processing), now, cancellationToken) == TurnResult.Done)
            {
                count += turns.Count;
            }
        }

        return count;
    }

    private static bool Contradicts(SqliteSession session, MemoryRecord next)
        => session.Scalar(
            """
            SELECT 1 FROM memories m JOIN memories o ON o.tenant_id = m.tenant_id AND o.owner_key = m.owner_key AND o.id <> m.id AND o.valid_to IS NULL
            WHERE m.tenant_id = $1 AND m.id = $2 AND (o.text_key = $3 OR (m.single_valued AND o.single_valued AND o.slot_key = m.slot_key)) LIMIT 1
            """,
            next.TenantId,
            next.Id,
            Bytes(next.TextKey)) == 1;

    private static Action<SqliteSession> PrepareTurn(MemoryTurn turn, Actor actor, DateTimeOffset now, ServiceDefaults.Security.DataKey key)
    {
        var (current, next, change) = turn;
        var text = key.SealText(next.Text, MemoryRow.Place("text", next.Id));
        var history = new SealedHistory(
            next.Id, new HistoryEntry(next.Version, change, actor, current.Text, next.Active ? next.Text : null, now, next.ValidFrom, next.ValidTo ?? next.ExpiresAt), key);
        return session =>
        {
            Expect(session.Execute(
                """
                UPDATE memories SET text = $4, category = $5, importance = $6, importance_given = $7, confidence = $8, text_key = $9, status = $10, error = NULL, attempts = 0,
                    next_attempt_at = $11, valid_to = $12, expires_at = $13, superseded_by = $14, superseded_at = $15, state = $16, inferred = $17, boost = $18,
                    kept_apart = $19, hold_reason = $20, derived = $21, version = $22, updated_at = $23, category_given = $24, evidence = $25
                WHERE tenant_id = $1 AND id = $2 AND version = $3
                """,
                next.TenantId,
                next.Id,
                current.Version,
                text,
                next.Category,
                next.Importance,
                next.ImportanceGiven,
                next.Confidence,
                Bytes(next.TextKey),
                next.Status,
                next.NextAttemptAt,
                next.ValidTo,
                next.ExpiresAt,
                next.SupersededBy,
                next.SupersededAt,
                next.State,
                next.Inferred,
                next.Boost,
                next.KeptApart,
                next.HoldReason,
                next.Derived,
                next.Version,
                now,
                next.CategoryGiven,
                next.Evidence));
            history.Insert(session);
            if (next.Active && next.TextKey is not null)
            {
                Announce(session, next.TenantId, next.OwnerKey, next.Id, next.Version, now);
            }
            else if (!next.Active)
            {
                session.Publish(
                    new MemoryChanged { TenantId = next.TenantId, MemoryId = next.Id, OwnerKey = next.OwnerKey, Version = next.Version, Change = "superseded" }, now);
            }
        };
    }

    private sealed class ConflictingTurnException : Exception;
}
