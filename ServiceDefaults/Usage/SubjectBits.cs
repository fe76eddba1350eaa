using System.Globalization;
using System.Numerics;

namespace MemoryMesh.ServiceDefaults.Usage;

/// <summary>A set of subjects as bits: those of 4,096 numbers that follow each other are one chunk of at most 512 bytes, without the zeros at its end.</summary>
public sealed class SubjectBits
{
    /// <summary>Numbers of a chunk.</summary>
    public const int ChunkSize = 4_096;

    private readonly Dictionary<int, byte[]> _chunks = [];

    /// <summary>How many subjects are in it.</summary>
    public long Count => _chunks.Values.Sum(chunk => chunk.Sum(bits => (long)BitOperations.PopCount(bits)));

    /// <summary>Adds the subjects of a stored chunk.</summary>
    public void Add(int chunk, ReadOnlySpan<byte> stored)
    {
        if (!_chunks.TryGetValue(chunk, out var bits))
        {
            _chunks[chunk] = bits = new byte[ChunkSize / 8];
        }

        for (var i = 0; i < stored.Length; i++)
        {
            bits[i] |= stored[i];
        }
    }

    /// <summary>Adds all subjects of another set.</summary>
    public void Add(SubjectBits other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var (chunk, bits) in other._chunks)
        {
            Add(chunk, bits);
        }
    }

    /// <summary>A chunk of numbers from 0 to 4,095 that are separated by commas.</summary>
    public static byte[] Of(string places)
    {
        ArgumentNullException.ThrowIfNull(places);
        return With([], [.. places.Split(',').Select(place => int.Parse(place, CultureInfo.InvariantCulture))])!;
    }

    /// <summary>Sets bits of a stored chunk.</summary>
    /// <param name="stored">The chunk; empty when there is none.</param>
    /// <param name="places">Numbers from 0 to 4,095.</param>
    /// <returns>The chunk to store, or null when it has all of them.</returns>
    public static byte[]? With(byte[] stored, IReadOnlyCollection<int> places)
    {
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(places);
        if (places.All(place => place / 8 < stored.Length && (stored[place / 8] & (1 << (place % 8))) != 0))
        {
            return null;
        }

        var bits = new byte[Math.Max(stored.Length, (places.Max() / 8) + 1)];
        stored.CopyTo(bits, 0);
        foreach (var place in places)
        {
            bits[place / 8] |= (byte)(1 << (place % 8));
        }

        return bits;
    }
}
