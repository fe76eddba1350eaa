using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Memory;

/// <summary>The consolidation as an admin sees it.</summary>
public class ConsolidationTests(HostKind kind) : FunctionalTests(kind)
{
    private const string Route = "/v1/memories/consolidations";

    [Test]
    public async Task An_admin_sees_what_a_run_would_do_has_it_done_and_reads_the_report()
    {
        using var person = await Person.RegisterAsync(Host);
        foreach (var chat in (string[])["a", "b", "c"])
        {
            await person.SayAsync(chat, "I am a vegetarian.");
        }

        JsonElement memory = default;
        await Eventually.TrueAsync(
            async () => (memory = (await person.ListAsync()).SingleOrDefault()).ValueKind == JsonValueKind.Object && memory.GetProperty("evidence_count").GetInt32() == 3,
            Eventually.Patience,
            () => $"It was not said three times: {memory}");
        var id = memory.GetProperty("id").GetString()!;
        var version = memory.GetProperty("version").GetInt32();

        var dry = await RunAsync(person, new { dry_run = true });
        Assert.That((dry.GetProperty("dry_run").GetBoolean(), dry.GetProperty("promoted").GetInt32(), dry.GetProperty("trigger").GetString()), Is.EqualTo((true, 1, "request")));
        Assert.That((await person.GetAsync($"/v1/memories/{id}")).GetProperty("version").GetInt32(), Is.EqualTo(version), "A dry run changes nothing.");
        var run = await RunAsync(person, new { });
        var change = (await person.GetAsync($"{Route}/{run.GetProperty("id").GetString()}/changes")).GetProperty("changes").EnumerateArray().Single();
        Assert.That((change.GetProperty("change").GetString(), change.GetProperty("memory_id").GetString(), change.GetProperty("scope").GetString()), Is.EqualTo(("promoted", id, "user")));
        Assert.That((await person.GetAsync($"/v1/memories/{id}/history")).GetProperty("history").EnumerateArray().Last().GetProperty("actor").GetString(), Is.EqualTo("consolidation"));
        Assert.That((await RunAsync(person, new { })).GetProperty("promoted").GetInt32(), Is.Zero, "Once is enough.");

        var page = await person.GetAsync($"{Route}?limit=2");
        Assert.That(page.GetProperty("consolidations").GetArrayLength(), Is.EqualTo(2));
        var rest = await person.GetAsync($"{Route}?limit=2&cursor={page.GetProperty("next_cursor").GetString()}");
        Assert.That(rest.GetProperty("consolidations").EnumerateArray().Single().GetProperty("id").GetString(), Is.EqualTo(dry.GetProperty("id").GetString()));
    }

    [Test]
    public async Task A_repeated_request_starts_one_run_and_another_under_its_key_is_refused()
    {
        using var person = await Person.RegisterAsync(Host);
        var (first, text) = await person.RawAsync(HttpMethod.Post, Route, new { dry_run = true }, ("Idempotency-Key", "k-1"));
        var (again, repeated) = await person.RawAsync(HttpMethod.Post, Route, new { dry_run = true }, ("Idempotency-Key", "k-1"));
        var (other, refused) = await person.RawAsync(HttpMethod.Post, Route, new { dry_run = false }, ("Idempotency-Key", "k-1"));
        using (first)
        using (again)
        using (other)
        {
            Assert.That((first.StatusCode, again.StatusCode), Is.EqualTo((HttpStatusCode.Accepted, HttpStatusCode.Accepted)), text);
            Assert.That(IdOf(repeated), Is.EqualTo(IdOf(text)));
            Assert.That(again.Headers.GetValues("Idempotency-Replayed"), Is.EqualTo((string[])["true"]));
            Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity), refused);
        }

        static string IdOf(string body) => JsonDocument.Parse(body).RootElement.GetProperty("id").GetString()!;
    }

    [Test]
    public async Task It_is_for_those_who_administer_the_tenant()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        var tenant = (await owner.PostAsync("/v1/organizations", new { name = "House" })).GetProperty("id").GetString()!;
        await owner.PostAsync($"/v1/organizations/{tenant}/members", new { user_id = member.AccountId, role = "member" });
        var run = (await owner.SendAsync(HttpMethod.Post, Route, new { tenant_id = tenant, dry_run = true }, HttpStatusCode.Accepted)).GetProperty("id").GetString();
        using var stranger = await Person.RegisterAsync(Host);
        await member.ExpectAsync(HttpStatusCode.Forbidden, HttpMethod.Post, Route, new { tenant_id = tenant });
        await member.ExpectAsync(HttpStatusCode.Forbidden, HttpMethod.Get, $"{Route}/{run}/changes?tenant_id={tenant}");
        await stranger.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Post, Route, new { tenant_id = tenant });
        var (foreign, ofForeign) = await stranger.RawAsync(HttpMethod.Get, $"{Route}/{run}");
        var (unknown, ofUnknown) = await stranger.RawAsync(HttpMethod.Get, $"{Route}/{Guid.NewGuid()}");
        using (foreign)
        using (unknown)
        {
            Assert.That((foreign.StatusCode, unknown.StatusCode), Is.EqualTo((HttpStatusCode.NotFound, HttpStatusCode.NotFound)));
            Assert.That(ofForeign.Length, Is.EqualTo(ofUnknown.Length));
        }

        await owner.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Post, Route, new { dry = true });
        await owner.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Get, $"{Route}?limit=0");
        await owner.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Get, $"{Route}?cursor=x");
    }

    private static async Task<JsonElement> RunAsync(Person person, object request)
    {
        var run = await person.SendAsync(HttpMethod.Post, Route, request, HttpStatusCode.Accepted);
        await Eventually.TrueAsync(
            async () => (run = await person.GetAsync($"{Route}/{run.GetProperty("id").GetString()}")).GetProperty("status").GetString() == "completed",
            Eventually.Patience,
            () => $"It did not end: {run}");
        return run;
    }
}
