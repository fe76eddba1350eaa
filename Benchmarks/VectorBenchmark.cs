using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MemoryMesh.Search;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Embedding.Remote;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Storage;
using MemoryMesh.Search.Storage.Sqlite;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using MsOptions = Microsoft.Extensions.Options.Options;

namespace MemoryMesh.Benchmarks;

/// <summary>What the vector index costs over plain reading: its scan, loading from disk, and memory; and how rounded vectors rank beside exact ones.</summary>
internal static class VectorBenchmark
{
    private const int Dimensions = RandomVectors.Dimensions;
    private const int Owners = 10;
    private const double Megabyte = 1_048_576;
    private const double BareProgram = 64;
    private const int QuestionTokens = 5;
    private const int QuestionsARound = 100;

    public static async Task<int> RunAsync(string[] args)
    {
        Report.Machine();
        var (items, rounds) = (Number(args, "--items", 100_000), Number(args, "--rounds", 15));
        Scan(items, rounds);
        Look(items, rounds);
        await LoadAsync(items, rounds);
        if (Array.IndexOf(args, "--locomo") is var at and >= 0)
        {
            await OverlapAsync(args[at + 1]);
        }

        return 0;
    }

    /// <summary>The scan of one partition against a loop that only adds up the same bytes.</summary>
    private static void Scan(int items, int rounds)
    {
        var random = new RandomVectors(1);
        var key = new PartitionKey(Guid.NewGuid(), ItemKind.Message, Guid.NewGuid());
        using var partition = new VectorPartition(key, Dimensions);
        partition.Reserve(items);
        for (var item = 0; item < items; item++)
        {
            partition.Upsert(Item(key), random.Next(tokens: 0));
        }

        var bytes = GC.AllocateUninitializedArray<sbyte>(items * Dimensions);
        new Random(1).NextBytes(MemoryMarshal.AsBytes(bytes.AsSpan()));
        var query = QueryVectors.Create(1, random.Unit(), [], null);
        var cosines = new float[items];
        var (scan, read) = (double.MaxValue, double.MaxValue);
        var ratios = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            var (scanned, summed) = (double.MaxValue, double.MaxValue);
            for (var repeat = 0; repeat < 10; repeat++)
            {
                scanned = Math.Min(scanned, Time(() => partition.Read(view =>
                {
                    view.Cosines(query, cosines);
                    return 0;
                })));
                summed = Math.Min(summed, Time(() => Sum(bytes)));
            }

            ratios.Add(summed / scanned);
            (scan, read) = (Math.Min(scan, scanned), Math.Min(read, summed));
        }

        double Gigabytes(double milliseconds) => items * (double)Dimensions / milliseconds / 1e6;
        Report.Table(
            [$"{items:N0} vectors, kernel {ByteDot.Kernel}", "ms", "GB/s"],
            [["scan", Report.Number(scan, 2), Report.Number(Gigabytes(scan), 1)], ["plain read loop", Report.Number(read, 2), Report.Number(Gigabytes(read), 1)]]);
        Report.Table(["ratio", "value", "goal"], [["bytes/s of the scan / of the read loop (median of rounds)", Report.Number(Report.Median(ratios), 2), ".80"]]);
    }

    /// <summary>
    /// A question on its way through one owner's messages, each time another's, as nobody asks the same owner all the time: the scan, and what the ranking needs to know of the nearest,
    /// of those that full text found and of those around them.
    /// </summary>
    private static void Look(int items, int rounds)
    {
        var random = new RandomVectors(5);
        var partitions = new List<(VectorPartition Partition, List<IndexedItem> Items)>();
        for (var owner = 0; owner < Owners; owner++)
        {
            var key = new PartitionKey(Guid.NewGuid(), ItemKind.Message, Guid.NewGuid());
            var partition = new VectorPartition(key, Dimensions);
            partition.Reserve(items / Owners);
            var stored = Enumerable.Range(0, items / Owners).Select(_ => Item(key)).ToList();
            stored.ForEach(item => partition.Upsert(item, random.Next()));
            partitions.Add((partition, stored));
        }

        var rotation = new SignRotation(Dimensions);
        var options = new SearchOptions();
        var (looks, scans) = (new List<double>(), new List<double>());
        var cosines = new float[items];
        for (var at = 0; at < rounds * QuestionsARound; at++)
        {
            var (partition, stored) = partitions[at % Owners];
            var vectors = QueryVectors.Create(1, random.Unit(), [.. Enumerable.Range(0, QuestionTokens).Select(_ => ((ReadOnlyMemory<float>)random.Unit(), 1.0))], rotation);
            var question = new VectorQuestion
            {
                Filter = new ItemFilter { TenantId = partition.Key.TenantId, Kind = ItemKind.Message, OwnerKeys = [partition.Key.OwnerKey] },
                Vectors = vectors,
                Lexical = [.. Enumerable.Range(0, options.Candidates).Select(n => stored[(int)((n + 1) * 7_919L * (at + 1) % stored.Count)]).DistinctBy(item => item.Id)
                    .Select(item => new ScoredItem(new(item.Id, item.OwnerKey, item.Role, item.CreatedAt, null), 1))],
                IsNamed = _ => false,
                Limit = options.Candidates,
            };
            looks.Add(Time(() =>
            {
                var scan = new VectorScan(question, options);
                partition.Read(view =>
                {
                    scan.Look(partition, view);
                    return 0;
                });
                scan.Finish();
            }));
            var other = partitions[(at + (Owners / 2)) % Owners].Partition;
            scans.Add(Time(() => other.Read(view =>
            {
                view.Cosines(vectors, cosines);
                return 0;
            })));
        }

        partitions.ForEach(partition => partition.Partition.Dispose());
        Report.Table(
            [$"a question to {items / Owners:N0} of {items:N0} messages", "p50 ms", "p95 ms"],
            [
                ["scan alone", Report.Number(Report.Median(scans), 2), Report.Number(Report.Quantile(scans, .95), 2)],
                ["scan, late interaction and neighbours of the best", Report.Number(Report.Median(looks), 2), Report.Number(Report.Quantile(looks, .95), 2)],
            ]);
    }

    /// <summary>Reading partitions into memory against reading the same bytes from the file, and what they take there.</summary>
    private static async Task LoadAsync(int items, int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("memorymesh-vectors-").FullName;
        try
        {
            var ring = new KeyRing(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
            var options = MsOptions.Create(new SearchOptions());
            await using var database = new ModuleDatabase(
                SearchModule.Name, Migration.FromResources(typeof(SearchModule).Assembly, "MemoryMesh.Search.Migrations."), folder, ring, NullLoggerFactory.Instance);
            using var embedder = new LocalTextEmbedder(MsOptions.Create(new LocalEmbedderOptions()), NullLogger<LocalTextEmbedder>.Instance);
            using var embedders = new Embedders(embedder, MsOptions.Create(new EmbeddingOptions()), TimeProvider.System, NullLogger<RemoteTextEmbedder>.Instance);
            var store = new SqliteVectorStore(database, ring);
            using var models = new EmbeddingModels(embedders, store);
            var model = (await models.GetAsync(CancellationToken.None)).Serving.Stored;
            var keys = await FillAsync(database, ring, options.Value, store, model, items);
            var bytes = await database.Data.ReadAsync(session => session.Scalar("SELECT SUM(length(content)) FROM vector_contents"), CancellationToken.None);
            List<string> files = [database.Data.Path, .. Directory.EnumerateFiles(database.CopiesFolder)];
            var before = Settled();
            VectorPartition[]? loaded = null;
            var (cold, warm) = (new Loading(), new Loading());
            for (var round = 0; round < 2 * rounds; round++)
            {
                // From the disk, the system's copies of the file being dropped before each; and from these copies.
                var loading = round % 2 == 0 ? cold : warm;
                Prepare(files, isDropped: loading == cold);
                loading.Read.Add(Time(() => files.ForEach(file => ReadFile(file))) * bytes / files.Sum(file => new FileInfo(file).Length));
                Prepare(files, isDropped: loading == cold);
                var began = Stopwatch.GetTimestamp();
                var used = Environment.CpuUsage.TotalTime;
                loaded = new VectorPartition[keys.Count];
                for (var at = 0; at < keys.Count; at++)
                {
                    loaded[at] = await LoadAsync(store, keys[at], model);
                }

                loading.Load.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                loading.Processor.Add((Environment.CpuUsage.TotalTime - used).TotalMilliseconds);
            }

            var growth = (Settled() - before) / Megabyte;
            var vectors = items * (double)(Dimensions + (RandomVectors.TokensOfAMessage * RandomVectors.SignBytes)) / Megabyte;
            string[] Row(string name, List<double> times)
                => [name, Report.Number(Report.Median(times)), Report.Number(bytes / Megabyte / Report.Median(times) * 1_000)];
            Report.Table(
                [$"{items:N0} messages of {RandomVectors.TokensOfAMessage} kept tokens, {Owners} owners", "ms", "MB/s"],
                [
                    Row("from disk into memory, opened and laid out", cold.Load),
                    Row("processor time of that", cold.Processor),
                    Row("plain reading of as many bytes of the files from disk", cold.Read),
                    Row("from the system's copies into memory, opened and laid out", warm.Load),
                    Row("plain reading of as many bytes of these copies", warm.Read),
                ]);
            Report.Table(
                ["ratio", "value", "goal"],
                [
                    ["speed of loading / of plain reading, from disk", Report.Number(cold.Ratio, 2), ".50"],
                    ["the same from the system's copies", Report.Number(warm.Ratio, 2), ""],
                ]);
            var file = new FileInfo(Path.Combine(AppContext.BaseDirectory, new LocalEmbedderOptions().ModelFile)).Length / Megabyte;
            await using var server = await Server.StartProductAsync();
            using var client = await server.RegisterAsync("bench", 1);
            using var asked = await client.GetAsync(new Uri("/v1/memory/search?query=warm", UriKind.Relative));
            asked.EnsureSuccessStatusCode();
            var product = server.ResidentBytes / Megabyte;
            Report.Table(
                ["memory", "MB"],
                [
                    ["pooled bytes and token signs", Report.Number(vectors)],
                    ["the index in memory", Report.Number(growth)],
                    ["the product with its model, without messages", Report.Number(product)],
                    ["both / (pooled bytes + signs + 64 MB + model), goal 1.3", Report.Number((product + growth) / (vectors + BareProgram + file), 2)],
                ]);
            foreach (var partition in loaded!)
            {
                partition.Dispose();
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Milliseconds of the rounds.</summary>
    private sealed class Loading
    {
        public List<double> Read { get; } = [];

        public List<double> Load { get; } = [];

        public List<double> Processor { get; } = [];

        public double Ratio => Report.Median(Load.Zip(Read, (one, other) => other / one));
    }

    private static async Task<List<PartitionKey>> FillAsync(
        ModuleDatabase database, KeyRing ring, SearchOptions options, SqliteVectorStore store, StoredModel model, int items)
    {
        var random = new RandomVectors(2);
        var tenant = Guid.NewGuid();
        var index = new SqliteItemIndex(database, ring, MsOptions.Create(options), TimeProvider.System);
        var keys = Enumerable.Range(0, Owners).Select(_ => new PartitionKey(tenant, ItemKind.Message, Guid.NewGuid())).ToList();
        foreach (var places in Enumerable.Range(0, items).Chunk(500))
        {
            await index.ApplyAsync([.. places.Select(at => new IndexEntry(Item(keys[at % Owners]), []))], [], CancellationToken.None);
            await random.StoreAsync(store, model);
        }

        await database.Data.ScrubAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
        return keys;
    }

    private static async Task<VectorPartition> LoadAsync(SqliteVectorStore store, PartitionKey key, StoredModel model)
    {
        var partition = new VectorPartition(key, Dimensions);
        await store.ReadPartitionAsync(key, model, partition, CancellationToken.None);
        return partition;
    }

    /// <summary>How many of the ten nearest are the ten nearest of exact vectors, for the questions of conversations in LoCoMo's format.</summary>
    private static async Task OverlapAsync(string path)
    {
        using var embedder = new LocalTextEmbedder(MsOptions.Create(new LocalEmbedderOptions()), NullLogger<LocalTextEmbedder>.Instance);
        var (coarse, fine, questions) = (0, 0, 0);
        foreach (var conversation in LocomoConversation.Read(path))
        {
            var turns = await EmbedAsync(embedder, [.. conversation.Turns.Select(turn => $"{turn.Metadata["speaker"]}: {turn.Text}")]);
            var rounded = turns.ConvertAll(vector => RoundedVector.Round(vector.Span));
            foreach (var question in await EmbedAsync(embedder, [.. conversation.Questions.Select(question => question.Text)]))
            {
                var query = QueryVectors.Create(1, question.Span, [], null);
                var exact = Best([.. turns.Select(turn => Dot(turn.Span, question.Span))], 10);
                var product = new int[1];
                var scanned = rounded.ConvertAll(vector =>
                {
                    ByteDot.Multiply(query.Pooled, vector.Values, product);
                    return (double)product[0] * vector.Scale;
                });
                coarse += exact.Intersect(Best(scanned, 10)).Count();
                fine += exact.Intersect(Best(
                    [.. rounded.Select(vector => (double)RoundedVector.Dot(question.Span, vector.Values, vector.Rests, vector.Scale))], 10)).Count();
                questions++;
            }
        }

        Report.Table(
            [$"overlap of the ten nearest with exact vectors, {questions} questions", "value", "goal"],
            [
                ["bytes on both sides", Report.Number(coarse / (10.0 * questions), 4), ""],
                ["scored anew in single precision against 12 bits", Report.Number(fine / (10.0 * questions), 4), ".99"],
            ]);
    }

    private static async Task<List<ReadOnlyMemory<float>>> EmbedAsync(LocalTextEmbedder embedder, string[] texts)
    {
        var vectors = new List<ReadOnlyMemory<float>>(texts.Length);
        foreach (var some in texts.Chunk(64))
        {
            vectors.AddRange(await embedder.EmbedAsync(some, CancellationToken.None));
        }

        return vectors;
    }

    private static List<int> Best(List<double> scores, int count)
        => [.. Enumerable.Range(0, scores.Count).OrderByDescending(at => scores[at]).Take(count)];

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var index = 0; index < a.Length; index++)
        {
            sum += (double)a[index] * b[index];
        }

        return sum;
    }

    private static long Sum(sbyte[] bytes)
    {
        var words = MemoryMarshal.Cast<sbyte, Vector<long>>(bytes);
        var (one, two, three, four) = (Vector<long>.Zero, Vector<long>.Zero, Vector<long>.Zero, Vector<long>.Zero);
        for (var index = 0; index + 4 <= words.Length; index += 4)
        {
            one += words[index];
            two += words[index + 1];
            three += words[index + 2];
            four += words[index + 3];
        }

        return Vector.Sum(one + two + three + four);
    }

    private static long ReadFile(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        var buffer = new byte[1 << 20];
        var total = 0L;
        for (int count; (count = file.Read(buffer)) > 0;)
        {
            total += count;
        }

        return total;
    }

    /// <summary>Has the system forget what it holds of files, or hold all of it.</summary>
    private static void Prepare(List<string> files, bool isDropped)
    {
        foreach (var path in files)
        {
            if (isDropped)
            {
                using var process = Process.Start(new ProcessStartInfo("dd", [$"if={path}", "iflag=nocache", "count=0", "status=none"]));
                process!.WaitForExit();
            }
            else
            {
                ReadFile(path);
            }
        }
    }

    private static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    /// <summary>A message of one conversation of an owner.</summary>
    internal static IndexedItem Item(PartitionKey key) => new()
    {
        Id = Guid.CreateVersion7(), Kind = key.Kind, TenantId = key.TenantId, OwnerKey = key.OwnerKey, ConversationKey = key.OwnerKey, Version = 1,
        Role = MessageRole.User, CreatedAt = DateTimeOffset.UtcNow,
    };

    private static double Time(Action work)
    {
        var began = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private static int Number(string[] args, string name, int fallback)
    {
        var at = Array.IndexOf(args, name);
        return at < 0 ? fallback : int.Parse(args[at + 1], CultureInfo.InvariantCulture);
    }
}
