using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace MemoryMesh.Benchmarks;

/// <summary>What each process takes for messages that are stored one a request, until they are indexed, learned from and have their vectors.</summary>
internal static class SizingBenchmark
{
    public static async Task<int> RunAsync(Options options)
    {
        Report.Machine();
        var corpus = new Corpus();
        await using var fleet = await ProcessFleet.StartAsync(1);
        using var load = await FleetLoad.LogInAsync(fleet.Gateways, options.Clients);
        await load.StoreAsync(corpus, options.Messages / 10);
        await load.DoneAsync(vectors: true);

        var before = fleet.Measure();
        var began = Stopwatch.GetTimestamp();
        await load.StoreAsync(corpus, options.Messages);
        var acknowledged = Stopwatch.GetElapsedTime(began);
        await load.DoneAsync(vectors: false);
        var done = Stopwatch.GetElapsedTime(began);
        var words = fleet.Measure();
        await load.DoneAsync(vectors: true);
        var vectors = Stopwatch.GetElapsedTime(began);
        var after = fleet.Measure();
        Report.Table(
            ["process", "cores for 1,000 messages/s, until words find them", "the same with their vectors", "resident MB", "KB written to disk a message"],
            after.Select((usage, at) => (string[])
            [
                usage.Name,
                Report.Number((words[at].Cpu - before[at].Cpu).TotalSeconds * 1_000 / options.Messages, 2),
                Report.Number((usage.Cpu - before[at].Cpu).TotalSeconds * 1_000 / options.Messages, 2),
                Report.Number(usage.Resident / 1_048_576.0),
                Report.Number((usage.Written - before[at].Written) / 1_024.0 / options.Messages, 1),
            ]).Append(
            [
                "all",
                Report.Number(words.Zip(before, (one, other) => (one.Cpu - other.Cpu).TotalSeconds).Sum() * 1_000 / options.Messages, 2),
                Report.Number(after.Zip(before, (one, other) => (one.Cpu - other.Cpu).TotalSeconds).Sum() * 1_000 / options.Messages, 2),
                Report.Number(after.Sum(usage => usage.Resident) / 1_048_576.0),
                Report.Number(after.Zip(before, (one, other) => one.Written - other.Written).Sum() / 1_024.0 / options.Messages, 1),
            ]));
        Console.WriteLine(
            $"{options.Messages} messages, {options.Clients} connections: {Report.Number(options.Messages / acknowledged.TotalSeconds)}/s acknowledged, "
            + $"{Report.Number(options.Messages / done.TotalSeconds)}/s until learned from and searchable, {Report.Number(options.Messages / vectors.TotalSeconds)}/s until their vectors are there.");
        return 0;
    }
}

/// <summary>Clients that store messages and search, spread over some addresses.</summary>
internal sealed class FleetLoad : IDisposable
{
    private const string Password = "correct horse battery";

    private readonly List<Uri> _addresses;
    private readonly HttpClient _client;
    private readonly int _clients;
    private long _stored;

    private FleetLoad(List<Uri> addresses, HttpClient client, int clients)
    {
        _addresses = addresses;
        _client = client;
        _clients = clients;
    }

    private string Token => _client.DefaultRequestHeaders.Authorization!.Parameter!;

    /// <summary>Registers an account and logs in.</summary>
    public static async Task<FleetLoad> LogInAsync(List<Uri> addresses, int clients)
    {
        var client = new HttpClient { BaseAddress = addresses[0], Timeout = TimeSpan.FromMinutes(2) };
        using var registered = await client.PostAsJsonAsync("/v1/auth/register", new { email = "load@example.com", username = "load", password = Password });
        registered.EnsureSuccessStatusCode();
        using var loggedIn = await client.PostAsJsonAsync("/v1/auth/login", new { email = "load@example.com", password = Password });
        var tokens = await loggedIn.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        client.DefaultRequestHeaders.Authorization = new("Bearer", tokens.GetProperty("access_token").GetString());
        return new FleetLoad(addresses, client, clients);
    }

    /// <summary>Stores messages, one a request.</summary>
    public Task StoreAsync(Corpus corpus, int count)
    {
        _stored += count;
        return SendAsync([.. Enumerable.Range(0, count).Select(at => Connection.Post(
            "/v1/messages", Token, JsonSerializer.SerializeToUtf8Bytes(new { conversation_id = $"c{at % _clients}", role = "user", content = corpus.Message() })))]);
    }

    /// <summary>Reads messages, one a request.</summary>
    public Task ReadAsync(int count)
        => SendAsync([.. Enumerable.Range(0, count).Select(at => Connection.Get($"/v1/conversations/c{at % _clients}/messages?limit=10", Token))]);

    /// <summary>Searches for messages, each for something else.</summary>
    public Task SearchAsync(Corpus corpus, int count)
        => SendAsync([.. Enumerable.Range(0, count).Select(_ => Connection.Get($"/v1/memory/search?top_k=10&query={Uri.EscapeDataString(Question(corpus))}", Token))]);

    /// <summary>Asks for contexts, each for something else.</summary>
    public Task ContextAsync(Corpus corpus, int count)
        => SendAsync([.. Enumerable.Range(0, count).Select(at => Connection.Post(
            "/v1/context", Token, JsonSerializer.SerializeToUtf8Bytes(new { conversation_id = $"c{at % _clients}", query = Question(corpus), max_tokens = 2_000 })))]);

    private static string Question(Corpus corpus) => string.Join(' ', corpus.Message().Split(' ').Take(8));

    /// <summary>Milliseconds from sending a message until it can be found.</summary>
    public async Task<double> LagAsync()
    {
        _stored++;
        var began = Stopwatch.GetTimestamp();
        using var response = await _client.PostAsJsonAsync(
            "/v1/messages?wait=indexed", new { conversation_id = "lag", role = "user", content = "One more of them.", extract_memory = false });
        response.EnsureSuccessStatusCode();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    /// <summary>Stores messages, a hundred a request, and waits until all vectors are there; meanwhile it stores one after the other and waits until that is found.</summary>
    /// <returns>Messages a second from the first request until the last vector, and the milliseconds until each of the others could be found.</returns>
    public async Task<(double Rate, List<double> Lags)> EmbedAsync(Corpus corpus, int count)
    {
        string[] texts = [.. Enumerable.Range(0, count).Select(_ => corpus.Message())];
        var began = Stopwatch.GetTimestamp();
        foreach (var chunk in texts.Chunk(100))
        {
            _stored += chunk.Length;
            using var stored = await _client.PostAsJsonAsync(
                "/v1/messages/batch", new { messages = chunk.Select(text => new { conversation_id = "batch", role = "user", content = text, extract_memory = false }) });
            stored.EnsureSuccessStatusCode();
        }

        // Those that are sent meanwhile wait for vectors too, and are not waited for: the last of them would never be the last.
        var (all, lags) = (_stored, new List<double>());
        do
        {
            lags.Add(await LagAsync());
            await Task.Delay(500);
        }
        while (await CountEmbeddedAsync() < all);
        return (count / Stopwatch.GetElapsedTime(began).TotalSeconds, lags);
    }

    /// <summary>Waits until everything that was stored is learned from and found by words, or by vectors too.</summary>
    public async Task DoneAsync(bool vectors)
    {
        HttpStatusCode status;
        do
        {
            _stored++;
            using var response = await _client.PostAsJsonAsync(
                "/v1/messages?wait=indexed,memories", new { conversation_id = "last", role = "user", content = "The last one." });
            response.EnsureSuccessStatusCode();
            status = response.StatusCode;
        }
        while (status != HttpStatusCode.Created);
        while (vectors && await CountEmbeddedAsync() < _stored)
        {
            await Task.Delay(1_000);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<long> CountEmbeddedAsync()
        => (await _client.GetFromJsonAsync<JsonElement>("/v1/analytics/embedding-stats")).GetProperty("items")[0].GetProperty("embedded").GetInt64();

    private async Task SendAsync(byte[][] requests)
    {
        var opened = await Task.WhenAll(Enumerable.Range(0, _clients).Select(at => Connection.OpenAsync(_addresses[at % _addresses.Count])));
        var next = -1;
        await Task.WhenAll(opened.Select(async connection =>
        {
            for (int at; (at = Interlocked.Increment(ref next)) < requests.Length;)
            {
                await connection.SendAsync(requests[at]);
            }
        }));
        foreach (var connection in opened)
        {
            connection.Dispose();
        }
    }
}
