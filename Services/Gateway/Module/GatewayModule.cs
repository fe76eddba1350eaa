using MemoryMesh.Gateway.Endpoints;
using MemoryMesh.Gateway.Pages;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MemoryMesh.Gateway;

/// <summary>Entry points of the Gateway service's module.</summary>
public static class GatewayModule
{
    /// <summary>Name of the service.</summary>
    public const string Name = "gateway";

    /// <summary>Registers the module's services.</summary>
    public static IServiceCollection AddGatewayModule(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<GatewayOptions, GatewayOptionsValidator>().BindConfiguration(GatewayOptions.Section);
        services.TryAddSingleton(TimeProvider.System);
        services.AddCors();
        return services;
    }

    /// <summary>Maps the module's public routes: health and readiness, the page of the API and the console.</summary>
    public static void MapGatewayEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapHealth();
        routes.MapDocs();
        routes.MapConsole();
    }
}
