using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace MemoryMesh.Search.Index.Vectors;

/// <summary>What of a text the ranking asks for beside its words. The values are stored.</summary>
[Flags]
internal enum TextTraits
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It ends in a question.</summary>
    Question = 1,

    /// <summary>It says when: a date, a weekday, "yesterday".</summary>
    Time = 2,

    /// <summary>It speaks of the one it is said to, and not of the one who says it: "that sounds great, you must be proud".</summary>
    SecondPerson = 4,

    /// <summary>It says how many.</summary>
    Number = 8,

    /// <summary>It names somebody or something.</summary>
    Name = 16,
}

/// <summary>The vectors of an item, as they are searched, and what they were found with.</summary>
/// <param name="Speaker">Who said a message, in the words of its metadata; null when there is no name.</param>
/// <param name="Category">Category of a memory.</param>
/// <param name="Traits">Traits of the text.</param>
/// <param name="Pooled">Vector of the text.</param>
/// <param name="Signs">Signs of the kept tokens after <see cref="SignRotation"/>, one bit a dimension; empty when the model gives no token vectors.</param>
internal sealed record ItemVectors(string? Speaker, string? Category, TextTraits Traits, RoundedVector Pooled, byte[] Signs)
{
    private const byte CoarseFormat = 1;
    private const byte Format = 2;

    /// <summary>Reads the vectors of one item as they were stored before there were blocks (<see cref="VectorBlock"/>).</summary>
    /// <remarks>
    /// Layout, little-endian: format, traits, lengths of speaker and category, dimensions, scale (12 bytes); speaker, category, bytes and rests of the
    /// vector, signs. The first format has no rests.
    /// </remarks>
    /// <exception cref="InvalidDataException">The bytes have another format.</exception>
    public static ItemVectors FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 12 || bytes[0] is not (CoarseFormat or Format))
        {
            throw new InvalidDataException("Stored vectors have an unknown format.");
        }

        var speaker = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
        var category = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        var dimensions = BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]);
        var rests = bytes[0] == Format ? RoundedVector.RestsOf(dimensions) : 0;
        var rest = bytes[12..];
        if (rest.Length < speaker + category + dimensions + rests)
        {
            throw new InvalidDataException("Stored vectors are cut off.");
        }

        var vectors = rest[(speaker + category)..];
        return new(
            speaker == 0 ? null : Encoding.UTF8.GetString(rest[..speaker]),
            category == 0 ? null : Encoding.UTF8.GetString(rest.Slice(speaker, category)),
            (TextTraits)bytes[1],
            new RoundedVector(
                MemoryMarshal.Cast<byte, sbyte>(vectors[..dimensions]).ToArray(),
                vectors.Slice(dimensions, rests).ToArray(),
                BinaryPrimitives.ReadSingleLittleEndian(bytes[8..])),
            vectors[(dimensions + rests)..].ToArray());
    }
}
