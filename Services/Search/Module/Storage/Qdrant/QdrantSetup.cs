using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Storage.Sqlite;
using MemoryMesh.ServiceDefaults.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Storage.Qdrant;

/// <summary>Chooses where vectors are kept: in Qdrant where <c>ConnectionStrings:qdrant</c> names one, else in the service's own file and memory.</summary>
internal static class QdrantSetup
{
    public static void AddVectors(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<QdrantOptions, QdrantOptionsValidator>().BindConfiguration(QdrantOptions.Section);
        services.AddSingleton<QdrantPoints>();
        services.AddSingleton<QdrantItemRows>();
        services.AddQdrantTransport();
        services.AddSingleton<IVectorStore>(provider => IsUsed(provider)
            ? ActivatorUtilities.CreateInstance<QdrantVectorStore>(provider)
            : ActivatorUtilities.CreateInstance<SqliteVectorStore>(provider));
        services.AddSingleton<IVectorIndex>(provider => IsUsed(provider)
            ? ActivatorUtilities.CreateInstance<QdrantVectorIndex>(provider)
            : ActivatorUtilities.CreateInstance<ResidentVectorIndex>(provider));
        services.AddSingleton<IConfigureOptions<HealthCheckServiceOptions>, QdrantHealthChecks>();
    }

    private static bool IsUsed(IServiceProvider provider) => QdrantAddress.Find(provider.GetRequiredService<IConfiguration>()) is not null;
}

/// <summary>Adds the health check <c>qdrant</c> where Qdrant is used. Away, it makes a server degraded and not unhealthy: words answer searches.</summary>
internal sealed class QdrantHealthChecks(IConfiguration configuration) : IConfigureOptions<HealthCheckServiceOptions>
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    public void Configure(HealthCheckServiceOptions options)
    {
        if (QdrantAddress.Find(configuration) is not null)
        {
            options.Registrations.Add(new HealthCheckRegistration(
                QdrantAddress.Name, provider => new QdrantHealthCheck(provider.GetRequiredService<IQdrantTransport>()), HealthStatus.Degraded, tags: null, Timeout));
        }
    }

    private sealed class QdrantHealthCheck(IQdrantTransport qdrant) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
            => await qdrant.IsReadyAsync(cancellationToken) ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("Qdrant is away.");
    }
}
