using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MemoryMesh.Search.Embedding;
using Microsoft.Extensions.Logging.Abstractions;
using MsOptions = Microsoft.Extensions.Options.Options;

namespace MemoryMesh.Benchmarks;

/// <summary>Time to embed one short text and a batch, for each kernel that runs here, beside another program that does the same.</summary>
/// <remarks>
/// The other program is started by <c>--onnx COMMAND</c>. For each line of JSON <c>{"threads", "rounds", "cases": [{"rows", "columns", "ids"}]}</c> on
/// its standard input it writes a line <c>{"milliseconds": [fastest time of each case]}</c>; Benchmarks/embed-baseline.mjs does so with
/// onnxruntime-node. Rounds alternate, and the fastest time counts: whatever else runs on the machine only ever adds.
/// </remarks>
internal static class EmbedBenchmark
{
    private const int ShortTokens = 20;
    private const int BatchTexts = 32;
    private const int BatchTokens = 32;
    private const int MarkTokens = 2;
    private const int Repeats = 5;

    private static readonly string[] Words =
        "time year people way day man thing woman life child world school state family student group country problem hand part place case week company system"
            .Split(' ');

    public static async Task<int> RunAsync(string[] args)
    {
        Report.Machine();
        var rounds = Number(args, "--rounds", 12);
        var at = Array.IndexOf(args, "--onnx");
        using var baseline = at < 0 ? null : Baseline.Start(args[at + 1]);
        var names = Available();
        var results = names.ToDictionary(name => name, _ => new Times());
        var twoThreads = new Times();
        var other = new Times();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (name, times) in results)
            {
                await MeasureAsync(name, 1, times);
            }

            if (Environment.ProcessorCount > 1)
            {
                await MeasureAsync(names[0], 2, twoThreads);
            }

            if (baseline is not null)
            {
                other.Add(await baseline.MeasureAsync(round == 0 ? 10 : Repeats));
            }
        }

        Print(results, twoThreads, other, baseline is not null);
        return 0;
    }

    private static void Print(Dictionary<string, Times> results, Times twoThreads, Times other, bool compared)
    {
        var names = results.Keys.ToList();
        Report.Table(
            ["one thread, fastest", $"1 x {ShortTokens} tokens, ms", $"{BatchTexts} x {BatchTokens} tokens, ms", "the same with token vectors, ms", "texts/s"],
            results.Select(result => Row(result.Key, result.Value)).Concat(compared ? [Row("baseline", other)] : []));
        if (compared)
        {
            Report.Table(
                ["ratio to the baseline", "one text", "batch", "batch with token vectors", "goal", "floor"],
                names.Select(name => new[]
                {
                    name, Report.Number(results[name].One / other.One, 2), Report.Number(results[name].Batch / other.Batch, 2),
                    Report.Number(results[name].BatchWithTokens / other.Batch, 2), Goals(name).Goal, Goals(name).Floor,
                }));
        }

        if (twoThreads.Batch < double.MaxValue)
        {
            Report.Table(
                ["two threads against one", "value", "goal"],
                [[$"batch, {names[0]}", Report.Number(results[names[0]].Batch / twoThreads.Batch, 2), "1.7"]]);
        }
    }

    private static string[] Row(string name, Times times)
        => [name, Report.Number(times.One, 2), Report.Number(times.Batch, 1), Report.Number(times.BatchWithTokens, 1), Report.Number(BatchTexts * 1_000 / times.Batch)];

    private static (string Goal, string Floor) Goals(string kernel) => kernel switch
    {
        "avx-vnni" => ("1.0", "1.3"),
        "avx512bw" => ("1.6", "2.0"),
        _ => ("", ""),
    };

    private static List<string> Available() => Search.Embedding.Inference.Kernels.Int8Kernels.All.Where(kernel => kernel.IsSupported).Select(kernel => kernel.Name).ToList();

    private static async Task MeasureAsync(string kernel, int threads, Times times)
    {
        using var embedder = new LocalTextEmbedder(
            MsOptions.Create(new LocalEmbedderOptions { Kernel = kernel, Threads = threads }), NullLogger<LocalTextEmbedder>.Instance);
        string[] one = [Text(0, ShortTokens)];
        var batch = Enumerable.Range(0, BatchTexts).Select(index => Text(index, BatchTokens)).ToArray();
        var inContext = Array.ConvertAll(batch, text => new TextInContext(text));
        await embedder.EmbedAsync(batch, CancellationToken.None);
        for (var repeat = 0; repeat < Repeats; repeat++)
        {
            times.One = Math.Min(times.One, await TimeAsync(async () => await embedder.EmbedAsync(one, CancellationToken.None)));
            times.Batch = Math.Min(times.Batch, await TimeAsync(async () => await embedder.EmbedAsync(batch, CancellationToken.None)));
            times.BatchWithTokens = Math.Min(times.BatchWithTokens, await TimeAsync(async () => await embedder.EncodeAsync(inContext, CancellationToken.None)));
        }
    }

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    // Each of the words is one token.
    private static string Text(int seed, int tokens)
        => string.Join(' ', Enumerable.Range(0, tokens - MarkTokens).Select(index => Words[((seed * 7) + (index * 3)) % Words.Length]));

    private static int Number(string[] args, string name, int fallback)
    {
        var at = Array.IndexOf(args, name);
        return at < 0 ? fallback : int.Parse(args[at + 1], CultureInfo.InvariantCulture);
    }

    private sealed class Times
    {
        public double One { get; set; } = double.MaxValue;

        public double Batch { get; set; } = double.MaxValue;

        public double BatchWithTokens { get; set; } = double.MaxValue;

        public void Add((double One, double Batch) times)
        {
            One = Math.Min(One, times.One);
            Batch = Math.Min(Batch, times.Batch);
            BatchWithTokens = Batch;
        }
    }

    private sealed class Baseline(Process process) : IDisposable
    {
        public static Baseline Start(string command)
            => new(Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardInput = true, RedirectStandardOutput = true })!);

        public async Task<(double One, double Batch)> MeasureAsync(int rounds)
        {
            // Ids of common words; their values do not change the work.
            object Case(int rows, int columns) => new { rows, columns, ids = Enumerable.Range(0, rows * columns).Select(index => 2_000 + (index % 500)) };
            object[] cases = [Case(1, ShortTokens), Case(BatchTexts, BatchTokens)];
            await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { threads = 1, rounds, cases }));
            await process.StandardInput.FlushAsync();
            using var answer = JsonDocument.Parse(await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The baseline ended."));
            var milliseconds = answer.RootElement.GetProperty("milliseconds");
            return (milliseconds[0].GetDouble(), milliseconds[1].GetDouble());
        }

        public void Dispose()
        {
            process.StandardInput.Close();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
