using System.Globalization;
using MemoryMesh.ServiceDefaults.Storage.Moving;
using MongoDB.Bson;

namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>A column of a table, and where its value stands in a document.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it holds.</param>
public sealed record MovedColumn(string Name, ColumnKind Kind)
{
    /// <summary>An expression over the row, named <c>t</c>, for what documents have and the table has not; null for a column of the table.</summary>
    public string? Sql { get; init; }

    /// <summary>Whether documents have a field of this name. One that has none stands in the <c>_id</c>.</summary>
    public bool IsField { get; init; } = true;

    /// <summary>Makes the field of a value; by the kind when it is null.</summary>
    public Func<object, BsonValue>? Write { get; init; }

    /// <summary>Reads the value from a document; the field of this name when it is null.</summary>
    public Func<BsonDocument, object?>? Read { get; init; }

    internal BsonValue ToField(object? value) => value switch
    {
        null => BsonNull.Value,
        _ when Write is not null => Write(value),
        Guid id => id.Bson(),
        long number => number,
        double real => real,
        string text => text,
        byte[] bytes => bytes.Bson(),
        _ => throw new NotSupportedException($"{Name} has a value of type {value.GetType()}."),
    };

    internal object? FromDocument(BsonDocument document)
    {
        if (Read is not null)
        {
            return Read(document);
        }

        return document.GetValue(Name, BsonNull.Value) switch
        {
            BsonNull => null,
            BsonBoolean flag => flag.Value ? 1L : 0L,
            var value => Kind switch
            {
                ColumnKind.Number => value.ToInt64(),
                ColumnKind.Real => value.ToDouble(),
                ColumnKind.Text => value.AsString,
                ColumnKind.Bytes => value.AsByteArray,
                _ => document.Id(Name),
            },
        };
    }

    internal object? FromRow(StoreRow row, int index)
        => row.IsNull(index) ? null : Kind switch
        {
            ColumnKind.Number => row.Int64(index),
            ColumnKind.Real => row.Double(index),
            ColumnKind.Text => row.Text(index),
            ColumnKind.Bytes => row.Bytes(index),
            _ => row.Id(index),
        };
}

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
}

/// <summary>A table of a service's own file and a collection that holds the same in MongoDB, a document for each row.</summary>
/// <param name="table">Name of the table.</param>
/// <param name="collection">Name of the collection, without the service's.</param>
/// <param name="keyColumns">How many of the columns, from the first on, are the key.</param>
/// <param name="columns">The columns.</param>
public sealed class DocumentTable(string table, string collection, int keyColumns, params IReadOnlyList<MovedColumn> columns)
{
    private readonly string _selected = string.Join(", ", columns.Select(column => column.Sql ?? $"t.{column.Name}"));
    private readonly string _key = string.Join(", ", columns.Take(keyColumns).Select(column => column.Name));
    private readonly MovedColumn[] _own = [.. columns.Where(column => column.Sql is null)];

    /// <summary>Name of the table.</summary>
    public string Name => table;

    /// <summary>Name of the collection.</summary>
    public string Collection => collection;

    /// <summary>Names of the columns that the table itself has.</summary>
    public IEnumerable<string> OwnColumns => _own.Select(column => column.Name);

    /// <summary>The <c>_id</c> of a row's document.</summary>
    public required Func<MovedRow, BsonValue> IdOf { get; init; }

    /// <summary>What an <c>INSERT</c> does where the row is there: nothing, unless triggers make rows of the table.</summary>
    public string OnConflict { get; init; } = "DO NOTHING";

    /// <summary>Whether the numbers that the store gives in the order of storing are this table's.</summary>
    public bool IsNumbered { get; init; }

    /// <summary>A table that has a part of each row too, and what writes it after the row; null for most.</summary>
    public (string Table, Action<StoreSession, MovedRow> Insert)? Beside { get; init; }

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

    internal void Insert(StoreSession session, MovedRow row)
    {
        object?[] values = [.. _own.Select(column => row[column.Name])];
        session.Execute(
            $"INSERT INTO {table} ({string.Join(", ", _own.Select(column => column.Name))}) VALUES ({string.Join(", ", values.Select((_, index) => $"${index + 1}"))}) ON CONFLICT {OnConflict}",
            values);
        Beside?.Insert(session, row);
    }

    /// <summary>Deletes some rows.</summary>
    /// <returns>How many.</returns>
    internal int DeleteSome(StoreSession session, int limit)
        => session.Execute(string.Create(CultureInfo.InvariantCulture, $"DELETE FROM {table} WHERE ({_key}) IN (SELECT {_key} FROM {table} LIMIT {limit})"));
}
