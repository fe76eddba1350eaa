using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MemoryMesh.Search.Index.Vectors;

/// <summary>Inner products of vectors of signed bytes, one against many.</summary>
internal static unsafe class ByteDot
{
    /// <summary>How far ahead rows are asked for, in bytes: the processor's own prefetching ends with every page of 4,096.</summary>
    private const int Ahead = 4_096;

    private const int Line = 64;

    /// <summary>Code for the processor: <c>avx512bw</c>, <c>avx-vnni</c>, <c>avx2</c> or <c>portable</c>.</summary>
    public static string Kernel { get; } =
        Avx512BW.IsSupported && Vector512.IsHardwareAccelerated ? "avx512bw" : AvxVnni.IsSupported ? "avx-vnni" : Avx2.IsSupported ? "avx2" : "portable";

    /// <summary>The products of a vector with rows that lie one after the other.</summary>
    /// <param name="query">The vector; each value from -127 to 127.</param>
    /// <param name="rows">The rows, each as long as the vector; each value from -127 to 127.</param>
    /// <param name="products">Takes one product a row.</param>
    /// <param name="kernel">Another kernel than <see cref="Kernel"/>, for tests.</param>
    public static void Multiply(ReadOnlySpan<sbyte> query, ReadOnlySpan<sbyte> rows, Span<int> products, string? kernel = null)
    {
        var length = query.Length;
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Length, (long)products.Length * length, nameof(rows));
        fixed (sbyte* q = query)
        fixed (sbyte* first = rows)
        fixed (int* to = products)
        {
            switch (length % Vector256<byte>.Count != 0 ? "portable" : kernel ?? Kernel)
            {
                case "avx512bw":
                    MultiplyWide(q, first, to, length, products.Length);
                    break;
                case "avx-vnni":
                    for (var row = 0; row < products.Length; row++)
                    {
                        Prefetch(first + ((long)row * length), length);
                        to[row] = Vnni(q, first + ((long)row * length), length);
                    }

                    break;
                case "avx2":
                    for (var row = 0; row < products.Length; row++)
                    {
                        Prefetch(first + ((long)row * length), length);
                        to[row] = Wide(q, first + ((long)row * length), length);
                    }

                    break;
                default:
                    for (var row = 0; row < products.Length; row++)
                    {
                        to[row] = Portable(q, first + ((long)row * length), length);
                    }

                    break;
            }
        }
    }

    // Asking for what is not there does nothing.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(sbyte* row, int length)
    {
        for (var index = 0; index < length; index += Line)
        {
            Sse.Prefetch0(row + Ahead + index);
        }
    }

    // Bytes become 16-bit values, the query's once for all rows. Four rows at a time share the query's loads and the last additions.
    private static void MultiplyWide(sbyte* query, sbyte* rows, int* products, int length, int count)
    {
        var wide = stackalloc short[length];
        for (var index = 0; index < length; index++)
        {
            wide[index] = query[index];
        }

        var row = 0;
        for (; row + 4 <= count; row += 4)
        {
            var first = rows + ((long)row * length);
            var second = first + length;
            var third = second + length;
            var fourth = third + length;
            Prefetch(first, 4 * length);
            var (a, b, c, d) = (Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero);
            for (var index = 0; index < length; index += Vector256<sbyte>.Count)
            {
                var values = Vector512.Load(wide + index);
                a += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.Load(first + index)), values);
                b += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.Load(second + index)), values);
                c += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.Load(third + index)), values);
                d += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.Load(fourth + index)), values);
            }

            Ssse3.HorizontalAdd(Ssse3.HorizontalAdd(Quarter(a), Quarter(b)), Ssse3.HorizontalAdd(Quarter(c), Quarter(d))).Store(products + row);
        }

        for (; row < count; row++)
        {
            products[row] = Avx2.IsSupported ? Wide(query, rows + ((long)row * length), length) : Portable(query, rows + ((long)row * length), length);
        }
    }

    private static Vector128<int> Quarter(Vector512<int> values)
    {
        var half = values.GetLower() + values.GetUpper();
        return half.GetLower() + half.GetUpper();
    }

    // Bytes are multiplied unsigned by signed: the row's sign goes over to the query's value, |row| stays.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Vnni(sbyte* query, sbyte* row, int length)
    {
        var (sum, other) = (Vector256<int>.Zero, Vector256<int>.Zero);
        var index = 0;
        for (; index + 64 <= length; index += 64)
        {
            var (a, b) = (Vector256.Load(row + index), Vector256.Load(row + index + 32));
            sum = AvxVnni.MultiplyWideningAndAdd(sum, Avx2.Abs(a), Avx2.Sign(Vector256.Load(query + index), a));
            other = AvxVnni.MultiplyWideningAndAdd(other, Avx2.Abs(b), Avx2.Sign(Vector256.Load(query + index + 32), b));
        }

        for (; index < length; index += 32)
        {
            var a = Vector256.Load(row + index);
            sum = AvxVnni.MultiplyWideningAndAdd(sum, Avx2.Abs(a), Avx2.Sign(Vector256.Load(query + index), a));
        }

        return Vector256.Sum(sum + other);
    }

    // Two products of 127 x 127 fit 16 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Wide(sbyte* query, sbyte* row, int length)
    {
        var (sum, other) = (Vector256<int>.Zero, Vector256<int>.Zero);
        var index = 0;
        for (; index + 64 <= length; index += 64)
        {
            sum += Avx2.MultiplyAddAdjacent(Pairs(query + index, row + index), Vector256<short>.One);
            other += Avx2.MultiplyAddAdjacent(Pairs(query + index + 32, row + index + 32), Vector256<short>.One);
        }

        for (; index < length; index += 32)
        {
            sum += Avx2.MultiplyAddAdjacent(Pairs(query + index, row + index), Vector256<short>.One);
        }

        return Vector256.Sum(sum + other);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Pairs(sbyte* query, sbyte* row)
    {
        var values = Vector256.Load(row);
        return Avx2.MultiplyAddAdjacent(Avx2.Abs(values), Avx2.Sign(Vector256.Load(query), values));
    }

    private static int Portable(sbyte* query, sbyte* row, int length)
    {
        var sum = Vector<int>.Zero;
        var index = 0;
        for (; index + Vector<sbyte>.Count <= length; index += Vector<sbyte>.Count)
        {
            Vector.Widen(Unsafe.ReadUnaligned<Vector<sbyte>>(query + index), out var q1, out var q2);
            Vector.Widen(Unsafe.ReadUnaligned<Vector<sbyte>>(row + index), out var r1, out var r2);
            Vector.Widen(q1 * r1, out var p1, out var p2);
            Vector.Widen(q2 * r2, out var p3, out var p4);
            sum += p1 + p2 + p3 + p4;
        }

        var product = Vector.Sum(sum);
        for (; index < length; index++)
        {
            product += query[index] * row[index];
        }

        return product;
    }
}
