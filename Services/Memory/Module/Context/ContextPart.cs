using System.Globalization;

namespace MemoryMesh.Memory.Context;

/// <summary>The parts of a context, in the order of its text.</summary>
internal enum ContextPart
{
    /// <summary>Core blocks.</summary>
    Blocks,

    /// <summary>How the subject wants to be answered.</summary>
    Style,

    /// <summary>Who the subject is.</summary>
    Profile,

    /// <summary>Memories that answer the query.</summary>
    Memories,

    /// <summary>What earlier messages were about.</summary>
    Summary,

    /// <summary>The newest messages.</summary>
    Messages,
}

/// <summary>How the tokens of a context are split among its parts.</summary>
internal sealed class ContextSplit
{
    /// <summary>Shares of the budget unless the request says others. What a part leaves over goes to the others.</summary>
    public static readonly IReadOnlyDictionary<ContextPart, double> Default = new Dictionary<ContextPart, double>
    {
        [ContextPart.Blocks] = 0.15,
        [ContextPart.Style] = 0.05,
        [ContextPart.Profile] = 0.10,
        [ContextPart.Memories] = 0.30,
        [ContextPart.Summary] = 0.10,
        [ContextPart.Messages] = 0.30,
    };

    /// <summary>Every part by its name in the API.</summary>
    public static readonly IReadOnlyDictionary<string, ContextPart> Names =
        Enum.GetValues<ContextPart>().ToDictionary(part => part.ToString().ToLowerInvariant(), StringComparer.Ordinal);

    private readonly IReadOnlyDictionary<ContextPart, double> _shares;

    private ContextSplit(IReadOnlyDictionary<ContextPart, double> shares) => _shares = shares;

    /// <summary>The split of a request.</summary>
    /// <param name="parts">Parts that the context has; null for all.</param>
    /// <param name="given">Shares that are given; the other parts divide what is left in the ratio of their defaults.</param>
    public static ContextSplit Of(IReadOnlyCollection<ContextPart>? parts, IReadOnlyDictionary<ContextPart, double> given)
    {
        var wanted = Default.Keys.Where(part => parts is null || parts.Contains(part)).ToList();
        var others = wanted.Where(part => !given.ContainsKey(part)).ToList();
        var left = 1 - wanted.Sum(part => given.GetValueOrDefault(part));
        var all = others.Sum(part => Default[part]);
        return new ContextSplit(wanted.ToDictionary(part => part, part => given.TryGetValue(part, out var share) ? share : left * Default[part] / all));
    }

    /// <summary>Whether the context has a part.</summary>
    public bool Has(ContextPart part) => _shares.ContainsKey(part);

    /// <summary>Share of the budget, 0 to 1.</summary>
    public double Share(ContextPart part) => _shares.GetValueOrDefault(part);

    /// <summary>Reads <c>memories:0.5,messages:0.3</c>.</summary>
    /// <returns>Null when it is not of that form.</returns>
    public static Dictionary<ContextPart, double>? Parse(string text)
    {
        var shares = new Dictionary<ContextPart, double>();
        foreach (var item in text.Split(','))
        {
            if (item.Split(':') is not [var name, var share]
                || !Names.TryGetValue(name.Trim(), out var part)
                || !double.TryParse(share, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
                || !shares.TryAdd(part, value))
            {
                return null;
            }
        }

        return shares;
    }

    /// <summary>What is wrong with shares, or null.</summary>
    public static string? Check(IReadOnlyDictionary<ContextPart, double> shares)
        => shares.Values.Any(share => share is not (>= 0 and <= 1)) || shares.Values.Sum() > 1 + 1e-9 ? "Shares must be from 0 to 1, and at most 1 together." : null;
}
