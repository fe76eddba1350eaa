using MemoryMesh.ServiceDefaults.Erasure;
using MemoryMesh.ServiceDefaults.Hosting;
using Microsoft.Extensions.Options;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Embedding.Replicas;
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
using MemoryMesh.Search.Searchers;
using MemoryMesh.Search.Storage;
using MemoryMesh.Search.Storage.Moving;
using MemoryMesh.Search.Storage.Qdrant;
using MemoryMesh.Search.Storage.Sqlite;
using MemoryMesh.Search.Usage;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Moving;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MemoryMesh.Search;

/// <summary>Entry points of the Search service's module.</summary>
public static partial class SearchModule
{
    /// <summary>Name of the service and of its store.</summary>
    public const string Name = "search";

    /// <summary>Registers the module's services.</summary>
    public static IServiceCollection AddSearchModule(this IServiceCollection services)
    {
        services.AddModuleDatabase<SearchOptions>(Name);
        services.AddOptionsWithValidateOnStart<SearchOptions, SearchOptionsValidator>().BindConfiguration(SearchOptions.Section);
        services.AddSingleton<IValidateOptions<SearchOptions>, SearchRoleValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptionsWithValidateOnStart<EmbeddingOptions, EmbeddingOptionsValidator>().BindConfiguration(EmbeddingOptions.Section);
        services.AddOptionsWithValidateOnStart<LocalEmbedderOptions, LocalEmbedderOptionsValidator>().BindConfiguration(LocalEmbedderOptions.Section);
        services.AddSingleton<IValidateOptions<EmbeddingOptions>, EmbeddingOptionsBoundsValidator>();
        services.AddSingleton<LocalTextEmbedder>();
        services.AddSingleton<IMemoryHolder>(provider => provider.GetRequiredService<LocalTextEmbedder>());
        services.AddSingleton<IEmbedders, Embedders>();
        services.AddSingleton<EmbeddingModels>();
        services.AddSingleton<IItemIndex, SqliteItemIndex>();
        services.AddVectors();
        services.AddSingleton<EmbeddingWaiters>();
        services.AddSingleton<EmbeddingBell>();
        services.AddSingleton<EmbeddingQueue>();
        services.AddHostedService<EmbeddingWorker>();
        services.AddEmbedderCalls();
        services.AddSingleton<LexicalLeg>();
        services.AddSingleton<QueryEmbedding>();
        services.AddSingleton<ItemRanking>();
        services.AddSingleton<IItemRanking>(provider => provider.GetRequiredService<ItemRanking>());
        services.AddSingleton<IConversationOrder>(provider => provider.GetRequiredService<IVectorStore>());
        services.AddSearching();
        services.AddSingleton<RankingDoor>();
        services.AddSingleton<IKeptStore, SqliteKeptStore>();
        services.AddSingleton<KeeperDoor>();
        services.AddSingleton<ISearchTransfer, LocalSearchTransfer>();
        services.AddKeyedSingleton<MessageWaiters>(Name, (_, _) => new MessageWaiters());
        services.AddSingleton<ItemIndexer>();
        services.AddSingleton<IndexCleaner>();
        services.AddHostedService(provider => provider.GetRequiredService<IndexCleaner>());
        services.AddSingleton<ISearchClient, LocalSearchClient>();
        services.AddSingleton<ITextVectors, LocalTextVectors>();
        services.AddSingleton<ISearchUsage, LocalSearchUsage>();
        services.AddSingleton<SearchCounter>();
        services.AddSingleton<ISearchCounter>(provider => provider.GetRequiredService<SearchCounter>());
        services.AddHostedService(provider => provider.GetRequiredService<SearchCounter>());
        services.AddSubscription<IndexOnEvents>(Subscriptions.SearchIndex);
        services.AddSubjectEraser<SqliteSearchEraser>(Subscriptions.SearchErasure);
        return services;
    }

    /// <summary>What searches, wherever its index is.</summary>
    private static void AddSearching(this IServiceCollection services)
    {
        services.AddSingleton<BestItems>();
        services.AddSingleton<SearchMessages>();
        services.AddSingleton<MessageSearchDoor>();
        services.AddSingleton<SearchMemories>();
        services.AddSingleton<MemorySearchDoor>();
        services.AddSingleton<ContextMemories>();
        services.AddSingleton<RouteAnswers>();
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

    /// <summary>Makes ready for <see cref="MoveVectorsAsync"/> what takes vectors, before anything is written.</summary>
    /// <param name="to">Services of the target, whose search store is a copy of the source's.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StartupException">Qdrant has vectors of this installation already.</exception>
    /// <exception cref="StorageUnavailableException">Qdrant cannot be asked.</exception>
    public static Task PrepareVectorsAsync(IServiceProvider to, CancellationToken cancellationToken) => VectorMove.CheckAsync(to, cancellationToken);

    /// <summary>Moves the vectors of a copied search store between its file and Qdrant. It goes on where an earlier call ended.</summary>
    /// <param name="from">Services of the source, for its Qdrant where it has one.</param>
    /// <param name="to">Services of the target, whose search store is a copy of the source's.</param>
    /// <param name="cancellationToken">Ends it between two batches.</param>
    /// <returns>What was moved, and how many have to be computed again because they could not be read or were out of date.</returns>
    /// <exception cref="StorageUnavailableException">Qdrant cannot be asked.</exception>
    /// <exception cref="InvalidDataException">What was written is not what was read.</exception>
    public static Task<(RowDigest Moved, long Missing)> MoveVectorsAsync(IServiceProvider from, IServiceProvider to, CancellationToken cancellationToken)
        => VectorMove.RunAsync(from, to, cancellationToken);
}
