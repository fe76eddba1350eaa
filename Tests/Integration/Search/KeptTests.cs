using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Integration.Transfers;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>Saved searches, bookmarks, and several searches in one request.</summary>
public class KeptTests(HostKind kind) : FunctionalTests(kind)
{
    private Person _person = null!;

    [SetUp]
    public async Task EnterAsync() => _person = await Person.RegisterAsync(Host);

    [TearDown]
    public void Leave() => _person.Dispose();

    [Test]
    public async Task A_search_is_saved_run_replaced_and_deleted()
    {
        await SayAsync("Green tea in the morning");
        await SayAsync("Coffee after lunch");
        var saved = await _person.PostAsync("/v1/searches", new { name = "Drinks", messages = new { query = "tea", top_k = 1, mode = "fulltext" } });
        var path = $"/v1/searches/{saved.GetProperty("id").GetString()}";
        Assert.That((await _person.GetAsync(path)).ToString(), Is.EqualTo(saved.ToString()));
        Assert.That(Contents((await _person.SendAsync(HttpMethod.Post, $"{path}/run")).GetProperty("messages")), Is.EqualTo((string[])["Green tea in the morning"]));

        using var change = new HttpRequestMessage(HttpMethod.Put, path) { Content = Json(new { name = "Drinks", messages = new { query = "coffee" } }) };
        change.Headers.TryAddWithoutValidation("If-Match", "\"v1\"");
        using var changed = await _person.Client.SendAsync(change);
        Assert.That((changed.StatusCode, changed.Headers.ETag?.Tag), Is.EqualTo((HttpStatusCode.OK, "\"v2\"")), await changed.Content.ReadAsStringAsync());
        using var stale = new HttpRequestMessage(HttpMethod.Delete, path);
        stale.Headers.TryAddWithoutValidation("If-Match", "\"v1\"");
        using var refused = await _person.Client.SendAsync(stale);
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        Assert.That(Contents((await _person.SendAsync(HttpMethod.Post, $"{path}/run")).GetProperty("messages"))[0], Is.EqualTo("Coffee after lunch"));

        await _person.SendAsync(HttpMethod.Delete, path, status: HttpStatusCode.NoContent);
        foreach (var (method, route) in ((HttpMethod, string)[])[(HttpMethod.Get, path), (HttpMethod.Delete, path), (HttpMethod.Post, $"{path}/run")])
        {
            await _person.SendAsync(method, route, status: HttpStatusCode.NotFound);
        }
    }

    [Test]
    public async Task Saved_searches_are_listed_in_pages_and_names_are_unique()
    {
        for (var i = 0; i < 5; i++)
        {
            await _person.PostAsync("/v1/searches", new { name = $"Search {i}", memories = new { query = "tea", scope = new[] { "user" } } });
        }

        await _person.PostAsync("/v1/searches", new { name = "Search 3", messages = new { query = "tea" } }, HttpStatusCode.Conflict);
        var names = new List<string>();
        string? cursor = null;
        do
        {
            var page = await _person.GetAsync($"/v1/searches?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}");
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!));
            cursor = page.TryGetProperty("next_cursor", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);
        Assert.That(names, Is.EqualTo((string[])["Search 4", "Search 3", "Search 2", "Search 1", "Search 0"]));
    }

    [TestCase("""{"messages": {"query": "tea"}}""", "name")]
    [TestCase("""{"name": "n"}""", "messages")]
    [TestCase("""{"name": "n", "messages": {"query": "tea"}, "memories": {"query": "tea"}}""", "messages")]
    [TestCase("""{"name": "n", "messages": {"top_k": 5}}""", "messages.query")]
    [TestCase("""{"name": "n", "messages": {"query": "tea", "top_k": 0}}""", "messages.top_k")]
    [TestCase("""{"name": "n", "messages": {"query": "tea", "tenant_id": "x"}}""", "messages.tenant_id")]
    [TestCase("""{"name": "n", "messages": {"query": "tea", "cursor": "1.0"}}""", "messages.cursor")]
    [TestCase("""{"name": "n", "messages": {"query": "tea", "filter": {"field": "taste", "op": "eq", "value": 1}}}""", "messages.filter.field")]
    [TestCase("""{"name": "n", "memories": {"query": "tea", "scope": ["world"]}}""", "memories.scope")]
    [TestCase("""{"name": "n", "memories": {"query": "tea", "metadata": ["a"]}}""", "memories.metadata")]
    public async Task What_cannot_be_run_is_not_saved(string body, string field)
    {
        var problem = await _person.SendAsync(HttpMethod.Post, "/v1/searches", body, HttpStatusCode.BadRequest);
        Assert.That(problem.GetProperty("errors").EnumerateObject().Select(error => error.Name), Has.Some.StartsWith(field), problem.ToString());
    }

    [Test]
    public async Task Messages_and_memories_are_bookmarked_with_notes_and_leave_them_when_they_are_deleted()
    {
        var message = await SayAsync("Green tea in the morning");
        var memory = await _person.PostAsync("/v1/memories", new { text = "Prefers tea" });
        var (messageId, memoryId) = (message.GetProperty("id").GetString()!, memory.GetProperty("id").GetString()!);
        var first = await _person.PostAsync("/v1/bookmarks", new { message_id = messageId, note = "Ask again\nin spring" });
        var second = await _person.PostAsync("/v1/bookmarks", new { memory_id = memoryId });
        await _person.PostAsync("/v1/bookmarks", new { message_id = messageId }, HttpStatusCode.Conflict);
        var all = (await _person.GetAsync("/v1/bookmarks")).GetProperty("items").EnumerateArray().ToList();
        Assert.That(all.Select(item => item.GetProperty("id").GetString()), Is.EqualTo((string?[])[second.GetProperty("id").GetString(), first.GetProperty("id").GetString()]));
        Assert.That(all[1].GetProperty("note").GetString(), Is.EqualTo("Ask again\nin spring"));
        Assert.That(all[1].GetProperty("message").GetProperty("content").GetString(), Is.EqualTo("Green tea in the morning"));
        Assert.That(all[0].GetProperty("memory").GetProperty("text").GetString(), Is.EqualTo("Prefers tea"));
        var page = await _person.GetAsync("/v1/bookmarks?limit=1");
        var next = await _person.GetAsync($"/v1/bookmarks?limit=1&cursor={page.GetProperty("next_cursor").GetString()}");
        Assert.That(next.GetProperty("items")[0].GetProperty("message_id").GetString(), Is.EqualTo(messageId));
        Assert.That((await _person.GetAsync("/v1/bookmarks?kind=memory")).GetProperty("items").GetArrayLength(), Is.EqualTo(1));

        await _person.SendAsync(HttpMethod.Delete, $"/v1/messages/{messageId}", status: HttpStatusCode.NoContent);
        var path = $"/v1/bookmarks/{first.GetProperty("id").GetString()}";
        Assert.That((await _person.GetAsync(path)).TryGetProperty("message", out _), Is.False);
        await _person.SendAsync(HttpMethod.Delete, path, status: HttpStatusCode.NoContent);
        await _person.SendAsync(HttpMethod.Get, path, status: HttpStatusCode.NotFound);
        await _person.SendAsync(HttpMethod.Delete, path, status: HttpStatusCode.NotFound);
    }

    [TestCase("""{}""", "message_id")]
    [TestCase("""{"message_id": "0199b4a2-7c1e-7a3f-8c55-2f6f0f6d9a10", "memory_id": "0199b4a2-7c1e-7a3f-8c55-2f6f0f6d9a10"}""", "message_id")]
    [TestCase("""{"message_id": "0199b4a2-7c1e-7a3f-8c55-2f6f0f6d9a10", "note": " "}""", "note")]
    public async Task A_bookmark_that_cannot_be_is_refused_by_name(string body, string field)
    {
        var problem = await _person.SendAsync(HttpMethod.Post, "/v1/bookmarks", body, HttpStatusCode.BadRequest);
        Assert.That(problem.GetProperty("errors").TryGetProperty(field, out _), Is.True, problem.ToString());
    }

    [Test]
    public async Task What_another_keeps_or_may_read_answers_like_an_unknown_id()
    {
        using var other = await Person.RegisterAsync(Host);
        var message = await other.PostAsync("/v1/messages", new { conversation_id = "c", role = "user", content = "Mine alone", extract_memory = false });
        var saved = await other.PostAsync("/v1/searches", new { name = "Mine", messages = new { query = "tea" } });
        var mark = await other.PostAsync("/v1/bookmarks", new { message_id = message.GetProperty("id").GetString() });
        var (search, bookmark) = ($"/v1/searches/{saved.GetProperty("id").GetString()}", $"/v1/bookmarks/{mark.GetProperty("id").GetString()}");
        async Task<string> Refused(HttpMethod method, string path, object? body = null)
        {
            var problem = await _person.SendAsync(method, path, body, HttpStatusCode.NotFound);
            return string.Join('|', problem.EnumerateObject().Where(member => member.Name is not ("trace_id" or "instance")).Select(member => member.Value.ToString()));
        }

        var unknown = Guid.CreateVersion7();
        foreach (var (method, path, nobodys, body) in ((HttpMethod, string, string, object?)[])
            [
                (HttpMethod.Get, search, $"/v1/searches/{unknown}", null),
                (HttpMethod.Put, search, $"/v1/searches/{unknown}", new { name = "n", messages = new { query = "q" } }),
                (HttpMethod.Delete, search, $"/v1/searches/{unknown}", null),
                (HttpMethod.Post, search + "/run", $"/v1/searches/{unknown}/run", null),
                (HttpMethod.Get, bookmark, $"/v1/bookmarks/{unknown}", null),
                (HttpMethod.Delete, bookmark, $"/v1/bookmarks/{unknown}", null),
            ])
        {
            Assert.That(await Refused(method, path, body), Is.EqualTo(await Refused(method, nobodys, body)), path);
            await _person.SendAsync(method, $"{path}?tenant_id={other.TenantId}", body is null ? null : new { name = "n", tenant_id = other.TenantId, messages = new { query = "q" } }, HttpStatusCode.NotFound);
        }

        Assert.That(
            await Refused(HttpMethod.Post, "/v1/bookmarks", new { message_id = message.GetProperty("id").GetString() }),
            Is.EqualTo(await Refused(HttpMethod.Post, "/v1/bookmarks", new { message_id = unknown })));
        Assert.That((await _person.GetAsync("/v1/searches")).GetProperty("items").GetArrayLength(), Is.Zero);
        Assert.That((await other.GetAsync("/v1/bookmarks")).GetProperty("items").GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public async Task What_an_account_keeps_is_in_its_own_export_and_goes_with_its_erasure()
    {
        var message = await SayAsync("Green tea in the morning");
        await _person.PostAsync("/v1/searches", new { name = "Zebrawood", messages = new { query = "tea", role = new[] { "user" } } });
        await _person.PostAsync("/v1/bookmarks", new { message_id = message.GetProperty("id").GetString(), note = "Zebrafinch" });
        var records = Transfer.Records(await Transfer.ExportTextAsync(_person, new { what = "subject", format = "ndjson" }));
        var search = records.OfType("saved_search").Single();
        Assert.That((search.Text("name"), search.GetProperty("search").GetProperty("messages").Text("query")), Is.EqualTo(("Zebrawood", "tea")));
        var bookmark = records.OfType("bookmark").Single();
        Assert.That((bookmark.Text("note"), bookmark.Text("message_id")), Is.EqualTo(("Zebrafinch", message.Text("id"))));
        foreach (var format in (string[])["json", "csv", "markdown"])
        {
            Assert.That(await Transfer.ExportTextAsync(_person, new { what = "subject", format }), Does.Contain("Zebrawood").And.Contain("Zebrafinch"), format);
        }

        Assert.That(await Transfer.ExportTextAsync(_person, new { what = "tenant", format = "ndjson" }), Does.Not.Contain("Zebra"));
        foreach (var file in Directory.EnumerateFiles(Host.Folder, "search.db*", SearchOption.AllDirectories))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[stream.Length];
            stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            Assert.That(System.Text.Encoding.Latin1.GetString(bytes), Does.Not.Contain("Zebra"), file);
        }

        using var erased = await _person.Client.PostAsync(new Uri("/v1/privacy/erasures?wait=true", UriKind.Relative), Json(new { user_id = _person.AccountId }));
        Assert.That(erased.IsSuccessStatusCode, Is.True, await erased.Content.ReadAsStringAsync());
        await Eventually.TrueAsync(
            async () => (await _person.GetAsync("/v1/searches")).GetProperty("items").GetArrayLength() + (await _person.GetAsync("/v1/bookmarks")).GetProperty("items").GetArrayLength() == 0,
            TimeSpan.FromSeconds(120),
            () => "What the account kept is still there.");
    }

    [Test]
    public async Task A_batch_answers_each_query_or_says_what_is_wrong_with_it()
    {
        await SayAsync("Green tea in the morning");
        await _person.PostAsync("/v1/memories", new { text = "Prefers tea" });
        var answer = await _person.SendAsync(
            HttpMethod.Post,
            "/v1/memory/search/batch",
            """{"queries": [{"query": "tea"}, {"query": ""}, null, {"query": "tea", "tenant_id": "nobodys"}, {"query": "coffee", "mode": "fulltext"}, {"query": "tea", "weights": {"taste": 1}}]}""");
        var results = answer.GetProperty("results").EnumerateArray().ToList();
        Assert.That(results.Select(result => result.GetProperty("index").GetInt32()), Is.EqualTo(Enumerable.Range(0, 6)));
        Assert.That(Contents(results[0].GetProperty("answer"))[0], Is.EqualTo("Green tea in the morning"));
        Assert.That(results[4].GetProperty("answer").GetProperty("count").GetInt32(), Is.Zero);
        string Wrong(int index) => results[index].GetProperty("problem").GetProperty("errors").EnumerateObject().First().Name;
        Assert.That((Wrong(1), Wrong(2), Wrong(5)), Is.EqualTo(("query", "query", "weights")));
        Assert.That(results[3].GetProperty("problem").GetProperty("status").GetInt32(), Is.EqualTo(404));

        var alone = await _person.GetAsync("/v1/memory/search?query=tea");
        Assert.That(Contents(results[0].GetProperty("answer")), Is.EqualTo(Contents(alone)));
        await Eventually.TrueAsync(
            async () => (await _person.SendAsync(HttpMethod.Post, "/v1/memories/search/batch", new { queries = new[] { new { query = "tea" } } }))
                .GetProperty("results")[0].GetProperty("answer").GetProperty("count").GetInt32() == 1,
            TimeSpan.FromSeconds(120),
            () => "The memory was not found.");
    }

    [TestCase("""{"queries": []}""")]
    [TestCase("""{}""")]
    [TestCase("""{"queries": [{"query": "a", "top_k": 1000}, {"query": "b", "top_k": 1000}, {"query": "c", "top_k": 1}]}""")]
    public async Task A_batch_is_bounded(string body)
    {
        foreach (var path in (string[])["/v1/memory/search/batch", "/v1/memories/search/batch"])
        {
            var problem = await _person.SendAsync(HttpMethod.Post, path, body, HttpStatusCode.BadRequest);
            Assert.That(problem.GetProperty("errors").TryGetProperty("queries", out _), Is.True, problem.ToString());
        }

        var many = new { queries = Enumerable.Repeat(new { query = "tea", top_k = 1 }, 51) };
        await _person.SendAsync(HttpMethod.Post, "/v1/memory/search/batch", many, HttpStatusCode.BadRequest);
    }

    private Task<JsonElement> SayAsync(string content)
        => _person.PostAsync("/v1/messages?wait=indexed,embedded", new { conversation_id = "c", role = "user", content, extract_memory = false });

    private static StringContent Json(object body) => new(JsonSerializer.Serialize(body), System.Text.Encoding.UTF8, "application/json");

    private static List<string> Contents(JsonElement answer)
        => [.. answer.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("message").GetProperty("content").GetString()!)];
}
