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

    /// <summary>current, superseded, merged, archived, expired, withdrawn, review or quarantined.</summary>
    public required string State { get; init; }

    /// <summary>Why it is held back: inferred, instructions or sensitive; null when it is not.</summary>
    public required string? HoldReason { get; init; }

    /// <summary>Whether its words do not stand in what was said; it is ranked lower then.</summary>
    public required bool Inferred { get; init; }

    /// <summary>How often it was said or observed, at least 1.</summary>
    public required int EvidenceCount { get; init; }

    /// <summary>Since when it is true in the world.</summary>
    public required DateTimeOffset ValidFrom { get; init; }

    /// <summary>When its time ends or ended in the world; null for no known end.</summary>
    public required DateTimeOffset? ValidTo { get; init; }

    /// <summary>When it was first held for true here.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>When it ceased to be held for true here; null while it is.</summary>
    public required DateTimeOffset? SupersededAt { get; init; }

    /// <summary>The memory that took its place, or that it was merged into.</summary>
    public required Guid? SupersededBy { get; init; }

    /// <summary>Memories whose place it took, or that were merged into it.</summary>
    public required IReadOnlyList<Guid> Supersedes { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public static MemoryResponse From(
        MemoryRecord memory, IEnumerable<MemorySource> sources, IEnumerable<MemoryRecord> facts, IEnumerable<Guid> supersedes) => new()
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
        Sources = [.. sources.Select(SourceResponse.From)],
        State = memory.StateName,
        HoldReason = memory.HoldReason,
        Inferred = memory.Inferred,
        EvidenceCount = memory.Evidence,
        ValidFrom = memory.ValidFrom,
        ValidTo = memory.End,
        RecordedAt = memory.CreatedAt,
        SupersededAt = memory.SupersededAt,
        SupersededBy = memory.SupersededBy,
        Supersedes = [.. supersedes],
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
internal sealed record SourceResponse(Guid? MessageId, string? ConversationId, Guid? MemoryId, int QuoteStart, int QuoteLength, string Quote)
{
    public static SourceResponse From(MemorySource source) => new(
        source.FromMemory ? null : source.MessageId,
        source.FromMemory ? null : source.ConversationId,
        source.FromMemory ? source.MessageId : null,
        source.QuoteStart,
        source.QuoteLength,
        source.Quote);
}

/// <summary>What a memory was drawn from.</summary>
/// <param name="MemoryId">The memory.</param>
/// <param name="EvidenceCount">How often it was said or observed; more than the sources when some of them are gone or are no messages.</param>
/// <param name="Sources">Messages and added memories with the quoted words, the first ones first; empty for a memory that a client added.</param>
internal sealed record SourcesResponse(Guid MemoryId, int EvidenceCount, IReadOnlyList<SourceResponse> Sources);

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
/// <param name="Event">ADD, UPDATE, SUPERSEDE, MERGE, ARCHIVE, EXPIRE, WITHDRAW, HOLD, APPROVE, RESTORE or DELETE.</param>
/// <param name="OldText">The text before.</param>
/// <param name="NewText">The text after; of SUPERSEDE and MERGE by a new fact the text of the memory that took its place.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Id of the account, or extraction, processing or retention; null of DELETE.</param>
/// <param name="ValidFrom">Since when it was held to be true in the world; null where that was not noted.</param>
/// <param name="ValidTo">Until when; null for no known end.</param>
internal sealed record HistoryEntryResponse(
    int Version, string Event, string? OldText, string? NewText, DateTimeOffset At, string? Actor, DateTimeOffset? ValidFrom, DateTimeOffset? ValidTo);

/// <summary>What deleting all did.</summary>
/// <param name="Deleted">How many memories were deleted, superseded ones too.</param>
/// <param name="OptedOut">Whether the subject is opted out now.</param>
internal sealed record DeletedResponse(int Deleted, bool OptedOut);

/// <summary>A subject's settings.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="UserId">The subject.</param>
/// <param name="OptedOut">Whether nothing is learned about the subject and nothing recalled.</param>
/// <param name="UpdatedAt">When it was set; null when never.</param>
/// <param name="AllowedCategories">Categories that may be learned about the subject; null for all.</param>
internal sealed record SettingsResponse(Guid TenantId, string UserId, bool OptedOut, DateTimeOffset? UpdatedAt, IReadOnlyList<string>? AllowedCategories);

/// <summary>What a tenant allows to be learned.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="ReviewInferred">Whether a fact whose words do not stand in what was said waits for review; else it is kept, and ranked lower.</param>
/// <param name="AllowedCategories">Categories that may be learned; null for all.</param>
/// <param name="UpdatedAt">When it was set; null when never.</param>
internal sealed record PolicyResponse(Guid TenantId, bool ReviewInferred, IReadOnlyList<string>? AllowedCategories, DateTimeOffset? UpdatedAt);

/// <summary>What became of something that was read.</summary>
/// <param name="Id">The entry.</param>
/// <param name="Scope">Scope of the memories it is about.</param>
/// <param name="MessageId">The message that was read, or null.</param>
/// <param name="SourceMemoryId">The added memory that was read, or null.</param>
/// <param name="Version">Version of the message or memory.</param>
/// <param name="Outcome">added, merged, superseded, skipped, quarantined or failed.</param>
/// <param name="Reason">Why, as a code.</param>
/// <param name="MemoryId">The memory that it became, or is evidence for; null when there is none.</param>
/// <param name="DuplicateOf">The memory that says the same, when it was skipped or merged for that.</param>
/// <param name="OtherId">The memory whose place it took, or that took its place.</param>
/// <param name="Category">Category of what was found.</param>
/// <param name="Extractor">What read it: rules, or the name of a model.</param>
/// <param name="InputTokens">Tokens that a model was sent.</param>
/// <param name="OutputTokens">Tokens that a model answered with.</param>
/// <param name="CostMicros">Cost in millionths of the currency that prices are set in.</param>
/// <param name="TookMs">Milliseconds that reading took; with the first entry of a source.</param>
/// <param name="At">When.</param>
internal sealed record ExtractionResponse(
    Guid Id,
    string Scope,
    Guid? MessageId,
    Guid? SourceMemoryId,
    int Version,
    string Outcome,
    string Reason,
    Guid? MemoryId,
    Guid? DuplicateOf,
    Guid? OtherId,
    string? Category,
    string Extractor,
    int InputTokens,
    int OutputTokens,
    long CostMicros,
    double TookMs,
    DateTimeOffset At);

/// <summary>A page of the ledger, the newest entries first.</summary>
/// <param name="Extractions">The entries.</param>
/// <param name="NextCursor">Cursor of the next page; null on the last one.</param>
internal sealed record ExtractionListResponse(IReadOnlyList<ExtractionResponse> Extractions, string? NextCursor);

/// <summary>That a subject asked for something sensitive to be remembered.</summary>
/// <param name="Id">The record.</param>
/// <param name="Category">Category of the memory.</param>
/// <param name="MessageId">The message it was said in.</param>
/// <param name="MemoryId">The memory.</param>
/// <param name="At">When it was said.</param>
internal sealed record ConsentResponse(Guid Id, string Category, Guid MessageId, Guid MemoryId, DateTimeOffset At);

/// <summary>A page of consent, the newest first.</summary>
/// <param name="Consents">The records.</param>
/// <param name="NextCursor">Cursor of the next page; null on the last one.</param>
internal sealed record ConsentListResponse(IReadOnlyList<ConsentResponse> Consents, string? NextCursor);
