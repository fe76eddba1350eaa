using MemoryMesh.Search.Index;
using MemoryMesh.Search.Storage.Sqlite;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Search.Storage.Qdrant;

/// <summary>What SQLite tells of items that Qdrant found: whether they are there still and of which version, and what was said around them.</summary>
internal sealed class QdrantItemRows([FromKeyedServices(SearchModule.Name)] ModuleDatabase database)
{
    /// <summary>A conversation of at most so many messages is read whole.</summary>
    private const int WholeConversation = 1_000;

    /// <summary>Of a longer one, so many messages before and after each that was found.</summary>
    private const int Reach = 4;

    /// <summary>From how many items it is reckoned how many lie in a time.</summary>
    private const int Times = 20_000;

    /// <summary>Items by id, and what was said around those in conversations; those that the filter's tenant, owners and kinds leave out are not read.</summary>
    public Task<Dictionary<Guid, IndexedItem>> ReadAsync(ItemFilter filter, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session =>
            {
                var read = new Dictionary<Guid, IndexedItem>(ids.Count);
                foreach (var id in ids)
                {
                    Add(session.Query($"SELECT {SqliteVectorStore.ItemColumns} FROM indexed_items i WHERE i.item_id = $1 AND i.tenant_id = $2", Map, id, filter.TenantId));
                }

                foreach (var ofConversation in read.Values.Where(item => item.ConversationKey is not null).GroupBy(item => item.ConversationKey!.Value).ToList())
                {
                    var messages = session.Query(
                        $"""
                        SELECT {SqliteVectorStore.ItemColumns} FROM indexed_items i WHERE i.tenant_id = $1 AND i.conversation_key = $2
                        ORDER BY i.created_at, i.item_id LIMIT $3
                        """,
                        Map,
                        filter.TenantId,
                        ofConversation.Key,
                        WholeConversation + 1);
                    if (messages.Count <= WholeConversation)
                    {
                        Add(messages);
                        continue;
                    }

                    foreach (var message in ofConversation)
                    {
                        foreach (var (comparison, order) in (ReadOnlySpan<(string, string)>)[("<", "DESC"), (">", "ASC")])
                        {
                            Add(session.Query(
                                $"""
                                SELECT {SqliteVectorStore.ItemColumns} FROM indexed_items i
                                WHERE i.tenant_id = $1 AND i.conversation_key = $2 AND (i.created_at, i.item_id) {comparison} ($3, $4)
                                ORDER BY i.created_at {order}, i.item_id {order} LIMIT $5
                                """,
                                Map,
                                filter.TenantId,
                                ofConversation.Key,
                                message.CreatedAt,
                                message.Id,
                                Reach));
                        }
                    }
                }

                return read;

                void Add(List<IndexedItem> items)
                {
                    foreach (var item in items)
                    {
                        if (filter.Kinds.Contains(item.Kind) && filter.OwnerKeys?.Contains(item.OwnerKey) != false)
                        {
                            read.TryAdd(item.Id, item);
                        }
                    }
                }
            },
            cancellationToken);

    /// <summary>How many items the tenant, the kinds and the owners of a filter have, and what share of them lies in a time.</summary>
    public Task<(int Items, double Covered)> CountAsync(ItemFilter filter, Func<DateTimeOffset, bool>? covers, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session =>
            {
                var (items, seen, covered) = (0L, 0, 0);
                foreach (var kind in filter.Kinds)
                {
                    if (filter.OwnerKeys is null)
                    {
                        items += session.Scalar("SELECT COALESCE(SUM(items), 0) FROM index_totals WHERE tenant_id = $1 AND kind = $2", filter.TenantId, kind);
                        Look(session, "i.tenant_id = $1 AND i.kind = $2", filter.TenantId, kind);
                        continue;
                    }

                    foreach (var owner in filter.OwnerKeys)
                    {
                        items += session.Scalar("SELECT COALESCE(SUM(items), 0) FROM owner_totals WHERE tenant_id = $1 AND owner_key = $2 AND kind = $3", filter.TenantId, owner, kind);
                        Look(session, "i.tenant_id = $1 AND i.owner_key = $2 AND i.kind = $3", filter.TenantId, owner, kind);
                    }
                }

                return ((int)items, seen == 0 ? 0 : (double)covered / seen);

                void Look(SqliteSession open, string which, params object?[] values)
                {
                    if (covers is not null && seen < Times)
                    {
                        foreach (var time in open.Query($"SELECT i.created_at FROM indexed_items i WHERE {which} LIMIT {Times}", row => row.Time(0), values))
                        {
                            seen++;
                            covered += covers(time) ? 1 : 0;
                        }
                    }
                }
            },
            cancellationToken);

    private static IndexedItem Map(SqliteRow row) => SqliteVectorStore.ReadItem(row, 0);
}
