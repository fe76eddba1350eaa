using MemoryMesh.Contracts.Analytics;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Usage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>Reads the counters of the embedded store. Its triggers count.</summary>
internal sealed class SqliteMemoryUsage([FromKeyedServices(MemoryModule.Name)] ModuleDatabase database) : IMemoryUsage
{
    private static readonly string[] Columns = ["added", "updated", "superseded", "archived", "deleted", "bytes"];
    private static readonly string ReadSql = UsageIntervals.ReadSql("memory_usage", Columns);

    public Task<MemoryUsage> GetUsageAsync(UsageQuery query, CancellationToken cancellationToken)
    {
        var intervals = new UsageIntervals(query.Boundaries, UsageBuckets.Levels);
        return database.Data.ReadAsync(
            session =>
            {
                var sums = intervals.Sum(session, query.TenantId, ReadSql, Columns.Length);
                var (active, stored, bytes) = session.QueryFirst(
                    "SELECT active, added - deleted, bytes FROM memory_usage WHERE tenant_id = $1 AND level = $2 AND bucket = 0",
                    row => (row.Int64(0), row.Int64(1), row.Int64(2)),
                    query.TenantId,
                    UsageLevel.Ever);
                return new MemoryUsage(
                    [.. sums.Take(intervals.Count).Select(sum => new MemoryCounts(sum[0], sum[1], sum[2], sum[3], sum[4], sum[5]))], sums[^1][5], active, stored, bytes);
            },
            cancellationToken);
    }
}
