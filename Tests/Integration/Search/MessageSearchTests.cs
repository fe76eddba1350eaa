using System.Net;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Search;

public class MessageSearchTests(HostKind kind) : FunctionalTests(kind)
{
    [Test]
    public async Task The_quick_start_finds_its_message()
    {
        using var person = await Person.RegisterAsync(Host);
        var tenant = $"my-app-{Guid.NewGuid():N}"[..20];
        await person.PostAsync("/v1/messages?wait=indexed", new { tenant_id = tenant, conversation_id = "user-123", role = "user", content = "I need help with Python programming" });
        var answer = await person.GetAsync($"/v1/memory/search?tenant_id={tenant}&query=Python&top_k=5");
        Assert.That(answer.GetProperty("query").GetString(), Is.EqualTo("Python"));
        Assert.That(answer.GetProperty("count").GetInt32(), Is.EqualTo(1));
        Assert.That(answer.GetProperty("took_ms").GetDouble(), Is.GreaterThan(0));
        var result = answer.GetProperty("results")[0];
        Assert.That(result.TryGetProperty("explain", out _), Is.False);
        var message = result.GetProperty("message");
        Assert.Multiple(() =>
        {
            Assert.That(message.GetProperty("id").GetString(), Is.EqualTo(result.GetProperty("id").GetString()));
            Assert.That(message.GetProperty("conversation_id").GetString(), Is.EqualTo("user-123"));
            Assert.That(message.GetProperty("user_id").GetString(), Is.EqualTo(person.AccountId));
            Assert.That(message.GetProperty("role").GetString(), Is.EqualTo("user"));
            Assert.That(message.GetProperty("content").GetString(), Is.EqualTo("I need help with Python programming"));
        });
    }

    [Test]
    public async Task A_message_is_found_soon_without_waiting_for_the_index()
    {
        using var person = await Person.RegisterAsync(Host);
        await person.PostAsync("/v1/messages", new { conversation_id = "c", role = "user", content = "A zebra crossed the road" });
        await Eventually.TrueAsync(async () => (await FindAsync(person, "zebras")).Length == 1, Eventually.Patience, () => "The message was not found.");
    }

    [Test]
    public async Task The_parts_of_a_score_multiply_to_it()
    {
        using var person = await Person.RegisterAsync(Host);
        await SayAsync(person, "green tea and more green tea", importance: .9, at: "2024-05-01T08:00:00Z");
        await SayAsync(person, "tea", importance: .1);
        await SayAsync(person, "some tea with an assistant", role: "assistant");
        var answer = await person.GetAsync("/v1/memory/search?query=green%20tea&explain=true");
        var results = answer.GetProperty("results").EnumerateArray().ToList();
        Assert.That(results, Has.Count.EqualTo(3));
        Assert.That(results.Select(result => result.GetProperty("score").GetDouble()), Is.Ordered.Descending);
        foreach (var result in results)
        {
            var explain = result.GetProperty("explain");
            double Part(string name) => explain.GetProperty(name).GetDouble();
            Assert.That(Part("similarity") * Part("importance") * Part("decay"), Is.EqualTo(result.GetProperty("score").GetDouble()).Within(1e-9));
            Assert.That(Part("similarity"), Is.InRange(0, 1));
            Assert.That(Part("bm25"), Is.GreaterThan(0));
            Assert.That(Part("age_days"), Is.GreaterThanOrEqualTo(0));
            Assert.That(explain.GetProperty("legs")[0].GetProperty("name").GetString(), Is.EqualTo("bm25"));
        }

        Assert.That(results[0].GetProperty("explain").GetProperty("importance_value").GetDouble(), Is.EqualTo(.9));
    }

    [Test]
    public async Task Filters_narrow_the_answer()
    {
        using var person = await Person.RegisterAsync(Host);
        await SayAsync(person, "tea in spring", conversation: "one", at: "2024-04-10T10:00:00Z");
        await SayAsync(person, "tea in summer", conversation: "two", role: "assistant", at: "2024-07-10T10:00:00Z");
        await SayAsync(person, "tea in winter", conversation: "two", importance: 1, at: "2024-12-10T10:00:00+02:00");

        async Task Finds(string parameters, params string[] contents)
            => Assert.That(await FindAsync(person, $"tea&{parameters}"), Is.EquivalentTo(contents), parameters);

        await Finds("top_k=1000", "tea in spring", "tea in summer", "tea in winter");
        await Finds("conversation_id=two", "tea in summer", "tea in winter");
        await Finds("conversation_id=three");
        await Finds("role=assistant", "tea in summer");
        await Finds("role=assistant,user&conversation_id=two", "tea in summer", "tea in winter");
        await Finds("from=2024-07-10", "tea in summer", "tea in winter");
        await Finds("to=2024-07-10", "tea in spring", "tea in summer");
        await Finds("from=2024-12-10T07:59:59Z&to=2024-12-10T10:00:00+02:00", "tea in winter");
        await Finds("from=2024-12-10T08:00:01Z");
        await Finds("min_importance=0.8", "tea in winter");
        await Finds($"user_id={person.AccountId}", "tea in spring", "tea in summer", "tea in winter");
        await Finds("user_id=somebody");
        Assert.That(await FindAsync(person, "tea&top_k=2"), Has.Length.EqualTo(2));
    }

    [Test]
    public async Task Changed_and_deleted_messages_are_found_as_they_are()
    {
        using var person = await Person.RegisterAsync(Host);
        var changed = await SayAsync(person, "an elephant");
        var deleted = await SayAsync(person, "a giraffe");
        await SayAsync(person, "a rhinoceros", conversation: "whole");
        await person.SendAsync(HttpMethod.Put, $"/v1/messages/{changed}", new { content = "a tiger" });
        await person.Client.DeleteAsync(new Uri($"/v1/messages/{deleted}", UriKind.Relative));
        await person.Client.DeleteAsync(new Uri("/v1/conversations/whole", UriKind.Relative));
        Assert.That(await FindAsync(person, "giraffe"), Is.Empty);
        Assert.That(await FindAsync(person, "rhinoceros"), Is.Empty);
        await Eventually.TrueAsync(
            async () => (await FindAsync(person, "elephant")).Length == 0 && (await FindAsync(person, "tiger")).Length == 1,
            TimeSpan.FromSeconds(10),
            () => "The change was not taken over.");
    }

    [Test]
    public async Task A_conversation_written_again_after_its_deletion_is_found()
    {
        using var person = await Person.RegisterAsync(Host);
        await SayAsync(person, "the first walrus", conversation: "again");
        await person.Client.DeleteAsync(new Uri("/v1/conversations/again", UriKind.Relative));
        await SayAsync(person, "the second walrus", conversation: "again");
        await Eventually.TrueAsync(
            async () => (await FindAsync(person, "walrus")) is ["the second walrus"], TimeSpan.FromSeconds(10), () => "The new message was not found.");
    }

    [Test]
    public async Task Another_tenants_messages_are_not_found_and_its_search_is_not_there()
    {
        using var person = await Person.RegisterAsync(Host);
        using var stranger = await Person.RegisterAsync(Host);
        await SayAsync(person, "our zq secret");
        Assert.That(await FindAsync(stranger, "secret"), Is.Empty);
        var foreign = await stranger.Client.GetAsync(new Uri($"/v1/memory/search?tenant_id={person.TenantId}&query=secret", UriKind.Relative));
        var unknown = await stranger.Client.GetAsync(new Uri($"/v1/memory/search?tenant_id={Guid.NewGuid()}&query=secret", UriKind.Relative));
        Assert.That(foreign.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await foreign.Content.ReadAsStringAsync(), Is.EqualTo(await unknown.Content.ReadAsStringAsync()));
    }

    [Test]
    public async Task A_member_finds_its_own_messages_and_an_owner_those_of_every_subject()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        var tenant = await OrganizationAsync(owner, member);
        await SayAsync(owner, "tea of the owner", conversation: "one", tenant: tenant);
        await SayAsync(member, "tea of the member", conversation: "two", tenant: tenant);
        await SayAsync(owner, "tea of a customer", conversation: "three", tenant: tenant, user: "customer-1");
        Assert.That(await FindAsync(owner, $"tea&tenant_id={tenant}"), Has.Length.EqualTo(3));
        Assert.That(await FindAsync(owner, $"tea&tenant_id={tenant}&user_id=customer-1"), Is.EqualTo((string[])["tea of a customer"]));
        Assert.That(await FindAsync(member, $"tea&tenant_id={tenant}"), Is.EqualTo((string[])["tea of the member"]));
        await member.SendAsync(HttpMethod.Get, $"/v1/memory/search?query=tea&tenant_id={tenant}&user_id=customer-1", null, HttpStatusCode.NotFound);
    }

    [TestCase("!!! ???")]
    [TestCase("😀")]
    [TestCase("\" OR scope:* --")]
    [TestCase("tea* AND (NEAR(")]
    public async Task Signs_in_a_query_are_no_operators(string query)
    {
        using var person = await Person.RegisterAsync(Host);
        await SayAsync(person, "tea and coffee");
        Assert.That(await FindAsync(person, Uri.EscapeDataString(query)), Has.Length.EqualTo(query.StartsWith("tea", StringComparison.Ordinal) ? 1 : 0));
    }

    [TestCase("", "query")]
    [TestCase("query=", "query")]
    [TestCase("query=%20", "query")]
    [TestCase("query=%00", "query")]
    [TestCase("query=tea&top_k=0", "top_k")]
    [TestCase("query=tea&top_k=1001", "top_k")]
    [TestCase("query=tea&top_k=many", "top_k")]
    [TestCase("query=tea&role=robot", "role")]
    [TestCase("query=tea&from=yesterday", "from")]
    [TestCase("query=tea&from=2024-13-01", "from")]
    [TestCase("query=tea&from=2024-02-02&to=2024-02-01", "to")]
    [TestCase("query=tea&min_importance=2", "min_importance")]
    [TestCase("query=tea&min_importance=NaN", "min_importance")]
    [TestCase("query=tea&explain=perhaps", "explain")]
    [TestCase("query=tea&conversation_id=%01", "conversation_id")]
    [TestCase("query=tea&user_id=", "user_id")]
    [TestCase("query=tea&tenant_id=%00", "tenant_id")]
    public async Task A_value_that_is_not_allowed_is_named(string parameters, string field)
    {
        using var person = await Person.RegisterAsync(Host);
        var problem = await person.SendAsync(HttpMethod.Get, $"/v1/memory/search?{parameters}", null, HttpStatusCode.BadRequest);
        Assert.That(problem.GetProperty("type").GetString(), Is.EqualTo("urn:memorymesh:problem:invalid-request"));
        Assert.That(problem.GetProperty("errors").EnumerateObject().Select(error => error.Name), Is.EqualTo((string[])[field]));
    }

    [Test]
    public async Task A_query_may_have_4096_bytes_and_no_more()
    {
        using var person = await Person.RegisterAsync(Host);
        await person.GetAsync($"/v1/memory/search?query={new string('x', 4_096)}");
        await person.SendAsync(HttpMethod.Get, $"/v1/memory/search?query={new string('x', 4_097)}", null, HttpStatusCode.BadRequest);
    }

    [Test]
    public async Task Nobody_searches_without_credentials()
    {
        using var client = Host.CreateClient();
        await client.SendJsonAsync(HttpMethod.Get, "/v1/memory/search?query=tea", null, HttpStatusCode.Unauthorized);
        await client.SendJsonAsync(HttpMethod.Get, "/v1/memories/search?query=tea", null, HttpStatusCode.Unauthorized);
    }

    [TestCase("我喜欢喝绿茶", "绿茶")]
    [TestCase("昨日は東京へ行きました", "東京")]
    [TestCase("우리는 파이썬을 배운다", "파이썬")]
    [TestCase("Der Café-Besitzer heißt Łukasz", "lukasz")]
    [TestCase("The class getUserName in C#", "user_name")]
    public async Task Words_of_other_languages_and_names_of_code_are_found(string content, string query)
    {
        using var person = await Person.RegisterAsync(Host);
        await SayAsync(person, content);
        Assert.That(await FindAsync(person, Uri.EscapeDataString(query)), Is.EqualTo((string[])[content]));
    }

    private static async Task<string> OrganizationAsync(Person owner, Person member)
    {
        var organization = (await owner.PostAsync("/v1/organizations", new { name = "Tea house" })).GetProperty("id").GetString()!;
        await owner.PostAsync($"/v1/organizations/{organization}/members", new { user_id = member.AccountId, role = "member" });
        return organization;
    }

    private static async Task<string> SayAsync(
        Person person, string content, string conversation = "c", string role = "user", double? importance = null, string? at = null, string? tenant = null, string? user = null)
        => (await person.PostAsync(
            "/v1/messages?wait=indexed",
            new { tenant_id = tenant, conversation_id = conversation, role, content, importance, created_at = at, user_id = user })).GetProperty("id").GetString()!;

    private static async Task<string[]> FindAsync(Person person, string query)
        => [.. (await person.GetAsync($"/v1/memory/search?query={query}")).GetProperty("results").EnumerateArray()
            .Select(result => result.GetProperty("message").GetProperty("content").GetString()!)];
}
