using System.Text.Json;
using System.Text.Json.Serialization;
using MemoryMesh.Client;

namespace MemoryMesh.Gateway.Facades;

/// <summary>A memory, as earlier services show it.</summary>
internal sealed record MemoryItem
{
    /// <summary>The memory.</summary>
    public required string Id { get; init; }

    /// <summary>The fact.</summary>
    public required string Memory { get; init; }

    /// <summary>Whom it is about; null for one of a team or an organization.</summary>
    public required string? UserId { get; init; }

    /// <summary>Its category, for example <c>name</c> or <c>preference</c>.</summary>
    public required string Category { get; init; }

    /// <summary>A JSON object, or null.</summary>
    public required JsonElement? Metadata { get; init; }

    /// <summary>How well it answers a search; left out elsewhere.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Score { get; init; }

    /// <summary>When it was first stored.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    public static MemoryItem From(MemoryInfo memory) => new()
    {
        Id = memory.Id,
        Memory = memory.Text,
        UserId = memory.UserId,
        Category = memory.Category,
        Metadata = memory.Metadata,
        CreatedAt = memory.CreatedAt,
        UpdatedAt = memory.UpdatedAt,
    };

    public static MemoryItem From(FoundMemory found) => From(found.Memory) with { Score = found.Score };
}
