using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Chat;

public class ThreadTests(HostKind kind) : FunctionalTests(kind)
{
    private Person _person = null!;

    [SetUp]
    public async Task EnterAsync() => _person = await Person.RegisterAsync(Host);

    [TearDown]
    public void Leave() => _person.Dispose();

    [Test]
    public async Task A_thread_is_its_first_message_and_all_replies_below_it()
    {
        var root = await SayAsync("root");
        var other = await SayAsync("another thread");
        var first = await SayAsync("first", root);
        var second = await SayAsync("second", root);
        var deeper = await SayAsync("deeper", first);
        await SayAsync("elsewhere", other);
        foreach (var member in new[] { root, first, second, deeper })
        {
            var thread = await _person.GetAsync($"/v1/messages/{member}/thread");
            Assert.That(thread.GetProperty("thread_id").GetString(), Is.EqualTo(root));
            Assert.That(thread.GetProperty("conversation_id").GetString(), Is.EqualTo("c"));
            Assert.That(thread.GetProperty("message_count").GetInt32(), Is.EqualTo(4));
            Assert.That(thread.GetProperty("root_deleted").GetBoolean(), Is.False);
            Assert.That(thread.GetProperty("next").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(Places(thread), Is.EqualTo((string[])["root 0", "first 1", "second 1", "deeper 2"]));
            var messages = thread.GetProperty("messages").EnumerateArray().ToList();
            Assert.That(messages.Select(message => message.GetProperty("reply_to").GetString()), Is.EqualTo((string?[])[null, root, root, first]));
            Assert.That(messages.Select(message => message.GetProperty("parent_deleted").GetBoolean()), Is.All.False);
        }
    }

    [Test]
    public async Task A_thread_is_read_in_pages()
    {
        var root = await SayAsync("0");
        for (var i = 1; i < 7; i++)
        {
            await SayAsync($"{i}", root);
        }

        var read = new List<string>();
        var cursor = "";
        do
        {
            var page = await _person.GetAsync($"/v1/messages/{root}/thread?limit=3{cursor}");
            read.AddRange(page.Contents());
            cursor = page.GetProperty("next").GetString() is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);
        Assert.That(read, Is.EqualTo((string[])["0", "1", "2", "3", "4", "5", "6"]));
        var elsewhere = await SayAsync("elsewhere");
        var foreign = (await _person.GetAsync($"/v1/messages/{root}/thread?limit=3")).GetProperty("next").GetString();
        foreach (var bad in new[] { $"{elsewhere}/thread?cursor={foreign}", $"{root}/thread?cursor=x", $"{root}/thread?limit=0", $"{root}/thread?limit=201" })
        {
            await _person.SendAsync(HttpMethod.Get, $"/v1/messages/{bad}", status: HttpStatusCode.BadRequest);
        }
    }

    [Test]
    public async Task Replies_stay_when_a_message_above_them_is_deleted()
    {
        var root = await SayAsync("root");
        var middle = await SayAsync("middle", root);
        var last = await SayAsync("last", middle);
        await _person.Client.DeleteAsync(new Uri($"/v1/messages/{middle}", UriKind.Relative));
        var thread = await _person.GetAsync($"/v1/messages/{last}/thread");
        Assert.That(Places(thread), Is.EqualTo((string[])["root 0", "last 2"]));
        Assert.That(thread.GetProperty("messages")[1].GetProperty("parent_deleted").GetBoolean(), Is.True);
        Assert.That(thread.GetProperty("message_count").GetInt32(), Is.EqualTo(2));
        await _person.Client.DeleteAsync(new Uri($"/v1/messages/{root}", UriKind.Relative));
        var rest = await SayAsync("a later reply", last);
        thread = await _person.GetAsync($"/v1/messages/{rest}/thread");
        Assert.That(thread.GetProperty("thread_id").GetString(), Is.EqualTo(root));
        Assert.That(thread.GetProperty("root_deleted").GetBoolean(), Is.True);
        Assert.That(Places(thread), Is.EqualTo((string[])["last 2", "a later reply 3"]));
        await _person.SendAsync(HttpMethod.Get, $"/v1/messages/{root}/thread", status: HttpStatusCode.NotFound);
    }

    [Test]
    public async Task A_foreign_thread_answers_like_an_unknown_one()
    {
        using var stranger = await Person.RegisterAsync(Host);
        var root = await SayAsync("root");
        var foreign = await stranger.AskAsync(HttpMethod.Get, $"/v1/messages/{root}/thread");
        var unknown = await stranger.AskAsync(HttpMethod.Get, $"/v1/messages/{Guid.NewGuid()}/thread");
        Assert.That(foreign.Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(foreign.Text, Is.EqualTo(unknown.Text));
        using var client = Host.CreateClient();
        await client.SendJsonAsync(HttpMethod.Get, $"/v1/messages/{root}/thread", null, HttpStatusCode.Unauthorized);
    }

    [Test]
    public async Task Lists_are_narrowed_by_thread_time_role_and_metadata()
    {
        var root = await SayAsync("one", null, "user", "2026-01-01T10:00:00Z", new { n = 1 });
        var reply = await SayAsync("two", root, "assistant", "2026-01-02T10:00:00Z", new { n = 2, tags = new[] { "x" } });
        await SayAsync("three", null, "user", "2026-01-03T10:00:00Z", new { n = 3 });
        await SayAsync("four", reply, "user", "2026-01-04T10:00:00Z");

        async Task Lists(string parameters, params string[] contents)
            => Assert.That((await _person.GetAsync($"/v1/conversations/c/messages?{parameters}")).Contents(), Is.EqualTo(contents), parameters);

        await Lists($"thread={root}", "one", "two", "four");
        await Lists($"thread={reply}&role=user", "one", "four");
        await Lists($"thread={Guid.NewGuid()}");
        await Lists("from=2026-01-02&to=2026-01-03", "two", "three");
        await Lists("from=2026-01-02T10:00:01Z&after=start&limit=1", "three");
        await Lists("to=2026-01-02T10:00:00Z&limit=1", "two");
        await Lists("metadata=n:gte:2", "two", "three");
        await Lists("metadata=n:gte:2&metadata=tags:contains:x", "two");
        await Lists("metadata=n:exists:false&after=start", "four");
        await Lists($"metadata=n:exists&thread={root}&from=2026-01-02", "two");
        foreach (var (parameters, field) in new[]
        {
            ("thread=x", "thread"), ("from=yesterday", "from"), ("from=2026-02-02&to=2026-02-01", "to"), ("metadata=n", "metadata"), ("metadata=n:like:1", "metadata.op"),
        })
        {
            var answer = await _person.AskAsync(HttpMethod.Get, $"/v1/conversations/c/messages?{parameters}");
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest), parameters);
            Assert.That(answer.Fields, Is.EqualTo((string[])[field]));
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Pages_of_what_meets_conditions_leave_nothing_out(bool forward)
    {
        var messages = Enumerable.Range(0, 450).Select(i => new { conversation_id = "many", role = "user", content = $"{i}", metadata = new { third = i % 3 == 0, i } });
        await _person.SendAsync(HttpMethod.Post, "/v1/messages/batch", new { messages });
        var read = new List<string>();
        for (var cursor = forward ? "&after=start" : ""; ;)
        {
            var page = await _person.GetAsync($"/v1/conversations/many/messages?metadata=third:eq:true&limit=40{cursor}");
            if (forward)
            {
                read.AddRange(page.Contents());
            }
            else
            {
                read.InsertRange(0, page.Contents());
            }

            if (page.GetProperty(forward ? "next" : "previous").GetString() is not { } next)
            {
                break;
            }

            cursor = $"&{(forward ? "after" : "before")}={next}";
        }

        Assert.That(read, Is.EqualTo(Enumerable.Range(0, 150).Select(i => $"{3 * i}")));
        Assert.That((await _person.GetAsync("/v1/conversations/many/messages?metadata=i:eq:3&after=start")).Contents(), Is.EqualTo((string[])["3"]));
    }

    private static string[] Places(JsonElement thread)
        => [.. thread.GetProperty("messages").EnumerateArray().Select(message => $"{message.GetProperty("content").GetString()} {message.GetProperty("depth").GetInt32()}")];

    private async Task<string> SayAsync(string content, string? replyTo = null, string role = "user", string? at = null, object? metadata = null)
        => (await _person.PostAsync(
            "/v1/messages", new { conversation_id = "c", role, content, reply_to = replyTo, created_at = at, metadata })).GetProperty("id").GetString()!;
}
