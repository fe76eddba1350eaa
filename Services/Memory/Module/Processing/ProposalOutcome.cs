namespace MemoryMesh.Memory.Processing;

/// <summary>What became of something that was read. The values are stored.</summary>
internal enum ExtractionOutcome
{
    /// <summary>It became a memory.</summary>
    Added = 1,

    /// <summary>A memory says nearly the same: it counts as evidence for that one.</summary>
    Merged = 2,

    /// <summary>It took the place of an older value, or took one back.</summary>
    Superseded = 3,

    /// <summary>Nothing changed, for the reason that is given.</summary>
    Skipped = 4,

    /// <summary>It is held back until somebody looks at it.</summary>
    Quarantined = 5,

    /// <summary>It could not be read or written.</summary>
    Failed = 6,
}

/// <summary>Why something had its outcome: codes, never text that anybody wrote.</summary>
internal static class OutcomeReasons
{
    /// <summary>A new fact.</summary>
    public const string New = "new";

    /// <summary>A newer value of the same attribute is known.</summary>
    public const string OlderThanCurrent = "older_than_current";

    /// <summary>The attribute's value is of another kind, so that the two are kept beside each other.</summary>
    public const string Guarded = "guarded";

    /// <summary>A newer value of the same attribute.</summary>
    public const string SameAttribute = "same_attribute";

    /// <summary>It says all that a memory says, and more.</summary>
    public const string SaysMore = "says_more";

    /// <summary>The subject asked for it to be forgotten.</summary>
    public const string Retracted = "retracted";

    /// <summary>No memory is meant by what was asked to be forgotten.</summary>
    public const string NothingToRetract = "nothing_to_retract";

    /// <summary>A memory with the same words is known.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>A memory with nearly the same words, or of the same attribute, is known.</summary>
    public const string NearDuplicate = "near_duplicate";

    /// <summary>It was deleted, or said to be wrong, after it was said.</summary>
    public const string Deleted = "deleted";

    /// <summary>Everything that was said until then was forgotten.</summary>
    public const string Forgotten = "forgotten";

    /// <summary>Nothing worth keeping was found.</summary>
    public const string NothingFound = "nothing_found";

    /// <summary>Sensitive, and not said to be remembered.</summary>
    public const string ConsentNeeded = "consent_needed";

    /// <summary>The subject or the tenant does not allow the category.</summary>
    public const string CategoryNotAllowed = "category_not_allowed";

    /// <summary>The work failed after all quick tries; it is tried again slowly.</summary>
    public const string ProcessingFailed = "processing_failed";
}

/// <summary>What became of a proposal.</summary>
/// <param name="Proposal">The proposal.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Reason">A code of <see cref="OutcomeReasons"/> or of <see cref="Storage.HoldReasons"/>.</param>
/// <param name="MemoryId">The memory it became or is evidence for.</param>
/// <param name="OtherId">The memory whose place it took, or that took its place.</param>
internal sealed record ProposalOutcome(Proposal Proposal, ExtractionOutcome Outcome, string Reason, Guid? MemoryId = null, Guid? OtherId = null);

/// <summary>What a decision does, and what became of each proposal.</summary>
/// <param name="Steps">What to do, in this order.</param>
/// <param name="Outcomes">What became of each proposal, by lesson, in the order of the lessons.</param>
internal sealed record Decision(IReadOnlyList<MemoryStep> Steps, IReadOnlyList<IReadOnlyList<ProposalOutcome>> Outcomes);
