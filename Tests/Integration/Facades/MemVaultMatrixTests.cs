using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Facades;

/// <summary>Every call of MemVault by everyone who may be at its door.</summary>
public class MemVaultMatrixTests(HostKind kind) : FunctionalTests(kind)
{
    private const string Body = """{"content": "The office closes at six."}""";
    private World _world = null!;

    /// <summary>
    /// A call with the status that each caller gets: owner, admin, member and viewer of the organization (member and viewer of the team in the same roles), a
    /// colleague who is member of the organization and in no team, an outsider with an account of its own, and an API key of another tenant.
    /// </summary>
    private static readonly Call[] Calls =
    [
        new("GET /api/memories/users/me/", [200, 200, 200, 200, 200, 200, 200], (_, _) => Path("users/me")),
        new("POST /api/memories/users/me/", [201, 201, 201, 201, 201, 201, 201], (_, _) => Path("users/me", Body)),
        new("GET /api/memories/users/me/{id}/", [200, 200, 200, 200, 200, 200, 200], async (_, caller) => new($"users/me/{await AddAsync(caller, "users/me")}")),
        new("PATCH /api/memories/users/me/{id}/", [200, 200, 200, 200, 200, 200, 200], async (_, caller) => new($"users/me/{await AddAsync(caller, "users/me")}", Body)),
        new("DELETE /api/memories/users/me/{id}/", [204, 204, 204, 204, 204, 204, 204], async (_, caller) => new($"users/me/{await AddAsync(caller, "users/me")}")),
        new("GET /api/memories/users/me/{id of the owner}/", [200, 404, 404, 404, 404, 404, 404], async (world, _) => new($"users/me/{await AddAsync(world.Owner, "users/me")}")),
        new("PATCH /api/memories/users/me/{id of the owner}/", [200, 404, 404, 404, 404, 404, 404], async (world, _) => new($"users/me/{await AddAsync(world.Owner, "users/me")}", Body)),
        new("DELETE /api/memories/users/me/{id of the owner}/", [204, 404, 404, 404, 404, 404, 404], async (world, _) => new($"users/me/{await AddAsync(world.Owner, "users/me")}")),
        new("GET /api/memories/users/me/{id of the team}/", [404, 404, 404, 404, 404, 404, 404], async (world, _) => new($"users/me/{await AddAsync(world.Owner, world.Team)}")),

        new("GET /api/memories/teams/{team_id}/", [200, 200, 200, 200, 404, 404, 404], (world, _) => Path(world.Team)),
        new("POST /api/memories/teams/{team_id}/", [201, 201, 201, 403, 404, 404, 404], (world, _) => Path(world.Team, Body)),
        new("GET /api/memories/teams/{team_id}/{id}/", [200, 200, 200, 200, 404, 404, 404], async (world, _) => new($"{world.Team}/{await AddAsync(world.Owner, world.Team)}")),
        new("PATCH /api/memories/teams/{team_id}/{id}/", [200, 200, 200, 403, 404, 404, 404], async (world, _) => new($"{world.Team}/{await AddAsync(world.Owner, world.Team)}", Body)),
        new("DELETE /api/memories/teams/{team_id}/{id}/", [204, 204, 403, 403, 404, 404, 404], async (world, _) => new($"{world.Team}/{await AddAsync(world.Owner, world.Team)}")),
        new("DELETE /api/memories/teams/{team_id}/{id of the member}/", [204, 204, 204, 403, 404, 404, 404], async (world, _) => new($"{world.Team}/{await AddAsync(world.Member, world.Team)}")),
        new("GET /api/memories/teams/{team_id}/{id of the organization}/", [404, 404, 404, 404, 404, 404, 404], async (world, _) => new($"{world.Team}/{await AddAsync(world.Owner, world.Organization)}")),

        new("GET /api/memories/orgs/{org_id}/", [200, 200, 200, 200, 200, 404, 404], (world, _) => Path(world.Organization)),
        new("POST /api/memories/orgs/{org_id}/", [201, 201, 201, 403, 201, 404, 404], (world, _) => Path(world.Organization, Body)),
        new("GET /api/memories/orgs/{org_id}/{id}/", [200, 200, 200, 200, 200, 404, 404], async (world, _) => new($"{world.Organization}/{await AddAsync(world.Owner, world.Organization)}")),
        new("PATCH /api/memories/orgs/{org_id}/{id}/", [200, 200, 200, 403, 200, 404, 404], async (world, _) => new($"{world.Organization}/{await AddAsync(world.Owner, world.Organization)}", Body)),
        new("DELETE /api/memories/orgs/{org_id}/{id}/", [204, 204, 403, 403, 403, 404, 404], async (world, _) => new($"{world.Organization}/{await AddAsync(world.Owner, world.Organization)}")),
        new("DELETE /api/memories/orgs/{org_id}/{id of the member}/", [204, 204, 204, 403, 403, 404, 404], async (world, _) => new($"{world.Organization}/{await AddAsync(world.Member, world.Organization)}")),
        new("GET /api/memories/orgs/{org_id}/{id of the team}/", [404, 404, 404, 404, 404, 404, 404], async (world, _) => new($"{world.Organization}/{await AddAsync(world.Owner, world.Team)}")),
        new("POST /api/memories/orgs/{a name that nobody has}/", [404, 404, 404, 404, 404, 404, 404], (_, _) => Path($"orgs/free-{Guid.NewGuid():N}"[..20], Body)),

        new("GET /api/user/organizations/", [200, 200, 200, 200, 200, 200, 200], (_, _) => Path("/api/user/organizations")),
        new("GET /api/user/organizations/{org_id}/teams/", [200, 200, 200, 200, 200, 404, 404], (world, _) => Path(world.Teams)),
        new("POST /api/user/organizations/{org_id}/teams/", [201, 201, 403, 403, 403, 404, 404], (world, _) => Path(world.Teams, """{"name": "Another"}""")),
        new("GET /api/user/organizations/{org_id}/teams/{team_id}/", [200, 200, 200, 200, 200, 404, 404], (world, _) => Path($"{world.Teams}/{world.TeamId}")),
        new("PUT /api/user/organizations/{org_id}/teams/{team_id}/", [200, 200, 403, 403, 403, 404, 404], (world, _) => Path($"{world.Teams}/{world.TeamId}", """{"name": "Rowers"}""")),
        new("DELETE /api/user/organizations/{org_id}/teams/{team_id}/", [204, 204, 403, 403, 403, 404, 404], async (world, _) => new($"{world.Teams}/{await world.AddTeamAsync()}")),
        new("GET /api/user/organizations/{org_id}/teams/{team_id}/members/", [200, 200, 200, 200, 200, 404, 404], (world, _) => Path($"{world.Teams}/{world.TeamId}/members")),
        new("POST /api/user/organizations/{org_id}/teams/{team_id}/members/", [201, 201, 403, 403, 403, 404, 404], async (world, _) => new($"{world.Teams}/{await world.AddTeamAsync()}/members", $$"""{"user_id": "{{world.Member.Person.AccountId}}"}""")),
        new("DELETE /api/user/organizations/{org_id}/teams/{team_id}/members/{user_id}/", [204, 204, 204, 403, 403, 404, 404], async (world, _) => new($"{world.Teams}/{await world.AddTeamAsync(world.Member)}/members/{world.Member.Person.AccountId}")),
    ];

    [OneTimeSetUp]
    public async Task MakeTheWorldAsync() => _world = await World.CreateAsync(Host);

    [OneTimeTearDown]
    public void EndTheWorld() => _world.Dispose();

    [TestCaseSource(nameof(Calls))]
    public async Task Each_caller_gets_the_status_that_is_due(object row)
    {
        var call = (Call)row;
        var method = new HttpMethod(call.Name.Split(' ')[0]);
        var answers = new List<(string Caller, int Status)>();
        foreach (var caller in _world.Callers)
        {
            var request = await call.Prepare(_world, caller);

            // Half of the callers leave out the slash.
            var path = (request.Path.StartsWith('/') ? request.Path : $"/api/memories/{request.Path}") + (answers.Count % 2 == 0 ? "/" : "");
            var (status, json, response) = await caller.SendAsync(method, path, request.Body);
            using (response)
            {
                answers.Add((caller.Name, status));
                if (status >= 400)
                {
                    Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"), $"{caller.Name}: {json}");
                }
            }
        }

        Assert.That(answers, Is.EqualTo(_world.Callers.Zip(call.Statuses, (caller, status) => (caller.Name, status))));
    }

    [Test]
    public async Task Without_credentials_there_is_nothing()
    {
        using var anonymous = Host.CreateClient();
        foreach (var path in (string[])["/api/memories/users/me/", $"/api/memories/{_world.Team}/", $"/api/memories/{_world.Organization}/", "/api/user/organizations/", $"{_world.Teams}/"])
        {
            await anonymous.SendJsonAsync(HttpMethod.Get, path, null, System.Net.HttpStatusCode.Unauthorized);
        }
    }

    private static Task<Request> Path(string path, string? body = null) => Task.FromResult(new Request(path, body));

    private static async Task<string> AddAsync(VaultUser user, string vault)
        => (await user.PostAsync($"/api/memories/{vault}/", new { content = $"Note {Guid.NewGuid():N}" })).GetProperty("id").GetString()!;

    private sealed record Request(string Path, string? Body = null);

    private sealed record Call(string Name, int[] Statuses, Func<World, VaultUser, Task<Request>> Prepare)
    {
        public override string ToString() => Name;
    }

    private sealed class World : IDisposable
    {
        public required IReadOnlyList<VaultUser> Callers { get; init; }

        public required string OrganizationId { get; init; }

        public required string TeamId { get; init; }

        public VaultUser Owner => Callers[0];

        public VaultUser Member => Callers[2];

        public string Organization => $"orgs/{OrganizationId}";

        public string Team => $"teams/{TeamId}";

        public string Teams => $"/api/user/organizations/{OrganizationId}/teams";

        public static async Task<World> CreateAsync(TestHost host)
        {
            var owner = await Person.RegisterAsync(host);
            var people = new List<Person>();
            var organization = (await owner.PostAsync("/v1/organizations", new { name = "Acme" })).GetProperty("id").GetString()!;
            foreach (var role in (string[])["admin", "member", "viewer", "member"])
            {
                var person = await Person.RegisterAsync(host);
                people.Add(person);
                await owner.PostAsync($"/v1/organizations/{organization}/members", new { user_id = person.AccountId, role });
            }

            var team = (await owner.PostAsync($"/v1/organizations/{organization}/teams", new { name = "Rowers" })).GetProperty("id").GetString()!;
            foreach (var (person, role) in ((Person, string)[])[(people[1], "member"), (people[2], "viewer")])
            {
                await owner.PostAsync($"/v1/organizations/{organization}/teams/{team}/members", new { user_id = person.AccountId, role });
            }

            return new World
            {
                OrganizationId = organization,
                TeamId = team,
                Callers =
                [
                    VaultUser.Of("owner", owner),
                    VaultUser.Of("admin", people[0]),
                    VaultUser.Of("member", people[1]),
                    VaultUser.Of("viewer", people[2]),
                    VaultUser.Of("colleague", people[3]),
                    await VaultUser.RegisterAsync(host, "outsider"),
                    await VaultUser.WithKeyAsync(host, "foreign key", await Person.RegisterAsync(host)),
                ],
            };
        }

        /// <summary>A new team, with somebody in it.</summary>
        public async Task<string> AddTeamAsync(VaultUser? member = null)
        {
            var id = (await Owner.PostAsync($"{Teams}/", new { name = "Another" })).GetProperty("id").GetString()!;
            if (member is not null)
            {
                await Owner.PostAsync($"{Teams}/{id}/members/", new { user_id = member.Person.AccountId });
            }

            return id;
        }

        public void Dispose()
        {
            foreach (var caller in Callers)
            {
                caller.Dispose();
            }
        }
    }
}
