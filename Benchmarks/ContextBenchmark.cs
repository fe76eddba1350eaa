using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace MemoryMesh.Benchmarks;

/// <summary>Time of a context and of a profile over HTTP, for a subject with many memories.</summary>
internal static class ContextBenchmark
{
    private const int Questions = 200;
    private const double ContextGoal = 15;
    private const double ProfileGoal = 2;
    private static readonly string[] Categories = ["name", "preference", "interest", "goal", "event", "possession", "relationship", "location", "style", "other"];

    public static async Task<int> RunAsync(Options options)
    {
        Report.Machine();
        await using var server = await Server.StartProductAsync();
        var corpus = new Corpus();
        using var client = await server.RegisterAsync("context", options.Clients);
        var account = await client.GetFromJsonAsync<JsonElement>("/v1/auth/me");
        var subject = account.GetProperty("id").GetString()!;
        await LoadAsync(client, corpus, options);
        var token = client.DefaultRequestHeaders.Authorization!.Parameter!;
        using var connection = await Connection.OpenAsync(server.Address);
        var (profile, fresh, repeated) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < Questions; i++)
        {
            var question = Connection.Get($"/v1/context?conversation_id=c&query={Uri.EscapeDataString(corpus.Query())}", token);
            profile.Add(await TimeAsync(connection, Connection.Get($"/v1/subjects/{subject}/profile", token)));
            fresh.Add(await TimeAsync(connection, question));

            // Its vector is remembered: what is left is everything but the embedding.
            repeated.Add(await TimeAsync(connection, question));
        }

        Report.Table(
            ["measure", "p50 ms", "p95 ms", "p99 ms", "goal for p50"],
            [
                ["profile over HTTP", .. Quantiles(profile), Report.Number(ProfileGoal, 0)],
                ["context over HTTP, question embedded before", .. Quantiles(repeated), Report.Number(ContextGoal, 0)],
                ["context over HTTP, new question", .. Quantiles(fresh), "the same and one embedding"],
            ]);
        Console.WriteLine($"{options.Messages} memories of the subject; resident after the run: {server.ResidentBytes / 1_048_576} MB");
        return 0;
    }

    private static string[] Quantiles(List<double> times)
        => [.. ((double[])[.5, .95, .99]).Select(quantile => Report.Number(Report.Quantile(times.Skip(Questions / 10), quantile), 2))];

    private static async Task<double> TimeAsync(Connection connection, byte[] request)
    {
        var at = Stopwatch.GetTimestamp();
        await connection.SendAsync(request);
        return Stopwatch.GetElapsedTime(at).TotalMilliseconds;
    }

    private static async Task LoadAsync(HttpClient client, Corpus corpus, Options options)
    {
        for (var i = 0; i < 30; i++)
        {
            using var said = await client.PostAsJsonAsync("/v1/messages", new { conversation_id = "c", role = i % 2 == 0 ? "user" : "assistant", content = corpus.Message(), extract_memory = false });
            said.EnsureSuccessStatusCode();
        }

        var texts = Enumerable.Range(0, options.Messages).Select(i => (Text: $"User {string.Join(' ', corpus.Message().Split(' ').Take(10))} {i}", Category: Categories[i % Categories.Length]));
        await Parallel.ForEachAsync(texts, new ParallelOptions { MaxDegreeOfParallelism = options.Clients }, async (memory, cancellationToken) =>
        {
            using var added = await client.PostAsJsonAsync("/v1/memories", new { text = memory.Text, category = memory.Category }, cancellationToken);
            added.EnsureSuccessStatusCode();
        });
        while (true)
        {
            var stats = await client.GetFromJsonAsync<JsonElement>("/v1/analytics/embedding-stats");
            var memories = stats.GetProperty("items").EnumerateArray().Single(item => item.GetProperty("kind").GetString() == "memory");
            if (memories.GetProperty("embedded").GetInt64() >= options.Messages)
            {
                return;
            }

            await Task.Delay(500);
        }
    }
}
