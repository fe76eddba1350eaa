using MemoryMesh.Gateway.Analytics;
using MemoryMesh.ServiceDefaults.Analytics;

namespace MemoryMesh.Tests.Unit.Gateway;

public class AnalyticsPeriodTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 29, 12, 34, 56, TimeSpan.Zero);

    [TestCase("2026-01-01", "2026-01-31", "month", "UTC", "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00", 1)]
    [TestCase("2026-01-15", "2026-03-15", "month", "Europe/Berlin", "2026-01-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00", 3)]
    [TestCase("2026-01-01", "2026-01-01", "day", "Asia/Kathmandu", "2026-01-01T00:00:00+05:45", "2026-01-02T00:00:00+05:45", 1)]
    [TestCase("2026-01-01", "2026-01-14", "week", "America/New_York", "2025-12-29T00:00:00-05:00", "2026-01-19T00:00:00-05:00", 3)]
    [TestCase("2026-03-28", "2026-03-30", "day", "Europe/Berlin", "2026-03-28T00:00:00+01:00", "2026-03-31T00:00:00+02:00", 3)]
    [TestCase("2026-03-29", "2026-03-29", "hour", "Europe/Berlin", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", 23)]
    [TestCase("2026-10-25", "2026-10-25", "hour", "Europe/Berlin", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", 25)]
    [TestCase("2026-01-01T10:20:00Z", "2026-01-01T11:00:00Z", "hour", "UTC", "2026-01-01T10:00:00+00:00", "2026-01-01T11:00:00+00:00", 1)]
    [TestCase("2026-01-01T10:20:00Z", "2026-01-01T11:00:01Z", "hour", "Asia/Kathmandu", "2026-01-01T16:00:00+05:45", "2026-01-01T17:00:00+05:45", 1)]
    [TestCase("2026-01-01T10:20", "2026-01-01T11:20", "hour", "Asia/Kathmandu", "2026-01-01T10:00:00+05:45", "2026-01-01T12:00:00+05:45", 2)]
    [TestCase("2026-06-01T23:30:00-05:00", "2026-06-02T00:00:00-05:00", "day", "UTC", "2026-06-02T00:00:00+00:00", "2026-06-03T00:00:00+00:00", 1)]
    [TestCase(null, null, null, null, "2026-02-28T00:00:00+00:00", "2026-03-30T00:00:00+00:00", 30)]
    [TestCase(null, null, "hour", "Europe/Berlin", "2026-03-28T14:00:00+01:00", "2026-03-29T15:00:00+02:00", 24)]
    [TestCase(null, "2025-12-31", "month", null, "2025-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00", 12)]
    public void A_time_is_whole_intervals_of_its_zone(string? from, string? to, string? interval, string? tz, string begins, string ends, int count)
    {
        var (period, problem) = AnalyticsPeriod.Read(from, to, interval, tz, Now);
        Assert.That(problem, Is.Null);
        var boundaries = period!.Divide()!;
        Assert.Multiple(() =>
        {
            Assert.That(period.Show(period.From).ToString("yyyy-MM-dd'T'HH:mm:ssK", null), Is.EqualTo(begins));
            Assert.That(period.Show(period.To).ToString("yyyy-MM-dd'T'HH:mm:ssK", null), Is.EqualTo(ends));
            Assert.That(boundaries, Has.Count.EqualTo(count + 1));
            Assert.That(boundaries, Is.Ordered.And.Unique);
            Assert.That(boundaries[^1], Is.EqualTo(period.To));
        });
    }

    [Test]
    public void Intervals_of_every_zone_begin_at_quarter_hours_and_follow_each_other([Values("hour", "day", "week", "month")] string interval)
    {
        foreach (var zone in NodaTime.DateTimeZoneProviders.Tzdb.Ids)
        {
            foreach (var from in new[] { "1980-02-01", "2026-03-20", "2026-10-20" })
            {
                var (period, problem) = AnalyticsPeriod.Read(from, $"{from[..5]}{int.Parse(from[5..7], null) + 1:00}-10", interval, zone, Now);
                Assert.That(problem, Is.Null, zone);
                var boundaries = period!.Divide()!;
                Assert.That(boundaries, Is.Ordered.And.Unique, zone);
                Assert.That(boundaries.Select(boundary => boundary.ToUnixTimeSeconds() % 900), Is.All.Zero, zone);
            }
        }
    }

    [TestCase("yesterday", null, null, null, "from")]
    [TestCase("1969-12-31", null, null, null, "from")]
    [TestCase("2026-02-30", null, null, null, "from")]
    [TestCase(null, "9999-12-31", null, null, "to")]
    [TestCase(null, "2100-01-02T00:00:00Z", null, null, "to")]
    [TestCase("2026-01-02", "2026-01-01", null, null, "to")]
    [TestCase("2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z", null, null, "to")]
    [TestCase(null, null, "year", null, "interval")]
    [TestCase(null, null, "Day", null, "interval")]
    [TestCase(null, null, null, "Mars/Olympus", "tz")]
    [TestCase(null, null, null, "", "tz")]
    public void What_is_not_allowed_is_named(string? from, string? to, string? interval, string? tz, string field)
    {
        var (period, problem) = AnalyticsPeriod.Read(from, to, interval, tz, Now);
        Assert.That(period, Is.Null);
        Assert.That(((Microsoft.AspNetCore.Http.HttpValidationProblemDetails)problem!.ProblemDetails).Errors.Keys, Is.EqualTo((string[])[field]));
    }

    [Test]
    public void A_series_has_at_most_a_thousand_intervals()
    {
        Assert.That(AnalyticsPeriod.Read("2023-04-07", "2025-12-31", "day", null, Now).Period!.Divide(), Has.Count.EqualTo(1_001));
        Assert.That(AnalyticsPeriod.Read("2023-04-06", "2025-12-31", "day", null, Now).Period!.Divide(), Is.Null);
    }

    [Test]
    public void Tables_are_quoted_and_hold_no_formulas()
    {
        var table = new CsvTable("a", "b");
        table.Add("x,\"y\"\r\n", "=1+1");
        table.Add(null, 1.5);
        table.Add("-x", new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(1)));
        Assert.That(
            System.Text.Encoding.UTF8.GetString(table.ToBytes()),
            Is.EqualTo("a,b\r\n\"x,\"\"y\"\"\r\n\",'=1+1\r\n,1.5\r\n'-x,2026-01-01T00:00:00+01:00\r\n"));
    }
}
