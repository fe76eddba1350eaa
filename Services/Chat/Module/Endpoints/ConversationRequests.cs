using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using MemoryMesh.Chat.Storage;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Chat.Endpoints;

/// <summary>A conversation to create.</summary>
internal sealed record CreateConversationRequest
{
    /// <summary>Id or slug of the tenant; the caller's default tenant when absent.</summary>
    public string? TenantId { get; init; }

    /// <summary>Its id, 1 to 200 bytes; one is chosen when absent.</summary>
    [ConversationId]
    public string? ConversationId { get; init; }

    /// <summary>Title, up to 500 bytes.</summary>
    [PlainText(ChatLimits.TitleBytes)]
    public string? Title { get; init; }

    /// <summary>A JSON object, up to 8 KiB.</summary>
    [Metadata]
    public JsonElement? Metadata { get; init; }

    /// <summary>The subject it belongs to; the caller's own account when absent.</summary>
    [PlainText(ChatLimits.IdBytes)]
    public string? UserId { get; init; }
}

/// <summary>What to replace of a conversation; a field that is absent or null stays as it is.</summary>
internal sealed record UpdateConversationRequest
{
    /// <inheritdoc cref="CreateConversationRequest.Title"/>
    [PlainText(ChatLimits.TitleBytes)]
    public string? Title { get; init; }

    /// <inheritdoc cref="CreateConversationRequest.Metadata"/>
    [Metadata]
    public JsonElement? Metadata { get; init; }
}

/// <summary>A conversation.</summary>
internal sealed record ConversationResponse
{
    /// <summary>Its id, as the client chose it.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Its tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>The subject it belongs to.</summary>
    public required string UserId { get; init; }

    /// <summary>Title, or null.</summary>
    public required string? Title { get; init; }

    /// <summary>A JSON object, or null.</summary>
    public required JsonElement? Metadata { get; init; }

    /// <summary>How many messages it holds, archived ones included.</summary>
    public required long MessageCount { get; init; }

    /// <summary>When it was created here.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Latest time of a message, or null while it has none.</summary>
    public required DateTimeOffset? LastMessageAt { get; init; }

    /// <summary>Version of title and metadata, from 1.</summary>
    public required int Version { get; init; }

    /// <summary>The answer for a stored conversation.</summary>
    public static ConversationResponse From(ConversationRecord conversation) => new()
    {
        ConversationId = conversation.ConversationId,
        TenantId = conversation.TenantId,
        UserId = conversation.UserId,
        Title = conversation.Title,
        Metadata = StoredJson.Parse(conversation.MetadataJson),
        MessageCount = conversation.MessageCount,
        CreatedAt = conversation.CreatedAt,
        LastMessageAt = conversation.LastMessageAt,
        Version = conversation.Version,
    };
}

/// <summary>A page of conversations, newest activity first.</summary>
/// <param name="Conversations">The page.</param>
/// <param name="Next">Cursor of the next page, or null.</param>
internal sealed record ConversationListResponse(IReadOnlyList<ConversationResponse> Conversations, string? Next);

/// <summary>A page of messages.</summary>
/// <param name="Messages">Oldest first.</param>
/// <param name="Next">Value of <c>after</c> for the messages that follow, or null when there are none.</param>
/// <param name="Previous">Value of <c>before</c> for the messages that precede, or null when there are none.</param>
internal sealed record MessageListResponse(IReadOnlyList<MessageResponse> Messages, string? Next, string? Previous);

/// <summary>Counts of a conversation.</summary>
internal sealed record ConversationStatsResponse
{
    /// <summary>The conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Its tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Messages, archived ones included.</summary>
    public required long MessageCount { get; init; }

    /// <summary>Of these, archived.</summary>
    public required long ArchivedCount { get; init; }

    /// <summary>Messages by role; every role is there.</summary>
    public required IReadOnlyDictionary<string, long> MessagesByRole { get; init; }

    /// <summary>Estimated tokens: one a Chinese, Japanese or Korean character, one for four others of a message, rounded up.</summary>
    public required long Tokens { get; init; }

    /// <summary>Estimated tokens by role; every role is there.</summary>
    public required IReadOnlyDictionary<string, long> TokensByRole { get; init; }

    /// <summary>Time of the first message, or null.</summary>
    public required DateTimeOffset? FirstMessageAt { get; init; }

    /// <summary>Time of the last message, or null.</summary>
    public required DateTimeOffset? LastMessageAt { get; init; }

    /// <summary>Active memories drawn from its messages; null when that cannot be told now.</summary>
    public required int? MemoriesDrawn { get; init; }
}
