using System.Net.Http.Headers;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Analytics;

/// <summary>Counters and what they count are one transaction: a process that is killed at any moment leaves them equal.</summary>
public class CountersAfterKillTests
{
    [Test]
    public async Task Counters_equal_what_is_stored_after_a_kill_and_searches_survive_a_stop()
    {
        var folder = Directory.CreateTempSubdirectory("memorymesh-kill-");
        try
        {
            await using var host = await TestHost.StartAsync(HostKind.Embedded, folder.FullName);
            using var person = await Person.RegisterAsync(host);
            for (var round = 0; round < 2; round++)
            {
                using var sending = new CancellationTokenSource();
                var senders = Enumerable.Range(0, 6).Select(sender => SendAsync(person, $"{round}-{sender}", sending.Token)).ToList();
                await Eventually.TrueAsync(
                    async () => await CountAsync(person) > 100 * (round + 1), TimeSpan.FromSeconds(60), () => "Too few messages were stored.");
                host.Kill();
                await sending.CancelAsync();
                await Task.WhenAll(senders);
                await host.StartAgainAsync();
                var stored = 0L;
                foreach (var conversation in (await person.GetAsync("/v1/conversations?limit=200")).GetProperty("conversations").EnumerateArray())
                {
                    var stats = await person.GetAsync($"/v1/conversations/{conversation.GetProperty("conversation_id").GetString()}/stats");
                    stored += stats.GetProperty("message_count").GetInt64();
                }

                Assert.That(await CountAsync(person), Is.EqualTo(stored));
            }

            for (var i = 0; i < 3; i++)
            {
                await person.GetAsync("/v1/memory/search?query=tea");
            }

            Assert.That(await host.StopAsync(), Is.Zero);
            await host.StartAgainAsync();
            var usage = await person.GetAsync("/v1/analytics/usage");
            Assert.That(usage.GetProperty("usage").GetProperty("searches").GetInt64(), Is.EqualTo(3));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<long> CountAsync(Person person)
        => (await person.GetAsync("/v1/analytics/usage")).GetProperty("usage").GetProperty("messages_created").GetProperty("total").GetInt64();

    /// <summary>Sends until the server is gone.</summary>
    private static async Task SendAsync(Person person, string conversation, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                using var content = new StringContent(
                    JsonSerializer.Serialize(new { conversation_id = conversation, role = "user", content = "tea" }), MediaTypeHeaderValue.Parse("application/json"));
                using var answer = await person.Client.PostAsync(new Uri("/v1/messages", UriKind.Relative), content, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            // The server was killed.
        }
    }
}
