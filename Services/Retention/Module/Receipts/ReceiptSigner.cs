using System.Text;
using MemoryMesh.Retention.Storage;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace MemoryMesh.Retention.Receipts;

/// <summary>Signs receipts with a P-256 key of Retention's own, which is wrapped by the key-encryption key at rest.</summary>
/// <remarks>The key stays for good: a receipt must be verifiable for as long as it is kept. It is made when the first receipt, or its public part, is asked for.</remarks>
internal sealed class ReceiptSigner(IErasureStore store, KeyRing ring, TimeProvider clock) : IDisposable
{
    private const string Purpose = "receipt signing key";

    private readonly JsonWebTokenHandler _tokens = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly SemaphoreSlim _loading = new(1, 1);
    private readonly Lock _signing = new();
    private volatile LoadedSigningKeys? _loaded;

    /// <summary>The public keys as a JSON Web Key Set (RFC 7517).</summary>
    public async Task<string> GetPublicKeysAsync(CancellationToken cancellationToken) => (await LoadAsync(cancellationToken)).PublicKeys;

    /// <summary>Signs a receipt as a JWS in compact form (RFC 7515).</summary>
    public async Task<string> SignAsync(ErasureReceipt receipt, CancellationToken cancellationToken)
    {
        var loaded = await LoadAsync(cancellationToken);

        // An ECDsa object makes no promise about use by several threads.
        lock (_signing)
        {
            return _tokens.CreateToken(receipt.ToPayload(), new SigningCredentials(loaded.Current, SecurityAlgorithms.EcdsaSha256));
        }
    }

    /// <summary>Reads a receipt that this server signed.</summary>
    public static ErasureReceipt Read(string jws)
        => ErasureReceipt.Parse(Encoding.UTF8.GetString(Base64UrlEncoder.DecodeBytes(jws.Split('.')[1])), jws);

    /// <inheritdoc/>
    public void Dispose()
    {
        _loading.Dispose();
        _loaded?.Dispose();
    }

    private async Task<LoadedSigningKeys> LoadAsync(CancellationToken cancellationToken)
    {
        if (_loaded is { } known)
        {
            return known;
        }

        await _loading.WaitAsync(cancellationToken);
        try
        {
            return _loaded ??= await ReadOrCreateAsync(cancellationToken);
        }
        finally
        {
            _loading.Release();
        }
    }

    private async Task<LoadedSigningKeys> ReadOrCreateAsync(CancellationToken cancellationToken)
    {
        var stored = await store.ListKeysAsync(cancellationToken);
        if (stored.Count == 0)
        {
            var now = clock.GetUtcNow();
            using var key = SigningKeyFormat.Create();
            await store.AddFirstKeyAsync(
                new ReceiptKeyRecord(Guid.CreateVersion7(now).ToString("N"), ring.Wrap(key.ExportPkcs8PrivateKey(), Purpose), now), cancellationToken);
            stored = await store.ListKeysAsync(cancellationToken);
        }

        return SigningKeyFormat.Load([.. stored.Select(key => (key.Id, SigningKeyFormat.Read(ring.Unwrap(key.PrivateKey, Purpose))))]);
    }
}
