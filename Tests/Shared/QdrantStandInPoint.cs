using System.Text.Json;
using System.Text.Json.Nodes;

namespace MemoryMesh.Tests.Shared;

/// <summary>A point.</summary>
public sealed class QdrantStandInPoint
{
    /// <summary>Its id, a number or a UUID in lower case.</summary>
    public required string Id { get; init; }

    /// <summary>What it carries.</summary>
    public required JsonObject Payload { get; set; }

    /// <summary>Its vectors by name: an array of numbers, an array of arrays, or a sparse object.</summary>
    public required JsonObject Vectors { get; init; }

    /// <summary>Reads an id in any of the forms that Qdrant takes.</summary>
    internal static string ReadId(JsonNode node)
    {
        if (node.GetValueKind() == JsonValueKind.Number && ((JsonValue)node).TryGetValue<ulong>(out var number))
        {
            return number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        var text = node.GetValueKind() == JsonValueKind.String ? (string)node! : node.ToJsonString();
        return Guid.TryParse(text.StartsWith("urn:uuid:", StringComparison.OrdinalIgnoreCase) ? text[9..] : text, out var id)
            ? id.ToString("D")
            : throw QdrantRefusal.Format($"value {text} is not a valid point ID, valid values are either an unsigned integer or a UUID");
    }

    internal static JsonNode WriteId(string id) => id.Contains('-', StringComparison.Ordinal) ? id : JsonNode.Parse(id)!;

    /// <summary>Numbers before UUIDs, each in their order.</summary>
    internal static int Compare(string one, string other)
        => (one.Contains('-', StringComparison.Ordinal), other.Contains('-', StringComparison.Ordinal)) switch
        {
            (false, true) => -1,
            (true, false) => 1,
            (false, false) => ulong.Parse(one, System.Globalization.CultureInfo.InvariantCulture).CompareTo(ulong.Parse(other, System.Globalization.CultureInfo.InvariantCulture)),
            _ => string.CompareOrdinal(one, other),
        };
}
