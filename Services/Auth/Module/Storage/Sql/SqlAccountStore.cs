using MemoryMesh.Contracts.Auth;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Auth.Storage.Sql;

internal sealed class SqlAccountStore([FromKeyedServices(AuthModule.Name)] ModuleStore database, KeyedNames names) : IAccountStore
{
    public async Task<bool> AddAsync(AccountRecord account, string passwordHash, CancellationToken cancellationToken)
    {
        var key = await database.Keys.GetOrCreateAsync(Guid.Empty, account.Id, cancellationToken);
        var tenantKey = await database.Keys.GetOrCreateAsync(account.OwnTenantId, account.OwnTenantId, cancellationToken);
        var email = key.SealText(account.Email, Column("email", account.Id));
        var username = key.SealText(account.Username, Column("username", account.Id));
        var hash = key.SealText(passwordHash, Column("password_hash", account.Id));
        var tenantName = tenantKey.SealText(account.Username, SqlTenantStore.Column("name", account.OwnTenantId));
        var added = await database.Data.WriteAsync(
            session =>
            {
                if (session.Execute(
                    """
                    INSERT INTO accounts (id, email_key, username_key, email, username, password_hash, own_tenant_id, created_at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
                    """,
                    account.Id,
                    EmailKey(account.Email),
                    UsernameKey(account.Username),
                    email,
                    username,
                    hash,
                    account.OwnTenantId,
                    account.CreatedAt) == 0)
                {
                    return false;
                }

                session.Execute("INSERT INTO tenants (id, name, created_at) VALUES ($1, $2, $3)", account.OwnTenantId, tenantName, account.CreatedAt);
                session.Execute(
                    "INSERT INTO memberships (tenant_id, account_id, role, created_at) VALUES ($1, $2, $3, $4)",
                    account.OwnTenantId,
                    account.Id,
                    TenantRole.Owner,
                    account.CreatedAt);
                SqlAuditLog.Add(
                    session, new AuditEvent(account.CreatedAt, account.Id, account.OwnTenantId, AuditActions.AccountRegistered, account.Id));
                return true;
            },
            cancellationToken);
        if (!added)
        {
            await database.Keys.DestroyAsync(Guid.Empty, account.Id, CancellationToken.None);
            await database.Keys.DestroyAsync(account.OwnTenantId, account.OwnTenantId, CancellationToken.None);
        }

        return added;
    }

    public Task<bool> IsTakenAsync(string email, string username, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => session.Scalar(
                "SELECT EXISTS (SELECT 1 FROM accounts WHERE email_key = $1) OR EXISTS (SELECT 1 FROM accounts WHERE username_key = $2)",
                EmailKey(email),
                UsernameKey(username)) != 0,
            cancellationToken);

    public async Task<AccountRecord?> FindAsync(Guid accountId, CancellationToken cancellationToken)
    {
        var row = await database.Data.ReadAsync(
            session => session.QueryFirst(
                "SELECT email, username, own_tenant_id, created_at FROM accounts WHERE id = $1",
                row => new Row(row.Bytes(0), row.Bytes(1), row.Id(2), row.Time(3)),
                accountId),
            cancellationToken);
        return row is not null && await database.Keys.FindAsync(Guid.Empty, accountId, cancellationToken) is { } key
            ? new AccountRecord(
                accountId,
                key.OpenText(row.Email, Column("email", accountId)),
                key.OpenText(row.Username, Column("username", accountId)),
                row.OwnTenantId,
                row.CreatedAt)
            : null;
    }

    public Task<Guid?> FindIdAsync(string? email, string? username, CancellationToken cancellationToken)
        => database.Data.ReadAsync(
            session => email is not null
                ? session.QueryFirst("SELECT id FROM accounts WHERE email_key = $1", row => row.IdOrNull(0), EmailKey(email))
                : username is not null
                    ? session.QueryFirst("SELECT id FROM accounts WHERE username_key = $1", row => row.IdOrNull(0), UsernameKey(username))
                    : null,
            cancellationToken);

    public async Task<LoginRecord?> FindLoginAsync(string email, CancellationToken cancellationToken)
    {
        var row = await database.Data.ReadAsync(
            session => session.QueryFirst(
                "SELECT id, own_tenant_id, password_hash FROM accounts WHERE email_key = $1",
                row => (Id: row.Id(0), OwnTenantId: row.Id(1), Hash: row.Bytes(2)),
                EmailKey(email)),
            cancellationToken);
        return row.Hash is not null && await database.Keys.FindAsync(Guid.Empty, row.Id, cancellationToken) is { } key
            ? new LoginRecord(row.Id, row.OwnTenantId, key.OpenText(row.Hash, Column("password_hash", row.Id)))
            : null;
    }

    public async Task ReplacePasswordHashAsync(Guid accountId, string oldHash, string newHash, CancellationToken cancellationToken)
    {
        if (await database.Keys.FindAsync(Guid.Empty, accountId, cancellationToken) is not { } key)
        {
            return;
        }

        var replacement = key.SealText(newHash, Column("password_hash", accountId));
        await database.Data.WriteAsync(
            session =>
            {
                // The password may have been changed since it was verified.
                var stored = session.QueryFirst("SELECT password_hash FROM accounts WHERE id = $1", row => row.Bytes(0), accountId);
                if (stored is not null && key.OpenText(stored, Column("password_hash", accountId)) == oldHash)
                {
                    session.Execute("UPDATE accounts SET password_hash = $2 WHERE id = $1", accountId, replacement);
                }
            },
            cancellationToken);
    }

    public Guid EmailKey(string email) => names.Other("email", email.ToLowerInvariant());

    private Guid UsernameKey(string username) => names.Other("username", username.ToLowerInvariant());

    private static RowIdentity Column(string column, Guid accountId) => new("accounts", column, accountId);

    private sealed record Row(byte[] Email, byte[] Username, Guid OwnTenantId, DateTimeOffset CreatedAt);
}
