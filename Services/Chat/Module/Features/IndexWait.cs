using MemoryMesh.Contracts.Search;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Chat.Features;

/// <summary>Holds an answer until what was stored can be found.</summary>
internal sealed class IndexWait(ISearchClient? search = null)
{
    /// <summary>Value of the query parameter <c>wait</c>.</summary>
    public const string Indexed = "indexed";

    /// <summary>Longest wait.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Waits for messages of any tenants.</summary>
    /// <returns>False when the limit passed, or Search cannot tell: the messages are stored all the same.</returns>
    public async Task<bool> WaitAsync(IEnumerable<(Guid TenantId, MessageVersion Message)> messages, CancellationToken cancellationToken)
    {
        if (search is null)
        {
            return false;
        }

        try
        {
            var waits = messages
                .GroupBy(item => item.TenantId, item => item.Message)
                .Select(tenant => search.WaitUntilIndexedAsync(tenant.Key, [.. tenant], Limit, cancellationToken));
            return (await Task.WhenAll(waits)).All(indexed => indexed);
        }
        catch (DependencyUnavailableException)
        {
            return false;
        }
    }
}
