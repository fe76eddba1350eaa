using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MemoryMesh.Search.Embedding.Inference;

/// <summary>Rounds rows of activations to bytes, each by its own range: value = offset + scale * byte.</summary>
internal static unsafe class RowRounding
{
    private const int SignedShift = 128;
    private const float SmallestScale = 1e-30f;

    /// <param name="input">Rows of <paramref name="columns"/> values, a multiple of 64.</param>
    /// <param name="rows">How many.</param>
    /// <param name="columns">Values of a row.</param>
    /// <param name="levels">Largest byte: 255, or 127 where the kernel's 16-bit sums need it.</param>
    /// <param name="signed">Store byte - 128, for kernels that multiply signed bytes.</param>
    /// <param name="rounded">Receives the bytes.</param>
    /// <param name="scales">Receives one scale a row.</param>
    /// <param name="offsets">Receives one offset a row.</param>
    public static void Apply(float* input, int rows, int columns, int levels, bool signed, byte* rounded, float* scales, float* offsets)
    {
        for (var row = 0; row < rows; row++)
        {
            var values = input + ((long)row * columns);
            var (lowest, highest) = Range(values, columns);
            var scale = (highest - lowest) / levels;
            // A row whose values are all alike is its offset.
            var inverse = scale > SmallestScale ? 1 / scale : 0;
            Round(values, columns, lowest, inverse, signed ? SignedShift : 0, rounded + ((long)row * columns));
            scales[row] = scale;
            offsets[row] = signed ? lowest + (SignedShift * scale) : lowest;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (float Lowest, float Highest) Range(float* values, int columns)
    {
        var low = Vector.Load(values);
        var high = low;
        for (var column = Vector<float>.Count; column < columns; column += Vector<float>.Count)
        {
            var value = Vector.Load(values + column);
            low = Vector.MinNative(low, value);
            high = Vector.MaxNative(high, value);
        }

        var (lowest, highest) = (low[0], high[0]);
        for (var lane = 1; lane < Vector<float>.Count; lane++)
        {
            lowest = Math.Min(lowest, low[lane]);
            highest = Math.Max(highest, high[lane]);
        }

        return (lowest, highest);
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
