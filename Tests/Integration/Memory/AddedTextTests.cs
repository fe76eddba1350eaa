using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Integration.Transfers;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Memory;

/// <summary>Texts that are added to have facts drawn from them, and teams that say which tenant is meant.</summary>
public class AddedTextTests(HostKind kind) : FunctionalTests(kind)
{
    [Test]
    public async Task Facts_are_drawn_from_an_added_text_and_found_by_search()
    {
        using var person = await Person.RegisterAsync(Host);
        const string Text = "My name is Honda.\nI love Python.";
        var added = await person.PostAsync("/v1/memories", new { text = Text, extract = true });
        Assert.That(added.GetProperty("status").GetString(), Is.EqualTo("pending"));
        var memory = await person.WaitForStatusAsync(added.GetProperty("id").GetString()!, "completed");
        Assert.Multiple(() =>
        {
            Assert.That(memory.GetProperty("text").GetString(), Is.EqualTo(Text));
            Assert.That(memory.GetProperty("extract").GetBoolean());
            Assert.That(memory.GetProperty("created_by").GetString(), Is.EqualTo(person.AccountId));
            Assert.That(Texts(memory.GetProperty("facts")), Is.EqualTo((string[])["User's name is Honda.", "User loves Python."]));
        });

        var id = memory.GetProperty("facts")[1].GetProperty("id").GetString()!;
        var fact = await person.WaitForStatusAsync(id, "completed");
        Assert.Multiple(() =>
        {
            Assert.That(fact.GetProperty("created_by").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(fact.GetProperty("sources")[0].GetProperty("memory_id").GetString(), Is.EqualTo(memory.GetProperty("id").GetString()));
            Assert.That(fact.GetProperty("sources")[0].GetProperty("message_id").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(fact.GetProperty("facts").GetArrayLength(), Is.Zero);
        });
        Assert.That(await person.TextsAsync("&include_facts=false"), Is.EqualTo((string[])[Text]));
        Assert.That(await person.TextsAsync("&include_facts=false&search=honda.%20i%20love"), Is.EqualTo((string[])[Text]));
        Assert.That(await person.TextsAsync(), Has.Count.EqualTo(3));
        var found = await person.GetAsync("/v1/memories/search?query=python");
        Assert.That(found.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("id").GetString()), Does.Contain(id));

        await person.ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Delete, $"/v1/memories/{memory.GetProperty("id").GetString()}");
        await person.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"/v1/memories/{id}");
    }

    [Test]
    public async Task What_a_model_should_mind_is_taken_with_a_text_that_facts_are_drawn_from_only()
    {
        using var person = await Person.RegisterAsync(Host);
        await person.PostAsync("/v1/memories", new { text = "I love Python.", extract = true, instructions = "Mind languages." });
        await person.WaitForTextsAsync(["I love Python.", "User loves Python."]);
        var refused = await person.SendAsync(HttpMethod.Post, "/v1/memories", new { text = "I love Go.", instructions = "Mind languages." }, HttpStatusCode.BadRequest);
        Assert.That(refused.GetProperty("errors").TryGetProperty("instructions", out _));
    }

    [Test]
    public async Task A_repeated_request_draws_facts_once()
    {
        using var person = await Person.RegisterAsync(Host);
        var ids = new List<string?>();
        for (var i = 0; i < 2; i++)
        {
            var (response, body) = await person.RawAsync(HttpMethod.Post, "/v1/memories", new { text = "I love Python.", extract = true }, ("Idempotency-Key", "k"));
            response.Dispose();
            ids.Add(JsonElement.Parse(body).GetProperty("id").GetString());
        }

        Assert.That(ids.Distinct().Count(), Is.EqualTo(1));
        await person.WaitForTextsAsync(["I love Python.", "User loves Python."]);
    }

    [Test]
    public async Task An_added_text_keeps_its_facts_when_it_is_exported_and_imported()
    {
        using var person = await Person.RegisterAsync(Host);
        using var other = await Person.RegisterAsync(Host);
        const string Text = "My name is Honda.\nI love Python.";
        var added = await person.PostAsync("/v1/memories", new { text = Text, extract = true });
        await person.WaitForStatusAsync(added.GetProperty("id").GetString()!, "completed");
        var file = await Transfer.ExportTextAsync(person, new { what = "subject", format = "ndjson" });
        var import = await Transfer.ImportAsync(other, $"format=memorymesh&user_id={other.AccountId}", file);
        Assert.That(import.GetProperty("progress").GetProperty("failed").GetInt32(), Is.Zero, import.ToString());
        var memory = (await other.ListAsync("&include_facts=false")).Single();
        Assert.That(memory.GetProperty("text").GetString(), Is.EqualTo(Text));
        Assert.That(Texts(memory.GetProperty("facts")), Is.EqualTo((string[])["User's name is Honda.", "User loves Python."]));
        await other.ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Delete, $"/v1/memories/{memory.GetProperty("id").GetString()}");
        Assert.That(await other.ListAsync(), Is.Empty);
    }

    [Test]
    public async Task A_team_says_which_tenant_is_meant()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        using var colleague = await Person.RegisterAsync(Host);
        using var stranger = await Person.RegisterAsync(Host);
        foreach (var person in (Person[])[member, colleague])
        {
            await owner.PostAsync($"/v1/organizations/{owner.TenantId}/members", new { user_id = person.AccountId, role = "member" });
        }

        var team = (await owner.PostAsync($"/v1/organizations/{owner.TenantId}/teams", new { name = "Rowers" })).GetProperty("id").GetString()!;
        await owner.PostAsync($"/v1/organizations/{owner.TenantId}/teams/{team}/members", new { user_id = member.AccountId, role = "member" });
        var key = (await stranger.PostAsync("/v1/auth/api-keys", new { name = "app" })).GetProperty("key").GetString()!;
        using var foreign = Host.CreateClient();
        foreign.DefaultRequestHeaders.Add("x-api-key", key);

        var body = new { scope = "team", team_id = team, text = "The team rows on Mondays." };
        var list = $"/v1/memories?scope=team&team_id={team}";
        var added = await member.PostAsync("/v1/memories", body);
        Assert.That(added.GetProperty("tenant_id").GetString(), Is.EqualTo(owner.TenantId));
        Assert.That((await member.GetAsync(list)).GetProperty("count").GetInt32(), Is.EqualTo(1));
        Assert.That((await owner.GetAsync(list)).GetProperty("count").GetInt32(), Is.EqualTo(1));
        foreach (var client in (HttpClient[])[colleague.Client, stranger.Client, foreign])
        {
            await client.SendJsonAsync(HttpMethod.Get, list, null, HttpStatusCode.NotFound);
            await client.SendJsonAsync(HttpMethod.Post, "/v1/memories", body, HttpStatusCode.NotFound);
            await client.SendJsonAsync(HttpMethod.Delete, list, null, HttpStatusCode.NotFound);
        }

        await member.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"{list}&tenant_id={member.TenantId}");
        await owner.SendAsync(HttpMethod.Delete, list);
    }

    private static IEnumerable<string?> Texts(JsonElement facts) => facts.EnumerateArray().Select(fact => fact.GetProperty("text").GetString());
}
