using MemoryMesh.Contracts.Auth;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.ServiceDefaults.Security;

/// <summary>What a request wants to do in a tenant.</summary>
public enum Permission
{
    /// <summary>Read: scope <c>read</c>, any role.</summary>
    Read,

    /// <summary>Change, delete: scope <c>write</c>, role member or higher.</summary>
    Write,

    /// <summary>Store something new: as <see cref="Write"/>, and a tenant that nobody owns may become the caller's. A change or deletion claims none: there is nothing in it.</summary>
    Store,

    /// <summary>Administer: scope <c>admin</c>, role admin or owner.</summary>
    Administer,
}

/// <summary>A caller inside a tenant, with its rights there. Every store call takes the tenant from here.</summary>
public sealed record TenantAccess
{
    /// <summary>The tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>The account that acts.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>Its role in the tenant.</summary>
    public required TenantRole Role { get; init; }

    /// <summary>The account's teams, with its role in each.</summary>
    public required IReadOnlyDictionary<Guid, TenantRole> Teams { get; init; }

    /// <summary>Teams whose memories may be read: those of the account, and all of the tenant for admins and owners.</summary>
    public required IReadOnlyList<Guid> ReadableTeams { get; init; }

    /// <summary>Admins, owners and their API keys act for every subject of the tenant; others for themselves only.</summary>
    public bool ActsForEverySubject => Role >= TenantRole.Admin;

    /// <summary>The rights of a member.</summary>
    public static TenantAccess Of(Guid accountId, TenantMembership membership)
    {
        ArgumentNullException.ThrowIfNull(membership);
        return new TenantAccess
        {
            TenantId = membership.TenantId,
            AccountId = accountId,
            Role = membership.Role,
            Teams = membership.Teams,
            ReadableTeams = membership.AllTeams ?? [.. membership.Teams.Keys],
        };
    }

    /// <summary>The account's own id as a subject.</summary>
    public string OwnUserId => AccountId.ToString("D");

    /// <summary>The subject a request means: <paramref name="userId"/>, or the account itself when none is named.</summary>
    /// <returns>Null when the caller may not act for that subject: answer as if it did not exist.</returns>
    public string? SubjectFor(string? userId)
        => userId is null || string.Equals(userId, OwnUserId, StringComparison.Ordinal) ? OwnUserId : ActsForEverySubject ? userId : null;

    /// <summary>The role in a team: the tenant's admins and owners have their tenant role in each of its teams. Null when the account is in neither.</summary>
    public TenantRole? RoleInTeam(Guid teamId)
        => ActsForEverySubject && ReadableTeams.Contains(teamId) ? Role : Teams.TryGetValue(teamId, out var role) ? role : null;
}

/// <summary>The outcome of <see cref="TenantGuard.EnterAsync"/>: exactly one of the two is set.</summary>
/// <param name="Access">The caller's rights in the tenant.</param>
/// <param name="Problem">The answer to give instead.</param>
public readonly record struct TenantEntry(TenantAccess? Access, ProblemHttpResult? Problem);

/// <summary>Lets callers into tenants. A tenant that does not exist and one the caller is no member of give the same answer, 404.</summary>
public sealed class TenantGuard(PrincipalCache principals)
{
    private const int MaxNameBytes = 200;

    /// <summary>Checks membership, role and scope.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="tenantIdOrSlug">The <c>tenant_id</c> of the request, an id or a slug; null for the caller's default tenant.</param>
    /// <param name="permission">What for.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <param name="teamId">The <c>team_id</c> of the request: where it names no tenant, the team's is meant.</param>
    public async ValueTask<TenantEntry> EnterAsync(
        Caller caller, string? tenantIdOrSlug, Permission permission, CancellationToken cancellationToken, string? teamId = null)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (tenantIdOrSlug is not null && TextRules.Check(tenantIdOrSlug, MaxNameBytes) is { } message)
        {
            return new(null, Problems.InvalidField("tenant_id", message));
        }

        var principal = caller.Principal;
        var membership = await principals.FindMembershipAsync(
            new MembershipQuery
            {
                AccountId = principal.AccountId,
                TenantIdOrSlug = tenantIdOrSlug ?? principal.DefaultTenantId.ToString("D"),
                MayClaim = permission == Permission.Store && principal.AllTenants,
                TeamId = tenantIdOrSlug is null && principal.AllTenants && Guid.TryParse(teamId, out var team) ? team : null,
            },
            cancellationToken);
        if (membership is null
            || (!principal.AllTenants && membership.TenantId != principal.DefaultTenantId)
            || (caller.OnlyTenantId is { } only && membership.TenantId != only))
        {
            return new(null, Problems.NotFound.ToResult());
        }

        var (scope, role) = permission switch
        {
            Permission.Read => (KeyScopes.Read, TenantRole.Viewer),
            Permission.Write or Permission.Store => (KeyScopes.Write, TenantRole.Member),
            _ => (KeyScopes.Admin, TenantRole.Admin),
        };
        if (!principal.Scopes.Contains(scope) || membership.Role < role)
        {
            return new(null, Problems.Forbidden.ToResult());
        }

        return new(TenantAccess.Of(principal.AccountId, membership), null);
    }
}
