using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace MemoryMesh.Auth.Tokens;

/// <summary>Makes access tokens (RFC 9068). They carry ids only: whoever reads one learns nothing about the person.</summary>
internal sealed class AccessTokenIssuer(SigningKeys keys, IOptions<AuthOptions> options, TimeProvider clock)
{
    /// <summary>How long a token is valid.</summary>
    public TimeSpan Lifetime => TimeSpan.FromMinutes(options.Value.AccessTokenMinutes);

    /// <summary>A token for a login session.</summary>
    public Task<string> CreateAsync(Guid accountId, Guid sessionId, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return keys.SignAsync(
            new SecurityTokenDescriptor
            {
                TokenType = AccessTokens.TokenType,
                Issuer = AccessTokens.Issuer,
                Audience = AccessTokens.Audience,
                IssuedAt = now,
                Expires = now + Lifetime,
                Claims = new Dictionary<string, object>
                {
                    ["sub"] = accountId.ToString("D"),
                    [AccessTokens.SessionClaim] = sessionId.ToString("D"),
                    ["jti"] = Guid.NewGuid().ToString("N"),
                },
            },
            cancellationToken);
    }
}
