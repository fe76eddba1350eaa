using MemoryMesh.Search.Embedding.Inference;
using MemoryMesh.Search.Embedding.Inference.Kernels;
using MemoryMesh.Search.Embedding.Model;

namespace MemoryMesh.Tests.Unit.Embedding;

public unsafe class EncoderTests
{
    private static IEnumerable<string> Names => Int8Kernels.All.Select(kernel => kernel.Name);

    [Test]
    public void In_full_precision_the_vectors_are_those_of_the_reference()
    {
        using var encoder = new Encoder(new SafetensorsFile(Reference.HalfModel()), Int8Kernels.Choose(""));
        var (mean, worst, tokens) = Compare(encoder, every: 4);
        Assert.Multiple(() =>
        {
            Assert.That(mean, Is.GreaterThanOrEqualTo(.99999));
            Assert.That(worst, Is.GreaterThanOrEqualTo(.9999));
            Assert.That(tokens, Is.GreaterThanOrEqualTo(.9999));
        });
    }

    [TestCaseSource(nameof(Names))]
    public void With_int8_weights_the_vectors_are_near_the_reference(string name)
    {
        var kernel = Int8Kernels.All.Single(kernel => kernel.Name == name);
        if (!kernel.IsSupported)
        {
            Assert.Ignore($"This processor cannot run {name}.");
        }

        using var encoder = new Encoder(new Int8ModelFile(Reference.Int8Model), kernel);
        var (mean, worst, tokens) = Compare(encoder, every: name == "portable" ? 4 : 1);
        TestContext.Out.WriteLine($"{name}: mean {mean:F5}, worst {worst:F5}, tokens {tokens:F5}");
        Assert.Multiple(() =>
        {
            Assert.That(mean, Is.GreaterThanOrEqualTo(.995));
            Assert.That(worst, Is.GreaterThanOrEqualTo(.98));
            Assert.That(tokens, Is.GreaterThanOrEqualTo(.995));
        });
    }

    [Test]
    public void A_sequence_has_the_same_vectors_alone_and_among_others()
    {
        using var encoder = new Encoder(new Int8ModelFile(Reference.Int8Model), Int8Kernels.Choose(""));
        using var scratch = new EncoderScratch(encoder.Shape);
        var sequences = Reference.Texts.Where(text => text.Ids.Length is > 1 and < 60).Take(12).Select(text => text.Ids).ToArray();
        var ids = sequences.SelectMany(one => one).ToArray();
        encoder.Run(ids, sequences.Select(one => one.Length).ToArray(), firstOnly: false, scratch);
        var together = new ReadOnlySpan<float>(scratch.Hidden, ids.Length * encoder.Shape.Width).ToArray();
        encoder.Run(ids, sequences.Select(one => one.Length).ToArray(), firstOnly: true, scratch);
        var firsts = new ReadOnlySpan<float>(scratch.Hidden, sequences.Length * encoder.Shape.Width).ToArray();
        var token = 0;
        for (var index = 0; index < sequences.Length; index++)
        {
            encoder.Run(sequences[index], [sequences[index].Length], firstOnly: false, scratch);
            var alone = new ReadOnlySpan<float>(scratch.Hidden, sequences[index].Length * encoder.Shape.Width).ToArray();
            Assert.That(together.AsSpan(token * encoder.Shape.Width, alone.Length).SequenceEqual(alone), $"sequence {index}");
            Assert.That(firsts.AsSpan(index * encoder.Shape.Width, encoder.Shape.Width).SequenceEqual(alone.AsSpan(0, encoder.Shape.Width)), $"first of {index}");
            token += sequences[index].Length;
        }
    }

    [Test]
    public void A_pass_allocates_nothing()
    {
        using var encoder = new Encoder(new Int8ModelFile(Reference.Int8Model), Int8Kernels.Choose(""));
        using var scratch = new EncoderScratch(encoder.Shape);
        int[] ids = [101, 2023, 2003, 102];
        int[] lengths = [4];
        encoder.Run(ids, lengths, firstOnly: false, scratch);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 20; round++)
        {
            encoder.Run(ids, lengths, firstOnly: false, scratch);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void More_tokens_than_the_model_has_positions_are_refused()
    {
        using var encoder = new Encoder(new Int8ModelFile(Reference.Int8Model), Int8Kernels.Choose(""));
        using var scratch = new EncoderScratch(encoder.Shape);
        Assert.That(() => encoder.Run(new int[513], [513], firstOnly: true, scratch), Throws.ArgumentException);
    }

    [Test]
    public void Gelu_is_the_exact_form_to_six_digits()
    {
        using var values = AlignedBuffer<float>.Copy(Enumerable.Range(-1024, 2048).Select(index => index / 100f).ToArray());
        Functions.Gelu(values.Pointer, values.Length);
        for (var index = 0; index < values.Length; index++)
        {
            var x = (index - 1024) / 100f;
            Assert.That(values.Pointer[index], Is.EqualTo(x / 2.0 * (1 + Erf(x / Math.Sqrt(2)))).Within(1e-6 + (1e-6 * Math.Abs(x))), $"x = {x}");
        }
    }

    private static (double Mean, double Worst, double Tokens) Compare(Encoder encoder, int every)
    {
        using var scratch = new EncoderScratch(encoder.Shape);
        var cosines = new List<double>();
        var tokens = new List<double>();
        foreach (var text in Reference.Texts.Where((text, index) => text.Vector is not null && (index % every == 0 || text.TokenVectors is not null)))
        {
            encoder.Run(text.Ids, [text.Ids.Length], firstOnly: text.TokenVectors is null, scratch);
            cosines.Add(Reference.Cosine(new ReadOnlySpan<float>(scratch.Hidden, encoder.Shape.Width), text.Vector));
            for (var token = 0; token < (text.TokenVectors?.Length ?? 0); token++)
            {
                tokens.Add(Reference.Cosine(new ReadOnlySpan<float>(scratch.Hidden + (token * encoder.Shape.Width), encoder.Shape.Width), text.TokenVectors![token]));
            }
        }

        return (cosines.Average(), cosines.Min(), tokens.Average());
    }

    // The power series, and its limit where that would lose digits.
    private static double Erf(double x)
    {
        if (Math.Abs(x) > 5)
        {
            return Math.Sign(x);
        }

        var (term, sum) = (x, x);
        for (var n = 1; n < 200; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }

        return sum * 2 / Math.Sqrt(Math.PI);
    }
}
