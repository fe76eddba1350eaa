using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>Adds a health check for each store of the host: <c>store:{name}</c>.</summary>
/// <remarks>By name: mapping the checks must not open the stores, since a store that cannot be opened is told when the host starts.</remarks>
internal sealed class StoreHealthChecks(IEnumerable<ModuleStoreName> databases) : IConfigureOptions<HealthCheckServiceOptions>
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public void Configure(HealthCheckServiceOptions options)
    {
        foreach (var database in databases)
        {
            options.Registrations.Add(new HealthCheckRegistration(
                $"store:{database.Name}",
                provider => new StoreHealthCheck(provider.GetRequiredKeyedService<ModuleStore>(database.Name)),
                HealthStatus.Unhealthy,
                tags: null,
                Timeout));
        }
    }

    private sealed class StoreHealthCheck(ModuleStore database) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var version = await database.Data.CheckAsync(cancellationToken);
            return HealthCheckResult.Healthy(data: new Dictionary<string, object> { [version.Key] = version.Value });
        }
    }
}
