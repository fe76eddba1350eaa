using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace MemoryMesh.ServiceDefaults.Storage;

/// <summary>A connection with its prepared statements. Used by one thread at a time.</summary>
/// <remarks>
/// <para>Parameters are named <c>$1</c>, <c>$2</c>, … in the order given. A <see cref="Guid"/> is stored as 16 bytes in big-endian order, so that
/// version 7 ids sort by time; a time as milliseconds since 1970 in UTC; a bool as 0 or 1.</para>
/// <para>Statements run on SQLite itself: a command of ADO.NET looks up its parameters and makes a reader at each run, which takes longer than most of
/// these statements do.</para>
/// </remarks>
public sealed class SqliteSession : StoreSession, IDisposable
{
    /// <summary>More distinct SQL texts than this on one connection means that SQL is being built from values, which is a defect.</summary>
    private const int MaxStatements = 512;

    /// <summary>Longest text, in bytes, that is bound from the stack.</summary>
    private const int StackBytes = 1_024;

    private readonly Dictionary<string, Statement> _statements = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, CommitWork> _commitWork = [];
    private readonly HashSet<Action<sqlite3>> _extensions = [];

    internal SqliteSession(SqliteConnection connection) => Connection = connection;

    internal SqliteConnection Connection { get; }

    internal override string LastOutboxPlaceSql => "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'";

    internal override string TablesOfTenantsSql =>
        """
        SELECT t.name, group_concat(k.name, ', ') FROM sqlite_master t JOIN pragma_table_info(t.name) k
        WHERE t.type = 'table' AND k.pk > 0 AND EXISTS (SELECT 1 FROM pragma_table_info(t.name) c WHERE c.name = 'tenant_id')
        GROUP BY t.name
        """;

    internal override string ColumnsSql =>
        """
        SELECT t.name, c.name, lower(c.type), c.pk FROM sqlite_master t JOIN pragma_table_info(t.name) c
        WHERE t.type = 'table' AND substr(t.name, 1, 7) <> 'sqlite_' ORDER BY t.name, c.cid
        """;

    internal override string ReferencesSql =>
        """SELECT t.name, r."table" FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) r WHERE t.type = 'table'""";

    internal override string TakeNumbersSql => "";

    internal override IReadOnlyDictionary<string, long> ReadLastNumbers()
        => HasNumbers
            ? Query("SELECT name, seq FROM sqlite_sequence", row => (Table: row.Text(0), Number: row.Int64(1))).ToDictionary(row => row.Table, row => row.Number, StringComparer.Ordinal)
            : new Dictionary<string, long>();

    internal override void WriteLastNumber(string table, long number)
    {
        if (Execute("UPDATE sqlite_sequence SET seq = $2 WHERE name = $1", table, number) == 0)
        {
            Execute("INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)", table, number);
        }
    }

    /// <summary>SQLite makes the table with the first one whose rows it numbers.</summary>
    private bool HasNumbers => Scalar("SELECT COUNT(*) FROM sqlite_master WHERE name = 'sqlite_sequence'") > 0;

    /// <inheritdoc/>
    public override int Execute(string sql, params ReadOnlySpan<object?> parameters)
    {
        var statement = Prepare(sql, parameters);
        try
        {
            while (Step(statement))
            {
            }

            return statement.ReadOnly ? 0 : raw.sqlite3_changes(Connection.Handle);
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>Runs a query and maps every row.</summary>
    public List<T> Query<T>(string sql, Func<SqliteRow, T> map, params ReadOnlySpan<object?> parameters)
    {
        ArgumentNullException.ThrowIfNull(map);
        var statement = Prepare(sql, parameters);
        try
        {
            var rows = new List<T>();
            var row = new SqliteRow(statement.Handle);
            while (Step(statement))
            {
                rows.Add(map(row));
            }

            return rows;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>Runs a query and maps its first row.</summary>
    /// <returns>The default of <typeparamref name="T"/> when there is no row.</returns>
    public T? QueryFirst<T>(string sql, Func<SqliteRow, T> map, params ReadOnlySpan<object?> parameters)
    {
        ArgumentNullException.ThrowIfNull(map);
        var statement = Prepare(sql, parameters);
        try
        {
            return Step(statement) ? map(new SqliteRow(statement.Handle)) : default;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <inheritdoc/>
    public override List<T> Query<T>(string sql, Func<StoreRow, T> map, params ReadOnlySpan<object?> parameters)
    {
        ArgumentNullException.ThrowIfNull(map);
        var shared = new SharedRow();
        return Query(sql, row => map(shared.At(row)), parameters);
    }

    /// <inheritdoc/>
    public override T? QueryFirst<T>(string sql, Func<StoreRow, T> map, params ReadOnlySpan<object?> parameters)
        where T : default
    {
        ArgumentNullException.ThrowIfNull(map);
        var shared = new SharedRow();
        return QueryFirst(sql, row => map(shared.At(row)), parameters);
    }

    /// <inheritdoc cref="StoreSession.Scalar"/>
    public new long Scalar(string sql, params ReadOnlySpan<object?> parameters)
        => QueryFirst(sql, static row => row.IsNull(0) ? 0L : row.Int64(0), parameters);

    /// <summary>Adds functions to the connection, once however often it is asked for.</summary>
    public void Extend(Action<sqlite3> register)
    {
        ArgumentNullException.ThrowIfNull(register);
        if (!_extensions.Contains(register))
        {
            register(Connection.Handle!);
            _extensions.Add(register);
        }
    }

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
            statement.Handle.Dispose();
        }

        _statements.Clear();
        Connection.Dispose();
    }

    private Statement Prepare(string sql, ReadOnlySpan<object?> parameters)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            if (_statements.Count >= MaxStatements)
            {
                throw new InvalidOperationException($"More than {MaxStatements} SQL texts on one connection: SQL may not be built from values.");
            }

            statement = Compile(sql, parameters.Length);
            _statements.Add(sql, statement);
        }

        // A query that is still being read would go on with other values.
        if (statement.Running)
        {
            throw new InvalidOperationException("The statement is being run already.");
        }

        if (parameters.Length != statement.Positions.Length)
        {
            throw new ArgumentException($"The statement was prepared with {statement.Positions.Length} parameters.", nameof(parameters));
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            // A parameter that the text does not use has no position.
            if (statement.Positions[i] is > 0 and var position)
            {
                Check(Bind(statement.Handle, position, parameters[i]));
            }
        }

        statement.Running = true;
        return statement;
    }

    private Statement Compile(string sql, int parameters)
    {
        Check(raw.sqlite3_prepare_v2(Connection.Handle, sql, out var handle, out var rest));
        var positions = new int[parameters];
        for (var i = 0; i < parameters; i++)
        {
            positions[i] = raw.sqlite3_bind_parameter_index(handle, $"${i + 1}");
        }

        if (!string.IsNullOrWhiteSpace(rest) || positions.Count(position => position > 0) != raw.sqlite3_bind_parameter_count(handle))
        {
            handle.Dispose();
            throw new InvalidOperationException("The text holds more than one statement, or a parameter that has no value.");
        }

        return new Statement(handle, positions);
    }

    private static int Bind(sqlite3_stmt statement, int position, object? parameter) => parameter switch
    {
        null or DBNull => raw.sqlite3_bind_null(statement, position),
        long number => raw.sqlite3_bind_int64(statement, position, number),
        int number => raw.sqlite3_bind_int64(statement, position, number),
        string text => BindText(statement, position, text),
        byte[] bytes => BindBytes(statement, position, bytes),
        ReadOnlyMemory<byte> bytes => BindBytes(statement, position, bytes.Span),
        Guid id => BindId(statement, position, id),
        DateTimeOffset time => raw.sqlite3_bind_int64(statement, position, time.ToUnixTimeMilliseconds()),
        bool flag => raw.sqlite3_bind_int64(statement, position, flag ? 1 : 0),
        double number => raw.sqlite3_bind_double(statement, position, number),
        float number => raw.sqlite3_bind_double(statement, position, number),
        Enum value => raw.sqlite3_bind_int64(statement, position, Convert.ToInt64(value, null)),
        _ => throw new NotSupportedException($"A parameter of type {parameter.GetType()} cannot be stored."),
    };

    private static int BindText(sqlite3_stmt statement, int position, string text)
    {
        // An empty span has no address, and SQLite takes that for null.
        if (text.Length == 0)
        {
            return raw.sqlite3_bind_text(statement, position, text);
        }

        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most <= StackBytes)
        {
            Span<byte> few = stackalloc byte[StackBytes];
            return raw.sqlite3_bind_text(statement, position, few[..Encoding.UTF8.GetBytes(text, few)]);
        }

        var many = ArrayPool<byte>.Shared.Rent(most);
        try
        {
            return raw.sqlite3_bind_text(statement, position, many.AsSpan(0, Encoding.UTF8.GetBytes(text, many)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(many);
        }
    }

    private static int BindBytes(sqlite3_stmt statement, int position, ReadOnlySpan<byte> bytes)
        => bytes.IsEmpty ? raw.sqlite3_bind_zeroblob(statement, position, 0) : raw.sqlite3_bind_blob(statement, position, bytes);

    private static int BindId(sqlite3_stmt statement, int position, Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return raw.sqlite3_bind_blob(statement, position, bytes);
    }

    /// <summary>Goes to the next row; false when there is none.</summary>
    private bool Step(Statement statement)
    {
        var code = raw.sqlite3_step(statement.Handle);
        if (code is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            Check(code);
        }

        return code == raw.SQLITE_ROW;
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw new SqliteException(
                $"SQLite error {code}: {raw.sqlite3_errmsg(Connection.Handle).utf8_to_string()}", code, raw.sqlite3_extended_errcode(Connection.Handle));
        }
    }

    /// <summary>The current row for code that runs on every engine.</summary>
    private sealed class SharedRow : StoreRow
    {
        private SqliteRow _row;

        public SharedRow At(SqliteRow row)
        {
            _row = row;
            return this;
        }

        public override bool IsNull(int column) => _row.IsNull(column);

        public override long Int64(int column) => _row.Int64(column);

        public override double? Double(int column) => _row.Double(column);

        public override string Text(int column) => _row.Text(column);

        public override byte[] Bytes(int column) => _row.Bytes(column);

        public override Guid Id(int column) => _row.Id(column);
    }

    private sealed class Statement(sqlite3_stmt handle, int[] positions)
    {
        public sqlite3_stmt Handle => handle;

        /// <summary>Where SQLite counts each parameter: by first use in the text.</summary>
        public int[] Positions => positions;

        public bool ReadOnly { get; } = raw.sqlite3_stmt_readonly(handle) != 0;

        public bool Running { get; set; }

        public void Reset()
        {
            Running = false;

            // It repeats the error of the last step, which was thrown already.
            _ = raw.sqlite3_reset(handle);
        }
    }
}

/// <summary>The current row of a query, read by column position.</summary>
public readonly struct SqliteRow
{
    private readonly sqlite3_stmt _statement;
    private readonly nint _handle;

    internal SqliteRow(sqlite3_stmt statement)
    {
        _statement = statement;
        _handle = statement.DangerousGetHandle();
    }

    /// <summary>Whether the column is null.</summary>
    public bool IsNull(int column) => SqliteColumns.Type(_handle, column) == raw.SQLITE_NULL;

    /// <summary>A whole number.</summary>
    public long Int64(int column)
    {
        Require(column);
        return SqliteColumns.Int64(_handle, column);
    }

    /// <summary>A whole number that fits 32 bits.</summary>
    public int Int32(int column) => checked((int)Int64(column));

    /// <summary>A flag stored as 0 or 1.</summary>
    public bool Bool(int column) => Int64(column) != 0;

    /// <summary>A number, or null.</summary>
    public double? Double(int column) => IsNull(column) ? null : raw.sqlite3_column_double(_statement, column);

    /// <summary>A text.</summary>
    public string Text(int column)
    {
        Require(column);
        return raw.sqlite3_column_text(_statement, column).utf8_to_string();
    }

    /// <summary>A text, or null.</summary>
    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    /// <summary>Bytes.</summary>
    public byte[] Bytes(int column)
    {
        Require(column);
        return raw.sqlite3_column_blob(_statement, column).ToArray();
    }

    /// <summary>Bytes where SQLite holds them: they are gone with the row.</summary>
    public ReadOnlySpan<byte> Span(int column)
    {
        Require(column);
        return raw.sqlite3_column_blob(_statement, column);
    }

    /// <summary>Bytes, or null.</summary>
    public byte[]? BytesOrNull(int column) => IsNull(column) ? null : Bytes(column);

    /// <summary>An id stored as 16 bytes.</summary>
    public Guid Id(int column)
    {
        Require(column);
        return new(raw.sqlite3_column_blob(_statement, column), bigEndian: true);
    }

    /// <summary>An id stored as 16 bytes, or null.</summary>
    public Guid? IdOrNull(int column) => IsNull(column) ? null : Id(column);

    /// <summary>A time stored as milliseconds since 1970 in UTC.</summary>
    public DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(Int64(column));

    /// <summary>A time stored as milliseconds since 1970 in UTC, or null.</summary>
    public DateTimeOffset? TimeOrNull(int column) => IsNull(column) ? null : Time(column);

    private void Require(int column)
    {
        if (IsNull(column))
        {
            throw new InvalidOperationException($"Column {column} is null.");
        }
    }
}
