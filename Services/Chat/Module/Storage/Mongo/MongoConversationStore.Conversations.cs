using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MemoryMesh.ServiceDefaults.Storage;
using MongoDB.Bson;
using MongoDB.Driver;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Chat.Storage.Mongo;

/// <content>What concerns conversations.</content>
internal sealed partial class MongoConversationStore
{
    public async Task<WriteOutcome<AddConversationStatus>> AddConversationAsync(
        ConversationRecord conversation,
        ConversationReach reach,
        IdempotentWrite<AddConversationStatus>? idempotent,
        CancellationToken cancellationToken)
    {
        var key = await own.Keys.GetOrCreateAsync(conversation.TenantId, conversation.SubjectKey, cancellationToken);
        var claim = idempotent is null ? null : await own.PrepareAsync(names, idempotent.Request, cancellationToken);
        return await store.WriteAsync(
            async change =>
            {
                var now = clock.GetUtcNow();
                if (claim is not null && await MongoIdempotency.FindAsync(change, claim, now) is { } before)
                {
                    return new WriteOutcome<AddConversationStatus>(default, before);
                }

                var status = await AddAsync(change, conversation, key, reach);
                if (claim is not null && idempotent!.Answer(status) is { } answer)
                {
                    MongoIdempotency.Add(change, claim, answer, now, conversation.SubjectKey);
                }

                return new WriteOutcome<AddConversationStatus>(status, null);
            },
            cancellationToken);
    }

    public async Task<ConversationRecord?> FindConversationAsync(ConversationReach reach, Guid conversationKey, CancellationToken cancellationToken)
    {
        var rows = await FindConversationsAsync(
            OfReach(reach, new BsonDocument("_id", MongoConversation.IdOf(reach.TenantId, conversationKey))), null, 1, cancellationToken);
        return (await OpenAsync(rows, cancellationToken)).SingleOrDefault();
    }

    public async Task<ConversationPage> ListConversationsAsync(
        ConversationReach reach, ConversationPosition? after, int limit, CancellationToken cancellationToken)
    {
        var filter = new BsonDocument();
        if (after is { } from)
        {
            filter["activity_at"] = new BsonDocument("$lte", from.ActivityAt);
            filter["$and"] = new BsonArray { Beyond("$lt", "activity_at", from.ActivityAt, "conversation_key", from.ConversationKey.Bson()) };
        }

        var rows = await FindConversationsAsync(OfReach(reach, filter), MongoCollectionPlan.Keys("-activity_at", "-conversation_key"), limit + 1, cancellationToken);
        var more = CutOff(rows, limit);
        return new ConversationPage(await OpenAsync(rows, cancellationToken), more ? MongoConversation.PositionOf(rows[^1]) : null);
    }

    public async Task<ConversationsByKey> ListConversationsByKeyAsync(
        ConversationReach reach, Guid? after, int limit, CancellationToken cancellationToken)
    {
        var filter = new BsonDocument("_id", new BsonDocument
        {
            ["$gt"] = MongoConversation.IdOf(reach.TenantId, after ?? Guid.Empty), ["$lte"] = MongoConversation.IdOf(reach.TenantId, Guid.AllBitsSet),
        });
        var rows = await FindConversationsAsync(OfReach(reach, filter), MongoCollectionPlan.Keys("_id"), limit + 1, cancellationToken);
        var more = CutOff(rows, limit);
        return new ConversationsByKey(await OpenAsync(rows, cancellationToken), more ? rows[^1].Id("conversation_key") : null);
    }

    public async Task<bool> UpdateConversationAsync(ConversationRecord conversation, CancellationToken cancellationToken)
    {
        var key = await own.Keys.GetOrCreateAsync(conversation.TenantId, conversation.SubjectKey, cancellationToken);
        var title = key.SealTextOrNull(conversation.Title, ConversationPlaces.Title(conversation.ConversationKey, conversation.Version));
        var metadata = key.SealTextOrNull(conversation.MetadataJson, ConversationPlaces.Metadata(conversation.ConversationKey, conversation.Version));
        return await store.WriteAsync(
            async change =>
            {
                key.ThrowIfDestroyed();
                if (await change.FindAsync(ChatCollections.Conversations, MongoConversation.IdOf(conversation.TenantId, conversation.ConversationKey)) is not { } document
                    || document.Id("subject_key") != conversation.SubjectKey
                    || document.Int32("version") != conversation.Version - 1)
                {
                    return false;
                }

                document["version"] = conversation.Version;
                document["title"] = title.Bson();
                document["metadata"] = metadata.Bson();
                change.Put(ChatCollections.Conversations, document);
                return true;
            },
            cancellationToken);
    }

    public async Task<bool> DeleteConversationAsync(
        ConversationReach reach, Guid conversationKey, int? version, bool keepMemories, CancellationToken cancellationToken)
    {
        var deleted = await store.WriteAsync(
            async change =>
                await change.FindAsync(ChatCollections.Conversations, MongoConversation.IdOf(reach.TenantId, conversationKey)) is { } conversation
                    && MongoConversation.IsWithin(conversation, reach)
                    && (version is not { } wanted || conversation.Int32("version") == wanted)
                    ? await DeleteWithMessagesAsync(change, conversation, keepMemories, clock.GetUtcNow())
                    : (long?)null,
            cancellationToken);
        if (deleted is null)
        {
            return false;
        }

        ChatTelemetry.MessagesDeleted.Add(deleted.Value);
        return true;
    }

    public async Task<IReadOnlyList<RoleStatistics>> CountByRoleAsync(ConversationReach reach, Guid conversationKey, CancellationToken cancellationToken)
    {
        var filter = Within(reach, new BsonDocument("conversation_key", conversationKey.Bson()));
        var group = new BsonDocument
        {
            ["_id"] = "$role",
            ["messages"] = new BsonDocument("$sum", 1),
            ["archived"] = new BsonDocument("$sum", "$archived"),
            ["tokens"] = new BsonDocument("$sum", "$tokens"),
            ["first"] = new BsonDocument("$min", "$created_at"),
            ["last"] = new BsonDocument("$max", "$created_at"),
        };
        var rows = await store.ReadAsync(reader => reader.Collection(ChatCollections.Messages)
            .Aggregate<BsonDocument>(new BsonDocument[] { new("$match", filter), new("$group", group) }, cancellationToken: cancellationToken).ToListAsync(cancellationToken));
        return rows.ConvertAll(row => new RoleStatistics
        {
            Role = MessageRoles.FromCode(row.Int32("_id")),
            Messages = row.Int64("messages"),
            Archived = row.Int64("archived"),
            Tokens = row.Int64("tokens"),
            FirstAt = row.Time("first"),
            LastAt = row.Time("last"),
        });
    }

    public Task<long> CountMessagesAsync(ConversationReach reach, CancellationToken cancellationToken)
    {
        var group = new BsonDocument { ["_id"] = BsonNull.Value, ["messages"] = new BsonDocument("$sum", "$message_count") };
        return store.ReadAsync(async reader => (await reader.Collection(ChatCollections.Conversations)
            .Aggregate<BsonDocument>(new BsonDocument[] { new("$match", OfReach(reach, [])), new("$group", group) }, cancellationToken: cancellationToken)
            .FirstOrDefaultAsync(cancellationToken))?.Int64("messages") ?? 0);
    }

    public async Task<ImportStatuses> ImportAsync(
        ConversationReach reach,
        IReadOnlyList<ConversationRecord> conversations,
        IReadOnlyList<ImportedMessage> messages,
        bool dryRun,
        CancellationToken cancellationToken)
    {
        // A dry run runs where the import would, and leaves nothing to commit.
        var keys = new List<DataKey>(conversations.Count);
        var groups = new List<ConversationGroup>();
        if (!dryRun)
        {
            foreach (var conversation in conversations)
            {
                keys.Add(await own.Keys.GetOrCreateAsync(conversation.TenantId, conversation.SubjectKey, cancellationToken));
            }

            groups = await ConversationGroup.CreateAsync(own.Keys, [.. messages.Select(message => (message.Message, reach))], imported: true, cancellationToken);
        }

        return await store.WriteAsync(
            async change =>
            {
                var added = new AddConversationStatus[conversations.Count];
                for (var i = 0; i < added.Length; i++)
                {
                    added[i] = dryRun ? await JudgeAsync(change, reach, conversations[i]) : await AddAsync(change, conversations[i], keys[i], reach);
                }

                var statuses = await JudgeAsync(change, reach, messages);
                foreach (var group in groups)
                {
                    for (var i = 0; i < group.Messages.Count; i++)
                    {
                        var row = group.Messages[i];
                        if (messages[row.Index].SourceReplyTo is { } original && await FindInAsync(change, reach.TenantId, row.Message.ConversationKey, original) is not null)
                        {
                            group.Messages[i] = row with { Message = row.Message with { ReplyTo = original } };
                        }
                    }
                }

                await AddGroupsAsync(change, groups, statuses, clock.GetUtcNow());
                return new ImportStatuses(added, statuses);
            },
            cancellationToken);
    }

    /// <summary>Deletes a conversation with all its messages, and tells it.</summary>
    /// <returns>How many messages it had.</returns>
    internal static async Task<long> DeleteWithMessagesAsync(MongoChange change, BsonDocument conversation, bool keepMemories, DateTimeOffset now, bool erased = false)
    {
        var tenantId = conversation.Id("tenant_id");
        var ofConversation = new BsonDocument { ["tenant_id"] = conversation["tenant_id"], ["conversation_key"] = conversation["conversation_key"] };
        var (messages, sums) = await change.SumAsync(ChatCollections.Messages, ofConversation, "bytes");
        change.Sweep(ChatCollections.Messages, ofConversation);
        change.Delete(ChatCollections.Conversations, conversation["_id"]);
        await MessageCounters.CountConversationsAsync(change, tenantId, -1);
        await MessageCounters.DeleteAsync(change, tenantId, messages, sums[0], now);
        var told = new ConversationDeleted
        {
            TenantId = tenantId, ConversationKey = conversation.Id("conversation_key"), DeletedAt = now, KeepsMemories = keepMemories,
        };
        change.Publish(erased ? told : told with { SubjectKey = conversation.Id("subject_key") }, now);
        return messages;
    }

    private static bool CutOff(List<BsonDocument> rows, int limit)
    {
        var more = rows.Count > limit;
        if (more)
        {
            rows.RemoveAt(limit);
        }

        return more;
    }

    /// <summary>A filter of conversations that keeps to the tenant, and to the subject that may be reached.</summary>
    private static BsonDocument OfReach(ConversationReach reach, BsonDocument filter)
    {
        filter["tenant_id"] = reach.TenantId.Bson();
        if (reach.SubjectKey is { } subject)
        {
            filter["subject_key"] = subject.Bson();
        }

        return filter;
    }

    /// <summary>Adds a conversation unless there is one of its key.</summary>
    private static async Task<AddConversationStatus> AddAsync(MongoChange change, ConversationRecord conversation, DataKey key, ConversationReach reach)
    {
        key.ThrowIfDestroyed();
        var status = await JudgeAsync(change, reach, conversation);
        if (status == AddConversationStatus.Added)
        {
            change.Put(ChatCollections.Conversations, MongoConversation.Of(conversation, key));
            await MessageCounters.CountConversationsAsync(change, conversation.TenantId, 1);
        }

        return status;
    }

    private static async Task<AddConversationStatus> JudgeAsync(MongoChange change, ConversationReach reach, ConversationRecord conversation)
        => await change.FindAsync(ChatCollections.Conversations, MongoConversation.IdOf(conversation.TenantId, conversation.ConversationKey)) is not { } known ? AddConversationStatus.Added
            : MongoConversation.IsWithin(known, reach) ? AddConversationStatus.Exists
            : AddConversationStatus.OutOfReach;

    /// <summary>What is to become of messages, before any of them is stored.</summary>
    private static async Task<AddStatus[]> JudgeAsync(MongoChange change, ConversationReach reach, IReadOnlyList<ImportedMessage> messages)
    {
        await change.FindAsync(
            ChatCollections.Messages,
            [.. messages.SelectMany(item => (Guid?[])[item.Message.Id, item.SourceId, item.SourceReplyTo]).Where(id => id is not null).Distinct().Select(id => id.Bson())]);
        var seen = new HashSet<Guid>();
        var statuses = new AddStatus[messages.Count];
        for (var i = 0; i < statuses.Length; i++)
        {
            var (message, sourceId, _) = messages[i];

            // First whether it is within reach: what is in another subject's conversation is not told.
            statuses[i] = await change.FindAsync(ChatCollections.Conversations, MongoConversation.IdOf(reach.TenantId, message.ConversationKey)) is { } conversation
                && !MongoConversation.IsWithin(conversation, reach) ? AddStatus.OutOfReach
                : !seen.Add(message.Id)
                    || (await change.FindAsync(ChatCollections.Messages, message.Id.Bson()) is { } known && known.Id("tenant_id") == reach.TenantId)
                    || (sourceId is { } original && await FindInAsync(change, reach.TenantId, message.ConversationKey, original) is not null) ? AddStatus.Exists
                : AddStatus.Added;
        }

        return statuses;
    }

    private Task<List<BsonDocument>> FindConversationsAsync(BsonDocument filter, BsonDocument? sort, int? limit, CancellationToken cancellationToken)
        => store.ReadAsync(reader => reader.Collection(ChatCollections.Conversations).Find(filter).Sort(sort).Limit(limit).ToListAsync(cancellationToken));

    private async Task<IReadOnlyList<ConversationRecord>> OpenAsync(List<BsonDocument> rows, CancellationToken cancellationToken)
    {
        var conversations = new List<ConversationRecord>(rows.Count);
        foreach (var row in rows)
        {
            if (await own.Keys.FindAsync(row.Id("tenant_id"), row.Id("subject_key"), cancellationToken) is { } key)
            {
                conversations.Add(MongoConversation.Open(row, key));
            }
        }

        return conversations;
    }
}
