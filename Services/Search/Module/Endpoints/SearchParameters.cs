using System.Globalization;
using MemoryMesh.ServiceDefaults.Filtering;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Search.Endpoints;

/// <summary>Reads query parameters as text, so that every value that is not allowed is named in the answer.</summary>
internal sealed class SearchParameters
{
    private readonly Dictionary<string, string[]> _errors = [];

    /// <summary>The answer that names all bad parameters; null when there is none.</summary>
    public ProblemHttpResult? Problem
        => _errors.Count == 0
            ? null
            : TypedResults.Problem(new HttpValidationProblemDetails(_errors)
            {
                Type = Problems.Invalid.Type,
                Status = Problems.Invalid.Status,
                Title = Problems.Invalid.Title,
                Detail = Problems.Invalid.Detail,
            });

    /// <summary>The question.</summary>
    public string Query(string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            Refuse("query", "Is needed.");
            return "";
        }

        return Text("query", value, maxBytes: 4_096, allowControl: true)!;
    }

    /// <summary>A text, or null.</summary>
    public string? Text(string name, string? value, int maxBytes = 512, bool allowControl = false)
    {
        if (value is not null && TextRules.Check(value, maxBytes, allowControl: allowControl) is { } message)
        {
            Refuse(name, message);
            return null;
        }

        return value;
    }

    /// <summary>A whole number.</summary>
    public int Int(string name, string? value, int min, int max, int otherwise)
    {
        if (value is null)
        {
            return otherwise;
        }

        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }

        Refuse(name, $"Must be a whole number from {min} to {max}.");
        return otherwise;
    }

    /// <summary>A number from 0 to 1, or null.</summary>
    public double? Fraction(string name, string? value)
    {
        if (value is null)
        {
            return null;
        }

        if (double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 1)
        {
            return number;
        }

        Refuse(name, "Must be a number from 0 to 1.");
        return null;
    }

    /// <summary>A time in ISO 8601, or a date, which stands for its first or last moment in UTC.</summary>
    public DateTimeOffset? Time(string name, string? value, bool endOfDay)
    {
        if (value is null)
        {
            return null;
        }

        if (TimeText.TryRead(value, endOfDay, out var time))
        {
            return time;
        }

        Refuse(name, TimeText.Message);
        return null;
    }

    /// <summary>An id, or null.</summary>
    public Guid? Id(string name, string? value)
    {
        if (value is null)
        {
            return null;
        }

        if (Guid.TryParse(value, out var id))
        {
            return id;
        }

        Refuse(name, "Must be an id.");
        return null;
    }

    /// <summary>true or false.</summary>
    public bool Flag(string name, string? value)
    {
        switch (value)
        {
            case null or "false" or "0":
                return false;
            case "true" or "1":
                return true;
            default:
                Refuse(name, "Must be true or false.");
                return false;
        }
    }

    /// <summary>One or more of some names, separated by commas; none when the parameter is missing.</summary>
    public IReadOnlyList<T> Names<T>(string name, string? value, IReadOnlyDictionary<string, T> known)
    {
        if (value is null)
        {
            return [];
        }

        var values = new List<T>();
        foreach (var part in value.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!known.TryGetValue(part, out var found))
            {
                Refuse(name, $"Must be one of {string.Join(", ", known.Keys)}.");
                return [];
            }

            if (!values.Contains(found))
            {
                values.Add(found);
            }
        }

        return values;
    }

    /// <summary>Notes what is wrong with a parameter.</summary>
    public void Refuse(string name, string message) => _errors.TryAdd(name, [message]);
}
