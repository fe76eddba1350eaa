using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace MemoryMesh.Benchmarks;

/// <summary>Memories stored and searched over HTTP, against mem0ai (npm, its open-source mode), one after the other, with the same embedding endpoint.</summary>
/// <remarks>
/// One server gives both their vectors: MemoryMesh in its own process, mem0 over <c>/v1/embeddings</c>. Texts are of common English words, the same for
/// both, stored one at a time and as they are. A memory of MemoryMesh counts as added when its meaning is found too, so the time goes on until the last is.
/// The sizes follow each other: each search is timed over all that was stored so far.
/// </remarks>
internal static class VersusMem0Benchmark
{
    private const int Queries = 60;
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(5);
    private static readonly int[] DefaultSizes = [2_000, 5_000, 10_000];

    private static readonly string[] Columns =
    [
        "memories", "search p50 ms", "mem0 p50 ms", "times faster", "acknowledged/s", "added and embedded/s", "mem0 added/s", "times, acknowledged", "times, embedded",
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        if (Text(args, "--mem0") is not { } folder || !Directory.Exists(Path.Combine(folder, "node_modules", "mem0ai")))
        {
            Console.Error.WriteLine("Install it in a folder of its own, npm install mem0ai better-sqlite3 compromise, and give that as --mem0 FOLDER.");
            return 2;
        }

        var sizes = Text(args, "--sizes")?.Split(',').Select(size => int.Parse(size, CultureInfo.InvariantCulture)).ToArray() ?? DefaultSizes;
        Report.Machine();
        await using var server = await Server.StartProductAsync(new Dictionary<string, string> { ["Search__ServeEmbeddings"] = "true" });
        using var client = await server.RegisterAsync("bench", 1);
        var token = client.DefaultRequestHeaders.Authorization!.Parameter!;
        using var other = Mem0.Start(folder, new Uri(server.Address, "/v1"), token);
        var corpus = Corpus.OfEnglish();
        var stored = 0;
        foreach (var size in sizes)
        {
            var texts = Enumerable.Range(0, size - stored).Select(_ => corpus.Message()).ToArray();
            var queries = Enumerable.Range(0, Queries).Select(_ => corpus.Query()).ToArray();
            stored = size;
            var (acknowledged, added) = await AddAsync(client, server.Address, token, texts, size);
            var otherAdded = (await other.AskAsync(new { add = texts })).Sum() / 1_000;

            // The server closes one that rested for as long as mem0 may take for that.
            using var connection = await Connection.OpenAsync(server.Address);

            // In turn, so that both have the same minute of the machine.
            var (own, theirs) = (new List<double>(), new List<double>());
            foreach (var chunk in queries.Chunk(Queries / 4))
            {
                own.AddRange(await SearchAsync(connection, token, chunk));
                theirs.AddRange(await other.AskAsync(new { search = chunk }));
            }

            // Each size as soon as it is measured: at the last, mem0 takes the better part of an hour.
            Report.Table(Columns,
            [[
                Report.Number(size),
                Report.Number(Report.Median(own), 2),
                Report.Number(Report.Median(theirs), 1),
                Report.Number(Report.Median(theirs) / Report.Median(own), 1),
                Report.Number(texts.Length / acknowledged),
                Report.Number(texts.Length / added),
                Report.Number(texts.Length / otherAdded),
                Report.Number(otherAdded / acknowledged, 1),
                Report.Number(otherAdded / added, 1),
            ]]);
        }

        return 0;
    }

    /// <summary>Stores memories one at a time.</summary>
    /// <returns>Seconds until all were acknowledged, and until all were found by their meaning.</returns>
    private static async Task<(double Acknowledged, double Added)> AddAsync(HttpClient client, Uri address, string token, string[] texts, int total)
    {
        using var connection = await Connection.OpenAsync(address);
        var requests = texts.Select(text => Connection.Post("/v1/memories", token, JsonSerializer.SerializeToUtf8Bytes(new { text, category = "other" }))).ToList();
        var began = Stopwatch.GetTimestamp();
        foreach (var request in requests)
        {
            await connection.SendAsync(request);
        }

        var acknowledged = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var (reached, at) = (0L, began);
        while (true)
        {
            using var stats = JsonDocument.Parse(await client.GetStringAsync(new Uri("/v1/analytics/embedding-stats", UriKind.Relative)));
            var embedded = stats.RootElement.GetProperty("items").EnumerateArray()
                .First(item => item.GetProperty("kind").GetString() == "memory").GetProperty("embedded").GetInt64();
            (reached, at) = embedded > reached ? (embedded, Stopwatch.GetTimestamp()) : (reached, at);

            // A few texts say the same as one before them and are merged with it.
            if (reached == total || (reached > total * .99 && Stopwatch.GetElapsedTime(at) > Settled))
            {
                return (acknowledged, Stopwatch.GetElapsedTime(began, at).TotalSeconds);
            }

            await Task.Delay(20);
        }
    }

    private static async Task<List<double>> SearchAsync(Connection connection, string token, string[] queries)
    {
        var times = new List<double>(queries.Length);
        var empty = 0;
        foreach (var request in queries.Select(query => Connection.Get($"/v1/memories/search?query={Uri.EscapeDataString(query)}&top_k=10", token)).ToList())
        {
            var at = Stopwatch.GetTimestamp();
            var answer = await connection.SendAsync(request);
            times.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);

            empty += answer.Span.IndexOf("\"count\":0"u8) >= 0 ? 1 : 0;
        }

        // An answer without results would be quick; a few rare words stand nowhere.
        if (empty > queries.Length / 5)
        {
            throw new InvalidOperationException($"{empty} of {queries.Length} questions found nothing.");
        }

        return times;
    }

    private static string? Text(string[] args, string name)
    {
        var at = Array.IndexOf(args, name);
        return at < 0 || at + 1 >= args.Length ? null : args[at + 1];
    }

    /// <summary>mem0 in a process of its own.</summary>
    private sealed class Mem0 : IDisposable
    {
        private readonly Process _process;
        private readonly string _data;

        private Mem0(Process process, string data) => (_process, _data) = (process, data);

        public static Mem0 Start(string folder, Uri embeddings, string key)
        {
            var data = Directory.CreateTempSubdirectory("memorymesh-mem0-").FullName;
            var script = Path.Combine(AppContext.BaseDirectory, "versus-mem0.mjs");
            var start = new ProcessStartInfo("node", [script, Path.GetFullPath(folder), data, embeddings.ToString(), key, "bge-small-en-v1.5", "384"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            };
            return new(Process.Start(start)!, data);
        }

        /// <summary>Milliseconds of each call.</summary>
        public async Task<double[]> AskAsync<T>(T calls)
        {
            await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(calls));
            await _process.StandardInput.FlushAsync();
            using var answer = JsonDocument.Parse(await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("mem0 ended."));
            return [.. answer.RootElement.GetProperty("milliseconds").EnumerateArray().Select(time => time.GetDouble())];
        }

        public void Dispose()
        {
            _process.StandardInput.Close();
            _process.WaitForExit();
            _process.Dispose();
            Directory.Delete(_data, recursive: true);
        }
    }
}
