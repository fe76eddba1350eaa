using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Auth;

public class ApiKeyTests(HostKind kind) : FunctionalTests(kind)
{
    [Test]
    public async Task A_key_is_shown_once_works_and_ends_when_it_is_revoked()
    {
        using var person = await Person.RegisterAsync(Host);
        var created = await person.PostAsync("/v1/auth/api-keys", new { name = "laptop" });
        var key = created.GetProperty("key").GetString()!;
        Assert.Multiple(() =>
        {
            Assert.That(key, Does.StartWith("mm_"));
            Assert.That(created.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()), Is.EqualTo(new[] { "read", "write" }));
            Assert.That(created.GetProperty("expires_at").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(created.GetProperty("tenant_id").GetString(), Is.EqualTo(person.TenantId));
        });

        using var application = WithKey(key);
        var me = await application.SendJsonAsync(HttpMethod.Get, "/v1/auth/me", null, HttpStatusCode.OK);
        Assert.Multiple(() =>
        {
            Assert.That(me.GetProperty("id").GetString(), Is.EqualTo(person.AccountId));
            Assert.That(me.GetProperty("email").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(me.GetProperty("api_key_id").GetString(), Is.EqualTo(created.GetProperty("id").GetString()));
        });

        var listed = await person.GetAsync("/v1/auth/api-keys");
        Assert.Multiple(() =>
        {
            Assert.That(listed.GetRawText(), Does.Not.Contain(key));
            Assert.That(listed.GetProperty("items")[0].GetProperty("prefix").GetString(), Is.EqualTo(key[..8]));
            Assert.That(listed.GetProperty("items")[0].GetProperty("name").GetString(), Is.EqualTo("laptop"));
        });

        var path = $"/v1/auth/api-keys/{created.GetProperty("id").GetString()}";
        using var stranger = await Person.RegisterAsync(Host);
        await stranger.SendAsync(HttpMethod.Delete, path, status: HttpStatusCode.NotFound);
        await person.SendAsync(HttpMethod.Delete, path, status: HttpStatusCode.NoContent);
        await person.SendAsync(HttpMethod.Delete, path, status: HttpStatusCode.NotFound);
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await application.GetAsync(new Uri("/v1/auth/me", UriKind.Relative));
                return answer.StatusCode == HttpStatusCode.Unauthorized;
            },
            TimeSpan.FromSeconds(60),
            () => "The revoked key still works.");
    }

    [TestCase("""{}""", "name")]
    [TestCase("""{"name":"k","scopes":["root"]}""", "scopes")]
    [TestCase("""{"name":"k","scopes":[]}""", "scopes")]
    [TestCase("""{"name":"k","scopes":["read","read","write","admin"]}""", "scopes")]
    [TestCase("""{"name":"k","expires_at":"2020-01-01T00:00:00Z"}""", "expires_at")]
    [TestCase("""{"name":"k","expires_in_days":0}""", "expires_in_days")]
    [TestCase("""{"name":"k","expires_in_days":5,"expires_at":"2999-01-01T00:00:00Z"}""", "expires_at")]
    public async Task A_bad_field_is_named(string body, string field)
    {
        using var person = await Person.RegisterAsync(Host);
        var answer = await person.PostAsync("/v1/auth/api-keys", body, HttpStatusCode.BadRequest);
        Assert.That(answer.GetProperty("errors").EnumerateObject().Select(error => error.Name), Is.EqualTo(new[] { field }));
        Assert.That((await person.GetAsync("/v1/auth/api-keys")).GetProperty("items").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task A_key_does_what_its_scopes_allow_and_stays_in_its_tenant()
    {
        using var person = await Person.RegisterAsync(Host);
        var other = await person.PostAsync("/v1/organizations", new { name = "Other" });
        using var reader = await CreateKeyAsync(person, "read");
        using var admin = await CreateKeyAsync(person, "read", "admin");

        await reader.SendJsonAsync(HttpMethod.Get, $"/v1/organizations/{person.TenantId}", null, HttpStatusCode.OK);
        await reader.SendJsonAsync(HttpMethod.Put, $"/v1/organizations/{person.TenantId}", new { name = "New" }, HttpStatusCode.Forbidden);
        await reader.SendJsonAsync(HttpMethod.Get, "/v1/auth/api-keys", null, HttpStatusCode.Forbidden);
        await reader.SendJsonAsync(HttpMethod.Post, "/v1/auth/api-keys", new { name = "k" }, HttpStatusCode.Forbidden);
        await admin.SendJsonAsync(HttpMethod.Put, $"/v1/organizations/{person.TenantId}", new { name = "New" }, HttpStatusCode.OK);

        foreach (var key in new[] { reader, admin })
        {
            await key.SendJsonAsync(HttpMethod.Get, $"/v1/organizations/{other.GetProperty("id").GetString()}", null, HttpStatusCode.NotFound);
            await key.SendJsonAsync(HttpMethod.Post, "/v1/organizations", new { name = "k" }, HttpStatusCode.Forbidden);
            await key.SendJsonAsync(HttpMethod.Get, "/v1/auth/sessions", null, HttpStatusCode.Forbidden);
            await key.SendJsonAsync(HttpMethod.Delete, "/v1/auth/sessions", null, HttpStatusCode.Forbidden);
            await key.SendJsonAsync(HttpMethod.Post, "/v1/auth/logout", null, HttpStatusCode.Forbidden);
            var organizations = await key.SendJsonAsync(HttpMethod.Get, "/v1/organizations", null, HttpStatusCode.OK);
            Assert.That(organizations.GetProperty("items").EnumerateArray().Single().GetProperty("id").GetString(), Is.EqualTo(person.TenantId));
        }
    }

    [Test]
    public async Task A_key_makes_no_key_that_can_do_more_or_lives_longer()
    {
        using var person = await Person.RegisterAsync(Host);
        var created = await person.PostAsync("/v1/auth/api-keys", new { name = "k", scopes = new[] { "read", "admin" }, expires_in_days = 10 });
        using var key = WithKey(created.GetProperty("key").GetString()!);
        await key.SendJsonAsync(HttpMethod.Post, "/v1/auth/api-keys", new { name = "k", scopes = new[] { "read" }, expires_in_days = 9 }, HttpStatusCode.Created);
        await key.SendJsonAsync(HttpMethod.Post, "/v1/auth/api-keys", new { name = "k", scopes = new[] { "read" }, expires_in_days = 11 }, HttpStatusCode.Forbidden);
        await key.SendJsonAsync(HttpMethod.Post, "/v1/auth/api-keys", new { name = "k", scopes = new[] { "read" } }, HttpStatusCode.Forbidden);
        await key.SendJsonAsync(HttpMethod.Post, "/v1/auth/api-keys", new { name = "k", scopes = new[] { "write" }, expires_in_days = 9 }, HttpStatusCode.Forbidden);
    }

    [Test]
    public async Task A_key_acts_with_the_role_its_creator_has_now()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        var members = $"/v1/organizations/{owner.TenantId}/members";
        await owner.PostAsync(members, new { user_id = member.AccountId, role = "admin" });
        var created = await member.PostAsync("/v1/auth/api-keys", new { name = "k", scopes = new[] { "read", "write", "admin" }, tenant_id = owner.TenantId });
        using var key = WithKey(created.GetProperty("key").GetString()!);
        await key.SendJsonAsync(HttpMethod.Get, $"/v1/organizations/{owner.TenantId}/audit", null, HttpStatusCode.OK);

        await owner.SendAsync(HttpMethod.Put, $"{members}/{member.AccountId}", new { role = "viewer" });
        await AnswersAsync(key, $"/v1/organizations/{owner.TenantId}/audit", HttpStatusCode.Forbidden);
        await key.SendJsonAsync(HttpMethod.Get, members, null, HttpStatusCode.OK);

        await owner.SendAsync(HttpMethod.Delete, $"{members}/{member.AccountId}", status: HttpStatusCode.NoContent);
        await AnswersAsync(key, members, HttpStatusCode.Unauthorized);
        Assert.That((await member.GetAsync("/v1/auth/api-keys")).GetProperty("items").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task A_key_for_a_tenant_one_is_no_member_of_answers_like_one_that_is_not_there()
    {
        using var person = await Person.RegisterAsync(Host);
        using var stranger = await Person.RegisterAsync(Host);
        var foreign = await stranger.PostAsync("/v1/auth/api-keys", new { name = "k", tenant_id = person.TenantId }, HttpStatusCode.NotFound);
        var unknown = await stranger.PostAsync("/v1/auth/api-keys", new { name = "k", tenant_id = Guid.NewGuid() }, HttpStatusCode.NotFound);
        Assert.That(foreign.GetRawText(), Is.EqualTo(unknown.GetRawText()));
    }

    private static Task AnswersAsync(HttpClient client, string path, HttpStatusCode status)
        => Eventually.TrueAsync(
            async () =>
            {
                using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
                return answer.StatusCode == status;
            },
            TimeSpan.FromSeconds(60),
            () => $"{path} does not answer {status}.");

    private async Task<HttpClient> CreateKeyAsync(Person person, params string[] scopes)
        => WithKey((await person.PostAsync("/v1/auth/api-keys", new { name = "k", scopes })).GetProperty("key").GetString()!);

    private HttpClient WithKey(string key)
    {
        var client = Host.CreateClient();
        client.DefaultRequestHeaders.Add("x-api-key", key);
        return client;
    }
}
