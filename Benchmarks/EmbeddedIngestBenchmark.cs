using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using MemoryMesh.Search.Embedding;
using Microsoft.Extensions.Logging.Abstractions;
using MsOptions = Microsoft.Extensions.Options.Options;

namespace MemoryMesh.Benchmarks;

/// <summary>Messages a second from the first request until the last has its vectors, against the embedder alone with the same texts and context.</summary>
internal static class EmbeddedIngestBenchmark
{
    private const int BatchSize = 100;
    private const int AtOnce = 48;

    // As the queue hands it over: what was said before, up to some 64 tokens.
    private const int ContextMessages = 6;
    private const int ContextCharacters = 600;

    public static async Task<int> RunAsync(Options options)
    {
        Report.Machine();
        var corpus = new Corpus();
        using var embedder = new LocalTextEmbedder(MsOptions.Create(new LocalEmbedderOptions()), NullLogger<LocalTextEmbedder>.Instance);
        await embedder.EncodeInBackgroundAsync([new TextInContext("warm")], CancellationToken.None);
        await using var server = await Server.StartProductAsync();
        using var client = await server.RegisterAsync("bench", 4);
        var (product, alone) = (new List<double>(), new List<double>());
        for (var round = 0; round <= options.Rounds; round++)
        {
            var texts = Enumerable.Range(0, options.Messages).Select(_ => corpus.Message()).ToArray();
            var served = await StoreAsync(client, texts, round);
            await server.RestAsync();
            var bare = await EmbedAsync(embedder, texts);
            if (round > 0)
            {
                product.Add(served);
                alone.Add(bare);
            }
        }

        Report.Table(
            ["measure", "messages/s"],
            [["stored over HTTP until the vectors are there", Report.Number(Report.Median(product))], ["the embedder alone", Report.Number(Report.Median(alone))]]);
        Report.Table(
            ["ratio", "value", "goal"], [["median of the rounds", Report.Number(Report.Median(product.Zip(alone, (one, other) => one / other)), 2), ".85"]]);
        Console.WriteLine($"Kernel {embedder.Kernel}, {embedder.Threads} threads");
        return 0;
    }

    private static async Task<double> StoreAsync(HttpClient client, string[] texts, int round)
    {
        var began = Stopwatch.GetTimestamp();
        foreach (var chunk in texts.Chunk(BatchSize))
        {
            using var stored = await client.PostAsJsonAsync(
                "/v1/messages/batch",
                new { messages = chunk.Select(text => new { conversation_id = $"c{round}", role = "user", content = text, extract_memory = false }) });
            stored.EnsureSuccessStatusCode();
        }

        while (true)
        {
            var stats = await client.GetFromJsonAsync<JsonElement>("/v1/analytics/embedding-stats");
            var messages = stats.GetProperty("items")[0];
            if (messages.GetProperty("embedded").GetInt64() == (round + 1L) * texts.Length)
            {
                return texts.Length / Stopwatch.GetElapsedTime(began).TotalSeconds;
            }

            await Task.Delay(20);
        }
    }

    private static async Task<double> EmbedAsync(LocalTextEmbedder embedder, string[] texts)
    {
        var began = Stopwatch.GetTimestamp();
        foreach (var places in Enumerable.Range(0, texts.Length).Chunk(AtOnce))
        {
            await embedder.EncodeInBackgroundAsync([.. places.Select(at => new TextInContext(texts[at], Context(texts, at)))], CancellationToken.None);
        }

        return texts.Length / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static string? Context(string[] texts, int at)
    {
        var context = string.Join('\n', texts[Math.Max(0, at - ContextMessages)..at]);
        return context.Length == 0 ? null : context.Length > ContextCharacters ? context[^ContextCharacters..] : context;
    }
}
