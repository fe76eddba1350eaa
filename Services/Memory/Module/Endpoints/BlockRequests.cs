using System.ComponentModel.DataAnnotations;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Memory.Endpoints;

/// <summary>Adds a core block.</summary>
internal sealed class AddBlockRequest
{
    /// <summary>Id or slug of the tenant; the caller's own when left out.</summary>
    public string? TenantId { get; set; }

    /// <summary>user (default), team or organization: in whose contexts it stands.</summary>
    public string? Scope { get; set; }

    /// <summary>Subject of a block of scope user; the caller when left out.</summary>
    [PlainText(MemoryRights.MaxIdBytes)]
    public string? UserId { get; set; }

    /// <summary>Team of a block of scope team.</summary>
    public string? TeamId { get; set; }

    /// <summary>Its name, up to 100 bytes on one line; each owner has one block of a label.</summary>
    [Required]
    [PlainText(100)]
    public string? Label { get; set; }

    /// <summary>What it is for, up to 500 bytes; it is not part of contexts.</summary>
    [PlainText(500, AllowControl = true)]
    public string? Description { get; set; }

    /// <summary>The text, at most <c>limit</c> characters; it may be empty.</summary>
    [Required(AllowEmptyStrings = true)]
    [PlainText(32 * 1024, AllowBlank = true, AllowControl = true)]
    public string? Text { get; set; }

    /// <summary>Most characters (Unicode code points) of the text, 1 to 8,000. Default 2,000.</summary>
    [Range(1, 8_000)]
    public int? Limit { get; set; }

    /// <summary>Whether only those who administer its owner may change or delete it; they alone may set it. Default false.</summary>
    public bool? ReadOnly { get; set; }
}

/// <summary>Changes a core block; what is left out stays.</summary>
internal sealed class UpdateBlockRequest
{
    /// <summary>The new name.</summary>
    [PlainText(100)]
    public string? Label { get; set; }

    /// <summary>What it is for; an empty text removes it.</summary>
    [PlainText(500, AllowBlank = true, AllowControl = true)]
    public string? Description { get; set; }

    /// <summary>The new text.</summary>
    [PlainText(32 * 1024, AllowBlank = true, AllowControl = true)]
    public string? Text { get; set; }

    /// <summary>Most characters of the text, 1 to 8,000; not less than the text has.</summary>
    [Range(1, 8_000)]
    public int? Limit { get; set; }

    /// <summary>Whether only those who administer its owner may change or delete it.</summary>
    public bool? ReadOnly { get; set; }
}

/// <summary>A core block.</summary>
internal sealed record BlockResponse
{
    public required Guid Id { get; init; }

    public required Guid TenantId { get; init; }

    /// <summary>user, team or organization.</summary>
    public required string Scope { get; init; }

    /// <summary>The subject, in the scope user.</summary>
    public required string? UserId { get; init; }

    /// <summary>The team, in the scope team.</summary>
    public required Guid? TeamId { get; init; }

    public required string Label { get; init; }

    public required string? Description { get; init; }

    public required string Text { get; init; }

    /// <summary>Most characters of the text.</summary>
    public required int Limit { get; init; }

    public required bool ReadOnly { get; init; }

    /// <summary>From 1; also in the header ETag.</summary>
    public required int Version { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public static BlockResponse From(CoreBlock block) => new()
    {
        Id = block.Id,
        TenantId = block.TenantId,
        Scope = block.ScopeName,
        UserId = block.Owner.UserId,
        TeamId = block.Owner.Scope == MemoryScope.Team ? block.Owner.Key : null,
        Label = block.Label,
        Description = block.Description,
        Text = block.Text,
        Limit = block.MaxCharacters,
        ReadOnly = block.ReadOnly,
        Version = block.Version,
        CreatedAt = block.CreatedAt,
        UpdatedAt = block.UpdatedAt,
    };
}

/// <summary>The blocks of one owner, the oldest first.</summary>
internal sealed record BlockListResponse(IReadOnlyList<BlockResponse> Blocks);

/// <summary>The versions of a block, oldest first.</summary>
internal sealed record BlockHistoryResponse(Guid Id, IReadOnlyList<BlockVersionResponse> Versions);

/// <summary>A version of a block.</summary>
/// <param name="Version">From 1.</param>
/// <param name="Text">The text of that version.</param>
/// <param name="At">When it was made.</param>
/// <param name="Actor">Account that made it.</param>
internal sealed record BlockVersionResponse(int Version, string Text, DateTimeOffset At, Guid Actor);
