using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Memory;

public class MemoryRouteTests(HostKind kind) : FunctionalTests(kind)
{
    [Test]
    public async Task An_added_memory_is_pending_first_and_completed_when_it_can_be_found()
    {
        using var person = await Person.RegisterAsync(Host);
        var (response, body) = await person.RawAsync(
            HttpMethod.Post, "/v1/memories", new { text = "  User is   allergic\nto peanuts. ", metadata = new { source = "form" }, agent_id = "a1", run_id = "r1" });
        using (response)
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Created), body);
            var added = JsonDocument.Parse(body).RootElement;
            var id = added.GetProperty("id").GetString()!;
            Assert.Multiple(() =>
            {
                Assert.That(response.Headers.Location!.ToString(), Does.EndWith($"/v1/memories/{id}"));
                Assert.That(response.Headers.ETag!.Tag, Is.EqualTo("\"v1\""));
                Assert.That(added.GetProperty("status").GetString(), Is.EqualTo("pending"));
                Assert.That(added.GetProperty("scope").GetString(), Is.EqualTo("user"));
                Assert.That(added.GetProperty("user_id").GetString(), Is.EqualTo(person.AccountId));
                Assert.That(added.GetProperty("text").GetString(), Is.EqualTo("User is allergic to peanuts."));
                Assert.That(added.GetProperty("metadata").GetProperty("source").GetString(), Is.EqualTo("form"));
                Assert.That(added.GetProperty("agent_id").GetString(), Is.EqualTo("a1"));
            });
            var done = await person.WaitForStatusAsync(id, "completed");
            Assert.Multiple(() =>
            {
                Assert.That(done.GetProperty("category").GetString(), Is.EqualTo("constraint"), "The category is found from the text.");
                Assert.That(done.GetProperty("importance").GetDouble(), Is.EqualTo(0.9));
                Assert.That(done.GetProperty("version").GetInt32(), Is.EqualTo(1), "The background work makes no new version.");
                Assert.That(done.GetProperty("error").ValueKind, Is.EqualTo(JsonValueKind.Null));
            });
            var found = await person.GetAsync("/v1/memories/search?query=peanuts");
            Assert.That(found.ToString(), Does.Contain(id));
        }
    }

    [Test]
    public async Task What_a_client_says_about_category_and_importance_stays()
    {
        using var person = await Person.RegisterAsync(Host);
        var memory = await person.AddAndCompleteAsync(new { text = "User lives in Oslo.", category = "event", importance = 0.1 });
        Assert.That(memory.GetProperty("category").GetString(), Is.EqualTo("event"));
        Assert.That(memory.GetProperty("importance").GetDouble(), Is.EqualTo(0.1));
    }

    [Test]
    public async Task An_equal_memory_and_one_that_says_no_more_are_merged_into_the_first()
    {
        using var person = await Person.RegisterAsync(Host);
        var first = await person.AddAndCompleteAsync(new { text = "User has two black cats at home." });
        var equal = await person.AddAndCompleteAsync(new { text = "user has two black cats at HOME" });
        var near = await person.AddAndCompleteAsync(new { text = "The user really has two black cats at home." });
        Assert.Multiple(() =>
        {
            Assert.That(equal.GetProperty("superseded_by").GetString(), Is.EqualTo(first.GetProperty("id").GetString()));
            Assert.That(near.GetProperty("superseded_by").GetString(), Is.EqualTo(first.GetProperty("id").GetString()));
        });
        Assert.That(await person.TextsAsync(), Is.EqualTo((string[])["User has two black cats at home."]));
        Assert.That(await person.TextsAsync("&include_superseded=true"), Has.Count.EqualTo(3));
    }

    [Test]
    public async Task Of_many_equal_memories_added_at_once_one_stays()
    {
        using var person = await Person.RegisterAsync(Host);
        var added = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => person.PostAsync("/v1/memories", new { text = "User rides a red bicycle to work." })));
        foreach (var memory in added)
        {
            await person.WaitForStatusAsync(memory.GetProperty("id").GetString()!, "completed");
        }

        Assert.That(await person.TextsAsync(), Has.Count.EqualTo(1));
        Assert.That(await person.ListAsync("&include_superseded=true"), Has.Count.EqualTo(20));
    }

    [Test]
    public async Task A_change_makes_a_new_version_with_history_and_is_searched_anew()
    {
        using var person = await Person.RegisterAsync(Host);
        var memory = await person.AddAndCompleteAsync(new { text = "User likes green tea.", metadata = new { a = 1 } });
        var path = $"/v1/memories/{memory.GetProperty("id").GetString()}";
        var (response, body) = await person.RawAsync(HttpMethod.Patch, path, new { text = "User likes oolong.", importance = 0.3 }, ("If-Match", "\"v1\""));
        using (response)
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), body);
            Assert.That(response.Headers.ETag!.Tag, Is.EqualTo("\"v2\""));
            Assert.That(JsonDocument.Parse(body).RootElement.GetProperty("status").GetString(), Is.EqualTo("pending"));
        }

        var done = await person.WaitForStatusAsync(memory.GetProperty("id").GetString()!, "completed");
        Assert.That(done.GetProperty("metadata").GetProperty("a").GetInt32(), Is.EqualTo(1), "What is left out stays.");
        Assert.That((await person.GetAsync("/v1/memories/search?query=oolong")).ToString(), Does.Contain("oolong"));
        Assert.That((await person.GetAsync("/v1/memories/search?query=green")).GetProperty("count").GetInt32(), Is.Zero);
        var history = (await person.GetAsync($"{path}/history")).GetProperty("history").EnumerateArray().ToList();
        Assert.Multiple(() =>
        {
            Assert.That(history.Select(entry => entry.GetProperty("event").GetString()), Is.EqualTo((string[])["ADD", "UPDATE"]));
            Assert.That(history[1].GetProperty("old_text").GetString(), Is.EqualTo("User likes green tea."));
            Assert.That(history[1].GetProperty("new_text").GetString(), Is.EqualTo("User likes oolong."));
            Assert.That(history[1].GetProperty("actor").GetString(), Is.EqualTo(person.AccountId));
        });
    }

    [Test]
    public async Task A_change_over_another_version_is_refused_and_null_removes_the_metadata()
    {
        using var person = await Person.RegisterAsync(Host);
        var memory = await person.PostAsync("/v1/memories", new { text = "User owns a kayak.", metadata = new { a = 1 } });
        var path = $"/v1/memories/{memory.GetProperty("id").GetString()}";
        var changed = await person.SendAsync(HttpMethod.Patch, path, """{"metadata":null}""");
        Assert.That(changed.GetProperty("metadata").ValueKind, Is.EqualTo(JsonValueKind.Null));
        foreach (var method in (HttpMethod[])[HttpMethod.Patch, HttpMethod.Delete])
        {
            var (response, body) = await person.RawAsync(method, path, method == HttpMethod.Patch ? new { text = "x y" } : null, ("If-Match", "\"v1\""));
            using (response)
            {
                Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.PreconditionFailed), body);
            }
        }
    }

    [Test]
    public async Task A_superseded_memory_cannot_be_changed()
    {
        using var person = await Person.RegisterAsync(Host);
        await person.AddAndCompleteAsync(new { text = "User collects stamps." });
        var merged = await person.AddAndCompleteAsync(new { text = "user collects stamps" });
        await person.ExpectAsync(HttpStatusCode.Conflict, HttpMethod.Patch, $"/v1/memories/{merged.GetProperty("id").GetString()}", new { text = "User collects coins." });
    }

    [Test]
    public async Task A_deleted_memory_is_gone_with_its_history_but_that_it_was_deleted()
    {
        using var person = await Person.RegisterAsync(Host);
        var memory = await person.AddAndCompleteAsync(new { text = "User collects harmonicas." });
        var path = $"/v1/memories/{memory.GetProperty("id").GetString()}";
        await person.ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Delete, path);
        await person.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Delete, path);
        await person.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, path);
        var history = await person.GetAsync($"{path}/history");
        Assert.That(history.ToString(), Does.Not.Contain("harmonicas"));
        var deletion = history.GetProperty("history").EnumerateArray().Single();
        Assert.That(deletion.GetProperty("event").GetString(), Is.EqualTo("DELETE"));
        Assert.That(deletion.GetProperty("version").GetInt32(), Is.EqualTo(2));
        using var stranger = await Person.RegisterAsync(Host);
        await stranger.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"{path}/history");
        await Eventually.TrueAsync(
            async () => !(await person.GetAsync("/v1/memories/search?query=harmonicas")).ToString().Contains("collects", StringComparison.Ordinal),
            TimeSpan.FromSeconds(10),
            () => "Search still finds it.");
    }

    [Test]
    public async Task A_list_is_filtered_searched_sorted_and_paged()
    {
        using var person = await Person.RegisterAsync(Host);
        foreach (var (text, importance) in ((string, double)[])[("User plays the CELLO.", 0.2), ("User lives in Graz.", 0.9), ("User likes cellos and tea.", 0.5)])
        {
            await person.AddAndCompleteAsync(new { text, importance });
        }

        Assert.Multiple(async () =>
        {
            Assert.That(await person.TextsAsync("&search=cello"), Has.Count.EqualTo(2), "In any case.");
            Assert.That(await person.TextsAsync("&category=location"), Is.EqualTo((string[])["User lives in Graz."]));
            Assert.That(await person.TextsAsync("&status=completed"), Has.Count.EqualTo(3));
            Assert.That(await person.TextsAsync("&status=failed"), Is.Empty);
            Assert.That(Importances(await person.ListAsync("&ordering=importance")), Is.Ordered.Ascending);
            Assert.That(Importances(await person.ListAsync("&ordering=%2Bimportance")), Is.Ordered.Ascending);
            Assert.That(Importances(await person.ListAsync("&ordering=-importance")), Is.Ordered.Descending);
            Assert.That(Importances(await person.ListAsync("&ordering=-importance&search=cello")), Is.EqualTo((double[])[0.5, 0.2]));
        });
        var page = await person.GetAsync("/v1/memories?page=2&page_size=2&ordering=created_at");
        Assert.Multiple(() =>
        {
            Assert.That(page.GetProperty("count").GetInt32(), Is.EqualTo(3));
            Assert.That(page.GetProperty("page").GetInt32(), Is.EqualTo(2));
            Assert.That(page.GetProperty("page_size").GetInt32(), Is.EqualTo(2));
            Assert.That(page.GetProperty("memories").EnumerateArray().Single().GetProperty("text").GetString(), Is.EqualTo("User likes cellos and tea."));
        });

        static IEnumerable<double> Importances(IReadOnlyList<JsonElement> memories) => [.. memories.Select(memory => memory.GetProperty("importance").GetDouble())];
    }

    [Test]
    public async Task Agents_and_runs_have_lists_of_their_own_and_are_not_merged()
    {
        using var person = await Person.RegisterAsync(Host);
        await person.AddAndCompleteAsync(new { text = "User speaks Greek.", agent_id = "one" });
        await person.AddAndCompleteAsync(new { text = "User speaks Greek.", agent_id = "two", run_id = "r" });
        Assert.Multiple(async () =>
        {
            Assert.That(await person.ListAsync(), Has.Count.EqualTo(2));
            Assert.That(await person.ListAsync("&agent_id=one"), Has.Count.EqualTo(1));
            Assert.That(await person.ListAsync("&agent_id=two&run_id=r"), Has.Count.EqualTo(1));
            Assert.That(await person.ListAsync("&run_id=none"), Is.Empty);
        });
    }

    [Test]
    public async Task The_same_request_under_one_key_adds_one_memory()
    {
        using var person = await Person.RegisterAsync(Host);
        var header = ("Idempotency-Key", Guid.NewGuid().ToString());
        var (first, firstBody) = await person.RawAsync(HttpMethod.Post, "/v1/memories", new { text = "User swims." }, header);
        var (again, againBody) = await person.RawAsync(HttpMethod.Post, "/v1/memories", new { text = "User swims." }, header);
        var (other, otherBody) = await person.RawAsync(HttpMethod.Post, "/v1/memories", new { text = "User dives." }, header);
        Assert.Multiple(() =>
        {
            Assert.That(againBody, Is.EqualTo(firstBody));
            Assert.That(again.Headers.Contains("Idempotency-Replayed"));
            Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity), otherBody);
        });
        Assert.That(await person.ListAsync(), Has.Count.EqualTo(1));
        first.Dispose();
        again.Dispose();
        other.Dispose();
    }

    private static IEnumerable<TestCaseData> BadBodies
    {
        get
        {
            yield return new("""{}""", "text");
            yield return new("""{"text":"   "}""", "text");
            yield return new($$"""{"text":"{{new string('x', 8_193)}}"}""", "text");
            yield return new("{\"text\":\"a\\u0000b\"}", "text");
            yield return new("""{"text":"x","scope":"everyone"}""", "scope");
            yield return new("""{"text":"x","scope":"team"}""", "team_id");
            yield return new("""{"text":"x","team_id":"t"}""", "team_id");
            yield return new("""{"text":"x","scope":"organization","user_id":"u"}""", "user_id");
            yield return new("""{"text":"x","category":"weather"}""", "category");
            yield return new("""{"text":"x","importance":1.5}""", "importance");
            yield return new("""{"text":"x","metadata":[1]}""", "metadata");
            yield return new("""{"text":"x","user_id":""}""", "user_id");
            yield return new("""{"text":"x","owner":"me"}""", null);
            yield return new("""{"text":1}""", null);
        }
    }

    [TestCaseSource(nameof(BadBodies))]
    public async Task A_body_that_breaks_a_rule_is_refused_with_the_name_of_the_field(string body, string? field)
    {
        using var person = await Person.RegisterAsync(Host);
        var problem = await person.SendAsync(HttpMethod.Post, "/v1/memories", body, HttpStatusCode.BadRequest);
        Assert.That(problem.GetProperty("type").GetString(), Is.EqualTo($"urn:memorymesh:problem:{(field is null ? "malformed" : "invalid")}-request"));
        if (field is not null)
        {
            Assert.That(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
        }
    }

    [TestCase("page=0")]
    [TestCase("page=x")]
    [TestCase("page_size=201")]
    [TestCase("status=done")]
    [TestCase("category=weather")]
    [TestCase("ordering=text")]
    [TestCase("ordering=")]
    [TestCase("scope=all")]
    [TestCase("include_superseded=perhaps")]
    [TestCase("search=%00")]
    public async Task A_query_that_breaks_a_rule_is_refused(string query)
    {
        using var person = await Person.RegisterAsync(Host);
        await person.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Get, $"/v1/memories?{query}");
    }

    [Test]
    public async Task Changing_nothing_and_retrying_what_has_not_failed_are_refused()
    {
        using var person = await Person.RegisterAsync(Host);
        var memory = await person.AddAndCompleteAsync(new { text = "User paints." });
        var path = $"/v1/memories/{memory.GetProperty("id").GetString()}";
        await person.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Patch, path, new { });
        await person.ExpectAsync(HttpStatusCode.Conflict, HttpMethod.Post, $"{path}/retry");
    }
}
