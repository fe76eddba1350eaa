using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace MemoryMesh.ServiceDefaults.Storage.Moving;

/// <summary>Counts rows and sums their hashes: equal for equal rows, in whatever order and from whichever engine they come.</summary>
/// <remarks>A sum modulo 2^128 of hashes cut to 128 bits. Rows of a table differ by their keys, so none can cancel another out.</remarks>
public sealed class RowDigest
{
    private UInt128 _sum;

    /// <summary>Rows so far.</summary>
    public long Count { get; private set; }

    /// <summary>The sum as hex digits.</summary>
    public string Sum => _sum.ToString("x32", null);

    /// <summary>Whether both saw the same rows.</summary>
    public bool IsSameAs(RowDigest other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Count == other.Count && _sum == other._sum;
    }

    /// <summary>Adds what another saw.</summary>
    public void Add(RowDigest other)
    {
        ArgumentNullException.ThrowIfNull(other);
        (Count, _sum) = (Count + other.Count, _sum + other._sum);
    }

    /// <summary>Adds a row.</summary>
    /// <param name="place">Where it stands, as equal values of two tables are not the same.</param>
    /// <param name="values">Whole numbers, numbers in double precision, texts, bytes, ids and nulls.</param>
    public void Add(string place, params ReadOnlySpan<object?> values)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, 0, Encoding.UTF8.GetBytes(place));
        Span<byte> number = stackalloc byte[16];
        foreach (var value in values)
        {
            switch (value)
            {
                case null:
                    Append(hash, 1, []);
                    break;
                case long whole:
                    BinaryPrimitives.WriteInt64BigEndian(number, whole);
                    Append(hash, 2, number[..8]);
                    break;
                case double real:
                    BinaryPrimitives.WriteDoubleBigEndian(number, real);
                    Append(hash, 3, number[..8]);
                    break;
                case string text:
                    Append(hash, 4, Encoding.UTF8.GetBytes(text));
                    break;
                case byte[] bytes:
                    Append(hash, 5, bytes);
                    break;
                case Guid id:
                    id.TryWriteBytes(number, bigEndian: true, out _);
                    Append(hash, 6, number);
                    break;
                default:
                    throw new NotSupportedException($"A value of type {value.GetType()} has no digest.");
            }
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        _sum += BinaryPrimitives.ReadUInt128BigEndian(digest);
        Count++;
    }

    private static void Append(IncrementalHash hash, byte kind, ReadOnlySpan<byte> bytes)
    {
        Span<byte> head = stackalloc byte[5];
        head[0] = kind;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], bytes.Length);
        hash.AppendData(head);
        hash.AppendData(bytes);
    }
}
