using System.Globalization;
using MongoDB.Bson;

namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>The values of a row.</summary>
public sealed class MovedRow
{
    private readonly DocumentTable _table;

    internal MovedRow(DocumentTable table, object?[] values) => (_table, Values) = (table, values);

    /// <summary>A value by the name of its column.</summary>
    public object? this[string column] => Values[_table.IndexOf(column)];

    internal object?[] Values { get; }

    /// <summary>An id by the name of its column.</summary>
    public Guid Id(string column) => (Guid)this[column]!;

    /// <summary>A whole number by the name of its column.</summary>
    public long Number(string column) => (long)this[column]!;
}

/// <summary>A table of a service's own file and a collection that holds the same in MongoDB, a document for each row.</summary>
/// <param name="table">Name of the table.</param>
/// <param name="collection">Name of the collection, without the service's.</param>
/// <param name="keyColumns">How many of the columns, from the first on, are the key.</param>
/// <param name="columns">The columns.</param>
public sealed class DocumentTable(string table, string collection, int keyColumns, params IReadOnlyList<MovedColumn> columns)
{
    private readonly string _selected = string.Join(", ", columns.Select(column => column.Selected));
    private readonly string _key = string.Join(", ", columns.Take(keyColumns).Select(column => column.Column));
    private readonly MovedColumn[] _own = [.. columns.Where(column => column.Column is not null)];

    /// <summary>Name of the table.</summary>
    public string Name => table;

    /// <summary>Name of the collection.</summary>
    public string Collection => collection;

    /// <summary>Names of the columns that the table itself has.</summary>
    public IEnumerable<string> OwnColumns => _own.Select(column => column.Column!);

    /// <summary>The <c>_id</c> of a row's document.</summary>
    public required Func<MovedRow, BsonValue> IdOf { get; init; }

    /// <summary>Whether triggers of tables before it make rows of it, which are not those of the source.</summary>
    public bool IsMadeByTriggers { get; init; }

    /// <summary>The column that has the number which a row got in the order of storing; null where rows have none.</summary>
    public string? NumberedBy { get; init; }

    /// <summary>A table that has a part of each row too, and what writes it after the row; null for most.</summary>
    public (string Table, Action<StoreSession, MovedRow> Insert)? Beside { get; init; }

    /// <summary>Whether the table goes on numbering behind the last number that was given, though its row be gone.</summary>
    internal bool KeepsLastNumber => NumberedBy is { } name && columns[IndexOf(name)].Column != MovedColumn.RowNumber;

    internal int IndexOf(string column)
    {
        for (var index = 0; index < columns.Count; index++)
        {
            if (columns[index].Name == column)
            {
                return index;
            }
        }

        throw new ArgumentException($"{table} has no column {column}.", nameof(column));
    }

    /// <summary>Reads rows behind one, in the order of the key.</summary>
    internal List<MovedRow> Read(StoreSession session, MovedRow? after, int limit)
    {
        var key = Enumerable.Range(1, keyColumns).Select(number => string.Create(CultureInfo.InvariantCulture, $"${number}"));
        var where = after is null ? "" : $" WHERE ({_key}) > ({string.Join(", ", key)})";
        object?[] values = after is null ? [] : after.Values[..keyColumns];
        return session.Query(
            string.Create(CultureInfo.InvariantCulture, $"SELECT {_selected} FROM {table} t{where} ORDER BY {_key} LIMIT {limit}"),
            row => new MovedRow(this, [.. columns.Select((column, index) => column.FromRow(row, index))]),
            values);
    }

    internal BsonDocument ToDocument(MovedRow row)
    {
        var document = new BsonDocument { ["_id"] = IdOf(row) };
        for (var index = 0; index < columns.Count; index++)
        {
            if (columns[index].IsField)
            {
                document[columns[index].Name] = columns[index].ToField(row.Values[index]);
            }
        }

        return document;
    }

    internal MovedRow ToRow(BsonDocument document) => new(this, [.. columns.Select(column => column.FromDocument(document))]);

    /// <summary>Writes a row, unless it is there.</summary>
    internal void Insert(StoreSession session, MovedRow row)
    {
        object?[] values = [.. _own.Select(column => row[column.Name])];
        session.Execute(
            $"INSERT INTO {table} ({string.Join(", ", OwnColumns)}) VALUES ({string.Join(", ", values.Select((_, index) => $"${index + 1}"))}) ON CONFLICT DO NOTHING",
            values);
        Beside?.Insert(session, row);
    }

    /// <summary>Deletes some rows.</summary>
    /// <returns>How many.</returns>
    internal int DeleteSome(StoreSession session, int limit)
        => session.Execute(string.Create(CultureInfo.InvariantCulture, $"DELETE FROM {table} WHERE ({_key}) IN (SELECT {_key} FROM {table} LIMIT {limit})"));
}
