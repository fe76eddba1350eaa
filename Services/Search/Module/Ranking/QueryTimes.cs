using System.Globalization;
using System.Text.RegularExpressions;

namespace MemoryMesh.Search.Ranking;

/// <summary>A stretch of time that a question names: from a moment to another, or months of any year.</summary>
/// <param name="From">First moment.</param>
/// <param name="To">First moment after it.</param>
/// <param name="AnyYearMonths">Months of any year, a bit each from January's, in place of the moments; 0 for none.</param>
internal readonly record struct TimeSpanOfQuery(DateTimeOffset From, DateTimeOffset To, int AnyYearMonths = 0)
{
    /// <summary>Whether a moment lies in it.</summary>
    public bool Covers(DateTimeOffset moment)
        => AnyYearMonths > 0 ? (AnyYearMonths >> (moment.UtcDateTime.Month - 1) & 1) == 1 : moment >= From && moment < To;
}

/// <summary>Reads the times that a question names, in English: dates, months, seasons, years, and words reckoned from a moment.</summary>
/// <remarks>
/// What is named in two parts is one time: "in May last year", "on Monday of last week". "Since", "before" and "after" reach to the present, the past and on
/// from it; "between" and "from ... to" span two times. Seasons are those of the northern half of the earth. Pure: it reads no clock.
/// </remarks>
internal static partial class QueryTimes
{
    private const int December = 12;
    private const int WinterMonths = (1 << (December - 1)) | 0b11;

    // "A few" are two to six.
    private const int LeastOfAFew = 2;
    private const int MostOfAFew = 6;

    private static readonly string[] Months = CultureInfo.InvariantCulture.DateTimeFormat.MonthNames[..12];
    private static readonly string[] Days = CultureInfo.InvariantCulture.DateTimeFormat.DayNames;

    private static readonly string[] Numbers =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen",
        "seventeen", "eighteen", "nineteen", "twenty",
    ];

    /// <summary>The times; a moment is meant that one of them covers.</summary>
    /// <param name="query">The question.</param>
    /// <param name="asOf">What "yesterday" is reckoned from.</param>
    public static IReadOnlyList<TimeSpanOfQuery> Read(string query, DateTimeOffset asOf)
    {
        var today = new DateTimeOffset(asOf.UtcDateTime.Date, TimeSpan.Zero);
        var named = new List<NamedTime>();
        foreach (Match match in Expression().Matches(query))
        {
            try
            {
                named.AddRange(Read(match, today).Select(time => time with { Start = match.Index, End = match.Index + match.Length }));
            }
            catch (ArgumentOutOfRangeException)
            {
                // A day that no calendar has, or one before the year 1.
            }
        }

        if (named.Count == 0)
        {
            return [];
        }

        try
        {
            return [.. Joined(query, Completed(named), today).Where(time => !time.NeedsMore).Select(time => time.Span)];
        }
        catch (ArgumentOutOfRangeException)
        {
            return [];
        }
    }

    /// <summary>Brings together what is named in two parts: a month or season and its year, a weekday and its week.</summary>
    private static List<NamedTime> Completed(List<NamedTime> named)
    {
        var months = named.Where(time => time.Span.AnyYearMonths > 0).Select(time => time.Span.AnyYearMonths).Distinct().ToList();
        var years = named.Where(time => time.Year > 0).Select(time => time.Year).Distinct().ToList();
        if (months.Count == 1 && years.Count == 1)
        {
            var at = named.Find(time => time.Span.AnyYearMonths > 0);
            named.RemoveAll(time => time.Year > 0 || time.Span.AnyYearMonths > 0);
            named.AddRange(MonthsOf(months[0], years[0]).Select(span => new NamedTime(span) { Start = at.Start, End = at.End }));
        }

        var weeks = named.FindAll(time => time.IsWeek);
        if (weeks.Count > 0 && named.Exists(time => time.Weekday is not null))
        {
            var days = named.FindAll(time => time.Weekday is not null);
            named.RemoveAll(time => time.IsWeek || time.Weekday is not null);
            named.AddRange(weeks.SelectMany(week => days.Select(day => day with { Span = Day(week.Span.From.AddDays(((int)day.Weekday! + 6) % 7)), NeedsMore = false })));
        }

        return named;
    }

    /// <summary>Reads the words that stand before the times: "since", "before", "between ... and".</summary>
    private static List<NamedTime> Joined(string query, List<NamedTime> named, DateTimeOffset today)
    {
        named.Sort((one, other) => one.Start.CompareTo(other.Start));
        var joined = new List<NamedTime>();
        var tomorrow = today.AddDays(1);
        for (var at = 0; at < named.Count; at++)
        {
            var time = named[at];
            var before = Relation().Match(query[..time.Start]) is { Success: true } match ? match.Groups["word"].Value.ToLowerInvariant() : "";
            if (before.Length == 0)
            {
                joined.Add(time);
            }
            else if (before is "between" or "from")
            {
                var isRange = at + 1 < named.Count && named[at + 1].Start >= time.End && RangeWord().IsMatch(query[time.End..named[at + 1].Start]);
                joined.Add(isRange ? new NamedTime(Range(time.Span, named[++at].Span, today)) : time);
            }
            else
            {
                var span = Latest(time.Span, today);
                joined.Add(new NamedTime(before switch
                {
                    "since" => new(span.From, Later(span.To, tomorrow)),
                    "after" => new(span.To, Later(span.To, tomorrow)),
                    _ => new(DateTimeOffset.MinValue, span.From),
                }));
            }
        }

        return joined;
    }

    private static TimeSpanOfQuery Range(TimeSpanOfQuery first, TimeSpanOfQuery last, DateTimeOffset today)
    {
        last = Latest(last, today);
        first = first.AnyYearMonths > 0 ? Latest(first, last.To.AddDays(-1)) : first;
        return first.From < last.To ? new(first.From, last.To) : new(last.From, first.To);
    }

    /// <summary>Of months of any year the latest that have begun.</summary>
    private static TimeSpanOfQuery Latest(TimeSpanOfQuery span, DateTimeOffset today)
        => span.AnyYearMonths == 0
            ? span
            : MonthsOf(span.AnyYearMonths, today.Year - 1).Concat(MonthsOf(span.AnyYearMonths, today.Year)).Where(months => months.From <= today).MaxBy(months => months.From);

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    /// <summary>Months of a year. Winter has two parts in it: the one that began the year before, and the one that ends in the next.</summary>
    private static IEnumerable<TimeSpanOfQuery> MonthsOf(int months, int year)
    {
        if (months == WinterMonths)
        {
            return [new(Utc(new DateTime(year - 1, December, 1)), Utc(new DateTime(year, 3, 1))), new(Utc(new DateTime(year, December, 1)), Utc(new DateTime(year + 1, 3, 1)))];
        }

        var first = Enumerable.Range(1, 12).First(month => (months >> (month - 1) & 1) == 1);
        return [Between(new DateTime(year, first, 1), date => date.AddMonths(int.PopCount(months)))];
    }

    private static int MonthsOfSeason(string season) => season switch
    {
        "spring" => 0b111 << 2,
        "summer" => 0b111 << 5,
        "autumn" or "fall" => 0b111 << 8,
        _ => WinterMonths,
    };

    private static IEnumerable<NamedTime> Read(Match match, DateTimeOffset today)
    {
        string? Group(string name) => match.Groups[name] is { Success: true, Value: var value } ? value.ToLowerInvariant() : null;
        int Number(string name) => Group(name) is { } digits ? int.Parse(digits, CultureInfo.InvariantCulture) : 0;

        if (match.Groups["numeric"].Success)
        {
            return Numeric(Number("first"), Number("second"), Number("year"), Group("sign") == ".");
        }

        if (Group("word") is { } word)
        {
            return [new(Day(today.AddDays(word is "today" or "tonight" ? 0 : word == "yesterday" ? -1 : -2)))];
        }

        if (Group("count") is { } count)
        {
            var unit = Group("unit")!;
            return [Group("recent") is null ? Ago(count, unit, today) : new NamedTime(new(Back(today, unit, Count(count) ?? MostOfAFew), today.AddDays(1)))];
        }

        if (Group("past") is { } past)
        {
            return [new(new(Back(today, past, 1), today.AddDays(1)))];
        }

        if (Group("beforelast") is { } twice)
        {
            return twice switch
            {
                "week" => [Week(today.AddDays(-14))],
                "weekend" => [new(new(Monday(today).AddDays(-9), Monday(today).AddDays(-7)))],
                "month" => [new(Between(new DateTime(today.Year, today.Month, 1).AddMonths(-2), date => date.AddMonths(1)))],
                _ => [Year(today.Year - 2)],
            };
        }

        if (Group("relative") is { } relative)
        {
            return [Relative(relative, Group("what")!, today)];
        }

        if (Group("weekday") is { } weekday)
        {
            var day = DayOf(weekday);
            return [new(Day(today.AddDays(-(((int)today.DayOfWeek - (int)day + 7) % 7)))) { Weekday = day, NeedsMore = Group("on") is null }];
        }

        if (Group("season") is { } season)
        {
            var months = MonthsOfSeason(season);
            return Number("year") is var ofYear and > 0 ? MonthsOf(months, ofYear).Select(span => new NamedTime(span))
                : [new(new(default, default, months)) { NeedsMore = Group("bare") is not null }];
        }

        if (Group("third") is { } third)
        {
            return [new(Between(new DateTime(Number("year"), third == "early" ? 1 : third == "mid" ? 5 : 9, 1), date => date.AddMonths(4)))];
        }

        var month = Group("month") is { } name ? 1 + Array.FindIndex(Months, full => full.StartsWith(name[..3], StringComparison.OrdinalIgnoreCase)) : Number("number");
        return [OfCalendar(Number("year"), month, Number("day"), today)];
    }

    private static NamedTime OfCalendar(int year, int month, int day, DateTimeOffset today) => (month, year, day) switch
    {
        (0, _, _) => Year(year),
        (_, 0, 0) => new(new TimeSpanOfQuery(default, default, 1 << (month - 1))),
        (_, 0, _) => new(Day(Utc(new DateTime(today.Month > month || (today.Month == month && today.Day >= day) ? today.Year : today.Year - 1, month, day)))),
        (_, _, 0) => new(Between(new DateTime(year, month, 1), date => date.AddMonths(1))),
        _ => new(Day(Utc(new DateTime(year, month, day)))),
    };

    /// <summary>Days in figures. Where day and month may change places, it is either.</summary>
    private static IEnumerable<NamedTime> Numeric(int first, int second, int year, bool dayFirst)
    {
        if (second <= 12)
        {
            yield return new(Day(Utc(new DateTime(year, second, first))));
        }

        if (!dayFirst && first <= 12 && first != second)
        {
            yield return new(Day(Utc(new DateTime(year, first, second))));
        }
    }

    /// <summary>A count; null for a few.</summary>
    private static int? Count(string count) => count switch
    {
        "a" or "an" => 1,
        "a couple of" or "a couple" or "couple of" or "couple" => 2,
        "a few" or "few" or "several" or "some" => null,
        _ => Array.IndexOf(Numbers, count) is var spelled and > 0 ? spelled : int.Parse(count, CultureInfo.InvariantCulture),
    };

    // The further away, the less exactly it is meant.
    private static NamedTime Ago(string count, string unit, DateTimeOffset today)
    {
        if (count == "half a")
        {
            (count, unit) = ("six", "month");
        }

        if (Count(count) is not { } number)
        {
            return new(new(Back(today, unit, MostOfAFew), Back(today, unit, LeastOfAFew - 1)));
        }

        var then = Back(today, unit, number);
        return unit[0] switch
        {
            'h' => new(new(then, today.AddDays(1))),
            'd' => new(Day(then)),
            'w' or 'f' => new(new(then.AddDays(-3), then.AddDays(4))),
            'm' => new(new(then.AddDays(-15), then.AddDays(16))),
            _ => new(new(then.AddMonths(-6), then.AddMonths(6))) { Year = then.Year },
        };
    }

    private static DateTimeOffset Back(DateTimeOffset today, string unit, int number) => unit[0] switch
    {
        'h' => today.AddHours(-number),
        'd' => today.AddDays(-number),
        'w' => today.AddDays(-7 * number),
        'f' => today.AddDays(-14 * number),
        'm' => today.AddMonths(-number),
        _ => today.AddYears(-number),
    };

    private static NamedTime Relative(string relative, string what, DateTimeOffset today)
    {
        var back = relative == "this" ? 0 : 1;
        switch (what)
        {
            case "night" or "morning" or "afternoon" or "evening":
                return new(Day(today.AddDays(what == "night" ? -1 : -back)));
            case "week":
                return Week(today.AddDays(-7 * back));
            case "weekend":
                return new(new(Monday(today).AddDays(5 - (7 * back)), Monday(today).AddDays(7 - (7 * back))));
            case "month":
                return new(Between(new DateTime(today.Year, today.Month, 1).AddMonths(-back), date => date.AddMonths(1)));
            case "year":
                return Year(today.Year - back);
            case "spring" or "summer" or "autumn" or "fall" or "winter":
                // The last one is over, this one has begun.
                var season = MonthsOfSeason(what);
                return new(MonthsOf(season, today.Year - 1).Concat(MonthsOf(season, today.Year)).Where(span => back == 1 ? span.To <= today : span.From <= today).MaxBy(span => span.From));
        }

        if (Array.Exists(Days, name => name.Equals(what, StringComparison.OrdinalIgnoreCase)))
        {
            var days = ((int)today.DayOfWeek - (int)DayOf(what) + 7) % 7;
            return new(Day(today.AddDays(-(days == 0 && back == 1 ? 7 : days))));
        }

        var month = 1 + Array.FindIndex(Months, name => name.Equals(what, StringComparison.OrdinalIgnoreCase));
        var year = month < today.Month || (month == today.Month && back == 0) ? today.Year : today.Year - 1;
        return new(Between(new DateTime(year, month, 1), date => date.AddMonths(1)));
    }

    private static DayOfWeek DayOf(string name) => (DayOfWeek)Array.FindIndex(Days, day => day.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static DateTimeOffset Monday(DateTimeOffset day) => day.AddDays(-(((int)day.DayOfWeek + 6) % 7));

    private static NamedTime Week(DateTimeOffset day) => new(new(Monday(day), Monday(day).AddDays(7))) { IsWeek = true };

    private static NamedTime Year(int year) => new(Between(new DateTime(year, 1, 1), date => date.AddYears(1))) { Year = year };

    private static DateTimeOffset Utc(DateTime date) => new(date, TimeSpan.Zero);

    private static TimeSpanOfQuery Day(DateTimeOffset day) => new(day, day.AddDays(1));

    private static TimeSpanOfQuery Between(DateTime first, Func<DateTime, DateTime> next) => new(Utc(first), Utc(next(first)));

    [GeneratedRegex(@"\b(?<word>since|after|before|until|till|between|from)\s+(?:on\s+)?(?:the\s+)?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Relation();

    [GeneratedRegex(@"^,?\s*(?:and|to|until|till|through|-|–)\s+(?:on\s+)?(?:the\s+)?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex RangeWord();

    [GeneratedRegex(
        """
        \b(?:
            (?<year>[0-9]{4})(?<iso>[-/.])(?<number>[0-9]{1,2})\k<iso>(?<day>[0-9]{1,2})
          | (?<year>(?:19|20)[0-9][0-9])-(?<number>0[1-9]|1[0-2])
          | (?<numeric>(?<first>[0-9]{1,2})(?<sign>[./-])(?<second>[0-9]{1,2})\k<sign>(?<year>(?:19|20)[0-9][0-9]))
          | (?<word>today|tonight|day\ before\ yesterday|yesterday)
          | (?<count>an?|half\ a(?=\ year)|(?:a\ )?couple(?:\ of)?|(?:a\ )?few|several|some|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|[0-9]{1,3})\ (?<unit>hour|day|week|fortnight|month|year)s?\ (?:ago|back)
          | (?<recent>last|past|previous)\ (?<count>couple(?:\ of)?|few|several|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|[0-9]{1,3})\ (?<unit>hour|day|week|month|year)s?
          | (?:(?<=\b(?:in|over|during|within|for)\ the\ )last|past)\ (?<past>day|week|fortnight|month|year)
          | (?<beforelast>week|weekend|month|year)\ before\ last
          | (?<relative>last|past|previous|this)\ (?<what>night|morning|afternoon|evening|week|weekend|month|year|spring|summer|autumn|fall|winter|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august|september|october|november|december)
          | (?<on>on\ )?(?<weekday>monday|tuesday|wednesday|thursday|friday|saturday|sunday)
          | (?<season>spring|summer|autumn|fall|winter),?\ (?:of\ |in\ )?(?<year>(?:19|20)[0-9][0-9])
          | (?<=\b(?:in|during)\ (?:the\ )?)(?<season>spring|summer|autumn|winter)
          | (?<=\b(?:in|during)\ the\ )(?<season>fall)
          | (?<season>(?<bare>spring|summer|autumn|winter))
          | (?<third>early|mid|late)[\ -](?:in\ )?(?<year>(?:19|20)[0-9][0-9])
          | (?:(?<day>[0-9]{1,2})(?:st|nd|rd|th)?\ (?:of\ )?)?(?<month>january|february|march|april|june|july|august|september|october|november|december)(?:\ (?<day>[0-9]{1,2})(?:st|nd|rd|th)?(?![0-9]))?(?:,?\ (?:of\ |in\ )?(?<year>(?:19|20)[0-9][0-9]))?
          | (?:(?<day>[0-9]{1,2})(?:st|nd|rd|th)?\ (?:of\ )?|(?<=\b(?:in|of|since|during|before|after|until|till|between|from|(?:between|from)\ [a-z]+\ (?:and|to|until|till))\ ))(?<month>may)(?:\ (?<day>[0-9]{1,2})(?:st|nd|rd|th)?(?![0-9]))?(?:,?\ (?:of\ |in\ )?(?<year>(?:19|20)[0-9][0-9]))?
          | (?<month>may)(?:\ (?:(?<day>[0-9]{1,2})(?:st|nd|rd|th)?(?![0-9])(?:,?\ (?<year>(?:19|20)[0-9][0-9]))?|(?:of\ |in\ )?(?<year>(?:19|20)[0-9][0-9]))|(?=,?\ (?:of\ |in\ )?(?:last|this|the\ previous)\ year))
          | (?<day>[0-9]{1,2})(?:st|nd|rd|th)?\ (?:of\ )?(?<month>jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?(?:,?\ (?<year>(?:19|20)[0-9][0-9]))?
          | (?<month>jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?\ (?:(?<day>[0-9]{1,2})(?:st|nd|rd|th)?(?![0-9])(?:,?\ (?<year>(?:19|20)[0-9][0-9]))?|(?<year>(?:19|20)[0-9][0-9]))
          | (?<=\b(?:in|of|since|during|before|after|until|till|between|from|(?:between|from)\ (?:19|20)[0-9][0-9]\ (?:and|to|until|till))\ )(?<year>(?:19|20)[0-9][0-9])
        )(?![\p{L}\p{N}])
        """,
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Expression();

    /// <summary>A time as it is named.</summary>
    /// <param name="Span">The time.</param>
    private readonly record struct NamedTime(TimeSpanOfQuery Span)
    {
        /// <summary>Where it begins in the question.</summary>
        public int Start { get; init; }

        /// <summary>Where it ends.</summary>
        public int End { get; init; }

        /// <summary>The calendar year that it names as a whole; 0 for none.</summary>
        public int Year { get; init; }

        /// <summary>Whether it is a week of the calendar.</summary>
        public bool IsWeek { get; init; }

        /// <summary>The day of the week, when that is what is named.</summary>
        public DayOfWeek? Weekday { get; init; }

        /// <summary>Whether it tells a time only together with another.</summary>
        public bool NeedsMore { get; init; }
    }
}
