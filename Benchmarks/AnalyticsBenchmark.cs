using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using MemoryMesh.Chat;
using MemoryMesh.Chat.Storage;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Benchmarks;

/// <summary>Time of answers of analytics over HTTP, for a tenant with a year of messages that were stored by the store itself.</summary>
internal static class AnalyticsBenchmark
{
    private const int BatchSize = 500;
    private const int Loaders = 8;
    private const int Subjects = 10_000;
    private const int MessagesOfConversation = 20;
    private const int Requests = 100;
    private static readonly DateTimeOffset Start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Length = TimeSpan.FromDays(365);

    private static readonly (string Name, string Path)[] Questions =
    [
        ("usage of the year, UTC", "usage?from=2025-01-01&to=2025-12-31"),
        ("usage of the year, Kathmandu", "usage?from=2025-01-01&to=2025-12-31&tz=Asia/Kathmandu"),
        ("365 days, UTC", "trends?from=2025-01-01&to=2025-12-31"),
        ("365 days, Berlin", "trends?from=2025-01-01&to=2025-12-31&tz=Europe/Berlin"),
        ("365 days, Kathmandu", "trends?from=2025-01-01&to=2025-12-31&tz=Asia/Kathmandu"),
        ("30 days, Berlin", "trends?from=2025-06-01&to=2025-06-30&tz=Europe/Berlin"),
        ("12 months, New York", "trends?from=2025-01-01&to=2025-12-31&interval=month&tz=America/New_York"),
        ("52 weeks, Berlin, CSV", "trends?from=2025-01-01&to=2025-12-31&interval=week&tz=Europe/Berlin&format=csv"),
        ("720 hours, Kathmandu", "trends?from=2025-06-01&to=2025-06-30&interval=hour&tz=Asia/Kathmandu"),
        ("top conversations of the year", "top-conversations?from=2025-01-01&to=2025-12-31"),
        ("top conversations of June, tokens", "top-conversations?from=2025-06-01&to=2025-06-30&by=tokens"),
        ("top conversations of a day", "top-conversations?from=2025-06-15&to=2025-06-15"),
        ("embedding stats", "embedding-stats"),
    ];

    public static async Task<int> RunAsync(Options options)
    {
        Report.Machine();
        var folder = Directory.CreateTempSubdirectory("memorymesh-bench-").FullName;
        try
        {
            Guid tenant;
            await using (var server = await Server.StartProductAsync(folder: folder))
            {
                using var client = await server.RegisterAsync("bench", 1);
                tenant = (await client.GetFromJsonAsync<JsonElement>("/v1/analytics/usage")).GetProperty("tenant_id").GetGuid();
            }

            var began = Stopwatch.GetTimestamp();
            await LoadAsync(folder, tenant, options.Messages);
            Console.WriteLine($"{options.Messages:N0} messages, {Subjects:N0} subjects, {options.Messages / MessagesOfConversation:N0} conversations in a year, stored in {Stopwatch.GetElapsedTime(began).TotalSeconds:N0} s");
            Console.WriteLine();
            await using (var server = await Server.StartProductAsync(folder: folder))
            {
                using var client = await server.LogInAsync("bench", 1);
                await MeasureAsync(server, client.DefaultRequestHeaders.Authorization!.Parameter!, options.Messages);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private static async Task MeasureAsync(Server server, string token, int messages)
    {
        using var connection = await Connection.OpenAsync(server.Address);

        // Wrong numbers would be quick too.
        var usage = Encoding.UTF8.GetString((await connection.SendAsync(Connection.Get($"/v1/analytics/{Questions[0].Path}", token))).Span);
        if (!usage.Contains($"\"messages_created\":{{\"total\":{messages},", StringComparison.Ordinal) || !usage.Contains($"\"active_subjects\":{Subjects},", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"The counters are wrong: {usage}");
        }

        var rows = new List<string[]>();
        foreach (var (name, path) in Questions)
        {
            var request = Connection.Get($"/v1/analytics/{path}", token);
            var times = new List<double>();
            for (var i = -5; i < Requests; i++)
            {
                var at = Stopwatch.GetTimestamp();
                await connection.SendAsync(request);
                if (i >= 0)
                {
                    times.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
                }
            }

            rows.Add([name, .. ((double[])[.5, .95, .99]).Select(quantile => Report.Number(Report.Quantile(times, quantile), 2))]);
        }

        Report.Table(["question", "p50 ms", "p95 ms", "p99 ms"], rows);
    }

    /// <summary>Stores messages with the code that the product stores them with. Their events are dropped: nothing is measured of what other services make of them.</summary>
    private static async Task LoadAsync(string folder, Guid tenant, int count)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new($"{StorageOptions.Section}:{nameof(StorageOptions.DataDirectory)}", folder)]).Build();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(configuration);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(KeyFiles.Load(configuration, folder));
        services.AddSingleton<KeyedNames>();
        services.AddChatModule();
        await using var provider = services.BuildServiceProvider();
        var store = provider.GetRequiredService<IConversationStore>();
        var names = provider.GetRequiredService<KeyedNames>();
        var corpus = new Corpus();
        var texts = Enumerable.Range(0, 5_000).Select(_ => corpus.Message()).ToArray();
        var reach = new ConversationReach(tenant, null);
        var stored = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, (count + BatchSize - 1) / BatchSize),
            new ParallelOptions { MaxDegreeOfParallelism = Loaders },
            async (batch, cancellationToken) =>
            {
                var random = new Random(batch);
                var messages = Enumerable.Range(batch * BatchSize, Math.Min(BatchSize, count - (batch * BatchSize)))
                    .Select(i => (Create(i, count, tenant, names, texts[i % texts.Length], random), reach)).ToList();
                await store.AddMessagesAsync(messages, null, cancellationToken);
                if (Interlocked.Add(ref stored, messages.Count) % 50_000 == 0)
                {
                    await DropEventsAsync(provider);
                }
            });
        await DropEventsAsync(provider);
    }

    private static async Task DropEventsAsync(ServiceProvider provider)
        => await provider.GetRequiredKeyedService<ModuleDatabase>(ChatModule.Name).Data.WriteAsync(session => session.Execute("DELETE FROM outbox"), default);

    /// <summary>A message of a conversation that takes some hours, at its place in the year.</summary>
    private static MessageRecord Create(int i, int count, Guid tenant, KeyedNames names, string text, Random random)
    {
        // Half of the messages are in conversations of the usual size; the others in ones of every size, as few are large and many small.
        var conversation = random.Next(2) == 0
            ? $"c{i / MessagesOfConversation}"
            : $"d{(int)(count / MessagesOfConversation * Math.Pow(random.NextDouble(), 3))}";
        var subject = $"u{(i < Subjects ? i : random.Next(Subjects))}";
        return new MessageRecord
        {
            Id = Guid.CreateVersion7(),
            TenantId = tenant,
            ConversationKey = names.ConversationKey(tenant, conversation),
            ConversationId = conversation,
            SubjectKey = names.SubjectKey(tenant, subject),
            UserId = subject,
            Role = i % 2 == 0 ? "user" : "assistant",
            Content = text,
            ExtractMemory = false,
            Version = 1,
            CreatedAt = Start + (Length * ((double)i / count)),
            UpdatedAt = Start,
        };
    }
}
