using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace MemoryMesh.Auth.Tokens;

/// <summary>Refresh tokens, API keys and tickets: random texts of which only a hash is kept. 256 random bits need no slow hash.</summary>
internal static class SecretTokens
{
    /// <summary>Start of every API key.</summary>
    public const string ApiKeyPrefix = "mm_";

    /// <summary>Start of every ticket.</summary>
    public const string TicketPrefix = "mmt_";

    /// <summary>Characters of an API key that its owner is shown to tell keys apart.</summary>
    public const int ShownCharacters = 8;

    private const int RandomBytes = 32;
    private const int ChecksumBytes = 3;

    /// <summary>A new refresh token.</summary>
    public static string NewRefreshToken() => Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>A new ticket.</summary>
    public static string NewTicket() => $"{TicketPrefix}{Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(RandomBytes))}";

    /// <summary>A new API key: <c>mm_</c>, 64 hex digits of randomness and 6 of a checksum, so that scanners for leaked secrets can tell it from other text.</summary>
    public static string NewApiKey()
    {
        var random = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes));
        return $"{ApiKeyPrefix}{random}{Checksum(random)}";
    }

    /// <summary>SHA-256 of a token.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static string Checksum(string random) => Convert.ToHexStringLower(Hash(random)[..ChecksumBytes]);
}
