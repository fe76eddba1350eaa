using MemoryMesh.Contracts.Search;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory.Features;

/// <summary>Asks search for memories, for as long as a context can wait.</summary>
internal sealed class ContextSearch(ISearchClient search, IOptions<MemoryOptions> options, ILogger<ContextSearch> logger)
{
    private const int MaxHits = 30;
    private const int MaxQueryLength = 1_000;

    /// <summary>The memories that answer a question, best first, and whether search did not answer in time; null also when there is no question.</summary>
    public async Task<(IReadOnlyList<MemoryHit>? Hits, bool Degraded)> FindAsync(
        Guid tenantId, IReadOnlyList<Guid> owners, string? question, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(question))
        {
            return (null, false);
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.Value.ContextSearchTimeoutMilliseconds);
        try
        {
            // Waiting too, as search may be deep in work that looks at no token.
            return (await search.SearchMemoriesAsync(
                new MemoryQuery
                {
                    TenantId = tenantId,
                    OwnerKeys = owners,
                    Query = question.Length > MaxQueryLength ? question[..MaxQueryLength] : question,
                    TopK = MaxHits,
                },
                deadline.Token).WaitAsync(deadline.Token), false);
        }
        catch (Exception exception) when (
            exception is DependencyUnavailableException or StorageUnavailableException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            Log.ContextDegraded(logger, exception.GetType().Name);
            return (null, true);
        }
    }
}
