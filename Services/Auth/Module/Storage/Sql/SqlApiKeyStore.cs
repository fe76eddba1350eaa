using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Auth.Storage.Sql;

internal sealed class SqlApiKeyStore([FromKeyedServices(AuthModule.Name)] ModuleStore database) : IApiKeyStore
{
    private const int MaxListed = 1_000;
    private static readonly TimeSpan UseGranularity = TimeSpan.FromMinutes(1);

    public async Task<bool> AddAsync(ApiKeyRecord key, byte[] hash, int maxKeys, CancellationToken cancellationToken)
    {
        var dataKey = await database.Keys.GetOrCreateAsync(Guid.Empty, key.AccountId, cancellationToken);
        var name = dataKey.SealText(key.Name, NameOf(key.Id));
        return await database.Data.WriteAsync(
            session =>
            {
                if (session.Scalar("SELECT COUNT(*) FROM api_keys WHERE account_id = $1", key.AccountId) >= maxKeys)
                {
                    return false;
                }

                session.Execute(
                    """
                    INSERT INTO api_keys (id, account_id, tenant_id, key_hash, prefix, name, scopes, created_at, expires_at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                    """,
                    key.Id,
                    key.AccountId,
                    key.TenantId,
                    hash,
                    key.Prefix,
                    name,
                    string.Join(' ', key.Scopes),
                    key.CreatedAt,
                    key.ExpiresAt);
                SqlAuditLog.Add(session, new AuditEvent(key.CreatedAt, key.AccountId, key.TenantId, AuditActions.ApiKeyCreated, key.Id));
                return true;
            },
            cancellationToken);
    }

    public async Task<ApiKeyPrincipal?> FindAsync(byte[] hash, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var found = await FindAsync("k.key_hash = $1", hash, now, cancellationToken);
        if (found.Key is { } key && (found.LastUsedAt is null || now - found.LastUsedAt >= UseGranularity))
        {
            BestEffort.Write(database.Data, session => session.Execute("UPDATE api_keys SET last_used_at = $2 WHERE id = $1", key.Id, now));
        }

        return found.Key;
    }

    public async Task<ApiKeyPrincipal?> FindByIdAsync(Guid keyId, DateTimeOffset now, CancellationToken cancellationToken)
        => (await FindAsync("k.id = $1", keyId, now, cancellationToken)).Key;

    public async Task<IReadOnlyList<ApiKeyRecord>> ListAsync(Guid accountId, Guid? tenantId, CancellationToken cancellationToken)
    {
        var rows = await database.Data.ReadAsync(
            session => session.Query(
                """
                SELECT id, tenant_id, prefix, name, scopes, created_at, expires_at, last_used_at FROM api_keys
                WHERE account_id = $1 AND tenant_id = coalesce($2, tenant_id) ORDER BY id DESC LIMIT $3
                """,
                row => (Name: row.Bytes(3), Key: new ApiKeyRecord(
                    row.Id(0), accountId, row.Id(1), row.Text(2), "", row.Text(4).Split(' '), row.Time(5), row.TimeOrNull(6), row.TimeOrNull(7))),
                accountId,
                tenantId,
                MaxListed),
            cancellationToken);
        return rows.Count > 0 && await database.Keys.FindAsync(Guid.Empty, accountId, cancellationToken) is { } dataKey
            ? [.. rows.Select(row => row.Key with { Name = dataKey.OpenText(row.Name, NameOf(row.Key.Id)) })]
            : [];
    }

    public async Task<bool> RevokeAsync(Guid accountId, Guid? tenantId, Guid keyId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var revoked = await database.Data.WriteAsync(
            session =>
            {
                var tenant = session.QueryFirst(
                    "SELECT tenant_id FROM api_keys WHERE id = $1 AND account_id = $2 AND tenant_id = coalesce($3, tenant_id)",
                    row => row.IdOrNull(0),
                    keyId,
                    accountId,
                    tenantId);
                if (tenant is null)
                {
                    return false;
                }

                session.Execute("DELETE FROM api_keys WHERE id = $1", keyId);
                SqlAuditLog.Add(session, new AuditEvent(now, accountId, tenant, AuditActions.ApiKeyRevoked, keyId));
                return true;
            },
            cancellationToken);
        database.Data.RequestScrub();
        return revoked;
    }

    private Task<(ApiKeyPrincipal? Key, DateTimeOffset? LastUsedAt)> FindAsync(string condition, object value, DateTimeOffset now, CancellationToken cancellationToken)
        => database.Data.ReadAsync<(ApiKeyPrincipal?, DateTimeOffset?)>(
            session => session.QueryFirst(
                $"""
                SELECT k.id, k.account_id, k.tenant_id, k.scopes, k.expires_at, k.last_used_at
                FROM api_keys k JOIN memberships m ON m.tenant_id = k.tenant_id AND m.account_id = k.account_id
                WHERE {condition} AND (k.expires_at IS NULL OR k.expires_at > $2)
                """,
                row => (new ApiKeyPrincipal(row.Id(0), row.Id(1), row.Id(2), row.Text(3).Split(' '), row.TimeOrNull(4)), row.TimeOrNull(5)),
                value,
                now),
            cancellationToken);

    private static RowIdentity NameOf(Guid keyId) => new("api_keys", "name", keyId);
}
