using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Chat;

public class BatchTests(HostKind kind) : FunctionalTests(kind)
{
    private const string Batch = "/v1/messages/batch";
    private Person _person = null!;

    [OneTimeSetUp]
    public async Task RegisterAsync() => _person = await Person.RegisterAsync(Host);

    [OneTimeTearDown]
    public void Leave() => _person.Dispose();

    [Test]
    public async Task A_bad_item_does_not_stop_the_others()
    {
        using var other = await Person.RegisterAsync(Host);
        var answer = await _person.SendAsync(HttpMethod.Post, Batch, new
        {
            messages = new object?[]
            {
                new { conversation_id = "batch-1", role = "user", content = "good 1" },
                new { conversation_id = "batch-1", role = "root", content = "bad role" },
                null,
                new { conversation_id = "batch-2", role = "user", content = "good 2" },
                new { conversation_id = "batch-1", role = "user", content = "bad reply", reply_to = Guid.NewGuid() },
                new { conversation_id = "batch-1", role = "user", content = "foreign tenant", tenant_id = other.TenantId },
                new { conversation_id = "batch-1", role = "assistant", content = "good 3" },
            },
        });
        var results = answer.GetProperty("results").EnumerateArray().ToArray();
        Assert.That(results.Select(result => result.GetProperty("index").GetInt32()), Is.EqualTo(Enumerable.Range(0, 7)));
        Assert.That(results.Select(result => result.GetProperty("status").GetInt32()), Is.EqualTo(new[] { 201, 400, 400, 201, 422, 404, 201 }));
        Assert.That(results[1].GetProperty("problem").GetProperty("errors").TryGetProperty("role", out _), Is.True);
        Assert.That(results[4].GetProperty("problem").GetProperty("errors").TryGetProperty("reply_to", out _), Is.True);
        Assert.That(results[5].GetProperty("problem").GetProperty("type").GetString(), Is.EqualTo("urn:memorymesh:problem:not-found"));
        Assert.That((await _person.GetAsync("/v1/conversations/batch-1/messages")).Contents(), Is.EqualTo(new[] { "good 1", "good 3" }));
        Assert.That((await _person.GetAsync("/v1/conversations/batch-2")).GetProperty("message_count").GetInt32(), Is.EqualTo(1));
        await _person.GetAsync($"/v1/messages/{results[3].GetProperty("id").GetString()}");
    }

    [Test]
    public async Task A_batch_has_1_to_500_items()
    {
        foreach (var count in new[] { 0, 501 })
        {
            var refused = await _person.AskAsync(HttpMethod.Post, Batch, Items(count));
            Assert.That((refused.Status, refused.Problem), Is.EqualTo((HttpStatusCode.BadRequest, "invalid-request")), refused.Text);
        }

        Assert.That((await _person.AskAsync(HttpMethod.Post, Batch, "{}")).Fields, Is.EqualTo(new[] { "messages" }));
        Assert.That((await _person.AskAsync(HttpMethod.Delete, Batch, new { ids = Array.Empty<string>() })).Fields, Is.EqualTo(new[] { "ids" }));
        var stored = await _person.SendAsync(HttpMethod.Post, Batch, Items(500));
        Assert.That(stored.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("status").GetInt32()), Is.All.EqualTo(201));
        Assert.That(stored.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("id").GetString()), Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal));
        Assert.That((await _person.GetAsync("/v1/conversations/many")).GetProperty("message_count").GetInt32(), Is.EqualTo(500));

        static object Items(int count) => new { messages = Enumerable.Range(0, count).Select(i => new { conversation_id = "many", role = "user", content = $"n{i}" }) };
    }

    [Test]
    public async Task A_batch_of_changes_answers_for_each()
    {
        using var other = await Person.RegisterAsync(Host);
        var first = await _person.SayAsync("updates", "one");
        var second = await _person.SayAsync("updates", "two");
        var foreign = await other.SayAsync("updates", "foreign");
        var answer = await _person.SendAsync(HttpMethod.Put, $"{Batch}/update", new
        {
            messages = new object?[]
            {
                new { id = first, content = "one changed", version = 1 },
                new { id = second, content = "two changed", version = 7 },
                new { id = foreign, content = "mine now" },
                new { id = Guid.NewGuid().ToString(), content = "nothing" },
                new { id = "no-guid", content = "nothing" },
                new { id = first, content = "twice" },
                new { id = second },
                new { id = Guid.NewGuid().ToString(), importance = 7 },
                null,
            },
        });
        var results = answer.GetProperty("results").EnumerateArray().ToArray();
        Assert.That(results.Select(result => result.GetProperty("status").GetInt32()), Is.EqualTo(new[] { 200, 412, 404, 404, 404, 400, 400, 400, 400 }));
        Assert.That(results[0].GetProperty("version").GetInt32(), Is.EqualTo(2));
        Assert.That(results[2].GetProperty("problem").GetRawText(), Is.EqualTo(results[3].GetProperty("problem").GetRawText()));
        Assert.That((await _person.GetAsync("/v1/conversations/updates/messages")).Contents(), Is.EqualTo(new[] { "one changed", "two" }));
        Assert.That((await other.GetAsync($"/v1/messages/{foreign}")).GetProperty("content").GetString(), Is.EqualTo("foreign"));
    }

    [Test]
    public async Task A_batch_of_deletions_answers_for_each()
    {
        using var other = await Person.RegisterAsync(Host);
        var first = await _person.SayAsync("deletions", "one");
        var second = await _person.SayAsync("deletions", "two");
        var foreign = await other.SayAsync("deletions", "foreign");
        var answer = await _person.SendAsync(
            HttpMethod.Delete, Batch, new { ids = new[] { first, foreign, Guid.NewGuid().ToString(), "no-guid", first, null } });
        Assert.That(
            answer.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("status").GetInt32()),
            Is.EqualTo(new[] { 204, 404, 404, 404, 404, 404 }));
        Assert.That((await _person.GetAsync("/v1/conversations/deletions/messages")).Contents(), Is.EqualTo(new[] { "two" }));
        await _person.GetAsync($"/v1/messages/{second}");
        await other.GetAsync($"/v1/messages/{foreign}");
    }

    [Test]
    public async Task A_batch_of_deletions_needs_its_body()
    {
        Assert.That((await _person.AskAsync(HttpMethod.Delete, Batch)).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await _person.AskAsync(HttpMethod.Delete, Batch, """{"id":"x"}""")).Problem, Is.EqualTo("malformed-request"));
    }

    [Test]
    public async Task A_batch_is_stored_once_for_one_idempotency_key()
    {
        var body = JsonSerializer.Serialize(new
        {
            messages = new object[]
            {
                new { conversation_id = "batch-once", role = "user", content = "a" },
                new { conversation_id = "batch-once", role = "root", content = "b" },
            },
        });
        var first = await _person.AskAsync(HttpMethod.Post, Batch, body, ("Idempotency-Key", "batch-once"));
        var second = await _person.AskAsync(HttpMethod.Post, Batch, body, ("Idempotency-Key", "batch-once"));
        Assert.That(first.Status, Is.EqualTo(HttpStatusCode.OK), first.Text);
        Assert.That((second.Status, second.Text, second.Headers["Idempotency-Replayed"]), Is.EqualTo((first.Status, first.Text, "true")));
        Assert.That((await _person.GetAsync("/v1/conversations/batch-once")).GetProperty("message_count").GetInt32(), Is.EqualTo(1));
    }
}
