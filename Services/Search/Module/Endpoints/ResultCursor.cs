using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MemoryMesh.Search.Endpoints;

/// <summary>Where a page of results begins. Bound to the query by a part of its hash, so that it is not taken for another's.</summary>
internal static class ResultCursor
{
    /// <summary>Most results over all pages.</summary>
    public const int MostResults = 1_000;

    private const int HashLength = 12;

    /// <summary>The cursor of the page that begins after so many results.</summary>
    public static string Write(int offset, string query) => $"{offset.ToString(CultureInfo.InvariantCulture)}.{HashOf(query)}";

    /// <summary>Reads a cursor.</summary>
    public static bool TryRead(string cursor, string query, out int offset)
    {
        offset = 0;
        var dot = cursor.IndexOf('.', StringComparison.Ordinal);
        return dot is > 0 and < 5
            && cursor[(dot + 1)..] == HashOf(query)
            && int.TryParse(cursor.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out offset)
            && offset is > 0 and < MostResults;
    }

    private static string HashOf(string query) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(query)))[..HashLength];
}
