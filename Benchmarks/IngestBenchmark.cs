using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace MemoryMesh.Benchmarks;

/// <summary>Acknowledged messages a second, one a request and in batches of 100, against raw inserts of the same texts with the same durability.</summary>
internal static class IngestBenchmark
{
    private const int BatchSize = 100;
    private const int BatchConnections = 4;

    public static async Task<int> RunAsync(Options options)
    {
        Report.Machine();
        var corpus = new Corpus();
        await using var server = await Server.StartProductAsync();
        using var client = await server.RegisterAsync("bench", options.Clients);
        using var raw = new RawStore();

        // The first round warms both up and is not counted.
        var single = new List<Round>();
        var batch = new List<Round>();
        for (var round = 0; round <= options.Rounds; round++)
        {
            var texts = Enumerable.Range(0, options.Messages).Select(_ => corpus.Message()).ToArray();
            var product = await SendAsync(server, client, SingleRequests(client, texts, options.Clients, round), texts.Length, options.Clients);
            var bare = Insert(raw, texts, 1);
            var productBatch = await SendAsync(server, client, BatchRequests(client, texts, round), texts.Length, BatchConnections);
            var bareBatch = Insert(raw, texts, BatchSize);
            if (round > 0)
            {
                single.Add(new(product, bare));
                batch.Add(new(productBatch, bareBatch));
            }
        }

        Report.Table(
            ["measure", "acknowledged/s", "learned from and searchable/s", "raw/s", "ratio of acknowledged (median)", "goal", "ratio of searchable"],
            [
                Row($"one message a request, {options.Clients} connections", single, ".50"),
                Row($"batches of {BatchSize}, {BatchConnections} connections", batch, ".50"),
            ]);
        Console.WriteLine($"Resident after the run: {server.ResidentBytes / 1_048_576} MB");
        return 0;
    }

    private static string[] Row(string name, List<Round> rounds, string goal) =>
    [
        name,
        Report.Number(Report.Median(rounds.Select(round => round.Product.Acknowledged))),
        Report.Number(Report.Median(rounds.Select(round => round.Product.Done))),
        Report.Number(Report.Median(rounds.Select(round => round.Raw))),
        Report.Number(Report.Median(rounds.Select(round => round.Product.Acknowledged / round.Raw)), 2),
        goal,
        Report.Number(Report.Median(rounds.Select(round => round.Product.Done / round.Raw)), 2),
    ];

    private static byte[][] SingleRequests(HttpClient client, string[] texts, int clients, int round) =>
    [
        .. texts.Select((text, i) => Connection.Post(
            "/v1/messages",
            Token(client),
            JsonSerializer.SerializeToUtf8Bytes(new { conversation_id = $"{round}-{i % clients}", role = "user", content = text }))),
    ];

    private static byte[][] BatchRequests(HttpClient client, string[] texts, int round) =>
    [
        .. texts.Chunk(BatchSize).Select(chunk => Connection.Post(
            "/v1/messages/batch",
            Token(client),
            JsonSerializer.SerializeToUtf8Bytes(
                new { messages = chunk.Select(text => new { conversation_id = $"batch-{round}", role = "user", content = text }) }))),
    ];

    private static string Token(HttpClient client) => client.DefaultRequestHeaders.Authorization!.Parameter!;

    /// <summary>Sends requests made beforehand, then waits until the server is done with their messages, so that the next measurement has the machine to itself.</summary>
    private static async Task<Rates> SendAsync(Server server, HttpClient client, byte[][] requests, int messages, int connections)
    {
        var opened = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Connection.OpenAsync(server.Address)));
        var next = -1;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(opened.Select(async connection =>
        {
            for (int at; (at = Interlocked.Increment(ref next)) < requests.Length;)
            {
                await connection.SendAsync(requests[at]);
            }
        }));
        var acknowledged = messages / Stopwatch.GetElapsedTime(began).TotalSeconds;
        while (!await IsDoneAsync(client))
        {
        }

        var done = messages / Stopwatch.GetElapsedTime(began).TotalSeconds;
        foreach (var connection in opened)
        {
            connection.Dispose();
        }

        return new Rates(acknowledged, done);
    }

    /// <summary>Whether a message that is stored now is indexed and learned from within the longest wait: what came before it then is too.</summary>
    private static async Task<bool> IsDoneAsync(HttpClient client)
    {
        using var response = await client.PostAsJsonAsync(
            "/v1/messages?wait=indexed,memories", new { conversation_id = "last", role = "user", content = "The last one." });
        response.EnsureSuccessStatusCode();
        return response.StatusCode == HttpStatusCode.Created;
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

    /// <summary>Messages a second.</summary>
    /// <param name="Acknowledged">Until the last was answered.</param>
    /// <param name="Done">Until the last could be found too, and memories were drawn from it.</param>
    private sealed record Rates(double Acknowledged, double Done);

    private sealed record Round(Rates Product, double Raw);
}
