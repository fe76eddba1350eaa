namespace MemoryMesh.Memory.Extraction;

/// <summary>A piece of the message text.</summary>
/// <param name="Start">Offset of the first UTF-16 code unit.</param>
/// <param name="Length">Number of UTF-16 code units.</param>
public readonly record struct QuotedSpan(int Start, int Length)
{
    /// <summary>Whether two pieces share a code unit.</summary>
    public bool Overlaps(QuotedSpan other) => Start < other.Start + other.Length && other.Start < Start + Length;
}
