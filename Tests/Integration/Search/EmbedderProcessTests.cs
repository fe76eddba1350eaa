using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>Embedders as processes of their own, as an operator starts them.</summary>
public partial class EmbedderProcessTests
{
    private const int Messages = 400;

    [Test]
    public async Task Embedders_compute_beside_search_and_may_be_killed()
    {
        await using var host = await TestHost.StartAsync(HostKind.Processes, arguments: ["--Processes:Embedders", "2"]);
        using var person = await Person.RegisterAsync(host);
        await StoreAsync(person, "harbour");
        await EmbeddedAsync(person, Messages);
        Assert.That(await ComputedByEmbeddersAsync(host), Is.GreaterThan(0), host.Output);

        foreach (var embedder in Process.GetProcessesByName("dotnet").Where(IsEmbedderOf(host)).ToList())
        {
            embedder.Kill();
            embedder.WaitForExit();
        }

        await StoreAsync(person, "lighthouse");
        await EmbeddedAsync(person, 2 * Messages);
        var stats = await person.GetAsync("/v1/analytics/embedding-stats");
        Assert.That(stats.GetProperty("items")[0].GetProperty("failed").GetInt64(), Is.Zero, stats.ToString());
        Assert.That((await person.GetAsync("/v1/admin/health")).GetProperty("status").GetString(), Is.AnyOf("healthy", "degraded"));
        Assert.That(host.Output, Does.Not.Contain("harbour").And.Not.Contain("lighthouse"));
        Assert.That(await host.StopAsync(), Is.Zero, host.Output);
    }

    private static Task StoreAsync(Person person, string word)
    {
        var messages = Enumerable.Range(0, Messages).Select(at => new { conversation_id = $"c{at % 5}", role = "user", content = $"The {word} had {at} boats in it that day.", extract_memory = false });
        return person.PostAsync("/v1/messages/batch", new { messages }, HttpStatusCode.OK);
    }

    private static Task EmbeddedAsync(Person person, int count)
    {
        var stats = default(JsonElement);
        return Eventually.TrueAsync(
            async () =>
            {
                stats = await person.GetAsync("/v1/analytics/embedding-stats");
                return stats.GetProperty("items")[0].GetProperty("embedded").GetInt64() >= count;
            },
            Eventually.Patience,
            () => stats.ToString());
    }

    private static async Task<double> ComputedByEmbeddersAsync(TestHost host)
    {
        using var client = new HttpClient { BaseAddress = host.Address };
        var text = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        return Computed().Matches(text).Sum(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    private static Func<Process, bool> IsEmbedderOf(TestHost host) => process =>
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/environ").Split('\0').Contains("Search__Role=embedder")
                && File.ReadAllText($"/proc/{process.Id}/stat") is var stat && stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1] == host.ProcessId.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    };

    [GeneratedRegex("""^memorymesh_embedding_computed_total\{[^}]*place="embedder"[^}]*\} ([0-9.]+)""", RegexOptions.Multiline)]
    private static partial Regex Computed();
}
