using System.Globalization;
using MemoryMesh.Auth.Accounts;
using MemoryMesh.Auth.Features;
using MemoryMesh.Auth.Passwords;
using MemoryMesh.Auth.Storage;
using MemoryMesh.Auth.Tokens;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Auth.Endpoints;

/// <summary>Accounts and login sessions.</summary>
internal static class AuthEndpoints
{
    public static void MapAccounts(this RouteGroupBuilder group)
    {
        group.MapPost("/register", RegisterAsync).AllowAnonymous().WithName("Auth_Register").WithSummary("Register an account")
            .WithDescription("Makes an account and a tenant of its own, which it owns.")
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(503);
        group.MapPost("/login", LogInAsync).AllowAnonymous().WithName("Auth_LogIn").WithSummary("Log in")
            .WithDescription("Starts a session: an access token for requests, and a refresh token to get the next one.")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(429).ProducesProblem(503);
        group.MapPost("/refresh", RefreshAsync).AllowAnonymous().WithName("Auth_Refresh").WithSummary("Get new tokens")
            .WithDescription("A refresh token works once. Using one again ends its session, because someone else may have it.")
            .ProducesProblem(400).ProducesProblem(401);
        group.MapPost("/logout", LogOutAsync).WithName("Auth_LogOut").WithSummary("Log out")
            .WithDescription("Ends the session of the access token.")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403);
        group.MapGet("/me", GetMeAsync).WithName("Auth_Me").WithSummary("Who am I")
            .ProducesProblem(401);
    }

    /// <summary>Former names of routes, each until its sunset.</summary>
    public static void MapFormerNames(this RouteGroupBuilder group)
        => group.MapGet("/profile", GetMeAsync).WithName("Auth_Profile").WithSummary("Who am I, under its former name")
            .WithDeprecation(
                new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero),
                new DateTimeOffset(2027, 11, 1, 0, 0, 0, TimeSpan.Zero),
                new Uri("/docs/index.html", UriKind.Relative),
                "/v1/auth/me")
            .ProducesProblem(401);

    public static void MapSigningKeys(this IEndpointRouteBuilder routes)
        => routes.MapGet("/.well-known/jwks.json", GetSigningKeysAsync).AllowAnonymous().WithTags("Auth").WithName("Auth_SigningKeys")
            .WithSummary("Public keys of access tokens").Produces<object>(200, "application/json");

    private static async Task<Results<Created<AccountResponse>, ProblemHttpResult>> RegisterAsync(
        RegisterRequest request, RegisterAccount register, HttpContext http, CancellationToken cancellationToken)
    {
        var (email, username, password) = (request.Email!, request.Username!, request.Password!);
        if (AccountNames.CheckEmail(email) is { } badEmail)
        {
            return Problems.InvalidField("email", badEmail);
        }

        if (AccountNames.CheckUsername(username) is { } badUsername)
        {
            return Problems.InvalidField("username", badUsername);
        }

        if (PasswordRules.Check(password, email, username) is { } badPassword)
        {
            return Problems.InvalidField("password", badPassword);
        }

        var (outcome, account) = await register.HandleAsync(email, username, password, cancellationToken);
        return outcome switch
        {
            RegisterOutcome.Registered => TypedResults.Created(
                "/v1/auth/me", new AccountResponse(account!.Id, account.Email, account.Username, account.OwnTenantId, account.CreatedAt)),
            RegisterOutcome.Taken => AuthProblems.AccountTaken.ToResult(),
            _ => Later(http, Problems.Unavailable, TimeSpan.FromSeconds(2)),
        };
    }

    private static async Task<Results<Ok<TokenResponse>, ProblemHttpResult>> LogInAsync(
        LoginRequest request, LogIn logIn, HttpContext http, CancellationToken cancellationToken)
    {
        var (outcome, tokens, wait) = await logIn.HandleAsync(
            request.Email!, request.Password!, http.Connection.RemoteIpAddress, http.Request.Headers.UserAgent, cancellationToken);
        return outcome switch
        {
            LogInOutcome.Started => Answer(http, tokens!),
            LogInOutcome.Refused => AuthProblems.InvalidCredentials.ToResult(),
            LogInOutcome.Throttled => Later(http, Problems.TooManyRequests, wait),
            _ => Later(http, Problems.Unavailable, wait),
        };
    }

    private static async Task<Results<Ok<TokenResponse>, ProblemHttpResult>> RefreshAsync(
        RefreshRequest request, RefreshSession refresh, HttpContext http, CancellationToken cancellationToken)
        => await refresh.HandleAsync(request.RefreshToken!, cancellationToken) is { } tokens
            ? Answer(http, tokens)
            : AuthProblems.RefreshTokenRefused.ToResult();

    private static async Task<Results<NoContent, ProblemHttpResult>> LogOutAsync(
        Caller caller,
        LogoutRequest? request,
        ISessionStore sessions,
        PrincipalCache principals,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (caller.SessionId is not { } sessionId)
        {
            return Problems.Forbidden.ToResult();
        }

        await sessions.EndAsync(
            caller.AccountId,
            sessionId,
            new AuditEvent(clock.GetUtcNow(), caller.AccountId, null, AuditActions.LoggedOut, sessionId),
            cancellationToken);
        principals.Clear();
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<MeResponse>, ProblemHttpResult>> GetMeAsync(Caller caller, IAccountStore accounts, CancellationToken cancellationToken)
    {
        if (await accounts.FindAsync(caller.AccountId, cancellationToken) is not { } account)
        {
            return Problems.Unauthenticated.ToResult();
        }

        // A key is handed to applications; they need not learn who made it.
        var personal = caller.SessionId is not null;
        return TypedResults.Ok(new MeResponse(
            account.Id,
            personal ? account.Email : null,
            personal ? account.Username : null,
            caller.Principal.DefaultTenantId,
            account.CreatedAt,
            caller.Principal.Scopes,
            caller.SessionId,
            caller.Principal.ApiKeyId));
    }

    private static async Task<ContentHttpResult> GetSigningKeysAsync(SigningKeys keys, HttpContext http, CancellationToken cancellationToken)
    {
        http.Response.Headers.CacheControl = "public, max-age=300";
        return TypedResults.Content(await keys.GetPublicKeysAsync(cancellationToken), "application/json");
    }

    private static Ok<TokenResponse> Answer(HttpContext http, SessionTokens tokens)
    {
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new TokenResponse(
            tokens.AccessToken, "Bearer", (int)tokens.AccessLifetime.TotalSeconds, tokens.RefreshToken, (int)tokens.RefreshLifetime.TotalSeconds));
    }

    private static ProblemHttpResult Later(HttpContext http, ProblemKind kind, TimeSpan wait)
    {
        http.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return kind.ToResult();
    }
}
