using System.Diagnostics.Metrics;
using MemoryMesh.Gateway.Forwarding;
using MemoryMesh.ServiceDefaults.Hosting;

namespace MemoryMesh.Tests.Unit.Gateway;

public class PrometheusMetricsTests
{
    private Meter _meter = null!;
    private PrometheusMetrics _metrics = null!;

    [SetUp]
    public void Listen()
    {
        _meter = new Meter("test");
        _metrics = new PrometheusMetrics(_meter);
    }

    [TearDown]
    public void Stop()
    {
        _metrics.Dispose();
        _meter.Dispose();
    }

    [Test]
    public void A_counter_is_written_with_its_help_type_and_labels()
    {
        var counter = _meter.CreateCounter<long>("memorymesh.messages.stored", "{message}", "Messages that were stored");
        counter.Add(2, new KeyValuePair<string, object?>("role", "user"));
        counter.Add(3, new KeyValuePair<string, object?>("role", "user"));
        counter.Add(1, new KeyValuePair<string, object?>("role", "assistant"));
        Assert.That(_metrics.Write(), Is.EqualTo(
            """
            # HELP memorymesh_messages_stored_total Messages that were stored
            # TYPE memorymesh_messages_stored_total counter
            memorymesh_messages_stored_total{role="assistant"} 1
            memorymesh_messages_stored_total{role="user"} 5

            """));
    }

    [Test]
    public void A_histogram_counts_up_and_ends_with_sum_and_count()
    {
        var histogram = _meter.CreateHistogram(
            "search.duration", "s", "Time", tags: null, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        histogram.Record(0.05);
        histogram.Record(0.1);
        histogram.Record(0.5);
        histogram.Record(3);
        Assert.That(_metrics.Write(), Is.EqualTo(
            """
            # HELP search_duration_seconds Time
            # TYPE search_duration_seconds histogram
            search_duration_seconds_bucket{le="0.1"} 2
            search_duration_seconds_bucket{le="1"} 3
            search_duration_seconds_bucket{le="+Inf"} 4
            search_duration_seconds_sum 3.65
            search_duration_seconds_count 4

            """));
    }

    [Test]
    public void An_observed_value_is_asked_for_at_each_scrape()
    {
        var value = 7;
        _meter.CreateObservableGauge("queue.length", () => value, "{job}", "Jobs that wait");
        Assert.That(_metrics.Write(), Does.Contain("\nqueue_length 7\n"));
        value = 3;
        Assert.That(_metrics.Write(), Does.Contain("\nqueue_length 3\n"));
    }

    [Test]
    public void The_order_of_tags_does_not_make_another_series()
    {
        var counter = _meter.CreateCounter<int>("things");
        counter.Add(1, new KeyValuePair<string, object?>("a", 1), new("b", true));
        counter.Add(1, new KeyValuePair<string, object?>("b", true), new("a", 1));
        Assert.That(_metrics.Write(), Does.Contain("things_total{a=\"1\",b=\"true\"} 2\n"));
    }

    [Test]
    public void Label_values_are_escaped()
    {
        _meter.CreateCounter<int>("things").Add(1, new KeyValuePair<string, object?>("x", "a\"b\\c\nd"));
        Assert.That(_metrics.Write(), Does.Contain("""things_total{x="a\"b\\c\nd"} 1"""));
    }

    [Test]
    public void Too_many_series_are_added_up_in_one()
    {
        var counter = _meter.CreateCounter<int>("things");
        for (var i = 0; i < PrometheusMetrics.MaxSeries + 50; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("id", i));
        }

        var text = _metrics.Write();
        Assert.That(text, Does.Contain("things_total{overflow=\"true\"} 50\n"));
        Assert.That(text.Split('\n'), Has.Length.LessThan(PrometheusMetrics.MaxSeries + 10));
    }

    [Test]
    public void Threads_at_once_lose_no_count()
    {
        var whole = _meter.CreateCounter<long>("whole");
        var parts = _meter.CreateCounter<double>("parts");
        var times = _meter.CreateHistogram<double>("times", "s");
        Parallel.For(0, 20_000, i =>
        {
            var tag = new KeyValuePair<string, object?>("kind", i % 3);
            whole.Add(1, tag);
            parts.Add(0.5, tag);
            times.Record(1, tag);
        });
        var text = _metrics.Write();
        Assert.Multiple(() =>
        {
            Assert.That(text, Does.Contain("whole_total{kind=\"0\"} 6667\n"));
            Assert.That(text, Does.Contain("parts_total{kind=\"0\"} 3333.5\n"));
            Assert.That(text, Does.Contain("times_seconds_count{kind=\"0\"} 6667\n"));
        });
    }

    [Test]
    public void Recording_on_a_known_series_allocates_nothing()
    {
        var counter = _meter.CreateCounter<long>("things");
        var before = 0L;
        for (var i = 0; i < 2_000; i++)
        {
            if (i == 1_000)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }

            counter.Add(1, new KeyValuePair<string, object?>("kind", "x"), new KeyValuePair<string, object?>("outcome", "y"));
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1_000));
    }

    [Test]
    public void The_metrics_of_services_are_joined_by_family()
    {
        const string Chat =
            """
            # HELP a_total A
            # TYPE a_total counter
            a_total 1
            # HELP h H
            # TYPE h histogram
            h_bucket{le="+Inf"} 2
            h_sum 3
            h_count 2
            """;
        const string Search =
            """
            # HELP a_total A
            # TYPE a_total counter
            a_total{x="y z"} 4
            """;
        Assert.That(MergedMetrics.Merge([("chat", Chat), ("search", Search)]), Is.EqualTo(
            """
            # HELP a_total A
            # TYPE a_total counter
            a_total{service="chat"} 1
            a_total{service="search",x="y z"} 4
            # HELP h H
            # TYPE h histogram
            h_bucket{service="chat",le="+Inf"} 2
            h_sum{service="chat"} 3
            h_count{service="chat"} 2

            """));
    }
}
