using System.Net;
using System.Text;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.EndToEnd;

/// <summary>Requests that no client should send, over every route that is described.</summary>
public class MalformedRequestTests
{
    private const int Requests = 2_000;

    private static readonly string[] Bodies =
    [
        "",
        "{",
        "null",
        "[]",
        "42",
        "\"text\"",
        "{\"role\":\"user\"",
        "{\"a\":1}",
        "{\"tenant_id\":{\"$ne\":null},\"content\":[1,2]}",
        "{\"content\":\"\\ud800\",\"role\":\"user\",\"conversation_id\":\"c\"}",
        "{\"content\":\"a\\u0000b\",\"role\":\"user\",\"conversation_id\":\"c\"}",
        "{\"text\":\"\\udfff\"}",
        "{\"text\":\"a\\u0000b\"}",
        "{\"role\":\"root\",\"content\":\"x\",\"conversation_id\":\"c\"}",
        "{\"role\":1e999,\"content\":\"x\"}",
        "{\"importance\":\"NaN\"}",
        "{\"importance\":NaN}",
        "{\"name\":[],\"scopes\":\"all\",\"expires_at\":\"tomorrow\"}",
        "{\"email\":\"no\",\"username\":\"\",\"password\":1}",
        "{\"messages\":{}}",
        "{\"messages\":[null]}",
        "{\"messages\":[]}",
        "{\"ids\":[\"not an id\"]}",
        "{\"ids\":[{}]}",
        "{\"max_age_days\":-1,\"action\":\"explode\"}",
        "{\"id\":\"00000000-0000-0000-0000-000000000000\",\"owner\":\"me\",\"role\":\"owner\",\"tenant\":\"x\"}",
        "{\"a\":1,\"a\":2}",
        "{\"user_id\":\"u\",\"messages\":[{\"role\":\"user\"}]}",
        "{\"user_id\":\"\\ud800\",\"message\":\"x\"}",
        "{\"user_id\":\"u\",\"message\":{\"role\":\"user\",\"content\":{}}}",
        "{\"user_id\":\"u\",\"chat_id\":\"..\",\"message\":\"x\"}",
        "{\"chat_id\":\"no such chat\",\"response\":\"x\"}",
        "{\"query\":\"x\",\"mode\":\"telepathic\"}",
        "{\"query\":\"\\u0000\",\"limit\":-1}",
        "{\"memory_id\":\"../../admin\"}",
        "{\"memory_id\":\"\\ud800\",\"data\":\"x\"}",
        "{\"memory_id\":[],\"data\":1}",
        "{\"data\":\"\\u0000\",\"user_id\":\"u\"}",
        "\u0000\u0001\u0002",
        "<?xml version=\"1.0\"?><a/>",
    ];

    private static readonly string[] Ids =
    [
        "nothing", "00000000-0000-0000-0000-000000000000", "../../etc/passwd", "%00", "%2e%2e%2f", "a%0d%0ab", "%F0%9F%92%A9", "'--", "*", "%", "%zz", "-1", "NaN",
        new string('x', 3_000),
    ];

    private static readonly string[] Queries =
    [
        "tenant_id=", "tenant_id=no-such-tenant", "tenant_id=%00", "top_k=-1", "top_k=abc", "top_k=99999999999999999999", "limit=0", "limit=x", "page=-5", "page=1e9",
        "page_size=100000", "cursor=!!!", "before=AAAA", "after=%FF", "from=yesterday", "to=9999-99-99", "min_importance=NaN", "min_importance=2", "explain=perhaps",
        "query=", "query=%00", "query=%22%20OR%20*", "query=NEAR(", "ordering=password", "status=unknown", "category=%27", "role=root", "wait=forever", "max_tokens=-1",
        "user_id=%00", "scope=galaxy", "team_id=x", "tenant_id=a&tenant_id=b", "max_tokens=999999999999", "include_archived=2",
    ];

    private static readonly string[] Others = ["/v1/", "/v2/", "/ws/", "/.well-known/"];

    [Test]
    public Task Two_thousand_malformed_requests_meet_no_5xx_and_change_nothing() => SendAsync(_ => true, 30, 20_261, Requests);

    /// <summary>The APIs of earlier services: what does not stand under /v1 and is no socket.</summary>
    [Test]
    public Task A_thousand_malformed_requests_to_the_facades_meet_no_5xx_and_change_nothing()
        => SendAsync(path => !Others.Any(prefix => path.StartsWith(prefix, StringComparison.Ordinal)), 45, 41_004, 1_000);

    private static async Task SendAsync(Func<string, bool> chooses, int leastOperations, int seed, int requests)
    {
        await using var host = await TestHost.StartAsync(HostKind.Embedded);
        using var person = await Person.RegisterAsync(host);
        await person.PostAsync("/v1/messages?wait=indexed", new { conversation_id = "kept", role = "user", content = "My name is Honda." });
        await Eventually.TrueAsync(
            async () => (await person.GetAsync("/v1/memories?status=completed")).GetProperty("count").GetInt32() == 1,
            TimeSpan.FromSeconds(20),
            () => "The memory was not completed.");
        var before = await SnapshotAsync(person);

        var operations = Operations(await person.GetAsync("/openapi/v1.json")).FindAll(operation => chooses(operation.Path));
        Assert.That(operations, Has.Count.GreaterThanOrEqualTo(leastOperations));
        var random = new Random(seed);
        var seen = new SortedDictionary<int, int>();
        for (var i = 0; i < requests; i++)
        {
            var (method, path) = operations[i % operations.Count];
            using var request = Build(random, method, path);
            using var response = await person.Client.SendAsync(request);
            var body = await response.Content.ReadAsStringAsync();
            var status = (int)response.StatusCode;
            seen[status] = seen.GetValueOrDefault(status) + 1;
            var sent = $"{request.Method} {request.RequestUri} -> {status}: {body}";
            Assert.That(status, Is.LessThan(500), sent);
            if (HasNulInPath(request))
            {
                // The server refuses these before the program sees them.
                Assert.That((status, body), Is.EqualTo((400, "")), sent);
            }
            else if (status >= 400)
            {
                Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"), sent);
                var problem = JsonDocument.Parse(body).RootElement;
                Assert.That(problem.GetProperty("type").GetString(), Does.StartWith("urn:memorymesh:problem:"), sent);
                Assert.That(problem.GetProperty("status").GetInt32(), Is.EqualTo(status), sent);
                Assert.That(body, Does.Not.Contain("   at ").And.Not.Contain("Exception"), sent);
            }
        }

        TestContext.Out.WriteLine(string.Join(", ", seen.Select(pair => $"{pair.Key}: {pair.Value}")));
        Assert.That(await SnapshotAsync(person), Is.EqualTo(before));
    }

    private static HttpRequestMessage Build(Random random, string method, string path)
    {
        // A DELETE without anything wrong would be a good request: its ids are always wrong here, and collections get no DELETE without a bad body or query.
        while (path.Contains('{', StringComparison.Ordinal))
        {
            var (open, close) = (path.IndexOf('{', StringComparison.Ordinal), path.IndexOf('}', StringComparison.Ordinal));
            path = path[..open] + Pick(random, Ids) + path[(close + 1)..];
        }

        if (random.Next(2) == 0)
        {
            path += "?" + Pick(random, Queries);
        }

        var verb = random.Next(12) == 0 ? Pick(random, ["TRACE", "PATCH", "PUT", "FOO", "OPTIONS"]) : method;
        var request = new HttpRequestMessage(new HttpMethod(verb), new Uri(path, UriKind.Relative));
        if (method is not ("GET" or "DELETE") || random.Next(3) == 0)
        {
            var body = random.Next(20) switch
            {
                0 => "{\"content\":\"" + new string('x', 60_000) + "\",\"role\":\"user\",\"conversation_id\":\"c\"}",
                1 => new string('[', 200) + new string(']', 200),
                2 => "{\"metadata\":" + string.Concat(Enumerable.Repeat("{\"a\":", 100)) + "1" + new string('}', 100) + "}",
                3 => new string('x', 2_000_000),
                _ => Pick(random, Bodies),
            };
            var bytes = random.Next(25) == 0 ? [0xff, 0xfe, 0x7b, 0x22, 0xc3, 0x28] : Encoding.UTF8.GetBytes(body);
            request.Content = new ByteArrayContent(bytes);
            request.Content.Headers.TryAddWithoutValidation(
                "Content-Type", Pick(random, ["application/json", "application/json", "application/json", "application/json; charset=utf-8", "text/plain", "application/xml", "nonsense"]));
            if (random.Next(30) == 0)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Encoding", "gzip");
            }
        }

        // A body that is refused by its length alone: a client that sent it all the same would find the connection closed.
        // The server closes the connection of a body that it did not read, so nothing else may be sent on it.
        request.Headers.ConnectionClose = request.Headers.ExpectContinue = request.Content?.Headers.ContentLength > 1_000_000;
        if (random.Next(15) == 0)
        {
            request.Headers.TryAddWithoutValidation("If-Match", Pick(random, ["nonsense", "W/\"v1\"", "\"v999\"", "\"\""]));
            request.Headers.TryAddWithoutValidation("Idempotency-Key", new string('k', random.Next(1, 600)));
        }

        return request;
    }

    private static List<(string Method, string Path)> Operations(JsonElement openApi)
        => [
            .. openApi.GetProperty("paths").EnumerateObject()

                // Logging out and ending sessions with no body are good requests that would end the test's own session; a stream of events does not end.
                .Where(path => path.Name is not ("/v1/auth/logout" or "/v1/auth/sessions" or "/v1/events"))
                .SelectMany(path => path.Value.EnumerateObject()
                    .Where(operation => operation.Name is "get" or "post" or "put" or "patch" or "delete")

                    // A policy is deleted, a run started and a tenant's memories deleted by a request without a body: all are good requests.
                    .Where(operation => (operation.Name, path.Name) is not (("delete", "/v1/retention/policy") or ("post", "/v1/admin/retention/run" or "/memory/reset")))
                    .Select(operation => (operation.Name.ToUpperInvariant(), path.Name))),
        ];

    private static async Task<string> SnapshotAsync(Person person)
    {
        string[] paths = ["/v1/conversations", "/v1/conversations/kept/messages", "/v1/memories", "/v1/organizations", "/v1/auth/api-keys", "/v1/auth/me"];
        var parts = new List<string>();
        foreach (var path in paths)
        {
            parts.Add($"{path}: {await person.GetAsync(path)}");
        }

        return string.Join('\n', parts);
    }

    private static bool HasNulInPath(HttpRequestMessage request) => request.RequestUri!.AbsolutePath.Contains("%00", StringComparison.Ordinal);

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];
}
