using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Retention.Transfers.Exports;

/// <summary>What a download link is worth.</summary>
internal enum LinkState
{
    /// <summary>It was not made here, or for another export.</summary>
    Foreign,
    Expired,
    Valid,
}

/// <summary>Signs links to the file of an export, which whoever has them can open for a short time: a browser, say, which sends no credentials.</summary>
/// <remarks>A token is the time it ends (8 bytes) and an HMAC-SHA256 of it and the export's id, with a key for nothing else, from the root key.</remarks>
internal sealed class ExportLinks(KeyRing ring, IOptions<TransferOptions> options, TimeProvider clock)
{
    private const int TimeSize = 8;
    private const int Size = TimeSize + HMACSHA256.HashSizeInBytes;
    private readonly byte[] _key = ring.DeriveSecret("download links of exports");

    /// <summary>The path of the file, with a token that opens it from now on.</summary>
    public string Create(ExportRecord export)
    {
        var ends = clock.GetUtcNow().AddSeconds(options.Value.LinkSeconds);
        return $"/v1/exports/{export.Id:D}/download?token={Base64Url.EncodeToString(Sign(export.Id, ends < export.ExpiresAt ? ends : export.ExpiresAt))}";
    }

    /// <summary>Checks a token.</summary>
    public LinkState Check(Guid exportId, string token)
    {
        Span<byte> bytes = stackalloc byte[Size];
        if (token.Length > 2 * Size || Base64Url.DecodeFromChars(token, bytes, out _, out var size) != OperationStatus.Done || size != Size)
        {
            return LinkState.Foreign;
        }

        // A time that no link has would not fit the type.
        var milliseconds = BinaryPrimitives.ReadInt64BigEndian(bytes);
        if (milliseconds is < 0 or > 253_402_300_799_999)
        {
            return LinkState.Foreign;
        }

        var ends = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        return !CryptographicOperations.FixedTimeEquals(Sign(exportId, ends), bytes) ? LinkState.Foreign
            : ends <= clock.GetUtcNow() ? LinkState.Expired
            : LinkState.Valid;
    }

    private byte[] Sign(Guid exportId, DateTimeOffset ends)
    {
        var token = new byte[Size];
        BinaryPrimitives.WriteInt64BigEndian(token, ends.ToUnixTimeMilliseconds());
        HMACSHA256.HashData(_key, (byte[])[.. token.AsSpan(0, TimeSize), .. exportId.ToByteArray(bigEndian: true)], token.AsSpan(TimeSize));
        return token;
    }
}
