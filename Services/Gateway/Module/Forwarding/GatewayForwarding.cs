using MemoryMesh.Gateway.Facades;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Messaging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MemoryMesh.Gateway.Forwarding;

/// <summary>What the Gateway needs where the services are processes of their own: it forwards to them, and speaks for them all.</summary>
internal static class GatewayForwarding
{
    /// <summary>Registers connections to all services (<c>services:{service}:http:0</c>), a health check for each, and their joined metrics and description.</summary>
    public static void Add(IServiceCollection services)
    {
        services.AddServiceConnections();
        services.AddAuthHttpClient();
        services.AddChatHttpClient();
        services.AddMemoryHttpClient();
        services.AddSearchHttpClient();
        services.AddSingleton<Forwarder>();
        services.AddSingleton<ReplicaRoutes>();
        services.Replace(ServiceDescriptor.Singleton<INativeRoutes, RemoteNativeRoutes>());
        var health = services.AddHealthChecks();
        foreach (var service in ServiceAddresses.All)
        {
            health.Add(new HealthCheckRegistration(
                $"service:{service}",
                provider => new ServiceHealth(provider.GetRequiredService<IHttpClientFactory>(), service),
                HealthStatus.Unhealthy,
                tags: null));
        }

        services.Replace(ServiceDescriptor.Singleton<IMetricsSource, MergedMetrics>());
        services.AddParkedEventsOfServices();
        services.AddLocalApiDescription(MergedApiDescription.OwnKey);
        services.Replace(ServiceDescriptor.Singleton<IApiDescriptionSource, MergedApiDescription>());
    }

    /// <summary>Maps the paths of all services. Who may do what is decided by the service that has the path.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var forwarder = routes.ServiceProvider.GetRequiredService<Forwarder>();
        var replicas = routes.ServiceProvider.GetRequiredService<ReplicaRoutes>();
        foreach (var (prefix, service) in ServiceRoutes.All)
        {
            var address = new Lazy<Uri>(() => ServiceAddresses.Find(routes.ServiceProvider, service));
            routes.Map($"{prefix}/{{**rest}}", context => replicas.Find(context.Request.Method, context.Request.Path) is { } others
                ? forwarder.ForwardAsync(context, others, service, address.Value)
                : forwarder.ForwardAsync(context, service, address.Value)).AllowAnonymous().ExcludeFromDescription();
        }
    }
}
