using System.Diagnostics;

namespace MemoryMesh.Benchmarks;

/// <summary>Process start to the first 200, over an empty folder, against a minimal API with one route.</summary>
internal static class StartupBenchmark
{
    public static async Task<int> RunAsync(Options options)
    {
        Report.Machine();
        var product = new List<double>();
        var bare = new List<double>();
        var routed = new List<double>();
        var resident = new List<double>();
        for (var round = 0; round <= options.Rounds; round++)
        {
            await using var bareServer = await Server.StartBareApiAsync();
            await using var productServer = await Server.StartProductAsync();
            if (round > 0)
            {
                bare.Add(bareServer.ReadyAfter.TotalMilliseconds);
                product.Add(productServer.ReadyAfter.TotalMilliseconds);
                routed.Add(await FirstRoutedAsync(productServer));
                resident.Add(productServer.ResidentBytes / 1_048_576.0);
            }
        }

        Report.Table(
            ["measure", "median ms", "worst ms"],
            [
                ["MemoryMesh, empty folder, to readiness 200", Report.Number(Report.Median(product)), Report.Number(product.Max())],
                ["the first routed request after that", Report.Number(Report.Median(routed)), Report.Number(routed.Max())],
                ["minimal API, to first 200", Report.Number(Report.Median(bare)), Report.Number(bare.Max())],
            ]);
        Report.Table(
            ["ratio", "value", "goal"],
            [["start to ready", Report.Number(Report.Median(product.Zip(bare, (a, b) => a / b)), 2), "2"]]);
        Console.WriteLine($"Resident when ready: {Report.Number(Report.Median(resident))} MB");
        return 0;
    }

    /// <summary>Readiness is answered before routing; the first request that is routed may wait until all routes are built.</summary>
    private static async Task<double> FirstRoutedAsync(Server server)
    {
        using var client = new HttpClient { BaseAddress = server.Address };
        var began = Stopwatch.GetTimestamp();
        using var response = await client.GetAsync(new Uri("/alive", UriKind.Relative));
        response.EnsureSuccessStatusCode();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}
