using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>What a client can ask of the ranking.</summary>
public class RankedSearchTests(HostKind kind) : FunctionalTests(kind)
{
    private Person _person = null!;

    [SetUp]
    public async Task EnterAsync() => _person = await Person.RegisterAsync(Host);

    [TearDown]
    public void Leave() => _person.Dispose();

    [Test]
    public async Task A_message_is_found_by_its_meaning()
    {
        await SayAsync("My puppy needs to see the veterinarian tomorrow");
        await SayAsync("The quarterly figures are due on Friday");
        var answer = await _person.GetAsync("/v1/memory/search?query=is%20the%20dog%20sick&explain=true");
        Assert.That(Contents(answer)[0], Does.StartWith("My puppy"));
        var legs = answer.GetProperty("results")[0].GetProperty("explain").GetProperty("legs").EnumerateArray().Select(leg => leg.GetProperty("name").GetString());
        Assert.That(legs, Is.SupersetOf((string[])["vector", "late_interaction"]));
        Assert.That(Contents(await _person.GetAsync("/v1/memory/search?query=is%20the%20dog%20sick&mode=semantic"))[0], Does.StartWith("My puppy"));
        Assert.That(Contents(await _person.GetAsync("/v1/memory/search?query=is%20the%20dog%20sick&mode=fulltext")), Is.Empty);
    }

    [Test]
    public async Task Weights_presets_and_the_least_score_change_the_answer()
    {
        await SayAsync("green tea", at: "2020-01-01T00:00:00Z");
        await SayAsync("tea", importance: 1);
        async Task<double[]> Scores(string parameters)
            => [.. (await _person.GetAsync($"/v1/memory/search?query=green%20tea&{parameters}")).GetProperty("results").EnumerateArray().Select(result => result.GetProperty("score").GetDouble())];
        var plain = await Scores("mode=hybrid");
        Assert.That(await Scores("weights=importance:0,recency:0"), Is.Not.EqualTo(plain));
        Assert.That(await Scores("preset=recent"), Is.Not.EqualTo(plain));
        Assert.That((await Scores($"min_score={plain[1] + .001:F6}")).Length, Is.LessThan(plain.Length));
        Assert.That(await Scores("as_of=2020-01-02"), Is.Not.EqualTo(plain));
    }

    [TestCase("mode=best", "mode")]
    [TestCase("preset=newest", "preset")]
    [TestCase("weights=lexical:NaN", "weights")]
    [TestCase("weights=lexical:-1", "weights")]
    [TestCase("weights=lexical:1e400", "weights")]
    [TestCase("weights=taste:1", "weights")]
    [TestCase("weights=lexical", "weights")]
    [TestCase("weights=", "weights")]
    [TestCase("min_score=NaN", "min_score")]
    [TestCase("min_score=-1", "min_score")]
    [TestCase("as_of=soon", "as_of")]
    [TestCase("cursor=9", "cursor")]
    [TestCase("cursor=-1.000000000000", "cursor")]
    [TestCase("group_by=role", "group_by")]
    [TestCase("expand=6", "expand")]
    [TestCase("highlights=maybe", "highlights")]
    public async Task What_cannot_be_is_refused_by_name(string parameters, string field)
    {
        var problem = await _person.SendAsync(HttpMethod.Get, $"/v1/memory/search?query=tea&{parameters}", status: HttpStatusCode.BadRequest);
        Assert.That(problem.GetProperty("errors").TryGetProperty(field, out _), Is.True, problem.ToString());
    }

    [Test]
    public async Task Pages_follow_each_other_without_gaps_or_repetition()
    {
        for (var i = 0; i < 7; i++)
        {
            await SayAsync($"tea number {i}", conversation: $"c{i}");
        }

        var ids = new List<string>();
        string? cursor = null;
        do
        {
            var page = await _person.GetAsync($"/v1/memory/search?query=tea&top_k=3{(cursor is null ? "" : $"&cursor={cursor}")}");
            ids.AddRange(page.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("id").GetString()!));
            cursor = page.TryGetProperty("next_cursor", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);
        Assert.That(ids, Has.Count.EqualTo(7).And.Unique);
        var first = await _person.GetAsync("/v1/memory/search?query=tea&top_k=3");
        await _person.SendAsync(
            HttpMethod.Get, $"/v1/memory/search?query=coffee&cursor={first.GetProperty("next_cursor").GetString()}", status: HttpStatusCode.BadRequest);
    }

    [Test]
    public async Task Results_come_with_their_conversation_their_surroundings_and_their_matched_words()
    {
        await SayAsync("Hello there", conversation: "one", at: "2026-01-01T10:00:00Z");
        await SayAsync("Some tea, perhaps two teas?", conversation: "one", at: "2026-01-01T10:01:00Z");
        await SayAsync("Gladly", conversation: "one", at: "2026-01-01T10:02:00Z");
        await SayAsync("Tea is out", conversation: "two", at: "2026-01-01T10:03:00Z");
        var body = new { query = "tea", expand = 1, group_by = "conversation", highlights = true, mode = "fulltext", weights = new { importance = 0 } };
        var answer = await _person.SendAsync(HttpMethod.Post, "/v1/memory/search", body);
        Assert.That(
            answer.GetProperty("groups").EnumerateArray().Select(group => group.GetProperty("conversation_id").GetString()), Is.EquivalentTo((string[])["one", "two"]));
        var result = answer.GetProperty("results").EnumerateArray().Single(item => item.GetProperty("message").GetProperty("conversation_id").GetString() == "one");
        string Only(string side) => result.GetProperty("around").GetProperty(side).EnumerateArray().Single().GetProperty("content").GetString()!;
        Assert.That((Only("before"), Only("after")), Is.EqualTo(("Hello there", "Gladly")));
        Assert.That(
            result.GetProperty("highlights").EnumerateArray().Select(span => (span.GetProperty("start").GetInt32(), span.GetProperty("length").GetInt32())),
            Is.EqualTo(((int, int)[])[(5, 3), (22, 4)]));
    }

    private async Task SayAsync(string content, string conversation = "c", double? importance = null, string? at = null)
        => await _person.PostAsync(
            "/v1/messages?wait=indexed,embedded",
            new { conversation_id = conversation, role = "user", content, importance, created_at = at, extract_memory = false });

    private static List<string> Contents(JsonElement answer)
        => [.. answer.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("message").GetProperty("content").GetString()!)];
}
