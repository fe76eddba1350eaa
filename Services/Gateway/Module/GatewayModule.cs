using MemoryMesh.Gateway.Analytics;
using MemoryMesh.Gateway.Endpoints;
using MemoryMesh.Gateway.Facades;
using MemoryMesh.Gateway.Facades.Conversational;
using MemoryMesh.Gateway.Facades.MemoryService;
using MemoryMesh.Gateway.Facades.MemVault;
using MemoryMesh.Gateway.Facades.PersonalMem;
using MemoryMesh.Gateway.Forwarding;
using MemoryMesh.Gateway.Limits;
using MemoryMesh.Gateway.Live;
using MemoryMesh.Gateway.Pages;
using MemoryMesh.Gateway.Pipeline;
using MemoryMesh.ServiceDefaults.Messaging;
using Microsoft.AspNetCore.Builder;
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
        services.TryAddSingleton<INativeRoutes, LocalNativeRoutes>();
        services.AddSingleton<RateLimiters>();
        services.AddSingleton<ReadAnalytics>();
        services.AddSingleton<AnalyticsDoor>();
        services.AddCors();
        services.AddOptionsWithValidateOnStart<LiveOptions, LiveOptionsValidator>().BindConfiguration(LiveOptions.Section);
        services.AddSingleton<LiveStream>();
        services.AddSingleton<IEventListener>(provider => provider.GetRequiredService<LiveStream>());
        services.AddSingleton<LiveCursors>();
        services.AddSingleton<LiveConnections>();
        services.AddSingleton<LiveDoor>();
        services.AddSingleton<LiveServices>();
        services.AddHostedService<LiveWatch>();
        return services;
    }

    /// <summary>
    /// Registers what the Gateway needs where the services are processes of their own: connections to them (<c>services:{service}:http:0</c>), a health
    /// check for each, and their joined metrics and description.
    /// </summary>
    public static IServiceCollection AddGatewayForwarding(this IServiceCollection services)
    {
        GatewayForwarding.Add(services);
        return services;
    }

    /// <summary>
    /// Adds what stands between the network and the routes, the same in the Gateway's own process and in the embedded host. Routes are mapped afterwards.
    /// </summary>
    public static WebApplication UseMemoryMeshGateway(this WebApplication app)
    {
        GatewayPipeline.Use(app);
        return app;
    }

    /// <summary>Maps the module's public routes: health and readiness, the page of the API, the console, and the APIs of earlier services.</summary>
    public static void MapGatewayEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapHealth();
        routes.MapParkedEvents();
        routes.MapLive();
        routes.MapDocs();
        routes.MapConsole();
        routes.MapMemVault();
        routes.MapAnalytics();
        routes.MapConversational();
        routes.MapPersonalMem();
        routes.MapMemoryService();
    }

    /// <summary>Maps the paths of all services, forwarded to their processes. Who may do what is decided by the service that has the path.</summary>
    public static void MapGatewayForwarding(this IEndpointRouteBuilder routes) => GatewayForwarding.Map(routes);
}
