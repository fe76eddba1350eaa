using System.ComponentModel.DataAnnotations;
using MemoryMesh.Auth.Storage;
using MemoryMesh.Auth.Tokens;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Auth.Endpoints;

/// <summary>API keys of the calling account.</summary>
internal static class ApiKeyEndpoints
{
    private static readonly string[] DefaultScopes = [KeyScopes.Read, KeyScopes.Write];

    public static void MapApiKeys(this RouteGroupBuilder group)
    {
        group.MapPost("/api-keys", CreateAsync).WithName("Auth_CreateApiKey").WithSummary("Create an API key")
            .WithDescription("The key is shown in this answer only. It acts for one tenant, with the role its creator has there, within its scopes.")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        group.MapGet("/api-keys", ListAsync).WithName("Auth_ListApiKeys").WithSummary("List the account's API keys")
            .ProducesProblem(401).ProducesProblem(403);
        group.MapDelete("/api-keys/{id:guid}", RevokeAsync).WithName("Auth_RevokeApiKey").WithSummary("Revoke an API key")
            .ProducesProblem(401).ProducesProblem(403).ProducesProblem(404);
    }

    private static async Task<Results<Created<CreatedApiKeyResponse>, ProblemHttpResult>> CreateAsync(
        Caller caller,
        CreateApiKeyRequest request,
        TenantGuard guard,
        IApiKeyStore keys,
        IOptions<AuthOptions> options,
        TimeProvider clock,
        HttpContext http,
        CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        string[] scopes = request.Scopes is { } given ? [.. KeyScopes.All.Where(given.Contains)] : DefaultScopes;
        if (request.Scopes is { } wanted && (wanted.Count == 0 || wanted.Any(scope => !KeyScopes.All.Contains(scope))))
        {
            return Problems.InvalidField("scopes", $"Must be one or more of: {string.Join(", ", KeyScopes.All)}.");
        }

        if (request is { ExpiresAt: not null, ExpiresInDays: not null })
        {
            return Problems.InvalidField("expires_at", "Give expires_at or expires_in_days, not both.");
        }

        var expiresAt = request.ExpiresAt ?? (request.ExpiresInDays is { } days ? now.AddDays(days) : null);
        if (expiresAt <= now)
        {
            return Problems.InvalidField("expires_at", "Must be in the future.");
        }

        var isKey = caller.Principal.ApiKeyId is not null;
        var (access, problem) = await guard.EnterAsync(caller, request.TenantId, isKey ? Permission.Administer : Permission.Read, cancellationToken);
        if (access is null)
        {
            return problem!;
        }

        // A key must not beget one that can do more, or lives longer, than itself.
        if (isKey && (scopes.Except(caller.Principal.Scopes).Any() || OutlivesCaller(caller, expiresAt)))
        {
            return Problems.Forbidden.ToResult();
        }

        var text = SecretTokens.NewApiKey();
        var key = new ApiKeyRecord(
            Guid.CreateVersion7(now),
            caller.AccountId,
            access.TenantId,
            text[..SecretTokens.ShownCharacters],
            request.Name!,
            scopes,
            StoredTime.Of(now),
            expiresAt is { } expiry ? StoredTime.Of(expiry) : null,
            null);
        if (!await keys.AddAsync(key, SecretTokens.Hash(text), options.Value.MaxApiKeys, cancellationToken))
        {
            return AuthProblems.LimitReached.ToResult();
        }

        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created(
            (string?)null,
            new CreatedApiKeyResponse(key.Id, text, key.Prefix, key.Name, key.Scopes, key.TenantId, key.CreatedAt, key.ExpiresAt));
    }

    private static async Task<Results<Ok<Page<ApiKeyResponse>>, ProblemHttpResult>> ListAsync(
        Caller caller, IApiKeyStore keys, CancellationToken cancellationToken)
    {
        if (!MayManage(caller))
        {
            return Problems.Forbidden.ToResult();
        }

        var found = await keys.ListAsync(caller.AccountId, TenantOf(caller), cancellationToken);
        return TypedResults.Ok(new Page<ApiKeyResponse>(
            [
                .. found.Select(key => new ApiKeyResponse(
                    key.Id, key.Prefix, key.Name, key.Scopes, key.TenantId, key.CreatedAt, key.ExpiresAt, key.LastUsedAt)),
            ],
            null));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        Guid id, Caller caller, IApiKeyStore keys, PrincipalCache principals, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (!MayManage(caller))
        {
            return Problems.Forbidden.ToResult();
        }

        if (!await keys.RevokeAsync(caller.AccountId, TenantOf(caller), id, clock.GetUtcNow(), cancellationToken))
        {
            return Problems.NotFound.ToResult();
        }

        principals.Clear();
        return TypedResults.NoContent();
    }

    private static bool OutlivesCaller(Caller caller, DateTimeOffset? expiresAt)
        => caller.Principal.ExpiresAt is { } end && (expiresAt is null || expiresAt > end);

    private static bool MayManage(Caller caller) => caller.Principal.Scopes.Contains(KeyScopes.Admin);

    private static Guid? TenantOf(Caller caller) => caller.Principal.AllTenants ? null : caller.Principal.DefaultTenantId;
}

/// <summary>Body of <c>POST /v1/auth/api-keys</c>.</summary>
internal sealed record CreateApiKeyRequest
{
    /// <summary>What the key is for.</summary>
    [Required]
    [PlainText(200)]
    public string? Name { get; init; }

    /// <summary>Of <c>read</c>, <c>write</c> and <c>admin</c>; default read and write.</summary>
    [MaxLength(3)]
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>When it expires; never, unless this or <c>expires_in_days</c> is given.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>In how many days it expires.</summary>
    [Range(1, 3_650)]
    public int? ExpiresInDays { get; init; }

    /// <summary>Id or slug of the tenant it acts for; default the account's own.</summary>
    public string? TenantId { get; init; }
}

/// <summary>A new API key.</summary>
/// <param name="Id">Its id, to revoke it by.</param>
/// <param name="Key">The key itself, shown this once.</param>
/// <param name="Prefix">Its first characters, to tell keys apart.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Scopes">What it allows.</param>
/// <param name="TenantId">Tenant it acts for.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="ExpiresAt">When it expires; null for never.</param>
internal sealed record CreatedApiKeyResponse(
    Guid Id,
    string Key,
    string Prefix,
    string Name,
    IReadOnlyList<string> Scopes,
    Guid TenantId,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt);

/// <summary>An API key, without the key itself.</summary>
/// <param name="Id">Its id, to revoke it by.</param>
/// <param name="Prefix">Its first characters, to tell keys apart.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Scopes">What it allows.</param>
/// <param name="TenantId">Tenant it acts for.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="ExpiresAt">When it expires; null for never.</param>
/// <param name="LastUsedAt">When it was used last, to about a minute; null for never.</param>
internal sealed record ApiKeyResponse(
    Guid Id,
    string Prefix,
    string Name,
    IReadOnlyList<string> Scopes,
    Guid TenantId,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt);
