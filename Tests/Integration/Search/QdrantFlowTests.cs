using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>The product with its vectors in Qdrant: one host, and the server in this process.</summary>
public class QdrantFlowTests
{
    private QdrantStandIn _server = null!;
    private TestHost _host = null!;

    private QdrantStandInCollection Collection => _server.Collections.All.Values.Single();

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _server = await QdrantStandIn.StartAsync("a-key");
        _host = await TestHost.StartAsync(
            HostKind.Embedded,
            environment: new Dictionary<string, string>(_server.ConnectionStrings) { ["Qdrant__QuestionTimeout"] = "00:00:30" });
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _host.DisposeAsync();
        await _server.DisposeAsync();
    }

    [TearDown]
    public void Mend() => _server.FaultStatus = 0;

    [Test]
    [Order(1)]
    public async Task Messages_and_memories_are_found_by_meaning_and_what_is_deleted_leaves_Qdrant()
    {
        using var person = await Person.RegisterAsync(_host);
        using var other = await Person.RegisterAsync(_host);
        var puppy = await SayAsync(person, "My puppy needs to see the veterinarian tomorrow");
        await SayAsync(person, "The quarterly figures are due on Friday");
        await SayAsync(other, "My kitten needs to see the veterinarian today");
        const string Question = "/v1/memory/search?query=is%20the%20dog%20sick&explain=true&user_id=me";
        var answer = await person.GetAsync(Question);
        Assert.That(Contents(answer)[0], Does.StartWith("My puppy"));
        Assert.That(Contents(answer), Has.None.Contains("kitten"));
        var legs = answer.GetProperty("results")[0].GetProperty("explain").GetProperty("legs").EnumerateArray().Select(leg => leg.GetProperty("name").GetString());
        Assert.That(legs, Is.SupersetOf((string[])["vector", "late_interaction"]));
        Assert.That(Contents(await person.GetAsync("/v1/memory/search?query=dog&mode=semantic&role=assistant")), Is.Empty);
        await person.PostAsync("/v1/memories", new { text = "Likes to ride a bicycle to work" });
        await Eventually.TrueAsync(
            async () => (await person.GetAsync("/v1/memories/search?query=cycling%20commute&mode=semantic")).GetProperty("results").GetArrayLength() > 0,
            Eventually.Patience,
            () => "The memory was not found by its meaning.");

        await person.SendAsync(HttpMethod.Delete, $"/v1/messages/{puppy}", status: HttpStatusCode.NoContent);
        await Eventually.TrueAsync(() => Task.FromResult(!Collection.Points.ContainsKey(puppy)), Eventually.Patience, () => "The point is in Qdrant still.");
        Assert.That(Contents(await person.GetAsync(Question)), Has.None.Contains("puppy"));
    }

    [Test]
    [Order(2)]
    public async Task While_Qdrant_is_away_words_answer_and_afterwards_meaning_does()
    {
        using var person = await Person.RegisterAsync(_host);
        using var anonymous = _host.CreateClient();
        _server.FaultStatus = 503;
        await person.PostAsync("/v1/messages", new { conversation_id = "c", role = "user", content = "The violin lesson moved to Sunday" });
        await Eventually.TrueAsync(
            async () => Contents(await person.GetAsync("/v1/memory/search?query=violin%20lesson")).Count == 1, Eventually.Patience, () => "Words did not find it.");
        Assert.That(Contents(await person.GetAsync("/v1/memory/search?query=music%20class&mode=semantic")), Is.Empty);
        await Eventually.TrueAsync(
            async () => (await anonymous.GetStringAsync(new Uri("/v1/admin/health", UriKind.Relative))).Contains("degraded", StringComparison.OrdinalIgnoreCase),
            Eventually.Patience,
            () => "Health does not tell of it.");
        using var readiness = await anonymous.GetAsync(new Uri("/v1/admin/readiness", UriKind.Relative));
        Assert.That(readiness.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        _server.FaultStatus = 0;
        await Eventually.TrueAsync(
            async () => Contents(await person.GetAsync("/v1/memory/search?query=music%20class&mode=semantic")).Count == 1,
            Eventually.Patience,
            () => $"What waited was not embedded:\n{_host.Output}");
    }

    [Test]
    [Order(3)]
    public async Task An_erasure_leaves_nothing_of_the_subject_in_Qdrant_and_names_the_snapshots()
    {
        using var person = await Person.RegisterAsync(_host);
        var gone = await SayAsync(person, "Zaphod drives a red car", "zaphod");
        var kept = await SayAsync(person, "Trillian drives a blue car", "trillian");
        var name = _server.Collections.All.Keys.Single();
        using var client = new HttpClient { BaseAddress = _server.Address };
        client.DefaultRequestHeaders.Add("api-key", "a-key");
        using var taken = await client.PostAsync(new Uri($"collections/{name}/snapshots?wait=true", UriKind.Relative), null);
        using var asking = await person.Client.PostAsync(
            new Uri("/v1/privacy/erasures", UriKind.Relative), new StringContent("{\"user_id\":\"zaphod\"}", System.Text.Encoding.UTF8, "application/json"));
        var id = JsonDocument.Parse(await asking.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString();
        JsonElement erasure = default;
        await Eventually.TrueAsync(
            async () => (erasure = await person.GetAsync($"/v1/privacy/erasures/{id}")).GetProperty("status").GetString() == "completed",
            Eventually.Patience,
            () => $"The erasure did not end: {erasure}\n{_host.Output}");
        Assert.That(Collection.Points.Keys, Does.Not.Contain(gone).And.Contain(kept));
        Assert.That(Collection.InSegments, Does.Not.Contain(gone));
        var receipt = erasure.GetProperty("receipt");
        Assert.That(receipt.GetProperty("remains").EnumerateArray().Select(rest => rest.GetProperty("what").GetString()), Has.Some.StartsWith($"snapshot {name}"));
    }

    /// <summary>Stores a message, and waits until Qdrant has its vectors.</summary>
    private async Task<string> SayAsync(Person person, string content, string user = "me")
    {
        var stored = await person.PostAsync("/v1/messages", new { conversation_id = user, user_id = user, role = "user", content });
        var id = stored.GetProperty("id").GetString()!;
        await Eventually.TrueAsync(
            () => Task.FromResult(_server.Collections.All.Values.Any(collection => collection.Points.ContainsKey(id))), Eventually.Patience, () => $"It was not embedded:\n{_host.Output}");
        return id;
    }

    private static List<string> Contents(JsonElement answer) => [.. answer.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("message").GetProperty("content").GetString()!)];
}
