using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Erasure;
using MongoDB.Bson;

namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>Erases from the documents of a service, a commit at a time, and counts what was deleted in the commits that delete, so that the receipt is right after a crash too.</summary>
/// <param name="store">The documents.</param>
/// <param name="plans">Their collections, <see cref="Collection"/> among them.</param>
public sealed class MongoErasures(MongoStore store, IReadOnlyList<MongoCollectionPlan> plans)
{
    /// <summary>Holds a note for each erasure: how many documents of which collection it deleted.</summary>
    public const string Collection = "erasures";

    private const string Deleted = "deleted";

    /// <summary>Carries out an order. Where it is for a whole tenant, every document of the tenant goes.</summary>
    /// <param name="order">The order.</param>
    /// <param name="eraseSome">Deletes some of a subject's documents, counts them in the note, and tells whether there may be more.</param>
    /// <param name="keep">Tells what of it is kept, from the note; last.</param>
    /// <param name="cancellationToken">Cancels it; what was deleted stays so and is counted.</param>
    /// <returns>What was deleted and kept.</returns>
    public async Task<ErasedRows> RunAsync(
        SubjectErasureRequested order, Func<MongoChange, BsonDocument, Task<bool>> eraseSome, Func<MongoChange, BsonDocument, ErasedRows, Task> keep, CancellationToken cancellationToken)
    {
        while (await store.WriteAsync(
            async change =>
            {
                var note = await FindNoteAsync(change, order);
                var more = await (order.WholeTenant ? EraseTenantAsync(change, note, order.TenantId) : eraseSome(change, note));
                change.Put(Collection, note);
                return more;
            },
            cancellationToken))
        {
            await Task.Yield();
        }

        // What tells of changes comes before what tells of their end.
        await store.TakeOverEventsAsync(cancellationToken);
        return await store.WriteAsync(
            async change =>
            {
                var rows = new ErasedRows();
                var note = await FindNoteAsync(change, order);
                foreach (var count in note[Deleted].AsBsonDocument)
                {
                    rows.Count(count.Name, checked((int)count.Value.ToInt64()));
                }

                await keep(change, note, rows);
                return rows;
            },
            cancellationToken);
    }

    /// <summary>Counts documents that were deleted.</summary>
    public static void Count(BsonDocument note, string collection, long documents)
    {
        ArgumentNullException.ThrowIfNull(note);
        if (documents > 0)
        {
            note[Deleted].AsBsonDocument.Increase(collection, documents);
        }
    }

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> EraseTenantAsync(MongoChange change, BsonDocument note, Guid tenantId)
    {
        var ofTenant = new BsonDocument("tenant_id", tenantId.Bson());
        var found = false;
        foreach (var collection in plans.Select(plan => plan.Name).Where(name => name != Collection))
        {
            var (count, _) = await change.SumAsync(collection, ofTenant);
            if (count > 0)
            {
                change.Sweep(collection, ofTenant);
                Count(note, collection, count);
                found = true;
            }
        }

        return found;
    }

    private static async Task<BsonDocument> FindNoteAsync(MongoChange change, SubjectErasureRequested order)
        => await change.FindAsync(Collection, order.ErasureId.Bson()) ?? new BsonDocument { ["_id"] = order.ErasureId.Bson(), [Deleted] = new BsonDocument() };
}
