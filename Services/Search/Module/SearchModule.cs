using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

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
        return services;
    }

    /// <summary>Maps the module's public routes.</summary>
    public static void MapSearchEndpoints(this IEndpointRouteBuilder routes)
    {
    }
}
