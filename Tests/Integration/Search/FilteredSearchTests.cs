using System.Net;
using System.Text;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Search;

public class FilteredSearchTests(HostKind kind) : FunctionalTests(kind)
{
    private Person _person = null!;

    [SetUp]
    public async Task EnterAsync() => _person = await Person.RegisterAsync(Host);

    [TearDown]
    public void Leave() => _person.Dispose();

    [Test]
    public async Task Messages_are_found_by_thread_and_metadata()
    {
        var root = await SayAsync("tea one", metadata: new { kind = "green", cups = 2, tags = new[] { "hot" } });
        var reply = await SayAsync("tea two", root, "assistant", metadata: new { kind = "black", cups = 5 });
        await SayAsync("tea three", reply);
        await SayAsync("tea four", conversation: "d", metadata: new { kind = "green", shop = new { city = "Kyoto" } });

        async Task Finds(string parameters, params string[] contents)
        {
            var answer = await _person.GetAsync($"/v1/memory/search?query=tea&{parameters}");
            Assert.That(Contents(answer), Is.EquivalentTo(contents), parameters);
            Assert.That(answer.GetProperty("truncated").GetBoolean(), Is.False, parameters);
        }

        await Finds($"thread={root}", "tea one", "tea two", "tea three");
        await Finds($"thread={reply}&role=assistant", "tea two");
        await Finds($"thread={root}&conversation_id=d");
        await Finds($"thread={Guid.NewGuid()}");
        await Finds("metadata=kind:eq:green", "tea one", "tea four");
        await Finds("metadata=kind:eq:green&metadata=cups:gt:1", "tea one");
        await Finds("metadata=kind:in:black,white", "tea two");
        await Finds("metadata=cups:lt:5", "tea one");
        await Finds("metadata=tags:contains:hot", "tea one");
        await Finds("metadata=shop.city:contains:kyo", "tea four");
        await Finds("metadata=kind:exists:false", "tea three");
        await Finds("metadata=kind:ne:green", "tea two", "tea three");
    }

    [Test]
    public async Task A_body_holds_a_tree_of_conditions()
    {
        await SayAsync("tea one", role: "user", at: "2026-01-01T10:00:00Z", metadata: new { n = 1 });
        await SayAsync("tea two", role: "assistant", at: "2026-01-02T10:00:00Z", metadata: new { n = 2 });
        await SayAsync("tea three", role: "user", at: "2026-01-03T10:00:00Z", metadata: new { n = 3 }, conversation: "d");

        async Task Finds(string filter, params string[] contents)
        {
            var answer = await SearchAsync($$"""{"query": "tea", "filter": {{filter}}}""");
            Assert.That(Contents(answer), Is.EquivalentTo(contents), filter);
        }

        await Finds("null", "tea one", "tea two", "tea three");
        await Finds("""{"field": "role", "op": "eq", "value": "user"}""", "tea one", "tea three");
        await Finds("""{"and": [{"field": "role", "op": "in", "value": ["user"]}, {"field": "created_at", "op": "gt", "value": "2026-01-01"}]}""", "tea three");
        await Finds("""{"and": [{"field": "created_at", "op": "lte", "value": "2026-01-02"}, {"field": "created_at", "op": "gte", "value": "2026-01-02"}]}""", "tea two");
        await Finds("""{"field": "conversation_id", "op": "eq", "value": "d"}""", "tea three");
        await Finds("""{"not": {"field": "conversation_id", "op": "eq", "value": "d"}}""", "tea one", "tea two");
        await Finds($$"""{"field": "user_id", "op": "eq", "value": "{{_person.AccountId}}"}""", "tea one", "tea two", "tea three");
        await Finds("""{"field": "user_id", "op": "eq", "value": "nobody"}""");
        await Finds("""{"or": [{"field": "metadata.n", "op": "eq", "value": 1}, {"and": [{"field": "metadata.n", "op": "gt", "value": 2}, {"field": "role", "op": "eq", "value": "user"}]}]}""", "tea one", "tea three");
        var all = await SearchAsync("""{"query": "tea", "role": ["user"], "from": "2026-01-02", "to": "2026-01-31", "top_k": 1, "explain": true, "min_importance": 0.1}""");
        Assert.That(Contents(all), Is.EqualTo((string[])["tea three"]));
        Assert.That(all.GetProperty("results")[0].TryGetProperty("explain", out _), Is.True);
    }

    [Test]
    public async Task A_search_that_ends_at_its_bound_says_so()
    {
        for (var batch = 0; batch < 17; batch++)
        {
            var messages = Enumerable.Range(0, 500).Select(i => new
            {
                conversation_id = "many", role = "user", content = "tea", extract_memory = false, metadata = new { last = batch == 16 && i == 499 },
            });
            await _person.SendAsync(HttpMethod.Post, "/v1/messages/batch", new { messages });
        }

        // So many take longer to be indexed than a request waits.
        await _person.PostAsync("/v1/messages", new { conversation_id = "c", role = "user", content = "tea of the end", metadata = new { end = true } });
        await Eventually.TrueAsync(
            async () => (await _person.GetAsync("/v1/memory/search?query=tea&metadata=end:eq:true&top_k=5&conversation_id=c")).GetProperty("count").GetInt32() == 1,
            Eventually.Patience,
            () => "The last message was not indexed.");
        var many = await _person.GetAsync("/v1/memory/search?query=tea&metadata=last:eq:false&top_k=5");
        Assert.That(many.GetProperty("count").GetInt32(), Is.EqualTo(5));
        Assert.That(many.GetProperty("truncated").GetBoolean(), Is.False);
        var none = await _person.GetAsync("/v1/memory/search?query=tea&metadata=missing:exists&top_k=5");
        Assert.That(none.GetProperty("count").GetInt32(), Is.Zero);
        Assert.That(none.GetProperty("truncated").GetBoolean(), Is.True);
        var narrow = await _person.GetAsync("/v1/memory/search?query=tea&metadata=missing:exists&top_k=5&conversation_id=c");
        Assert.That(narrow.GetProperty("truncated").GetBoolean(), Is.False);
    }

    [Test]
    public async Task Memories_are_found_by_metadata()
    {
        await _person.PostAsync("/v1/memories", new { text = "Likes green tea.", metadata = new { source = "form" } });
        await _person.PostAsync("/v1/memories", new { text = "Drinks tea at noon.", metadata = new { source = "call" } });
        await Eventually.TrueAsync(
            async () => (await _person.GetAsync("/v1/memories/search?query=tea")).GetProperty("count").GetInt32() == 2, TimeSpan.FromSeconds(10), () => "They were not found.");
        var found = await _person.GetAsync("/v1/memories/search?query=tea&metadata=source:eq:form");
        Assert.That(found.GetProperty("results").EnumerateArray().Single().GetProperty("memory").GetProperty("text").GetString(), Is.EqualTo("Likes green tea."));
        Assert.That(found.GetProperty("truncated").GetBoolean(), Is.False);
    }

    [Test]
    public async Task Conditions_do_not_reach_further_than_the_caller_may()
    {
        using var member = await Person.RegisterAsync(Host);
        var tenant = (await _person.PostAsync("/v1/organizations", new { name = "Tea house" })).GetProperty("id").GetString()!;
        await _person.PostAsync($"/v1/organizations/{tenant}/members", new { user_id = member.AccountId, role = "member" });
        var secret = (await _person.PostAsync(
            "/v1/messages?wait=indexed", new { tenant_id = tenant, conversation_id = "o", role = "user", content = "tea of the owner", metadata = new { a = 1 } })).GetProperty("id").GetString();
        foreach (var parameters in new[] { $"thread={secret}", "metadata=a:eq:1", "conversation_id=o" })
        {
            Assert.That(Contents(await member.GetAsync($"/v1/memory/search?query=tea&tenant_id={tenant}&{parameters}")), Is.Empty, parameters);
        }

        var byTree = await member.SendAsync(
            HttpMethod.Post,
            "/v1/memory/search",
            $$$"""{"query": "tea", "tenant_id": "{{{tenant}}}", "filter": {"or": [{"field": "user_id", "op": "eq", "value": "{{{_person.AccountId}}}"}, {"field": "metadata.a", "op": "exists"}]}}""");
        Assert.That(Contents(byTree), Is.Empty);
    }

    [TestCase("""{"query": "tea", "filter": {"field": "content", "op": "eq", "value": "x"}}""", "filter.field")]
    [TestCase("""{"query": "tea", "filter": {"and": [{"field": "metadata.a", "op": "like"}]}}""", "filter.and[0].op")]
    [TestCase("""{"query": "tea", "thread": "first"}""", "thread")]
    [TestCase("""{"query": "tea", "role": ["robot"]}""", "role")]
    [TestCase("""{"query": "tea", "role": [null]}""", "role")]
    [TestCase("""{"query": "tea", "top_k": 0}""", "top_k")]
    [TestCase("""{"query": "tea", "top_k": -1}""", "top_k")]
    [TestCase("""{"query": "tea", "min_importance": 1.5}""", "min_importance")]
    [TestCase("""{"query": "tea", "from": "2026-01-02", "to": "2026-01-01"}""", "to")]
    [TestCase("""{}""", "query")]
    [TestCase("""{"query": "a\ud800b"}""", "query")]
    [TestCase("""{"query": "tea", "weights": {"lexical": NaN}}""", "weights.lexical")]
    [TestCase("""{"query": "tea", "top_k": 1.5}""", "top_k")]
    [TestCase("""{"query": "tea", "topk": 5}""", "topk")]
    [TestCase("""{"query": "tea", "filter": {"xor": []}}""", "filter.xor")]
    [TestCase("""{"query": "tea", "filter": {"and": [{"field": 5}]}}""", "filter.and[0].field")]
    public async Task A_value_that_is_not_allowed_is_named(string body, string field)
    {
        var problem = await _person.SendAsync(HttpMethod.Post, "/v1/memory/search", body, HttpStatusCode.BadRequest);
        Assert.That(problem.GetProperty("errors").EnumerateObject().Select(error => error.Name), Is.EqualTo((string[])[field]));
    }

    [Test]
    public async Task Malformed_bodies_and_parameters_are_refused()
    {
        var random = new Random(4);
        const string Valid = """{"query": "tea", "filter": {"and": [{"field": "metadata.a", "op": "in", "value": [1, "x", null]}, {"not": {"field": "role", "op": "eq", "value": "user"}}]}}""";
        const string Signs = "{}[]\",:\\0e-.\u00e9x null";
        for (var i = 0; i < 300; i++)
        {
            var text = new StringBuilder(Valid);
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                var at = random.Next(text.Length);
                _ = random.Next(3) switch
                {
                    0 => text.Remove(at, 1),
                    1 => text.Insert(at, Signs[random.Next(Signs.Length)]),
                    _ => text.Insert(at, text.ToString(at, Math.Min(random.Next(20), text.Length - at))),
                };
            }

            using var content = new StringContent(text.ToString(), Encoding.UTF8, "application/json");
            using var posted = await _person.Client.PostAsync(new Uri("/v1/memory/search", UriKind.Relative), content);
            using var got = await _person.Client.GetAsync(
                new Uri($"/v1/memory/search?query=tea&metadata={Uri.EscapeDataString(text.ToString(random.Next(20), 30))}", UriKind.Relative));
            Assert.That((int)posted.StatusCode, Is.LessThan(500), text.ToString());
            Assert.That((int)got.StatusCode, Is.LessThan(500), text.ToString());
        }
    }

    private static string[] Contents(JsonElement answer)
        => [.. answer.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("message").GetProperty("content").GetString()!)];

    private Task<JsonElement> SearchAsync(string body) => _person.SendAsync(HttpMethod.Post, "/v1/memory/search", body);

    private async Task<string> SayAsync(
        string content, string? replyTo = null, string role = "user", string? at = null, object? metadata = null, string conversation = "c")
        => (await _person.PostAsync(
            "/v1/messages?wait=indexed",
            new { conversation_id = conversation, role, content, reply_to = replyTo, created_at = at, metadata })).GetProperty("id").GetString()!;
}
