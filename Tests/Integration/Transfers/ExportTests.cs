using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Transfers;

public class ExportTests(HostKind kind) : FunctionalTests(kind)
{
    [Test]
    public async Task A_subjects_export_holds_conversations_messages_memories_and_settings_whole()
    {
        using var person = await Person.RegisterAsync(Host);
        await FillAsync(person);

        var records = Transfer.Records(await Transfer.ExportTextAsync(person, new { what = "subject", format = "ndjson" }));

        Assert.Multiple(() =>
        {
            Assert.That(records[0].Text("type"), Is.EqualTo("export"));
            Assert.That(records[0].Text("user_id"), Is.EqualTo(person.AccountId));
            var conversation = records.OfType("conversation").Single(record => record.Text("conversation_id") == "trip");
            Assert.That(conversation.Text("title"), Is.EqualTo("A trip"));
            Assert.That(conversation.GetProperty("metadata").GetProperty("topic").GetString(), Is.EqualTo("travel"));
            var messages = records.OfType("message").Where(record => record.Text("conversation_id") == "trip").ToList();
            Assert.That(messages.Select(message => message.Text("content")), Is.EqualTo((string[])["My name is Honda.", "Noted, \"Honda\".", "=1+1\nline two"]));
            Assert.That(messages[1].Text("reply_to"), Is.EqualTo(messages[0].Text("id")));
            Assert.That(messages[0].GetProperty("created_at").GetDateTimeOffset(), Is.EqualTo(new DateTimeOffset(2024, 5, 1, 10, 0, 0, TimeSpan.Zero)));
            Assert.That(messages[2].GetProperty("metadata").GetProperty("n").GetInt32(), Is.EqualTo(3));
            var memory = records.OfType("memory").Single(record => record.Text("text") == "Prefers tea");
            Assert.That(memory.GetProperty("history").GetArrayLength(), Is.EqualTo(2));
            Assert.That(memory.GetProperty("history")[0].Text("new_text"), Is.EqualTo("Prefers coffee"));
            var learned = records.OfType("memory").Single(record => record.Text("text")!.Contains("Honda", StringComparison.Ordinal));
            Assert.That(learned.GetProperty("sources")[0].Text("message_id"), Is.EqualTo(messages[0].Text("id")));
            Assert.That(records.OfType("settings").Single().GetProperty("opted_out").GetBoolean(), Is.False);
            var end = records[^1];
            Assert.That(end.GetProperty("messages").GetInt64(), Is.EqualTo(records.OfType("message").Count));
            Assert.That(end.GetProperty("memories").GetInt64(), Is.EqualTo(records.OfType("memory").Count));
        });
    }

    [Test]
    public async Task What_became_of_what_was_read_and_consent_are_part_of_it_and_an_import_passes_over_them()
    {
        using var person = await Person.RegisterAsync(Host);
        var message = await person.PostAsync(
            "/v1/messages?wait=memories", new { conversation_id = "c", role = "user", content = "I live in Bern. Please remember that I am Catholic." });
        var ndjson = await Transfer.ExportTextAsync(person, new { what = "subject", format = "ndjson" });
        var records = Transfer.Records(ndjson);
        var faith = records.OfType("memory").Single(memory => memory.Text("text")!.Contains("Catholic", StringComparison.Ordinal));
        var consent = records.OfType("consent").Single();
        Assert.That((consent.Text("message_id"), consent.Text("memory_id")), Is.EqualTo((message.Text("id"), faith.Text("id"))));
        Assert.That(
            records.OfType("extraction").Select(entry => (entry.Text("message_id"), entry.Text("outcome"), entry.Text("extractor"))),
            Is.EquivalentTo((object[])[(message.Text("id"), "added", "rules"), (message.Text("id"), "added", "rules")]));
        var json = JsonDocument.Parse(await Transfer.ExportTextAsync(person, new { what = "tenant", format = "json" })).RootElement;
        Assert.That(json.GetProperty("learning").GetArrayLength(), Is.EqualTo(3));
        var csv = await Transfer.ExportTextAsync(person, new { what = "tenant", format = "csv" });
        Assert.That(csv.Split("\r\n").Count(line => line.StartsWith("extraction,", StringComparison.Ordinal)), Is.EqualTo(2));
        Assert.That(await Transfer.ExportTextAsync(person, new { what = "tenant", format = "markdown" }), Does.Contain("- Consent to ").And.Contain("- added (new), "));

        using var other = await Person.RegisterAsync(Host);
        var import = await Transfer.ImportAsync(other, "format=memorymesh", ndjson);
        Assert.That((import.Text("status"), import.GetProperty("progress").GetProperty("failed").GetInt64()), Is.EqualTo(("completed", 0L)), import.GetRawText());
    }

    [Test]
    public async Task Every_format_holds_every_message_and_memory()
    {
        using var person = await Person.RegisterAsync(Host);
        await FillAsync(person);

        var json = JsonDocument.Parse(await Transfer.ExportTextAsync(person, new { what = "tenant", format = "json" })).RootElement;
        var trip = json.GetProperty("conversations").EnumerateArray().Single(conversation => conversation.Text("conversation_id") == "trip");
        Assert.That(trip.GetProperty("messages").GetArrayLength(), Is.EqualTo(3));
        Assert.That(json.GetProperty("memories").EnumerateArray().Select(memory => memory.Text("text")), Does.Contain("Prefers tea"));
        Assert.That(json.GetProperty("settings").GetArrayLength(), Is.EqualTo(1));

        var csv = await Transfer.ExportTextAsync(person, new { what = "conversation", conversation_id = "trip", format = "csv" });
        var lines = csv.Split("\r\n");
        Assert.That(lines[0], Does.StartWith("type,id,conversation_id,user_id,role,content,created_at"));
        Assert.That(csv, Does.Contain("\"Noted, \"\"Honda\"\".\""));
        Assert.That(csv, Does.Contain("\"'=1+1\nline two\""), "A text like a formula is no formula.");

        var markdown = await Transfer.ExportTextAsync(person, new { what = "conversation", conversation_id = "trip", format = "markdown" });
        Assert.That(markdown, Does.Contain("## `A trip`").And.Contain("### user, 2024-05-01T10:00:00.000Z").And.Contain("> =1+1\n> line two"));
    }

    [Test]
    public async Task An_export_of_analytics_holds_the_counts_that_the_trends_show()
    {
        using var person = await Person.RegisterAsync(Host);
        await person.PostAsync("/v1/messages?wait=indexed", new { conversation_id = "counted", role = "user", content = "One", created_at = "2024-05-01T10:00:00Z" });
        await person.PostAsync("/v1/messages?wait=indexed", new { conversation_id = "counted", role = "assistant", content = "Two", created_at = "2024-05-02T23:30:00Z" });
        object Ask(string format) => new { what = "analytics", format, from = "2024-05-01", to = "2024-05-03", interval = "day", tz = "Europe/Berlin" };
        const string Query = "from=2024-05-01&to=2024-05-03&interval=day&tz=Europe/Berlin";
        var points = (await person.GetAsync($"/v1/analytics/trends?{Query}")).GetProperty("points").EnumerateArray().ToList();

        var export = await Transfer.ExportAsync(person, Ask("ndjson"));
        var records = Transfer.Records(await person.Client.GetStringAsync($"/v1/exports/{export.Text("id")}/download"));
        var json = JsonDocument.Parse(await Transfer.ExportTextAsync(person, Ask("json"))).RootElement;
        var csv = (await Transfer.ExportTextAsync(person, Ask("csv"))).Split("\r\n");
        var markdown = await Transfer.ExportTextAsync(person, Ask("markdown"));

        Assert.Multiple(() =>
        {
            Assert.That(points.Select(point => point.GetProperty("usage").GetProperty("messages_created").GetProperty("total").GetInt64()), Is.EqualTo((long[])[1, 0, 1]));
            Assert.That(records.OfType("usage").Select(record => record.GetProperty("usage").GetRawText()), Is.EqualTo(points.Select(point => point.GetProperty("usage").GetRawText())));
            Assert.That(records.OfType("usage").Select(record => record.GetProperty("start").GetDateTimeOffset()), Is.EqualTo(points.Select(point => point.GetProperty("start").GetDateTimeOffset())));
            Assert.That(records[^1].GetProperty("intervals").GetInt64(), Is.EqualTo(3));
            Assert.That(export.GetProperty("progress").GetProperty("done").GetInt64(), Is.EqualTo(3));
            Assert.That(json.GetProperty("usage").GetArrayLength(), Is.EqualTo(3));
            Assert.That(csv, Has.Length.EqualTo(5), "A line of names, three intervals, and nothing after the last line break.");
            Assert.That(csv[0], Does.StartWith("start,end,messages,user_messages,"));
            Assert.That(csv[1], Does.StartWith("2024-04-30T22:00:00.000Z,2024-05-01T22:00:00.000Z,1,1,0,"));
            Assert.That(markdown, Does.Contain("| start | end | messages |").And.Contain("| 2024-05-02T22:00:00.000Z | 2024-05-03T22:00:00.000Z | 1 | 0 | 1 |").And.Contain("3 intervals."));
        });
    }

    [TestCase("{\"what\":\"analytics\",\"format\":\"csv\",\"interval\":\"year\"}", "interval")]
    [TestCase("{\"what\":\"analytics\",\"format\":\"csv\",\"tz\":\"Europe/Nowhere\"}", "tz")]
    [TestCase("{\"what\":\"analytics\",\"format\":\"csv\",\"from\":\"1980-01-01\",\"interval\":\"hour\"}", "from")]
    [TestCase("{\"what\":\"tenant\",\"format\":\"csv\",\"from\":\"2024-01-01\"}", "what")]
    public async Task A_time_that_cannot_be_counted_is_refused_by_its_field(string body, string field)
    {
        using var person = await Person.RegisterAsync(Host);
        var problem = await person.PostAsync("/v1/exports", body, HttpStatusCode.BadRequest);
        Assert.That(problem.GetProperty("errors").EnumerateObject().Select(error => error.Name), Does.Contain(field));
    }

    [Test]
    public async Task An_export_of_many_messages_is_whole_and_in_order()
    {
        using var person = await Person.RegisterAsync(Host);
        const int Count = 1_000;
        foreach (var part in Enumerable.Range(0, Count).Chunk(500))
        {
            await person.SendAsync(
                HttpMethod.Post,
                "/v1/messages/batch",
                new { messages = part.Select(i => new { conversation_id = "long", role = "tool", content = $"result {i}", extract_memory = false }) });
        }

        var export = await Transfer.ExportAsync(person, new { what = "conversation", conversation_id = "long", format = "ndjson" });
        var records = Transfer.Records(await person.Client.GetStringAsync($"/v1/exports/{export.Text("id")}/download"));

        Assert.That(export.GetProperty("progress").GetProperty("done").GetInt64(), Is.EqualTo(Count));
        Assert.That(export.GetProperty("progress").GetProperty("total").GetInt64(), Is.EqualTo(Count));
        Assert.That(records.OfType("message").Select(message => message.Text("content")), Is.EqualTo(Enumerable.Range(0, Count).Select(i => $"result {i}")));
    }

    [Test]
    public async Task The_file_comes_with_its_type_name_and_length()
    {
        using var person = await Person.RegisterAsync(Host);
        await FillAsync(person);
        var export = await Transfer.ExportAsync(person, new { what = "conversation", conversation_id = "trip", format = "csv" });

        using var response = await person.Client.GetAsync($"/v1/exports/{export.Text("id")}/download");

        Assert.Multiple(() =>
        {
            Assert.That(response.Content.Headers.ContentType!.ToString(), Does.StartWith("text/csv"));
            Assert.That(response.Content.Headers.ContentLength, Is.EqualTo(export.GetProperty("size").GetInt64()));
            Assert.That(response.Content.Headers.ContentDisposition!.FileName, Does.Match("^\"?conversation-[0-9]{8}T[0-9]{6}Z\\.csv\"?$"));
            Assert.That(response.Headers.CacheControl!.NoStore, Is.True);
        });
    }

    [Test]
    public async Task A_link_opens_its_export_only_and_a_changed_one_opens_nothing()
    {
        using var person = await Person.RegisterAsync(Host);
        await FillAsync(person);
        var first = await Transfer.ExportAsync(person, new { what = "conversation", conversation_id = "trip", format = "csv" });
        var second = await Transfer.ExportAsync(person, new { what = "conversation", conversation_id = "trip", format = "json" });
        using var anonymous = Host.CreateClient();
        var link = first.Text("download_url")!;
        var token = link[(link.IndexOf('=', StringComparison.Ordinal) + 1)..];

        Assert.Multiple(async () =>
        {
            Assert.That(await StatusAsync(anonymous, link), Is.EqualTo(HttpStatusCode.OK));
            Assert.That(await StatusAsync(anonymous, $"/v1/exports/{second.Text("id")}/download?token={token}"), Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That(await StatusAsync(anonymous, link[..^2] + (link.EndsWith("AA", StringComparison.Ordinal) ? "BB" : "AA")), Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That(await StatusAsync(anonymous, $"/v1/exports/{first.Text("id")}/download?token="), Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That(await StatusAsync(anonymous, $"/v1/exports/{first.Text("id")}/download"), Is.EqualTo(HttpStatusCode.Unauthorized));
            Assert.That(await StatusAsync(anonymous, $"/v1/exports/{first.Text("id")}"), Is.EqualTo(HttpStatusCode.Unauthorized));
        });
    }

    [Test]
    public async Task A_foreign_export_answers_like_an_unknown_one()
    {
        using var person = await Person.RegisterAsync(Host);
        using var other = await Person.RegisterAsync(Host);
        await FillAsync(person);
        var export = await Transfer.ExportAsync(person, new { what = "tenant", format = "ndjson" });

        foreach (var (method, suffix) in ((HttpMethod, string)[])[(HttpMethod.Get, ""), (HttpMethod.Get, "/download"), (HttpMethod.Delete, "")])
        {
            using var foreign = await other.Client.SendAsync(new HttpRequestMessage(method, $"/v1/exports/{export.Text("id")}{suffix}"));
            using var unknown = await other.Client.SendAsync(new HttpRequestMessage(method, $"/v1/exports/{Guid.NewGuid()}{suffix}"));
            Assert.That(foreign.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That(await foreign.Content.ReadAsStringAsync(), Is.EqualTo(await unknown.Content.ReadAsStringAsync()));
        }

        Assert.That((await other.GetAsync("/v1/exports")).GetProperty("exports").GetArrayLength(), Is.Zero);
        await other.SendAsync(HttpMethod.Post, "/v1/exports", new { what = "conversation", conversation_id = "trip", format = "json" }, HttpStatusCode.NotFound);
        await other.SendAsync(HttpMethod.Post, "/v1/exports", new { tenant_id = person.TenantId, what = "subject", format = "json" }, HttpStatusCode.NotFound);
    }

    [Test]
    public async Task A_member_exports_what_is_its_own_and_sees_no_other_export()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        await owner.PostAsync($"/v1/organizations/{owner.TenantId}/members", new { user_id = member.AccountId, role = "member" });
        await FillAsync(owner);
        await member.PostAsync("/v1/messages", new { tenant_id = owner.TenantId, conversation_id = "mine", role = "user", content = "Only mine", extract_memory = false });
        var ofTenant = await Transfer.ExportAsync(owner, new { what = "tenant", format = "ndjson" });
        var ofOwner = await Transfer.ExportAsync(owner, new { what = "subject", format = "ndjson" });
        var request = new { tenant_id = owner.TenantId, what = "subject", format = "ndjson" };

        var records = Transfer.Records(await Transfer.ExportTextAsync(member, request));

        Assert.That(records.OfType("message").Select(message => message.Text("content")), Is.EqualTo((string[])["Only mine"]));
        await member.SendAsync(HttpMethod.Post, "/v1/exports", new { tenant_id = owner.TenantId, what = "tenant", format = "json" }, HttpStatusCode.Forbidden);
        await member.SendAsync(HttpMethod.Post, "/v1/exports", new { tenant_id = owner.TenantId, what = "analytics", format = "json" }, HttpStatusCode.Forbidden);
        await member.SendAsync(
            HttpMethod.Post, "/v1/exports", new { tenant_id = owner.TenantId, what = "subject", user_id = owner.AccountId, format = "json" }, HttpStatusCode.NotFound);
        await member.SendAsync(
            HttpMethod.Post, "/v1/exports", new { tenant_id = owner.TenantId, what = "conversation", conversation_id = "trip", format = "json" }, HttpStatusCode.NotFound);
        foreach (var id in (string[])[ofTenant.Text("id")!, ofOwner.Text("id")!])
        {
            await member.SendAsync(HttpMethod.Get, $"/v1/exports/{id}?tenant_id={owner.TenantId}", status: HttpStatusCode.NotFound);
        }

        var listed = (await member.GetAsync($"/v1/exports?tenant_id={owner.TenantId}")).GetProperty("exports");
        Assert.That(listed.EnumerateArray().Select(export => export.Text("user_id")), Is.EqualTo((string[])[member.AccountId]));
        Assert.That((await owner.GetAsync("/v1/exports")).GetProperty("exports").GetArrayLength(), Is.EqualTo(3));
    }

    [Test]
    public async Task A_deleted_export_is_gone_with_its_file()
    {
        using var person = await Person.RegisterAsync(Host);
        await FillAsync(person);
        var export = await Transfer.ExportAsync(person, new { what = "tenant", format = "ndjson" });

        await person.SendAsync(HttpMethod.Delete, $"/v1/exports/{export.Text("id")}", status: HttpStatusCode.NoContent);

        await person.SendAsync(HttpMethod.Get, $"/v1/exports/{export.Text("id")}", status: HttpStatusCode.NotFound);
        using var anonymous = Host.CreateClient();
        Assert.That(await StatusAsync(anonymous, export.Text("download_url")!), Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(
            Directory.EnumerateFiles(Host.Folder, "*.sealed", SearchOption.AllDirectories).Select(Path.GetFileName),
            Does.Not.Contain($"{Guid.Parse(export.Text("id")!):N}.sealed"));
    }

    [Test]
    public async Task Erasing_a_subject_takes_its_exports_and_the_files_of_its_tenant_along()
    {
        using var person = await Person.RegisterAsync(Host);
        await person.PostAsync("/v1/messages", new { conversation_id = "c", user_id = "jane", role = "user", content = "I like tea.", extract_memory = false });
        var ofSubject = await Transfer.ExportAsync(person, new { what = "subject", user_id = "jane", format = "json" });
        var ofTenant = await Transfer.ExportAsync(person, new { what = "tenant", format = "json" });

        var erasure = await person.PostAsync("/v1/privacy/erasures", new { user_id = "jane" }, HttpStatusCode.Accepted);
        await Eventually.TrueAsync(
            async () => (await person.GetAsync($"/v1/privacy/erasures/{erasure.Text("id")}")).Text("status") == "completed",
            TimeSpan.FromSeconds(60),
            () => "The erasure was not completed.");

        await person.SendAsync(HttpMethod.Get, $"/v1/exports/{ofSubject.Text("id")}", status: HttpStatusCode.NotFound);
        Assert.That((await person.GetAsync($"/v1/exports/{ofTenant.Text("id")}")).Text("status"), Is.EqualTo("expired"));
        await person.SendAsync(HttpMethod.Get, $"/v1/exports/{ofTenant.Text("id")}/download", status: HttpStatusCode.Gone);
        var files = Directory.EnumerateFiles(Host.Folder, "*.sealed", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension).ToList();
        Assert.That(files, Does.Not.Contain(Guid.Parse(ofSubject.Text("id")!).ToString("N")).And.Not.Contain(Guid.Parse(ofTenant.Text("id")!).ToString("N")));
    }

    [Test]
    public async Task A_tenant_may_keep_so_many_exports_and_no_more()
    {
        using var person = await Person.RegisterAsync(Host);
        var exports = new List<JsonElement>();
        for (var i = 0; i < 10; i++)
        {
            exports.Add(await Transfer.ExportAsync(person, new { what = "subject", format = "json" }));
        }

        await person.SendAsync(HttpMethod.Post, "/v1/exports", new { what = "subject", format = "json" }, HttpStatusCode.Conflict);
        var first = await person.GetAsync("/v1/exports?limit=4");
        var rest = await person.GetAsync($"/v1/exports?limit=200&cursor={first.Text("next")}");
        Assert.That(
            first.GetProperty("exports").EnumerateArray().Concat(rest.GetProperty("exports").EnumerateArray()).Select(export => export.Text("id")),
            Is.EqualTo(exports.AsEnumerable().Reverse().Select(export => export.Text("id"))));
        await person.SendAsync(HttpMethod.Delete, $"/v1/exports/{exports[0].Text("id")}", status: HttpStatusCode.NoContent);
        await person.SendAsync(HttpMethod.Post, "/v1/exports", new { what = "subject", format = "json" }, HttpStatusCode.Accepted);
    }

    [TestCase("{}")]
    [TestCase("""{"what": "everything", "format": "json"}""")]
    [TestCase("""{"what": "tenant", "format": "xml"}""")]
    [TestCase("""{"what": "conversation", "format": "json"}""")]
    [TestCase("""{"what": "tenant", "format": "json", "conversation_id": "a"}""")]
    [TestCase("""{"what": "tenant", "format": "json", "user_id": "a"}""")]
    [TestCase("""{"what": "tenant", "format": "json", "path": "/etc/passwd"}""")]
    [TestCase("""{"what": 1, "format": []}""")]
    [TestCase("""["what"]""")]
    public async Task A_request_that_makes_no_sense_is_refused(string body)
    {
        using var person = await Person.RegisterAsync(Host);
        await person.SendAsync(HttpMethod.Post, "/v1/exports", body, HttpStatusCode.BadRequest);
    }

    [Test]
    public async Task A_key_without_the_scope_admin_exports_no_tenant()
    {
        using var person = await Person.RegisterAsync(Host);
        await FillAsync(person);
        var made = await person.PostAsync("/v1/auth/api-keys", new { name = "reader", scopes = (string[])["read"] });
        using var reader = Host.CreateClient();
        reader.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", made.GetProperty("key").GetString());
        var export = await Transfer.ExportAsync(person, new { what = "tenant", format = "json" });

        await reader.SendJsonAsync(HttpMethod.Post, "/v1/exports", new { what = "tenant", format = "json" }, HttpStatusCode.Forbidden);
        await reader.SendJsonAsync(HttpMethod.Get, $"/v1/exports/{export.Text("id")}", null, HttpStatusCode.NotFound);
        await reader.SendJsonAsync(HttpMethod.Post, "/v1/exports", new { what = "conversation", conversation_id = "trip", format = "json" }, HttpStatusCode.Accepted);
    }

    /// <summary>A conversation, memories that were learned, added and changed, and settings.</summary>
    internal static async Task FillAsync(Person person)
    {
        await person.PostAsync("/v1/conversations", new { conversation_id = "trip", title = "A trip", metadata = new { topic = "travel" } });
        var first = await person.PostAsync(
            "/v1/messages?wait=memories",
            new { conversation_id = "trip", role = "user", content = "My name is Honda.", created_at = "2024-05-01T10:00:00Z" });
        await person.PostAsync(
            "/v1/messages",
            new { conversation_id = "trip", role = "assistant", content = "Noted, \"Honda\".", created_at = "2024-05-01T10:00:05Z", reply_to = first.Text("id") });
        await person.PostAsync(
            "/v1/messages",
            new { conversation_id = "trip", role = "user", content = "=1+1\nline two", created_at = "2024-05-01T10:01:00Z", extract_memory = false, metadata = new { n = 3 } });
        var memory = await person.PostAsync("/v1/memories", new { text = "Prefers coffee", category = "preference" });
        await Eventually.TrueAsync(
            async () => (await person.GetAsync($"/v1/memories/{memory.Text("id")}")).Text("status") == "completed", TimeSpan.FromSeconds(30), () => "The memory was not completed.");
        await person.SendAsync(HttpMethod.Patch, $"/v1/memories/{memory.Text("id")}", new { text = "Prefers tea" });
        await person.SendAsync(HttpMethod.Put, "/v1/memories/settings", new { opted_out = false });
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        return response.StatusCode;
    }
}
