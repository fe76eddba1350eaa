using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Usage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Search.Usage;

/// <summary>Reads the counters of the index.</summary>
internal sealed class LocalSearchUsage(
    [FromKeyedServices(SearchModule.Name)] ModuleDatabase database, SearchCounter counter, ITextEmbedder embedder) : ISearchUsage
{
    private static readonly string SumSql = UsageIntervals.SumSql("search_usage", SearchCounter.Columns);

    public async Task<SearchUsage> GetUsageAsync(UsageQuery query, CancellationToken cancellationToken)
    {
        await counter.WriteAsync(cancellationToken);
        var intervals = new UsageIntervals(query.Boundaries);
        var sums = await database.Data.ReadAsync(session => intervals.Sum(session, query.TenantId, SumSql, SearchCounter.Columns.Count), cancellationToken);
        return new SearchUsage([.. sums.Take(intervals.Count).Select(sum => new SearchCounts(sum[0], sum[1], sum[2]))]);
    }

    public async Task<EmbeddingStats> GetEmbeddingStatsAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        var indexed = await database.Data.ReadAsync(
            session => session.Query("SELECT kind, items FROM index_totals WHERE tenant_id = $1", row => ((ItemKind)row.Int32(0), row.Int64(1)), tenantId)
                .ToDictionary(row => row.Item1, row => row.Item2),
            cancellationToken);
        return new EmbeddingStats
        {
            Model = embedder.Model,
            Dimensions = embedder.Dimensions,
            Kinds = [Of("message", ItemKind.Message), Of("memory", ItemKind.Memory)],
        };

        EmbeddingKind Of(string name, ItemKind kind) => new(name, indexed.GetValueOrDefault(kind), 0, 0, 0);
    }
}
