using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Transfers;

public class ImportTests(HostKind kind) : FunctionalTests(kind)
{
    private const string ChatGptExport = """
        [{"title": "Trip to Kyoto", "create_time": 1714550400.5, "conversation_id": "gpt-1", "current_node": "d", "mapping": {
            "root": {"id": "root", "message": null, "parent": null, "children": ["s"]},
            "s": {"id": "s", "parent": "root", "children": ["a"], "message": {"author": {"role": "system"}, "content": {"content_type": "text", "parts": [""]}}},
            "a": {"id": "a", "parent": "s", "children": ["b", "c"], "message": {"author": {"role": "user"}, "create_time": 1714550401.25, "content": {"content_type": "text", "parts": ["When is the cherry blossom?"]}}},
            "b": {"id": "b", "parent": "a", "children": [], "message": {"author": {"role": "assistant"}, "create_time": 1714550402, "content": {"content_type": "text", "parts": ["A first answer"]}}},
            "c": {"id": "c", "parent": "a", "children": ["d"], "message": {"author": {"role": "assistant"}, "create_time": 1714550403, "metadata": {"model_slug": "gpt-4o"}, "content": {"content_type": "text", "parts": ["In early April."]}}},
            "d": {"id": "d", "parent": "c", "children": [], "message": {"author": {"role": "user"}, "create_time": null, "content": {"content_type": "multimodal_text", "parts": [{"content_type": "image_asset_pointer"}, "And this one?"]}}}
        }},
        {"title": "Broken", "mapping": 7}]
        """;

    [Test]
    public async Task An_export_that_is_imported_into_another_tenant_gives_equal_data()
    {
        using var person = await Person.RegisterAsync(Host);
        using var other = await Person.RegisterAsync(Host);
        await ExportTests.FillAsync(person);
        await person.PostAsync("/v1/memories", new { text = "The office is in Lyon", scope = "organization" });
        await person.PostAsync("/v1/messages", new { conversation_id = "of-jane", user_id = "jane", role = "user", content = "Hello", extract_memory = false });
        var before = Transfer.Records(await Transfer.ExportTextAsync(person, new { what = "tenant", format = "ndjson" }));


        // The first and the last line are about the file; what became of what was read, and consent, are of the installation they are from.
        var taken = before.Count - 2 - before.OfType("extraction").Count - before.OfType("consent").Count;

        var import = await Transfer.ImportAsync(other, "format=memorymesh", string.Join('\n', before.Select(record => record.GetRawText())));

        Assert.That(import.Text("status"), Is.EqualTo("completed"), import.GetRawText());
        Assert.That(import.GetProperty("progress").GetProperty("failed").GetInt64(), Is.Zero, import.GetRawText());
        Assert.That(import.GetProperty("progress").GetProperty("stored").GetInt64(), Is.EqualTo(taken));
        var after = Transfer.Records(await Transfer.ExportTextAsync(other, new { what = "tenant", format = "ndjson" }));
        Assert.Multiple(() =>
        {
            Assert.That(Comparable(after, "conversation", "version"), Is.EqualTo(Comparable(before, "conversation", "version")));
            Assert.That(
                Comparable(after, "message", "id", "reply_to", "updated_at", "version", "extract_memory"),
                Is.EqualTo(Comparable(before, "message", "id", "reply_to", "updated_at", "version", "extract_memory")));
            Assert.That(Comparable(after, "memory", "id", "sources", "superseded_by"), Is.EqualTo(Comparable(before, "memory", "id", "sources", "superseded_by")));
            Assert.That(Comparable(after, "settings"), Is.EqualTo(Comparable(before, "settings")));
        });

        // What refers to messages refers to the same ones.
        var messages = after.OfType("message").Where(message => message.Text("conversation_id") == "trip").ToList();
        Assert.That(messages[1].Text("reply_to"), Is.EqualTo(messages[0].Text("id")));
        var learned = after.OfType("memory").Single(memory => memory.Text("text")!.Contains("Honda", StringComparison.Ordinal));
        Assert.That(learned.GetProperty("sources")[0].Text("message_id"), Is.EqualTo(messages[0].Text("id")));
        await Eventually.TrueAsync(
            async () => (await other.GetAsync("/v1/memories/search?query=tea&user_id=" + person.AccountId)).GetProperty("results").GetArrayLength() > 0
                && (await other.GetAsync("/v1/memory/search?query=Noted")).GetProperty("results").GetArrayLength() > 0,
            TimeSpan.FromSeconds(30),
            () => "What was imported is not found.");

        var again = await Transfer.ImportAsync(other, "format=memorymesh", string.Join('\n', before.Select(record => record.GetRawText())));
        Assert.That(again.GetProperty("progress").GetProperty("stored").GetInt64(), Is.Zero, again.GetRawText());
        Assert.That(again.GetProperty("skipped").GetProperty("already_there").GetInt64(), Is.EqualTo(taken));
        var original = await Transfer.ImportAsync(person, "format=memorymesh", string.Join('\n', before.Select(record => record.GetRawText())));
        Assert.That(original.GetProperty("progress").GetProperty("stored").GetInt64(), Is.Zero, original.GetRawText());
    }

    [Test]
    public async Task The_current_branch_of_a_ChatGPT_conversation_is_imported()
    {
        using var person = await Person.RegisterAsync(Host);

        var import = await Transfer.ImportAsync(person, "format=chatgpt", ChatGptExport);

        var messages = (await person.GetAsync("/v1/conversations/gpt-1/messages")).GetProperty("messages").EnumerateArray().ToList();
        Assert.Multiple(() =>
        {
            Assert.That(messages.Select(message => message.Text("content")), Is.EqualTo((string[])["When is the cherry blossom?", "In early April.", "And this one?"]));
            Assert.That(messages[0].GetProperty("created_at").GetDateTimeOffset(), Is.EqualTo(DateTimeOffset.FromUnixTimeMilliseconds(1_714_550_401_250)));
            Assert.That(messages[2].GetProperty("created_at").GetDateTimeOffset(), Is.EqualTo(DateTimeOffset.FromUnixTimeSeconds(1_714_550_403)));
            Assert.That(messages[1].GetProperty("metadata").Text("model"), Is.EqualTo("gpt-4o"));
            Assert.That(messages.Select(message => message.GetProperty("extract_memory").GetBoolean()), Is.All.False);
            Assert.That(import.GetProperty("skipped").GetRawText(), Is.EqualTo("""{"no_text":1,"other_branch":1}"""));
            Assert.That(import.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("record").GetInt64()), Is.EqualTo((long[])[2]));
        });
        Assert.That((await person.GetAsync("/v1/conversations/gpt-1")).Text("title"), Is.EqualTo("Trip to Kyoto"));
        var again = await Transfer.ImportAsync(person, "format=chatgpt", ChatGptExport);
        Assert.That(again.GetProperty("progress").GetProperty("stored").GetInt64(), Is.Zero, again.GetRawText());
    }

    [TestCase("""[{"role": "user", "content": "one"}, {"role": "assistant", "content": [{"type": "text", "text": "two"}]}, {"role": "assistant", "content": null, "tool_calls": []}]""")]
    [TestCase("{\"role\": \"user\", \"content\": \"one\"}\n\n{\"role\": \"assistant\", \"content\": \"two\"}\n{\"role\": \"assistant\", \"content\": \"\"}")]
    [TestCase("{\n\"messages\": [\n{\"role\": \"user\", \"content\": \"one\"},\n{\"role\": \"assistant\", \"content\": \"two\"},\n{\"role\": \"tool\", \"content\": \" \"}]}")]
    [TestCase("\uFEFF[{\"messages\": [{\"role\": \"user\", \"content\": \"one\"}, {\"role\": \"assistant\", \"content\": \"two\"}, {\"role\": \"tool\", \"content\": []}]}]")]
    public async Task Plain_messages_are_imported_from_a_list_lines_or_objects(string file)
    {
        using var person = await Person.RegisterAsync(Host);

        var import = await Transfer.ImportAsync(person, "format=messages", file);

        Assert.That(import.Text("status"), Is.EqualTo("completed"), import.GetRawText());
        Assert.That(import.GetProperty("skipped").GetRawText(), Is.EqualTo("""{"no_text":1}"""));
        var conversation = (await person.GetAsync("/v1/conversations")).GetProperty("conversations").EnumerateArray().Single().Text("conversation_id");
        Assert.That(conversation, Does.StartWith("import-"));
        var messages = (await person.GetAsync($"/v1/conversations/{conversation}/messages")).GetProperty("messages").EnumerateArray().ToList();
        Assert.That(messages.Select(message => (message.Text("role"), message.Text("content"))), Is.EqualTo(new[] { ("user", "one"), ("assistant", "two") }));
        var again = await Transfer.ImportAsync(person, "format=messages", file);
        Assert.That(again.GetProperty("progress").GetProperty("stored").GetInt64(), Is.Zero, again.GetRawText());
        Assert.That((await person.GetAsync("/v1/conversations")).GetProperty("conversations").GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public async Task Memories_are_drawn_from_imported_messages_when_asked_for()
    {
        using var person = await Person.RegisterAsync(Host);
        const string File = """[{"role": "user", "content": "My name is Honda.", "conversation_id": "old", "created_at": "2024-02-03T04:05:06Z", "metadata": {"a": 1}}]""";

        await Transfer.ImportAsync(person, "format=messages&extract=true", File);

        await Eventually.TrueAsync(
            async () => (await person.GetAsync("/v1/memories")).GetProperty("memories").EnumerateArray().Any(memory => memory.Text("text")!.Contains("Honda", StringComparison.Ordinal)),
            TimeSpan.FromSeconds(30),
            () => "Nothing was learned.");
        var message = (await person.GetAsync("/v1/conversations/old/messages")).GetProperty("messages")[0];
        Assert.That(message.GetProperty("created_at").GetDateTimeOffset(), Is.EqualTo(new DateTimeOffset(2024, 2, 3, 4, 5, 6, TimeSpan.Zero)));
        Assert.That(message.GetProperty("metadata").GetRawText(), Is.EqualTo("""{"a":1}"""));
    }

    [Test]
    public async Task A_dry_run_says_what_would_be_and_stores_nothing()
    {
        using var person = await Person.RegisterAsync(Host);
        const string File = "{\"role\": \"user\", \"content\": \"one\", \"conversation_id\": \"c\"}\n{\"role\": \"nobody\", \"content\": \"two\"}\n";

        var import = await Transfer.ImportAsync(person, "format=messages&dry_run=true", File);

        Assert.That(import.GetProperty("progress").GetRawText(), Is.EqualTo("""{"lines":2,"stored":1,"skipped":0,"failed":1}"""));
        Assert.That((await person.GetAsync("/v1/conversations")).GetProperty("conversations").GetArrayLength(), Is.Zero);
        var stored = await Transfer.ImportAsync(person, "format=messages", File);
        Assert.That(stored.GetProperty("progress").GetRawText(), Is.EqualTo(import.GetProperty("progress").GetRawText()));
        var again = await Transfer.ImportAsync(person, "format=messages&dry_run=true", File);
        Assert.That(again.GetProperty("progress").GetRawText(), Is.EqualTo("""{"lines":2,"stored":0,"skipped":1,"failed":1}"""));
    }

    [Test]
    public async Task Each_line_that_is_wrong_is_told_and_the_others_are_stored()
    {
        using var person = await Person.RegisterAsync(Host);
        var lines = new[]
        {
            """{"role": "user", "content": "good", "conversation_id": "c"}""",
            "not json",
            """{"role": "user"}""",
            """{"role": 7, "content": "x"}""",
            """{"role": "user", "content": {"a": 1}}""",
            """{"role": "user", "content": "x", "created_at": "yesterday"}""",
            """{"role": "user", "content": "x", "created_at": "2999-01-01"}""",
            """{"role": "user", "content": "x", "metadata": [1]}""",
            """{"role": "user", "content": "x", "importance": 7}""",
            $$"""{"role": "user", "content": "{{new string('x', 40_000)}}"}""",
            """{"role": "user", "content": "x", "conversation_id": ".."}""",
            "[1]",
            """{"role": "user", "content": "\ud800"}""",
            $"{new string('[', 100)}",
            $$"""{"role": "user", "content": "{{new string('y', 10_000_000)}}"}""",
            """{"role": "user", "content": "good too", "conversation_id": "c"}""",
        };

        var import = await Transfer.ImportAsync(person, "format=messages", string.Join('\n', lines));

        Assert.That(import.Text("status"), Is.EqualTo("completed"), import.GetRawText());
        Assert.That(import.GetProperty("progress").GetRawText(), Is.EqualTo($$"""{"lines":16,"stored":2,"skipped":0,"failed":14}"""));
        var page = await person.GetAsync($"{import.Text("errors_url")}&limit=10");
        var rest = await person.GetAsync($"{import.Text("errors_url")}&cursor={page.Text("next")}");
        var errors = page.GetProperty("errors").EnumerateArray().Concat(rest.GetProperty("errors").EnumerateArray()).ToList();
        Assert.That(errors.Select(error => error.GetProperty("line").GetInt64()), Is.EqualTo(Enumerable.Range(2, 14)));
        Assert.That(errors.Select(error => error.Text("reason")), Has.Some.StartsWith("role: ").And.Some.StartsWith("content: ").And.Some.StartsWith("created_at: "));
    }

    [TestCase("memorymesh", "[1, 2", "malformed")]
    [TestCase("messages", "[{\"role\": \"user\", \"content\": \"kept\", \"conversation_id\": \"c\"}, {\"role\":", "malformed")]
    [TestCase("messages", "[{\"role\": \"user\"}] []", "malformed")]
    [TestCase("messages", "[,]", "malformed")]
    [TestCase("messages", "\0\u0001\u0002binary", "malformed")]
    [TestCase("chatgpt", "<html></html>", "malformed")]
    [TestCase("chatgpt", "{\"mapping\": {\"a\": {", "malformed")]
    [TestCase("memorymesh", "{\"type\": \"export\", \"format_version\": 99}", "malformed")]
    [TestCase("messages", "", null)]
    [TestCase("messages", "   \n ", null)]
    [TestCase("messages", "[]", null)]
    public async Task A_file_that_cannot_be_read_ends_the_import(string format, string file, string? error)
    {
        using var person = await Person.RegisterAsync(Host);

        var import = await Transfer.ImportAsync(person, $"format={format}", file);

        Assert.That((import.Text("status"), import.Text("error")), Is.EqualTo((error is null ? "completed" : "failed", error)), import.GetRawText());
        if (file.Contains("kept", StringComparison.Ordinal))
        {
            Assert.That((await person.GetAsync("/v1/conversations/c/messages")).GetProperty("messages").GetArrayLength(), Is.EqualTo(1), "What came before is stored.");
        }
    }

    [Test]
    public async Task Files_of_another_encoding_or_none_are_told_and_end()
    {
        using var person = await Person.RegisterAsync(Host);
        const string Text = "{\"role\": \"user\", \"content\": \"caf\u00e9\"}\n";
        foreach (var bytes in (byte[][])[Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes(Text)).ToArray(), Encoding.Latin1.GetBytes(Text), new byte[300_000]])
        {
            var import = await Transfer.ImportAsync(person, "format=messages", bytes);
            Assert.That(import.GetProperty("progress").GetProperty("failed").GetInt64(), Is.EqualTo(1), import.GetRawText());
        }
    }

    [Test]
    public async Task An_upload_goes_on_where_it_broke_off()
    {
        using var person = await Person.RegisterAsync(Host);
        var file = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 3_000).Select(i => $$"""{"role": "tool", "content": "result {{i}}", "conversation_id": "c"}""")));
        using var create = new HttpRequestMessage(HttpMethod.Post, "/v1/imports?format=messages");
        create.Headers.Add("Upload-Length", file.Length.ToString(CultureInfo.InvariantCulture));
        using var created = await person.Client.SendAsync(create);
        Assert.That(created.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await created.Content.ReadAsStringAsync());
        var import = JsonDocument.Parse(await created.Content.ReadAsStringAsync()).RootElement;
        Assert.That(import.Text("status"), Is.EqualTo("uploading"));
        var content = $"/v1/imports/{import.Text("id")}/content";

        Assert.That(await SendPartAsync(person, content, 0, file[..70_000]), Is.EqualTo((HttpStatusCode.NoContent, 70_000L)));
        Assert.That(await SendPartAsync(person, content, 60_000, file[60_000..]), Is.EqualTo((HttpStatusCode.Conflict, 70_000L)), "Parts may not overlap.");
        Assert.That((await person.GetAsync(import.Text("status_url")!)).GetProperty("upload").GetProperty("offset").GetInt64(), Is.EqualTo(70_000));
        Assert.That((await SendPartAsync(person, content, 70_000, [.. file[70_000..], 1])).Status, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        Assert.That(await SendPartAsync(person, content, 70_000, file[70_000..]), Is.EqualTo((HttpStatusCode.NoContent, (long)file.Length)));

        var ended = await Transfer.EndedAsync(person, import.Text("status_url")!);
        Assert.That(ended.GetProperty("progress").GetProperty("stored").GetInt64(), Is.EqualTo(3_000), ended.GetRawText());
        Assert.That((await SendPartAsync(person, content, 0, file)).Status, Is.EqualTo(HttpStatusCode.Conflict), "It is complete.");
    }

    [Test]
    public async Task A_member_imports_for_itself_only_and_sees_no_import_of_others()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        await owner.PostAsync($"/v1/organizations/{owner.TenantId}/members", new { user_id = member.AccountId, role = "member" });
        await owner.PostAsync("/v1/messages", new { conversation_id = "taken", role = "user", content = "Mine", extract_memory = false });
        var ofOwner = await Transfer.ImportAsync(owner, "format=messages", """[{"role": "user", "content": "x"}]""");
        const string File = """
            [{"role": "user", "content": "for me"},
             {"role": "user", "content": "for jane", "user_id": "jane"},
             {"role": "user", "content": "into another's", "conversation_id": "taken"}]
            """;

        var import = await Transfer.ImportAsync(member, $"format=messages&tenant_id={owner.TenantId}", File);

        Assert.That(import.GetProperty("progress").GetRawText(), Is.EqualTo("""{"lines":3,"stored":1,"skipped":0,"failed":2}"""), import.GetRawText());
        Assert.That(import.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("record").GetInt64()), Is.EqualTo((long[])[2, 3]));
        await member.SendAsync(HttpMethod.Get, $"/v1/imports/{ofOwner.Text("id")}?tenant_id={owner.TenantId}", status: HttpStatusCode.NotFound);
        Assert.That((await member.GetAsync($"/v1/imports?tenant_id={owner.TenantId}")).GetProperty("imports").GetArrayLength(), Is.EqualTo(1));
        Assert.That((await owner.GetAsync("/v1/imports")).GetProperty("imports").GetArrayLength(), Is.EqualTo(2));
        using var refused = await member.Client.PostAsync(
            $"/v1/imports?format=messages&tenant_id={owner.TenantId}&user_id=jane", new StringContent("[]", Encoding.UTF8, "application/json"));
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_foreign_import_answers_like_an_unknown_one()
    {
        using var person = await Person.RegisterAsync(Host);
        using var other = await Person.RegisterAsync(Host);
        var import = await Transfer.ImportAsync(person, "format=messages", """[{"role": "user", "content": "x"}]""");
        foreach (var (method, suffix) in ((HttpMethod, string)[])
            [(HttpMethod.Get, ""), (HttpMethod.Get, "/errors"), (HttpMethod.Post, "/resume"), (HttpMethod.Patch, "/content"), (HttpMethod.Delete, "")])
        {
            var bodies = new List<string>();
            foreach (var id in (string[])[import.Text("id")!, Guid.NewGuid().ToString()])
            {
                using var request = new HttpRequestMessage(method, $"/v1/imports/{id}{suffix}");
                if (method == HttpMethod.Patch)
                {
                    request.Headers.Add("Upload-Offset", "0");
                    request.Content = new ByteArrayContent([1]) { Headers = { ContentType = new MediaTypeHeaderValue("application/offset+octet-stream") } };
                }

                using var response = await other.Client.SendAsync(request);
                Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), $"{method} {suffix}");
                bodies.Add(await response.Content.ReadAsStringAsync());
            }

            Assert.That(bodies[0], Is.EqualTo(bodies[1]));
        }
    }

    [TestCase("", "[]", 400)]
    [TestCase("format=xml", "[]", 400)]
    [TestCase("format=messages&dry_run=maybe", "[]", 400)]
    [TestCase("format=chatgpt&conversation_id=c", "[]", 400)]
    [TestCase("format=messages&user_id=%00", "[]", 400)]
    [TestCase("format=messages", null, 400)]
    public async Task A_request_that_makes_no_sense_is_refused(string query, string? body, int status)
    {
        using var person = await Person.RegisterAsync(Host);
        using var response = await person.Client.PostAsync($"/v1/imports?{query}", body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.That((int)response.StatusCode, Is.EqualTo(status), await response.Content.ReadAsStringAsync());
    }

    [Test]
    public async Task Erasing_a_subject_ends_unfinished_imports_of_its_tenant()
    {
        using var person = await Person.RegisterAsync(Host);
        using var create = new HttpRequestMessage(HttpMethod.Post, "/v1/imports?format=messages");
        create.Headers.Add("Upload-Length", "100000");
        using var created = await person.Client.SendAsync(create);
        var import = JsonDocument.Parse(await created.Content.ReadAsStringAsync()).RootElement;
        await SendPartAsync(person, $"/v1/imports/{import.Text("id")}/content", 0, new byte[50_000]);

        var erasure = await person.PostAsync("/v1/privacy/erasures", new { user_id = "jane" }, HttpStatusCode.Accepted);
        await Eventually.TrueAsync(
            async () => (await person.GetAsync($"/v1/privacy/erasures/{erasure.Text("id")}")).Text("status") == "completed",
            TimeSpan.FromSeconds(60),
            () => "The erasure was not completed.");

        var ended = await person.GetAsync(import.Text("status_url")!);
        Assert.That((ended.Text("status"), ended.Text("error")), Is.EqualTo(("failed", "gone")));
        await person.SendAsync(HttpMethod.Post, $"/v1/imports/{import.Text("id")}/resume", status: HttpStatusCode.Conflict);
        Assert.That(
            Directory.EnumerateFiles(Host.Folder, "*.sealed", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension),
            Does.Not.Contain(Guid.Parse(import.Text("id")!).ToString("N")));
    }

    private static async Task<(HttpStatusCode Status, long? Offset)> SendPartAsync(Person person, string path, long offset, byte[] part)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, path) { Content = new ByteArrayContent(part) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
        request.Headers.Add("Upload-Offset", offset.ToString(CultureInfo.InvariantCulture));
        using var response = await person.Client.SendAsync(request);
        return (response.StatusCode, response.Headers.TryGetValues("Upload-Offset", out var values) ? long.Parse(values.Single(), CultureInfo.InvariantCulture) : null);
    }

    /// <summary>Records of a type without what an import gives anew, in an order of their own.</summary>
    private static IEnumerable<string> Comparable(IEnumerable<JsonElement> records, string type, params string[] without)
        => records.OfType(type)
            .Select(record => string.Join(", ", record.EnumerateObject().Where(property => !without.Contains(property.Name)).Select(property => $"{property.Name}: {property.Value.GetRawText()}")))
            .Order(StringComparer.Ordinal);
}
