using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Gateway.Live;

/// <summary>Reads the fields of a client's frame, and notes each that is not allowed.</summary>
internal sealed class FrameFields(JsonElement frame)
{
    private readonly HashSet<string> _known = ["type"];

    /// <summary>What is wrong, by field.</summary>
    public Dictionary<string, string[]> Errors { get; } = [];

    /// <summary>A text, or null.</summary>
    public string? Text(string name, int maxBytes, bool allowControl = false)
    {
        if (!TryFind(name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.String || TextOf(value) is not { } text)
        {
            Errors[name] = ["Must be a text."];
            return null;
        }

        if (TextRules.Check(text, maxBytes, allowControl: allowControl) is { } message)
        {
            Errors[name] = [message];
            return null;
        }

        return text;
    }

    /// <summary>A list of texts; empty when it is missing.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        if (!TryFind(name, out var value))
        {
            return [];
        }

        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String && TextOf(item) is not null))
        {
            return [.. value.EnumerateArray().Select(item => item.GetString()!)];
        }

        Errors[name] = ["Must be a list of texts."];
        return [];
    }

    /// <summary>The values of a field that stands for a parameter of a query: a text, number or truth value, or a list of texts. None when it is missing.</summary>
    public IReadOnlyList<string> Values(string name)
    {
        if (!TryFind(name, out var value))
        {
            return [];
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.String when TextOf(value) is { } text:
                return [text];
            case JsonValueKind.Number:
                return [value.TryGetInt64(out var whole) ? whole.ToString(CultureInfo.InvariantCulture) : value.GetDouble().ToString("F17", CultureInfo.InvariantCulture)];
            case JsonValueKind.True or JsonValueKind.False:
                return [value.GetRawText()];
            default:
                return Texts(name);
        }
    }

    /// <summary>Names of fields that nobody asked for so far.</summary>
    public IEnumerable<string> Others => frame.EnumerateObject().Select(property => property.Name).Where(name => !_known.Contains(name));

    /// <summary>Notes fields that nobody asked for.</summary>
    public void RefuseOthers()
    {
        foreach (var name in Others.Take(10))
        {
            // The name is the client's own text: it is told back to the client alone.
            Errors.TryAdd(name, ["Is not known."]);
        }
    }

    /// <summary>Finds a field that is there and not null.</summary>
    public bool TryFind(string name, out JsonElement value)
    {
        _known.Add(name);
        return frame.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    /// <summary>The type of a frame, or null.</summary>
    public static string? TypeOf(JsonElement? frame)
        => frame is { } known && known.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? TextOf(type) : null;

    /// <summary>A text, or null when it holds half a character.</summary>
    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}

/// <summary>Frames of the server.</summary>
internal static class LiveFrame
{
    /// <summary>How JSON is written.</summary>
    public static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Builds a frame.</summary>
    public static byte[] Create(string type, Action<Utf8JsonWriter>? write = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, JsonOptions))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            write?.Invoke(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}

/// <summary>Error frames.</summary>
internal static class LiveErrors
{
    public const string Malformed = "malformed";
    public const string UnknownType = "unknown-type";
    public const string Invalid = "invalid";
    public const string Forbidden = "forbidden";
    public const string NotFound = "not-found";
    public const string Unavailable = "unavailable";

    /// <summary>Writes what an error frame says.</summary>
    public static void Write(Utf8JsonWriter json, string code, string detail, IReadOnlyDictionary<string, string[]>? errors = null)
    {
        json.WriteString("code", code);
        json.WriteString("detail", detail);
        if (errors is not null)
        {
            json.WriteStartObject("errors");
            foreach (var (field, messages) in errors)
            {
                json.WriteStartArray(field);
                foreach (var message in messages)
                {
                    json.WriteStringValue(message);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }
    }
}
