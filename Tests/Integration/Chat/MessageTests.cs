using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Chat;

public class MessageTests(HostKind kind) : FunctionalTests(kind)
{
    private Person _person = null!;

    [OneTimeSetUp]
    public async Task RegisterAsync() => _person = await Person.RegisterAsync(Host);

    [OneTimeTearDown]
    public void Leave() => _person.Dispose();

    [Test]
    public async Task A_stored_message_is_read_as_it_was_answered()
    {
        var first = await _person.SayAsync("whole", "first");
        var created = await _person.AskAsync(HttpMethod.Post, "/v1/messages", new
        {
            conversation_id = "whole",
            role = "assistant",
            content = "It is 4\n\tand \"quoted\" – 日本語 😀",
            metadata = new { model = "m", nested = new { list = new object?[] { 1, null, "x<y" } } },
            importance = 0.75,
            created_at = "2024-05-06T07:08:09.123+02:00",
            reply_to = first,
            extract_memory = false,
        });
        Assert.That(created.Status, Is.EqualTo(HttpStatusCode.Created), created.Text);
        Assert.That(created.Headers["ETag"], Is.EqualTo("\"v1\""));
        var message = created.Json;
        Assert.Multiple(() =>
        {
            Assert.That(created.Headers["Location"], Is.EqualTo($"/v1/messages/{message.GetProperty("id").GetString()}"));
            Assert.That(message.GetProperty("tenant_id").GetString(), Is.EqualTo(_person.TenantId));
            Assert.That(message.GetProperty("user_id").GetString(), Is.EqualTo(_person.AccountId));
            Assert.That(message.GetProperty("conversation_id").GetString(), Is.EqualTo("whole"));
            Assert.That(message.GetProperty("created_at").GetDateTimeOffset(), Is.EqualTo(new DateTimeOffset(2024, 5, 6, 5, 8, 9, 123, TimeSpan.Zero)));
            Assert.That(message.GetProperty("metadata").GetProperty("nested").GetProperty("list")[2].GetString(), Is.EqualTo("x<y"));
            Assert.That(message.GetProperty("reply_to").GetString(), Is.EqualTo(first));
            Assert.That(message.GetProperty("extract_memory").GetBoolean(), Is.False);
            Assert.That(message.GetProperty("archived").GetBoolean(), Is.False);
            Assert.That(message.GetProperty("version").GetInt32(), Is.EqualTo(1));
        });
        var read = await _person.AskAsync(HttpMethod.Get, created.Headers["Location"]);
        Assert.That(read.Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(read.Text, Is.EqualTo(created.Text));
        Assert.That(read.Headers["ETag"], Is.EqualTo("\"v1\""));
    }

    [Test]
    public async Task Metadata_that_may_be_stored_can_be_listed()
    {
        var deepest = string.Concat(Enumerable.Repeat("{\"a\":", 16)) + "1" + new string('}', 16);
        var body = $$"""{"conversation_id":"deep","role":"user","content":"x","metadata":{{deepest}}}""";
        Assert.That((await _person.AskAsync(HttpMethod.Post, "/v1/messages?wait=indexed", body)).Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((await _person.GetAsync("/v1/conversations/deep/messages")).GetProperty("messages")[0].GetProperty("metadata").GetRawText(), Is.EqualTo(deepest));
        await _person.GetAsync("/v1/memory/search?query=x&conversation_id=deep");
        var refused = await _person.AskAsync(HttpMethod.Post, "/v1/messages", body.Replace(deepest, $"{{\"a\":{deepest}}}", StringComparison.Ordinal));
        Assert.That((refused.Status, refused.Fields), Is.EqualTo((HttpStatusCode.BadRequest, (string[])["metadata"])));
    }

    [Test]
    public async Task Only_storing_something_claims_a_tenant()
    {
        var slug = $"claimed-{Guid.NewGuid():N}"[..24];
        var body = new { messages = new[] { new { id = Guid.NewGuid(), content = "x" } } };
        Assert.That((await _person.AskAsync(HttpMethod.Put, $"/v1/messages/batch/update?tenant_id={slug}", body)).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await _person.AskAsync(HttpMethod.Delete, $"/v1/conversations/c?tenant_id={slug}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await _person.AskAsync(HttpMethod.Get, $"/v1/organizations/{slug}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_message_is_changed_when_if_match_names_its_version()
    {
        var id = await _person.SayAsync("changing", "one");
        var path = $"/v1/messages/{id}";
        var changed = await _person.AskAsync(HttpMethod.Put, path, new { content = "two", importance = 0.9 }, ("If-Match", "\"v1\""));
        Assert.That(changed.Status, Is.EqualTo(HttpStatusCode.OK), changed.Text);
        Assert.That(changed.Headers["ETag"], Is.EqualTo("\"v2\""));

        var stale = await _person.AskAsync(HttpMethod.Put, path, new { content = "three" }, ("If-Match", "\"v1\""));
        Assert.That((stale.Status, stale.Problem), Is.EqualTo((HttpStatusCode.PreconditionFailed, "precondition-failed")));
        Assert.That((await _person.AskAsync(HttpMethod.Put, path, new { metadata = new { a = 1 } }, ("If-Match", "*"))).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await _person.AskAsync(HttpMethod.Put, path, new { importance = 0.1 })).Status, Is.EqualTo(HttpStatusCode.OK));

        var read = await _person.AskAsync(HttpMethod.Get, path);
        Assert.Multiple(() =>
        {
            Assert.That(read.Headers["ETag"], Is.EqualTo("\"v4\""));
            Assert.That(read.Json.GetProperty("content").GetString(), Is.EqualTo("two"));
            Assert.That(read.Json.GetProperty("metadata").GetProperty("a").GetInt32(), Is.EqualTo(1));
            Assert.That(read.Json.GetProperty("importance").GetDouble(), Is.EqualTo(0.1));
        });
    }

    [Test]
    public async Task Of_ten_changes_of_one_version_at_once_one_is_made()
    {
        var id = await _person.SayAsync("racing", "one");
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i =>
            _person.AskAsync(HttpMethod.Put, $"/v1/messages/{id}", new { content = $"by {i}" }, ("If-Match", "\"v1\""))));
        Assert.That(answers.Count(answer => answer.Status == HttpStatusCode.OK), Is.EqualTo(1));
        Assert.That(answers.Count(answer => answer.Status == HttpStatusCode.PreconditionFailed), Is.EqualTo(9));
    }

    [Test]
    public async Task A_change_must_change_something()
    {
        var id = await _person.SayAsync("idle", "one");
        Assert.That((await _person.AskAsync(HttpMethod.Put, $"/v1/messages/{id}", new { })).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await _person.AskAsync(HttpMethod.Put, $"/v1/messages/{id}", new { role = "tool" })).Problem, Is.EqualTo("malformed-request"));
    }

    [Test]
    public async Task A_deleted_message_is_gone()
    {
        var id = await _person.SayAsync("deleting", "going");
        await _person.SayAsync("deleting", "staying");
        Assert.That((await _person.AskAsync(HttpMethod.Delete, $"/v1/messages/{id}", null, ("If-Match", "\"v2\""))).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        await _person.SendAsync(HttpMethod.Delete, $"/v1/messages/{id}", status: HttpStatusCode.NoContent);
        await _person.SendAsync(HttpMethod.Delete, $"/v1/messages/{id}", status: HttpStatusCode.NotFound);
        await _person.SendAsync(HttpMethod.Get, $"/v1/messages/{id}", status: HttpStatusCode.NotFound);
        Assert.That((await _person.GetAsync("/v1/conversations/deleting/messages")).Contents(), Is.EqualTo(new[] { "staying" }));
        Assert.That((await _person.GetAsync("/v1/conversations/deleting")).GetProperty("message_count").GetInt32(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_foreign_id_answers_like_an_unknown_one()
    {
        using var other = await Person.RegisterAsync(Host);
        var foreign = await other.SayAsync("private", "secret");
        var unknown = Guid.CreateVersion7().ToString();
        foreach (var tenant in new[] { "", $"?tenant_id={other.TenantId}", $"?tenant_id={Guid.NewGuid()}" })
        {
            foreach (var (method, body) in new (HttpMethod, object?)[]
            {
                (HttpMethod.Get, null),
                (HttpMethod.Put, new { content = "x" }),
                (HttpMethod.Delete, null),
            })
            {
                var answers = new List<Answer>();
                foreach (var id in new[] { foreign, unknown, "no-guid" })
                {
                    answers.Add(await _person.AskAsync(method, $"/v1/messages/{id}{tenant}", body));
                }

                Assert.That(answers.Select(answer => answer.Status), Is.All.EqualTo(HttpStatusCode.NotFound), $"{method} {tenant}");
                Assert.That(answers.Select(answer => answer.Text).Distinct().Count(), Is.EqualTo(1), $"{method} {tenant}");
                Assert.That(answers.Select(answer => string.Join(',', answer.Headers.Keys.Order())).Distinct().Count(), Is.EqualTo(1), $"{method} {tenant}");
            }
        }

        Assert.That((await other.GetAsync($"/v1/messages/{foreign}")).GetProperty("content").GetString(), Is.EqualTo("secret"));
    }

    [Test]
    public async Task A_reply_answers_a_message_of_the_same_conversation()
    {
        using var other = await Person.RegisterAsync(Host);
        var elsewhere = await _person.SayAsync("replies-1", "first");
        var foreign = await other.SayAsync("replies-2", "foreign");
        foreach (var target in new[] { elsewhere, foreign, Guid.NewGuid().ToString(), "first" })
        {
            var answer = await _person.AskAsync(
                HttpMethod.Post, "/v1/messages", new { conversation_id = "replies-2", role = "assistant", content = "yes", reply_to = target });
            Assert.That(answer.Status, Is.EqualTo(target == "first" ? HttpStatusCode.BadRequest : HttpStatusCode.UnprocessableEntity), answer.Text);
            Assert.That(answer.Fields, Is.EqualTo(new[] { "reply_to" }));
        }

        Assert.That((await _person.AskAsync(HttpMethod.Get, "/v1/conversations/replies-2")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Content_of_32_KiB_is_kept_and_one_byte_more_is_refused()
    {
        var largest = string.Concat(Enumerable.Repeat("語", 32 * 1024 / 3)) + "xy";
        var id = await _person.SayAsync("large", largest);
        Assert.That((await _person.GetAsync($"/v1/messages/{id}")).GetProperty("content").GetString(), Is.EqualTo(largest));
        var refused = await _person.AskAsync(HttpMethod.Post, "/v1/messages", new { conversation_id = "large", role = "user", content = largest + "z" });
        Assert.That((refused.Status, refused.Problem), Is.EqualTo((HttpStatusCode.BadRequest, "invalid-request")));
        Assert.That(refused.Fields, Is.EqualTo(new[] { "content" }));
    }

    [TestCase("""{"conversation_id":"bad","role":"user","content":"x","conten":"y"}""", "malformed-request")]
    [TestCase("""{"conversation_id":"bad","role":"user","content":"x","content":"y"}""", "malformed-request")]
    [TestCase("""{"conversation_id":"bad","role":"user","content":7}""", "malformed-request")]
    [TestCase("""{"conversation_id":"bad","role":"user","content":"x","importance":"1"}""", "malformed-request")]
    [TestCase("""{"conversation_id":"bad","role":"user","content":"x","created_at":"yesterday"}""", "malformed-request")]
    [TestCase("""{"conversation_id":"bad","role":"user","content":"a\ud800b"}""", "malformed-request")]
    [TestCase("""{"conversation_id":"bad","role":"user","content":"a\u0000b"}""", "invalid-request")]
    [TestCase("""{"conversation_id":"b\u0000d","role":"user","content":"x"}""", "invalid-request")]
    [TestCase("""{"conversation_id":"bad","role":"user","content":"x","metadata":{"a":"\udc00"}}""", "invalid-request")]
    [TestCase("""{"conversation_id":"bad","role":"user","content":"x","metadata":{"a":["\u0000"]}}""", "invalid-request")]
    [TestCase("""{"conversation_id":"bad","role":"user","content":"x","metadata":[]}""", "invalid-request")]
    [TestCase("""{"conversation_id":"bad","role":"root","content":"x"}""", "invalid-request")]
    [TestCase("""{"conversation_id":"bad","role":"user"}""", "invalid-request")]
    [TestCase("""{"conversation_id":"bad","role":"user","content":"x","created_at":"2999-01-01T00:00:00Z"}""", "invalid-request")]
    [TestCase("""{"conversation_id":"bad","role":"user","content":"x","user_id":""}""", "invalid-request")]
    [TestCase("""{"conversation_id":"bad","role":"user","content":"x","tenant_id":""}""", "invalid-request")]
    [TestCase("null", "malformed-request")]
    [TestCase("[]", "malformed-request")]
    [TestCase("{", "malformed-request")]
    [TestCase("", "malformed-request")]
    public async Task A_bad_message_is_refused_and_nothing_is_stored(string body, string problem)
    {
        var answer = await _person.AskAsync(HttpMethod.Post, "/v1/messages", body);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest), answer.Text);
        Assert.That(answer.Problem, Is.EqualTo(problem), answer.Text);
        Assert.That((await _person.AskAsync(HttpMethod.Get, "/v1/conversations/bad")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [TestCase("PATCH", "/v1/messages", "POST")]
    [TestCase("GET", "/v1/messages", "POST")]
    [TestCase("POST", "/v1/messages/0198aaaa-0000-7000-8000-000000000000", "DELETE, GET, PUT")]
    [TestCase("GET", "/v1/messages/batch", "DELETE, POST")]
    [TestCase("POST", "/v1/messages/batch/update", "PUT")]
    [TestCase("DELETE", "/v1/conversations", "GET, POST")]
    [TestCase("POST", "/v1/conversations/x", "DELETE, GET, PUT")]
    [TestCase("POST", "/v1/conversations/x/messages", "GET")]
    [TestCase("PUT", "/v1/conversations/x/stats", "GET")]
    public async Task An_unsupported_verb_answers_405_and_names_the_others(string verb, string path, string allowed)
    {
        var answer = await _person.AskAsync(new HttpMethod(verb), path, verb == "GET" ? null : "{}");
        Assert.That((answer.Status, answer.Problem), Is.EqualTo((HttpStatusCode.MethodNotAllowed, "method-not-allowed")), answer.Text);
        Assert.That(string.Join(", ", answer.Headers["Allow"].Split(", ").Order()), Is.EqualTo(allowed));
    }

    [Test]
    public async Task A_message_is_found_at_once_when_its_answer_waited()
    {
        var word = $"zebra{Guid.NewGuid():N}"[..14];
        foreach (var path in new[] { "/v1/messages", "/v1/messages/batch" })
        {
            object message = new { conversation_id = "waiting", role = "user", content = $"I saw a {word} there" };
            var stored = await _person.AskAsync(HttpMethod.Post, $"{path}?wait=indexed", path.EndsWith("batch", StringComparison.Ordinal) ? new { messages = new[] { message } } : message);
            Assert.That(stored.Status, Is.AnyOf(HttpStatusCode.Created, HttpStatusCode.OK), stored.Text);
            var id = (path.EndsWith("batch", StringComparison.Ordinal) ? stored.Json.GetProperty("results")[0] : stored.Json).GetProperty("id").GetString()!;
            Assert.That((await _person.GetAsync($"/v1/memory/search?query={word}")).GetRawText(), Does.Contain(id));
        }
    }

    [Test]
    public async Task An_unknown_wait_is_refused()
    {
        var answer = await _person.AskAsync(HttpMethod.Post, "/v1/messages?wait=long", new { conversation_id = "bad", role = "user", content = "x" });
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(answer.Fields, Is.EqualTo(new[] { "wait" }));
    }

    [Test]
    public async Task A_tenant_that_is_named_by_its_first_use_holds_its_messages()
    {
        var slug = $"app-{Guid.NewGuid():N}";
        var created = await _person.PostAsync("/v1/messages", new { tenant_id = slug, conversation_id = "user-123", role = "user", content = "I need help with Python programming" });
        var id = created.GetProperty("id").GetString();
        Assert.That(created.GetProperty("tenant_id").GetString(), Is.Not.EqualTo(_person.TenantId));
        Assert.That((await _person.GetAsync($"/v1/messages/{id}")).GetRawText(), Is.EqualTo(created.GetRawText()));
        await _person.GetAsync($"/v1/messages/{id}?tenant_id={slug}");
        await _person.SendAsync(HttpMethod.Get, $"/v1/messages/{id}?tenant_id={_person.TenantId}", status: HttpStatusCode.NotFound);
        await _person.GetAsync($"/v1/conversations/user-123?tenant_id={slug}");
        await _person.SendAsync(HttpMethod.Get, "/v1/conversations/user-123", status: HttpStatusCode.NotFound);
    }

    [Test]
    public async Task Metadata_comes_back_as_it_was_sent()
    {
        const string Metadata = """{"number":1.50,"big":12345678901234567890,"text":"é \u2028 <b>","empty":{},"null":null}""";
        var created = await _person.PostAsync("/v1/messages", $$"""{"conversation_id":"meta","role":"tool","content":"x","metadata":{{Metadata}}}""");
        using var expected = JsonDocument.Parse(Metadata);
        Assert.That(JsonElement.DeepEquals(created.GetProperty("metadata"), expected.RootElement), Is.True, created.GetRawText());
        Assert.That(created.GetProperty("metadata").GetProperty("big").GetRawText(), Is.EqualTo("12345678901234567890"));
    }
}
