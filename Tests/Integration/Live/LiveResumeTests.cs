using System.Net.Http.Headers;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Live;

public class LiveResumeTests(HostKind kind) : FunctionalTests(kind)
{
    private const string Types = "types=message.stored,memory.changed";

    [Test]
    public async Task Who_comes_back_misses_nothing_and_gets_nothing_twice()
    {
        using var person = await Person.RegisterAsync(Host);
        var sent = new List<string>();
        var seen = new List<string>();
        string? last = null;
        long number = 0;
        for (var round = 0; round < 6; round++)
        {
            var query = $"?{Types}" + (last is null ? "" : $"&after={Uri.EscapeDataString(last)}");
            using var socket = await LiveSocket.ConnectAsync(Host, $"/ws/messages/{person.TenantId}{query}", person.Token());
            var hello = await socket.ReadAsync();
            Assert.That((hello.Text("type"), hello.GetProperty("resumed").GetBoolean()), Is.EqualTo(("hello", round > 0)));
            Assert.That(hello.GetProperty("seq").GetInt64(), Is.EqualTo(number));

            // Some while it is connected, of two services at once, and some after it left in the middle of them.
            var writing = Task.WhenAll(WriteAsync(person, "a", 5, sent), RememberAsync(person, 5, sent));
            for (var i = 0; i < 6; i++)
            {
                var frame = await socket.ReadAsync();
                Assert.That(frame.GetProperty("seq").GetInt64(), Is.EqualTo(++number));
                seen.Add(frame.Text(frame.Text("type") == "message.stored" ? "message_id" : "memory_id"));
            }

            last = socket.LastId;
            await writing;
        }

        using var final = await LiveSocket.ConnectAsync(Host, $"/ws/messages/{person.TenantId}?{Types}&after={Uri.EscapeDataString(last!)}", person.Token());
        await final.ReadAsync("hello");
        while (seen.Count < sent.Count)
        {
            var frame = await final.ReadAsync();
            Assert.That(frame.GetProperty("seq").GetInt64(), Is.EqualTo(++number));
            seen.Add(frame.Text(frame.Text("type") == "message.stored" ? "message_id" : "memory_id"));
        }

        Assert.That(seen, Is.EquivalentTo(sent));
    }

    [Test]
    public async Task A_place_that_is_not_known_is_answered_with_a_reset_and_events_follow([Values("7.garbage", "x", "1.", "999999999999999999999.AAAA")] string after)
    {
        using var person = await Person.RegisterAsync(Host);
        using var socket = await LiveSocket.ConnectAsync(Host, $"/ws/messages/{person.TenantId}?types=message.stored&after={after}", person.Token());
        Assert.That((await socket.ReadAsync()).GetProperty("resumed").GetBoolean(), Is.False);
        Assert.That((await socket.ReadAsync()).Text("type"), Is.EqualTo("reset"));
        await person.SayAsync("chat", "hello");
        Assert.That((await socket.ReadAsync()).GetProperty("seq").GetInt64(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_place_of_another_tenant_opens_nothing()
    {
        using var person = await Person.RegisterAsync(Host);
        using var other = await Person.RegisterAsync(Host);
        using var socket = await LiveSocket.OpenAsync(Host, person);
        using var foreign = await LiveSocket.ConnectAsync(
            Host, $"/ws/messages/{other.TenantId}?types=message.stored&after={Uri.EscapeDataString(socket.LastId!)}", other.Token());
        Assert.That((await foreign.ReadAsync()).GetProperty("resumed").GetBoolean(), Is.False);
    }

    [Test]
    public async Task Server_sent_events_go_on_after_the_last_event_id()
    {
        using var person = await Person.RegisterAsync(Host);
        string last;
        using (var events = await EventSource.OpenAsync(person, "?types=message.stored", null))
        {
            Assert.That((await events.ReadAsync()).Event, Is.EqualTo("hello"));
            var first = await person.SayAsync("chat", "one");
            var told = await events.ReadAsync();
            Assert.That((told.Event, told.Data.Text("message_id"), told.Data.GetProperty("seq").GetInt64()), Is.EqualTo(("message.stored", first, 1L)));
            Assert.That(told.Id, Is.EqualTo(told.Data.Text("id")));
            last = told.Id!;
        }

        var second = await person.SayAsync("chat", "two");
        using var again = await EventSource.OpenAsync(person, "?types=message.stored", last);
        Assert.That((await again.ReadAsync()).Data.GetProperty("resumed").GetBoolean());
        var missed = await again.ReadAsync();
        Assert.That((missed.Data.Text("message_id"), missed.Data.GetProperty("seq").GetInt64()), Is.EqualTo((second, 2L)));

        using var lost = await EventSource.OpenAsync(person, "?types=message.stored", "12.unknown");
        await lost.ReadAsync();
        Assert.That((await lost.ReadAsync()).Event, Is.EqualTo("reset"));
    }

    private static async Task WriteAsync(Person person, string conversation, int count, List<string> sent)
    {
        for (var i = 0; i < count; i++)
        {
            var id = await person.SayAsync(conversation, "line");
            lock (sent)
            {
                sent.Add(id);
            }
        }
    }

    private static async Task RememberAsync(Person person, int count, List<string> sent)
    {
        for (var i = 0; i < count; i++)
        {
            var added = await person.PostAsync("/v1/memories", new { tenant_id = person.TenantId, text = $"User has number {Guid.NewGuid():N}.", scope = "organization" });
            lock (sent)
            {
                sent.Add(added.Text("id"));
            }
        }
    }
}

/// <summary>A client of <c>GET /v1/events</c>.</summary>
internal sealed class EventSource : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private EventSource(HttpResponseMessage response, StreamReader reader) => (_response, _reader) = (response, reader);

    public static async Task<EventSource> OpenAsync(Person person, string query, string? lastId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/v1/events{query}", UriKind.Relative));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (lastId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastId);
        }

        var response = await person.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.That((int)response.StatusCode, Is.EqualTo(200));
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/event-stream"));
        return new EventSource(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    /// <summary>The next event; comments are passed over.</summary>
    public async Task<(string? Id, string Event, System.Text.Json.JsonElement Data)> ReadAsync()
    {
        string? id = null, name = null, data = null;
        using var limit = new CancellationTokenSource(Eventually.Patience);
        while (true)
        {
            var line = await _reader.ReadLineAsync(limit.Token) ?? throw new EndOfStreamException("The stream ended.");
            if (line.Length == 0 && data is not null)
            {
                return (id, name!, System.Text.Json.JsonDocument.Parse(data).RootElement);
            }

            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            switch (colon < 1 ? "" : line[..colon])
            {
                case "id":
                    id = line[4..];
                    break;
                case "event":
                    name = line[7..];
                    break;
                case "data":
                    data = line[6..];
                    break;
            }
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
    }
}
