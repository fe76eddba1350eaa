using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Chat.Storage.Mongo;

/// <summary>Keeps conversations in MongoDB. This file holds what writes messages.</summary>
internal sealed partial class MongoConversationStore(
    [FromKeyedServices(ChatModule.Name)] MongoStore store,
    [FromKeyedServices(ChatModule.Name)] ModuleStore own,
    KeyedNames names,
    TimeProvider clock) : IConversationStore
{
    public async Task<WriteOutcome<AddStatus[]>> AddMessagesAsync(
        IReadOnlyList<(MessageRecord Message, ConversationReach Reach)> messages,
        IdempotentWrite<AddStatus[]>? idempotent,
        CancellationToken cancellationToken)
    {
        // Everything slow happens here; the store's writer is left with the documents.
        var groups = await ConversationGroup.CreateAsync(own.Keys, messages, imported: false, cancellationToken);
        var claim = idempotent is null ? null : await own.PrepareAsync(names, idempotent.Request, cancellationToken);
        return await store.WriteAsync(
            async change =>
            {
                // The time of the events is taken by the writer, so that it never runs against the order of the changes.
                var now = clock.GetUtcNow();
                if (claim is not null && await MongoIdempotency.FindAsync(change, claim, now) is { } before)
                {
                    return new WriteOutcome<AddStatus[]>(null, before);
                }

                var statuses = new AddStatus[messages.Count];
                await AddGroupsAsync(change, groups, statuses, now);
                if (claim is not null && idempotent!.Answer(statuses) is { } answer)
                {
                    MongoIdempotency.Add(change, claim, answer, now, messages.Select(item => item.Message.SubjectKey).Distinct());
                }

                return new WriteOutcome<AddStatus[]>(statuses, null);
            },
            cancellationToken);
    }

    public async Task<bool[]> UpdateMessagesAsync(IReadOnlyList<MessageRecord> messages, CancellationToken cancellationToken)
    {
        var rows = new List<SealedNewMessage>(messages.Count);
        for (var i = 0; i < messages.Count; i++)
        {
            var key = await own.Keys.GetOrCreateAsync(messages[i].TenantId, messages[i].SubjectKey, cancellationToken);
            rows.Add(SealedNewMessage.Create(i, messages[i], key));
        }

        return await store.WriteAsync(
            async change =>
            {
                var now = clock.GetUtcNow();
                await change.FindAsync(ChatCollections.Messages, [.. rows.Select(row => row.Message.Id.Bson())]);
                var updated = new bool[rows.Count];
                foreach (var row in rows)
                {
                    row.Key.ThrowIfDestroyed();
                    updated[row.Index] = await UpdateAsync(change, row, now);
                }

                return updated;
            },
            cancellationToken);
    }

    public Task<bool[]> DeleteMessagesAsync(IReadOnlyList<MessageRecord> messages, bool sameVersion, CancellationToken cancellationToken)
        => store.WriteAsync(
            change => DeleteRowsAsync(
                change,
                [.. messages.Select(message => new MessageRow(message.Id, message.TenantId, message.SubjectKey, sameVersion ? message.Version : null))],
                clock.GetUtcNow()),
            cancellationToken);

    public async Task<int> ApplyRetentionAsync(RetentionOrder order, CancellationToken cancellationToken)
    {
        // Chosen by a reader, so that a long scan does not hold up writes; the writer checks again what may have changed.
        var filter = new BsonDocument { ["tenant_id"] = order.TenantId.Bson(), ["created_at"] = new BsonDocument("$lt", order.CreatedBefore.Bson()) };
        if (order.Archive)
        {
            filter["archived"] = 0;
        }

        if (order.ImportanceBelow is { } importance)
        {
            var roles = Enumerable.Range(1, MessageRoles.All.Count).Where(role => DefaultImportance.Of(role) < importance);
            filter["$or"] = new BsonArray
            {
                new BsonDocument("importance", new BsonDocument("$lt", importance)),
                new BsonDocument { ["importance"] = BsonNull.Value, ["role"] = new BsonDocument("$in", new BsonArray(roles)) },
            };
        }

        var rows = await store.ReadAsync(async reader => (await reader.Collection(ChatCollections.Messages).Find(filter)
            .Sort(MongoCollectionPlan.Keys("created_at")).Limit(order.BatchSize).Project<BsonDocument>(MongoCollectionPlan.Keys("subject_key", "version")).ToListAsync(cancellationToken))
            .ConvertAll(row => new MessageRow(row.Id("_id"), order.TenantId, row.Id("subject_key"), row.Int32("version"))));
        if (rows.Count == 0)
        {
            return 0;
        }

        return order.Archive
            ? await store.WriteAsync(change => ArchiveRowsAsync(change, rows, clock.GetUtcNow()), cancellationToken)
            : (await store.WriteAsync(change => DeleteRowsAsync(change, rows, clock.GetUtcNow(), byRule: true), cancellationToken)).Count(deleted => deleted);
    }

    /// <summary>Deletes messages; those that are not there, or of another version than named, are left.</summary>
    /// <returns>For each whether it was deleted.</returns>
    internal static async Task<bool[]> DeleteRowsAsync(MongoChange change, IReadOnlyList<MessageRow> rows, DateTimeOffset now, bool byRule = false)
    {
        var deleted = new bool[rows.Count];
        var found = await change.FindAsync(ChatCollections.Messages, [.. rows.Select(row => row.Id.Bson())]);
        var gone = new List<BsonDocument>();
        for (var i = 0; i < rows.Count; i++)
        {
            // Taken out, for one that is named twice is deleted once.
            var row = rows[i];
            deleted[i] = found.TryGetValue(row.Id.Bson(), out var document) && row.IsOf(document) && found.Remove(row.Id.Bson());
            if (deleted[i])
            {
                gone.Add(document!);
            }
        }

        foreach (var ofConversation in gone.GroupBy(document => MongoConversation.IdOf(document.Id("tenant_id"), document.Id("conversation_key"))))
        {
            await TakeOutAsync(change, ofConversation.Key, [.. ofConversation]);
        }

        foreach (var document in gone)
        {
            change.Delete(ChatCollections.Messages, document["_id"]);
            change.Publish(
                new MessageDeleted
                {
                    TenantId = document.Id("tenant_id"),
                    SubjectKey = document.Id("subject_key"),
                    ConversationKey = document.Id("conversation_key"),
                    MessageId = document.Id("_id"),
                    ByRule = byRule,
                },
                now);
        }

        foreach (var ofTenant in gone.GroupBy(document => document.Id("tenant_id")))
        {
            await MessageCounters.DeleteAsync(change, ofTenant.Key, ofTenant.Count(), ofTenant.Sum(document => document.Int64("bytes")), now);
        }

        return deleted;
    }

    /// <summary>Announces a message as it is.</summary>
    internal static void PublishUpdated(MongoChange change, BsonDocument document, DateTimeOffset now)
        => change.Publish(
            new MessageUpdated
            {
                TenantId = document.Id("tenant_id"),
                SubjectKey = document.Id("subject_key"),
                ConversationKey = document.Id("conversation_key"),
                MessageId = document.Id("_id"),
                Version = document.Int32("version"),
                ExtractMemory = document["extract_memory"].AsBoolean,
            },
            now);

    private static async Task AddGroupsAsync(MongoChange change, List<ConversationGroup> groups, AddStatus[] statuses, DateTimeOffset now)
    {
        // Asked for at once: what follows finds it in memory.
        var messages = groups.SelectMany(group => group.Messages).Select(row => row.Message).ToList();
        await change.FindAsync(
            ChatCollections.Messages, [.. messages.Select(message => message.Id.Bson()), .. messages.Where(message => message.ReplyTo is not null).Select(message => message.ReplyTo.Bson())]);
        await change.FindAsync(ChatCollections.Conversations, [.. groups.Select(group => MongoConversation.IdOf(group.First.TenantId, group.First.ConversationKey))]);
        foreach (var group in groups)
        {
            await AddGroupAsync(change, group, statuses, now);
        }

        var added = groups.SelectMany(group => group.Messages).Where(row => statuses[row.Index] == AddStatus.Added);
        foreach (var ofTenant in added.GroupBy(row => row.Message.TenantId))
        {
            await MessageCounters.AddAsync(change, ofTenant.Key, [.. ofTenant], now);
        }
    }

    /// <summary>Adds the messages of a group whose status is still that they are added.</summary>
    private static async Task AddGroupAsync(MongoChange change, ConversationGroup group, AddStatus[] statuses, DateTimeOffset now)
    {
        var first = group.First;
        var conversation = await change.FindAsync(ChatCollections.Conversations, MongoConversation.IdOf(first.TenantId, first.ConversationKey));
        if (conversation is not null && !MongoConversation.IsWithin(conversation, group.Reach with { TenantId = first.TenantId }))
        {
            // Whether the message it answers is there would tell of the other subject's conversation.
            group.Messages.ForEach(row => statuses[row.Index] = AddStatus.OutOfReach);
            return;
        }

        foreach (var row in group.Messages.Where(row => statuses[row.Index] == AddStatus.Added && row.Message.ReplyTo is not null && !group.Imported))
        {
            // What an imported message answers may be imported with it, and is looked for when that is stored.
            row.Place = await FindPlaceAsync(change, row.Message);
            if (row.Place.Root is null)
            {
                statuses[row.Index] = AddStatus.UnknownReplyTo;
            }
        }

        var rows = group.Messages.Where(row => statuses[row.Index] == AddStatus.Added).ToList();
        if (rows.Count == 0)
        {
            return;
        }

        conversation ??= await BeginConversationAsync(change, group, now);
        var lastAt = rows.Max(row => row.Message.CreatedAt);
        conversation.Increase("message_count", rows.Count);
        conversation.Increase("token_count", rows.Sum(row => (long)row.Tokens));
        MongoConversation.SetLast(conversation, conversation.TimeOrNull("last_message_at") is { } known && known > lastAt ? known.Bson() : lastAt.Bson());
        change.Put(ChatCollections.Conversations, conversation);
        foreach (var row in rows)
        {
            if (group.Imported && row.Message.ReplyTo is { } replyTo)
            {
                row.Place = await FindPlaceAsync(change, row.Message) is { Root: not null } place ? place : new ThreadPlace(replyTo, 1);
            }

            row.Key.ThrowIfDestroyed();
            await change.AddAsync(ChatCollections.Messages, MongoMessage.Of(row, conversation.Id("subject_key"), change.NextSequence()));
            change.Publish(
                new MessageStored
                {
                    TenantId = row.Message.TenantId,
                    SubjectKey = row.Message.SubjectKey,
                    ConversationKey = row.Message.ConversationKey,
                    MessageId = row.Message.Id,
                    Version = row.Message.Version,
                    ExtractMemory = row.Message.ExtractMemory,
                },
                now);
        }
    }

    private static async Task<BsonDocument> BeginConversationAsync(MongoChange change, ConversationGroup group, DateTimeOffset now)
    {
        group.Key.ThrowIfDestroyed();
        await MessageCounters.CountConversationsAsync(change, group.First.TenantId, 1);
        return MongoConversation.Of(
            new ConversationRecord
            {
                TenantId = group.First.TenantId,
                ConversationKey = group.First.ConversationKey,
                ConversationId = group.First.ConversationId,
                SubjectKey = group.First.SubjectKey,
                UserId = group.First.UserId,
                CreatedAt = now,
                Version = 1,
            },
            group.Key);
    }

    /// <summary>The place of a message in the thread of what it answers; without a root when that is not in its conversation.</summary>
    private static async Task<ThreadPlace> FindPlaceAsync(MongoChange change, MessageRecord message)
        => await FindInAsync(change, message.TenantId, message.ConversationKey, message.ReplyTo!.Value) is { } found
            ? new ThreadPlace(found.IdOrNull("thread_root") ?? found.Id("_id"), found.Int32("depth") + 1)
            : default;

    private static async Task<BsonDocument?> FindInAsync(MongoChange change, Guid tenantId, Guid conversationKey, Guid messageId)
        => await change.FindAsync(ChatCollections.Messages, messageId.Bson()) is { } found
            && found.Id("tenant_id") == tenantId && found.Id("conversation_key") == conversationKey ? found : null;

    private static async Task<bool> UpdateAsync(MongoChange change, SealedNewMessage row, DateTimeOffset now)
    {
        var message = row.Message;
        if (await change.FindAsync(ChatCollections.Messages, message.Id.Bson()) is not { } document
            || !new MessageRow(message.Id, message.TenantId, message.SubjectKey, message.Version - 1).IsOf(document))
        {
            return false;
        }

        var (tokens, bytes) = (row.Tokens - document.Int64("tokens"), row.Bytes - document.Int64("bytes"));
        MongoMessage.Replace(document, row);
        change.Put(ChatCollections.Messages, document);
        await MessageCounters.ChangeAsync(change, message.TenantId, bytes, now);
        if (tokens != 0
            && await change.FindAsync(ChatCollections.Conversations, MongoConversation.IdOf(message.TenantId, document.Id("conversation_key"))) is { } conversation)
        {
            conversation.Increase("token_count", tokens);
            change.Put(ChatCollections.Conversations, conversation);
        }

        PublishUpdated(change, document, now);
        return true;
    }

    private static async Task<int> ArchiveRowsAsync(MongoChange change, List<MessageRow> rows, DateTimeOffset now)
    {
        var archived = 0;
        var found = await change.FindAsync(ChatCollections.Messages, [.. rows.Select(row => row.Id.Bson())]);
        foreach (var row in rows)
        {
            if (found.TryGetValue(row.Id.Bson(), out var document) && row.IsOf(document) && document.Int32("archived") == 0)
            {
                // The texts stay sealed under text_version, so archiving opens nothing.
                document["archived"] = 1;
                document.Increase("version", 1);
                document["updated_at"] = now.Bson();
                change.Put(ChatCollections.Messages, document);
                PublishUpdated(change, document, now);
                archived++;
            }
        }

        return archived;
    }

    /// <summary>Takes messages that are about to be deleted out of what their conversation counts.</summary>
    private static async Task TakeOutAsync(MongoChange change, BsonValue conversationId, IReadOnlyList<BsonDocument> gone)
    {
        if (await change.FindAsync(ChatCollections.Conversations, conversationId) is not { } conversation)
        {
            return;
        }

        conversation.Increase("message_count", -gone.Count);
        conversation.Increase("token_count", -gone.Sum(document => document.Int64("tokens")));
        if (gone.Max(document => document.Int64("created_at")) >= (conversation.TimeOrNull("last_message_at")?.ToUnixTimeMilliseconds() ?? 0))
        {
            var last = await change.QueryAsync(
                ChatCollections.Messages,
                new BsonDocument
                {
                    ["tenant_id"] = conversation["tenant_id"],
                    ["conversation_key"] = conversation["conversation_key"],
                    ["_id"] = new BsonDocument("$nin", new BsonArray(gone.Select(document => document["_id"]))),
                },
                MongoCollectionPlan.Keys("-created_at", "-seq"),
                1,
                MongoCollectionPlan.Keys("created_at"));
            MongoConversation.SetLast(conversation, last.Count == 0 ? BsonNull.Value : last[0]["created_at"]);
        }

        change.Put(ChatCollections.Conversations, conversation);
    }

    /// <summary>What deleting or archiving a message needs to know of it; only the version is deleted or archived, unless it is null.</summary>
    internal readonly record struct MessageRow(Guid Id, Guid TenantId, Guid SubjectKey, int? Version)
    {
        public bool IsOf(BsonDocument document)
            => document.Id("tenant_id") == TenantId && document.Id("subject_key") == SubjectKey && (Version is not { } version || document.Int32("version") == version);
    }
}
