using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Storage;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Usage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Search.Usage;

/// <summary>Reads the counters of the index.</summary>
internal sealed class LocalSearchUsage(
    [FromKeyedServices(SearchModule.Name)] ModuleDatabase database, SearchCounter counter, IVectorStore vectors, ITextEmbedder embedder) : ISearchUsage
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
        return new EmbeddingStats
        {
            Model = embedder.Model,
            Dimensions = embedder.Dimensions,
            Kinds = [await OfAsync("message", ItemKind.Message), await OfAsync("memory", ItemKind.Memory)],
        };

        async Task<EmbeddingKind> OfAsync(string name, ItemKind kind)
        {
            var counts = await vectors.CountAsync(tenantId, kind, cancellationToken);
            return new(name, counts.Items, counts.Embedded, counts.Waiting, counts.Parked);
        }
    }
}
