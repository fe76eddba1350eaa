using System.Security.Cryptography;
using System.Text;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace MemoryMesh.Tests.Unit.Security;

public class DataKeyTests
{
    private static readonly Guid Tenant = Guid.CreateVersion7();
    private static readonly Guid Owner = Guid.CreateVersion7();
    private static readonly RowIdentity Place = new("messages", "content", Guid.CreateVersion7(), 1);

    private string _folder = null!;
    private KeyRing _ring = null!;
    private SqliteDatabase _database = null!;
    private DataKeyStore _keys = null!;

    [SetUp]
    public void Open()
    {
        _folder = Directory.CreateTempSubdirectory("memorymesh-keys-").FullName;
        _ring = new KeyRing(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        _database = SqliteDatabase.Open(Path.Combine(_folder, "keys.db"), DataKeyStore.Migrations, NullLogger.Instance);
        _keys = new DataKeyStore(_database, _ring);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        _keys.Dispose();
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task A_key_that_is_read_while_it_is_destroyed_does_not_come_back()
    {
        for (var i = 0; i < 50; i++)
        {
            var owner = Guid.CreateVersion7();
            await _keys.GetOrCreateAsync(Tenant, owner, default);
            using var fresh = new DataKeyStore(_database, _ring);
            var reading = Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await fresh.FindAsync(Tenant, owner, default))).ToArray();
            await fresh.DestroyAsync(Tenant, owner, default);
            await Task.WhenAll(reading);
            Assert.That(await fresh.FindAsync(Tenant, owner, default), Is.Null);
        }
    }

    [Test]
    public async Task Who_holds_a_destroyed_key_is_refused_and_who_holds_another_is_not()
    {
        var (erased, kept) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var old = await _keys.GetOrCreateAsync(Tenant, erased, default);
        var other = await _keys.GetOrCreateAsync(Tenant, kept, default);
        Assert.That(old.ThrowIfDestroyed, Throws.Nothing);
        await _keys.DestroyAsync(Tenant, erased, default);
        Assert.That(old.ThrowIfDestroyed, Throws.InstanceOf<StorageUnavailableException>());
        Assert.That(other.ThrowIfDestroyed, Throws.Nothing);
        Assert.That((await _keys.GetOrCreateAsync(Tenant, erased, default)).ThrowIfDestroyed, Throws.Nothing);
    }

    [Test]
    public async Task With_a_tenant_all_its_keys_are_destroyed_and_their_bytes_leave_the_file()
    {
        var elsewhere = Guid.CreateVersion7();
        var keys = new List<DataKey>();
        for (var i = 0; i < 5; i++)
        {
            keys.Add(await _keys.GetOrCreateAsync(Tenant, Guid.CreateVersion7(), default));
        }

        var other = await _keys.GetOrCreateAsync(elsewhere, Owner, default);
        var wrapped = await _database.ReadAsync(
            session => session.Query("SELECT wrapped FROM data_keys WHERE tenant_id = $1 UNION ALL SELECT wrapped FROM tenant_keys WHERE tenant_id = $1", row => row.Bytes(0), Tenant),
            default);
        Assert.That(await _keys.DestroyTenantAsync(Tenant, default), Is.EqualTo(5));
        await _keys.ScrubAsync(TimeSpan.FromSeconds(5), default);
        Assert.That(keys, Is.All.Matches<DataKey>(key => !Passes(key)));
        Assert.That(Passes(other), Is.True);
        Assert.That(await _keys.FindAsync(elsewhere, Owner, default), Is.SameAs(other).Or.Not.Null);
        foreach (var file in Directory.EnumerateFiles(_folder))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes);
            Assert.That(wrapped, Has.Count.EqualTo(6).And.All.Matches<byte[]>(key => bytes.GetBuffer().AsSpan().IndexOf(key) < 0), file);
        }

        static bool Passes(DataKey key)
        {
            try
            {
                key.ThrowIfDestroyed();
                return true;
            }
            catch (StorageUnavailableException)
            {
                return false;
            }
        }
    }

    [Test]
    public async Task A_sealed_text_opens_at_its_place()
    {
        var key = await _keys.GetOrCreateAsync(Tenant, Owner, default);
        Assert.That(key.OpenText(key.SealText("likes tea ☕", Place), Place), Is.EqualTo("likes tea ☕"));
    }

    [Test]
    public async Task A_sealed_text_does_not_open_at_another_place()
    {
        var key = await _keys.GetOrCreateAsync(Tenant, Owner, default);
        var text = key.SealText("likes tea", Place);
        RowIdentity[] others =
        [
            Place with { RowId = Guid.CreateVersion7() },
            Place with { Column = "metadata" },
            Place with { Table = "memories" },
            Place with { Version = 2 },
        ];
        foreach (var other in others)
        {
            Assert.That(() => key.OpenText(text, other), Throws.InstanceOf<CryptographicException>(), other.ToString());
        }
    }

    [Test]
    public async Task Another_owner_or_tenant_has_another_key()
    {
        var key = await _keys.GetOrCreateAsync(Tenant, Owner, default);
        var text = key.SealText("likes tea", Place);
        var otherOwner = await _keys.GetOrCreateAsync(Tenant, Guid.CreateVersion7(), default);
        var otherTenant = await _keys.GetOrCreateAsync(Guid.CreateVersion7(), Owner, default);
        Assert.That(() => otherOwner.OpenText(text, Place), Throws.InstanceOf<CryptographicException>());
        Assert.That(() => otherTenant.OpenText(text, Place), Throws.InstanceOf<CryptographicException>());
    }

    [Test]
    public async Task Every_bit_of_a_sealed_text_is_protected()
    {
        var key = await _keys.GetOrCreateAsync(Tenant, Owner, default);
        var text = key.SealText("tea", Place);
        for (var bit = 0; bit < text.Length * 8; bit++)
        {
            var changed = (byte[])text.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.That(() => key.OpenText(changed, Place), Throws.InstanceOf<CryptographicException>(), $"bit {bit}");
        }
    }

    [Test]
    public async Task Concurrent_first_uses_end_with_one_key()
    {
        var keys = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => _keys.GetOrCreateAsync(Tenant, Owner, default).AsTask())));
        var text = keys[0].SealText("tea", Place);
        Assert.That(keys.Select(key => key.OpenText(text, Place)), Is.All.EqualTo("tea"));
    }

    [Test]
    public async Task A_destroyed_key_is_gone_and_a_new_one_does_not_open_old_texts()
    {
        var key = await _keys.GetOrCreateAsync(Tenant, Owner, default);
        var text = key.SealText("tea", Place);
        Assert.That(await _keys.DestroyAsync(Tenant, Owner, default), Is.True);
        Assert.That(await _keys.FindAsync(Tenant, Owner, default), Is.Null);
        var next = await _keys.GetOrCreateAsync(Tenant, Owner, default);
        Assert.That(() => next.OpenText(text, Place), Throws.InstanceOf<CryptographicException>());
    }

    [Test]
    public async Task Keys_outlive_the_process_that_made_them()
    {
        var text = (await _keys.GetOrCreateAsync(Tenant, Owner, default)).SealText("tea", Place);
        using var again = new DataKeyStore(_database, _ring);
        var key = await again.FindAsync(Tenant, Owner, default);
        Assert.That(key!.OpenText(text, Place), Is.EqualTo("tea"));
    }

    [Test]
    public async Task A_wrong_index_key_stops_the_start()
    {
        var encryptionKey = RandomNumberGenerator.GetBytes(32);
        await using var database = SqliteDatabase.Open(Path.Combine(_folder, "index.db"), DataKeyStore.Migrations, NullLogger.Instance);
        new DataKeyStore(database, new KeyRing(encryptionKey, RandomNumberGenerator.GetBytes(32))).Dispose();
        Assert.That(
            () => new DataKeyStore(database, new KeyRing(encryptionKey, RandomNumberGenerator.GetBytes(32))).Dispose(),
            Throws.InstanceOf<StartupException>().With.Message.Contains("MEMORY_INDEX_KEY"));
    }

    [Test]
    public void A_wrong_encryption_key_stops_the_start()
    {
        var wrong = new KeyRing(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        Assert.That(() => new DataKeyStore(_database, wrong).Dispose(), Throws.InstanceOf<StartupException>().With.Message.Contains("ENCRYPTION_KEY"));
    }

    [Test]
    public async Task The_key_file_holds_no_key_in_the_clear()
    {
        var key = await _keys.GetOrCreateAsync(Tenant, Owner, default);
        var secret = (byte[])typeof(DataKey).GetField("_key", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!.GetValue(key)!;
        foreach (var file in Directory.EnumerateFiles(_folder))
        {
            Assert.That(ReadShared(file).AsSpan().IndexOf(secret), Is.Negative, file);
        }
    }

    [Test]
    public void Names_differ_by_tenant_and_kind()
    {
        var names = new KeyedNames(_ring);
        Guid[] keys =
        [
            names.SubjectKey(Tenant, "honda"),
            names.SubjectKey(Owner, "honda"),
            names.ConversationKey(Tenant, "honda"),
            names.Other("email", "honda"),
            names.Other("username", "honda"),
            names.SubjectKey(Tenant, new string('x', 5_000)),
        ];
        Assert.That(keys, Is.Unique);
        Assert.That(names.SubjectKey(Tenant, "honda"), Is.EqualTo(keys[0]));
    }

    [Test]
    public void Wrapping_binds_the_purpose()
    {
        var wrapped = _ring.Wrap(Encoding.UTF8.GetBytes("secret"), "a");
        Assert.That(_ring.Unwrap(wrapped, "a"), Is.EqualTo(Encoding.UTF8.GetBytes("secret")));
        Assert.That(() => _ring.Unwrap(wrapped, "b"), Throws.InstanceOf<CryptographicException>());
    }

    private static byte[] ReadShared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
