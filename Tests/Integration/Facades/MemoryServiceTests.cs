using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Facades;

/// <summary>The Memory Service API's calls.</summary>
public class MemoryServiceTests(HostKind kind) : FunctionalTests(kind)
{
    [Test]
    public async Task A_memory_is_added_read_changed_and_deleted_and_its_history_tells()
    {
        using var person = await Person.RegisterAsync(Host);
        var id = await AddAsync(person, "ada", "Likes green tea.", new { source = "form" });
        var memory = await CallAsync(person, "get", new { memory_id = id });
        Assert.Multiple(() =>
        {
            Assert.That(memory.GetProperty("memory").GetString(), Is.EqualTo("Likes green tea."));
            Assert.That(memory.GetProperty("user_id").GetString(), Is.EqualTo("ada"));
            Assert.That(memory.GetProperty("metadata").GetProperty("source").GetString(), Is.EqualTo("form"));
        });
        var updated = await CallAsync(person, "update/", new { memory_id = id, data = "Likes oolong." });
        Assert.That(updated.GetProperty("memory").GetProperty("memory").GetString(), Is.EqualTo("Likes oolong."));
        Assert.That(updated.GetProperty("message").GetString(), Is.Not.Empty);
        var history = (await CallAsync(person, "history", new { memory_id = id })).GetProperty("history").EnumerateArray().ToList();
        Assert.Multiple(() =>
        {
            Assert.That(history.Select(entry => entry.GetProperty("event").GetString()), Is.EqualTo((string[])["ADD", "UPDATE"]));
            Assert.That(history[0].GetProperty("old_memory").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(history[1].GetProperty("old_memory").GetString(), Is.EqualTo("Likes green tea."));
            Assert.That(history[1].GetProperty("new_memory").GetString(), Is.EqualTo("Likes oolong."));
            Assert.That(history.Select(entry => entry.GetProperty("memory_id").GetString()), Is.All.EqualTo(id));
            Assert.That(history.Select(entry => entry.GetProperty("id").GetString()), Is.Unique);
        });
        await CallAsync(person, "delete", new { memory_id = id });
        await CallAsync(person, "get", new { memory_id = id }, HttpStatusCode.NotFound);
        await CallAsync(person, "delete", new { memory_id = id }, HttpStatusCode.NotFound);
        var last = (await CallAsync(person, "history", new { memory_id = id })).GetProperty("history").EnumerateArray().Single();
        Assert.That(last.GetProperty("event").GetString(), Is.EqualTo("DELETE"));
        Assert.That(last.ToString(), Does.Not.Contain("oolong"), "What was deleted is gone.");
    }

    [Test]
    public async Task Memories_of_a_user_are_listed_and_deleted()
    {
        using var person = await Person.RegisterAsync(Host);
        await AddAsync(person, "ada", "Likes green tea.");
        await AddAsync(person, "ada", "Plays the cello.");
        await AddAsync(person, "bob", "Owns a kayak.");
        Assert.That(await TextsAsync(person, new { user_id = "ada" }), Is.EqualTo((string[])["Plays the cello.", "Likes green tea."]));
        Assert.That(await TextsAsync(person, new { user_id = "nobody" }), Is.Empty);
        var deleted = await CallAsync(person, "delete_all", new { user_id = "ada" });
        Assert.That(deleted.GetProperty("deleted").GetInt32(), Is.EqualTo(2));
        Assert.That(await TextsAsync(person, new { user_id = "ada" }), Is.Empty);
        Assert.That(await TextsAsync(person, new { user_id = "bob" }), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Without_a_user_an_owner_gets_the_memories_of_all_and_a_member_its_own()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        await AddAsync(owner, "ada", "Likes green tea.");
        await AddAsync(owner, "bob", "Owns a kayak.");
        Assert.That(await TextsAsync(owner, new { }), Is.EqualTo((string[])["Owns a kayak.", "Likes green tea."]));
        using var anonymous = await ActAsync(owner, member, "member");
        await owner.PostAsync("/v1/memories", new { text = "Plays the cello.", user_id = member.AccountId });
        Assert.That(
            (await anonymous.SendJsonAsync(HttpMethod.Post, "/memory/get_all", "{}", HttpStatusCode.OK)).GetProperty("memories").EnumerateArray().Single().GetProperty("memory").GetString(),
            Is.EqualTo("Plays the cello."));
    }

    [Test]
    public async Task A_reset_is_for_owners_and_admins_and_takes_everything_of_the_tenant()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        using var stranger = await Person.RegisterAsync(Host);
        var id = await AddAsync(owner, "ada", "Likes green tea.");
        await AddAsync(owner, "bob", "Owns a kayak.");
        var deleted = await AddAsync(owner, "bob", "Owned a raft.");
        await CallAsync(owner, "delete", new { memory_id = deleted });
        await AddAsync(stranger, "ada", "Another tenant's.");
        using var asMember = await ActAsync(owner, member, "member");
        await asMember.SendJsonAsync(HttpMethod.Post, "/memory/reset", "{}", HttpStatusCode.Forbidden);
        using var writer = await KeyAsync(owner, "read", "write");
        await writer.SendJsonAsync(HttpMethod.Post, "/memory/reset", null, HttpStatusCode.Forbidden);
        Assert.That(await TextsAsync(owner, new { }), Has.Count.EqualTo(2));

        using var admin = await KeyAsync(owner, "read", "write", "admin");
        Assert.That((await admin.SendJsonAsync(HttpMethod.Post, "/memory/reset/", null, HttpStatusCode.OK)).GetProperty("message").GetString(), Is.Not.Empty);
        Assert.That(await TextsAsync(owner, new { }), Is.Empty);
        Assert.That(await TextsAsync(stranger, new { }), Has.Count.EqualTo(1), "Another tenant keeps its own.");
        foreach (var gone in (string[])[id, deleted])
        {
            await CallAsync(owner, "history", new { memory_id = gone }, HttpStatusCode.NotFound);
        }

        await Eventually.TrueAsync(
            async () => (await owner.GetAsync($"/v1/organizations/{owner.TenantId}/audit")).ToString().Contains("\"memories.reset\"", StringComparison.Ordinal),
            TimeSpan.FromSeconds(20),
            () => "The audit log does not tell of it.");
        await AddAsync(owner, "ada", "Begins anew.");
        Assert.That(await TextsAsync(owner, new { user_id = "ada" }), Is.EqualTo((string[])["Begins anew."]));
    }

    [TestCase("add", """{"user_id":"a"}""", "data")]
    [TestCase("add", """{"data":"x"}""", "user_id")]
    [TestCase("add", """{"data":"","user_id":"a"}""", "data")]
    [TestCase("get", "{}", "memory_id")]
    [TestCase("update", """{"memory_id":"x"}""", "data")]
    [TestCase("history", "{}", "memory_id")]
    [TestCase("delete", "{}", "memory_id")]
    [TestCase("delete_all", "{}", "user_id")]
    public async Task What_is_missing_is_named(string call, string body, string field)
    {
        using var person = await Person.RegisterAsync(Host);
        var problem = await CallAsync(person, call, body, HttpStatusCode.BadRequest);
        Assert.That(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Test]
    public async Task What_is_anothers_answers_like_what_is_not_there()
    {
        using var person = await Person.RegisterAsync(Host);
        using var stranger = await Person.RegisterAsync(Host);
        using var anonymous = Host.CreateClient();
        var id = await AddAsync(person, "ada", "Likes green tea.");
        foreach (var (call, body) in ((string, object)[])[("get", new { memory_id = id }), ("update", new { memory_id = id, data = "x" }), ("history", new { memory_id = id }), ("delete", new { memory_id = id })])
        {
            var foreign = await CallAsync(stranger, call, body, HttpStatusCode.NotFound);
            var unknown = await CallAsync(
                stranger, call, JsonSerializer.Serialize(body).Replace(id, "018f0000-0000-7000-8000-000000000000", StringComparison.Ordinal), HttpStatusCode.NotFound);
            Assert.That(foreign.ToString(), Is.EqualTo(unknown.ToString()), call);
            await anonymous.SendJsonAsync(HttpMethod.Post, $"/memory/{call}", body, HttpStatusCode.Unauthorized);
        }
    }

    /// <summary>A client with a key that the member of a tenant made there: it acts in that tenant.</summary>
    private async Task<HttpClient> ActAsync(Person owner, Person member, string role)
    {
        await owner.PostAsync($"/v1/organizations/{owner.TenantId}/members", new { user_id = member.AccountId, role });
        var key = await member.PostAsync("/v1/auth/api-keys", new { name = "app", tenant_id = owner.TenantId, scopes = (string[])["read", "write", "admin"] });
        return Client(key);
    }

    private async Task<HttpClient> KeyAsync(Person owner, params string[] scopes) => Client(await owner.PostAsync("/v1/auth/api-keys", new { name = "app", scopes }));

    private HttpClient Client(JsonElement key)
    {
        var client = Host.CreateClient();
        client.DefaultRequestHeaders.Add("x-api-key", key.GetProperty("key").GetString());
        return client;
    }

    private static async Task<string> AddAsync(Person person, string userId, string data, object? metadata = null)
        => (await CallAsync(person, "add", new { data, user_id = userId, metadata }, HttpStatusCode.Created)).GetProperty("result").GetString()!;

    private static async Task<List<string?>> TextsAsync(Person person, object body)
        => [.. (await CallAsync(person, "get_all", body)).GetProperty("memories").EnumerateArray().Select(memory => memory.GetProperty("memory").GetString())];

    private static Task<JsonElement> CallAsync(Person person, string call, object body, HttpStatusCode status = HttpStatusCode.OK)
        => person.SendAsync(HttpMethod.Post, $"/memory/{call}", body, status);
}
