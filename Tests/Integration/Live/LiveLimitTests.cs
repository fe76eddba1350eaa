using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Live;

/// <summary>What a host with small limits does when they are reached.</summary>
[TestFixture(HostKind.Embedded)]
[TestFixture(HostKind.Processes)]
public class LiveLimitTests(HostKind kind)
{
    private const string Origin = "https://app.example.com";
    private TestHost _host = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
        => _host = await TestHost.StartAsync(kind, environment: new Dictionary<string, string>
        {
            ["Live__EventsPerTenant"] = "100",
            ["Live__ConnectionsPerTenant"] = "3",
            ["Live__ConnectionsPerPrincipal"] = "2",
            ["Live__PingInterval"] = "00:00:01",
            ["MEMORY_ALLOWED_ORIGINS"] = Origin,
        });

    [OneTimeTearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task Connections_of_a_principal_and_of_a_tenant_are_limited_and_free_again_when_they_close()
    {
        using var owner = await Person.RegisterAsync(_host);
        using var member = await Person.RegisterAsync(_host);
        await owner.PostAsync($"/v1/organizations/{owner.TenantId}/members", new { user_id = member.AccountId, role = "member" });
        using var first = await LiveSocket.OpenAsync(_host, owner);
        using (await LiveSocket.OpenAsync(_host, owner))
        {
            AssertFull(owner, owner.TenantId);
            using var third = await LiveSocket.OpenAsync(_host, member, tenant: owner.TenantId);
            AssertFull(member, owner.TenantId);
            using var elsewhere = await LiveSocket.OpenAsync(_host, member);
        }

        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    using var again = await LiveSocket.OpenAsync(_host, owner);
                    return true;
                }
                catch (RefusedException)
                {
                    return false;
                }
            },
            Eventually.Patience,
            () => "The seats should be free again.");
    }

    [Test]
    public async Task A_client_that_does_not_read_is_closed_with_1013_and_told_to_read_anew_when_it_comes_back()
    {
        using var person = await Person.RegisterAsync(_host);
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 2_048, NoDelay = true };
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var invoker = new HttpMessageInvoker(handler);
        using var slow = await LiveSocket.ConnectAsync(
            _host, $"/ws/messages/{person.TenantId}?types=message.stored&include=message", person.Token(), invoker: invoker);
        await slow.ReadAsync("hello");
        var place = slow.LastId!;
        using var client = _host.CreateClient();
        for (var i = 0; i < 60 && await SlowAsync(client) == 0; i++)
        {
            await FillAsync(person);
        }

        await Eventually.TrueAsync(async () => await SlowAsync(client) > 0, Eventually.Patience, () => "The client should be found too slow.");
        var closed = await slow.ReadToCloseAsync();
        Assert.That((closed.Code, closed.Reason), Is.EqualTo((1013, "Too slow: events went by unread. Connect again, and read the state anew.")));

        using var back = await LiveSocket.ConnectAsync(_host, $"/ws/messages/{person.TenantId}?after={Uri.EscapeDataString(place)}", person.Token());
        Assert.That((await back.ReadAsync()).GetProperty("resumed").GetBoolean(), Is.False);
        Assert.That((await back.ReadAsync()).Text("type"), Is.EqualTo("reset"));
    }

    [Test]
    public async Task An_idle_stream_of_events_gets_a_sign_of_life()
    {
        using var person = await Person.RegisterAsync(_host);
        using var response = await person.Client.GetAsync(new Uri("/v1/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        using var limit = new CancellationTokenSource(Eventually.Patience);
        while (await reader.ReadLineAsync(limit.Token) is { } line && line != ": ping")
        {
            Assert.That(line, Is.Not.Null);
        }

        Assert.That(limit.IsCancellationRequested, Is.False);
    }

    [Test]
    public async Task A_page_of_an_allowed_origin_may_open_a_connection()
    {
        using var person = await Person.RegisterAsync(_host);
        using var socket = await LiveSocket.ConnectAsync(
            _host, $"/ws/messages/{person.TenantId}", person.Token(), options => options.SetRequestHeader("Origin", Origin));
        await socket.ReadAsync("hello");
    }

    private static async Task FillAsync(Person person)
    {
        // Large messages, so that the buffers of both systems are full soon.
        var messages = Enumerable.Range(0, 100)
            .Select(_ => new { tenant_id = person.TenantId, conversation_id = "chat", role = "assistant", content = new string('x', 4_000), extract_memory = false });
        await person.PostAsync("/v1/messages/batch", new { messages }, HttpStatusCode.OK);
    }

    private static async Task<double> SlowAsync(HttpClient client)
        => (await client.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n')
            .Where(line => line.StartsWith("memorymesh_live_slow_consumers_total", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));

    private void AssertFull(Person person, string tenant)
        => Assert.That(
            () => LiveSocket.ConnectAsync(_host, $"/ws/messages/{tenant}", person.Token()),
            Throws.InstanceOf<RefusedException>().With.Property("Status").EqualTo(429));
}

/// <summary>What becomes of live connections when the server stops and starts again.</summary>
public class LiveStopTests
{
    [Test]
    public async Task A_server_that_stops_says_so_at_once_and_clients_go_on_after_its_start([Values] HostKind kind)
    {
        await using var host = await TestHost.StartAsync(kind);
        using var person = await Person.RegisterAsync(host);
        var sockets = new List<LiveSocket>();
        for (var i = 0; i < 10; i++)
        {
            sockets.Add(await LiveSocket.OpenAsync(host, person, "?types=message.stored"));
        }

        using var events = await EventSource.OpenAsync(person, "", null);
        await person.SayAsync("chat", "one");
        var frames = await Task.WhenAll(sockets.Select(socket => socket.ReadAsync()));
        Assert.That(frames.Select(frame => frame.GetProperty("seq").GetInt64()), Is.All.EqualTo(1));

        var started = Stopwatch.GetTimestamp();
        var closing = Task.WhenAll(sockets.Skip(1).Select(socket => socket.ReadToCloseAsync()));
        Assert.That(await host.StopAsync(), Is.Zero, host.Output);
        await TestContext.Out.WriteLineAsync($"stopped after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s");
        Assert.That((await closing).Select(closed => closed.Code), Is.All.EqualTo(1001));

        await host.StartAgainAsync();
        using var back = await LiveSocket.ConnectAsync(
            host, $"/ws/messages/{person.TenantId}?types=message.stored&after={Uri.EscapeDataString(sockets[0].LastId!)}", person.Token());
        var hello = await back.ReadAsync();
        if (!hello.GetProperty("resumed").GetBoolean())
        {
            Assert.That((await back.ReadAsync()).Text("type"), Is.EqualTo("reset"));
        }

        var second = await person.SayAsync("chat", "two");
        Assert.That((await back.ReadAsync("message.stored")).Text("message_id"), Is.EqualTo(second));
        sockets.ForEach(socket => socket.Dispose());
    }
}
