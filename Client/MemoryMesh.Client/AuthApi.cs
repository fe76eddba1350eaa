namespace MemoryMesh.Client;

/// <summary>Accounts, sessions and API keys: <c>/v1/auth</c>.</summary>
public sealed class AuthApi
{
    private readonly Connection _connection;

    internal AuthApi(Connection connection) => _connection = connection;

    /// <summary>Registers an account, which gets a tenant of its own. Needs no credentials.</summary>
    public Task<AccountInfo> RegisterAsync(NewAccount account, CancellationToken cancellationToken = default)
        => _connection.SendAsync(HttpMethod.Post, Path("register"), account, ClientJson.Default.NewAccount, ClientJson.Default.AccountInfo, cancellationToken);

    /// <summary>Starts a session. Needs no credentials.</summary>
    public Task<SessionTokens> LogInAsync(string email, string password, CancellationToken cancellationToken = default)
        => _connection.SendAsync(
            HttpMethod.Post, Path("login"), new LogInRequest(email, password), ClientJson.Default.LogInRequest, ClientJson.Default.SessionTokens, cancellationToken);

    /// <summary>Gets the next tokens of a session. A refresh token works once. Needs no credentials.</summary>
    public Task<SessionTokens> RefreshAsync(string refreshToken, CancellationToken cancellationToken = default)
        => _connection.SendAsync(
            HttpMethod.Post, Path("refresh"), new RefreshRequest(refreshToken), ClientJson.Default.RefreshRequest, ClientJson.Default.SessionTokens, cancellationToken);

    /// <summary>Ends the session of the access token.</summary>
    public async Task LogOutAsync(CancellationToken cancellationToken = default)
    {
        using var response = await _connection.SendAsync(new HttpRequestMessage(HttpMethod.Post, Path("logout").ToUri()), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Who the credentials stand for.</summary>
    public Task<CallerInfo> GetMeAsync(CancellationToken cancellationToken = default)
        => _connection.GetAsync(Path("me"), ClientJson.Default.CallerInfo, cancellationToken);

    /// <summary>Creates an API key. The key itself is in this answer only.</summary>
    public Task<CreatedApiKey> CreateApiKeyAsync(NewApiKey key, CancellationToken cancellationToken = default)
        => _connection.SendAsync(HttpMethod.Post, Path("api-keys"), key, ClientJson.Default.NewApiKey, ClientJson.Default.CreatedApiKey, cancellationToken);

    /// <summary>The account's API keys, without the keys themselves.</summary>
    public async Task<IReadOnlyList<ApiKeyInfo>> ListApiKeysAsync(CancellationToken cancellationToken = default)
        => (await _connection.GetAsync(Path("api-keys"), ClientJson.Default.CursorPageApiKeyInfo, cancellationToken).ConfigureAwait(false)).Items;

    /// <summary>Revokes an API key.</summary>
    public Task RevokeApiKeyAsync(string id, CancellationToken cancellationToken = default)
        => _connection.DeleteAsync(Path("api-keys").Id(id), null, cancellationToken);

    private static Address Path(string name) => new Address("v1/auth").Part(name);
}

/// <summary>An account to register.</summary>
/// <param name="Email">E-mail address; its case does not matter.</param>
/// <param name="Username">User name, unique; its case does not matter.</param>
/// <param name="Password">Password, 8 to 256 characters.</param>
public sealed record NewAccount(string Email, string Username, string Password);

/// <summary>A registered account.</summary>
/// <param name="Id">The account.</param>
/// <param name="Email">E-mail address.</param>
/// <param name="Username">User name.</param>
/// <param name="TenantId">The account's own tenant.</param>
/// <param name="CreatedAt">When it was registered.</param>
public sealed record AccountInfo(string Id, string Email, string Username, string TenantId, DateTimeOffset CreatedAt);

/// <summary>Tokens of a session; times are seconds.</summary>
/// <param name="AccessToken">For requests.</param>
/// <param name="TokenType"><c>Bearer</c>.</param>
/// <param name="ExpiresIn">How long the access token holds.</param>
/// <param name="RefreshToken">Gets the next tokens, once.</param>
/// <param name="RefreshExpiresIn">How long the refresh token holds.</param>
public sealed record SessionTokens(string AccessToken, string TokenType, int ExpiresIn, string RefreshToken, int RefreshExpiresIn);

/// <summary>Who calls.</summary>
public sealed record CallerInfo
{
    /// <summary>The account.</summary>
    public required string Id { get; init; }

    /// <summary>E-mail address; null for an API key.</summary>
    public string? Email { get; init; }

    /// <summary>User name; null for an API key.</summary>
    public string? Username { get; init; }

    /// <summary>Tenant of requests that name none.</summary>
    public required string TenantId { get; init; }

    /// <summary>When the account was registered.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>What the credentials allow: of <c>read</c>, <c>write</c> and <c>admin</c>.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>The login session; null for an API key.</summary>
    public string? SessionId { get; init; }

    /// <summary>The API key; null for a login session.</summary>
    public string? ApiKeyId { get; init; }
}

/// <summary>An API key to create.</summary>
public sealed record NewApiKey
{
    /// <summary>What the key is for.</summary>
    public required string Name { get; init; }

    /// <summary>Of <c>read</c>, <c>write</c> and <c>admin</c>; read and write when null.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>When it expires; never, unless this or <see cref="ExpiresInDays"/> is given.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>In how many days it expires, 1 to 3,650.</summary>
    public int? ExpiresInDays { get; init; }

    /// <summary>Id or slug of the tenant it acts for; the account's own when null.</summary>
    public string? TenantId { get; init; }
}

/// <summary>An API key, without the key itself.</summary>
public record ApiKeyInfo
{
    /// <summary>Its id, to revoke it by.</summary>
    public required string Id { get; init; }

    /// <summary>Its first characters, to tell keys apart.</summary>
    public string? Prefix { get; init; }

    /// <summary>What it is for.</summary>
    public string? Name { get; init; }

    /// <summary>What it allows.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Tenant it acts for.</summary>
    public required string TenantId { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it expires; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was used last, to about a minute; null for never.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }
}

/// <summary>A new API key.</summary>
public sealed record CreatedApiKey : ApiKeyInfo
{
    /// <summary>The key itself, shown this once.</summary>
    public required string Key { get; init; }
}

internal sealed record LogInRequest(string Email, string Password);

internal sealed record RefreshRequest(string RefreshToken);
