using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Messaging;

/// <summary>PostgreSQL and Redis are away at once: what needs them says so, everything else goes on.</summary>
public class StoreOutageTests
{
    [TestCase(2)]
    [TestCase(30, Explicit = true, Reason = "The same for longer; docs/operations.md has what it showed.")]
    public async Task Without_Postgres_and_Redis_what_needs_them_answers_503_and_everything_else_goes_on(int seconds)
    {
        var fleet = await ServiceFleet.SharedAsync();
        using var client = await fleet.RegisterAsync();
        using var stranger = fleet.CreateClient();
        var said = 0;
        await SayAsync(client, ++said);
        await FoundAsync(client, said);
        await client.SendJsonAsync(
            HttpMethod.Put, "/v1/retention/policy", new { max_age_days = 365, action = "archive", applies_to = (string[])["messages"] }, HttpStatusCode.OK);
        Func<Task<HttpResponseMessage>>[] goOn =
        [
            () => PostAsync(client, "/v1/messages", new { conversation_id = "chat", role = "user", content = Text(++said) }),
            () => GetAsync(client, "/v1/conversations"),
            () => GetAsync(client, "/v1/conversations/chat/messages"),
            () => GetAsync(client, "/v1/memory/search?query=love"),
            () => GetAsync(client, "/v1/memories"),
            () => GetAsync(client, "/v1/memories/search?query=love"),
            () => GetAsync(client, "/v1/context/chat?query=love"),
            () => GetAsync(stranger, "/v1/admin/health"),
            () => GetAsync(stranger, "/openapi/v1.json"),
        ];
        Func<Task<HttpResponseMessage>>[] depend =
        [
            () => PostAsync(stranger, "/v1/auth/login", new { email = "nobody@example.com", password = Person.Password }),
            () => PostAsync(stranger, "/v1/auth/register", new { email = "late@example.com", username = "late", password = Person.Password }),
            () => GetAsync(client, "/v1/organizations"),
            () => GetAsync(client, "/v1/retention/policy"),
            () => PostAsync(client, "/v1/privacy/erasures", new { user_id = "nobody" }),
        ];
        foreach (var ask in goOn)
        {
            // Who the client is and what it may do is known to each service from before.
            await ExpectSuccessAsync(ask);
        }

        fleet.Postgres.Kill();
        fleet.Redis.Kill();
        var (away, rounds) = (Stopwatch.GetTimestamp(), 0);
        do
        {
            foreach (var ask in goOn)
            {
                await ExpectSuccessAsync(ask);
            }

            foreach (var ask in depend)
            {
                using var answer = await ask();
                var what = $"{answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri}: {await answer.Content.ReadAsStringAsync()}";
                Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable), what);
                Assert.That(answer.Headers.RetryAfter, Is.Not.Null, what);
            }

            using var ready = await GetAsync(stranger, "/v1/admin/readiness");
            Assert.That(ready.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            rounds++;
        }
        while (Stopwatch.GetElapsedTime(away) < TimeSpan.FromSeconds(seconds));

        await Task.WhenAll(fleet.Postgres.StartAgainAsync(), fleet.Redis.StartAgainAsync());
        var back = Stopwatch.GetTimestamp();
        await fleet.ReadyAsync();
        foreach (var path in new[] { "/v1/organizations", "/v1/retention/policy", "/v1/admin/readiness" })
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    using var answer = await GetAsync(client, path);
                    return answer.IsSuccessStatusCode;
                },
                Eventually.Patience,
                () => $"{path} did not recover.");
        }

        await TestContext.Out.WriteLineAsync(
            $"away for {Stopwatch.GetElapsedTime(away, back).TotalSeconds:0} s, {rounds} rounds of {goOn.Length} and {depend.Length} requests; well {Stopwatch.GetElapsedTime(back).TotalSeconds:0.0} s after");
        for (var number = 1; number <= said; number++)
        {
            await FoundAsync(client, number);
        }
    }

    private static string Text(int number) => $"I love zq{number:D6}k.";

    private static Task<HttpResponseMessage> GetAsync(HttpClient client, string path) => client.GetAsync(new Uri(path, UriKind.Relative));

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string path, object body) => client.PostAsJsonAsync(path, body);

    private static async Task ExpectSuccessAsync(Func<Task<HttpResponseMessage>> ask)
    {
        using var answer = await ask();
        Assert.That(answer.IsSuccessStatusCode, Is.True, $"{answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri}: {await answer.Content.ReadAsStringAsync()}");
    }

    private static Task SayAsync(HttpClient client, int number)
        => ExpectSuccessAsync(() => PostAsync(client, "/v1/messages?wait=indexed,memories", new { conversation_id = "chat", role = "user", content = Text(number) }));

    /// <summary>Waits until a message is found and learned from.</summary>
    private static Task FoundAsync(HttpClient client, int number)
        => Eventually.TrueAsync(
            async () =>
            {
                foreach (var path in new[] { "/v1/memory/search", "/v1/memories/search" })
                {
                    using var answer = await GetAsync(client, $"{path}?query=zq{number:D6}k&top_k=1");
                    if (!answer.IsSuccessStatusCode || !(await answer.Content.ReadFromJsonAsync<JsonElement>()).ToString().Contains($"zq{number:D6}k", StringComparison.OrdinalIgnoreCase))
                    {
                        return false;
                    }
                }

                return true;
            },
            Eventually.Patience,
            () => $"Message {number} is not found and learned from.");
}
