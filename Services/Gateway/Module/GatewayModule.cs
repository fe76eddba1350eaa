using MemoryMesh.Gateway.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Gateway;

/// <summary>Entry points of the Gateway service's module.</summary>
public static class GatewayModule
{
    /// <summary>Name of the service.</summary>
    public const string Name = "gateway";

    /// <summary>Registers the module's services.</summary>
    public static IServiceCollection AddGatewayModule(this IServiceCollection services)
    {
        return services;
    }

    /// <summary>Maps the module's public routes.</summary>
    public static void MapGatewayEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapHealth();
    }
}
