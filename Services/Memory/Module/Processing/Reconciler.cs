using MemoryMesh.Memory.Extraction;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Memory.Processing;

/// <summary>Decides what new facts do to an owner's memories: add, link to a memory that says the same, supersede, remove, or nothing.</summary>
/// <remarks>
/// <para>A fact of a slot with one value supersedes what the slot holds when it was said later, and is itself closed when it was said earlier. A fact of
/// a slot with many values that is there already only adds its source. What an added text supersedes or merges into is decided by the same rules, but
/// its slot counts only when it has one value: a person's own words are not dropped for what a rule read in them. An added text that facts are drawn
/// from stands for itself; its facts are learned as those of a message are.</para>
/// <para>Pure: it reads no clock and no store. Facts are taken in the order given, each against what the ones before made of the snapshot.</para>
/// </remarks>
internal sealed class Reconciler
{
    private const double MostConfidence = 0.99;

    private readonly OwnerSnapshot _snapshot;
    private readonly List<KnownMemory> _active;
    private readonly List<MemoryStep> _steps = [];
    private readonly Dictionary<Guid, ContentWords> _words = [];

    private Reconciler(OwnerSnapshot snapshot)
    {
        _snapshot = snapshot;
        _active = [.. snapshot.Active];
    }

    /// <summary>Decides.</summary>
    public static IReadOnlyList<MemoryStep> Decide(OwnerSnapshot snapshot, IEnumerable<Lesson> lessons)
    {
        var reconciler = new Reconciler(snapshot);
        foreach (var lesson in lessons)
        {
            reconciler.Learn(lesson);
        }

        return reconciler._steps;
    }

    private void Learn(Lesson lesson)
    {
        var orphans = lesson.SourceId is { } source ? Unlink(source) : [];
        foreach (var proposal in lesson.Proposals)
        {
            if (proposal.Operation == CandidateOperation.Delete)
            {
                Retract(proposal);
            }
            else if (!Rescue(proposal, orphans))
            {
                Take(proposal);
            }
        }

        foreach (var orphan in orphans)
        {
            Remove(orphan);
        }
    }

    /// <summary>Takes the message from its memories, as it is read anew.</summary>
    /// <returns>Memories that nothing else says.</returns>
    private List<LinkedMemory> Unlink(Guid messageId)
    {
        var linked = _snapshot.Linked[messageId].ToList();
        if (linked.Count == 0)
        {
            return [];
        }

        _steps.Add(new MemoryStep.Unlink(messageId));
        var orphans = linked.Where(memory => memory.Derived && memory.SourceCount == 1).ToList();
        _active.RemoveAll(memory => orphans.Exists(orphan => orphan.Memory.Id == memory.Id));
        return orphans;
    }

    /// <summary>The message still says it: the memory keeps its id and its place.</summary>
    private bool Rescue(Proposal proposal, List<LinkedMemory> orphans)
    {
        if (orphans.Find(orphan => orphan.Memory.TextKey == proposal.TextKey) is not { } rescued || proposal.Source is null)
        {
            return false;
        }

        orphans.Remove(rescued);
        _steps.Add(new MemoryStep.Link(rescued.Memory.Id, proposal.Source, rescued.Memory.Confidence));
        if (rescued.Active)
        {
            _active.Add(rescued.Memory);
        }

        return true;
    }

    private void Remove(LinkedMemory orphan)
    {
        _steps.Add(new MemoryStep.Remove(orphan.Memory.Id));
        foreach (var predecessor in _snapshot.Predecessors[orphan.Memory.Id])
        {
            var heir = orphan.Active
                ? _active.Find(memory => memory.SingleValued && memory.Slot is not null && memory.Slot == predecessor.Slot && memory.Narrowing == predecessor.Narrowing)?.Id
                : orphan.SupersededBy;
            if (heir is { } id)
            {
                _steps.Add(new MemoryStep.Repoint(predecessor.Id, id));
            }
            else if (!_active.Exists(memory => memory.TextKey == predecessor.TextKey))
            {
                _steps.Add(new MemoryStep.Revive(predecessor.Id, predecessor.Version, predecessor.Text));
                _active.Add(predecessor with { Version = predecessor.Version + 1 });
            }
        }
    }

    private void Retract(Proposal proposal)
    {
        var gone = _active.FindAll(memory =>
            memory.Slot is { } slot
            && proposal.Slot is { } asked
            && memory.Narrowing == proposal.Narrowing
            && memory.ValidFrom <= proposal.At
            && (slot == asked || slot.StartsWith(asked + ":", StringComparison.Ordinal)));
        foreach (var memory in gone)
        {
            _active.Remove(memory);
            _steps.Add(new MemoryStep.Remove(memory.Id));
        }
    }

    private void Take(Proposal proposal)
    {
        if (proposal.Standalone || (proposal.Stored && _active.Exists(memory => memory.Id == proposal.Id)))
        {
            // It is compared with none, or its text was compared before and something else of it was changed.
            _steps.Add(new MemoryStep.Settle(proposal.Id, proposal));
            return;
        }

        var comparable = _active.FindAll(memory => memory.Narrowing == proposal.Narrowing && memory.Id != proposal.Id);
        if (comparable.Find(memory => memory.TextKey == proposal.TextKey) is { } equal)
        {
            Merge(proposal, equal);
            return;
        }

        var rivals = comparable.FindAll(memory => Rivals(memory, proposal));
        if (rivals.Find(memory => memory.ValidFrom > proposal.At) is { } newer)
        {
            Keep(proposal, newer);
            return;
        }

        if (rivals.Count > 0)
        {
            Keep(proposal, null);
            rivals.ForEach(memory => Supersede(memory, proposal));
            return;
        }

        var words = new ContentWords(proposal.Text);
        foreach (var memory in comparable)
        {
            var sameSlot = proposal.Slot is not null && memory.Slot == proposal.Slot;
            if (sameSlot && !proposal.Stored)
            {
                // What has the same slot and was no rival says the same in other words.
                Merge(proposal, memory);
                return;
            }

            if (!sameSlot && proposal.Slot is not null && memory.Slot is not null)
            {
                continue;
            }

            switch (words.Compare(WordsOf(memory)))
            {
                case Likeness.SaysNoMore:
                    Merge(proposal, memory);
                    return;
                case Likeness.SaysMore when memory.ValidFrom <= proposal.At:
                    Keep(proposal, null);
                    Supersede(memory, proposal);
                    return;
            }
        }

        Keep(proposal, null);
    }

    /// <summary>Whether the two cannot hold at the same time.</summary>
    private bool Rivals(KnownMemory memory, Proposal proposal)
    {
        if (proposal.Slot is null || memory.Slot is null)
        {
            return false;
        }

        if (memory.Slot == proposal.Slot)
        {
            return proposal.SingleValued
                || (!proposal.Stored && (proposal.Operation == CandidateOperation.Update || new ContentWords(proposal.Text).TurnsAgainst(WordsOf(memory))));
        }

        return !proposal.Stored && Opposite(proposal.Slot) == memory.Slot;
    }

    private static string? Opposite(string slot)
        => slot.StartsWith("likes:", StringComparison.Ordinal) ? "dis" + slot
            : slot.StartsWith("dislikes:", StringComparison.Ordinal) ? slot[3..]
            : null;

    private void Merge(Proposal proposal, KnownMemory into)
    {
        if (proposal.Stored)
        {
            _steps.Add(new MemoryStep.Close(proposal.Id, proposal.StoredVersion, proposal.Text, proposal.At, into.Id, into.Text, Merged: true));
            return;
        }

        var confidence = Math.Max(into.Confidence, Math.Min(MostConfidence, 1 - ((1 - into.Confidence) * (1 - proposal.Confidence))));
        if (proposal.Source is { } source)
        {
            _steps.Add(new MemoryStep.Link(into.Id, source, confidence));
        }

        _active[_active.IndexOf(into)] = into with { Confidence = confidence };
    }

    private void Keep(Proposal proposal, KnownMemory? newer)
    {
        if (!proposal.Stored)
        {
            _steps.Add(new MemoryStep.Insert(proposal.Id, proposal, newer?.ValidFrom, newer?.Id));
        }
        else if (newer is not null)
        {
            _steps.Add(new MemoryStep.Close(proposal.Id, proposal.StoredVersion, proposal.Text, newer.ValidFrom, newer.Id, newer.Text, Merged: false));
        }
        else
        {
            _steps.Add(new MemoryStep.Settle(proposal.Id, proposal));
        }

        if (newer is null)
        {
            _active.Add(proposal.ToKnown());
        }
    }

    private void Supersede(KnownMemory memory, Proposal by)
    {
        _active.Remove(memory);
        _steps.Add(new MemoryStep.Close(memory.Id, memory.Version, memory.Text, by.At, by.Id, by.Text, Merged: false));
    }

    private ContentWords WordsOf(KnownMemory memory)
    {
        if (!_words.TryGetValue(memory.Id, out var words))
        {
            _words[memory.Id] = words = new ContentWords(memory.Text);
        }

        return words;
    }
}
