using MemoryMesh.Auth.Tenants;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Auth.Storage.Sql;

/// <summary>One writer runs these transactions one after the other: what a transaction reads holds until it commits.</summary>
internal sealed class SqlMemberStore([FromKeyedServices(AuthModule.Name)] ModuleStore database) : IMemberStore
{
    public async Task<IReadOnlyList<MemberRecord>> ListAsync(Guid tenantId, Guid? after, int limit, CancellationToken cancellationToken)
        => await database.Data.ReadAsync(
            session => session.Query(
                "SELECT account_id, role, created_at FROM memberships WHERE tenant_id = $1 AND account_id > $2 ORDER BY account_id LIMIT $3",
                ReadMember,
                tenantId,
                after ?? Guid.Empty,
                limit),
            cancellationToken);

    public Task<MemberRecord?> FindAsync(Guid tenantId, Guid accountId, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => session.QueryFirst(
                "SELECT account_id, role, created_at FROM memberships WHERE tenant_id = $1 AND account_id = $2", ReadMember, tenantId, accountId),
            cancellationToken);

    public Task<Change> AddAsync(Guid tenantId, Guid actorId, MemberRecord member, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                if (SqlTenantStore.RoleOf(session, tenantId, actorId) is not { } actor)
                {
                    return Change.NotFound;
                }

                if (!MemberRules.MayChange(actor, null, member.Role))
                {
                    return Change.Forbidden;
                }

                if (session.Scalar("SELECT COUNT(*) FROM accounts WHERE id = $1", member.AccountId) == 0)
                {
                    return Change.NotFound;
                }

                if (session.Execute(
                    "INSERT INTO memberships (tenant_id, account_id, role, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                    tenantId,
                    member.AccountId,
                    member.Role,
                    member.CreatedAt) == 0)
                {
                    return Change.AlreadyMember;
                }

                SqlAuditLog.Add(session, new AuditEvent(member.CreatedAt, actorId, tenantId, AuditActions.MemberAdded, member.AccountId));
                return Change.Done;
            },
            cancellationToken);

    public Task<Change> SetRoleAsync(
        Guid tenantId, Guid actorId, Guid accountId, TenantRole role, DateTimeOffset now, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                if (SqlTenantStore.RoleOf(session, tenantId, actorId) is not { } actor
                    || SqlTenantStore.RoleOf(session, tenantId, accountId) is not { } before)
                {
                    return Change.NotFound;
                }

                if (!MemberRules.MayChange(actor, before, role))
                {
                    return Change.Forbidden;
                }

                if (before == TenantRole.Owner && role != TenantRole.Owner && WhyOwnerStays(session, tenantId, accountId) is { } reason)
                {
                    return reason;
                }

                session.Execute("UPDATE memberships SET role = $3 WHERE tenant_id = $1 AND account_id = $2", tenantId, accountId, role);
                SqlAuditLog.Add(session, new AuditEvent(now, actorId, tenantId, AuditActions.MemberRoleChanged, accountId));
                return Change.Done;
            },
            cancellationToken);

    public async Task<Change> RemoveAsync(Guid tenantId, Guid actorId, Guid accountId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var outcome = await database.Data.WriteAsync(
            session =>
            {
                if (SqlTenantStore.RoleOf(session, tenantId, actorId) is not { } actor
                    || SqlTenantStore.RoleOf(session, tenantId, accountId) is not { } before)
                {
                    return Change.NotFound;
                }

                if (actorId != accountId && !MemberRules.MayChange(actor, before, null))
                {
                    return Change.Forbidden;
                }

                if (before == TenantRole.Owner && WhyOwnerStays(session, tenantId, accountId) is { } reason)
                {
                    return reason;
                }

                session.Execute("DELETE FROM api_keys WHERE tenant_id = $1 AND account_id = $2", tenantId, accountId);
                session.Execute("DELETE FROM team_members WHERE tenant_id = $1 AND account_id = $2", tenantId, accountId);
                session.Execute("DELETE FROM memberships WHERE tenant_id = $1 AND account_id = $2", tenantId, accountId);
                SqlAuditLog.Add(session, new AuditEvent(now, actorId, tenantId, AuditActions.MemberRemoved, accountId));
                return Change.Done;
            },
            cancellationToken);
        database.Data.RequestScrub();
        return outcome;
    }

    internal static MemberRecord ReadMember(StoreRow row) => new(row.Id(0), (TenantRole)row.Int32(1), row.Time(2));

    private static Change? WhyOwnerStays(StoreSession session, Guid tenantId, Guid accountId)
        => session.Scalar("SELECT COUNT(*) FROM accounts WHERE id = $1 AND own_tenant_id = $2", accountId, tenantId) != 0
            ? Change.OwnTenant
            : session.Scalar("SELECT COUNT(*) FROM memberships WHERE tenant_id = $1 AND role = $2", tenantId, TenantRole.Owner) <= 1
                ? Change.LastOwner
                : null;
}
