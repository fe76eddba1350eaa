using System.Net;
using MemoryMesh.Auth.Passwords;
using MemoryMesh.Auth.Storage;
using MemoryMesh.Auth.Tokens;
using MemoryMesh.ServiceDefaults.Hosting;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Auth.Features;

/// <summary>Checks a password and starts a session.</summary>
internal sealed class LogIn(
    IAccountStore accounts,
    ISessionStore sessions,
    IAuditLog audit,
    PasswordHasher hasher,
    LoginThrottle throttle,
    AccessTokenIssuer tokens,
    IOptions<AuthOptions> options,
    TimeProvider clock)
{
    private const int MaxUserAgent = 200;
    private static readonly TimeSpan BusyWait = TimeSpan.FromSeconds(2);

    public async Task<LogInResult> HandleAsync(string email, string password, IPAddress? address, string? userAgent, CancellationToken cancellationToken)
    {
        var emailKey = accounts.EmailKey(email);
        if (throttle.Begin(emailKey, address) is { } wait)
        {
            Telemetry.AuthenticationAttempts.Add(1, new("kind", "password"), new("outcome", "throttled"));
            return new(LogInOutcome.Throttled, null, wait);
        }

        var counted = false;
        try
        {
            using var turn = await hasher.EnterAsync(cancellationToken);
            if (turn is null)
            {
                return new(LogInOutcome.Busy, null, BusyWait);
            }

            // Known or not, the same work follows: neither the answer nor its time tells who has an account.
            var login = await accounts.FindLoginAsync(email, cancellationToken);
            var check = await turn.VerifyAsync(password, login?.PasswordHash);
            if (login is null || check == PasswordCheck.Refused)
            {
                counted = true;
                Telemetry.AuthenticationAttempts.Add(1, new("kind", "password"), new("outcome", "refused"));
                await audit.AddAsync(
                    new AuditEvent(clock.GetUtcNow(), null, null, AuditActions.LoginFailed, login?.AccountId, AuditEvent.Refused), cancellationToken);
                return new(LogInOutcome.Refused, null, TimeSpan.Zero);
            }

            counted = true;
            throttle.Undo(emailKey, address, succeeded: true);
            Telemetry.AuthenticationAttempts.Add(1, new("kind", "password"), new("outcome", "accepted"));
            if (check == PasswordCheck.MatchesOldHash)
            {
                await accounts.ReplacePasswordHashAsync(login.AccountId, login.PasswordHash, await turn.HashAsync(password), cancellationToken);
            }

            return new(LogInOutcome.Started, await StartAsync(login.AccountId, userAgent, cancellationToken), TimeSpan.Zero);
        }
        finally
        {
            if (!counted)
            {
                throttle.Undo(emailKey, address, succeeded: false);
            }
        }
    }

    private async Task<SessionTokens> StartAsync(Guid accountId, string? userAgent, CancellationToken cancellationToken)
    {
        var now = StoredTime.Of(clock.GetUtcNow());
        var lifetime = TimeSpan.FromDays(options.Value.RefreshTokenDays);
        var session = new SessionRecord(
            Guid.CreateVersion7(now), accountId, now, now, now + lifetime, userAgent is { Length: > MaxUserAgent } ? userAgent[..MaxUserAgent] : userAgent);
        var refreshToken = SecretTokens.NewRefreshToken();
        await sessions.AddAsync(session, SecretTokens.Hash(refreshToken), cancellationToken);
        return new SessionTokens(await tokens.CreateAsync(accountId, session.Id, cancellationToken), tokens.Lifetime, refreshToken, lifetime);
    }
}

/// <summary>The tokens of a session.</summary>
internal sealed record SessionTokens(string AccessToken, TimeSpan AccessLifetime, string RefreshToken, TimeSpan RefreshLifetime);

/// <summary>Outcomes of logging in.</summary>
internal enum LogInOutcome
{
    Started,
    Refused,
    Throttled,
    Busy,
}

/// <summary>What came of logging in.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Tokens">The tokens, when a session was started.</param>
/// <param name="RetryAfter">How long to wait, when throttled or busy.</param>
internal readonly record struct LogInResult(LogInOutcome Outcome, SessionTokens? Tokens, TimeSpan RetryAfter);
