using MemoryMesh.Contracts.Memory;
using MemoryMesh.Search.Index;

namespace MemoryMesh.Search.Filters;

/// <summary>Which memories are meant beside those that hold.</summary>
internal enum MemoryView
{
    /// <summary>Those that hold.</summary>
    Current,

    /// <summary>Those, and earlier values that newer ones superseded.</summary>
    WithSuperseded,

    /// <summary>Whatever ended too.</summary>
    All,
}

/// <summary>Which memories a search is about: as in a list of memories.</summary>
/// <param name="View">What is meant beside what holds; not with <paramref name="AsOf"/>.</param>
/// <param name="AsOf">How it was at this time; null for now.</param>
/// <param name="Believed">Whether that is what was held for true here then; else what was true then, as far as is known now.</param>
internal readonly record struct MemoryTime(MemoryView View, DateTimeOffset? AsOf, bool Believed)
{
    /// <summary>What holds now.</summary>
    public static readonly MemoryTime Now = new(MemoryView.Current, null, false);

    /// <summary>The kind of item that is searched beside those that hold; null for none.</summary>
    public ItemKind? AlsoKind => AsOf is null && View == MemoryView.Current ? null : ItemKind.EndedMemory;

    /// <summary>Whether a memory that was read is meant.</summary>
    public bool Allows(MemoryItem memory) => this switch
    {
        { Believed: true } => true,
        { AsOf: { } time } => (memory.Active || (memory.Ended && memory.State is not (MemoryStates.Merged or MemoryStates.Withdrawn)))
            && !(memory.ValidFrom > time) && !(memory.ValidTo <= time),
        { View: MemoryView.Current } => memory.Active,
        { View: MemoryView.WithSuperseded } => memory.Active || (memory.Ended && memory.State == MemoryStates.Superseded),
        _ => memory.Active || memory.Ended,
    };
}
