using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MemoryMesh.Search.Index.Vectors;

/// <summary>A vector in 12 bits a value: a byte, which is scanned, and four more bits, which the best of a scan are scored anew with.</summary>
/// <param name="Values">The bytes, from -127 to 127.</param>
/// <param name="Rests">
/// Sixteenths that are added to the bytes, from -8 to 7, two in a byte: the low half of byte i belongs to value i, the high half to value i + half the
/// length, rounded up. Empty when they are not known.
/// </param>
/// <param name="Scale">What 1 in <paramref name="Values"/> is worth.</param>
internal sealed record RoundedVector(sbyte[] Values, byte[] Rests, float Scale)
{
    private const int Steps = 16;
    private const int Largest = 127;

    /// <summary>How many bytes the rests of a vector take.</summary>
    public static int RestsOf(int dimensions) => (dimensions + 1) / 2;

    /// <summary>Rounds a vector, with its largest value as 127.</summary>
    public static RoundedVector Round(ReadOnlySpan<float> vector)
    {
        var largest = 0f;
        foreach (var value in vector)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        var scale = largest > 0 && float.IsFinite(largest) ? largest / Largest : 1;
        var values = new sbyte[vector.Length];
        var rests = new byte[RestsOf(vector.Length)];
        for (var index = 0; index < values.Length; index++)
        {
            var steps = (int)Math.Clamp(MathF.Round(vector[index] / scale * Steps), -Largest * Steps, Largest * Steps);
            var value = (steps + (Steps / 2)) >> 4;
            var rest = (steps - (value * Steps)) & 0xF;
            values[index] = (sbyte)value;
            rests[index < rests.Length ? index : index - rests.Length] |= (byte)(index < rests.Length ? rest : rest << 4);
        }

        return new(values, rests, scale);
    }

    /// <summary>The values as they were, as far as 12 bits tell.</summary>
    public float[] ToSingle()
    {
        var values = new float[Values.Length];
        var half = RestsOf(values.Length);
        for (var index = 0; index < values.Length; index++)
        {
            var pair = Rests.Length == 0 ? (byte)0 : Rests[index < half ? index : index - half];
            var rest = index < half ? (sbyte)(pair << 4) >> 4 : (sbyte)pair >> 4;
            values[index] = ((Values[index] * Steps) + rest) * Scale / Steps;
        }

        return values;
    }

    /// <summary>The product of a vector in single precision with a rounded one.</summary>
    /// <param name="query">The vector.</param>
    /// <param name="values">Bytes of the other.</param>
    /// <param name="rests">Its rests.</param>
    /// <param name="scale">Its scale.</param>
    public static float Dot(ReadOnlySpan<float> query, ReadOnlySpan<sbyte> values, ReadOnlySpan<byte> rests, float scale)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, query.Length, nameof(values));
        ArgumentOutOfRangeException.ThrowIfNotEqual(rests.Length, RestsOf(query.Length), nameof(rests));
        var half = rests.Length;
        var (index, sum) = (0, Vector256<float>.Zero);
        if (2 * half == query.Length)
        {
            for (; index + Vector128<sbyte>.Count <= half; index += Vector128<sbyte>.Count)
            {
                var both = Vector128.Create(MemoryMarshal.Cast<byte, sbyte>(rests.Slice(index, Vector128<sbyte>.Count)));
                sum += Part(query[index..], values[index..], Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(both, 4), 4));
                sum += Part(query[(half + index)..], values[(half + index)..], Vector128.ShiftRightArithmetic(both, 4));
            }
        }

        var product = Vector256.Sum(sum);
        for (; index < half; index++)
        {
            product += query[index] * ((values[index] * Steps) + ((sbyte)(rests[index] << 4) >> 4));
            if (half + index < query.Length)
            {
                product += query[half + index] * ((values[half + index] * Steps) + ((sbyte)rests[index] >> 4));
            }
        }

        return product * scale / Steps;
    }

    private static Vector256<float> Part(ReadOnlySpan<float> query, ReadOnlySpan<sbyte> values, Vector128<sbyte> rests)
    {
        var (low, high) = Vector128.Widen(Vector128.Create(values[..Vector128<sbyte>.Count]));
        var (lowRests, highRests) = Vector128.Widen(rests);
        return (Vector256.Create(query[..8]) * Floats((low * Steps) + lowRests)) + (Vector256.Create(query.Slice(8, 8)) * Floats((high * Steps) + highRests));
    }

    private static Vector256<float> Floats(Vector128<short> values)
    {
        var (low, high) = Vector128.Widen(values);
        return Vector256.ConvertToSingle(Vector256.Create(low, high));
    }
}
