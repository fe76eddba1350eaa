using MemoryMesh.ServiceDefaults.Usage;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>Counters of tenants: documents by tenant, level and bucket, as the counter tables of the other engines.</summary>
public static class MongoUsage
{
    /// <summary>A collection of counters.</summary>
    public static MongoCollectionPlan PlanOf(string collection) => new(collection, MongoCollectionPlan.Keys("tenant_id", "level", "bucket"));

    /// <summary>Id of the counts of one bucket.</summary>
    public static BsonValue IdOf(Guid tenantId, UsageLevel level, long bucket) => new BsonDocument { ["tenant"] = tenantId.Bson(), ["level"] = (int)level, ["bucket"] = bucket };

    /// <summary>Adds to the counts of a quarter hour, in one bucket of every level.</summary>
    /// <param name="change">The write.</param>
    /// <param name="collection">The counters.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="quarter">Of <see cref="UsageBuckets.QuarterOf"/>.</param>
    /// <param name="fields">Every field of the collection.</param>
    /// <param name="more">What is added, one a field.</param>
    public static async Task AddAsync(MongoChange change, string collection, Guid tenantId, long quarter, IReadOnlyList<string> fields, params long[] more)
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentNullException.ThrowIfNull(fields);
        ArgumentNullException.ThrowIfNull(more);
        var buckets = UsageBuckets.Levels.Select(level => (Level: level, Bucket: UsageBuckets.BucketOf(level, quarter))).ToList();
        var known = await change.FindAsync(collection, [.. buckets.Select(bucket => IdOf(tenantId, bucket.Level, bucket.Bucket))]);
        foreach (var (level, bucket) in buckets)
        {
            var id = IdOf(tenantId, level, bucket);
            var document = known.GetValueOrDefault(id) ?? new BsonDocument
            {
                ["_id"] = id, ["tenant_id"] = tenantId.Bson(), ["level"] = (int)level, ["bucket"] = bucket,
            };
            for (var i = 0; i < fields.Count; i++)
            {
                document.Increase(fields[i], more[i]);
            }

            change.Put(collection, document);
        }
    }

    /// <summary>The sums of each interval, and of the time before the first in the last place.</summary>
    public static async Task<long[][]> SumAsync(
        MongoStore reader, string collection, UsageIntervals intervals, Guid tenantId, IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(intervals);
        ArgumentNullException.ThrowIfNull(fields);
        var sums = Enumerable.Range(0, intervals.Count + 1).Select(_ => new long[fields.Count]).ToArray();
        await ReadAsync(reader, collection, intervals, tenantId, (interval, row) =>
        {
            var sum = sums[interval < 0 ? intervals.Count : interval];
            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += row.Int64(fields[i]);
            }
        }, cancellationToken);
        return sums;
    }

    /// <summary>Reads the counts of all intervals, and of the time before them as that of the interval -1.</summary>
    public static async Task ReadAsync(
        MongoStore reader, string collection, UsageIntervals intervals, Guid tenantId, Action<int, BsonDocument> read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(intervals);
        foreach (var (level, ranges) in intervals.Ranges)
        {
            var filter = new BsonDocument
            {
                ["tenant_id"] = tenantId.Bson(),
                ["level"] = (int)level,
                ["$or"] = new BsonArray(ranges.Select(range => new BsonDocument("bucket", new BsonDocument { ["$gte"] = range.First, ["$lt"] = range.Beyond }))),
            };
            (await reader.Collection(collection).Find(filter).ToListAsync(cancellationToken)).ForEach(row => read(intervals.IntervalOf(level, row.Int64("bucket")), row));
        }
    }

    /// <summary>The counts of all time; null when nothing was counted.</summary>
    public static async Task<BsonDocument?> FindEverAsync(MongoStore reader, string collection, Guid tenantId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return await reader.Collection(collection).Find(new BsonDocument("_id", IdOf(tenantId, UsageLevel.Ever, 0))).FirstOrDefaultAsync(cancellationToken);
    }
}
