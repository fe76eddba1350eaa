using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace MemoryMesh.ServiceDefaults.Storage.Postgres;

/// <summary>The store of one service on Postgres: the schema of its name has the rows, the one beside it (<c>auth_keys</c>) their data keys.</summary>
internal sealed class PostgresModuleStore : ModuleStore
{
    private const int DataReaders = 6;
    private const int KeyReaders = 2;

    /// <summary>How long a start waits for a server that does not answer. The host then starts without, and is not ready until it does.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(10);

    private readonly PostgresDatabase _data;
    private readonly PostgresDatabase _keyDatabase;

    /// <summary>Begins to open both schemas.</summary>
    /// <param name="name">Name of the service.</param>
    /// <param name="migrations">The service's own migrations.</param>
    /// <param name="connect">Makes connections to a schema.</param>
    /// <param name="keyRing">The root keys.</param>
    /// <param name="loggers">Makes loggers.</param>
    public PostgresModuleStore(string name, IReadOnlyList<Migration> migrations, Func<string, NpgsqlConnection> connect, KeyRing keyRing, ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger($"MemoryMesh.Storage.{name}");
        Name = name;
        _data = new PostgresDatabase(new PostgresSchema(() => connect(name), name, [.. MessagingMigrations, .. migrations]), name, DataReaders, logger);
        _keyDatabase = new PostgresDatabase(new PostgresSchema(() => connect(KeysOf(name)), KeysOf(name), KeyMigrations), KeysOf(name), KeyReaders, logger);
        Keys = new DataKeyStore(_keyDatabase, keyRing);
        _data.Start();
        _keyDatabase.Start();
    }

    /// <summary>The schema with the data keys of a service.</summary>
    public static string KeysOf(string name) => $"{name}_keys";

    public override string Name { get; }

    public override StoreDatabase Data => _data;

    public override DataKeyStore Keys { get; }

    internal override StoreDatabase KeyRows => _keyDatabase;

    /// <summary>Tables that every module has beside its own.</summary>
    public static IReadOnlyList<Migration> MessagingMigrations { get; } =
        Migration.FromResources(typeof(PostgresModuleStore).Assembly, "MemoryMesh.ServiceDefaults.Postgres.Migrations.");

    /// <summary>Tables of the data keys.</summary>
    public static IReadOnlyList<Migration> KeyMigrations { get; } =
        Migration.FromResources(typeof(PostgresModuleStore).Assembly, "MemoryMesh.ServiceDefaults.Postgres.KeyMigrations.");

    public override async Task<long> MeasureAsync(CancellationToken cancellationToken)
        => await _data.MeasureAsync(cancellationToken) + await _keyDatabase.MeasureAsync(cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await _data.DisposeAsync();
        await _keyDatabase.DisposeAsync();
        Keys.Dispose();
    }

    internal override Task OpenAsync(CancellationToken cancellationToken)
        => Task.WhenAll(_keyDatabase.WaitAsync(StartPatience, cancellationToken), _data.WaitAsync(StartPatience, cancellationToken));
}
