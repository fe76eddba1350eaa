using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace MemoryMesh.ServiceDefaults.Storage;

/// <summary>A connection with its prepared statements. Used by one thread at a time.</summary>
/// <remarks>
/// Parameters are named <c>$1</c>, <c>$2</c>, … in the order given. A <see cref="Guid"/> is stored as 16 bytes in big-endian order, so that
/// version 7 ids sort by time; a time as milliseconds since 1970 in UTC; a bool as 0 or 1.
/// </remarks>
public sealed class SqliteSession : IDisposable
{
    /// <summary>More distinct SQL texts than this on one connection means that SQL is being built from values, which is a defect.</summary>
    private const int MaxStatements = 512;

    private readonly Dictionary<string, SqliteCommand> _statements = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, CommitWork> _commitWork = [];

    internal SqliteSession(SqliteConnection connection) => Connection = connection;

    internal SqliteConnection Connection { get; }

    /// <summary>Set when a statement of the running transaction appended to the outbox.</summary>
    internal bool OutboxAppended { get; set; }

    /// <summary>Runs a statement.</summary>
    /// <returns>How many rows it changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<object?> parameters)
    {
        var command = Prepare(sql, parameters);
        return command.ExecuteNonQuery();
    }

    /// <summary>Runs a query and maps every row.</summary>
    public List<T> Query<T>(string sql, Func<SqliteRow, T> map, params ReadOnlySpan<object?> parameters)
    {
        ArgumentNullException.ThrowIfNull(map);
        var command = Prepare(sql, parameters);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        var row = new SqliteRow(reader);
        while (reader.Read())
        {
            rows.Add(map(row));
        }

        return rows;
    }

    /// <summary>Runs a query and maps its first row.</summary>
    /// <returns>The default of <typeparamref name="T"/> when there is no row.</returns>
    public T? QueryFirst<T>(string sql, Func<SqliteRow, T> map, params ReadOnlySpan<object?> parameters)
    {
        ArgumentNullException.ThrowIfNull(map);
        var command = Prepare(sql, parameters);
        using var reader = command.ExecuteReader();
        return reader.Read() ? map(new SqliteRow(reader)) : default;
    }

    /// <summary>Runs a query for one number, for example a count.</summary>
    /// <returns>0 when there is no row or it is null.</returns>
    public long Scalar(string sql, params ReadOnlySpan<object?> parameters)
        => QueryFirst(sql, static row => row.IsNull(0) ? 0L : row.Int64(0), parameters);

    /// <summary>What all writes of the running commit share.</summary>
    public T Shared<T>()
        where T : CommitWork, new()
    {
        if (!_commitWork.TryGetValue(typeof(T), out var work))
        {
            _commitWork[typeof(T)] = work = new T();
        }

        return (T)work;
    }

    /// <summary>Ends a write: what it added to the shared work stays or goes.</summary>
    internal void EndWrite(bool succeeded)
    {
        foreach (var work in _commitWork.Values)
        {
            if (succeeded)
            {
                work.Keep();
            }
            else
            {
                work.Drop();
            }
        }
    }

    /// <summary>Writes the shared work.</summary>
    internal void WriteShared()
    {
        foreach (var work in _commitWork.Values)
        {
            work.Write(this);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
        Connection.Dispose();
    }

    [SuppressMessage("Security", "CA2100", Justification = "SQL texts are constants of the code; values are parameters.")]
    private SqliteCommand Prepare(string sql, ReadOnlySpan<object?> parameters)
    {
        if (!_statements.TryGetValue(sql, out var command))
        {
            if (_statements.Count >= MaxStatements)
            {
                throw new InvalidOperationException($"More than {MaxStatements} SQL texts on one connection: SQL may not be built from values.");
            }

            command = Connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < parameters.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${i + 1}" });
            }

            _statements.Add(sql, command);
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            command.Parameters[i].Value = parameters[i] switch
            {
                null => DBNull.Value,
                Guid id => id.ToByteArray(bigEndian: true),
                DateTimeOffset time => time.ToUnixTimeMilliseconds(),
                bool flag => flag ? 1L : 0L,
                Enum value => Convert.ToInt64(value, null),
                var value => value,
            };
        }

        return command;
    }
}

/// <summary>The current row of a query, read by column position.</summary>
public readonly struct SqliteRow
{
    private readonly SqliteDataReader _reader;

    internal SqliteRow(SqliteDataReader reader) => _reader = reader;

    /// <summary>Whether the column is null.</summary>
    public bool IsNull(int column) => _reader.IsDBNull(column);

    /// <summary>A whole number.</summary>
    public long Int64(int column) => _reader.GetInt64(column);

    /// <summary>A whole number that fits 32 bits.</summary>
    public int Int32(int column) => checked((int)_reader.GetInt64(column));

    /// <summary>A flag stored as 0 or 1.</summary>
    public bool Bool(int column) => _reader.GetInt64(column) != 0;

    /// <summary>A number, or null.</summary>
    public double? Double(int column) => _reader.IsDBNull(column) ? null : _reader.GetDouble(column);

    /// <summary>A text.</summary>
    public string Text(int column) => _reader.GetString(column);

    /// <summary>A text, or null.</summary>
    public string? TextOrNull(int column) => _reader.IsDBNull(column) ? null : _reader.GetString(column);

    /// <summary>Bytes.</summary>
    public byte[] Bytes(int column) => (byte[])_reader.GetValue(column);

    /// <summary>Bytes, or null.</summary>
    public byte[]? BytesOrNull(int column) => _reader.IsDBNull(column) ? null : (byte[])_reader.GetValue(column);

    /// <summary>An id stored as 16 bytes.</summary>
    public Guid Id(int column) => new(Bytes(column), bigEndian: true);

    /// <summary>An id stored as 16 bytes, or null.</summary>
    public Guid? IdOrNull(int column) => _reader.IsDBNull(column) ? null : Id(column);

    /// <summary>A time stored as milliseconds since 1970 in UTC.</summary>
    public DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(_reader.GetInt64(column));

    /// <summary>A time stored as milliseconds since 1970 in UTC, or null.</summary>
    public DateTimeOffset? TimeOrNull(int column) => _reader.IsDBNull(column) ? null : Time(column);
}
