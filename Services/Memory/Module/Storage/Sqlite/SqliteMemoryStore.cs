using System.Text.Json;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Memory.Context;
using MemoryMesh.Memory.Processing;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>Keeps memories in the module's SQLite file. What people wrote is sealed with the key of the memory's owner.</summary>
internal sealed partial class SqliteMemoryStore(
    [FromKeyedServices(MemoryModule.Name)] ModuleDatabase database, KeyedNames subjects, MemoryKeys names, OwnerOutlines outlines) : IMemoryStore
{
    /// <summary>Stands for all owners of a tenant in what is noted about owners.</summary>
    private static readonly Guid EveryOwner = Guid.Empty;

    public async Task<AddOutcome> AddAsync(MemoryRecord memory, Actor actor, IdempotentRequest? request, CancellationToken cancellationToken)
    {
        var claim = request is null ? null : await database.PrepareAsync(subjects, request, cancellationToken);
        var key = await database.Keys.GetOrCreateAsync(memory.TenantId, memory.OwnerKey, cancellationToken);
        var values = new SealedMemory(memory, key);
        var history = new SealedHistory(memory.Id, PlannedMemory.FirstEntry(memory, actor), key);
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

    public async Task<IReadOnlyList<RecalledMemory>> RecallAsync(
        Guid tenantId, IReadOnlyCollection<Guid> memoryIds, IReadOnlyCollection<Guid> ownerKeys, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = await database.Data.ReadAsync(
            session => memoryIds.Select(id => session.QueryFirst(RecalledRow.Sql, RecalledRow.Read, tenantId, id, now)).Where(row => row is not null && ownerKeys.Contains(row.OwnerKey)).ToList(),
            cancellationToken);
        var recalled = new List<RecalledMemory>(rows.Count);
        foreach (var row in rows)
        {
            if (await database.Keys.FindAsync(tenantId, row!.OwnerKey, cancellationToken) is { } key)
            {
                recalled.Add(row.Open(key));
            }
        }

        return recalled;
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
                ConversationId = key!.OpenText(row.ConversationId, MemoryPlaces.Source("conversation_id", row.Id)),
                QuoteStart = row.Start,
                QuoteLength = row.Length,
                Quote = key.OpenText(row.Quote, MemoryPlaces.Source("quote", row.Id)),
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
                "SELECT version, event, actor_kind, actor_id, old_text, new_text, at, valid_from, valid_to FROM memory_history WHERE memory_id = $1 ORDER BY version",
                row => (Version: row.Int32(0), Event: (HistoryEvent)row.Int32(1), Actor: new Actor((ActorKind)row.Int32(2), row.IdOrNull(3)), Old: row.BytesOrNull(4), New: row.BytesOrNull(5), At: row.Time(6), From: row.TimeOrNull(7), To: row.TimeOrNull(8)),
                memory.Id),
            cancellationToken);
        var key = await database.Keys.FindAsync(memory.TenantId, memory.OwnerKey, cancellationToken);
        return key is null
            ? []
            : [.. rows.Select(row => new HistoryEntry(
                row.Version,
                row.Event,
                row.Actor,
                key.OpenTextOrNull(row.Old, MemoryPlaces.History("old_text", memory.Id, row.Version)),
                key.OpenTextOrNull(row.New, MemoryPlaces.History("new_text", memory.Id, row.Version)),
                row.At,
                row.From,
                row.To))];
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
        var history = new SealedHistory(
            next.Id, new HistoryEntry(next.Version, HistoryEvent.Update, actor, current.Text, next.Text, next.UpdatedAt, next.ValidFrom, next.End), key);
        var revision = await database.Data.WriteAsync<long?>(
            session =>
            {
                key.ThrowIfDestroyed();
                var changed = session.Execute(
                    """
                    UPDATE memories SET text = $4, metadata = $5, slot = $6, category = $7, category_given = $8, importance = $9, importance_given = $10,
                        text_key = $11, status = $12, error = NULL, attempts = 0, next_attempt_at = $13, derived = $14, version = $15, updated_at = $13,
                        expires_at = $16, inferred = $17, confidence = $18
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
                    next.Version,
                    next.ExpiresAt,
                    next.Inferred,
                    next.Confidence);
                if (changed == 0)
                {
                    return null;
                }

                history.Insert(session);
                BumpRevision(session, next.TenantId, next.OwnerKey);
                return Revision(session, next.TenantId, next.OwnerKey);
            },
            cancellationToken);
        if (revision is null)
        {
            return false;
        }

        outlines.Note(next.TenantId, next.OwnerKey, revision.Value - 1, revision.Value, [next.Id]);
        database.Data.RequestScrub();
        return true;
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

    public Task<IReadOnlyList<Guid>> FindOptedOutAsync(Guid tenantId, IReadOnlyCollection<Guid> subjectKeys, CancellationToken cancellationToken)
        => database.Data.ReadAsync<IReadOnlyList<Guid>>(
            session => [.. subjectKeys.Where(subjectKey => IsOptedOut(session, tenantId, subjectKey))], cancellationToken);

    public Task<SubjectSettings?> FindSettingsAsync(Guid tenantId, Guid subjectKey, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => session.QueryFirst(
                "SELECT opted_out, updated_at, allowed_categories FROM memory_settings WHERE tenant_id = $1 AND subject_key = $2",
                row => new SubjectSettings(row.Bool(0), row.Time(1), SqliteMemoryPolicies.FromJson(row.TextOrNull(2))),
                tenantId,
                subjectKey),
            cancellationToken);

    public Task SaveSettingsAsync(Guid tenantId, Guid subjectKey, SubjectSettings settings, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session => session.Execute(
                """
                INSERT INTO memory_settings (tenant_id, subject_key, opted_out, updated_at, allowed_categories) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (tenant_id, subject_key) DO UPDATE SET opted_out = excluded.opted_out, updated_at = excluded.updated_at,
                    allowed_categories = excluded.allowed_categories
                """,
                tenantId,
                subjectKey,
                settings.OptedOut,
                settings.UpdatedAt,
                SqliteMemoryPolicies.ToJson(settings.AllowedCategories)),
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

    private static byte[]? Bytes(string? hex) => hex is null ? null : Convert.FromHexString(hex);

    private static bool IsOptedOut(SqliteSession session, Guid tenantId, Guid subjectKey)
        => session.Scalar("SELECT opted_out FROM memory_settings WHERE tenant_id = $1 AND subject_key = $2", tenantId, subjectKey) == 1;

    internal static void BumpRevision(SqliteSession session, Guid tenantId, Guid ownerKey)
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
                valid_from, valid_to, superseded_by, version, created_at, updated_at, extract, state, expires_at, superseded_at, evidence, inferred, boost,
                kept_apart, hold_reason, slot_key, confirmed_at, instructions)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, 0, $23, $24, $25, $26, $27, $28, $29,
                $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41)
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
            memory.Extract,
            memory.State,
            memory.ExpiresAt,
            memory.SupersededAt,
            memory.Evidence,
            memory.Inferred,
            memory.Boost,
            memory.KeptApart,
            memory.HoldReason,
            names.SlotKey(memory.TenantId, memory.OwnerKey, MemoryKeys.Narrowing(memory.AgentId, memory.RunId), memory.Slot),
            memory.ConfirmedAt,
            values.Instructions);

    /// <summary>Ends the time a memory holds; an end that was said stays where it is earlier. False when it is not active in that version.</summary>
    private static bool Close(SqliteSession session, Ending ending, DateTimeOffset now)
    {
        var closed = session.Execute(
            """
            UPDATE memories SET valid_to = max(valid_from, min($4, coalesce(expires_at, $4))), superseded_by = $5, status = $6, state = $8, superseded_at = $7, error = NULL,
                attempts = 0, next_attempt_at = NULL, version = version + 1, updated_at = $7
            WHERE tenant_id = $1 AND id = $2 AND version = $3 AND valid_to IS NULL
            """,
            ending.TenantId,
            ending.MemoryId,
            ending.Version,
            ending.ValidTo,
            ending.SupersededBy,
            MemoryStatus.Completed,
            now,
            ending.State) > 0;
        if (closed)
        {
            session.Publish(
                new MemoryChanged
                {
                    TenantId = ending.TenantId, MemoryId = ending.MemoryId, OwnerKey = ending.OwnerKey, Version = ending.Version + 1, Change = "superseded",
                },
                now);
        }

        return closed;
    }

    /// <summary>That a version of a memory ends.</summary>
    private readonly record struct Ending(
        Guid TenantId, Guid OwnerKey, Guid MemoryId, int Version, DateTimeOffset ValidTo, Guid? SupersededBy, MemoryState State);
}
