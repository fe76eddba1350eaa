namespace MemoryMesh.Auth.Storage;

/// <summary>Keeps accounts. E-mail addresses and user names are compared without regard to case.</summary>
internal interface IAccountStore
{
    /// <summary>Adds an account with its own tenant, which it owns.</summary>
    /// <returns>False when the e-mail address or the user name is taken; nothing was added.</returns>
    Task<bool> AddAsync(AccountRecord account, string passwordHash, CancellationToken cancellationToken);

    /// <summary>Whether an account has the e-mail address or the user name.</summary>
    Task<bool> IsTakenAsync(string email, string username, CancellationToken cancellationToken);

    /// <summary>The account, or null.</summary>
    Task<AccountRecord?> FindAsync(Guid accountId, CancellationToken cancellationToken);

    /// <summary>Ids of the account with this e-mail address or user name, or null.</summary>
    Task<Guid?> FindIdAsync(string? email, string? username, CancellationToken cancellationToken);

    /// <summary>What a login needs of the account with this e-mail address, or null.</summary>
    Task<LoginRecord?> FindLoginAsync(string email, CancellationToken cancellationToken);

    /// <summary>Replaces the hash of a password by one of the same password.</summary>
    Task ReplacePasswordHashAsync(Guid accountId, string oldHash, string newHash, CancellationToken cancellationToken);

    /// <summary>Key that an e-mail address is counted by, whether it has an account or not.</summary>
    Guid EmailKey(string email);
}

/// <summary>What a login needs of an account.</summary>
internal sealed record LoginRecord(Guid AccountId, Guid OwnTenantId, string PasswordHash);
