namespace MemoryMesh.Auth.Storage;

/// <summary>Keeps signing keys.</summary>
internal interface ISigningKeyStore
{
    /// <summary>All keys, oldest first.</summary>
    Task<IReadOnlyList<SigningKeyRecord>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Adds a key and drops others.</summary>
    Task ReplaceAsync(IReadOnlyList<string> dropped, SigningKeyRecord added, CancellationToken cancellationToken);
}
