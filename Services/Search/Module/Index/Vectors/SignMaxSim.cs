using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MemoryMesh.Search.Index.Vectors;

/// <summary>Late interaction: for each token of a query, how near the nearest token of a text is; texts keep one bit a dimension.</summary>
/// <remarks>
/// A token's sign s stands for the vector s / sqrt(d), so its product with a query token q is (2 x the sum of q where s is positive - the sum of q) / sqrt(d).
/// The bits are spread to bytes of 0 and 1 once for all tokens of the query. Khattab and Zaharia, "ColBERT", 2020.
/// </remarks>
internal static unsafe class SignMaxSim
{
    // So many tokens of the query share the reading of a text's token and the adding up of their lanes.
    private const int Together = 4;

    /// <summary>Code for the processor: <c>avx512bw</c>, <c>avx2</c> or <c>portable</c>.</summary>
    public static string Kernel { get; } = Avx512BW.IsSupported ? "avx512bw" : Avx2.IsSupported ? "avx2" : "portable";

    /// <summary>For each token of the query the highest sum of its values over the bits that are set in a token of the text.</summary>
    /// <param name="query">Tokens of the query as bytes, each value from -127 to 127, one token after the other.</param>
    /// <param name="signs">Tokens of the text, at least one, one bit a dimension, one token after the other.</param>
    /// <param name="dimensions">Dimensions of a token, a multiple of 8.</param>
    /// <param name="best">Takes one sum for each token of the query.</param>
    /// <param name="kernel">Another kernel than <see cref="Kernel"/>, for tests.</param>
    public static void Best(ReadOnlySpan<sbyte> query, ReadOnlySpan<byte> signs, int dimensions, Span<int> best, string? kernel = null)
    {
        best.Fill(int.MinValue);
        kernel ??= Kernel;
        var size = dimensions / 8;
        var width = kernel == "avx512bw" && dimensions % 64 == 0 ? 64 : kernel != "portable" && Avx2.IsSupported && dimensions % 32 == 0 ? 32 : 1;
        var spread = stackalloc byte[dimensions];
        fixed (sbyte* q = query)
        fixed (byte* s = signs)
        fixed (int* b = best)
        {
            for (var at = 0; at + size <= signs.Length; at += size)
            {
                switch (width)
                {
                    case 64:
                        SpreadWidest(s + at, spread, dimensions);
                        BestOfWidest(q, spread, dimensions, b, best.Length);
                        break;
                    case 32:
                        Spread(s + at, spread, dimensions);
                        for (var token = 0; token < best.Length; token++)
                        {
                            b[token] = Math.Max(b[token], SumWide(q + (token * dimensions), spread, dimensions));
                        }

                        break;
                    default:
                        for (var index = 0; index < dimensions; index++)
                        {
                            spread[index] = (byte)((s[at + (index >> 3)] >> (index & 7)) & 1);
                        }

                        for (var token = 0; token < best.Length; token++)
                        {
                            b[token] = Math.Max(b[token], Sum(q + (token * dimensions), spread, dimensions));
                        }

                        break;
                }
            }
        }
    }

    private static void BestOfWidest(sbyte* query, byte* spread, int dimensions, int* best, int count)
    {
        var token = 0;
        for (; token + Together <= count; token += Together)
        {
            var row = query + (token * dimensions);
            var (one, two, three, four) = (Vector512<short>.Zero, Vector512<short>.Zero, Vector512<short>.Zero, Vector512<short>.Zero);
            for (var index = 0; index < dimensions; index += 64)
            {
                var bits = Vector512.Load(spread + index);
                one += Avx512BW.MultiplyAddAdjacent(bits, Vector512.Load(row + index));
                two += Avx512BW.MultiplyAddAdjacent(bits, Vector512.Load(row + dimensions + index));
                three += Avx512BW.MultiplyAddAdjacent(bits, Vector512.Load(row + (2 * dimensions) + index));
                four += Avx512BW.MultiplyAddAdjacent(bits, Vector512.Load(row + (3 * dimensions) + index));
            }

            var sums = Ssse3.HorizontalAdd(Ssse3.HorizontalAdd(Quarter(one), Quarter(two)), Ssse3.HorizontalAdd(Quarter(three), Quarter(four)));
            Vector128.Max(Vector128.Load(best + token), sums).Store(best + token);
        }

        for (; token < count; token++)
        {
            best[token] = Math.Max(best[token], SumWide(query + (token * dimensions), spread, dimensions));
        }
    }

    /// <summary>Four sums that together are that of all.</summary>
    private static Vector128<int> Quarter(Vector512<short> sums)
    {
        var pairs = Avx512BW.MultiplyAddAdjacent(sums, Vector512<short>.One);
        var half = pairs.GetLower() + pairs.GetUpper();
        return half.GetLower() + half.GetUpper();
    }

    private static void Spread(byte* bits, byte* spread, int dimensions)
    {
        var bytes = Vector256.Create(
            0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, (byte)3);
        var masks = Vector256.Create(0x8040201008040201UL).AsByte();
        for (var index = 0; index < dimensions; index += 32)
        {
            var all = Vector256.Create(*(uint*)(bits + (index >> 3))).AsByte();
            var mine = Avx2.Shuffle(all, bytes) & masks;
            (Vector256.Equals(mine, masks) & Vector256<byte>.One).Store(spread + index);
        }
    }

    private static void SpreadWidest(byte* bits, byte* spread, int dimensions)
    {
        // Each quarter of a vector shuffles its own bytes, and all hold the same eight.
        var bytes = Vector512.Create(0x0000000000000000UL, 0x0101010101010101UL, 0x0202020202020202UL, 0x0303030303030303UL, 0x0404040404040404UL, 0x0505050505050505UL, 0x0606060606060606UL, 0x0707070707070707UL).AsByte();
        var masks = Vector512.Create(0x8040201008040201UL).AsByte();
        for (var index = 0; index < dimensions; index += 64)
        {
            var mine = Avx512BW.Shuffle(Vector512.Create(*(ulong*)(bits + (index >> 3))).AsByte(), bytes) & masks;
            Vector512.Min(mine, Vector512<byte>.One).Store(spread + index);
        }
    }

    // Sums of two bytes times 0 or 1 stay far inside 16 bits for up to 4,096 dimensions.
    private static int SumWide(sbyte* query, byte* spread, int dimensions)
    {
        var (sum, other) = (Vector256<short>.Zero, Vector256<short>.Zero);
        var index = 0;
        for (; index + 64 <= dimensions; index += 64)
        {
            sum += Avx2.MultiplyAddAdjacent(Vector256.Load(spread + index), Vector256.Load(query + index));
            other += Avx2.MultiplyAddAdjacent(Vector256.Load(spread + index + 32), Vector256.Load(query + index + 32));
        }

        for (; index < dimensions; index += 32)
        {
            sum += Avx2.MultiplyAddAdjacent(Vector256.Load(spread + index), Vector256.Load(query + index));
        }

        return Vector256.Sum(Avx2.MultiplyAddAdjacent(sum + other, Vector256<short>.One));
    }

    private static int Sum(sbyte* query, byte* spread, int dimensions)
    {
        var sum = 0;
        for (var index = 0; index < dimensions; index++)
        {
            sum += spread[index] * query[index];
        }

        return sum;
    }
}
