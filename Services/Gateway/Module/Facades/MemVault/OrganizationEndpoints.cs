using MemoryMesh.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Gateway.Facades.MemVault;

/// <summary>Organizations of the caller, their teams and the members of these.</summary>
internal static class OrganizationEndpoints
{
    private const string DefaultRole = "member";

    public static void MapOrganizations(this RouteGroupBuilder group)
    {
        group.MapGet("/", ListAsync).WithName("MemVault_ListOrganizations").WithSummary("List the caller's organizations");
        group.MapGet("/{org_id}/teams", ListTeamsAsync).WithName("MemVault_ListTeams").WithSummary("List the teams of an organization");
        group.MapPost("/{org_id}/teams", CreateTeamAsync).WithName("MemVault_CreateTeam").WithSummary("Create a team")
            .WithDescription("For admins and owners of the organization; the creator becomes the team's owner.").ProducesProblem(409);
        group.MapGet("/{org_id}/teams/{team_id}", GetTeamAsync).WithName("MemVault_GetTeam").WithSummary("Get a team");
        group.MapPut("/{org_id}/teams/{team_id}", RenameTeamAsync).WithName("MemVault_RenameTeam").WithSummary("Rename a team")
            .WithDescription("For admins and owners of the organization or the team.");
        group.MapDelete("/{org_id}/teams/{team_id}", DeleteTeamAsync).WithName("MemVault_DeleteTeam").WithSummary("Delete a team")
            .WithDescription("For admins and owners of the organization or the team.");
        group.MapGet("/{org_id}/teams/{team_id}/members", ListMembersAsync).WithName("MemVault_ListTeamMembers").WithSummary("List the members of a team");
        group.MapPost("/{org_id}/teams/{team_id}/members", AddMemberAsync).WithName("MemVault_AddTeamMember").WithSummary("Add a member to a team")
            .WithDescription("For admins and owners of the organization or the team. The account must be a member of the organization.").ProducesProblem(409);
        group.MapDelete("/{org_id}/teams/{team_id}/members/{user_id}", RemoveMemberAsync).WithName("MemVault_RemoveTeamMember")
            .WithSummary("Remove a team member, or leave the team");
    }

    private static Task<Results<Ok<ListPage<VaultOrganization>>, ProblemHttpResult>> ListAsync(
        [AsParameters] ListParameters parameters, FacadeRequest request, CancellationToken cancellationToken)
        => parameters.SelectAsync(
            request,
            request.Native.Organizations.ListAsync(cancellationToken).Select(VaultOrganization.From),
            organization => organization.Name,
            ("name", organization => organization.Name),
            ("created_at", organization => organization.CreatedAt));

    private static Task<Results<Ok<ListPage<VaultTeam>>, ProblemHttpResult>> ListTeamsAsync(
        [FromRoute(Name = "org_id")] string org, [AsParameters] ListParameters parameters, FacadeRequest request, CancellationToken cancellationToken)
        => parameters.SelectAsync(
            request,
            request.Native.Organizations.ListTeamsAsync(org, cancellationToken).Select(team => VaultTeam.From(org, team)),
            team => team.Name,
            ("name", team => team.Name),
            ("created_at", team => team.CreatedAt));

    private static async Task<Created<VaultTeam>> CreateTeamAsync(
        [FromRoute(Name = "org_id")] string org, VaultTeamRequest team, FacadeRequest request, CancellationToken cancellationToken)
    {
        var created = await request.Native.Organizations.CreateTeamAsync(org, team.Name!, cancellationToken);
        return TypedResults.Created((string?)null, VaultTeam.From(org, created));
    }

    private static async Task<Ok<VaultTeam>> GetTeamAsync([FromRoute(Name = "org_id")] string org, [FromRoute(Name = "team_id")] string team, FacadeRequest request, CancellationToken cancellationToken)
        => TypedResults.Ok(VaultTeam.From(org, await request.Native.Organizations.GetTeamAsync(org, team, cancellationToken)));

    private static async Task<Ok<VaultTeam>> RenameTeamAsync(
        [FromRoute(Name = "org_id")] string org, [FromRoute(Name = "team_id")] string team, VaultTeamRequest change, FacadeRequest request, CancellationToken cancellationToken)
        => TypedResults.Ok(VaultTeam.From(org, await request.Native.Organizations.RenameTeamAsync(org, team, change.Name!, cancellationToken)));

    private static async Task<NoContent> DeleteTeamAsync([FromRoute(Name = "org_id")] string org, [FromRoute(Name = "team_id")] string team, FacadeRequest request, CancellationToken cancellationToken)
    {
        await request.Native.Organizations.DeleteTeamAsync(org, team, cancellationToken);
        return TypedResults.NoContent();
    }

    private static Task<Results<Ok<ListPage<VaultMember>>, ProblemHttpResult>> ListMembersAsync(
        [FromRoute(Name = "org_id")] string org, [FromRoute(Name = "team_id")] string team, [AsParameters] ListParameters parameters, FacadeRequest request, CancellationToken cancellationToken)
        => parameters.SelectAsync(
            request,
            request.Native.Organizations.ListTeamMembersAsync(org, team, cancellationToken).Select(VaultMember.From),
            member => $"{member.Username}\n{member.Email}",
            ("username", member => member.Username ?? ""),
            ("created_at", member => member.CreatedAt));

    private static async Task<Created<VaultMember>> AddMemberAsync(
        [FromRoute(Name = "org_id")] string org, [FromRoute(Name = "team_id")] string team, VaultMemberRequest member, FacadeRequest request, CancellationToken cancellationToken)
    {
        var added = await request.Native.Organizations.AddTeamMemberAsync(
            org,
            team,
            new NewMember { UserId = member.UserId, Username = member.Username, Email = member.Email, Role = member.Role ?? DefaultRole },
            cancellationToken);
        return TypedResults.Created((string?)null, VaultMember.From(added));
    }

    private static async Task<NoContent> RemoveMemberAsync(
        [FromRoute(Name = "org_id")] string org, [FromRoute(Name = "team_id")] string team, [FromRoute(Name = "user_id")] string user, FacadeRequest request, CancellationToken cancellationToken)
    {
        await request.Native.Organizations.RemoveTeamMemberAsync(org, team, user, cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>An organization of the caller.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="Slug">Its slug, if it has one. Either names it in a path.</param>
    /// <param name="Role">The caller's role: owner, admin, member or viewer.</param>
    /// <param name="CreatedAt">When it was created.</param>
    internal sealed record VaultOrganization(string Id, string Name, string? Slug, string Role, DateTimeOffset CreatedAt)
    {
        public static VaultOrganization From(OrganizationInfo organization)
            => new(organization.Id, organization.Name, organization.Slug, organization.Role, organization.CreatedAt);
    }

    /// <summary>Names a team.</summary>
    internal sealed record VaultTeamRequest
    {
        /// <summary>Its name, up to 200 bytes.</summary>
        public string? Name { get; init; }
    }

    /// <summary>A team.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="Organization">Its organization, as the path names it.</param>
    /// <param name="CreatedAt">When it was created.</param>
    internal sealed record VaultTeam(string Id, string Name, string Organization, DateTimeOffset CreatedAt)
    {
        public static VaultTeam From(string organization, TeamInfo team) => new(team.Id, team.Name, organization, team.CreatedAt);
    }

    /// <summary>Adds a member: exactly one of user_id, username and email names the account.</summary>
    internal sealed record VaultMemberRequest
    {
        /// <summary>Id of the account.</summary>
        public string? UserId { get; init; }

        /// <summary>User name of the account.</summary>
        public string? Username { get; init; }

        /// <summary>E-mail address of the account.</summary>
        public string? Email { get; init; }

        /// <summary>Role in the team: owner, admin, member (default) or viewer.</summary>
        public string? Role { get; init; }
    }

    /// <summary>A member of a team.</summary>
    /// <param name="UserId">Id of the account.</param>
    /// <param name="Username">Its user name.</param>
    /// <param name="Email">Its e-mail address; shown to admins and owners, and to oneself.</param>
    /// <param name="Role">Its role in the team.</param>
    /// <param name="CreatedAt">Since when it is a member.</param>
    internal sealed record VaultMember(string UserId, string? Username, string? Email, string Role, DateTimeOffset CreatedAt)
    {
        public static VaultMember From(MemberInfo member) => new(member.UserId, member.Username, member.Email, member.Role, member.CreatedAt);
    }
}
