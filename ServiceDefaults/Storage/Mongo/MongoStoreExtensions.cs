using MemoryMesh.ServiceDefaults.Configuration;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage.Moving;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MongoDB.Driver;

namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>Registers documents of services in MongoDB.</summary>
public static class MongoStoreExtensions
{
    /// <summary>Whether the settings put a service's documents into MongoDB: where a connection string of its name is a MongoDB URL.</summary>
    public static bool IsInMongo(this IConfiguration? configuration, string service) => AddressOf(configuration, service) is not null;

    /// <summary>Registers the documents of a service, as a keyed <see cref="MongoStore"/>, and the health check <c>mongodb:{service}</c> where they are used.</summary>
    /// <remarks>
    /// They are opened when a host starts; where the settings do not ask for them, they must not be asked for either. The client is the one that is registered for the service, if one is, or
    /// the driver's own.
    /// </remarks>
    public static IServiceCollection AddMongoStore(this IServiceCollection services, string service, IReadOnlyList<MongoCollectionPlan> plans)
    {
        services.TryAddKeyedSingleton<IMongoClient>(service, (provider, _) => MongoSettings.Open(Address(provider), service));
        services.AddKeyedSingleton(service, (provider, _) => new MongoStore(
            service,
            MongoSettings.Database(provider.GetRequiredKeyedService<IMongoClient>(service), Address(provider)),
            plans,
            provider.GetRequiredKeyedService<ModuleStore>(service),
            provider.GetRequiredService<KeyRing>(),
            provider.GetRequiredService<ILoggerFactory>().CreateLogger($"MemoryMesh.Storage.{service}")));
        services.AddSingleton<IOutlyingStore>(provider => provider.GetService<IConfiguration>().IsInMongo(service)
            ? provider.GetRequiredKeyedService<MongoStore>(service)
            : new Absent());
        return services.AddSingleton<IConfigureOptions<HealthCheckServiceOptions>>(provider => new MongoHealthChecks(provider.GetService<IConfiguration>(), service));

        string Address(IServiceProvider provider) => AddressOf(provider.GetRequiredService<IConfiguration>(), service)!;
    }

    /// <summary>Registers the store of a service: that on MongoDB where the settings put its documents there, else that in its own file.</summary>
    public static IServiceCollection AddEither<TStore, TMongo, TFile>(this IServiceCollection services, string service)
        where TStore : class
        where TMongo : class, TStore
        where TFile : class, TStore
        => services.AddSingleton<TStore>(provider => provider.GetService<IConfiguration>().IsInMongo(service)
            ? ActivatorUtilities.CreateInstance<TMongo>(provider)
            : ActivatorUtilities.CreateInstance<TFile>(provider));

    /// <summary>Registers what moves a service between its own file and MongoDB.</summary>
    /// <param name="services">The services.</param>
    /// <param name="service">Name of the service.</param>
    /// <param name="tables">Everything that lies in MongoDB, in an order in which <see cref="DocumentMove"/> can move it.</param>
    public static IServiceCollection AddDocumentMove(this IServiceCollection services, string service, IReadOnlyList<DocumentTable> tables)
        => services.AddKeyedSingleton<IDocumentMove>(service, (provider, _) => new ServiceDocumentMove(provider, service, tables));

    /// <summary>The address of a service's documents in MongoDB; null when they are in its own file.</summary>
    internal static string? AddressOf(IConfiguration? configuration, string service)
        => configuration?.GetConnectionString(service) is { Length: > 0 } address && !StoreEngines.AreEmbedded(configuration)
            ? StoreAddresses.NormalizeMongo(address)
            : null;

    /// <summary>Nothing to open.</summary>
    private sealed class Absent : IOutlyingStore
    {
        public Task OpenAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class MongoHealthChecks(IConfiguration? configuration, string service) : IConfigureOptions<HealthCheckServiceOptions>
    {
        private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

        public void Configure(HealthCheckServiceOptions options)
        {
            if (configuration.IsInMongo(service))
            {
                options.Registrations.Add(new HealthCheckRegistration(
                    $"mongodb:{service}",
                    provider => new MongoHealthCheck(provider.GetRequiredKeyedService<MongoStore>(service)),
                    HealthStatus.Unhealthy,
                    tags: null,
                    Timeout));
            }
        }
    }

    private sealed class MongoHealthCheck(MongoStore store) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
            => HealthCheckResult.Healthy(data: new Dictionary<string, object> { ["mongodb_version"] = await store.CheckAsync(cancellationToken) });
    }
}
