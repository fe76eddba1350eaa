using MemoryMesh.Contracts.Auth;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Auth.Storage.Sqlite;

internal sealed class SqliteTenantStore([FromKeyedServices(AuthModule.Name)] ModuleDatabase database, KeyedNames names) : ITenantStore
{
    public Task<MembershipAnswer> FindMembershipAsync(Guid accountId, string tenantIdOrSlug, CancellationToken cancellationToken)
    {
        var isId = Guid.TryParse(tenantIdOrSlug, out var id);
        return database.Data.ReadAsync(
            session =>
            {
                var tenant = isId
                    ? session.QueryFirst("SELECT id, deleted_at IS NULL FROM tenants WHERE id = $1", Found, id)
                    : session.QueryFirst("SELECT id, deleted_at IS NULL FROM tenants WHERE slug_key = $1", Found, SlugKey(tenantIdOrSlug));
                return tenant is null
                    ? new MembershipAnswer(SlugIsFree: !isId, null)
                    : new MembershipAnswer(false, tenant.IsActive ? ReadMembership(session, tenant.Id, accountId) : null);
            },
            cancellationToken);

        static FoundTenant Found(SqliteRow row) => new(row.Id(0), row.Bool(1));
    }

    public async Task<AddTenantOutcome> AddAsync(TenantRecord tenant, Guid ownerId, int maxOwned, string action, CancellationToken cancellationToken)
    {
        var key = await database.Keys.GetOrCreateAsync(tenant.Id, tenant.Id, cancellationToken);
        var name = key.SealText(tenant.Name, Column("name", tenant.Id));
        var slug = key.SealTextOrNull(tenant.Slug, Column("slug", tenant.Id));
        Guid? slugKey = tenant.Slug is null ? null : SlugKey(tenant.Slug);
        var outcome = await database.Data.WriteAsync(
            session =>
            {
                if (session.Scalar("SELECT COUNT(*) FROM memberships WHERE account_id = $1 AND role = $2", ownerId, TenantRole.Owner) >= maxOwned)
                {
                    return AddTenantOutcome.LimitReached;
                }

                if (session.Execute(
                    "INSERT INTO tenants (id, slug_key, slug, name, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (slug_key) DO NOTHING",
                    tenant.Id,
                    slugKey,
                    slug,
                    name,
                    tenant.CreatedAt) == 0)
                {
                    return AddTenantOutcome.SlugTaken;
                }

                session.Execute(
                    "INSERT INTO memberships (tenant_id, account_id, role, created_at) VALUES ($1, $2, $3, $4)",
                    tenant.Id,
                    ownerId,
                    TenantRole.Owner,
                    tenant.CreatedAt);
                SqliteAuditLog.Add(session, new AuditEvent(tenant.CreatedAt, ownerId, tenant.Id, action, tenant.Id));
                return AddTenantOutcome.Added;
            },
            cancellationToken);
        if (outcome != AddTenantOutcome.Added)
        {
            await database.Keys.DestroyAsync(tenant.Id, tenant.Id, CancellationToken.None);
        }

        return outcome;
    }

    public async Task<IReadOnlyList<Guid>> ListIdsAsync(Guid? after, int limit, CancellationToken cancellationToken)
        => await database.Data.ReadAsync(
            session => session.Query(
                "SELECT id FROM tenants WHERE id > $1 AND deleted_at IS NULL ORDER BY id LIMIT $2", row => row.Id(0), after ?? Guid.Empty, limit),
            cancellationToken);

    /// <summary>Where a sealed value of a tenant stands.</summary>
    internal static RowIdentity Column(string column, Guid tenantId) => new("tenants", column, tenantId);

    private static TenantMembership? ReadMembership(SqliteSession session, Guid tenantId, Guid accountId)
    {
        var role = (TenantRole)session.Scalar("SELECT role FROM memberships WHERE tenant_id = $1 AND account_id = $2", tenantId, accountId);
        return role == 0
            ? null
            : new TenantMembership
            {
                TenantId = tenantId,
                Role = role,
                Teams = session.Query(
                    "SELECT team_id, role FROM team_members WHERE tenant_id = $1 AND account_id = $2",
                    row => (Id: row.Id(0), Role: (TenantRole)row.Int32(1)),
                    tenantId,
                    accountId).ToDictionary(team => team.Id, team => team.Role),
                AllTeams = role >= TenantRole.Admin
                    ? session.Query("SELECT id FROM teams WHERE tenant_id = $1 ORDER BY id", row => row.Id(0), tenantId)
                    : null,
            };
    }

    private Guid SlugKey(string slug) => names.Other("slug", slug);

    private sealed record FoundTenant(Guid Id, bool IsActive);
}
