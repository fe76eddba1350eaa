using Microsoft.Extensions.Hosting;
using Npgsql;

namespace MemoryMesh.ServiceDefaults.Storage.Postgres;

/// <summary>What stores connect with: Npgsql itself.</summary>
internal static class PostgresClients
{
    /// <summary>There is nothing to register.</summary>
    public static void AddPostgresClients(this IHostApplicationBuilder builder, IEnumerable<string> services)
    {
    }

    /// <summary>A connection to a schema, which is not open.</summary>
    public static NpgsqlConnection Connect(IServiceProvider provider, string connectionString, string schema) => new(PostgresSchema.Complete(connectionString, schema));
}
