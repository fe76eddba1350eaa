using MemoryMesh.ServiceDefaults.Storage.Moving;
using MongoDB.Bson;

namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>A value of a row, and where it stands in a document.</summary>
/// <param name="Name">Its name, which is that of the document's field.</param>
/// <param name="Kind">What it holds.</param>
public sealed record MovedColumn(string Name, ColumnKind Kind)
{
    /// <summary>The number that SQLite gives to each row in the order of storing, where a table has no column for it.</summary>
    public const string RowNumber = "rowid";

    private readonly string? _column;

    /// <summary>An expression over the row, named <c>t</c>, that has the value; null where the column has it as it is.</summary>
    public string? Sql { get; init; }

    /// <summary>The column of the table that the value is written to; null for what documents have and the table has not.</summary>
    public string? Column
    {
        get => _column ?? (Sql is null ? Name : null);
        init => _column = value;
    }

    /// <summary>Whether documents have a field of this name. One that has none stands elsewhere in the document, as in the <c>_id</c>.</summary>
    public bool IsField { get; init; } = true;

    /// <summary>Makes the field of a value; by the kind when it is null.</summary>
    public Func<object, BsonValue>? Write { get; init; }

    /// <summary>Reads the value from a document; the field of this name when it is null.</summary>
    public Func<BsonDocument, object?>? Read { get; init; }

    /// <summary>A whole number or a time.</summary>
    public static MovedColumn Number(string name) => new(name, ColumnKind.Number);

    /// <summary>A yes or no, which is 1 or 0 in a table.</summary>
    public static MovedColumn Flag(string name) => new(name, ColumnKind.Number) { Write = value => (long)value != 0 };

    /// <summary>A number in double precision.</summary>
    public static MovedColumn Real(string name) => new(name, ColumnKind.Real);

    /// <summary>A text.</summary>
    public static MovedColumn Text(string name) => new(name, ColumnKind.Text);

    /// <summary>Bytes.</summary>
    public static MovedColumn Bytes(string name) => new(name, ColumnKind.Bytes);

    /// <summary>An id.</summary>
    public static MovedColumn Id(string name) => new(name, ColumnKind.Id);

    /// <summary>An id that is the <c>_id</c> of documents.</summary>
    public static MovedColumn Key(string name) => new(name, ColumnKind.Id) { IsField = false, Read = document => document.Id("_id") };

    internal string Selected => Sql ?? $"t.{Column}";

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
