namespace MemoryMesh.Auth.Storage;

/// <summary>Keeps login sessions and their refresh tokens.</summary>
internal interface ISessionStore
{
    /// <summary>Starts a session with its first refresh token. The least recently used sessions of an account with too many end.</summary>
    Task AddAsync(SessionRecord session, byte[] refreshTokenHash, CancellationToken cancellationToken);

    /// <summary>Exchanges a refresh token for a new one, once. A second use ends the session.</summary>
    Task<RefreshOutcome> RotateAsync(byte[] usedHash, byte[] newHash, DateTimeOffset now, DateTimeOffset expiresAt, CancellationToken cancellationToken);

    /// <summary>The tenant that is an account's own, when the session has not ended; null otherwise. Notes the use, at most once a minute.</summary>
    Task<Guid?> FindOwnTenantAsync(Guid accountId, Guid sessionId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>The account's sessions that have not ended, latest first.</summary>
    Task<IReadOnlyList<SessionRecord>> ListAsync(Guid accountId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Ends a session of the account.</summary>
    /// <returns>Whether there was one.</returns>
    Task<bool> EndAsync(Guid accountId, Guid sessionId, AuditEvent audit, CancellationToken cancellationToken);

    /// <summary>Ends all sessions of the account but one.</summary>
    Task EndOthersAsync(Guid accountId, Guid keptSessionId, AuditEvent audit, CancellationToken cancellationToken);

    /// <summary>Removes sessions and refresh tokens that have expired.</summary>
    Task RemoveExpiredAsync(DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>What became of a refresh token.</summary>
/// <param name="Kind">Outcome.</param>
/// <param name="AccountId">Account of the session, unless the token is unknown.</param>
/// <param name="SessionId">The session, unless the token is unknown.</param>
internal readonly record struct RefreshOutcome(RefreshOutcomeKind Kind, Guid AccountId, Guid SessionId);

/// <summary>Outcomes of a refresh.</summary>
internal enum RefreshOutcomeKind
{
    /// <summary>Unknown or expired.</summary>
    Refused,

    /// <summary>Exchanged.</summary>
    Rotated,

    /// <summary>It was used before; its session ended.</summary>
    Reused,
}
