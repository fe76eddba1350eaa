namespace MemoryMesh.ServiceDefaults.Storage;

/// <summary>A connection to a store. Used by one thread at a time.</summary>
/// <remarks>
/// <para>Parameters are named <c>$1</c>, <c>$2</c>, … in the order given. A <see cref="Guid"/> is stored as 16 bytes in big-endian order (<c>uuid</c> on
/// Postgres), so that version 7 ids sort by time; a time as milliseconds since 1970 in UTC; a bool as 0 or 1.</para>
/// <para>SQL that every engine is to run keeps to what SQLite and Postgres share: <c>ON CONFLICT</c> instead of <c>INSERT OR …</c>, <c>coalesce($1, column)</c>
/// instead of <c>$1 IS NULL OR …</c> (Postgres cannot tell the type of a null from that), a comparison where a flag is a condition.</para>
/// </remarks>
public abstract class StoreSession
{
    /// <summary>Set when a statement of the running transaction appended to the outbox.</summary>
    internal bool OutboxAppended { get; set; }

    /// <summary>The span that the running write is part of, as <c>traceparent</c> has it; its events go on with it.</summary>
    internal string? Trace { get; set; }

    /// <summary>A query for the place of the last event ever in the outbox.</summary>
    internal abstract string LastOutboxPlaceSql { get; }

    /// <summary>A query for the tables that have a column <c>tenant_id</c>, each with the columns of its primary key, joined by commas.</summary>
    internal abstract string TablesOfTenantsSql { get; }

    /// <summary>A query for the columns of every table: table, column, type as the engine calls it, and place in the primary key, from 1, or 0.</summary>
    internal abstract string ColumnsSql { get; }

    /// <summary>A query for the tables that refer to others: table, and the one it refers to.</summary>
    internal abstract string ReferencesSql { get; }

    /// <summary>What an <c>INSERT</c> has before <c>VALUES</c>, so that numbers which the engine would give are taken as they come.</summary>
    internal abstract string TakeNumbersSql { get; }

    /// <summary>The tables whose rows the engine numbers, each with the last number that it ever gave.</summary>
    internal abstract IReadOnlyDictionary<string, long> ReadLastNumbers();

    /// <summary>Has the engine go on behind a number.</summary>
    internal abstract void WriteLastNumber(string table, long number);

    /// <summary>Runs a statement.</summary>
    /// <returns>How many rows it changed.</returns>
    public abstract int Execute(string sql, params ReadOnlySpan<object?> parameters);

    /// <summary>Runs a query and maps every row.</summary>
    public abstract List<T> Query<T>(string sql, Func<StoreRow, T> map, params ReadOnlySpan<object?> parameters);

    /// <summary>Runs a query and maps its first row.</summary>
    /// <returns>The default of <typeparamref name="T"/> when there is no row.</returns>
    public abstract T? QueryFirst<T>(string sql, Func<StoreRow, T> map, params ReadOnlySpan<object?> parameters);

    /// <summary>Runs a query for one number, for example a count; a flag counts as 0 or 1.</summary>
    /// <returns>0 when there is no row or it is null.</returns>
    public long Scalar(string sql, params ReadOnlySpan<object?> parameters)
        => QueryFirst(sql, static row => row.IsNull(0) ? 0L : row.Int64(0), parameters);
}

/// <summary>The current row of a query, read by column position.</summary>
public abstract class StoreRow
{
    /// <summary>Whether the column is null.</summary>
    public abstract bool IsNull(int column);

    /// <summary>A whole number; a flag counts as 0 or 1.</summary>
    public abstract long Int64(int column);

    /// <summary>A whole number that fits 32 bits.</summary>
    public int Int32(int column) => checked((int)Int64(column));

    /// <summary>A flag stored as 0 or 1.</summary>
    public bool Bool(int column) => Int64(column) != 0;

    /// <summary>A number, or null.</summary>
    public abstract double? Double(int column);

    /// <summary>A text.</summary>
    public abstract string Text(int column);

    /// <summary>A text, or null.</summary>
    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    /// <summary>Bytes.</summary>
    public abstract byte[] Bytes(int column);

    /// <summary>Bytes, or null.</summary>
    public byte[]? BytesOrNull(int column) => IsNull(column) ? null : Bytes(column);

    /// <summary>An id.</summary>
    public abstract Guid Id(int column);

    /// <summary>An id, or null.</summary>
    public Guid? IdOrNull(int column) => IsNull(column) ? null : Id(column);

    /// <summary>A time stored as milliseconds since 1970 in UTC.</summary>
    public DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(Int64(column));

    /// <summary>A time stored as milliseconds since 1970 in UTC, or null.</summary>
    public DateTimeOffset? TimeOrNull(int column) => IsNull(column) ? null : Time(column);
}
