using System.Security.Cryptography;
using System.Text;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Tests.Unit.Security;

public class SealedFileTests
{
    private const int PartOnDisk = SealedFile.PartSize + SealedFile.Overhead;
    private static readonly RowIdentity Place = new("exports", "file", Guid.CreateVersion7());

    private string _path = null!;
    private DataKey _owner = null!;

    [SetUp]
    public void Prepare()
    {
        _path = Path.Combine(Directory.CreateTempSubdirectory("memorymesh-sealed-").FullName, "file");
        _owner = new DataKey(Guid.CreateVersion7(), Guid.CreateVersion7(), RandomNumberGenerator.GetBytes(32));
    }

    [TearDown]
    public void Remove()
    {
        _owner.Dispose();
        Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(SealedFile.PartSize)]
    [TestCase(SealedFile.PartSize + 1)]
    [TestCase((3 * SealedFile.PartSize) + 17)]
    public async Task What_was_written_is_read(int size)
    {
        var text = RandomNumberGenerator.GetBytes(size);
        await WriteAsync(text);
        Assert.That(await ReadAsync(), Is.EqualTo(text));
    }

    [Test]
    public async Task No_byte_of_the_text_stands_in_the_file()
    {
        await WriteAsync(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a secret sentence ", 10_000))));
        Assert.That(Encoding.Latin1.GetString(await File.ReadAllBytesAsync(_path)), Does.Not.Contain("secret"));
    }

    [Test]
    public async Task A_file_that_is_changed_cut_off_reordered_or_moved_does_not_open()
    {
        await WriteAsync(RandomNumberGenerator.GetBytes(3 * SealedFile.PartSize));
        var whole = await File.ReadAllBytesAsync(_path);

        var changed = (byte[])whole.Clone();
        changed[^100] ^= 1;
        await RefusedAsync(changed, "one bit");

        // Everything but the last part: each part is whole, and the end is missing.
        await RefusedAsync(whole[..(SealedFile.HeaderSize + (2 * PartOnDisk))], "the last part missing");
        await RefusedAsync(whole[..^1], "a byte missing");
        await RefusedAsync(
            [
                .. whole[..SealedFile.HeaderSize],
                .. whole[(SealedFile.HeaderSize + PartOnDisk)..(SealedFile.HeaderSize + (2 * PartOnDisk))],
                .. whole[SealedFile.HeaderSize..(SealedFile.HeaderSize + PartOnDisk)],
                .. whole[(SealedFile.HeaderSize + (2 * PartOnDisk))..],
            ],
            "two parts exchanged");
        await File.WriteAllBytesAsync(_path, whole);
        Assert.That(() => ReadAsync(Place with { RowId = Guid.CreateVersion7() }), Throws.InstanceOf<CryptographicException>(), "another row");
    }

    [Test]
    public async Task A_file_is_continued_where_it_was_flushed_and_what_a_crash_cut_off_is_taken_away()
    {
        await using (var writer = await SealedFileWriter.CreateAsync(_path, _owner, Place, default))
        {
            await writer.WriteAsync("first "u8.ToArray(), default);
            await writer.FlushAsync(default);
        }

        await using (var file = File.Open(_path, FileMode.Append))
        {
            // A part of which only the beginning reached the disk.
            await file.WriteAsync((byte[])[200, 0, 0, 0, 1, 2, 3]);
        }

        await using (var writer = await SealedFileWriter.ContinueAsync(_path, _owner, Place, default))
        {
            Assert.That(writer.Length, Is.EqualTo(6));
            await writer.WriteAsync("second"u8.ToArray(), default);
            await writer.CompleteAsync(default);
        }

        Assert.That(Encoding.UTF8.GetString(await ReadAsync()), Is.EqualTo("first second"));
    }

    private async Task RefusedAsync(byte[] content, string how)
    {
        await File.WriteAllBytesAsync(_path, content);
        Assert.That(() => ReadAsync(), Throws.InstanceOf<CryptographicException>(), how);
    }

    private async Task WriteAsync(byte[] text)
    {
        await using var writer = await SealedFileWriter.CreateAsync(_path, _owner, Place, default);
        for (var at = 0; at < text.Length; at += 10_007)
        {
            await writer.WriteAsync(text.AsMemory(at, Math.Min(10_007, text.Length - at)), default);
        }

        await writer.CompleteAsync(default);
        Assert.That(writer.Length, Is.EqualTo(text.Length));
    }

    private async Task<byte[]> ReadAsync(RowIdentity? place = null)
    {
        await using var reader = await SealedFileStream.OpenAsync(_path, _owner, place ?? Place, default);
        using var text = new MemoryStream();
        await reader.CopyToAsync(text);
        return text.ToArray();
    }
}
