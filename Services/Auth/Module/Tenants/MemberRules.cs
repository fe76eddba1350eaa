using MemoryMesh.Contracts.Auth;

namespace MemoryMesh.Auth.Tenants;

/// <summary>Who may change whose role.</summary>
internal static class MemberRules
{
    /// <summary>Whether a role may give, change or take away another: admins and owners may, and only owners those of owners.</summary>
    /// <param name="actor">Role of who acts; null when it has none.</param>
    /// <param name="before">Role before; null when there is none.</param>
    /// <param name="after">Role after; null when it is taken away.</param>
    public static bool MayChange(TenantRole? actor, TenantRole? before, TenantRole? after)
        => actor >= TenantRole.Admin && (actor == TenantRole.Owner || (before != TenantRole.Owner && after != TenantRole.Owner));

    /// <summary>The role that counts in a team: the tenant's admins and owners have theirs in each team, a tenant's viewers only read.</summary>
    public static TenantRole? RoleInTeam(TenantRole? inTenant, TenantRole? inTeam)
        => inTenant is null
            ? null
            : inTenant >= TenantRole.Admin ? inTenant : inTenant == TenantRole.Viewer && inTeam is not null ? TenantRole.Viewer : inTeam;
}
