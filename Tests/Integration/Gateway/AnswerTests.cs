using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Gateway;

/// <summary>What every answer has, whatever was asked.</summary>
public class AnswerTests(HostKind kind) : FunctionalTests(kind)
{
    private const int MaxBody = 1024 * 1024;
    private HttpClient _client = null!;

    [OneTimeSetUp]
    public void CreateClient() => _client = Host.CreateClient();

    [OneTimeTearDown]
    public void DisposeClient() => _client.Dispose();

    [TestCase("GET", "/v1/admin/health", 200)]
    [TestCase("GET", "/v1/auth/me", 401)]
    [TestCase("GET", "/v1/nothing", 404)]
    [TestCase("DELETE", "/v1/admin/health", 405)]
    [TestCase("GET", "/console", 200)]
    [TestCase("GET", "/openapi/v1.json", 200)]
    public async Task Every_answer_has_the_security_headers(string verb, string path, int status)
    {
        using var response = await SendAsync(verb, path);
        var headers = response.Headers;
        Assert.That((int)response.StatusCode, Is.EqualTo(status));
        Assert.Multiple(() =>
        {
            Assert.That(headers.GetValues("X-Content-Type-Options"), Is.EqualTo((string[])["nosniff"]));
            Assert.That(headers.GetValues("X-Frame-Options"), Is.EqualTo((string[])["DENY"]));
            Assert.That(headers.GetValues("Referrer-Policy"), Is.EqualTo((string[])["no-referrer"]));
            Assert.That(headers.GetValues("Content-Security-Policy").Single(), Does.StartWith("default-src 'none'").And.Contain("frame-ancestors 'none'"));
            Assert.That(headers.GetValues("x-trace-id").Single(), Does.Match("^[0-9a-f]{32}$"));
            Assert.That(headers.Contains("Server"), Is.False);
            Assert.That(headers.Contains("Strict-Transport-Security"), Is.False, "plain HTTP");
            Assert.That(headers.CacheControl?.NoStore ?? false, Is.EqualTo(path.StartsWith("/v1/", StringComparison.Ordinal)));
        });
    }

    [TestCase("GET", "/v1/nothing", 404, "not-found")]
    [TestCase("GET", "/favicon.ico", 404, "not-found")]
    [TestCase("GET", "/docs/nothing", 404, "not-found")]
    [TestCase("POST", "/internal/auth/signing-keys", 404, "not-found")]
    [TestCase("GET", "/v1/%zz", 404, "not-found")]
    [TestCase("PATCH", "/v1/auth/me", 405, "method-not-allowed")]
    [TestCase("TRACE", "/v1/auth/me", 405, "method-not-allowed")]
    [TestCase("OPTIONS", "/v1/messages", 405, "method-not-allowed")]
    [TestCase("POST", "/v1/admin/readiness", 405, "method-not-allowed")]
    [TestCase("GET", "/v1/conversations/x", 401, "unauthenticated")]
    public async Task An_error_is_problem_details_whatever_the_client_accepts(string verb, string path, int status, string kind)
    {
        foreach (var accept in (string[])["*/*", "text/html", "application/json"])
        {
            using var response = await SendAsync(verb, path, accept: accept);
            await AssertProblemAsync(response, status, kind);
            if (status == 405)
            {
                Assert.That(response.Content.Headers.Allow, Is.Not.Empty, "405 lists the verbs that are supported");
            }
        }
    }

    [Test]
    public async Task A_body_over_a_mebibyte_is_refused_with_or_without_a_length()
    {
        var body = new byte[MaxBody + 1];
        Array.Fill(body, (byte)' ');
        foreach (var chunked in (bool[])[false, true])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/auth/login") { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.TransferEncodingChunked = chunked;
            using var response = await _client.SendAsync(request);
            await AssertProblemAsync(response, 413, "too-large");
        }
    }

    [Test]
    public async Task A_body_of_a_mebibyte_is_read()
    {
        var text = new StringBuilder("""{"email":"nobody@example.com","password":"wrong password"}""");
        text.Append(' ', MaxBody - text.Length);
        using var response = await _client.PostAsync("/v1/auth/login", new StringContent(text.ToString(), Encoding.UTF8, "application/json"));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), await response.Content.ReadAsStringAsync());
    }

    [Test]
    public async Task A_batch_may_be_larger()
    {
        using var person = await Person.RegisterAsync(Host);
        var items = Enumerable.Range(0, 60).Select(i => new { tenant_id = person.TenantId, conversation_id = "large", role = "user", content = new string('a', 30_000) });
        using var response = await person.Client.PostAsync(
            "/v1/messages/batch", new StringContent(JsonSerializer.Serialize(new { messages = items }), Encoding.UTF8, "application/json"));
        Assert.That(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
    }

    [TestCase("application/json", "gzip")]
    [TestCase("application/json", "br")]
    [TestCase("application/json; charset=utf-16", null)]
    [TestCase("application/json; charset=klingon", null)]
    [TestCase("text/plain", null)]
    [TestCase("application/x-www-form-urlencoded", null)]
    public async Task A_body_that_is_not_plain_JSON_in_UTF8_is_refused(string type, string? encoding)
    {
        using var content = new ByteArrayContent("{}"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        using var response = await _client.PostAsync("/v1/auth/login", content);
        await AssertProblemAsync(response, 415, "unsupported-media-type");
    }

    [Test]
    public async Task Too_long_an_address_and_too_many_or_too_large_headers_are_refused()
    {
        using var address = await SendAsync("GET", $"/v1/auth/me?x={new string('a', 9_000)}");
        await AssertProblemAsync(address, 414, "address-too-long");
        using var large = await SendAsync("GET", "/v1/auth/me", request => request.Headers.Add("X-Large", new string('a', 33_000)));
        await AssertProblemAsync(large, 431, "headers-too-large");
        using var many = await SendAsync("GET", "/v1/auth/me", request =>
        {
            for (var i = 0; i < 110; i++)
            {
                request.Headers.Add($"X-{i}", "1");
            }
        });
        await AssertProblemAsync(many, 431, "headers-too-large");
    }

    [Test]
    public async Task A_header_that_is_not_ASCII_does_no_harm()
    {
        var answer = await RawHttp.SendAsync(Host, "GET /v1/auth/me HTTP/1.1\r\nHost: localhost\r\nX-Name: Grüße 你好\r\nConnection: close\r\n\r\n");
        Assert.That(answer, Does.StartWith("HTTP/1.1 401 "));
    }

    [TestCase("GET /v1/%00 HTTP/1.1\r\nHost: localhost\r\n")]
    [TestCase("GET /v1/auth/me HTTP/1.1\r\nHost: a b\r\n")]
    [TestCase("GET /v1/auth/me HTTP/1.1\r\n")]
    [TestCase("GET /v1/auth/me HTTP/1.1\r\nHost: a\r\nHost: b\r\n")]
    [TestCase("GET http://elsewhere.example/v1/auth/me HTTP/1.1\r\nHost: localhost\r\n")]
    [TestCase("GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n")]
    [TestCase("GET /docs/..%2f..%2fx HTTP/1.1\r\nHost: localhost\r\n")]
    [TestCase("GET /v1/messages/..%2f..%2finternal HTTP/1.1\r\nHost: localhost\r\n")]
    [TestCase("GET /v1/messages/../../internal/auth/session HTTP/1.1\r\nHost: localhost\r\n")]
    [TestCase("GET //v1//auth//me HTTP/1.1\r\nHost: localhost\r\n")]
    [TestCase("CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n")]
    [TestCase("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n")]
    [TestCase("POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: -1\r\n")]
    [TestCase("POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: gzip\r\n")]
    [TestCase("POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 3\r\n")]
    [TestCase("POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: ;;;\r\nContent-Length: 0\r\n")]
    [TestCase("GET /v1/auth/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a\r\nx-api-key: b\r\n")]
    [TestCase("GET /v1/auth/me HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n")]
    [TestCase("nonsense\r\n")]
    public async Task Odd_HTTP_is_the_clients_fault(string head)
    {
        var answer = await RawHttp.SendAsync(Host, $"{head}Connection: close\r\n\r\n");
        Assert.That(answer, Does.StartWith("HTTP/1.1 4"));
    }

    [Test]
    public async Task Health_tells_everybody_the_state_and_the_operator_the_details()
    {
        using var person = await Person.RegisterAsync(Host);
        var known = await person.GetAsync("/v1/admin/health");
        using var asked = await SendAsync("GET", "/v1/admin/health", request => request.Headers.Authorization = new("Bearer", TestHost.MonitoringToken));
        var told = await asked.Content.ReadAsStringAsync();
        var anonymous = await _client.SendJsonAsync(HttpMethod.Get, "/v1/admin/health", null, HttpStatusCode.OK);
        Assert.Multiple(() =>
        {
            Assert.That(anonymous.GetProperty("status").GetString(), Is.EqualTo("healthy"));
            Assert.That(anonymous.GetProperty("version").GetString(), Does.Match(@"^\d+\.\d+\.\d+"));
            Assert.That(anonymous.GetProperty("uptime_seconds").GetInt64(), Is.GreaterThanOrEqualTo(0));
            Assert.That(anonymous.GetProperty("checks").EnumerateArray().Select(check => check.GetProperty("status").GetString()), Is.All.EqualTo("healthy"));
            Assert.That(anonymous.ToString(), Does.Not.Contain("details"));
            Assert.That(known.ToString(), Does.Not.Contain("details"));
            Assert.That(told.Contains("sqlite_version", StringComparison.Ordinal), Is.EqualTo(Host.Kind == HostKind.Embedded));
        });
        using var wrong = await SendAsync("GET", "/v1/admin/readiness", request => request.Headers.Add("x-api-key", "mm_wrong"));
        Assert.That(wrong.StatusCode, Is.EqualTo(HttpStatusCode.OK), "wrong credentials do not make a ready server unready");
    }

    [Test]
    public async Task The_console_and_the_page_of_the_API_come_from_this_server_alone()
    {
        using var root = await SendAsync("GET", "/");
        Assert.That(root.RequestMessage!.RequestUri!.AbsolutePath, Is.EqualTo("/console"), "the root leads to the console");
        var console = await root.Content.ReadAsStringAsync();
        Assert.That(console, Does.Contain("href=\"/docs").And.Contain("href=\"/metrics\"").And.Contain("href=\"/v1/admin/readiness\"").And.Not.Contain("http://"));

        using var page = await SendAsync("GET", "/docs");
        Assert.That(page.RequestMessage!.RequestUri!.AbsolutePath, Is.EqualTo("/docs/index.html"));
        Assert.That(page.Headers.GetValues("Content-Security-Policy").Single(), Does.Contain("script-src 'self';").And.Not.Contain("unsafe-eval"));
        var script = await _client.GetStringAsync("/docs/index.js");
        Assert.That(script, Does.Contain("/openapi/v1.json"));
        foreach (var file in (string[])["swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "index.css"])
        {
            using var part = await SendAsync("GET", $"/docs/{file}");
            Assert.That(part.StatusCode, Is.EqualTo(HttpStatusCode.OK), file);
        }
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, int status, string kind)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.That((int)response.StatusCode, Is.EqualTo(status), text);
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
        if (response.RequestMessage!.Method != HttpMethod.Head)
        {
            var problem = JsonDocument.Parse(text).RootElement;
            Assert.That(problem.GetProperty("type").GetString(), Is.EqualTo($"urn:memorymesh:problem:{kind}"));
            Assert.That(problem.GetProperty("status").GetInt32(), Is.EqualTo(status));
        }
    }

    private async Task<HttpResponseMessage> SendAsync(string verb, string path, Action<HttpRequestMessage>? change = null, string? accept = null)
    {
        using var request = new HttpRequestMessage(
            new HttpMethod(verb), new Uri(Host.Address.ToString().TrimEnd('/') + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (accept is not null)
        {
            request.Headers.Add("Accept", accept);
        }

        change?.Invoke(request);
        return await _client.SendAsync(request);
    }
}
