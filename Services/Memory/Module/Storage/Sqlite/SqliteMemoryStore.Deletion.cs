using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>The part that deletes memories.</summary>
internal sealed partial class SqliteMemoryStore
{
    public async Task<bool> DeleteAsync(
        Guid tenantId, Guid memoryId, int? version, DateTimeOffset now, IdempotentRequest? request, CancellationToken cancellationToken)
    {
        var claim = request is null ? null : await database.PrepareAsync(subjects, request, cancellationToken);
        var gone = new List<Guid>();
        var change = await database.Data.WriteAsync<(Guid OwnerKey, long From, long To)?>(
            session =>
            {
                var ownerKey = session.QueryFirst("SELECT owner_key FROM memories WHERE tenant_id = $1 AND id = $2", row => row.Id(0), tenantId, memoryId);
                var revision = Revision(session, tenantId, ownerKey);
                return (claim is null || IdempotencyTable.Find(session, claim, now) is null)
                    && Delete(session, tenantId, memoryId, now, version, withFacts: true, remember: true, gone)
                    && TryClaim(session, claim, ownerKey, now) ? (ownerKey, revision, Revision(session, tenantId, ownerKey)) : null;
            },
            cancellationToken);
        if (change is not { } done)
        {
            return false;
        }

        outlines.Note(tenantId, done.OwnerKey, done.From, done.To, gone);
        database.Data.RequestScrub();
        return true;
    }

    public async Task<int> DeleteOwnedAsync(Guid tenantId, Guid ownerKey, int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var count = await database.Data.WriteAsync(
            session =>
            {
                var ids = session.Query(
                    "SELECT id FROM memories WHERE tenant_id = $1 AND owner_key = $2 LIMIT $3", row => row.Id(0), tenantId, ownerKey, limit);
                ids.ForEach(id => Delete(session, tenantId, id, now));

                NoteForgotten(session, tenantId, ownerKey, now);
                return ids.Count;
            },
            cancellationToken);
        outlines.Drop(tenantId, ownerKey);
        if (count > 0)
        {
            database.Data.RequestScrub();
        }

        return count;
    }

    public async Task<int> ResetAsync(Guid tenantId, Guid accountId, int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var count = await database.Data.WriteAsync(
            session =>
            {
                var ids = session.Query("SELECT id FROM memories WHERE tenant_id = $1 LIMIT $2", row => row.Id(0), tenantId, limit);
                ids.ForEach(id => Delete(session, tenantId, id, now));

                // Owners of whom nothing is known yet are meant too: what they said may be on its way.
                NoteForgotten(session, tenantId, EveryOwner, now);
                if (ids.Count < limit)
                {
                    session.Execute("DELETE FROM memory_tombstones WHERE tenant_id = $1", tenantId);
                    session.Publish(
                        new AuditRecorded { TenantId = tenantId, ActorId = accountId, Action = "memories.reset", TargetId = tenantId, At = now }, now);
                }

                return ids.Count;
            },
            cancellationToken);
        outlines.Clear();
        database.Data.RequestScrub();
        return count;
    }

    public async Task<int> ApplyRetentionAsync(RetentionOrder order, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = await database.Data.ReadAsync(
            session => session.Query(
                $"""
                SELECT {MemoryRow.Columns} FROM memories
                WHERE tenant_id = $1 AND created_at < $2 AND ($3 IS NULL OR importance < $3) AND (NOT $4 OR valid_to IS NULL) ORDER BY created_at LIMIT $5
                """,
                MemoryRow.Read,
                order.TenantId,
                order.CreatedBefore,
                order.ImportanceBelow,
                order.Archive,
                order.BatchSize),
            cancellationToken);
        if (rows.Count == 0)
        {
            return 0;
        }

        if (!order.Archive)
        {
            await database.Data.WriteAsync(session => rows.ForEach(row => Delete(session, order.TenantId, row.Sealed.Id, now, remember: true)), cancellationToken);
            database.Data.RequestScrub();
            return rows.Count;
        }

        var memories = await OpenAsync(rows, cancellationToken);
        var archives = new List<(MemoryRecord Memory, SealedHistory History)>(memories.Count);
        foreach (var memory in memories)
        {
            var key = await database.Keys.GetOrCreateAsync(memory.TenantId, memory.OwnerKey, cancellationToken);
            var entry = new HistoryEntry(memory.Version + 1, HistoryEvent.Archive, new Actor(ActorKind.Retention), memory.Text, null, now, memory.ValidFrom, now);
            archives.Add((memory, new SealedHistory(memory.Id, entry, key)));
        }

        return await database.Data.WriteAsync(
            session =>
            {
                var count = 0;
                foreach (var (memory, history) in archives)
                {
                    if (Close(session, new Ending(memory.TenantId, memory.OwnerKey, memory.Id, memory.Version, now, null, MemoryState.Archived), now))
                    {
                        history.Insert(session);
                        BumpRevision(session, memory.TenantId, memory.OwnerKey);
                        count++;
                    }
                }

                return count;
            },
            cancellationToken);
    }

    /// <summary>Notes that everything said until a time is forgotten. Counted as a change without a memory too: a decision under way was made before.</summary>
    internal static void NoteForgotten(SqliteSession session, Guid tenantId, Guid ownerKey, DateTimeOffset until)
    {
        BumpRevision(session, tenantId, ownerKey);
        session.Execute("UPDATE memory_owners SET forgotten_at = $3 WHERE tenant_id = $1 AND owner_key = $2", tenantId, ownerKey, until);
    }

    /// <summary>Until when what a subject said is forgotten; null when nothing is.</summary>
    internal static DateTimeOffset? FindForgottenAt(SqliteSession session, Guid tenantId, Guid ownerKey)
        => session.QueryFirst(
            "SELECT MAX(forgotten_at) FROM memory_owners WHERE tenant_id = $1 AND owner_key IN ($2, $3)", row => row.TimeOrNull(0), tenantId, ownerKey, EveryOwner);

    /// <summary>Deletes a memory and notes whose it was.</summary>
    /// <param name="session">The session.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="memoryId">The memory.</param>
    /// <param name="now">The time.</param>
    /// <param name="version">Only this version; null for any.</param>
    /// <param name="withFacts">Whether facts go that were drawn from it and from nothing else.</param>
    /// <param name="remember">Whether what was said before does not bring it back: by a keyed hash of its text.</param>
    /// <param name="gone">Is told what is deleted.</param>
    private static bool Delete(
        SqliteSession session, Guid tenantId, Guid memoryId, DateTimeOffset now, int? version = null, bool withFacts = false, bool remember = false, List<Guid>? gone = null)
    {
        var found = session.QueryFirst(
            "SELECT owner_key, version, scope, text_key FROM memories WHERE tenant_id = $1 AND id = $2",
            row => ((Guid OwnerKey, int Version, int Scope, byte[]? TextKey)?)(row.Id(0), row.Int32(1), row.Int32(2), row.BytesOrNull(3)),
            tenantId,
            memoryId);
        if (found is not { } memory || (version is not null && memory.Version != version))
        {
            return false;
        }

        var facts = session.Query(
            """
            SELECT s.memory_id, m.derived AND NOT EXISTS (SELECT 1 FROM memory_sources o WHERE o.memory_id = s.memory_id AND o.message_id <> s.message_id)
            FROM memory_sources s JOIN memories m ON m.id = s.memory_id WHERE s.tenant_id = $1 AND s.message_id = $2 AND s.from_memory
            """,
            row => (Id: row.Id(0), SaidNowhereElse: row.Bool(1)),
            tenantId,
            memoryId);
        session.Execute("DELETE FROM memory_sources WHERE tenant_id = $1 AND message_id = $2 AND from_memory", tenantId, memoryId);
        if (withFacts)
        {
            facts.Where(fact => fact.SaidNowhereElse).ToList().ForEach(fact => Delete(session, tenantId, fact.Id, now, remember: remember, gone: gone));
        }

        gone?.Add(memoryId);
        session.Execute("DELETE FROM memories WHERE tenant_id = $1 AND id = $2", tenantId, memoryId);
        session.Execute("UPDATE memories SET superseded_by = NULL WHERE tenant_id = $1 AND superseded_by = $2", tenantId, memoryId);
        session.Execute(
            "INSERT OR IGNORE INTO memory_tombstones (tenant_id, memory_id, deleted_at, scope, owner_key, version, text_key) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            tenantId,
            memoryId,
            now,
            memory.Scope,
            memory.OwnerKey,
            memory.Version + 1,
            remember ? memory.TextKey : null);
        BumpRevision(session, tenantId, memory.OwnerKey);
        session.Publish(
            new MemoryChanged { TenantId = tenantId, MemoryId = memoryId, OwnerKey = memory.OwnerKey, Version = memory.Version + 1, Change = "deleted" }, now);
        return true;
    }
}
