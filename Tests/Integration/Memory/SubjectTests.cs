using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Memory;

public class SubjectTests(HostKind kind) : FunctionalTests(kind)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    [Test]
    public async Task A_profile_holds_what_lasts_and_what_is_going_on_and_loses_what_is_deleted_at_once()
    {
        using var person = await Person.RegisterAsync(Host);
        var path = $"/v1/subjects/{person.AccountId}/profile";
        Assert.That((await person.GetAsync(path)).GetProperty("static").GetArrayLength(), Is.Zero);
        foreach (var (text, category) in ((string, string)[])[("User's name is Honda.", "name"), ("User lives in Graz.", "location"), ("User wants to learn Czech.", "goal")])
        {
            await person.AddAndCompleteAsync(new { text, category });
        }

        var profile = await person.GetAsync(path);
        Assert.That(Texts(profile, "static"), Is.EqualTo((string[])["User's name is Honda.", "User lives in Graz."]));
        Assert.That(Texts(profile, "recent"), Is.EqualTo((string[])["User wants to learn Czech."]));
        var city = profile.GetProperty("static")[1].GetProperty("id").GetString();
        await person.ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Delete, $"/v1/memories/{city}");
        Assert.That((await person.GetAsync(path)).ToString(), Does.Not.Contain("Graz").And.Contain("Honda"));
        await person.SendAsync(HttpMethod.Put, $"/v1/memories/settings?user_id={person.AccountId}", new { opted_out = true });
        Assert.That((await person.GetAsync(path)).ToString(), Does.Not.Contain("Honda"), "Nothing is recalled about who opted out.");
    }

    [Test]
    public async Task A_subject_is_its_own_and_its_admins_to_see()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        using var stranger = await Person.RegisterAsync(Host);
        await owner.PostAsync($"/v1/organizations/{owner.TenantId}/members", new { user_id = member.AccountId, role = "member" });
        foreach (var part in (string[])["profile", "preferences"])
        {
            await owner.GetAsync($"/v1/subjects/{member.AccountId}/{part}?tenant_id={owner.TenantId}");
            await member.GetAsync($"/v1/subjects/{member.AccountId}/{part}?tenant_id={owner.TenantId}");
            await member.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"/v1/subjects/{owner.AccountId}/{part}?tenant_id={owner.TenantId}");
            await member.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"/v1/subjects/nobody/{part}?tenant_id={owner.TenantId}");
            await stranger.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"/v1/subjects/{member.AccountId}/{part}?tenant_id={owner.TenantId}");
        }

        await member.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Patch, $"/v1/subjects/{owner.AccountId}/preferences?tenant_id={owner.TenantId}", new { verbosity = "concise" });
        await member.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Delete, $"/v1/subjects/{owner.AccountId}/preferences?tenant_id={owner.TenantId}");
    }

    [Test]
    public async Task Preferences_are_observed_in_messages_and_what_is_said_or_set_wins()
    {
        using var person = await Person.RegisterAsync(Host);
        var path = $"/v1/subjects/{person.AccountId}/preferences";
        Assert.That((await person.GetAsync(path)).GetProperty("preferences").GetProperty("verbosity").ValueKind, Is.EqualTo(JsonValueKind.Null));
        for (var i = 0; i < 6; i++)
        {
            await person.SayAsync("c", $"Kannst du mir bitte in Kürze sagen, wie ich die Datei Nummer {i} mit der Software öffne?");
        }

        JsonElement found = default;
        await Eventually.TrueAsync(
            async () => (found = (await person.GetAsync(path)).GetProperty("preferences")).GetProperty("language").ValueKind == JsonValueKind.Object
                && found.GetProperty("verbosity").ValueKind == JsonValueKind.Object,
            Deadline,
            () => $"Not observed: {found}");
        Assert.Multiple(() =>
        {
            Assert.That(found.GetProperty("language").GetProperty("value").GetString(), Is.EqualTo("de"));
            Assert.That(found.GetProperty("verbosity").GetProperty("value").GetString(), Is.EqualTo("concise"));
            Assert.That(found.GetProperty("verbosity").GetProperty("source").GetString(), Is.EqualTo("observed"));
            Assert.That(found.GetProperty("verbosity").GetProperty("confidence").GetDouble(), Is.InRange(0.5, 0.9));
            Assert.That(found.GetProperty("verbosity").GetProperty("evidence").GetProperty("message_ids").GetArrayLength(), Is.InRange(1, 3));
        });

        var memory = await person.AddAndCompleteAsync(new { text = "User wants detailed answers.", category = "style" });
        var stated = (await person.GetAsync(path)).GetProperty("preferences").GetProperty("verbosity");
        Assert.That((stated.GetProperty("value").GetString(), stated.GetProperty("source").GetString()), Is.EqualTo(("detailed", "stated")));
        Assert.That(stated.GetProperty("confidence").GetDouble(), Is.LessThan(0.95), "What was observed speaks against it.");
        Assert.That(stated.GetProperty("evidence").GetProperty("memory_ids")[0].GetString(), Is.EqualTo(memory.GetProperty("id").GetString()));

        var set = await person.SendAsync(HttpMethod.Patch, path, new { verbosity = "balanced", language = "fr" });
        Assert.That(set.GetProperty("preferences").GetProperty("verbosity").GetProperty("source").GetString(), Is.EqualTo("set"));
        Assert.That(set.GetProperty("instructions").ToString(), Does.Contain("Answer in French."));
        var cleared = await person.SendAsync(HttpMethod.Patch, path, """{"verbosity": null}""");
        Assert.That(cleared.GetProperty("preferences").GetProperty("verbosity").GetProperty("source").GetString(), Is.EqualTo("stated"));
        var (stale, _) = await person.RawAsync(HttpMethod.Patch, path, new { emoji = "avoid" }, ("If-Match", "\"v1\""));
        using (stale)
        {
            Assert.That(stale.StatusCode, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        }

        foreach (var wrong in (object[])[new { verbosity = "loud" }, new { language = "xx" }, new { active_hours = "8" }, new { active_hours = "8-24" }, new { }, new { tone = "x" }, new { verbosity = 1 }])
        {
            await person.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Patch, path, wrong);
        }

        await person.ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Delete, path);
        var after = (await person.GetAsync(path)).GetProperty("preferences");
        Assert.That(after.GetProperty("language").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(after.GetProperty("verbosity").GetProperty("source").GetString(), Is.EqualTo("stated"), "The memory holds it.");
    }

    [Test]
    public async Task Preferences_and_blocks_are_taken_along_to_another_tenant()
    {
        using var person = await Person.RegisterAsync(Host);
        await person.PostAsync("/v1/blocks", new { label = "persona", text = "Bees are welcome." });
        await person.SendAsync(HttpMethod.Patch, $"/v1/subjects/{person.AccountId}/preferences", new { verbosity = "concise" });
        var file = await Transfers.Transfer.ExportTextAsync(person, new { what = "subject", user_id = person.AccountId, format = "ndjson" });
        var settings = Transfers.Transfer.Records(file).Single(record => record.GetProperty("type").GetString() == "settings");
        Assert.That(settings.GetProperty("preferences").GetProperty("verbosity").GetProperty("value").GetString(), Is.EqualTo("concise"));
        Assert.That(settings.GetProperty("blocks")[0].GetProperty("text").GetString(), Is.EqualTo("Bees are welcome."));
        using var other = await Person.RegisterAsync(Host);
        await Transfers.Transfer.ImportAsync(other, $"format=memorymesh&user_id={other.AccountId}", file);
        Assert.That((await other.GetAsync("/v1/blocks")).GetProperty("blocks")[0].GetProperty("label").GetString(), Is.EqualTo("persona"));
        var preferences = await other.GetAsync($"/v1/subjects/{other.AccountId}/preferences");
        Assert.That(preferences.GetProperty("preferences").GetProperty("verbosity").GetProperty("source").GetString(), Is.EqualTo("set"));
    }

    [Test]
    public async Task A_reaction_to_an_answer_is_learned()
    {
        using var person = await Person.RegisterAsync(Host);
        var path = $"/v1/subjects/{person.AccountId}/preferences/feedback";
        await person.PostAsync(path, new { signal = "too_long" }, HttpStatusCode.OK);
        var learned = await person.PostAsync(path, new { signal = "too_long" }, HttpStatusCode.OK);
        Assert.That(learned.GetProperty("preferences").GetProperty("verbosity").GetProperty("value").GetString(), Is.EqualTo("concise"));
        await person.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Post, path, new { signal = "boring" });
        await person.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Post, path, new { });
    }

    private static IEnumerable<string?> Texts(JsonElement profile, string part) => profile.GetProperty(part).EnumerateArray().Select(fact => fact.GetProperty("text").GetString());
}
