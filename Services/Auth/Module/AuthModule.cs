using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Auth;

/// <summary>Entry points of the Auth service's module.</summary>
public static class AuthModule
{
    /// <summary>Name of the service and of its store.</summary>
    public const string Name = "auth";

    /// <summary>Registers the module's services.</summary>
    public static IServiceCollection AddAuthModule(this IServiceCollection services)
    {
        services.AddModuleDatabase<AuthOptions>(Name);
        return services;
    }

    /// <summary>Maps the module's public routes.</summary>
    public static void MapAuthEndpoints(this IEndpointRouteBuilder routes)
    {
    }
}
