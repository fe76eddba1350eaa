using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MemoryMesh.Search.Embedding.Inference.Kernels;

/// <summary>For processors with AVX-512 whose VNNI is not reachable from .NET.</summary>
/// <remarks>
/// Multiplies 16-bit numbers: the instruction for bytes adds pairs in 16 bits, which 255 * 127 twice is too much for, and with input of 7 bits the
/// ranking differs too often from that of full precision. Two steps for bytes take as long as two of these.
/// </remarks>
internal sealed unsafe class Avx512Kernel : Int8Kernel
{
    private const int Pair = 2;

    public override string Name => "avx512bw";

    public override bool IsSupported => Avx512BW.IsSupported;

    public override bool HasWideInput => true;

    protected override int Group => Pair;

    protected override int Panel => 3 * Vector512<int>.Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void MultiplyGroup(in Int8Product product, int row, int first)
    {
        Vector512<int> sum0a = Vector512<int>.Zero, sum0b = Vector512<int>.Zero, sum0c = Vector512<int>.Zero;
        Vector512<int> sum1a = Vector512<int>.Zero, sum1b = Vector512<int>.Zero, sum1c = Vector512<int>.Zero;
        Vector512<int> sum2a = Vector512<int>.Zero, sum2b = Vector512<int>.Zero, sum2c = Vector512<int>.Zero;
        Vector512<int> sum3a = Vector512<int>.Zero, sum3b = Vector512<int>.Zero, sum3c = Vector512<int>.Zero;
        var inputs = product.Inputs;
        var weights = product.Weights + ((long)first * inputs);
        short* row0 = (short*)product.Input + ((long)row * inputs), row1 = row0 + inputs, row2 = row1 + inputs, row3 = row2 + inputs;
        for (var input = 0; input < inputs; input += Pair)
        {
            Vector512<short> a = Avx512BW.ConvertToVector512Int16(Vector256.Load(weights));
            Vector512<short> b = Avx512BW.ConvertToVector512Int16(Vector256.Load(weights + Vector256<sbyte>.Count));
            Vector512<short> c = Avx512BW.ConvertToVector512Int16(Vector256.Load(weights + (2 * Vector256<sbyte>.Count)));
            weights += 3 * Vector256<sbyte>.Count;
            var value = Vector512.Create(*(int*)(row0 + input)).AsInt16();
            sum0a = Add(sum0a, value, a);
            sum0b = Add(sum0b, value, b);
            sum0c = Add(sum0c, value, c);
            value = Vector512.Create(*(int*)(row1 + input)).AsInt16();
            sum1a = Add(sum1a, value, a);
            sum1b = Add(sum1b, value, b);
            sum1c = Add(sum1c, value, c);
            value = Vector512.Create(*(int*)(row2 + input)).AsInt16();
            sum2a = Add(sum2a, value, a);
            sum2b = Add(sum2b, value, b);
            sum2c = Add(sum2c, value, c);
            value = Vector512.Create(*(int*)(row3 + input)).AsInt16();
            sum3a = Add(sum3a, value, a);
            sum3b = Add(sum3b, value, b);
            sum3c = Add(sum3c, value, c);
        }

        Store(product, row, first, sum0a);
        Store(product, row, first + Vector512<int>.Count, sum0b);
        Store(product, row, first + (2 * Vector512<int>.Count), sum0c);
        Store(product, row + 1, first, sum1a);
        Store(product, row + 1, first + Vector512<int>.Count, sum1b);
        Store(product, row + 1, first + (2 * Vector512<int>.Count), sum1c);
        Store(product, row + 2, first, sum2a);
        Store(product, row + 2, first + Vector512<int>.Count, sum2b);
        Store(product, row + 2, first + (2 * Vector512<int>.Count), sum2c);
        Store(product, row + 3, first, sum3a);
        Store(product, row + 3, first + Vector512<int>.Count, sum3b);
        Store(product, row + 3, first + (2 * Vector512<int>.Count), sum3c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Add(Vector512<int> sum, Vector512<short> input, Vector512<short> weights)
        => sum + Avx512BW.MultiplyAddAdjacent(input, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(in Int8Product product, int row, int column, Vector512<int> sum)
    {
        var constant = Vector512.FusedMultiplyAdd(Vector512.Create(product.RowOffsets[row]), Vector512.Load(product.Sums + column), Vector512.Load(product.Bias + column));
        var scale = Vector512.Create(product.RowScales[row]) * Vector512.Load(product.Scales + column);
        Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(sum), scale, constant).Store(product.Output + ((long)row * product.Outputs) + column);
    }
}
