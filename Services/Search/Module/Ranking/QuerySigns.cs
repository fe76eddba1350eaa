using System.Text.RegularExpressions;
using MemoryMesh.Search.Analysis;
using MemoryMesh.Search.Analysis.Languages;
using MemoryMesh.Search.Index.Vectors;

namespace MemoryMesh.Search.Ranking;

/// <summary>What a question tells beside its words: whom it names, when it is about, and what kind of answer it wants.</summary>
internal sealed partial class QuerySigns
{
    private readonly HashSet<string> _words = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _named = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<TimeSpanOfQuery> _times;

    private QuerySigns(string query, DateTimeOffset asOf)
    {
        var terms = new List<string>();
        TextAnalyzer.AddTerms(query, terms);
        _words.UnionWith(terms);
        IsOneWord = TextAnalyzer.IsOneWord(query);
        AsksWhen = WhenQuestion().IsMatch(query) || ForeignWhenQuestion().IsMatch(query);
        Wanted = AsksWhen ? TextTraits.Time : NumberQuestion().IsMatch(query) ? TextTraits.Number : NameQuestion().IsMatch(query) ? TextTraits.Name : TextTraits.None;
        _times = QueryTimes.Read(query + " " + DateWords.ToEnglish(query, LanguageGuess.Of(query)), asOf);
    }

    /// <summary>A question that tells nothing.</summary>
    public static QuerySigns None { get; } = new("", default);

    /// <summary>Whether it is a single word.</summary>
    public bool IsOneWord { get; }

    /// <summary>Whether it asks for a time.</summary>
    public bool AsksWhen { get; }

    /// <summary>The trait that what answers it mostly has: a time, a number or a name; none when nothing tells.</summary>
    public TextTraits Wanted { get; }

    /// <summary>Reads a question.</summary>
    /// <param name="query">The question.</param>
    /// <param name="asOf">The time that "yesterday" is reckoned from.</param>
    public static QuerySigns Read(string query, DateTimeOffset asOf) => new(query, asOf);

    /// <summary>Whether the first part of a name that tells something stands in the question. Not for use by two threads at a time.</summary>
    public bool IsNamed(string name)
    {
        if (!_named.TryGetValue(name, out var named))
        {
            var terms = new List<string>();
            TextAnalyzer.AddTerms(name, terms);
            named = terms.Find(term => term.Length > 1 && !StopWords.Contains(term)) is { } first && _words.Contains(first);
            _named.Add(name, named);
        }

        return named;
    }

    /// <summary>Whether it names a time.</summary>
    public bool NamesTime => _times.Count > 0;

    /// <summary>Whether a time the question names covers a moment.</summary>
    public bool Covers(DateTimeOffset moment)
    {
        foreach (var time in _times)
        {
            if (time.Covers(moment))
            {
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex(@"^\W*(when\b|(on |in |at |since )?(what|which) (date|day|month|year|time|week)\b|how long ago\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WhenQuestion();

    [GeneratedRegex(@"^\W*(wann\b|(an|seit|in) welche[mnr] (tag|jahr|monat|datum)|cu[aá]ndo\b|quand\b|когда\b|متى)|什么时候|什麼時候|何时|何時|哪天|いつ|언제", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ForeignWhenQuestion();

    [GeneratedRegex(@"\bhow (many|much|long|old|often|far|big|tall)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NumberQuestion();

    [GeneratedRegex(
        @"^\W*((in|at|to|from|with|by|on) )?((who|whom|where|which)\b|what('s| is| was| are| were)? ((the|her|his|their) )?(names?|titles?|books?|movies?|films?|songs?|games?|city|cities|country|countries|states?|places?|bands?|artists?|singers?|authors?|company|companies|brands?|teams?|shows?)\b)|\b(names?|titles?|called)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NameQuestion();
}
