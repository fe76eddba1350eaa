using System.Diagnostics;

namespace MemoryMesh.Benchmarks;

/// <summary>
/// How throughput and lag grow with what there can be several of: Gateways in front of one set of services, embedders and searchers beside one Search, readers beside one Memory, and cells; and what a second
/// process of the others does.
/// </summary>
/// <remarks>All of it on one machine: what is measured is what the parts cost each other, and the growth only while processors are free.</remarks>
internal static class ScaleBenchmark
{
    private const int Most = 3;
    private const int Lags = 50;

    public static async Task<int> RunAsync(Options options)
    {
        Report.Machine();
        var corpus = new Corpus();
        var all = !options.EmbeddersAlone && !options.ReplicasAlone;
        if (all)
        {
            await MeasureGatewaysAndCellsAsync(corpus, options);
        }

        if (all || options.EmbeddersAlone)
        {
            await MeasureEmbeddersAsync(corpus, options);
        }

        if (all || options.ReplicasAlone)
        {
            await MeasureReplicasAsync(corpus, options);
        }

        return 0;
    }

    private static async Task MeasureGatewaysAndCellsAsync(Corpus corpus, Options options)
    {
        var rows = new List<string[]>();
        for (var count = 1; count <= Most; count++)
        {
            await using var fleet = await ProcessFleet.StartAsync(count);
            using var load = await FleetLoad.LogInAsync(fleet.Gateways, options.Clients);
            rows.Add([$"{count} Gateways, one of each other service", .. await MeasureAsync([load], corpus, options)]);
            if (count == 1)
            {
                foreach (var service in (string[])["search", "memory"])
                {
                    Console.WriteLine($"A second process of {service}: {await fleet.StartAnotherAsync(service) ?? "serves"}");
                }

                Console.WriteLine();
            }
        }

        for (var count = 1; count <= Most; count++)
        {
            var cells = new List<Server>();
            var loads = new List<FleetLoad>();
            for (var i = 0; i < count; i++)
            {
                cells.Add(await Server.StartProductAsync());
                loads.Add(await FleetLoad.LogInAsync([cells[i].Address], Math.Max(1, options.Clients / count)));
            }

            rows.Add([$"{count} cells, a Search and a Memory in each", .. await MeasureAsync(loads, corpus, options)]);
            loads.ForEach(load => load.Dispose());
            foreach (var cell in cells)
            {
                await cell.DisposeAsync();
            }
        }

        Report.Table(
            ["what runs", "acknowledged/s", "learned from and searchable/s", "reads of 10 messages/s", "message to found p50 ms", "p95 ms"], rows);
    }

    /// <summary>Search and each embedder compute on one thread: each embedder is a thread more, for as long as the machine has one.</summary>
    private static async Task MeasureEmbeddersAsync(Corpus corpus, Options options)
    {
        var rows = new List<string[]>();
        for (var count = 0; count <= Most; count++)
        {
            await using var fleet = await ProcessFleet.StartAsync(1, count);
            using var load = await FleetLoad.LogInAsync(fleet.Gateways, options.Clients);

            // Loads code, and is not counted.
            await load.EmbedAsync(corpus, options.Messages / 5);
            var before = fleet.Measure();
            var (rate, lags) = await load.EmbedAsync(corpus, options.Messages);
            var used = fleet.Measure().Zip(before, (after, start) => (after.Name, Cpu: (after.Cpu - start.Cpu).TotalMilliseconds / options.Messages)).ToList();
            rows.Add(
            [
                $"{count} embedders", Report.Number(rate), Report.Number(Report.Median(lags), 1), Report.Number(Report.Quantile(lags, .95), 1),
                Report.Number(used.Where(process => process.Name == "search").Sum(process => process.Cpu), 2),
                Report.Number(used.Where(process => process.Name == "embedder").Sum(process => process.Cpu), 2),
            ]);
        }

        Console.WriteLine();
        Console.WriteLine("Search and each embedder compute on one thread each.");
        Report.Table(["what runs", "embedded/s", "message to found p50 ms", "p95 ms", "processor ms a message: Search", "embedders"], rows);
    }

    /// <summary>What a search and a context take where the store is, which is the end of it, and what they take in replicas, of which there may be more.</summary>
    private static async Task MeasureReplicasAsync(Corpus corpus, Options options)
    {
        var rows = new List<string[]>();
        for (var count = 0; count <= Most; count++)
        {
            await using var fleet = await ProcessFleet.StartAsync(1, replicas: count);
            using var load = await FleetLoad.LogInAsync(fleet.Gateways, options.Clients);
            await load.StoreAsync(corpus, options.Messages);
            await load.DoneAsync(vectors: true);

            // Loads code, and is not counted.
            await load.SearchAsync(corpus, options.Messages / 5);
            await load.ContextAsync(corpus, options.Messages / 5);
            var (searches, ofSearch) = await UsageOfAsync(fleet, () => load.SearchAsync(corpus, options.Messages), options.Messages);
            var (contexts, ofContext) = await UsageOfAsync(fleet, () => load.ContextAsync(corpus, options.Messages), options.Messages);
            List<double> lags = [];
            for (var i = 0; i < Lags; i++)
            {
                lags.Add(await load.LagAsync());
            }

            rows.Add(
            [
                $"{count} searchers and {count} readers", Report.Number(searches), Report.Number(ofSearch["search"].Sum(), 2), Report.Number(ofSearch["searcher"].Sum(), 2),
                Report.Number(contexts), Report.Number(ofContext["memory"].Sum(), 2), Report.Number(ofContext["reader"].Sum(), 2), Report.Number(Report.Median(lags), 1), Report.Number(Report.Quantile(lags, .95), 1),
            ]);
        }

        Console.WriteLine();
        Report.Table(
            ["what runs", "searches/s", "processor ms a search: Search", "searchers", "contexts/s", "processor ms a context: Memory", "readers", "message to found p50 ms", "p95 ms"], rows);
    }

    /// <summary>Requests a second, and the milliseconds of processor time of each service a request.</summary>
    private static async Task<(double Rate, ILookup<string, double> Times)> UsageOfAsync(ProcessFleet fleet, Func<Task> act, int requests)
    {
        var before = fleet.Measure();
        var began = Stopwatch.GetTimestamp();
        await act();
        var elapsed = Stopwatch.GetElapsedTime(began);
        return (requests / elapsed.TotalSeconds, fleet.Measure().Zip(before, (after, start) => (after.Name, Cpu: (after.Cpu - start.Cpu).TotalMilliseconds / requests)).ToLookup(process => process.Name, process => process.Cpu));
    }

    private static async Task<string[]> MeasureAsync(List<FleetLoad> loads, Corpus corpus, Options options)
    {
        var each = options.Messages / loads.Count;

        // Loads code, and is not counted.
        await Task.WhenAll(loads.Select(load => load.StoreAsync(corpus, each / 5)));
        await Task.WhenAll(loads.Select(load => load.DoneAsync(vectors: false)));

        // Texts are made one after the other: the corpus is not for several threads.
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(loads.Select(load => load.StoreAsync(corpus, each)));
        var acknowledged = Stopwatch.GetElapsedTime(began);
        await Task.WhenAll(loads.Select(load => load.DoneAsync(vectors: false)));
        var done = Stopwatch.GetElapsedTime(began);
        await Task.WhenAll(loads.Select(load => load.DoneAsync(vectors: true)));

        began = Stopwatch.GetTimestamp();
        await Task.WhenAll(loads.Select(load => load.ReadAsync(each)));
        var read = Stopwatch.GetElapsedTime(began);
        var lags = new List<double>();
        for (var i = 0; i < Lags; i++)
        {
            lags.AddRange(await Task.WhenAll(loads.Select(load => load.LagAsync())));
        }

        var sent = each * loads.Count;
        return
        [
            Report.Number(sent / acknowledged.TotalSeconds), Report.Number(sent / done.TotalSeconds), Report.Number(sent / read.TotalSeconds),
            Report.Number(Report.Median(lags), 1), Report.Number(Report.Quantile(lags, .95), 1),
        ];
    }
}
