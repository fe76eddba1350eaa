namespace MemoryMesh.Contracts.Memory;

/// <summary>The fixed list of what a memory can be about.</summary>
public static class MemoryCategories
{
    /// <summary>Every category, in the order of the alphabet.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        "constraint", "date", "dislike", "employer", "event", "goal", "interest", "language", "location", "name", "other", "possession", "preference", "profession", "relationship", "style",
    ];
}
