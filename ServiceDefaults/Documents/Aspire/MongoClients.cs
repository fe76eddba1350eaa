using MemoryMesh.ServiceDefaults.Configuration;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using Microsoft.Extensions.Hosting;

namespace MemoryMesh.ServiceDefaults.Documents;

/// <summary>What documents are kept with: clients of Aspire.MongoDB.Driver, one for each service, with its health check and spans.</summary>
internal static class MongoClients
{
    private static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Registers the clients of services whose documents are in MongoDB.</summary>
    public static void AddMongoClients(this IHostApplicationBuilder builder, IEnumerable<string> services)
    {
        foreach (var service in services)
        {
            // One that cannot be read stops the start, with a message that names the setting.
            if (MongoStoreExtensions.AddressOf(builder.Configuration, service) is not { } address || !DocumentStores.CanRead(address))
            {
                continue;
            }

            // Its check tells whether the server answers, and ours, `mongodb:{service}`, whether the documents can be used: each unhealthy when the server is away.
            builder.AddKeyedMongoDBClient(
                service,
                settings =>
                {
                    settings.ConnectionString = address;
                    settings.HealthCheckTimeout = (int)HealthTimeout.TotalMilliseconds;
                    settings.DisableTracing = !ExportedTelemetry.IsWanted(builder.Configuration);
                },
                client => MongoSettings.Prepare(client, service));
        }
    }
}
