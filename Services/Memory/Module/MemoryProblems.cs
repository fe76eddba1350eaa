using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Memory;

/// <summary>Problems that only the Memory service answers with.</summary>
internal static class MemoryProblems
{
    public static readonly ProblemKind OptedOut = new(
        "memory-opted-out", 422, "The subject opted out of memory", "Nothing is remembered about this subject. PUT /v1/memories/settings with opted_out false allows it again.");

    public static readonly ProblemKind Superseded = new(
        "memory-superseded", 409, "The memory was superseded", "A newer memory took its place, or it was archived: change the newer one.");

    public static readonly ProblemKind NotFailed = new(
        "memory-not-failed", 409, "The memory has not failed", "Only a memory with the status failed can be retried.");

    public static readonly ProblemKind NothingToUndo = new(
        "memory-nothing-to-undo", 409, "There is nothing to undo", "The memory was neither changed nor ended, and took no other's place.");

    public static readonly ProblemKind NewerHolds = new(
        "memory-newer-holds", 409, "Another memory stands against it", "A newer value of the attribute holds or held, or a memory that says the same: undo or delete that one first.");

    public static readonly ProblemKind NotHeld = new(
        "memory-not-held", 409, "The memory does not wait for review", "Only a memory of the state review or quarantined is decided on.");

    public static readonly ProblemKind Held = new(
        "memory-held", 409, "The memory waits for review", "Approve, edit or reject it with POST /v1/memories/{id}/review.");

    public static readonly ProblemKind CategoryNotAllowed = new(
        "memory-category-not-allowed", 422, "The category is not allowed", "The tenant's policy or the subject's settings do not allow memories of this category.");

    public static readonly ProblemKind LabelTaken = new(
        "block-label-taken", 409, "The label is taken", "The owner has a core block of this label: change that one, or choose another label.");

    public static readonly ProblemKind TooManyBlocks = new(
        "too-many-blocks", 422, "Too many core blocks", "The owner has as many core blocks as the settings allow (Memory:MaxBlocks).");

    public static readonly ProblemKind ConsolidationRunning = new(
        "consolidation-running", 409, "A consolidation has not ended", "The tenant has a consolidation that has not ended: GET /v1/memories/consolidations tells how far it is.");

    public static readonly IReadOnlyList<ProblemKind> All = 
    [
        OptedOut, Superseded, NotFailed, LabelTaken, TooManyBlocks, NothingToUndo, NewerHolds, NotHeld, Held, CategoryNotAllowed, ConsolidationRunning,
    ];
}
