using System.Globalization;

namespace MemoryMesh.ServiceDefaults.Filtering;

/// <summary>Times in ISO 8601 as clients write them in parameters and conditions.</summary>
public static class TimeText
{
    /// <summary>What is wrong with a text that cannot be read.</summary>
    public const string Message = "Must be a time in ISO 8601, for example 2026-01-31T08:30:00Z, or a date.";

    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];

    /// <summary>Reads a time, UTC when it has no offset, or a date, which stands for its first or last millisecond in UTC.</summary>
    public static bool TryRead(string text, bool endOfDay, out DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(text);

        // A plus sign that was not percent-encoded arrives as a space.
        var value = text.Length > 6 && text[^6] == ' ' ? $"{text[..^6]}+{text[^5..]}" : text;
        if (TryReadDate(value, out var date))
        {
            time = new DateTimeOffset(date.ToDateTime(endOfDay ? new TimeOnly(23, 59, 59, 999) : TimeOnly.MinValue), TimeSpan.Zero);
            return true;
        }

        return DateTimeOffset.TryParseExact(value, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }

    /// <summary>Reads a date.</summary>
    public static bool TryReadDate(string text, out DateOnly date)
        => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date);
}
