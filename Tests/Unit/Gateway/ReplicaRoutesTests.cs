using System.Diagnostics.Metrics;
using MemoryMesh.Gateway.Forwarding;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Configuration;

namespace MemoryMesh.Tests.Unit.Gateway;

public class ReplicaRoutesTests
{
    [TestCase("GET", "/v1/memory/search", true)]
    [TestCase("POST", "/v1/memory/search", true)]
    [TestCase("POST", "/v1/memory/search/", true)]
    [TestCase("POST", "/V1/Memories/Search/Batch", true)]
    [TestCase("GET", "/v1/memories/search", true)]
    [TestCase("DELETE", "/v1/memories/search", false)]
    [TestCase("POST", "/v1/searches", false)]
    [TestCase("GET", "/v1/searches/1/run", false)]
    [TestCase("GET", "/v1/bookmarks", false)]
    [TestCase("POST", "/v1/embeddings", false)]
    [TestCase("GET", "/v1/memory/search/other", false)]
    [TestCase("GET", "/v1/memories", false)]
    [TestCase("GET", "/", false)]
    [TestCase("GET", "", false)]
    public void Only_what_searches_and_changes_nothing_goes_to_searchers(string method, string path, bool expected)
        => Assert.That(ServiceRoutes.IsSearch(method, path), Is.EqualTo(expected));

    [TestCase("GET", "/v1/context", true)]
    [TestCase("POST", "/v1/context", true)]
    [TestCase("POST", "/v1/context/", true)]
    [TestCase("GET", "/V1/Context/a%2Fb", true)]
    [TestCase("GET", "/v1/context/c", true)]
    [TestCase("POST", "/v1/context/c", false)]
    [TestCase("DELETE", "/v1/context", false)]
    [TestCase("PUT", "/v1/context/c", false)]
    [TestCase("GET", "/v1/contexts", false)]
    [TestCase("GET", "/v1/subjects/s/profile", false)]
    [TestCase("GET", "/v1/memories", false)]
    [TestCase("GET", "", false)]
    public void Only_contexts_go_to_readers(string method, string path, bool expected)
        => Assert.That(ServiceRoutes.IsContext(method, path), Is.EqualTo(expected));

    [Test]
    public void A_request_goes_to_those_who_answer_it()
    {
        var routes = new ReplicaRoutes(new SearcherAddresses(Settings(), TimeProvider.System), new ReaderAddresses(Settings(), TimeProvider.System));
        Assert.That(routes.Find("GET", "/v1/context")!.Service, Is.EqualTo("readers"));
        Assert.That(routes.Find("POST", "/v1/memory/search")!.Service, Is.EqualTo("searchers"));
        Assert.That(routes.Find("POST", "/v1/messages"), Is.Null);
    }

    [Test]
    public void Searchers_take_turns_and_one_that_failed_rests()
    {
        var clock = new Clock();
        var searchers = new SearcherAddresses(Settings("http://a", "http://b"), clock);
        Assert.That(Enumerable.Range(0, 4).Select(_ => searchers.Next()!.Host), Is.EquivalentTo((string[])["a", "a", "b", "b"]));
        searchers.Failed(new Uri("http://a"));
        Assert.That(Enumerable.Range(0, 4).Select(_ => searchers.Next()!.Host), Is.All.EqualTo("b"));
        searchers.Failed(new Uri("http://b"));
        Assert.That(searchers.Next(), Is.Null);
        clock.Ahead = SearcherAddresses.Rest;
        Assert.That(Enumerable.Range(0, 4).Select(_ => searchers.Next()!.Host), Is.EquivalentTo((string[])["a", "a", "b", "b"]));
    }

    [Test]
    public void What_was_sent_failed_or_found_all_of_them_resting_is_counted()
    {
        var counted = new List<string>();
        using var listener = new MeterListener();
        listener.SetMeasurementEventCallback<long>((_, amount, tags, _) =>
        {
            // Other tests may send to searchers at the same time, none to readers.
            var (service, outcome) = ("", "");
            foreach (var (name, value) in tags)
            {
                (service, outcome) = name == "service" ? ((string)value!, outcome) : (service, (string)value!);
            }

            if (service == "readers")
            {
                counted.Add($"{outcome} {amount}");
            }
        });
        listener.EnableMeasurementEvents(Telemetry.ReplicaRequests);
        var settings = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("services:readers:http:0", (string?)"http://a")]).Build();
        var readers = new ReaderAddresses(settings, new Clock());
        Assert.That(readers.Next(), Is.Not.Null);
        readers.Failed(new Uri("http://a"));
        Assert.That(readers.Next(), Is.Null);
        Assert.That(new ReaderAddresses(Settings(), TimeProvider.System).Next(), Is.Null);
        Assert.That(counted, Is.EqualTo((string[])["sent 1", "failed 1", "resting 1"]), "nothing is counted where there are none");
    }

    [Test]
    public void Without_an_address_there_is_none_and_one_that_is_no_url_is_refused()
    {
        Assert.That(new SearcherAddresses(Settings(), TimeProvider.System).Next(), Is.Null);
        Assert.Throws<StartupException>(() => _ = new SearcherAddresses(Settings("searchers:80"), TimeProvider.System));
    }

    [TestCase(10, true)]
    [TestCase(ReplayedBody.Most, true)]
    [TestCase(ReplayedBody.Most + 1, false)]
    public async Task A_body_can_be_read_twice_as_far_as_it_is_kept(int length, bool isKept)
    {
        var bytes = new byte[length];
        new Random(3).NextBytes(bytes);
        await using var body = new ReplayedBody(new MemoryStream(bytes));
        Assert.That(await ReadAsync(body), Is.EqualTo(bytes));
        Assert.That(body.TryRewind(), Is.EqualTo(isKept));
        if (isKept)
        {
            Assert.That(await ReadAsync(body), Is.EqualTo(bytes));
        }
    }

    [Test]
    public async Task A_body_that_was_read_in_part_is_read_whole_the_second_time()
    {
        byte[] bytes = [.. Enumerable.Range(0, 100).Select(value => (byte)value)];
        await using var body = new ReplayedBody(new MemoryStream(bytes));
        Assert.That(await body.ReadAsync(new byte[33]), Is.EqualTo(33));
        Assert.That(body.TryRewind());
        Assert.That(await ReadAsync(body), Is.EqualTo(bytes));
    }

    private static async Task<byte[]> ReadAsync(Stream stream)
    {
        using var read = new MemoryStream();
        await stream.CopyToAsync(read, 7_000);
        return read.ToArray();
    }

    private static IConfiguration Settings(params string[] addresses)
        => new ConfigurationBuilder().AddInMemoryCollection(addresses.Select((address, at) => KeyValuePair.Create($"services:searchers:http:{at}", (string?)address))).Build();

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Ahead.Ticks;
    }
}
