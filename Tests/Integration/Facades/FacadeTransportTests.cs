using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Facades;

/// <summary>How requests to facades become requests to the native routes.</summary>
public class FacadeTransportTests(HostKind kind) : FunctionalTests(kind)
{
    private const string Organizations = "/api/user/organizations";

    [Test]
    public async Task A_path_answers_with_and_without_a_slash_at_its_end()
    {
        using var person = await Person.RegisterAsync(Host);
        foreach (var path in (string[])[Organizations, Organizations + "/", $"{Organizations}/{person.TenantId}/teams", $"{Organizations}/{person.TenantId}/teams/"])
        {
            using var answer = await person.Client.GetAsync(new Uri(path, UriKind.Relative));
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), path);
        }
    }

    [Test]
    public async Task The_caller_is_whoever_the_credentials_say()
    {
        using var person = await Person.RegisterAsync(Host);
        using var other = await Person.RegisterAsync(Host);
        var key = (await person.PostAsync("/v1/auth/api-keys", new { name = "app" })).GetProperty("key").GetString()!;
        using var app = Host.CreateClient();
        app.DefaultRequestHeaders.Add("X-API-Key", key);
        foreach (var client in (HttpClient[])[person.Client, app])
        {
            var page = await client.SendJsonAsync(HttpMethod.Get, Organizations, null, HttpStatusCode.OK);
            Assert.That(page.GetProperty("results").EnumerateArray().Select(item => item.GetProperty("id").GetString()), Is.EqualTo((string[])[person.TenantId]));
        }

        using var anonymous = Host.CreateClient();
        await anonymous.SendJsonAsync(HttpMethod.Get, Organizations, null, HttpStatusCode.Unauthorized);
        await other.SendAsync(HttpMethod.Get, $"{Organizations}/{person.TenantId}/teams", null, HttpStatusCode.NotFound);
    }

    [Test]
    public async Task A_refusal_of_a_native_route_passes_through_as_it_is()
    {
        using var person = await Person.RegisterAsync(Host);
        foreach (var (facade, native, body, status) in ((string, string, object?, HttpStatusCode)[])
        [
            ($"{Organizations}/nobody/teams", "/v1/organizations/nobody/teams", null, HttpStatusCode.NotFound),
            ($"{Organizations}/{person.TenantId}/teams/x", $"/v1/organizations/{person.TenantId}/teams/x", null, HttpStatusCode.NotFound),
            ($"{Organizations}/{person.TenantId}/teams", $"/v1/organizations/{person.TenantId}/teams", new { }, HttpStatusCode.BadRequest),
            ($"{Organizations}/{person.TenantId}/teams", $"/v1/organizations/{person.TenantId}/teams", new { name = " " }, HttpStatusCode.BadRequest),
        ])
        {
            var method = body is null ? HttpMethod.Get : HttpMethod.Post;
            Assert.That(
                Comparable(await person.SendAsync(method, facade, body, status)), Is.EqualTo(Comparable(await person.SendAsync(method, native, body, status))), facade);
        }
    }

    [TestCase("%00")]
    [TestCase("%2E%2E")]
    [TestCase("a%2Fb")]
    [TestCase("%FF")]
    [TestCase("%E2%80%AE")]
    [TestCase("'%3B--")]
    public async Task An_id_of_any_form_is_never_more_than_an_unknown_one(string id)
    {
        using var person = await Person.RegisterAsync(Host);
        foreach (var path in (string[])[$"{Organizations}/{id}/teams/", $"{Organizations}/{person.TenantId}/teams/{id}/", $"{Organizations}/{person.TenantId}/teams/{id}/members/{id}/"])
        {
            foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Delete])
            {
                using var request = new HttpRequestMessage(method, new Uri(Host.Address + path.TrimStart('/'), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
                using var answer = await person.Client.SendAsync(request);
                Assert.That((int)answer.StatusCode, Is.EqualTo(404).Or.EqualTo(405).Or.EqualTo(400), $"{method} {path}");
            }
        }
    }

    [Test]
    public async Task Answers_are_never_kept_by_others()
    {
        using var person = await Person.RegisterAsync(Host);
        using var answer = await person.Client.GetAsync(new Uri(Organizations, UriKind.Relative));
        Assert.Multiple(() =>
        {
            Assert.That(answer.Headers.CacheControl?.NoStore, Is.True);
            Assert.That(answer.Headers.GetValues("x-trace-id"), Has.Exactly(1).Items);
        });
    }

    private static string Comparable(JsonElement problem)
        => string.Join('\n', problem.EnumerateObject().Where(member => member.Name != "trace_id").OrderBy(member => member.Name, StringComparer.Ordinal));
}

/// <summary>The limit of a tenant counts what clients send, not what facades make of it.</summary>
[TestFixture(HostKind.Embedded)]
[TestFixture(HostKind.Processes)]
public class FacadeLimitTests(HostKind kind)
{
    [Test]
    public async Task A_request_to_a_facade_counts_once()
    {
        await using var host = await TestHost.StartAsync(kind, environment: new Dictionary<string, string> { ["MEMORY_TENANT_RATE_LIMIT"] = "10/hour" });
        using var person = await Person.RegisterAsync(host);
        var statuses = new List<int>();
        for (var i = 0; i < 11; i++)
        {
            using var answer = await person.Client.GetAsync(new Uri("/api/user/organizations/", UriKind.Relative));
            statuses.Add((int)answer.StatusCode);
        }

        Assert.That(statuses, Is.EqualTo((int[])[.. Enumerable.Repeat(200, 10), 429]));
    }
}
