using MemoryMesh.Memory.Text;

namespace MemoryMesh.Memory.Processing;

/// <summary>As much of a memory as tells whether a decision can have to do with it: numbers, none of its words.</summary>
/// <param name="Id">The memory.</param>
/// <param name="UpdatedAt">When it was changed last, in milliseconds since 1970: the newest are compared.</param>
/// <param name="Text">Outline of its text.</param>
/// <param name="Slot">A number for its attribute; 0 when it has none. Two attributes may share one.</param>
/// <param name="Family">A number for the attribute up to its first colon; 0 when it has none.</param>
internal readonly record struct MemoryOutline(Guid Id, long UpdatedAt, TextOutline Text, int Slot, int Family)
{
    /// <summary>The outline of a memory.</summary>
    public static MemoryOutline Of(Guid id, DateTimeOffset updatedAt, string text, string? slot)
        => new(id, updatedAt.ToUnixTimeMilliseconds(), new ContentWords(text).Outline, NumberOf(slot), FamilyOf(slot));

    /// <summary>The number of an attribute.</summary>
    public static int NumberOf(string? slot) => slot is null ? 0 : slot.GetHashCode(StringComparison.Ordinal) | 1;

    /// <summary>The number of what a slot is of: that of "likes" for "likes:tea".</summary>
    public static int FamilyOf(string? slot) => slot is not null && slot.IndexOf(':', StringComparison.Ordinal) is >= 0 and var end ? NumberOf(slot[..end]) : NumberOf(slot);

    /// <summary>The order of the store: by time, and by id within a millisecond.</summary>
    public static int Compare(MemoryOutline one, MemoryOutline other)
        => one.UpdatedAt != other.UpdatedAt ? one.UpdatedAt.CompareTo(other.UpdatedAt) : one.Id.CompareTo(other.Id);
}

/// <summary>What a decision can have to do with: every memory that <see cref="Reconciler"/> may act on, or whose presence may change what it does, and few others.</summary>
/// <remarks>It follows the rules there: ids of what is decided on, attributes and their opposites, families of what is taken back, texts that may be alike.</remarks>
internal sealed class DecisionScope
{
    private readonly HashSet<Guid> _ids;
    private readonly HashSet<int> _slots = [];
    private readonly HashSet<int> _families = [];
    private readonly List<TextOutline> _texts = [];

    /// <summary>Gathers what the decision is about.</summary>
    /// <param name="proposals">What is to be learned.</param>
    /// <param name="predecessors">What may hold again, because what superseded it goes.</param>
    /// <param name="equal">Memories whose texts are those of proposals or predecessors.</param>
    public DecisionScope(IEnumerable<Proposal> proposals, IEnumerable<KnownMemory> predecessors, IEnumerable<Guid> equal)
    {
        _ids = [.. equal];
        foreach (var proposal in proposals)
        {
            Add(proposal);
        }

        foreach (var predecessor in predecessors)
        {
            AddSlot(predecessor.Slot);
        }
    }

    /// <summary>Whether a memory is within it.</summary>
    public bool Contains(in MemoryOutline memory)
    {
        if (memory.Slot != 0 && (_slots.Contains(memory.Slot) || _families.Contains(memory.Family)))
        {
            return true;
        }

        foreach (var text in _texts)
        {
            if (text.MayBeLike(memory.Text))
            {
                return true;
            }
        }

        return _ids.Contains(memory.Id);
    }

    private void Add(Proposal proposal)
    {
        if (proposal.Operation == Extraction.CandidateOperation.Delete)
        {
            if (proposal.Slot is { } asked)
            {
                _families.Add(MemoryOutline.FamilyOf(asked));
            }

            return;
        }

        _ids.Add(proposal.Id);
        if (!proposal.Standalone)
        {
            AddSlot(proposal.Slot);
            AddSlot(proposal.Slot is { } slot ? Reconciler.Opposite(slot) : null);
            _texts.Add(new ContentWords(proposal.Text).Outline);
        }
    }

    private void AddSlot(string? slot)
    {
        if (slot is not null)
        {
            _slots.Add(MemoryOutline.NumberOf(slot));
        }
    }
}
