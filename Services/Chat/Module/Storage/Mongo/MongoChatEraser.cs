using MemoryMesh.Chat.Storage.Sqlite;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Erasure;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;

namespace MemoryMesh.Chat.Storage.Mongo;

/// <summary>Erases a subject from Chat where its conversations are in MongoDB: there, and what the service's own file has of it.</summary>
/// <remarks>What was deleted is counted in the commits that delete, so that the receipt is right after a crash too.</remarks>
internal sealed class MongoChatEraser(
    [FromKeyedServices(ChatModule.Name)] MongoStore store, [FromKeyedServices(ChatModule.Name)] ModuleDatabase database, TimeProvider clock) : SqliteChatEraser(database)
{
    private const int AtATime = 200;

    protected override async Task<ErasedRows> EraseElsewhereAsync(SubjectErasureRequested order, CancellationToken cancellationToken)
    {
        while (await store.WriteAsync(change => order.WholeTenant ? EraseSomeOfTenantAsync(change, order) : EraseSomeAsync(change, order), cancellationToken))
        {
            await Task.Yield();
        }

        // What tells of the deletions comes before what tells of their end.
        await store.TakeOverEventsAsync(cancellationToken);
        return await store.WriteAsync(
            async change =>
            {
                var rows = new ErasedRows();
                var note = await FindNoteAsync(change, order);
                foreach (var count in note["deleted"].AsBsonDocument)
                {
                    rows.Count(count.Name, checked((int)count.Value.ToInt64()));
                }

                if (note.Int64("numbers") > 0)
                {
                    rows.Keep(ChatCollections.Subjects, note.Int64("numbers"));
                }

                return rows;
            },
            cancellationToken);
    }

    protected override Task<long?> AnnounceSomeAsync(SubjectErased erased, long after, TimeProvider clock, CancellationToken cancellationToken)
        => store.WriteAsync(
            async change =>
            {
                var messages = await change.QueryAsync(
                    ChatCollections.Messages,
                    new BsonDocument { ["tenant_id"] = erased.TenantId.Bson(), ["subject_key"] = erased.SubjectKey.Bson(), ["seq"] = new BsonDocument("$gt", after) },
                    MongoCollectionPlan.Keys("seq"),
                    AtATime,
                    MongoCollectionPlan.Keys("seq", "tenant_id", "subject_key", "conversation_key", "version", "extract_memory"));
                var now = clock.GetUtcNow();
                messages.ForEach(message => MongoConversationStore.PublishUpdated(change, message, now));
                return messages.Count < AtATime ? null : (long?)messages[^1].Int64("seq");
            },
            cancellationToken);

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> EraseSomeAsync(MongoChange change, SubjectErasureRequested order)
    {
        var now = clock.GetUtcNow();
        var ofSubject = new BsonDocument { ["tenant_id"] = order.TenantId.Bson(), ["subject_key"] = order.SubjectKey.Bson() };
        var note = await FindNoteAsync(change, order);
        if ((await change.QueryAsync(ChatCollections.Conversations, ofSubject, limit: 1)).SingleOrDefault() is { } conversation)
        {
            Count(note, ChatCollections.Messages, await MongoConversationStore.DeleteWithMessagesAsync(change, conversation, keepMemories: true, now, erased: true));
            Count(note, ChatCollections.Conversations, 1);
            change.Put(ChatCollections.Erasures, note);
            return true;
        }

        var messages = await change.QueryAsync(ChatCollections.Messages, ofSubject, limit: AtATime, projection: new BsonDocument("_id", 1));
        if (messages.Count > 0)
        {
            var rows = messages.ConvertAll(message => new MongoConversationStore.MessageRow(message.Id("_id"), order.TenantId, order.SubjectKey, null));
            Count(note, ChatCollections.Messages, (await MongoConversationStore.DeleteRowsAsync(change, rows, now, byRule: true)).LongCount(deleted => deleted));
            change.Put(ChatCollections.Erasures, note);
            return true;
        }

        var answers = await MongoIdempotency.EraseAsync(change, order.SubjectKey, AtATime);
        Count(note, MongoIdempotency.Collection, answers);
        if (await MessageCounters.ForgetAsync(change, order.TenantId, order.SubjectKey))
        {
            note.Increase("numbers", 1);
        }

        change.Put(ChatCollections.Erasures, note);
        return answers > 0;
    }

    /// <returns>Whether there may be more.</returns>
    private static async Task<bool> EraseSomeOfTenantAsync(MongoChange change, SubjectErasureRequested order)
    {
        var ofTenant = new BsonDocument("tenant_id", order.TenantId.Bson());
        var note = await FindNoteAsync(change, order);
        var found = false;
        foreach (var collection in ChatCollections.All.Select(plan => plan.Name).Where(name => name != ChatCollections.Erasures))
        {
            var (count, _) = await change.SumAsync(collection, ofTenant);
            if (count > 0)
            {
                change.Sweep(collection, ofTenant);
                Count(note, collection, count);
                found = true;
            }
        }

        change.Put(ChatCollections.Erasures, note);
        return found;
    }

    private static async Task<BsonDocument> FindNoteAsync(MongoChange change, SubjectErasureRequested order)
        => await change.FindAsync(ChatCollections.Erasures, order.ErasureId.Bson())
            ?? new BsonDocument { ["_id"] = order.ErasureId.Bson(), ["deleted"] = new BsonDocument(), ["numbers"] = 0L };

    private static void Count(BsonDocument note, string collection, long rows)
    {
        if (rows > 0)
        {
            note["deleted"].AsBsonDocument.Increase(collection, rows);
        }
    }
}
