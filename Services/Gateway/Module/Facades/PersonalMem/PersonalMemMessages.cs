using System.ComponentModel.DataAnnotations;
using MemoryMesh.Client;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Gateway.Facades.PersonalMem;

/// <summary>A chat to begin.</summary>
internal sealed record NewChatRequest
{
    /// <summary>Whose it is.</summary>
    [Required]
    [PlainText(200)]
    public string? UserId { get; init; }

    /// <summary>Title, up to 500 bytes.</summary>
    [PlainText(500)]
    public string? Title { get; init; }
}

/// <summary>A chat.</summary>
/// <param name="ChatId">The chat.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="Title">Title, or null.</param>
/// <param name="CreatedAt">When it was begun.</param>
internal sealed record ChatResponse(string ChatId, string UserId, string? Title, DateTimeOffset CreatedAt)
{
    public static ChatResponse From(ConversationInfo conversation)
        => new(conversation.ConversationId, conversation.UserId, conversation.Title, conversation.CreatedAt);
}

/// <summary>A message of a chat.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="ChatId">The chat.</param>
/// <param name="Role">user or assistant; system or tool where another API stored it.</param>
/// <param name="Content">The text.</param>
/// <param name="CreatedAt">When it was said.</param>
internal sealed record ChatMessageResponse(string MessageId, string ChatId, string Role, string Content, DateTimeOffset CreatedAt)
{
    public static ChatMessageResponse From(MessageInfo message) => new(message.Id, message.ConversationId, message.Role, message.Content, message.CreatedAt);
}

/// <summary>What a user says in a chat.</summary>
internal sealed record UserMessageRequest
{
    /// <summary>Who says it.</summary>
    [Required]
    [PlainText(200)]
    public string? UserId { get; init; }

    /// <summary>A chat of this user.</summary>
    [Required]
    [PlainText(200)]
    public string? ChatId { get; init; }

    /// <summary>The text, up to 32 KiB of UTF-8.</summary>
    [Required]
    [PlainText(32 * 1024, AllowControl = true)]
    public string? Message { get; init; }

    /// <summary>Whether memories may be drawn from it. Default true.</summary>
    public bool? ExtractMemory { get; init; }
}

/// <summary>What an assistant says in a chat. Give either <c>response</c> or <c>message</c>.</summary>
internal sealed record AssistantMessageRequest
{
    /// <summary>The chat.</summary>
    [Required]
    [PlainText(200)]
    public string? ChatId { get; init; }

    /// <summary>The text, up to 32 KiB of UTF-8.</summary>
    [PlainText(32 * 1024, AllowControl = true)]
    public string? Response { get; init; }

    /// <summary>Another name of <c>response</c>.</summary>
    [PlainText(32 * 1024, AllowControl = true)]
    public string? Message { get; init; }

    /// <summary>Whose chat it is; not needed.</summary>
    [PlainText(200)]
    public string? UserId { get; init; }
}

/// <summary>A message was stored, with what is known of the user by then.</summary>
/// <param name="Message">The message.</param>
/// <param name="ExtractedMemories">What was drawn from it, within ten seconds.</param>
/// <param name="MemoryContext">What the assistant should know before it answers, as one text.</param>
internal sealed record UserMessageResponse(ChatMessageResponse Message, IReadOnlyList<PersonalMemory> ExtractedMemories, string MemoryContext);

/// <summary>What is known of a user.</summary>
/// <param name="Id">The memory.</param>
/// <param name="Memory">The fact.</param>
/// <param name="Category">Its category, for example <c>name</c> or <c>preference</c>.</param>
/// <param name="CreatedAt">When it was first stored.</param>
/// <param name="UpdatedAt">When it last changed.</param>
internal sealed record PersonalMemory(string Id, string Memory, string Category, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static PersonalMemory From(MemoryInfo memory) => new(memory.Id, memory.Text, memory.Category, memory.CreatedAt, memory.UpdatedAt);
}

/// <summary>Memories of a user.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Memories">The newest first.</param>
/// <param name="Count">How many.</param>
internal sealed record UserMemoriesResponse(string UserId, IReadOnlyList<PersonalMemory> Memories, int Count);

/// <summary>What deleting all memories of a user did.</summary>
/// <param name="Deleted">How many were deleted, replaced ones too.</param>
/// <param name="OptedOut">Whether nothing is learned about the user any more.</param>
internal sealed record DeletedMemoriesResponse(int Deleted, bool OptedOut);

/// <summary>What an assistant should know in a chat.</summary>
/// <param name="ChatHistory">The newest messages of this chat, and of no other, oldest first.</param>
/// <param name="Memories">What is known of the user and matters here.</param>
/// <param name="MemoryContext">The memories as one text.</param>
internal sealed record ChatContextResponse(IReadOnlyList<ChatTurn> ChatHistory, IReadOnlyList<ChatFact> Memories, string MemoryContext);

/// <summary>A message of the history.</summary>
/// <param name="Role">user or assistant.</param>
/// <param name="Content">The text.</param>
/// <param name="CreatedAt">When it was said.</param>
internal sealed record ChatTurn(string Role, string Content, DateTimeOffset CreatedAt);

/// <summary>A memory in a context.</summary>
/// <param name="Id">The memory.</param>
/// <param name="Memory">The fact.</param>
/// <param name="Category">Its category.</param>
internal sealed record ChatFact(string Id, string Memory, string Category);
