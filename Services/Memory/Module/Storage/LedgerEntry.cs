using MemoryMesh.Memory.Processing;

namespace MemoryMesh.Memory.Storage;

/// <summary>What became of something that was read: ids, codes and figures, none of its words.</summary>
internal sealed record LedgerEntry
{
    public required Guid Id { get; init; }

    public required Guid TenantId { get; init; }

    public required MemoryScope Scope { get; init; }

    public required Guid OwnerKey { get; init; }

    /// <summary>The message or added memory that was read.</summary>
    public required Guid SourceId { get; init; }

    public bool FromMemory { get; init; }

    public required int SourceVersion { get; init; }

    public Guid? ConversationKey { get; init; }

    public required ExtractionOutcome Outcome { get; init; }

    /// <summary>A code of <see cref="OutcomeReasons"/> or <see cref="HoldReasons"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>The memory that it became, or is evidence for.</summary>
    public Guid? MemoryId { get; init; }

    /// <summary>The memory whose place it took, or that took its place.</summary>
    public Guid? OtherId { get; init; }

    public string? Category { get; init; }

    /// <summary>What read it: rules, or the name of a model.</summary>
    public required string Extractor { get; init; }

    public int InputTokens { get; init; }

    public int OutputTokens { get; init; }

    /// <summary>Cost in millionths of the currency that prices are set in.</summary>
    public long CostMicros { get; init; }

    public long ElapsedMicros { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>That a subject asked for something sensitive to be remembered.</summary>
/// <param name="Id">The record.</param>
/// <param name="TenantId">The tenant.</param>
/// <param name="OwnerKey">The subject.</param>
/// <param name="Category">Category of the memory.</param>
/// <param name="MessageId">The message it was said in.</param>
/// <param name="MemoryId">The memory.</param>
/// <param name="At">When it was said.</param>
internal sealed record ConsentEntry(Guid Id, Guid TenantId, Guid OwnerKey, string Category, Guid MessageId, Guid MemoryId, DateTimeOffset At);
