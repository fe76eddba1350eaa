using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MemoryMesh.Search.Embedding.Inference.Kernels;

/// <summary>For processors with AVX-512 whose VNNI is not reachable from .NET.</summary>
internal sealed unsafe class Avx512Kernel : PairedKernel
{
    public override string Name => "avx512bw";

    public override bool IsSupported => Avx512BW.IsSupported;

    protected override int Panel => 3 * Vector512<int>.Count;

    public override bool TryRound(float* values, int columns, float lowest, float inverse, int zero, ref PairedRounding.StepSplitter split, out int sum)
        => PairedRounding.TryRound512(values, columns, lowest, inverse, zero, ref split, out sum);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void MultiplyGroup(in Int8Product product, int row, int first)
    {
        Vector512<int> sum0a = Vector512<int>.Zero, sum0b = Vector512<int>.Zero, sum0c = Vector512<int>.Zero;
        Vector512<int> sum1a = Vector512<int>.Zero, sum1b = Vector512<int>.Zero, sum1c = Vector512<int>.Zero;
        Vector512<int> sum2a = Vector512<int>.Zero, sum2b = Vector512<int>.Zero, sum2c = Vector512<int>.Zero;
        Vector512<int> sum3a = Vector512<int>.Zero, sum3b = Vector512<int>.Zero, sum3c = Vector512<int>.Zero;
        var inputs = product.Inputs;
        var panel = (byte*)product.Weights + ((long)first * inputs);
        byte* row0 = product.Input.Values + ((long)row * inputs), row1 = row0 + inputs, row2 = row1 + inputs, row3 = row2 + inputs;
        var weights = panel;
        for (var input = 0; input < inputs; input += Quad)
        {
            Vector512<byte> a = Vector512.Load(weights), b = Vector512.Load(weights + Vector512<byte>.Count), c = Vector512.Load(weights + (2 * Vector512<byte>.Count));
            weights += 3 * Vector512<byte>.Count;
            var value = Vector512.Create(*(int*)(row0 + input)).AsSByte();
            sum0a = Add(sum0a, a, value);
            sum0b = Add(sum0b, b, value);
            sum0c = Add(sum0c, c, value);
            value = Vector512.Create(*(int*)(row1 + input)).AsSByte();
            sum1a = Add(sum1a, a, value);
            sum1b = Add(sum1b, b, value);
            sum1c = Add(sum1c, c, value);
            value = Vector512.Create(*(int*)(row2 + input)).AsSByte();
            sum2a = Add(sum2a, a, value);
            sum2b = Add(sum2b, b, value);
            sum2c = Add(sum2c, c, value);
            value = Vector512.Create(*(int*)(row3 + input)).AsSByte();
            sum3a = Add(sum3a, a, value);
            sum3b = Add(sum3b, b, value);
            sum3c = Add(sum3c, c, value);
        }

        Store(product, panel, row, first, sum0a, sum0b, sum0c);
        Store(product, panel, row + 1, first, sum1a, sum1b, sum1c);
        Store(product, panel, row + 2, first, sum2a, sum2b, sum2c);
        Store(product, panel, row + 3, first, sum3a, sum3b, sum3c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Add(Vector512<int> sum, Vector512<byte> weights, Vector512<sbyte> input)
        => sum + Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(weights, input), Vector512<short>.One);

    /// <summary>Adds the row's extra steps, and makes its sums values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(in Int8Product product, byte* panel, int row, int column, Vector512<int> a, Vector512<int> b, Vector512<int> c)
    {
        var end = product.Input.StepStarts[row + 1];
        for (var index = product.Input.StepStarts[row]; index < end; index++)
        {
            var step = product.Input.Steps[index];
            var weights = panel + ((long)step.Offset * 3 * Vector512<int>.Count);
            var value = Vector512.Create(step.Values).AsSByte();
            a = Add(a, Vector512.Load(weights), value);
            b = Add(b, Vector512.Load(weights + Vector512<byte>.Count), value);
            c = Add(c, Vector512.Load(weights + (2 * Vector512<byte>.Count)), value);
        }

        Store(product, row, column, a);
        Store(product, row, column + Vector512<int>.Count, b);
        Store(product, row, column + (2 * Vector512<int>.Count), c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(in Int8Product product, int row, int column, Vector512<int> sum)
    {
        sum += (Vector512.Create(product.Input.Zeros[row]) * Vector512.Load(product.WeightSums + column)) + Vector512.Create(product.Input.Shifts[row]);
        var constant = Vector512.FusedMultiplyAdd(Vector512.Create(product.Input.Offsets[row]), Vector512.Load(product.Sums + column), Vector512.Load(product.Bias + column));
        var scale = Vector512.Create(product.Input.Scales[row]) * Vector512.Load(product.Scales + column);
        Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(sum), scale, constant).Store(product.Output + ((long)row * product.Outputs) + column);
    }
}
