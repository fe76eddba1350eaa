using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using MemoryMesh.AppHost.Moving;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Shared;
using Microsoft.Extensions.Configuration;

namespace MemoryMesh.Tests.Integration.Moving;

/// <summary>An installation with people, messages and an erasure, moved between files and servers as its operator does it.</summary>
public class MigrationTests
{
    /// <summary>Few, as each is embedded: the machine may be slow.</summary>
    private const int Messages = 70;

    private const string Question = "/v1/memory/search?query=is%20the%20dog%20sick&explain=true&user_id=me&top_k=5";
    private const string Key = "a-key-of-qdrant";

    private readonly IConfiguration _noSettings = new ConfigurationBuilder().Build();

    private string _folder = null!;
    private PostgresServer _postgres = null!;
    private QdrantStandIn _qdrant = null!;
    private string _email = null!;
    private string _token = null!;
    private string _erasure = null!;
    private string _receipt = null!;
    private List<string> _found = null!;

    private string Source => Path.Combine(_folder, "data");

    private string[] Qdrant => [$"qdrant=Endpoint={_qdrant.Place.Grpc};Key={Key}", $"qdrant_http=Endpoint={_qdrant.Place.Http};Key={Key}"];

    [OneTimeSetUp]
    public async Task FillAsync()
    {
        _postgres = await PostgresServer.SharedAsync();
        _folder = Directory.CreateTempSubdirectory("memorymesh-migration-").FullName;
        await using var host = await TestHost.StartAsync(HostKind.Embedded, Source);
        using var person = await Person.RegisterAsync(host);
        _email = person.Email;
        _token = person.Tokens.GetProperty("access_token").GetString()!;
        var texts = Enumerable.Range(0, Messages).Select(number => $"Note {number} is about shelf {number * 7} of the library").Append("My puppy needs to see the veterinarian tomorrow");
        await person.SendAsync(
            HttpMethod.Post,
            "/v1/messages/batch",
            new { messages = texts.Select((content, number) => new { conversation_id = $"c{number % 9}", user_id = "me", role = "user", content }) });
        await person.PostAsync("/v1/messages", new { conversation_id = "gone", user_id = "zaphod", role = "user", content = "Zaphod drives a red car" });
        _erasure = await EraseAsync(person.Client, "zaphod");
        _receipt = (await person.GetAsync($"/v1/privacy/erasures/{_erasure}")).GetRawText();
        await Eventually.TrueAsync(() => AllEmbeddedAsync(person.Client), Eventually.Patience, () => $"Not everything was embedded:\n{host.Output}");
        _found = Contents(await person.GetAsync(Question));
        Assert.That(_found[0], Does.StartWith("My puppy"));
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [SetUp]
    public async Task StartQdrantAsync() => _qdrant = await QdrantStandIn.StartAsync(Key);

    [TearDown]
    public async Task StopQdrantAsync() => await _qdrant.DisposeAsync();

    [Test]
    public async Task What_was_moved_to_servers_and_back_logs_in_reads_finds_and_erases()
    {
        var address = await _postgres.CreateDatabaseAsync();
        var (there, back) = (Path.Combine(_folder, "servers"), Path.Combine(_folder, "back"));
        var moved = await MigrateAsync(["--from", Source, "--to", there, "env:TARGET", .. Qdrant], new() { ["TARGET"] = address });
        Assert.That(moved.Code, Is.Zero, moved.Output);
        Assert.That(moved.Output, Does.Contain($"vectors: {Messages + 1} vectors").And.Not.Contain("computed again").And.Not.Contain("pass'word").And.Not.Contain(Key));
        Assert.That(_qdrant.Collections.All.Values.Single().Points, Has.Count.EqualTo(Messages + 1));
        Assert.That(File.Exists(Path.Combine(there, "auth", "auth.db")), Is.False);
        await using (var host = await TestHost.StartAsync(HostKind.Embedded, there, environment: OnServers(address)))
        {
            await AssertWorksAsync(host);
        }

        moved = await MigrateAsync(["--from", there, $"auth={address}", $"retention={address}", .. Qdrant, "--to", back]);
        Assert.That(moved.Code, Is.Zero, moved.Output);
        await using (var host = await TestHost.StartAsync(HostKind.Embedded, back))
        {
            await AssertWorksAsync(host);
        }
    }

    [Test]
    public async Task A_migration_that_was_killed_goes_on_and_no_server_starts_before_it_has_ended()
    {
        var address = await _postgres.CreateDatabaseAsync();
        var there = Path.Combine(_folder, "killed");
        string[] arguments = ["--from", Source, "--to", there, address, .. Qdrant];
        using (var process = StartMigration(arguments, []))
        {
            // When the first vectors are there.
            await Eventually.TrueAsync(
                () => Task.FromResult(process.HasExited || _qdrant.Collections.All.Values.Any(collection => collection.Points.Count > 0)), Eventually.Patience, () => "It did not come to the vectors.");
            process.Kill();
            await process.WaitForExitAsync();
        }

        if (File.Exists(Path.Combine(there, KeyFiles.UnfinishedMigration)))
        {
            Assert.That(() => KeyFiles.Load(_noSettings, there), Throws.TypeOf<StartupException>().With.Message.Contains("unfinished migration"));
            var resumed = await MigrateAsync(arguments);
            Assert.That(resumed.Code, Is.Zero, resumed.Output);
            Assert.That(resumed.Output, Does.Contain("(by an earlier run)"));
        }

        Assert.That(_qdrant.Collections.All.Values.Single().Points, Has.Count.EqualTo(Messages + 1));
        await using var host = await TestHost.StartAsync(HostKind.Embedded, there, environment: OnServers(address));
        await AssertWorksAsync(host);
    }

    [Test]
    public async Task Ended_after_each_step_it_comes_to_the_same_end()
    {
        var address = await _postgres.CreateDatabaseAsync();
        var arguments = MigrateArguments.Parse(["--from", Source, "--to", Path.Combine(_folder, "steps"), address, .. Qdrant], _ => null);
        var runs = 0;
        for (var ended = false; !ended; runs++)
        {
            using var ending = new CancellationTokenSource();
            await using var report = new EndingReport(ending);
            try
            {
                await new MigrateCommand(arguments, report).RunAsync(_noSettings, ending.Token);
                ended = true;
            }
            catch (OperationCanceledException)
            {
                Assert.That(runs, Is.LessThan(10));
            }
        }

        Assert.That(runs, Is.EqualTo(4), "One run for each of auth, retention, files and vectors; the last ends it.");
        Assert.That(_qdrant.Collections.All.Values.Single().Points, Has.Count.EqualTo(Messages + 1));
    }

    [Test]
    public async Task It_refuses_what_would_lose_or_mix_data()
    {
        var address = await _postgres.CreateDatabaseAsync();
        var empty = Directory.CreateDirectory(Path.Combine(_folder, "nothing")).FullName;
        await RefusedAsync("holds no data", "--from", empty, "--to", Path.Combine(_folder, "x"), address);
        var full = Directory.CreateDirectory(Path.Combine(_folder, "full")).FullName;
        await File.WriteAllTextAsync(Path.Combine(full, "file"), "");
        await RefusedAsync("not empty", "--from", Source, "--to", full, address);
        await RefusedAsync("cannot be used now", "--from", Source, "--to", Path.Combine(_folder, "away"), $"Host=127.0.0.1;Port={TestHost.FreePort()};Database=x;Username=y;Password=secret-word");

        var target = Path.Combine(_folder, "once");
        await new MigrateCommand(MigrateArguments.Parse(["--from", Source, "--to", target, address], _ => null), TextWriter.Null).RunAsync(_noSettings, CancellationToken.None);
        await RefusedAsync("a migration has ended there", "--from", Source, "--to", target, address);
        await _postgres.RunSqlAsync(address.Split("Database=")[1].Split(';')[0], "DELETE FROM auth.audit_events");
        var other = Path.Combine(_folder, "other");
        await RefusedAsync("is no copy of the source", "--from", Source, "--to", other, address);
        Assert.That(Directory.EnumerateFileSystemEntries(other), Is.Empty, "What was refused leaves nothing.");

        await using var host = await TestHost.StartAsync(HostKind.Embedded, Source);
        await RefusedAsync("Another process has the data", "--from", Source, "--to", Path.Combine(_folder, "y"), address);
    }

    /// <summary>The settings of a host with everything on servers that can be there.</summary>
    private Dictionary<string, string> OnServers(string address) => new(_qdrant.ConnectionStrings)
    {
        ["ConnectionStrings__auth"] = address,
        ["ConnectionStrings__retention"] = address,
        ["Qdrant__QuestionTimeout"] = "00:00:30",
    };

    private async Task RefusedAsync(string reason, params string[] arguments)
    {
        var command = new MigrateCommand(MigrateArguments.Parse(arguments, _ => null), TextWriter.Null);
        try
        {
            await command.RunAsync(_noSettings, CancellationToken.None);
        }
        catch (Exception exception) when (exception is StartupException or StorageUnavailableException)
        {
            Assert.That(exception.Message, Does.Contain(reason).And.Not.Contain("secret-word").And.Not.Contain("pass'word"));
            return;
        }

        Assert.Fail($"It was not refused: {reason}");
    }

    private async Task AssertWorksAsync(TestHost host)
    {
        using var client = host.CreateClient();
        var tokens = await client.SendJsonAsync(HttpMethod.Post, "/v1/auth/login", new { email = _email, password = Person.Password }, HttpStatusCode.OK);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        Assert.That((await GetAsync(client, "/v1/conversations")).GetProperty("conversations").GetArrayLength(), Is.EqualTo(9), "A token of before is good still.");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.GetProperty("access_token").GetString());
        Assert.That((await GetAsync(client, $"/v1/privacy/erasures/{_erasure}")).GetRawText(), Is.EqualTo(_receipt));
        Assert.That(await AllEmbeddedAsync(client), Is.True, "Nothing is embedded again.");
        var answer = await GetAsync(client, Question);
        Assert.That(Contents(answer), Is.EqualTo(_found));
        Assert.That(
            answer.GetProperty("results")[0].GetProperty("explain").GetProperty("legs").EnumerateArray().Select(leg => leg.GetProperty("name").GetString()),
            Is.SupersetOf((string[])["vector", "late_interaction"]));

        // New work goes through, events and all.
        await client.SendJsonAsync(
            HttpMethod.Post, "/v1/messages?wait=indexed", new { conversation_id = "new", user_id = "arthur", role = "user", content = "Arthur looks for tea" }, HttpStatusCode.Created);
        Assert.That(Contents(await GetAsync(client, "/v1/memory/search?query=tea&user_id=arthur")), Is.EqualTo((string[])["Arthur looks for tea"]));
        await EraseAsync(client, "arthur");
        Assert.That(Contents(await GetAsync(client, "/v1/memory/search?query=tea&user_id=arthur")), Is.Empty);
    }

    private static async Task<string> EraseAsync(HttpClient client, string user)
    {
        using var asking = await client.PostAsync(
            new Uri("/v1/privacy/erasures", UriKind.Relative), new StringContent($$"""{"user_id":"{{user}}"}""", System.Text.Encoding.UTF8, "application/json"));
        var id = JsonDocument.Parse(await asking.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString()!;
        await Eventually.TrueAsync(
            async () => (await GetAsync(client, $"/v1/privacy/erasures/{id}")).GetProperty("status").GetString() == "completed", Eventually.Patience, () => "The erasure did not end.");
        return id;
    }

    private static async Task<bool> AllEmbeddedAsync(HttpClient client)
    {
        var messages = (await GetAsync(client, "/v1/analytics/embedding-stats")).GetProperty("items").EnumerateArray().First(item => item.GetProperty("kind").GetString() == "message");
        return messages.GetProperty("embedded").GetInt64() == messages.GetProperty("indexed").GetInt64();
    }

    private static Task<JsonElement> GetAsync(HttpClient client, string path) => client.SendJsonAsync(HttpMethod.Get, path, null, HttpStatusCode.OK);

    private static List<string> Contents(JsonElement answer) => [.. answer.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("message").GetProperty("content").GetString()!)];

    private static async Task<(int Code, string Output)> MigrateAsync(string[] arguments, Dictionary<string, string>? environment = null)
    {
        using var process = StartMigration(arguments, environment ?? []);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var deadline = new CancellationTokenSource(Eventually.Patience);
        await process.WaitForExitAsync(deadline.Token);
        return (process.ExitCode, $"{await output}{await errors}");
    }

    private static Process StartMigration(string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet", [TestHost.AppHostPath(), "migrate", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Ends the migration after the first step that this run has done.</summary>
    private sealed class EndingReport(CancellationTokenSource ending) : StringWriter
    {
        public override async Task WriteLineAsync(string? value)
        {
            await base.WriteLineAsync(value);
            if (value!.Contains("checksum", StringComparison.Ordinal) || value.Contains("sha256", StringComparison.Ordinal))
            {
                if (!value.EndsWith("(by an earlier run)", StringComparison.Ordinal))
                {
                    await ending.CancelAsync();
                }
            }
        }
    }
}
