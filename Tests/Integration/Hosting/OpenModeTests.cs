using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using MemoryMesh.Tests.Integration.Gateway;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Hosting;

/// <summary>A server that was started with <c>--open</c>.</summary>
[TestFixture(HostKind.Embedded)]
[TestFixture(HostKind.Processes)]
public sealed class OpenModeTests(HostKind kind)
{
    private TestHost _host = null!;
    private HttpClient _anybody = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _host = await TestHost.StartAsync(kind, arguments: ["--open"]);
        _anybody = _host.CreateClient();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _anybody.Dispose();
        await _host.DisposeAsync();
    }

    [Test]
    public void The_first_line_says_that_the_server_is_open()
        => Assert.That(_host.Output.Split('\n')[0], Does.StartWith("OPEN: ").And.Contain(_host.Address.ToString().TrimEnd('/')));

    [Test]
    public async Task Without_credentials_one_acts_as_the_owner_of_the_local_tenant()
    {
        var message = await _anybody.SendJsonAsync(
            HttpMethod.Post, "/v1/messages?wait=indexed", new { conversation_id = "open-1", role = "user", content = "The lighthouse is green." }, HttpStatusCode.Created);
        var found = await GetAsync("/v1/memory/search?query=lighthouse");
        Assert.That(found.GetProperty("results")[0].GetProperty("id").GetString(), Is.EqualTo(message.GetProperty("id").GetString()));

        // The owner acts for every subject, and administers.
        await _anybody.SendJsonAsync(
            HttpMethod.Post, "/v1/memories", new { text = "Likes tea", user_id = "somebody" }, HttpStatusCode.Created);
        Assert.That((await GetAsync("/v1/admin/retention/runs")).ValueKind, Is.Not.EqualTo(JsonValueKind.Undefined));
    }

    [Test]
    public async Task Facades_act_as_the_owner_too()
        => Assert.That((await GetAsync("/api/user/organizations/")).GetProperty("results")[0].GetProperty("role").GetString(), Is.EqualTo("owner"));

    [Test]
    public async Task The_tenant_is_the_same_after_another_start()
    {
        var tenant = (await GetAsync("/v1/auth/me")).GetProperty("tenant_id").GetString();
        await _host.StopAsync();
        await _host.StartAgainAsync();
        var me = await GetAsync("/v1/auth/me");
        Assert.That(me.GetProperty("tenant_id").GetString(), Is.EqualTo(tenant));
        Assert.That(me.GetProperty("email").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task Credentials_work_as_usual_and_their_tenants_stay_apart()
    {
        using var ada = await Person.RegisterAsync(_host);
        var memory = await ada.PostAsync("/v1/memories", new { text = "Ada's own" });
        var id = memory.GetProperty("id").GetString();
        await ada.GetAsync($"/v1/memories/{id}");
        await _anybody.SendJsonAsync(HttpMethod.Get, $"/v1/memories/{id}", null, HttpStatusCode.NotFound);
        await _anybody.SendJsonAsync(HttpMethod.Get, $"/v1/memories?tenant_id={ada.TenantId}", null, HttpStatusCode.NotFound);
        await _anybody.SendJsonAsync(
            HttpMethod.Post, "/v1/memories", new { tenant_id = "unowned", text = "one local tenant and no other" }, HttpStatusCode.NotFound);
    }

    [Test]
    public async Task Wrong_credentials_are_refused_and_not_taken_for_none()
    {
        using var client = _host.CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "nonsense");
        await client.SendJsonAsync(HttpMethod.Get, "/v1/memories", null, HttpStatusCode.Unauthorized);
    }

    [Test]
    public async Task Nobody_can_log_in_as_the_owner_or_take_its_name()
    {
        await _anybody.SendJsonAsync(HttpMethod.Post, "/v1/auth/login", new { email = "@local", password = "anything at all" }, HttpStatusCode.Unauthorized);
        await _anybody.SendJsonAsync(
            HttpMethod.Post, "/v1/auth/register", new { email = "@local", username = "x", password = "correct horse battery" }, HttpStatusCode.BadRequest);
        await _anybody.SendJsonAsync(
            HttpMethod.Post, "/v1/auth/register", new { email = "x@example.com", username = "@local", password = "correct horse battery" }, HttpStatusCode.BadRequest);
    }

    [Test]
    public async Task A_key_made_here_opens_the_local_tenant_when_the_server_is_not_open_any_more()
    {
        await using var open = await TestHost.StartAsync(kind, arguments: ["--open"]);
        using var client = open.CreateClient();
        var memory = await client.SendJsonAsync(HttpMethod.Post, "/v1/memories", new { text = "Kept from the open days" }, HttpStatusCode.Created);
        var key = await client.SendJsonAsync(HttpMethod.Post, "/v1/auth/api-keys", new { name = "later" }, HttpStatusCode.Created);
        await open.StopAsync();

        await using var closed = await TestHost.StartAsync(kind, open.Folder);
        using var later = closed.CreateClient();
        var path = $"/v1/memories/{memory.GetProperty("id").GetString()}";
        await later.SendJsonAsync(HttpMethod.Get, path, null, HttpStatusCode.Unauthorized);
        later.DefaultRequestHeaders.Add("x-api-key", key.GetProperty("key").GetString());
        await later.SendJsonAsync(HttpMethod.Get, path, null, HttpStatusCode.OK);
    }

    private static IEnumerable<TestCaseData> Foreign()
    {
        yield return new TestCaseData("Host: localhost", "X-Forwarded-For: 127.0.0.1");
        yield return new TestCaseData("Host: localhost", "Forwarded: for=127.0.0.1");
        yield return new TestCaseData("Host: localhost", "Via: 1.1 proxy");
        yield return new TestCaseData("Host: localhost", "X-Real-IP: 127.0.0.1");
        yield return new TestCaseData("Host: evil.example", "Accept: */*");
        yield return new TestCaseData("Host: localhost", "Origin: https://evil.example");
        yield return new TestCaseData("Host: localhost", "Sec-Fetch-Site: cross-site");
    }

    [TestCaseSource(nameof(Foreign))]
    public async Task What_is_not_local_is_refused_with_problem_details(string host, string field)
    {
        foreach (var path in new[] { "/v1/memories", "/health", "/v1/admin/health", "/docs", "/nowhere" })
        {
            var answer = await RawHttp.SendAsync(_host, $"GET {path} HTTP/1.1\r\n{host}\r\n{field}\r\nConnection: close\r\n\r\n");
            Assert.That(answer, Does.StartWith("HTTP/1.1 403 ").And.Contain("application/problem+json").And.Contain("urn:memorymesh:problem:not-local"), path);
        }
    }

    private Task<JsonElement> GetAsync(string path) => _anybody.SendJsonAsync(HttpMethod.Get, path, null, HttpStatusCode.OK);
}
