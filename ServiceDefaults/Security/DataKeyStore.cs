using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Caching.Memory;

namespace MemoryMesh.ServiceDefaults.Security;

/// <summary>The data keys of one service: one for each owner (a subject, a team or a tenant), wrapped by its tenant's key, which the key-encryption key wraps.</summary>
public sealed class DataKeyStore : IDisposable
{
    private const int KeySize = 32;

    private readonly StoreDatabase _database;
    private readonly KeyRing _ring;
    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = 50_000 });
    private readonly Lock _remembering = new();

    /// <summary>Counts destroyed keys: one that was read before another was destroyed may be that one.</summary>
    private int _destroyed;

    /// <summary>What the count was when an owner's key was destroyed by this process, those of a whole tenant under its empty owner: no other has the store open.</summary>
    private readonly ConcurrentDictionary<(Guid TenantId, Guid OwnerKey), int> _destructions = new();

    /// <summary>Opens the store.</summary>
    /// <exception cref="StartupException">Other root keys belong to it. A store that is opened later refuses with it then.</exception>
    public DataKeyStore(StoreDatabase database, KeyRing ring)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(ring);
        _database = database;
        _ring = ring;
        database.OnOpened(session =>
        {
            Check(session, "encryption_key", ring.EncryptionKeyId, "ENCRYPTION_KEY");
            Check(session, "index_key", ring.IndexKeyId, "MEMORY_INDEX_KEY");
        });
    }

    /// <summary>Tables of the key file of an embedded store.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        new("0001_keys.sql", """
            -- Which key-encryption key wrapped the tenant keys: a wrong one must stop the start.
            CREATE TABLE encryption_key (id BLOB PRIMARY KEY) WITHOUT ROWID;
            CREATE TABLE tenant_keys (tenant_id BLOB PRIMARY KEY, wrapped BLOB NOT NULL) WITHOUT ROWID;
            CREATE TABLE data_keys (
                tenant_id BLOB NOT NULL,
                owner_key BLOB NOT NULL,
                wrapped BLOB NOT NULL,
                PRIMARY KEY (tenant_id, owner_key)
            ) WITHOUT ROWID;
            """),
        new("0002_index_key.sql", """
            -- Which key names and terms are hashed with: with a wrong one nothing would be found, and new data would be lost to the right one.
            CREATE TABLE index_key (id BLOB PRIMARY KEY) WITHOUT ROWID;
            """),
    ];

    /// <summary>The owner's key, created when there is none.</summary>
    public async ValueTask<DataKey> GetOrCreateAsync(Guid tenantId, Guid ownerKey, CancellationToken cancellationToken)
        => await FindAsync(tenantId, ownerKey, cancellationToken) ?? await CreateAsync(tenantId, ownerKey, cancellationToken);

    /// <summary>The owner's key, or null: nothing is encrypted for that owner, or its key was destroyed.</summary>
    public async ValueTask<DataKey?> FindAsync(Guid tenantId, Guid ownerKey, CancellationToken cancellationToken)
    {
        if (_cache.TryGetValue((tenantId, ownerKey), out DataKey? cached))
        {
            return cached;
        }

        var destroyed = Volatile.Read(ref _destroyed);
        var found = await _database.ReadAsync(
            session => session.QueryFirst(
                "SELECT d.wrapped, t.wrapped FROM data_keys d JOIN tenant_keys t ON t.tenant_id = d.tenant_id WHERE d.tenant_id = $1 AND d.owner_key = $2",
                row => (Data: row.Bytes(0), Tenant: row.Bytes(1)),
                tenantId,
                ownerKey),
            cancellationToken);
        return found.Data is null ? null : Remember(Unwrap(tenantId, ownerKey, found.Tenant, found.Data, destroyed), destroyed);
    }

    /// <summary>Destroys the owner's key: what it encrypted can never be read again, wherever a copy is.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> DestroyAsync(Guid tenantId, Guid ownerKey, CancellationToken cancellationToken)
    {
        var destroyed = await _database.WriteAsync(
            session => session.Execute("DELETE FROM data_keys WHERE tenant_id = $1 AND owner_key = $2", tenantId, ownerKey) > 0,
            cancellationToken);
        lock (_remembering)
        {
            _destructions[(tenantId, ownerKey)] = ++_destroyed;
            _cache.Remove((tenantId, ownerKey));
        }

        _database.RequestScrub();
        return destroyed;
    }

    /// <summary>Destroys every key of a tenant.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> DestroyTenantAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        var count = await _database.WriteAsync(
            session =>
            {
                session.Execute("DELETE FROM tenant_keys WHERE tenant_id = $1", tenantId);
                return session.Execute("DELETE FROM data_keys WHERE tenant_id = $1", tenantId);
            },
            cancellationToken);
        lock (_remembering)
        {
            _destructions[(tenantId, Guid.Empty)] = ++_destroyed;
            _cache.Clear();
        }

        _database.RequestScrub();
        return count;
    }

    /// <summary>Waits until no byte of destroyed keys is in the files any more, however many keys there are: with a copy of one the rows could be read.</summary>
    /// <exception cref="TimeoutException">Readers held the log for longer than <paramref name="timeout"/>.</exception>
    public Task ScrubAsync(TimeSpan timeout, CancellationToken cancellationToken) => _database.RewriteAsync(long.MaxValue, timeout, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();

    /// <summary>Compares the id of a root key with the one that is stored, or stores it in a new file.</summary>
    private void Check(StoreSession session, string table, byte[] id, string name)
    {
        var known = session.QueryFirst($"SELECT id FROM {table}", row => row.Bytes(0));
        if (known is null)
        {
            session.Execute($"INSERT INTO {table} (id) VALUES ($1)", id);
        }
        else if (!known.AsSpan().SequenceEqual(id))
        {
            throw new StartupException($"{_database.Label} was written with another {name} than the one given. Give the key this data was written with.");
        }
    }

    private async Task<DataKey> CreateAsync(Guid tenantId, Guid ownerKey, CancellationToken cancellationToken)
    {
        var destroyed = Volatile.Read(ref _destroyed);
        var found = await _database.WriteAsync(
            session =>
            {
                session.Execute(
                    "INSERT INTO tenant_keys (tenant_id, wrapped) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                    tenantId,
                    _ring.Wrap(RandomNumberGenerator.GetBytes(KeySize), TenantPurpose(tenantId)));
                var tenant = session.QueryFirst("SELECT wrapped FROM tenant_keys WHERE tenant_id = $1", row => row.Bytes(0), tenantId)!;
                var existing = session.QueryFirst(
                    "SELECT wrapped FROM data_keys WHERE tenant_id = $1 AND owner_key = $2", row => row.Bytes(0), tenantId, ownerKey);
                if (existing is not null)
                {
                    return (Data: existing, Tenant: tenant);
                }

                using var tenantKey = TenantKey(tenantId, tenant);
                var data = tenantKey.Seal(RandomNumberGenerator.GetBytes(KeySize), new RowIdentity("data_keys", "wrapped", ownerKey));
                session.Execute("INSERT INTO data_keys (tenant_id, owner_key, wrapped) VALUES ($1, $2, $3)", tenantId, ownerKey, data);
                return (Data: data, Tenant: tenant);
            },
            cancellationToken);
        return Remember(Unwrap(tenantId, ownerKey, found.Tenant, found.Data, destroyed), destroyed);
    }

    /// <summary>Whether the owner's key was destroyed after the count was <paramref name="destroyed"/>.</summary>
    internal bool IsDestroyed(Guid tenantId, Guid ownerKey, int destroyed)
        => Volatile.Read(ref _destroyed) != destroyed
            && ((_destructions.TryGetValue((tenantId, ownerKey), out var at) && at > destroyed)
                || (_destructions.TryGetValue((tenantId, Guid.Empty), out var atOfTenant) && atOfTenant > destroyed));

    private DataKey Remember(DataKey key, int destroyed)
    {
        lock (_remembering)
        {
            // A destroyed key that came back here would stay for as long as it is used, and what it seals could not be opened after the next start.
            if (destroyed == _destroyed)
            {
                using var entry = _cache.CreateEntry((key.TenantId, key.OwnerKey));
                entry.Size = 1;
                entry.SlidingExpiration = TimeSpan.FromMinutes(30);
                entry.Value = key;
            }
        }

        return key;
    }

    private DataKey Unwrap(Guid tenantId, Guid ownerKey, byte[] wrappedTenantKey, byte[] wrapped, int destroyed)
    {
        using var tenantKey = TenantKey(tenantId, wrappedTenantKey);
        return new DataKey(
            tenantId,
            ownerKey,
            tenantKey.Open(wrapped, new RowIdentity("data_keys", "wrapped", ownerKey)),
            () => IsDestroyed(tenantId, ownerKey, destroyed));
    }

    private DataKey TenantKey(Guid tenantId, byte[] wrapped) => new(tenantId, tenantId, _ring.Unwrap(wrapped, TenantPurpose(tenantId)));

    private static string TenantPurpose(Guid tenantId) => $"tenant key {tenantId:N}";
}

/// <summary>Where a sealed value stands. It is bound to the place: a sealed value moved to another row, column, owner or tenant does not open.</summary>
/// <param name="Table">Table.</param>
/// <param name="Column">Column.</param>
/// <param name="RowId">Id of the row.</param>
/// <param name="Version">Version of the row, when old versions are kept beside new ones.</param>
public readonly record struct RowIdentity(string Table, string Column, Guid RowId, int Version = 0);

/// <summary>The data key of one owner: AES-256-GCM with a random nonce and the place of the value as associated data.</summary>
/// <remarks>Layout of a sealed value: format (1 byte, 1), nonce (12), ciphertext, tag (16). NIST SP 800-38D allows 2^32 random nonces a key.</remarks>
public sealed class DataKey : IDisposable
{
    private const byte Format = 1;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int Overhead = 1 + NonceSize + TagSize;

    /// <summary>The cipher that this thread used last, and whose it is: rows mostly come many of one key, and setting a cipher up costs as much as a short text.</summary>
    [ThreadStatic]
    private static (DataKey Owner, AesGcm Cipher)? lastUsed;

    private readonly byte[] _key;
    private readonly Func<bool>? _isDestroyed;

    internal DataKey(Guid tenantId, Guid ownerKey, byte[] key, Func<bool>? isDestroyed = null)
    {
        TenantId = tenantId;
        OwnerKey = ownerKey;
        _key = key;
        _isDestroyed = isDestroyed;
    }

    /// <summary>The tenant.</summary>
    internal Guid TenantId { get; }

    /// <summary>The owner.</summary>
    internal Guid OwnerKey { get; }

    /// <summary>Whether the key was destroyed since it was read: its owner was erased, and nothing that was opened with it may be kept.</summary>
    public bool IsDestroyed => _isDestroyed?.Invoke() == true;

    /// <summary>
    /// Refuses a write of what this key sealed, when the key was destroyed meanwhile: nobody could ever open it. Call it inside the transaction, which
    /// the erasure that destroyed the key deletes rows in as well: what came before is deleted by that.
    /// </summary>
    /// <exception cref="StorageUnavailableException">The owner was erased; trying again gets a new key.</exception>
    public void ThrowIfDestroyed()
    {
        if (IsDestroyed)
        {
            throw new StorageUnavailableException("The subject was erased while this was on its way.");
        }
    }

    /// <summary>Seals bytes for one place.</summary>
    public byte[] Seal(ReadOnlySpan<byte> plain, in RowIdentity place)
    {
        var result = new byte[plain.Length + Overhead];
        result[0] = Format;
        var nonce = result.AsSpan(1, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        Span<byte> associated = stackalloc byte[MaxPlaceSize];
        Cipher().Encrypt(
            nonce, plain, result.AsSpan(1 + NonceSize, plain.Length), result.AsSpan(1 + NonceSize + plain.Length), associated[..Write(place, associated)]);
        return result;
    }

    /// <summary>Opens what <see cref="Seal"/> made for the same place.</summary>
    /// <exception cref="CryptographicException">It was changed, moved, or sealed with another key.</exception>
    public byte[] Open(ReadOnlySpan<byte> sealedValue, in RowIdentity place)
    {
        var plain = new byte[Math.Max(0, sealedValue.Length - Overhead)];
        Open(sealedValue, place, plain);
        return plain;
    }

    /// <summary>Opens what <see cref="Seal"/> made for the same place, into a buffer that is long enough.</summary>
    /// <returns>How many bytes it has.</returns>
    /// <exception cref="CryptographicException">It was changed, moved, or sealed with another key.</exception>
    public int Open(ReadOnlySpan<byte> sealedValue, in RowIdentity place, Span<byte> plain)
    {
        if (sealedValue.Length < Overhead || sealedValue[0] != Format)
        {
            throw new CryptographicException("A sealed value has an unknown format.");
        }

        var length = sealedValue.Length - Overhead;
        Span<byte> associated = stackalloc byte[MaxPlaceSize];
        Cipher().Decrypt(
            sealedValue.Slice(1, NonceSize), sealedValue[(1 + NonceSize)..^TagSize], sealedValue[^TagSize..], plain[..length], associated[..Write(place, associated)]);
        return length;
    }

    /// <summary>Seals a text as UTF-8.</summary>
    public byte[] SealText(string text, in RowIdentity place) => Seal(Encoding.UTF8.GetBytes(text), place);

    /// <summary>Seals a text as UTF-8; null stays null.</summary>
    public byte[]? SealTextOrNull(string? text, in RowIdentity place) => text is null ? null : SealText(text, place);

    /// <summary>Opens a sealed text.</summary>
    public string OpenText(byte[] sealedText, in RowIdentity place) => Encoding.UTF8.GetString(Open(sealedText, place));

    /// <summary>Opens a sealed text; null stays null.</summary>
    public string? OpenTextOrNull(byte[]? sealedText, in RowIdentity place) => sealedText is null ? null : OpenText(sealedText, place);

    /// <summary>Overwrites the key in memory. Only for a key that nobody else holds.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        if (lastUsed?.Owner == this)
        {
            lastUsed.Value.Cipher.Dispose();
            lastUsed = null;
        }
    }

    private const int MaxPlaceSize = 256;

    private AesGcm Cipher()
    {
        if (lastUsed is { } last)
        {
            if (last.Owner == this)
            {
                return last.Cipher;
            }

            last.Cipher.Dispose();
        }

        var cipher = new AesGcm(_key, TagSize);
        lastUsed = (this, cipher);
        return cipher;
    }

    private int Write(in RowIdentity place, Span<byte> buffer)
    {
        TenantId.TryWriteBytes(buffer, bigEndian: true, out _);
        OwnerKey.TryWriteBytes(buffer[16..], bigEndian: true, out _);
        place.RowId.TryWriteBytes(buffer[32..], bigEndian: true, out _);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(buffer[48..], place.Version);
        var size = 52;
        size += Encoding.UTF8.GetBytes(place.Table, buffer[size..]);
        buffer[size++] = (byte)'|';
        return size + Encoding.UTF8.GetBytes(place.Column, buffer[size..]);
    }
}
