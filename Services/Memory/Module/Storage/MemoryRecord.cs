using MemoryMesh.Contracts.Memory;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Memory.Storage;

/// <summary>Who a memory belongs to.</summary>
internal enum MemoryScope
{
    User = 1,
    Team = 2,
    Organization = 3,
}

/// <summary>How far the background work on a memory is.</summary>
internal enum MemoryStatus
{
    /// <summary>Stored; not yet compared with the owner's other memories.</summary>
    Pending = 1,

    /// <summary>Compared; waiting until search can find it.</summary>
    Processing = 2,

    /// <summary>Done.</summary>
    Completed = 3,

    /// <summary>Tried often without success; tried again at long intervals.</summary>
    Failed = 4,
}

/// <summary>What became of a memory.</summary>
internal enum MemoryState
{
    /// <summary>It holds, as far as is known; until its end, if one was said.</summary>
    Current = 1,

    /// <summary>A newer value of the same attribute took its place.</summary>
    Superseded = 2,

    /// <summary>Another memory says the same.</summary>
    Merged = 3,

    /// <summary>A retention rule archived it.</summary>
    Archived = 4,

    /// <summary>Its time is over: by what was said, or because somebody said that it is outdated.</summary>
    Expired = 5,

    /// <summary>It was wrong: somebody said so, or undid it. It was true at no time.</summary>
    Withdrawn = 6,

    /// <summary>It waits for somebody to look at it, and is not recalled meanwhile.</summary>
    Review = 7,

    /// <summary>It reads like an instruction, and is never recalled unless somebody approves it.</summary>
    Quarantined = 8,
}

/// <summary>What happened to a memory.</summary>
internal enum HistoryEvent
{
    Add = 1,
    Update = 2,
    Supersede = 3,
    Delete = 4,
    Archive = 5,
    Merge = 6,

    /// <summary>It holds again: an ending was undone, or what superseded it is gone.</summary>
    Restore = 7,
    Expire = 8,
    Withdraw = 9,

    /// <summary>It was held back for review.</summary>
    Hold = 10,

    /// <summary>Somebody let a held memory through.</summary>
    Approve = 11,
}

/// <summary>What changed a memory, when it was no account.</summary>
internal enum ActorKind
{
    Account = 1,
    Extraction = 2,

    /// <summary>The comparison with the owner's other memories.</summary>
    Processing = 3,
    Retention = 4,
    Consolidation = 5,
}

/// <summary>Who changed a memory.</summary>
/// <param name="Kind">What it was.</param>
/// <param name="AccountId">The account, when it was one.</param>
internal readonly record struct Actor(ActorKind Kind, Guid? AccountId = null)
{
    public static Actor Of(Guid accountId) => new(ActorKind.Account, accountId);

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string text, out Actor actor)
    {
        if (Guid.TryParseExact(text, "D", out var account))
        {
            actor = Of(account);
            return true;
        }

        actor = new Actor(text switch
        {
            "account" => ActorKind.Account,
            "extraction" => ActorKind.Extraction,
            "processing" => ActorKind.Processing,
            "retention" => ActorKind.Retention,
            "consolidation" => ActorKind.Consolidation,
            _ => default,
        });
        return actor.Kind != default;
    }

    public override string ToString() => AccountId?.ToString("D") ?? Kind.ToString().ToLowerInvariant();
}

/// <summary>Who owns memories.</summary>
/// <param name="Scope">The scope.</param>
/// <param name="Key">Subject key, team id or tenant id.</param>
/// <param name="UserId">The subject's id, in the scope user.</param>
internal sealed record MemoryOwner(MemoryScope Scope, Guid Key, string? UserId);

/// <summary>A memory as it is kept, in clear text.</summary>
internal sealed record MemoryRecord
{
    public required Guid Id { get; init; }

    public required Guid TenantId { get; init; }

    public required MemoryScope Scope { get; init; }

    public required Guid OwnerKey { get; init; }

    public string? UserId { get; init; }

    public string? AgentId { get; init; }

    public string? RunId { get; init; }

    /// <summary>Account that added it; null when it was extracted.</summary>
    public Guid? CreatedBy { get; init; }

    /// <summary>Whether facts are drawn from its text, which stays as it was written and is compared with no other memory.</summary>
    public bool Extract { get; init; }

    /// <summary>Whether it says nothing but what its sources say: extracted, and not changed by anybody.</summary>
    public bool Derived { get; init; }

    public required string Text { get; init; }

    public string? MetadataJson { get; init; }

    public required string Category { get; init; }

    public bool CategoryGiven { get; init; }

    public required double Importance { get; init; }

    public bool ImportanceGiven { get; init; }

    public required double Confidence { get; init; }

    /// <summary>The attribute of the owner that it fills, when it is known.</summary>
    public string? Slot { get; init; }

    public bool SingleValued { get; init; }

    /// <summary>Keyed hash of the folded text as hex; null until it was compared with the owner's other memories.</summary>
    public string? TextKey { get; init; }

    /// <summary>What a language model should mind when it draws facts from the text; null when it was read, or there is nothing to mind.</summary>
    public string? Instructions { get; init; }

    public required MemoryStatus Status { get; init; }

    /// <summary>A code of <see cref="MemoryErrors"/>.</summary>
    public string? Error { get; init; }

    public int Attempts { get; init; }

    public DateTimeOffset? NextAttemptAt { get; init; }

    public required DateTimeOffset ValidFrom { get; init; }

    /// <summary>Since when it does not hold any more; null while it does.</summary>
    public DateTimeOffset? ValidTo { get; init; }

    /// <summary>When it ends by what was said; null for no known end.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public Guid? SupersededBy { get; init; }

    /// <summary>When this store ceased to hold it for true; null while it does.</summary>
    public DateTimeOffset? SupersededAt { get; init; }

    public MemoryState State { get; init; } = MemoryState.Current;

    /// <summary>When it was said last, when that was later than <see cref="ValidFrom"/>; else null.</summary>
    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <summary>How often it was said or observed, at least 1.</summary>
    public int Evidence { get; init; } = 1;

    /// <summary>Whether its words do not stand in what was said.</summary>
    public bool Inferred { get; init; }

    /// <summary>What feedback and repeated observation add to the importance when it is ranked, -1 to 1.</summary>
    public double Boost { get; init; }

    /// <summary>Whether somebody undid its merge, so that it is not merged again by itself.</summary>
    public bool KeptApart { get; init; }

    /// <summary>Why it is held back: a code of <see cref="HoldReasons"/>.</summary>
    public string? HoldReason { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public bool Active => ValidTo is null;

    /// <summary>Whether it is active and its said end is not reached: it may be, until the expiry in the background closes it.</summary>
    public bool HoldsAt(DateTimeOffset now) => Active && (ExpiresAt is null || ExpiresAt > now);

    /// <summary>Whether it is held back from recall until somebody approves it.</summary>
    public bool Held => State is MemoryState.Review or MemoryState.Quarantined;

    /// <summary>End of the time it is true in the world, the known or the said one; null for none.</summary>
    public DateTimeOffset? End => Held ? ExpiresAt : ValidTo ?? ExpiresAt;

    /// <summary>Importance that it is ranked with, 0 to 1: an inferred memory counts half.</summary>
    public double RankedImportance => Math.Clamp(Importance + Boost, 0, 1) * (Inferred ? 0.5 : 1);

    public string StateName => State.ToString().ToLowerInvariant();

    /// <summary>The next version, which holds no longer.</summary>
    /// <param name="state">What became of it.</param>
    /// <param name="validTo">Since when it is not true any more; the beginning of its time for what was never true.</param>
    /// <param name="now">The time.</param>
    /// <param name="by">The memory that takes its place.</param>
    public MemoryRecord Ended(MemoryState state, DateTimeOffset validTo, DateTimeOffset now, Guid? by = null)
    {
        var end = validTo > ExpiresAt ? ExpiresAt.Value : validTo;
        return this with
        {
            State = state,
            ValidTo = end > ValidFrom ? end : ValidFrom,
            SupersededBy = by,
            SupersededAt = now,
            Status = MemoryStatus.Completed,
            Error = null,
            Attempts = 0,
            NextAttemptAt = null,
            Version = Version + 1,
            UpdatedAt = now,
        };
    }

    /// <summary>The next version, which holds again.</summary>
    /// <param name="now">The time.</param>
    /// <param name="indexDeadline">When it is announced again if search has not found it until then.</param>
    /// <param name="compare">Whether it is compared with the owner's other memories first.</param>
    public MemoryRecord Reopened(DateTimeOffset now, DateTimeOffset indexDeadline, bool compare = false)
    {
        var pending = compare || TextKey is null;
        return this with
        {
            State = MemoryState.Current,
            ValidTo = null,
            ExpiresAt = ExpiresAt <= now ? null : ExpiresAt,
            SupersededBy = null,
            SupersededAt = null,
            HoldReason = null,
            TextKey = pending ? null : TextKey,
            Status = pending ? MemoryStatus.Pending : MemoryStatus.Processing,
            Error = null,
            Attempts = 0,
            NextAttemptAt = pending ? now : indexDeadline,
            Version = Version + 1,
            UpdatedAt = now,
        };
    }

    /// <summary>The text as it is searched in: that of most memories was normalised when it was stored.</summary>
    public string SearchedText => Extract ? MemoryText.Normalise(Text) : Text;

    public string ScopeName => NameOf(Scope);

    /// <summary>Name of a scope in the API.</summary>
    public static string NameOf(MemoryScope scope) => scope switch
    {
        MemoryScope.User => MemoryScopes.User,
        MemoryScope.Team => MemoryScopes.Team,
        _ => MemoryScopes.Organization,
    };

    public string StatusName => Status.ToString().ToLowerInvariant();
}

/// <summary>Why a memory could not be completed: codes, never text of a memory or of an exception.</summary>
internal static class MemoryErrors
{
    public const string StoreUnavailable = "store_unavailable";
    public const string IndexTimeout = "index_timeout";
    public const string Unreadable = "unreadable";
    public const string ProcessingFailed = "processing_failed";
}

/// <summary>Why a memory is held back: codes.</summary>
internal static class HoldReasons
{
    /// <summary>Its words do not stand in what was said.</summary>
    public const string Inferred = "inferred";

    /// <summary>It reads like an instruction to the assistant.</summary>
    public const string Instructions = "instructions";

    /// <summary>Somebody said that it is sensitive.</summary>
    public const string Sensitive = "sensitive";

    public static readonly IReadOnlyList<string> All = [Inferred, Instructions, Sensitive];
}

/// <summary>A message, or an added memory, that a memory was drawn from.</summary>
internal sealed record MemorySource
{
    /// <summary>The message or memory.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>Whether it is an added memory, which is in no conversation.</summary>
    public bool FromMemory { get; init; }

    public Guid ConversationKey { get; init; }

    public string ConversationId { get; init; } = "";

    public int QuoteStart { get; init; }

    public int QuoteLength { get; init; }

    public string Quote { get; init; } = "";
}

/// <summary>A version of a memory.</summary>
/// <param name="Version">The version.</param>
/// <param name="Event">What made it.</param>
/// <param name="Actor">Who made it.</param>
/// <param name="OldText">The text before.</param>
/// <param name="NewText">The text after.</param>
/// <param name="At">When.</param>
/// <param name="ValidFrom">Since when it was held to be true in the world; null where it was not noted.</param>
/// <param name="ValidTo">Until when; null for no known end.</param>
internal sealed record HistoryEntry(
    int Version,
    HistoryEvent Event,
    Actor Actor,
    string? OldText,
    string? NewText,
    DateTimeOffset At,
    DateTimeOffset? ValidFrom = null,
    DateTimeOffset? ValidTo = null)
{
    /// <summary>Events after which a memory is held for true.</summary>
    public static readonly IReadOnlyList<HistoryEvent> Believed = [HistoryEvent.Add, HistoryEvent.Update, HistoryEvent.Restore, HistoryEvent.Approve];
}

/// <summary>Which memories a list holds beside those that hold.</summary>
internal enum MemoryView
{
    /// <summary>Those that hold now.</summary>
    Current,

    /// <summary>Superseded ones too.</summary>
    WithSuperseded,

    /// <summary>Whatever ended too; not what is held back.</summary>
    All,

    /// <summary>What is held back, and nothing else.</summary>
    Held,
}

/// <summary>Which time an as-of question is about.</summary>
internal enum TimeBasis
{
    /// <summary>What was true then, as far as is known now.</summary>
    World,

    /// <summary>What this store held for true then.</summary>
    System,
}

/// <summary>Which memories a list holds; the tenant is not optional.</summary>
internal sealed record MemoryListQuery
{
    public required Guid TenantId { get; init; }

    /// <summary>Null for every owner of the tenant: for those who act for all of them.</summary>
    public required MemoryOwner? Owner { get; init; }

    public MemoryView View { get; init; }

    /// <summary>The time: memories that ended by then are not current.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Answers how it was at this time, instead of <see cref="View"/>.</summary>
    public DateTimeOffset? AsOf { get; init; }

    public TimeBasis Basis { get; init; }

    /// <summary>Only what is held back for this reason.</summary>
    public string? HoldReason { get; init; }

    /// <summary>Whether facts that were drawn from added memories are left out.</summary>
    public bool ExcludeFacts { get; init; }

    public MemoryStatus? Status { get; init; }

    public string? Category { get; init; }

    public string? AgentId { get; init; }

    public string? RunId { get; init; }

    public string? Search { get; init; }

    public MemoryOrder Order { get; init; }

    public bool Descending { get; init; } = true;

    public required int Page { get; init; }

    public required int PageSize { get; init; }
}

/// <summary>What a list is sorted by.</summary>
internal enum MemoryOrder
{
    CreatedAt,
    UpdatedAt,
    Importance,
}

/// <summary>A page of a list.</summary>
/// <param name="Count">How many memories the whole list has.</param>
/// <param name="Memories">Those of the page.</param>
internal sealed record MemoryPage(int Count, IReadOnlyList<MemoryRecord> Memories);
