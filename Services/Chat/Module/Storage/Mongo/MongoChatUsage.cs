using MemoryMesh.Contracts.Analytics;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MemoryMesh.ServiceDefaults.Usage;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Chat.Storage.Mongo;

/// <summary>Reads the counters in MongoDB.</summary>
internal sealed class MongoChatUsage([FromKeyedServices(ChatModule.Name)] MongoStore store, IConversationStore conversations) : IChatUsage
{
    public Task<ChatUsage> GetUsageAsync(UsageQuery query, CancellationToken cancellationToken)
        => store.ReadAsync(async reader =>
        {
            var intervals = new UsageIntervals(query.Boundaries, UsageBuckets.FineLevels);
            var sums = await MongoUsage.SumAsync(reader, ChatCollections.Usage, intervals, query.TenantId, MessageCounters.Fields, cancellationToken);
            var active = await ReadActivityAsync(reader, query, cancellationToken);
            var all = new SubjectSet();
            Array.ForEach(active, all.Add);
            var ever = await MongoUsage.FindEverAsync(reader, ChatCollections.Usage, query.TenantId, cancellationToken);
            var counts = await reader.Collection(ChatCollections.Counts).Find(new BsonDocument("_id", query.TenantId.Bson())).FirstOrDefaultAsync(cancellationToken);
            return new ChatUsage(
                [.. Enumerable.Range(0, query.Boundaries.Count - 1).Select(i => ToUsage(sums[i], active[i].Count))],
                all.Count,
                sums[^1][^1],
                ever is null ? 0 : MessageCounters.Fields.Take(MessageRoles.All.Count).Sum(ever.Int64) - ever.Int64(MessageCounters.Fields[^2]),
                counts?.Int64("conversations") ?? 0,
                ever?.Int64(MessageCounters.Fields[^1]) ?? 0);
        });

    public async Task<IReadOnlyList<ConversationUsage>> ListTopConversationsAsync(TopConversationsQuery query, CancellationToken cancellationToken)
    {
        var stages = new BsonDocument[]
        {
            new("$match", new BsonDocument
            {
                ["tenant_id"] = query.TenantId.Bson(), ["created_at"] = new BsonDocument { ["$gte"] = query.From.Bson(), ["$lt"] = query.Before.Bson() },
            }),
            new("$group", new BsonDocument { ["_id"] = "$conversation_key", ["messages"] = new BsonDocument("$sum", 1), ["tokens"] = new BsonDocument("$sum", "$tokens") }),
            new("$sort", MongoCollectionPlan.Keys(query.ByTokens ? "-tokens" : "-messages", "-_id")),
            new("$limit", query.Limit),
        };
        var top = await store.ReadAsync(reader => reader.Collection(ChatCollections.Messages)
            .Aggregate<BsonDocument>(stages, cancellationToken: cancellationToken).ToListAsync(cancellationToken));
        var found = new List<ConversationUsage>(top.Count);
        foreach (var item in top)
        {
            if (await conversations.FindConversationAsync(new ConversationReach(query.TenantId, null), item.Id("_id"), cancellationToken) is { } conversation)
            {
                found.Add(new ConversationUsage(
                    conversation.ConversationId, conversation.UserId, conversation.Title, item.Int64("messages"), item.Int64("tokens"), conversation.LastMessageAt));
            }
        }

        return found;
    }

    private static MessageUsage ToUsage(long[] sums, long activeSubjects)
        => new(new RoleCounts(sums[0], sums[1], sums[2], sums[3]), new RoleCounts(sums[4], sums[5], sums[6], sums[7]), sums[8], activeSubjects, sums[9]);

    private static async Task<SubjectSet[]> ReadActivityAsync(MongoStore reader, UsageQuery query, CancellationToken cancellationToken)
    {
        var intervals = new UsageIntervals(query.Boundaries, UsageBuckets.Levels);
        var active = Enumerable.Range(0, intervals.Count).Select(_ => new SubjectSet()).ToArray();
        await MongoUsage.ReadAsync(reader, ChatCollections.Activity, intervals, query.TenantId, (interval, row) =>
        {
            if (interval >= 0)
            {
                active[interval].Add(row.Int32("chunk"), row.Bytes("subjects"));
            }
        }, cancellationToken);
        return active;
    }
}
