using System.Text.Json;
using MemoryMesh.Memory.Storage;

namespace MemoryMesh.Memory.Endpoints;

/// <summary>A memory.</summary>
internal sealed record MemoryResponse
{
    public required Guid Id { get; init; }

    public required Guid TenantId { get; init; }

    public required string Scope { get; init; }

    public required string? UserId { get; init; }

    public required Guid? TeamId { get; init; }

    public required string? AgentId { get; init; }

    public required string? RunId { get; init; }

    public required string Text { get; init; }

    public required string Category { get; init; }

    public required double Confidence { get; init; }

    public required double Importance { get; init; }

    public required JsonElement? Metadata { get; init; }

    /// <summary>pending, processing, completed or failed.</summary>
    public required string Status { get; init; }

    /// <summary>Why the background work failed, as a code.</summary>
    public required string? Error { get; init; }

    /// <summary>Account that added it; null when it was drawn from something.</summary>
    public required Guid? CreatedBy { get; init; }

    /// <summary>Whether facts are drawn from its text.</summary>
    public required bool Extract { get; init; }

    /// <summary>The facts that were drawn from it and hold, in the order of its words.</summary>
    public required IReadOnlyList<FactResponse> Facts { get; init; }

    /// <summary>Messages and memories it was drawn from; empty for a memory that a client added.</summary>
    public required IReadOnlyList<SourceResponse> Sources { get; init; }

    public required DateTimeOffset ValidFrom { get; init; }

    /// <summary>Since when it does not hold any more; null while it does.</summary>
    public required DateTimeOffset? ValidTo { get; init; }

    public required Guid? SupersededBy { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public static MemoryResponse From(MemoryRecord memory, IEnumerable<MemorySource> sources, IEnumerable<MemoryRecord> facts) => new()
    {
        Id = memory.Id,
        TenantId = memory.TenantId,
        Scope = memory.ScopeName,
        UserId = memory.UserId,
        TeamId = memory.Scope == MemoryScope.Team ? memory.OwnerKey : null,
        AgentId = memory.AgentId,
        RunId = memory.RunId,
        Text = memory.Text,
        Category = memory.Category,
        Confidence = memory.Confidence,
        Importance = memory.Importance,
        Metadata = memory.MetadataJson is { } json ? JsonElement.Parse(json) : null,
        Status = memory.StatusName,
        Error = memory.Error,
        CreatedBy = memory.CreatedBy,
        Extract = memory.Extract,
        Facts = [.. facts.Select(fact => new FactResponse(fact.Id, fact.Text, fact.Category, fact.Confidence, fact.Importance, fact.CreatedAt))],
        Sources = [.. sources.Select(source => new SourceResponse(
            source.FromMemory ? null : source.MessageId,
            source.FromMemory ? null : source.ConversationId,
            source.FromMemory ? source.MessageId : null,
            source.QuoteStart,
            source.QuoteLength,
            source.Quote))],
        ValidFrom = memory.ValidFrom,
        ValidTo = memory.ValidTo,
        SupersededBy = memory.SupersededBy,
        Version = memory.Version,
        CreatedAt = memory.CreatedAt,
        UpdatedAt = memory.UpdatedAt,
    };
}

/// <summary>A fact that was drawn from an added memory; it is a memory itself.</summary>
/// <param name="Id">The memory.</param>
/// <param name="Text">The fact.</param>
/// <param name="Category">Its category.</param>
/// <param name="Confidence">0 to 1.</param>
/// <param name="Importance">0 to 1.</param>
/// <param name="CreatedAt">When it was first stored.</param>
internal sealed record FactResponse(Guid Id, string Text, string Category, double Confidence, double Importance, DateTimeOffset CreatedAt);

/// <summary>What a memory was drawn from: a message, or a memory that a client added.</summary>
/// <param name="MessageId">The message, or null.</param>
/// <param name="ConversationId">Its conversation, or null.</param>
/// <param name="MemoryId">The memory, or null.</param>
/// <param name="QuoteStart">Where the quoted words begin in it, in UTF-16 units.</param>
/// <param name="QuoteLength">How long they are, in UTF-16 units.</param>
/// <param name="Quote">The words.</param>
internal sealed record SourceResponse(Guid? MessageId, string? ConversationId, Guid? MemoryId, int QuoteStart, int QuoteLength, string Quote);

/// <summary>A page of memories.</summary>
/// <param name="Count">How many the whole list has.</param>
/// <param name="Page">The page, from 1.</param>
/// <param name="PageSize">Most memories of a page.</param>
/// <param name="Memories">The memories.</param>
internal sealed record MemoryListResponse(int Count, int Page, int PageSize, IReadOnlyList<MemoryResponse> Memories);

/// <summary>The versions of a memory, oldest first.</summary>
/// <param name="MemoryId">The memory.</param>
/// <param name="History">The versions.</param>
internal sealed record HistoryResponse(Guid MemoryId, IReadOnlyList<HistoryEntryResponse> History);

/// <summary>A version of a memory.</summary>
/// <param name="Version">The version.</param>
/// <param name="Event">ADD, UPDATE, SUPERSEDE, DELETE or ARCHIVE.</param>
/// <param name="OldText">The text before.</param>
/// <param name="NewText">The text after; of SUPERSEDE the text of the memory that took its place.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Id of the account, or extraction, processing or retention; null of DELETE.</param>
internal sealed record HistoryEntryResponse(int Version, string Event, string? OldText, string? NewText, DateTimeOffset At, string? Actor);

/// <summary>What deleting all did.</summary>
/// <param name="Deleted">How many memories were deleted, superseded ones too.</param>
/// <param name="OptedOut">Whether the subject is opted out now.</param>
internal sealed record DeletedResponse(int Deleted, bool OptedOut);

/// <summary>A subject's settings.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="UserId">The subject.</param>
/// <param name="OptedOut">Whether nothing is learned about the subject and nothing recalled.</param>
/// <param name="UpdatedAt">When it was set; null when never.</param>
internal sealed record SettingsResponse(Guid TenantId, string UserId, bool OptedOut, DateTimeOffset? UpdatedAt);
