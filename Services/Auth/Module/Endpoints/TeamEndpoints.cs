using System.ComponentModel.DataAnnotations;
using MemoryMesh.Auth.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Auth.Endpoints;

/// <summary>Teams of organizations and their members. Every member of the organization sees them.</summary>
internal static class TeamEndpoints
{
    public static void MapTeams(this RouteGroupBuilder group)
    {
        group.MapGet("/{org}/teams", ListAsync).WithName("Auth_ListTeams").WithSummary("List the teams of an organization")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404);
        group.MapPost("/{org}/teams", CreateAsync).WithName("Auth_CreateTeam").WithSummary("Create a team")
            .WithDescription("For admins and owners of the organization; the creator becomes the team's owner.")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        group.MapGet("/{org}/teams/{team:guid}", GetAsync).WithName("Auth_GetTeam").WithSummary("Get a team")
            .ProducesProblem(401).ProducesProblem(403).ProducesProblem(404);
        group.MapPut("/{org}/teams/{team:guid}", RenameAsync).WithName("Auth_RenameTeam").WithSummary("Rename a team")
            .WithDescription("For admins and owners of the organization or the team.")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404);
        group.MapDelete("/{org}/teams/{team:guid}", DeleteAsync).WithName("Auth_DeleteTeam").WithSummary("Delete a team")
            .WithDescription("For admins and owners of the organization or the team.")
            .ProducesProblem(401).ProducesProblem(403).ProducesProblem(404);
        group.MapGet("/{org}/teams/{team:guid}/members", ListMembersAsync).WithName("Auth_ListTeamMembers").WithSummary("List the members of a team")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404);
        group.MapPost("/{org}/teams/{team:guid}/members", AddMemberAsync).WithName("Auth_AddTeamMember").WithSummary("Add a member to a team")
            .WithDescription("For admins and owners of the organization or the team. The account must be a member of the organization.")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        group.MapGet("/{org}/teams/{team:guid}/members/{user:guid}", GetMemberAsync).WithName("Auth_GetTeamMember").WithSummary("Get a member of a team")
            .ProducesProblem(401).ProducesProblem(403).ProducesProblem(404);
        group.MapPut("/{org}/teams/{team:guid}/members/{user:guid}", SetMemberRoleAsync).WithName("Auth_SetTeamMemberRole")
            .WithSummary("Change a team member's role")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404);
        group.MapDelete("/{org}/teams/{team:guid}/members/{user:guid}", RemoveMemberAsync).WithName("Auth_RemoveTeamMember")
            .WithSummary("Remove a team member, or leave the team")
            .ProducesProblem(401).ProducesProblem(403).ProducesProblem(404);
    }

    private static async Task<Results<Ok<Page<TeamResponse>>, ProblemHttpResult>> ListAsync(
        string org, Caller caller, OrganizationDoor door, ITeamStore teams, int? limit, string? cursor, CancellationToken cancellationToken)
    {
        if (Paging.Read(limit, cursor, out var take, out Guid? after) is { } invalid)
        {
            return invalid;
        }

        var (access, problem) = await door.ReadAsync(caller, org, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var found = await teams.ListAsync(access.TenantId, after, take + 1, cancellationToken);
        return TypedResults.Ok(Paging.ToPage(found, take, Show, team => team.Id.ToString("N")));
    }

    private static async Task<Results<CreatedAtRoute<TeamResponse>, ProblemHttpResult>> CreateAsync(
        string org,
        Caller caller,
        TeamRequest request,
        OrganizationDoor door,
        ITeamStore teams,
        PrincipalCache principals,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var (access, problem) = await door.ChangeAsync(caller, org, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var now = StoredTime.Of(clock.GetUtcNow());
        var team = new TeamRecord(Guid.CreateVersion7(now), request.Name!, now);
        if (OrganizationDoor.ProblemOf(await teams.AddAsync(access.TenantId, access.AccountId, team, cancellationToken)) is { } refused)
        {
            return refused;
        }

        principals.Clear();
        return TypedResults.CreatedAtRoute(Show(team), "Auth_GetTeam", new { org = access.TenantId, team = team.Id });
    }

    private static async Task<Results<Ok<TeamResponse>, ProblemHttpResult>> GetAsync(
        string org, Guid team, Caller caller, OrganizationDoor door, ITeamStore teams, CancellationToken cancellationToken)
    {
        var (access, problem) = await door.ReadAsync(caller, org, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        return await teams.FindAsync(access.TenantId, team, cancellationToken) is { } found
            ? TypedResults.Ok(Show(found))
            : Problems.NotFound.ToResult();
    }

    private static async Task<Results<Ok<TeamResponse>, ProblemHttpResult>> RenameAsync(
        string org,
        Guid team,
        Caller caller,
        TeamRequest request,
        OrganizationDoor door,
        ITeamStore teams,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var (access, problem) = await door.ChangeAsync(caller, org, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var change = await teams.RenameAsync(access.TenantId, access.AccountId, team, request.Name!, clock.GetUtcNow(), cancellationToken);
        if (OrganizationDoor.ProblemOf(change) is { } refused)
        {
            return refused;
        }

        return await teams.FindAsync(access.TenantId, team, cancellationToken) is { } found
            ? TypedResults.Ok(Show(found))
            : Problems.NotFound.ToResult();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string org,
        Guid team,
        Caller caller,
        OrganizationDoor door,
        ITeamStore teams,
        PrincipalCache principals,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var (access, problem) = await door.ChangeAsync(caller, org, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        if (OrganizationDoor.ProblemOf(await teams.DeleteAsync(access.TenantId, access.AccountId, team, clock.GetUtcNow(), cancellationToken)) is { } refused)
        {
            return refused;
        }

        principals.Clear();
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<Page<MemberResponse>>, ProblemHttpResult>> ListMembersAsync(
        string org,
        Guid team,
        Caller caller,
        OrganizationDoor door,
        ITeamStore teams,
        MemberNames names,
        int? limit,
        string? cursor,
        CancellationToken cancellationToken)
    {
        if (Paging.Read(limit, cursor, out var take, out Guid? after) is { } invalid)
        {
            return invalid;
        }

        var (access, problem) = await door.ReadAsync(caller, org, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        if (await teams.FindAsync(access.TenantId, team, cancellationToken) is null)
        {
            return Problems.NotFound.ToResult();
        }

        var found = await teams.ListMembersAsync(access.TenantId, team, after, take + 1, cancellationToken);
        return TypedResults.Ok(await names.ShowAsync(found, take, access, cancellationToken));
    }

    private static async Task<Results<CreatedAtRoute<MemberResponse>, ProblemHttpResult>> AddMemberAsync(
        string org,
        Guid team,
        Caller caller,
        AddMemberRequest request,
        OrganizationDoor door,
        ITeamStore teams,
        MemberNames names,
        PrincipalCache principals,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (!request.NamesOneAccount())
        {
            return Problems.InvalidField("user_id", "Give exactly one of user_id, username and email.");
        }

        var (access, problem) = await door.ChangeAsync(caller, org, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var accountId = await names.FindAsync(request, cancellationToken) ?? Guid.Empty;
        var member = new MemberRecord(accountId, Roles.Parse(request.Role!), StoredTime.Of(clock.GetUtcNow()));
        if (OrganizationDoor.ProblemOf(await teams.AddMemberAsync(access.TenantId, access.AccountId, team, member, cancellationToken)) is { } refused)
        {
            return refused;
        }

        principals.Clear();
        return TypedResults.CreatedAtRoute(
            await names.ShowAsync(member, access, cancellationToken), "Auth_GetTeamMember", new { org = access.TenantId, team, user = accountId });
    }

    private static async Task<Results<Ok<MemberResponse>, ProblemHttpResult>> GetMemberAsync(
        string org,
        Guid team,
        Guid user,
        Caller caller,
        OrganizationDoor door,
        ITeamStore teams,
        MemberNames names,
        CancellationToken cancellationToken)
    {
        var (access, problem) = await door.ReadAsync(caller, org, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        return await teams.FindMemberAsync(access.TenantId, team, user, cancellationToken) is { } member
            ? TypedResults.Ok(await names.ShowAsync(member, access, cancellationToken))
            : Problems.NotFound.ToResult();
    }

    private static async Task<Results<Ok<MemberResponse>, ProblemHttpResult>> SetMemberRoleAsync(
        string org,
        Guid team,
        Guid user,
        Caller caller,
        SetRoleRequest request,
        OrganizationDoor door,
        ITeamStore teams,
        MemberNames names,
        PrincipalCache principals,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var (access, problem) = await door.ChangeAsync(caller, org, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var change = await teams.SetMemberRoleAsync(
            access.TenantId, access.AccountId, team, user, Roles.Parse(request.Role!), clock.GetUtcNow(), cancellationToken);
        if (OrganizationDoor.ProblemOf(change) is { } refused)
        {
            return refused;
        }

        principals.Clear();
        return await teams.FindMemberAsync(access.TenantId, team, user, cancellationToken) is { } member
            ? TypedResults.Ok(await names.ShowAsync(member, access, cancellationToken))
            : Problems.NotFound.ToResult();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveMemberAsync(
        string org,
        Guid team,
        Guid user,
        Caller caller,
        OrganizationDoor door,
        ITeamStore teams,
        PrincipalCache principals,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var (access, problem) = await door.ChangeAsync(caller, org, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var change = await teams.RemoveMemberAsync(access.TenantId, access.AccountId, team, user, clock.GetUtcNow(), cancellationToken);
        if (OrganizationDoor.ProblemOf(change) is { } refused)
        {
            return refused;
        }

        principals.Clear();
        return TypedResults.NoContent();
    }

    private static TeamResponse Show(TeamRecord team) => new(team.Id, team.Name, team.CreatedAt);
}

/// <summary>Body of <c>POST</c> and <c>PUT</c> of teams.</summary>
internal sealed record TeamRequest
{
    /// <summary>Name.</summary>
    [Required]
    [PlainText(200)]
    public string? Name { get; init; }
}

/// <summary>A team.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="CreatedAt">When it was created.</param>
internal sealed record TeamResponse(Guid Id, string Name, DateTimeOffset CreatedAt);
