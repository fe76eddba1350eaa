using System.Net;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Gateway;

public class CorsTests
{
    private const string Allowed = "https://app.example.com";

    [Test]
    public async Task Pages_of_allowed_origins_may_call_and_others_may_not()
    {
        await using var host = await TestHost.StartAsync(
            HostKind.Embedded, environment: new Dictionary<string, string> { ["MEMORY_ALLOWED_ORIGINS"] = $"{Allowed},http://localhost:3000" });
        using var client = host.CreateClient();

        using var preflight = await SendAsync(client, HttpMethod.Options, "/v1/messages", Allowed, "POST", "authorization,content-type,idempotency-key");
        Assert.Multiple(() =>
        {
            Assert.That(preflight.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
            Assert.That(Header(preflight, "Access-Control-Allow-Origin"), Is.EqualTo(Allowed));
            Assert.That(Header(preflight, "Access-Control-Allow-Methods"), Does.Contain("POST"));
            Assert.That(Header(preflight, "Access-Control-Allow-Headers")?.ToUpperInvariant(), Does.Contain("IDEMPOTENCY-KEY"));
            Assert.That(Header(preflight, "Access-Control-Allow-Credentials"), Is.Null, "there are no cookies");
        });

        using var refusal = await SendAsync(client, HttpMethod.Get, "/v1/auth/me", Allowed);
        Assert.Multiple(() =>
        {
            Assert.That(refusal.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
            Assert.That(Header(refusal, "Access-Control-Allow-Origin"), Is.EqualTo(Allowed), "a page can read errors too");
            Assert.That(Header(refusal, "Access-Control-Expose-Headers"), Does.Contain("RateLimit-Remaining").And.Contain("x-trace-id"));
            Assert.That(refusal.Headers.Vary, Does.Contain("Origin"));
        });

        foreach (var origin in (string[])["https://evil.example.com", "http://app.example.com", "https://app.example.com.evil.example", "null"])
        {
            using var foreign = await SendAsync(client, HttpMethod.Options, "/v1/messages", origin, "POST");
            Assert.That(Header(foreign, "Access-Control-Allow-Origin"), Is.Null, origin);
            using var call = await SendAsync(client, HttpMethod.Get, "/v1/auth/me", origin);
            Assert.That(Header(call, "Access-Control-Allow-Origin"), Is.Null, origin);
        }
    }

    [Test]
    public async Task Without_a_setting_no_origin_is_allowed()
    {
        var host = await SharedHosts.GetAsync(HostKind.Embedded);
        using var client = host.CreateClient();
        using var response = await SendAsync(client, HttpMethod.Get, "/v1/auth/me", Allowed);
        Assert.That(Header(response, "Access-Control-Allow-Origin"), Is.Null);
    }

    [Test]
    public async Task A_wildcard_in_production_stops_the_start_with_a_message()
        => await AssertStartFailsAsync(new() { ["MEMORY_ALLOWED_ORIGINS"] = "*" }, "MEMORY_ALLOWED_ORIGINS");

    [Test]
    public async Task Every_wrong_setting_is_told_at_once()
    {
        var output = await AssertStartFailsAsync(new() { ["Gateway__GlobalRateLimit"] = "many", ["MEMORY_GLOBAL_RATE_LIMIT"] = "", ["Gateway__TrustedProxies__0"] = "proxy" }, "Gateway:GlobalRateLimit");
        Assert.That(output, Does.Contain("Gateway:TrustedProxies"));
    }

    private static async Task<string> AssertStartFailsAsync(Dictionary<string, string> environment, string expected)
    {
        string? output = null;
        try
        {
            await using var host = await TestHost.StartAsync(HostKind.Embedded, environment: environment);
        }
        catch (InvalidOperationException exception)
        {
            output = exception.Message;
        }

        Assert.That(output, Does.StartWith("The host ended with 2").And.Contain("MemoryMesh cannot start").And.Contain(expected).And.Not.Contain("   at "));
        return output!;
    }

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpMethod method, string path, string origin, string? verb = null, string? headers = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Origin", origin);
        if (verb is not null)
        {
            request.Headers.Add("Access-Control-Request-Method", verb);
        }

        if (headers is not null)
        {
            request.Headers.Add("Access-Control-Request-Headers", headers);
        }

        return await client.SendAsync(request);
    }
}
