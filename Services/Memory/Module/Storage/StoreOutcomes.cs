namespace MemoryMesh.Memory.Storage;

/// <summary>What a decision was made from is not so any more: it is undone, and made again.</summary>
internal sealed class StalePlanException : Exception;

/// <summary>A memory that would hold again stands against another: the change is undone.</summary>
internal sealed class ConflictingTurnException : Exception;
