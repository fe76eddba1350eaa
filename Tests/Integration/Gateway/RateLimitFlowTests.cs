using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Gateway;

/// <summary>Small limits on a host of its own.</summary>
public abstract class RateLimitFlowTests(HostKind kind)
{
    private TestHost _host = null!;

    private protected TestHost Host => _host;

    [OneTimeSetUp]
    public async Task StartAsync() => _host = await TestHost.StartAsync(kind, environment: await EnvironmentAsync());

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        await StopServersAsync();
    }

    private protected virtual Task<Dictionary<string, string>> EnvironmentAsync() => Task.FromResult(new Dictionary<string, string>
    {
        ["MEMORY_GLOBAL_RATE_LIMIT"] = "40/day",
        ["MEMORY_TENANT_RATE_LIMIT"] = "5/day",
        ["Gateway__TrustedProxies__0"] = "127.0.0.1",

        // A flood is one when each login costs what it does in earnest.
        ["Auth__PasswordIterations"] = "600000",
    });

    private protected virtual Task StopServersAsync() => Task.CompletedTask;

    [Test]
    public async Task A_flood_of_logins_is_turned_away_and_leaves_other_requests_alone()
    {
        using var person = await Person.RegisterAsync(_host);
        var flood = Enumerable.Range(0, 80).Select(async i =>
        {
            using var client = From($"203.0.113.{200 + (i % 4)}");
            using var answer = await client.PostAsJsonAsync(
                "/v1/auth/login", new { email = $"n{Guid.NewGuid():N}@example.com", password = "not the password" });
            return (answer.StatusCode, RetryAfter: answer.Headers.RetryAfter?.ToString());
        }).ToList();

        // While they wait, who is logged in works on.
        await person.GetAsync("/v1/auth/me");
        var answers = await Task.WhenAll(flood);
        Assert.Multiple(() =>
        {
            Assert.That(answers.Select(answer => answer.StatusCode).Distinct(), Is.EquivalentTo(new[] { HttpStatusCode.Unauthorized, HttpStatusCode.ServiceUnavailable }));
            Assert.That(answers.Where(answer => answer.StatusCode == HttpStatusCode.ServiceUnavailable).Select(answer => answer.RetryAfter), Has.None.Null);
        });
    }

    [Test]
    public async Task A_client_address_is_limited_and_told_so()
    {
        using var client = From("203.0.113.1");
        for (var i = 1; i <= 40; i++)
        {
            using var passed = await client.GetAsync("/v1/auth/me");
            Assert.That(passed.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
            Assert.That(Limits(passed), Is.EqualTo((40, 40 - i)));
            Assert.That(Number(passed, "RateLimit-Reset"), Is.InRange(1, 86_400));
        }

        using var refused = await client.GetAsync("/v1/auth/me");
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Multiple(() =>
        {
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.TooManyRequests));
            Assert.That(problem.GetProperty("type").GetString(), Is.EqualTo("urn:memorymesh:problem:too-many-requests"));
            Assert.That(Limits(refused), Is.EqualTo((40, 0)));
            Assert.That(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, Is.InRange(1, 2 * 86_400));
            Assert.That(refused.Headers.Contains("X-Content-Type-Options"));
        });

        using var other = From("203.0.113.2");
        using var unlimited = await other.GetAsync("/v1/auth/me");
        Assert.That(unlimited.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), "another address has a count of its own");
        foreach (var probe in (string[])["/health", "/alive", "/v1/admin/health", "/v1/admin/readiness"])
        {
            using var answer = await client.GetAsync(probe);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), $"{probe} is never limited");
            Assert.That(answer.Headers.Contains("RateLimit-Limit"), Is.False);
        }

        using var local = _host.CreateClient();
        Assert.That(await local.GetStringAsync("/metrics"), Does.Match("""memorymesh_rate_limit_hits_total\{(service="gateway",)?limit="global"\} [1-9]"""));
    }

    [Test]
    public async Task A_tenant_is_limited_whatever_address_its_callers_have()
    {
        using var setUp = From("203.0.113.10");
        var email = $"p{Guid.NewGuid():N}@example.com";
        await setUp.SendJsonAsync(HttpMethod.Post, "/v1/auth/register", new { email, username = $"p{Guid.NewGuid():N}"[..20], password = Person.Password }, HttpStatusCode.Created);
        var tokens = await setUp.SendJsonAsync(HttpMethod.Post, "/v1/auth/login", new { email, password = Person.Password }, HttpStatusCode.OK);
        for (var i = 1; i <= 6; i++)
        {
            using var client = From($"203.0.113.{100 + i}");
            client.DefaultRequestHeaders.Authorization = new("Bearer", tokens.GetProperty("access_token").GetString());
            using var response = await client.GetAsync("/v1/auth/me");
            Assert.That(response.StatusCode, Is.EqualTo(i <= 5 ? HttpStatusCode.OK : HttpStatusCode.TooManyRequests));
            Assert.That(Limits(response), Is.EqualTo((5, Math.Max(0, 5 - i))), "the tighter limit is told");
            Assert.That(response.Headers.RetryAfter is not null, Is.EqualTo(i == 6));
        }
    }

    private static (int Limit, int Remaining) Limits(HttpResponseMessage response) => (Number(response, "RateLimit-Limit"), Number(response, "RateLimit-Remaining"));

    private static int Number(HttpResponseMessage response, string name) => int.Parse(response.Headers.GetValues(name).Single(), CultureInfo.InvariantCulture);

    private protected HttpClient From(string address) => From(_host, address);

    private protected static HttpClient From(TestHost host, string address)
    {
        var client = host.CreateClient();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        return client;
    }
}

/// <summary>Limits that one process counts for itself.</summary>
[TestFixture]
public class OwnRateLimitFlowTests() : RateLimitFlowTests(HostKind.Embedded);

/// <summary>Limits that Gateways share over Redis.</summary>
[TestFixture]
public class SharedRateLimitFlowTests() : RateLimitFlowTests(HostKind.Processes)
{
    private RedisServer? _redis;
    private Dictionary<string, string> _environment = [];

    private protected override async Task<Dictionary<string, string>> EnvironmentAsync()
    {
        _redis = await RedisServer.StartAsync();
        return _environment = new Dictionary<string, string>(await base.EnvironmentAsync())
        {
            ["REDIS_URL"] = $"redis://{_redis.ConnectionString}/0",

            // What belongs to one server in Redis is told by its keys.
            ["ENCRYPTION_KEY"] = new string('1', 64),
            ["MEMORY_INDEX_KEY"] = new string('2', 64),
        };
    }

    private protected override async Task StopServersAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    [Test]
    public async Task Two_Gateways_share_limits_and_Redis_may_be_killed_under_requests()
    {
        await using var second = await TestHost.StartAsync(HostKind.Embedded, environment: _environment);
        TestHost[] hosts = [Host, second];
        await RedisIsAsync(hosts, "healthy");
        Assert.That(await PassedAsync(hosts, "203.0.113.60", 60), Is.EqualTo(40));

        // Killed in the midst of them, and while nobody has noticed yet.
        var flood = Enumerable.Range(0, 8).Select(i => Task.Run(() => PassedAsync(hosts, $"203.0.113.{70 + i}", 60))).ToList();
        _redis!.Kill();
        foreach (var passed in await Task.WhenAll(flood))
        {
            Assert.That(passed, Is.InRange(40, 60), "counted in Redis for a while, then by each Gateway");
        }

        await RedisIsAsync(hosts, "degraded");
        Assert.That(await PassedAsync([second], "203.0.113.80", 45), Is.EqualTo(40), "each counts for itself");

        await _redis.StartAgainAsync();
        await RedisIsAsync(hosts, "healthy");
        Assert.That(await PassedAsync(hosts, "203.0.113.61", 60), Is.EqualTo(40));
    }

    [Test]
    public async Task A_revoked_key_opens_nothing_any_more_in_any_service()
    {
        using var setUp = From("203.0.113.90");
        var email = $"p{Guid.NewGuid():N}@example.com";
        await setUp.SendJsonAsync(HttpMethod.Post, "/v1/auth/register", new { email, username = $"p{Guid.NewGuid():N}"[..20], password = Person.Password }, HttpStatusCode.Created);
        var tokens = await setUp.SendJsonAsync(HttpMethod.Post, "/v1/auth/login", new { email, password = Person.Password }, HttpStatusCode.OK);
        setUp.DefaultRequestHeaders.Authorization = new("Bearer", tokens.GetProperty("access_token").GetString());
        var key = await setUp.SendJsonAsync(HttpMethod.Post, "/v1/auth/api-keys", new { name = "key", scopes = new[] { "read" } }, HttpStatusCode.Created);
        using var client = From("203.0.113.91");
        client.DefaultRequestHeaders.Add("x-api-key", key.GetProperty("key").GetString());
        await client.SendJsonAsync(HttpMethod.Get, "/v1/conversations", null, HttpStatusCode.OK);
        using var revoked = await setUp.DeleteAsync(new Uri($"/v1/auth/api-keys/{key.GetProperty("id").GetString()}", UriKind.Relative));
        Assert.That(revoked.IsSuccessStatusCode);
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await client.GetAsync(new Uri("/v1/conversations", UriKind.Relative));
                return answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests;
            },
            Eventually.Patience,
            () => "The key still opens.");
    }

    /// <summary>Sends requests of one client over several Gateways, a few at a time.</summary>
    /// <returns>How many passed the limit. All others were refused by it: none failed.</returns>
    private static async Task<int> PassedAsync(TestHost[] hosts, string address, int requests)
    {
        var clients = hosts.Select(host => From(host, address)).ToArray();
        try
        {
            var passed = 0;
            for (var i = 0; i < requests; i++)
            {
                using var answer = await clients[i % clients.Length].GetAsync(new Uri("/v1/auth/me", UriKind.Relative));
                Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized).Or.EqualTo(HttpStatusCode.TooManyRequests));
                passed += answer.StatusCode == HttpStatusCode.Unauthorized ? 1 : 0;
            }

            return passed;
        }
        finally
        {
            foreach (var client in clients)
            {
                client.Dispose();
            }
        }
    }

    private static async Task RedisIsAsync(TestHost[] hosts, string status)
    {
        foreach (var host in hosts)
        {
            using var client = host.CreateClient();
            await Eventually.TrueAsync(
                async () => (await client.GetFromJsonAsync<JsonElement>("/v1/admin/health")).GetProperty("checks").EnumerateArray()
                    .Any(check => check.GetProperty("name").GetString() == "redis" && check.GetProperty("status").GetString() == status),
                Eventually.Patience,
                () => $"Redis is not {status}.");
        }
    }
}
