using MemoryMesh.ServiceDefaults.Erasure;
using Microsoft.Extensions.Options;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Contracts.Search;
using MemoryMesh.Search.Consumers;
using MemoryMesh.Search.Endpoints;
using MemoryMesh.Search.Features;
using MemoryMesh.Search.Filters;
using MemoryMesh.Search.Kept;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;
using MemoryMesh.Search.Storage;
using MemoryMesh.Search.Storage.Qdrant;
using MemoryMesh.Search.Storage.Sqlite;
using MemoryMesh.Search.Usage;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MemoryMesh.Search;

/// <summary>Entry points of the Search service's module.</summary>
public static class SearchModule
{
    /// <summary>Name of the service and of its store.</summary>
    public const string Name = "search";

    /// <summary>Registers the module's services.</summary>
    public static IServiceCollection AddSearchModule(this IServiceCollection services)
    {
        services.AddModuleDatabase<SearchOptions>(Name);
        services.AddOptionsWithValidateOnStart<SearchOptions, SearchOptionsValidator>().BindConfiguration(SearchOptions.Section);
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptionsWithValidateOnStart<EmbeddingOptions, EmbeddingOptionsValidator>().BindConfiguration(EmbeddingOptions.Section);
        services.AddOptionsWithValidateOnStart<LocalEmbedderOptions, LocalEmbedderOptionsValidator>().BindConfiguration(LocalEmbedderOptions.Section);
        services.AddSingleton<IValidateOptions<EmbeddingOptions>, EmbeddingOptionsBoundsValidator>();
        services.AddSingleton<LocalTextEmbedder>();
        services.AddSingleton<IEmbedders, Embedders>();
        services.AddSingleton<EmbeddingModels>();
        services.AddSingleton<IItemIndex, SqliteItemIndex>();
        services.AddVectors();
        services.AddSingleton<EmbeddingWaiters>();
        services.AddSingleton<EmbeddingBell>();
        services.AddSingleton<EmbeddingQueue>();
        services.AddHostedService<EmbeddingWorker>();
        services.AddSingleton<LexicalLeg>();
        services.AddSingleton<QueryEmbedding>();
        services.AddSingleton<ItemRanking>();
        services.AddSingleton<BestItems>();
        services.AddSingleton<SearchMessages>();
        services.AddSingleton<MessageSearchDoor>();
        services.AddSingleton<SearchMemories>();
        services.AddSingleton<MemorySearchDoor>();
        services.AddSingleton<IKeptStore, SqliteKeptStore>();
        services.AddSingleton<KeeperDoor>();
        services.AddSingleton<ISearchTransfer, LocalSearchTransfer>();
        services.AddKeyedSingleton<MessageWaiters>(Name, (_, _) => new MessageWaiters());
        services.AddSingleton<ItemIndexer>();
        services.AddSingleton<IndexCleaner>();
        services.AddHostedService(provider => provider.GetRequiredService<IndexCleaner>());
        services.AddSingleton<RouteAnswers>();
        services.AddSingleton<ISearchClient, LocalSearchClient>();
        services.AddSingleton<ITextVectors, LocalTextVectors>();
        services.AddSingleton<ISearchUsage, LocalSearchUsage>();
        services.AddSingleton<SearchCounter>();
        services.AddHostedService(provider => provider.GetRequiredService<SearchCounter>());
        services.AddSubscription<IndexOnEvents>(Subscriptions.SearchIndex);
        services.AddSubjectEraser<SqliteSearchEraser>(Subscriptions.SearchErasure);
        return services;
    }

    /// <summary>Maps the module's public routes.</summary>
    public static void MapSearchEndpoints(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        SearchEndpoints.Map(routes);
        BatchEndpoints.Map(routes);
        SavedSearchEndpoints.Map(routes);
        BookmarkEndpoints.Map(routes);
        if (routes.ServiceProvider.GetRequiredService<IOptions<SearchOptions>>().Value.ServeEmbeddings)
        {
            EmbeddingEndpoints.Map(routes);
        }
    }
}
