using System.Text.Json;
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

    /// <summary>Six hours of a day in UTC.</summary>
    QuarterDay = 4,
}

/// <summary>Buckets of counter tables.</summary>
public static class UsageBuckets
{
    private const long MillisecondsOfQuarter = 15 * 60 * 1_000;

    /// <summary>The levels that every table has.</summary>
    public static readonly IReadOnlyList<UsageLevel> Levels = [UsageLevel.Quarter, UsageLevel.Hour, UsageLevel.Day, UsageLevel.Ever];

    /// <summary>The levels of tables with much in every hour: days of a zone that are none in UTC are then few rows too.</summary>
    public static readonly IReadOnlyList<UsageLevel> FineLevels = [UsageLevel.Quarter, UsageLevel.Hour, UsageLevel.QuarterDay, UsageLevel.Day, UsageLevel.Ever];

    /// <summary>The quarter hour of a time.</summary>
    public static long QuarterOf(DateTimeOffset time) => Math.DivRem(time.ToUnixTimeMilliseconds(), MillisecondsOfQuarter).Quotient;

    /// <summary>The bucket of a level that a quarter hour is in.</summary>
    public static long BucketOf(UsageLevel level, long quarter) => level == UsageLevel.Ever ? 0 : quarter / QuartersOf(level);

    /// <summary>How many quarter hours a bucket of a level is.</summary>
    internal static long QuartersOf(UsageLevel level) => level switch
    {
        UsageLevel.Quarter => 1,
        UsageLevel.Hour => 4,
        UsageLevel.QuarterDay => 24,
        UsageLevel.Day => 96,
        _ => throw new ArgumentOutOfRangeException(nameof(level)),
    };
}

/// <summary>Intervals of time as rows of counter tables: whole days where they fit, shorter buckets at the ends.</summary>
public sealed class UsageIntervals
{
    private readonly List<UsageLevel> _levels;
    private readonly Dictionary<UsageLevel, List<Span>> _spans;

    /// <summary>Splits intervals.</summary>
    /// <param name="boundaries">As in a usage query. What precedes the first one is the interval -1.</param>
    /// <param name="levels">Levels of the table, from the shortest to the longest.</param>
    public UsageIntervals(IReadOnlyList<long> boundaries, IReadOnlyList<UsageLevel> levels)
    {
        ArgumentNullException.ThrowIfNull(boundaries);
        _levels = [.. levels.Where(level => level != UsageLevel.Ever)];
        _spans = _levels.ToDictionary(level => level, _ => new List<Span>());
        if (boundaries.Count < 2)
        {
            throw new ArgumentException("An interval has two ends.", nameof(boundaries));
        }

        Count = boundaries.Count - 1;
        for (var i = 0; i < Count; i++)
        {
            Split(i, boundaries[i], boundaries[i + 1], _levels.Count - 1);
        }

        Split(-1, 0, boundaries[0], _levels.Count - 1);
        foreach (var spans in _spans.Values)
        {
            spans.Sort((a, b) => a.First.CompareTo(b.First));
        }
    }

    /// <summary>How many intervals there are, without the one that precedes them.</summary>
    public int Count { get; }

    /// <summary>The intervals of a level as JSON: lists of interval, first bucket and the one after the last.</summary>
    public string SpansOf(UsageLevel level) => Json(_spans[level].Select(span => (long[])[span.Interval, span.First, span.Beyond]));

    /// <summary>The buckets that are to be read, as ranges of each level: a first bucket and the one after the last.</summary>
    public IEnumerable<(UsageLevel Level, IReadOnlyList<(long First, long Beyond)> Ranges)> Ranges
        => _spans.Where(level => level.Value.Count > 0).Select(level => (level.Key, (IReadOnlyList<(long, long)>)[.. JoinedRanges(level.Value).Select(range => (range[0], range[1]))]));

    /// <summary>The interval that a bucket of <see cref="Ranges"/> is in; -1 for the time before the first.</summary>
    public int IntervalOf(UsageLevel level, long bucket) => IntervalOf(_spans[level], bucket);

    /// <summary>Reads sums of a counter table.</summary>
    /// <param name="session">The store.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="sql">Made by <see cref="ReadSql"/>.</param>
    /// <param name="columns">How many columns that reads.</param>
    /// <returns>The sums of each interval, and of the time before the first in the last place.</returns>
    public long[][] Sum(SqliteSession session, Guid tenantId, string sql, int columns)
    {
        var sums = Enumerable.Range(0, Count + 1).Select(_ => new long[columns]).ToArray();
        Read(session, tenantId, sql, (interval, row) =>
        {
            var sum = sums[interval < 0 ? Count : interval];
            for (var column = 0; column < columns; column++)
            {
                sum[column] += row.Int64(column + 1);
            }
        });
        return sums;
    }

    /// <summary>Reads the rows of all intervals.</summary>
    /// <param name="session">The store.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="sql">Made by <see cref="ReadSql"/>.</param>
    /// <param name="read">Takes the interval, -1 for the time before the first, and the row, whose columns begin with 1.</param>
    public void Read(SqliteSession session, Guid tenantId, string sql, Action<int, SqliteRow> read)
    {
        ArgumentNullException.ThrowIfNull(session);
        foreach (var (level, spans) in _spans)
        {
            if (spans.Count > 0)
            {
                session.Query(
                    sql,
                    row =>
                    {
                        read(IntervalOf(spans, row.Int64(0)), row);
                        return 0;
                    },
                    RangesOf(spans),
                    tenantId,
                    level);
            }
        }
    }

    /// <summary>The query that reads columns of a table with a key that begins with (tenant_id, level, bucket).</summary>
    /// <remarks>
    /// Buckets of intervals that follow each other are read in one go. They are told apart and summed where they are read: to group them, the store would sort them first.
    /// </remarks>
    public static string ReadSql(string table, params IEnumerable<string> columns)
        => $"""
            WITH ranges AS MATERIALIZED (SELECT json_extract(value, '$[0]') AS first, json_extract(value, '$[1]') AS beyond FROM json_each($1))
            SELECT u.bucket, {string.Join(", ", columns.Select(column => $"u.{column}"))}
            FROM ranges r CROSS JOIN {table} u ON u.tenant_id = $2 AND u.level = $3 AND u.bucket >= r.first AND u.bucket < r.beyond
            """;

    private static int IntervalOf(List<Span> spans, long bucket)
    {
        var (low, high) = (0, spans.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = spans[middle].First <= bucket ? (middle, high) : (low, middle - 1);
        }

        return spans[low].Interval;
    }

    private static string RangesOf(List<Span> spans) => Json(JoinedRanges(spans));

    private static List<long[]> JoinedRanges(List<Span> spans)
    {
        var ranges = new List<long[]>();
        foreach (var span in spans)
        {
            if (ranges.Count > 0 && ranges[^1][1] == span.First)
            {
                ranges[^1][1] = span.Beyond;
            }
            else
            {
                ranges.Add([span.First, span.Beyond]);
            }
        }

        return ranges;
    }

    private static string Json(IEnumerable<long[]> items) => JsonSerializer.Serialize(items);

    /// <summary>Takes the longest buckets that fit, and shorter ones at the ends.</summary>
    private void Split(int interval, long from, long to, int longest)
    {
        if (from >= to)
        {
            return;
        }

        var level = _levels[longest];
        var length = UsageBuckets.QuartersOf(level);
        var (first, beyond) = ((from + length - 1) / length, to / length);
        if (first >= beyond)
        {
            Split(interval, from, to, longest - 1);
            return;
        }

        Split(interval, from, first * length, longest - 1);
        _spans[level].Add(new Span(interval, first, beyond));
        Split(interval, beyond * length, to, longest - 1);
    }

    /// <summary>Buckets of an interval that follow each other.</summary>
    private readonly record struct Span(int Interval, long First, long Beyond);
}
