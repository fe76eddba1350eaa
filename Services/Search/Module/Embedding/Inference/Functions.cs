using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MemoryMesh.Search.Embedding.Inference;

/// <summary>The functions between the matrices, on whole vectors.</summary>
internal static unsafe class Functions
{
    // 1.5 * 2^23: adding it leaves a number's nearest integer in the lowest bits.
    private const float RoundingShift = 12_582_912f;

    /// <summary>Natural exponential, relative error below 2e-7, for -87 and more; less counts as -87.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp<TLanes, TVector>(TVector value)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        value = TLanes.Max(value, TLanes.Create(-87f));
        var shifted = TLanes.MultiplyAdd(value, TLanes.Create(1.44269504f), TLanes.Create(RoundingShift));
        var power = TLanes.Subtract(shifted, TLanes.Create(RoundingShift));
        var rest = TLanes.MultiplyAdd(power, TLanes.Create(-.693359375f), value);
        rest = TLanes.MultiplyAdd(power, TLanes.Create(2.12194440e-4f), rest);
        // Coefficients of the Cephes library's expf.
        var sum = TLanes.MultiplyAdd(TLanes.Create(1.9875691500e-4f), rest, TLanes.Create(1.3981999507e-3f));
        sum = TLanes.MultiplyAdd(sum, rest, TLanes.Create(8.3334519073e-3f));
        sum = TLanes.MultiplyAdd(sum, rest, TLanes.Create(4.1665795894e-2f));
        sum = TLanes.MultiplyAdd(sum, rest, TLanes.Create(1.6666665459e-1f));
        sum = TLanes.MultiplyAdd(sum, rest, TLanes.Create(5.0000001201e-1f));
        sum = TLanes.Add(TLanes.MultiplyAdd(sum, TLanes.Multiply(rest, rest), rest), TLanes.Create(1));
        return TLanes.Scale(sum, shifted);
    }

    /// <summary>x / 2 * (1 + erf(x / sqrt 2)) in place, absolute error below 5e-7.</summary>
    /// <param name="values">The values.</param>
    /// <param name="count">How many; a multiple of 64.</param>
    public static void Gelu(float* values, long count)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Gelu<WideLanes, Vector512<float>>(values, count);
        }
        else
        {
            Gelu<NativeLanes, Vector<float>>(values, count);
        }
    }

    /// <summary>Rows become (row + added - mean) / deviation * weight + bias.</summary>
    public static void AddAndNormalize(float* rows, float* added, int count, int width, float* weight, float* bias)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            AddAndNormalize<WideLanes, Vector512<float>>(rows, added, count, width, weight, bias);
        }
        else
        {
            AddAndNormalize<NativeLanes, Vector<float>>(rows, added, count, width, weight, bias);
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

    // Abramowitz and Stegun, formula 7.1.26.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gelu<TLanes, TVector>(float* values, long count)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        for (long index = 0; index < count; index += TLanes.Count)
        {
            var value = TLanes.Load(values + index);
            var size = TLanes.Abs(value);
            var t = TLanes.Reciprocal(TLanes.MultiplyAdd(size, TLanes.Create(.3275911f * .70710678f), TLanes.Create(1)));
            var sum = TLanes.MultiplyAdd(TLanes.Create(1.061405429f), t, TLanes.Create(-1.453152027f));
            sum = TLanes.MultiplyAdd(sum, t, TLanes.Create(1.421413741f));
            sum = TLanes.MultiplyAdd(sum, t, TLanes.Create(-.284496736f));
            sum = TLanes.MultiplyAdd(sum, t, TLanes.Create(.254829592f));
            var exponential = Exp<TLanes, TVector>(TLanes.Multiply(TLanes.Multiply(size, size), TLanes.Create(-.5f)));
            // x * erf(x) = |x| * erf(|x|)
            var complement = TLanes.Multiply(TLanes.Multiply(sum, t), exponential);
            var signed = TLanes.Subtract(size, TLanes.Multiply(size, complement));
            TLanes.Store(TLanes.Multiply(TLanes.Add(value, signed), TLanes.Create(.5f)), values + index);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddAndNormalize<TLanes, TVector>(float* rows, float* added, int count, int width, float* weight, float* bias)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        const float Epsilon = 1e-12f;
        for (var row = 0; row < count; row++, rows += width, added += width)
        {
            var sums = TLanes.Create(0);
            for (var column = 0; column < width; column += TLanes.Count)
            {
                var value = TLanes.Add(TLanes.Load(rows + column), TLanes.Load(added + column));
                TLanes.Store(value, rows + column);
                sums = TLanes.Add(sums, value);
            }

            var mean = TLanes.Create(TLanes.Sum(sums) / width);
            var squares = TLanes.Create(0);
            for (var column = 0; column < width; column += TLanes.Count)
            {
                var difference = TLanes.Subtract(TLanes.Load(rows + column), mean);
                squares = TLanes.MultiplyAdd(difference, difference, squares);
            }

            var factor = TLanes.Create(1 / MathF.Sqrt((TLanes.Sum(squares) / width) + Epsilon));
            for (var column = 0; column < width; column += TLanes.Count)
            {
                var scaled = TLanes.Multiply(TLanes.Subtract(TLanes.Load(rows + column), mean), factor);
                TLanes.Store(TLanes.MultiplyAdd(scaled, TLanes.Load(weight + column), TLanes.Load(bias + column)), rows + column);
            }
        }
    }
}
