using System.Numerics;
using System.Runtime.CompilerServices;

namespace MemoryMesh.Search.Embedding.Inference.Kernels;

/// <summary>Runs on every processor, with whatever vectors it has.</summary>
/// <remarks>Input is 0 to 127, so that two products of 16 bits can be added before they are widened.</remarks>
internal sealed unsafe class PortableKernel : Int8Kernel
{
    private const int Pair = 2;

    public override string Name => "portable";

    public override bool IsSupported => true;

    public override int Levels => 127;

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
        var input = product.Input + ((long)row * product.Inputs);
        var weights = product.Weights + ((long)first * product.Inputs);
        Vector<int> sum0 = Vector<int>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
        for (var index = 0; index < product.Inputs; index += Pair)
        {
            Vector.Widen(Vector.Load(weights), out var evenLow, out var evenHigh);
            Vector.Widen(Vector.Load(weights + Vector<sbyte>.Count), out var oddLow, out var oddHigh);
            weights += Pair * Vector<sbyte>.Count;
            var (even, odd) = (new Vector<short>(input[index]), new Vector<short>(input[index + 1]));
            Vector.Widen((even * evenLow) + (odd * oddLow), out var first0, out var second0);
            Vector.Widen((even * evenHigh) + (odd * oddHigh), out var first1, out var second1);
            sum0 += first0;
            sum1 += second0;
            sum2 += first1;
            sum3 += second1;
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
            new Vector<float>(product.RowOffsets[row]), Vector.Load(product.Sums + column), Vector.Load(product.Bias + column));
        var scale = new Vector<float>(product.RowScales[row]) * Vector.Load(product.Scales + column);
        Vector.FusedMultiplyAdd(Vector.ConvertToSingle(sum), scale, constant).Store(product.Output + ((long)row * product.Outputs) + column);
    }
}
