using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using MemoryMesh.Search.Index.Vectors;

namespace MemoryMesh.Tests;

/// <summary>Writes the vectors of one item as they were stored before there were blocks.</summary>
internal static class SingleVectors
{
    public static byte[] ToBytes(ItemVectors vectors)
    {
        var (speaker, category) = (Encoding.UTF8.GetBytes(vectors.Speaker ?? ""), Encoding.UTF8.GetBytes(vectors.Category ?? ""));
        var header = new byte[12];
        header[0] = vectors.Pooled.Rests.Length == 0 ? (byte)1 : (byte)2;
        header[1] = (byte)vectors.Traits;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(2), (ushort)speaker.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(4), (ushort)category.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(6), (ushort)vectors.Pooled.Values.Length);
        BinaryPrimitives.WriteSingleLittleEndian(header.AsSpan(8), vectors.Pooled.Scale);
        return [.. header, .. speaker, .. category, .. MemoryMarshal.AsBytes(vectors.Pooled.Values.AsSpan()), .. vectors.Pooled.Rests, .. vectors.Signs];
    }
}
