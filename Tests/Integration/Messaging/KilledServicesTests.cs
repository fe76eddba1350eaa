using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Messaging;

/// <summary>Services that are killed one by one under load, and a broker that is away: nothing acknowledged is lost, nothing is there twice.</summary>
public partial class KilledServicesTests
{
    private const int Writers = 6;

    /// <summary>Every eighth message says something to remember.</summary>
    private const int FactEvery = 8;

    [TestCase(600, 1, 3)]
    [TestCase(10_000, 5, 60, Explicit = true, Reason = "Takes several minutes; docs/benchmarks.md has what it printed.")]
    public async Task Nothing_acknowledged_is_lost_or_doubled(int messages, int killsOfEach, int secondsWithoutBroker)
    {
        var fleet = await ServiceFleet.SharedAsync();
        using var client = await fleet.RegisterAsync();
        var path = Path.Combine(Path.GetTempPath(), $"memorymesh-ledger-{Guid.NewGuid():N}");
        using var ledger = new AcknowledgedLedger(path);
        try
        {
            var next = 0;
            using var ended = new CancellationTokenSource();
            var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
            {
                while (!ended.IsCancellationRequested && Interlocked.Increment(ref next) is var number && number <= messages)
                {
                    await SayAsync(client, ledger, writer, number);
                }
            })).ToList();

            // Spread over the load, in an order that is another each time and can be told again.
            var random = new Random(messages);
            var victims = Enumerable.Repeat(ServiceFleet.Services, killsOfEach).SelectMany(services => services).ToArray();
            random.Shuffle(victims);
            foreach (var (at, victim) in victims.Index())
            {
                var enough = messages * (at + 1) / (victims.Length + 2);
                await Eventually.TrueAsync(
                    () => Task.FromResult(ledger.Acknowledged >= enough), Eventually.Patience, () => $"{ledger.Acknowledged} of {enough} messages before {victim} is killed.");
                await fleet.KillAsync(victim);
            }

            await Task.WhenAll(writers).WaitAsync(Eventually.Patience * 2);
            await fleet.ReadyAsync();
            var restarted = Stopwatch.GetTimestamp();
            await DrainedAsync(fleet, client, messages);
            await TestContext.Out.WriteLineAsync($"{victims.Length} kills; drained {Stopwatch.GetElapsedTime(restarted).TotalSeconds:0.0} s after the last service was up");

            await fleet.Broker.StopAsync();
            var away = Stopwatch.GetTimestamp();
            var refused = 0;
            while (Stopwatch.GetElapsedTime(away) < TimeSpan.FromSeconds(secondsWithoutBroker))
            {
                refused += await SayAsync(client, ledger, 0, ++messages);
            }

            Assert.That(refused, Is.Zero, "Without a broker a message is stored at the first try.");
            await fleet.Broker.StartAsync(default);
            var back = Stopwatch.GetTimestamp();
            await DrainedAsync(fleet, client, messages);
            await TestContext.Out.WriteLineAsync($"broker away for {secondsWithoutBroker} s; drained {Stopwatch.GetElapsedTime(back).TotalSeconds:0.0} s after it was back");

            var verdict = ledger.Check(await ReadAsync(client));
            await TestContext.Out.WriteLineAsync($"messages: {verdict}");
            Assert.That(verdict, Is.EqualTo(new AcknowledgedLedger.Verdict(messages, messages, 0, 0, 0)));
            var facts = await FactsAsync(client);
            Assert.That(facts.Keys, Is.EquivalentTo(Enumerable.Range(1, messages).Where(number => number % FactEvery == 0)));
            Assert.That(facts.Where(fact => fact.Value != 1), Is.Empty, "Memories that were made twice.");
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Says something until it is acknowledged, always under one key.</summary>
    /// <returns>How often it was not.</returns>
    private static async Task<int> SayAsync(HttpClient client, AcknowledgedLedger ledger, int writer, int number)
    {
        ledger.Send(number);
        var content = number % FactEvery == 0 ? $"I love zq{number:D6}k." : $"Please look at zq{number:D6}k for me";
        var began = Stopwatch.GetTimestamp();
        for (var refused = 0; ; refused++)
        {
            Assert.That(Stopwatch.GetElapsedTime(began), Is.LessThan(Eventually.Patience), $"Message {number} was not taken.");
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages")
                {
                    Content = JsonContent.Create(new { conversation_id = $"chat-{writer}", role = "user", content }),
                };
                request.Headers.Add("Idempotency-Key", $"message-{number}");
                using var answer = await client.SendAsync(request);
                if (answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.OK)
                {
                    using var body = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync());
                    ledger.Acknowledge(number, body.RootElement.GetProperty("id").GetString()!);
                    return refused;
                }

                Assert.That((int)answer.StatusCode, Is.AnyOf(502, 503, 504), await answer.Content.ReadAsStringAsync());
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                // The connection went with a process: nobody knows whether it is stored, and the key tells when it is said again.
            }
        }
    }

    /// <summary>Waits until no queue holds an event and everything that was said is found and learned from.</summary>
    private static async Task DrainedAsync(ServiceFleet fleet, HttpClient client, int messages)
    {
        var facts = messages / FactEvery;
        var state = "";
        await Eventually.TrueAsync(
            async () =>
            {
                var waiting = await fleet.CountQueuedAsync();
                var learned = (await FactsAsync(client)).Count;
                var last = await GetAsync(client, $"/v1/memory/search?query=zq{messages:D6}k&top_k=1");
                state = $"{waiting} events wait, {learned} of {facts} facts are learned";
                return waiting == 0 && learned == facts && last.GetProperty("results").GetArrayLength() == 1;
            },
            Eventually.Patience,
            () => state);
    }

    /// <summary>Every message that is there, from the lists of the conversations.</summary>
    private static async Task<List<(int Number, string Id)>> ReadAsync(HttpClient client)
    {
        var found = new List<(int, string)>();
        for (var writer = 0; writer < Writers; writer++)
        {
            var cursor = "start";
            while (cursor is not null)
            {
                var page = await GetAsync(client, $"/v1/conversations/chat-{writer}/messages?limit=200&after={Uri.EscapeDataString(cursor)}");
                found.AddRange(page.GetProperty("messages").EnumerateArray().Select(
                    message => (NumberIn(message.GetProperty("content").GetString()!), message.GetProperty("id").GetString()!)));
                cursor = page.TryGetProperty("next", out var more) ? more.GetString() : null;
            }
        }

        return found;
    }

    /// <summary>How often each fact is remembered.</summary>
    private static async Task<Dictionary<int, int>> FactsAsync(HttpClient client)
    {
        var counts = new Dictionary<int, int>();
        for (var page = 1; ; page++)
        {
            var memories = (await GetAsync(client, $"/v1/memories?page={page}&page_size=200")).GetProperty("memories").EnumerateArray().ToArray();
            foreach (var memory in memories)
            {
                var number = NumberIn(memory.GetProperty("text").GetString()!);
                counts[number] = counts.GetValueOrDefault(number) + 1;
            }

            if (memories.Length < 200)
            {
                return counts;
            }
        }
    }

    private static int NumberIn(string text) => int.Parse(Word().Match(text).Groups[1].Value);

    private static async Task<JsonElement> GetAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), path);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    [GeneratedRegex(@"zq(\d{6})k", RegexOptions.IgnoreCase)]
    private static partial Regex Word();
}
