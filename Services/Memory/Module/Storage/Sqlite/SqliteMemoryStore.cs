using System.Text.Json;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>Keeps memories in the module's SQLite file. What people wrote is sealed with the key of the memory's owner.</summary>
internal sealed partial class SqliteMemoryStore([FromKeyedServices(MemoryModule.Name)] ModuleDatabase database, KeyedNames subjects, MemoryKeys names) : IMemoryStore
{
    /// <summary>Stands for all owners of a tenant in what is noted about owners.</summary>
    private static readonly Guid EveryOwner = Guid.Empty;

    private static string Filter(MemoryListQuery query) =>
        $"""
         FROM memories
        WHERE tenant_id = $1 AND {(query.Owner is null ? "$2 IS NULL" : "owner_key = $2")} AND ($3 OR valid_to IS NULL) AND ($4 IS NULL OR status = $4) AND ($5 IS NULL OR category = $5)
          AND ($6 IS NULL OR agent_key = $6) AND ($7 IS NULL OR run_key = $7)
          AND NOT ($8 AND derived AND EXISTS (SELECT 1 FROM memory_sources s WHERE s.memory_id = memories.id AND s.from_memory))
        """;

    public async Task<AddOutcome> AddAsync(MemoryRecord memory, Actor actor, IdempotentRequest? request, CancellationToken cancellationToken)
    {
        var claim = request is null ? null : await database.PrepareAsync(subjects, request, cancellationToken);
        var key = await database.Keys.GetOrCreateAsync(memory.TenantId, memory.OwnerKey, cancellationToken);
        var values = new SealedMemory(memory, key);
        var history = new SealedHistory(memory.Id, 1, HistoryEvent.Add, actor, null, memory.Text, memory.CreatedAt, key);
        return await database.Data.WriteAsync(
            session =>
            {
                if (claim is not null && IdempotencyTable.Find(session, claim, memory.CreatedAt) is { } before)
                {
                    return before.SameRequest
                        ? new AddOutcome(Before: JsonSerializer.Deserialize<AddedIdentity>(before.Answer))
                        : new AddOutcome(KeyReused: true);
                }

                if (memory.Scope == MemoryScope.User && IsOptedOut(session, memory.TenantId, memory.OwnerKey))
                {
                    return new AddOutcome(OptedOut: true);
                }

                key.ThrowIfDestroyed();
                Insert(session, memory, values);
                history.Insert(session);
                if (claim is not null)
                {
                    IdempotencyTable.Add(
                        session, claim, JsonSerializer.SerializeToUtf8Bytes(new AddedIdentity(memory.Id, memory.CreatedAt)), memory.CreatedAt, memory.OwnerKey);
                }

                return new AddOutcome();
            },
            cancellationToken);
    }

    public Task<Guid?> FindTenantAsync(Guid memoryId, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => session.QueryFirst("SELECT tenant_id FROM memories WHERE id = $1", row => (Guid?)row.Id(0), memoryId), cancellationToken);

    public async Task<MemoryRecord?> FindAsync(Guid tenantId, Guid memoryId, CancellationToken cancellationToken)
        => await FindManyAsync(tenantId, [memoryId], cancellationToken) is [var memory] ? memory : null;

    public async Task<IReadOnlyList<MemoryRecord>> FindManyAsync(Guid tenantId, IReadOnlyCollection<Guid> memoryIds, CancellationToken cancellationToken)
    {
        var rows = await database.Data.ReadAsync(
            session => memoryIds.Select(id => FindRow(session, tenantId, id)).OfType<MemoryRow>().ToList(), cancellationToken);
        return await OpenAsync(rows, cancellationToken);
    }

    public async Task<MemoryPage> ListAsync(MemoryListQuery query, CancellationToken cancellationToken)
    {
        object?[] filter =
        [
            query.TenantId, query.Owner?.Key, query.IncludeInactive, query.Status, query.Category,
            names.AgentKey(query.TenantId, query.AgentId), names.RunKey(query.TenantId, query.RunId), query.ExcludeFacts,
        ];
        var offset = (long)(query.Page - 1) * query.PageSize;
        var select = ListSql(query);
        if (query.Search is not { } search)
        {
            var (count, rows) = await database.Data.ReadAsync(
                session => (
                    Count: (int)session.Scalar("SELECT count(*)" + Filter(query), filter),
                    Rows: session.Query(select, MemoryRow.Read, [.. filter, query.PageSize, offset])),
                cancellationToken);
            return new MemoryPage(count, await OpenAsync(rows, cancellationToken));
        }

        // Texts are sealed, so every memory of the owner is opened; the rows come in the order of the list.
        var all = await database.Data.ReadAsync(session => session.Query(select, MemoryRow.Read, [.. filter, long.MaxValue, 0L]), cancellationToken);
        if (query.Owner is null)
        {
            var opened = (await OpenAsync(all, cancellationToken)).FindAll(memory => memory.SearchedText.Contains(search, StringComparison.OrdinalIgnoreCase));
            return new MemoryPage(opened.Count, [.. opened.Skip((int)Math.Min(offset, int.MaxValue)).Take(query.PageSize)]);
        }

        var key = await database.Keys.FindAsync(query.TenantId, query.Owner.Key, cancellationToken);
        if (key is null)
        {
            return new MemoryPage(0, []);
        }

        var found = all.Where(row => row.OpenSearched(key).Contains(search, StringComparison.OrdinalIgnoreCase)).ToList();
        return new MemoryPage(found.Count, [.. found.Skip((int)Math.Min(offset, int.MaxValue)).Take(query.PageSize).Select(row => row.Open(key))]);
    }

    public async Task<IReadOnlyList<MemoryRecord>> ListImportantAsync(
        Guid tenantId, Guid ownerKey, IReadOnlyCollection<string>? categories, int limit, CancellationToken cancellationToken)
    {
        const string Sql = $"SELECT {MemoryRow.Columns} FROM memories WHERE tenant_id = $1 AND owner_key = $2 AND valid_to IS NULL";
        const string Order = " ORDER BY importance DESC, updated_at DESC, id DESC LIMIT ";
        var rows = await database.Data.ReadAsync(
            session => categories is null
                ? session.Query(Sql + Order + "$3", MemoryRow.Read, tenantId, ownerKey, limit)
                : session.Query(
                    Sql + " AND category IN (SELECT value FROM json_each($3))" + Order + "$4",
                    MemoryRow.Read,
                    tenantId,
                    ownerKey,
                    JsonSerializer.Serialize(categories),
                    limit),
            cancellationToken);
        return await OpenAsync(rows, cancellationToken);
    }

    public async Task<ILookup<Guid, MemorySource>> ListSourcesAsync(
        Guid tenantId, Guid ownerKey, IReadOnlyCollection<Guid> memoryIds, CancellationToken cancellationToken)
    {
        var rows = await database.Data.ReadAsync(
            session => memoryIds.SelectMany(memoryId => session.Query(
                """
                SELECT id, message_id, conversation_key, conversation_id, quote_start, quote_length, quote, from_memory FROM memory_sources
                WHERE memory_id = $1 AND tenant_id = $2 ORDER BY id
                """,
                row => (MemoryId: memoryId, Id: row.Id(0), MessageId: row.Id(1), ConversationKey: row.Id(2), ConversationId: row.Bytes(3), Start: row.Int32(4), Length: row.Int32(5), Quote: row.Bytes(6), FromMemory: row.Bool(7)),
                memoryId,
                tenantId)).ToList(),
            cancellationToken);
        var key = rows.Count == 0 ? null : await database.Keys.FindAsync(tenantId, ownerKey, cancellationToken);
        return (key is null ? [] : rows).ToLookup(
            row => row.MemoryId,
            row => new MemorySource
            {
                MessageId = row.MessageId,
                FromMemory = row.FromMemory,
                ConversationKey = row.ConversationKey,
                ConversationId = key!.OpenText(row.ConversationId, SourcePlace("conversation_id", row.Id)),
                QuoteStart = row.Start,
                QuoteLength = row.Length,
                Quote = key.OpenText(row.Quote, SourcePlace("quote", row.Id)),
            });
    }

    public async Task<ILookup<Guid, MemoryRecord>> ListFactsAsync(
        Guid tenantId, Guid ownerKey, IReadOnlyCollection<Guid> memoryIds, CancellationToken cancellationToken)
    {
        var rows = await database.Data.ReadAsync(
            session => memoryIds.SelectMany(memoryId => session.Query(
                "SELECT memory_id FROM memory_sources WHERE tenant_id = $1 AND message_id = $2 AND from_memory ORDER BY quote_start, id", row => row.Id(0), tenantId, memoryId)
                .Select(factId => (Drawn: memoryId, Fact: FindRow(session, tenantId, factId)))).Where(pair => pair.Fact?.OwnerKey == ownerKey && pair.Fact.Sealed.Active).ToList(),
            cancellationToken);
        var key = rows.Count == 0 ? null : await database.Keys.FindAsync(tenantId, ownerKey, cancellationToken);
        return (key is null ? [] : rows).ToLookup(pair => pair.Drawn, pair => pair.Fact!.Open(key!));
    }

    public async Task<IReadOnlyList<HistoryEntry>> ListHistoryAsync(MemoryRecord memory, CancellationToken cancellationToken)
    {
        var rows = await database.Data.ReadAsync(
            session => session.Query(
                "SELECT version, event, actor_kind, actor_id, old_text, new_text, at FROM memory_history WHERE memory_id = $1 ORDER BY version",
                row => (Version: row.Int32(0), Event: (HistoryEvent)row.Int32(1), Actor: new Actor((ActorKind)row.Int32(2), row.IdOrNull(3)), Old: row.BytesOrNull(4), New: row.BytesOrNull(5), At: row.Time(6)),
                memory.Id),
            cancellationToken);
        var key = await database.Keys.FindAsync(memory.TenantId, memory.OwnerKey, cancellationToken);
        return key is null
            ? []
            : [.. rows.Select(row => new HistoryEntry(
                row.Version,
                row.Event,
                row.Actor,
                key.OpenTextOrNull(row.Old, SealedHistory.Place("old_text", memory.Id, row.Version)),
                key.OpenTextOrNull(row.New, SealedHistory.Place("new_text", memory.Id, row.Version)),
                row.At))];
    }

    public Task<DeletedMemory?> FindDeletedAsync(Guid memoryId, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => session.QueryFirst(
                "SELECT tenant_id, scope, owner_key, version, deleted_at FROM memory_tombstones WHERE memory_id = $1 AND owner_key IS NOT NULL",
                row => new DeletedMemory(row.Id(0), (MemoryScope)row.Int32(1), row.Id(2), row.Int32(3), row.Time(4)),
                memoryId),
            cancellationToken);

    public async Task<bool> ReplaceAsync(MemoryRecord current, MemoryRecord next, Actor actor, CancellationToken cancellationToken)
    {
        var key = await database.Keys.GetOrCreateAsync(next.TenantId, next.OwnerKey, cancellationToken);
        var values = new SealedMemory(next, key);
        var history = new SealedHistory(next.Id, next.Version, HistoryEvent.Update, actor, current.Text, next.Text, next.UpdatedAt, key);
        var replaced = await database.Data.WriteAsync(
            session =>
            {
                key.ThrowIfDestroyed();
                var changed = session.Execute(
                    """
                    UPDATE memories SET text = $4, metadata = $5, slot = $6, category = $7, category_given = $8, importance = $9, importance_given = $10,
                        text_key = $11, status = $12, error = NULL, attempts = 0, next_attempt_at = $13, derived = $14, version = $15, updated_at = $13
                    WHERE tenant_id = $1 AND id = $2 AND version = $3 AND valid_to IS NULL
                    """,
                    next.TenantId,
                    next.Id,
                    current.Version,
                    values.Text,
                    values.Metadata,
                    values.Slot,
                    next.Category,
                    next.CategoryGiven,
                    next.Importance,
                    next.ImportanceGiven,
                    Bytes(next.TextKey),
                    next.Status,
                    next.UpdatedAt,
                    next.Derived,
                    next.Version);
                if (changed == 0)
                {
                    return false;
                }

                history.Insert(session);
                BumpRevision(session, next.TenantId, next.OwnerKey);
                return true;
            },
            cancellationToken);
        if (replaced)
        {
            database.Data.RequestScrub();
        }

        return replaced;
    }

    public Task<bool> RetryAsync(Guid tenantId, Guid memoryId, DateTimeOffset now, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session => session.Execute(
                "UPDATE memories SET status = $3, attempts = 0, next_attempt_at = $4 WHERE tenant_id = $1 AND id = $2 AND status = $5",
                tenantId,
                memoryId,
                MemoryStatus.Pending,
                now,
                MemoryStatus.Failed) > 0,
            cancellationToken);

    public async Task<bool> DeleteAsync(Guid tenantId, Guid memoryId, int? version, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var deleted = await database.Data.WriteAsync(session => Delete(session, tenantId, memoryId, now, version, withFacts: true), cancellationToken);
        if (deleted)
        {
            database.Data.RequestScrub();
        }

        return deleted;
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
            await database.Data.WriteAsync(session => rows.ForEach(row => Delete(session, order.TenantId, row.Sealed.Id, now)), cancellationToken);
            database.Data.RequestScrub();
            return rows.Count;
        }

        var memories = await OpenAsync(rows, cancellationToken);
        var archives = new List<(MemoryRecord Memory, SealedHistory History)>(memories.Count);
        foreach (var memory in memories)
        {
            var key = await database.Keys.GetOrCreateAsync(memory.TenantId, memory.OwnerKey, cancellationToken);
            archives.Add((memory, new SealedHistory(memory.Id, memory.Version + 1, HistoryEvent.Archive, new Actor(ActorKind.Retention), memory.Text, null, now, key)));
        }

        return await database.Data.WriteAsync(
            session =>
            {
                var count = 0;
                foreach (var (memory, history) in archives)
                {
                    if (Close(session, memory.TenantId, memory.OwnerKey, memory.Id, memory.Version, now, null, now))
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

    public Task<IReadOnlyList<Guid>> FindOptedOutAsync(Guid tenantId, IReadOnlyCollection<Guid> subjectKeys, CancellationToken cancellationToken)
        => database.Data.ReadAsync<IReadOnlyList<Guid>>(
            session => [.. subjectKeys.Where(subjectKey => IsOptedOut(session, tenantId, subjectKey))], cancellationToken);

    public Task<SubjectSettings?> FindSettingsAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => session.QueryFirst(
                "SELECT opted_out, updated_at FROM memory_settings WHERE tenant_id = $1 AND subject_key = $2",
                row => new SubjectSettings(row.Bool(0), row.Time(1)),
                tenantId,
                subjectKey),
            cancellationToken);

    public Task SaveSettingsAsync(Guid tenantId, Guid subjectKey, SubjectSettings settings, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session => session.Execute(
                """
                INSERT INTO memory_settings (tenant_id, subject_key, opted_out, updated_at) VALUES ($1, $2, $3, $4)
                ON CONFLICT (tenant_id, subject_key) DO UPDATE SET opted_out = excluded.opted_out, updated_at = excluded.updated_at
                """,
                tenantId,
                subjectKey,
                settings.OptedOut,
                settings.UpdatedAt),
            cancellationToken);

    public Task<int> CountFromConversationAsync(Guid tenantId, Guid conversationKey, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => (int)session.Scalar(
                """
                SELECT count(DISTINCT s.memory_id) FROM memory_sources s JOIN memories m ON m.id = s.memory_id
                WHERE s.tenant_id = $1 AND s.conversation_key = $2 AND m.valid_to IS NULL
                """,
                tenantId,
                conversationKey),
            cancellationToken);

    /// <summary>Notes that everything said until a time is forgotten. Counted as a change without a memory too: a decision under way was made before.</summary>
    internal static void NoteForgotten(SqliteSession session, Guid tenantId, Guid ownerKey, DateTimeOffset until)
    {
        BumpRevision(session, tenantId, ownerKey);
        session.Execute("UPDATE memory_owners SET forgotten_at = $3 WHERE tenant_id = $1 AND owner_key = $2", tenantId, ownerKey, until);
    }

    private static string ListSql(MemoryListQuery query)
    {
        var column = query.Order switch
        {
            MemoryOrder.UpdatedAt => "updated_at",
            MemoryOrder.Importance => "importance",
            _ => "created_at",
        };
        var direction = query.Descending ? "DESC" : "ASC";
        return $"SELECT {MemoryRow.Columns}{Filter(query)} ORDER BY {column} {direction}, id {direction} LIMIT $9 OFFSET $10";
    }

    private static MemoryRow? FindRow(SqliteSession session, Guid tenantId, Guid memoryId)
        => session.QueryFirst($"SELECT {MemoryRow.Columns} FROM memories WHERE tenant_id = $1 AND id = $2", MemoryRow.Read, tenantId, memoryId);

    /// <summary>Opens rows of any owners; those whose key is gone are gone themselves.</summary>
    private async Task<List<MemoryRecord>> OpenAsync(List<MemoryRow> rows, CancellationToken cancellationToken)
    {
        var memories = new List<MemoryRecord>(rows.Count);
        foreach (var row in rows)
        {
            if (await database.Keys.FindAsync(row.TenantId, row.OwnerKey, cancellationToken) is { } key)
            {
                memories.Add(row.Open(key));
            }
        }

        return memories;
    }

    private static RowIdentity SourcePlace(string column, Guid sourceId) => new("memory_sources", column, sourceId);

    private static byte[]? Bytes(string? hex) => hex is null ? null : Convert.FromHexString(hex);

    private static bool IsOptedOut(SqliteSession session, Guid tenantId, Guid subjectKey)
        => session.Scalar("SELECT opted_out FROM memory_settings WHERE tenant_id = $1 AND subject_key = $2", tenantId, subjectKey) == 1;

    private static void BumpRevision(SqliteSession session, Guid tenantId, Guid ownerKey)
        => session.Execute(
            """
            INSERT INTO memory_owners (tenant_id, owner_key, revision) VALUES ($1, $2, 1)
            ON CONFLICT (tenant_id, owner_key) DO UPDATE SET revision = revision + 1
            """,
            tenantId,
            ownerKey);

    private void Insert(SqliteSession session, MemoryRecord memory, SealedMemory values)
        => session.Execute(
            """
            INSERT INTO memories (id, tenant_id, scope, owner_key, agent_key, run_key, created_by, derived, text, metadata, user_id, agent_id, run_id,
                category, category_given, importance, importance_given, confidence, slot, single_valued, text_key, status, attempts, next_attempt_at,
                valid_from, valid_to, superseded_by, version, created_at, updated_at, extract)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, 0, $23, $24, $25, $26, $27, $28, $29, $30)
            """,
            memory.Id,
            memory.TenantId,
            memory.Scope,
            memory.OwnerKey,
            names.AgentKey(memory.TenantId, memory.AgentId),
            names.RunKey(memory.TenantId, memory.RunId),
            memory.CreatedBy,
            memory.Derived,
            values.Text,
            values.Metadata,
            values.UserId,
            values.AgentId,
            values.RunId,
            memory.Category,
            memory.CategoryGiven,
            memory.Importance,
            memory.ImportanceGiven,
            memory.Confidence,
            values.Slot,
            memory.SingleValued,
            Bytes(memory.TextKey),
            memory.Status,
            memory.NextAttemptAt,
            memory.ValidFrom,
            memory.ValidTo,
            memory.SupersededBy,
            memory.Version,
            memory.CreatedAt,
            memory.UpdatedAt,
            memory.Extract);

    private static bool Delete(SqliteSession session, Guid tenantId, Guid memoryId, DateTimeOffset now, int? version = null, bool withFacts = false)
    {
        var found = session.QueryFirst(
            "SELECT owner_key, version, scope FROM memories WHERE tenant_id = $1 AND id = $2",
            row => ((Guid OwnerKey, int Version, int Scope)?)(row.Id(0), row.Int32(1), row.Int32(2)),
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
            facts.Where(fact => fact.SaidNowhereElse).ToList().ForEach(fact => Delete(session, tenantId, fact.Id, now));
        }

        session.Execute("DELETE FROM memories WHERE tenant_id = $1 AND id = $2", tenantId, memoryId);
        session.Execute("UPDATE memories SET superseded_by = NULL WHERE tenant_id = $1 AND superseded_by = $2", tenantId, memoryId);
        session.Execute(
            "INSERT OR IGNORE INTO memory_tombstones (tenant_id, memory_id, deleted_at, scope, owner_key, version) VALUES ($1, $2, $3, $4, $5, $6)",
            tenantId,
            memoryId,
            now,
            memory.Scope,
            memory.OwnerKey,
            memory.Version + 1);
        BumpRevision(session, tenantId, memory.OwnerKey);
        session.Publish(
            new MemoryChanged { TenantId = tenantId, MemoryId = memoryId, OwnerKey = memory.OwnerKey, Version = memory.Version + 1, Change = "deleted" }, now);
        return true;
    }

    /// <summary>Ends the time a memory holds. False when it is not active in that version.</summary>
    private static bool Close(
        SqliteSession session, Guid tenantId, Guid ownerKey, Guid memoryId, int version, DateTimeOffset validTo, Guid? supersededBy, DateTimeOffset now)
    {
        var closed = session.Execute(
            """
            UPDATE memories SET valid_to = $4, superseded_by = $5, status = $6, error = NULL, attempts = 0, next_attempt_at = NULL, version = version + 1, updated_at = $7
            WHERE tenant_id = $1 AND id = $2 AND version = $3 AND valid_to IS NULL
            """,
            tenantId,
            memoryId,
            version,
            validTo,
            supersededBy,
            MemoryStatus.Completed,
            now) > 0;
        if (closed)
        {
            session.Publish(
                new MemoryChanged { TenantId = tenantId, MemoryId = memoryId, OwnerKey = ownerKey, Version = version + 1, Change = "superseded" }, now);
        }

        return closed;
    }
}
