using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace MemoryMesh.Search.Embedding.Inference.Kernels;

/// <summary>For Arm processors with the dot product instructions, which multiply signed by signed bytes.</summary>
internal sealed unsafe class ArmDotKernel : Int8Kernel
{
    private const int Quad = 4;

    public override string Name => "arm-dot";

    public override bool IsSupported => Dp.IsSupported && AdvSimd.Arm64.IsSupported;

    public override bool HasSignedInput => true;

    protected override int Panel => 4 * Vector128<int>.Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void MultiplyGroup(in Int8Product product, int row, int first)
    {
        Vector128<int> sum0a = Vector128<int>.Zero, sum0b = Vector128<int>.Zero, sum0c = Vector128<int>.Zero, sum0d = Vector128<int>.Zero;
        Vector128<int> sum1a = Vector128<int>.Zero, sum1b = Vector128<int>.Zero, sum1c = Vector128<int>.Zero, sum1d = Vector128<int>.Zero;
        Vector128<int> sum2a = Vector128<int>.Zero, sum2b = Vector128<int>.Zero, sum2c = Vector128<int>.Zero, sum2d = Vector128<int>.Zero;
        Vector128<int> sum3a = Vector128<int>.Zero, sum3b = Vector128<int>.Zero, sum3c = Vector128<int>.Zero, sum3d = Vector128<int>.Zero;
        var inputs = product.Inputs;
        var weights = product.Weights + ((long)first * inputs);
        sbyte* row0 = (sbyte*)product.Input.Values + ((long)row * inputs), row1 = row0 + inputs, row2 = row1 + inputs, row3 = row2 + inputs;
        for (var input = 0; input < inputs; input += Quad)
        {
            Vector128<sbyte> a = Vector128.Load(weights), b = Vector128.Load(weights + 16), c = Vector128.Load(weights + 32), d = Vector128.Load(weights + 48);
            weights += 64;
            var value = Vector128.Create(*(int*)(row0 + input)).AsSByte();
            sum0a = Dp.DotProduct(sum0a, a, value);
            sum0b = Dp.DotProduct(sum0b, b, value);
            sum0c = Dp.DotProduct(sum0c, c, value);
            sum0d = Dp.DotProduct(sum0d, d, value);
            value = Vector128.Create(*(int*)(row1 + input)).AsSByte();
            sum1a = Dp.DotProduct(sum1a, a, value);
            sum1b = Dp.DotProduct(sum1b, b, value);
            sum1c = Dp.DotProduct(sum1c, c, value);
            sum1d = Dp.DotProduct(sum1d, d, value);
            value = Vector128.Create(*(int*)(row2 + input)).AsSByte();
            sum2a = Dp.DotProduct(sum2a, a, value);
            sum2b = Dp.DotProduct(sum2b, b, value);
            sum2c = Dp.DotProduct(sum2c, c, value);
            sum2d = Dp.DotProduct(sum2d, d, value);
            value = Vector128.Create(*(int*)(row3 + input)).AsSByte();
            sum3a = Dp.DotProduct(sum3a, a, value);
            sum3b = Dp.DotProduct(sum3b, b, value);
            sum3c = Dp.DotProduct(sum3c, c, value);
            sum3d = Dp.DotProduct(sum3d, d, value);
        }

        Store(product, row, first, sum0a);
        Store(product, row, first + 4, sum0b);
        Store(product, row, first + 8, sum0c);
        Store(product, row, first + 12, sum0d);
        Store(product, row + 1, first, sum1a);
        Store(product, row + 1, first + 4, sum1b);
        Store(product, row + 1, first + 8, sum1c);
        Store(product, row + 1, first + 12, sum1d);
        Store(product, row + 2, first, sum2a);
        Store(product, row + 2, first + 4, sum2b);
        Store(product, row + 2, first + 8, sum2c);
        Store(product, row + 2, first + 12, sum2d);
        Store(product, row + 3, first, sum3a);
        Store(product, row + 3, first + 4, sum3b);
        Store(product, row + 3, first + 8, sum3c);
        Store(product, row + 3, first + 12, sum3d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(in Int8Product product, int row, int column, Vector128<int> sum)
    {
        var constant = Vector128.FusedMultiplyAdd(
            Vector128.Create(product.Input.Offsets[row]), Vector128.Load(product.Sums + column), Vector128.Load(product.Bias + column));
        var scale = Vector128.Create(product.Input.Scales[row]) * Vector128.Load(product.Scales + column);
        Vector128.FusedMultiplyAdd(Vector128.ConvertToSingle(sum), scale, constant).Store(product.Output + ((long)row * product.Outputs) + column);
    }
}
