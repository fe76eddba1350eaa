using MemoryMesh.Search.Embedding.Model;

namespace MemoryMesh.Tests.Unit.Embedding;

public class ModelFileTests
{
    [Test]
    public void The_shipped_file_is_what_the_converter_makes()
    {
        using var source = new SafetensorsFile(Reference.HalfModel());
        using var made = new MemoryStream();
        Int8ModelFile.Write(made, source);
        Assert.That(made.GetBuffer().AsSpan(0, (int)made.Length).SequenceEqual(File.ReadAllBytes(Reference.Int8Model)));
    }

    [TestCase(0, "version")]
    [TestCase(8, "version")]
    [TestCase(20_000_000, "checksum")]
    public void A_changed_byte_is_noticed(int at, string message)
    {
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():N}.int8");
        File.Copy(Reference.Int8Model, path);
        try
        {
            using (var file = File.OpenWrite(path))
            {
                file.Position = at;
                file.WriteByte(0xFE);
            }

            Assert.That(() => new Int8ModelFile(path), Throws.TypeOf<InvalidDataException>().With.Message.Contains(message));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestCase("")]
    [TestCase("MMESHINT")]
    [TestCase("{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}")]
    public void Something_else_is_no_model(string content)
    {
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():N}.int8");
        File.WriteAllText(path, content);
        try
        {
            Assert.That(() => new Int8ModelFile(path), Throws.TypeOf<InvalidDataException>());
            Assert.That(() => new SafetensorsFile(path), Throws.InstanceOf<IOException>().Or.TypeOf<InvalidDataException>());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public void Rounded_weights_are_within_their_scale_of_the_weights()
    {
        var random = new Random(5);
        var weights = Enumerable.Range(0, 3 * 64).Select(index => index < 64 ? 0 : (random.NextSingle() - .5f) * (index < 128 ? 1 : 1e-4f)).ToArray();
        var (values, scales) = RowQuantization.Quantize(weights, 3, 64);
        Assert.That(values, Has.All.InRange(-127, 127));
        for (var index = 0; index < weights.Length; index++)
        {
            // Up to a fifth of the range may be cut off the largest weights.
            Assert.That(scales[index / 64] * values[index], Is.EqualTo(weights[index]).Within((scales[index / 64] * .51) + (.22 * Math.Abs(weights[index]))));
        }
    }
}
