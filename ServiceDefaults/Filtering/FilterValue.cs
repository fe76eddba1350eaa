using System.Globalization;
using System.Text.Json;

namespace MemoryMesh.ServiceDefaults.Filtering;

/// <summary>A text, a number, true, false, null or a time, as conditions compare them. Equal values are equal JSON values, however they are written.</summary>
public sealed record FilterValue
{
    private FilterValue()
    {
    }

    /// <summary>JSON's null.</summary>
    public static FilterValue Null { get; } = new();

    /// <summary>The text, when it is one.</summary>
    public string? Text { get; private init; }

    /// <summary>The time, when it is one.</summary>
    public DateTimeOffset? Time { get; private init; }

    /// <summary>The number, when it is one that 28 digits hold.</summary>
    public decimal? Number { get; private init; }

    /// <summary>The number, when it is a larger one.</summary>
    public double? LargeNumber { get; private init; }

    /// <summary>True or false, when it is one of them.</summary>
    public bool? Flag { get; private init; }

    /// <summary>A text.</summary>
    public static FilterValue Of(string text) => new() { Text = text };

    /// <summary>True or false.</summary>
    public static FilterValue Of(bool flag) => new() { Flag = flag };

    /// <summary>A time.</summary>
    public static FilterValue Of(DateTimeOffset time) => new() { Time = time };

    /// <summary>A number.</summary>
    public static FilterValue Of(double number)
        => Math.Abs(number) < (double)decimal.MaxValue ? new() { Number = (decimal)number } : new() { LargeNumber = number };

    /// <summary>A JSON value; null for objects and lists.</summary>
    public static FilterValue? Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Of(value.GetString()!),
        JsonValueKind.Number => value.TryGetDecimal(out var number) ? new() { Number = number } : new() { LargeNumber = value.GetDouble() },
        JsonValueKind.True => Of(true),
        JsonValueKind.False => Of(false),
        JsonValueKind.Null => Null,
        _ => null,
    };

    /// <summary>The order of a value and the one of a condition; null when they cannot be compared.</summary>
    /// <remarks>A condition with a time compares texts that are times. Other texts are in the order of their UTF-16 units.</remarks>
    public static int? Compare(FilterValue value, FilterValue limit)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(limit);
        return limit switch
        {
            { Time: { } time } => (value.Time ?? (value.Text is { } said && TimeText.TryRead(said, endOfDay: false, out var read) ? read : (DateTimeOffset?)null))?.CompareTo(time),
            { Text: { } text } => value.Text is { } own ? string.CompareOrdinal(own, text) : null,
            { Number: { } number } => value.Number?.CompareTo(number) ?? value.LargeNumber?.CompareTo((double)number),
            { LargeNumber: { } large } => (value.LargeNumber ?? (double?)value.Number)?.CompareTo(large),
            _ => null,
        };
    }

    /// <inheritdoc/>
    public override string ToString()
        => Text ?? Time?.ToString("O", CultureInfo.InvariantCulture) ?? Number?.ToString(CultureInfo.InvariantCulture)
            ?? LargeNumber?.ToString(CultureInfo.InvariantCulture) ?? Flag?.ToString() ?? "null";
}
