using System.Globalization;
using System.Text;

namespace MemoryMesh.Gateway.Analytics;

/// <summary>A table as CSV (RFC 4180): a line of names, then a line a row, with CRLF.</summary>
/// <remarks>
/// A text that a spreadsheet would take for a formula gets an apostrophe in front: ids and titles come from people, and a file that is opened must do nothing.
/// </remarks>
internal sealed class CsvTable
{
    private const string FormulaSigns = "=+-@\t\r";
    private readonly StringBuilder _text = new();

    /// <summary>Begins a table.</summary>
    public CsvTable(params IEnumerable<string> columns) => Add(columns);

    /// <summary>Adds a row.</summary>
    public void Add(params IEnumerable<object?> values)
        => _text.AppendJoin(',', values.Select(Write)).Append("\r\n");

    /// <summary>The table as UTF-8.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(_text.ToString());

    private static string Write(object? value) => value switch
    {
        null => "",
        string text => Quote(text.Length > 0 && FormulaSigns.Contains(text[0], StringComparison.Ordinal) ? $"'{text}" : text),
        DateTimeOffset time => time.ToString("yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => Quote(value.ToString()!),
    };

    private static string Quote(string text)
        => text.AsSpan().IndexOfAny("\",\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
