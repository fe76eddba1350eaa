using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using MemoryMesh.AppHost.Moving;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Integration.Storage;
using MemoryMesh.Tests.Shared;
using Microsoft.Extensions.Configuration;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Tests.Integration.Moving;

/// <summary>Conversations and memories that move between the files of their services and MongoDB as their operator does it.</summary>
public class DocumentMoveTests
{
    private const string Repeated = "a-key-of-the-client";

    private readonly IConfiguration _noSettings = new ConfigurationBuilder().Build();

    private string _folder = null!;
    private string _database = null!;
    private string _token = null!;
    private string _first = null!;
    private List<string> _filled = null!;

    private string Source => Path.Combine(_folder, "data");

    private Dictionary<string, string> Settings => new() { ["ConnectionStrings__chat"] = _database, ["ConnectionStrings__memory"] = _database };

    [OneTimeSetUp]
    public async Task FillAsync()
    {
        _database = MongoServer.NewDatabase();
        _folder = Directory.CreateTempSubdirectory("memorymesh-documents-").FullName;
        await using var host = await TestHost.StartAsync(HostKind.Embedded, Source);
        using var person = await Person.RegisterAsync(host);
        _token = person.Tokens.GetProperty("access_token").GetString()!;
        await person.PostAsync("/v1/conversations", new { conversation_id = "empty", user_id = "ford", title = "Nothing yet", metadata = new { shelf = 3 } });
        await person.SendAsync(
            HttpMethod.Post,
            "/v1/messages/batch",
            new
            {
                messages = Enumerable.Range(0, 450).Select(number => new
                {
                    conversation_id = $"c{number % 3}", user_id = $"u{number % 3}", role = number % 2 == 0 ? "user" : "assistant", content = $"Note {number}", importance = number % 5 == 0 ? 0.4 : (double?)null,
                }),
            });
        _first = await SayAsync(person.Client);
        await person.PostAsync("/v1/messages", new { conversation_id = "thread", user_id = "ford", role = "assistant", content = "An answer", reply_to = _first, metadata = new { mood = "calm" } });
        await person.PostAsync("/v1/messages", new { conversation_id = "gone", user_id = "zaphod", role = "user", content = "Zaphod drives a red car" });
        await EraseAsync(person.Client, "zaphod");
        await LearnAsync(person.Client, "u2", "I live in Rome.", "Rome");
        await LearnAsync(person.Client, "ford", "I live in Bern. I love sailing.", "Bern");
        await LearnAsync(person.Client, "ford", "I moved to Graz.", "Graz");
        await person.PostAsync("/v1/blocks", new { user_id = "ford", label = "persona", text = "Be kind." });
        await person.SendAsync(HttpMethod.Patch, "/v1/subjects/ford/preferences", new { verbosity = "concise" });
        await person.SendAsync(HttpMethod.Put, "/v1/memories/settings?user_id=trillian", new { opted_out = true });
        _filled = await TellAsync(person.Client);
    }

    [OneTimeTearDown]
    public async Task RemoveAsync()
    {
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
            await MongoServer.DropAsync(_database);
        }
    }

    [Test]
    public async Task They_are_the_same_in_MongoDB_and_back_in_files()
    {
        var (there, back) = (Path.Combine(_folder, "there"), Path.Combine(_folder, "back"));
        var output = await MigrateAsync("--from", Source, "--to", there, _database);
        List<string> told;
        Assert.That(output, Does.Match("conversations: .*read back and equal").And.Match("memories: .*read back and equal"));
        await using (var host = await TestHost.StartAsync(HostKind.Embedded, there, environment: Settings))
        {
            using var client = ClientOf(host);
            Assert.That(await TellAsync(client), Is.EqualTo(_filled));
            Assert.That(await SayAsync(client), Is.EqualTo(_first), "a request that was answered before is answered the same");
            await GoOnAsync(client, "in-documents");
            await LearnAsync(client, "ford", "I moved to Oslo.", "Oslo");
            await EraseAsync(client, "u2");
            told = await TellAsync(client);
        }

        // What is in MongoDB would stay behind, and what is in the folder is not to be looked for there.
        await RefusedAsync("no address of it is given", "--from", there, "--to", Path.Combine(_folder, "half"));

        await RefusedAsync("memory keeps is in MongoDB", "--from", there, $"chat={_database}", "--to", Path.Combine(_folder, "half"));
        await RefusedAsync("chat keeps is in its data folder", "--from", Source, _database, "--to", Path.Combine(_folder, "half"));

        await MigrateAsync("--from", there, _database, "--to", back);
        await using (var host = await TestHost.StartAsync(HostKind.Embedded, back))
        {
            using var client = ClientOf(host);
            Assert.That(await TellAsync(client), Is.EqualTo(told));
            Assert.That(await SayAsync(client), Is.EqualTo(_first));
            await GoOnAsync(client, "in-rows");
            await LearnAsync(client, "ford", "I moved to Lima.", "Lima");
        }

        await RefusedAsync("belongs to another data folder", "--from", back, "--to", Path.Combine(_folder, "again"), _database);
    }

    [TestCase("chat", "messages")]
    [TestCase("memory", "memory_history")]
    public async Task A_move_that_was_ended_is_made_again_and_comes_to_the_same_end(string service, string collection)
    {
        var database = MongoServer.NewDatabase();
        var there = Path.Combine(_folder, $"ended-{service}");
        string[] arguments = ["--from", Source, "--to", there, $"{service}={database}"];
        try
        {
            using (var ending = new CancellationTokenSource())
            {
                var moving = new MigrateCommand(MigrateArguments.Parse(arguments, _ => null), TextWriter.Null).RunAsync(_noSettings, ending.Token);
                using var client = new MongoClient(database);
                var moved = client.GetDatabase(new MongoUrl(database).DatabaseName).GetCollection<BsonDocument>($"{service}.{collection}");
                await Eventually.TrueAsync(
                    async () => moving.IsCompleted || await moved.EstimatedDocumentCountAsync(cancellationToken: CancellationToken.None) > 0, Eventually.Patience, () => "Nothing was moved.");
                await ending.CancelAsync();
                try
                {
                    await moving;
                }
                catch (OperationCanceledException)
                {
                    // It had not come to its end.
                }
            }

            if (File.Exists(Path.Combine(there, KeyFiles.UnfinishedMigration)))
            {
                Assert.That(() => KeyFiles.Load(_noSettings, there), Throws.TypeOf<StartupException>().With.Message.Contains("unfinished migration"));
                Assert.That(await MigrateAsync(arguments), Does.Contain("(by an earlier run)"));
            }

            await using var host = await TestHost.StartAsync(HostKind.Embedded, there, environment: new Dictionary<string, string> { [$"ConnectionStrings__{service}"] = database });
            using var reader = ClientOf(host);
            Assert.That(await TellAsync(reader), Is.EqualTo(_filled));
        }
        finally
        {
            await MongoServer.DropAsync(database);
        }
    }

    /// <summary>What people see of their conversations, as text.</summary>
    private static async Task<List<string>> TellAsync(HttpClient client)
    {
        var told = new List<string>();
        foreach (var conversation in (await GetAsync(client, "/v1/conversations?limit=100")).GetProperty("conversations").EnumerateArray())
        {
            told.Add(conversation.GetRawText());
            var name = conversation.GetProperty("conversation_id").GetString();
            told.Add((await GetAsync(client, $"/v1/conversations/{name}/messages?limit=200")).GetProperty("messages").GetRawText());
        }

        foreach (var user in (string[])["ford", "u2"])
        {
            var memories = await MemoriesAsync(client, user);
            told.Add(memories.GetRawText());
            foreach (var id in memories.EnumerateArray().Select(memory => memory.GetProperty("id").GetString()))
            {
                told.Add((await GetAsync(client, $"/v1/memories/{id}/history")).GetRawText());
                told.Add((await GetAsync(client, $"/v1/memories/{id}/sources")).GetRawText());
            }
        }

        foreach (var path in (string[])["memories/extractions?user_id=ford", "blocks?user_id=ford", "subjects/ford/preferences", "memories/settings?user_id=trillian"])
        {
            told.Add((await GetAsync(client, $"/v1/{path}")).GetRawText());
        }

        return told;
    }

    /// <summary>All memories of a user, those that hold no more too, once nothing is left to do for them.</summary>
    private static async Task<JsonElement> MemoriesAsync(HttpClient client, string user)
    {
        JsonElement memories = default;
        await Eventually.TrueAsync(
            async () =>
            {
                memories = (await GetAsync(client, $"/v1/memories?user_id={user}&view=all&page_size=100")).GetProperty("memories");
                return memories.EnumerateArray().All(memory => memory.GetProperty("status").GetString() == "completed");
            },
            Eventually.Patience,
            () => $"The work on the memories of {user} did not end: {memories}");
        return memories;
    }

    /// <summary>Says what a memory is drawn from, and sees it in the place of what it follows.</summary>
    private static async Task LearnAsync(HttpClient client, string user, string text, string city)
    {
        await client.SendJsonAsync(HttpMethod.Post, "/v1/messages?wait=memories", new { conversation_id = "learned", user_id = user, role = "user", content = text }, HttpStatusCode.Created);
        var cities = (await GetAsync(client, $"/v1/memories?user_id={user}")).GetProperty("memories").EnumerateArray()
            .Select(memory => memory.GetProperty("text").GetString()!).Where(said => said.Contains("lives in", StringComparison.Ordinal)).ToList();
        Assert.That(cities, Is.EqualTo(new[] { $"User lives in {city}." }));
    }

    private static async Task GoOnAsync(HttpClient client, string conversation)
    {
        var sent = new { conversation_id = conversation, user_id = "arthur", role = "user", content = "Arthur looks for tea" };
        var id = (await client.SendJsonAsync(HttpMethod.Post, "/v1/messages?wait=indexed", sent, HttpStatusCode.Created)).GetProperty("id").GetString();
        var found = await GetAsync(client, "/v1/memory/search?query=tea&user_id=arthur");
        Assert.That(found.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("message").GetProperty("id").GetString()), Does.Contain(id));
    }

    /// <summary>Says something under an Idempotency-Key.</summary>
    /// <returns>Id of the message.</returns>
    private static async Task<string> SayAsync(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/messages", UriKind.Relative))
        {
            Content = new StringContent("""{"conversation_id":"thread","user_id":"ford","role":"user","content":"A question"}""", System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", Repeated);
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.IsSuccessStatusCode, Is.True, text);
        return JsonDocument.Parse(text).RootElement.GetProperty("id").GetString()!;
    }

    private static async Task EraseAsync(HttpClient client, string user)
    {
        using var asking = await client.PostAsync(
            new Uri("/v1/privacy/erasures", UriKind.Relative), new StringContent($$"""{"user_id":"{{user}}"}""", System.Text.Encoding.UTF8, "application/json"));
        var id = JsonDocument.Parse(await asking.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString();
        await Eventually.TrueAsync(
            async () => (await GetAsync(client, $"/v1/privacy/erasures/{id}")).GetProperty("status").GetString() == "completed", Eventually.Patience, () => "The erasure did not end.");
    }

    private static Task<JsonElement> GetAsync(HttpClient client, string path) => client.SendJsonAsync(HttpMethod.Get, path, null, HttpStatusCode.OK);

    private HttpClient ClientOf(TestHost host)
    {
        var client = host.CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        return client;
    }

    private async Task<string> MigrateAsync(params string[] arguments)
    {
        await using var report = new StringWriter();
        await new MigrateCommand(MigrateArguments.Parse(arguments, _ => null), report).RunAsync(_noSettings, CancellationToken.None);
        return report.ToString();
    }

    private async Task RefusedAsync(string reason, params string[] arguments)
    {
        var command = new MigrateCommand(MigrateArguments.Parse(arguments, _ => null), TextWriter.Null);
        var refusal = Assert.CatchAsync(() => command.RunAsync(_noSettings, CancellationToken.None));
        Assert.That(refusal, Is.InstanceOf<StartupException>().Or.InstanceOf<StorageUnavailableException>());
        Assert.That(refusal!.Message, Does.Contain(reason));
    }
}
