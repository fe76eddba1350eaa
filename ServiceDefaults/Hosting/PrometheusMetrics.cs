using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>Listens to the meters of MemoryMesh, ASP.NET Core and the runtime, and writes them as Prometheus text (format 0.0.4).</summary>
/// <remarks>
/// Recording takes no lock: a measurement finds its series by its tags without allocating, and adds to it atomically. Labels are bounded:
/// of the tags of foreign meters only the listed ones are kept, and an instrument with <see cref="MaxSeries"/> sets of tags adds further ones up
/// under the label <c>overflow="true"</c>.
/// </remarks>
public sealed class PrometheusMetrics : IDisposable
{
    /// <summary>Content type of the text.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Most sets of tags of one instrument.</summary>
    public const int MaxSeries = 1_000;

    private static readonly string[] NoTags = [];

    /// <summary>Meters that are listened to, with the tags that are kept; null keeps all.</summary>
    private static readonly FrozenDictionary<string, string[]?> Meters = new Dictionary<string, string[]?>(StringComparer.Ordinal)
    {
        [Telemetry.Name] = null,
        ["Microsoft.AspNetCore.Hosting"] = ["http.request.method", "http.response.status_code", "http.route"],
        ["Microsoft.AspNetCore.Server.Kestrel"] = NoTags,
        ["System.Runtime"] = ["gc.heap.generation", "cpu.mode"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly Lock _scrape = new();

    /// <summary>Starts to listen.</summary>
    public PrometheusMetrics()
        : this(null)
    {
    }

    /// <summary>Starts to listen to one meter only, all tags kept; for tests, which share the process's meters.</summary>
    internal PrometheusMetrics(Meter? only)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            string[]? tags = null;
            if (only is null ? Meters.TryGetValue(instrument.Meter.Name, out tags) : ReferenceEquals(instrument.Meter, only))
            {
                var family = MetricFamily.Describe(instrument, tags);
                listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(family.Name, family));
            }
        };
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => ((MetricFamily)state!).Add(value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => ((MetricFamily)state!).Add(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => ((MetricFamily)state!).Add(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((MetricFamily)state!).Add(value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => ((MetricFamily)state!).Add(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((MetricFamily)state!).Add(value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => ((MetricFamily)state!).Add((double)value, tags));
        _listener.Start();
    }

    /// <summary>All series as text.</summary>
    public string Write()
    {
        lock (_scrape)
        {
            foreach (var family in _families.Values.Where(family => family.Observed))
            {
                family.Reset();
            }

            _listener.RecordObservableInstruments();
            var text = new StringBuilder(16 * 1024);
            foreach (var family in _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal))
            {
                family.Write(text);
            }

            return text.ToString();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();
}

/// <summary>The series of one instrument.</summary>
internal sealed class MetricFamily
{
    private const string OverflowLabels = "overflow=\"true\"";
    private static readonly double[] DurationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly double[] AmountBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000, 100_000, 1_000_000];

    private readonly ConcurrentDictionary<TagSet, Series> _byTags;
    private readonly ConcurrentDictionary<TagSet, Series>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _lookup;
    private readonly ConcurrentDictionary<string, Series> _byLabels = new(StringComparer.Ordinal);
    private readonly string[]? _tags;
    private readonly string _help;
    private readonly string _type;
    private readonly double[] _buckets;
    private int _tagSets;

    private MetricFamily(string name, string help, string type, double[] buckets, string[]? tags, bool observed)
    {
        (Name, _help, _type, _buckets, _tags, Observed) = (name, help, type, buckets, tags, observed);
        _byTags = new(new TagComparer(tags));
        _lookup = _byTags.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
    }

    public string Name { get; }

    /// <summary>Whether each scrape asks for the values anew.</summary>
    public bool Observed { get; }

    public static MetricFamily Describe(Instrument instrument, string[]? tags)
    {
        var kind = instrument.GetType();
        var definition = kind.IsGenericType ? kind.GetGenericTypeDefinition() : kind;
        var counter = definition == typeof(Counter<>) || definition == typeof(ObservableCounter<>);
        var histogram = definition == typeof(Histogram<>);
        var unit = instrument.Unit switch
        {
            "s" => "seconds",
            "ms" => "milliseconds",
            "By" => "bytes",
            _ => null,
        };
        var name = new StringBuilder(Sanitize(instrument.Name));
        if (unit is not null && !instrument.Name.EndsWith(unit, StringComparison.Ordinal))
        {
            name.Append('_').Append(unit);
        }

        if (counter && !instrument.Name.EndsWith("total", StringComparison.Ordinal))
        {
            name.Append("_total");
        }

        var buckets = !histogram ? []
            : (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries is { Count: > 0 } advised ? [.. advised]
            : unit switch
            {
                "seconds" => DurationBuckets,
                "milliseconds" => [.. DurationBuckets.Select(bound => bound * 1_000)],
                _ => AmountBuckets,
            };
        return new MetricFamily(
            name.ToString(),
            instrument.Description ?? instrument.Name,
            counter ? "counter" : histogram ? "histogram" : "gauge",
            buckets,
            tags,
            instrument.IsObservable);
    }

    public void Add(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = Find(tags);
        if (_buckets.Length > 0)
        {
            series.Observe(value, _buckets);
        }
        else
        {
            series.Add(value);
        }
    }

    public void Add(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = Find(tags);
        if (_buckets.Length > 0)
        {
            series.Observe(value, _buckets);
        }
        else
        {
            series.Add(value);
        }
    }

    public void Reset()
    {
        foreach (var series in _byLabels.Values)
        {
            series.Reset();
        }
    }

    public void Write(StringBuilder text)
    {
        text.Append("# HELP ").Append(Name).Append(' ').Append(_help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal))
            .Append("\n# TYPE ").Append(Name).Append(' ').Append(_type).Append('\n');
        if (_byLabels.IsEmpty && _tags is { Length: 0 } && _buckets.Length == 0)
        {
            // It has one series at most, so its absence can only mean zero.
            text.Append(Name).Append(" 0\n");
        }

        foreach (var (labels, series) in _byLabels.OrderBy(item => item.Key, StringComparer.Ordinal))
        {
            if (_buckets.Length == 0)
            {
                AppendSample(text, Name, labels, null, series.Value);
                continue;
            }

            var count = 0L;
            for (var i = 0; i <= _buckets.Length; i++)
            {
                count += series.BucketCount(i);
                var bound = i == _buckets.Length ? "+Inf" : _buckets[i].ToString("R", CultureInfo.InvariantCulture);
                AppendSample(text, $"{Name}_bucket", labels, $"le=\"{bound}\"", count);
            }

            AppendSample(text, $"{Name}_sum", labels, null, series.Value);
            AppendSample(text, $"{Name}_count", labels, null, count);
        }
    }

    private static void AppendSample(StringBuilder text, string name, string labels, string? bound, double value)
    {
        text.Append(name);
        if (labels.Length > 0 || bound is not null)
        {
            text.Append('{').Append(labels).Append(labels.Length > 0 && bound is not null ? "," : "").Append(bound).Append('}');
        }

        text.Append(' ').Append(value switch
        {
            double.PositiveInfinity => "+Inf",
            double.NegativeInfinity => "-Inf",
            _ => value.ToString("R", CultureInfo.InvariantCulture),
        }).Append('\n');
    }

    private static string Sanitize(string name)
        => string.Create(name.Length, name, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsAsciiLetter(source[i]) || (i > 0 && char.IsAsciiDigit(source[i])) ? source[i] : '_';
            }
        });

    private Series Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        => _lookup.TryGetValue(tags, out var series) ? series : Create(tags);

    private Series Create(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Volatile.Read(ref _tagSets) >= PrometheusMetrics.MaxSeries)
        {
            return _byLabels.GetOrAdd(OverflowLabels, _ => new Series(_buckets.Length));
        }

        // Call sites may give the same tags in another order: that is another set, but the same series.
        var kept = new List<KeyValuePair<string, object?>>(tags.Length);
        foreach (var tag in tags)
        {
            if (TagComparer.Keeps(_tags, tag))
            {
                kept.Add(tag);
            }
        }

        var labels = string.Join(
            ',',
            kept.Select(tag => (Name: Sanitize(tag.Key), tag.Value)).OrderBy(tag => tag.Name, StringComparer.Ordinal).Select(tag => $"{tag.Name}=\"{Escape(tag.Value!)}\""));
        var series = _byLabels.GetOrAdd(labels, _ => new Series(_buckets.Length));
        if (_byTags.TryAdd(new TagSet([.. kept]), series))
        {
            Interlocked.Increment(ref _tagSets);
        }

        return series;
    }

    private static string Escape(object value)
    {
        var text = value switch
        {
            bool flag => flag ? "true" : "false",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };
        return text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
    }

    /// <summary>The kept tags of a measurement, in the order given.</summary>
    private readonly record struct TagSet(KeyValuePair<string, object?>[] Tags);

    /// <summary>Finds a set by the tags of a measurement, of which those that are not kept are passed over.</summary>
    private sealed class TagComparer(string[]? kept) : IEqualityComparer<TagSet>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, TagSet>
    {
        public static bool Keeps(string[]? kept, in KeyValuePair<string, object?> tag)
            => tag.Value is not null && (kept is null || Array.IndexOf(kept, tag.Key) >= 0);

        public bool Equals(TagSet x, TagSet y) => Equals(x.Tags.AsSpan(), y);

        public int GetHashCode([DisallowNull] TagSet obj) => GetHashCode(obj.Tags.AsSpan());

        public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, TagSet other)
        {
            var next = 0;
            foreach (ref readonly var tag in alternate)
            {
                if (!Keeps(kept, tag))
                {
                    continue;
                }

                if (next == other.Tags.Length || !string.Equals(other.Tags[next].Key, tag.Key, StringComparison.Ordinal) || !tag.Value!.Equals(other.Tags[next].Value))
                {
                    return false;
                }

                next++;
            }

            return next == other.Tags.Length;
        }

        public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
        {
            var hash = 17;
            foreach (ref readonly var tag in alternate)
            {
                if (Keeps(kept, tag))
                {
                    hash = (hash * 31) + tag.Value!.GetHashCode();
                }
            }

            return hash;
        }

        public TagSet Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
            => throw new NotSupportedException("Sets are created with their series.");
    }

    /// <summary>One series: a value, and the counts of its buckets when it is a histogram.</summary>
    private sealed class Series(int buckets)
    {
        private readonly long[] _counts = buckets == 0 ? [] : new long[buckets + 1];
        private long _whole;
        private double _rest;

        /// <summary>The value, or the sum of a histogram.</summary>
        public double Value => Interlocked.Read(ref _whole) + Volatile.Read(ref _rest);

        public long BucketCount(int index) => Interlocked.Read(ref _counts[index]);

        public void Add(long value) => Interlocked.Add(ref _whole, value);

        public void Add(double value)
        {
            var before = Volatile.Read(ref _rest);
            while (true)
            {
                var seen = Interlocked.CompareExchange(ref _rest, before + value, before);
                if (seen.Equals(before))
                {
                    return;
                }

                before = seen;
            }
        }

        public void Observe(double value, double[] bounds)
        {
            var index = 0;
            while (index < bounds.Length && value > bounds[index])
            {
                index++;
            }

            Interlocked.Increment(ref _counts[index]);
            Add(value);
        }

        public void Reset()
        {
            Interlocked.Exchange(ref _whole, 0);
            Volatile.Write(ref _rest, 0);
        }
    }
}
