using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Memory;

public class BlockTests(HostKind kind) : FunctionalTests(kind)
{
    [Test]
    public async Task A_block_is_added_changed_under_its_version_and_deleted_with_its_versions()
    {
        using var person = await Person.RegisterAsync(Host);
        var block = await person.PostAsync("/v1/blocks", new { label = "persona", text = "Be a travel desk.", description = "Who answers", limit = 30 });
        var id = block.GetProperty("id").GetString()!;
        Assert.Multiple(() =>
        {
            Assert.That(block.GetProperty("scope").GetString(), Is.EqualTo("user"));
            Assert.That(block.GetProperty("user_id").GetString(), Is.EqualTo(person.AccountId));
            Assert.That(block.GetProperty("version").GetInt32(), Is.EqualTo(1));
            Assert.That(block.GetProperty("read_only").GetBoolean(), Is.False);
        });
        var (changed, text) = await person.RawAsync(HttpMethod.Patch, $"/v1/blocks/{id}", new { text = "Be a bank." }, ("If-Match", "\"v1\""));
        using (changed)
        {
            Assert.That(changed.StatusCode, Is.EqualTo(HttpStatusCode.OK), text);
            Assert.That(changed.Headers.ETag!.Tag, Is.EqualTo("\"v2\""));
        }

        var (stale, _) = await person.RawAsync(HttpMethod.Patch, $"/v1/blocks/{id}", new { text = "Be a shop." }, ("If-Match", "\"v1\""));
        using (stale)
        {
            Assert.That(stale.StatusCode, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        }

        var history = (await person.GetAsync($"/v1/blocks/{id}/history")).GetProperty("versions");
        Assert.That(history.EnumerateArray().Select(version => version.GetProperty("text").GetString()), Is.EqualTo((string[])["Be a travel desk.", "Be a bank."]));
        Assert.That(history[1].GetProperty("actor").GetString(), Is.EqualTo(person.AccountId));
        Assert.That((await person.GetAsync("/v1/blocks")).GetProperty("blocks")[0].GetProperty("text").GetString(), Is.EqualTo("Be a bank."));
        await person.ExpectAsync(HttpStatusCode.Conflict, HttpMethod.Post, "/v1/blocks", new { label = "persona", text = "x" });
        foreach (var wrong in (object[])[new { text = new string('x', 31) }, new { limit = 5 }, new { limit = 0 }, new { label = "" }, new { label = "two\nlines" }, new { }, new { unknown = 1 }])
        {
            await person.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Patch, $"/v1/blocks/{id}", wrong);
        }

        await person.ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Delete, $"/v1/blocks/{id}");
        await person.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"/v1/blocks/{id}");
        await person.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"/v1/blocks/{id}/history");
        await person.PostAsync("/v1/blocks", new { label = "persona", text = "" });
    }

    [Test]
    public async Task Who_may_read_and_change_a_block_goes_by_its_owner_and_a_read_only_one_is_its_admins()
    {
        using var owner = await Person.RegisterAsync(Host);
        using var member = await Person.RegisterAsync(Host);
        using var viewer = await Person.RegisterAsync(Host);
        using var stranger = await Person.RegisterAsync(Host);
        var tenant = owner.TenantId;
        foreach (var (person, role) in ((Person, string)[])[(member, "member"), (viewer, "viewer")])
        {
            await owner.PostAsync($"/v1/organizations/{tenant}/members", new { user_id = person.AccountId, role });
        }

        var shared = await IdAsync(owner, new { tenant_id = tenant, scope = "organization", label = "policy", text = "No refunds.", read_only = true });
        var open = await IdAsync(member, new { tenant_id = tenant, scope = "organization", label = "notes", text = "Ask first." });
        var own = await IdAsync(member, new { tenant_id = tenant, label = "me", text = "Bees." });
        var guarded = await IdAsync(owner, new { tenant_id = tenant, user_id = member.AccountId, label = "guard", text = "Be kind.", read_only = true });
        foreach (var (person, method, id, status) in ((Person, HttpMethod, string, int)[])
        [
            (member, HttpMethod.Get, shared, 200), (viewer, HttpMethod.Get, shared, 200), (stranger, HttpMethod.Get, shared, 404),
            (member, HttpMethod.Patch, shared, 403), (viewer, HttpMethod.Patch, open, 403), (member, HttpMethod.Patch, open, 200), (owner, HttpMethod.Patch, shared, 200),
            (member, HttpMethod.Get, own, 200), (owner, HttpMethod.Get, own, 200), (viewer, HttpMethod.Get, own, 404), (stranger, HttpMethod.Patch, own, 404),
            (member, HttpMethod.Get, guarded, 200), (member, HttpMethod.Patch, guarded, 403), (member, HttpMethod.Delete, guarded, 403), (viewer, HttpMethod.Delete, own, 403),
            (owner, HttpMethod.Delete, guarded, 204), (member, HttpMethod.Delete, own, 204),
        ])
        {
            var (response, text) = await person.RawAsync(method, $"/v1/blocks/{id}?tenant_id={tenant}", method == HttpMethod.Patch ? new { text = "Changed." } : null);
            using (response)
            {
                Assert.That((int)response.StatusCode, Is.EqualTo(status), $"{method} {id}: {text}");
            }
        }

        await member.ExpectAsync(HttpStatusCode.Forbidden, HttpMethod.Post, "/v1/blocks", new { tenant_id = tenant, scope = "organization", label = "mine", text = "x", read_only = true });
        await member.ExpectAsync(HttpStatusCode.Forbidden, HttpMethod.Patch, $"/v1/blocks/{open}?tenant_id={tenant}", new { read_only = true });
        await member.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"/v1/blocks?tenant_id={tenant}&user_id={owner.AccountId}");
        await stranger.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"/v1/blocks?tenant_id={tenant}&scope=organization");
        Assert.That(
            (await viewer.GetAsync($"/v1/blocks?tenant_id={tenant}&scope=organization")).GetProperty("blocks").EnumerateArray().Select(block => block.GetProperty("label").GetString()),
            Is.EqualTo((string[])["policy", "notes"]));
    }

    private static async Task<string> IdAsync(Person person, object block) => (await person.PostAsync("/v1/blocks", block)).GetProperty("id").GetString()!;
}
