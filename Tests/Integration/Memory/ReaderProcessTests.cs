using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using MemoryMesh.Tests.Integration.Processes;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Memory;

/// <summary>Readers as processes of their own, as an operator starts them.</summary>
public partial class ReaderProcessTests
{
    [Test]
    public async Task Readers_answer_as_memory_does_and_may_be_killed()
    {
        await using var host = await TestHost.StartAsync(HostKind.Processes, arguments: ["--Processes:Readers", "2", "--Memory:ContextSearchTimeoutMilliseconds", "30000"]);
        using var person = await Person.RegisterAsync(host);
        using var member = await Person.RegisterAsync(host);
        using var stranger = await Person.RegisterAsync(host);
        await person.PostAsync($"/v1/organizations/{person.TenantId}/members", new { user_id = member.AccountId, role = "member" });
        var team = await StoreAsync(person);
        var programs = RunningProgram.Find(host, "Memory");
        var readers = programs.Where(program => program.Role == "reader").ToList();
        var writer = programs.Single(program => program.Role is null);
        Assert.That(readers, Has.Count.EqualTo(2));

        // Whoever asks, and for what, the answer is the same: also where nothing is to be seen.
        foreach (var (path, body) in Contexts(person, team))
        {
            foreach (var asking in (Person[])[person, member, stranger])
            {
                var expected = await AskAsync(writer, asking, path, body);
                foreach (var reader in readers)
                {
                    Assert.That(await AskAsync(reader, asking, path, body), Is.EqualTo(expected), path);
                }

                if (asking == stranger)
                {
                    Assert.That(expected.Answer, Does.Not.Contain("greyhound in"), path);
                }
            }
        }

        var full = await AskAsync(readers[0], person, "/v1/context", new { conversation_id = "long", query = "Who has a greyhound?", max_tokens = 8_000 });
        using (var parts = JsonDocument.Parse(full.Answer))
        {
            foreach (var part in (string[])["blocks", "profile", "memories", "summary", "messages"])
            {
                Assert.That(parts.RootElement.GetProperty(part).GetArrayLength(), Is.GreaterThan(0), part);
            }

            Assert.That(parts.RootElement.GetProperty("style").GetProperty("instructions").ToString(), Does.Contain("Keep answers short."));
            Assert.That(parts.RootElement.GetProperty("degraded").GetBoolean(), Is.False);
        }

        // A reader does nothing else, and asks who calls.
        Assert.That((await AskAsync(readers[0], person, "/v1/memories", null)).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await AskAsync(readers[0], (Person?)null, "/v1/context?query=greyhound", null)).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await AskAsync(readers[0], (Person?)null, "/internal/memory/knowledge", new { })).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await AskAsync(writer, (Person?)null, "/internal/memory/knowledge", new { })).Status, Is.EqualTo(HttpStatusCode.NotFound), "without a proof there is no such route");

        await SeesAtOnceAsync(person, readers[1]);
        await EndsWithTheKeyAsync(person, readers[0]);
        await NothingIsLeftOfErasedAsync(person, readers);
        await MayBeKilledAsync(host, person, readers);
        Assert.That(host.Output, Does.Not.Contain("greyhound"));
        Assert.That(await host.StopAsync(), Is.Zero, host.Output);
    }

    /// <summary>What was written a moment ago is there, and what was deleted or opted out is not.</summary>
    private static async Task SeesAtOnceAsync(Person person, RunningProgram reader)
    {
        var added = await person.AddAndCompleteAsync(new { text = "User plays the bagpipes on Sundays.", category = "interest" });
        const string Path = "/v1/context?query=bagpipes";
        Assert.That((await AskAsync(reader, person, Path, null)).Answer, Does.Contain("bagpipes on Sundays"));
        await person.SendAsync(HttpMethod.Delete, $"/v1/memories/{added.GetProperty("id").GetString()}", status: HttpStatusCode.NoContent);
        Assert.That((await AskAsync(reader, person, Path, null)).Answer, Does.Not.Contain("bagpipes on Sundays"));
        await person.SendAsync(HttpMethod.Put, "/v1/memories/settings", new { opted_out = true });
        var optedOut = (await AskAsync(reader, person, "/v1/context?query=greyhound", null)).Answer;
        Assert.That(optedOut, Does.Not.Contain("greyhound").And.Contain("Doors close at eight"), "the organization's blocks are all that is left");
        await person.SendAsync(HttpMethod.Put, "/v1/memories/settings", new { opted_out = false });
        Assert.That((await AskAsync(reader, person, "/v1/context?query=greyhound", null)).Answer, Does.Contain("greyhound in"));
    }

    /// <summary>Once the receipt is there, no reader says anything of who was erased, and what is left of others is still said.</summary>
    private static async Task NothingIsLeftOfErasedAsync(Person person, List<RunningProgram> readers)
    {
        string[] paths = ["/v1/context?query=boats&user_id=customer", "/v1/context?query=boats&conversation_id=customers", "/v1/context/customers?user_id=customer&query=boats"];
        foreach (var reader in readers)
        {
            Assert.That((await AskAsync(reader, person, paths[0], null)).Answer, Does.Contain("User rents boats"));
            Assert.That((await AskAsync(reader, person, paths[1], null)).Answer, Does.Contain("Where are my boats"));
        }

        var erased = await person.SendAsync(HttpMethod.Post, "/v1/privacy/erasures?wait=true", new { user_id = "customer" });
        Assert.That(erased.GetProperty("status").GetString(), Is.EqualTo("completed"));
        foreach (var reader in readers)
        {
            foreach (var path in paths)
            {
                Assert.That((await AskAsync(reader, person, path, null)).Answer, Does.Not.Contain("rents boats").And.Not.Contain("Where are my boats"), path);
            }

            Assert.That((await AskAsync(reader, person, "/v1/context?query=greyhound", null)).Answer, Does.Contain("greyhound in"));
        }
    }

    private static async Task EndsWithTheKeyAsync(Person person, RunningProgram reader)
    {
        var key = await person.PostAsync("/v1/auth/api-keys", new { name = "reading" });
        var credentials = new AuthenticationHeaderValue("Bearer", key.GetProperty("key").GetString());
        Assert.That((await AskAsync(reader, credentials, "/v1/context?query=greyhound", null)).Status, Is.EqualTo(HttpStatusCode.OK));
        await person.SendAsync(HttpMethod.Delete, $"/v1/auth/api-keys/{key.GetProperty("id").GetString()}", status: HttpStatusCode.NoContent);
        await Eventually.TrueAsync(
            async () => (await AskAsync(reader, credentials, "/v1/context?query=greyhound", null)).Status == HttpStatusCode.Unauthorized,
            Eventually.Patience,
            () => "The revoked key still works.");
    }

    private static async Task MayBeKilledAsync(TestHost host, Person person, List<RunningProgram> readers)
    {
        using var stop = new CancellationTokenSource();
        var answered = 0;
        var load = Enumerable.Range(0, 4).Select(async at =>
        {
            while (!stop.IsCancellationRequested)
            {
                var context = at % 2 == 0
                    ? await person.GetAsync("/v1/context/short?query=greyhound")
                    : await person.PostAsync("/v1/context", new { query = "greyhound", conversation_id = "short" }, HttpStatusCode.OK);
                Assert.That(context.GetProperty("text").GetString(), Does.Contain("greyhound"));
                Interlocked.Increment(ref answered);
            }
        }).ToList();
        foreach (var reader in readers)
        {
            await ReachAsync(40);
            reader.Kill();
        }

        await ReachAsync(80);
        await stop.CancelAsync();
        await Task.WhenAll(load);
        Assert.That((await person.GetAsync("/v1/admin/health")).GetProperty("status").GetString(), Is.EqualTo("healthy"), host.Output);
        using var client = host.CreateClient();
        Assert.That(await client.GetStringAsync("/metrics"), Does.Match("""memorymesh_replicas_requests_total\{[^}]*outcome="failed"[^}]*service="readers"[^}]*\} [1-9]"""));

        async Task ReachAsync(int more)
        {
            var from = Volatile.Read(ref answered);
            await Eventually.TrueAsync(
                () => Task.FromResult(load.Exists(task => task.IsFaulted) || Volatile.Read(ref answered) >= from + more),
                Eventually.Patience,
                () => $"{Volatile.Read(ref answered) - from} contexts were answered");
            Assert.That(load.Find(task => task.IsFaulted)?.Exception?.ToString(), Is.Null);
        }
    }

    private static IEnumerable<(string Path, object? Body)> Contexts(Person person, string team)
    {
        var tenant = person.TenantId;
        yield return ($"/v1/context?tenant_id={tenant}", null);
        yield return ($"/v1/context?tenant_id={tenant}&conversation_id=long", null);
        yield return ($"/v1/context?tenant_id={tenant}&conversation_id=long&query=greyhound&max_tokens=150", null);
        yield return ($"/v1/context?tenant_id={tenant}&conversation_id=long&max_tokens=20000&max_messages=200&format=xml", null);
        yield return ($"/v1/context?tenant_id={tenant}&query=where%20is%20the%20office&sections=memories,style&budget=memories:0.9", null);
        yield return ($"/v1/context?tenant_id={tenant}&query=greyhound&sections=profile,blocks,summary&conversation_id=long", null);
        yield return ($"/v1/context?tenant_id={tenant}&query=boats&user_id=customer&team_id={team}", null);
        yield return ($"/v1/context?tenant_id={tenant}&query=boats&team_id={team}", null);
        yield return ($"/v1/context?tenant_id={tenant}&query=horses&user_id=silent", null);
        yield return ($"/v1/context?tenant_id={tenant}&user_id={person.AccountId}&query=greyhound", null);
        yield return ($"/v1/context?tenant_id={tenant}&conversation_id=customers", null);
        yield return ($"/v1/context?tenant_id={tenant}&query=nothing%20like%20it%204711", null);
        yield return ("/v1/context?max_tokens=1", null);
        yield return ("/v1/context", new { tenant_id = tenant, conversation_id = "long", query = "Who has a greyhound?", max_tokens = 1_500, format = "xml", budget = new { memories = 0.5 } });
        yield return ("/v1/context", new { tenant_id = tenant, conversation_id = "nobody's" });
        yield return ("/v1/context", new { budget = new { memories = 7 } });
        yield return ("/v1/context", new { unknown = 7 });
        yield return ($"/v1/context/long?tenant_id={tenant}&summary=true&max_messages=3", null);
        yield return ($"/v1/context/long?tenant_id={tenant}&query=greyhound&max_tokens=300", null);
        yield return ($"/v1/context/long?tenant_id={tenant}&user_id=customer&team_id={team}&query=boats", null);
        yield return ($"/v1/context/customers?tenant_id={tenant}", null);
        yield return ($"/v1/context/silent?tenant_id={tenant}&user_id=silent&query=horses", null);
        yield return ("/v1/context/long?max_messages=x", null);
        yield return ("/v1/context/a%2Fb", null);
    }

    private static async Task<string> StoreAsync(Person person)
    {
        var team = (await person.PostAsync($"/v1/organizations/{person.TenantId}/teams", new { name = "Rowers" })).GetProperty("id").GetString()!;
        await Eventually.TrueAsync(
            async () =>
            {
                var (response, _) = await person.RawAsync(HttpMethod.Get, $"/v1/memories?scope=team&team_id={team}");
                using (response)
                {
                    return response.StatusCode == HttpStatusCode.OK;
                }
            },
            Eventually.Patience,
            () => "The team was not seen.");
        await person.PostAsync("/v1/blocks", new { label = "persona", text = "Be a travel desk.\n## Memories" });
        await person.PostAsync("/v1/blocks", new { label = "house", text = "Doors close at eight.", scope = "organization" });
        await person.SendAsync(HttpMethod.Patch, $"/v1/subjects/{person.AccountId}/preferences", new { verbosity = "concise" });
        object[] memories =
        [
            new { text = "User's name is Honda.", category = "name" },
            new { text = "User has a greyhound in Graz.", category = "possession" },
            new { text = "User walks a greyhound in the park at dawn.", category = "interest" },
            new { text = "User wants to learn to sail.", category = "goal" },
            new { text = "User prefers replies in German.", category = "style" },
            new { text = "User likes <tea> & boats.", category = "preference" },
            new { text = "The boats are in shed two.", scope = "team", team_id = team },
            new { text = "The office has a parrot and no greyhound.", scope = "organization" },
            new { text = "User rents boats.", user_id = "customer" },
            new { text = "User breeds horses.", user_id = "silent" },
        ];
        foreach (var memory in memories)
        {
            await person.AddAndCompleteAsync(memory);
        }

        await person.SendAsync(HttpMethod.Put, "/v1/memories/settings?user_id=silent", new { opted_out = true });
        var messages = Enumerable.Range(0, 40).Select(at => (object)new
        {
            conversation_id = "long",
            role = at % 2 == 0 ? "user" : "assistant",
            content = at % 3 == 0 ? $"The harbour of Graz had {at} boats in it on that long day." : $"She walked a greyhound in the park {at} times before it rained.",
            extract_memory = false,
        }).Concat(
        [
            new { conversation_id = "short", role = "user", content = "Tell me of the greyhound.", extract_memory = false },
            new { conversation_id = "customers", role = "user", content = "Where are my boats?", user_id = "customer", extract_memory = false },
        ]);
        await person.PostAsync("/v1/messages/batch", new { messages }, HttpStatusCode.OK);

        // The vectors that are still to come change scores, and what is observed of messages changes preferences.
        var (before, same) = ("", 0);
        await Eventually.TrueAsync(
            async () =>
            {
                var now = Varying().Replace((await person.GetAsync("/v1/context?query=greyhound")).ToString() + (await person.GetAsync("/v1/context?conversation_id=long&query=boats")), "");
                (before, same) = (now, now == before ? same + 1 : 0);
                return same >= 5 && (await person.GetAsync("/v1/analytics/embedding-stats")).GetProperty("items").EnumerateArray().All(items => items.GetProperty("pending").GetInt64() == 0);
            },
            Eventually.Patience,
            () => "What was stored did not come to rest.");
        return team;
    }

    private static Task<(HttpStatusCode Status, string Answer)> AskAsync(RunningProgram program, Person? person, string path, object? body)
        => AskAsync(program, person?.Client.DefaultRequestHeaders.Authorization, path, body);

    private static async Task<(HttpStatusCode Status, string Answer)> AskAsync(RunningProgram program, AuthenticationHeaderValue? credentials, string path, object? body)
    {
        using var client = new HttpClient { BaseAddress = program.Address };
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = credentials;
        request.Content = body is null ? null : new StringContent(JsonSerializer.Serialize(body), MediaTypeHeaderValue.Parse("application/json"));
        using var response = await client.SendAsync(request);
        return (response.StatusCode, Varying().Replace(await response.Content.ReadAsStringAsync(), "\"varies\":0"));
    }

    // Age takes a little of a score between two answers, and each problem has its trace.
    [GeneratedRegex("""
        "(trace_id|traceId|score)":("[^"]*"|[0-9.eE+-]+)| score=\\u0022[0-9.]+\\u0022| score=\\"[0-9.]+\\"
        """)]
    private static partial Regex Varying();
}
