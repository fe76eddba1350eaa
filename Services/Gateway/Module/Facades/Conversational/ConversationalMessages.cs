using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using MemoryMesh.Client;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Gateway.Facades.Conversational;

/// <summary>Messages of a user to store.</summary>
internal sealed record StoreRequest
{
    /// <summary>Whom they are about.</summary>
    [Required]
    [PlainText(200)]
    public string? UserId { get; init; }

    /// <summary>The conversation, 1 to 200 bytes; a new one when left out.</summary>
    [PlainText(200)]
    public string? ConversationId { get; init; }

    /// <summary>1 to 500 messages. Give either these or <c>message</c>.</summary>
    [Length(1, 500, ErrorMessage = "Must have 1 to 500 items.")]
    public IReadOnlyList<StoredTurn>? Messages { get; init; }

    /// <summary>One message, or the text of one of the user.</summary>
    public TurnOrText? Message { get; init; }

    /// <summary>A JSON object of up to 8 KiB, kept with each message.</summary>
    [Metadata]
    public JsonElement? Metadata { get; init; }
}

/// <summary>A message to store.</summary>
internal record StoredTurn
{
    /// <summary>user, assistant, system or tool.</summary>
    [Required]
    [AllowedValues("user", "assistant", "system", "tool", null, ErrorMessage = "Must be user, assistant, system or tool.")]
    public string? Role { get; init; }

    /// <summary>The text, up to 32 KiB of UTF-8.</summary>
    [Required]
    [PlainText(32 * 1024, AllowControl = true)]
    public string? Content { get; init; }

    /// <summary>When it was said, ISO 8601; now when left out. A time without an offset is UTC.</summary>
    [Timestamp]
    public string? Timestamp { get; init; }
}

/// <summary>A time as earlier clients send it: Python's <c>isoformat</c> leaves the offset out.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TimestampAttribute : ValidationAttribute
{
    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd",
    ];

    /// <summary>The time, or null. A date is its first moment, or its last one.</summary>
    public static DateTimeOffset? Read(string? text, bool endOfDay = false)
        => !DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? null
            : endOfDay && text!.Length == "yyyy-MM-dd".Length ? time.AddDays(1).AddMilliseconds(-1)
            : time;

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
        => value is not string text || Read(text) is not null ? ValidationResult.Success : new ValidationResult("Must be a time in ISO 8601, for example 2026-01-31T08:30:00Z.");
}

/// <summary>A message to store, or its text alone: then it is the user's.</summary>
[JsonConverter(typeof(TurnOrTextConverter))]
internal sealed record TurnOrText : StoredTurn
{
    public TurnOrText()
    {
    }

    public TurnOrText(StoredTurn turn)
        : base(turn)
    {
    }
}

/// <summary>Reads both forms.</summary>
internal sealed class TurnOrTextConverter : JsonConverter<TurnOrText>
{
    public override TurnOrText? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => reader.TokenType == JsonTokenType.String ? new TurnOrText { Role = "user", Content = reader.GetString() }
            : JsonSerializer.Deserialize<StoredTurn>(ref reader, options) is { } turn ? new TurnOrText(turn)
            : null;

    public override void Write(Utf8JsonWriter writer, TurnOrText value, JsonSerializerOptions options) => JsonSerializer.Serialize<StoredTurn>(writer, value, options);
}

/// <summary>What was stored.</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="MessageIds">The messages, in the order of the request.</param>
/// <param name="Stored">How many.</param>
internal sealed record StoreResponse(string ConversationId, IReadOnlyList<string> MessageIds, int Stored);

/// <summary>What an assistant is handed.</summary>
internal sealed record ContextResponse
{
    /// <summary>The user.</summary>
    public required string UserId { get; init; }

    /// <summary>The newest messages of the conversation, oldest first.</summary>
    public required IReadOnlyList<ContextTurn> Messages { get; init; }

    /// <summary>What earlier messages of it were about, one sentence a line; empty when there is nothing to say.</summary>
    public required string Summary { get; init; }

    /// <summary>What the user prefers and how it wants to be answered.</summary>
    public required IReadOnlyList<ContextFact> Preferences { get; init; }

    /// <summary>What is known about the user and matters here.</summary>
    public required IReadOnlyList<ContextFact> Memories { get; init; }

    /// <summary>All of it as one text, ready to paste.</summary>
    public required string Text { get; init; }
}

/// <summary>A message.</summary>
/// <param name="Role">user, assistant, system or tool.</param>
/// <param name="Content">The text.</param>
/// <param name="Timestamp">When it was said.</param>
internal sealed record ContextTurn(string Role, string Content, DateTimeOffset Timestamp);

/// <summary>A memory in a context.</summary>
/// <param name="Id">The memory.</param>
/// <param name="Memory">The fact.</param>
/// <param name="Category">Its category.</param>
internal sealed record ContextFact(string Id, string Memory, string Category)
{
    public static ContextFact From(ContextMemory memory) => new(memory.Id, memory.Text, memory.Category);
}

/// <summary>What to look for.</summary>
internal sealed record SearchRequest
{
    /// <summary>The question, 1 to 4,096 bytes.</summary>
    [Required]
    [PlainText(4_096, AllowControl = true)]
    public string? Query { get; init; }

    /// <summary>Whose memories and messages; the caller's own when left out.</summary>
    [PlainText(200)]
    public string? UserId { get; init; }

    /// <summary>Most memories and most messages, 1 to 100. Default 10.</summary>
    [Range(1, 100)]
    public int? Limit { get; init; }

    /// <summary>fulltext: by words; semantic: by meaning; hybrid, the default: by both.</summary>
    [AllowedValues("fulltext", "semantic", "hybrid", null, ErrorMessage = "Must be fulltext, semantic or hybrid.")]
    public string? Mode { get; init; }

    /// <summary>Only what is of this time or later, ISO 8601.</summary>
    [Timestamp]
    public string? From { get; init; }

    /// <summary>Only what is of this time or earlier, ISO 8601.</summary>
    [Timestamp]
    public string? To { get; init; }
}

/// <summary>What was found, the best first.</summary>
/// <param name="Results">Memories.</param>
/// <param name="Messages">Messages.</param>
internal sealed record SearchResponse(IReadOnlyList<MemoryItem> Results, IReadOnlyList<FoundTurn> Messages);

/// <summary>A message that was found.</summary>
/// <param name="Id">The message.</param>
/// <param name="ConversationId">Its conversation.</param>
/// <param name="UserId">Whom it is about.</param>
/// <param name="Role">user, assistant, system or tool.</param>
/// <param name="Content">The text.</param>
/// <param name="Timestamp">When it was said.</param>
/// <param name="Metadata">A JSON object, or null.</param>
/// <param name="Score">How well it answers.</param>
internal sealed record FoundTurn(
    string Id, string ConversationId, string UserId, string Role, string Content, DateTimeOffset Timestamp, JsonElement? Metadata, double Score)
{
    public static FoundTurn From(FoundMessage found)
    {
        var message = found.Message;
        return new(
            message.Id, message.ConversationId, message.UserId, message.Role, message.Content, message.CreatedAt, message.Metadata, found.Score);
    }
}

/// <summary>An erasure of a user.</summary>
/// <param name="Id">The erasure.</param>
/// <param name="Status">accepted, running, completed or failed.</param>
/// <param name="StatusUrl">Where to ask again.</param>
/// <param name="Receipt">The signed receipt, once the erasure is completed.</param>
internal sealed record ErasureResponse(string Id, string Status, string StatusUrl, JsonElement? Receipt);
