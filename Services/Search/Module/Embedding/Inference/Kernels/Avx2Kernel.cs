using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MemoryMesh.Search.Embedding.Inference.Kernels;

/// <summary>For processors with AVX2.</summary>
/// <remarks>Input is 0 to 127, so that a pair of products, at most 2 * 127 * 127, fits the 16 bits in which the first instruction adds it.</remarks>
internal sealed unsafe class Avx2Kernel : Int8Kernel
{
    public override string Name => "avx2";

    public override bool IsSupported => Avx2.IsSupported && Fma.IsSupported;

    public override int Levels => 127;

    protected override int Panel => 2 * Vector256<int>.Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void MultiplyGroup(in Int8Product product, int row, int first)
    {
        Vector256<int> sum0a = Vector256<int>.Zero, sum0b = Vector256<int>.Zero;
        Vector256<int> sum1a = Vector256<int>.Zero, sum1b = Vector256<int>.Zero;
        Vector256<int> sum2a = Vector256<int>.Zero, sum2b = Vector256<int>.Zero;
        Vector256<int> sum3a = Vector256<int>.Zero, sum3b = Vector256<int>.Zero;
        var inputs = product.Inputs;
        var weights = product.Weights + ((long)first * inputs);
        byte* row0 = product.Input + ((long)row * inputs), row1 = row0 + inputs, row2 = row1 + inputs, row3 = row2 + inputs;
        for (var input = 0; input < inputs; input += Group)
        {
            Vector256<sbyte> a = Vector256.Load(weights), b = Vector256.Load(weights + Vector256<sbyte>.Count);
            weights += 2 * Vector256<sbyte>.Count;
            var value = Vector256.Create(*(int*)(row0 + input)).AsByte();
            sum0a = Add(sum0a, value, a);
            sum0b = Add(sum0b, value, b);
            value = Vector256.Create(*(int*)(row1 + input)).AsByte();
            sum1a = Add(sum1a, value, a);
            sum1b = Add(sum1b, value, b);
            value = Vector256.Create(*(int*)(row2 + input)).AsByte();
            sum2a = Add(sum2a, value, a);
            sum2b = Add(sum2b, value, b);
            value = Vector256.Create(*(int*)(row3 + input)).AsByte();
            sum3a = Add(sum3a, value, a);
            sum3b = Add(sum3b, value, b);
        }

        Store(product, row, first, sum0a);
        Store(product, row, first + Vector256<int>.Count, sum0b);
        Store(product, row + 1, first, sum1a);
        Store(product, row + 1, first + Vector256<int>.Count, sum1b);
        Store(product, row + 2, first, sum2a);
        Store(product, row + 2, first + Vector256<int>.Count, sum2b);
        Store(product, row + 3, first, sum3a);
        Store(product, row + 3, first + Vector256<int>.Count, sum3b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Add(Vector256<int> sum, Vector256<byte> input, Vector256<sbyte> weights)
        => sum + Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(input, weights), Vector256<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(in Int8Product product, int row, int column, Vector256<int> sum)
    {
        var constant = Vector256.FusedMultiplyAdd(Vector256.Create(product.RowOffsets[row]), Vector256.Load(product.Sums + column), Vector256.Load(product.Bias + column));
        var scale = Vector256.Create(product.RowScales[row]) * Vector256.Load(product.Scales + column);
        Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(sum), scale, constant).Store(product.Output + ((long)row * product.Outputs) + column);
    }
}
