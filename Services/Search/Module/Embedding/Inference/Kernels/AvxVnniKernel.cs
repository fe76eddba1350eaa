using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MemoryMesh.Search.Embedding.Inference.Kernels;

/// <summary>For processors with 256-bit VNNI: one instruction multiplies and adds four pairs of bytes in each lane.</summary>
/// <remarks>Twelve sums, three vectors of weights and one of input are the sixteen registers that VEX instructions can name.</remarks>
internal sealed unsafe class AvxVnniKernel : Int8Kernel
{
    private const int Quad = 4;

    public override string Name => "avx-vnni";

    public override bool IsSupported => AvxVnni.IsSupported && Fma.IsSupported;

    protected override int Panel => 3 * Vector256<int>.Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void MultiplyGroup(in Int8Product product, int row, int first)
    {
        Vector256<int> sum0a = Vector256<int>.Zero, sum0b = Vector256<int>.Zero, sum0c = Vector256<int>.Zero;
        Vector256<int> sum1a = Vector256<int>.Zero, sum1b = Vector256<int>.Zero, sum1c = Vector256<int>.Zero;
        Vector256<int> sum2a = Vector256<int>.Zero, sum2b = Vector256<int>.Zero, sum2c = Vector256<int>.Zero;
        Vector256<int> sum3a = Vector256<int>.Zero, sum3b = Vector256<int>.Zero, sum3c = Vector256<int>.Zero;
        var inputs = product.Inputs;
        var weights = product.Weights + ((long)first * inputs);
        byte* row0 = product.Input.Values + ((long)row * inputs), row1 = row0 + inputs, row2 = row1 + inputs, row3 = row2 + inputs;
        for (var input = 0; input < inputs; input += Quad)
        {
            Vector256<sbyte> a = Vector256.Load(weights);
            Vector256<sbyte> b = Vector256.Load(weights + Vector256<sbyte>.Count);
            Vector256<sbyte> c = Vector256.Load(weights + (2 * Vector256<sbyte>.Count));
            weights += 3 * Vector256<sbyte>.Count;
            var value = Vector256.Create(*(int*)(row0 + input)).AsByte();
            sum0a = Add(sum0a, value, a);
            sum0b = Add(sum0b, value, b);
            sum0c = Add(sum0c, value, c);
            value = Vector256.Create(*(int*)(row1 + input)).AsByte();
            sum1a = Add(sum1a, value, a);
            sum1b = Add(sum1b, value, b);
            sum1c = Add(sum1c, value, c);
            value = Vector256.Create(*(int*)(row2 + input)).AsByte();
            sum2a = Add(sum2a, value, a);
            sum2b = Add(sum2b, value, b);
            sum2c = Add(sum2c, value, c);
            value = Vector256.Create(*(int*)(row3 + input)).AsByte();
            sum3a = Add(sum3a, value, a);
            sum3b = Add(sum3b, value, b);
            sum3c = Add(sum3c, value, c);
        }

        Store(product, row, first, sum0a);
        Store(product, row, first + Vector256<int>.Count, sum0b);
        Store(product, row, first + (2 * Vector256<int>.Count), sum0c);
        Store(product, row + 1, first, sum1a);
        Store(product, row + 1, first + Vector256<int>.Count, sum1b);
        Store(product, row + 1, first + (2 * Vector256<int>.Count), sum1c);
        Store(product, row + 2, first, sum2a);
        Store(product, row + 2, first + Vector256<int>.Count, sum2b);
        Store(product, row + 2, first + (2 * Vector256<int>.Count), sum2c);
        Store(product, row + 3, first, sum3a);
        Store(product, row + 3, first + Vector256<int>.Count, sum3b);
        Store(product, row + 3, first + (2 * Vector256<int>.Count), sum3c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Add(Vector256<int> sum, Vector256<byte> input, Vector256<sbyte> weights)
        => AvxVnni.MultiplyWideningAndAdd(sum, input, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(in Int8Product product, int row, int column, Vector256<int> sum)
    {
        var constant = Vector256.FusedMultiplyAdd(Vector256.Create(product.Input.Offsets[row]), Vector256.Load(product.Sums + column), Vector256.Load(product.Bias + column));
        var scale = Vector256.Create(product.Input.Scales[row]) * Vector256.Load(product.Scales + column);
        Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(sum), scale, constant).Store(product.Output + ((long)row * product.Outputs) + column);
    }
}
