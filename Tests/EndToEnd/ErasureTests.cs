using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.EndToEnd;

/// <summary>What an erasure promises: afterwards nothing of the subject is anywhere, plain or sealed, and everything of others is.</summary>
public class ErasureTests
{
    private static readonly TimeSpan Deadline = Eventually.Patience;

    /// <summary>Tables that keep the id of a tenant that was erased.</summary>
    private static readonly string[] Outliving =
    [
        "auth.tenants", "auth.audit_events", "auth.keys.tenant_keys", "chat.erasures", "memory.erasures", "search.erasures", "retention.erasures",
        "retention.erasure_requests",
    ];

    [TestCase(HostKind.Embedded)]
    [TestCase(HostKind.Processes)]
    public async Task After_an_erasure_nothing_of_the_subject_is_in_any_file_or_answer_and_another_subject_is_whole(HostKind kind)
    {
        await using var host = await TestHost.StartAsync(kind);
        using var person = await Person.RegisterAsync(host);
        var erased = new Subject();
        var kept = new Subject();

        // By turns, so that the rows of both share pages, and with changes of size, so that rows move between pages.
        for (var i = 0; i < 16; i++)
        {
            await erased.LeaveTracesAsync(person, i);
            await kept.LeaveTracesAsync(person, i);
        }

        // What is under way is done: the sealed values that are looked for are all there.
        await WaitForMemoriesAsync(person, erased);
        await WaitForMemoriesAsync(person, kept);
        var before = StoredTraces.Read(host);

        var answer = await person.SendAsync(
            HttpMethod.Post, "/v1/privacy/erasures?wait=true", new { user_id = erased.UserId, reason = $"asked by {erased.Word()}" });
        Assert.That(answer.GetProperty("status").GetString(), Is.EqualTo("completed"));
        var hash = answer.GetProperty("subject_hash").GetString()!;
        Assert.That(before.Bytes[hash], Has.Count.GreaterThan(150), "There was something to look for.");
        Assert.That(erased.WordsIn(answer.ToString()), Is.Empty);

        // Both at once: while the server runs nothing may be left to a later clean-up.
        AssertFiles(host, erased, kept, before, hash, "while running");
        await AssertAnswersAsync(person, erased, kept);
        var after = StoredTraces.Read(host);
        Assert.That(
            after.Rows[hash],
            Is.EquivalentTo((string[])["chat.erasures", "memory.erasures", "memory.memory_owners", "search.erasures", "retention.erasures", "retention.erasure_requests"]));
        Assert.That(erased.WordsIn(host.Output), Is.Empty, "the log");

        await host.StopAsync();
        AssertFiles(host, erased, kept, before, hash, "after stopping");
        await host.StartAgainAsync();
        await AssertAnswersAsync(person, erased, kept);
    }

    [TestCase(HostKind.Embedded, 8)]
    [TestCase(HostKind.Processes, 3)]
    public async Task An_erasure_that_is_killed_at_any_moment_completes_after_the_start_with_one_receipt(HostKind kind, int rounds)
    {
        await using var host = await TestHost.StartAsync(kind);
        using var person = await Person.RegisterAsync(host);
        var kept = new Subject();
        await kept.LeaveTracesAsync(person, 0);
        var cutOff = 0;
        for (var round = 0; round < rounds; round++)
        {
            var erased = new Subject();
            for (var i = 0; i < 3; i++)
            {
                await erased.LeaveTracesAsync(person, i);
            }

            var key = Guid.NewGuid().ToString("N");
            var first = await RequestAsync(person, erased, key);
            await Task.Delay(RandomNumberGenerator.GetInt32(kind == HostKind.Embedded ? 150 : 700));
            host.Kill();
            await host.StartAgainAsync();

            // The request was accepted, so it is carried out, whether it is repeated or not.
            var id = first.GetProperty("id").GetString()!;
            var found = await person.GetAsync($"/v1/privacy/erasures/{id}");
            cutOff += found.GetProperty("status").GetString() == "completed" ? 0 : 1;
            if (round % 2 == 0)
            {
                Assert.That((await RequestAsync(person, erased, key)).GetProperty("id").GetString(), Is.EqualTo(id));
            }

            JsonElement done = default;
            await Eventually.TrueAsync(
                async () => (done = await person.GetAsync($"/v1/privacy/erasures/{id}")).GetProperty("status").GetString() == "completed",
                Deadline,
                () => $"Round {round}: {done}\n{host.Output}");
            var receipt = done.GetProperty("receipt").GetProperty("jws").GetString();
            Assert.That((await person.GetAsync($"/v1/privacy/erasures/{id}/receipt")).GetProperty("jws").GetString(), Is.EqualTo(receipt));
            var hash = done.GetProperty("subject_hash").GetString()!;
            var all = (await person.GetAsync("/v1/privacy/erasures?limit=200")).GetProperty("erasures").EnumerateArray();
            Assert.That(all.Count(erasure => erasure.GetProperty("subject_hash").GetString() == hash), Is.EqualTo(1));
            await AssertGoneAsync(person, erased);
            Assert.That(
                StoredTraces.Read(host).Rows[hash].Where(table => !table.EndsWith("erasures", StringComparison.Ordinal)),
                Is.EquivalentTo((string[])["memory.memory_owners", "retention.erasure_requests"]),
                $"round {round}");
        }

        TestContext.Out.WriteLine($"{cutOff} of {rounds} erasures were not complete when the host was up again");
        await AssertWholeAsync(person, kept);
    }

    [TestCase(HostKind.Embedded)]
    [TestCase(HostKind.Processes)]
    public async Task What_a_deleted_organization_held_is_in_no_file_soon_after(HostKind kind)
    {
        var settings = new Dictionary<string, string> { ["Retention__TenantErasureDelaySeconds"] = "1", ["Retention__ErasureRetrySeconds"] = "4" };
        await using var host = await TestHost.StartAsync(kind, environment: settings);
        using var person = await Person.RegisterAsync(host);
        var organization = (await person.PostAsync("/v1/organizations", new { name = "Rowers" })).GetProperty("id").GetString()!;
        var subjects = Enumerable.Range(0, 4).Select(_ => new Subject { TenantId = organization }).ToList();
        foreach (var subject in subjects)
        {
            await subject.LeaveTracesAsync(person, 3);
        }

        var kept = new Subject();
        await kept.LeaveTracesAsync(person, 3);
        var tenant = Convert.ToHexStringLower(Guid.Parse(organization).ToByteArray(bigEndian: true));
        var before = StoredTraces.Read(host);
        Assert.That(before.Rows[tenant], Is.SupersetOf((string[])["chat.messages", "memory.memories", "search.indexed_items", "chat.keys.tenant_keys"]));

        await person.SendAsync(HttpMethod.Delete, $"/v1/organizations/{organization}", status: HttpStatusCode.NoContent);
        StoredTraces after = null!;
        await Eventually.TrueAsync(
            () =>
            {
                after = StoredTraces.Read(host);
                return Task.FromResult(after.Rows[tenant].All(table => Outliving.Contains(table)));
            },
            Deadline,
            () => $"Left: {string.Join(' ', after.Rows[tenant].Except(Outliving))}\n{host.Output}");

        // The clean-up of the files ends with the service's confirmation.
        await Eventually.TrueAsync(
            () => Task.FromResult(host.Output.Split('\n').Any(line => line.Contains("is completed", StringComparison.Ordinal) && line.Contains(organization, StringComparison.Ordinal))),
            Deadline,
            () => host.Output);
        var sealedBytes = before.Bytes[tenant];
        Assert.That(sealedBytes, Has.Count.GreaterThan(50));
        foreach (var (name, content) in StoredTraces.Files(host).Where(file => !Path.GetFileName(file.Name).StartsWith("auth.", StringComparison.Ordinal)))
        {
            Assert.That(sealedBytes.Where(value => content.Contains(value, StringComparison.Ordinal)), Is.Empty, name);
        }

        await AssertWholeAsync(person, kept);
    }

    [Test]
    public async Task A_receipt_is_verified_as_the_documentation_says()
    {
        Servers.Require("openssl", File.Exists("/usr/bin/openssl"));
        Servers.Require("python3", File.Exists("/usr/bin/python3"));
        await using var host = await TestHost.StartAsync(HostKind.Embedded);
        using var person = await Person.RegisterAsync(host);
        var answer = await person.SendAsync(HttpMethod.Post, "/v1/privacy/erasures?wait=true", new { user_id = "anna" });
        var page = await File.ReadAllTextAsync(Path.Combine(TestHost.RepositoryRoot(), "docs", "privacy.md"));
        var script = page[page.IndexOf("# receipt_parts.py", StringComparison.Ordinal)..];
        var folder = Directory.CreateTempSubdirectory("memorymesh-receipt-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "receipt_parts.py"), script[..script.IndexOf("```", StringComparison.Ordinal)]);
            await File.WriteAllTextAsync(Path.Combine(folder, "receipt.json"), answer.GetProperty("receipt").GetRawText());
            using var anonymous = host.CreateClient();
            await File.WriteAllTextAsync(Path.Combine(folder, "keys.json"), await anonymous.GetStringAsync(new Uri("/.well-known/memorymesh-receipts.json", UriKind.Relative)));
            const string Verify = "openssl dgst -sha256 -verify key.pem -signature signature.der signed.txt";
            Assert.That(page, Does.Contain(Verify));
            Assert.That(await RunAsync(folder, $"python3 receipt_parts.py < receipt.json && {Verify}"), Is.EqualTo("Verified OK"));
            Assert.That(await RunAsync(folder, $"sed -i s/a/b/ signed.txt; {Verify} 2>&1 | head -n 1"), Is.Not.EqualTo("Verified OK"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> RunAsync(string folder, string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        return output.Trim();
    }

    private static async Task<JsonElement> RequestAsync(Person person, Subject subject, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/privacy/erasures")
        {
            Content = new StringContent(JsonSerializer.Serialize(new { user_id = subject.UserId }), Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", key);
        using var response = await person.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static void AssertFiles(TestHost host, Subject erased, Subject kept, StoredTraces before, string hash, string when)
    {
        var bytes = before.Bytes[hash];
        var left = new List<string>();
        foreach (var (name, content) in StoredTraces.Files(host))
        {
            left.AddRange(erased.WordsIn(content).Concat(kept.WordsIn(content)).Select(word => $"{name}: {word}"));
            left.AddRange(bytes.Where(value => content.Contains(value, StringComparison.Ordinal)).Select(value => $"{name}: sealed {Convert.ToHexStringLower(Encoding.Latin1.GetBytes(value))}"));
        }

        Assert.That(left, Is.Empty, when);
    }

    private static async Task AssertAnswersAsync(Person person, Subject erased, Subject kept)
    {
        await AssertGoneAsync(person, erased);
        await AssertWholeAsync(person, kept);
        foreach (var path in (string[])["/v1/conversations?limit=100", "/v1/privacy/erasures", $"/v1/organizations/{person.TenantId}/audit"])
        {
            Assert.That(erased.WordsIn((await person.GetAsync(path)).ToString()), Is.Empty, path);
        }
    }

    private static async Task AssertGoneAsync(Person person, Subject erased)
    {
        foreach (var id in erased.Messages)
        {
            await person.SendAsync(HttpMethod.Get, $"/v1/messages/{id}", status: HttpStatusCode.NotFound);
        }

        foreach (var conversation in erased.Conversations)
        {
            await person.SendAsync(HttpMethod.Get, $"/v1/conversations/{conversation}", status: HttpStatusCode.NotFound);
        }

        foreach (var id in erased.Memories)
        {
            await person.SendAsync(HttpMethod.Get, $"/v1/memories/{id}", status: HttpStatusCode.NotFound);
        }

        foreach (var path in (string[])
        [
            $"/v1/conversations?user_id={erased.UserId}", $"/v1/memories?user_id={erased.UserId}&include_inactive=true",
            $"/v1/memory/search?query={erased.Said}&user_id={erased.UserId}", $"/v1/memories/search?query={erased.Said}&user_id={erased.UserId}",
        ])
        {
            using var response = await person.Client.GetAsync(new Uri(path, UriKind.Relative));
            var text = await response.Content.ReadAsStringAsync();
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), $"{path}: {text}");
            Assert.That(erased.WordsIn(text.Replace(erased.Said, "", StringComparison.Ordinal).Replace(erased.UserId, "", StringComparison.Ordinal)), Is.Empty, path);
        }
    }

    private static async Task AssertWholeAsync(Person person, Subject kept)
    {
        foreach (var id in kept.Messages)
        {
            var message = await person.GetAsync($"/v1/messages/{id}");
            Assert.That(kept.WordsIn(message.GetProperty("content").GetString()!), Is.Not.Empty);
        }

        foreach (var id in kept.Memories)
        {
            await person.GetAsync($"/v1/memories/{id}");
        }

        var found = await person.GetAsync($"/v1/memory/search?query={kept.Said}&user_id={kept.UserId}");
        Assert.That(found.GetProperty("results").GetArrayLength(), Is.GreaterThan(0));
        Assert.That((await person.PostAsync("/v1/messages", kept.Message("still here"))).GetProperty("id").GetString(), Is.Not.Empty);
    }

    private static async Task WaitForMemoriesAsync(Person person, Subject subject)
    {
        foreach (var id in subject.Memories)
        {
            await Eventually.TrueAsync(
                async () => (await person.GetAsync($"/v1/memories/{id}")).GetProperty("status").GetString() == "completed", Deadline, () => $"{id} is not completed.");
        }
    }

    /// <summary>A subject whose every text is a word of its own.</summary>
    private sealed class Subject
    {
        private readonly List<string> _words = [];

        public Subject()
        {
            UserId = Word();
            Said = Word();
        }

        public string UserId { get; }

        public string? TenantId { get; init; }

        /// <summary>A word of a message that can be searched for.</summary>
        public string Said { get; }

        public List<string> Conversations { get; } = [];

        public List<string> Messages { get; } = [];

        public List<string> Memories { get; } = [];

        public string Word()
        {
            var word = "qz" + string.Concat(RandomNumberGenerator.GetItems<char>("bcdfghjklmnpqrtvwxz", 14));
            _words.Add(word);
            return word;
        }

        /// <summary>Words of the subject that stand in a text, by their first twelve letters: a stemmer may take the end.</summary>
        public List<string> WordsIn(string text)
        {
            var known = _words.Select(word => word[..12]).ToHashSet();
            var found = new List<string>();
            for (var at = text.IndexOf("qz", StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf("qz", at + 2, StringComparison.OrdinalIgnoreCase))
            {
                if (at + 12 <= text.Length && known.Contains(text.Substring(at, 12).ToLowerInvariant()))
                {
                    found.Add(text.Substring(at, 12));
                }
            }

            return found;
        }

        public object Message(string content) => new
        {
            tenant_id = TenantId,
            conversation_id = Conversations[0],
            user_id = UserId,
            role = "user",
            content = $"{content} {Word()}",
        };

        public async Task LeaveTracesAsync(Person person, int number)
        {
            var conversation = Word();
            await person.PostAsync("/v1/conversations", new { tenant_id = TenantId, conversation_id = conversation, user_id = UserId, title = Word(), metadata = Metadata(number) });
            Conversations.Add(conversation);
            foreach (var content in (string[])[$"My name is {Word()} and I love {Word()}.", $"Please look at {Said} {Filling(number)}"])
            {
                var id = await StoreAsync(person, new { tenant_id = TenantId, conversation_id = conversation, user_id = UserId, role = "user", content, metadata = Metadata(number) });
                Messages.Add(id);
            }

            await StoreAsync(person, new { tenant_id = TenantId, conversation_id = conversation, user_id = UserId, role = "assistant", content = Filling(number) });
            await person.SendAsync(HttpMethod.Put, $"/v1/messages/{Messages[^1]}", new { content = $"{Said} {Filling(number * 3)}", metadata = Metadata(number + 3) });
            await person.SendAsync(
                HttpMethod.Put, $"/v1/conversations/{conversation}{(TenantId is null ? "" : $"?tenant_id={TenantId}")}", new { title = Filling(1), metadata = Metadata(number + 5) });
            var memory = await person.PostAsync(
                "/v1/memories",
                new { tenant_id = TenantId, text = $"Likes {Word()} and {Word()}", user_id = UserId, agent_id = Word(), run_id = Word(), metadata = Metadata(number) });
            Memories.Add(memory.GetProperty("id").GetString()!);
            await person.SendAsync(HttpMethod.Patch, $"/v1/memories/{Memories[^1]}", new { text = $"Prefers {Filling(number + 1)}" });
        }

        private async Task<string> StoreAsync(Person person, object message)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages?wait=indexed,memories")
            {
                Content = new StringContent(JsonSerializer.Serialize(message), Encoding.UTF8, "application/json"),
            };
            request.Headers.Add("Idempotency-Key", Word());
            using var response = await person.Client.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            Assert.That((int)response.StatusCode, Is.AnyOf(201, 202), text);
            return JsonDocument.Parse(text).RootElement.GetProperty("id").GetString()!;
        }

        private string Filling(int words) => string.Join(' ', Enumerable.Range(0, words + 1).Select(_ => Word()));

        private Dictionary<string, object> Metadata(int words) => new() { [Word()] = Word(), ["caption"] = Filling(words) };
    }
}
