using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Chat.Storage.Mongo;

/// <content>What reads messages.</content>
internal sealed partial class MongoConversationStore
{
    public Task<IReadOnlyDictionary<Guid, Guid>> FindTenantsAsync(IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
        => store.ReadAsync<IReadOnlyDictionary<Guid, Guid>>(async reader => (await reader.Collection(ChatCollections.Messages)
            .Find(OfIds(messageIds)).Project<BsonDocument>(MongoCollectionPlan.Keys("tenant_id")).ToListAsync(cancellationToken))
            .ToDictionary(row => row.Id("_id"), row => row.Id("tenant_id")));

    public async Task<IReadOnlyList<MessageRecord>> FindMessagesAsync(
        ConversationReach reach, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
    {
        var rows = await FindAsync(Within(reach, OfIds(messageIds)), null, null, cancellationToken);
        return await OpenAsync(reach.TenantId, rows, cancellationToken);
    }

    public async Task<MessagePage> ListMessagesAsync(
        ConversationReach reach, Guid conversationKey, MessagePageQuery query, CancellationToken cancellationToken)
    {
        var earliest = new MessagePosition(query.Earliest?.ToUnixTimeMilliseconds() ?? long.MinValue, long.MinValue);
        var latest = new MessagePosition(query.Latest?.ToUnixTimeMilliseconds() ?? long.MaxValue, long.MaxValue);
        Task<List<BsonDocument>> ReadAsync(bool forward, MessagePosition from, int limit)
        {
            var start = forward ? MessagePosition.Later(from, earliest) : MessagePosition.Earlier(from, latest);
            var filter = new BsonDocument
            {
                ["conversation_key"] = conversationKey.Bson(),
                ["created_at"] = forward
                    ? new BsonDocument { ["$gte"] = start.CreatedAt, ["$lte"] = latest.CreatedAt }
                    : new BsonDocument { ["$lte"] = start.CreatedAt, ["$gte"] = earliest.CreatedAt },
            };
            var conditions = new BsonArray { Beyond(forward ? "$gt" : "$lt", "created_at", start.CreatedAt, "seq", start.Sequence) };
            if (query.ThreadId is { } thread)
            {
                conditions.Add(Either(new BsonDocument("_id", thread.Bson()), new BsonDocument("thread_root", thread.Bson())));
            }

            filter["$and"] = conditions;
            if (query.Role is not null)
            {
                filter["role"] = MessageRoles.CodeOf(query.Role);
            }

            if (!query.IncludeArchived)
            {
                filter["archived"] = 0;
            }

            return FindAsync(Within(reach, filter), forward ? MongoCollectionPlan.Keys("created_at", "seq") : MongoCollectionPlan.Keys("-created_at", "-seq"), limit, cancellationToken);
        }

        var rows = await ReadAsync(query.Forward, query.From, query.Limit + 1);
        var more = rows.Count > query.Limit;
        if (more)
        {
            rows.RemoveAt(query.Limit);
        }

        var back = rows.Count > 0 && (await ReadAsync(!query.Forward, MongoMessage.PositionOf(rows[0]), 1)).Count > 0;
        if (!query.Forward)
        {
            rows.Reverse();
        }

        var (older, newer) = query.Forward ? (back, more) : (more, back);
        return new MessagePage(
            await OpenAsync(reach.TenantId, rows, cancellationToken),
            older ? MongoMessage.PositionOf(rows[0]) : null,
            newer ? MongoMessage.PositionOf(rows[^1]) : null);
    }

    public async Task<ThreadState> ReadThreadAsync(
        ConversationReach reach, Guid conversationKey, Guid threadId, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
    {
        var ofConversation = new BsonDocument("conversation_key", conversationKey.Bson());
        var replies = await store.ReadAsync(reader => reader.Collection(ChatCollections.Messages)
            .CountDocumentsAsync(Within(reach, new BsonDocument(ofConversation) { ["thread_root"] = threadId.Bson() }), cancellationToken: cancellationToken));
        var present = await FindIdsAsync(Within(reach, OfIds([threadId, .. messageIds]).AddRange(ofConversation)), cancellationToken);
        return new ThreadState(replies + (present.Contains(threadId) ? 1 : 0), messageIds.Where(present.Contains).ToHashSet());
    }

    public async Task<IReadOnlyList<MessageRecord>> ListPrecedingUserMessagesAsync(
        Guid tenantId, Guid messageId, int limit, CancellationToken cancellationToken)
    {
        var reach = new ConversationReach(tenantId, null);
        if ((await FindAsync(Within(reach, OfIds([messageId])), null, 1, cancellationToken)).SingleOrDefault() is not { } message)
        {
            return [];
        }

        var position = MongoMessage.PositionOf(message);
        var filter = new BsonDocument
        {
            ["conversation_key"] = message["conversation_key"],
            ["subject_key"] = message["subject_key"],
            ["role"] = MessageRoles.CodeOf(MessageRoles.User),
            ["archived"] = 0,
            ["created_at"] = new BsonDocument("$lte", position.CreatedAt),
            ["$and"] = new BsonArray { Beyond("$lt", "created_at", position.CreatedAt, "seq", position.Sequence) },
        };
        var rows = await FindAsync(Within(reach, filter), MongoCollectionPlan.Keys("-created_at", "-seq"), limit, cancellationToken);
        rows.Reverse();
        return await OpenAsync(tenantId, rows, cancellationToken);
    }

    public async Task<(IReadOnlyList<MessageRecord> Messages, long? Next)> ListMessagesElsewhereAsync(
        Guid tenantId, Guid subjectKey, long after, int limit, CancellationToken cancellationToken)
    {
        var filter = new BsonDocument
        {
            ["subject_key"] = subjectKey.Bson(), ["seq"] = new BsonDocument("$gt", after), ["owner_key"] = new BsonDocument("$ne", subjectKey.Bson()),
        };
        var rows = await FindAsync(Within(new ConversationReach(tenantId, null), filter), MongoCollectionPlan.Keys("seq"), limit, cancellationToken);
        return (await OpenAsync(tenantId, rows, cancellationToken), rows.Count == limit ? rows[^1].Int64("seq") : null);
    }

    public async Task<IReadOnlyList<Guid>> FindKnownAsync(ConversationReach reach, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
    {
        var known = await FindIdsAsync(Within(reach, OfIds(messageIds)), cancellationToken);
        return [.. messageIds.Where(known.Contains)];
    }

    private static BsonDocument OfIds(IEnumerable<Guid> ids) => new("_id", new BsonDocument("$in", new BsonArray(ids.Select(id => id.Bson()))));

    /// <summary>A filter of messages that keeps to the tenant, and to conversations within reach.</summary>
    private static BsonDocument Within(ConversationReach reach, BsonDocument filter)
    {
        filter["tenant_id"] = reach.TenantId.Bson();
        if (reach.SubjectKey is { } subject)
        {
            filter["owner_key"] = subject.Bson();
        }

        return filter;
    }

    /// <summary>What follows, or precedes, a place in an order of two fields.</summary>
    private static BsonDocument Beyond(string comparison, string first, BsonValue firstPlace, string second, BsonValue secondPlace)
        => Either(
            new BsonDocument(first, new BsonDocument(comparison, firstPlace)),
            new BsonDocument { [first] = firstPlace, [second] = new BsonDocument(comparison, secondPlace) });

    private static BsonDocument Either(params IEnumerable<BsonDocument> conditions) => new("$or", new BsonArray(conditions));

    private Task<List<BsonDocument>> FindAsync(BsonDocument filter, BsonDocument? sort, int? limit, CancellationToken cancellationToken)
        => store.ReadAsync(reader => reader.Collection(ChatCollections.Messages).Find(filter).Sort(sort).Limit(limit).ToListAsync(cancellationToken));

    private async Task<HashSet<Guid>> FindIdsAsync(BsonDocument filter, CancellationToken cancellationToken)
        => [.. (await store.ReadAsync(reader => reader.Collection(ChatCollections.Messages)
            .Find(filter).Project<BsonDocument>(MongoCollectionPlan.Keys("_id")).ToListAsync(cancellationToken))).Select(row => row.Id("_id"))];

    /// <summary>Opens messages in their order. One whose data key, or whose conversation's, was destroyed is gone.</summary>
    private async Task<IReadOnlyList<MessageRecord>> OpenAsync(Guid tenantId, List<BsonDocument> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return [];
        }

        var ids = rows.Select(row => MongoConversation.IdOf(tenantId, row.Id("conversation_key"))).Distinct();
        var conversations = await store.ReadAsync(reader => reader.Collection(ChatCollections.Conversations)
            .Find(new BsonDocument("_id", new BsonDocument("$in", new BsonArray(ids)))).Project<BsonDocument>(MongoCollectionPlan.Keys("conversation_key", "subject_key", "name"))
            .ToListAsync(cancellationToken));
        var keys = new Dictionary<Guid, DataKey?>();
        var namesOfConversations = new Dictionary<Guid, string>();
        foreach (var conversation in conversations)
        {
            var conversationKey = conversation.Id("conversation_key");
            if (await KeyOfAsync(conversation.Id("subject_key")) is { } key)
            {
                namesOfConversations[conversationKey] = key.OpenText(conversation.Bytes("name"), ConversationPlaces.Name(conversationKey));
            }
        }

        var messages = new List<MessageRecord>(rows.Count);
        foreach (var row in rows)
        {
            if (namesOfConversations.TryGetValue(row.Id("conversation_key"), out var conversationId) && await KeyOfAsync(row.Id("subject_key")) is { } key)
            {
                messages.Add(MongoMessage.Open(row, key, conversationId));
            }
        }

        return messages;

        async ValueTask<DataKey?> KeyOfAsync(Guid owner)
        {
            if (!keys.TryGetValue(owner, out var key))
            {
                keys[owner] = key = await own.Keys.FindAsync(tenantId, owner, cancellationToken);
            }

            return key;
        }
    }
}
