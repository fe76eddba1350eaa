using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>Adds a health check for each embedded store of the host: <c>store:{name}</c>.</summary>
/// <remarks>By name: mapping the checks must not open the stores, since a store that cannot be opened is told when the host starts.</remarks>
internal sealed class StoreHealthChecks(IEnumerable<ModuleDatabaseName> databases) : IConfigureOptions<HealthCheckServiceOptions>
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public void Configure(HealthCheckServiceOptions options)
    {
        foreach (var database in databases)
        {
            options.Registrations.Add(new HealthCheckRegistration(
                $"store:{database.Name}",
                provider => new StoreHealthCheck(provider.GetRequiredKeyedService<ModuleDatabase>(database.Name)),
                HealthStatus.Unhealthy,
                tags: null,
                Timeout));
        }
    }

    private sealed class StoreHealthCheck(ModuleDatabase database) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var version = await database.Data.ReadAsync(
                session => session.QueryFirst("SELECT sqlite_version() FROM (SELECT count(*) FROM schema_migrations)", row => row.Text(0)), cancellationToken);
            return HealthCheckResult.Healthy(data: new Dictionary<string, object> { ["sqlite_version"] = version! });
        }
    }
}
