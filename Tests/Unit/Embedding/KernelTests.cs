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
        var random = new Random(7);
        sbyte[] Weights(Func<int, int> weight) => [.. Enumerable.Range(0, Outputs * Inputs).Select(index => (sbyte)weight(index))];
        float[] Values(Func<int, float> value) => [.. Enumerable.Range(0, Rows * Inputs).Select(value)];
        var weights = new Dictionary<string, sbyte[]>
        {
            ["random"] = Weights(_ => random.Next(-127, 128)),
            ["highest"] = Weights(_ => 127),
            ["lowest"] = Weights(_ => -127),
            ["alternating"] = Weights(index => index % 2 == 0 ? 127 : -127),
        };
        var inputs = new Dictionary<string, float[]>
        {
            ["random"] = Values(_ => random.NextSingle() - .5f),
            ["bell"] = Values(_ => (random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5f) * (random.Next(50) == 0 ? 9 : 1)),
            ["never negative"] = Values(_ => random.Next(9) == 0 ? random.NextSingle() * 7 : 0),
            ["all high but one"] = Values(index => index % Inputs == 5 ? -1 : 1),
            ["all low but one"] = Values(index => index % Inputs == 5 ? 1 : -1),
            ["far above zero"] = Values(index => index % Inputs == 0 ? 100 : 101),
            ["far below zero"] = Values(index => index % Inputs == 0 ? -100 : -101),
            ["ends by turns"] = Values(index => index % 2 == 0 ? 1 : -1),
            ["zero at an end, then the other end"] = Values(index => index % 3 == 0 ? 0 : 1),
            ["all alike"] = Values(_ => 3),
        };
        foreach (var (of, matrix) in weights)
        {
            foreach (var (kind, values) in inputs)
            {
                AssertExact(kernel, matrix, values, $"{kind} by {of}");
            }
        }
    }

    [TestCaseSource(nameof(Names))]
    public void A_kernel_multiplies_any_rows_exactly(string name)
    {
        var kernel = Supported(name);
        var random = new Random(11);
        for (var round = 0; round < 60; round++)
        {
            var weights = Enumerable.Range(0, Outputs * Inputs).Select(_ => (sbyte)(random.Next(3) == 0 ? random.Next(-127, 128) : random.Next(2) == 0 ? 127 : -127)).ToArray();
            var (shift, power) = ((random.NextSingle() * 2) - 1, random.Next(1, 6));
            AssertExact(kernel, weights, [.. Enumerable.Range(0, Rows * Inputs).Select(_ => MathF.Pow((random.NextSingle() * 2) - 1, power) + shift)], $"round {round}");
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
        using var space = new Rounded(4);
        RowRounding.Apply(input.Pointer, 4, Inputs, kernel, space.Rows);
        for (var index = 0; index < 4 * Inputs; index++)
        {
            var (scale, offset) = (space.Rows.Scales[index / Inputs], space.Rows.Offsets[index / Inputs]);
            var value = offset + (scale * space.ValueOf(kernel, index));
            Assert.That(value, Is.EqualTo(input.Pointer[index]).Within((.501 * scale) + 1e-30 + (1e-6 * Math.Abs(input.Pointer[index]))), $"value {index}");
        }
    }

    [Test]
    public void A_row_is_the_same_bytes_for_every_kernel()
    {
        var random = new Random(5);
        using var input = AlignedBuffer<float>.Copy(Enumerable.Range(0, Rows * Inputs).Select(_ => MathF.Pow((random.NextSingle() * 2) - 1, 5)).ToArray());
        int[] Bytes(Int8Kernel kernel)
        {
            using var space = new Rounded(Rows);
            RowRounding.Apply(input.Pointer, Rows, Inputs, kernel, space.Rows);
            return [.. Enumerable.Range(0, Rows * Inputs).Select(index => space.ValueOf(kernel, index) + (kernel.HasSignedInput ? 128 : 0))];
        }

        var plain = Bytes(new PortableKernel());
        foreach (var kernel in Int8Kernels.All)
        {
            Assert.That(Bytes(kernel), Is.EqualTo(plain), kernel.Name);
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

    /// <summary>Compares a product, row by row, with whole numbers added up one by one.</summary>
    private static void AssertExact(Int8Kernel kernel, sbyte[] weights, float[] values, string of)
    {
        using var input = AlignedBuffer<float>.Copy(values);
        using var space = new Rounded(Rows);
        RowRounding.Apply(input.Pointer, Rows, Inputs, kernel, space.Rows);
        var bytes = Enumerable.Range(0, Rows * Inputs).Select(index => space.ValueOf(kernel, index)).ToArray();
        for (var row = 0; row < Rows; row++)
        {
            // Plain numbers, so that the sum can be told from the result.
            (space.Rows.Scales[row], space.Rows.Offsets[row]) = (1, row);
        }

        var output = Multiply(kernel, weights, space.Rows);
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Outputs; column++)
            {
                var sum = 0;
                for (var index = 0; index < Inputs; index++)
                {
                    sum += bytes[(row * Inputs) + index] * weights[(column * Inputs) + index];
                }

                if (output[(row * Outputs) + column] != MathF.FusedMultiplyAdd(sum, .5f, (row * column) + column - 3f))
                {
                    Assert.Fail($"{of}, row {row}, column {column}: {output[(row * Outputs) + column]} for a sum of {sum}");
                }
            }
        }
    }

    private static float[] Multiply(Int8Kernel kernel, sbyte[] weights, in RoundedRows input)
    {
        using var packed = new AlignedBuffer<sbyte>(weights.Length);
        for (var output = 0; output < Outputs; output++)
        {
            kernel.Pack(weights.AsSpan(output * Inputs, Inputs), output, packed.Pointer);
        }

        using var scales = AlignedBuffer<float>.Copy(Enumerable.Repeat(.5f, Outputs).ToArray());
        using var sums = AlignedBuffer<float>.Copy(Enumerable.Range(0, Outputs).Select(column => (float)column).ToArray());
        using var weightSums = AlignedBuffer<int>.Copy(weights.Chunk(Inputs).Select(column => column.Sum(weight => (int)weight)).ToArray());
        using var bias = AlignedBuffer<float>.Copy(Enumerable.Range(0, Outputs).Select(column => column - 3f).ToArray());
        using var result = new AlignedBuffer<float>(Rows * Outputs);
        kernel.Multiply(new Int8Product
        {
            Input = input,
            Rows = Rows,
            Inputs = Inputs,
            Outputs = Outputs,
            Weights = packed.Pointer,
            Scales = scales.Pointer,
            Sums = sums.Pointer,
            WeightSums = weightSums.Pointer,
            Bias = bias.Pointer,
            Output = result.Pointer,
        });
        return new ReadOnlySpan<float>(result.Pointer, result.Length).ToArray();
    }

    /// <summary>Space for rounded rows.</summary>
    private sealed class Rounded : IDisposable
    {
        private readonly AlignedBuffer<byte> _values;
        private readonly AlignedBuffer<float> _floats;
        private readonly AlignedBuffer<int> _numbers;
        private readonly AlignedBuffer<ExtraStep> _steps;

        public Rounded(int rows)
        {
            _values = new AlignedBuffer<byte>(rows * Inputs);
            _floats = new AlignedBuffer<float>(2 * rows);
            _numbers = new AlignedBuffer<int>((3 * rows) + 1);
            _steps = new AlignedBuffer<ExtraStep>(rows * Inputs / PairedRounding.ValuesPerStep);
            Rows = new RoundedRows
            {
                Values = _values.Pointer,
                Scales = _floats.Pointer,
                Offsets = _floats.Pointer + rows,
                Zeros = _numbers.Pointer,
                Shifts = _numbers.Pointer + rows,
                StepStarts = _numbers.Pointer + (2 * rows),
                Steps = _steps.Pointer,
            };
        }

        public RoundedRows Rows { get; }

        /// <summary>The number that stands for a value, less 128 where the kernel wants it so.</summary>
        public int ValueOf(Int8Kernel kernel, int index)
        {
            if (kernel is not PairedKernel)
            {
                return kernel.HasSignedInput ? ((sbyte*)Rows.Values)[index] : Rows.Values[index];
            }

            var (row, column) = (index / Inputs, index % Inputs);
            int value = ((sbyte*)Rows.Values)[index];
            for (var step = Rows.StepStarts[row]; step < Rows.StepStarts[row + 1]; step++)
            {
                var four = Rows.Steps[step];
                value += four.Offset == column / PairedRounding.ValuesPerStep * PairedRounding.ValuesPerStep ? (sbyte)(four.Values >> (8 * (column - four.Offset))) : 0;
            }

            return value + Rows.Zeros[row];
        }

        public void Dispose()
        {
            _values.Dispose();
            _floats.Dispose();
            _numbers.Dispose();
            _steps.Dispose();
        }
    }
}
