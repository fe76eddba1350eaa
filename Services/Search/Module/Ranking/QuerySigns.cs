using System.Globalization;
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
        _times = TimeSpanOfQuery.Read(query + " " + DateWords.ToEnglish(query, LanguageGuess.Of(query)), asOf);
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

/// <summary>A stretch of time that a question names: from a moment to another, or a month or weekday of any year.</summary>
internal readonly partial record struct TimeSpanOfQuery(DateTimeOffset From, DateTimeOffset To, int AnyYearMonth = 0)
{
    private static readonly string[] Months = CultureInfo.InvariantCulture.DateTimeFormat.MonthNames[..12];
    private static readonly string[] Days = CultureInfo.InvariantCulture.DateTimeFormat.DayNames;
    private static readonly string[] Numbers = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

    /// <summary>Whether a moment lies in it.</summary>
    public bool Covers(DateTimeOffset moment) => AnyYearMonth > 0 ? moment.UtcDateTime.Month == AnyYearMonth : moment >= From && moment < To;

    /// <summary>The times that a question names, in English: dates, months, years, and words reckoned from a moment.</summary>
    public static IReadOnlyList<TimeSpanOfQuery> Read(string query, DateTimeOffset asOf)
    {
        var found = new List<TimeSpanOfQuery>();
        var today = new DateTimeOffset(asOf.UtcDateTime.Date, TimeSpan.Zero);
        foreach (Match match in Expression().Matches(query))
        {
            try
            {
                if (Read(match, today) is { } time)
                {
                    found.Add(time);
                }
            }
            catch (ArgumentOutOfRangeException)
            {
                // A day that no calendar has, or one before the year 1.
            }
        }

        return found;
    }

    private static TimeSpanOfQuery? Read(Match match, DateTimeOffset today)
    {
        string? Group(string name) => match.Groups[name] is { Success: true, Value: var value } ? value.ToLowerInvariant() : null;

        if (Group("iso") is { } iso)
        {
            return DateTime.TryParseExact(iso, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? Day(Utc(date)) : null;
        }

        if (Group("word") is { } word)
        {
            return Day(today.AddDays(word == "today" ? 0 : -1));
        }

        if (Group("count") is { } count)
        {
            var number = count is "a" or "an" ? 1 : count is "a couple of" ? 2 : Array.IndexOf(Numbers, count) is var spelled and > 0 ? spelled : int.Parse(count, CultureInfo.InvariantCulture);
            return Ago(Group("unit")!, number, today);
        }

        if (Group("relative") is { } relative)
        {
            return Relative(relative, Group("what")!, today);
        }

        var month = Group("month") is { } name ? 1 + Array.FindIndex(Months, full => full.StartsWith(name[..3], StringComparison.OrdinalIgnoreCase)) : 0;
        var year = Group("year") is { } digits ? int.Parse(digits, CultureInfo.InvariantCulture) : 0;
        var day = Group("day") is { } number1 ? int.Parse(number1, CultureInfo.InvariantCulture) : 0;
        return (month, year, day) switch
        {
            (0, 0, _) => null,
            (0, _, _) => Between(new DateTime(year, 1, 1), date => date.AddYears(1)),
            (_, 0, 0) => new TimeSpanOfQuery(default, default, month),
            (_, 0, _) => Day(Utc(new DateTime(today.Month > month || (today.Month == month && today.Day >= day) ? today.Year : today.Year - 1, month, day))),
            (_, _, 0) => Between(new DateTime(year, month, 1), date => date.AddMonths(1)),
            _ => Day(Utc(new DateTime(year, month, day))),
        };
    }

    // The further away, the less exactly it is meant.
    private static TimeSpanOfQuery? Ago(string unit, int number, DateTimeOffset today) => unit[0] switch
    {
        'd' => Day(today.AddDays(-number)),
        'w' => new(today.AddDays((-7 * number) - 3), today.AddDays((-7 * number) + 4)),
        'm' => new(today.AddMonths(-number).AddDays(-15), today.AddMonths(-number).AddDays(16)),
        'y' => new(today.AddYears(-number).AddMonths(-6), today.AddYears(-number).AddMonths(6)),
        _ => null,
    };

    private static TimeSpanOfQuery? Relative(string relative, string what, DateTimeOffset today)
    {
        var back = relative == "this" ? 0 : 1;
        var monday = today.AddDays(-(((int)today.DayOfWeek + 6) % 7));
        switch (what)
        {
            case "night":
                return Day(today.AddDays(-1));
            case "week":
                return new(monday.AddDays(-7 * back), monday.AddDays(7 - (7 * back)));
            case "weekend":
                return new(monday.AddDays(5 - (7 * back)), monday.AddDays(7 - (7 * back)));
            case "month":
                return Between(new DateTime(today.Year, today.Month, 1).AddMonths(-back), date => date.AddMonths(1));
            case "year":
                return Between(new DateTime(today.Year - back, 1, 1), date => date.AddYears(1));
        }

        var day = Array.FindIndex(Days, name => name.Equals(what, StringComparison.OrdinalIgnoreCase));
        if (day >= 0)
        {
            var days = ((int)today.DayOfWeek - day + 7) % 7;
            return Day(today.AddDays(-(days == 0 && back == 1 ? 7 : days)));
        }

        var month = 1 + Array.FindIndex(Months, name => name.Equals(what, StringComparison.OrdinalIgnoreCase));
        var year = month < today.Month || (month == today.Month && back == 0) ? today.Year : today.Year - 1;
        return Between(new DateTime(year, month, 1), date => date.AddMonths(1));
    }

    private static DateTimeOffset Utc(DateTime date) => new(date, TimeSpan.Zero);

    private static TimeSpanOfQuery Day(DateTimeOffset day) => new(day, day.AddDays(1));

    private static TimeSpanOfQuery Between(DateTime first, Func<DateTime, DateTime> next) => new(Utc(first), Utc(next(first)));

    [GeneratedRegex(
        """
        \b(?:
            (?<iso>[0-9]{4}-[0-9][0-9]-[0-9][0-9])
          | (?<word>today|yesterday)
          | (?<count>an?|a\ couple\ of|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[0-9]{1,3})\ (?<unit>day|week|month|year)s?\ ago
          | (?<relative>last|past|previous|this)\ (?<what>night|week|weekend|month|year|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august|september|october|november|december)
          | (?:(?<day>[0-9]{1,2})(?:st|nd|rd|th)?\ (?:of\ )?)?(?<month>january|february|march|april|june|july|august|september|october|november|december)(?:\ (?<day>[0-9]{1,2})(?:st|nd|rd|th)?(?![0-9]))?(?:,?\ (?:of\ )?(?<year>(?:19|20)[0-9][0-9]))?
          | (?:(?<day>[0-9]{1,2})(?:st|nd|rd|th)?\ (?:of\ )?|in\ |of\ |since\ |during\ )(?<month>may)(?:\ (?<day>[0-9]{1,2})(?:st|nd|rd|th)?(?![0-9]))?(?:,?\ (?<year>(?:19|20)[0-9][0-9]))?
          | (?<month>may)\ (?:(?<day>[0-9]{1,2})(?:st|nd|rd|th)?(?![0-9])(?:,?\ (?<year>(?:19|20)[0-9][0-9]))?|(?<year>(?:19|20)[0-9][0-9]))
          | (?:in|of|since|during)\ (?<year>(?:19|20)[0-9][0-9])
        )\b
        """,
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Expression();
}
