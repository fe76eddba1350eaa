using System.Text;
using System.Text.Json;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.ServiceDefaults.Filtering;

/// <summary>A condition of a filter, or several joined by exactly one of <c>and</c>, <c>or</c> and <c>not</c>.</summary>
public sealed record FilterRequest
{
    /// <summary>All of these hold; 1 to 50.</summary>
    public IReadOnlyList<FilterRequest?>? And { get; init; }

    /// <summary>One of these holds; 1 to 50.</summary>
    public IReadOnlyList<FilterRequest?>? Or { get; init; }

    /// <summary>This does not hold.</summary>
    public FilterRequest? Not { get; init; }

    /// <summary>
    /// <c>role</c>, <c>conversation_id</c>, <c>user_id</c>, <c>created_at</c>, <c>importance</c>, or a member of the metadata such as
    /// <c>metadata.project.name</c>. A backslash takes the meaning from a dot that belongs to a name.
    /// </summary>
    public string? Field { get; init; }

    /// <summary><c>eq</c>, <c>ne</c>, <c>in</c>, <c>contains</c>, <c>gt</c>, <c>gte</c>, <c>lt</c>, <c>lte</c> or <c>exists</c>.</summary>
    public string? Op { get; init; }

    /// <summary>A text, number, true, false or null; for <c>in</c> a list of 1 to 100 of them; for <c>exists</c> true (also when absent) or false.</summary>
    public JsonElement? Value { get; init; }
}

/// <summary>Reads filters that clients send. Whatever they send, the answer is a filter within bounds or what is wrong with it.</summary>
public static class FilterReader
{
    /// <summary>Most conditions of a filter, joined ones counted too.</summary>
    public const int MaxConditions = 50;

    /// <summary>Deepest nesting.</summary>
    public const int MaxDepth = 8;

    /// <summary>Most values of <c>in</c>.</summary>
    public const int MaxValues = 100;

    /// <summary>Most bytes of UTF-8 of a text.</summary>
    public const int MaxTextBytes = 1_024;

    /// <summary>Most names of a path into the metadata.</summary>
    public const int MaxPathNames = 16;

    private const string MetadataPrefix = "metadata.";
    private static readonly string[] Roles = ["user", "assistant", "system", "tool"];

    private static readonly Dictionary<string, FilterOperator> Operators = Enum.GetValues<FilterOperator>()
        .ToDictionary(value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()), StringComparer.Ordinal);

    private static readonly Dictionary<string, FilterField> Fields = Enum.GetValues<FilterField>().Where(field => field != FilterField.Metadata)
        .ToDictionary(value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()), StringComparer.Ordinal);

    private static readonly FilterOperator[] Equality = [FilterOperator.Eq, FilterOperator.Ne, FilterOperator.In];

    /// <summary>Reads a tree.</summary>
    /// <param name="request">The tree, or null.</param>
    /// <param name="name">Name of the field that holds it, for messages.</param>
    /// <param name="refuse">Is told each field that is not allowed, with what is wrong.</param>
    /// <returns>The filter; null when there is none or it is refused.</returns>
    public static SearchFilter? Read(FilterRequest? request, string name, Action<string, string> refuse)
    {
        ArgumentNullException.ThrowIfNull(refuse);
        if (request is null)
        {
            return null;
        }

        var reading = new Reading(refuse);
        var filter = reading.Read(request, name, 1);
        return reading.Refused ? null : filter;
    }

    /// <summary>Reads conditions on the metadata from parameters such as <c>priority:gt:3</c>: path, operator and value.</summary>
    /// <remarks>
    /// A value that is a number, <c>true</c>, <c>false</c>, <c>null</c> or a text in quotation marks is what it is in JSON, any other is a text. Values of
    /// <c>in</c> are separated by commas, or a JSON list. A backslash takes the meaning from a dot or colon in the path.
    /// </remarks>
    public static SearchFilter? ReadMetadata(IReadOnlyList<string?>? conditions, string name, Action<string, string> refuse)
    {
        ArgumentNullException.ThrowIfNull(refuse);
        if (conditions is null || conditions.Count == 0)
        {
            return null;
        }

        var requests = new List<FilterRequest>(conditions.Count);
        foreach (var text in conditions)
        {
            var colon = text is null ? -1 : EndOf(text, ':');
            if (colon < 1)
            {
                refuse(name, "Must be path:operator:value, for example project.name:eq:apollo.");
                return null;
            }

            var rest = text![(colon + 1)..];
            var end = rest.IndexOf(':', StringComparison.Ordinal);
            var op = end < 0 ? rest : rest[..end];
            var value = end < 0 ? null : rest[(end + 1)..];
            requests.Add(new FilterRequest
            {
                Field = MetadataPrefix + text[..colon],
                Op = op,
                Value = value is null ? null : op == "in" ? ReadList(value) : ReadScalar(value),
            });
        }

        return requests is [var only] ? Read(only, name, refuse) : Read(new FilterRequest { And = requests }, name, refuse);
    }

    /// <summary>Place of a sign that no backslash stands before, or -1.</summary>
    private static int EndOf(string text, char sign)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == sign)
            {
                return i;
            }
        }

        return -1;
    }

    private static JsonElement ReadScalar(string text)
        => text.Length > 0 && (text[0] is '"' or '-' || char.IsAsciiDigit(text[0]) || text is "true" or "false" or "null")
            && Parse(text) is { } value && ReadScalar(value) is not null
                ? value
                : JsonSerializer.SerializeToElement(text);

    private static JsonElement ReadList(string text)
        => text.StartsWith('[') && Parse(text) is { } list ? list : JsonSerializer.SerializeToElement(text.Split(',').Select(ReadScalar));

    private static JsonElement? Parse(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>One reading: what was counted and refused so far.</summary>
    private sealed class Reading(Action<string, string> refuse)
    {
        private int _conditions;

        public bool Refused { get; private set; }

        public SearchFilter? Read(FilterRequest? request, string name, int depth)
        {
            if (++_conditions > MaxConditions)
            {
                return Refuse(name, $"A filter must have at most {MaxConditions} conditions.");
            }

            if (depth > MaxDepth)
            {
                return Refuse(name, $"Must be nested at most {MaxDepth} levels deep.");
            }

            var isCondition = request is { Field: not null } or { Op: not null } or { Value: not null };
            return request switch
            {
                { And: { } parts, Or: null, Not: null } when !isCondition => ReadParts(parts, $"{name}.and", depth) is { } all ? new SearchFilter.All(all) : null,
                { And: null, Or: { } parts, Not: null } when !isCondition => ReadParts(parts, $"{name}.or", depth) is { } any ? new SearchFilter.Any(any) : null,
                { And: null, Or: null, Not: { } part } when !isCondition => Read(part, $"{name}.not", depth + 1) is { } not ? new SearchFilter.Not(not) : null,
                { And: null, Or: null, Not: null } when isCondition => ReadCondition(request, name),
                _ => Refuse(name, "Must have one of and, or, not, or field with op and value."),
            };
        }

        private List<SearchFilter>? ReadParts(IReadOnlyList<FilterRequest?> parts, string name, int depth)
        {
            if (parts.Count is 0 or > MaxConditions)
            {
                Refuse(name, $"Must have 1 to {MaxConditions} items.");
                return null;
            }

            var filters = new List<SearchFilter>(parts.Count);
            for (var i = 0; i < parts.Count && !Refused; i++)
            {
                if (Read(parts[i], $"{name}[{i}]", depth + 1) is { } filter)
                {
                    filters.Add(filter);
                }
            }

            return Refused ? null : filters;
        }

        private SearchFilter.Condition? ReadCondition(FilterRequest request, string name)
        {
            if (request.Op is not { } text || !Operators.TryGetValue(text, out var op))
            {
                return Refuse($"{name}.op", $"Must be one of {string.Join(", ", Operators.Keys)}.");
            }

            FilterField field = default;
            IReadOnlyList<string> path = [];
            if (request.Field?.StartsWith(MetadataPrefix, StringComparison.Ordinal) == true)
            {
                field = FilterField.Metadata;
                if (ReadPath(request.Field[MetadataPrefix.Length..]) is not { } read)
                {
                    return Refuse($"{name}.field", $"Must name a member of the metadata in 1 to {MaxPathNames} names that are separated by dots and not empty.");
                }

                path = read;
            }
            else if (request.Field is null || !Fields.TryGetValue(request.Field, out field))
            {
                return Refuse($"{name}.field", $"Must be metadata. with a path, or one of {string.Join(", ", Fields.Keys)}.");
            }

            if (!Takes(field, op))
            {
                return Refuse($"{name}.op", "This field is not compared in this way.");
            }

            return ReadValues(field, op, request.Value) is { } values
                ? new SearchFilter.Condition(field, path, op, values)
                : Refuse($"{name}.value", Expected(field, op));
        }

        private SearchFilter.Condition? Refuse(string name, string message)
        {
            Refused = true;
            refuse(name, message);
            return null;
        }
    }

    private static bool Takes(FilterField field, FilterOperator op) => field switch
    {
        FilterField.Metadata => true,
        FilterField.CreatedAt => op is not (FilterOperator.In or FilterOperator.Contains or FilterOperator.Exists),
        FilterField.Importance => op is not (FilterOperator.In or FilterOperator.Contains),
        _ => Equality.Contains(op),
    };

    private static string Expected(FilterField field, FilterOperator op)
    {
        var what = field switch
        {
            FilterField.Role => $"one of {string.Join(", ", Roles)}",
            FilterField.CreatedAt => "a time in ISO 8601 with an offset, or a date",
            FilterField.Importance => "a number from 0 to 1",
            FilterField.Metadata when op is FilterOperator.Gt or FilterOperator.Gte or FilterOperator.Lt or FilterOperator.Lte => $"a number, or a text of at most {MaxTextBytes} bytes",
            FilterField.Metadata => $"a text of at most {MaxTextBytes} bytes, a number, true, false or null",
            _ => $"a text of at most {MaxTextBytes} bytes",
        };
        return op switch
        {
            FilterOperator.Exists => "Must be true or false.",
            FilterOperator.In => $"Must be a list of 1 to {MaxValues} values, each {what}.",
            _ => $"Must be {what}.",
        };
    }

    private static List<string>? ReadPath(string text)
    {
        if (TextRules.Check(text, MaxTextBytes, allowControl: true) is not null)
        {
            return null;
        }

        var names = new List<string>();
        var name = new StringBuilder();
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || text[i] == '.')
            {
                if (name.Length == 0 || names.Count == MaxPathNames)
                {
                    return null;
                }

                names.Add(name.ToString());
                name.Clear();
            }
            else
            {
                i += text[i] == '\\' && i + 1 < text.Length ? 1 : 0;
                name.Append(text[i]);
            }
        }

        return names;
    }

    private static List<FilterValue>? ReadValues(FilterField field, FilterOperator op, JsonElement? given)
    {
        if (op == FilterOperator.Exists)
        {
            return given is null ? [FilterValue.Of(true)] : given.Value.ValueKind is JsonValueKind.True or JsonValueKind.False ? [FilterValue.Of(given.Value)!] : null;
        }

        if (given is not { } value)
        {
            // "value": null of a body arrives as no value, and means JSON's null where that can be compared.
            return field == FilterField.Metadata && op is FilterOperator.Eq or FilterOperator.Ne ? [FilterValue.Null] : null;
        }

        if (op != FilterOperator.In)
        {
            return ReadValue(field, op, value) is { } single ? [single] : null;
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is 0 or > MaxValues)
        {
            return null;
        }

        var values = value.EnumerateArray().Select(item => ReadValue(field, op, item)).OfType<FilterValue>().ToList();
        return values.Count == value.GetArrayLength() ? values : null;
    }

    private static FilterValue? ReadValue(FilterField field, FilterOperator op, JsonElement element)
    {
        var value = ReadScalar(element);
        switch (field)
        {
            case FilterField.Role:
                return value?.Text is { } role && Roles.Contains(role) ? value : null;
            case FilterField.ConversationId or FilterField.UserId:
                return value?.Text is not null ? value : null;
            case FilterField.CreatedAt:
                return value?.Text is { } text && TimeText.TryRead(text, endOfDay: op is FilterOperator.Gt or FilterOperator.Lte, out var time) ? FilterValue.Of(time) : null;
            case FilterField.Importance:
                return value?.Number is >= 0 and <= 1 ? value : null;
        }

        // A time is compared with times, however their offsets and fractions are written.
        return op is FilterOperator.Gt or FilterOperator.Gte or FilterOperator.Lt or FilterOperator.Lte
            ? value?.Text is { } limit && TimeText.TryRead(limit, endOfDay: op is FilterOperator.Gt or FilterOperator.Lte, out var moment) ? FilterValue.Of(moment)
                : value is { Text: not null } or { Number: not null } or { LargeNumber: not null } ? value : null
            : value;
    }

    private static FilterValue? ReadScalar(JsonElement element)
    {
        try
        {
            return FilterValue.Of(element) is { } value && (value.Text is null || TextRules.Check(value.Text, MaxTextBytes, allowBlank: true, allowControl: true) is null)
                ? value
                : null;
        }
        catch (InvalidOperationException)
        {
            // A text with a lone surrogate.
            return null;
        }
    }
}
