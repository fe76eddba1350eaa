using MemoryMesh.Contracts.Auth;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Auth.Storage.Sql;

internal sealed class SqlTenantStore([FromKeyedServices(AuthModule.Name)] ModuleStore database, KeyedNames names) : ITenantStore
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

        static FoundTenant Found(StoreRow row) => new(row.Id(0), row.Bool(1));
    }

    public Task<TenantMembership?> FindTeamMembershipAsync(Guid accountId, Guid teamId, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => session.QueryFirst(
                "SELECT t.id FROM teams m JOIN tenants t ON t.id = m.tenant_id WHERE m.id = $1 AND t.deleted_at IS NULL", row => (Guid?)row.Id(0), teamId) is { } tenantId
                ? ReadMembership(session, tenantId, accountId)
                : null,
            cancellationToken);

    public async Task<Change> AddAsync(TenantRecord tenant, Guid ownerId, int maxOwned, string action, CancellationToken cancellationToken)
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
                    return Change.LimitReached;
                }

                if (session.Execute(
                    "INSERT INTO tenants (id, slug_key, slug, name, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (slug_key) DO NOTHING",
                    tenant.Id,
                    slugKey,
                    slug,
                    name,
                    tenant.CreatedAt) == 0)
                {
                    return Change.SlugTaken;
                }

                session.Execute(
                    "INSERT INTO memberships (tenant_id, account_id, role, created_at) VALUES ($1, $2, $3, $4)",
                    tenant.Id,
                    ownerId,
                    TenantRole.Owner,
                    tenant.CreatedAt);
                SqlAuditLog.Add(session, new AuditEvent(tenant.CreatedAt, ownerId, tenant.Id, action, tenant.Id));
                return Change.Done;
            },
            cancellationToken);
        if (outcome != Change.Done)
        {
            await database.Keys.DestroyAsync(tenant.Id, tenant.Id, CancellationToken.None);
        }

        return outcome;
    }

    public async Task<TenantRecord?> FindAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        var row = await database.Data.ReadAsync(
            session => session.QueryFirst(
                "SELECT id, name, slug, created_at, 0 FROM tenants WHERE id = $1 AND deleted_at IS NULL", ReadRow, tenantId),
            cancellationToken);
        return row is null ? null : await OpenAsync(row, cancellationToken);
    }

    public async Task<IReadOnlyList<TenantOfAccount>> ListAsync(Guid accountId, Guid? after, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.Data.ReadAsync(
            session => session.Query(
                """
                SELECT t.id, t.name, t.slug, t.created_at, m.role FROM memberships m JOIN tenants t ON t.id = m.tenant_id
                WHERE m.account_id = $1 AND m.tenant_id > $2 AND t.deleted_at IS NULL ORDER BY m.tenant_id LIMIT $3
                """,
                ReadRow,
                accountId,
                after ?? Guid.Empty,
                limit),
            cancellationToken);
        var tenants = new List<TenantOfAccount>(rows.Count);
        foreach (var row in rows)
        {
            // A tenant that is being deleted may have lost its key since it was read.
            if (await OpenAsync(row, cancellationToken) is { } tenant)
            {
                tenants.Add(new TenantOfAccount(tenant, row.Role));
            }
        }

        return tenants;
    }

    public async Task<Change> UpdateAsync(
        Guid tenantId, Guid actorId, string name, string? slug, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await database.Keys.FindAsync(tenantId, tenantId, cancellationToken) is not { } key)
        {
            return Change.NotFound;
        }

        var sealedName = key.SealText(name, Column("name", tenantId));
        var sealedSlug = key.SealTextOrNull(slug, Column("slug", tenantId));
        Guid? slugKey = slug is null ? null : SlugKey(slug);
        return await database.Data.WriteAsync(
            session =>
            {
                if (RoleOf(session, tenantId, actorId) is not { } role)
                {
                    return Change.NotFound;
                }

                if (role < TenantRole.Admin)
                {
                    return Change.Forbidden;
                }

                var current = session.QueryFirst("SELECT slug_key FROM tenants WHERE id = $1", row => row.IdOrNull(0), tenantId);
                if (slugKey is not null && current is not null && current != slugKey)
                {
                    return Change.SlugFixed;
                }

                if (slugKey is not null
                    && session.Scalar("SELECT COUNT(*) FROM tenants WHERE slug_key = $1 AND id <> $2", slugKey, tenantId) != 0)
                {
                    return Change.SlugTaken;
                }

                session.Execute(
                    "UPDATE tenants SET name = $2, slug = COALESCE($3, slug), slug_key = COALESCE($4, slug_key) WHERE id = $1",
                    tenantId,
                    sealedName,
                    sealedSlug,
                    slugKey);
                SqlAuditLog.Add(session, new AuditEvent(now, actorId, tenantId, AuditActions.TenantChanged, tenantId));
                return Change.Done;
            },
            cancellationToken);
    }

    public async Task<Change> DeleteAsync(Guid tenantId, Guid actorId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var outcome = await database.Data.WriteAsync(
            session =>
            {
                if (RoleOf(session, tenantId, actorId) is not { } role)
                {
                    return Change.NotFound;
                }

                if (role != TenantRole.Owner)
                {
                    return Change.Forbidden;
                }

                if (session.Scalar(
                    "SELECT COUNT(*) FROM memberships m JOIN accounts a ON a.id = m.account_id WHERE m.tenant_id = $1 AND a.own_tenant_id = $1",
                    tenantId) != 0)
                {
                    return Change.OwnTenant;
                }

                session.Execute("DELETE FROM api_keys WHERE tenant_id = $1", tenantId);
                session.Execute("DELETE FROM team_members WHERE tenant_id = $1", tenantId);
                session.Execute("DELETE FROM teams WHERE tenant_id = $1", tenantId);
                session.Execute("DELETE FROM memberships WHERE tenant_id = $1", tenantId);
                session.Execute("UPDATE tenants SET deleted_at = $2, name = NULL, slug = NULL WHERE id = $1", tenantId, now);
                SqlAuditLog.Add(session, new AuditEvent(now, actorId, tenantId, AuditActions.TenantDeleted, tenantId));
                session.Publish(new TenantDeleted { TenantId = tenantId, ActorId = actorId, DeletedAt = now }, now);
                return Change.Done;
            },
            cancellationToken);
        if (outcome == Change.Done)
        {
            await database.Keys.DestroyAsync(tenantId, tenantId, CancellationToken.None);
            database.Data.RequestScrub();
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

    /// <summary>The account's role in a tenant, or null.</summary>
    internal static TenantRole? RoleOf(StoreSession session, Guid tenantId, Guid accountId)
        => session.Scalar("SELECT role FROM memberships WHERE tenant_id = $1 AND account_id = $2", tenantId, accountId) is > 0 and var role
            ? (TenantRole)role
            : null;

    private static TenantMembership? ReadMembership(StoreSession session, Guid tenantId, Guid accountId)
        => RoleOf(session, tenantId, accountId) is not { } role
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

    private static Row ReadRow(StoreRow row)
        => new(row.Id(0), row.BytesOrNull(1), row.BytesOrNull(2), row.Time(3), (TenantRole)row.Int32(4));

    private async Task<TenantRecord?> OpenAsync(Row row, CancellationToken cancellationToken)
        => row.Name is not null && await database.Keys.FindAsync(row.Id, row.Id, cancellationToken) is { } key
            ? new TenantRecord(
                row.Id, key.OpenText(row.Name, Column("name", row.Id)), key.OpenTextOrNull(row.Slug, Column("slug", row.Id)), row.CreatedAt)
            : null;

    private Guid SlugKey(string slug) => names.Other("slug", slug);

    private sealed record FoundTenant(Guid Id, bool IsActive);

    private sealed record Row(Guid Id, byte[]? Name, byte[]? Slug, DateTimeOffset CreatedAt, TenantRole Role);
}
