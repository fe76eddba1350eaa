using MemoryMesh.Auth.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Auth.Endpoints;

/// <summary>Members of organizations.</summary>
internal static class MemberEndpoints
{
    public static void MapMembers(this RouteGroupBuilder group)
    {
        group.MapGet("/{org}/members", ListAsync).WithName("Auth_ListMembers").WithSummary("List the members of an organization")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404);
        group.MapPost("/{org}/members", AddAsync).WithName("Auth_AddMember").WithSummary("Add a member to an organization")
            .WithDescription("For admins and owners; only owners add owners. The account must exist.")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        group.MapGet("/{org}/members/{user:guid}", GetAsync).WithName("Auth_GetMember").WithSummary("Get a member of an organization")
            .ProducesProblem(401).ProducesProblem(403).ProducesProblem(404);
        group.MapPut("/{org}/members/{user:guid}", SetRoleAsync).WithName("Auth_SetMemberRole").WithSummary("Change a member's role")
            .WithDescription("For admins and owners; only owners make and change owners. The last owner stays one.")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        group.MapDelete("/{org}/members/{user:guid}", RemoveAsync).WithName("Auth_RemoveMember").WithSummary("Remove a member, or leave")
            .WithDescription("For admins and owners, and for oneself. Places in teams and API keys for the organization go with it.")
            .ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<Results<Ok<Page<MemberResponse>>, ProblemHttpResult>> ListAsync(
        string org,
        Caller caller,
        OrganizationDoor door,
        IMemberStore members,
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

        var found = await members.ListAsync(access.TenantId, after, take + 1, cancellationToken);
        return TypedResults.Ok(await names.ShowAsync(found, take, access, cancellationToken));
    }

    private static async Task<Results<CreatedAtRoute<MemberResponse>, ProblemHttpResult>> AddAsync(
        string org,
        Caller caller,
        AddMemberRequest request,
        OrganizationDoor door,
        IMemberStore members,
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

        // Whether an account exists is for those to know who may add it; the store answers the others before it looks.
        var accountId = await names.FindAsync(request, cancellationToken) ?? Guid.Empty;
        var member = new MemberRecord(accountId, Roles.Parse(request.Role!), StoredTime.Of(clock.GetUtcNow()));
        if (OrganizationDoor.ProblemOf(await members.AddAsync(access.TenantId, access.AccountId, member, cancellationToken)) is { } refused)
        {
            return refused;
        }

        principals.Clear();
        return TypedResults.CreatedAtRoute(
            await names.ShowAsync(member, access, cancellationToken), "Auth_GetMember", new { org = access.TenantId, user = accountId });
    }

    private static async Task<Results<Ok<MemberResponse>, ProblemHttpResult>> GetAsync(
        string org,
        Guid user,
        Caller caller,
        OrganizationDoor door,
        IMemberStore members,
        MemberNames names,
        CancellationToken cancellationToken)
    {
        var (access, problem) = await door.ReadAsync(caller, org, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        return await members.FindAsync(access.TenantId, user, cancellationToken) is { } member
            ? TypedResults.Ok(await names.ShowAsync(member, access, cancellationToken))
            : Problems.NotFound.ToResult();
    }

    private static async Task<Results<Ok<MemberResponse>, ProblemHttpResult>> SetRoleAsync(
        string org,
        Guid user,
        Caller caller,
        SetRoleRequest request,
        OrganizationDoor door,
        IMemberStore members,
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

        var change = await members.SetRoleAsync(access.TenantId, access.AccountId, user, Roles.Parse(request.Role!), clock.GetUtcNow(), cancellationToken);
        if (OrganizationDoor.ProblemOf(change) is { } refused)
        {
            return refused;
        }

        principals.Clear();
        return await members.FindAsync(access.TenantId, user, cancellationToken) is { } member
            ? TypedResults.Ok(await names.ShowAsync(member, access, cancellationToken))
            : Problems.NotFound.ToResult();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        string org,
        Guid user,
        Caller caller,
        OrganizationDoor door,
        IMemberStore members,
        PrincipalCache principals,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var (access, problem) = await door.ChangeAsync(caller, org, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var change = await members.RemoveAsync(access.TenantId, access.AccountId, user, clock.GetUtcNow(), cancellationToken);
        if (OrganizationDoor.ProblemOf(change) is { } refused)
        {
            return refused;
        }

        principals.Clear();
        return TypedResults.NoContent();
    }
}
