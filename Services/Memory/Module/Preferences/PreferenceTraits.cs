namespace MemoryMesh.Memory.Preferences;

/// <summary>What can be preferred, and the values it can have.</summary>
internal static class PreferenceTraits
{
    public const string Language = "language";
    public const string Verbosity = "verbosity";
    public const string Formality = "formality";
    public const string Lists = "lists";
    public const string Code = "code";
    public const string Emoji = "emoji";
    public const string ReadingLevel = "reading_level";
    public const string ActiveHours = "active_hours";

    public const string Concise = "concise";
    public const string Balanced = "balanced";
    public const string Detailed = "detailed";
    public const string Casual = "casual";
    public const string Neutral = "neutral";
    public const string Formal = "formal";
    public const string Prefer = "prefer";
    public const string Avoid = "avoid";
    public const string Simple = "simple";
    public const string General = "general";
    public const string Expert = "expert";

    /// <summary>Languages by their code (ISO 639-1), with their English name.</summary>
    public static readonly IReadOnlyDictionary<string, string> Languages = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["ar"] = "Arabic", ["cs"] = "Czech", ["da"] = "Danish", ["de"] = "German", ["el"] = "Greek", ["en"] = "English", ["es"] = "Spanish", ["fi"] = "Finnish",
        ["fr"] = "French", ["he"] = "Hebrew", ["hi"] = "Hindi", ["hu"] = "Hungarian", ["id"] = "Indonesian", ["it"] = "Italian", ["ja"] = "Japanese", ["ko"] = "Korean",
        ["nl"] = "Dutch", ["no"] = "Norwegian", ["pl"] = "Polish", ["pt"] = "Portuguese", ["ro"] = "Romanian", ["ru"] = "Russian", ["sv"] = "Swedish", ["th"] = "Thai",
        ["tr"] = "Turkish", ["uk"] = "Ukrainian", ["vi"] = "Vietnamese", ["zh"] = "Chinese",
    };

    /// <summary>Every trait in the order of the API, with its values; null for those of a form of their own.</summary>
    public static readonly IReadOnlyList<(string Trait, IReadOnlyList<string>? Values)> All =
    [
        (Language, [.. Languages.Keys]),
        (Verbosity, [Concise, Balanced, Detailed]),
        (Formality, [Casual, Neutral, Formal]),
        (Lists, [Prefer, Avoid]),
        (Code, [Prefer, Avoid]),
        (Emoji, [Prefer, Avoid]),
        (ReadingLevel, [Simple, General, Expert]),
        (ActiveHours, null),
    ];

    /// <summary>What is wrong with a value of a trait, or null.</summary>
    public static string? Check(string trait, string value)
    {
        var values = All.First(known => known.Trait == trait).Values;
        return values is null
            ? ParseHours(value) is null ? "Must be two hours of the day in UTC, 0 to 23, for example 8-17." : null
            : values.Contains(value, StringComparer.Ordinal) ? null : $"Must be one of {string.Join(", ", values)}.";
    }

    /// <summary>Reads <c>8-17</c>: from the beginning of hour 8 to the end of hour 17. Null when it is none.</summary>
    public static (int From, int To)? ParseHours(string value)
        => value.Split('-') is [var from, var to] && IsHour(from, out var first) && IsHour(to, out var last) ? (first, last) : null;

    private static bool IsHour(string text, out int hour)
        => int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out hour) && hour <= 23;
}
