using System.ComponentModel.DataAnnotations;
using MemoryMesh.Auth.Accounts;
using MemoryMesh.Auth.Passwords;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Auth.Endpoints;

/// <summary>Body of <c>POST /v1/auth/register</c>.</summary>
internal sealed record RegisterRequest
{
    /// <summary>E-mail address; its case does not matter.</summary>
    [Required]
    [PlainText(AccountNames.MaxEmailBytes)]
    public string? Email { get; init; }

    /// <summary>User name, unique; its case does not matter.</summary>
    [Required]
    [PlainText(AccountNames.MaxUsernameBytes)]
    public string? Username { get; init; }

    /// <summary>Password, 8 to 256 characters.</summary>
    [Required(AllowEmptyStrings = true)]
    public string? Password { get; init; }
}

/// <summary>Body of <c>POST /v1/auth/login</c>.</summary>
internal sealed record LoginRequest
{
    /// <summary>E-mail address.</summary>
    [Required]
    [PlainText(AccountNames.MaxEmailBytes)]
    public string? Email { get; init; }

    /// <summary>Password.</summary>
    [Required(AllowEmptyStrings = true)]
    [PlainText(PasswordRules.MaxBytes, AllowBlank = true, AllowControl = true)]
    public string? Password { get; init; }
}

/// <summary>Body of <c>POST /v1/auth/refresh</c>.</summary>
internal sealed record RefreshRequest
{
    /// <summary>The latest refresh token.</summary>
    [Required]
    [PlainText(256)]
    public string? RefreshToken { get; init; }
}

/// <summary>Body of <c>POST /v1/auth/logout</c>, which may be left out: the access token names the session.</summary>
internal sealed record LogoutRequest
{
    /// <summary>Taken from clients that send it, and not needed.</summary>
    [PlainText(256)]
    public string? RefreshToken { get; init; }
}

/// <summary>An account, as registering answers it.</summary>
internal sealed record AccountResponse(Guid Id, string Email, string Username, Guid TenantId, DateTimeOffset CreatedAt);

/// <summary>Who calls.</summary>
/// <param name="Id">The account.</param>
/// <param name="Email">E-mail address; null for an API key.</param>
/// <param name="Username">User name; null for an API key.</param>
/// <param name="TenantId">Tenant of requests that name none.</param>
/// <param name="CreatedAt">When the account was registered.</param>
/// <param name="Scopes">What the credentials allow.</param>
/// <param name="SessionId">The login session; null for an API key.</param>
/// <param name="ApiKeyId">The API key; null for a login session.</param>
internal sealed record MeResponse(
    Guid Id,
    string? Email,
    string? Username,
    Guid TenantId,
    DateTimeOffset CreatedAt,
    IReadOnlyList<string> Scopes,
    Guid? SessionId,
    Guid? ApiKeyId);

/// <summary>Tokens of a session; times are seconds.</summary>
internal sealed record TokenResponse(string AccessToken, string TokenType, int ExpiresIn, string RefreshToken, int RefreshExpiresIn);
