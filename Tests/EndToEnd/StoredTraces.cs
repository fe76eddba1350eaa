using System.Diagnostics;
using System.Text;
using MemoryMesh.Tests.Shared;
using Microsoft.Data.Sqlite;

namespace MemoryMesh.Tests.EndToEnd;

/// <summary>What the files of a data folder hold about subjects and tenants: sealed values, wrapped keys, hashed terms.</summary>
internal sealed class StoredTraces
{
    private static readonly TimeSpan QuietWithin = TimeSpan.FromSeconds(60);

    /// <summary>Bytes that belong to subjects, by the keyed hash of the subject in hex, and to tenants, by their id in hex.</summary>
    public Dictionary<string, HashSet<string>> Bytes { get; } = [];

    /// <summary>Rows with the keyed hash of a subject or the id of a tenant, by it, as file.table.</summary>
    public Dictionary<string, HashSet<string>> Rows { get; } = [];

    /// <summary>Reads a copy of the folder, so that nothing touches what runs.</summary>
    public static StoredTraces Read(TestHost host)
    {
        var traces = new StoredTraces();
        var copy = Directory.CreateTempSubdirectory("memorymesh-traces-").FullName;
        try
        {
            foreach (var file in Directory.EnumerateFiles(host.Folder, "*.db", SearchOption.AllDirectories))
            {
                CopyAsOfOneMoment(file, Path.Combine(copy, Path.GetFileName(file)));
            }

            foreach (var file in Directory.EnumerateFiles(copy, "*.db"))
            {
                using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
                connection.Open();
                traces.ReadTables(connection, Path.GetFileNameWithoutExtension(file));
            }
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }

        return traces;
    }

    /// <summary>The files of a folder as texts of one character a byte.</summary>
    public static IEnumerable<(string Name, string Content)> Files(TestHost host)
        => Directory.EnumerateFiles(host.Folder, "*", SearchOption.AllDirectories)
            .Select(file => (Path.GetRelativePath(host.Folder, file), Encoding.Latin1.GetString(ReadShared(file))));

    /// <summary>
    /// Copies a database and its log. What runs may move pages from the log to the database while they are read, and a copy of both halves of that is no
    /// database: they are read until two readings are the same, so that nothing was written between the first of one file and the second of the other.
    /// </summary>
    private static void CopyAsOfOneMoment(string file, string copy)
    {
        var began = Stopwatch.GetTimestamp();
        var (database, log) = (ReadShared(file), ReadShared(file + "-wal"));
        while (true)
        {
            var (databaseAgain, logAgain) = (ReadShared(file), ReadShared(file + "-wal"));
            if (database.AsSpan().SequenceEqual(databaseAgain) && log.AsSpan().SequenceEqual(logAgain))
            {
                break;
            }

            Assert.That(Stopwatch.GetElapsedTime(began), Is.LessThan(QuietWithin), $"{file} is written all the time.");
            (database, log) = (databaseAgain, logAgain);
        }

        File.WriteAllBytes(copy, database);
        File.WriteAllBytes(copy + "-wal", log);
    }

    private static byte[] ReadShared(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return copy.ToArray();
        }
        catch (FileNotFoundException)
        {
            // A broker's files come and go.
            return [];
        }
    }

    private void ReadTables(SqliteConnection connection, string database)
    {
        var tables = Query(connection, "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'").ConvertAll(row => (string)row[0]);
        foreach (var table in tables)
        {
            var columns = Query(connection, $"SELECT name FROM pragma_table_info('{table}')").ConvertAll(row => (string)row[0]);
            if (columns.Find(column => column is "subject_key" or "owner_key") is { } subject)
            {
                Collect(connection, $"{database}.{table}", $"SELECT {subject}, {string.Join(", ", columns)} FROM {table}");
            }

            if (columns.Contains("tenant_id"))
            {
                Collect(connection, $"{database}.{table}", $"SELECT tenant_id, {string.Join(", ", columns)} FROM {table} WHERE tenant_id IS NOT NULL");
            }
        }

        foreach (var (child, join) in ((string, string)[])
            [("memory_sources", "c.memory_id = p.id"), ("memory_history", "c.memory_id = p.id")])
        {
            if (tables.Contains(child))
            {
                Collect(connection, $"{database}.{child}", $"SELECT p.owner_key, c.* FROM {child} c JOIN memories p ON {join}");
            }
        }

        if (tables.Contains("terms_content"))
        {
            CollectTerms(connection);
        }
    }

    private void Collect(SqliteConnection connection, string table, string sql)
    {
        foreach (var row in Query(connection, sql))
        {
            var subject = Convert.ToHexStringLower((byte[])row[0]);
            Of(Rows, subject).Add(table);

            // What is sealed or wrapped has a nonce and a tag; ids and keyed hashes are shorter.
            foreach (var value in row.Skip(1).OfType<byte[]>().Where(value => value.Length > 28))
            {
                Of(Bytes, subject).Add(Encoding.Latin1.GetString(value.AsSpan(1, Math.Min(20, value.Length - 1))));
                Of(Bytes, subject).Add(Encoding.Latin1.GetString(value.AsSpan(value.Length - 16)));
            }
        }
    }

    /// <summary>Hashed terms that occur with one subject only. The index cuts off what a term shares with its neighbour: the end is looked for.</summary>
    private void CollectTerms(SqliteConnection connection)
    {
        var bySubject = new Dictionary<string, HashSet<string>>();
        foreach (var row in Query(connection, "SELECT i.owner_key, t.c0 || ' ' || t.c1 FROM terms_content t JOIN indexed_items i ON i.id = t.id"))
        {
            Of(bySubject, Convert.ToHexStringLower((byte[])row[0])).UnionWith(((string)row[1]).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        foreach (var (subject, terms) in bySubject)
        {
            var others = bySubject.Where(other => other.Key != subject).SelectMany(other => other.Value).ToHashSet();
            Of(Bytes, subject).UnionWith(terms.Except(others).Select(term => term[^8..]));
        }
    }

    private static HashSet<string> Of(Dictionary<string, HashSet<string>> sets, string key)
        => sets.TryGetValue(key, out var set) ? set : sets[key] = [];

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA2100", Justification = "Names come from the schema.")]
    private static List<object[]> Query(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<object[]>();
        while (reader.Read())
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }

        return rows;
    }
}
