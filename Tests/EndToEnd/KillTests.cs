using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;
using Microsoft.Data.Sqlite;

namespace MemoryMesh.Tests.EndToEnd;

/// <summary>What was acknowledged survives kill -9, and nothing is made twice.</summary>
public class KillTests
{
    private const int Rounds = 20;
    private const int Writers = 6;

    [Test]
    public async Task Nothing_acknowledged_is_lost_or_doubled_when_the_process_is_killed_twenty_times_under_load()
    {
        await using var host = await TestHost.StartAsync(HostKind.Embedded);
        using var person = await Person.RegisterAsync(host);
        var random = new Random(4711);
        var acknowledged = new ConcurrentDictionary<string, Written>();
        var next = 0;
        for (var round = 1; round <= Rounds; round++)
        {
            using var stop = new CancellationTokenSource();
            var before = acknowledged.Count;
            var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    var number = Interlocked.Increment(ref next);
                    var word = $"zq{number:D6}k";
                    var fact = number % 8 == 0;
                    try
                    {
                        var message = await person.PostAsync(
                            "/v1/messages",
                            new { conversation_id = $"chat-{writer}", role = "user", content = fact ? $"I love {word}." : $"Please look at {word} for me" });
                        acknowledged[message.GetProperty("id").GetString()!] = new Written(word, fact);
                    }
                    catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
                    {
                        // The process was killed under the request: it was not acknowledged.
                        return;
                    }
                }
            })).ToArray();
            // Somewhere under the load, however long the process takes to come to it.
            await Eventually.TrueAsync(() => Task.FromResult(acknowledged.Count > before + Writers), Eventually.Patience, () => "No load came about.");
            await Task.Delay(random.Next(0, 400));
            host.Kill();
            await stop.CancelAsync();
            await Task.WhenAll(writers);
            CheckIntegrity(host.Folder, round);
            await host.StartAgainAsync();
        }

        Assert.That(acknowledged, Has.Count.GreaterThan(Rounds * Writers), "The load was too small to show anything.");
        TestContext.Out.WriteLine($"{acknowledged.Count} messages acknowledged over {Rounds} kills");
        await EveryMessageIsFoundAsync(person, acknowledged);
        await EveryFactIsKeptOnceAsync(person, acknowledged);
    }

    private static async Task EveryMessageIsFoundAsync(Person person, ConcurrentDictionary<string, Written> acknowledged)
    {
        foreach (var (id, written) in acknowledged)
        {
            var message = await person.GetAsync($"/v1/messages/{id}");
            Assert.That(message.GetProperty("content").GetString(), Does.Contain(written.Word));
        }

        foreach (var (id, written) in acknowledged)
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    var found = await person.GetAsync($"/v1/memory/search?query={written.Word}&top_k=5");
                    return found.GetProperty("results").EnumerateArray().Any(result => result.GetProperty("id").GetString() == id);
                },
                Eventually.Patience,
                () => $"Message {id} was acknowledged and cannot be found.");
        }
    }

    private static async Task EveryFactIsKeptOnceAsync(Person person, ConcurrentDictionary<string, Written> acknowledged)
    {
        var facts = acknowledged.Values.Where(written => written.Fact).Select(written => written.Word).ToHashSet();
        var counts = new Dictionary<string, int>();
        await Eventually.TrueAsync(
            async () =>
            {
                counts = await CountFactsAsync(person);
                return facts.All(counts.ContainsKey);
            },
            Eventually.Patience,
            () => $"Facts without a memory: {string.Join(", ", facts.Where(fact => !counts.ContainsKey(fact)).Take(5))}");
        Assert.That(counts.Where(pair => pair.Value != 1), Is.Empty, "Memories that were made twice.");
    }

    private static async Task<Dictionary<string, int>> CountFactsAsync(Person person)
    {
        var counts = new Dictionary<string, int>();
        for (var page = 1; ; page++)
        {
            var memories = (await person.GetAsync($"/v1/memories?page={page}&page_size=200")).GetProperty("memories").EnumerateArray().ToArray();
            foreach (var memory in memories)
            {
                var text = memory.GetProperty("text").GetString()!;
                var at = text.IndexOf("zq", StringComparison.Ordinal);
                if (at >= 0)
                {
                    var word = text.Substring(at, 9);
                    counts[word] = counts.GetValueOrDefault(word) + 1;
                }
            }

            if (memories.Length < 200)
            {
                return counts;
            }
        }
    }

    private static void CheckIntegrity(string folder, int round)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*.db", SearchOption.AllDirectories))
        {
            // On a copy, so that what recovers the log is the product and not this check.
            var copy = Directory.CreateTempSubdirectory("memorymesh-check-").FullName;
            foreach (var part in Directory.EnumerateFiles(Path.GetDirectoryName(file)!, Path.GetFileName(file) + "*"))
            {
                File.Copy(part, Path.Combine(copy, Path.GetFileName(part)));
            }

            using (var connection = new SqliteConnection($"Data Source={Path.Combine(copy, Path.GetFileName(file))};Pooling=False"))
            {
                connection.Open();
                using var command = connection.CreateCommand();
                command.CommandText = "PRAGMA integrity_check";
                Assert.That(command.ExecuteScalar(), Is.EqualTo("ok"), $"{Path.GetFileName(file)} after kill {round}");
            }

            Directory.Delete(copy, recursive: true);
        }
    }

    private sealed record Written(string Word, bool Fact);
}
