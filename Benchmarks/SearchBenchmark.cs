using System.Diagnostics;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using MemoryMesh.Search;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Embedding.Remote;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Storage.Sqlite;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using MsOptions = Microsoft.Extensions.Options.Options;

namespace MemoryMesh.Benchmarks;

/// <summary>
/// Time of a search for ten messages over HTTP, in one tenant of ten whose messages have vectors, against the bare parts in this process: embedding the question, a scan of as many
/// vectors as the tenant has, and the full-text query over the same texts.
/// </summary>
/// <remarks>
/// Messages come in over HTTP. Embedding a hundred thousand of them would take the better part of an hour on two processors, and searching takes as long whatever the numbers are: so the server
/// is stopped, their vectors are put into its folder (<see cref="RandomVectors"/>), and it is started again. Questions are embedded by the real model, none of them twice.
/// </remarks>
internal static class SearchBenchmark
{
    private const int Tenants = 10;
    private const int Queries = 300;
    private const double Megabyte = 1_048_576;
    private const double BareProgram = 64;

    /// <summary>After so long without a request the product has given back what it does not need.</summary>
    private static readonly TimeSpan AtRest = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(Options options)
    {
        Report.Machine();
        var folder = Directory.CreateTempSubdirectory("memorymesh-bench-").FullName;
        try
        {
            var corpus = Corpus.OfEnglish();
            using var raw = new RawStore();
            var (encryptionKey, indexKey) = (RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
            var environment = new Dictionary<string, string>
            {
                ["ENCRYPTION_KEY"] = Convert.ToHexString(encryptionKey),
                ["MEMORY_INDEX_KEY"] = Convert.ToHexString(indexKey),
            };
            var began = Stopwatch.GetTimestamp();
            await using (var loading = await Server.StartProductAsync(environment, folder))
            {
                for (var tenant = 0; tenant < Tenants; tenant++)
                {
                    using var client = await loading.RegisterAsync($"bench{tenant}", 8);
                    await LoadAsync(client, raw, corpus, tenant, options.Messages / Tenants);
                }
            }

            var stored = Stopwatch.GetElapsedTime(began);
            var filled = await FillAsync(folder, new KeyRing(encryptionKey, indexKey));
            Console.WriteLine($"{options.Messages:N0} messages in {Tenants} tenants stored and indexed in {stored.TotalSeconds:N0} s, {filled:N0} of them given vectors afterwards");
            Console.WriteLine();
            await using var server = await Server.StartProductAsync(environment, folder);
            await MeasureAsync(server, raw, corpus, options);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private static async Task MeasureAsync(Server server, RawStore raw, Corpus corpus, Options options)
    {
        var clients = new List<HttpClient>();
        var connections = new List<Connection>();
        for (var tenant = 0; tenant < Tenants; tenant++)
        {
            clients.Add(await server.LogInAsync($"bench{tenant}", 1));
            connections.Add(await Connection.OpenAsync(server.Address));
        }

        // An answer without results would be quick, and one by words alone too.
        var found = Encoding.UTF8.GetString((await connections[0].SendAsync(Requests(clients, [corpus.Query()], "&explain=true")[0])).Span);
        if (!found.Contains("late_interaction", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"Nothing was found by meaning: {found}");
        }

        // What storing left to do is not searching.
        await server.RestAsync();
        using var embedder = new LocalTextEmbedder(MsOptions.Create(new LocalEmbedderOptions()), NullLogger<LocalTextEmbedder>.Instance);
        using var partition = Partition(options.Messages / Tenants);
        var cosines = new float[options.Messages / Tenants];
        List<double> product = [], embedding = [], scan = [], words = [], ratios = [];
        for (var round = 0; round <= options.Rounds; round++)
        {
            var queries = Enumerable.Range(0, Queries).Select(_ => corpus.Query()).ToArray();
            var (embeddingTimes, scanTimes, wordTimes) = (new double[Queries], new double[Queries], new double[Queries]);
            for (var i = 0; i < Queries; i++)
            {
                var at = Stopwatch.GetTimestamp();
                var pooled = (await embedder.EncodeAsync([new TextInContext(queries[i])], CancellationToken.None))[0].Pooled;
                embeddingTimes[i] = Stopwatch.GetElapsedTime(at).TotalMilliseconds;
                scanTimes[i] = Time(() => partition.Read(view =>
                {
                    view.Cosines(QueryVectors.Create(1, pooled.Span, [], null), cosines);
                    return 0;
                }));
                wordTimes[i] = Time(() => raw.Search($"tenant{i % Tenants}", queries[i]));
            }

            var requests = Requests(clients, queries);
            var productTimes = new double[Queries];
            for (var i = 0; i < Queries; i++)
            {
                var at = Stopwatch.GetTimestamp();
                await connections[i % Tenants].SendAsync(requests[i]);
                productTimes[i] = Stopwatch.GetElapsedTime(at).TotalMilliseconds;
            }

            // The first round loads code and partitions.
            if (round > 0)
            {
                product.AddRange(productTimes);
                embedding.AddRange(embeddingTimes);
                scan.AddRange(scanTimes);
                words.AddRange(wordTimes);
                ratios.Add(Report.Median(productTimes) / Report.Median(Enumerable.Range(0, Queries).Select(i => embeddingTimes[i] + scanTimes[i] + wordTimes[i])));
            }
        }

        var parallel = await ParallelTimesAsync(clients, connections, corpus);
        Report.Table(
            ["measure", "p50 ms", "p95 ms", "p99 ms"],
            [
                ["search over HTTP, 1 client", .. Quantiles(product)],
                ["search over HTTP, 4 clients", .. Quantiles(parallel)],
                [$"embedding the question, kernel {embedder.Kernel}", .. Quantiles(embedding)],
                ["bare scan of the tenant's vectors", .. Quantiles(scan)],
                ["bare full-text query and rows", .. Quantiles(words)],
            ]);
        var model = new FileInfo(Path.Combine(AppContext.BaseDirectory, new LocalEmbedderOptions().ModelFile)).Length / Megabyte;
        var vectors = options.Messages * (double)(RandomVectors.Dimensions + (RandomVectors.TokensOfAMessage * RandomVectors.SignBytes)) / Megabyte;
        var working = server.ResidentBytes / Megabyte;
        await Task.Delay(AtRest);
        var resident = server.ResidentBytes / Megabyte;
        Report.Table(
            ["ratio", "value", "goal"],
            [
                ["p50 of search / p50 of embedding, scan and full-text query, one after the other (median of rounds)", Report.Number(Report.Median(ratios), 2), "1.3"],
                ["p99 / p50 with 4 clients", Report.Number(Report.Quantile(parallel, .99) / Report.Median(parallel), 2), "4"],
                [$"memory in the run ({working:N0} MB) / (pooled bytes + signs + 64 MB + model)", Report.Number(working / (vectors + BareProgram + model), 2), "1.3"],
                [$"memory {AtRest.TotalSeconds:N0} s after it ({resident:N0} MB) / the same", Report.Number(resident / (vectors + BareProgram + model), 2), "1.3"],
            ]);
        clients.ForEach(client => client.Dispose());
        connections.ForEach(connection => connection.Dispose());
    }

    private static string[] Quantiles(List<double> times)
        => [.. ((double[])[.5, .95, .99]).Select(quantile => Report.Number(Report.Quantile(times, quantile), 2))];

    private static async Task LoadAsync(HttpClient client, RawStore raw, Corpus corpus, int tenant, int count)
    {
        foreach (var chunk in Enumerable.Range(0, count).Select(_ => corpus.Message()).Chunk(500))
        {
            using var response = await client.PostAsJsonAsync(
                "/v1/messages/batch?wait=indexed",
                new { messages = chunk.Select(text => new { conversation_id = $"c{tenant}", role = "user", content = text, extract_memory = false }) });
            response.EnsureSuccessStatusCode();
            raw.Insert($"tenant{tenant}", chunk);
        }
    }

    private static async Task<int> FillAsync(string folder, KeyRing ring)
    {
        await using var database = new ModuleDatabase(
            SearchModule.Name, Migration.FromResources(typeof(SearchModule).Assembly, "MemoryMesh.Search.Migrations."), folder, ring, NullLoggerFactory.Instance);
        using var embedder = new LocalTextEmbedder(MsOptions.Create(new LocalEmbedderOptions()), NullLogger<LocalTextEmbedder>.Instance);
        using var embedders = new Embedders(embedder, MsOptions.Create(new EmbeddingOptions()), TimeProvider.System, NullLogger<RemoteTextEmbedder>.Instance);
        var store = new SqliteVectorStore(database, ring);
        using var models = new EmbeddingModels(embedders, store);
        return await new RandomVectors(3).StoreAsync(store, (await models.GetAsync(CancellationToken.None)).Serving.Stored);
    }

    private static VectorPartition Partition(int items)
    {
        var random = new RandomVectors(4);
        var key = new PartitionKey(Guid.NewGuid(), ItemKind.Message, Guid.NewGuid());
        var partition = new VectorPartition(key, RandomVectors.Dimensions);
        for (var item = 0; item < items; item++)
        {
            partition.Upsert(VectorBenchmark.Item(key), random.Next(tokens: 0));
        }

        return partition;
    }

    private static byte[][] Requests(List<HttpClient> clients, string[] queries, string more = "") =>
    [
        .. queries.Select((query, i) => Connection.Get(
            $"/v1/memory/search?query={Uri.EscapeDataString(query)}&top_k=10{more}",
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
