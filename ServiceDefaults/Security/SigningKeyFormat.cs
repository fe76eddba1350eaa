using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace MemoryMesh.ServiceDefaults.Security;

/// <summary>Keys for ES256 signatures: made, read, and shown as a JSON Web Key Set (RFC 7517).</summary>
public static class SigningKeyFormat
{
    /// <summary>Makes a P-256 key.</summary>
    public static ECDsa Create() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Reads a private key in PKCS #8, and overwrites the bytes.</summary>
    /// <exception cref="CryptographicException">It is no such key.</exception>
    public static ECDsa Read(byte[] privateKey)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportPkcs8PrivateKey(privateKey, out _);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(privateKey);
        }
    }

    /// <summary>Signs with the last key and shows the public part of all; the others are disposed.</summary>
    /// <param name="keys">The keys with their ids, oldest first; at least one.</param>
    public static LoadedSigningKeys Load(IReadOnlyList<(string Id, ECDsa Key)> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var publicKeys = JsonSerializer.Serialize(new { keys = keys.Select(key => PublicKey(key.Id, key.Key)).ToArray() });
        foreach (var (_, key) in keys.SkipLast(1))
        {
            key.Dispose();
        }

        // The default factory keeps signers in a static cache, past the life of the key they hold.
        var signer = new ECDsaSecurityKey(keys[^1].Key) { KeyId = keys[^1].Id, CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } };
        return new LoadedSigningKeys(signer, publicKeys);
    }

    private static object PublicKey(string id, ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return new
        {
            kty = "EC",
            use = "sig",
            alg = SecurityAlgorithms.EcdsaSha256,
            kid = id,
            crv = "P-256",
            x = Base64UrlEncoder.Encode(point.X),
            y = Base64UrlEncoder.Encode(point.Y),
        };
    }
}

/// <summary>Keys that are ready to sign.</summary>
/// <param name="Current">Signs.</param>
/// <param name="PublicKeys">The public part of all, as a JSON Web Key Set.</param>
public sealed record LoadedSigningKeys(ECDsaSecurityKey Current, string PublicKeys) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Current.ECDsa.Dispose();
}
