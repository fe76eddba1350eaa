using System.Text;
using System.Text.Json;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Contracts.Search;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Ranking;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Storage.Sqlite;

/// <summary>The index in SQLite: FTS5 over keyed hashes of the terms, ranked by <see cref="TenantBm25"/>.</summary>
internal sealed class SqliteItemIndex(
    [FromKeyedServices(SearchModule.Name)] ModuleDatabase database, KeyRing ring, IOptions<SearchOptions> options, TimeProvider clock) : IItemIndex
{
    /// <summary>With more owners than this, the rows are filtered after the match: a long OR costs more than it saves.</summary>
    private const int MostOwnerTerms = 64;

    /// <summary>Index pages one step of a rewriting may write: some 10 ms, so that other writes go on between the steps.</summary>
    private const int CleanStepPages = 200;

    private const string Columns = "i.item_id, i.owner_key, i.role, i.created_at, i.importance";
    private const string OwnerIsAllowed = "($5 IS NULL OR hex(i.owner_key) IN (SELECT value FROM json_each($5)))";

    private const string Totals = "FROM index_totals WHERE tenant_id = $3 AND kind IN ($4, $6)";
    private const string Score = $"tenant_bm25(terms, (SELECT SUM(items) {Totals}), (SELECT CAST(SUM(term_count) AS REAL) / SUM(items) {Totals}))";

    /// <summary>When every filter is a term: the match orders and cuts, and only what is left is looked up.</summary>
    private const string FindByTerms = $"""
        SELECT {Columns}, f.score
        FROM (SELECT rowid AS id, {Score} AS score FROM terms WHERE terms MATCH $1 ORDER BY score LIMIT $2) f
        CROSS JOIN indexed_items i ON i.id = f.id
        WHERE i.tenant_id = $3 AND i.kind IN ($4, $6) AND {OwnerIsAllowed}
        """;

    /// <summary>When a row's own values decide too: they are looked up for all that match.</summary>
    private const string FindByTermsAndValues = $"""
        SELECT {Columns}, {Score} AS score
        FROM terms CROSS JOIN indexed_items i ON i.id = terms.rowid
        WHERE terms MATCH $1 AND i.tenant_id = $3 AND i.kind IN ($4, $6) AND {OwnerIsAllowed}
            AND ($7 IS NULL OR i.created_at >= $7) AND ($8 IS NULL OR i.created_at <= $8)
            AND ($9 IS NULL OR $9 <= COALESCE(i.importance, CASE i.role WHEN 1 THEN $10 WHEN 2 THEN $11 WHEN 3 THEN $12 WHEN 4 THEN $13 ELSE 0.5 END))
        ORDER BY score LIMIT $2
        """;

    private readonly SqliteDatabase _data = database.Data;

    public async Task<AppliedChanges> ApplyAsync(
        IReadOnlyList<IndexEntry> entries, IReadOnlyList<ItemReference> removals, CancellationToken cancellationToken)
    {
        if (entries.Count == 0 && removals.Count == 0)
        {
            return new(0, []);
        }

        var hashed = Hash(entries);
        var applied = await _data.WriteAsync(
            session =>
            {
                var count = 0;
                var removed = new List<(PartitionKey, Guid)>();
                foreach (var row in hashed)
                {
                    count += Upsert(session, row, removed);
                }

                PublishIndexed(session, entries);
                foreach (var removal in removals)
                {
                    if (Remove(session, removal) is { } partition)
                    {
                        removed.Add((partition, removal.ItemId));
                        count++;
                    }
                }

                if (count > 0)
                {
                    session.Execute("UPDATE index_cleaning SET removals = removals + $1", count);
                }

                return new AppliedChanges(count, removed);
            },
            cancellationToken);
        if (applied.Cleared > 0)
        {
            _data.RequestScrub();
        }

        return applied;
    }

    public Task<IReadOnlyList<ScoredItem>> FindAsync(
        ItemFilter filter, IReadOnlyList<string> terms, int limit, CancellationToken cancellationToken)
    {
        if (filter.OwnerKeys is { Count: 0 })
        {
            return Task.FromResult<IReadOnlyList<ScoredItem>>([]);
        }

        var match = Match(filter, terms);
        var owners = filter.OwnerKeys is null
            ? null
            : JsonSerializer.Serialize(filter.OwnerKeys.Select(key => Convert.ToHexString(key.ToByteArray(bigEndian: true))));
        var byValues = filter.From is not null || filter.To is not null || filter.MinImportance is not null || filter.OwnerKeys?.Count > MostOwnerTerms;
        return _data.ReadAsync<IReadOnlyList<ScoredItem>>(
            session =>
            {
                static ScoredItem Map(SqliteRow row)
                    => new(new Candidate(row.Id(0), row.Id(1), (MessageRole)row.Int32(2), row.Time(3), row.Double(4)), -row.Double(5)!.Value);

                session.Extend(TenantBm25.Register);
                return byValues
                    ? session.Query(
                        FindByTermsAndValues,
                        Map,
                        match,
                        limit,
                        filter.TenantId,
                        filter.Kind,
                        owners,
                        filter.AlsoKind,
                        filter.From,
                        filter.To,
                        filter.MinImportance,
                        ImportanceRule.OfRole(MessageRole.User, options.Value),
                        ImportanceRule.OfRole(MessageRole.Assistant, options.Value),
                        ImportanceRule.OfRole(MessageRole.System, options.Value),
                        ImportanceRule.OfRole(MessageRole.Tool, options.Value))
                    : session.Query(FindByTerms, Map, match, limit, filter.TenantId, filter.Kind, owners, filter.AlsoKind);
            },
            cancellationToken);
    }

    public async Task<IReadOnlyList<Guid>> ListConversationAsync(Guid tenantId, Guid conversationKey, CancellationToken cancellationToken)
    {
        using var hashes = new TermHashes(ring, tenantId);
        var match = $"scope:{hashes.Conversation(ItemKind.Message, conversationKey)}";
        return await _data.ReadAsync(
            session => session.Query(
                """
                SELECT i.item_id FROM terms CROSS JOIN indexed_items i ON i.id = terms.rowid
                WHERE terms MATCH $1 AND i.tenant_id = $2 AND i.conversation_key = $3
                """,
                row => row.Id(0),
                match,
                tenantId,
                conversationKey),
            cancellationToken);
    }

    public Task<bool> ContainsAsync(Guid tenantId, IReadOnlyList<MessageVersion> messages, CancellationToken cancellationToken)
        => _data.ReadAsync(
            session => messages.All(message => session.Scalar(
                "SELECT COUNT(*) FROM indexed_items WHERE item_id = $1 AND tenant_id = $2 AND version >= $3", message.MessageId, tenantId, message.Version) == 1),
            cancellationToken);

    public Task<(long Removals, long Cleaned)> ReadCleaningAsync(CancellationToken cancellationToken)
        => _data.ReadAsync(
            session => session.QueryFirst("SELECT removals, cleaned FROM index_cleaning", row => (row.Int64(0), row.Int64(1))), cancellationToken);

    public Task<bool> CleanStepAsync(bool first, CancellationToken cancellationToken)
        => _data.WriteAsync(
            session =>
            {
                // A negative count brings all segments onto one level, so that their merging drops the removed rows.
                var before = session.Scalar("SELECT total_changes()");
                session.Execute("INSERT INTO terms (terms, rank) VALUES ('merge', $1)", first ? -CleanStepPages : CleanStepPages);
                return session.Scalar("SELECT total_changes()") - before >= 2;
            },
            cancellationToken);

    public async Task FinishCleaningAsync(long removals, CancellationToken cancellationToken)
    {
        await _data.WriteAsync(session => session.Execute("UPDATE index_cleaning SET cleaned = $1", removals), cancellationToken);
        _data.RequestScrub();
    }

    /// <summary>Hashing happens here, before the writer's thread is asked for.</summary>
    private List<HashedEntry> Hash(IReadOnlyList<IndexEntry> entries)
    {
        var rows = new List<HashedEntry>(entries.Count);
        var body = new StringBuilder();
        foreach (var ofTenant in entries.GroupBy(entry => entry.Item.TenantId))
        {
            using var hashes = new TermHashes(ring, ofTenant.Key);
            foreach (var entry in ofTenant)
            {
                body.Clear();
                foreach (var term in entry.Terms)
                {
                    body.Append(hashes.Term(entry.Item.Kind, term)).Append(' ');
                }

                rows.Add(new(entry.Item, Scope(hashes, entry), body.ToString(), entry.Terms.Count));
            }
        }

        return rows;
    }

    private static string Scope(TermHashes hashes, IndexEntry entry)
    {
        var item = entry.Item;
        var scope = hashes.Owner(item.Kind, item.OwnerKey);
        if (item.ConversationKey is { } conversation)
        {
            scope += " " + hashes.Conversation(item.Kind, conversation);
        }

        if (item.Role != MessageRole.None)
        {
            scope += " " + hashes.Role(item.Kind, item.Role);
        }

        return entry.Category is null ? scope : scope + " " + hashes.Category(item.Kind, entry.Category);
    }

    /// <summary>The match expression: hashes and operators, nothing that a client wrote.</summary>
    private string Match(ItemFilter filter, IReadOnlyList<string> terms)
    {
        using var hashes = new TermHashes(ring, filter.TenantId);
        return filter.Kinds is [var only]
            ? Match(hashes, filter, only, terms)
            : string.Join(" OR ", filter.Kinds.Select(kind => $"({Match(hashes, filter, kind, terms)})"));
    }

    private static string Match(TermHashes hashes, ItemFilter filter, ItemKind kind, IReadOnlyList<string> terms)
    {
        var match = new StringBuilder();
        void And(string column, IEnumerable<string> anyOf)
            => match.Append(match.Length > 0 ? " AND " : "").Append(column).Append(":(").AppendJoin(" OR ", anyOf).Append(')');

        if (filter.OwnerKeys is { Count: <= MostOwnerTerms } owners)
        {
            And("scope", owners.Select(key => hashes.Owner(kind, key)));
        }

        if (filter.ConversationKey is { } conversation)
        {
            And("scope", [hashes.Conversation(kind, conversation)]);
        }

        if (filter.Roles.Count > 0)
        {
            And("scope", filter.Roles.Select(role => hashes.Role(kind, role)));
        }

        if (filter.Categories.Count > 0)
        {
            And("scope", filter.Categories.Select(category => hashes.Category(kind, category)));
        }

        And("body", terms.Select(term => hashes.Term(kind, term)));
        return match.ToString();
    }

    /// <returns>1 when an older version was replaced.</returns>
    private int Upsert(SqliteSession session, HashedEntry entry, List<(PartitionKey Partition, Guid ItemId)> removed)
    {
        var item = entry.Item;
        var (id, version, kind, owner) = session.QueryFirst(
            "SELECT id, version, kind, owner_key FROM indexed_items WHERE item_id = $1", row => (row.Int64(0), row.Int32(1), (ItemKind)row.Int32(2), row.Id(3)), item.Id);
        if (version >= item.Version)
        {
            return 0;
        }

        var moves = version > 0 && kind != item.Kind;
        if (moves)
        {
            // A memory that ended, or holds again, is an item of the other kind: its vectors go with its row.
            RemoveRow(session, id);
            removed.Add((new PartitionKey(item.TenantId, kind, owner), item.Id));
        }

        if (version > 0 && !moves)
        {
            session.Execute("DELETE FROM terms WHERE rowid = $1", id);
            session.Execute("DELETE FROM vectors WHERE id IN (2 * $1, 2 * $1 + 1)", id);
            session.Execute(
                """
                UPDATE indexed_items SET owner_key = $3, conversation_key = $4, version = $5, role = $6, created_at = $7, importance = $8, term_count = $9
                WHERE id = $1 AND tenant_id = $2
                """,
                id,
                item.TenantId,
                item.OwnerKey,
                item.ConversationKey,
                item.Version,
                item.Role,
                item.CreatedAt,
                item.Importance,
                entry.Terms);
        }
        else
        {
            id = session.Scalar(
                """
                INSERT INTO indexed_items (item_id, kind, tenant_id, owner_key, conversation_key, version, role, created_at, importance, term_count)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                RETURNING id
                """,
                item.Id,
                item.Kind,
                item.TenantId,
                item.OwnerKey,
                item.ConversationKey,
                item.Version,
                item.Role,
                item.CreatedAt,
                item.Importance,
                entry.Terms);
        }

        session.Execute("INSERT INTO terms (rowid, scope, body) VALUES ($1, $2, $3)", id, entry.Scope, entry.Body);
        SqliteVectorStore.Enqueue(session, id, item);
        if (item.Kind == ItemKind.Memory)
        {
            session.Publish(new MemoryIndexed { TenantId = item.TenantId, MemoryId = item.Id, Version = item.Version }, clock.GetUtcNow());
        }

        return version > 0 ? 1 : 0;
    }

    /// <summary>Tells of messages together: an event for each would double what is written for them.</summary>
    private void PublishIndexed(SqliteSession session, IReadOnlyList<IndexEntry> entries)
    {
        foreach (var ofTenant in entries.Select(entry => entry.Item).Where(item => item.Kind == ItemKind.Message).GroupBy(item => item.TenantId))
        {
            foreach (var messages in ofTenant.Chunk(MessagesIndexed.MaxMessages))
            {
                session.Publish(
                    new MessagesIndexed
                    {
                        TenantId = ofTenant.Key,
                        Messages = [.. messages.Select(item => new IndexedMessage(item.Id, item.Version, item.OwnerKey, item.ConversationKey ?? Guid.Empty))],
                    },
                    clock.GetUtcNow());
            }
        }
    }

    /// <returns>Where it was, or null.</returns>
    private static PartitionKey? Remove(SqliteSession session, ItemReference removal)
    {
        var found = session.QueryFirst(
            "SELECT id, kind, owner_key, conversation_key, created_at FROM indexed_items WHERE item_id = $1 AND tenant_id = $2",
            row => (Id: row.Int64(0), Kind: (ItemKind)row.Int32(1), Owner: row.Id(2), Conversation: row.IdOrNull(3), At: row.Time(4)),
            removal.ItemId,
            removal.TenantId);
        if (found.Id == 0)
        {
            return null;
        }

        RemoveRow(session, found.Id);
        if (found.Conversation is { } conversation)
        {
            SqliteVectorStore.EnqueueSuccessors(session, removal.TenantId, conversation, found.At, removal.ItemId);
        }

        return new PartitionKey(removal.TenantId, found.Kind, found.Owner);
    }

    /// <summary>Removes a row with everything that goes with it: vectors and jobs by a trigger.</summary>
    /// <returns>1 when it was there.</returns>
    internal static int RemoveRow(SqliteSession session, long id)
    {
        session.Execute("DELETE FROM terms WHERE rowid = $1", id);
        return session.Execute("DELETE FROM indexed_items WHERE id = $1", id);
    }

    private sealed record HashedEntry(IndexedItem Item, string Scope, string Body, int Terms);
}
