namespace MemoryMesh.Auth.Storage;

/// <summary>Keeps API keys.</summary>
internal interface IApiKeyStore
{
    /// <summary>Adds a key.</summary>
    /// <returns>False when the account has as many as it may have.</returns>
    Task<bool> AddAsync(ApiKeyRecord key, byte[] hash, int maxKeys, CancellationToken cancellationToken);

    /// <summary>The key with this hash, when it has not expired and its creator is still a member of its tenant. Notes the use, at most once a minute.</summary>
    Task<ApiKeyPrincipal?> FindAsync(byte[] hash, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>The key with this id, under the same conditions. Notes no use.</summary>
    Task<ApiKeyPrincipal?> FindByIdAsync(Guid keyId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>The account's keys, newest first.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="tenantId">Only keys of this tenant; null for all.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<IReadOnlyList<ApiKeyRecord>> ListAsync(Guid accountId, Guid? tenantId, CancellationToken cancellationToken);

    /// <summary>Deletes a key of the account.</summary>
    /// <returns>Whether there was one.</returns>
    Task<bool> RevokeAsync(Guid accountId, Guid? tenantId, Guid keyId, DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>Whom an API key stands for.</summary>
internal sealed record ApiKeyPrincipal(Guid Id, Guid AccountId, Guid TenantId, IReadOnlyList<string> Scopes, DateTimeOffset? ExpiresAt);
