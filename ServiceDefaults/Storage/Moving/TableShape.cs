namespace MemoryMesh.ServiceDefaults.Storage.Moving;

/// <summary>What a column holds, whatever its engine calls it.</summary>
public enum ColumnKind
{
    /// <summary>A whole number, a time or a flag.</summary>
    Number,

    /// <summary>A number in double precision.</summary>
    Real,

    /// <summary>A text.</summary>
    Text,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>An id, which SQLite keeps as 16 bytes and so does not tell from <see cref="Bytes"/>.</summary>
    Id,
}

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="KeyPlace">Its place in the primary key, from 1; 0 when it is not part of it.</param>
internal sealed record ColumnShape(string Name, ColumnKind Kind, int KeyPlace);

/// <summary>A table that two engines have under one name, as both of them see it, with the SQL that copies its rows.</summary>
internal sealed class TableShape
{
    /// <summary>Rows that are read at a time.</summary>
    public const int PageRows = 1_000;

    private readonly ColumnShape[] _key;
    private readonly string _names;

    private TableShape(string name, IReadOnlyList<ColumnShape> columns)
    {
        Name = name;

        // In one order on both engines, as digests are taken in it.
        Columns = [.. columns.OrderBy(column => column.Name, StringComparer.Ordinal)];
        _key = [.. columns.Where(column => column.KeyPlace > 0).OrderBy(column => column.KeyPlace)];
        _names = string.Join(", ", Columns.Select(column => column.Name));
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its columns, by name.</summary>
    public IReadOnlyList<ColumnShape> Columns { get; }

    /// <summary>The schema's own record of what was applied to it, which each engine keeps for itself.</summary>
    public bool IsMigrations => Name == "schema_migrations";

    /// <summary>Whether opening the store fills it, so that a new one has a row too.</summary>
    public bool IsFilledAtOpening => Name is "encryption_key" or "index_key";

    /// <summary>On Postgres the counter of the outbox is a row among the positions, on SQLite it is not: it is moved as a number.</summary>
    private string? Condition => Name == "event_positions" ? "NOT (subscription = 'outbox' AND source = '')" : null;

    /// <summary>The tables of a store on two engines.</summary>
    /// <exception cref="InvalidOperationException">The engines' schemas differ.</exception>
    public static IReadOnlyList<TableShape> Match(string store, StoreSession first, StoreSession second)
    {
        var (tables, others) = (Read(first), Read(second));
        if (!tables.Keys.ToHashSet(StringComparer.Ordinal).SetEquals(others.Keys))
        {
            throw Differs(store, string.Join(", ", tables.Keys.Except(others.Keys).Union(others.Keys.Except(tables.Keys))));
        }

        return [.. InOrder(first, tables.Select(table => new TableShape(table.Key, Match(store, table.Key, table.Value, others[table.Key]))).Where(table => !table.IsMigrations))];
    }

    /// <summary>Reads the rows behind one, in the order of the key.</summary>
    /// <param name="session">Connection to either engine.</param>
    /// <param name="after">A row; null to begin.</param>
    /// <returns>At most <see cref="PageRows"/> rows, with values in the order of <see cref="Columns"/>.</returns>
    public List<object?[]> Read(StoreSession session, object?[]? after)
    {
        var keyNames = string.Join(", ", _key.Select(column => column.Name));
        var conditions = new List<string>();
        if (Condition is { } own)
        {
            conditions.Add(own);
        }

        if (after is not null)
        {
            conditions.Add($"({keyNames}) > ({string.Join(", ", _key.Select((_, index) => $"${index + 1}"))})");
        }

        var where = conditions.Count > 0 ? $" WHERE {string.Join(" AND ", conditions)}" : "";
        object?[] values = after is null ? [] : [.. _key.Select(column => after[IndexOf(column)])];
        return session.Query($"SELECT {_names} FROM {Name}{where} ORDER BY {keyNames} LIMIT {PageRows}", Map, values);
    }

    /// <summary>Writes a row; one that is there already is left as it is.</summary>
    public void Write(StoreSession session, object?[] row)
        => session.Execute(
            $"INSERT INTO {Name} ({_names}) {session.TakeNumbersSql} VALUES ({string.Join(", ", Columns.Select((_, index) => $"${index + 1}"))}) ON CONFLICT DO NOTHING", row);

    /// <summary>Whether there is no row to be copied.</summary>
    public bool IsEmpty(StoreSession session) => session.Scalar($"SELECT COUNT(*) FROM (SELECT 1 FROM {Name}{(Condition is { } own ? $" WHERE {own}" : "")} LIMIT 1) known") == 0;

    private int IndexOf(ColumnShape column)
    {
        for (var index = 0; ; index++)
        {
            if (Columns[index].Name == column.Name)
            {
                return index;
            }
        }
    }

    private object?[] Map(StoreRow row)
    {
        var values = new object?[Columns.Count];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = row.IsNull(index) ? null : Columns[index].Kind switch
            {
                ColumnKind.Number => row.Int64(index),
                ColumnKind.Real => row.Double(index),
                ColumnKind.Text => row.Text(index),
                ColumnKind.Bytes => row.Bytes(index),
                _ => row.Id(index),
            };
        }

        return values;
    }

    private static SortedDictionary<string, List<ColumnShape>> Read(StoreSession session)
        => new(
            session.Query(session.ColumnsSql, row => (Table: row.Text(0), Column: new ColumnShape(row.Text(1), KindOf(row.Text(2)), row.Int32(3))))
                .GroupBy(row => row.Table, StringComparer.Ordinal).ToDictionary(table => table.Key, table => table.Select(row => row.Column).ToList(), StringComparer.Ordinal),
            StringComparer.Ordinal);

    private static List<ColumnShape> Match(string store, string table, List<ColumnShape> columns, List<ColumnShape> others)
    {
        var matched = new List<ColumnShape>(columns.Count);
        foreach (var column in columns)
        {
            var other = others.Find(candidate => candidate.Name == column.Name);
            var kind = (column.Kind, other?.Kind) switch
            {
                (ColumnKind.Bytes, ColumnKind.Id) or (ColumnKind.Id, ColumnKind.Bytes) => ColumnKind.Id,
                var (own, same) when own == same => own,
                _ => throw Differs(store, $"{table}.{column.Name}"),
            };
            if (column.KeyPlace != other!.KeyPlace)
            {
                throw Differs(store, $"the key of {table}");
            }

            matched.Add(column with { Kind = kind });
        }

        return columns.Count == others.Count ? matched : throw Differs(store, table);
    }

    /// <summary>Those that others refer to first.</summary>
    private static List<TableShape> InOrder(StoreSession session, IEnumerable<TableShape> tables)
    {
        var references = session.Query(session.ReferencesSql, row => (From: row.Text(0), To: row.Text(1))).Where(reference => reference.From != reference.To).ToList();
        var (waiting, ordered) = (tables.ToList(), new List<TableShape>());
        while (waiting.Count > 0)
        {
            var free = waiting.FindAll(table => references.TrueForAll(reference => reference.From != table.Name || waiting.TrueForAll(other => other.Name != reference.To)));
            if (free.Count == 0)
            {
                throw new InvalidOperationException("Tables refer to each other in a circle.");
            }

            ordered.AddRange(free);
            waiting.RemoveAll(free.Contains);
        }

        return ordered;
    }

    private static ColumnKind KindOf(string type) => type switch
    {
        "integer" or "bigint" => ColumnKind.Number,
        "real" or "double precision" => ColumnKind.Real,
        "text" => ColumnKind.Text,
        "blob" or "bytea" => ColumnKind.Bytes,
        "uuid" => ColumnKind.Id,
        _ => throw new InvalidOperationException($"A column has the type {type}, which no row is copied of."),
    };

    private static InvalidOperationException Differs(string store, string what) => new($"The engines' schemas of {store} differ: {what}.");
}
