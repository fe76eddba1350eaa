using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace MemoryMesh.ServiceDefaults.Security;

/// <summary>Claims and constants of access tokens.</summary>
public static class AccessTokens
{
    /// <summary>Issuer of every token.</summary>
    public const string Issuer = "memorymesh";

    /// <summary>Audience of access tokens.</summary>
    public const string Audience = "memorymesh-api";

    /// <summary>Type header of access tokens (RFC 9068).</summary>
    public const string TokenType = "at+jwt";

    /// <summary>Claim that holds the session's id.</summary>
    public const string SessionClaim = "sid";

    /// <summary>The only signature algorithm that is accepted.</summary>
    public const string Algorithm = SecurityAlgorithms.EcdsaSha256;
}

/// <summary>Verifies <c>Authorization: Bearer</c> access tokens and <c>x-api-key</c> keys, in every service alike.</summary>
internal sealed class MemoryMeshAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    PrincipalCache principals,
    IProblemDetailsService problems) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "MemoryMesh";
    private const int MaxCredentialLength = 4_096;
    private const string ApiKeyPrefix = "mm_";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var apiKeys = Request.Headers["x-api-key"];
        var authorization = Request.Headers.Authorization;
        var tickets = Context.GetEndpoint()?.Metadata.GetMetadata<TicketAllowed>() is null ? StringValues.Empty : Request.Query[TicketAllowed.Parameter];
        if (apiKeys.Count == 0 && authorization.Count == 0 && tickets.Count == 0)
        {
            return Context.Features.Get<LocalRequest>() is not null && await principals.FindLocalOwnerAsync(Context.RequestAborted) is { } owner
                ? Accept(owner, "open")
                : AuthenticateResult.NoResult();
        }

        // Two credentials in one request leave open which of them acts.
        if (apiKeys.Count + authorization.Count + tickets.Count > 1)
        {
            return Refuse("ambiguous");
        }

        Caller? caller;
        if (tickets.Count == 1)
        {
            caller = tickets[0] is { Length: > 0 and <= MaxCredentialLength } ticket ? await principals.RedeemTicketAsync(ticket, Context.RequestAborted) : null;
        }
        else if (apiKeys.Count == 1)
        {
            caller = apiKeys[0] is { Length: > 0 and <= MaxCredentialLength } key ? await principals.FindApiKeyAsync(key, Context.RequestAborted) : null;
        }
        else
        {
            const string Prefix = "Bearer ";
            var bearer = authorization[0] is { Length: > 7 and <= MaxCredentialLength } value && value.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
                ? value[Prefix.Length..].Trim()
                : null;

            // Many clients send every key as a bearer token; the prefix tells the two apart.
            caller = bearer is null ? null
                : bearer.StartsWith(ApiKeyPrefix, StringComparison.Ordinal) ? await principals.FindApiKeyAsync(bearer, Context.RequestAborted)
                : await principals.FindTokenAsync(bearer, Context.RequestAborted);
        }

        return caller is null
            ? Refuse(tickets.Count == 1 ? "ticket" : apiKeys.Count == 1 ? "api_key" : "token")
            : Accept(caller, tickets.Count == 1 ? "ticket" : caller.Principal.ApiKeyId is null ? "token" : "api_key");
    }

    private AuthenticateResult Accept(Caller caller, string kind)
    {
        Telemetry.AuthenticationAttempts.Add(1, new("kind", kind), new("outcome", "accepted"));
        Context.Features.Set(caller);
        var identity = new ClaimsIdentity(
            [
                new Claim("sub", caller.AccountId.ToString()),
                new Claim("tenant", caller.Principal.DefaultTenantId.ToString()),
            ],
            SchemeName,
            "sub",
            "role");
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = "Bearer";
        await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = Context, ProblemDetails = Problems.Unauthenticated.ToDetails() });
    }

    protected override async Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status403Forbidden;
        await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = Context, ProblemDetails = Problems.Forbidden.ToDetails() });
    }

    private static AuthenticateResult Refuse(string kind)
    {
        Telemetry.AuthenticationAttempts.Add(1, new("kind", kind), new("outcome", "refused"));
        return AuthenticateResult.Fail("The credentials are not valid.");
    }
}

/// <summary>Marks endpoints that take a ticket of <c>POST /v1/auth/ws-ticket</c> in the query: those that a browser opens without headers.</summary>
public sealed record TicketAllowed
{
    /// <summary>Name of the query parameter.</summary>
    public const string Parameter = "ticket";
}

/// <summary>Verifies credentials and remembers the answers of Auth for 15 s, so that a revocation applies well within 60 s.</summary>
/// <remarks>
/// Where processes share answers, one of another process counts for what is left of its 15 s, and a revocation applies at once. While Auth cannot be asked, its last answer counts for
/// two minutes: as long as Auth is away, nobody can revoke anything either.
/// </remarks>
public sealed class PrincipalCache : IDisposable
{
    /// <summary>How long an answer of Auth is used.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(15);

    /// <summary>How long an answer of Auth is used while Auth cannot be asked again.</summary>
    public static readonly TimeSpan LifetimeWithoutAuth = TimeSpan.FromMinutes(2);

    /// <summary>How long nobody asks again after Auth could not be asked: requests must not wait for it one by one.</summary>
    private static readonly TimeSpan PauseWithoutAuth = TimeSpan.FromSeconds(1);

    /// <summary>How long a checked signature counts: a signing key that was taken out of use is refused after that.</summary>
    private static readonly TimeSpan VerifiedLifetime = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan KeyRefreshInterval = TimeSpan.FromSeconds(10);
    private static readonly JsonWebTokenHandler Tokens = new() { MaximumTokenSizeInBytes = 4_096 };

    private readonly IAuthClient _auth;
    private readonly TimeProvider _clock;
    private readonly ISharedAnswers? _shared;
    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = 100_000 });
    private readonly SemaphoreSlim _keysLock = new(1, 1);
    private volatile IReadOnlyList<SecurityKey> _signingKeys = [];
    private DateTimeOffset _signingKeysAt = DateTimeOffset.MinValue;
    private int _timesForgotten;

    /// <summary>Creates an empty cache.</summary>
    /// <param name="auth">Who knows.</param>
    /// <param name="clock">The time.</param>
    /// <param name="shared">Answers that other processes were given, or null.</param>
    public PrincipalCache(IAuthClient auth, TimeProvider clock, ISharedAnswers? shared = null)
    {
        _auth = auth;
        _clock = clock;
        _shared = shared;
        shared?.OnForgotten(Forget);
    }

    /// <summary>The caller an API key stands for, or null.</summary>
    public async Task<Caller?> FindApiKeyAsync(string apiKey, CancellationToken cancellationToken)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(apiKey)));
        var principal = await RememberAsync(("key", hash), () => _auth.FindApiKeyAsync(hash, cancellationToken));
        return principal is null || principal.ExpiresAt <= _clock.GetUtcNow() ? null : new Caller(principal, null);
    }

    /// <summary>The caller an access token stands for, or null.</summary>
    public async Task<Caller?> FindTokenAsync(string token, CancellationToken cancellationToken)
    {
        if (await VerifyAsync(token, cancellationToken) is not var (accountId, sessionId))
        {
            return null;
        }

        var principal = await RememberAsync(("session", $"{accountId:N}{sessionId:N}"), () => _auth.FindSessionAsync(accountId, sessionId, cancellationToken));
        return principal is null ? null : new Caller(principal, sessionId);
    }

    /// <summary>The caller a ticket stands for, or null. Nothing is remembered: it works once.</summary>
    public async Task<Caller?> RedeemTicketAsync(string ticket, CancellationToken cancellationToken)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ticket)));
        return await _auth.RedeemTicketAsync(hash, cancellationToken) is { } holder
            ? new Caller(holder.Principal, holder.SessionId) { OnlyTenantId = holder.TenantId }
            : null;
    }

    /// <summary>The same caller as Auth knows it now, or null when its session ended or its key expired or was revoked.</summary>
    public async Task<Caller?> RefreshAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var principal = (caller.SessionId, caller.Principal.ApiKeyId) switch
        {
            ({ } session, _) => await RememberAsync(
                ("session", $"{caller.AccountId:N}{session:N}"), () => _auth.FindSessionAsync(caller.AccountId, session, cancellationToken)),
            (_, { } key) => await RememberAsync(("key-id", key.ToString("N")), () => _auth.FindApiKeyByIdAsync(key, cancellationToken)),
            _ => (await FindLocalOwnerAsync(cancellationToken))?.Principal,
        };
        return principal is null || principal.ExpiresAt <= _clock.GetUtcNow() ? null : new Caller(principal, caller.SessionId) { OnlyTenantId = caller.OnlyTenantId };
    }

    /// <summary>The caller that a request without credentials stands for where the server is open, or null where it is not.</summary>
    public async Task<Caller?> FindLocalOwnerAsync(CancellationToken cancellationToken)
        => await RememberAsync(("open", ""), () => _auth.FindLocalOwnerAsync(cancellationToken)) is { } principal ? new Caller(principal, null) : null;

    /// <summary>Rights of an account in a tenant, or null. A refusal is not remembered: a new member gets in at once.</summary>
    public Task<TenantMembership?> FindMembershipAsync(MembershipQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var key = query.TeamId is { } teamId ? ($"team{query.AccountId:N}", teamId.ToString("N")) : ($"member{query.AccountId:N}", query.TenantIdOrSlug);
        return RememberAsync(key, () => _auth.FindMembershipAsync(query, cancellationToken));
    }

    /// <summary>Forgets everything, because rights were just changed: in this process, and in those that share answers with it.</summary>
    public void Clear()
    {
        Forget();
        _shared?.Forget();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache.Dispose();
        _keysLock.Dispose();
    }

    /// <summary>Whose token it is, or null when it is not valid. A signature that was checked is not checked again while the token lasts; its end is.</summary>
    private async ValueTask<(Guid AccountId, Guid SessionId)?> VerifyAsync(string token, CancellationToken cancellationToken)
    {
        var key = ("token", Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token))));
        if (_cache.TryGetValue(key, out VerifiedToken? verified) && verified!.ValidTo > _clock.GetUtcNow())
        {
            return (verified.AccountId, verified.SessionId);
        }

        var result = Validate(token);
        if (!result.IsValid && result.Exception is SecurityTokenSignatureKeyNotFoundException && await RefreshKeysAsync(cancellationToken))
        {
            result = Validate(token);
        }

        if (!result.IsValid
            || !Guid.TryParse(result.ClaimsIdentity.FindFirst("sub")?.Value, out var accountId)
            || !Guid.TryParse(result.ClaimsIdentity.FindFirst(AccessTokens.SessionClaim)?.Value, out var sessionId))
        {
            return null;
        }

        Remember(key, new VerifiedToken(accountId, sessionId, result.SecurityToken.ValidTo), VerifiedLifetime);
        return (accountId, sessionId);
    }

    private TokenValidationResult Validate(string token)
        => Tokens.ValidateToken(
            token,
            new TokenValidationParameters
            {
                ValidIssuer = AccessTokens.Issuer,
                ValidAudience = AccessTokens.Audience,
                ValidTypes = [AccessTokens.TokenType],
                ValidAlgorithms = [AccessTokens.Algorithm],
                IssuerSigningKeys = _signingKeys,
                RequireSignedTokens = true,
                RequireExpirationTime = true,
                ClockSkew = TimeSpan.Zero,
                LifetimeValidator = (notBefore, expires, _, _) =>
                    expires is { } end && _clock.GetUtcNow() < end && (notBefore is not { } start || start <= _clock.GetUtcNow().AddSeconds(5)),
                TryAllIssuerSigningKeys = false,
            });

    private async Task<bool> RefreshKeysAsync(CancellationToken cancellationToken)
    {
        await _keysLock.WaitAsync(cancellationToken);
        try
        {
            // A forged key id must not make every request ask Auth.
            if (_clock.GetUtcNow() - _signingKeysAt < KeyRefreshInterval)
            {
                return _signingKeys.Count > 0;
            }

            _signingKeys = [.. new JsonWebKeySet(await _auth.GetSigningKeysAsync(cancellationToken)).GetSigningKeys()];
            _signingKeysAt = _clock.GetUtcNow();
            return true;
        }
        finally
        {
            _keysLock.Release();
        }
    }

    private async Task<T?> RememberAsync<T>((string, string) key, Func<Task<T?>> ask)
        where T : class
    {
        if (_cache.TryGetValue(key, out Known<T>? known) && _clock.GetElapsedTime(known!.AskedAt) < known.Fresh)
        {
            return known.Answer;
        }

        // What was asked for before rights changed must not be remembered after that.
        var timesForgotten = Volatile.Read(ref _timesForgotten);
        var name = $"{key.Item1} {key.Item2}";
        var found = _shared is null ? default : await _shared.FindAsync<T>(name);
        var askedAt = _clock.GetTimestamp();
        T? answer;
        try
        {
            answer = found.Answer ?? await ask();
        }
        catch (Exception exception) when (exception is StorageUnavailableException or DependencyUnavailableException)
        {
            var age = known is null ? TimeSpan.MaxValue : _clock.GetElapsedTime(known.AskedAt);
            if (age > LifetimeWithoutAuth || timesForgotten != Volatile.Read(ref _timesForgotten))
            {
                throw;
            }

            Remember(key, known! with { Fresh = age + PauseWithoutAuth }, LifetimeWithoutAuth - age + PauseWithoutAuth);
            return known.Answer;
        }

        if (answer is null)
        {
            // The last answer must not come back when Auth goes away.
            _cache.Remove(key);
        }
        else if (timesForgotten == Volatile.Read(ref _timesForgotten))
        {
            Remember(key, new Known<T>(answer, askedAt, found.Answer is not null && found.Left < Lifetime ? found.Left : Lifetime), LifetimeWithoutAuth);
            if (found.Answer is null)
            {
                _shared?.Keep(name, found, answer, Lifetime);
            }
        }

        return answer;
    }

    private void Forget()
    {
        Interlocked.Increment(ref _timesForgotten);
        _cache.Clear();
    }

    private void Remember((string, string) key, object value, TimeSpan lifetime)
    {
        using var entry = _cache.CreateEntry(key);
        entry.Size = 1;
        entry.AbsoluteExpirationRelativeToNow = lifetime;
        entry.Value = value;
    }

    /// <summary>An answer of Auth.</summary>
    /// <param name="Answer">The answer.</param>
    /// <param name="AskedAt">When it was asked for, as a timestamp.</param>
    /// <param name="Fresh">How long after that nobody asks again.</param>
    private sealed record Known<T>(T Answer, long AskedAt, TimeSpan Fresh);

    /// <summary>A token whose signature and claims were checked.</summary>
    private sealed record VerifiedToken(Guid AccountId, Guid SessionId, DateTimeOffset ValidTo);
}

/// <summary>Registers authentication.</summary>
public static class MemoryMeshAuthenticationExtensions
{
    /// <summary>Every route needs credentials unless it says <c>AllowAnonymous</c>.</summary>
    public static IServiceCollection AddMemoryMeshAuthentication(this IServiceCollection services)
    {
        services.AddSingleton<PrincipalCache>();
        services.AddSingleton<TenantGuard>();

        // AddAuthentication would add Data Protection too, which writes key files that nothing here uses.
        services.AddAuthenticationCore(authentication => authentication.DefaultScheme = MemoryMeshAuthenticationHandler.SchemeName);
        services.AddWebEncoders();
        new AuthenticationBuilder(services)
            .AddScheme<AuthenticationSchemeOptions, MemoryMeshAuthenticationHandler>(MemoryMeshAuthenticationHandler.SchemeName, null);
        services.AddAuthorizationBuilder().SetFallbackPolicy(
            new AuthorizationPolicyBuilder(MemoryMeshAuthenticationHandler.SchemeName).RequireAuthenticatedUser().Build());
        return services;
    }
}
