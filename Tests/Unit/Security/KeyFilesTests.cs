using System.Security.Cryptography;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Configuration;

namespace MemoryMesh.Tests.Unit.Security;

public class KeyFilesTests
{
    private string _folder = null!;

    [SetUp]
    public void Create() => _folder = Directory.CreateTempSubdirectory("memorymesh-keyfiles-").FullName;

    [TearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Keys_are_made_over_an_empty_folder_and_only_the_owner_may_read_them()
    {
        var first = KeyFiles.Load(Configuration(), _folder);
        var second = KeyFiles.Load(Configuration(), _folder);
        Assert.That(second.EncryptionKeyId, Is.EqualTo(first.EncryptionKeyId));
        Assert.That(second.DeriveIndexKey("x"), Is.EqualTo(first.DeriveIndexKey("x")));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_folder, "keys")))
        {
            Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite), file);
        }
    }

    [TestCase("encryption.key", "ENCRYPTION_KEY")]
    [TestCase("index.key", "MEMORY_INDEX_KEY")]
    public void A_missing_key_over_existing_data_stops_the_start(string file, string name)
    {
        KeyFiles.Load(Configuration(), _folder);
        Directory.CreateDirectory(Path.Combine(_folder, "chat"));
        File.WriteAllText(Path.Combine(_folder, "chat", "chat.db"), "data");
        File.Delete(Path.Combine(_folder, "keys", file));
        Assert.That(
            () => KeyFiles.Load(Configuration(), _folder),
            Throws.InstanceOf<StartupException>().With.Message.Contains(file).And.Message.Contains(name));
        Assert.That(File.Exists(Path.Combine(_folder, "keys", file)), Is.False);
    }

    [Test]
    public void A_process_that_keeps_nothing_is_given_keys_and_makes_none()
    {
        var empty = Path.Combine(_folder, "none");
        Assert.That(() => KeyFiles.LoadExisting(Configuration(), empty), Throws.InstanceOf<StartupException>().With.Message.Contains("ENCRYPTION_KEY"));
        Assert.That(Directory.Exists(empty), Is.False);
        var (one, other) = (new string('a', 64), new string('b', 64));
        Assert.That(() => KeyFiles.LoadExisting(Configuration(("ENCRYPTION_KEY", one)), empty), Throws.InstanceOf<StartupException>().With.Message.Contains("MEMORY_INDEX_KEY"));
        KeyFiles.LoadExisting(Configuration(("ENCRYPTION_KEY", one), ("MEMORY_INDEX_KEY", other)), empty);
        Assert.That(Directory.Exists(empty), Is.False);

        // On one machine those of the data folder are read.
        Assert.That(KeyFiles.Load(Configuration(), _folder).EncryptionKeyId, Is.EqualTo(KeyFiles.LoadExisting(Configuration(), _folder).EncryptionKeyId));
    }

    [Test]
    public void A_key_file_that_others_may_read_stops_the_start()
    {
        KeyFiles.Load(Configuration(), _folder);
        var path = Path.Combine(_folder, "keys", "encryption.key");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.That(() => KeyFiles.Load(Configuration(), _folder), Throws.InstanceOf<StartupException>().With.Message.Contains("chmod 600"));
    }

    [TestCase("hex")]
    [TestCase("base64")]
    [TestCase("base64 without padding")]
    public void A_key_may_come_from_the_configuration(string form)
    {
        var key = RandomNumberGenerator.GetBytes(32);
        var text = form switch
        {
            "hex" => Convert.ToHexString(key),
            "base64" => Convert.ToBase64String(key),
            _ => Convert.ToBase64String(key).TrimEnd('='),
        };
        var ring = KeyFiles.Load(Configuration(("ENCRYPTION_KEY", text)), _folder);
        Assert.That(ring.EncryptionKeyId, Is.EqualTo(new KeyRing(key, new byte[32]).EncryptionKeyId));
        Assert.That(File.Exists(Path.Combine(_folder, "keys", "encryption.key")), Is.False);
    }

    [TestCase("correct horse battery staple")]
    [TestCase("abcd")]
    [TestCase("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")]
    public void A_pass_phrase_is_refused_without_repeating_it(string text)
        => Assert.That(
            () => KeyFiles.Load(Configuration(("ENCRYPTION_KEY", text)), _folder),
            Throws.InstanceOf<StartupException>().With.Message.Contains("ENCRYPTION_KEY").And.Message.Not.Contains(text));

    [Test]
    public void Processes_that_start_together_end_with_the_same_keys()
    {
        var ids = new string[8];
        Parallel.For(0, ids.Length, i => ids[i] = Convert.ToHexString(KeyFiles.Load(Configuration(), _folder).EncryptionKeyId));
        Assert.That(ids.Distinct().Count(), Is.EqualTo(1));
    }

    private static IConfiguration Configuration(params (string Key, string Value)[] values)
        => new ConfigurationBuilder().AddInMemoryCollection(values.ToDictionary(pair => pair.Key, pair => (string?)pair.Value)).Build();
}
