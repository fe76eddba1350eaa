using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace MemoryMesh.Benchmarks;

/// <summary>Imports a large file and exports it again: how fast, and how much memory the server takes for it.</summary>
internal static class TransferBenchmark
{
    private const int TextSize = 30_000;
    private const int WordSize = 250;
    private const int MessagesOfConversation = 1_000;

    public static async Task<int> RunAsync(Options options)
    {
        Report.Machine();
        await using var server = await Server.StartProductAsync();
        using var client = await server.RegisterAsync("transfer", 4);
        using var sampler = new MemorySampler(server);
        var rows = new List<string[]>();

        // What the first of everything costs is not what a large file costs.
        await ImportAsync(client, 200);
        await ExportAsync(client, "ndjson");

        var (importSize, importTime) = await MeasureAsync("import of NDJSON", () => ImportAsync(client, options.Messages));
        await SettledAsync(client);
        foreach (var format in (string[])["ndjson", "json", "csv", "markdown"])
        {
            await MeasureAsync($"export as {format}, with its download", () => ExportAsync(client, format));
        }

        Report.Table(["measure", "MB", "seconds", "MB/s", "resident before, MB", "highest, MB", "growth, MB"], rows);
        Console.WriteLine($"{Report.Number(options.Messages)} messages of {Report.Number(TextSize)} bytes; {Report.Number(options.Messages / importTime.TotalSeconds)} messages/s imported.");
        return 0;

        async Task<(long Size, TimeSpan Time)> MeasureAsync(string name, Func<Task<long>> work)
        {
            var before = server.ResidentBytes;
            sampler.Restart();
            var began = Stopwatch.GetTimestamp();
            var size = await work();
            var time = Stopwatch.GetElapsedTime(began);
            var highest = sampler.Highest;
            rows.Add(
            [
                name,
                Report.Number(size / 1e6),
                Report.Number(time.TotalSeconds, 1),
                Report.Number(size / 1e6 / time.TotalSeconds),
                Report.Number(before / 1_048_576.0),
                Report.Number(highest / 1_048_576.0),
                Report.Number((highest - before) / 1_048_576.0),
            ]);
            return (size, time);
        }
    }

    private static async Task<long> ImportAsync(HttpClient client, int messages)
    {
        using var content = new MessageFile(messages);
        using var response = await client.PostAsync(new Uri("/v1/imports?format=messages", UriKind.Relative), content);
        await EndedAsync(client, await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>());
        return content.Written;
    }

    private static async Task<long> ExportAsync(HttpClient client, string format)
    {
        using var asked = await client.PostAsJsonAsync("/v1/exports", new { what = "tenant", format });
        var export = await EndedAsync(client, await asked.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>());
        using var response = await client.GetAsync(new Uri(export.GetProperty("download_url").GetString()!, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        await using var file = await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
        var buffer = new byte[128 * 1024];
        var size = 0L;
        for (int read; (read = await file.ReadAsync(buffer)) > 0; size += read)
        {
        }

        using var deleted = await client.DeleteAsync(new Uri($"/v1/exports/{export.GetProperty("id").GetString()}", UriKind.Relative));
        return size;
    }

    private static async Task<JsonElement> EndedAsync(HttpClient client, JsonElement job)
    {
        while (true)
        {
            var now = await client.GetFromJsonAsync<JsonElement>(job.GetProperty("status_url").GetString());
            switch (now.GetProperty("status").GetString())
            {
                case "completed":
                    return now;
                case "failed":
                    throw new InvalidOperationException(now.GetRawText());
            }

            await Task.Delay(100);
        }
    }

    /// <summary>Waits until what was imported is indexed: that is not the work of the export.</summary>
    private static async Task SettledAsync(HttpClient client)
    {
        using var stored = await client.PostAsJsonAsync(
            "/v1/messages?wait=indexed", new { conversation_id = "last", role = "tool", content = "the last one", extract_memory = false });
        for (var found = stored.StatusCode == HttpStatusCode.Created; !found; await Task.Delay(500))
        {
            var answer = await client.GetFromJsonAsync<JsonElement>("/v1/memory/search?query=last&conversation_id=last");
            found = answer.GetProperty("results").GetArrayLength() > 0;
        }
    }

    /// <summary>A file that is made while it is sent.</summary>
    private sealed class MessageFile : HttpContent
    {
        private readonly int _messages;

        public MessageFile(int messages)
        {
            _messages = messages;
            Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        }

        public long Written { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var text = new StringBuilder(TextSize);
            // Few and long words: this is about the size of files, not about indexing them.
            for (var word = 0; text.Length < TextSize; word++)
            {
                text.Append((char)('a' + (word % 26)), WordSize).Append(' ');
            }

            for (var i = 0; i < _messages; i++)
            {
                var line = Encoding.UTF8.GetBytes(
                    $$"""{"role": "tool", "conversation_id": "c{{i / MessagesOfConversation}}", "id": "m{{_messages}}-{{i}}", "content": "{{i}} {{text}}"}""" + "\n");
                await stream.WriteAsync(line);
                Written += line.Length;
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>Looks at the server's memory ten times a second.</summary>
    private sealed class MemorySampler : IDisposable
    {
        private readonly Timer _timer;
        private long _highest;

        public MemorySampler(Server server) => _timer = new Timer(
            _ => Interlocked.Exchange(ref _highest, Math.Max(Interlocked.Read(ref _highest), server.ResidentBytes)), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));

        public long Highest => Interlocked.Read(ref _highest);

        public void Restart() => Interlocked.Exchange(ref _highest, 0);

        public void Dispose() => _timer.Dispose();
    }
}
