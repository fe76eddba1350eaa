using MemoryMesh.Auth.Storage;
using MemoryMesh.Auth.Tokens;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Auth.Features;

/// <summary>Exchanges a refresh token for new tokens. Each works once; a second use means that two parties have it, and ends the session.</summary>
internal sealed class RefreshSession(
    ISessionStore sessions,
    AccessTokenIssuer tokens,
    PrincipalCache principals,
    IOptions<AuthOptions> options,
    TimeProvider clock,
    ILogger<RefreshSession> logger)
{
    /// <returns>The new tokens, or null when the token is refused.</returns>
    public async Task<SessionTokens?> HandleAsync(string refreshToken, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var lifetime = TimeSpan.FromDays(options.Value.RefreshTokenDays);
        var replacement = SecretTokens.NewRefreshToken();
        var outcome = await sessions.RotateAsync(
            SecretTokens.Hash(refreshToken), SecretTokens.Hash(replacement), now, now + lifetime, cancellationToken);
        switch (outcome.Kind)
        {
            case RefreshOutcomeKind.Rotated:
                return new SessionTokens(
                    await tokens.CreateAsync(outcome.AccountId, outcome.SessionId, cancellationToken), tokens.Lifetime, replacement, lifetime);
            case RefreshOutcomeKind.Reused:
                Log.RefreshTokenReused(logger, outcome.SessionId, outcome.AccountId);
                principals.Clear();
                return null;
            default:
                return null;
        }
    }
}
