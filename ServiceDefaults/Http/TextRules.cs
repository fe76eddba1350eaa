using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;

namespace MemoryMesh.ServiceDefaults.Http;

/// <summary>A text: at most so many bytes of UTF-8, no NUL, no lone surrogate. Null passes; add <see cref="RequiredAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class PlainTextAttribute(int maxBytes) : ValidationAttribute
{
    /// <summary>Most bytes of UTF-8.</summary>
    public int MaxBytes { get; } = maxBytes;

    /// <summary>Whether an empty or blank text passes. Default no.</summary>
    public bool AllowBlank { get; set; }

    /// <summary>Whether line breaks and other control characters pass. Default no: names and ids are one line.</summary>
    public bool AllowControl { get; set; }

    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        ArgumentNullException.ThrowIfNull(validationContext);
        return value switch
        {
            null => ValidationResult.Success,
            string text => TextRules.Check(text, MaxBytes, AllowBlank, AllowControl) is { } message ? new ValidationResult(message) : ValidationResult.Success,
            _ => new ValidationResult("Must be a text."),
        };
    }
}

/// <summary>Metadata: a JSON object of at most 8 KiB as compact JSON and 16 levels, without NUL or lone surrogates. Null passes.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MetadataAttribute : ValidationAttribute
{
    /// <summary>Most bytes of the compact JSON.</summary>
    public const int MaxBytes = 8 * 1024;

    /// <summary>Deepest nesting of objects and lists, the metadata itself included. Answers hold metadata deeper inside than requests do.</summary>
    public const int MaxDepth = 16;

    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
        => value switch
        {
            null or JsonElement { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => ValidationResult.Success,
            JsonElement element => TextRules.CheckMetadata(element) is { } message ? new ValidationResult(message) : ValidationResult.Success,
            _ => new ValidationResult("Must be a JSON object."),
        };
}

/// <summary>Rules for texts that clients send.</summary>
public static class TextRules
{
    /// <summary>What is wrong with a text, or null.</summary>
    public static string? Check(string text, int maxBytes, bool allowBlank = false, bool allowControl = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!allowBlank && string.IsNullOrWhiteSpace(text))
        {
            return "Must not be blank.";
        }

        // A UTF-16 unit is at least one byte, so the cheap test comes first.
        if (text.Length > maxBytes || Encoding.UTF8.GetByteCount(text) > maxBytes)
        {
            return $"Must be at most {maxBytes} bytes of UTF-8.";
        }

        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\0')
            {
                return "Must not contain the NUL character.";
            }

            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(c))
            {
                return "Must not contain a lone surrogate.";
            }
            else if (!allowControl && char.IsControl(c))
            {
                return "Must not contain control characters.";
            }
        }

        return null;
    }

    /// <summary>What is wrong with metadata, or null.</summary>
    public static string? CheckMetadata(JsonElement metadata)
    {
        if (metadata.ValueKind != JsonValueKind.Object)
        {
            return "Must be a JSON object.";
        }

        try
        {
            return CheckValue(metadata, 1) ?? (ToCompactJson(metadata).Length > MetadataAttribute.MaxBytes ? $"Must be at most {MetadataAttribute.MaxBytes} bytes as compact JSON." : null);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            return "Must not contain a lone surrogate.";
        }
    }

    /// <summary>Metadata as compact JSON in UTF-8.</summary>
    public static byte[] ToCompactJson(JsonElement metadata) => JsonSerializer.SerializeToUtf8Bytes(metadata, CompactJson);

    private static readonly JsonSerializerOptions CompactJson = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string? CheckValue(JsonElement value, int depth)
    {
        if (depth > MetadataAttribute.MaxDepth && value.ValueKind is (JsonValueKind.Object or JsonValueKind.Array))
        {
            return $"Must be nested at most {MetadataAttribute.MaxDepth} levels deep.";
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    if ((Check(property.Name, MetadataAttribute.MaxBytes, allowBlank: true, allowControl: true) ?? CheckValue(property.Value, depth + 1)) is { } problem)
                    {
                        return problem;
                    }
                }

                return null;
            case JsonValueKind.Array:
                return value.EnumerateArray().Select(item => CheckValue(item, depth + 1)).FirstOrDefault(problem => problem is not null);
            case JsonValueKind.String:
                return Check(value.GetString()!, int.MaxValue, allowBlank: true, allowControl: true);
            default:
                return null;
        }
    }
}
