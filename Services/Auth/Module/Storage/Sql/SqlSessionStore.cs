using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Auth.Storage.Sql;

internal sealed class SqlSessionStore([FromKeyedServices(AuthModule.Name)] ModuleStore database) : ISessionStore
{
    private const int MaxSessions = 100;
    private const int MaxExpiredAtOnce = 500;
    private static readonly TimeSpan UseGranularity = TimeSpan.FromMinutes(1);

    public async Task AddAsync(SessionRecord session, byte[] refreshTokenHash, CancellationToken cancellationToken)
    {
        var key = await database.Keys.GetOrCreateAsync(Guid.Empty, session.AccountId, cancellationToken);
        var userAgent = key.SealTextOrNull(session.UserAgent, UserAgentOf(session.Id));
        await database.Data.WriteAsync(
            write =>
            {
                foreach (var old in write.Query(
                    "SELECT id FROM sessions WHERE account_id = $1 ORDER BY last_used_at DESC, id DESC LIMIT $3 OFFSET $2",
                    row => row.Id(0),
                    session.AccountId,
                    MaxSessions - 1,
                    MaxExpiredAtOnce))
                {
                    End(write, old);
                }

                write.Execute(
                    "INSERT INTO sessions (id, account_id, created_at, last_used_at, expires_at, user_agent) VALUES ($1, $2, $3, $4, $5, $6)",
                    session.Id,
                    session.AccountId,
                    session.CreatedAt,
                    session.LastUsedAt,
                    session.ExpiresAt,
                    userAgent);
                AddToken(write, session.Id, refreshTokenHash, session.ExpiresAt);
                SqlAuditLog.Add(write, new AuditEvent(session.CreatedAt, session.AccountId, null, AuditActions.LoggedIn, session.Id));
            },
            cancellationToken);
    }

    public Task<RefreshOutcome> RotateAsync(byte[] usedHash, byte[] newHash, DateTimeOffset now, DateTimeOffset expiresAt, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                var found = session.QueryFirst(
                    """
                    SELECT s.id, s.account_id, t.used_at IS NOT NULL FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
                    WHERE t.hash = $1 AND t.expires_at > $2 AND s.expires_at > $2
                    """,
                    row => new Use(row.Id(0), row.Id(1), row.Bool(2)),
                    usedHash,
                    now);
                if (found is null)
                {
                    return new RefreshOutcome(RefreshOutcomeKind.Refused, default, default);
                }

                // The condition stands in the update too, so that no two uses can both succeed whatever reads before.
                if (found.WasUsed
                    || session.Execute("UPDATE refresh_tokens SET used_at = $2 WHERE hash = $1 AND used_at IS NULL", usedHash, now) != 1)
                {
                    End(session, found.SessionId);
                    SqlAuditLog.Add(
                        session,
                        new AuditEvent(now, found.AccountId, null, AuditActions.RefreshTokenReused, found.SessionId, AuditEvent.Refused));
                    return new RefreshOutcome(RefreshOutcomeKind.Reused, found.AccountId, found.SessionId);
                }

                AddToken(session, found.SessionId, newHash, expiresAt);
                session.Execute("UPDATE sessions SET last_used_at = $2, expires_at = $3 WHERE id = $1", found.SessionId, now, expiresAt);
                return new RefreshOutcome(RefreshOutcomeKind.Rotated, found.AccountId, found.SessionId);
            },
            cancellationToken);

    public async Task<Guid?> FindOwnTenantAsync(Guid accountId, Guid sessionId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var found = await database.Data.ReadAsync(
            session => session.QueryFirst(
                """
                SELECT a.own_tenant_id, s.last_used_at FROM sessions s JOIN accounts a ON a.id = s.account_id
                WHERE s.id = $1 AND s.account_id = $2 AND s.expires_at > $3
                """,
                row => (OwnTenantId: row.IdOrNull(0), LastUsedAt: row.Time(1)),
                sessionId,
                accountId,
                now),
            cancellationToken);
        if (found.OwnTenantId is not null && now - found.LastUsedAt >= UseGranularity)
        {
            BestEffort.Write(
                database.Data,
                session => session.Execute("UPDATE sessions SET last_used_at = $2 WHERE id = $1 AND last_used_at < $2", sessionId, now));
        }

        return found.OwnTenantId;
    }

    public async Task<IReadOnlyList<SessionRecord>> ListAsync(Guid accountId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = await database.Data.ReadAsync(
            session => session.Query(
                """
                SELECT id, created_at, last_used_at, expires_at, user_agent FROM sessions
                WHERE account_id = $1 AND expires_at > $2 ORDER BY id DESC LIMIT $3
                """,
                row => (Id: row.Id(0), CreatedAt: row.Time(1), LastUsedAt: row.Time(2), ExpiresAt: row.Time(3), UserAgent: row.BytesOrNull(4)),
                accountId,
                now,
                MaxSessions),
            cancellationToken);
        var key = await database.Keys.FindAsync(Guid.Empty, accountId, cancellationToken);
        return
        [
            .. rows.Select(row => new SessionRecord(
                row.Id, accountId, row.CreatedAt, row.LastUsedAt, row.ExpiresAt, key?.OpenTextOrNull(row.UserAgent, UserAgentOf(row.Id)))),
        ];
    }

    public async Task<bool> EndAsync(Guid accountId, Guid sessionId, AuditEvent audit, CancellationToken cancellationToken)
    {
        var ended = await database.Data.WriteAsync(
            session =>
            {
                if (session.Scalar("SELECT COUNT(*) FROM sessions WHERE id = $1 AND account_id = $2", sessionId, accountId) == 0)
                {
                    return false;
                }

                End(session, sessionId);
                SqlAuditLog.Add(session, audit);
                return true;
            },
            cancellationToken);
        database.Data.RequestScrub();
        return ended;
    }

    public async Task EndOthersAsync(Guid accountId, Guid keptSessionId, AuditEvent audit, CancellationToken cancellationToken)
    {
        await database.Data.WriteAsync(
            session =>
            {
                foreach (var id in session.Query(
                    "SELECT id FROM sessions WHERE account_id = $1 AND id <> $2", row => row.Id(0), accountId, keptSessionId))
                {
                    End(session, id);
                    SqlAuditLog.Add(session, audit with { TargetId = id });
                }
            },
            cancellationToken);
        database.Data.RequestScrub();
    }

    public async Task RemoveExpiredAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        int removed;
        do
        {
            removed = await database.Data.WriteAsync(
                session =>
                {
                    var ids = session.Query("SELECT id FROM sessions WHERE expires_at <= $1 LIMIT $2", row => row.Id(0), now, MaxExpiredAtOnce);
                    ids.ForEach(id => End(session, id));
                    return ids.Count;
                },
                cancellationToken);
        }
        while (removed == MaxExpiredAtOnce);

        await database.Data.WriteAsync(session => session.Execute("DELETE FROM refresh_tokens WHERE expires_at <= $1", now), cancellationToken);
        database.Data.RequestScrub();
    }

    private static void End(StoreSession session, Guid sessionId)
    {
        session.Execute("DELETE FROM refresh_tokens WHERE session_id = $1", sessionId);
        session.Execute("DELETE FROM sessions WHERE id = $1", sessionId);
    }

    private static void AddToken(StoreSession session, Guid sessionId, byte[] hash, DateTimeOffset expiresAt)
        => session.Execute("INSERT INTO refresh_tokens (hash, session_id, expires_at) VALUES ($1, $2, $3)", hash, sessionId, expiresAt);

    private static RowIdentity UserAgentOf(Guid sessionId) => new("sessions", "user_agent", sessionId);

    private sealed record Use(Guid SessionId, Guid AccountId, bool WasUsed);
}
