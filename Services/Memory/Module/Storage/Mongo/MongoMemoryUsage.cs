using MemoryMesh.Contracts.Analytics;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MemoryMesh.ServiceDefaults.Usage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Memory.Storage.Mongo;

/// <summary>Reads the counters in MongoDB. Every write counts what it changes.</summary>
internal sealed class MongoMemoryUsage([FromKeyedServices(MemoryModule.Name)] MongoStore store) : IMemoryUsage
{
    private static readonly string[] Read = ["added", "updated", "superseded", "archived", "deleted", "bytes"];

    public Task<MemoryUsage> GetUsageAsync(UsageQuery query, CancellationToken cancellationToken)
    {
        var intervals = new UsageIntervals(query.Boundaries, UsageBuckets.Levels);
        return store.ReadAsync(async reader =>
        {
            var sums = await MongoUsage.SumAsync(reader, MemoryCollections.Usage, intervals, query.TenantId, Read, cancellationToken);
            var ever = await MongoUsage.FindEverAsync(reader, MemoryCollections.Usage, query.TenantId, cancellationToken);
            return new MemoryUsage(
                [.. sums.Take(intervals.Count).Select(sum => new MemoryCounts(sum[0], sum[1], sum[2], sum[3], sum[4], sum[5]))],
                sums[^1][5],
                ever?.Int64("active") ?? 0,
                ever is null ? 0 : ever.Int64("added") - ever.Int64("deleted"),
                ever?.Int64("bytes") ?? 0);
        });
    }
}
