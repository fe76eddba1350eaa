using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Encodings.Web;
using System.Text.Json;
using MemoryMesh.Memory;
using MemoryMesh.Memory.Extraction;

namespace MemoryMesh.Benchmarks;

/// <summary>Which facts are learned from the cases of a file over the public API, and how many messages the rules read a second on one core.</summary>
/// <remarks>Each case is a conversation of a subject of its own; its messages are stored one after the other, and its memories are listed after the last was learned from.</remarks>
internal static class ExtractionBenchmark
{
    private static readonly TimeSpan ReadingTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Length < 2 || !File.Exists(args[1]))
        {
            return Options.Usage();
        }

        var cases = ExtractionCase.Read(args[1]);
        Report.Machine();
        var at = Array.IndexOf(args, "--run");
        await using var output = new StreamWriter(at > 0 && at + 1 < args.Length ? args[at + 1] : Path.ChangeExtension(Path.GetFileName(args[1]), ".predictions.jsonl"));
        await using var server = await Server.StartProductAsync();
        using var client = await server.RegisterAsync("extraction", 4);
        var score = new ExtractionScore();
        foreach (var item in cases)
        {
            var memories = await LearnAsync(client, item);
            score.Add(item, memories);
            await output.WriteLineAsync(JsonSerializer.Serialize(new { id = item.Id, memories }, Readable));
        }

        foreach (var error in args.Contains("--verbose") ? score.Errors : [])
        {
            Console.WriteLine(error);
        }

        Report.Table(
            ["measure", "value", "goal"],
            [
                ["cases", Report.Number(cases.Count), ""],
                ["precision", Report.Number(score.Precision, 3), ">= .93"],
                ["recall", Report.Number(score.Recall, 3), ">= .90"],
                ["cases without a fact that stay empty", Report.Number(score.NegativesClean, 3), ">= .98"],
                ["forbidden strings in memories", Report.Number(score.Violations), "0"],
                ["messages read a second, one core", Report.Number(Speed(cases)), ">= 2,000"],
            ]);
        return 0;
    }

    private static async Task<IReadOnlyList<string>> LearnAsync(HttpClient client, ExtractionCase item)
    {
        foreach (var (role, content) in item.Messages)
        {
            var began = Stopwatch.GetTimestamp();
            using var stored = await client.PostAsJsonAsync("/v1/messages?wait=memories", new { conversation_id = item.Id, user_id = item.Id, role, content });
            stored.EnsureSuccessStatusCode();
            while (role == "user" && stored.StatusCode == System.Net.HttpStatusCode.Accepted && Stopwatch.GetElapsedTime(began) < Deadline)
            {
                // The answer came before it was learned from; the same wait is asked for once more with a message that says nothing.
                using var again = await client.PostAsJsonAsync("/v1/messages?wait=memories", new { conversation_id = item.Id + "-wait", user_id = item.Id, role = "user", content = "?" });
                if (again.StatusCode != System.Net.HttpStatusCode.Accepted)
                {
                    break;
                }
            }
        }

        var listed = await client.GetFromJsonAsync<JsonElement>($"/v1/memories?user_id={Uri.EscapeDataString(item.Id)}&page_size=100");
        return [.. listed.GetProperty("memories").EnumerateArray().Select(memory => memory.GetProperty("text").GetString()!)];
    }

    /// <summary>Messages the rules read a second on this thread, the earlier messages of their case at hand.</summary>
    private static double Speed(IReadOnlyList<ExtractionCase> cases)
    {
        var extractor = new RuleMemoryExtractor(Microsoft.Extensions.Options.Options.Create(new MemoryOptions()));
        var requests = cases.SelectMany(item => item.Messages.Select((message, i) => new ExtractionRequest
        {
            Text = message.Content,
            Role = message.Role,
            PreviousUserMessages = [.. item.Messages.Take(i).Where(earlier => earlier.Role == "user").Select(earlier => earlier.Content)],
        })).Where(request => request.Role == "user").ToList();
        var read = 0;
        var began = Stopwatch.GetTimestamp();
        for (var warm = true; warm || Stopwatch.GetElapsedTime(began) < ReadingTime;)
        {
            foreach (var request in requests)
            {
                _ = extractor.ExtractAsync(request, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            }

            if (warm)
            {
                (warm, began) = (false, Stopwatch.GetTimestamp());
            }
            else
            {
                read += requests.Count;
            }
        }

        return read / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
