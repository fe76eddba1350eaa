using MemoryMesh.Contracts.Search;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Endpoints;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;
using MemoryMesh.Search.Storage;
using MemoryMesh.Search.Usage;
using MemoryMesh.ServiceDefaults.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Search;

/// <summary>Search for other services, in the process that keeps the index.</summary>
internal sealed class LocalSearchClient(
    ItemRanking ranking,
    IItemIndex index,
    IVectorStore vectors,
    [FromKeyedServices(SearchModule.Name)] MessageWaiters waiters,
    EmbeddingWaiters embeddingWaiters,
    SearchCounter counter,
    TimeProvider clock,
    RouteAnswers answers) : ISearchClient
{
    private const int MaxTopK = 1_000;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    public async Task<IReadOnlyList<MemoryHit>> SearchMemoriesAsync(MemoryQuery query, CancellationToken cancellationToken)
    {
        counter.Count(query.TenantId, SearchedKind.Context);
        var filter = new ItemFilter
        {
            TenantId = query.TenantId,
            Kind = ItemKind.Memory,
            OwnerKeys = query.OwnerKeys,
            Categories = query.Categories ?? [],
        };
        var topK = Math.Clamp(query.TopK, 1, MaxTopK);
        var ranked = await ranking.FindAsync(filter, query.Query, ranking.CandidatesFor(topK), RankingSettings.Default, cancellationToken);
        return [.. ranked.Take(topK).Select(item => new MemoryHit(item.Item.Id, item.Score))];
    }

    public Task<SearchAnswer> AnswerAsync(SearchQuestion question, CancellationToken cancellationToken) => answers.AnswerAsync(question, cancellationToken);

    public Task<bool> WaitUntilIndexedAsync(
        Guid tenantId, IReadOnlyList<MessageVersion> messages, TimeSpan timeout, CancellationToken cancellationToken)
    {
        return waiters.WaitAsync(
            messages, () => index.ContainsAsync(tenantId, messages, cancellationToken), timeout < LongestWait ? timeout : LongestWait, clock, cancellationToken);
    }

    public Task<bool> WaitUntilEmbeddedAsync(
        Guid tenantId, IReadOnlyList<MessageVersion> messages, TimeSpan timeout, CancellationToken cancellationToken)
    {
        return embeddingWaiters.WaitAsync(
            messages, () => vectors.AreEmbeddedAsync(tenantId, messages, cancellationToken), timeout < LongestWait ? timeout : LongestWait, clock, cancellationToken);
    }
}
