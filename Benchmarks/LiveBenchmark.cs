using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;

namespace MemoryMesh.Benchmarks;

/// <summary>What live connections cost: memory of idle ones, and the time from the answer to a write until every client was told.</summary>
internal static class LiveBenchmark
{
    private const int Messages = 50;

    public static async Task<int> RunAsync(Options options)
    {
        Report.Machine();
        var rows = new List<string[]>();
        foreach (var sockets in (int[])[1, 10, 100, 500])
        {
            rows.Add(await MeasureAsync(sockets, options.Rounds));
        }

        Report.Table(
            ["sockets", "resident MB before", "KB a socket", "store to answer p50 ms", "answer to first socket p50 ms", "answer to last socket p50 ms", "p95 ms"], rows);
        return 0;
    }

    private static async Task<string[]> MeasureAsync(int count, int rounds)
    {
        await using var server = await Server.StartProductAsync(
            new Dictionary<string, string> { ["Live__ConnectionsPerTenant"] = "10000", ["Live__ConnectionsPerPrincipal"] = "10000" });
        using var client = await server.RegisterAsync("live", 4);
        var me = await client.GetFromJsonAsync<JsonElement>("/v1/auth/me");
        var tenant = me.GetProperty("tenant_id").GetString();
        for (var i = 0; i < 20; i++)
        {
            await StoreAsync(client);
        }

        await Task.Delay(500);
        var before = server.ResidentBytes;
        var sockets = new List<ClientWebSocket>();
        for (var i = 0; i < count; i++)
        {
            var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Authorization", client.DefaultRequestHeaders.Authorization!.ToString());
            await socket.ConnectAsync(new UriBuilder(new Uri(server.Address, $"/ws/messages/{tenant}?types=message.stored")) { Scheme = "ws" }.Uri, default);
            await socket.ReceiveAsync(new byte[4_096], default);
            sockets.Add(socket);
        }

        await Task.Delay(500);
        var each = (server.ResidentBytes - before) / 1024.0 / count;
        var (stored, first, last) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < Messages * Math.Max(1, rounds / 5); i++)
        {
            var told = new double[count];
            var began = Stopwatch.GetTimestamp();
            var reading = Task.WhenAll(sockets.Select(async (socket, index) =>
            {
                await socket.ReceiveAsync(new byte[4_096], default);
                told[index] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            }));
            await StoreAsync(client);
            var answered = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            await reading;
            stored.Add(answered);
            first.Add(told.Min() - answered);
            last.Add(told.Max() - answered);
        }

        sockets.ForEach(socket => socket.Dispose());
        return
        [
            $"{count}", Report.Number(before / 1_048_576.0), Report.Number(each), Report.Number(Report.Median(stored), 2), Report.Number(Report.Median(first), 2),
            Report.Number(Report.Median(last), 2), Report.Number(Report.Quantile(last, .95), 2),
        ];
    }

    private static async Task StoreAsync(HttpClient client)
    {
        using var response = await client.PostAsJsonAsync("/v1/messages", new { conversation_id = "chat", role = "assistant", content = "hello", extract_memory = false });
        response.EnsureSuccessStatusCode();
    }
}
