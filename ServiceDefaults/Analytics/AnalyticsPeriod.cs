using MemoryMesh.ServiceDefaults.Filtering;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using NodaTime;
using NodaTime.Text;

namespace MemoryMesh.ServiceDefaults.Analytics;

/// <summary>How long the intervals of a series are.</summary>
public enum AnalyticsInterval
{
    /// <summary>From one full hour of the time zone to the next.</summary>
    Hour,

    /// <summary>From midnight to midnight.</summary>
    Day,

    /// <summary>From Monday to Monday.</summary>
    Week,

    /// <summary>From the first of a month to the next.</summary>
    Month,
}

/// <summary>A time that is divided into hours, days, weeks or months of a time zone.</summary>
/// <remarks>
/// Hours, days, weeks and months are those of the zone, in which a day may have 23 or 25 hours. The counters stand in quarter hours of UTC, where those
/// of every zone begin; a zone that was not whole quarter hours away from UTC, as a few were until 1979, is taken to the quarter hour before.
/// </remarks>
public sealed record AnalyticsPeriod
{
    /// <summary>Most intervals of a series.</summary>
    public const int MostIntervals = 1_000;

    private const int MostZoneCharacters = 64;
    private static readonly Instant Earliest = Instant.FromUtc(1970, 1, 1, 0, 0);
    private static readonly Instant Latest = Instant.FromUtc(2100, 1, 1, 0, 0);

    private static readonly LocalDateTimePattern[] LocalTimes =
    [
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss;FFFFFFFFF"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm"),
    ];

    /// <summary>The zone.</summary>
    public required DateTimeZone Zone { get; init; }

    /// <summary>How long the intervals are.</summary>
    public required AnalyticsInterval Interval { get; init; }

    /// <summary>Beginning of the first interval.</summary>
    public required Instant From { get; init; }

    /// <summary>End of the last interval.</summary>
    public required Instant To { get; init; }

    /// <summary>Reads the parameters of a request. Exactly one of the two is set.</summary>
    /// <param name="from">First moment or date; it is taken back to the beginning of its interval.</param>
    /// <param name="to">Last date, or the moment at which it ends; it is taken on to the end of its interval.</param>
    /// <param name="interval">hour, day, week or month.</param>
    /// <param name="tz">Time zone of the IANA database.</param>
    /// <param name="now">The time.</param>
    public static (AnalyticsPeriod? Period, ProblemHttpResult? Problem) Read(string? from, string? to, string? interval, string? tz, DateTimeOffset now)
    {
        var errors = new Dictionary<string, string[]>();
        AnalyticsInterval? length = interval switch
        {
            "hour" => AnalyticsInterval.Hour,
            null or "day" => AnalyticsInterval.Day,
            "week" => AnalyticsInterval.Week,
            "month" => AnalyticsInterval.Month,
            _ => null,
        };
        if (length is null)
        {
            errors.Add("interval", ["Must be hour, day, week or month."]);
        }

        var zone = tz is null ? DateTimeZone.Utc : tz.Length <= MostZoneCharacters ? DateTimeZoneProviders.Tzdb.GetZoneOrNull(tz) : null;
        if (zone is null)
        {
            errors.Add("tz", ["Must be a time zone of the IANA database, for example Europe/Berlin."]);
        }

        var begin = Time("from", from, endOfDay: false);
        var end = Time("to", to, endOfDay: true);
        if (errors.Count > 0)
        {
            return (null, Problems.InvalidFields(errors));
        }

        var period = new AnalyticsPeriod { Zone = zone!, Interval = length!.Value, From = Earliest, To = Earliest };
        var last = end ?? Instant.FromDateTimeOffset(now);
        var first = begin ?? period.Before(last - Duration.Epsilon);
        if (begin >= last)
        {
            return (null, Problems.InvalidField("to", "Must be after from."));
        }

        var start = period.StartOf(first);
        var stop = period.StartOf(last);
        return (period with { From = start, To = stop < last || stop <= start ? period.Next(stop) : stop }, null);

        Instant? Time(string name, string? text, bool endOfDay)
        {
            if (text is null)
            {
                return null;
            }

            if (Parse(text, zone ?? DateTimeZone.Utc, endOfDay) is not { } time)
            {
                errors.Add(name, [TimeText.Message]);
                return null;
            }

            if (time < Earliest || time > Latest)
            {
                errors.Add(name, ["Must be from 1970 to 2099."]);
                return null;
            }

            return time;
        }
    }

    /// <summary>Where the intervals begin, and where the last one ends; null when there are more than <see cref="MostIntervals"/>.</summary>
    public IReadOnlyList<Instant>? Divide()
    {
        var boundaries = new List<Instant> { From };
        while (boundaries[^1] < To)
        {
            if (boundaries.Count > MostIntervals)
            {
                return null;
            }

            boundaries.Add(Next(boundaries[^1]));
        }

        return boundaries;
    }

    /// <summary>What is answered where <see cref="Divide"/> is null.</summary>
    public static ProblemHttpResult TooManyIntervals()
        => Problems.InvalidField("from", $"The time has more than {MostIntervals} intervals: choose a later time or a longer interval.");

    /// <summary>The quarter hour of a boundary, as the counters have it.</summary>
    public static long QuarterOf(Instant instant) => instant.ToUnixTimeSeconds() / 900;

    /// <summary>A moment of the zone, for an answer.</summary>
    public DateTimeOffset Show(Instant instant) => instant.InZone(Zone).ToDateTimeOffset();

    private static Instant? Parse(string text, DateTimeZone zone, bool endOfDay)
    {
        if (TimeText.TryReadDate(text, out var date))
        {
            var day = LocalDate.FromDateOnly(date);
            return day.Year is < 1970 or > 2099 ? Instant.MinValue : (endOfDay ? day.PlusDays(1) : day).AtStartOfDayInZone(zone).ToInstant();
        }

        foreach (var pattern in LocalTimes)
        {
            if (pattern.Parse(text).TryGetValue(default, out var local))
            {
                return local.InZoneLeniently(zone).ToInstant();
            }
        }

        return TimeText.TryRead(text, endOfDay: false, out var time) ? Instant.FromDateTimeOffset(time) : null;
    }

    /// <summary>Beginning of the interval that a moment is in.</summary>
    private Instant StartOf(Instant instant)
    {
        var local = instant.InZone(Zone).LocalDateTime;
        if (Interval == AnalyticsInterval.Hour)
        {
            var sinceHour = local.TimeOfDay - new LocalTime(local.Hour, 0);
            return Max(instant - sinceHour.ToDuration());
        }

        var date = Interval switch
        {
            AnalyticsInterval.Week => local.Date.PlusDays(1 - (int)local.DayOfWeek),
            AnalyticsInterval.Month => new LocalDate(local.Year, local.Month, 1),
            _ => local.Date,
        };
        return Max(date.AtStartOfDayInZone(Zone).ToInstant());
    }

    /// <summary>Beginning of the interval after the one that begins at a moment.</summary>
    private Instant Next(Instant start)
    {
        if (Interval == AnalyticsInterval.Hour)
        {
            // Where clocks are set by less than an hour, the next full hour is nearer or farther.
            var next = StartOf(start + Duration.FromHours(1));
            return next > start ? next : start + Duration.FromHours(1);
        }

        var date = start.InZone(Zone).Date;
        var following = Interval switch
        {
            AnalyticsInterval.Week => date.PlusDays(1 - (int)date.DayOfWeek).PlusWeeks(1),
            AnalyticsInterval.Month => new LocalDate(date.Year, date.Month, 1).PlusMonths(1),
            _ => date.PlusDays(1),
        };
        return following.AtStartOfDayInZone(Zone).ToInstant();
    }

    /// <summary>A usual time before a moment: a day of hours, 30 days, 12 weeks or 12 months.</summary>
    private Instant Before(Instant instant)
    {
        var date = instant.InZone(Zone).Date;
        return Max(Interval switch
        {
            AnalyticsInterval.Hour => instant - Duration.FromHours(23),
            AnalyticsInterval.Day => date.PlusDays(-29).AtStartOfDayInZone(Zone).ToInstant(),
            AnalyticsInterval.Week => date.PlusWeeks(-11).AtStartOfDayInZone(Zone).ToInstant(),
            _ => date.PlusMonths(-11).AtStartOfDayInZone(Zone).ToInstant(),
        });
    }

    private static Instant Max(Instant instant) => instant > Earliest ? instant : Earliest;
}
