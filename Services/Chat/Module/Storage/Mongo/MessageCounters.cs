using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MemoryMesh.ServiceDefaults.Usage;
using MongoDB.Bson;

namespace MemoryMesh.Chat.Storage.Mongo;

/// <summary>Counts, in the commit of the change, the messages of a tenant, and the subjects that they are about.</summary>
/// <remarks>
/// Each count stands in one bucket of every level. Messages and tokens are counted at the time of the message, deletions and bytes at the time of the change.
/// </remarks>
internal static class MessageCounters
{
    /// <summary>Fields that are counted, in the order of the roles' codes: messages, tokens; then deletions and bytes.</summary>
    public static readonly IReadOnlyList<string> Fields =
    [
        .. MessageRoles.All.Select(role => $"{role}_messages"), .. MessageRoles.All.Select(role => $"{role}_tokens"), Deleted, Bytes,
    ];

    private const string Deleted = "deleted";
    private const string Bytes = "bytes";

    public static BsonValue IdOf(BsonValue bucket, int chunk) => new BsonDocument { ["of"] = bucket, ["chunk"] = chunk };

    /// <summary>Counts messages of one tenant that were added.</summary>
    public static async Task AddAsync(MongoChange change, Guid tenantId, IReadOnlyList<SealedNewMessage> messages, DateTimeOffset now)
    {
        var counts = new Dictionary<long, long[]>();
        long[] CountsOf(long quarter) => counts.TryGetValue(quarter, out var known) ? known : counts[quarter] = new long[Fields.Count];
        foreach (var row in messages)
        {
            var ofQuarter = CountsOf(UsageBuckets.QuarterOf(row.Message.CreatedAt));
            var role = MessageRoles.CodeOf(row.Message.Role) - 1;
            ofQuarter[role]++;
            ofQuarter[MessageRoles.All.Count + role] += row.Tokens;
            CountsOf(UsageBuckets.QuarterOf(now))[^1] += row.Bytes;
        }

        await CountAsync(change, tenantId, counts);
        await MarkActiveAsync(change, tenantId, [.. messages.Select(row => (row.Message.SubjectKey, UsageBuckets.QuarterOf(row.Message.CreatedAt))).Distinct()]);
    }

    /// <summary>Counts messages that were deleted.</summary>
    public static Task DeleteAsync(MongoChange change, Guid tenantId, long messages, long bytes, DateTimeOffset now)
    {
        var counts = new long[Fields.Count];
        (counts[^2], counts[^1]) = (messages, -bytes);
        return CountAsync(change, tenantId, new Dictionary<long, long[]> { [UsageBuckets.QuarterOf(now)] = counts });
    }

    /// <summary>Counts bytes that changing messages added.</summary>
    public static Task ChangeAsync(MongoChange change, Guid tenantId, long bytes, DateTimeOffset now)
    {
        var counts = new long[Fields.Count];
        counts[^1] = bytes;
        return CountAsync(change, tenantId, new Dictionary<long, long[]> { [UsageBuckets.QuarterOf(now)] = counts });
    }

    /// <summary>Counts conversations.</summary>
    public static async Task CountConversationsAsync(MongoChange change, Guid tenantId, int more)
    {
        var counts = await FindCountsAsync(change, tenantId);
        counts.Increase("conversations", more);
        change.Put(ChatCollections.Counts, counts);
    }

    /// <summary>Forgets whose activity it was that is counted for a subject: its number is a random key's from now on.</summary>
    /// <returns>Whether there was any.</returns>
    public static async Task<bool> ForgetAsync(MongoChange change, Guid tenantId, Guid subjectKey)
    {
        if (await change.FindAsync(ChatCollections.Subjects, MongoValues.Pair(tenantId, subjectKey)) is not { } subject)
        {
            return false;
        }

        change.Delete(ChatCollections.Subjects, subject["_id"]);
        subject["_id"] = MongoValues.Pair(tenantId, Guid.NewGuid());
        change.Put(ChatCollections.Subjects, subject);
        return true;
    }

    private static async Task CountAsync(MongoChange change, Guid tenantId, Dictionary<long, long[]> counts)
    {
        var buckets = UsageBuckets.FineLevels
            .SelectMany(level => counts.GroupBy(item => UsageBuckets.BucketOf(level, item.Key), item => item.Value).Select(group => (Level: level, Bucket: group.Key, Counts: group)))
            .Select(item => (Id: MongoUsage.IdOf(tenantId, item.Level, item.Bucket), item.Level, item.Bucket, item.Counts))
            .ToList();
        var known = await change.FindAsync(ChatCollections.Usage, [.. buckets.Select(bucket => bucket.Id)]);
        foreach (var (id, level, bucket, more) in buckets)
        {
            var document = known.GetValueOrDefault(id) ?? new BsonDocument
            {
                ["_id"] = id, ["tenant_id"] = tenantId.Bson(), ["level"] = (int)level, ["bucket"] = bucket,
            };
            for (var i = 0; i < Fields.Count; i++)
            {
                document.Increase(Fields[i], more.Sum(item => item[i]));
            }

            change.Put(ChatCollections.Usage, document);
        }
    }

    private static async Task MarkActiveAsync(MongoChange change, Guid tenantId, IReadOnlyList<(Guid SubjectKey, long Quarter)> active)
    {
        var numbers = await NumbersAsync(change, tenantId, [.. active.Select(item => item.SubjectKey).Distinct()]);
        foreach (var level in UsageBuckets.Levels.Where(level => level != UsageLevel.Ever))
        {
            var chunks = active
                .Select(item => (Number: numbers[item.SubjectKey], Bucket: UsageBuckets.BucketOf(level, item.Quarter)))
                .GroupBy(item => (item.Bucket, Chunk: item.Number / SubjectSet.ChunkSize), item => item.Number % SubjectSet.ChunkSize)
                .Select(group => (Id: IdOf(MongoUsage.IdOf(tenantId, level, group.Key.Bucket), group.Key.Chunk), group.Key, Places: group))
                .ToList();
            var known = await change.FindAsync(ChatCollections.Activity, [.. chunks.Select(chunk => chunk.Id)]);
            foreach (var (id, key, places) in chunks)
            {
                if (SubjectSet.With(known.TryGetValue(id, out var stored) ? stored.Bytes("subjects") : [], places) is { } subjects)
                {
                    change.Put(ChatCollections.Activity, new BsonDocument
                    {
                        ["_id"] = id,
                        ["tenant_id"] = tenantId.Bson(),
                        ["level"] = (int)level,
                        ["bucket"] = key.Bucket,
                        ["chunk"] = key.Chunk,
                        ["subjects"] = subjects,
                    });
                }
            }
        }
    }

    private static async Task<Dictionary<Guid, int>> NumbersAsync(MongoChange change, Guid tenantId, IReadOnlyList<Guid> subjectKeys)
    {
        var known = await change.FindAsync(ChatCollections.Subjects, [.. subjectKeys.Select(key => MongoValues.Pair(tenantId, key))]);
        var numbers = new Dictionary<Guid, int>();
        BsonDocument? counts = null;
        foreach (var subjectKey in subjectKeys)
        {
            var id = MongoValues.Pair(tenantId, subjectKey);
            if (!known.TryGetValue(id, out var subject))
            {
                counts ??= await FindCountsAsync(change, tenantId);
                subject = new BsonDocument { ["_id"] = id, ["tenant_id"] = tenantId.Bson(), ["number"] = counts.Int64("subjects") };
                counts.Increase("subjects", 1);
                change.Put(ChatCollections.Subjects, subject);
            }

            numbers[subjectKey] = subject.Int32("number");
        }

        if (counts is not null)
        {
            change.Put(ChatCollections.Counts, counts);
        }

        return numbers;
    }

    private static async Task<BsonDocument> FindCountsAsync(MongoChange change, Guid tenantId)
        => await change.FindAsync(ChatCollections.Counts, tenantId.Bson())
            ?? new BsonDocument { ["_id"] = tenantId.Bson(), ["tenant_id"] = tenantId.Bson(), ["conversations"] = 0L, ["subjects"] = 0L };
}
