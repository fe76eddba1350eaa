using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Memory.Endpoints;

/// <summary>Adds a memory.</summary>
internal sealed class AddMemoryRequest
{
    /// <summary>Id or slug of the tenant; the caller's own when left out.</summary>
    public string? TenantId { get; set; }

    /// <summary>The fact, up to 8,192 bytes; white space is collapsed, unless facts are drawn from it.</summary>
    [Required]
    [PlainText(8_192, AllowControl = true)]
    public string? Text { get; set; }

    /// <summary>user (default), team or organization.</summary>
    public string? Scope { get; set; }

    /// <summary>Subject of a memory of scope user; the caller when left out.</summary>
    [PlainText(MemoryRights.MaxIdBytes)]
    public string? UserId { get; set; }

    /// <summary>Team of a memory of scope team.</summary>
    public string? TeamId { get; set; }

    /// <summary>One of the documented categories; found from the text when left out.</summary>
    public string? Category { get; set; }

    /// <summary>0 to 1; by category when left out.</summary>
    [Range(0.0, 1.0)]
    public double? Importance { get; set; }

    /// <summary>A JSON object of up to 8 KiB.</summary>
    [Metadata]
    public JsonElement? Metadata { get; set; }

    /// <summary>Narrows the memory to an agent.</summary>
    [PlainText(MemoryRights.MaxIdBytes)]
    public string? AgentId { get; set; }

    /// <summary>Narrows the memory to a run.</summary>
    [PlainText(MemoryRights.MaxIdBytes)]
    public string? RunId { get; set; }

    /// <summary>
    /// Whether facts are drawn from the text, as from what a person says. The text then stays as it was written, compared with no other memory; each fact becomes
    /// a memory of the same owner, listed as one of <c>facts</c>. Default false.
    /// </summary>
    public bool? Extract { get; set; }

    /// <summary>
    /// With <c>extract</c>: what the language model should mind for this text, up to 4,000 bytes, instead of what the tenant's settings or the server's say. It has no effect
    /// where no model is configured.
    /// </summary>
    [PlainText(4_000, AllowControl = true)]
    public string? Instructions { get; set; }

    /// <summary>Since when it is true in the world, not in the future; now when left out.</summary>
    public DateTimeOffset? ValidFrom { get; set; }

    /// <summary>When it ends in the world, after <c>valid_from</c>; it leaves the current view then. No known end when left out.</summary>
    public DateTimeOffset? ValidTo { get; set; }
}

/// <summary>Changes a memory; what is left out stays.</summary>
internal sealed class UpdateMemoryRequest
{
    /// <summary>The new text, up to 8,192 bytes.</summary>
    [PlainText(8_192, AllowControl = true)]
    public string? Text { get; set; }

    /// <summary>One of the documented categories.</summary>
    public string? Category { get; set; }

    /// <summary>0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double? Importance { get; set; }

    /// <summary>Replaces the metadata; null removes it.</summary>
    [Metadata]
    public JsonElement Metadata { get; set; }

    /// <summary>When it ends in the world, as a time in ISO 8601; null for no known end.</summary>
    public JsonElement ValidTo { get; set; }
}

/// <summary>Sets what is remembered about a subject.</summary>
internal sealed class SaveSettingsRequest
{
    /// <summary>True: nothing is learned about the subject and nothing recalled.</summary>
    [Required]
    public bool? OptedOut { get; set; }

    /// <summary>Categories that may be learned about the subject; null for all. What is left out stays.</summary>
    public JsonElement AllowedCategories { get; set; }
}

/// <summary>Decides on a memory that waits for review.</summary>
internal sealed class ReviewRequest
{
    /// <summary>approve or reject.</summary>
    [Required]
    [AllowedValues("approve", "reject", ErrorMessage = "Must be approve or reject.")]
    public string? Decision { get; set; }

    /// <summary>The text to approve instead, up to 8,192 bytes; not with reject.</summary>
    [PlainText(8_192, AllowControl = true)]
    public string? Text { get; set; }
}

/// <summary>Says something of a memory.</summary>
internal sealed class FeedbackRequest
{
    /// <summary>
    /// useful (it is ranked higher), wrong (it was never true), outdated (it is true no longer) or sensitive (it waits for review).
    /// </summary>
    [Required]
    [AllowedValues("useful", "wrong", "outdated", "sensitive", ErrorMessage = "Must be useful, wrong, outdated or sensitive.")]
    public string? Kind { get; set; }
}

/// <summary>Sets what a tenant allows to be learned.</summary>
internal sealed class PolicyRequest
{
    /// <summary>Whether a fact whose words do not stand in what was said waits for review; else it is kept at once, and ranked lower.</summary>
    [Required]
    public bool? ReviewInferred { get; set; }

    /// <summary>Categories that may be learned; null or left out for all.</summary>
    [MaxLength(32)]
    public string[]? AllowedCategories { get; set; }
}
