using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Retention;

/// <summary>Entry points of the Retention service's module.</summary>
public static class RetentionModule
{
    /// <summary>Name of the service and of its store.</summary>
    public const string Name = "retention";

    /// <summary>Registers the module's services.</summary>
    public static IServiceCollection AddRetentionModule(this IServiceCollection services)
    {
        services.AddModuleDatabase<RetentionOptions>(Name);
        return services;
    }

    /// <summary>Maps the module's public routes.</summary>
    public static void MapRetentionEndpoints(this IEndpointRouteBuilder routes)
    {
    }
}
