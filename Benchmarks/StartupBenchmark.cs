namespace MemoryMesh.Benchmarks;

/// <summary>Process start to the first 200, over an empty folder, against a minimal API with one route.</summary>
internal static class StartupBenchmark
{
    public static async Task<int> RunAsync(Options options)
    {
        Report.Machine();
        var product = new List<double>();
        var bare = new List<double>();
        var resident = new List<double>();
        for (var round = 0; round <= options.Rounds; round++)
        {
            await using var bareServer = await Server.StartBareApiAsync();
            await using var productServer = await Server.StartProductAsync();
            if (round > 0)
            {
                bare.Add(bareServer.ReadyAfter.TotalMilliseconds);
                product.Add(productServer.ReadyAfter.TotalMilliseconds);
                resident.Add(productServer.ResidentBytes / 1_048_576.0);
            }
        }

        Report.Table(
            ["measure", "median ms", "worst ms"],
            [
                ["MemoryMesh, empty folder, to readiness 200", Report.Number(Report.Median(product)), Report.Number(product.Max())],
                ["minimal API, to first 200", Report.Number(Report.Median(bare)), Report.Number(bare.Max())],
            ]);
        Report.Table(
            ["ratio", "value", "goal"],
            [["start to ready", Report.Number(Report.Median(product.Zip(bare, (a, b) => a / b)), 2), "2"]]);
        Console.WriteLine($"Resident when ready: {Report.Number(Report.Median(resident))} MB");
        return 0;
    }
}
