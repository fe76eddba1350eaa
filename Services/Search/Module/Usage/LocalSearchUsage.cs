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
    [FromKeyedServices(SearchModule.Name)] ModuleDatabase database,
    SearchCounter counter,
    IVectorStore vectors,
    EmbeddingModels models,
    EmbeddingQueue queue,
    EmbeddingBell bell) : ISearchUsage
{
    private const int MostProblems = 100;

    private static readonly string ReadSql = UsageIntervals.ReadSql("search_usage", SearchCounter.Columns);

    public async Task<SearchUsage> GetUsageAsync(UsageQuery query, CancellationToken cancellationToken)
    {
        await counter.WriteAsync(cancellationToken);
        var intervals = new UsageIntervals(query.Boundaries, UsageBuckets.Levels);
        var sums = await database.Data.ReadAsync(session => intervals.Sum(session, query.TenantId, ReadSql, SearchCounter.Columns.Count), cancellationToken);
        return new SearchUsage([.. sums.Take(intervals.Count).Select(sum => new SearchCounts(sum[0], sum[1], sum[2]))]);
    }

    public async Task<EmbeddingStats> GetEmbeddingStatsAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        var inUse = await models.GetAsync(cancellationToken);
        var (serving, next) = (inUse.Serving, inUse.Next);
        var failed = await vectors.ListFailedAsync(tenantId, serving.Stored, MostProblems, cancellationToken);
        if (next is not null)
        {
            failed = [.. failed, .. await vectors.ListFailedAsync(tenantId, next.Stored, MostProblems, cancellationToken)];
        }

        return new EmbeddingStats
        {
            Model = serving.Embedder.Model,
            Version = serving.Embedder.Version,
            Provider = serving.Embedder.Source == EmbeddingOptions.Local ? EmbeddingOptions.Local : "remote",
            Dimensions = serving.Embedder.Dimensions,
            Kinds = await CountAsync(tenantId, serving, cancellationToken),
            Reused = queue.CountReused(tenantId),
            Unavailable = queue.OutageOf(serving)?.Reason,
            Next = next is null
                ? null
                : new(
                    next.Embedder.Model,
                    next.Embedder.Version,
                    next.Embedder.Dimensions,
                    await CountAsync(tenantId, next, cancellationToken),
                    queue.OutageOf(next)?.Reason),
            Problems =
            [
                .. failed.OrderByDescending(job => job.IsParked).Take(MostProblems)
                    .Select(job => new EmbeddingProblem(NameOf(job.Kind), job.ItemId, job.IsParked ? "parked" : "retrying", job.Attempts, job.Error)),
            ],
        };
    }

    public async Task<int> RetryEmbeddingsAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        var count = await vectors.RetryParkedAsync(tenantId, cancellationToken);
        bell.Ring();
        return count;
    }

    private async Task<IReadOnlyList<EmbeddingKind>> CountAsync(Guid tenantId, ModelInUse model, CancellationToken cancellationToken)
    {
        var kinds = new List<EmbeddingKind>();
        foreach (var kind in (ItemKind[])[ItemKind.Message, ItemKind.Memory])
        {
            var counts = await vectors.CountAsync(tenantId, kind, model.Stored, cancellationToken);
            kinds.Add(new(NameOf(kind), counts.Items, counts.Embedded, counts.Waiting, counts.Parked));
        }

        return kinds;
    }

    private static string NameOf(ItemKind kind) => kind switch
    {
        ItemKind.Message => "message",
        ItemKind.Memory => "memory",
        _ => "ended_memory",
    };
}
