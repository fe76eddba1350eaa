using MemoryMesh.Contracts.Chat;

namespace MemoryMesh.Contracts.Memory;

/// <summary>What exports and imports ask of Memory. The caller has checked the tenant and what the principal may see. Every call is safe to repeat.</summary>
public interface IMemoryTransfer
{
    /// <summary>Most items of one call.</summary>
    const int MostItems = 500;

    /// <summary>Memories of one owner, or of all, superseded and archived ones too, with history and sources, by id.</summary>
    Task<MemorySlice> ListMemoriesAsync(Guid tenantId, Guid? ownerKey, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>How many memories one owner has, or all.</summary>
    Task<long> CountMemoriesAsync(Guid tenantId, Guid? ownerKey, CancellationToken cancellationToken);

    /// <summary>What became of what was read of one owner, or of all, the newest first.</summary>
    Task<LearnedSlice> ListExtractionsAsync(Guid tenantId, Guid? ownerKey, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>Consent of one subject, or of all, the newest first.</summary>
    Task<LearnedSlice> ListConsentsAsync(Guid tenantId, Guid? ownerKey, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>Settings of subjects; those without any are left out.</summary>
    Task<IReadOnlyList<SettingsCopy>> FindSettingsAsync(Guid tenantId, IReadOnlyList<Guid> subjectKeys, CancellationToken cancellationToken);

    /// <summary>Stores memories as they are given, without comparing them with others, and settings that are newer than those that are there.</summary>
    /// <returns>What became of each: first of the memories, then of the settings, in the order given.</returns>
    Task<IReadOnlyList<CopyOutcome>> ImportAsync(MemoryImport import, CancellationToken cancellationToken);
}

/// <summary>A page of memories.</summary>
/// <param name="Memories">The memories. Those whose key was destroyed are left out.</param>
/// <param name="Next">Where the next page begins; null on the last one.</param>
public sealed record MemorySlice(IReadOnlyList<MemoryCopy> Memories, Guid? Next);

/// <summary>A page of what is known about learning.</summary>
/// <param name="Items">The entries.</param>
/// <param name="Next">Where the next page begins; null on the last one.</param>
public sealed record LearnedSlice(IReadOnlyList<LearnedCopy> Items, Guid? Next);

/// <summary>What became of something that was read, or a consent that was given: ids, codes and figures, no text.</summary>
public sealed record LearnedCopy
{
    /// <summary>The entry.</summary>
    public required Guid Id { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Whether it is a consent.</summary>
    public bool IsConsent { get; init; }

    /// <summary>One of <see cref="MemoryScopes"/>.</summary>
    public string Scope { get; init; } = MemoryScopes.User;

    /// <summary>The message that was read, or that asks for it; null for an added memory.</summary>
    public Guid? MessageId { get; init; }

    /// <summary>The added memory that was read; null for a message.</summary>
    public Guid? SourceMemoryId { get; init; }

    /// <summary>What became of it: added, merged, superseded, skipped, quarantined or failed; null of a consent.</summary>
    public string? Outcome { get; init; }

    /// <summary>Why, as a code; null of a consent.</summary>
    public string? Reason { get; init; }

    /// <summary>The memory that it became, or is evidence for.</summary>
    public Guid? MemoryId { get; init; }

    /// <summary>The memory whose place it took, or that took its place.</summary>
    public Guid? OtherId { get; init; }

    /// <summary>Category.</summary>
    public string? Category { get; init; }

    /// <summary>What read it: rules, or the name of a model; null of a consent.</summary>
    public string? Extractor { get; init; }

    /// <summary>Tokens that a model was sent.</summary>
    public int InputTokens { get; init; }

    /// <summary>Tokens that a model answered with.</summary>
    public int OutputTokens { get; init; }

    /// <summary>Cost in millionths.</summary>
    public long CostMicros { get; init; }
}

/// <summary>A memory with all that is kept of it.</summary>
public sealed record MemoryCopy
{
    /// <summary>The memory; in an import its id here, the same for the same memory of the same source.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its id at its source. A memory of that id here is the same.</summary>
    public Guid? SourceId { get; init; }

    /// <summary>One of <see cref="MemoryScopes"/>.</summary>
    public required string Scope { get; init; }

    /// <summary>Subject key, team id or tenant id, by the scope.</summary>
    public required Guid OwnerKey { get; init; }

    /// <summary>The subject's id; null for other scopes.</summary>
    public string? UserId { get; init; }

    /// <summary>Narrows it to an agent.</summary>
    public string? AgentId { get; init; }

    /// <summary>Narrows it to a run.</summary>
    public string? RunId { get; init; }

    /// <summary>The fact.</summary>
    public required string? Text { get; init; }

    /// <summary>Category.</summary>
    public required string? Category { get; init; }

    /// <summary>Whether a client chose the category.</summary>
    public bool CategoryGiven { get; init; }

    /// <summary>0 to 1.</summary>
    public required double Importance { get; init; }

    /// <summary>Whether a client chose the importance.</summary>
    public bool ImportanceGiven { get; init; }

    /// <summary>0 to 1.</summary>
    public required double Confidence { get; init; }

    /// <summary>The attribute of the owner that it fills, when it is known.</summary>
    public string? Slot { get; init; }

    /// <summary>Whether the attribute has one value at a time.</summary>
    public bool SingleValued { get; init; }

    /// <summary>Whether facts are drawn from its text, which is kept as it was written.</summary>
    public bool Extract { get; init; }

    /// <summary>Whether it was extracted and not changed by anybody.</summary>
    public bool Derived { get; init; }

    /// <summary>Metadata as a JSON object, or null.</summary>
    public string? MetadataJson { get; init; }

    /// <summary>Since when it holds.</summary>
    public required DateTimeOffset ValidFrom { get; init; }

    /// <summary>Since when it does not hold any more; null while it does.</summary>
    public DateTimeOffset? ValidTo { get; init; }

    /// <summary>The memory that took its place.</summary>
    public Guid? SupersededBy { get; init; }

    /// <summary>What became of it: current, superseded, merged, archived, expired, withdrawn, review or quarantined. Null in copies of versions that did not tell.</summary>
    public string? State { get; init; }

    /// <summary>When it ends by what was said; null for no known end.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it ceased to be held for true; null while it is.</summary>
    public DateTimeOffset? SupersededAt { get; init; }

    /// <summary>How often it was said or observed; 0 in copies of versions that did not tell.</summary>
    public int Evidence { get; init; }

    /// <summary>Whether its words do not stand in what was said.</summary>
    public bool Inferred { get; init; }

    /// <summary>What feedback adds to its importance when it is ranked, -1 to 1.</summary>
    public double Boost { get; init; }

    /// <summary>Why it is held back, as a code; null when it is not.</summary>
    public string? HoldReason { get; init; }

    /// <summary>Version, from 1.</summary>
    public required int Version { get; init; }

    /// <summary>When it was first stored.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Messages and added memories it was drawn from.</summary>
    public required IReadOnlyList<MemorySourceCopy> Sources { get; init; }

    /// <summary>Its versions, oldest first.</summary>
    public required IReadOnlyList<MemoryVersionCopy> History { get; init; }
}

/// <summary>A message, or an added memory, that a memory was drawn from.</summary>
/// <param name="MessageId">The message or memory.</param>
/// <param name="ConversationId">The message's conversation; empty for a memory.</param>
/// <param name="QuoteStart">Where the quoted words begin in it, in UTF-16 units.</param>
/// <param name="QuoteLength">How long they are, in UTF-16 units.</param>
/// <param name="Quote">The words.</param>
/// <param name="FromMemory">Whether it is an added memory.</param>
public sealed record MemorySourceCopy(Guid MessageId, string ConversationId, int QuoteStart, int QuoteLength, string Quote, bool FromMemory = false);

/// <summary>A version of a memory.</summary>
/// <param name="Version">The version.</param>
/// <param name="Event">ADD, UPDATE, SUPERSEDE, MERGE, ARCHIVE, EXPIRE, WITHDRAW, HOLD, APPROVE, RESTORE or DELETE.</param>
/// <param name="Actor">Id of the account, or extraction, processing or retention.</param>
/// <param name="OldText">The text before.</param>
/// <param name="NewText">The text after.</param>
/// <param name="At">When.</param>
/// <param name="ValidFrom">Since when it was held to be true in the world; null where that was not noted.</param>
/// <param name="ValidTo">Until when.</param>
public sealed record MemoryVersionCopy(
    int Version, string Event, string Actor, string? OldText, string? NewText, DateTimeOffset At, DateTimeOffset? ValidFrom = null, DateTimeOffset? ValidTo = null);

/// <summary>A subject's settings.</summary>
/// <param name="SubjectKey">Keyed hash of the subject.</param>
/// <param name="OptedOut">Whether nothing is learned about the subject and nothing recalled.</param>
/// <param name="UpdatedAt">When it was set.</param>
public sealed record SettingsCopy(Guid SubjectKey, bool OptedOut, DateTimeOffset UpdatedAt)
{
    /// <summary>Categories that may be learned about the subject; null for all.</summary>
    public IReadOnlyList<string>? AllowedCategories { get; init; }

    /// <summary>The subject's id; needed in an import that has blocks.</summary>
    public string? UserId { get; init; }

    /// <summary>What was set of the subject's preferences, by trait.</summary>
    public IReadOnlyDictionary<string, PreferenceCopy> Preferences { get; init; } = new Dictionary<string, PreferenceCopy>();

    /// <summary>The subject's core blocks.</summary>
    public IReadOnlyList<BlockCopy> Blocks { get; init; } = [];
}

/// <summary>A preference that was set.</summary>
/// <param name="Value">The value.</param>
/// <param name="UpdatedAt">When it was set.</param>
public sealed record PreferenceCopy(string? Value, DateTimeOffset UpdatedAt);

/// <summary>A core block.</summary>
/// <param name="Label">Its name.</param>
/// <param name="Description">What it is for, or null.</param>
/// <param name="Text">The text.</param>
/// <param name="Limit">Most characters of the text.</param>
/// <param name="ReadOnly">Whether only those who administer its owner may change it.</param>
/// <param name="CreatedAt">When it was added.</param>
/// <param name="UpdatedAt">When it last changed.</param>
/// <param name="Versions">Its versions, oldest first. An import takes the last one only.</param>
public sealed record BlockCopy(
    string? Label, string? Description, string? Text, int Limit, bool ReadOnly, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, IReadOnlyList<BlockTextCopy>? Versions);

/// <summary>A version of a core block.</summary>
/// <param name="Version">From 1.</param>
/// <param name="Text">The text of that version.</param>
/// <param name="At">When it was made.</param>
public sealed record BlockTextCopy(int Version, string? Text, DateTimeOffset At);

/// <summary>Memories and settings to import.</summary>
public sealed record MemoryImport
{
    /// <summary>The tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>The account that imports.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>True: say what would become of each, and store nothing.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Memories.</summary>
    public required IReadOnlyList<MemoryCopy> Memories { get; init; }

    /// <summary>Settings, stored after the memories: a subject that is opted out could take none.</summary>
    public required IReadOnlyList<SettingsCopy> Settings { get; init; }
}
