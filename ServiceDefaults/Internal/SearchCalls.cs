using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Contracts.Search;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MemoryMesh.ServiceDefaults.Internal;

/// <summary>The calls of <see cref="ISearchClient"/> over HTTP: what a client sends and what the service maps, side by side.</summary>
public static class SearchCalls
{
    private const string Service = "search";

    /// <summary>Reaches Search over HTTP.</summary>
    public static IServiceCollection AddSearchHttpClient(this IServiceCollection services)
    {
        services.AddServiceConnection(Service);
        services.AddSearcherConnections();
        services.TryAddSingleton<ISearchClient, HttpSearchClient>();
        services.TryAddSingleton<ISearchUsage, HttpSearchUsage>();
        services.TryAddSingleton<ISearchTransfer, HttpSearchTransfer>();
        services.TryAddSingleton<ITextVectors, HttpTextVectors>();
        return services;
    }

    /// <summary>Serves the calls.</summary>
    public static void MapSearchCalls(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapInternalGroup(Service);
        group.MapCall<ISearchClient, MemoryQuery, IReadOnlyList<MemoryHit>>("memories", (search, call, token) => search.SearchMemoriesAsync(call, token));
        group.MapCall<ITextVectors, EmbedCall, IReadOnlyList<float[]>>("embed", (vectors, call, token) => call.Soon ? vectors.EmbedSoonAsync(call.Texts, token) : vectors.EmbedAsync(call.Texts, token));
        group.MapCall<ISearchUsage, UsageQuery, SearchUsage>("usage", (usage, call, token) => usage.GetUsageAsync(call, token));
        group.MapCall<ISearchUsage, TenantCall, EmbeddingStats>("embedding-stats", (usage, call, token) => usage.GetEmbeddingStatsAsync(call.TenantId, token));
        group.MapCall<ISearchTransfer, KeptCall, KeptSlice>(
            "transfer/kept", (search, call, token) => search.ListKeptAsync(call.TenantId, call.OwnerKey, call.After, call.Limit, token));
        group.MapCall<ISearchUsage, TenantCall, int>("retry-embeddings", (usage, call, token) => usage.RetryEmbeddingsAsync(call.TenantId, token));
        group.MapCall<ISearchClient, SearchQuestion, SearchAnswer>("answer", (search, call, token) => search.AnswerAsync(call, token));
        group.MapCall<ISearchClient, WaitCall, bool>(
            "wait", (search, call, token) => search.WaitUntilIndexedAsync(call.TenantId, call.Messages, call.Timeout, token));
        group.MapCall<ISearchClient, WaitCall, bool>(
            "wait-embedded", (search, call, token) => search.WaitUntilEmbeddedAsync(call.TenantId, call.Messages, call.Timeout, token));
    }

    /// <summary>Connections to searchers, which are renewed every minute, so that those that came later behind one name get their share. A call that fails is Search's, and so is not repeated.</summary>
    private static void AddSearcherConnections(this IServiceCollection services)
    {
        services.TryAddSingleton<SearcherAddresses>();
        services.AddHttpClient(SearcherAddresses.Name, client => client.Timeout = TimeSpan.FromSeconds(35)).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(2),
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        });
    }

    private sealed class HttpTextVectors(InternalHttp http) : ITextVectors
    {
        public Task<IReadOnlyList<float[]>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
            => http.CallAsync<EmbedCall, IReadOnlyList<float[]>>(Service, "embed", new(texts, false), cancellationToken);

        public Task<IReadOnlyList<float[]>> EmbedSoonAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
            => http.CallAsync<EmbedCall, IReadOnlyList<float[]>>(Service, "embed", new(texts, true), cancellationToken);
    }

    private sealed class HttpSearchClient(InternalHttp http, SearcherAddresses searchers) : ISearchClient
    {
        public Task<IReadOnlyList<MemoryHit>> SearchMemoriesAsync(MemoryQuery query, CancellationToken cancellationToken)
            => SearchAsync<MemoryQuery, IReadOnlyList<MemoryHit>>("memories", query, cancellationToken);

        public Task<SearchAnswer> AnswerAsync(SearchQuestion question, CancellationToken cancellationToken)
            => SearchAsync<SearchQuestion, SearchAnswer>("answer", question, cancellationToken);

        public Task<bool> WaitUntilIndexedAsync(
            Guid tenantId, IReadOnlyList<MessageVersion> messages, TimeSpan timeout, CancellationToken cancellationToken)
            => http.CallAsync<WaitCall, bool>(Service, "wait", new(tenantId, messages, timeout), cancellationToken);

        public Task<bool> WaitUntilEmbeddedAsync(
            Guid tenantId, IReadOnlyList<MessageVersion> messages, TimeSpan timeout, CancellationToken cancellationToken)
            => http.CallAsync<WaitCall, bool>(Service, "wait-embedded", new(tenantId, messages, timeout), cancellationToken);

        /// <summary>Asks a searcher where there is one, and Search where none answers.</summary>
        private async Task<TResponse> SearchAsync<TRequest, TResponse>(string call, TRequest request, CancellationToken cancellationToken)
        {
            if (searchers.Next() is { } searcher)
            {
                try
                {
                    return await http.CallAsync<TRequest, TResponse>(SearcherAddresses.Name, searcher, call, request, cancellationToken);
                }
                catch (DependencyUnavailableException exception) when (exception.InnerException is HttpRequestException)
                {
                    searchers.Failed(searcher);
                }
            }

            return await http.CallAsync<TRequest, TResponse>(Service, call, request, cancellationToken);
        }
    }

    private sealed class HttpSearchUsage(InternalHttp http) : ISearchUsage
    {
        public Task<SearchUsage> GetUsageAsync(UsageQuery query, CancellationToken cancellationToken)
            => http.CallAsync<UsageQuery, SearchUsage>(Service, "usage", query, cancellationToken);

        public Task<EmbeddingStats> GetEmbeddingStatsAsync(Guid tenantId, CancellationToken cancellationToken)
            => http.CallAsync<TenantCall, EmbeddingStats>(Service, "embedding-stats", new(tenantId), cancellationToken);

        public Task<int> RetryEmbeddingsAsync(Guid tenantId, CancellationToken cancellationToken)
            => http.CallAsync<TenantCall, int>(Service, "retry-embeddings", new(tenantId), cancellationToken);
    }

    private sealed class HttpSearchTransfer(InternalHttp http) : ISearchTransfer
    {
        public Task<KeptSlice> ListKeptAsync(Guid tenantId, Guid ownerKey, Guid? after, int limit, CancellationToken cancellationToken)
            => http.CallAsync<KeptCall, KeptSlice>(Service, "transfer/kept", new(tenantId, ownerKey, after, limit), cancellationToken);
    }

    private sealed record KeptCall(Guid TenantId, Guid OwnerKey, Guid? After, int Limit);

    private sealed record TenantCall(Guid TenantId);

    private sealed record EmbedCall(IReadOnlyList<string> Texts, bool Soon);

    private sealed record WaitCall(Guid TenantId, IReadOnlyList<MessageVersion> Messages, TimeSpan Timeout);
}
