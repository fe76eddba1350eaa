using System.Net;
using System.Text;
using System.Text.Json;
using MemoryMesh.Client;

namespace MemoryMesh.Tests.Unit.Client;

public class ClientTests
{
    private const string Memory = """{"id":"m1","scope":"user","text":"User likes tea.","category":"preference","status":"pending","version":1,"new_member":[1]}""";

    [TestCase("a b/ü?#%", "/v1/conversations/a%20b%2F%C3%BC%3F%23%25")]
    [TestCase("...", "/v1/conversations/...")]
    public async Task An_id_is_one_part_of_the_path(string id, string path)
    {
        var (client, sent) = Create("""{"conversation_id":"x","tenant_id":"t","user_id":"u"}""");
        await client.Conversations.GetAsync(id);
        Assert.That(sent.Single().Path, Is.EqualTo(path));
    }

    [TestCase("")]
    [TestCase(".")]
    [TestCase("..")]
    [TestCase("a\0b")]
    public void An_id_that_would_lead_elsewhere_answers_as_an_unknown_one_without_a_request(string id)
    {
        var (client, sent) = Create("{}");
        var refusal = Assert.ThrowsAsync<MemoryMeshException>(() => client.Memories.DeleteAsync(id));
        Assert.Multiple(() =>
        {
            Assert.That(refusal.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That(refusal.Kind, Is.EqualTo("not-found"));
            Assert.That(sent, Is.Empty);
        });
    }

    [Test]
    public async Task What_is_null_is_not_sent_but_a_JSON_null_is()
    {
        var (client, sent) = Create(Memory);
        await client.Memories.UpdateAsync("m1", new MemoryChanges { Text = "x" }, version: 3);
        await client.Memories.UpdateAsync("m1", new MemoryChanges { Metadata = JsonElement.Parse("null") });
        Assert.Multiple(() =>
        {
            Assert.That(sent[0].Body, Is.EqualTo("""{"text":"x"}"""));
            Assert.That(sent[0].Headers["If-Match"], Is.EqualTo("\"v3\""));
            Assert.That(sent[0].Headers["Content-Type"], Is.EqualTo("application/json"));
            Assert.That(sent[1].Body, Is.EqualTo("""{"metadata":null}"""));
            Assert.That(sent[1].Headers, Does.Not.ContainKey("If-Match"));
        });
    }

    [Test]
    public async Task Parameters_are_escaped_and_numbers_and_times_are_written_the_same_everywhere()
    {
        var (client, sent) = Create("""{"query":"q","count":0,"took_ms":1.5,"results":[]}""");
        await client.Search.MessagesAsync(new MessageSearch
        {
            Query = "a&b=c d",
            TopK = 1_000,
            Roles = ["user", "tool"],
            From = new DateTimeOffset(2026, 1, 31, 8, 30, 0, TimeSpan.FromHours(2)),
            MinImportance = 0.25,
            Explain = true,
            Others = new Dictionary<string, string> { ["has"] = "x&y" },
        });
        Assert.That(
            sent.Single().Path,
            Is.EqualTo("/v1/memory/search?query=a%26b%3Dc%20d&top_k=1000&from=2026-01-31T06%3A30%3A00Z&min_importance=0.25&explain=true&has=x%26y&role=user%2Ctool"));
    }

    [TestCase(StoreWait.None, "/v1/messages")]
    [TestCase(StoreWait.Indexed, "/v1/messages?wait=indexed")]
    [TestCase(StoreWait.Indexed | StoreWait.Memories, "/v1/messages?wait=indexed%2Cmemories")]
    public async Task Storing_says_what_it_waits_for_and_under_which_key(StoreWait wait, string path)
    {
        var (client, sent) = Create("""{"id":"1","conversation_id":"c","user_id":"u","role":"user","content":"x"}""", HttpStatusCode.Accepted);
        var stored = await client.Messages.StoreAsync(new NewMessage { ConversationId = "c", Role = "user", Content = "x" }, wait, "key-1");
        Assert.Multiple(() =>
        {
            Assert.That(sent.Single().Path, Is.EqualTo(path));
            Assert.That(sent.Single().Headers["Idempotency-Key"], Is.EqualTo("key-1"));
            Assert.That(stored.Waited, Is.False);
        });
    }

    [Test]
    public async Task Credentials_go_with_each_request()
    {
        var (withKey, keySent) = Create(Memory, options: new MemoryMeshClientOptions { ApiKey = "mm_1" });
        var tokens = new Queue<string>(["t1", "t2"]);
        var (withToken, tokenSent) = Create(Memory, options: new MemoryMeshClientOptions { GetAccessToken = _ => ValueTask.FromResult<string?>(tokens.Dequeue()) });
        await withKey.Memories.GetAsync("m1");
        await withToken.Memories.GetAsync("m1");
        await withToken.Memories.GetAsync("m1");
        Assert.Multiple(() =>
        {
            Assert.That(keySent.Single().Headers["x-api-key"], Is.EqualTo("mm_1"));
            Assert.That(tokenSent.Select(request => request.Headers["Authorization"]), Is.EqualTo((string[])["Bearer t1", "Bearer t2"]));
        });
    }

    [Test]
    public void A_refusal_carries_the_problem()
    {
        var (client, _) = Create(
            """
            {"type":"urn:memorymesh:problem:invalid-request","title":"A value is not allowed","status":400,"detail":"See errors.",
             "errors":{"text":["Must not be blank."]},"trace_id":"abc","receipt":{"id":7}}
            """,
            HttpStatusCode.BadRequest,
            "application/problem+json");
        var refusal = Assert.ThrowsAsync<MemoryMeshException>(() => client.Memories.AddAsync(new NewMemory { Text = "" }));
        Assert.Multiple(() =>
        {
            Assert.That(refusal.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(refusal.Kind, Is.EqualTo("invalid-request"));
            Assert.That(refusal.Problem.Title, Is.EqualTo("A value is not allowed"));
            Assert.That(refusal.Problem.Detail, Is.EqualTo("See errors."));
            Assert.That(refusal.Problem.Errors!["text"], Is.EqualTo((string[])["Must not be blank."]));
            Assert.That(refusal.Problem.TraceId, Is.EqualTo("abc"));
            Assert.That(refusal.Problem.Extensions!["receipt"].GetProperty("id").GetInt32(), Is.EqualTo(7));
            Assert.That(refusal.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(3)));
        });
    }

    [TestCase("<html>", "text/html", HttpStatusCode.BadGateway)]
    [TestCase("", "application/json", HttpStatusCode.InternalServerError)]
    [TestCase("{", "application/json", HttpStatusCode.ServiceUnavailable)]
    public void A_refusal_that_is_no_problem_keeps_its_status(string body, string type, HttpStatusCode status)
    {
        var (client, _) = Create(body, status, type);
        var refusal = Assert.ThrowsAsync<MemoryMeshException>(() => client.Memories.GetAsync("m1"));
        Assert.That((refusal.StatusCode, refusal.Kind, refusal.Problem.Status), Is.EqualTo((status, (string?)null, (int)status)));
    }

    [TestCase("null")]
    [TestCase("{")]
    [TestCase("{\"id\":1}")]
    public void An_answer_that_cannot_be_read_is_told(string body)
    {
        var (client, _) = Create(body);
        var failure = Assert.ThrowsAsync<MemoryMeshException>(() => client.Memories.GetAsync("m1"));
        Assert.That(failure.InnerException, Is.InstanceOf<JsonException>());
    }

    [Test]
    public async Task Lists_are_read_page_after_page()
    {
        var answers = new Queue<string>(
        [
            """{"items":[{"id":"1","name":"a","created_at":"2026-01-01T00:00:00Z"}],"next_cursor":"c1"}""",
            """{"items":[{"id":"2","name":"b","created_at":"2026-01-01T00:00:00Z"}],"next_cursor":null}""",
        ]);
        var (client, sent) = Create(answers.Dequeue);
        var names = await client.Organizations.ListTeamsAsync("acme").Select(team => team.Name).ToListAsync();
        Assert.Multiple(() =>
        {
            Assert.That(names, Is.EqualTo((string[])["a", "b"]));
            Assert.That(sent.Select(request => request.Path), Is.EqualTo((string[])["/v1/organizations/acme/teams?limit=200", "/v1/organizations/acme/teams?limit=200&cursor=c1"]));
        });
    }

    [Test]
    public async Task Memories_are_read_to_the_last_page_and_no_further()
    {
        var answers = new Queue<string>(
        [
            $$"""{"count":3,"page":1,"page_size":2,"memories":[{{Memory}},{{Memory}}]}""",
            $$"""{"count":3,"page":2,"page_size":2,"memories":[{{Memory}}]}""",
        ]);
        var (client, sent) = Create(answers.Dequeue);
        var count = await client.Memories.ListAsync(new MemoryQuery { PageSize = 2, Owner = new MemoryOwner { Scope = "team", TeamId = "t" } }).CountAsync();
        Assert.Multiple(() =>
        {
            Assert.That(count, Is.EqualTo(3));
            Assert.That(sent[1].Path, Is.EqualTo("/v1/memories?scope=team&team_id=t&page=2&page_size=2"));
        });
    }

    [Test]
    public async Task A_server_may_stand_behind_a_path()
    {
        var sent = new List<Sent>();
        using var http = new HttpClient(new Stub(() => Memory, HttpStatusCode.OK, "application/json", sent)) { BaseAddress = new Uri("http://host/memory/") };
        using var client = new MemoryMeshClient(http);
        await client.Memories.GetAsync("m1");
        using var answer = await client.SendAsync(HttpMethod.Get, "/v1/admin/health");
        Assert.That(sent.Select(request => request.Path), Is.EqualTo((string[])["/memory/v1/memories/m1", "/memory/v1/admin/health"]));
    }

    private static (MemoryMeshClient Client, List<Sent> Sent) Create(
        string answer, HttpStatusCode status = HttpStatusCode.OK, string type = "application/json", MemoryMeshClientOptions? options = null)
        => Create(() => answer, status, type, options);

    private static (MemoryMeshClient Client, List<Sent> Sent) Create(
        Func<string> answer, HttpStatusCode status = HttpStatusCode.OK, string type = "application/json", MemoryMeshClientOptions? options = null)
    {
        var sent = new List<Sent>();
        return (new MemoryMeshClient(new HttpClient(new Stub(answer, status, type, sent)) { BaseAddress = new Uri("http://host") }, options), sent);
    }

    private sealed record Sent(string Path, string? Body, Dictionary<string, string> Headers);

    private sealed class Stub(Func<string> answer, HttpStatusCode status, string type, List<Sent> sent) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var headers = request.Headers.Concat(request.Content?.Headers.AsEnumerable() ?? []).ToDictionary(header => header.Key, header => string.Join(',', header.Value));
            sent.Add(new Sent(request.RequestUri!.PathAndQuery, request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken), headers));
            var response = new HttpResponseMessage(status) { Content = new StringContent(answer(), Encoding.UTF8, type) };
            response.Headers.RetryAfter = new(TimeSpan.FromSeconds(3));
            return response;
        }
    }
}
