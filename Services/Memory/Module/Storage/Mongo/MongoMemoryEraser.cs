using MemoryMesh.Contracts.Events;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage.Sqlite;
using MemoryMesh.ServiceDefaults.Erasure;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <summary>Erases a subject from Memory where its memories are in MongoDB: there, and what the service's own file has of it.</summary>
internal sealed class MongoMemoryEraser(
    [FromKeyedServices(MemoryModule.Name)] MongoStore store, [FromKeyedServices(MemoryModule.Name)] ModuleDatabase database, OwnerOutlines outlines, TimeProvider clock)
    : SqliteMemoryEraser(database, outlines)
{
    private const int AtATime = 100;

    /// <summary>Collections whose documents go by the field that names their subject.</summary>
    private static readonly IReadOnlyList<TableRule> BySubject =
    [
        .. MemoryTables.All.Where(rule => rule is { Subject: not null, Keeps: null }
            && rule.Name != MemoryCollections.Memories && MemoryCollections.All.Any(plan => plan.Name == rule.Name)),
    ];

    protected override Task<ErasedRows> EraseElsewhereAsync(SubjectErasureRequested order, CancellationToken cancellationToken)
        => new MongoErasures(store, MemoryCollections.All).RunAsync(
            order,
            (change, note) => EraseSomeAsync(change, note, order),
            async (change, _, rows) =>
            {
                if (!order.WholeTenant)
                {
                    rows.Keep(MemoryCollections.Owners, 1);
                    rows.Keep(
                        MemoryCollections.Settings, await change.FindAsync(MemoryCollections.Settings, MongoValues.Pair(order.TenantId, order.SubjectKey)) is null ? 0 : 1);
                }
            },
            cancellationToken);

    protected override Task<long?> AnnounceSomeAsync(SubjectErased erased, long after, TimeProvider clock, CancellationToken cancellationToken)
        => store.WriteAsync(
            async change =>
            {
                var memories = await change.QueryAsync(
                    MemoryCollections.Memories,
                    new BsonDocument { ["tenant_id"] = erased.TenantId.Bson(), ["owner_key"] = erased.SubjectKey.Bson(), ["seq"] = new BsonDocument("$gt", after) },
                    MongoCollectionPlan.Keys("seq"),
                    AtATime,
                    MongoCollectionPlan.Keys("seq", "version"));
                var write = new MongoMemoryWrite(change, clock.GetUtcNow());
                memories.ForEach(memory => write.Announce(erased.TenantId, erased.SubjectKey, memory.Id("_id"), memory.Int32("version"), clock.GetUtcNow()));
                return memories.Count < AtATime ? null : (long?)memories[^1].Int64("seq");
            },
            cancellationToken);

    /// <summary>Nothing is kept in the service's own file.</summary>
    protected override void EraseLast(SqliteSession session, SubjectErasureRequested order, ErasedRows rows, DateTimeOffset now)
    {
    }

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> EraseSomeAsync(MongoChange change, BsonDocument note, SubjectErasureRequested order)
    {
        var write = new MongoMemoryWrite(change, clock.GetUtcNow());
        var memories = await change.ListAsync(
            MemoryCollections.Memories, new BsonDocument { ["tenant_id"] = order.TenantId.Bson(), ["owner_key"] = order.SubjectKey.Bson() }, AtATime);
        if (memories.Count > 0)
        {
            foreach (var memory in memories)
            {
                await EraseAsync(write, note, memory);
            }

            return true;
        }

        foreach (var rule in BySubject)
        {
            var found = await change.ListAsync(rule.Name, new BsonDocument { ["tenant_id"] = order.TenantId.Bson(), [rule.Subject!] = order.SubjectKey.Bson() }, AtATime);
            if (found.Count > 0)
            {
                found.ForEach(document => change.Delete(rule.Name, document["_id"]));
                MongoErasures.Count(note, rule.Name, found.Count);
                return true;
            }
        }

        return await EraseLastAsync(write, note, order);
    }

    private static async Task EraseAsync(MongoMemoryWrite write, BsonDocument note, BsonDocument memory)
    {
        // That its messages were read is forgotten too: a message that was stored after Chat erased the subject is announced again, and read again.
        var sources = await write.Change.ListAsync(MemoryCollections.Sources, new BsonDocument { ["tenant_id"] = memory["tenant_id"], ["memory_id"] = memory["_id"] });
        var read = await write.Change.FindAsync(
            MemoryCollections.Extracted, [.. sources.Select(source => MongoValues.Pair(source.Id("tenant_id"), source.Id("message_id")))]);
        foreach (var message in read.Values.Where(message => !message.Bool("deleted")))
        {
            write.Change.Delete(MemoryCollections.Extracted, message["_id"]);
            MongoErasures.Count(note, MemoryCollections.Extracted, 1);
        }

        var (ofSources, ofHistory, ofFeedback) = await write.DeleteAsync(memory);
        MongoErasures.Count(note, MemoryCollections.Sources, ofSources);
        MongoErasures.Count(note, MemoryCollections.History, ofHistory);
        MongoErasures.Count(note, MemoryCollections.Feedback, ofFeedback);
        MongoErasures.Count(note, MemoryCollections.Memories, 1);
    }

    /// <returns>Whether there may be more.</returns>
    private static async Task<bool> EraseLastAsync(MongoMemoryWrite write, BsonDocument note, SubjectErasureRequested order)
    {
        var answers = await MongoIdempotency.EraseAsync(write.Change, order.SubjectKey, AtATime);
        MongoErasures.Count(note, MongoIdempotency.Collection, answers);
        if (await write.Change.FindAsync(MemoryCollections.Settings, MongoValues.Pair(order.TenantId, order.SubjectKey)) is { } settings && !settings.Bool("opted_out"))
        {
            write.Change.Delete(MemoryCollections.Settings, settings["_id"]);
            MongoErasures.Count(note, MemoryCollections.Settings, 1);
        }

        // A decision under way was made from what is gone, and a message whose event comes late is not learned from. Times are whole milliseconds: a message of
        // the same one as Chat's erasure may have been stored after it.
        await write.NoteForgottenAsync(order.TenantId, order.SubjectKey, order.ErasedUntil?.AddMilliseconds(-1) ?? write.Time);
        return answers > 0;
    }
}
