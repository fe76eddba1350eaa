using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MemoryMesh.Tests.Integration.Live;
using MemoryMesh.Tests.Integration.Processes;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>Searchers as processes of their own, as an operator starts them.</summary>
public partial class SearcherProcessTests
{
    [Test]
    public async Task Searchers_answer_as_search_does_and_may_be_killed()
    {
        await using var host = await TestHost.StartAsync(HostKind.Processes, arguments: ["--Processes:Searchers", "2"]);
        using var person = await Person.RegisterAsync(host);
        using var stranger = await Person.RegisterAsync(host);
        await StoreAsync(person);
        var programs = RunningProgram.Find(host, "Search");
        var searchers = programs.Where(program => program.Role == "searcher").ToList();
        var writer = programs.Single(program => program.Role is null);
        Assert.That(searchers, Has.Count.EqualTo(2));

        var counted = await SearchesAsync(person);
        var made = 0L;
        foreach (var (path, body) in Searches(person))
        {
            var expected = await AskAsync(writer, person, path, body);
            made += expected.Searches;
            foreach (var searcher in searchers)
            {
                var found = await AskAsync(searcher, person, path, body);
                Assert.That((found.Status, found.Answer), Is.EqualTo((expected.Status, expected.Answer)), path);
                made += found.Searches;
            }

            // What is not the stranger's does not exist for it, whoever is asked.
            var (refused, also) = (await AskAsync(writer, stranger, path, body), await AskAsync(searchers[0], stranger, path, body));
            Assert.That((also.Status, also.Answer), Is.EqualTo((refused.Status, refused.Answer)), path);
            Assert.That(also.Answer, Does.Not.Contain("greyhound in"), path);
        }

        // The Gateway sends searches to them, and nothing is counted twice or lost.
        for (var search = 0; search < 6; search++, made++)
        {
            Assert.That((await person.GetAsync("/v1/memory/search?query=greyhound")).GetProperty("count").GetInt32(), Is.GreaterThan(0));
        }

        await Eventually.TrueAsync(async () => await SearchesAsync(person) - counted >= made, Eventually.Patience, () => $"{made} searches were made");
        Assert.That(await SearchesAsync(person) - counted, Is.EqualTo(made));
        foreach (var searcher in searchers)
        {
            Assert.That(await AnsweredAsync(searcher), Is.GreaterThan(0), "each was asked");
        }

        await ServeContextsAndSocketsAsync(host, person, writer);

        // What changes anything, and what was saved, is Search's.
        var saved = await person.PostAsync("/v1/searches", new { name = "dogs", messages = new { query = "greyhound" } });
        Assert.That((await person.SendAsync(HttpMethod.Post, $"/v1/searches/{saved.GetProperty("id").GetString()}/run")).ToString(), Does.Contain("greyhound"));
        Assert.That((await StatusAsync(searchers[0], person, "/v1/searches")), Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await StatusAsync(searchers[0], null, "/v1/memory/search?query=greyhound")), Is.EqualTo(HttpStatusCode.Unauthorized));

        // One and then the other is killed while people search: nobody notices.
        using var stop = new CancellationTokenSource();
        var answered = 0;
        var load = Enumerable.Range(0, 4).Select(async at =>
        {
            while (!stop.IsCancellationRequested)
            {
                await (at % 2 == 0
                    ? person.GetAsync("/v1/memory/search?query=greyhound")
                    : person.PostAsync("/v1/memories/search", new { query = "greyhound", top_k = 5 }, HttpStatusCode.OK));
                Interlocked.Increment(ref answered);
            }
        }).ToList();
        foreach (var searcher in searchers)
        {
            await ReachAsync(() => Volatile.Read(ref answered), 40);
            searcher.Kill();
        }

        await ReachAsync(() => Volatile.Read(ref answered), 80);
        await stop.CancelAsync();
        await Task.WhenAll(load);
        Assert.That((await person.GetAsync("/v1/admin/health")).GetProperty("status").GetString(), Is.EqualTo("healthy"));
        using var client = host.CreateClient();
        Assert.That(await client.GetStringAsync("/metrics"), Does.Match("""memorymesh_replicas_requests_total\{[^}]*outcome="failed"[^}]*service="searchers"[^}]*\} [1-9]"""));
        Assert.That(host.Output, Does.Not.Contain("greyhound"));
        Assert.That(await host.StopAsync(), Is.Zero, host.Output);
    }

    /// <summary>What a context shows is found by searchers, and so is what is searched over a socket, as it is by Search.</summary>
    private static async Task ServeContextsAndSocketsAsync(TestHost host, Person person, RunningProgram writer)
    {
        var before = await RankedAsync();
        for (var at = 0; at < 4; at++)
        {
            var context = await person.PostAsync("/v1/context", new { query = "Who has a greyhound?" }, HttpStatusCode.OK);
            Assert.That(context.GetProperty("text").GetString(), Does.Contain("greyhound"));
            Assert.That(context.GetProperty("degraded").GetBoolean(), Is.False);
        }

        Assert.That(await RankedAsync(), Is.GreaterThanOrEqualTo(before + 4), "a searcher asked each time");
        var direct = await person.GetAsync("/v1/memory/search?query=greyhound%20park&top_k=5");
        before = await RankedAsync();
        using var socket = await LiveSocket.ConnectAsync(host, $"/ws/stream/{person.TenantId}", person.Token());
        await socket.SendAsync(new { type = "search", query = "greyhound park", top_k = 5 });
        Assert.That(Ids(await socket.ReadAsync("fused")), Is.EqualTo(Ids(direct)));
        await socket.ReadAsync("done");
        Assert.That(await RankedAsync(), Is.GreaterThan(before));

        Task<double> RankedAsync() => CountAsync(writer, Ranked());
    }

    private static List<string?> Ids(JsonElement answer)
        => [.. answer.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("message").GetProperty("id").GetString())];

    private static IEnumerable<(string Path, object? Body)> Searches(Person person)
    {
        var tenant = person.TenantId;
        const string Time = "2026-11-01T00:00:00Z";
        yield return ($"/v1/memory/search?query=greyhound&tenant_id={tenant}&as_of={Time}", null);
        yield return ($"/v1/memory/search?query=who%20has%20a%20dog&tenant_id={tenant}&as_of={Time}&explain=true&highlights=true&expand=2&group_by=conversation", null);
        yield return ($"/v1/memory/search?query=greyhound&tenant_id={tenant}&as_of={Time}&top_k=3&role=user&conversation_id=c1&min_importance=0.2", null);
        yield return ($"/v1/memory/search?query=greyhound&tenant_id={tenant}&as_of={Time}&metadata=kind:eq:even&mode=semantic", null);
        yield return ($"/v1/memory/search?query=greyhound&tenant_id={tenant}&as_of={Time}&mode=fulltext&preset=precise", null);
        yield return ($"/v1/memory/search?query=&tenant_id={tenant}", null);
        yield return ($"/v1/memories/search?query=what%20is%20my%20name&tenant_id={tenant}&as_of={DateTimeOffset.UtcNow.AddHours(1):yyyy-MM-ddTHH:mm:ssZ}&explain=true", null);
        yield return ("/v1/memory/search", new { tenant_id = tenant, query = "greyhound", as_of = Time, filter = new { field = "metadata.kind", op = "eq", value = "odd" } });
        yield return ("/v1/memories/search", new { tenant_id = tenant, query = "name", view = "all" });
        yield return ("/v1/memory/search/batch", new { queries = new[] { new { tenant_id = tenant, query = "greyhound", as_of = Time }, new { tenant_id = tenant, query = "harbour", as_of = Time } } });
        yield return ("/v1/memory/search", new { query = 7 });
    }

    private static async Task StoreAsync(Person person)
    {
        var messages = Enumerable.Range(0, 30).Select(at => new
        {
            conversation_id = $"c{at % 3}",
            role = at % 2 == 0 ? "user" : "assistant",
            content = at % 3 == 0 ? $"The harbour had {at} boats in it." : $"She walked a greyhound in the park {at} times.",
            metadata = new { kind = at % 2 == 0 ? "even" : "odd" },
            extract_memory = false,
        });
        await person.PostAsync("/v1/messages/batch", new { messages }, HttpStatusCode.OK);
        await person.PostAsync("/v1/messages?wait=memories", new { conversation_id = "me", role = "user", content = "My name is Honda and I have a greyhound." });
        await Eventually.TrueAsync(
            async () => (await person.GetAsync("/v1/analytics/embedding-stats")).GetProperty("items").EnumerateArray().All(
                items => items.GetProperty("indexed").GetInt64() > 0 && items.GetProperty("pending").GetInt64() == 0),
            Eventually.Patience,
            () => "Not everything was embedded.");
    }

    private static async Task ReachAsync(Func<int> count, int more)
    {
        var from = count();
        await Eventually.TrueAsync(() => Task.FromResult(count() >= from + more), Eventually.Patience, () => $"{count() - from} searches were answered");
    }

    private static async Task<long> SearchesAsync(Person person)
        => (await person.GetAsync("/v1/analytics/usage")).GetProperty("usage").GetProperty("searches").GetInt64();

    private static async Task<(HttpStatusCode Status, string Answer, long Searches)> AskAsync(RunningProgram program, Person person, string path, object? body)
    {
        using var client = new HttpClient { BaseAddress = program.Address };
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = person.Client.DefaultRequestHeaders.Authorization;
        request.Content = body is null ? null : new StringContent(JsonSerializer.Serialize(body), MediaTypeHeaderValue.Parse("application/json"));
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var searches = response.StatusCode != HttpStatusCode.OK ? 0 : path.EndsWith("batch", StringComparison.Ordinal) ? JsonNode.Parse(text)!["results"]!.AsArray().Count : 1;
        return (response.StatusCode, Varying().Replace(text, ""), searches);
    }

    private static async Task<HttpStatusCode> StatusAsync(RunningProgram program, Person? person, string path)
    {
        using var client = new HttpClient { BaseAddress = program.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = person?.Client.DefaultRequestHeaders.Authorization;
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }

    private static Task<double> AnsweredAsync(RunningProgram program) => CountAsync(program, Answered());

    private static async Task<double> CountAsync(RunningProgram program, Regex samples)
    {
        using var client = new HttpClient { BaseAddress = program.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestHost.MonitoringToken);
        var text = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        return samples.Matches(text).Sum(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    // How long it took, and the trace's id in a problem, differ each time; "now" moves on between two answers.
    [GeneratedRegex("""
        "(took_ms|age_days|trace_id|traceId|score|decay)":("[^"]*"|[0-9.eE+-]+),?
        """)]
    private static partial Regex Varying();

    [GeneratedRegex("""^memorymesh_search_requests_total(?:\{[^}]*\})? ([0-9.]+)""", RegexOptions.Multiline)]
    private static partial Regex Answered();

    [GeneratedRegex("""^memorymesh_search_ranked_total(?:\{[^}]*\})? ([0-9.]+)""", RegexOptions.Multiline)]
    private static partial Regex Ranked();
}
