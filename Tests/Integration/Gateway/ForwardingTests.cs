using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using MemoryMesh.Gateway;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.Tests.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Tests.Integration.Gateway;

/// <summary>The Gateway in front of a service that the test plays.</summary>
public class ForwardingTests
{
    private DirectoryInfo _folder = null!;
    private WebApplication _service = null!;
    private WebApplication _gateway = null!;
    private HttpClient _client = null!;
    private RequestDelegate _answer = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _folder = Directory.CreateTempSubdirectory("memorymesh-test-");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        _service = builder.Build();
        _service.Run(context => _answer(context));
        await _service.StartAsync();
        var address = _service.Urls.Single();
        _gateway = CreateGateway(address, address);
        await _gateway.StartAsync();
        _client = new HttpClient { BaseAddress = new Uri(_gateway.Urls.Single()), Timeout = TimeSpan.FromSeconds(30) };
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _client.Dispose();
        await _gateway.DisposeAsync();
        await _service.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task A_request_and_its_answer_go_through_unchanged()
    {
        string? target = null, body = null, key = null, host = null, client = null;
        _answer = async context =>
        {
            (key, host, client) = (context.Request.Headers["Idempotency-Key"], context.Request.Host.Value, context.Request.Headers["X-Forwarded-For"]);
            target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
            body = await new StreamReader(context.Request.Body).ReadToEndAsync();
            context.Response.StatusCode = 201;
            context.Response.Headers.ETag = "\"v1\"";
            await context.Response.WriteAsync("{\"ok\":true}");
        };
        using var request = new HttpRequestMessage(
            HttpMethod.Put,
            new Uri(_client.BaseAddress!.ToString().TrimEnd('/') + "/v1/messages/a%2Fb%25?x=%2e&y=a+b", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Content = JsonContent.Create(new { content = "hello" }),
        };
        request.Headers.Add("Idempotency-Key", "k1");
        using var response = await _client.SendAsync(request);
        Assert.Multiple(() =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Created));
            Assert.That(response.Headers.ETag!.Tag, Is.EqualTo("\"v1\""));
            Assert.That(response.Headers.Contains("X-Content-Type-Options"));
            Assert.That(target, Is.EqualTo("/v1/messages/a%2Fb%25?x=%2e&y=a+b"));
            Assert.That(body, Is.EqualTo("{\"content\":\"hello\"}"));
            Assert.That(key, Is.EqualTo("k1"));
            Assert.That(host, Is.EqualTo(_client.BaseAddress!.Authority));
            Assert.That(client, Is.EqualTo("127.0.0.1"));
        });
        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("{\"ok\":true}"));
    }

    [Test]
    public async Task An_answer_is_passed_on_while_it_is_being_written()
    {
        var parts = Channel.CreateUnbounded<string>();
        _answer = async context =>
        {
            await foreach (var part in parts.Reader.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.WriteAsync(part);
                await context.Response.Body.FlushAsync();
            }
        };
        await parts.Writer.WriteAsync("one");
        using var response = await _client.GetAsync("/v1/conversations/x/messages", HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[16];
        Assert.That(Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer)), Is.EqualTo("one"));
        await parts.Writer.WriteAsync("two");
        Assert.That(Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer)), Is.EqualTo("two"));
        parts.Writer.Complete();
        Assert.That(await stream.ReadAsync(buffer), Is.Zero);
    }

    [Test]
    public async Task A_large_body_goes_through_as_a_stream_and_a_too_large_one_does_not()
    {
        _answer = async context =>
        {
            var (size, buffer) = (0L, new byte[64 * 1024]);
            for (int read; (read = await context.Request.Body.ReadAsync(buffer)) > 0;)
            {
                size += read;
            }

            await context.Response.WriteAsJsonAsync(size);
        };
        var body = new byte[20 * 1024 * 1024];
        using var large = await _client.PostAsync("/v1/messages/batch", new ByteArrayContent(body));
        Assert.That(await large.Content.ReadAsStringAsync(), Is.EqualTo($"{body.Length}"));

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = new ByteArrayContent(body, 0, 1_500_000) };
        request.Headers.TransferEncodingChunked = true;
        using var refused = await _client.SendAsync(request);
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge), await refused.Content.ReadAsStringAsync());
    }

    [Test]
    public async Task A_service_may_answer_before_it_has_read_the_body()
    {
        _answer = context =>
        {
            context.Response.StatusCode = 401;
            return Task.CompletedTask;
        };
        for (var i = 0; i < 20; i++)
        {
            using var refused = await _client.PostAsync("/v1/messages/batch", new ByteArrayContent(new byte[2_000_000]));
            Assert.That((int)refused.StatusCode, Is.EqualTo(401).Or.EqualTo(502));
        }

        using var after = await _client.GetAsync("/v1/messages/x");
        Assert.That(after.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), "the Gateway goes on");
    }

    [Test]
    public async Task A_client_that_goes_away_ends_the_request_of_the_service()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _answer = async context =>
        {
            context.RequestAborted.Register(() => ended.TrySetResult());
            begun.TrySetResult();
            await ended.Task;
        };
        using var gone = new CancellationTokenSource();
        var call = _client.GetAsync(new Uri("/v1/memories", UriKind.Relative), gone.Token);
        await begun.Task.WaitAsync(Eventually.Patience);
        await gone.CancelAsync();
        Assert.That(async () => await call, Throws.InstanceOf<OperationCanceledException>());
        await ended.Task.WaitAsync(Eventually.Patience);
    }

    [Test]
    public async Task A_service_that_breaks_off_is_a_bad_gateway_and_a_half_answer_stays_one()
    {
        _answer = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        using var broken = await _client.GetAsync("/v1/memories");
        await AssertProblemAsync(broken, 502, "bad-gateway");

        _answer = async context =>
        {
            context.Response.ContentLength = 1_000;
            await context.Response.WriteAsync("half");
            await context.Response.Body.FlushAsync();
            context.Abort();
        };
        Assert.That(async () => await _client.GetStringAsync("/v1/memories"), Throws.InstanceOf<HttpRequestException>().Or.InstanceOf<IOException>());
    }

    [Test]
    public async Task Paths_of_no_service_and_internal_ones_are_not_found()
    {
        _answer = _ => throw new InvalidOperationException("Nothing may be forwarded.");
        foreach (var path in (string[])["/v1/nothing", "/internal/chat/messages", "/v1/messagesx", "/v1/admin", "/v2/messages"])
        {
            using var response = await _client.PostAsync(path, JsonContent.Create(new { }));
            await AssertProblemAsync(response, 404, "not-found");
        }
    }

    [TestCase("Healthy", "healthy")]
    [TestCase("Degraded", "degraded")]
    public async Task What_a_service_says_of_its_health_the_gateway_says(string answer, string status)
    {
        _answer = context => context.Response.WriteAsync(answer);
        var health = await _client.GetFromJsonAsync<JsonElement>("/v1/admin/health");
        Assert.That(
            health.GetProperty("checks").EnumerateArray().Single(check => check.GetProperty("name").GetString() == "service:search").GetProperty("status").GetString(),
            Is.EqualTo(status));
    }

    [Test]
    public async Task While_a_service_is_down_its_paths_are_unavailable_and_the_others_are_not()
    {
        _answer = context => context.Response.WriteAsync("up");
        await using var gateway = CreateGateway(_service.Urls.Single(), memory: $"http://127.0.0.1:{TestHost.FreePort()}");
        await gateway.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(gateway.Urls.Single()) };
        using var down = await client.GetAsync("/v1/memories");
        await AssertProblemAsync(down, 503, "unavailable");
        Assert.That(down.Headers.RetryAfter, Is.Not.Null);
        Assert.That(await client.GetStringAsync("/v1/messages/x"), Is.EqualTo("up"));

        using var readiness = await client.GetAsync("/v1/admin/readiness");
        var state = await readiness.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(readiness.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(
            state.GetProperty("checks").EnumerateArray().Where(check => check.GetProperty("status").GetString() != "healthy").Select(check => check.GetProperty("name").GetString()),
            Is.EqualTo((string[])["service:memory"]));
        using var description = await client.GetAsync("/openapi/v1.json");
        Assert.That(description.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable), "half a description would be taken for the whole");
    }

    [TestCase("searchers", "/v1/memory/search", 100, HttpStatusCode.OK)]
    [TestCase("searchers", "/v1/memory/search", 900_000, HttpStatusCode.OK)]
    [TestCase("searchers", "/v1/memory/search", 1_500_000, HttpStatusCode.RequestEntityTooLarge)]
    [TestCase("readers", "/v1/context", 900_000, HttpStatusCode.OK)]
    public async Task What_a_replica_broke_off_goes_to_the_service_with_its_whole_body(string replicas, string path, int length, HttpStatusCode status)
    {
        var (tries, read) = (0, 0L);
        _answer = async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            read = body.Length;
            if (Interlocked.Increment(ref tries) == 1)
            {
                context.Abort();
            }
        };
        var address = _service.Urls.Single();
        await using var gateway = CreateGateway(address, address, $"--services:{replicas}:http:0={address}");
        await gateway.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(gateway.Urls.Single()) };
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(new byte[length]) };
        request.Headers.TransferEncodingChunked = true;
        using var response = await client.SendAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(status));
        if (status == HttpStatusCode.OK)
        {
            Assert.That((tries, read), Is.EqualTo((2, (long)length)));
        }

        // What changes something is never sent twice.
        tries = 0;
        using var saving = await client.PostAsync("/v1/searches", new ByteArrayContent(new byte[10]));
        Assert.That((saving.StatusCode, tries), Is.EqualTo((HttpStatusCode.BadGateway, 1)));
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, int status, string kind)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.That((int)response.StatusCode, Is.EqualTo(status), text);
        Assert.That(JsonDocument.Parse(text).RootElement.GetProperty("type").GetString(), Is.EqualTo($"urn:memorymesh:problem:{kind}"));
    }

    private WebApplication CreateGateway(string service, string memory, params string[] settings)
    {
        var builder = MemoryMeshHost.CreateBuilder(
            [
                "--urls", "http://127.0.0.1:0", "--data", _folder.FullName, "--Gateway:GlobalRateLimit=none",
                .. ((string[])["auth", "chat", "search", "retention"]).Select(name => $"--services:{name}:http:0={service}"), $"--services:memory:http:0={memory}", .. settings,
            ],
            GatewayModule.Name);
        builder.Logging.ClearProviders();
        builder.Services.AddGatewayModule().AddGatewayForwarding();
        var app = builder.Build();
        app.UseMemoryMeshGateway();
        app.MapGatewayEndpoints();
        app.MapGatewayForwarding();
        return app;
    }
}

/// <summary>A deprecated route in a host that serves nothing else.</summary>
public class DeprecatedRouteTests
{
    [Test]
    public async Task Answers_and_errors_of_a_deprecated_route_say_so()
    {
        var folder = Directory.CreateTempSubdirectory("memorymesh-test-");
        try
        {
            var builder = MemoryMeshHost.CreateBuilder(["--urls", "http://127.0.0.1:0", "--data", folder.FullName, "--services:auth:http:0=http://127.0.0.1:1"], "test");
            builder.Logging.ClearProviders();
            MemoryMesh.ServiceDefaults.Internal.AuthCalls.AddAuthHttpClient(builder.Services);
            await using var app = builder.Build();
            app.UseMemoryMeshDefaults();
            app.MapGet("/v1/old/{number:int}", (int number) => number == 0 ? throw new InvalidOperationException("zero") : Results.Ok(100 / number))
                .WithName("Test_Old").WithSummary("An old route").AllowAnonymous()
                .WithDeprecation(DateTimeOffset.UnixEpoch.AddDays(20_000), DateTimeOffset.UnixEpoch.AddDays(20_100), new Uri("https://memory.example/v2"));
            await app.StartAsync();
            using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
            using var answer = await client.GetAsync("/v1/old/4");
            Assert.Multiple(() =>
            {
                Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
                Assert.That(answer.Headers.GetValues("Deprecation"), Is.EqualTo((string[])["@1728000000"]));
                Assert.That(answer.Headers.GetValues("Sunset"), Is.EqualTo((string[])["Sun, 12 Jan 2025 00:00:00 GMT"]));
                Assert.That(answer.Headers.GetValues("Link").Single(), Does.StartWith("<https://memory.example/v2>; rel=\"deprecation\""));
            });
            using var error = await client.GetAsync("/v1/old/0");
            Assert.That(error.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
            Assert.That(error.Headers.GetValues("Deprecation"), Is.EqualTo((string[])["@1728000000"]), "errors too");
            Assert.That(await error.Content.ReadAsStringAsync(), Does.Not.Contain("zero"));
            Assert.That(await client.GetStringAsync("/openapi/v1.json"), Does.Contain("\"deprecated\": true"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
