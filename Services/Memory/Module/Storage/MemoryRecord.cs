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

/// <summary>What happened to a memory.</summary>
internal enum HistoryEvent
{
    Add = 1,
    Update = 2,
    Supersede = 3,
    Delete = 4,
    Archive = 5,
}

/// <summary>What changed a memory, when it was no account.</summary>
internal enum ActorKind
{
    Account = 1,
    Extraction = 2,

    /// <summary>The comparison with the owner's other memories.</summary>
    Processing = 3,
    Retention = 4,
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

    public required MemoryStatus Status { get; init; }

    /// <summary>A code of <see cref="MemoryErrors"/>.</summary>
    public string? Error { get; init; }

    public int Attempts { get; init; }

    public DateTimeOffset? NextAttemptAt { get; init; }

    public required DateTimeOffset ValidFrom { get; init; }

    public DateTimeOffset? ValidTo { get; init; }

    public Guid? SupersededBy { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public bool Active => ValidTo is null;

    /// <summary>The text as it is searched in: that of most memories was normalised when it was stored.</summary>
    public string SearchedText => Extract ? MemoryText.Normalise(Text) : Text;

    public string ScopeName => Scope switch
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
internal sealed record HistoryEntry(int Version, HistoryEvent Event, Actor Actor, string? OldText, string? NewText, DateTimeOffset At);

/// <summary>Which memories a list holds; the tenant is not optional.</summary>
internal sealed record MemoryListQuery
{
    public required Guid TenantId { get; init; }

    /// <summary>Null for every owner of the tenant: for those who act for all of them.</summary>
    public required MemoryOwner? Owner { get; init; }

    public bool IncludeInactive { get; init; }

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
