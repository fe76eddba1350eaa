using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MemoryMesh.Search.Embedding.Inference.Kernels;

/// <summary>For processors with AVX2.</summary>
internal sealed unsafe class Avx2Kernel : PairedKernel
{
    public override string Name => "avx2";

    public override bool IsSupported => Avx2.IsSupported && Fma.IsSupported;

    protected override int Panel => 2 * Vector256<int>.Count;

    public override bool TryRound(float* values, int columns, float lowest, float inverse, int zero, ref PairedRounding.StepSplitter split, out int sum)
        => PairedRounding.TryRound256(values, columns, lowest, inverse, zero, ref split, out sum);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void MultiplyGroup(in Int8Product product, int row, int first)
    {
        Vector256<int> sum0a = Vector256<int>.Zero, sum0b = Vector256<int>.Zero;
        Vector256<int> sum1a = Vector256<int>.Zero, sum1b = Vector256<int>.Zero;
        Vector256<int> sum2a = Vector256<int>.Zero, sum2b = Vector256<int>.Zero;
        Vector256<int> sum3a = Vector256<int>.Zero, sum3b = Vector256<int>.Zero;
        var inputs = product.Inputs;
        var panel = (byte*)product.Weights + ((long)first * inputs);
        byte* row0 = product.Input.Values + ((long)row * inputs), row1 = row0 + inputs, row2 = row1 + inputs, row3 = row2 + inputs;
        var weights = panel;
        for (var input = 0; input < inputs; input += Quad)
        {
            Vector256<byte> a = Vector256.Load(weights), b = Vector256.Load(weights + Vector256<byte>.Count);
            weights += 2 * Vector256<byte>.Count;
            var value = Vector256.Create(*(int*)(row0 + input)).AsSByte();
            sum0a = Add(sum0a, a, value);
            sum0b = Add(sum0b, b, value);
            value = Vector256.Create(*(int*)(row1 + input)).AsSByte();
            sum1a = Add(sum1a, a, value);
            sum1b = Add(sum1b, b, value);
            value = Vector256.Create(*(int*)(row2 + input)).AsSByte();
            sum2a = Add(sum2a, a, value);
            sum2b = Add(sum2b, b, value);
            value = Vector256.Create(*(int*)(row3 + input)).AsSByte();
            sum3a = Add(sum3a, a, value);
            sum3b = Add(sum3b, b, value);
        }

        Store(product, panel, row, first, sum0a, sum0b);
        Store(product, panel, row + 1, first, sum1a, sum1b);
        Store(product, panel, row + 2, first, sum2a, sum2b);
        Store(product, panel, row + 3, first, sum3a, sum3b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Add(Vector256<int> sum, Vector256<byte> weights, Vector256<sbyte> input)
        => sum + Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(weights, input), Vector256<short>.One);

    /// <summary>Adds the row's extra steps, and makes its sums values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(in Int8Product product, byte* panel, int row, int column, Vector256<int> a, Vector256<int> b)
    {
        var end = product.Input.StepStarts[row + 1];
        for (var index = product.Input.StepStarts[row]; index < end; index++)
        {
            var step = product.Input.Steps[index];
            var weights = panel + ((long)step.Offset * 2 * Vector256<int>.Count);
            var value = Vector256.Create(step.Values).AsSByte();
            a = Add(a, Vector256.Load(weights), value);
            b = Add(b, Vector256.Load(weights + Vector256<byte>.Count), value);
        }

        Store(product, row, column, a);
        Store(product, row, column + Vector256<int>.Count, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(in Int8Product product, int row, int column, Vector256<int> sum)
    {
        sum += (Vector256.Create(product.Input.Zeros[row]) * Vector256.Load(product.WeightSums + column)) + Vector256.Create(product.Input.Shifts[row]);
        var constant = Vector256.FusedMultiplyAdd(Vector256.Create(product.Input.Offsets[row]), Vector256.Load(product.Sums + column), Vector256.Load(product.Bias + column));
        var scale = Vector256.Create(product.Input.Scales[row]) * Vector256.Load(product.Scales + column);
        Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(sum), scale, constant).Store(product.Output + ((long)row * product.Outputs) + column);
    }
}
