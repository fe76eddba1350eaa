using MemoryMesh.Chat.Storage.Sqlite;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Erasure;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;

namespace MemoryMesh.Chat.Storage.Mongo;

/// <summary>Erases a subject from Chat where its conversations are in MongoDB: there, and what the service's own file has of it.</summary>
internal sealed class MongoChatEraser(
    [FromKeyedServices(ChatModule.Name)] MongoStore store, [FromKeyedServices(ChatModule.Name)] ModuleDatabase database, TimeProvider clock) : SqliteChatEraser(database)
{
    private const int AtATime = 200;

    /// <summary>The part of the note that counts rows of numbers which are kept without their subject.</summary>
    private const string Numbers = "numbers";

    protected override Task<ErasedRows> EraseElsewhereAsync(SubjectErasureRequested order, CancellationToken cancellationToken)
        => new MongoErasures(store, ChatCollections.All).RunAsync(
            order,
            (change, note) => EraseSomeAsync(change, note, order),
            (_, note, rows) =>
            {
                if (note.Contains(Numbers))
                {
                    rows.Keep(ChatCollections.Subjects, note.Int64(Numbers));
                }

                return Task.CompletedTask;
            },
            cancellationToken);

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
    private async Task<bool> EraseSomeAsync(MongoChange change, BsonDocument note, SubjectErasureRequested order)
    {
        var now = clock.GetUtcNow();
        var ofSubject = new BsonDocument { ["tenant_id"] = order.TenantId.Bson(), ["subject_key"] = order.SubjectKey.Bson() };
        if ((await change.QueryAsync(ChatCollections.Conversations, ofSubject, limit: 1)).SingleOrDefault() is { } conversation)
        {
            MongoErasures.Count(note, ChatCollections.Messages, await MongoConversationStore.DeleteWithMessagesAsync(change, conversation, keepMemories: true, now, erased: true));
            MongoErasures.Count(note, ChatCollections.Conversations, 1);
            return true;
        }

        var messages = await change.QueryAsync(ChatCollections.Messages, ofSubject, limit: AtATime, projection: new BsonDocument("_id", 1));
        if (messages.Count > 0)
        {
            var rows = messages.ConvertAll(message => new MongoConversationStore.MessageRow(message.Id("_id"), order.TenantId, order.SubjectKey, null));
            MongoErasures.Count(note, ChatCollections.Messages, (await MongoConversationStore.DeleteRowsAsync(change, rows, now, byRule: true)).LongCount(deleted => deleted));
            return true;
        }

        var answers = await MongoIdempotency.EraseAsync(change, order.SubjectKey, AtATime);
        MongoErasures.Count(note, MongoIdempotency.Collection, answers);
        if (await MessageCounters.ForgetAsync(change, order.TenantId, order.SubjectKey))
        {
            note.Increase(Numbers, 1);
        }

        return answers > 0;
    }
}
