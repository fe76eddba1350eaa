using System.Numerics;
using System.Runtime.CompilerServices;

namespace MemoryMesh.Search.Embedding.Inference;

/// <summary>The functions between the matrices, on whole vectors.</summary>
internal static unsafe class Functions
{
    // 1.5 * 2^23: adding it leaves a number's nearest integer in the lowest bits.
    private const float RoundingShift = 12_582_912f;

    /// <summary>Natural exponential, relative error below 2e-7, for -87 and more; less counts as -87.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Exp(Vector<float> value)
    {
        value = Vector.MaxNative(value, new Vector<float>(-87f));
        var shifted = Vector.FusedMultiplyAdd(value, new Vector<float>(1.44269504f), new Vector<float>(RoundingShift));
        var power = shifted - new Vector<float>(RoundingShift);
        var rest = Vector.FusedMultiplyAdd(power, new Vector<float>(-.693359375f), value);
        rest = Vector.FusedMultiplyAdd(power, new Vector<float>(2.12194440e-4f), rest);
        // Coefficients of the Cephes library's expf.
        var sum = Vector.FusedMultiplyAdd(new Vector<float>(1.9875691500e-4f), rest, new Vector<float>(1.3981999507e-3f));
        sum = Vector.FusedMultiplyAdd(sum, rest, new Vector<float>(8.3334519073e-3f));
        sum = Vector.FusedMultiplyAdd(sum, rest, new Vector<float>(4.1665795894e-2f));
        sum = Vector.FusedMultiplyAdd(sum, rest, new Vector<float>(1.6666665459e-1f));
        sum = Vector.FusedMultiplyAdd(sum, rest, new Vector<float>(5.0000001201e-1f));
        sum = Vector.FusedMultiplyAdd(sum, rest * rest, rest) + Vector<float>.One;
        return (sum.As<float, int>() + (shifted.As<float, int>() << 23)).As<int, float>();
    }

    /// <summary>x / 2 * (1 + erf(x / sqrt 2)) in place, absolute error below 5e-7 for the values that occur.</summary>
    /// <remarks>Abramowitz and Stegun, formula 7.1.26.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gelu(float* values, long count)
    {
        for (long index = 0; index < count; index += Vector<float>.Count)
        {
            var value = Vector.Load(values + index);
            var size = Vector.Abs(value);
            var t = Vector<float>.One / Vector.FusedMultiplyAdd(size, new Vector<float>(.3275911f * .70710678f), Vector<float>.One);
            var sum = Vector.FusedMultiplyAdd(new Vector<float>(1.061405429f), t, new Vector<float>(-1.453152027f));
            sum = Vector.FusedMultiplyAdd(sum, t, new Vector<float>(1.421413741f));
            sum = Vector.FusedMultiplyAdd(sum, t, new Vector<float>(-.284496736f));
            sum = Vector.FusedMultiplyAdd(sum, t, new Vector<float>(.254829592f));
            var complement = sum * t * Exp(size * size * new Vector<float>(-.5f));
            // x * erf(x) = |x| * erf(|x|), and |x| * (1 - complement) loses nothing that x / 2 does not hide.
            ((value + Vector.FusedMultiplyAdd(-size, complement, size)) * new Vector<float>(.5f)).Store(values + index);
        }
    }

    /// <summary>Rows become (row + added - mean) / deviation * weight + bias.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddAndNormalize(float* rows, float* added, int count, int width, float* weight, float* bias)
    {
        const float Epsilon = 1e-12f;
        for (var row = 0; row < count; row++, rows += width, added += width)
        {
            var sums = Vector<float>.Zero;
            for (var column = 0; column < width; column += Vector<float>.Count)
            {
                var value = Vector.Load(rows + column) + Vector.Load(added + column);
                value.Store(rows + column);
                sums += value;
            }

            var mean = new Vector<float>(Vector.Sum(sums) / width);
            var squares = Vector<float>.Zero;
            for (var column = 0; column < width; column += Vector<float>.Count)
            {
                var difference = Vector.Load(rows + column) - mean;
                squares = Vector.FusedMultiplyAdd(difference, difference, squares);
            }

            var factor = new Vector<float>(1 / MathF.Sqrt((Vector.Sum(squares) / width) + Epsilon));
            for (var column = 0; column < width; column += Vector<float>.Count)
            {
                var scaled = (Vector.Load(rows + column) - mean) * factor;
                Vector.FusedMultiplyAdd(scaled, Vector.Load(weight + column), Vector.Load(bias + column)).Store(rows + column);
            }
        }
    }

    /// <summary>Writes a row divided by its length; a row of zeros stays so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToUnitLength(float* row, int width, Span<float> unit)
    {
        var squares = Vector<float>.Zero;
        for (var column = 0; column < width; column += Vector<float>.Count)
        {
            var value = Vector.Load(row + column);
            squares = Vector.FusedMultiplyAdd(value, value, squares);
        }

        var length = MathF.Sqrt(Vector.Sum(squares));
        var factor = length > 0 ? 1 / length : 0;
        for (var column = 0; column < width; column++)
        {
            unit[column] = row[column] * factor;
        }
    }
}
