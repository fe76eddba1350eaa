using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Chat.Endpoints;

/// <summary>Sizes of what clients send.</summary>
internal static class ChatLimits
{
    /// <summary>Most bytes of UTF-8 of a message's content.</summary>
    public const int ContentBytes = 32 * 1024;

    /// <summary>Most bytes of UTF-8 of an id that the client chose.</summary>
    public const int IdBytes = 200;

    /// <summary>Most bytes of UTF-8 of a title.</summary>
    public const int TitleBytes = 500;

    /// <summary>Most items of a batch.</summary>
    public const int BatchItems = 500;

    /// <summary>Most items of a page.</summary>
    public const int PageItems = 200;

    /// <summary>Items of a page when the request does not say.</summary>
    public const int DefaultPageItems = 50;

    /// <summary>How far in the future the time of a message may be: clocks differ.</summary>
    public static readonly TimeSpan FutureTolerance = TimeSpan.FromMinutes(5);

    /// <summary>Reads the number of items of a page.</summary>
    public static bool TryReadLimit(int? limit, out int items)
    {
        items = limit ?? DefaultPageItems;
        return items is >= 1 and <= PageItems;
    }

    /// <summary>The answer to another number.</summary>
    public static ProblemHttpResult WrongLimit() => Problems.InvalidField("limit", $"Must be from 1 to {PageItems}.");
}

/// <summary>An id of a conversation: one that can stand in a path.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ConversationIdAttribute : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
        => value is string text && Check(text) is { } message ? new ValidationResult(message) : ValidationResult.Success;

    /// <summary>What is wrong with an id, or null. Servers and clients take "." and ".." out of a path.</summary>
    public static string? Check(string text)
        => TextRules.Check(text, ChatLimits.IdBytes) ?? (text is "." or ".." ? "Must not be \".\" or \"..\"." : null);
}

/// <summary>A message to store.</summary>
internal sealed record CreateMessageRequest
{
    /// <summary>Id or slug of the tenant; the caller's default tenant when absent.</summary>
    public string? TenantId { get; init; }

    /// <summary>The conversation, 1 to 200 bytes. It is created when there is none.</summary>
    [Required]
    [ConversationId]
    public string? ConversationId { get; init; }

    /// <summary>user, assistant, system or tool.</summary>
    [Required]
    [AllowedValues(MessageRoles.User, MessageRoles.Assistant, MessageRoles.System, MessageRoles.Tool, null, ErrorMessage = "Must be user, assistant, system or tool.")]
    public string? Role { get; init; }

    /// <summary>The text, up to 32 KiB of UTF-8.</summary>
    [Required]
    [PlainText(ChatLimits.ContentBytes, AllowControl = true)]
    public string? Content { get; init; }

    /// <summary>A JSON object, up to 8 KiB.</summary>
    [Metadata]
    public JsonElement? Metadata { get; init; }

    /// <summary>0 to 1.</summary>
    [Range(0.0, 1.0, ErrorMessage = "Must be from 0 to 1.")]
    public double? Importance { get; init; }

    /// <summary>The subject; the caller's own account when absent.</summary>
    [PlainText(ChatLimits.IdBytes)]
    public string? UserId { get; init; }

    /// <summary>Time of the message; now when absent. At most five minutes in the future.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Id of a message of the same conversation.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>Whether memories may be drawn from it. Default true.</summary>
    public bool? ExtractMemory { get; init; }

    /// <summary>What to mind when memories are drawn from it; it goes before what the tenant and the server say, for this message alone.</summary>
    public MessageExtractionRequest? Extraction { get; init; }
}

/// <summary>What to mind when memories are drawn from a message.</summary>
internal sealed record MessageExtractionRequest
{
    private const int MostCategories = 16;

    /// <summary>What the language model should mind, up to 4,000 bytes; what the tenant or the server says when left out. Kept sealed with the message.</summary>
    [PlainText(4_000, AllowBlank = true, AllowControl = true)]
    public string? Instructions { get; init; }

    /// <summary>Categories that are drawn, by the rules too; those of the tenant or the server when left out or empty.</summary>
    [ExtractionCategories]
    public IReadOnlyList<string?>? Categories { get; init; }

    /// <summary>As it is kept; null when it says nothing.</summary>
    public MessageExtraction? ToContract()
        => string.IsNullOrWhiteSpace(Instructions) && Categories is null or { Count: 0 }
            ? null
            : new MessageExtraction
            {
                Instructions = string.IsNullOrWhiteSpace(Instructions) ? null : Instructions,
                Categories = [.. Categories?.OfType<string>().Distinct() ?? []],
            };

    /// <summary>Names of the fixed list.</summary>
    [AttributeUsage(AttributeTargets.Property)]
    private sealed class ExtractionCategoriesAttribute : ValidationAttribute
    {
        protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
            => value is not IReadOnlyList<string?> categories || (categories.Count <= MostCategories && categories.All(category => category is not null && MemoryCategories.All.Contains(category)))
                ? ValidationResult.Success
                : new ValidationResult($"Must be at most {MostCategories} of {string.Join(", ", MemoryCategories.All)}.");
    }
}

/// <summary>Messages to store.</summary>
internal sealed record CreateMessagesRequest
{
    /// <summary>What to mind when memories are drawn from those of the messages that have no <c>extraction</c> of their own.</summary>
    public MessageExtractionRequest? Extraction { get; init; }

    /// <summary>1 to 500 messages.</summary>
    public IReadOnlyList<CreateMessageRequest?>? Messages { get; init; }
}

/// <summary>What to replace of a message; a field that is absent or null stays as it is.</summary>
internal sealed record UpdateMessageRequest
{
    /// <inheritdoc cref="CreateMessageRequest.Content"/>
    [PlainText(ChatLimits.ContentBytes, AllowControl = true)]
    public string? Content { get; init; }

    /// <inheritdoc cref="CreateMessageRequest.Metadata"/>
    [Metadata]
    public JsonElement? Metadata { get; init; }

    /// <inheritdoc cref="CreateMessageRequest.Importance"/>
    [Range(0.0, 1.0, ErrorMessage = "Must be from 0 to 1.")]
    public double? Importance { get; init; }
}

/// <summary>What to replace of one message of a batch.</summary>
internal sealed record UpdateMessageItem
{
    /// <summary>The message.</summary>
    [Required]
    public string? Id { get; init; }

    /// <inheritdoc cref="CreateMessageRequest.Content"/>
    [PlainText(ChatLimits.ContentBytes, AllowControl = true)]
    public string? Content { get; init; }

    /// <inheritdoc cref="CreateMessageRequest.Metadata"/>
    [Metadata]
    public JsonElement? Metadata { get; init; }

    /// <inheritdoc cref="CreateMessageRequest.Importance"/>
    [Range(0.0, 1.0, ErrorMessage = "Must be from 0 to 1.")]
    public double? Importance { get; init; }

    /// <summary>Replace only this version; any when absent.</summary>
    [Range(1, int.MaxValue, ErrorMessage = "Must be at least 1.")]
    public int? Version { get; init; }
}

/// <summary>Messages to change.</summary>
internal sealed record UpdateMessagesRequest
{
    /// <summary>1 to 500 changes, each of another message.</summary>
    public IReadOnlyList<UpdateMessageItem?>? Messages { get; init; }
}

/// <summary>Messages to delete.</summary>
internal sealed record DeleteMessagesRequest
{
    /// <summary>1 to 500 ids.</summary>
    public IReadOnlyList<string?>? Ids { get; init; }
}
