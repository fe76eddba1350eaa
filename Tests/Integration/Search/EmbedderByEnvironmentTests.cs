using MemoryMesh.Tests.Integration.Chat;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>The product with an embedder on another server, as its user configures it, and the way there and back.</summary>
public class EmbedderByEnvironmentTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Test]
    public async Task A_server_named_in_the_environment_embeds_and_another_model_takes_over_while_the_first_answers()
    {
        await using var server = await EmbeddingServer.StartAsync();
        var folder = Directory.CreateTempSubdirectory("memorymesh-embedder-").FullName;
        try
        {
            var environment = new Dictionary<string, string>
            {
                ["MEMORY_EMBEDDING_PROVIDER"] = "custom",
                ["MEMORY_EMBEDDING_BASE_URL"] = server.Address.ToString(),
                ["MEMORY_EMBEDDING_MODEL"] = "first-model",
                ["MEMORY_EMBEDDING_API_KEY"] = "canary-key",
                ["MEMORY_EMBEDDING_DIMENSIONS"] = $"{server.Dimensions}",
                ["Search__Embedding__Retries"] = "1",
                ["Search__Embedding__BreakDuration"] = "00:00:01",
            };
            await using (var host = await TestHost.StartAsync(HostKind.Embedded, folder, environment: environment))
            {
                using var person = await Person.RegisterAsync(host);
                await StoreAsync(person, "My dog needs a bath");
                await StoreAsync(person, "The garden is in bloom");
                await FindsAsync(person, "where is the hound", "My dog needs a bath");
                var stats = await person.GetAsync("/v1/analytics/embedding-stats");
                Assert.That(stats.GetProperty("model").GetString(), Is.EqualTo("first-model"));
                Assert.That(stats.GetProperty("provider").GetString(), Is.EqualTo("remote"));
                Assert.That(stats.GetProperty("dimensions").GetInt32(), Is.EqualTo(server.Dimensions));
                Assert.That(server.Requests.Select(request => request.Authorization), Is.All.EqualTo("Bearer canary-key"));

                // The server goes away: words answer, what comes in waits, and the reason is told.
                server.Misbehave = EmbeddingServer.Failing(503);
                await StoreAsync(person, "An invoice for the bridge", wait: "indexed");
                var found = await person.GetAsync("/v1/memory/search?query=bridge&top_k=5");
                Assert.That(found.GetProperty("results").GetArrayLength(), Is.EqualTo(1));
                await Eventually.TrueAsync(
                    async () => (await person.GetAsync("/v1/analytics/embedding-stats")).GetProperty("unavailable").GetString() is "http_503" or "circuit_open",
                    Deadline,
                    () => "The outage was not told.");
                server.Misbehave = (_, _) => Task.FromResult(false);
                await FindsAsync(person, "the bill", "An invoice for the bridge");
                Assert.That(host.Output, Does.Not.Contain("canary"));
            }

            // Back to the model that runs in the product. Its server is not configured any more, so the new model serves at once.
            await using (var host = await TestHost.StartAsync(HostKind.Embedded, folder))
            {
                using var person = await Person.RegisterAsync(host);
                await StoreAsync(person, "My puppy needs to see the veterinarian");
                await FindsAsync(person, "is the dog sick?", "My puppy needs to see the veterinarian");
                Assert.That((await person.GetAsync("/v1/analytics/embedding-stats")).GetProperty("model").GetString(), Is.EqualTo("bge-small-en-v1.5"));
            }

            // And to another model of the server: the built-in one answers until it is done.
            environment["MEMORY_EMBEDDING_MODEL"] = "second-model";
            await using (var host = await TestHost.StartAsync(HostKind.Embedded, folder, environment: environment))
            {
                using var person = await Person.RegisterAsync(host);
                await Eventually.TrueAsync(
                    async () =>
                    {
                        var stats = await person.GetAsync("/v1/analytics/embedding-stats");
                        return stats.GetProperty("model").GetString() == "second-model" && stats.GetProperty("next").ValueKind == System.Text.Json.JsonValueKind.Null;
                    },
                    Deadline,
                    () => "The second model did not take over.");
                using var client = host.CreateClient();
                Assert.That(await client.GetStringAsync("/metrics"), Does.Match(@"memorymesh_embedding_reembedded\S* 1\b").And.Match(@"memorymesh_embedding_queue\S*waiting"));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Task StoreAsync(Person person, string content, string wait = "embedded")
        => person.AskAsync(HttpMethod.Post, $"/v1/messages?wait={wait}", new { conversation_id = Guid.NewGuid().ToString(), role = "user", content });

    private static Task FindsAsync(Person person, string query, string content)
        => Eventually.TrueAsync(
            async () =>
            {
                var found = await person.GetAsync($"/v1/memory/search?query={Uri.EscapeDataString(query)}&top_k=5&mode=semantic");
                return found.GetProperty("results").EnumerateArray().Any(result => result.GetRawText().Contains(content, StringComparison.Ordinal));
            },
            Deadline,
            () => $"\"{query}\" did not find \"{content}\".");
}
