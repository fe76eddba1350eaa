using System.Net;
using System.Text.RegularExpressions;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Gateway;

public class MetricsTests(HostKind kind) : FunctionalTests(kind)
{
    [Test]
    public async Task The_named_families_are_there_after_some_traffic()
    {
        using var person = await Person.RegisterAsync(Host);
        await person.PostAsync("/v1/messages?wait=indexed", new { tenant_id = person.TenantId, conversation_id = "metrics", role = "user", content = "My name is Ada." });
        await person.GetAsync($"/v1/memory/search?tenant_id={person.TenantId}&query=Ada");
        using var client = Host.CreateClient();
        using var response = await client.GetAsync("/metrics");
        var text = await response.Content.ReadAsStringAsync();
        Assert.Multiple(() =>
        {
            Assert.That(response.Content.Headers.ContentType!.ToString(), Is.EqualTo("text/plain; version=0.0.4; charset=utf-8"));
            foreach (var family in (string[])
                [
                    "http_server_request_duration_seconds", "memorymesh_messages_stored_total", "memorymesh_search_requests_total", "memorymesh_search_duration_seconds",
                    "memorymesh_embedding_jobs", "memorymesh_rate_limit_hits_total", "memorymesh_authentication_attempts_total", "kestrel_upgraded_connections",
                ])
            {
                Assert.That(text, Does.Contain($"# TYPE {family} "), family);
            }

            Assert.That(text, Does.Match("""http_server_request_duration_seconds_count\{[^}]*http_request_method="POST"[^}]*http_response_status_code="201"[^}]*\} [1-9]"""));
            Assert.That(text, Does.Match("""memorymesh_authentication_attempts_total\{[^}]*outcome="accepted"\} [1-9]"""));
            Assert.That(text, Does.Not.Contain(person.TenantId).And.Not.Contain(person.AccountId), "labels name no person");
        });
    }

    [Test]
    public async Task The_text_is_well_formed()
    {
        using var client = Host.CreateClient();
        var lines = (await client.GetStringAsync("/metrics")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var sample = new Regex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*",?)*\})? (?<value>[-+]?[0-9.]+([eE][-+]?[0-9]+)?|\+Inf|-Inf|NaN)$""");
        var (families, samples) = (new HashSet<string>(), new HashSet<string>());
        var family = "";
        foreach (var line in lines)
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                family = line.Split(' ')[2];
                Assert.That(families.Add(family), $"{family} is written twice");
            }
            else if (line.StartsWith('#'))
            {
                Assert.That(line, Does.Match($"^# TYPE {family} (counter|gauge|histogram)$"));
            }
            else
            {
                Assert.That(sample.Match(line).Groups["name"].Value, Does.StartWith(family).And.Not.Empty, line);
                Assert.That(samples.Add(line[..line.LastIndexOf(' ')]), $"{line} is written twice");
            }
        }
    }

    [Test]
    public async Task Who_comes_through_a_proxy_needs_the_token_of_the_operator()
    {
        using var person = await Person.RegisterAsync(Host);
        var key = await person.PostAsync("/v1/auth/api-keys", new { name = "everything", scopes = new[] { "read", "write", "admin" } });
        async Task<HttpStatusCode> AskAsync(string? field = null, string? value = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
            request.Headers.Add("X-Forwarded-For", "203.0.113.5");
            if (field is not null)
            {
                request.Headers.TryAddWithoutValidation(field, value);
            }

            using var client = Host.CreateClient();
            using var response = await client.SendAsync(request);
            return response.StatusCode;
        }

        Assert.That(await AskAsync(), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await AskAsync("x-api-key", "mm_unknown"), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await AskAsync("Authorization", $"Bearer {TestHost.MonitoringToken}x"), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await AskAsync("Authorization", $"Bearer {TestHost.MonitoringToken[..^1]}"), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await AskAsync("Authorization", TestHost.MonitoringToken), Is.EqualTo(HttpStatusCode.Unauthorized));

        // Owners of tenants are not owners of the server.
        Assert.That(await AskAsync("Authorization", person.Client.DefaultRequestHeaders.Authorization!.ToString()), Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(await AskAsync("x-api-key", key.GetProperty("key").GetString()), Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(await AskAsync("Authorization", $"Bearer {TestHost.MonitoringToken}"), Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_page_whose_name_was_bent_to_this_machine_reads_nothing()
    {
        var answer = await RawHttp.SendAsync(Host, "GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
        Assert.That(answer, Does.StartWith("HTTP/1.1 401 "));
    }
}
