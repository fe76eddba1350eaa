using MemoryMesh.Contracts.Auth;
using MemoryMesh.Retention.Transfers.Exports;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Retention.Transfers;

/// <summary>Who may have what: a subject's data whoever acts for it, a tenant's its admins and owners. Asked when a job is made, when it runs and when it is read.</summary>
internal sealed class TransferRights(IAuthClient auth, KeyedNames names)
{
    /// <summary>The rights that an account has in a tenant now; null when it is no member any more.</summary>
    public async Task<TenantAccess?> FindAsync(Guid accountId, Guid tenantId, CancellationToken cancellationToken)
        => await auth.FindMembershipAsync(new MembershipQuery { AccountId = accountId, TenantIdOrSlug = tenantId.ToString("D") }, cancellationToken) is { } membership
            ? TenantAccess.Of(accountId, membership)
            : null;

    /// <summary>The subject whose data the caller may have; null for every subject of the tenant.</summary>
    public Guid? ReachOf(TenantAccess access) => access.ActsForEverySubject ? null : names.SubjectKey(access.TenantId, access.OwnUserId);

    /// <summary>Whether an export may be had with these rights.</summary>
    public bool MayHave(TenantAccess access, ExportRecord export)
        => access.ActsForEverySubject || (!IsOfTenant(export.What) && export.OwnerKey == ReachOf(access));

    /// <summary>Whether the caller may have it: what is of a whole tenant needs a credential with the scope admin too.</summary>
    public bool MayHave(TenantAccess access, Caller caller, ExportRecord export)
        => export.TenantId == access.TenantId && MayHave(access, export) && (!IsOfTenant(export.What) || MayAdminister(caller));

    public static bool MayAdminister(Caller caller) => caller.Principal.Scopes.Contains(KeyScopes.Admin);

    public static bool IsOfTenant(ExportSubject what) => what is ExportSubject.Tenant or ExportSubject.Analytics;
}
