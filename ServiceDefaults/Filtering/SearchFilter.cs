using System.Text.Json;

namespace MemoryMesh.ServiceDefaults.Filtering;

/// <summary>What a condition is about.</summary>
public enum FilterField
{
    /// <summary>Who speaks: user, assistant, system or tool.</summary>
    Role,

    /// <summary>The conversation's id as the client chose it.</summary>
    ConversationId,

    /// <summary>The subject's id as the client chose it.</summary>
    UserId,

    /// <summary>Time of the message.</summary>
    CreatedAt,

    /// <summary>Importance the client set, 0 to 1.</summary>
    Importance,

    /// <summary>A member of the metadata.</summary>
    Metadata,
}

/// <summary>How a condition compares.</summary>
public enum FilterOperator
{
    /// <summary>Is the value. A text equals a text in the same case, a number a number of the same size.</summary>
    Eq,

    /// <summary>Is not the value, or is not there.</summary>
    Ne,

    /// <summary>Is one of the values.</summary>
    In,

    /// <summary>Is a text that holds the value in any case, or a list that has it.</summary>
    Contains,

    /// <summary>Is more than the value, or later.</summary>
    Gt,

    /// <summary>Is the value or more, or later.</summary>
    Gte,

    /// <summary>Is less than the value, or earlier.</summary>
    Lt,

    /// <summary>Is the value or less, or earlier.</summary>
    Lte,

    /// <summary>Is there; with <c>false</c>: is not there.</summary>
    Exists,
}

/// <summary>What a filter is held against: a message, opened.</summary>
public readonly record struct FilterSubject
{
    /// <summary>Who speaks.</summary>
    public required string Role { get; init; }

    /// <summary>The conversation's id as the client chose it.</summary>
    public required string ConversationId { get; init; }

    /// <summary>The subject's id as the client chose it.</summary>
    public required string UserId { get; init; }

    /// <summary>Time of the message.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Importance the client set, or null.</summary>
    public double? Importance { get; init; }

    /// <summary>Metadata as a JSON object, or null.</summary>
    public string? MetadataJson { get; init; }
}

/// <summary>Conditions on messages, joined to a tree. <see cref="FilterReader"/> makes them and keeps them within bounds.</summary>
public abstract record SearchFilter
{
    private SearchFilter()
    {
    }

    /// <summary>Whether a message meets it.</summary>
    public bool Matches(in FilterSubject subject)
    {
        if (subject.MetadataJson is null)
        {
            return Matches(subject, null);
        }

        using var metadata = JsonDocument.Parse(subject.MetadataJson);
        return Matches(subject, metadata.RootElement);
    }

    /// <summary>Both, where either may be missing.</summary>
    public static SearchFilter? Join(SearchFilter? first, SearchFilter? second)
        => first is null ? second : second is null ? first : new All([first, second]);

    private protected abstract bool Matches(in FilterSubject subject, JsonElement? metadata);

    /// <summary>All of these hold.</summary>
    /// <param name="Parts">At least one.</param>
    public sealed record All(IReadOnlyList<SearchFilter> Parts) : SearchFilter
    {
        private protected override bool Matches(in FilterSubject subject, JsonElement? metadata)
        {
            foreach (var part in Parts)
            {
                if (!part.Matches(subject, metadata))
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>One of these holds.</summary>
    /// <param name="Parts">At least one.</param>
    public sealed record Any(IReadOnlyList<SearchFilter> Parts) : SearchFilter
    {
        private protected override bool Matches(in FilterSubject subject, JsonElement? metadata)
        {
            foreach (var part in Parts)
            {
                if (part.Matches(subject, metadata))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>This does not hold.</summary>
    /// <param name="Part">What does not.</param>
    public sealed record Not(SearchFilter Part) : SearchFilter
    {
        private protected override bool Matches(in FilterSubject subject, JsonElement? metadata) => !Part.Matches(subject, metadata);
    }

    /// <summary>One comparison.</summary>
    /// <param name="Field">What is compared.</param>
    /// <param name="Path">Names of members from the outside to the inside, for <see cref="FilterField.Metadata"/>; empty for other fields.</param>
    /// <param name="Operator">How.</param>
    /// <param name="Values">With what: the values of <see cref="FilterOperator.In"/>, true or false of <see cref="FilterOperator.Exists"/>, else one.</param>
    public sealed record Condition(FilterField Field, IReadOnlyList<string> Path, FilterOperator Operator, IReadOnlyList<FilterValue> Values) : SearchFilter
    {
        private protected override bool Matches(in FilterSubject subject, JsonElement? metadata) => Field switch
        {
            FilterField.Role => Matches(FilterValue.Of(subject.Role)),
            FilterField.ConversationId => Matches(FilterValue.Of(subject.ConversationId)),
            FilterField.UserId => Matches(FilterValue.Of(subject.UserId)),
            FilterField.CreatedAt => Matches(FilterValue.Of(subject.CreatedAt)),
            FilterField.Importance => Matches(subject.Importance is { } importance ? FilterValue.Of(importance) : null),
            _ => Find(metadata) is not { } found ? Matches(null)
                : Operator == FilterOperator.Exists ? Values[0] == FilterValue.Of(true)
                : Operator == FilterOperator.Contains && found.ValueKind == JsonValueKind.Array ? HasElement(found)
                : Matches(FilterValue.Of(found)),
        };

        /// <summary>Compares with a value; null is there for no value, or one that is an object or a list.</summary>
        private bool Matches(FilterValue? value) => Operator switch
        {
            FilterOperator.Exists => (value is not null) == (Values[0] == FilterValue.Of(true)),
            FilterOperator.Ne => value != Values[0],
            _ when value is null => false,
            FilterOperator.Contains => value.Text is { } text && Values[0].Text is { } part && text.Contains(part, StringComparison.OrdinalIgnoreCase),
            FilterOperator.Gt => FilterValue.Compare(value, Values[0]) > 0,
            FilterOperator.Gte => FilterValue.Compare(value, Values[0]) >= 0,
            FilterOperator.Lt => FilterValue.Compare(value, Values[0]) < 0,
            FilterOperator.Lte => FilterValue.Compare(value, Values[0]) <= 0,
            _ => Values.Contains(value),
        };

        private bool HasElement(JsonElement list)
        {
            foreach (var element in list.EnumerateArray())
            {
                if (FilterValue.Of(element) == Values[0])
                {
                    return true;
                }
            }

            return false;
        }

        private JsonElement? Find(JsonElement? metadata)
        {
            if (metadata is not { } found)
            {
                return null;
            }

            foreach (var name in Path)
            {
                if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(name, out found))
                {
                    return null;
                }
            }

            return found;
        }
    }
}
