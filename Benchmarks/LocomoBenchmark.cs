using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace MemoryMesh.Benchmarks;

/// <summary>How well the messages that answer a question are found, on conversations in LoCoMo's format (github.com/snap-research/LoCoMo), without a language model.</summary>
/// <remarks>
/// Each conversation is stored over the public API as one conversation of one subject: every turn is a message with its session's time, its speaker's name and
/// the caption of its picture in the metadata. Each question is asked with default settings among that subject's messages. With <c>--in-process</c> the
/// search module runs alone, over a folder that is kept (<c>--keep</c>), so that a second run needs no embedding; <c>--ablation</c> then leaves out one part
/// of the ranking after the other.
/// </remarks>
internal static class LocomoBenchmark
{
    private const int BatchSize = 100;
    private const int TopK = 50;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Length < 2 || !File.Exists(args[1]))
        {
            return Options.Usage();
        }

        var conversations = LocomoConversation.Read(args[1]);
        Report.Machine();
        if (args.Contains("--in-process"))
        {
            await LocomoInProcess.RunAsync(conversations, Text(args, "--keep"), args.Contains("--ablation"), Text(args, "--run"), Set(args));
            return 0;
        }

        await using var server = await Server.StartProductAsync();
        using var client = await server.RegisterAsync("locomo", 4);
        var scores = new LocomoScores();
        foreach (var conversation in conversations)
        {
            await StoreAsync(client, conversation);
            foreach (var question in conversation.Questions)
            {
                var answer = await client.GetFromJsonAsync<JsonElement>(
                    $"/v1/memory/search?user_id={conversation.Id}&top_k={TopK}&query={Uri.EscapeDataString(question.Text)}");
                scores.Add(
                    question,
                    [.. answer.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("message").GetProperty("metadata").GetProperty("dia_id").GetString()!)]);
            }
        }

        scores.Print();
        if (Text(args, "--run") is { } file)
        {
            scores.Write(file);
        }

        return 0;
    }

    /// <summary>Value of an option, or null.</summary>
    private static string? Text(string[] args, string name)
    {
        var at = Array.IndexOf(args, name);
        return at < 0 || at + 1 >= args.Length ? null : args[at + 1];
    }

    /// <summary>Weights given as <c>--set name=value</c>.</summary>
    private static List<(string Name, double Value)> Set(string[] args)
        => [.. args.Select((arg, at) => (arg, at)).Where(item => item.arg == "--set")
            .Select(item => args[item.at + 1].Split('=')).Select(parts => (parts[0], double.Parse(parts[1], CultureInfo.InvariantCulture)))];

    private static async Task StoreAsync(HttpClient client, LocomoConversation conversation)
    {
        var batches = 0;
        foreach (var chunk in conversation.Turns.Chunk(BatchSize))
        {
            var messages = chunk.Select(turn => new
            {
                conversation_id = conversation.Id,
                user_id = conversation.Id,
                role = "user",
                content = turn.Text,
                created_at = turn.At,
                extract_memory = false,
                metadata = turn.Metadata,
            });
            var key = $"{conversation.Id}-{batches++}";
            var json = JsonSerializer.Serialize(new { messages });
            while (true)
            {
                // The same request again stores nothing, and waits once more until all can be found by their meaning.
                using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages/batch?wait=indexed,embedded")
                {
                    Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json"),
                    Headers = { { "Idempotency-Key", key } },
                };
                using var response = await client.SendAsync(request);
                if (!response.IsSuccessStatusCode)
                {
                    throw new InvalidOperationException(await response.Content.ReadAsStringAsync());
                }

                if (response.StatusCode != HttpStatusCode.Accepted)
                {
                    break;
                }
            }
        }
    }
}
