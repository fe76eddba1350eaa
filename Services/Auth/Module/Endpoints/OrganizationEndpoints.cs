using System.ComponentModel.DataAnnotations;
using System.Globalization;
using MemoryMesh.Auth.Storage;
using MemoryMesh.Auth.Tenants;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Auth.Endpoints;

/// <summary>Organizations, which are tenants. <c>{org}</c> is an id or a slug.</summary>
internal static class OrganizationEndpoints
{
    public static void MapOrganizations(this RouteGroupBuilder group)
    {
        group.MapGet("/", ListAsync).WithName("Auth_ListOrganizations").WithSummary("List the organizations of the account")
            .ProducesProblem(400).ProducesProblem(401);
        group.MapPost("/", CreateAsync).WithName("Auth_CreateOrganization").WithSummary("Create an organization")
            .WithDescription("The account becomes its owner. For login sessions: an API key stays in its tenant.")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(409);
        group.MapGet("/{org}", GetAsync).WithName("Auth_GetOrganization").WithSummary("Get an organization")
            .ProducesProblem(401).ProducesProblem(403).ProducesProblem(404);
        group.MapPut("/{org}", UpdateAsync).WithName("Auth_UpdateOrganization").WithSummary("Change an organization")
            .WithDescription("For admins and owners. A slug can be given to an organization that has none; it never changes after.")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        group.MapDelete("/{org}", DeleteAsync).WithName("Auth_DeleteOrganization").WithSummary("Delete an organization")
            .WithDescription("For owners. Its members, teams and API keys go at once; its id and slug are never given again. A person's own organization stays.")
            .ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        group.MapGet("/{org}/audit", ListAuditAsync).WithName("Auth_ListAudit").WithSummary("List what was done in an organization")
            .WithDescription("For admins and owners, latest first.")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404);
    }

    private static async Task<Results<Ok<Page<OrganizationResponse>>, ProblemHttpResult>> ListAsync(
        Caller caller, ITenantStore tenants, int? limit, string? cursor, CancellationToken cancellationToken)
    {
        if (Paging.Read(limit, cursor, out var take, out Guid? after) is { } problem)
        {
            return problem;
        }

        if (!caller.Principal.Scopes.Contains(KeyScopes.Read))
        {
            return Problems.Forbidden.ToResult();
        }

        // An API key sees the one tenant it acts for, whatever else its creator belongs to.
        if (!caller.Principal.AllTenants)
        {
            return TypedResults.Ok(new Page<OrganizationResponse>(await OnlyOwnAsync(caller, tenants, cancellationToken), null));
        }

        var found = await tenants.ListAsync(caller.AccountId, after, take + 1, cancellationToken);
        return TypedResults.Ok(Paging.ToPage(found, take, row => Show(row.Tenant, row.Role), row => row.Tenant.Id.ToString("N")));
    }

    private static async Task<Results<CreatedAtRoute<OrganizationResponse>, ProblemHttpResult>> CreateAsync(
        Caller caller,
        CreateOrganizationRequest request,
        ITenantStore tenants,
        IOptions<TenantOptions> options,
        PrincipalCache principals,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (!caller.Principal.AllTenants)
        {
            return Problems.Forbidden.ToResult();
        }

        if (request.Slug is not null && !Slug.IsValid(request.Slug))
        {
            return Problems.InvalidField("slug", Slug.Rule);
        }

        var now = StoredTime.Of(clock.GetUtcNow());
        var tenant = new TenantRecord(Guid.CreateVersion7(now), request.Name!, request.Slug, now);
        var change = await tenants.AddAsync(tenant, caller.AccountId, options.Value.MaxOwned, AuditActions.TenantCreated, cancellationToken);
        if (OrganizationDoor.ProblemOf(change) is { } problem)
        {
            return problem;
        }

        principals.Clear();
        return TypedResults.CreatedAtRoute(Show(tenant, TenantRole.Owner), "Auth_GetOrganization", new { org = tenant.Id });
    }

    private static async Task<Results<Ok<OrganizationResponse>, ProblemHttpResult>> GetAsync(
        string org, Caller caller, OrganizationDoor door, ITenantStore tenants, CancellationToken cancellationToken)
    {
        var (access, problem) = await door.ReadAsync(caller, org, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        return await tenants.FindAsync(access.TenantId, cancellationToken) is { } tenant
            ? TypedResults.Ok(Show(tenant, access.Role))
            : Problems.NotFound.ToResult();
    }

    private static async Task<Results<Ok<OrganizationResponse>, ProblemHttpResult>> UpdateAsync(
        string org,
        Caller caller,
        UpdateOrganizationRequest request,
        OrganizationDoor door,
        ITenantStore tenants,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (request.Slug is not null && !Slug.IsValid(request.Slug))
        {
            return Problems.InvalidField("slug", Slug.Rule);
        }

        var (access, problem) = await door.ChangeAsync(caller, org, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var change = await tenants.UpdateAsync(access.TenantId, access.AccountId, request.Name!, request.Slug, clock.GetUtcNow(), cancellationToken);
        if (OrganizationDoor.ProblemOf(change) is { } refused)
        {
            return refused;
        }

        return await tenants.FindAsync(access.TenantId, cancellationToken) is { } tenant
            ? TypedResults.Ok(Show(tenant, access.Role))
            : Problems.NotFound.ToResult();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string org,
        Caller caller,
        OrganizationDoor door,
        ITenantStore tenants,
        PrincipalCache principals,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var (access, problem) = await door.ChangeAsync(caller, org, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var change = await tenants.DeleteAsync(access.TenantId, access.AccountId, clock.GetUtcNow(), cancellationToken);
        if (OrganizationDoor.ProblemOf(change) is { } refused)
        {
            return refused;
        }

        principals.Clear();
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<Page<AuditEventResponse>>, ProblemHttpResult>> ListAuditAsync(
        string org, Caller caller, OrganizationDoor door, IAuditLog audit, int? limit, string? cursor, CancellationToken cancellationToken)
    {
        if (Paging.Read(limit, cursor, out var take, out long? before) is { } invalid)
        {
            return invalid;
        }

        var (access, problem) = await door.AdministerAsync(caller, org, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        var found = await audit.ListAsync(access.TenantId, before, take + 1, cancellationToken);
        return TypedResults.Ok(Paging.ToPage(
            found,
            take,
            row => new AuditEventResponse(row.Event.OccurredAt, row.Event.ActorId, row.Event.Action, row.Event.TargetId, row.Event.Outcome),
            row => row.Number.ToString(CultureInfo.InvariantCulture)));
    }

    private static async Task<IReadOnlyList<OrganizationResponse>> OnlyOwnAsync(Caller caller, ITenantStore tenants, CancellationToken cancellationToken)
    {
        var tenantId = caller.Principal.DefaultTenantId;
        var answer = await tenants.FindMembershipAsync(caller.AccountId, tenantId.ToString("D"), cancellationToken);
        return answer.Membership is { } membership && await tenants.FindAsync(tenantId, cancellationToken) is { } tenant
            ? [Show(tenant, membership.Role)]
            : [];
    }

    private static OrganizationResponse Show(TenantRecord tenant, TenantRole role)
        => new(tenant.Id, tenant.Name, tenant.Slug, role, tenant.CreatedAt);
}

/// <summary>Body of <c>POST /v1/organizations</c>.</summary>
internal sealed record CreateOrganizationRequest
{
    /// <summary>Name.</summary>
    [Required]
    [PlainText(200)]
    public string? Name { get; init; }

    /// <summary>Slug: 1 to 64 of a-z, 0-9, <c>-</c> and <c>_</c>; unique. May be given later.</summary>
    public string? Slug { get; init; }
}

/// <summary>Body of <c>PUT /v1/organizations/{org}</c>.</summary>
internal sealed record UpdateOrganizationRequest
{
    /// <summary>Name.</summary>
    [Required]
    [PlainText(200)]
    public string? Name { get; init; }

    /// <summary>Slug, for an organization that has none; null leaves it as it is.</summary>
    public string? Slug { get; init; }
}

/// <summary>An organization.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Slug">Its slug, if it has one.</param>
/// <param name="Role">Role of the calling account.</param>
/// <param name="CreatedAt">When it was created.</param>
internal sealed record OrganizationResponse(Guid Id, string Name, string? Slug, TenantRole Role, DateTimeOffset CreatedAt);

/// <summary>Something that was done.</summary>
/// <param name="OccurredAt">When.</param>
/// <param name="ActorId">Account that did it.</param>
/// <param name="Action">What, for example <c>member.added</c>.</param>
/// <param name="TargetId">To which account, key, team or tenant.</param>
/// <param name="Outcome"><c>done</c> or <c>refused</c>.</param>
internal sealed record AuditEventResponse(DateTimeOffset OccurredAt, Guid? ActorId, string Action, Guid? TargetId, string Outcome);
