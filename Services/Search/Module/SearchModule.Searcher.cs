using MemoryMesh.Contracts.Search;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Endpoints;
using MemoryMesh.Search.Features;
using MemoryMesh.Search.Ranking;
using MemoryMesh.Search.Searchers;
using MemoryMesh.Search.Storage;
using MemoryMesh.Search.Usage;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Internal;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MemoryMesh.Search;

/// <content>The role in which the program answers searches with the index of another process.</content>
public static partial class SearchModule
{
    /// <summary>Role of a process that answers searches and keeps nothing; any number.</summary>
    public const string SearcherRole = "searcher";

    /// <summary>Name of searchers in addresses and telemetry.</summary>
    public const string Searchers = SearcherAddresses.Name;

    /// <summary>Whether the settings make this process a searcher.</summary>
    public static bool IsSearcher(IConfiguration configuration) => HasRole(configuration, SearcherRole);

    /// <summary>Registers a searcher in a host without stores. It reaches Auth, Chat, Memory and Search.</summary>
    public static IServiceCollection AddSearcherModule(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<SearchOptions, SearchOptionsValidator>().BindConfiguration(SearchOptions.Section);
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptionsWithValidateOnStart<LocalEmbedderOptions, LocalEmbedderOptionsValidator>().BindConfiguration(LocalEmbedderOptions.Section);
        services.AddSingleton<LocalTextEmbedder>();
        services.AddSingleton<IMemoryHolder>(provider => provider.GetRequiredService<LocalTextEmbedder>());
        services.AddSingleton<IItemRanking, RemoteItemRanking>();
        services.AddSingleton<IConversationOrder, RemoteConversationOrder>();
        services.AddSingleton<RemoteSearchCounter>();
        services.AddSingleton<ISearchCounter>(provider => provider.GetRequiredService<RemoteSearchCounter>());
        services.AddHostedService(provider => provider.GetRequiredService<RemoteSearchCounter>());
        services.AddSearching();

        // Without its model a searcher answers all the same: Search computes the vectors then.
        ModelReadiness.Add(services, HealthStatus.Degraded);
        return services;
    }

    /// <summary>Maps what a searcher answers: the public routes that search, and the same for other services.</summary>
    public static void MapSearcherEndpoints(this IEndpointRouteBuilder routes)
    {
        SearchEndpoints.Map(routes);
        BatchEndpoints.Map(routes);
        var group = routes.MapInternalGroup(Searchers);
        group.MapCall<ContextMemories, MemoryQuery, IReadOnlyList<MemoryHit>>("memories", (memories, call, token) => memories.FindAsync(call, token));
        group.MapCall<RouteAnswers, SearchQuestion, SearchAnswer>("answer", (answers, call, token) => answers.AnswerAsync(call, token));
    }

    /// <summary>Maps what searchers ask of the process with the index.</summary>
    public static void MapSearcherCalls(this IEndpointRouteBuilder routes) => RankingDoor.Map(routes);

    private static bool HasRole(IConfiguration configuration, string role)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return string.Equals(configuration[$"{SearchOptions.Section}:{nameof(SearchOptions.Role)}"], role, StringComparison.OrdinalIgnoreCase);
    }
}
