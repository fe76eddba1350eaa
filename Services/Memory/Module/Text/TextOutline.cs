namespace MemoryMesh.Memory.Text;

/// <summary>Tells of two texts whether <see cref="ContentWords.Compare"/> may find them alike, in a few instructions and without a word of either.</summary>
/// <param name="Words">How many different content words there are.</param>
/// <param name="Bits">A bit for each of them, by a hash that is another in every process; some share one.</param>
internal readonly record struct TextOutline(int Words, ulong Bits)
{
    /// <summary>False where the two say different things for certain: the one with fewer words has one that the other lacks, or it has too few of them.</summary>
    public bool MayBeLike(TextOutline other)
    {
        var (fewer, more) = Words <= other.Words ? (this, other) : (other, this);
        return (fewer.Bits & ~more.Bits) == 0 && fewer.Words > 0 && (double)fewer.Words / more.Words >= ContentWords.Threshold;
    }
}
