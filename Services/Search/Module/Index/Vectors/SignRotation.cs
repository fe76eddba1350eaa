using System.Numerics;

namespace MemoryMesh.Search.Index.Vectors;

/// <summary>Turns vectors by a fixed random orthogonal matrix, so that every dimension carries about as much and its sign alone tells much of it.</summary>
/// <remarks>
/// Three rounds of random signs, Walsh-Hadamard transforms of blocks and a random permutation: as good as a dense random matrix (Yu et al., "Orthogonal
/// Random Features", 2016) and a fiftieth of its work. Signs and permutations come from a fixed sequence: stored signs stay comparable for ever.
/// Angles and lengths stay what they were.
/// </remarks>
internal sealed class SignRotation
{
    private const int Rounds = 3;

    private readonly float[][] _signs = new float[Rounds][];
    private readonly int[][] _places = new int[Rounds][];
    private readonly int _block;
    private readonly float _scale;

    /// <param name="dimensions">Length of the vectors, a multiple of 8.</param>
    public SignRotation(int dimensions)
        : this(dimensions, 0x4D656D6F72794D65UL)
        => ArgumentOutOfRangeException.ThrowIfNotEqual(dimensions % 8, 0, nameof(dimensions));

    /// <summary>A turn of one's own, for vectors that are turned and compared whole.</summary>
    /// <param name="dimensions">Length of the vectors.</param>
    /// <param name="state">What the turn is made from: another one for each value.</param>
    public SignRotation(int dimensions, ulong state)
    {
        Dimensions = dimensions;
        _block = 1 << BitOperations.TrailingZeroCount(dimensions);
        _scale = 1 / MathF.Sqrt(_block);
        for (var round = 0; round < Rounds; round++)
        {
            _signs[round] = new float[dimensions];
            _places[round] = new int[dimensions];
            for (var index = 0; index < dimensions; index++)
            {
                _signs[round][index] = (Next(ref state) & 1) == 0 ? _scale : -_scale;
                var other = (int)(Next(ref state) % (ulong)(index + 1));
                _places[round][index] = _places[round][other];
                _places[round][other] = index;
            }
        }
    }

    public int Dimensions { get; }

    /// <summary>Turns a vector.</summary>
    public void Apply(ReadOnlySpan<float> vector, Span<float> result)
    {
        Span<float> current = stackalloc float[Dimensions];
        vector.CopyTo(current);
        for (var round = 0; round < Rounds; round++)
        {
            var signs = _signs[round];
            for (var index = 0; index < current.Length; index++)
            {
                current[index] *= signs[index];
            }

            for (var first = 0; first < current.Length; first += _block)
            {
                Transform(current.Slice(first, _block));
            }

            var places = _places[round];
            for (var index = 0; index < current.Length; index++)
            {
                result[places[index]] = current[index];
            }

            result.CopyTo(current);
        }
    }

    /// <summary>Turns a vector and keeps the sign of each dimension, one bit each, lowest bit first; 1 stands for zero or more.</summary>
    public void Signs(ReadOnlySpan<float> vector, Span<byte> bits)
    {
        Span<float> turned = stackalloc float[Dimensions];
        Apply(vector, turned);
        bits.Clear();
        for (var index = 0; index < turned.Length; index++)
        {
            bits[index >> 3] |= (byte)((turned[index] >= 0 ? 1 : 0) << (index & 7));
        }
    }

    private static void Transform(Span<float> values)
    {
        for (var half = 1; half < values.Length; half *= 2)
        {
            for (var first = 0; first < values.Length; first += 2 * half)
            {
                var index = first;
                for (; index <= first + half - Vector<float>.Count; index += Vector<float>.Count)
                {
                    var (a, b) = (new Vector<float>(values[index..]), new Vector<float>(values[(index + half)..]));
                    (a + b).CopyTo(values[index..]);
                    (a - b).CopyTo(values[(index + half)..]);
                }

                for (; index < first + half; index++)
                {
                    var (a, b) = (values[index], values[index + half]);
                    values[index] = a + b;
                    values[index + half] = a - b;
                }
            }
        }
    }

    /// <summary>SplitMix64 (Steele, Lea and Flood, 2014).</summary>
    private static ulong Next(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
