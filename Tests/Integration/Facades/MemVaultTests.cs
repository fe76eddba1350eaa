using System.Diagnostics;
using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Facades;

/// <summary>What MemVault's users see of memories, and the lists they read.</summary>
public class MemVaultTests(HostKind kind) : FunctionalTests(kind)
{
    private const string Own = "/api/memories/users/me/";
    private static readonly TimeSpan Deadline = Eventually.Patience;

    [Test]
    public async Task A_memory_is_pending_then_completed_with_its_facts_and_goes_with_them()
    {
        using var user = await VaultUser.WithKeyAsync(Host, "user", await Person.RegisterAsync(Host));
        const string Content = "My name is Honda.\n\nI love Python. ";
        var (status, added, response) = await user.SendAsync(HttpMethod.Post, Own, new { content = Content, metadata = new { source = "form" } });
        using (response)
        {
            Assert.That(status, Is.EqualTo(201));
            Assert.That(response.Headers.Location, Is.EqualTo(new Uri(Host.Address, $"{Own}{Text(added, "id")}/")));
        }

        Assert.Multiple(() =>
        {
            Assert.That(added.EnumerateObject().Select(member => member.Name), Is.EquivalentTo((string[])
                ["id", "content", "metadata", "status", "error", "scope", "owner", "created_by", "created_at", "updated_at", "memories"]));
            Assert.That(Text(added, "status"), Is.EqualTo("pending"));
            Assert.That(Text(added, "content"), Is.EqualTo(Content));
            Assert.That(added.GetProperty("metadata").GetProperty("source").GetString(), Is.EqualTo("form"));
            Assert.That(added.GetProperty("error").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That((Text(added, "scope"), Text(added, "owner"), Text(added, "created_by")), Is.EqualTo(("user", user.Person.AccountId, user.Person.AccountId)));
            Assert.That(added.GetProperty("memories").GetArrayLength(), Is.Zero);
        });

        var memory = await WaitAsync(user, Text(added, "id"), "completed");
        Assert.That(Contents(memory.GetProperty("memories")), Is.EqualTo((string[])["User's name is Honda.", "User loves Python."]));
        Assert.That(Text(memory, "content"), Is.EqualTo(Content));
        var fact = Text(memory.GetProperty("memories")[0], "id");
        Assert.That(Text(await user.GetAsync($"{Own}{fact}/"), "content"), Is.EqualTo("User's name is Honda."));

        var changed = await user.Client.SendJsonAsync(HttpMethod.Patch, $"{Own}{Text(added, "id")}/", new { content = "My name is Honda.", metadata = (object?)null }, HttpStatusCode.OK);
        Assert.That((Text(changed, "status"), changed.GetProperty("metadata").ValueKind), Is.EqualTo(("pending", JsonValueKind.Null)));
        memory = await WaitAsync(user, Text(added, "id"), "completed");
        Assert.That(memory.GetProperty("memories").EnumerateArray().Select(item => Text(item, "id")), Is.EqualTo((string[])[fact]));

        await user.Client.SendJsonAsync(HttpMethod.Delete, $"{Own}{Text(added, "id")}/", null, HttpStatusCode.NoContent);
        await user.Client.SendJsonAsync(HttpMethod.Get, $"{Own}{Text(added, "id")}/", null, HttpStatusCode.NotFound);
        await user.Client.SendJsonAsync(HttpMethod.Get, $"{Own}{fact}/", null, HttpStatusCode.NotFound);
    }

    [Test]
    public async Task A_request_under_one_key_adds_once()
    {
        using var user = await VaultUser.RegisterAsync(Host, "user");
        user.Client.DefaultRequestHeaders.Add("Idempotency-Key", "one");
        var ids = new List<string>
        {
            Text(await user.PostAsync(Own, new { content = "The office closes at six." }), "id"),
            Text(await user.PostAsync(Own, new { content = "The office closes at six." }), "id"),
        };
        Assert.That(ids.Distinct().Count(), Is.EqualTo(1));
        Assert.That((await user.SendAsync(HttpMethod.Post, Own, new { content = "Something else." })).Status, Is.EqualTo(422));
    }

    [Test]
    public async Task A_list_is_read_to_its_end_and_back_by_its_links()
    {
        using var user = await VaultUser.RegisterAsync(Host, "user");
        await AddAsync(user, 5);
        var seen = new List<string>();
        var first = $"{Own}?page_size=2&ordering=created_at&search=note";
        JsonElement page = default;
        for (var next = first; next is not null; next = page.GetProperty("next").GetString())
        {
            page = await user.GetAsync(next);
            Assert.That(page.EnumerateObject().Select(member => member.Name), Is.EqualTo((string[])["count", "next", "previous", "results"]));
            Assert.That(page.GetProperty("count").GetInt32(), Is.EqualTo(5));
            seen.AddRange(Contents(page.GetProperty("results")));
        }

        Assert.That(seen, Is.EqualTo((string[])["Note 0", "Note 1", "Note 2", "Note 3", "Note 4"]));
        Assert.That(page.GetProperty("previous").GetString(), Is.EqualTo($"{Host.Address}{Own.TrimStart('/')}?page_size=2&ordering=created_at&search=note&page=2"));
        page = await user.GetAsync(page.GetProperty("previous").GetString()!);
        Assert.That(page.GetProperty("previous").GetString(), Is.EqualTo($"{Host.Address}{first.TrimStart('/')}"));
        Assert.That(Contents((await user.GetAsync($"{first}&page=last")).GetProperty("results")), Is.EqualTo((string[])["Note 4"]));

        // The links lead to the address as it was called.
        page = await user.GetAsync("/api/memories/users/me?page_size=4");
        Assert.That(page.GetProperty("next").GetString(), Is.EqualTo($"{Host.Address}api/memories/users/me?page_size=4&page=2"));
    }

    [Test]
    public async Task A_list_is_sorted_searched_and_filtered()
    {
        using var user = await VaultUser.RegisterAsync(Host, "user");
        var ids = await AddAsync(user, 3);
        foreach (var id in ids)
        {
            await WaitAsync(user, id, "completed");
        }

        await user.Client.SendJsonAsync(HttpMethod.Patch, $"{Own}{ids[0]}/", new { content = "Note 0, changed" }, HttpStatusCode.OK);
        await WaitAsync(user, ids[0], "completed");
        foreach (var (query, contents) in ((string, string[])[])
        [
            ("", ["Note 2", "Note 1", "Note 0, changed"]),
            ("?ordering=created_at", ["Note 0, changed", "Note 1", "Note 2"]),
            ("?ordering=-created_at", ["Note 2", "Note 1", "Note 0, changed"]),
            ("?ordering=updated_at", ["Note 1", "Note 2", "Note 0, changed"]),
            ("?ordering=-updated_at", ["Note 0, changed", "Note 2", "Note 1"]),
            ("?search=CHANGED", ["Note 0, changed"]),
            ("?search=nothing", []),
            ("?status=completed&ordering=created_at", ["Note 0, changed", "Note 1", "Note 2"]),
            ("?status=failed", []),
            ("?status=&search=&ordering=&page=&page_size=", ["Note 2", "Note 1", "Note 0, changed"]),
            ("?page_size=100000&page=1", ["Note 2", "Note 1", "Note 0, changed"]),
        ])
        {
            var page = await user.GetAsync(Own + query);
            Assert.That(Contents(page.GetProperty("results")), Is.EqualTo(contents), query);
            Assert.That(page.GetProperty("count").GetInt32(), Is.EqualTo(contents.Length), query);
        }
    }

    [Test]
    public async Task Lists_of_organizations_teams_and_members_have_the_same_shape()
    {
        using var owner = await VaultUser.RegisterAsync(Host, "owner");
        using var friend = await VaultUser.RegisterAsync(Host, "friend");
        var organization = await owner.Person.PostAsync("/v1/organizations", new { name = "Acme", slug = $"acme-{Guid.NewGuid():N}"[..20] });
        var (id, slug) = (Text(organization, "id"), Text(organization, "slug"));
        var organizations = await owner.GetAsync("/api/user/organizations/?search=acme");
        Assert.That(JsonElement.DeepEquals(organizations.GetProperty("results")[0], organization), organizations.ToString());

        var teams = $"/api/user/organizations/{slug}/teams/";
        foreach (var name in (string[])["Zebra", "Ant", "Bee"])
        {
            await owner.PostAsync(teams, new { name });
        }

        Assert.That(Names(await owner.GetAsync(teams)), Is.EqualTo((string[])["Zebra", "Ant", "Bee"]));
        Assert.That(Names(await owner.GetAsync($"{teams}?ordering=name")), Is.EqualTo((string[])["Ant", "Bee", "Zebra"]));
        Assert.That(Names(await owner.GetAsync($"{teams}?ordering=-name&page_size=1&page=2")), Is.EqualTo((string[])["Bee"]));
        var page = await owner.GetAsync($"{teams}?page_size=2");
        Assert.That(Names(await owner.GetAsync(page.GetProperty("next").GetString()!)), Is.EqualTo((string[])["Bee"]));

        var team = Text(page.GetProperty("results")[0], "id");
        Assert.That(Text(await owner.Client.SendJsonAsync(HttpMethod.Put, $"{teams}{team}/", new { name = "Yak" }, HttpStatusCode.OK), "name"), Is.EqualTo("Yak"));
        await owner.Person.PostAsync($"/v1/organizations/{id}/members", new { user_id = friend.Person.AccountId, role = "member" });
        var added = await owner.PostAsync($"{teams}{team}/members/", new { email = friend.Person.Email });
        Assert.That((Text(added, "user_id"), Text(added, "role")), Is.EqualTo((friend.Person.AccountId, "member")));
        var members = await friend.GetAsync($"{teams}{team}/members/?ordering=created_at");
        Assert.That(members.GetProperty("results").EnumerateArray().Select(member => Text(member, "role")), Is.EqualTo((string[])["owner", "member"]));
        Assert.That((await owner.SendAsync(HttpMethod.Post, $"{teams}{team}/members/", new { email = friend.Person.Email })).Status, Is.EqualTo(409));
        await owner.Client.SendJsonAsync(HttpMethod.Delete, $"{teams}{team}/members/{friend.Person.AccountId}/", null, HttpStatusCode.NoContent);
        await owner.Client.SendJsonAsync(HttpMethod.Delete, $"{teams}{team}/members/{friend.Person.AccountId}/", null, HttpStatusCode.NotFound);
        await owner.Client.SendJsonAsync(HttpMethod.Delete, $"{teams}{team}/", null, HttpStatusCode.NoContent);
    }

    private static readonly object[] BadInput =
    [
        new object?[] { "POST", Own, "{}", 400, "content" },
        new object?[] { "POST", Own, """{"content": null}""", 400, "content" },
        new object?[] { "POST", Own, """{"content": "  "}""", 400, "content" },
        new object?[] { "POST", Own, """{"content": "a\u0000b"}""", 400, "content" },
        new object?[] { "POST", Own, $$"""{"content": "{{new string('x', 8_193)}}"}""", 400, "content" },
        new object?[] { "POST", Own, """{"content": "x", "metadata": [1]}""", 400, "metadata" },
        new object?[] { "POST", Own, $$"""{"content": "x", "metadata": {"a": "{{new string('x', 9_000)}}"} }""", 400, "metadata" },
        new object?[] { "POST", Own, """{"content": "x", "surprise": 1}""", 400, "surprise" },
        new object?[] { "POST", Own, """{"content": 7}""", 400, "content" },
        new object?[] { "POST", Own, """{"content": "\ud800"}""", 400, "content" },
        new object?[] { "POST", Own, "{", 400, null },
        new object?[] { "POST", Own, "[]", 400, null },
        new object?[] { "POST", Own, $$"""{"content": "{{new string('x', 1_100_000)}}"}""", 413, null },
        new object?[] { "GET", Own + "?page=2", null, 404, null },
        new object?[] { "GET", Own + "?page=0", null, 404, null },
        new object?[] { "GET", Own + "?page=-1", null, 404, null },
        new object?[] { "GET", Own + "?page=x", null, 404, null },
        new object?[] { "GET", Own + "?page=99999999999999999999", null, 404, null },
        new object?[] { "GET", Own + "?page=2147483647&page_size=1", null, 404, null },
        new object?[] { "GET", Own + "?page_size=0", null, 400, "page_size" },
        new object?[] { "GET", Own + "?page_size=-5", null, 400, "page_size" },
        new object?[] { "GET", Own + "?page_size=many", null, 400, "page_size" },
        new object?[] { "GET", Own + "?ordering=color", null, 400, "ordering" },
        new object?[] { "GET", Own + "?ordering=--created_at", null, 400, "ordering" },
        new object?[] { "GET", Own + "?status=done", null, 400, "status" },
        new object?[] { "GET", Own + "?search=%00", null, 400, "search" },
        new object?[] { "GET", "/api/user/organizations/?ordering=color", null, 400, "ordering" },
        new object?[] { "GET", "/api/user/organizations/?page_size=x", null, 400, "page_size" },
        new object?[] { "GET", "/api/user/organizations/?page=3", null, 404, null },
        new object?[] { "PUT", Own + "00000000-0000-0000-0000-000000000000/", """{"content": "x"}""", 405, null },
        new object?[] { "PATCH", Own + "00000000-0000-0000-0000-000000000000/", """{"content": "x"}""", 404, null },
        new object?[] { "PATCH", Own + "no-id/", """{"content": "x"}""", 404, null },
        new object?[] { "GET", "/api/memories/", null, 404, null },
        new object?[] { "GET", "/api/memories/teams/no-team/", null, 404, null },
        new object?[] { "GET", "/api/memories/orgs/no-org/", null, 404, null },
    ];

    [TestCaseSource(nameof(BadInput))]
    public async Task Bad_input_is_told_with_the_names_that_it_has_here(string method, string path, string? body, int expected, string? field)
    {
        using var user = await VaultUser.RegisterAsync(Host, "user");
        var (status, problem, response) = await user.SendAsync(new HttpMethod(method), path, body);
        using (response)
        {
            Assert.That(status, Is.EqualTo(expected), problem.ToString());
            Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
            Assert.That(Text(problem, "type"), Does.StartWith("urn:memorymesh:problem:"));
            Assert.That(
                problem.TryGetProperty("errors", out var errors) ? errors.EnumerateObject().Select(error => error.Name) : [],
                Is.EqualTo(field is null ? [] : (string[])[field]));
        }
    }

    [Test]
    public async Task A_change_of_nothing_is_refused()
    {
        using var user = await VaultUser.RegisterAsync(Host, "user");
        var id = (await AddAsync(user, 1))[0];
        var (status, problem, response) = await user.SendAsync(HttpMethod.Patch, $"{Own}{id}/", "{}");
        response.Dispose();
        Assert.That((status, problem.GetProperty("errors").EnumerateObject().Single().Name), Is.EqualTo((400, "content")));
    }

    private static async Task<IReadOnlyList<string>> AddAsync(VaultUser user, int count)
    {
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
        {
            ids.Add(Text(await user.PostAsync(Own, new { content = $"Note {i}" }), "id"));
        }

        return ids;
    }

    private static async Task<JsonElement> WaitAsync(VaultUser user, string id, string status)
    {
        JsonElement memory = default;
        await Eventually.TrueAsync(
            async () => Text(memory = await user.GetAsync($"{Own}{id}/"), "status") == status, Deadline, () => $"Not {status}: {memory}");
        return memory;
    }

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString()!;

    private static string[] Contents(JsonElement list) => [.. list.EnumerateArray().Select(item => Text(item, "content"))];

    private static string[] Names(JsonElement page) => [.. page.GetProperty("results").EnumerateArray().Select(item => Text(item, "name"))];
}

/// <summary>The states of a memory, with the moments between them held still: the search service is stopped and goes on.</summary>
public class MemVaultStatusTests
{
    [Test]
    public async Task A_memory_is_pending_then_processing_then_failed_with_the_reason_and_completed_at_last()
    {
        await using var host = await TestHost.StartAsync(
            HostKind.Processes, environment: new Dictionary<string, string> { ["Memory__IndexTimeoutSeconds"] = "2", ["Memory__MaxAttempts"] = "1" });
        using var user = await VaultUser.RegisterAsync(host, "user");
        var search = FindService(host, "MemoryMesh.Search.Api.dll");
        Signal(search, "STOP");
        JsonElement memory;
        try
        {
            memory = await user.PostAsync("/api/memories/users/me/", new { content = "I love Python." });
            Assert.That(memory.GetProperty("status").GetString(), Is.EqualTo("pending"));
            await WaitAsync("processing");
            Assert.That(memory.GetProperty("memories").GetArrayLength(), Is.EqualTo(1), "The facts are drawn by then.");
            await WaitAsync("failed");
            Assert.That(memory.GetProperty("error").GetString(), Is.EqualTo("index_timeout"));
            Assert.That((await user.GetAsync("/api/memories/users/me/?status=failed")).GetProperty("count").GetInt32(), Is.EqualTo(1));
        }
        finally
        {
            Signal(search, "CONT");
        }

        await WaitAsync("completed");
        Assert.That(memory.GetProperty("error").ValueKind, Is.EqualTo(JsonValueKind.Null));

        async Task WaitAsync(string status)
            => await Eventually.TrueAsync(
                async () => (memory = await user.GetAsync($"/api/memories/users/me/{memory.GetProperty("id").GetString()}/")).GetProperty("status").GetString() == status,
                TimeSpan.FromSeconds(60),
                () => $"Not {status}: {memory}");
    }

    private static int FindService(TestHost host, string program)
        => Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!, System.Globalization.CultureInfo.InvariantCulture))
            .Single(id => ParentOf(id) == host.ProcessId && CommandOf(id).Contains(program, StringComparison.Ordinal));

    private static int ParentOf(int id)
    {
        try
        {
            // The name, in parentheses, may hold spaces.
            var state = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(state[(state.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static string CommandOf(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static void Signal(int id, string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{id}"]);
        kill.WaitForExit();
    }
}

/// <summary>Links behind a proxy.</summary>
[TestFixture(HostKind.Embedded)]
[TestFixture(HostKind.Processes)]
public class MemVaultLinkTests(HostKind kind)
{
    [Test]
    public async Task Links_lead_to_the_scheme_and_name_that_the_client_used()
    {
        await using var host = await TestHost.StartAsync(kind, environment: new Dictionary<string, string> { ["Gateway__TrustedProxies__0"] = "127.0.0.1" });
        using var user = await VaultUser.RegisterAsync(host, "user");
        foreach (var i in Enumerable.Range(0, 2))
        {
            await user.PostAsync("/api/memories/users/me/", new { content = $"Note {i}" });
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/api/memories/users/me/?page_size=1", UriKind.Relative));
        request.Headers.Host = "memory.example.com";
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-For", "203.0.113.7");
        using var answer = await user.Client.SendAsync(request);
        var page = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        Assert.That(page.GetProperty("next").GetString(), Is.EqualTo("https://memory.example.com/api/memories/users/me/?page_size=1&page=2"));
    }
}
