using System.Collections.Concurrent;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index;
using MemoryMesh.ServiceDefaults.Erasure;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Search.Storage.Sqlite;

/// <summary>Erases a subject from the index: its messages and memories with their hashed terms, and the marks that removed rows leave in the full-text table.</summary>
internal sealed class SqliteSearchEraser(
    [FromKeyedServices(SearchModule.Name)] ModuleDatabase database, ItemIndexer indexer, EmbeddingQueue embedding, IVectorIndex vectors, IVectorStore store,
    IndexCleaner cleaner)
    : SqliteSubjectEraser(database, SearchTables.All)
{
    private readonly ConcurrentQueue<(Guid TenantId, Guid? OwnerKey)> _inMemory = new();

    /// <summary>Chat and Memory have erased by now: a refresh that begins later finds nothing of the subject, and one that began before is waited for.</summary>
    protected override async Task PrepareAsync(SubjectErasureRequested order, CancellationToken cancellationToken)
    {
        _inMemory.Enqueue((order.TenantId, order.SubjectKey));
        await indexer.DrainAsync(cancellationToken);
        await embedding.DrainAsync(cancellationToken);
    }

    protected override int EraseSome(SqliteSession session, SubjectErasureRequested order, int limit, ErasedRows rows, DateTimeOffset now)
        => Remove(
            session,
            session.Query(
                "SELECT id FROM indexed_items WHERE tenant_id = $1 AND owner_key = $2 LIMIT $3", row => row.Int64(0), order.TenantId, order.SubjectKey, limit),
            rows);

    protected override int EraseSomeOfTenant(SqliteSession session, Guid tenantId, int limit, ErasedRows rows)
    {
        var ids = session.Query("SELECT id FROM indexed_items WHERE tenant_id = $1 LIMIT $2", row => row.Int64(0), tenantId, limit);
        if (ids.Count > 0 && !_inMemory.Contains((tenantId, null)))
        {
            _inMemory.Enqueue((tenantId, null));
        }

        return Remove(session, ids, rows);
    }

    protected override Task CleanAsync(CancellationToken cancellationToken)
    {
        // The rows are gone: who reads from now on finds nothing of them.
        while (_inMemory.TryDequeue(out var erased))
        {
            vectors.Forget(erased.TenantId, erased.OwnerKey);
        }

        return cleaner.CleanAsync(cancellationToken);
    }

    protected override async Task<IReadOnlyDictionary<string, long>> ScrubAsync(CancellationToken cancellationToken)
        => (await store.ScrubAsync(cancellationToken)).Distinct().ToDictionary(name => $"snapshot {name}", _ => 1L);

    private static int Remove(SqliteSession session, List<long> ids, ErasedRows rows)
    {
        foreach (var id in ids)
        {
            SqliteItemIndex.RemoveRow(session, id);
        }

        if (ids.Count > 0)
        {
            session.Execute("UPDATE index_cleaning SET removals = removals + $1", ids.Count);
        }

        return rows.Count("indexed_items", ids.Count);
    }
}
