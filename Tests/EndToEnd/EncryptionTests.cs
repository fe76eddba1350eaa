using System.Net;
using System.Security.Cryptography;
using System.Text;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.EndToEnd;

/// <summary>What clients send stands in no file and in no log.</summary>
public class EncryptionTests
{
    private readonly List<string> _canaries = [];

    [Test]
    public async Task A_thousand_canary_words_through_every_field_are_in_no_file_and_no_log()
    {
        await using var host = await TestHost.StartAsync(HostKind.Embedded);
        using var person = await Person.RegisterAsync(host);
        var name = person.Email.Split('@')[0];
        _canaries.Add(name);

        // Accounts, organizations, teams, keys, sessions.
        var org = await person.PostAsync("/v1/organizations", new { name = Canary(), slug = Canary() });
        var orgId = org.GetProperty("id").GetString()!;
        await person.PostAsync($"/v1/organizations/{orgId}/teams", new { name = Canary() });
        await person.PostAsync("/v1/auth/api-keys", new { name = Canary() });
        using (var login = new HttpRequestMessage(HttpMethod.Post, "/v1/auth/login"))
        {
            login.Headers.UserAgent.ParseAdd(Canary());
            login.Content = new StringContent($$"""{"email":"{{person.Email}}","password":"{{Person.Password}}"}""", Encoding.UTF8, "application/json");
            using var client = host.CreateClient();
            using var loggedIn = await client.SendAsync(login);
            Assert.That(loggedIn.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }

        // A tenant that is claimed by its first use.
        await person.PostAsync("/v1/messages", new { tenant_id = Canary(), conversation_id = Canary(), role = "user", content = Canary() });

        // Conversations and messages, kept, changed and deleted.
        for (var i = 0; i < 60; i++)
        {
            var conversation = Canary();
            await person.PostAsync(
                "/v1/conversations", new { conversation_id = conversation, title = Canary(), user_id = Canary(), metadata = Metadata() });
            var message = await StoreAsync(person, conversation, $"I love {Canary()} and my name is {Canary()}. {Canary()}");
            var id = message.GetProperty("id").GetString();
            await person.SendAsync(HttpMethod.Put, $"/v1/messages/{id}", new { content = $"{Canary()} changed", metadata = Metadata() });
            await person.GetAsync($"/v1/memory/search?query={Canary()}");
            await person.GetAsync($"/v1/context/{conversation}?query={Canary()}");
            if (i % 3 == 0)
            {
                await person.SendAsync(HttpMethod.Delete, $"/v1/messages/{id}", status: HttpStatusCode.NoContent);
            }
        }

        // Memories of every scope.
        for (var i = 0; i < 40; i++)
        {
            var memory = await person.PostAsync(
                "/v1/memories",
                new { text = $"Likes {Canary()}", user_id = Canary(), agent_id = Canary(), run_id = Canary(), metadata = Metadata() });
            var id = memory.GetProperty("id").GetString();
            await person.SendAsync(HttpMethod.Patch, $"/v1/memories/{id}", new { text = $"Prefers {Canary()}" });
            await person.GetAsync($"/v1/memories/search?query={Canary()}");
            if (i % 4 == 0)
            {
                await person.SendAsync(HttpMethod.Delete, $"/v1/memories/{id}", status: HttpStatusCode.NoContent);
            }
        }

        // What is refused is not kept either.
        await person.PostAsync("/v1/messages", new { conversation_id = Canary(), role = Canary(), content = Canary() }, HttpStatusCode.BadRequest);
        await person.PostAsync("/v1/memories", $$"""{"text":"{{Canary()}}","{{Canary()}}":1}""", HttpStatusCode.BadRequest);
        while (_canaries.Count < 1_000)
        {
            await StoreAsync(person, Canary(), Canary());
        }

        AssertAbsent(host, "while running");
        await host.StopAsync();
        AssertAbsent(host, "after stopping");
    }

    private string Canary()
    {
        // Letters only, so that case folding and stemming leave a stable beginning to look for.
        var word = "qz" + string.Concat(RandomNumberGenerator.GetItems<char>("bcdfghjklmnpqrtvwxz", 12));
        _canaries.Add(word);
        return word;
    }

    private Dictionary<string, object> Metadata() => new() { [Canary()] = Canary(), ["caption"] = Canary(), ["list"] = new[] { Canary() } };

    private async Task<System.Text.Json.JsonElement> StoreAsync(Person person, string conversation, string content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages?wait=indexed");
        request.Headers.Add("Idempotency-Key", Canary());
        request.Content = new StringContent(
            System.Text.Json.JsonSerializer.Serialize(new { conversation_id = conversation, role = "user", content, user_id = Canary(), metadata = Metadata() }),
            Encoding.UTF8,
            "application/json");
        using var response = await person.Client.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Created), body);
        return System.Text.Json.JsonDocument.Parse(body).RootElement;
    }

    private void AssertAbsent(TestHost host, string when)
    {
        var files = Directory.EnumerateFiles(host.Folder, "*", SearchOption.AllDirectories).ToArray();
        Assert.That(files.Count(file => file.EndsWith(".db", StringComparison.Ordinal)), Is.GreaterThanOrEqualTo(5));
        foreach (var file in files)
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            var text = Encoding.Latin1.GetString(copy.GetBuffer(), 0, (int)copy.Length);
            Assert.That(Hits(text), Is.Empty, $"{Path.GetRelativePath(host.Folder, file)} {when}");
            Assert.That(Hits(text.Replace("\0", "", StringComparison.Ordinal)), Is.Empty, $"{Path.GetRelativePath(host.Folder, file)} as UTF-16, {when}");
        }

        Assert.That(Hits(host.Output), Is.Empty, $"the log {when}");
    }

    /// <summary>Looks for the first ten letters too: a stemmer may take the end of a word.</summary>
    private List<string> Hits(string text)
    {
        var hits = new List<string>();
        for (var at = text.IndexOf("qz", StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf("qz", at + 2, StringComparison.OrdinalIgnoreCase))
        {
            if (at + 10 <= text.Length && Prefixes.Contains(text.Substring(at, 10).ToLowerInvariant()))
            {
                hits.Add(text.Substring(at, 10));
            }
        }

        if (text.Contains(_canaries[0], StringComparison.Ordinal))
        {
            hits.Add(_canaries[0]);
        }

        return hits;
    }

    private HashSet<string> Prefixes => field?.Count == _canaries.Count ? field : field = [.. _canaries.Skip(1).Select(word => word[..10])];
}
