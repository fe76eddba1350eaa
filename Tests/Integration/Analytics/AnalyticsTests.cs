using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Integration.Chat;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Analytics;

public class AnalyticsTests(HostKind kind) : FunctionalTests(kind)
{
    private static readonly string[] Routes = ["usage", "trends", "top-conversations", "embedding-stats"];

    [Test]
    public async Task What_happens_is_counted_at_once()
    {
        using var person = await Person.RegisterAsync(Host);
        var first = await SayAsync(person, "a", "My name is Honda.", wait: "memories");
        await SayAsync(person, "a", "Hello Honda", role: "assistant");
        await SayAsync(person, "b", "tea", user: "customer-1");
        await person.GetAsync("/v1/memory/search?query=tea");
        await person.GetAsync("/v1/memories/search?query=name");
        var usage = await person.GetAsync("/v1/analytics/usage?interval=day");
        var counts = usage.GetProperty("usage");
        Assert.Multiple(() =>
        {
            Assert.That(Of(counts, "messages_created", "total"), Is.EqualTo(3));
            Assert.That(Of(counts, "messages_created", "user"), Is.EqualTo(2));
            Assert.That(Of(counts, "messages_created", "assistant"), Is.EqualTo(1));
            Assert.That(Of(counts, "tokens", "total"), Is.EqualTo(5 + 3 + 1));
            Assert.That(Of(counts, "messages_deleted"), Is.Zero);
            Assert.That(Of(counts, "memories_added"), Is.EqualTo(1));
            Assert.That(Of(counts, "searches"), Is.EqualTo(2));
            Assert.That(Of(counts, "active_subjects"), Is.EqualTo(2));
            Assert.That(Of(usage, "current", "messages"), Is.EqualTo(3));
            Assert.That(Of(usage, "current", "conversations"), Is.EqualTo(2));
            Assert.That(Of(usage, "current", "active_memories"), Is.EqualTo(1));
            Assert.That(Of(usage, "current", "storage_bytes"), Is.EqualTo(Of(counts, "storage_bytes")).And.GreaterThan(100));
        });
        await person.Client.DeleteAsync(new Uri($"/v1/messages/{first}", UriKind.Relative));
        await person.Client.DeleteAsync(new Uri("/v1/conversations/b", UriKind.Relative));
        var after = await person.GetAsync("/v1/analytics/usage?interval=day");
        Assert.Multiple(() =>
        {
            Assert.That(Of(after, "usage", "messages_created", "total"), Is.EqualTo(3), "what was created stays counted");
            Assert.That(Of(after, "usage", "messages_deleted"), Is.EqualTo(2));
            Assert.That(Of(after, "current", "messages"), Is.EqualTo(1));
            Assert.That(Of(after, "current", "conversations"), Is.EqualTo(1));
            Assert.That(Of(after, "current", "message_bytes"), Is.LessThan(Of(usage, "current", "message_bytes")));
        });
    }

    [Test]
    public async Task A_series_is_cut_at_the_hours_and_days_of_the_zone()
    {
        using var person = await Person.RegisterAsync(Host);
        await SayAsync(person, "a", "x", at: "2026-01-01T18:10:00Z");
        await SayAsync(person, "a", "x", at: "2026-01-01T18:20:00Z", user: "customer-1");
        await SayAsync(person, "a", "x", at: "2026-01-02T18:14:59Z", user: "customer-1");

        async Task Counts(string parameters, params (int Messages, int Subjects)[] expected)
        {
            var trends = await person.GetAsync($"/v1/analytics/trends?{parameters}");
            Assert.That(
                trends.GetProperty("points").EnumerateArray().Select(point => (Of(point, "usage", "messages_created", "total"), Of(point, "usage", "active_subjects"))),
                Is.EqualTo(expected.Select(item => ((long)item.Messages, (long)item.Subjects))),
                parameters);
        }

        await Counts("from=2026-01-01&to=2026-01-02", (2, 2), (1, 1));
        await Counts("from=2026-01-01&to=2026-01-02&tz=Asia/Kathmandu", (1, 1), (2, 1));
        await Counts("from=2026-01-01T18:00:00Z&to=2026-01-01T20:00:00Z&interval=hour", (2, 2), (0, 0));
        await Counts("from=2026-01-01&to=2026-01-31&interval=month&tz=America/New_York", (3, 2));
        await Counts("from=2026-01-01&to=2026-01-02&interval=week", (3, 2));
        var trends = await person.GetAsync("/v1/analytics/trends?from=2026-03-29&to=2026-03-29&interval=hour&tz=Europe/Berlin");
        Assert.That(trends.GetProperty("points").GetArrayLength(), Is.EqualTo(23));
        Assert.That(trends.GetProperty("points")[2].GetProperty("start").GetString(), Is.EqualTo("2026-03-29T03:00:00+02:00"));
    }

    [Test]
    public async Task The_largest_conversations_come_first()
    {
        using var person = await Person.RegisterAsync(Host);
        foreach (var (conversation, count, content) in new[] { ("few long", 1, new string('x', 400)), ("many short", 5, "x"), ("=some", 2, "xx") })
        {
            for (var i = 0; i < count; i++)
            {
                await SayAsync(person, conversation, content);
            }
        }

        async Task<string[]> Top(string parameters)
            => [.. (await person.GetAsync($"/v1/analytics/top-conversations?{parameters}")).GetProperty("conversations").EnumerateArray()
                .Select(item => $"{item.GetProperty("conversation_id").GetString()} {Of(item, "messages")} {Of(item, "tokens")}")];
        Assert.That(await Top(""), Is.EqualTo((string[])["many short 5 5", "=some 2 2", "few long 1 100"]));
        Assert.That(await Top("by=tokens&limit=2"), Is.EqualTo((string[])["few long 1 100", "many short 5 5"]));
        Assert.That(await Top("from=2026-01-01&to=2026-01-02"), Is.Empty);
        var csv = await person.Client.GetStringAsync(new Uri("/v1/analytics/top-conversations?format=csv", UriKind.Relative));
        Assert.That(csv.Split("\r\n")[2], Does.StartWith($"'=some,{person.AccountId},,2,2,"));
    }

    [Test]
    public async Task Items_of_the_index_are_counted()
    {
        using var person = await Person.RegisterAsync(Host);
        await SayAsync(person, "a", "tea", wait: "indexed");
        var deleted = await SayAsync(person, "a", "coffee", wait: "indexed");
        await person.Client.DeleteAsync(new Uri($"/v1/messages/{deleted}", UriKind.Relative));
        await Eventually.TrueAsync(
            async () => Of((await person.GetAsync("/v1/analytics/embedding-stats")).GetProperty("items")[0], "indexed") == 1,
            TimeSpan.FromSeconds(10),
            () => "The deleted message stayed counted.");
        var stats = await person.GetAsync("/v1/analytics/embedding-stats");
        Assert.That(stats.GetProperty("model").GetString(), Is.Not.Empty);
        Assert.That(Of(stats, "dimensions"), Is.GreaterThan(100));
        Assert.That(stats.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("kind").GetString()), Is.EqualTo((string[])["message", "memory"]));
        Assert.That((stats.GetProperty("provider").GetString(), stats.GetProperty("version").GetString()), Is.EqualTo(("local", "1")));
        Assert.That(stats.GetProperty("problems").GetArrayLength(), Is.Zero);
        Assert.That(stats.GetProperty("next").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(Of(stats, "reused"), Is.GreaterThanOrEqualTo(0));
    }

    [Test]
    public async Task Who_administers_a_tenant_may_have_given_up_vectors_tried_again()
    {
        using var person = await Person.RegisterAsync(Host);
        using var stranger = await Person.RegisterAsync(Host);
        var retried = await person.PostAsync("/v1/analytics/embedding-stats/retry", new { }, HttpStatusCode.OK);
        Assert.That(Of(retried, "retried"), Is.Zero);
        await stranger.PostAsync($"/v1/analytics/embedding-stats/retry?tenant_id={person.TenantId}", new { }, HttpStatusCode.NotFound);
        using var nobody = Host.CreateClient();
        using var refused = await nobody.PostAsync(new Uri("/v1/analytics/embedding-stats/retry", UriKind.Relative), null);
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Answers_are_JSON_or_CSV_as_the_client_wants()
    {
        using var person = await Person.RegisterAsync(Host);
        foreach (var route in Routes)
        {
            var json = await person.AskAsync(HttpMethod.Get, $"/v1/analytics/{route}");
            var byParameter = await person.AskAsync(HttpMethod.Get, $"/v1/analytics/{route}?format=csv");
            var byHeader = await person.AskAsync(HttpMethod.Get, $"/v1/analytics/{route}", null, ("Accept", "text/csv, application/json;q=0.5"));
            var neither = await person.AskAsync(HttpMethod.Get, $"/v1/analytics/{route}?format=json", null, ("Accept", "text/csv"));
            Assert.Multiple(() =>
            {
                Assert.That(json.Headers["Content-Type"], Is.EqualTo("application/json; charset=utf-8"), route);
                Assert.That(byParameter.Headers["Content-Type"], Is.EqualTo("text/csv; charset=utf-8"), route);
                Assert.That(byHeader.Text, Is.EqualTo(byParameter.Text), route);
                Assert.That(neither.Headers["Content-Type"], Does.StartWith("application/json"), route);
                Assert.That(byParameter.Text.Split("\r\n")[0], Does.Match("^[a-z_]+(,[a-z_]+)+$"), route);
                Assert.That(byParameter.Text.TrimEnd().Split("\r\n").Select(line => line.Split(',').Length).Distinct().Count(), Is.EqualTo(1), route);
            });
        }
    }

    [Test]
    public async Task An_answer_that_has_not_changed_is_not_sent_again()
    {
        using var person = await Person.RegisterAsync(Host);
        const string Path = "/v1/analytics/usage?from=2026-01-01&to=2026-01-31";
        var first = await person.AskAsync(HttpMethod.Get, Path);
        Assert.That(first.Headers["Cache-Control"], Does.Contain("private").And.Contain("no-cache"));
        var again = await person.AskAsync(HttpMethod.Get, Path, null, ("If-None-Match", first.Headers["ETag"]));
        Assert.That(again.Status, Is.EqualTo(HttpStatusCode.NotModified));
        Assert.That(again.Text, Is.Empty);
        await SayAsync(person, "a", "x", at: "2026-01-15T00:00:00Z");
        Assert.That((await person.AskAsync(HttpMethod.Get, Path, null, ("If-None-Match", first.Headers["ETag"]))).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Only_admins_and_owners_see_the_counters_of_their_tenant([ValueSource(nameof(Routes))] string route)
    {
        using var owner = await Person.RegisterAsync(Host);
        using var admin = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        using var viewer = await Person.RegisterAsync(Host);
        using var outsider = await Person.RegisterAsync(Host);
        var tenant = (await owner.PostAsync("/v1/organizations", new { name = "Tea house" })).GetProperty("id").GetString()!;
        foreach (var (person, role) in new[] { (admin, "admin"), (member, "member"), (viewer, "viewer") })
        {
            await owner.PostAsync($"/v1/organizations/{tenant}/members", new { user_id = person.AccountId, role });
        }

        var path = $"/v1/analytics/{route}?tenant_id={tenant}";
        var unknown = await outsider.AskAsync(HttpMethod.Get, $"/v1/analytics/{route}?tenant_id={Guid.NewGuid()}");
        var foreign = await outsider.AskAsync(HttpMethod.Get, path);
        Assert.Multiple(async () =>
        {
            Assert.That((await owner.AskAsync(HttpMethod.Get, path)).Status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That((await admin.AskAsync(HttpMethod.Get, path)).Status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That((await member.AskAsync(HttpMethod.Get, path)).Status, Is.EqualTo(HttpStatusCode.Forbidden));
            Assert.That((await viewer.AskAsync(HttpMethod.Get, path)).Status, Is.EqualTo(HttpStatusCode.Forbidden));
            Assert.That(foreign.Status, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That(foreign.Text, Is.EqualTo(unknown.Text));
        });
        foreach (var (person, scopes, keyTenant, status) in new[]
        {
            (owner, new[] { "read", "write", "admin" }, tenant, HttpStatusCode.OK),
            (owner, ["read", "write"], tenant, HttpStatusCode.Forbidden),
            (outsider, ["read", "write", "admin"], outsider.TenantId, HttpStatusCode.NotFound),
        })
        {
            var key = (await person.PostAsync("/v1/auth/api-keys", new { name = "counters", scopes, tenant_id = keyTenant })).GetProperty("key").GetString()!;
            using var client = Host.CreateClient();
            client.DefaultRequestHeaders.Add("x-api-key", key);
            await client.SendJsonAsync(HttpMethod.Get, path, null, status);
        }

        using var nobody = Host.CreateClient();
        await nobody.SendJsonAsync(HttpMethod.Get, path, null, HttpStatusCode.Unauthorized);
    }

    [TestCase("usage?from=yesterday", "from")]
    [TestCase("usage?interval=year", "interval")]
    [TestCase("usage?tz=Mars", "tz")]
    [TestCase("usage?format=xml", "format")]
    [TestCase("trends?from=2020-01-01&to=2026-01-01", "from")]
    [TestCase("trends?from=2026-01-02&to=2026-01-01", "to")]
    [TestCase("top-conversations?by=name", "by")]
    [TestCase("top-conversations?limit=0", "limit")]
    [TestCase("top-conversations?limit=101", "limit")]
    public async Task A_value_that_is_not_allowed_is_named(string request, string field)
    {
        using var person = await Person.RegisterAsync(Host);
        var answer = await person.AskAsync(HttpMethod.Get, $"/v1/analytics/{request}");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest), answer.Text);
        Assert.That(answer.Fields, Is.EqualTo((string[])[field]));
    }

    private static long Of(JsonElement element, params string[] names) => names.Aggregate(element, (found, name) => found.GetProperty(name)).GetInt64();

    private static async Task<string> SayAsync(
        Person person, string conversation, string content, string role = "user", string? at = null, string? user = null, string? wait = null)
        => (await person.PostAsync(
            wait is null ? "/v1/messages" : $"/v1/messages?wait={wait}",
            new { conversation_id = conversation, role, content, created_at = at, user_id = user })).GetProperty("id").GetString()!;
}
