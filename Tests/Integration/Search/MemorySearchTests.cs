using System.Net;
using System.Text;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Search;

public class MemorySearchTests(HostKind kind) : FunctionalTests(kind)
{
    [Test]
    public async Task A_memory_is_found_with_its_parts()
    {
        using var person = await Person.RegisterAsync(Host);
        await AddAsync(person, new { text = "Prefers green tea in the morning", category = "preference", importance = .8 });
        await AddAsync(person, new { text = "Works as a gardener" });
        var results = (await FindAsync(person, "teas&explain=true")).ToList();
        Assert.That(results, Has.Count.EqualTo(1));
        var memory = results[0].GetProperty("memory");
        Assert.Multiple(() =>
        {
            Assert.That(memory.GetProperty("text").GetString(), Does.Contain("green tea"));
            Assert.That(memory.GetProperty("scope").GetString(), Is.EqualTo("user"));
            Assert.That(memory.GetProperty("user_id").GetString(), Is.EqualTo(person.AccountId));
            Assert.That(memory.GetProperty("category").GetString(), Is.EqualTo("preference"));
            Assert.That(memory.GetProperty("importance").GetDouble(), Is.EqualTo(.8));
        });
        var explain = results[0].GetProperty("explain");
        Assert.That(
            explain.GetProperty("similarity").GetDouble() * explain.GetProperty("importance").GetDouble() * explain.GetProperty("decay").GetDouble(),
            Is.EqualTo(results[0].GetProperty("score").GetDouble()).Within(1e-9));
        Assert.That(await FindAsync(person, "tea&category=preference"), Has.Count.EqualTo(1));
        Assert.That(await FindAsync(person, "tea&category=name"), Is.Empty);
        Assert.That(await FindAsync(person, "tea&min_importance=0.9"), Is.Empty);
        Assert.That(await FindAsync(person, "tea&to=2020-01-01"), Is.Empty);
    }

    [Test]
    public async Task A_person_finds_its_own_memories_and_those_of_its_organization()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        var tenant = (await owner.PostAsync("/v1/organizations", new { name = "Tea house" })).GetProperty("id").GetString()!;
        await owner.PostAsync($"/v1/organizations/{tenant}/members", new { user_id = member.AccountId, role = "member" });
        await AddAsync(owner, new { tenant_id = tenant, text = "The owner drinks tea" });
        await AddAsync(owner, new { tenant_id = tenant, text = "The house serves tea", scope = "organization" });
        await AddAsync(member, new { tenant_id = tenant, text = "The member drinks tea" });

        async Task<string[]> Texts(Person person, string parameters)
            => [.. (await FindAsync(person, $"tea&tenant_id={tenant}{parameters}")).Select(result => result.GetProperty("memory").GetProperty("text").GetString()!)];

        await Eventually.TrueAsync(
            async () => (await Texts(member, "")).Length == 2, TimeSpan.FromSeconds(10), () => "The memories were not found.");
        Assert.That(await Texts(member, "&scope=user"), Has.Length.EqualTo(1).And.All.Contain("member"));
        Assert.That(await Texts(member, "&scope=organization"), Has.Length.EqualTo(1).And.All.Contain("house"));
        Assert.That(await Texts(member, "&scope=team"), Is.Empty);
        Assert.That(await Texts(owner, $"&scope=user&user_id={member.AccountId}"), Has.Length.EqualTo(1).And.All.Contain("member"));
        await member.SendAsync(HttpMethod.Get, $"/v1/memories/search?query=tea&tenant_id={tenant}&user_id={owner.AccountId}", null, HttpStatusCode.NotFound);
    }

    [Test]
    public async Task A_deleted_memory_is_not_found()
    {
        using var person = await Person.RegisterAsync(Host);
        var id = await AddAsync(person, new { text = "Owns a parrot" });
        Assert.That(await FindAsync(person, "parrot"), Has.Count.EqualTo(1));
        using var deleted = await person.Client.DeleteAsync(new Uri($"/v1/memories/{id}", UriKind.Relative));
        Assert.That(await FindAsync(person, "parrot"), Is.Empty);
    }

    [Test]
    public async Task Nothing_is_recalled_of_one_who_opted_out()
    {
        using var person = await Person.RegisterAsync(Host);
        await AddAsync(person, new { text = "Owns a parrot" });
        await person.PostAsync("/v1/messages?wait=indexed", new { conversation_id = "c", role = "user", content = "My parrot talks" });
        await person.SendAsync(HttpMethod.Put, "/v1/memories/settings", new { opted_out = true });
        Assert.That(await FindAsync(person, "parrot"), Is.Empty);
        Assert.That((await person.GetAsync("/v1/memory/search?query=parrot")).GetProperty("count").GetInt32(), Is.Zero);
    }

    [TestCase("", "query")]
    [TestCase("query=tea&top_k=-1", "top_k")]
    [TestCase("query=tea&scope=world", "scope")]
    [TestCase("query=tea&to=1", "to")]
    public async Task A_value_that_is_not_allowed_is_named(string parameters, string field)
    {
        using var person = await Person.RegisterAsync(Host);
        var problem = await person.SendAsync(HttpMethod.Get, $"/v1/memories/search?{parameters}", null, HttpStatusCode.BadRequest);
        Assert.That(problem.GetProperty("errors").EnumerateObject().Select(error => error.Name), Is.EqualTo((string[])[field]));
    }

    /// <summary>Adds a memory and waits until it is completed, that is, in the index.</summary>
    private static async Task<string> AddAsync(Person person, object memory)
    {
        using var response = await person.Client.PostAsync(
            new Uri("/v1/memories", UriKind.Relative),
            new StringContent(JsonSerializer.Serialize(memory), Encoding.UTF8, "application/json"));
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.IsSuccessStatusCode, text);
        var id = JsonDocument.Parse(text).RootElement.GetProperty("id").GetString()!;
        var tenant = JsonSerializer.SerializeToElement(memory).TryGetProperty("tenant_id", out var given) ? $"?tenant_id={given.GetString()}" : "";
        await Eventually.TrueAsync(
            async () => (await person.GetAsync($"/v1/memories/{id}{tenant}")).GetProperty("status").GetString() == "completed",
            TimeSpan.FromSeconds(10),
            () => "The memory was not completed.");
        return id;
    }

    private static async Task<List<JsonElement>> FindAsync(Person person, string query)
        => [.. (await person.GetAsync($"/v1/memories/search?query={query}")).GetProperty("results").EnumerateArray()];
}
