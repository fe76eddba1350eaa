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

    public static readonly ProblemKind LabelTaken = new(
        "block-label-taken", 409, "The label is taken", "The owner has a core block of this label: change that one, or choose another label.");

    public static readonly ProblemKind TooManyBlocks = new(
        "too-many-blocks", 422, "Too many core blocks", "The owner has as many core blocks as the settings allow (Memory:MaxBlocks).");

    public static readonly IReadOnlyList<ProblemKind> All = [OptedOut, Superseded, NotFailed, LabelTaken, TooManyBlocks];
}
