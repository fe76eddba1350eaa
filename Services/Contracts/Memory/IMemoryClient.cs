using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Search;

namespace MemoryMesh.Contracts.Memory;

/// <summary>What other services ask of Memory. The caller has checked the tenant and what the principal may see.</summary>
public interface IMemoryClient
{
    /// <summary>Memories by id, in no order; those that are deleted or of another tenant are left out. At most 500 ids.</summary>
    Task<IReadOnlyList<MemoryItem>> GetMemoriesAsync(Guid tenantId, IReadOnlyList<Guid> memoryIds, CancellationToken cancellationToken);

    /// <summary>
    /// Memories as they were held for true at a time, by id, in no order, with the texts of then; those that were not are left out. At most 500 ids.
    /// </summary>
    Task<IReadOnlyList<MemoryItem>> GetBelievedMemoriesAsync(Guid tenantId, IReadOnlyList<Guid> memoryIds, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>How many active memories were drawn from messages of a conversation.</summary>
    Task<int> CountFromConversationAsync(Guid tenantId, Guid conversationKey, CancellationToken cancellationToken);

    /// <summary>Which of the subjects opted out of memory: nothing is learned about them and nothing recalled.</summary>
    Task<IReadOnlyList<Guid>> FindOptedOutAsync(Guid tenantId, IReadOnlyList<Guid> subjectKeys, CancellationToken cancellationToken);

    /// <summary>Archives or deletes memories that a retention rule covers, at most <see cref="RetentionOrder.BatchSize"/>; repeat until it answers 0.</summary>
    /// <returns>How many memories it acted on.</returns>
    Task<int> ApplyRetentionAsync(RetentionOrder order, CancellationToken cancellationToken);

    /// <summary>Waits until what there is to learn from versions of messages was learned.</summary>
    /// <returns>False when <paramref name="timeout"/> passed first.</returns>
    Task<bool> WaitUntilExtractedAsync(
        Guid tenantId, IReadOnlyList<MessageVersion> messages, TimeSpan timeout, CancellationToken cancellationToken);
}

/// <summary>Who a memory belongs to.</summary>
public static class MemoryScopes
{
    /// <summary>One subject.</summary>
    public const string User = "user";

    /// <summary>A team of the tenant.</summary>
    public const string Team = "team";

    /// <summary>The whole tenant.</summary>
    public const string Organization = "organization";
}

/// <summary>What became of a memory.</summary>
public static class MemoryStates
{
    /// <summary>It holds, until its end.</summary>
    public const string Current = "current";

    /// <summary>A newer value of the same attribute took its place.</summary>
    public const string Superseded = "superseded";

    /// <summary>Another memory says the same.</summary>
    public const string Merged = "merged";

    /// <summary>It was wrong: it was true at no time.</summary>
    public const string Withdrawn = "withdrawn";

    /// <summary>It waits for somebody to look at it.</summary>
    public const string Review = "review";

    /// <summary>It reads like an instruction.</summary>
    public const string Quarantined = "quarantined";
}

/// <summary>A memory as another service sees it.</summary>
public sealed record MemoryItem
{
    /// <summary>The memory.</summary>
    public required Guid Id { get; init; }

    /// <summary>One of <see cref="MemoryScopes"/>.</summary>
    public required string Scope { get; init; }

    /// <summary>Subject key, team id or tenant id, by the scope.</summary>
    public required Guid OwnerKey { get; init; }

    /// <summary>The subject's id as the client chose it; null for other scopes.</summary>
    public string? UserId { get; init; }

    /// <summary>The fact, a third-person sentence when it was extracted.</summary>
    public required string Text { get; init; }

    /// <summary>Category, for example <c>name</c> or <c>preference</c>.</summary>
    public required string Category { get; init; }

    /// <summary>pending, processing, completed or failed.</summary>
    public required string Status { get; init; }

    /// <summary>0 to 1.</summary>
    public required double Importance { get; init; }

    /// <summary>Importance that it is ranked with, 0 to 1: feedback raises it, and what was inferred counts half. Null for <see cref="Importance"/>.</summary>
    public double? RankedImportance { get; init; }

    /// <summary>0 to 1.</summary>
    public required double Confidence { get; init; }

    /// <summary>Metadata as a JSON object, or null.</summary>
    public string? MetadataJson { get; init; }

    /// <summary>When it was first stored.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Version, from 1.</summary>
    public required int Version { get; init; }

    /// <summary>False when it does not hold any more: a newer memory superseded it, its time is over, or a retention rule archived it.</summary>
    public required bool Active { get; init; }

    /// <summary>One of <see cref="MemoryStates"/>; null when it is not told.</summary>
    public string? State { get; init; }

    /// <summary>Since when it is true.</summary>
    public DateTimeOffset? ValidFrom { get; init; }

    /// <summary>Until when it is true, as far as is known; null for no known end.</summary>
    public DateTimeOffset? ValidTo { get; init; }

    /// <summary>The memory that took its place.</summary>
    public Guid? SupersededBy { get; init; }

    /// <summary>Whether it ended, and may be found among what was true earlier: what is held back is found nowhere.</summary>
    public bool Ended => !Active && State is not (null or MemoryStates.Review or MemoryStates.Quarantined);
}
