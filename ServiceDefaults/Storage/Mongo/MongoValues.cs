using System.Buffers.Binary;
using MongoDB.Bson;

namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>How values stand in documents: ids as UUIDs (subtype 4, big-endian, so that version 7 sorts by time), times as milliseconds since 1970 in UTC.</summary>
public static class MongoValues
{
    /// <summary>An id.</summary>
    public static BsonValue Bson(this Guid id) => new BsonBinaryData(id, GuidRepresentation.Standard);

    /// <summary>An id, or null.</summary>
    public static BsonValue Bson(this Guid? id) => id is { } value ? value.Bson() : BsonNull.Value;

    /// <summary>A time.</summary>
    public static BsonValue Bson(this DateTimeOffset time) => new BsonInt64(time.ToUnixTimeMilliseconds());

    /// <summary>A time, or null.</summary>
    public static BsonValue Bson(this DateTimeOffset? time) => time is { } value ? value.Bson() : BsonNull.Value;

    /// <summary>Bytes, or null.</summary>
    public static BsonValue Bson(this byte[]? bytes) => bytes is null ? BsonNull.Value : new BsonBinaryData(bytes);

    /// <summary>A number, or null.</summary>
    public static BsonValue Bson(this double? number) => number is { } value ? new BsonDouble(value) : BsonNull.Value;

    /// <summary>A text, or null.</summary>
    public static BsonValue Bson(this string? text) => text is null ? BsonNull.Value : new BsonString(text);

    /// <summary>Two ids as one: documents of a pair sort by the first and then by the second.</summary>
    public static BsonValue Pair(Guid first, Guid second) => Pair(first, second.ToByteArray(bigEndian: true));

    /// <summary>An id and bytes as one.</summary>
    public static BsonValue Pair(Guid first, ReadOnlySpan<byte> second) => new BsonBinaryData([.. first.ToByteArray(bigEndian: true), .. second]);

    /// <summary>An id and a number from 0 as one: documents sort by the id and then by the number.</summary>
    public static BsonValue Pair(Guid first, int second)
    {
        var number = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(number, second);
        return Pair(first, number);
    }

    /// <summary>Reads an id.</summary>
    public static Guid Id(this BsonDocument document, string name) => Read(document, name).AsBsonBinaryData.ToGuid(GuidRepresentation.Standard);

    /// <summary>Reads an id, or null.</summary>
    public static Guid? IdOrNull(this BsonDocument document, string name) => IsNull(document, name) ? null : document.Id(name);

    /// <summary>Reads a whole number.</summary>
    public static long Int64(this BsonDocument document, string name) => Read(document, name).ToInt64();

    /// <summary>Reads a whole number that fits 32 bits.</summary>
    public static int Int32(this BsonDocument document, string name) => Read(document, name).ToInt32();

    /// <summary>Reads a time.</summary>
    public static DateTimeOffset Time(this BsonDocument document, string name) => DateTimeOffset.FromUnixTimeMilliseconds(document.Int64(name));

    /// <summary>Reads a time, or null.</summary>
    public static DateTimeOffset? TimeOrNull(this BsonDocument document, string name) => IsNull(document, name) ? null : document.Time(name);

    /// <summary>Reads bytes.</summary>
    public static byte[] Bytes(this BsonDocument document, string name) => Read(document, name).AsByteArray;

    /// <summary>Reads bytes, or null.</summary>
    public static byte[]? BytesOrNull(this BsonDocument document, string name) => IsNull(document, name) ? null : document.Bytes(name);

    /// <summary>Reads a number, or null.</summary>
    public static double? Double(this BsonDocument document, string name) => IsNull(document, name) ? null : document[name].ToDouble();

    /// <summary>Reads a text.</summary>
    public static string Text(this BsonDocument document, string name) => Read(document, name).AsString;

    /// <summary>Reads a text, or null.</summary>
    public static string? TextOrNull(this BsonDocument document, string name) => IsNull(document, name) ? null : document.Text(name);

    /// <summary>Reads a yes or no.</summary>
    public static bool Bool(this BsonDocument document, string name) => Read(document, name).AsBoolean;

    /// <summary>Whether there is nothing at a place.</summary>
    public static bool HasNo(this BsonDocument document, string name) => IsNull(document, name);

    /// <summary>Adds to a whole number.</summary>
    public static void Increase(this BsonDocument document, string name, long more)
    {
        ArgumentNullException.ThrowIfNull(document);
        document[name] = document.GetValue(name, 0L).ToInt64() + more;
    }

    private static BsonValue Read(BsonDocument document, string name)
    {
        ArgumentNullException.ThrowIfNull(document);
        return document[name];
    }

    private static bool IsNull(BsonDocument document, string name)
    {
        ArgumentNullException.ThrowIfNull(document);
        return document.GetValue(name, BsonNull.Value).IsBsonNull;
    }
}
