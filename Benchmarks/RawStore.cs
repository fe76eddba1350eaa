using Microsoft.Data.Sqlite;

namespace MemoryMesh.Benchmarks;

/// <summary>The bare parts: a table and a full-text table in SQLite with the same settings as the product's store, plain text, no HTTP.</summary>
internal sealed class RawStore : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("memorymesh-raw-").FullName;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _index;
    private readonly SqliteCommand _search;

    public RawStore()
    {
        SQLitePCL.Batteries_V2.Init();
        _connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "raw.db")};Pooling=False");
        _connection.Open();
        foreach (var pragma in (string[])["journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "cache_size=-16384"])
        {
            Run($"PRAGMA {pragma}");
        }

        Run("CREATE TABLE messages (id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, content TEXT NOT NULL, created_at INTEGER NOT NULL)");
        Run("CREATE VIRTUAL TABLE words USING fts5(scope, body, tokenize='porter unicode61')");
        _insert = Command("INSERT INTO messages (tenant, content, created_at) VALUES ($1, $2, $3) RETURNING id", 3);
        _index = Command("INSERT INTO words (rowid, scope, body) VALUES ($1, $2, $3)", 3);
        _search = Command(
            """
            SELECT m.id, m.content FROM (SELECT rowid, bm25(words, 0, 1) AS score FROM words WHERE words MATCH $1 ORDER BY score LIMIT 10) AS hits
            JOIN messages m ON m.id = hits.rowid ORDER BY hits.score
            """,
            1);
    }

    /// <summary>Inserts texts in one transaction.</summary>
    public void Insert(string tenant, params ReadOnlySpan<string> texts)
    {
        using var transaction = _connection.BeginTransaction();
        _insert.Transaction = transaction;
        _index.Transaction = transaction;
        foreach (var text in texts)
        {
            _insert.Parameters[0].Value = tenant;
            _insert.Parameters[1].Value = text;
            _insert.Parameters[2].Value = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            _index.Parameters[0].Value = _insert.ExecuteScalar();
            _index.Parameters[1].Value = tenant;
            _index.Parameters[2].Value = text;
            _index.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    /// <summary>The ten best texts of a tenant for a question, any word of which may match.</summary>
    public int Search(string tenant, string query)
    {
        _search.Parameters[0].Value = $"scope:\"{tenant}\" AND body:({string.Join(" OR ", query.Split(' ').Select(word => $"\"{word}\""))})";
        using var reader = _search.ExecuteReader();
        var length = 0;
        while (reader.Read())
        {
            length += reader.GetString(1).Length;
        }

        return length;
    }

    public void Dispose()
    {
        _insert.Dispose();
        _index.Dispose();
        _search.Dispose();
        _connection.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Run(string sql)
    {
        using var command = Command(sql, 0);
        command.ExecuteNonQuery();
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA2100", Justification = "SQL texts are constants of this class.")]
    private SqliteCommand Command(string sql, int parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 1; i <= parameters; i++)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
        }

        return command;
    }
}
