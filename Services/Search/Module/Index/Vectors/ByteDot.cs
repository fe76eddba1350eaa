using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MemoryMesh.Search.Index.Vectors;

/// <summary>Inner products of vectors of signed bytes, one against many.</summary>
internal static unsafe class ByteDot
{
    /// <summary>Code for the processor: <c>avx-vnni</c>, <c>avx2</c> or <c>portable</c>.</summary>
    public static string Kernel { get; } = AvxVnni.IsSupported ? "avx-vnni" : Avx2.IsSupported ? "avx2" : "portable";

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
            var chosen = length % Vector256<byte>.Count != 0 ? "portable" : kernel ?? Kernel;
            if (chosen == "avx-vnni")
            {
                for (var row = 0; row < products.Length; row++)
                {
                    to[row] = Vnni(q, first + ((long)row * length), length);
                }
            }
            else if (chosen == "avx2")
            {
                for (var row = 0; row < products.Length; row++)
                {
                    to[row] = Wide(q, first + ((long)row * length), length);
                }
            }
            else
            {
                for (var row = 0; row < products.Length; row++)
                {
                    to[row] = Portable(q, first + ((long)row * length), length);
                }
            }
        }
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
