using System.Security.Cryptography;
using System.Text;

namespace MemoryMesh.ServiceDefaults.Security;

/// <summary>The two root keys: the key-encryption key, which wraps every other key, and the index key, which names and terms are hashed with.</summary>
/// <remarks>They are apart so that the key-encryption key can change by wrapping again, without touching names and terms.</remarks>
public sealed class KeyRing
{
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly byte[] _encryptionKey;
    private readonly byte[] _indexKey;

    /// <summary>Creates a ring of two keys of 32 bytes each.</summary>
    public KeyRing(byte[] encryptionKey, byte[] indexKey)
    {
        ArgumentNullException.ThrowIfNull(encryptionKey);
        ArgumentNullException.ThrowIfNull(indexKey);
        if (encryptionKey.Length != 32 || indexKey.Length != 32)
        {
            throw new ArgumentException("Both keys have 32 bytes.");
        }

        _encryptionKey = encryptionKey;
        _indexKey = indexKey;
        EncryptionKeyId = SHA256.HashData([.. "memorymesh key id"u8, .. encryptionKey])[..8];
        IndexKeyId = SHA256.HashData([.. "memorymesh index key id"u8, .. indexKey])[..8];
    }

    /// <summary>Names the key-encryption key without telling it; stored beside what it wraps.</summary>
    public byte[] EncryptionKeyId { get; }

    /// <summary>Names the index key without telling it; stored beside the data that it finds.</summary>
    public byte[] IndexKeyId { get; }

    /// <summary>Wraps a key or another short secret.</summary>
    /// <param name="secret">What to wrap.</param>
    /// <param name="purpose">What it is for; unwrapping needs the same.</param>
    public byte[] Wrap(ReadOnlySpan<byte> secret, string purpose)
    {
        var wrapped = new byte[NonceSize + secret.Length + TagSize];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, NonceSize));
        using var aes = new AesGcm(_encryptionKey, TagSize);
        aes.Encrypt(
            wrapped.AsSpan(0, NonceSize),
            secret,
            wrapped.AsSpan(NonceSize, secret.Length),
            wrapped.AsSpan(NonceSize + secret.Length),
            Encoding.UTF8.GetBytes(purpose));
        return wrapped;
    }

    /// <summary>Reverses <see cref="Wrap"/>.</summary>
    /// <exception cref="CryptographicException">Another key or purpose wrapped it, or it was changed.</exception>
    public byte[] Unwrap(ReadOnlySpan<byte> wrapped, string purpose)
    {
        if (wrapped.Length < NonceSize + TagSize)
        {
            throw new CryptographicException("A wrapped key is too short.");
        }

        var secret = new byte[wrapped.Length - NonceSize - TagSize];
        using var aes = new AesGcm(_encryptionKey, TagSize);
        aes.Decrypt(
            wrapped[..NonceSize],
            wrapped[NonceSize..^TagSize],
            wrapped[^TagSize..],
            secret,
            Encoding.UTF8.GetBytes(purpose));
        return secret;
    }

    /// <summary>A key of 32 bytes for one purpose, from the index key (HKDF-SHA256, RFC 5869).</summary>
    public byte[] DeriveIndexKey(string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _indexKey, 32, info: Encoding.UTF8.GetBytes(purpose));

    /// <summary>A key of 32 bytes for one purpose, from the key-encryption key (HKDF-SHA256, RFC 5869).</summary>
    public byte[] DeriveSecret(string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _encryptionKey, 32, info: Encoding.UTF8.GetBytes(purpose));
}

/// <summary>Turns names that clients chose into keys that can be looked up and tell nothing without the index key.</summary>
public sealed class KeyedNames
{
    private readonly byte[] _key;

    /// <summary>Creates the hasher.</summary>
    public KeyedNames(KeyRing ring)
    {
        ArgumentNullException.ThrowIfNull(ring);
        _key = ring.DeriveIndexKey("names");
    }

    /// <summary>Key of a subject (<c>user_id</c>) of a tenant.</summary>
    public Guid SubjectKey(Guid tenantId, string userId) => Hash(tenantId, 1, userId);

    /// <summary>Key of a conversation (<c>conversation_id</c>) of a tenant.</summary>
    public Guid ConversationKey(Guid tenantId, string conversationId) => Hash(tenantId, 2, conversationId);

    /// <summary>Key of any other name: an e-mail address, a user name, a slug.</summary>
    /// <param name="kind">What the name is, for example <c>email</c>: equal names of two kinds have different keys.</param>
    /// <param name="name">The name, already folded if its case does not matter.</param>
    public Guid Other(string kind, string name)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(name);
        return Hash(Guid.Empty, 3, $"{kind.Length}:{kind}{name}");
    }

    /// <summary>A keyed hash of bytes, 32 bytes long: to compare requests without keeping them.</summary>
    public byte[] Fingerprint(ReadOnlySpan<byte> content) => HMACSHA256.HashData(_key, content);

    private Guid Hash(Guid tenantId, byte kind, string name)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var size = 17 + Encoding.UTF8.GetByteCount(name);
        var buffer = size <= 1024 ? stackalloc byte[size] : new byte[size];
        tenantId.TryWriteBytes(buffer, bigEndian: true, out _);
        buffer[16] = kind;
        Encoding.UTF8.GetBytes(name, buffer[17..]);
        HMACSHA256.HashData(_key, buffer, hash);
        return new Guid(hash[..16], bigEndian: true);
    }
}
