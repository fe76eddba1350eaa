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
    public async Task Who_comes_through_a_proxy_needs_the_scope_admin()
    {
        using var person = await Person.RegisterAsync(Host);
        using var client = Host.CreateClient();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.5");
        Assert.That((await client.GetAsync("/metrics")).StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));

        client.DefaultRequestHeaders.Add("x-api-key", "mm_unknown");
        Assert.That((await client.GetAsync("/metrics")).StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));

        client.DefaultRequestHeaders.Remove("x-api-key");
        client.DefaultRequestHeaders.Authorization = person.Client.DefaultRequestHeaders.Authorization;
        Assert.That((await client.GetAsync("/metrics")).StatusCode, Is.EqualTo(HttpStatusCode.OK));

        var key = await person.PostAsync("/v1/auth/api-keys", new { name = "reader", scopes = new[] { "read" } });
        client.DefaultRequestHeaders.Authorization = null;
        client.DefaultRequestHeaders.Add("x-api-key", key.GetProperty("key").GetString());
        Assert.That((await client.GetAsync("/metrics")).StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task A_page_whose_name_was_bent_to_this_machine_reads_nothing()
    {
        var answer = await RawHttp.SendAsync(Host, "GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
        Assert.That(answer, Does.StartWith("HTTP/1.1 401 "));
    }
}
