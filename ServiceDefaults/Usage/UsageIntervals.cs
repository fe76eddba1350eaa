using System.Globalization;
using System.Text;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.ServiceDefaults.Usage;

/// <summary>How long the buckets of a counter table are. Every count stands in one bucket of each level, so that a long time is few rows. The values are stored.</summary>
public enum UsageLevel
{
    /// <summary>A quarter of an hour.</summary>
    Quarter = 0,

    /// <summary>An hour in UTC.</summary>
    Hour = 1,

    /// <summary>A day in UTC.</summary>
    Day = 2,

    /// <summary>All time, in the one bucket 0.</summary>
    Ever = 3,
}

/// <summary>Buckets of counter tables.</summary>
public static class UsageBuckets
{
    private const long MillisecondsOfQuarter = 15 * 60 * 1_000;
    private static readonly long[] QuartersOf = [1, 4, 96];

    /// <summary>All levels.</summary>
    public static readonly IReadOnlyList<UsageLevel> Levels = [UsageLevel.Quarter, UsageLevel.Hour, UsageLevel.Day, UsageLevel.Ever];

    /// <summary>The quarter hour of a time.</summary>
    public static long QuarterOf(DateTimeOffset time) => Math.DivRem(time.ToUnixTimeMilliseconds(), MillisecondsOfQuarter).Quotient;

    /// <summary>The bucket of a level that a quarter hour is in.</summary>
    public static long BucketOf(UsageLevel level, long quarter) => level == UsageLevel.Ever ? 0 : quarter / QuartersOf[(int)level];
}

/// <summary>Intervals of time as rows of counter tables: whole days where they fit, hours and quarter hours at the ends.</summary>
public sealed class UsageIntervals
{
    private readonly StringBuilder[] _spans = [new("["), new("["), new("[")];

    /// <summary>Splits intervals.</summary>
    /// <param name="boundaries">As in a usage query. What precedes the first one is the interval -1.</param>
    public UsageIntervals(IReadOnlyList<long> boundaries)
    {
        ArgumentNullException.ThrowIfNull(boundaries);
        if (boundaries.Count < 2)
        {
            throw new ArgumentException("An interval has two ends.", nameof(boundaries));
        }

        Count = boundaries.Count - 1;
        for (var i = 0; i < Count; i++)
        {
            Split(i, boundaries[i], boundaries[i + 1]);
        }

        Split(-1, 0, boundaries[0]);
    }

    /// <summary>How many intervals there are, without the one that precedes them.</summary>
    public int Count { get; }

    /// <summary>The intervals of a level as JSON: lists of interval, first bucket and the one after the last.</summary>
    public string SpansOf(UsageLevel level) => $"{_spans[(int)level]}]";

    /// <summary>Reads sums of a counter table.</summary>
    /// <param name="session">The store.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="sql">Made by <see cref="SumSql"/>.</param>
    /// <param name="columns">How many columns that sums.</param>
    /// <returns>The sums of each interval, and of the time before the first in the last place.</returns>
    public long[][] Sum(SqliteSession session, Guid tenantId, string sql, int columns)
    {
        ArgumentNullException.ThrowIfNull(session);
        var sums = Enumerable.Range(0, Count + 1).Select(_ => new long[columns]).ToArray();
        foreach (var level in UsageBuckets.Levels.Take(_spans.Length))
        {
            if (_spans[(int)level].Length == 1)
            {
                continue;
            }

            session.Query(
                sql,
                row =>
                {
                    var interval = row.Int32(0);
                    var sum = sums[interval < 0 ? Count : interval];
                    for (var column = 0; column < columns; column++)
                    {
                        sum[column] += row.Int64(column + 1);
                    }

                    return 0;
                },
                SpansOf(level),
                tenantId,
                level);
        }

        return sums;
    }

    /// <summary>The query that sums columns of a table with the key (tenant_id, level, bucket) over the intervals of one level.</summary>
    public static string SumSql(string table, params IEnumerable<string> columns)
        => $"""
            WITH spans AS MATERIALIZED (
                SELECT json_extract(value, '$[0]') AS interval, json_extract(value, '$[1]') AS first, json_extract(value, '$[2]') AS beyond FROM json_each($1))
            SELECT s.interval, {string.Join(", ", columns.Select(column => $"sum(u.{column})"))}
            FROM spans s CROSS JOIN {table} u ON u.tenant_id = $2 AND u.level = $3 AND u.bucket >= s.first AND u.bucket < s.beyond
            GROUP BY s.interval
            """;

    private void Split(int interval, long from, long to)
    {
        var (hour, hourEnd) = ((from + 3) / 4, to / 4);
        if (hour >= hourEnd)
        {
            Add(UsageLevel.Quarter, interval, from, to);
            return;
        }

        Add(UsageLevel.Quarter, interval, from, 4 * hour);
        var (day, dayEnd) = ((hour + 23) / 24, hourEnd / 24);
        if (day >= dayEnd)
        {
            Add(UsageLevel.Hour, interval, hour, hourEnd);
        }
        else
        {
            Add(UsageLevel.Hour, interval, hour, 24 * day);
            Add(UsageLevel.Day, interval, day, dayEnd);
            Add(UsageLevel.Hour, interval, 24 * dayEnd, hourEnd);
        }

        Add(UsageLevel.Quarter, interval, 4 * hourEnd, to);
    }

    private void Add(UsageLevel level, int interval, long from, long to)
    {
        if (from < to)
        {
            var spans = _spans[(int)level];
            spans.Append(CultureInfo.InvariantCulture, $"{(spans.Length > 1 ? "," : "")}[{interval},{from},{to}]");
        }
    }
}
