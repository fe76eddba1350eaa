using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using MemoryMesh.Client;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Gateway.Facades.MemoryService;

/// <summary>A memory to add.</summary>
internal sealed record AddRequest
{
    /// <summary>The fact, up to 8,192 bytes.</summary>
    [Required]
    [PlainText(8_192, AllowControl = true)]
    public string? Data { get; init; }

    /// <summary>Whom it is about.</summary>
    [Required]
    [PlainText(200)]
    public string? UserId { get; init; }

    /// <summary>A JSON object of up to 8 KiB.</summary>
    [Metadata]
    public JsonElement? Metadata { get; init; }
}

/// <summary>The memory that was added.</summary>
/// <param name="Result">Its id.</param>
internal sealed record AddResponse(string Result);

/// <summary>Has no fields, and may be left out.</summary>
internal sealed record ResetRequest;

/// <summary>Names a user, or none.</summary>
internal sealed record OfUserRequest
{
    /// <summary>The user.</summary>
    [PlainText(200)]
    public string? UserId { get; init; }
}

/// <summary>Names the user whose memories are to be deleted.</summary>
internal sealed record DeleteAllRequest
{
    /// <summary>The user.</summary>
    [Required]
    [PlainText(200)]
    public string? UserId { get; init; }
}

/// <summary>Names a memory.</summary>
internal sealed record OfMemoryRequest
{
    /// <summary>The memory.</summary>
    [Required]
    [PlainText(200)]
    public string? MemoryId { get; init; }
}

/// <summary>Changes a memory.</summary>
internal sealed record UpdateRequest
{
    /// <summary>The memory.</summary>
    [Required]
    [PlainText(200)]
    public string? MemoryId { get; init; }

    /// <summary>The new text, up to 8,192 bytes.</summary>
    [Required]
    [PlainText(8_192, AllowControl = true)]
    public string? Data { get; init; }
}

/// <summary>Memories.</summary>
/// <param name="Memories">The newest first.</param>
internal sealed record MemoriesResponse(IReadOnlyList<MemoryItem> Memories);

/// <summary>What was done.</summary>
/// <param name="Message">In words.</param>
internal sealed record MessageResponse(string Message);

/// <summary>A memory was changed.</summary>
/// <param name="Message">In words.</param>
/// <param name="Memory">The memory as it is now.</param>
internal sealed record UpdateResponse(string Message, MemoryItem Memory);

/// <summary>Memories were deleted.</summary>
/// <param name="Message">In words.</param>
/// <param name="Deleted">How many, replaced ones too.</param>
internal sealed record DeleteAllResponse(string Message, int Deleted);

/// <summary>What happened to a memory, oldest first.</summary>
/// <param name="History">The entries.</param>
internal sealed record HistoryResponse(IReadOnlyList<HistoryItem> History);

/// <summary>Something that happened to a memory.</summary>
/// <param name="Id">Names the entry: memory and version.</param>
/// <param name="MemoryId">The memory.</param>
/// <param name="OldMemory">The text before; null of ADD, and of what was deleted.</param>
/// <param name="NewMemory">The text after; null of DELETE.</param>
/// <param name="Event">ADD, UPDATE or DELETE.</param>
/// <param name="CreatedAt">When.</param>
internal sealed record HistoryItem(string Id, string MemoryId, string? OldMemory, string? NewMemory, string Event, DateTimeOffset CreatedAt)
{
    /// <summary>A memory that another took the place of was changed to what that one says; one that ended, or is held back, is not there any more.</summary>
    public static HistoryItem From(string memoryId, MemoryHistoryEntry entry)
        => new(
            $"{memoryId}-{entry.Version}",
            memoryId,
            entry.OldText,
            entry.NewText,
            entry.Event switch
            {
                "SUPERSEDE" or "MERGE" => "UPDATE",
                "RESTORE" or "APPROVE" => "ADD",
                "ARCHIVE" or "EXPIRE" or "WITHDRAW" or "HOLD" => "DELETE",
                var other => other,
            },
            entry.At);
}
