using System.Diagnostics;
using System.Net.Http.Json;

namespace MemoryMesh.Benchmarks;

/// <summary>Acknowledged messages a second, one a request and in batches of 100, against raw inserts of the same texts with the same durability.</summary>
internal static class IngestBenchmark
{
    private const int BatchSize = 100;

    public static async Task<int> RunAsync(Options options)
    {
        Report.Machine();
        var corpus = new Corpus();
        await using var server = await Server.StartProductAsync();
        using var client = await server.RegisterAsync("bench", options.Clients);
        using var raw = new RawStore();

        // The first round warms both up and is not counted.
        var single = new List<(double Product, double Raw)>();
        var batch = new List<(double Product, double Raw)>();
        for (var round = 0; round <= options.Rounds; round++)
        {
            var texts = Enumerable.Range(0, options.Messages).Select(_ => corpus.Message()).ToArray();
            var product = await SendAsync(client, texts, options.Clients, round);
            var bare = Insert(raw, texts, 1);
            var productBatch = await SendBatchesAsync(client, texts, round);
            var bareBatch = Insert(raw, texts, BatchSize);
            if (round > 0)
            {
                single.Add((product, bare));
                batch.Add((productBatch, bareBatch));
            }
        }

        Report.Table(
            ["measure", "MemoryMesh/s", "raw/s", "ratio (median)", "goal"],
            [
                Row($"one message a request, {options.Clients} connections", single, ".50"),
                Row($"batches of {BatchSize}", batch, ".50"),
            ]);
        Console.WriteLine($"Resident after the run: {server.ResidentBytes / 1_048_576} MB");
        return 0;
    }

    private static string[] Row(string name, List<(double Product, double Raw)> rounds, string goal) =>
    [
        name,
        Report.Number(Report.Median(rounds.Select(round => round.Product))),
        Report.Number(Report.Median(rounds.Select(round => round.Raw))),
        Report.Number(Report.Median(rounds.Select(round => round.Product / round.Raw)), 2),
        goal,
    ];

    private static async Task<double> SendAsync(HttpClient client, string[] texts, int clients, int round)
    {
        var next = -1;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async worker =>
        {
            for (int at; (at = Interlocked.Increment(ref next)) < texts.Length;)
            {
                using var response = await client.PostAsJsonAsync(
                    "/v1/messages", new { conversation_id = $"{round}-{worker}", role = "user", content = texts[at] });
                response.EnsureSuccessStatusCode();
            }
        }));
        return texts.Length / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task<double> SendBatchesAsync(HttpClient client, string[] texts, int round)
    {
        var began = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(texts.Chunk(BatchSize), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (chunk, token) =>
        {
            using var response = await client.PostAsJsonAsync(
                "/v1/messages/batch",
                new { messages = chunk.Select(text => new { conversation_id = $"batch-{round}", role = "user", content = text }) },
                token);
            response.EnsureSuccessStatusCode();
        });
        return texts.Length / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static double Insert(RawStore raw, string[] texts, int rowsPerCommit)
    {
        var began = Stopwatch.GetTimestamp();
        foreach (var chunk in texts.Chunk(rowsPerCommit))
        {
            raw.Insert("bench", chunk);
        }

        return texts.Length / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
