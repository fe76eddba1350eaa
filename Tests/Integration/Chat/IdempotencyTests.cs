using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Chat;

public class IdempotencyTests(HostKind kind) : FunctionalTests(kind)
{
    private const string Header = "Idempotency-Key";
    private Person _person = null!;

    [OneTimeSetUp]
    public async Task RegisterAsync() => _person = await Person.RegisterAsync(Host);

    [OneTimeTearDown]
    public void Leave() => _person.Dispose();

    [Test]
    public async Task The_same_request_again_gets_the_first_answer()
    {
        var body = JsonSerializer.Serialize(new { conversation_id = "once", role = "user", content = "only once", metadata = new { a = 1 }, importance = 0.5 });
        var first = await _person.AskAsync(HttpMethod.Post, "/v1/messages", body, (Header, "k1"));
        Assert.That(first.Status, Is.EqualTo(HttpStatusCode.Created), first.Text);
        Assert.That(first.Headers.ContainsKey("Idempotency-Replayed"), Is.False);

        // The first answer is given even when the message is another or gone by now.
        await _person.SendAsync(HttpMethod.Put, first.Headers["Location"], new { content = "changed" });
        var second = await _person.AskAsync(HttpMethod.Post, "/v1/messages", body, (Header, "k1"));
        await _person.SendAsync(HttpMethod.Delete, first.Headers["Location"], status: HttpStatusCode.NoContent);
        var third = await _person.AskAsync(HttpMethod.Post, "/v1/messages", body, (Header, "k1"));
        foreach (var replay in new[] { second, third })
        {
            Assert.That((replay.Status, replay.Text), Is.EqualTo((first.Status, first.Text)));
            Assert.That(replay.Headers["Location"], Is.EqualTo(first.Headers["Location"]));
            Assert.That(replay.Headers["ETag"], Is.EqualTo(first.Headers["ETag"]));
            Assert.That(replay.Headers["Idempotency-Replayed"], Is.EqualTo("true"));
        }

        Assert.That((await _person.GetAsync("/v1/conversations/once")).GetProperty("message_count").GetInt32(), Is.Zero);
    }

    [Test]
    public async Task Twenty_equal_requests_at_once_make_one_message()
    {
        var body = JsonSerializer.Serialize(new { conversation_id = "parallel", role = "user", content = "only once" });
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _person.AskAsync(HttpMethod.Post, "/v1/messages", body, (Header, "k2"))));
        Assert.That(answers.Select(answer => answer.Status), Is.All.EqualTo(HttpStatusCode.Created));
        Assert.That(answers.Select(answer => answer.Text).Distinct().Count(), Is.EqualTo(1));
        Assert.That(answers.Count(answer => !answer.Headers.ContainsKey("Idempotency-Replayed")), Is.EqualTo(1));
        Assert.That((await _person.GetAsync("/v1/conversations/parallel/messages")).Contents(), Is.EqualTo(new[] { "only once" }));
    }

    [Test]
    public async Task A_key_that_came_with_another_request_is_refused()
    {
        var message = new { conversation_id = "reused", role = "user", content = "one" };
        Assert.That((await _person.AskAsync(HttpMethod.Post, "/v1/messages", message, (Header, "k3"))).Status, Is.EqualTo(HttpStatusCode.Created));
        foreach (var (path, body) in new (string, object)[]
        {
            ("/v1/messages", message with { content = "two" }),
            ("/v1/messages", new { conversation_id = "reused", role = "user", content = "one", importance = 0.5 }),
            ("/v1/messages/batch", new { messages = new[] { message } }),
            ("/v1/conversations", new { conversation_id = "reused-2" }),
        })
        {
            var answer = await _person.AskAsync(HttpMethod.Post, path, body, (Header, "k3"));
            Assert.That((answer.Status, answer.Problem), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "idempotency-key-reused")), answer.Text);
        }

        Assert.That((await _person.GetAsync("/v1/conversations/reused")).GetProperty("message_count").GetInt32(), Is.EqualTo(1));
        await _person.SendAsync(HttpMethod.Get, "/v1/conversations/reused-2", status: HttpStatusCode.NotFound);
    }

    [Test]
    public async Task A_refused_request_does_not_use_up_its_key()
    {
        var refused = await _person.AskAsync(
            HttpMethod.Post, "/v1/messages", new { conversation_id = "later", role = "user", content = "x", reply_to = Guid.NewGuid() }, (Header, "k4"));
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        var accepted = await _person.AskAsync(HttpMethod.Post, "/v1/messages", new { conversation_id = "later", role = "user", content = "x" }, (Header, "k4"));
        Assert.That(accepted.Status, Is.EqualTo(HttpStatusCode.Created));
    }

    [Test]
    public async Task Keys_of_two_people_do_not_meet()
    {
        using var other = await Person.RegisterAsync(Host);
        var body = new { conversation_id = "shared key", role = "user", content = "x" };
        var mine = await _person.AskAsync(HttpMethod.Post, "/v1/messages", body, (Header, "k5"));
        var theirs = await other.AskAsync(HttpMethod.Post, "/v1/messages", body, (Header, "k5"));
        Assert.That(theirs.Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That(theirs.Json.GetProperty("id").GetString(), Is.Not.EqualTo(mine.Json.GetProperty("id").GetString()));
    }

    [Test]
    public async Task A_conversation_is_created_once()
    {
        var body = new { title = "once" };
        var first = await _person.AskAsync(HttpMethod.Post, "/v1/conversations", body, (Header, "k6"));
        var second = await _person.AskAsync(HttpMethod.Post, "/v1/conversations", body, (Header, "k6"));
        Assert.That((second.Status, second.Text, second.Headers["Location"]), Is.EqualTo((HttpStatusCode.Created, first.Text, first.Headers["Location"])));
    }

    [TestCase("")]
    [TestCase("with blank")]
    public async Task A_key_is_visible_ascii(string key)
    {
        var answer = await _person.AskAsync(HttpMethod.Post, "/v1/messages", new { conversation_id = "keys", role = "user", content = "x" }, (Header, key));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest), answer.Text);
    }

    [Test]
    public async Task A_key_has_at_most_255_characters()
    {
        var body = new { conversation_id = "long keys", role = "user", content = "x" };
        Assert.That((await _person.AskAsync(HttpMethod.Post, "/v1/messages", body, (Header, new string('k', 255)))).Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((await _person.AskAsync(HttpMethod.Post, "/v1/messages", body, (Header, new string('k', 256)))).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }
}
