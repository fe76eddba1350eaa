namespace MemoryMesh.Memory.Extraction;

/// <summary>What a candidate asks of the store.</summary>
public enum CandidateOperation
{
    /// <summary>Store a fact.</summary>
    Add,

    /// <summary>Replace what the slot holds: the user corrected or changed it.</summary>
    Update,

    /// <summary>Remove what the slot holds: the user asked for it to be forgotten.</summary>
    Delete,
}
