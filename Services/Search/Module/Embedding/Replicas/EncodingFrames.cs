using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using MemoryMesh.Search.Index.Vectors;

namespace MemoryMesh.Search.Embedding.Replicas;

/// <summary>What Search and its embedders send each other: texts one way, what is kept of their vectors the other way. All numbers are little-endian.</summary>
/// <remarks>
/// A call is a mark, the number of texts, and for each the length of its UTF-8 and that of its context, -1 for none, followed by both. An answer is a mark, the number of texts, the length
/// of the vectors, and for each the scale, the number of kept tokens, the vector's bytes and rests and the tokens' signs: some 600 bytes, and 48 for a token. Floats would be eight times as much and
/// are rounded to this anyway before anything is stored.
/// </remarks>
internal static class EncodingFrames
{
    /// <summary>Header that names what computes: <see cref="ITokenEmbedder.Identity"/>.</summary>
    public const string IdentityHeader = "x-memorymesh-model";

    /// <summary>Where texts are sent to.</summary>
    public const string Path = "/internal/embedders/encode";

    /// <summary>Media type of both.</summary>
    public const string MediaType = "application/octet-stream";

    /// <summary>Most texts of a call.</summary>
    public const int MostTexts = 64;

    /// <summary>Most bytes of a call.</summary>
    public const int MostCallBytes = 1024 * 1024;

    /// <summary>Most bytes of an answer.</summary>
    public const int MostAnswerBytes = 16 * 1024 * 1024;

    private const uint CallMark = 0x3143_4D4D;
    private const uint AnswerMark = 0x3141_4D4D;
    private const int FixedCallBytes = 8;
    private const int FixedAnswerBytes = 12;

    // Rounding to twelve bits moves the length of a vector by far less.
    private const double LengthTolerance = 0.02;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads what the other side sent.</summary>
    /// <param name="stream">What is read.</param>
    /// <param name="announced">Bytes that the other side announced, if it did.</param>
    /// <param name="most">Most bytes that are taken.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The bytes; null when they are more.</returns>
    public static async Task<ReadOnlyMemory<byte>?> ReadBytesAsync(Stream stream, long? announced, int most, CancellationToken cancellationToken)
    {
        if (announced > most)
        {
            return null;
        }

        var bytes = new MemoryStream((int)(announced ?? 0));
        var buffer = new byte[16 * 1024];
        for (int count; (count = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (bytes.Length + count > most)
            {
                return null;
            }

            bytes.Write(buffer, 0, count);
        }

        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    /// <summary>Writes a call.</summary>
    public static byte[] WriteCall(IReadOnlyList<TextInContext> texts)
    {
        var writer = new ArrayBufferWriter<byte>(1024);
        Write(writer, unchecked((int)CallMark));
        Write(writer, texts.Count);
        foreach (var text in texts)
        {
            Write(writer, Encoding.UTF8.GetByteCount(text.Text));
            Write(writer, text.Context is null ? -1 : Encoding.UTF8.GetByteCount(text.Context));
            Encoding.UTF8.GetBytes(text.Text, writer);
            if (text.Context is not null)
            {
                Encoding.UTF8.GetBytes(text.Context, writer);
            }
        }

        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a call.</summary>
    /// <returns>Null when it is none, or has no text or too many.</returns>
    public static IReadOnlyList<TextInContext>? ReadCall(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is < FixedCallBytes or > MostCallBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != CallMark
            || BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]) is not (>= 1 and <= MostTexts and var count))
        {
            return null;
        }

        var rest = bytes[FixedCallBytes..];
        var texts = new List<TextInContext>(count);
        for (var at = 0; at < count; at++)
        {
            if (rest.Length < 8)
            {
                return null;
            }

            var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            var contextLength = BinaryPrimitives.ReadInt32LittleEndian(rest[4..]);
            rest = rest[8..];
            if (length < 0 || contextLength < -1 || (long)length + Math.Max(0, contextLength) > rest.Length)
            {
                return null;
            }

            try
            {
                texts.Add(new(Strict.GetString(rest[..length]), contextLength < 0 ? null : Strict.GetString(rest.Slice(length, contextLength))));
            }
            catch (DecoderFallbackException)
            {
                return null;
            }

            rest = rest[(length + Math.Max(0, contextLength))..];
        }

        return rest.IsEmpty ? texts : null;
    }

    /// <summary>Writes an answer.</summary>
    public static byte[] WriteAnswer(IReadOnlyList<EncodedText> texts, int dimensions)
    {
        var writer = new ArrayBufferWriter<byte>(1024);
        Write(writer, unchecked((int)AnswerMark));
        Write(writer, texts.Count);
        Write(writer, dimensions);
        foreach (var text in texts)
        {
            Write(writer, BitConverter.SingleToInt32Bits(text.Pooled.Scale));
            Write(writer, text.Signs.Length / SignBytes(dimensions));
            writer.Write(MemoryMarshal.AsBytes(text.Pooled.Values.AsSpan()));
            writer.Write(text.Pooled.Rests);
            writer.Write(text.Signs);
        }

        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Reads an answer.</summary>
    /// <param name="bytes">The answer.</param>
    /// <param name="count">How many texts were sent.</param>
    /// <param name="dimensions">Length of the vectors.</param>
    /// <returns>Null when it is no answer to that: wrong sizes, or vectors whose length is not 1.</returns>
    public static IReadOnlyList<EncodedText>? ReadAnswer(ReadOnlySpan<byte> bytes, int count, int dimensions)
    {
        if (bytes.Length is < FixedAnswerBytes or > MostAnswerBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != AnswerMark
            || BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]) != count || BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) != dimensions)
        {
            return null;
        }

        var rest = bytes[FixedAnswerBytes..];
        var rests = RoundedVector.RestsOf(dimensions);
        var texts = new List<EncodedText>(count);
        for (var at = 0; at < count; at++)
        {
            if (rest.Length < 8 + dimensions + rests)
            {
                return null;
            }

            var scale = BinaryPrimitives.ReadSingleLittleEndian(rest);
            var tokens = BinaryPrimitives.ReadInt32LittleEndian(rest[4..]);
            var values = MemoryMarshal.Cast<byte, sbyte>(rest.Slice(8, dimensions)).ToArray();
            var pooled = new RoundedVector(values, rest.Slice(8 + dimensions, rests).ToArray(), scale);
            rest = rest[(8 + dimensions + rests)..];
            if (tokens < 0 || (long)tokens * SignBytes(dimensions) > rest.Length || !IsUnit(pooled))
            {
                return null;
            }

            texts.Add(new(pooled, rest[..(tokens * SignBytes(dimensions))].ToArray()));
            rest = rest[(tokens * SignBytes(dimensions))..];
        }

        return rest.IsEmpty ? texts : null;
    }

    private static int SignBytes(int dimensions) => dimensions / 8;

    private static bool IsUnit(RoundedVector vector)
    {
        var squares = 0.0;
        foreach (var value in vector.ToSingle())
        {
            squares += (double)value * value;
        }

        // Written so that what is no number is refused.
        return Math.Abs(squares - 1) <= LengthTolerance;
    }

    private static void Write(ArrayBufferWriter<byte> writer, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(4), value);
        writer.Advance(4);
    }
}
