using MemoryMesh.Search.Embedding.Inference;
using MemoryMesh.Search.Embedding.Inference.Kernels;

namespace MemoryMesh.Tests.Unit.Embedding;

public unsafe class KernelTests
{
    private const int Rows = 8;
    private const int Inputs = 384;
    private const int Outputs = 192;

    private static IEnumerable<string> Names => Int8Kernels.All.Select(kernel => kernel.Name);

    [TestCaseSource(nameof(Names))]
    public void A_kernel_multiplies_exactly_even_at_the_ends_of_the_ranges(string name)
    {
        var kernel = Supported(name);
        foreach (var fill in new[] { "random", "highest", "lowest", "alternating" })
        {
            var random = new Random(7);
            var weights = Enumerable.Range(0, Outputs * Inputs).Select(index => fill switch
            {
                "highest" => (sbyte)127,
                "lowest" => (sbyte)-127,
                "alternating" => (sbyte)(index % 2 == 0 ? 127 : -127),
                _ => (sbyte)random.Next(-127, 128),
            }).ToArray();
            var input = Enumerable.Range(0, Rows * Inputs).Select(_ => fill == "random" ? random.Next(Int8Kernel.Levels + 1) : Int8Kernel.Levels).ToArray();
            var output = Multiply(kernel, weights, input);
            for (var row = 0; row < Rows; row++)
            {
                for (var column = 0; column < Outputs; column++)
                {
                    long sum = 0;
                    for (var index = 0; index < Inputs; index++)
                    {
                        sum += (long)(input[(row * Inputs) + index] - (kernel.HasSignedInput ? 128 : 0)) * weights[(column * Inputs) + index];
                    }

                    var expected = ((row + 1) * .5 * (column + 1) * .001 * sum) + (row * .25 * column) + column - 3;
                    Assert.That(output[(row * Outputs) + column], Is.EqualTo(expected).Within(1e-5 * (10 + Math.Abs(expected))), $"{fill} row {row} column {column}");
                }
            }
        }
    }

    [Test]
    public void The_fastest_kernel_that_runs_here_is_chosen()
        => Assert.That(Int8Kernels.Choose(""), Is.SameAs(Int8Kernels.All.First(kernel => kernel.IsSupported)));

    [Test]
    public void An_unknown_kernel_is_refused_with_the_names_that_run_here()
        => Assert.That(() => Int8Kernels.Choose("mmx"), Throws.TypeOf<NotSupportedException>().With.Message.Contains("portable"));

    [TestCaseSource(nameof(Names))]
    public void Rounded_rows_are_within_half_a_step_of_the_values(string name)
    {
        var kernel = Int8Kernels.All.Single(kernel => kernel.Name == name);
        var random = new Random(3);
        using var input = AlignedBuffer<float>.Copy(Enumerable.Range(0, 4 * Inputs)
            .Select(index => (index / Inputs) switch { 0 => 2.5f, 1 => 1e-38f * index, 2 => (random.NextSingle() * 1e6f) + 1e7f, _ => random.NextSingle() - .3f }).ToArray());
        using var rounded = new AlignedBuffer<byte>(4 * Inputs * sizeof(short));
        using var numbers = new AlignedBuffer<float>(8);
        RowRounding.Apply(input.Pointer, 4, Inputs, kernel, rounded.Pointer, numbers.Pointer, numbers.Pointer + 4);
        for (var index = 0; index < 4 * Inputs; index++)
        {
            var (scale, offset) = (numbers.Pointer[index / Inputs], numbers.Pointer[4 + (index / Inputs)]);
            var stored = kernel.HasWideInput ? ((short*)rounded.Pointer)[index] : kernel.HasSignedInput ? ((sbyte*)rounded.Pointer)[index] : rounded.Pointer[index];
            var value = offset + (scale * stored);
            Assert.That(value, Is.EqualTo(input.Pointer[index]).Within((.501 * scale) + 1e-30 + (1e-6 * Math.Abs(input.Pointer[index]))), $"value {index}");
        }
    }

    private static Int8Kernel Supported(string name)
    {
        var kernel = Int8Kernels.All.Single(kernel => kernel.Name == name);
        if (!kernel.IsSupported)
        {
            Assert.Ignore($"This processor cannot run {name}.");
        }

        return kernel;
    }

    private static float[] Multiply(Int8Kernel kernel, sbyte[] weights, int[] input)
    {
        using var packed = new AlignedBuffer<sbyte>(weights.Length);
        for (var output = 0; output < Outputs; output++)
        {
            kernel.Pack(weights.AsSpan(output * Inputs, Inputs), output, packed.Pointer);
        }

        var stored = input.Select(value => value - (kernel.HasSignedInput ? 128 : 0));
        using var bytes = AlignedBuffer<byte>.Copy(
            kernel.HasWideInput ? stored.SelectMany(value => BitConverter.GetBytes((short)value)).ToArray() : stored.Select(value => (byte)value).ToArray());
        using var rowScales = AlignedBuffer<float>.Copy(Enumerable.Range(0, Rows).Select(row => (row + 1) * .5f).ToArray());
        using var rowOffsets = AlignedBuffer<float>.Copy(Enumerable.Range(0, Rows).Select(row => row * .25f).ToArray());
        using var scales = AlignedBuffer<float>.Copy(Enumerable.Range(0, Outputs).Select(column => (column + 1) * .001f).ToArray());
        using var sums = AlignedBuffer<float>.Copy(Enumerable.Range(0, Outputs).Select(column => (float)column).ToArray());
        using var bias = AlignedBuffer<float>.Copy(Enumerable.Range(0, Outputs).Select(column => column - 3f).ToArray());
        using var result = new AlignedBuffer<float>(Rows * Outputs);
        kernel.Multiply(new Int8Product
        {
            Input = bytes.Pointer,
            RowScales = rowScales.Pointer,
            RowOffsets = rowOffsets.Pointer,
            Rows = Rows,
            Inputs = Inputs,
            Outputs = Outputs,
            Weights = packed.Pointer,
            Scales = scales.Pointer,
            Sums = sums.Pointer,
            Bias = bias.Pointer,
            Output = result.Pointer,
        });
        return new ReadOnlySpan<float>(result.Pointer, result.Length).ToArray();
    }
}
