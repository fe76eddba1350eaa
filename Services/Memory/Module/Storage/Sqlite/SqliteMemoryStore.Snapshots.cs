using MemoryMesh.Memory.Processing;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>The part that reads what a decision is made from.</summary>
internal sealed partial class SqliteMemoryStore
{
    /// <summary>Memories that hold and were compared.</summary>
    private const string Comparable = "tenant_id = $1 AND owner_key = $2 AND valid_to IS NULL AND text_key IS NOT NULL AND NOT extract";

    /// <summary>Withdrawn, in review and quarantined, by the index of migration 0068: SQLite takes it only where its very condition stands.</summary>
    private const string Withheld = "INDEXED BY memories_withheld WHERE state IN (6, 7, 8)";

    public async Task<OwnerSnapshot> ReadOwnerAsync(OwnerSnapshotQuery query, CancellationToken cancellationToken)
    {
        var key = await database.Keys.FindAsync(query.TenantId, query.OwnerKey, cancellationToken);
        return await database.Data.ReadAsync(
            session =>
            {
                // Read first: what is read after it may be newer, and then the number has changed.
                var (revision, forgottenAt) = session.QueryFirst(
                    "SELECT COALESCE(SUM(revision), 0), MAX(forgotten_at) FROM memory_owners WHERE tenant_id = $1 AND owner_key IN ($2, $3)",
                    row => (row.Int64(0), row.TimeOrNull(1)),
                    query.TenantId,
                    query.OwnerKey,
                    EveryOwner);
                if (key is null)
                {
                    return new OwnerSnapshot { Revision = revision, ForgottenAt = forgottenAt, Active = [] };
                }

                var linked = query.MessageIds.SelectMany(messageId => session.Query(
                    "SELECT memory_id FROM memory_sources WHERE tenant_id = $1 AND message_id = $2",
                    row => (MessageId: messageId, Row: FindRow(session, query.TenantId, row.Id(0))),
                    query.TenantId,
                    messageId)).Where(link => link.Row?.OwnerKey == query.OwnerKey).ToList();
                var predecessors = linked.Select(link => link.Row!.Sealed.Id).Distinct().SelectMany(id => session.Query(
                    $"SELECT {MemoryRow.Columns} FROM memories WHERE superseded_by = $1 AND tenant_id = $2", row => (Id: id, Row: MemoryRow.Read(row)), id, query.TenantId))
                    .Where(pair => pair.Row.OwnerKey == query.OwnerKey)
                    .Select(pair => (pair.Id, Memory: KnownMemory.Of(pair.Row.Open(key)))).ToList();
                var past = query.Slots.SelectMany(slot => session.Query(
                    $"SELECT {MemoryRow.Columns} FROM memories WHERE tenant_id = $1 AND owner_key = $2 AND slot_key = $3 AND state IN ($4, $5) AND valid_to > valid_from",
                    MemoryRow.Read,
                    query.TenantId,
                    query.OwnerKey,
                    names.SlotKey(query.TenantId, query.OwnerKey, slot.Narrowing, slot.Slot),
                    MemoryState.Superseded,
                    MemoryState.Expired)).ToList();
                return new OwnerSnapshot
                {
                    Revision = revision,
                    ForgottenAt = forgottenAt,
                    Past = [.. past.Select(row => KnownMemory.Of(row.Open(key)))],
                    Barred = Barred(session, query),
                    Held = query.TextKeys.Select(textKey => (TextKey: textKey, Id: session.QueryFirst(
                        $"SELECT id FROM memories {Withheld} AND tenant_id = $1 AND owner_key = $2 AND text_key = $3 AND state IN ($4, $5)",
                        row => (Guid?)row.Id(0),
                        query.TenantId,
                        query.OwnerKey,
                        Bytes(textKey),
                        MemoryState.Review,
                        MemoryState.Quarantined))).Where(held => held.Id is not null).ToDictionary(held => held.TextKey, held => held.Id!.Value),
                    Active = [.. ReadComparable(session, query, key, revision, [.. predecessors.Select(pair => pair.Memory)]).Select(KnownMemory.Of)],
                    Linked = linked.ToLookup(
                        link => link.MessageId,
                        link => new LinkedMemory
                        {
                            Memory = KnownMemory.Of(link.Row!.Open(key)),
                            Active = link.Row.Sealed.Active,
                            SupersededBy = link.Row.Sealed.SupersededBy,
                            Derived = link.Row.Sealed.Derived,
                            SourceCount = (int)session.Scalar("SELECT count(*) FROM memory_sources WHERE memory_id = $1", link.Row.Sealed.Id),
                        }),
                    Predecessors = predecessors.ToLookup(pair => pair.Id, pair => pair.Memory),
                };
            },
            cancellationToken);
    }

    /// <summary>
    /// The memories that a decision compares, of the newest and of those with an equal text: all of them, or as many as it can have to do with, in the same order.
    /// </summary>
    private IEnumerable<MemoryRecord> ReadComparable(
        SqliteSession session, OwnerSnapshotQuery query, DataKey key, long revision, IReadOnlyList<KnownMemory> predecessors)
    {
        var equal = query.TextKeys.Concat(predecessors.Select(memory => memory.TextKey)).Distinct().SelectMany(textKey => session.Query(
            $"SELECT {MemoryRow.Columns} FROM memories WHERE {Comparable} AND text_key = $3", MemoryRow.Read, query.TenantId, query.OwnerKey, Bytes(textKey))).ToList();
        var scope = new DecisionScope(query.Proposals, predecessors, equal.Select(row => row.Sealed.Id));
        var outline = outlines.Find(query.TenantId, query.OwnerKey);
        var found = outline?.ListChanged(revision, query.MaxCompared) is { } changed
            ? outline.Find(revision, query.MaxCompared, scope, changed, ReadOutlines(session, query, key, changed))
            : null;
        var newest = found is null
            ? ReadNewest(session, query, key, revision)
            : found.Select(id => FindRow(session, query.TenantId, id)).OfType<MemoryRow>()
                .Where(row => row.OwnerKey == query.OwnerKey && row.Sealed is { Active: true, TextKey: not null, Extract: false }).Select(row => row.Open(key)).ToList();
        var known = newest.Select(memory => memory.Id).ToHashSet();
        return newest.Concat(equal.Where(row => known.Add(row.Sealed.Id)).Select(row => row.Open(key)));
    }

    private List<MemoryRecord> ReadNewest(SqliteSession session, OwnerSnapshotQuery query, DataKey key, long revision)
    {
        var memories = session.Query(
            $"SELECT {MemoryRow.Columns} FROM memories WHERE {Comparable} ORDER BY updated_at DESC, id DESC LIMIT $3",
            MemoryRow.Read,
            query.TenantId,
            query.OwnerKey,
            outlines.LimitOf(query.MaxCompared)).ConvertAll(row => row.Open(key));
        return outlines.Keep(query, key, revision, memories);
    }

    private static List<MemoryOutline> ReadOutlines(SqliteSession session, OwnerSnapshotQuery query, DataKey key, IReadOnlyCollection<Guid> memoryIds)
        => [.. memoryIds.SelectMany(id => session.Query(
            $"SELECT updated_at, text, slot FROM memories WHERE {Comparable} AND id = $3",
            row => MemoryOutline.Of(
                id, row.Time(0), key.OpenText(row.Bytes(1), MemoryPlaces.Memory("text", id)), key.OpenTextOrNull(row.BytesOrNull(2), MemoryPlaces.Memory("slot", id))),
            query.TenantId,
            query.OwnerKey,
            id))];

    private static Dictionary<string, DateTimeOffset> Barred(SqliteSession session, OwnerSnapshotQuery query)
    {
        var barred = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (var textKey in query.TextKeys)
        {
            var until = session.QueryFirst(
                $"""
                SELECT max(at) FROM (
                    SELECT deleted_at AS at FROM memory_tombstones INDEXED BY memory_tombstones_text WHERE tenant_id = $1 AND owner_key = $2 AND text_key = $3
                    UNION ALL
                    SELECT superseded_at FROM memories {Withheld} AND tenant_id = $1 AND owner_key = $2 AND text_key = $3 AND state = $4)
                """,
                row => row.TimeOrNull(0),
                query.TenantId,
                query.OwnerKey,
                Bytes(textKey),
                MemoryState.Withdrawn);
            if (until is { } time)
            {
                barred[textKey] = time;
            }
        }

        return barred;
    }
}
