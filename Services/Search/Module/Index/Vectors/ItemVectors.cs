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
}

/// <summary>The vectors of an item, as they are searched, and what they were found with.</summary>
/// <param name="Speaker">Who said a message, in the words of its metadata; null when there is no name.</param>
/// <param name="Category">Category of a memory.</param>
/// <param name="Traits">Traits of the text.</param>
/// <param name="Scale">What a value of <paramref name="Pooled"/> is worth.</param>
/// <param name="Pooled">Vector of the text, each value from -127 to 127.</param>
/// <param name="Signs">Signs of the kept tokens after <see cref="SignRotation"/>, one bit a dimension; empty when the model gives no token vectors.</param>
internal sealed record ItemVectors(string? Speaker, string? Category, TextTraits Traits, float Scale, sbyte[] Pooled, byte[] Signs)
{
    private const byte Format = 1;

    /// <summary>Rounds a vector of length 1 to bytes, with the largest value as 127.</summary>
    public static (sbyte[] Values, float Scale) Round(ReadOnlySpan<float> vector)
    {
        var largest = 0f;
        foreach (var value in vector)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        var scale = largest > 0 && float.IsFinite(largest) ? largest / 127 : 1;
        var values = new sbyte[vector.Length];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = (sbyte)Math.Clamp(MathF.Round(vector[index] / scale), -127, 127);
        }

        return (values, scale);
    }

    /// <summary>As bytes: format, traits, speaker, category, dimensions, scale, vector, signs.</summary>
    public byte[] ToBytes()
    {
        var speaker = Encoding.UTF8.GetBytes(Speaker ?? "");
        var category = Encoding.UTF8.GetBytes(Category ?? "");
        var bytes = new byte[12 + speaker.Length + category.Length + Pooled.Length + Signs.Length];
        bytes[0] = Format;
        bytes[1] = (byte)Traits;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), checked((ushort)speaker.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), checked((ushort)category.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), checked((ushort)Pooled.Length));
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(8), Scale);
        var rest = bytes.AsSpan(12);
        speaker.CopyTo(rest);
        category.CopyTo(rest[speaker.Length..]);
        rest = rest[(speaker.Length + category.Length)..];
        MemoryMarshal.AsBytes(Pooled.AsSpan()).CopyTo(rest);
        Signs.CopyTo(rest[Pooled.Length..]);
        return bytes;
    }

    /// <summary>Reverses <see cref="ToBytes"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes have another format.</exception>
    public static ItemVectors FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 12 || bytes[0] != Format)
        {
            throw new InvalidDataException("Stored vectors have an unknown format.");
        }

        var speaker = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
        var category = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        var dimensions = BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]);
        var rest = bytes[12..];
        return new(
            speaker == 0 ? null : Encoding.UTF8.GetString(rest[..speaker]),
            category == 0 ? null : Encoding.UTF8.GetString(rest.Slice(speaker, category)),
            (TextTraits)bytes[1],
            BinaryPrimitives.ReadSingleLittleEndian(bytes[8..]),
            MemoryMarshal.Cast<byte, sbyte>(rest.Slice(speaker + category, dimensions)).ToArray(),
            rest[(speaker + category + dimensions)..].ToArray());
    }
}
