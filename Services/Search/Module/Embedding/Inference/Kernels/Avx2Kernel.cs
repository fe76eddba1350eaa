using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MemoryMesh.Search.Embedding.Inference.Kernels;

/// <summary>For processors with AVX2.</summary>
/// <remarks>
/// Multiplies 16-bit numbers: the instruction for bytes adds pairs in 16 bits, which 255 * 127 twice is too much for, and with input of 7 bits the
/// ranking differs too often from that of full precision. Two steps for bytes take as long as two of these.
/// </remarks>
internal sealed unsafe class Avx2Kernel : Int8Kernel
{
    private const int Pair = 2;

    public override string Name => "avx2";

    public override bool IsSupported => Avx2.IsSupported && Fma.IsSupported;

    public override bool HasWideInput => true;

    protected override int Group => Pair;

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
        short* row0 = (short*)product.Input + ((long)row * inputs), row1 = row0 + inputs, row2 = row1 + inputs, row3 = row2 + inputs;
        for (var input = 0; input < inputs; input += Pair)
        {
            Vector256<short> a = Avx2.ConvertToVector256Int16(Vector128.Load(weights));
            Vector256<short> b = Avx2.ConvertToVector256Int16(Vector128.Load(weights + Vector128<sbyte>.Count));
            weights += 2 * Vector128<sbyte>.Count;
            var value = Vector256.Create(*(int*)(row0 + input)).AsInt16();
            sum0a = Add(sum0a, value, a);
            sum0b = Add(sum0b, value, b);
            value = Vector256.Create(*(int*)(row1 + input)).AsInt16();
            sum1a = Add(sum1a, value, a);
            sum1b = Add(sum1b, value, b);
            value = Vector256.Create(*(int*)(row2 + input)).AsInt16();
            sum2a = Add(sum2a, value, a);
            sum2b = Add(sum2b, value, b);
            value = Vector256.Create(*(int*)(row3 + input)).AsInt16();
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
    private static Vector256<int> Add(Vector256<int> sum, Vector256<short> input, Vector256<short> weights)
        => sum + Avx2.MultiplyAddAdjacent(input, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(in Int8Product product, int row, int column, Vector256<int> sum)
    {
        var constant = Vector256.FusedMultiplyAdd(Vector256.Create(product.RowOffsets[row]), Vector256.Load(product.Sums + column), Vector256.Load(product.Bias + column));
        var scale = Vector256.Create(product.RowScales[row]) * Vector256.Load(product.Scales + column);
        Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(sum), scale, constant).Store(product.Output + ((long)row * product.Outputs) + column);
    }
}
