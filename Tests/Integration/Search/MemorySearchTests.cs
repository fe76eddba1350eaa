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

    [Test]
    public async Task Earlier_values_are_found_by_who_asks_for_them_and_labelled()
    {
        using var person = await Person.RegisterAsync(Host);
        await SayAsync(person, "I live in Berlin.", "2020-01-01T00:00:00Z");
        await WaitForAsync(person, "live", ["User lives in Berlin."]);
        await SayAsync(person, "I moved to Munich.", "2022-01-01T00:00:00Z");
        await WaitForAsync(person, "live", ["User lives in Munich."]);
        await WaitForAsync(person, "live&view=superseded", ["User lives in Berlin.", "User lives in Munich."]);
        var results = await FindAsync(person, "live&view=superseded&highlights=true");
        var berlin = results.Single(result => TextOf(result) == "User lives in Berlin.").GetProperty("memory");
        var munich = results.Single(result => TextOf(result) == "User lives in Munich.").GetProperty("memory");
        Assert.Multiple(async () =>
        {
            Assert.That((berlin.GetProperty("state").GetString(), munich.GetProperty("state").GetString()), Is.EqualTo(("superseded", "current")));
            Assert.That(berlin.GetProperty("superseded_by").GetString(), Is.EqualTo(munich.GetProperty("id").GetString()));
            Assert.That(berlin.GetProperty("valid_to").GetDateTimeOffset(), Is.EqualTo(munich.GetProperty("valid_from").GetDateTimeOffset()));
            Assert.That(results.All(result => result.GetProperty("highlights").GetArrayLength() == 1));
            Assert.That(await TextsAsync(person, "live&as_of=2021-01-01"), Is.EqualTo((string[])["User lives in Berlin."]));
            Assert.That(await TextsAsync(person, "live&as_of=2023-01-01"), Is.EqualTo((string[])["User lives in Munich."]));
            Assert.That(await TextsAsync(person, "live&as_of=2019-01-01"), Is.Empty);
            Assert.That(await TextsAsync(person, "live&as_of=2021-01-01&basis=system"), Is.Empty, "Nothing had been heard then.");
            var heard = Uri.EscapeDataString(berlin.GetProperty("created_at").GetDateTimeOffset().AddMilliseconds(1).ToString("o"));
            Assert.That(await TextsAsync(person, $"live&as_of={heard}&basis=system"), Is.EqualTo((string[])["User lives in Berlin."]));
        });

        // What is taken back was true at no time; undone, it holds again.
        await person.SendAsync(HttpMethod.Post, $"/v1/memories/{munich.GetProperty("id").GetString()}/undo", null);
        await WaitForAsync(person, "live", ["User lives in Berlin."]);
        await WaitForAsync(person, "live&view=all", ["User lives in Berlin.", "User lives in Munich."]);
        Assert.That(await TextsAsync(person, "live&view=superseded"), Is.EqualTo((string[])["User lives in Berlin."]));
        Assert.That(await TextsAsync(person, "live&as_of=2023-01-01"), Is.EqualTo((string[])["User lives in Berlin."]));
    }

    [Test]
    public async Task A_body_asks_with_a_tree_of_conditions_several_categories_and_pages()
    {
        using var person = await Person.RegisterAsync(Host);
        await AddAsync(person, new { text = "Tea from Assam", category = "preference", metadata = new { shelf = 1 } });
        await AddAsync(person, new { text = "Tea from Ceylon", category = "interest", metadata = new { shelf = 2 } });
        await AddAsync(person, new { text = "Tea from China", category = "goal", metadata = new { shelf = 3 } });
        Task<JsonElement> Search(object body) => person.SendAsync(HttpMethod.Post, "/v1/memories/search", body);
        async Task<string[]> Texts(object body) => [.. (await Search(body)).GetProperty("results").EnumerateArray().Select(TextOf).Order(StringComparer.Ordinal)];

        Assert.That(await Texts(new { query = "tea", category = "preference,goal" }), Is.EqualTo((string[])["Tea from Assam", "Tea from China"]));
        Assert.That(await FindAsync(person, "tea&category=preference,interest"), Has.Count.EqualTo(2));
        var filter = JsonElement.Parse("""{"or": [{"field": "metadata.shelf", "op": "eq", "value": 3}, {"not": {"field": "metadata.shelf", "op": "gt", "value": 1}}]}""");
        Assert.That(await Texts(new { query = "tea", filter }), Is.EqualTo((string[])["Tea from Assam", "Tea from China"]));
        var first = await Search(new { query = "tea", top_k = 2 });
        var second = await Search(new { query = "tea", top_k = 2, cursor = first.GetProperty("next_cursor").GetString() });
        var all = first.GetProperty("results").EnumerateArray().Concat(second.GetProperty("results").EnumerateArray()).Select(TextOf).ToList();
        Assert.That(all, Is.Unique.And.Count.EqualTo(3));
        Assert.That(second.TryGetProperty("next_cursor", out _), Is.False);
        foreach (var wrong in (object[])
        [
            new { query = "tea", filter = JsonElement.Parse("""{"and": [{"field": "role", "op": "eq", "value": "user"}]}""") },
            new { query = "tea", view = "some" },
            new { query = "tea", view = "all", as_of = "2024-01-01" },
            new { query = "tea", basis = "system" },
            new { query = "tea", cursor = "1.0" },
            new { query = "tea", roles = "user" },
        ])
        {
            await person.SendAsync(HttpMethod.Post, "/v1/memories/search", wrong, HttpStatusCode.BadRequest);
        }
    }

    [TestCase("", "query")]
    [TestCase("query=tea&top_k=-1", "top_k")]
    [TestCase("query=tea&scope=world", "scope")]
    [TestCase("query=tea&to=1", "to")]
    [TestCase("query=tea&view=past", "view")]
    [TestCase("query=tea&basis=world", "basis")]
    [TestCase("query=tea&as_of=then", "as_of")]
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

    private static Task<JsonElement> SayAsync(Person person, string content, string at)
        => person.PostAsync("/v1/messages", new { conversation_id = "c", role = "user", content, created_at = at });

    private static string TextOf(JsonElement result) => result.GetProperty("memory").GetProperty("text").GetString()!;

    private static async Task<string[]> TextsAsync(Person person, string query) => [.. (await FindAsync(person, query)).Select(TextOf).Order(StringComparer.Ordinal)];

    private static async Task WaitForAsync(Person person, string query, string[] texts)
    {
        string[] found = [];
        await Eventually.TrueAsync(
            async () => (found = await TextsAsync(person, query)).SequenceEqual(texts), Eventually.Patience, () => $"Expected {string.Join(" | ", texts)}, found {string.Join(" | ", found)}");
    }

    private static async Task<List<JsonElement>> FindAsync(Person person, string query)
        => [.. (await person.GetAsync($"/v1/memories/search?query={query}")).GetProperty("results").EnumerateArray()];
}
