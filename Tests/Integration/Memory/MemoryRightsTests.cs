using System.Net;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Memory;

public class MemoryRightsTests(HostKind kind) : FunctionalTests(kind)
{
    private Person _owner = null!;
    private Person _admin = null!;
    private Person _member = null!;
    private Person _other = null!;
    private Person _viewer = null!;
    private Person _stranger = null!;
    private string _tenant = null!;
    private string _team = null!;

    [OneTimeSetUp]
    public async Task MakeAnOrganizationAsync()
    {
        _owner = await Person.RegisterAsync(Host);
        _admin = await Person.RegisterAsync(Host);
        _member = await Person.RegisterAsync(Host);
        _other = await Person.RegisterAsync(Host);
        _viewer = await Person.RegisterAsync(Host);
        _stranger = await Person.RegisterAsync(Host);
        _tenant = _owner.TenantId;
        foreach (var (person, role) in ((Person, string)[])[(_admin, "admin"), (_member, "member"), (_other, "member"), (_viewer, "viewer")])
        {
            await _owner.PostAsync($"/v1/organizations/{_tenant}/members", new { user_id = person.AccountId, role });
        }

        _team = (await _owner.PostAsync($"/v1/organizations/{_tenant}/teams", new { name = "Rowers" })).GetProperty("id").GetString()!;
        foreach (var (person, role) in ((Person, string)[])[(_member, "member"), (_viewer, "viewer")])
        {
            await _owner.PostAsync($"/v1/organizations/{_tenant}/teams/{_team}/members", new { user_id = person.AccountId, role });
        }
    }

    [OneTimeTearDown]
    public void DisposeClients()
    {
        foreach (var person in (Person[])[_owner, _admin, _member, _other, _viewer, _stranger])
        {
            person.Dispose();
        }
    }

    [Test]
    public async Task A_subjects_memories_are_its_own_and_those_of_admins()
    {
        var id = await AddAsync(_member, new { tenant_id = _tenant, text = "User keeps bees." });
        await AssertStatusAsync(id, HttpMethod.Get, (_member, 200), (_owner, 200), (_admin, 200), (_other, 404), (_viewer, 404), (_stranger, 404));
        await AssertStatusAsync($"{id}/history", HttpMethod.Get, (_member, 200), (_admin, 200), (_other, 404), (_stranger, 404));
        await AssertStatusAsync(id, HttpMethod.Patch, (_other, 404), (_viewer, 404), (_stranger, 404), (_admin, 200), (_member, 200));
        await AssertStatusAsync(id, HttpMethod.Delete, (_other, 404), (_viewer, 404), (_stranger, 404), (_admin, 204));
        await _other.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"/v1/memories?tenant_id={_tenant}&user_id={_member.AccountId}");
        await _other.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Post, "/v1/memories", new { tenant_id = _tenant, text = "x y", user_id = _member.AccountId });
        await _other.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Delete, $"/v1/memories?tenant_id={_tenant}&user_id={_member.AccountId}");
        await _viewer.ExpectAsync(HttpStatusCode.Forbidden, HttpMethod.Post, "/v1/memories", new { tenant_id = _tenant, text = "x y" });
        await _stranger.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"/v1/memories?tenant_id={_tenant}");
    }

    [Test]
    public async Task An_admin_keeps_memories_of_any_subject()
    {
        var subject = $"customer-{Guid.NewGuid():N}";
        await AddAsync(_admin, new { tenant_id = _tenant, text = "User pays by invoice.", user_id = subject });
        Assert.That(await _owner.TextsAsync($"&tenant_id={_tenant}&user_id={subject}"), Is.EqualTo((string[])["User pays by invoice."]));
        Assert.That(await _owner.TextsAsync($"&tenant_id={_tenant}"), Is.Empty, "The list is the caller's own subject.");
    }

    [Test]
    public async Task A_teams_memories_follow_the_role_in_the_team()
    {
        var id = await AddAsync(_member, new { tenant_id = _tenant, text = "The team rows at six.", scope = "team", team_id = _team });
        var ofOwner = await AddAsync(_owner, new { tenant_id = _tenant, text = "The boat is in shed two.", scope = "team", team_id = _team });
        await AssertStatusAsync(id, HttpMethod.Get, (_owner, 200), (_member, 200), (_viewer, 200), (_other, 404), (_stranger, 404));
        await AssertStatusAsync(id, HttpMethod.Patch, (_viewer, 403), (_other, 404), (_stranger, 404), (_member, 200));
        await AssertStatusAsync(ofOwner, HttpMethod.Delete, (_member, 403), (_viewer, 403), (_other, 404));
        await AssertStatusAsync(id, HttpMethod.Delete, (_member, 204));
        var list = $"/v1/memories?tenant_id={_tenant}&scope=team&team_id={_team}";
        await _viewer.ExpectAsync(HttpStatusCode.OK, HttpMethod.Get, list);
        await _other.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, list);
        await _member.ExpectAsync(HttpStatusCode.Forbidden, HttpMethod.Delete, list);
        await _other.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Delete, list);
        await _other.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Post, "/v1/memories", new { tenant_id = _tenant, text = "x y", scope = "team", team_id = _team });
        await AssertStatusAsync(ofOwner, HttpMethod.Delete, (_admin, 204));
    }

    [Test]
    public async Task The_organizations_memories_follow_the_role_in_the_tenant()
    {
        var id = await AddAsync(_member, new { tenant_id = _tenant, text = "The office closes at eight.", scope = "organization" });
        await AssertStatusAsync(id, HttpMethod.Get, (_owner, 200), (_other, 200), (_viewer, 200), (_stranger, 404));
        await AssertStatusAsync(id, HttpMethod.Patch, (_viewer, 403), (_stranger, 404), (_other, 200));
        await AssertStatusAsync(id, HttpMethod.Delete, (_other, 403), (_viewer, 403), (_stranger, 404), (_member, 204));
        var list = $"/v1/memories?tenant_id={_tenant}&scope=organization";
        await _viewer.ExpectAsync(HttpStatusCode.OK, HttpMethod.Get, list);
        await _member.ExpectAsync(HttpStatusCode.Forbidden, HttpMethod.Delete, list);
        await _stranger.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, list);
    }

    [Test]
    public async Task A_foreign_memory_is_answered_with_the_bytes_of_one_that_does_not_exist()
    {
        var id = await AddAsync(_member, new { tenant_id = _tenant, text = "User keeps a diary." });
        foreach (var person in (Person[])[_stranger, _other, _viewer])
        {
            foreach (var (method, suffix, body) in ((HttpMethod, string, object?)[])
                [(HttpMethod.Get, "", null), (HttpMethod.Patch, "", new { text = "x y" }), (HttpMethod.Delete, "", null), (HttpMethod.Get, "/history", null), (HttpMethod.Post, "/retry", null)])
            {
                var (foreign, foreignBody) = await person.RawAsync(method, $"/v1/memories/{id}{suffix}", body);
                var (unknown, unknownBody) = await person.RawAsync(method, $"/v1/memories/{Guid.NewGuid()}{suffix}", body);
                Assert.That((foreign.StatusCode, foreignBody), Is.EqualTo((HttpStatusCode.NotFound, unknownBody)), $"{method} {suffix}");
                Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
                foreign.Dispose();
                unknown.Dispose();
            }

            await person.ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Get, "/v1/memories/no-id");
        }
    }

    [Test]
    public async Task Deleting_all_needs_to_be_told_whose()
    {
        await _owner.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Delete, "/v1/memories");
        await _owner.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Delete, "/v1/memories?scope=user");
        await _owner.ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Delete, "/v1/memories?scope=organization&opt_out=true");
        var subject = $"customer-{Guid.NewGuid():N}";
        await AddAsync(_owner, new { tenant_id = _tenant, text = "User has a blue boat.", user_id = subject });
        await AddAsync(_owner, new { tenant_id = _tenant, text = "User has a green tent.", user_id = subject });
        var deleted = await _owner.SendAsync(HttpMethod.Delete, $"/v1/memories?tenant_id={_tenant}&user_id={subject}");
        Assert.That((deleted.GetProperty("deleted").GetInt32(), deleted.GetProperty("opted_out").GetBoolean()), Is.EqualTo((2, false)));
        Assert.That(await _owner.ListAsync($"&tenant_id={_tenant}&user_id={subject}&include_superseded=true"), Is.Empty);
    }

    private static async Task<string> AddAsync(Person person, object memory) => (await person.PostAsync("/v1/memories", memory)).GetProperty("id").GetString()!;

    private static async Task AssertStatusAsync(string path, HttpMethod method, params (Person Person, int Status)[] expected)
    {
        foreach (var (person, status) in expected)
        {
            await person.ExpectAsync((HttpStatusCode)status, method, $"/v1/memories/{path}", method == HttpMethod.Patch ? new { importance = 0.6 } : null);
        }
    }
}
