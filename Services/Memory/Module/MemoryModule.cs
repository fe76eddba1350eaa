using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Memory;

/// <summary>Entry points of the Memory service's module.</summary>
public static class MemoryModule
{
    /// <summary>Name of the service and of its store.</summary>
    public const string Name = "memory";

    /// <summary>Registers the module's services.</summary>
    public static IServiceCollection AddMemoryModule(this IServiceCollection services)
    {
        services.AddModuleDatabase<MemoryOptions>(Name);
        return services;
    }

    /// <summary>Maps the module's public routes.</summary>
    public static void MapMemoryEndpoints(this IEndpointRouteBuilder routes)
    {
    }
}
