using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;

namespace MemoryMesh.Benchmarks;

/// <summary>Time of a search for ten messages over HTTP, in one tenant of ten, against the bare full-text query over the same texts in this process.</summary>
internal static class SearchBenchmark
{
    private const int Tenants = 10;
    private const int Queries = 300;

    public static async Task<int> RunAsync(Options options)
    {
        Report.Machine();
        var corpus = new Corpus();
        await using var server = await Server.StartProductAsync();
        using var raw = new RawStore();
        var clients = new List<HttpClient>();
        var connections = new List<Connection>();
        var began = Stopwatch.GetTimestamp();
        for (var tenant = 0; tenant < Tenants; tenant++)
        {
            clients.Add(await server.RegisterAsync($"bench{tenant}", 8));
            connections.Add(await Connection.OpenAsync(server.Address));
            await LoadAsync(clients[tenant], raw, corpus, tenant, options.Messages / Tenants);
        }

        // An answer without results would be quick.
        var found = Encoding.UTF8.GetString((await connections[0].SendAsync(Requests(clients, [corpus.Query()])[0])).Span);
        if (found.Contains("\"results\":[]", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"Nothing was found: {found}");
        }

        Console.WriteLine($"{options.Messages:N0} messages in {Tenants} tenants stored and indexed in {Stopwatch.GetElapsedTime(began).TotalSeconds:N0} s");
        Console.WriteLine();

        var product = new List<double>();
        var bare = new List<double>();
        var ratios = new List<double>();
        for (var round = 0; round <= options.Rounds; round++)
        {
            var queries = Enumerable.Range(0, Queries).Select(_ => corpus.Query()).ToArray();
            var bareTimes = queries.Select((query, i) => Time(() => raw.Search($"tenant{i % Tenants}", query))).ToArray();
            var requests = Requests(clients, queries);
            var productTimes = new double[Queries];
            for (var i = 0; i < Queries; i++)
            {
                var at = Stopwatch.GetTimestamp();
                await connections[i % Tenants].SendAsync(requests[i]);
                productTimes[i] = Stopwatch.GetElapsedTime(at).TotalMilliseconds;
            }

            if (round > 0)
            {
                product.AddRange(productTimes);
                bare.AddRange(bareTimes);
                ratios.Add(Report.Median(productTimes) / Report.Median(bareTimes));
            }
        }

        var parallel = await ParallelTimesAsync(clients, connections, corpus);
        Report.Table(
            ["measure", "p50 ms", "p95 ms", "p99 ms"],
            [
                ["search over HTTP, 1 client", .. Quantiles(product)],
                ["search over HTTP, 4 clients", .. Quantiles(parallel)],
                ["bare full-text query and rows", .. Quantiles(bare)],
            ]);
        Report.Table(
            ["ratio", "value", "goal"],
            [["p50 of search / p50 of the bare query (median of rounds)", Report.Number(Report.Median(ratios), 2), "1.5"]]);
        Console.WriteLine($"Resident after the run: {server.ResidentBytes / 1_048_576} MB");
        clients.ForEach(client => client.Dispose());
        connections.ForEach(connection => connection.Dispose());

        return 0;
    }

    private static string[] Quantiles(List<double> times)
        => [.. ((double[])[.5, .95, .99]).Select(quantile => Report.Number(Report.Quantile(times, quantile), 2))];

    private static async Task LoadAsync(HttpClient client, RawStore raw, Corpus corpus, int tenant, int count)
    {
        foreach (var chunk in Enumerable.Range(0, count).Select(_ => corpus.Message()).Chunk(500))
        {
            // Waiting for the index keeps loading and measuring apart.
            using var response = await client.PostAsJsonAsync(
                "/v1/messages/batch?wait=indexed",
                new { messages = chunk.Select(text => new { conversation_id = $"c{tenant}", role = "user", content = text, extract_memory = false }) });
            response.EnsureSuccessStatusCode();
            raw.Insert($"tenant{tenant}", chunk);
        }
    }

    private static byte[][] Requests(List<HttpClient> clients, string[] queries) =>
    [
        .. queries.Select((query, i) => Connection.Get(
            $"/v1/memory/search?query={Uri.EscapeDataString(query)}&top_k=10",
            clients[i % Tenants].DefaultRequestHeaders.Authorization!.Parameter!)),
    ];

    private static async Task<List<double>> ParallelTimesAsync(List<HttpClient> clients, List<Connection> connections, Corpus corpus)
    {
        var requests = Requests(clients, [.. Enumerable.Range(0, 4 * Queries).Select(_ => corpus.Query())]);
        var times = new double[requests.Length];
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async worker =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < requests.Length;)
            {
                var at = Stopwatch.GetTimestamp();
                await connections[worker].SendAsync(requests[i]);
                times[i] = Stopwatch.GetElapsedTime(at).TotalMilliseconds;
            }
        }));
        return [.. times];
    }

    private static double Time(Action work)
    {
        var at = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(at).TotalMilliseconds;
    }
}
