using System.Globalization;
using MemoryMesh.Search.Filters;
using MemoryMesh.Search.Ranking;
using MemoryMesh.ServiceDefaults.Filtering;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Search.Endpoints;

/// <summary>Reads query parameters as text, so that every value that is not allowed is named in the answer.</summary>
internal sealed class SearchParameters
{
    private const int MaxWeight = 10;
    private const int MaxScore = 10;

    private static readonly IReadOnlyDictionary<string, SearchMode> Modes = new OrderedDictionary<string, SearchMode>(StringComparer.Ordinal)
    {
        ["hybrid"] = SearchMode.Hybrid,
        ["fulltext"] = SearchMode.FullText,
        ["semantic"] = SearchMode.Semantic,
    };

    private static readonly IReadOnlyDictionary<string, MemoryView> Views = new OrderedDictionary<string, MemoryView>(StringComparer.Ordinal)
    {
        ["current"] = MemoryView.Current,
        ["superseded"] = MemoryView.WithSuperseded,
        ["all"] = MemoryView.All,
    };

    private readonly Dictionary<string, string[]> _errors = [];

    /// <summary>What is wrong, by parameter.</summary>
    public IReadOnlyDictionary<string, string[]> Errors => _errors;

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

        return Text("query", value, maxBytes: 4_096, allowControl: true) ?? "";
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

    /// <summary>One or more texts, separated by commas; none when the parameter is missing.</summary>
    public IReadOnlyList<string> List(string name, string? value)
        => Text(name, value)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct().ToList() is { Count: > 0 } values ? values : [];

    /// <summary>Which memories are meant: those that hold, with ended ones, or those of a time.</summary>
    /// <param name="view">current, superseded or all.</param>
    /// <param name="asOf">The time, which <see cref="Settings"/> checks.</param>
    /// <param name="basis">world or system.</param>
    public MemoryTime MemoryTime(string? view, string? asOf, string? basis)
    {
        if (view is not null && !Views.ContainsKey(view))
        {
            Refuse("view", $"Must be one of {string.Join(", ", Views.Keys)}.");
        }
        else if (view is not null && asOf is not null)
        {
            Refuse("view", "Not with as_of.");
        }

        if (basis is not (null or "world" or "system") || (basis is not null && asOf is null))
        {
            Refuse("basis", "Must be world or system, with as_of.");
        }

        return new(
            view is null ? MemoryView.Current : Views.GetValueOrDefault(view),
            asOf is not null && TimeText.TryRead(asOf, endOfDay: true, out var time) ? time : null,
            asOf is not null && basis == "system");
    }

    /// <summary>How results are ranked.</summary>
    /// <param name="mode">hybrid, fulltext or semantic.</param>
    /// <param name="preset">Name of a preset.</param>
    /// <param name="weights">Weights that differ from the preset's, by name; a value that is no number is refused.</param>
    /// <param name="asOf">The time that age is reckoned from.</param>
    /// <param name="minScore">Least score.</param>
    public RankingSettings Settings(string? mode, string? preset, IEnumerable<(string Name, double Value)> weights, string? asOf, double? minScore)
    {
        var chosen = RankingWeights.Balanced;
        if (preset is not null && !RankingWeights.Presets.TryGetValue(preset, out chosen!))
        {
            Refuse("preset", $"Must be one of {string.Join(", ", RankingWeights.Presets.Keys)}.");
            chosen = RankingWeights.Balanced;
        }

        foreach (var (name, value) in weights)
        {
            if (!RankingWeights.Names.Contains(name) || !(value >= 0 && value <= MaxWeight))
            {
                Refuse("weights", $"Must be numbers from 0 to {MaxWeight} of {string.Join(", ", RankingWeights.Names)}.");
                break;
            }

            chosen = chosen.With(name, value);
        }

        if (mode is not null && !Modes.ContainsKey(mode))
        {
            Refuse("mode", $"Must be one of {string.Join(", ", Modes.Keys)}.");
        }

        if (minScore is not null && !(minScore >= 0 && minScore <= MaxScore))
        {
            Refuse("min_score", $"Must be a number from 0 to {MaxScore}.");
        }

        return new RankingSettings
        {
            Weights = chosen,
            Mode = mode is null ? SearchMode.Hybrid : Modes.GetValueOrDefault(mode),
            AsOf = Time("as_of", asOf, endOfDay: true),
            MinScore = minScore ?? 0,
        };
    }

    /// <summary>Weights as <c>name:value</c>, separated by commas.</summary>
    public static IEnumerable<(string Name, double Value)> Weights(string? weights)
    {
        foreach (var part in weights?.Split(',', StringSplitOptions.TrimEntries) ?? [])
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            yield return colon > 0 && double.TryParse(part.AsSpan(colon + 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
                ? (part[..colon], value)
                : (part, double.NaN);
        }
    }

    /// <summary>A number, or null; one that is none is refused.</summary>
    public double? Number(string name, string? value)
    {
        if (value is null)
        {
            return null;
        }

        if (double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        Refuse(name, "Must be a number.");
        return null;
    }

    /// <summary>What of the answer is shown.</summary>
    public ResultView View(string? cursor, string query, string? groupBy, int expand, bool highlights)
    {
        var offset = 0;
        if (cursor is not null && !ResultCursor.TryRead(cursor, query, out offset))
        {
            Refuse("cursor", "Must be the next_cursor of an answer to the same query.");
        }

        if (groupBy is not (null or "conversation"))
        {
            Refuse("group_by", "Must be conversation.");
        }

        return new ResultView(offset, groupBy is not null, expand, highlights);
    }

    /// <summary>Notes what is wrong with a parameter.</summary>
    public void Refuse(string name, string message) => _errors.TryAdd(name, [message]);
}
