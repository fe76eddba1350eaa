using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace MemoryMesh.ServiceDefaults.Storage.Postgres;

/// <summary>A connection to a Postgres server. Used by one thread at a time.</summary>
/// <remarks>Statements that are run again are prepared by Npgsql (<c>Max Auto Prepare</c>).</remarks>
internal sealed class PostgresSession(NpgsqlConnection connection) : StoreSession, IDisposable
{
    /// <summary>Whether the server can be spoken to over it, as far as is known.</summary>
    public bool IsOpen => connection.State == System.Data.ConnectionState.Open;

    internal override string LastOutboxPlaceSql => "SELECT position FROM event_positions WHERE subscription = 'outbox' AND source = ''";

    internal override string TablesOfTenantsSql =>
        """
        SELECT t.relname, string_agg(a.attname, ', ' ORDER BY array_position(i.indkey::int2[], a.attnum))
        FROM pg_class t JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (i.indkey)
        WHERE t.relnamespace = to_regnamespace(current_schema()) AND t.relkind = 'r'
            AND EXISTS (SELECT 1 FROM pg_attribute c WHERE c.attrelid = t.oid AND c.attname = 'tenant_id' AND NOT c.attisdropped)
        GROUP BY t.relname
        """;

    internal override string ColumnsSql =>
        """
        SELECT t.relname, a.attname, format_type(a.atttypid, NULL), coalesce(array_position(i.indkey::int2[], a.attnum) + 1, 0)
        FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary
        WHERE t.relnamespace = to_regnamespace(current_schema()) AND t.relkind = 'r' ORDER BY t.relname, a.attnum
        """;

    internal override string ReferencesSql =>
        """
        SELECT t.relname, r.relname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid
        WHERE c.contype = 'f' AND t.relnamespace = to_regnamespace(current_schema())
        """;

    internal override string TakeNumbersSql => "OVERRIDING SYSTEM VALUE";

    /// <summary>The outbox is numbered by a counter in a row, other tables by identity columns.</summary>
    private const string IdentitiesSql =
        """
        SELECT t.relname, a.attname, pg_sequence_last_value(pg_get_serial_sequence(quote_ident(t.relname), a.attname)::regclass)
        FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attidentity <> ''
        WHERE t.relnamespace = to_regnamespace(current_schema()) AND t.relkind = 'r'
        """;

    internal override IReadOnlyDictionary<string, long> ReadLastNumbers()
    {
        var numbers = Query(IdentitiesSql, row => (Table: row.Text(0), Number: row.IsNull(2) ? 0 : row.Int64(2)))
            .Where(row => row.Number > 0).ToDictionary(row => row.Table, row => row.Number, StringComparer.Ordinal);
        if (HasOutbox && Scalar(LastOutboxPlaceSql) is > 0 and var place)
        {
            numbers[OutboxTable] = place;
        }

        return numbers;
    }

    internal override void WriteLastNumber(string table, long number)
    {
        if (table == OutboxTable)
        {
            Execute(
                """
                INSERT INTO event_positions (subscription, source, position) VALUES ('outbox', '', $1)
                ON CONFLICT (subscription, source) DO UPDATE SET position = excluded.position
                """,
                number);
            return;
        }

        var column = Query(IdentitiesSql, row => (Table: row.Text(0), Column: row.Text(1))).Find(row => row.Table == table).Column
            ?? throw new InvalidOperationException($"The rows of {table} are not numbered by the engine.");
        Scalar("SELECT setval(pg_get_serial_sequence($1, $2)::regclass, $3)", table, column, number);
    }

    private const string OutboxTable = "outbox";

    private bool HasOutbox => Scalar("SELECT COUNT(*) FROM pg_class WHERE relnamespace = to_regnamespace(current_schema()) AND relname = 'event_positions'") > 0;

    public override int Execute(string sql, params ReadOnlySpan<object?> parameters)
    {
        using var command = Command(sql, parameters);
        return Math.Max(0, command.ExecuteNonQuery());
    }

    public override List<T> Query<T>(string sql, Func<StoreRow, T> map, params ReadOnlySpan<object?> parameters)
    {
        using var command = Command(sql, parameters);
        using var reader = command.ExecuteReader();
        var row = new PostgresRow(reader);
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(map(row));
        }

        return rows;
    }

    public override T? QueryFirst<T>(string sql, Func<StoreRow, T> map, params ReadOnlySpan<object?> parameters)
        where T : default
    {
        using var command = Command(sql, parameters);
        using var reader = command.ExecuteReader();
        return reader.Read() ? map(new PostgresRow(reader)) : default;
    }

    public void Dispose() => connection.Dispose();

    [SuppressMessage("Security", "CA2100", Justification = "SQL comes from the code alone; what varies are parameters.")]
    private NpgsqlCommand Command(string sql, ReadOnlySpan<object?> parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = ValueOf(parameter) });
        }

        return command;
    }

    private static object ValueOf(object? parameter) => parameter switch
    {
        null or DBNull => DBNull.Value,
        long or string or byte[] or Guid or double => parameter,
        int number => (long)number,
        ReadOnlyMemory<byte> bytes => bytes.ToArray(),
        DateTimeOffset time => time.ToUnixTimeMilliseconds(),
        bool flag => flag ? 1L : 0L,
        float number => (double)number,
        Enum value => Convert.ToInt64(value, null),
        _ => throw new NotSupportedException($"A parameter of type {parameter.GetType()} cannot be stored."),
    };

    private sealed class PostgresRow(NpgsqlDataReader reader) : StoreRow
    {
        public override bool IsNull(int column) => reader.IsDBNull(column);

        public override long Int64(int column) => reader.GetValue(column) switch
        {
            long number => number,
            int number => number,
            bool flag => flag ? 1 : 0,
            decimal number => (long)number,
            DBNull => throw new InvalidOperationException($"Column {column} is null."),
            var value => throw new InvalidCastException($"Column {column} is no whole number but {value.GetType()}."),
        };

        public override double? Double(int column) => reader.IsDBNull(column) ? null : reader.GetDouble(column);

        public override string Text(int column) => reader.GetString(column);

        public override byte[] Bytes(int column) => reader.GetFieldValue<byte[]>(column);

        public override Guid Id(int column) => reader.GetGuid(column);
    }
}
