using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>The part that exports and imports use.</summary>
internal sealed partial class SqliteMemoryStore
{
    public async Task<(IReadOnlyList<WholeMemory> Memories, Guid? Next)> ListWholeAsync(
        Guid tenantId, Guid? ownerKey, Guid? after, int limit, CancellationToken cancellationToken)
    {
        // The index is named each time: the few memories of an owner are found by it and sorted, those of a tenant are walked in order.
        const string OfAll = $"SELECT {MemoryRow.Columns} FROM memories INDEXED BY memories_of_tenant WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3";
        const string OfOwner =
            $"SELECT {MemoryRow.Columns} FROM memories INDEXED BY memories_owner WHERE tenant_id = $1 AND id > $2 AND owner_key = $4 ORDER BY id LIMIT $3";
        var from = after ?? Guid.Empty;
        var rows = await database.Data.ReadAsync(
            session => ownerKey is { } owner
                ? session.Query(OfOwner, MemoryRow.Read, tenantId, from, limit, owner)
                : session.Query(OfAll, MemoryRow.Read, tenantId, from, limit),
            cancellationToken);
        var found = await OpenAsync(rows, cancellationToken);
        var sources = new Dictionary<Guid, IReadOnlyList<MemorySource>>(found.Count);
        foreach (var owned in found.GroupBy(memory => memory.OwnerKey))
        {
            var ids = owned.Select(memory => memory.Id).ToList();
            var lookup = await ListSourcesAsync(tenantId, owned.Key, ids, cancellationToken);
            ids.ForEach(id => sources[id] = [.. lookup[id]]);
        }

        var whole = new List<WholeMemory>(found.Count);
        foreach (var memory in found)
        {
            whole.Add(new WholeMemory(memory, sources[memory.Id], await ListHistoryAsync(memory, cancellationToken)));
        }

        return (whole, rows.Count == limit ? rows[^1].Sealed.Id : null);
    }

    public Task<long> CountAsync(Guid tenantId, Guid? ownerKey, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => ownerKey is { } owner
                ? session.Scalar("SELECT count(*) FROM memories WHERE tenant_id = $1 AND owner_key = $2", tenantId, owner)
                : session.Scalar("SELECT count(*) FROM memories WHERE tenant_id = $1", tenantId),
            cancellationToken);

    public async Task<ImportStatus[]> ImportAsync(
        IReadOnlyList<(WholeMemory Memory, Guid? SourceId)> memories, bool dryRun, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (dryRun)
        {
            return await database.Data.ReadAsync(
                session => memories.Select(item => Judge(session, item.Memory.Memory, item.SourceId)).ToArray(), cancellationToken);
        }

        var writes = new List<Action<SqliteSession>>(memories.Count);
        foreach (var (whole, _) in memories)
        {
            writes.Add(PrepareImport(whole, await database.Keys.GetOrCreateAsync(whole.Memory.TenantId, whole.Memory.OwnerKey, cancellationToken), now));
        }

        return await database.Data.WriteAsync(
            session =>
            {
                var statuses = new ImportStatus[memories.Count];
                for (var i = 0; i < statuses.Length; i++)
                {
                    statuses[i] = Judge(session, memories[i].Memory.Memory, memories[i].SourceId);
                    if (statuses[i] == ImportStatus.Added)
                    {
                        writes[i](session);
                    }
                }

                return statuses;
            },
            cancellationToken);
    }

    public Task<bool[]> ImportSettingsAsync(
        Guid tenantId, IReadOnlyList<(Guid SubjectKey, SubjectSettings Settings)> settings, bool dryRun, CancellationToken cancellationToken)
    {
        const string IsOlder = "SELECT count(*) FROM memory_settings WHERE tenant_id = $1 AND subject_key = $2 AND updated_at >= $3";
        return dryRun
            ? database.Data.ReadAsync(
                session => settings.Select(item => session.Scalar(IsOlder, tenantId, item.SubjectKey, item.Settings.UpdatedAt) == 0).ToArray(), cancellationToken)
            : database.Data.WriteAsync(
                session => settings.Select(item => session.Execute(
                    """
                    INSERT INTO memory_settings (tenant_id, subject_key, opted_out, updated_at, allowed_categories) VALUES ($1, $2, $3, $4, $5)
                    ON CONFLICT (tenant_id, subject_key) DO UPDATE SET opted_out = excluded.opted_out, updated_at = excluded.updated_at,
                        allowed_categories = excluded.allowed_categories
                    WHERE excluded.updated_at > updated_at
                    """,
                    tenantId,
                    item.SubjectKey,
                    item.Settings.OptedOut,
                    item.Settings.UpdatedAt,
                    SqliteMemoryPolicies.ToJson(item.Settings.AllowedCategories)) == 1).ToArray(),
                cancellationToken);
    }

    private static ImportStatus Judge(SqliteSession session, MemoryRecord memory, Guid? sourceId)
    {
        const string IsThere = "SELECT 1 FROM memories WHERE tenant_id = $1 AND id = $2 AND owner_key = $3";
        return session.Scalar(IsThere, memory.TenantId, memory.Id, memory.OwnerKey) == 1
            || (sourceId is { } original && session.Scalar(IsThere, memory.TenantId, original, memory.OwnerKey) == 1)
            || (memory.Active && session.Scalar(
                "SELECT 1 FROM memories WHERE tenant_id = $1 AND owner_key = $2 AND text_key = $3 AND valid_to IS NULL",
                memory.TenantId,
                memory.OwnerKey,
                Bytes(memory.TextKey)) == 1) ? ImportStatus.Exists
            : memory.Scope == MemoryScope.User && IsOptedOut(session, memory.TenantId, memory.OwnerKey) ? ImportStatus.OptedOut
            : ImportStatus.Added;
    }

    /// <summary>Seals a memory, and answers with what stores it in the transaction.</summary>
    private Action<SqliteSession> PrepareImport(WholeMemory whole, DataKey key, DateTimeOffset now)
    {
        var memory = whole.Memory;
        var values = new SealedMemory(memory, key);
        var history = whole.History.Select(entry => new SealedHistory(memory.Id, entry, key)).ToList();
        var sources = whole.Sources.Select(source => PrepareSource(memory.TenantId, memory.Id, source, key)).ToList();
        return session =>
        {
            key.ThrowIfDestroyed();
            Insert(session, memory, values);
            history.ForEach(entry => entry.Insert(session));
            sources.ForEach(source => source(session));
            BumpRevision(session, memory.TenantId, memory.OwnerKey);
            if (memory.Active)
            {
                Announce(session, memory.TenantId, memory.OwnerKey, memory.Id, memory.Version, now);
            }
        };
    }
}
