using MemoryMesh.Memory.Storage;

namespace MemoryMesh.Memory.Consolidation;

/// <summary>What a consolidation does to a memory. The values are stored.</summary>
internal enum ConsolidationChangeKind
{
    /// <summary>Another memory says the same, or more: it is merged into that.</summary>
    Merged = 1,

    /// <summary>A newer value of the same attribute holds beside it: that takes its place.</summary>
    Superseded = 2,

    /// <summary>Its time is over.</summary>
    Expired = 3,

    /// <summary>It was observed often: it is ranked higher.</summary>
    Promoted = 4,

    /// <summary>It was inferred and waited for review, and enough messages said it: it is let through.</summary>
    Approved = 5,
}

/// <summary>A change of a memory.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Memory">The memory as it is stored.</param>
/// <param name="Into">The memory that says the same, or that takes its place.</param>
internal sealed record ConsolidationChange(ConsolidationChangeKind Kind, MemoryRecord Memory, MemoryRecord? Into = null);

/// <summary>What is done to the memories of one owner.</summary>
/// <param name="Changes">Each change, for the report.</param>
/// <param name="Turns">The next versions; no memory has two.</param>
internal sealed record ConsolidationPlan(IReadOnlyList<ConsolidationChange> Changes, IReadOnlyList<MemoryTurn> Turns);

/// <summary>An owner's memories that a consolidation looks at.</summary>
/// <param name="Revision">Changes with every change to the owner's memories.</param>
/// <param name="Memories">Those that hold and were compared with the others, and inferred ones that wait for review.</param>
internal sealed record ConsolidatedOwner(long Revision, IReadOnlyList<MemoryRecord> Memories);

/// <summary>How far a run is. The values are stored.</summary>
internal enum ConsolidationState
{
    /// <summary>It waits for the worker.</summary>
    Queued = 1,

    /// <summary>A worker has it, or had it when it was stopped: then another goes on.</summary>
    Running = 2,

    /// <summary>Every owner was looked at.</summary>
    Completed = 3,
}

/// <summary>Numbers of a run.</summary>
/// <param name="Owners">Owners that were looked at.</param>
/// <param name="Failed">Owners whose memories could not be worked on.</param>
/// <param name="Merged">Memories that were merged, or would be.</param>
/// <param name="Superseded">Memories whose place a newer value took.</param>
/// <param name="Expired">Memories whose time was over.</param>
/// <param name="Promoted">Memories that are ranked higher.</param>
/// <param name="Approved">Inferred memories that were let through.</param>
internal sealed record ConsolidationFigures(int Owners, int Failed, int Merged, int Superseded, int Expired, int Promoted, int Approved)
{
    public static readonly ConsolidationFigures None = new(0, 0, 0, 0, 0, 0, 0);
}

/// <summary>A consolidation of the memories of a tenant.</summary>
internal sealed record ConsolidationRun
{
    public required Guid Id { get; init; }

    public required Guid TenantId { get; init; }

    /// <summary>Account that asked for it; null when it began by itself.</summary>
    public Guid? RequestedBy { get; init; }

    /// <summary>Whether it only tells what it would do.</summary>
    public required bool DryRun { get; init; }

    public ConsolidationState State { get; init; } = ConsolidationState.Queued;

    public required DateTimeOffset RequestedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The last owner that was looked at.</summary>
    public Guid? Cursor { get; init; }

    public ConsolidationFigures Figures { get; init; } = ConsolidationFigures.None;
}

/// <summary>A change as a report lists it.</summary>
/// <param name="Id">Rises with the order of the changes.</param>
/// <param name="Kind">What was done, or would be.</param>
/// <param name="Scope">Scope of the memory.</param>
/// <param name="MemoryId">The memory.</param>
/// <param name="IntoId">The memory that says the same, or that took its place.</param>
internal sealed record ReportedChange(Guid Id, ConsolidationChangeKind Kind, MemoryScope Scope, Guid MemoryId, Guid? IntoId);

/// <summary>What a run does to one owner, written in one transaction.</summary>
/// <param name="Run">The run.</param>
/// <param name="LeaseId">The lease that the worker holds.</param>
/// <param name="LeaseUntil">Until when it holds it from then on.</param>
/// <param name="OwnerKey">The owner.</param>
/// <param name="Revision">Revision of the owner that it was decided from; null when its memories could not be worked on.</param>
/// <param name="Plan">What is done.</param>
internal sealed record ConsolidationStep(ConsolidationRun Run, Guid LeaseId, DateTimeOffset LeaseUntil, Guid OwnerKey, long? Revision, ConsolidationPlan Plan);

/// <summary>What became of a step.</summary>
internal enum ConsolidationStepResult
{
    Done,

    /// <summary>The owner's memories changed meanwhile: read them again.</summary>
    Stale,

    /// <summary>Another worker has the run, or it has ended.</summary>
    LeaseLost,
}

/// <summary>What became of a request for a run.</summary>
/// <param name="Run">The run; null when there is one that has not ended, or the key was used for another request.</param>
/// <param name="KeyReused">Whether the Idempotency-Key came with another request before.</param>
/// <param name="Replayed">Whether the run was made by the same request before.</param>
internal sealed record ConsolidationRequested(ConsolidationRun? Run, bool KeyReused = false, bool Replayed = false);
