using MemoryMesh.ServiceDefaults.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace MemoryMesh.ServiceDefaults.Storage.Postgres;

/// <summary>What stores connect with: data sources of Aspire.Npgsql, one for each schema, with its health check, spans and meters.</summary>
internal static class PostgresClients
{
    /// <summary>Registers the data sources of services whose store is in Postgres.</summary>
    public static void AddPostgresClients(this IHostApplicationBuilder builder, IEnumerable<string> services)
    {
        foreach (var service in services)
        {
            if (ModuleStoreExtensions.PostgresOf(builder.Configuration, service) is not { } address)
            {
                continue;
            }

            foreach (var schema in (string[])[service, PostgresModuleStore.KeysOf(service)])
            {
                builder.AddKeyedNpgsqlDataSource(schema, settings =>
                {
                    settings.ConnectionString = PostgresSchema.Complete(address, schema);

                    // Both schemas are in one database.
                    settings.DisableHealthChecks = schema != service;
                    settings.DisableTracing = settings.DisableMetrics = !ExportedTelemetry.IsWanted(builder.Configuration);
                });
            }
        }
    }

    /// <summary>A connection to a schema, which is not open. A program that builds no host has no data sources.</summary>
    public static NpgsqlConnection Connect(IServiceProvider provider, string connectionString, string schema)
        => provider.GetKeyedService<NpgsqlDataSource>(schema)?.CreateConnection() ?? new NpgsqlConnection(PostgresSchema.Complete(connectionString, schema));
}
