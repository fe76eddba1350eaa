using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using MemoryMesh.Search.Embedding.Inference.Kernels;

namespace MemoryMesh.Search.Embedding.Inference;

/// <summary>Rounds a row for a <see cref="PairedKernel"/>: to the same bytes as for any other, counted from a zero and cut into steps of which no pair is too much.</summary>
internal static unsafe class PairedRounding
{
    /// <summary>Values that one step multiplies.</summary>
    public const int ValuesPerStep = 4;

    // Counted from the middle a value is -128 to 127, so that one extra step holds what the first one does not.
    private const int MiddleZero = 128;

    // Puts each value in its pair's other place.
    private const byte OtherOfPair = 0b10_11_00_01;

    // Values become at least 0, so that cutting off after adding a half rounds to the nearest.
    private const float Half = .5f;

    /// <summary>Rounds one row.</summary>
    /// <param name="values">The row.</param>
    /// <param name="columns">Its values; a multiple of 64.</param>
    /// <param name="lowest">The least of them.</param>
    /// <param name="inverse">Bytes a unit; 0 for a row whose values are all alike.</param>
    /// <param name="row">Where it stands in <paramref name="target"/>; its steps are written from where they start there.</param>
    /// <param name="kernel">For whom.</param>
    /// <param name="target">Receives bytes, steps, zero and shift.</param>
    /// <returns>Where the row's steps end.</returns>
    public static int Round(float* values, int columns, float lowest, float inverse, int row, PairedKernel kernel, in RoundedRows target)
    {
        // The byte that stands for the value 0: activations have most of their values near it, and the outliers far away on one side.
        var zero = (int)Math.Clamp(-lowest * inverse, 0, Int8Kernel.Levels);
        var split = new StepSplitter((sbyte*)target.Values + ((long)row * columns), target.Steps + target.StepStarts[row], columns / ValuesPerStep);
        if (!kernel.TryRound(values, columns, lowest, inverse, zero, ref split, out var sum))
        {
            zero = MiddleZero;
            split.Count = 0;
            kernel.TryRound(values, columns, lowest, inverse, zero, ref split, out sum);
        }

        target.Zeros[row] = zero;
        target.Shifts[row] = -PairedKernel.WeightShift * sum;
        return target.StepStarts[row] + split.Count;
    }

    /// <summary>Rounds with vectors of 512 bits; false when there is no room for the extra steps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryRound512(float* values, int columns, float lowest, float inverse, int zero, ref StepSplitter split, out int sum)
    {
        var (factor, low, half, from) = (Vector512.Create(inverse), Vector512.Create(lowest), Vector512.Create(Half), Vector512.Create(zero));
        var (highest, least) = (Vector512.Create(PairedKernel.HighestPair), Vector512.Create(PairedKernel.LowestPair));
        var sums = Vector512<int>.Zero;
        for (var column = 0; column < columns; column += Vector512<int>.Count)
        {
            var scaled = Vector512.FusedMultiplyAdd(Vector512.Load(values + column) - low, factor, half);
            var counted = Avx512F.ConvertToVector512Int32WithTruncation(scaled) - from;
            sums += counted;
            Avx512F.ConvertToVector128SByteWithSaturation(counted).Store(split.Bytes + column);
            var positive = Vector512.Max(counted, Vector512<int>.Zero);
            var negative = Vector512.Min(counted, Vector512<int>.Zero);
            var tooMuch = Vector512.GreaterThan(positive + Avx512F.Shuffle(positive, OtherOfPair), highest)
                | Vector512.LessThan(negative + Avx512F.Shuffle(negative, OtherOfPair), least);
            var mask = (uint)tooMuch.ExtractMostSignificantBits();
            if (mask != 0 && !split.TrySplit((int*)&counted, mask, column))
            {
                sum = 0;
                return false;
            }
        }

        sum = Vector512.Sum(sums);
        return true;
    }

    /// <summary>Rounds with vectors of 256 bits; false when there is no room for the extra steps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryRound256(float* values, int columns, float lowest, float inverse, int zero, ref StepSplitter split, out int sum)
    {
        var (factor, low, half, from) = (Vector256.Create(inverse), Vector256.Create(lowest), Vector256.Create(Half), Vector256.Create(zero));
        var (highest, least) = (Vector256.Create(PairedKernel.HighestPair), Vector256.Create(PairedKernel.LowestPair));
        var sums = Vector256<int>.Zero;
        for (var column = 0; column < columns; column += Vector256<int>.Count)
        {
            var scaled = Vector256.FusedMultiplyAdd(Vector256.Load(values + column) - low, factor, half);
            var counted = Avx.ConvertToVector256Int32WithTruncation(scaled) - from;
            sums += counted;
            var narrow = Vector128.NarrowWithSaturation(counted.GetLower(), counted.GetUpper());
            *(long*)(split.Bytes + column) = Vector128.NarrowWithSaturation(narrow, narrow).AsInt64().ToScalar();
            var positive = Vector256.Max(counted, Vector256<int>.Zero);
            var negative = Vector256.Min(counted, Vector256<int>.Zero);
            var tooMuch = Vector256.GreaterThan(positive + Avx2.Shuffle(positive, OtherOfPair), highest)
                | Vector256.LessThan(negative + Avx2.Shuffle(negative, OtherOfPair), least);
            var mask = tooMuch.ExtractMostSignificantBits();
            if (mask != 0 && !split.TrySplit((int*)&counted, mask, column))
            {
                sum = 0;
                return false;
            }
        }

        sum = Vector256.Sum(sums);
        return true;
    }

    /// <summary>Cuts what is too much for one step.</summary>
    /// <param name="bytes">The row's bytes.</param>
    /// <param name="steps">Receives its extra steps.</param>
    /// <param name="room">How many there may be.</param>
    public struct StepSplitter(sbyte* bytes, ExtraStep* steps, int room)
    {
        /// <summary>How many extra steps there are.</summary>
        public int Count;

        /// <summary>The row's bytes.</summary>
        public readonly sbyte* Bytes => bytes;

        /// <summary>Writes of the marked values as much as one step holds, and the rest of them into extra steps; false when there is no room for these.</summary>
        /// <param name="counted">Values.</param>
        /// <param name="mask">A bit for each that is part of a pair that is too much.</param>
        /// <param name="column">Where they stand in the row.</param>
        public bool TrySplit(int* counted, uint mask, int column)
        {
            while (mask != 0)
            {
                var index = BitOperations.TrailingZeroCount(mask) / ValuesPerStep * ValuesPerStep;
                mask &= ~(((1u << ValuesPerStep) - 1) << index);
                var four = counted + index;
                *(int*)(bytes + column + index) = TakeStep(four);
                while ((four[0] | four[1] | four[2] | four[3]) != 0)
                {
                    if (Count == room)
                    {
                        return false;
                    }

                    steps[Count++] = new ExtraStep(column + index, TakeStep(four));
                }
            }

            return true;
        }

        /// <summary>Takes from four values what one step holds of them.</summary>
        private static int TakeStep(int* four)
        {
            var step = 0;
            for (var pair = 0; pair < ValuesPerStep; pair += 2)
            {
                var first = Math.Clamp(four[pair], PairedKernel.LowestPair, PairedKernel.HighestPair);
                var second = Math.Clamp(four[pair + 1], PairedKernel.LowestPair - Math.Min(first, 0), PairedKernel.HighestPair - Math.Max(first, 0));
                four[pair] -= first;
                four[pair + 1] -= second;
                step |= ((byte)first << (8 * pair)) | ((byte)second << (8 * (pair + 1)));
            }

            return step;
        }
    }
}
