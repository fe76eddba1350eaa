using System.Text.Json;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>The part that lists memories: those that hold, those that ended, and how it was at a time.</summary>
internal sealed partial class SqliteMemoryStore
{
    /// <summary>Events after which a memory is held for true: <see cref="HistoryEntry.Believed"/>.</summary>
    private const string Believed = "(1, 2, 7, 11)";

    /// <summary>What an as-of question about the store is answered from: the last version until then, where it was held for true.</summary>
    private const string BelievedThen =
        $"""
         JOIN memory_history h ON h.memory_id = memories.id AND h.version = (SELECT max(p.version) FROM memory_history p WHERE p.memory_id = memories.id AND p.at <= $12)
            AND h.event IN {Believed} AND (h.valid_to IS NULL OR h.valid_to > $12)
        """;

    /// <summary>Memories that were true at a time; what says the same as another, was wrong or is held back is left out.</summary>
    private const string TrueThen = "state NOT IN (3, 6, 7, 8) AND memories.valid_from <= $12 AND coalesce(memories.valid_to, expires_at, $12 + 1) > $12";

    private static bool AsksWhatWasBelieved(MemoryListQuery query) => query is { AsOf: not null, Basis: TimeBasis.System, View: not MemoryView.Held };

    private static readonly string BelievedColumns = $"{MemoryRow.QualifiedColumns}, h.version, h.new_text, h.valid_to";

    private static ListedRow ReadBelieved(SqliteRow row)
        => new(MemoryRow.Read(row), row.Int32(MemoryRow.ColumnCount), row.Bytes(MemoryRow.ColumnCount + 1), row.TimeOrNull(MemoryRow.ColumnCount + 2));

    private static string Filter(MemoryListQuery query)
    {
        var view = query switch
        {
            { View: MemoryView.Held } => "state IN (7, 8) AND ($13 IS NULL OR hold_reason = $13)",
            { AsOf: not null, Basis: TimeBasis.World } => TrueThen,
            { AsOf: not null } => "true",
            { View: MemoryView.Current } => "memories.valid_to IS NULL AND (expires_at IS NULL OR expires_at > $11)",
            { View: MemoryView.WithSuperseded } => "(state = 2 OR (memories.valid_to IS NULL AND (expires_at IS NULL OR expires_at > $11)))",
            _ => "state NOT IN (7, 8)",
        };
        return $"""
             FROM memories{(AsksWhatWasBelieved(query) ? BelievedThen : "")}
            WHERE tenant_id = $1 AND {(query.Owner is null ? "$2 IS NULL" : "owner_key = $2")} AND {view} AND ($3 IS NULL OR status = $3) AND ($4 IS NULL OR category = $4)
              AND ($5 IS NULL OR agent_key = $5) AND ($6 IS NULL OR run_key = $6)
              AND NOT ($7 AND derived AND EXISTS (SELECT 1 FROM memory_sources s WHERE s.memory_id = memories.id AND s.from_memory))
            """;
    }

    public async Task<MemoryPage> ListAsync(MemoryListQuery query, CancellationToken cancellationToken)
    {
        var offset = (long)(query.Page - 1) * query.PageSize;
        var believed = AsksWhatWasBelieved(query);
        var select = ListSql(query, believed);
        object?[] Parameters(long limit, long skip) =>
        [
            query.TenantId, query.Owner?.Key, query.Status, query.Category, names.AgentKey(query.TenantId, query.AgentId), names.RunKey(query.TenantId, query.RunId),
            query.ExcludeFacts, null, limit, skip, query.Now, query.AsOf, query.HoldReason,
        ];
        ListedRow Read(SqliteRow row) => believed ? ReadBelieved(row) : new ListedRow(MemoryRow.Read(row));
        if (query.Search is not { } search)
        {
            var (count, rows) = await database.Data.ReadAsync(
                session => (
                    Count: (int)session.Scalar("SELECT count(*)" + Filter(query), Parameters(0, 0)),
                    Rows: session.Query(select, Read, Parameters(query.PageSize, offset))),
                cancellationToken);
            return new MemoryPage(count, await OpenListedAsync(rows, cancellationToken));
        }

        // Texts are sealed, so every memory of the list is opened; the rows come in its order.
        var all = await database.Data.ReadAsync(session => session.Query(select, Read, Parameters(long.MaxValue, 0)), cancellationToken);
        if (query.Owner is null || believed)
        {
            var opened = (await OpenListedAsync(all, cancellationToken)).FindAll(memory => memory.SearchedText.Contains(search, StringComparison.OrdinalIgnoreCase));
            return new MemoryPage(opened.Count, [.. opened.Skip((int)Math.Min(offset, int.MaxValue)).Take(query.PageSize)]);
        }

        var key = await database.Keys.FindAsync(query.TenantId, query.Owner.Key, cancellationToken);
        if (key is null)
        {
            return new MemoryPage(0, []);
        }

        var found = all.Where(listed => listed.Row.OpenSearched(key).Contains(search, StringComparison.OrdinalIgnoreCase)).ToList();
        return new MemoryPage(found.Count, [.. found.Skip((int)Math.Min(offset, int.MaxValue)).Take(query.PageSize).Select(listed => listed.Row.Open(key))]);
    }

    public async Task<IReadOnlyList<MemoryRecord>> FindBelievedAsync(
        Guid tenantId, IReadOnlyCollection<Guid> memoryIds, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var sql = $"SELECT {BelievedColumns} FROM memories{BelievedThen} WHERE memories.tenant_id = $1 AND memories.id = $2";
        var rows = await database.Data.ReadAsync(
            session => memoryIds.SelectMany(id => session.Query(sql, ReadBelieved, tenantId, id, null, null, null, null, null, null, null, null, null, at)).ToList(),
            cancellationToken);
        return await OpenListedAsync(rows, cancellationToken);
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

    private static string ListSql(MemoryListQuery query, bool believed)
    {
        var column = query.Order switch
        {
            MemoryOrder.UpdatedAt => "updated_at",
            MemoryOrder.Importance => "importance",
            _ => "created_at",
        };
        var direction = query.Descending ? "DESC" : "ASC";
        var columns = believed ? BelievedColumns : MemoryRow.Columns;
        return $"SELECT {columns}{Filter(query)} ORDER BY {column} {direction}, id {direction} LIMIT $9 OFFSET $10";
    }

    /// <summary>Opens listed rows; those whose key is gone are gone themselves.</summary>
    private async Task<List<MemoryRecord>> OpenListedAsync(List<ListedRow> rows, CancellationToken cancellationToken)
    {
        var memories = new List<MemoryRecord>(rows.Count);
        foreach (var listed in rows)
        {
            if (await database.Keys.FindAsync(listed.Row.TenantId, listed.Row.OwnerKey, cancellationToken) is { } key)
            {
                memories.Add(listed.Open(key));
            }
        }

        return memories;
    }

    /// <summary>A row of a list, or a version of it that was held for true at the time asked for.</summary>
    private sealed record ListedRow(MemoryRow Row, int Version = 0, byte[]? Text = null, DateTimeOffset? ValidTo = null)
    {
        public MemoryRecord Open(DataKey key)
        {
            var memory = Row.Open(key);
            return Text is null
                ? memory
                : memory with
                {
                    Version = Version,
                    Text = key.OpenText(Text, MemoryPlaces.History("new_text", memory.Id, Version)),
                    State = MemoryState.Current,
                    ValidTo = null,
                    ExpiresAt = ValidTo,
                    SupersededBy = null,
                    SupersededAt = null,
                };
        }
    }
}
