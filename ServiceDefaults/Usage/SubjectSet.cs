using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace MemoryMesh.ServiceDefaults.Usage;

/// <summary>A set of subjects by their numbers.</summary>
/// <remarks>
/// Stored in chunks of 16,384 numbers that follow each other, each in the shorter of two forms: the byte 0 and the places of its numbers in ascending order,
/// two bytes each (little endian); or the byte 1 and a bit for every place, without the zeros at the end. An hour in which few of many subjects are active
/// is a short list, so that sets of many hours are joined quickly.
/// </remarks>
public sealed class SubjectSet
{
    /// <summary>Numbers of a chunk.</summary>
    public const int ChunkSize = 16_384;

    private const byte List = 0;
    private const byte Bits = 1;

    private readonly Dictionary<int, ulong[]> _chunks = [];

    /// <summary>How many subjects are in it.</summary>
    public long Count
    {
        get
        {
            var count = 0L;
            foreach (var bits in _chunks.Values)
            {
                foreach (var word in bits)
                {
                    count += BitOperations.PopCount(word);
                }
            }

            return count;
        }
    }

    /// <summary>Adds the subjects of a stored chunk.</summary>
    public void Add(int chunk, ReadOnlySpan<byte> stored) => Join(BitsOf(chunk), stored);

    /// <summary>Adds all subjects of another set.</summary>
    public void Add(SubjectSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var (chunk, more) in other._chunks)
        {
            var bits = BitsOf(chunk);
            for (var i = 0; i < bits.Length; i++)
            {
                bits[i] |= more[i];
            }
        }
    }

    /// <summary>Adds numbers to a stored chunk.</summary>
    /// <param name="stored">The chunk; empty when there is none.</param>
    /// <param name="places">Places of the numbers in the chunk.</param>
    /// <returns>The chunk to store, or null when it has all of them.</returns>
    public static byte[]? With(ReadOnlySpan<byte> stored, IEnumerable<int> places)
    {
        ArgumentNullException.ThrowIfNull(places);
        var bits = new ulong[ChunkSize / 64];
        Join(bits, stored);
        var changed = false;
        foreach (var place in places)
        {
            ref var word = ref bits[place / 64];
            changed |= (word & (1UL << (place % 64))) == 0;
            word |= 1UL << (place % 64);
        }

        return changed ? Close(bits) : null;
    }

    /// <summary>Numbers from 0 to 4,095 that are separated by commas as bits, without the zeros at the end: the form of <see cref="OfBits"/>.</summary>
    public static byte[] BitsOf(string places)
    {
        ArgumentNullException.ThrowIfNull(places);
        int[] numbers = [.. places.Split(',').Select(place => int.Parse(place, CultureInfo.InvariantCulture))];
        var bits = new byte[(numbers.Max() / 8) + 1];
        Array.ForEach(numbers, number => bits[number / 8] |= (byte)(1 << (number % 8)));
        return bits;
    }

    /// <summary>
    /// A chunk of what was stored as bits of 4,096 numbers a chunk: such chunks in hexadecimal digits, each after its place in the chunk and a colon, with commas
    /// between them.
    /// </summary>
    public static byte[] OfBits(string parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var bits = new byte[ChunkSize / 8];
        foreach (var part in parts.Split(','))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            Convert.FromHexString(part.AsSpan(colon + 1)).CopyTo(bits, int.Parse(part.AsSpan(0, colon), CultureInfo.InvariantCulture) * 512);
        }

        return Close(MemoryMarshal.Cast<byte, ulong>(bits));
    }

    private static void Join(Span<ulong> bits, ReadOnlySpan<byte> stored)
    {
        if (stored.IsEmpty)
        {
            return;
        }

        var content = stored[1..];
        if (stored[0] == List)
        {
            for (; content.Length > 1; content = content[2..])
            {
                var place = BinaryPrimitives.ReadUInt16LittleEndian(content);
                bits[place / 64] |= 1UL << (place % 64);
            }

            return;
        }

        for (var i = 0; i < content.Length; i++)
        {
            bits[i / 8] |= (ulong)content[i] << (i % 8 * 8);
        }
    }

    private static byte[] Close(ReadOnlySpan<ulong> bits)
    {
        var count = 0;
        var last = 0;
        for (var i = 0; i < bits.Length; i++)
        {
            count += BitOperations.PopCount(bits[i]);
            last = bits[i] == 0 ? last : (i * 8) + ((BitOperations.Log2(bits[i]) / 8) + 1);
        }

        if (last < count * 2)
        {
            var dense = new byte[last + 1];
            dense[0] = Bits;
            for (var i = 0; i < last; i++)
            {
                dense[i + 1] = (byte)(bits[i / 8] >> (i % 8 * 8));
            }

            return dense;
        }

        var list = new byte[(count * 2) + 1];
        list[0] = List;
        var to = list.AsSpan(1);
        for (var i = 0; i < bits.Length; i++)
        {
            for (var word = bits[i]; word != 0; word &= word - 1)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(to, (ushort)((i * 64) + BitOperations.TrailingZeroCount(word)));
                to = to[2..];
            }
        }

        return list;
    }

    private ulong[] BitsOf(int chunk)
    {
        ref var bits = ref CollectionsMarshal.GetValueRefOrAddDefault(_chunks, chunk, out _);
        return bits ??= new ulong[ChunkSize / 64];
    }
}
