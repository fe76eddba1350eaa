using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Auth;

/// <summary>Settings of the Auth service, section <c>Auth</c>.</summary>
public sealed class AuthOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Auth";

    /// <summary>How long an access token is valid, in minutes. Default 30. Also <c>MEMORY_ACCESS_TOKEN_EXPIRE_MINUTES</c>.</summary>
    [Range(1, 24 * 60)]
    public int AccessTokenMinutes { get; set; } = 30;

    /// <summary>How long a refresh token is valid, in days; a session ends when its last one expires. Default 7. Also <c>MEMORY_REFRESH_TOKEN_EXPIRE_DAYS</c>.</summary>
    [Range(1, 365)]
    public int RefreshTokenDays { get; set; } = 7;

    /// <summary>
    /// Iterations of PBKDF2-SHA256. Default and minimum 600,000 (OWASP, 2023); fewer are refused unless the environment's name is <c>Testing</c>. Stored hashes with fewer
    /// are replaced at the next login.
    /// </summary>
    [Range(1, 100_000_000)]
    public int PasswordIterations { get; set; } = MinIterations;

    /// <summary>How many passwords are hashed at the same time. Default 2: hashing must not take every core from other requests.</summary>
    [Range(1, 64)]
    public int HashingConcurrency { get; set; } = 2;

    /// <summary>How many requests may wait for their password to be hashed; more are answered with 503. Default 32.</summary>
    [Range(0, 10_000)]
    public int HashingQueue { get; set; } = 32;

    /// <summary>Failed logins to one account from one address before further ones must wait. Default 10.</summary>
    [Range(1, 1_000)]
    public int FailuresPerAccount { get; set; } = 10;

    /// <summary>Failed logins from one address, to any account, before further ones must wait. Default 100.</summary>
    [Range(1, 100_000)]
    public int FailuresPerAddress { get; set; } = 100;

    /// <summary>API keys one account may have. Default 100.</summary>
    [Range(1, 10_000)]
    public int MaxApiKeys { get; set; } = 100;

    /// <summary>How long audit events are kept, in days. Default 365.</summary>
    [Range(30, 3_650)]
    public int AuditDays { get; set; } = 365;

    internal const int MinIterations = 600_000;
}

[OptionsValidator]
internal sealed partial class AuthOptionsValidator : IValidateOptions<AuthOptions>;

/// <summary>Keeps a server from hashing passwords with too little work. Tests, which register hundreds of accounts, may.</summary>
internal sealed class PasswordWorkValidator(IHostEnvironment? environment = null) : IValidateOptions<AuthOptions>
{
    /// <summary>Name of the environment that servers under test run in.</summary>
    internal const string TestEnvironment = "Testing";

    public ValidateOptionsResult Validate(string? name, AuthOptions options)
        => options.PasswordIterations >= AuthOptions.MinIterations || environment?.IsEnvironment(TestEnvironment) == true
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{AuthOptions.Section}:{nameof(AuthOptions.PasswordIterations)} must be at least {AuthOptions.MinIterations}: passwords could be guessed too fast.");
}
