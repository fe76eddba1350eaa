using System.Security.Cryptography;
using System.Text;
using MemoryMesh.Auth.Storage;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace MemoryMesh.Auth.Tokens;

/// <summary>The P-256 keys that access tokens are signed with. The first is made at the first start.</summary>
/// <remarks>
/// The private key is wrapped by the key-encryption key and, when <c>MEMORY_JWT_SECRET_KEY</c> is set, by a key derived from that too. A change of
/// <c>MEMORY_JWT_SECRET_KEY</c> is a change of signing key: keys that do not open with it are dropped at the start and a new one is made.
/// People then get new access tokens with their refresh tokens, which do not depend on it.
/// </remarks>
internal sealed class SigningKeys(ISigningKeyStore store, KeyRing ring, IConfiguration configuration, TimeProvider clock, ILogger<SigningKeys> logger)
    : IHostedService, IDisposable
{
    public const string SecretName = "MEMORY_JWT_SECRET_KEY";

    private const int MinSecretLength = 32;
    private const string Purpose = "token signing key";

    private readonly JsonWebTokenHandler _tokens = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly SemaphoreSlim _loading = new(1, 1);
    private readonly Lock _signing = new();
    private volatile LoadedSigningKeys? _loaded;

    /// <summary>Makes sure before the first request that there is a key.</summary>
    /// <exception cref="StartupException"><c>MEMORY_JWT_SECRET_KEY</c> is too short.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LoadAsync(cancellationToken);
        }
        catch (StorageUnavailableException exception) when (!exception.DiskFull)
        {
            // A server that is not up yet: requests are refused until it is, and the first one after that loads the key.
            _ = Rings();
            Log.ReadLater(logger, "The signing key", exception.Message);
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The public keys as a JSON Web Key Set (RFC 7517).</summary>
    public async Task<string> GetPublicKeysAsync(CancellationToken cancellationToken) => (await LoadAsync(cancellationToken)).PublicKeys;

    /// <summary>Signs a token.</summary>
    public async Task<string> SignAsync(SecurityTokenDescriptor token, CancellationToken cancellationToken)
    {
        var loaded = await LoadAsync(cancellationToken);
        token.SigningCredentials = new SigningCredentials(loaded.Current, AccessTokens.Algorithm);

        // An ECDsa object makes no promise about use by several threads.
        lock (_signing)
        {
            return _tokens.CreateToken(token);
        }
    }

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
        var rings = Rings();
        var keys = new List<(string Id, ECDsa Key)>();
        var unreadable = new List<string>();
        foreach (var stored in await store.ListAsync(cancellationToken))
        {
            if (Open(stored.PrivateKey, rings) is { } key)
            {
                keys.Add((stored.Id, key));
            }
            else
            {
                unreadable.Add(stored.Id);
            }
        }

        if (unreadable.Count > 0)
        {
            Log.SigningKeysDropped(logger, unreadable.Count);
        }

        if (keys.Count == 0)
        {
            var now = clock.GetUtcNow();
            var id = Guid.CreateVersion7(now).ToString("N");
            var key = SigningKeyFormat.Create();
            keys.Add((id, key));
            await store.ReplaceAsync(unreadable, new SigningKeyRecord(id, Close(key.ExportPkcs8PrivateKey(), rings), now), cancellationToken);
        }

        return SigningKeyFormat.Load(keys);
    }

    private List<KeyRing> Rings()
    {
        var secret = configuration[SecretName];
        if (string.IsNullOrEmpty(secret))
        {
            return [ring];
        }

        if (secret.Length < MinSecretLength)
        {
            throw new StartupException(
                $"{SecretName} has {secret.Length} characters and needs at least {MinSecretLength}: give a random one, for example from `openssl rand -hex 32`, or leave it unset.");
        }

        var bytes = Encoding.UTF8.GetBytes(secret);
        return [new KeyRing(Derive(bytes, "token signing key 1"), Derive(bytes, "token signing key 2")), ring];
    }

    private static byte[] Derive(byte[] secret, string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: Encoding.UTF8.GetBytes(purpose));

    // The key-encryption key is the outer layer, so that one without MEMORY_JWT_SECRET_KEY fails to parse instead of being taken for a key.
    private static byte[] Close(byte[] privateKey, List<KeyRing> rings)
        => rings.Aggregate(privateKey, (inner, layer) => layer.Wrap(inner, Purpose));

    private static ECDsa? Open(byte[] wrapped, List<KeyRing> rings)
    {
        try
        {
            return SigningKeyFormat.Read(Enumerable.Reverse(rings).Aggregate(wrapped, (outer, layer) => layer.Unwrap(outer, Purpose)));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
