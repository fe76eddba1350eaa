using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Gateway.Live;

/// <summary>A place in the stream of a tenant, as a client gives it back.</summary>
/// <param name="Number">Number of the last event the client has.</param>
/// <param name="Reached">How far every source had come with it; -1 where that was not known.</param>
internal readonly record struct LiveCursor(long Number, long[] Reached);

/// <summary>Writes and reads places in streams: <c>{number}.{token}</c>.</summary>
/// <remarks>
/// The token tells how many events each service ever published. That is nothing for one tenant to know of the others, so it is sealed. Every Gateway
/// of the system has the same key and reads the places of the others.
/// </remarks>
internal sealed class LiveCursors(KeyRing ring) : IDisposable
{
    /// <summary>Longest text.</summary>
    public const int MaxLength = 300;

    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int MaxSources = 16;

    private readonly AesGcm _aes = new(ring.DeriveSecret("places in live streams"), TagSize);
    private readonly Lock _gate = new();

    /// <summary>Writes the token of a place.</summary>
    public string Seal(Guid tenantId, ReadOnlySpan<long> reached)
    {
        Span<byte> plain = stackalloc byte[MaxSources * 10];
        var size = 0;
        foreach (var position in reached)
        {
            size += Write(plain[size..], (ulong)(position + 1));
        }

        Span<byte> whole = stackalloc byte[NonceSize + size + TagSize];
        RandomNumberGenerator.Fill(whole[..NonceSize]);
        lock (_gate)
        {
            _aes.Encrypt(whole[..NonceSize], plain[..size], whole.Slice(NonceSize, size), whole[(NonceSize + size)..], tenantId.ToByteArray());
        }

        return Base64Url.EncodeToString(whole);
    }

    /// <summary>Reads a place; null when it is none of this tenant.</summary>
    public LiveCursor? Open(Guid tenantId, string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (text.Length > MaxLength || dot < 1 || !long.TryParse(text.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        Span<byte> whole = stackalloc byte[MaxLength];
        var token = text.AsSpan(dot + 1);
        if (!Base64Url.IsValid(token) || !Base64Url.TryDecodeFromChars(token, whole, out var length) || length < NonceSize + TagSize)
        {
            return null;
        }

        Span<byte> plain = stackalloc byte[length - NonceSize - TagSize];
        try
        {
            lock (_gate)
            {
                _aes.Decrypt(whole[..NonceSize], whole[NonceSize..(length - TagSize)], whole[(length - TagSize)..length], plain, tenantId.ToByteArray());
            }
        }
        catch (CryptographicException)
        {
            return null;
        }

        var reached = new List<long>(MaxSources);
        for (var at = 0; at < plain.Length;)
        {
            reached.Add((long)Read(plain, ref at) - 1);
        }

        return new LiveCursor(number, [.. reached]);
    }

    public void Dispose() => _aes.Dispose();

    private static int Write(Span<byte> target, ulong value)
    {
        var size = 0;
        for (; value >= 0x80; value >>= 7)
        {
            target[size++] = (byte)(value | 0x80);
        }

        target[size++] = (byte)value;
        return size;
    }

    private static ulong Read(ReadOnlySpan<byte> source, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; at < source.Length; shift += 7)
        {
            var part = source[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                break;
            }
        }

        return value;
    }
}
