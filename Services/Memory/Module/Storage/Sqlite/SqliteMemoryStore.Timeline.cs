using MemoryMesh.Contracts.Events;
using MemoryMesh.Memory.Features;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>The part that ends memories and lets them hold again.</summary>
internal sealed partial class SqliteMemoryStore
{
    public async Task<bool?> FindRepeatedAsync(IdempotentRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var claim = await database.PrepareAsync(subjects, request, cancellationToken);
        return await database.Data.ReadAsync(session => IdempotencyTable.Find(session, claim, now)?.SameRequest, cancellationToken);
    }

    public async Task<TurnResult> ChangeAsync(
        IReadOnlyList<MemoryTurn> turns, Actor actor, DateTimeOffset now, IdempotentRequest? request, CancellationToken cancellationToken)
    {
        var claim = request is null ? null : await database.PrepareAsync(subjects, request, cancellationToken);
        var (tenantId, ownerKey) = (turns[0].Current.TenantId, turns[0].Current.OwnerKey);
        var key = await database.Keys.GetOrCreateAsync(tenantId, ownerKey, cancellationToken);

        var writes = PrepareTurns(turns, actor, now, key);
        try
        {
            var revision = await database.Data.WriteAsync<long?>(
                session =>
                {
                    key.ThrowIfDestroyed();
                    if (!TryClaim(session, claim, ownerKey, now))
                    {
                        return null;
                    }

                    WriteTurns(session, writes);
                    BumpRevision(session, tenantId, ownerKey);
                    return Revision(session, tenantId, ownerKey);
                },
                cancellationToken);
            if (revision is null)
            {
                return TurnResult.Stale;
            }

            outlines.Note(tenantId, ownerKey, revision.Value - 1, revision.Value, turns.Select(turn => turn.Current.Id));
            return TurnResult.Done;
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
            if (await ChangeAsync(turns, new Actor(ActorKind.Processing), now, null, cancellationToken) == TurnResult.Done)
            {
                count += turns.Count;
            }
        }

        return count;
    }

    /// <summary>Notes that a request was carried out, in its transaction. False when its key is taken.</summary>
    private static bool TryClaim(SqliteSession session, IdempotencyClaim? claim, Guid ownerKey, DateTimeOffset now)
    {
        if (claim is null)
        {
            return true;
        }

        if (IdempotencyTable.Find(session, claim, now) is not null)
        {
            return false;
        }

        IdempotencyTable.Add(session, claim, [], now, ownerKey);
        return true;
    }

    /// <summary>
    /// Whether a memory that would hold again stands against another: one that says the same, another value of its attribute that holds, or a later one that was true
    /// for a time, which the reopened one would overlap. What is compared with the others first takes its place among earlier values then.
    /// </summary>
    private static bool Contradicts(SqliteSession session, MemoryRecord next)
        => session.Scalar(
            """
            SELECT 1 FROM memories m JOIN memories o ON o.tenant_id = m.tenant_id AND o.owner_key = m.owner_key AND o.id <> m.id
            WHERE m.tenant_id = $1 AND m.id = $2 AND (
                (o.valid_to IS NULL AND (o.text_key = $3 OR (m.single_valued AND o.single_valued AND o.slot_key = m.slot_key)))
                OR ($3 IS NOT NULL AND m.single_valued AND o.single_valued AND o.slot_key = m.slot_key AND o.state IN ($4, $5, $6)
                    AND o.valid_from > m.valid_from AND o.valid_to > o.valid_from))
            LIMIT 1
            """,
            next.TenantId,
            next.Id,
            Bytes(next.TextKey),
            MemoryState.Superseded,
            MemoryState.Archived,
            MemoryState.Expired) == 1;

    /// <summary>Seals what turns need, and orders them: what ends goes first, as no two that say the same may hold at one moment.</summary>
    internal static IReadOnlyList<(MemoryTurn Turn, Action<SqliteSession> Write)> PrepareTurns(
        IEnumerable<MemoryTurn> turns, Actor actor, DateTimeOffset now, ServiceDefaults.Security.DataKey key)
        => [.. turns.OrderBy(turn => turn.Next.Active).Select(turn => (turn, PrepareTurn(turn, actor, now, key)))];

    /// <summary>Writes turns.</summary>
    /// <exception cref="StalePlanException">A version is not the stored one any more.</exception>
    /// <exception cref="ConflictingTurnException">A memory that would hold again stands against another.</exception>
    internal static void WriteTurns(SqliteSession session, IReadOnlyList<(MemoryTurn Turn, Action<SqliteSession> Write)> turns)
    {
        foreach (var ((current, next, _), write) in turns)
        {
            if (next.Active && (!current.Active || next.TextKey != current.TextKey) && Contradicts(session, next))
            {
                throw new ConflictingTurnException();
            }

            write(session);
        }
    }

    private static Action<SqliteSession> PrepareTurn(MemoryTurn turn, Actor actor, DateTimeOffset now, ServiceDefaults.Security.DataKey key)
    {
        var (current, next, change) = turn;
        var text = key.SealText(next.Text, MemoryPlaces.Memory("text", next.Id));
        var metadata = key.SealTextOrNull(next.MetadataJson, MemoryPlaces.Memory("metadata", next.Id));
        var history = new SealedHistory(
            next.Id, new HistoryEntry(next.Version, change, actor, current.Text, next.Active ? next.Text : null, now, next.ValidFrom, next.ValidTo ?? next.ExpiresAt), key);
        return session =>
        {
            Expect(session.Execute(
                """
                UPDATE memories SET text = $4, category = $5, importance = $6, importance_given = $7, confidence = $8, text_key = $9, status = $10, error = NULL, attempts = 0,
                    next_attempt_at = $11, valid_to = $12, expires_at = $13, superseded_by = $14, superseded_at = $15, state = $16, inferred = $17, boost = $18,
                    kept_apart = $19, hold_reason = $20, derived = $21, version = $22, updated_at = $23, category_given = $24, evidence = $25,
                    valid_from = min(valid_from, $26), metadata = coalesce(metadata, $27),
                    confirmed_at = CASE WHEN $28 >= coalesce(confirmed_at, valid_from) THEN $28 ELSE confirmed_at END
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
                next.Evidence,
                next.ValidFrom,
                metadata,
                next.ConfirmedAt));
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
}
