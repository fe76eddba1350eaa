using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Chat;

public class ConversationTests(HostKind kind) : FunctionalTests(kind)
{
    private Person _person = null!;

    [OneTimeSetUp]
    public async Task RegisterAsync() => _person = await Person.RegisterAsync(Host);

    [OneTimeTearDown]
    public void Leave() => _person.Dispose();

    [Test]
    public async Task A_conversation_is_created_read_changed_and_deleted()
    {
        var created = await _person.AskAsync(
            HttpMethod.Post, "/v1/conversations", new { conversation_id = "life", title = "First title", metadata = new { a = 1 }, user_id = "someone" });
        Assert.That(created.Status, Is.EqualTo(HttpStatusCode.Created), created.Text);
        Assert.That((created.Headers["Location"], created.Headers["ETag"]), Is.EqualTo(("/v1/conversations/life", "\"v1\"")));
        Assert.That((await _person.AskAsync(HttpMethod.Get, created.Headers["Location"])).Text, Is.EqualTo(created.Text));
        Assert.That((await _person.AskAsync(HttpMethod.Post, "/v1/conversations", new { conversation_id = "life" })).Problem, Is.EqualTo("conflict"));

        var changed = await _person.AskAsync(HttpMethod.Put, "/v1/conversations/life", new { title = "Second title" }, ("If-Match", "\"v1\""));
        Assert.That((changed.Status, changed.Headers["ETag"]), Is.EqualTo((HttpStatusCode.OK, "\"v2\"")), changed.Text);
        Assert.That(changed.Json.GetProperty("title").GetString(), Is.EqualTo("Second title"));
        Assert.That(changed.Json.GetProperty("metadata").GetProperty("a").GetInt32(), Is.EqualTo(1));
        Assert.That(
            (await _person.AskAsync(HttpMethod.Put, "/v1/conversations/life", new { title = "x" }, ("If-Match", "\"v1\""))).Status,
            Is.EqualTo(HttpStatusCode.PreconditionFailed));

        var message = await _person.SayAsync("life", "hello");
        await _person.SendAsync(HttpMethod.Delete, "/v1/conversations/life", status: HttpStatusCode.NoContent);
        await _person.SendAsync(HttpMethod.Delete, "/v1/conversations/life", status: HttpStatusCode.NotFound);
        foreach (var path in new[] { "/v1/conversations/life", "/v1/conversations/life/messages", "/v1/conversations/life/stats", $"/v1/messages/{message}" })
        {
            await _person.SendAsync(HttpMethod.Get, path, status: HttpStatusCode.NotFound);
        }

        await _person.SayAsync("life", "again");
        Assert.That((await _person.GetAsync("/v1/conversations/life/messages")).Contents(), Is.EqualTo(new[] { "again" }));
        Assert.That((await _person.GetAsync("/v1/conversations/life")).GetProperty("title").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task A_conversation_without_an_id_gets_one()
    {
        var created = await _person.PostAsync("/v1/conversations", new { title = "anonymous" });
        Assert.That(Guid.TryParse(created.GetProperty("conversation_id").GetString(), out _), Is.True);
        Assert.That((await _person.GetAsync($"/v1/conversations/{created.GetProperty("conversation_id").GetString()}")).GetProperty("message_count").GetInt32(), Is.Zero);
    }

    [TestCase("a/b")]
    [TestCase("a%2Fb")]
    [TestCase("a b?c#d&e=f")]
    [TestCase("Grüße 日本 😀")]
    [TestCase("100%")]
    [TestCase("..x")]
    [TestCase("stats")]
    [TestCase("messages")]
    public async Task An_id_of_any_characters_is_found_by_its_path(string id)
    {
        await _person.SayAsync(id, $"in {id}");
        var path = $"/v1/conversations/{Uri.EscapeDataString(id)}";
        Assert.That((await _person.GetAsync(path)).GetProperty("conversation_id").GetString(), Is.EqualTo(id));
        Assert.That((await _person.GetAsync($"{path}/messages")).Contents(), Is.EqualTo(new[] { $"in {id}" }));
        Assert.That((await _person.GetAsync($"{path}/stats")).GetProperty("conversation_id").GetString(), Is.EqualTo(id));
    }

    [Test]
    public async Task History_never_crosses_conversations_or_people()
    {
        using var other = await Person.RegisterAsync(Host);
        foreach (var speaker in new[] { _person, other })
        {
            foreach (var conversation in new[] { "iso-a", "iso-b" })
            {
                for (var i = 0; i < 3; i++)
                {
                    await speaker.SayAsync(conversation, $"{speaker.AccountId} {conversation} {i}");
                }
            }
        }

        foreach (var speaker in new[] { _person, other })
        {
            foreach (var conversation in new[] { "iso-a", "iso-b" })
            {
                Assert.That(
                    (await speaker.GetAsync($"/v1/conversations/{conversation}/messages")).Contents(),
                    Is.EqualTo(Enumerable.Range(0, 3).Select(i => $"{speaker.AccountId} {conversation} {i}")));
                Assert.That((await speaker.GetAsync($"/v1/conversations/{conversation}")).GetProperty("message_count").GetInt32(), Is.EqualTo(3));
            }
        }
    }

    [Test]
    public async Task A_foreign_conversation_answers_like_an_unknown_one()
    {
        using var other = await Person.RegisterAsync(Host);
        await other.SayAsync("theirs", "secret");
        foreach (var path in new[] { "", "/messages", "/stats" })
        {
            foreach (var tenant in new[] { "", $"?tenant_id={other.TenantId}" })
            {
                var foreign = await _person.AskAsync(HttpMethod.Get, $"/v1/conversations/theirs{path}{tenant}");
                var unknown = await _person.AskAsync(HttpMethod.Get, $"/v1/conversations/unknown{path}{tenant}");
                Assert.That((foreign.Status, foreign.Text), Is.EqualTo((HttpStatusCode.NotFound, unknown.Text)));
            }
        }

        foreach (var (method, body) in new (HttpMethod, object?)[] { (HttpMethod.Put, new { title = "x" }), (HttpMethod.Delete, null) })
        {
            var foreign = await _person.AskAsync(method, $"/v1/conversations/theirs?tenant_id={other.TenantId}", body);
            var unknown = await _person.AskAsync(method, $"/v1/conversations/unknown?tenant_id={other.TenantId}", body);
            Assert.That((foreign.Status, foreign.Text), Is.EqualTo((HttpStatusCode.NotFound, unknown.Text)));
        }

        var cursor = (await other.GetAsync("/v1/conversations/theirs/messages")).Contents();
        Assert.That(cursor, Is.EqualTo(new[] { "secret" }));
    }

    [Test]
    public async Task Pages_run_in_both_directions_over_messages_of_equal_time()
    {
        const string Path = "/v1/conversations/paged/messages";
        var expected = Enumerable.Range(0, 25).Select(i => $"m{i}").ToArray();
        await _person.SendAsync(HttpMethod.Post, "/v1/messages/batch", new
        {
            messages = expected.Select(content => new { conversation_id = "paged", role = "user", content, created_at = "2024-01-01T00:00:00Z" }),
        });

        Assert.That((await _person.GetAsync(Path)).Contents(), Is.EqualTo(expected));
        var page = await _person.GetAsync($"{Path}?limit=10");
        Assert.That(page.Contents(), Is.EqualTo(expected[15..]));
        Assert.That(page.GetProperty("next").ValueKind, Is.EqualTo(JsonValueKind.Null));

        var backward = new List<string>(page.Contents());
        while (page.GetProperty("previous").GetString() is { } previous)
        {
            page = await _person.GetAsync($"{Path}?limit=10&before={previous}");
            backward.InsertRange(0, page.Contents());
        }

        Assert.That(backward, Is.EqualTo(expected));

        var forward = new List<string>(page.Contents());
        Assert.That(page.Contents(), Is.EqualTo(expected[..5]));
        while (page.GetProperty("next").GetString() is { } next)
        {
            page = await _person.GetAsync($"{Path}?limit=7&after={next}");
            forward.AddRange(page.Contents());
        }

        Assert.That(forward, Is.EqualTo(expected));
        Assert.That((await _person.GetAsync($"{Path}?limit=3&after=start")).Contents(), Is.EqualTo(expected[..3]));
    }

    [Test]
    public async Task Messages_are_ordered_by_their_time_and_then_by_storing()
    {
        await _person.SayAsync("ordered", "late", createdAt: "2024-01-03T00:00:00Z");
        await _person.SayAsync("ordered", "early", createdAt: "2024-01-01T00:00:00Z");
        await _person.SayAsync("ordered", "middle 1", createdAt: "2024-01-02T00:00:00Z");
        await _person.SayAsync("ordered", "middle 2", createdAt: "2024-01-02T00:00:00Z");
        Assert.That(
            (await _person.GetAsync("/v1/conversations/ordered/messages")).Contents(), Is.EqualTo(new[] { "early", "middle 1", "middle 2", "late" }));
        Assert.That(
            (await _person.GetAsync("/v1/conversations/ordered")).GetProperty("last_message_at").GetDateTimeOffset(),
            Is.EqualTo(new DateTimeOffset(2024, 1, 3, 0, 0, 0, TimeSpan.Zero)));
    }

    [Test]
    public async Task A_list_can_be_narrowed_to_a_role()
    {
        await _person.SayAsync("roles", "question");
        await _person.SayAsync("roles", "answer", "assistant");
        await _person.SayAsync("roles", "thanks");
        Assert.That((await _person.GetAsync("/v1/conversations/roles/messages?role=user")).Contents(), Is.EqualTo(new[] { "question", "thanks" }));
        Assert.That((await _person.GetAsync("/v1/conversations/roles/messages?role=tool")).Contents(), Is.Empty);
    }

    [TestCase("limit=0", "limit")]
    [TestCase("limit=201", "limit")]
    [TestCase("role=root", "role")]
    [TestCase("before=x", "before")]
    [TestCase("before=", "before")]
    [TestCase("after=AAAA", "after")]
    [TestCase("before=start", "before")]
    [TestCase("after=start&before=x", "after")]
    public async Task A_wrong_parameter_of_a_list_is_named(string query, string field)
    {
        await _person.AskAsync(HttpMethod.Post, "/v1/conversations", new { conversation_id = "params" });
        var answer = await _person.AskAsync(HttpMethod.Get, $"/v1/conversations/params/messages?{query}");
        Assert.That((answer.Status, answer.Problem), Is.EqualTo((HttpStatusCode.BadRequest, "invalid-request")), answer.Text);
        Assert.That(answer.Fields, Is.EqualTo(new[] { field }));
    }

    [TestCase("/v1/conversations?limit=x")]
    [TestCase("/v1/conversations?limit=99999999999")]
    [TestCase("/v1/conversations?limit=0")]
    [TestCase("/v1/conversations?cursor=x")]
    [TestCase("/v1/conversations?user_id=%00")]
    [TestCase("/v1/conversations/params/messages?limit=1.5")]
    [TestCase("/v1/conversations/params/messages?include_archived=maybe")]
    public async Task A_parameter_of_a_wrong_type_is_refused(string path)
    {
        var answer = await _person.AskAsync(HttpMethod.Get, path);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest), answer.Text);
    }

    [Test]
    public async Task A_cursor_of_another_conversation_is_refused()
    {
        await _person.SayAsync("cursor-1", "a");
        await _person.SayAsync("cursor-1", "b");
        await _person.SayAsync("cursor-2", "c");
        var cursor = (await _person.GetAsync("/v1/conversations/cursor-1/messages?limit=1")).GetProperty("previous").GetString();
        Assert.That(
            (await _person.AskAsync(HttpMethod.Get, $"/v1/conversations/cursor-2/messages?before={cursor}")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Conversations_are_listed_by_their_last_activity_page_by_page()
    {
        using var person = await Person.RegisterAsync(Host);
        for (var i = 0; i < 12; i++)
        {
            await person.SayAsync($"c{i}", "x", createdAt: $"2024-01-{(i % 6) + 1:00}T00:00:00Z");
        }

        await person.SayAsync("c3", "the latest");
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await person.GetAsync($"/v1/conversations?limit=5{(cursor is null ? "" : $"&cursor={cursor}")}");
            seen.AddRange(page.GetProperty("conversations").EnumerateArray().Select(item => item.GetProperty("conversation_id").GetString()!));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);
        Assert.That(seen[0], Is.EqualTo("c3"));
        Assert.That(seen, Is.Unique);
        Assert.That(seen, Has.Count.EqualTo(12));
        Assert.That(seen[1..3], Is.EquivalentTo(new[] { "c5", "c11" }));
        Assert.That(seen[^2..], Is.EquivalentTo(new[] { "c0", "c6" }));
    }

    [Test]
    public async Task Conversations_are_listed_by_subject()
    {
        using var person = await Person.RegisterAsync(Host);
        await person.PostAsync("/v1/conversations", new { conversation_id = "mine" });
        await person.PostAsync("/v1/conversations", new { conversation_id = "theirs", user_id = "customer-7" });
        Assert.That(await IdsAsync(""), Is.EquivalentTo(new[] { "mine", "theirs" }));
        Assert.That(await IdsAsync("?user_id=customer-7"), Is.EqualTo(new[] { "theirs" }));
        Assert.That(await IdsAsync($"?user_id={person.AccountId}"), Is.EqualTo(new[] { "mine" }));
        Assert.That(await IdsAsync("?user_id=nobody"), Is.Empty);

        async Task<string[]> IdsAsync(string query)
            => [.. (await person.GetAsync($"/v1/conversations{query}")).GetProperty("conversations").EnumerateArray()
                .Select(item => item.GetProperty("conversation_id").GetString()!)];
    }

    [Test]
    public async Task A_conversation_belongs_to_the_subject_of_its_first_message()
    {
        await _person.PostAsync("/v1/messages", new { conversation_id = "owned", role = "user", content = "hello", user_id = "customer-1" });
        var second = await _person.PostAsync("/v1/messages", new { conversation_id = "owned", role = "user", content = "hi", user_id = "customer-2" });
        Assert.That(second.GetProperty("user_id").GetString(), Is.EqualTo("customer-2"));
        Assert.That((await _person.GetAsync("/v1/conversations/owned")).GetProperty("user_id").GetString(), Is.EqualTo("customer-1"));
        var listed = (await _person.GetAsync("/v1/conversations/owned/messages")).GetProperty("messages");
        Assert.That(listed.EnumerateArray().Select(message => message.GetProperty("user_id").GetString()), Is.EqualTo(new[] { "customer-1", "customer-2" }));
    }

    [Test]
    public async Task Statistics_count_roles_tokens_and_times()
    {
        await _person.SayAsync("counted", "I need help with Python programming", createdAt: "2024-01-01T10:00:00Z");
        await _person.SayAsync("counted", "日本語", createdAt: "2024-01-01T09:00:00Z");
        await _person.SayAsync("counted", "sure", "assistant", "2024-01-02T00:00:00Z");
        var stats = await _person.GetAsync("/v1/conversations/counted/stats");
        Assert.Multiple(() =>
        {
            Assert.That(stats.GetProperty("message_count").GetInt32(), Is.EqualTo(3));
            Assert.That(stats.GetProperty("archived_count").GetInt32(), Is.Zero);
            Assert.That(stats.GetProperty("messages_by_role").GetRawText(), Is.EqualTo("""{"user":2,"assistant":1,"system":0,"tool":0}"""));
            Assert.That(stats.GetProperty("tokens_by_role").GetRawText(), Is.EqualTo("""{"user":12,"assistant":1,"system":0,"tool":0}"""));
            Assert.That(stats.GetProperty("tokens").GetInt32(), Is.EqualTo(13));
            Assert.That(stats.GetProperty("first_message_at").GetString(), Does.StartWith("2024-01-01T09:00:00"));
            Assert.That(stats.GetProperty("last_message_at").GetString(), Does.StartWith("2024-01-02T00:00:00"));
            Assert.That(stats.GetProperty("memories_drawn").ValueKind, Is.AnyOf(JsonValueKind.Number, JsonValueKind.Null));
        });
    }

    [Test]
    public async Task Statistics_of_an_empty_conversation_are_zero()
    {
        await _person.PostAsync("/v1/conversations", new { conversation_id = "empty" });
        var stats = await _person.GetAsync("/v1/conversations/empty/stats");
        Assert.That(stats.GetProperty("tokens").GetInt32(), Is.Zero);
        Assert.That(stats.GetProperty("first_message_at").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }
}
