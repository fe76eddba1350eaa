using MemoryMesh.Contracts.Search;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Endpoints;
using MemoryMesh.Search.Features;
using MemoryMesh.Search.Storage;
using MemoryMesh.ServiceDefaults.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Search;

/// <summary>Search for other services, in the process that keeps the index.</summary>
internal sealed class LocalSearchClient(
    ContextMemories memories,
    IItemIndex index,
    IVectorStore vectors,
    [FromKeyedServices(SearchModule.Name)] MessageWaiters waiters,
    EmbeddingWaiters embeddingWaiters,
    TimeProvider clock,
    RouteAnswers answers) : ISearchClient
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    public Task<IReadOnlyList<MemoryHit>> SearchMemoriesAsync(MemoryQuery query, CancellationToken cancellationToken) => memories.FindAsync(query, cancellationToken);

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
