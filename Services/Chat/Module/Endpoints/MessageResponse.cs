using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using MemoryMesh.Chat.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Chat.Endpoints;

/// <summary>A message.</summary>
internal record MessageResponse
{
    /// <summary>The message.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Its conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>The subject it is about.</summary>
    public required string UserId { get; init; }

    /// <summary>user, assistant, system or tool.</summary>
    public required string Role { get; init; }

    /// <summary>The text.</summary>
    public required string Content { get; init; }

    /// <summary>A JSON object, or null.</summary>
    public required JsonElement? Metadata { get; init; }

    /// <summary>0 to 1, or null when the client set none.</summary>
    public required double? Importance { get; init; }

    /// <summary>The message it answers, or null.</summary>
    public required Guid? ReplyTo { get; init; }

    /// <summary>Whether memories may be drawn from it.</summary>
    public required bool ExtractMemory { get; init; }

    /// <summary>Whether a retention rule archived it: lists, context and search leave it out.</summary>
    public required bool Archived { get; init; }

    /// <summary>Version, from 1.</summary>
    public required int Version { get; init; }

    /// <summary>Time of the message.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was stored or last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The answer for a stored message.</summary>
    public static MessageResponse From(MessageRecord message) => new()
    {
        Id = message.Id,
        TenantId = message.TenantId,
        ConversationId = message.ConversationId,
        UserId = message.UserId,
        Role = message.Role,
        Content = message.Content,
        Metadata = StoredJson.Parse(message.MetadataJson),
        Importance = message.Importance,
        ReplyTo = message.ReplyTo,
        ExtractMemory = message.ExtractMemory,
        Archived = message.Archived,
        Version = message.Version,
        CreatedAt = message.CreatedAt,
        UpdatedAt = message.UpdatedAt,
    };
}

/// <summary>A message with its place in a thread. The message it answers, <c>reply_to</c>, stands above it.</summary>
internal sealed record ThreadMessageResponse : MessageResponse
{
    [SetsRequiredMembers]
    public ThreadMessageResponse(MessageResponse message, int depth, bool parentDeleted)
        : base(message)
    {
        Depth = depth;
        ParentDeleted = parentDeleted;
    }

    /// <summary>How many replies it is below the first message of the thread, which has 0.</summary>
    public int Depth { get; }

    /// <summary>Whether the message it answers is not there any more.</summary>
    public bool ParentDeleted { get; }
}

/// <summary>A page of a thread: a message that answers none, and all replies below it.</summary>
internal sealed record ThreadResponse
{
    /// <summary>Id of the first message. It names the thread, also when the message was deleted.</summary>
    public required Guid ThreadId { get; init; }

    /// <summary>The conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>How many messages the thread has now, archived ones included.</summary>
    public required long MessageCount { get; init; }

    /// <summary>Whether the first message was deleted.</summary>
    public required bool RootDeleted { get; init; }

    /// <summary>Oldest first. Replies to a deleted message stay.</summary>
    public required IReadOnlyList<ThreadMessageResponse> Messages { get; init; }

    /// <summary>Cursor of the next page, or null.</summary>
    public required string? Next { get; init; }
}

/// <summary>JSON that the store holds as a text.</summary>
internal static class StoredJson
{
    /// <summary>Parses stored metadata; null stays null.</summary>
    public static JsonElement? Parse(string? json) => json is null ? null : JsonElement.Parse(json);
}

/// <summary>Results of a batch, one an item.</summary>
/// <param name="Results">In the order of the request.</param>
internal sealed record BatchResponse(IReadOnlyList<BatchItemResult> Results);

/// <summary>What became of one item of a batch.</summary>
internal sealed record BatchItemResult
{
    /// <summary>Place in the request, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The status a request for this item alone would have.</summary>
    public required int Status { get; init; }

    /// <summary>The message, when it is known.</summary>
    public Guid? Id { get; init; }

    /// <summary>Version of the message after the change, where it has one.</summary>
    public int? Version { get; init; }

    /// <summary>Why it was refused, or null.</summary>
    public ItemProblem? Problem { get; init; }

    /// <summary>A refused item.</summary>
    public static BatchItemResult Refused(int index, Guid? id, ProblemHttpResult problem)
        => new() { Index = index, Status = problem.StatusCode, Id = id, Problem = ItemProblem.From(problem) };
}

/// <summary>Problem details of one item of a batch.</summary>
internal sealed record ItemProblem
{
    /// <summary>The type URI.</summary>
    public required string? Type { get; init; }

    /// <summary>What it is.</summary>
    public required string? Title { get; init; }

    /// <summary>The status.</summary>
    public required int Status { get; init; }

    /// <summary>What it means.</summary>
    public required string? Detail { get; init; }

    /// <summary>What is wrong with which field.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IDictionary<string, string[]>? Errors { get; init; }

    /// <summary>The problem of an item, from the answer that a request for it alone would have.</summary>
    public static ItemProblem From(ProblemHttpResult problem) => new()
    {
        Type = problem.ProblemDetails.Type,
        Title = problem.ProblemDetails.Title,
        Status = problem.StatusCode,
        Detail = problem.ProblemDetails.Detail,
        Errors = (problem.ProblemDetails as HttpValidationProblemDetails)?.Errors,
    };
}
