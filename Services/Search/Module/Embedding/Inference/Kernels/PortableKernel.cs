using System.Numerics;
using System.Runtime.CompilerServices;

namespace MemoryMesh.Search.Embedding.Inference.Kernels;

/// <summary>Runs on every processor, with whatever vectors it has.</summary>
/// <remarks>A product, at most 255 * 127, fits 16 bits; a sum of two does not.</remarks>
internal sealed unsafe class PortableKernel : Int8Kernel
{
    public override string Name => "portable";

    public override bool IsSupported => true;

    protected override int Panel => Vector<sbyte>.Count;

    /// <summary>By panels, in these by inputs, in these by outputs.</summary>
    public override void Pack(ReadOnlySpan<sbyte> weights, int output, sbyte* packed)
    {
        var target = packed + ((long)(output / Panel) * Panel * weights.Length) + (output % Panel);
        for (var input = 0; input < weights.Length; input++)
        {
            target[input * Panel] = weights[input];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void MultiplyGroup(in Int8Product product, int row, int first)
    {
        for (var offset = 0; offset < Linear.RowGroup; offset++)
        {
            MultiplyRow(product, row + offset, first);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyRow(in Int8Product product, int row, int first)
    {
        var input = product.Input.Values + ((long)row * product.Inputs);
        var weights = product.Weights + ((long)first * product.Inputs);
        Vector<int> sum0 = Vector<int>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
        for (var index = 0; index < product.Inputs; index++)
        {
            Vector.Widen(Vector.Load(weights), out var low, out var high);
            weights += Vector<sbyte>.Count;
            var value = new Vector<short>(input[index]);
            Vector.Widen(value * low, out var product0, out var product1);
            Vector.Widen(value * high, out var product2, out var product3);
            sum0 += product0;
            sum1 += product1;
            sum2 += product2;
            sum3 += product3;
        }

        Store(product, row, first, sum0);
        Store(product, row, first + Vector<int>.Count, sum1);
        Store(product, row, first + (2 * Vector<int>.Count), sum2);
        Store(product, row, first + (3 * Vector<int>.Count), sum3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(in Int8Product product, int row, int column, Vector<int> sum)
    {
        var constant = Vector.FusedMultiplyAdd(
            new Vector<float>(product.Input.Offsets[row]), Vector.Load(product.Sums + column), Vector.Load(product.Bias + column));
        var scale = new Vector<float>(product.Input.Scales[row]) * Vector.Load(product.Scales + column);
        Vector.FusedMultiplyAdd(Vector.ConvertToSingle(sum), scale, constant).Store(product.Output + ((long)row * product.Outputs) + column);
    }
}
