using System.Text;
using MemoryMesh.Retention.Transfers.Imports;

namespace MemoryMesh.Tests.Unit.Transfers;

public class JsonPartsTests
{
    [TestCase("[1, {\"a\": [2]}, \"x\"]", new[] { "1", "{\"a\": [2]}", "\"x\"" })]
    [TestCase("\uFEFF [ ] ", new string[0])]
    [TestCase("{\"a\": 1}\n\r\n  \n{\"b\": 2}", new[] { "{\"a\": 1}", "{\"b\": 2}" })]
    [TestCase("{\"a\": 1}\nbroken\n{\"b\": 2}\n", new[] { "{\"a\": 1}", "broken", "{\"b\": 2}" })]
    [TestCase("{broken\n{\"b\": 2}", new[] { "{broken", "{\"b\": 2}" })]
    [TestCase("{\n  \"a\": 1\n}\n", new[] { "{\n  \"a\": 1\n}" })]
    [TestCase("", new string[0])]
    [TestCase(" \n\t", new string[0])]
    public async Task A_file_is_cut_into_elements_or_lines(string file, string[] parts)
    {
        // Byte by byte too: what a read returns must not matter.
        Assert.That(await ReadAsync(file, int.MaxValue), Is.EqualTo(parts));
        Assert.That(await ReadAsync(file, 1), Is.EqualTo(parts));
    }

    [TestCase("[1")]
    [TestCase("[1,")]
    [TestCase("[1 2]")]
    [TestCase("[1]]")]
    [TestCase("[,1]")]
    [TestCase("[{\"a\": ")]
    [TestCase("[nope]")]
    [TestCase("{\n\"a\": ")]
    [TestCase("{\n\"a\": 1\n} x")]
    [TestCase("text")]
    [TestCase("\0\0")]
    public void A_file_that_breaks_off_or_is_no_json_is_told(string file)
    {
        Assert.That(() => ReadAsync(file, int.MaxValue), Throws.InstanceOf<MalformedImportException>());
        Assert.That(() => ReadAsync(file, 1), Throws.InstanceOf<MalformedImportException>());
    }

    [Test]
    public void Nesting_has_a_limit() => Assert.That(() => ReadAsync($"[{new string('[', 100_000)}", 4_096), Throws.InstanceOf<MalformedImportException>());

    [Test]
    public async Task Places_are_lines_and_numbers_of_records()
    {
        var places = new List<ImportPlace>();
        await foreach (var part in new JsonParts(new MemoryStream(Encoding.UTF8.GetBytes("[\n{\n\"a\": 1},\n\n2]"))).ReadAsync(default))
        {
            places.Add(part.Place);
        }

        Assert.That(places, Is.EqualTo((ImportPlace[])[new(2, 1), new(5, 2)]));
    }

    [Test]
    public async Task What_is_too_large_is_passed_over()
    {
        var large = new string('x', JsonParts.MaxLine + 10);
        Assert.That(await ReadAsync($"{{\"a\": 1}}\n{{\"a\": \"{large}\"}}\n{{\"b\": 2}}", int.MaxValue), Is.EqualTo((string[])["{\"a\": 1}", "too large", "{\"b\": 2}"]));
        var many = string.Join(',', Enumerable.Repeat($"\"{new string('x', 1_000_000)}\"", 70));
        Assert.That(await ReadAsync($"[1, [{many}], 2]", int.MaxValue), Is.EqualTo((string[])["1", "too large", "2"]));
    }

    private static async Task<List<string>> ReadAsync(string file, int most)
    {
        var parts = new List<string>();
        await foreach (var part in new JsonParts(new SlowStream(Encoding.UTF8.GetBytes(file), most)).ReadAsync(default))
        {
            parts.Add(part.TooLarge ? "too large" : Encoding.UTF8.GetString(part.Bytes.Span).Trim());
        }

        return parts;
    }

    /// <summary>Gives at most so many bytes at a time.</summary>
    private sealed class SlowStream(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => base.ReadAsync(buffer.Length > most ? buffer[..most] : buffer, cancellationToken);
    }
}
