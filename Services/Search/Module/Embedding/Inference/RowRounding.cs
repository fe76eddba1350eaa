using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using MemoryMesh.Search.Embedding.Inference.Kernels;

namespace MemoryMesh.Search.Embedding.Inference;

/// <summary>Rounds rows of activations to bytes, each by its own range: value = offset + scale * byte.</summary>
internal static unsafe class RowRounding
{
    private const int SignedShift = 128;
    private const float SmallestScale = 1e-30f;

    /// <param name="input">Rows of <paramref name="columns"/> values, a multiple of 64.</param>
    /// <param name="rows">How many.</param>
    /// <param name="columns">Values of a row.</param>
    /// <param name="kernel">Says how it wants the bytes: as they are, less 128, or counted from the row's zero and in steps.</param>
    /// <param name="target">Receives the bytes and what belongs to each row.</param>
    public static void Apply(float* input, int rows, int columns, Int8Kernel kernel, in RoundedRows target)
    {
        var steps = 0;
        for (var row = 0; row < rows; row++)
        {
            var values = input + ((long)row * columns);
            var (lowest, highest) = Range(values, columns);
            var scale = (highest - lowest) / Int8Kernel.Levels;
            // A row whose values are all alike is its offset.
            var inverse = scale > SmallestScale ? 1 / scale : 0;
            var rounded = target.Values + ((long)row * columns);
            if (kernel is PairedKernel paired)
            {
                target.StepStarts[row] = steps;
                steps = PairedRounding.Round(values, columns, lowest, inverse, row, paired, target);
                target.StepStarts[row + 1] = steps;
            }
            else
            {
                Round(values, columns, lowest, inverse, kernel.HasSignedInput ? SignedShift : 0, rounded);
            }

            target.Scales[row] = scale;
            target.Offsets[row] = kernel.HasSignedInput ? lowest + (SignedShift * scale) : lowest;
        }
    }

    private static (float Lowest, float Highest) Range(float* values, int columns)
        => Vector512.IsHardwareAccelerated ? Range<WideLanes, Vector512<float>>(values, columns) : Range<NativeLanes, Vector<float>>(values, columns);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (float Lowest, float Highest) Range<TLanes, TVector>(float* values, int columns)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var low = TLanes.Load(values);
        var high = low;
        for (var column = TLanes.Count; column < columns; column += TLanes.Count)
        {
            var value = TLanes.Load(values + column);
            low = TLanes.Min(low, value);
            high = TLanes.Max(high, value);
        }

        return (-TLanes.Largest(TLanes.Subtract(TLanes.Create(0), low)), TLanes.Largest(high));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Round(float* values, int columns, float lowest, float inverse, int shift, byte* rounded)
    {
        // Values become at least 0, so that cutting off after adding a half rounds to the nearest.
        const float Half = .5f;
        if (Avx512F.IsSupported)
        {
            var (factor, low, half, sign) = (Vector512.Create(inverse), Vector512.Create(lowest), Vector512.Create(Half), Vector512.Create(shift));
            for (var column = 0; column < columns; column += Vector512<float>.Count)
            {
                var scaled = Vector512.FusedMultiplyAdd(Vector512.Load(values + column) - low, factor, half);
                Avx512F.ConvertToVector128Byte(Avx512F.ConvertToVector512Int32WithTruncation(scaled) ^ sign).Store(rounded + column);
            }

            return;
        }

        var (factors, lows, halves, signs) = (new Vector<float>(inverse), new Vector<float>(lowest), new Vector<float>(Half), new Vector<int>(shift));
        var width = Vector<float>.Count;
        for (var column = 0; column < columns; column += 4 * width)
        {
            var first = Vector.Narrow(Scaled(values + column), Scaled(values + column + width));
            var second = Vector.Narrow(Scaled(values + column + (2 * width)), Scaled(values + column + (3 * width)));
            Vector.Narrow(first, second).Store(rounded + column);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector<uint> Scaled(float* from)
            => (Vector.ConvertToInt32Native(Vector.FusedMultiplyAdd(Vector.Load(from) - lows, factors, halves)) ^ signs).As<int, uint>() & new Vector<uint>(byte.MaxValue);
    }
}
