using System.Reflection;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Postgres;
using MemoryMesh.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace MemoryMesh.Tests.Integration.Storage;

/// <summary>Opens the store of a service on an engine.</summary>
internal static class TestStores
{
    /// <summary>A new one: in the folder, or in a database of its own.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="name">Name of the service.</param>
    /// <param name="module">Assembly with the migrations; null for the tables that every service has.</param>
    /// <param name="folder">The data folder.</param>
    /// <param name="ring">The root keys.</param>
    public static async Task<ModuleStore> OpenAsync(StoreEngine engine, string name, Assembly? module, string folder, KeyRing ring)
    {
        var prefix = $"{module?.GetName().Name}.{(engine == StoreEngine.Postgres ? "Postgres." : "")}Migrations.";
        var migrations = module is null ? [] : Migration.FromResources(module, prefix);
        ModuleStore store = engine == StoreEngine.Postgres
            ? new PostgresModuleStore(name, migrations, await ConnectionsAsync(), ring, NullLoggerFactory.Instance)
            : new ModuleDatabase(name, migrations, folder, ring, NullLoggerFactory.Instance);
        await store.OpenAsync(CancellationToken.None);
        return store;
    }

    private static async Task<Func<string, NpgsqlConnection>> ConnectionsAsync()
    {
        var address = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        return schema => new NpgsqlConnection(PostgresSchema.Complete(address, schema));
    }
}
