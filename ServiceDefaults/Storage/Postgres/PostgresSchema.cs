using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace MemoryMesh.ServiceDefaults.Storage.Postgres;

/// <summary>Connects to a schema of a database, and brings it up to date.</summary>
/// <param name="connect">Makes a connection, which is not open, with the settings of <see cref="Complete"/>.</param>
/// <param name="schema">Name of the schema, which is a constant of the code.</param>
/// <param name="migrations">Its steps.</param>
internal sealed class PostgresSchema(Func<NpgsqlConnection> connect, string schema, IReadOnlyList<Migration> migrations)
{
    private const int ConnectSeconds = 5;
    private const int StatementSeconds = 30;

    /// <summary>
    /// A statement, a wait for a lock and an idle transaction end by themselves: a process that hangs or is cut off must not hold the schema for ever.
    /// </summary>
    private const string SessionSettings =
        "SET statement_timeout = '30s'; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = 'warning'";

    /// <summary>A connection string with what connections to a schema have.</summary>
    /// <param name="connectionString">Of the database, in .NET's form.</param>
    /// <param name="schema">Name of the schema.</param>
    public static string Complete(string connectionString, string schema) => new NpgsqlConnectionStringBuilder(connectionString)
    {
        SearchPath = schema,
        ApplicationName = $"memorymesh {schema}",

        // Each thread keeps its connection: a pool would only stand between.
        Pooling = false,
        Timeout = ConnectSeconds,
        CommandTimeout = StatementSeconds + ConnectSeconds,
        KeepAlive = StatementSeconds,
        MaxAutoPrepare = 100,
        AutoPrepareMinUsages = 2,
    }.ConnectionString;

    /// <summary>Connects.</summary>
    public PostgresSession Connect()
    {
        var connection = connect();
        try
        {
            connection.Open();
            RunScript(connection, SessionSettings);
            return new PostgresSession(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Connects, takes the schema for this process for as long as the connection lasts, applies the migrations it lacks and runs what belongs to the opening.</summary>
    /// <exception cref="StorageUnavailableException">Another process has the schema.</exception>
    public PostgresSession Open(IEnumerable<Action<StoreSession>> onOpened)
    {
        var connection = connect();
        var session = new PostgresSession(connection);
        try
        {
            connection.Open();
            RunScript(connection, SessionSettings);
            if (session.Scalar("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", $"memorymesh {schema}") == 0)
            {
                throw new StorageUnavailableException($"Another process has the schema {schema} open: this one waits until that has ended.");
            }

            session.Execute("BEGIN");
            Migrate(connection, session);
            foreach (var work in onOpened)
            {
                work(session);
            }

            session.Execute("COMMIT");
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Applies what the schema lacks, all of it or nothing.</summary>
    private void Migrate(NpgsqlConnection connection, PostgresSession session)
    {
        // Who has made the schema for the role need not let it make others.
        if (session.Scalar("SELECT 1 FROM pg_namespace WHERE nspname = $1", schema) == 0)
        {
            RunScript(connection, $"CREATE SCHEMA {schema}");
        }

        RunScript(connection, "CREATE TABLE IF NOT EXISTS schema_migrations (name text COLLATE \"C\" PRIMARY KEY, applied_at bigint NOT NULL)");
        var applied = session.Query("SELECT name FROM schema_migrations", row => row.Text(0)).ToHashSet(StringComparer.Ordinal);
        foreach (var migration in migrations.Where(migration => !applied.Contains(migration.Name)))
        {
            RunScript(connection, migration.Sql);
            session.Execute("INSERT INTO schema_migrations (name, applied_at) VALUES ($1, $2)", migration.Name, DateTimeOffset.UtcNow);
        }
    }

    [SuppressMessage("Security", "CA2100", Justification = "Migrations are embedded in the assemblies, names of schemas are constants.")]
    private static void RunScript(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
