using System.Globalization;
using MemoryMesh.Search.Ranking;

namespace MemoryMesh.Tests.Unit.Search;

/// <summary>Times in questions as people say them, beside the plain ones of <see cref="QuerySignsTests"/>.</summary>
public class QueryTimesTests
{
    // A Wednesday.
    private static readonly DateTimeOffset Now = new(2026, 3, 11, 15, 0, 0, TimeSpan.Zero);

    [TestCase("the day before yesterday", "2026-03-09", "2026-03-10")]
    [TestCase("what did I eat this morning", "2026-03-11", "2026-03-12")]
    [TestCase("who called tonight", "2026-03-11", "2026-03-12")]
    [TestCase("a few days ago", "2026-03-05", "2026-03-10")]
    [TestCase("several weeks back", "2026-01-28", "2026-03-04")]
    [TestCase("couple of weeks ago", "2026-02-22", "2026-03-01")]
    [TestCase("a fortnight ago", "2026-02-22", "2026-03-01")]
    [TestCase("fifteen days ago", "2026-02-24", "2026-02-25")]
    [TestCase("half a year ago", "2025-08-27", "2025-09-27")]
    [TestCase("in the last three days", "2026-03-08", "2026-03-12")]
    [TestCase("over the past two weeks", "2026-02-25", "2026-03-12")]
    [TestCase("during the last few months", "2025-09-11", "2026-03-12")]
    [TestCase("in the past week", "2026-03-04", "2026-03-12")]
    [TestCase("the week before last", "2026-02-23", "2026-03-02")]
    [TestCase("the month before last", "2026-01-01", "2026-02-01")]
    [TestCase("on Monday", "2026-03-09", "2026-03-10")]
    [TestCase("Friday of last week", "2026-03-06", "2026-03-07")]
    [TestCase("last week, on Tuesday", "2026-03-03", "2026-03-04")]
    [TestCase("in May last year", "2025-05-01", "2025-06-01")]
    [TestCase("May of last year", "2025-05-01", "2025-06-01")]
    [TestCase("last year in November", "2025-11-01", "2025-12-01")]
    [TestCase("in June two years ago", "2024-06-01", "2024-07-01")]
    [TestCase("last summer", "2025-06-01", "2025-09-01")]
    [TestCase("last winter", "2025-12-01", "2026-03-01")]
    [TestCase("this spring", "2026-03-01", "2026-06-01")]
    [TestCase("the summer of 2023", "2023-06-01", "2023-09-01")]
    [TestCase("summer last year", "2025-06-01", "2025-09-01")]
    [TestCase("Sept 2024", "2024-09-01", "2024-10-01")]
    [TestCase("on Jan 5, 2024", "2024-01-05", "2024-01-06")]
    [TestCase("5 Oct. 2024", "2024-10-05", "2024-10-06")]
    [TestCase("on 13/05/2024", "2024-05-13", "2024-05-14")]
    [TestCase("on 05/13/2024", "2024-05-13", "2024-05-14")]
    [TestCase("am 03.05.2024", "2024-05-03", "2024-05-04")]
    [TestCase("on 2024/5/3", "2024-05-03", "2024-05-04")]
    [TestCase("in 2024-05", "2024-05-01", "2024-06-01")]
    [TestCase("early 2024", "2024-01-01", "2024-05-01")]
    [TestCase("since May 2025", "2025-05-01", "2026-03-12")]
    [TestCase("since Monday", "2026-03-09", "2026-03-12")]
    [TestCase("since November", "2025-11-01", "2026-03-12")]
    [TestCase("after June 2025", "2025-07-01", "2026-03-12")]
    [TestCase("between March and May 2025", "2025-03-01", "2025-06-01")]
    [TestCase("from June to August 2024", "2024-06-01", "2024-09-01")]
    [TestCase("between 2019 and 2021", "2019-01-01", "2022-01-01")]
    public void A_time_is_understood_as_it_is_said(string query, string from, string to)
    {
        bool Covers(string date, int ticks)
        {
            var moment = new DateTimeOffset(DateTime.Parse(date, CultureInfo.InvariantCulture), TimeSpan.Zero).AddTicks(ticks);
            return QueryTimes.Read(query, Now).Any(time => time.Covers(moment));
        }

        Assert.Multiple(() =>
        {
            Assert.That(Covers(from, 0), Is.True, "begins too late");
            Assert.That(Covers(to, -1), Is.True, "ends too early");
            Assert.That(Covers(from, -1), Is.False, "begins too early");
            Assert.That(Covers(to, 0), Is.False, "ends too late");
        });
    }

    [TestCase("before May 2025", "2025-04-30", true)]
    [TestCase("before May 2025", "2025-05-01", false)]
    [TestCase("on 03/05/2024", "2024-03-05", true)]
    [TestCase("on 03/05/2024", "2024-05-03", true)]
    [TestCase("in the summer", "2019-07-01", true)]
    [TestCase("in the summer", "2019-09-01", false)]
    [TestCase("Monday meetings", "2026-03-09", false)]
    [TestCase("summer clothes", "2025-07-01", false)]
    [TestCase("did I fall", "2025-10-01", false)]
    [TestCase("you may and may not", "2025-05-05", false)]
    [TestCase("Jan and Mar are friends", "2026-01-05", false)]
    [TestCase("0 days ago", "2026-03-08", false)]
    public void A_day_lies_in_it_or_not(string query, string day, bool covered)
        => Assert.That(
            QueryTimes.Read(query, Now).Any(time => time.Covers(new DateTimeOffset(DateTime.Parse(day, CultureInfo.InvariantCulture), TimeSpan.Zero))), Is.EqualTo(covered));

    [TestCase("0001-01-01")]
    [TestCase("9999-12-31")]
    public void The_ends_of_the_calendar_do_no_harm(string asOf)
    {
        var now = new DateTimeOffset(DateTime.Parse(asOf, CultureInfo.InvariantCulture), TimeSpan.Zero);
        foreach (var query in (string[])["yesterday", "last winter", "since March", "a year ago", "in the past month", "last week on Monday", "this summer", "between May and June", "before last winter"])
        {
            Assert.That(() => QueryTimes.Read(query, now), Throws.Nothing, query);
        }
    }
}
