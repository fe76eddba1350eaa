using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Retention;

public class RetentionPolicyTests(HostKind kind) : FunctionalTests(kind)
{
    private static readonly object Policy = new { max_age_days = 30, importance_below = 0.4, action = "delete", applies_to = (string[])["messages", "memories"] };

    [Test]
    public async Task A_policy_is_set_read_and_deleted()
    {
        using var person = await Person.RegisterAsync(Host);
        await person.SendAsync(HttpMethod.Get, "/v1/retention/policy", status: HttpStatusCode.NotFound);

        var put = await person.SendAsync(HttpMethod.Put, "/v1/retention/policy", Policy);
        var got = await person.GetAsync($"/v1/retention/policy?tenant_id={person.TenantId}");
        Assert.That(got.GetRawText(), Is.EqualTo(put.GetRawText()));
        Assert.Multiple(() =>
        {
            Assert.That(got.GetProperty("tenant_id").GetString(), Is.EqualTo(person.TenantId));
            Assert.That(got.GetProperty("source").GetString(), Is.EqualTo("tenant"));
            Assert.That(got.GetProperty("enabled").GetBoolean(), Is.True);
            Assert.That(got.GetProperty("max_age_days").GetInt32(), Is.EqualTo(30));
            Assert.That(got.GetProperty("importance_below").GetDouble(), Is.EqualTo(0.4));
            Assert.That(got.GetProperty("action").GetString(), Is.EqualTo("delete"));
            Assert.That(got.GetProperty("applies_to").EnumerateArray().Select(item => item.GetString()), Is.EqualTo((string[])["messages", "memories"]));
        });

        await person.SendAsync(HttpMethod.Delete, "/v1/retention/policy", status: HttpStatusCode.NoContent);
        await person.SendAsync(HttpMethod.Delete, "/v1/retention/policy", status: HttpStatusCode.NotFound);
        await person.SendAsync(HttpMethod.Get, "/v1/retention/policy", status: HttpStatusCode.NotFound);
    }

    [Test]
    public async Task A_change_with_an_old_etag_is_refused_and_changes_nothing()
    {
        using var person = await Person.RegisterAsync(Host);
        Assert.That((await PutAsync(person, Policy, "*")).StatusCode, Is.EqualTo(HttpStatusCode.PreconditionFailed), "there is nothing yet");

        var first = (await PutAsync(person, Policy)).Headers.ETag!.Tag;
        var second = await PutAsync(person, new { max_age_days = 60, action = "archive", applies_to = (string[])["messages"] }, first);
        Assert.That(second.StatusCode, Is.EqualTo(HttpStatusCode.OK));

        Assert.That((await PutAsync(person, Policy, first)).StatusCode, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        Assert.That((await PutAsync(person, Policy, "not an etag")).StatusCode, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        using var delete = new HttpRequestMessage(HttpMethod.Delete, "/v1/retention/policy");
        delete.Headers.TryAddWithoutValidation("If-Match", first);
        using var deleted = await person.Client.SendAsync(delete);
        Assert.That(deleted.StatusCode, Is.EqualTo(HttpStatusCode.PreconditionFailed));

        using var got = await person.Client.GetAsync(new Uri("/v1/retention/policy", UriKind.Relative));
        Assert.That(got.Headers.ETag!.Tag, Is.EqualTo(second.Headers.ETag!.Tag));
        Assert.That((await got.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("max_age_days").GetInt32(), Is.EqualTo(60));

        // A policy made anew is not mistaken for the one that was deleted.
        await person.SendAsync(HttpMethod.Delete, "/v1/retention/policy", status: HttpStatusCode.NoContent);
        await PutAsync(person, Policy);
        Assert.That((await PutAsync(person, Policy, first)).StatusCode, Is.EqualTo(HttpStatusCode.PreconditionFailed));
    }

    [TestCase("""{"action":"delete","applies_to":["messages"]}""", "max_age_days")]
    [TestCase("""{"max_age_days":0,"action":"delete","applies_to":["messages"]}""", "max_age_days")]
    [TestCase("""{"max_age_days":36501,"action":"delete","applies_to":["messages"]}""", "max_age_days")]
    [TestCase("""{"max_age_days":1,"action":"burn","applies_to":["messages"]}""", "action")]
    [TestCase("""{"max_age_days":1,"applies_to":["messages"]}""", "action")]
    [TestCase("""{"max_age_days":1,"action":"delete","applies_to":[]}""", "applies_to")]
    [TestCase("""{"max_age_days":1,"action":"delete","applies_to":["messages","messages"]}""", "applies_to")]
    [TestCase("""{"max_age_days":1,"action":"delete","applies_to":["people"]}""", "applies_to")]
    [TestCase("""{"max_age_days":1,"action":"delete","applies_to":[null]}""", "applies_to")]
    [TestCase("""{"max_age_days":1,"action":"delete"}""", "applies_to")]
    [TestCase("""{"max_age_days":1,"action":"delete","applies_to":["messages"],"importance_below":0}""", "importance_below")]
    [TestCase("""{"max_age_days":1,"action":"delete","applies_to":["messages"],"importance_below":1.01}""", "importance_below")]
    [TestCase("""{"max_age_days":1,"action":"delete","applies_to":["messages"],"tenant_id":"\u0000"}""", "tenant_id")]
    public async Task A_value_that_is_not_allowed_is_named(string body, string field)
    {
        using var person = await Person.RegisterAsync(Host);
        var problem = await person.SendAsync(HttpMethod.Put, "/v1/retention/policy", body, HttpStatusCode.BadRequest);
        Assert.That(problem.GetProperty("type").GetString(), Is.EqualTo("urn:memorymesh:problem:invalid-request"));
        Assert.That(problem.GetProperty("errors").EnumerateObject().Select(error => error.Name), Is.EqualTo((string[])[field]));
    }

    [TestCase("""{"max_age_days":"30","action":"delete","applies_to":["messages"]}""")]
    [TestCase("""{"max_age_days":30,"action":"delete","applies_to":"messages"}""")]
    [TestCase("""{"max_age_days":30,"action":"delete","applies_to":["messages"],"dry_run":true}""")]
    [TestCase("""{"max_age_days":1e400,"action":"delete","applies_to":["messages"]}""")]
    [TestCase("[]")]
    [TestCase("null")]
    [TestCase("{")]
    public async Task A_body_that_cannot_be_read_is_refused(string body)
    {
        using var person = await Person.RegisterAsync(Host);
        var problem = await person.SendAsync(HttpMethod.Put, "/v1/retention/policy", body, HttpStatusCode.BadRequest);
        Assert.That(problem.GetProperty("type").GetString(), Does.StartWith("urn:memorymesh:problem:"));
        await person.SendAsync(HttpMethod.Get, "/v1/retention/policy", status: HttpStatusCode.NotFound);
    }

    [TestCase("limit=0")]
    [TestCase("limit=201")]
    [TestCase("limit=many")]
    [TestCase("cursor=x")]
    public async Task A_query_that_is_not_allowed_is_400(string query)
    {
        using var person = await Person.RegisterAsync(Host);
        var problem = await person.SendAsync(HttpMethod.Get, $"/v1/admin/retention/runs?{query}", status: HttpStatusCode.BadRequest);
        Assert.That(problem.GetProperty("type").GetString(), Does.StartWith("urn:memorymesh:problem:"));
    }

    [Test]
    public async Task Another_tenants_policy_and_runs_look_like_those_of_a_tenant_that_does_not_exist()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var stranger = await Person.RegisterAsync(Host);
        await owner.SendAsync(HttpMethod.Put, "/v1/retention/policy", Policy);
        var run = await owner.PostAsync("/v1/admin/retention/run", new { }, HttpStatusCode.Accepted);

        var unknown = Guid.CreateVersion7().ToString("D");
        foreach (var (method, path, body) in new (HttpMethod, string, string?)[]
        {
            (HttpMethod.Get, "/v1/retention/policy?tenant_id=TENANT", null),
            (HttpMethod.Delete, "/v1/retention/policy?tenant_id=TENANT", null),
            (HttpMethod.Put, "/v1/retention/policy", """{"tenant_id":"TENANT","max_age_days":1,"action":"delete","applies_to":["messages"]}"""),
            (HttpMethod.Post, "/v1/admin/retention/run", """{"tenant_id":"TENANT"}"""),
            (HttpMethod.Get, "/v1/admin/retention/runs?tenant_id=TENANT", null),
            (HttpMethod.Get, $"/v1/admin/retention/runs/{run.GetProperty("id").GetString()}?tenant_id=TENANT", null),
        })
        {
            var foreign = await stranger.SendAsync(method, path.Replace("TENANT", owner.TenantId), body?.Replace("TENANT", owner.TenantId), HttpStatusCode.NotFound);
            var missing = await stranger.SendAsync(method, path.Replace("TENANT", unknown), body?.Replace("TENANT", unknown), HttpStatusCode.NotFound);
            Assert.That(foreign.GetRawText(), Is.EqualTo(missing.GetRawText()), $"{method} {path}");
        }

        await stranger.SendAsync(HttpMethod.Get, $"/v1/admin/retention/runs/{run.GetProperty("id").GetString()}", status: HttpStatusCode.NotFound);
        Assert.That((await owner.GetAsync("/v1/retention/policy")).GetProperty("max_age_days").GetInt32(), Is.EqualTo(30));
    }

    [Test]
    public async Task Without_credentials_every_route_answers_401()
    {
        using var client = Host.CreateClient();
        foreach (var (method, path) in new[]
        {
            (HttpMethod.Get, "/v1/retention/policy"), (HttpMethod.Put, "/v1/retention/policy"), (HttpMethod.Delete, "/v1/retention/policy"),
            (HttpMethod.Post, "/v1/admin/retention/run"), (HttpMethod.Get, "/v1/admin/retention/runs"), (HttpMethod.Get, "/v1/admin/retention/runs/x"),
        })
        {
            await client.SendJsonAsync(method, path, method == HttpMethod.Get || method == HttpMethod.Delete ? null : new { }, HttpStatusCode.Unauthorized);
        }
    }

    private static async Task<HttpResponseMessage> PutAsync(Person person, object policy, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/retention/policy") { Content = JsonContent.Create(policy) };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await person.Client.SendAsync(request);
    }
}
