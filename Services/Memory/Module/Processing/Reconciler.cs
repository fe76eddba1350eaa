using MemoryMesh.Memory.Extraction;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Memory.Processing;

/// <summary>Decides what new facts do to an owner's memories: add, link to a memory that says the same, supersede, remove, or nothing.</summary>
/// <remarks>
/// <para>A fact of a slot with one value supersedes what the slot holds when it was said later, and is itself closed when it was said earlier. A fact of
/// a slot with many values that is there already only adds its source. What an added text supersedes or merges into is decided by the same rules, but
/// its slot counts only when it has one value: a person's own words are not dropped for what a rule read in them. An added text that facts are drawn
/// from stands for itself; its facts are learned as those of a message are.</para>
/// <para>The values of an attribute with one value follow each other in time: each holds from when it was said until the next one was said. One that
/// arrives late takes its place among the earlier values, whose times are cut where it begins. Nothing but a fact of the same attribute supersedes, and
/// only where the two are of one kind: an attribute that was read wrongly would retire what has nothing to do with it.</para>
/// <para>Pure: it reads no clock and no store. Facts are taken in the order given, each against what the ones before made of the snapshot.</para>
/// </remarks>
internal sealed class Reconciler
{
    private const double MostConfidence = 0.99;

    private readonly OwnerSnapshot _snapshot;
    private readonly List<KnownMemory> _active;
    private readonly List<KnownMemory> _past;
    private readonly List<MemoryStep> _steps = [];
    private readonly List<IReadOnlyList<ProposalOutcome>> _outcomes = [];
    private List<ProposalOutcome> _ofLesson = [];
    private readonly Dictionary<Guid, ContentWords> _words = [];

    private Reconciler(OwnerSnapshot snapshot)
    {
        _snapshot = snapshot;
        _active = [.. snapshot.Active];
        _past = [.. snapshot.Past];
    }

    /// <summary>Decides.</summary>
    public static Decision Decide(OwnerSnapshot snapshot, IEnumerable<Lesson> lessons)
    {
        var reconciler = new Reconciler(snapshot);
        foreach (var lesson in lessons)
        {
            reconciler.Learn(lesson);
        }

        return new Decision(reconciler._steps, reconciler._outcomes);
    }

    private void Learn(Lesson lesson)
    {
        var orphans = lesson.SourceId is { } source ? Unlink(source) : [];
        _ofLesson = [];
        _outcomes.Add(_ofLesson);
        foreach (var proposal in lesson.Proposals)
        {
            if (proposal.Refusal is { } refusal)
            {
                Note(proposal, ExtractionOutcome.Skipped, refusal);
            }
            else if (proposal.Operation == CandidateOperation.Delete)
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
        _steps.Add(new MemoryStep.Link(rescued.Memory.Id, proposal.Source, rescued.Memory.Confidence, proposal.At));
        Note(proposal, ExtractionOutcome.Skipped, OutcomeReasons.Duplicate, rescued.Memory.Id);
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
            _steps.Add(new MemoryStep.Remove(memory.Id, Remember: true));
            Note(proposal, ExtractionOutcome.Superseded, OutcomeReasons.Retracted, null, memory.Id);
        }

        if (gone.Count == 0)
        {
            Note(proposal, ExtractionOutcome.Skipped, OutcomeReasons.NothingToRetract);
        }
    }

    private void Take(Proposal proposal)
    {
        if (proposal.Standalone || (proposal.Stored && _active.Exists(memory => memory.Id == proposal.Id)))
        {
            // It is compared with none, or its text was compared before and something else of it was changed.
            _steps.Add(new MemoryStep.Settle(proposal.Id, proposal));
            if (proposal.Standalone)
            {
                Note(proposal, ExtractionOutcome.Added, OutcomeReasons.New, proposal.Id);
            }

            return;
        }

        if (!proposal.Stored && _snapshot.Barred.TryGetValue(proposal.TextKey, out var until) && proposal.At <= until)
        {
            Note(proposal, ExtractionOutcome.Skipped, OutcomeReasons.Deleted);
            return;
        }

        var comparable = _active.FindAll(memory => memory.Narrowing == proposal.Narrowing && memory.Id != proposal.Id);
        if (comparable.Find(memory => memory.TextKey == proposal.TextKey) is { } equal)
        {
            Confirm(proposal, equal);
            return;
        }

        if (proposal.Hold is { } hold)
        {
            HoldBack(proposal, hold);
            return;
        }

        var rivals = comparable.FindAll(memory => Rivals(memory, proposal));
        if (rivals.Exists(memory => !OfOneKind(memory, proposal)))
        {
            Keep(proposal with { Slot = null, SingleValued = false }, null, OutcomeReasons.Guarded);
            return;
        }

        var past = PastOf(proposal);
        if (rivals.Concat(past).FirstOrDefault(memory => memory.ValidFrom <= proposal.At && memory.ConfirmedAt > proposal.At) is { } confirmed)
        {
            // Said between two statements of another value: it is kept, and was true at no time.
            Keep(proposal, confirmed with { ValidFrom = proposal.At }, OutcomeReasons.OlderThanCurrent);
            return;
        }

        if (rivals.Concat(past).Where(memory => memory.ValidFrom > proposal.At).MinBy(memory => memory.ValidFrom) is { } newer)
        {
            Insert(proposal, newer, past);
            return;
        }

        Cut(past, proposal);
        if (rivals.Count > 0)
        {
            Keep(proposal, null, null);
            rivals.ForEach(memory => Supersede(memory, proposal));
            Note(proposal, ExtractionOutcome.Superseded, OutcomeReasons.SameAttribute, proposal.Id, rivals[0].Id);
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

            switch (memory.KeptApart ? Likeness.None : words.Compare(WordsOf(memory)))
            {
                case Likeness.SaysNoMore:
                    Merge(proposal, memory);
                    return;
                case Likeness.SaysMore when memory.ValidFrom <= proposal.At:
                    Keep(proposal, null, null);
                    Supersede(memory, proposal);
                    Note(proposal, ExtractionOutcome.Superseded, OutcomeReasons.SaysMore, proposal.Id, memory.Id);
                    return;
            }
        }

        Keep(proposal, null);
    }

    private List<KnownMemory> PastOf(Proposal proposal)
        => _past.FindAll(memory => proposal.SingleValued && memory.Slot == proposal.Slot && memory.Narrowing == proposal.Narrowing);

    /// <summary>Takes what a memory says in the same words. Said earlier than that, it was true earlier too, unless another value came between.</summary>
    private void Confirm(Proposal proposal, KnownMemory equal)
    {
        if (proposal.Stored || !proposal.SingleValued || proposal.At >= equal.ValidFrom)
        {
            Merge(proposal, equal);
            return;
        }

        var past = PastOf(proposal);
        if (past.Where(memory => memory.ValidFrom > proposal.At).MinBy(memory => memory.ValidFrom) is { } between)
        {
            Insert(proposal, between, past);
            return;
        }

        if (past.Exists(memory => memory.ConfirmedAt > proposal.At && memory.ValidTo > proposal.At))
        {
            Merge(proposal, equal);
            return;
        }

        Cut(past, proposal with { Id = equal.Id });
        _steps.Add(new MemoryStep.Extend(equal.Id, proposal.At));
        var extended = equal with { ValidFrom = proposal.At };
        _active[_active.IndexOf(equal)] = extended;
        Merge(proposal, extended);
    }

    private void HoldBack(Proposal proposal, string reason)
    {
        if (_snapshot.Held.TryGetValue(proposal.TextKey, out var held))
        {
            // It is evidence all the same: what enough messages say is let through, and what one of them said stays when another is deleted.
            if (proposal.Source is { } source)
            {
                _steps.Add(new MemoryStep.Link(held, source, null, proposal.At));
            }

            Note(proposal, ExtractionOutcome.Skipped, OutcomeReasons.Duplicate, held);
            return;
        }

        _steps.Add(new MemoryStep.Insert(proposal.Id, proposal, null, null));
        Note(proposal, ExtractionOutcome.Quarantined, reason, proposal.Id);
    }

    /// <summary>Puts a value that was said earlier among those that are known.</summary>
    private void Insert(Proposal proposal, KnownMemory newer, List<KnownMemory> past)
    {
        if (!proposal.Stored && past.Find(memory => memory.TextKey == proposal.TextKey && memory.ValidFrom <= proposal.At && memory.ValidTo > proposal.At) is { } same)
        {
            Merge(proposal, same);
            return;
        }

        Cut(past, proposal);
        Keep(proposal, newer, OutcomeReasons.OlderThanCurrent);
        if (proposal.SingleValued && newer.ValidFrom > proposal.At)
        {
            _past.Add(proposal.ToKnown() with { ValidTo = newer.ValidFrom });
        }
    }

    /// <summary>Ends earlier values of the attribute where the new one begins.</summary>
    private void Cut(List<KnownMemory> past, Proposal by)
    {
        foreach (var memory in past.Where(memory => memory.ValidFrom <= by.At && memory.ValidTo > by.At))
        {
            _steps.Add(new MemoryStep.Cut(memory.Id, by.At, by.Id));
            _past[_past.IndexOf(memory)] = memory with { ValidTo = by.At };
        }
    }

    /// <summary>Whether two values of one attribute are of one kind: of a category, with a word in common, or one said to be the change of the other.</summary>
    private bool OfOneKind(KnownMemory memory, Proposal proposal)
        => memory.Category == proposal.Category || memory.Slot != proposal.Slot || proposal.Operation == CandidateOperation.Update
            || new ContentWords(proposal.Text).Shared(WordsOf(memory)) > 0;

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

    /// <summary>The attribute that cannot hold beside another, or null: likes and dislikes of one thing.</summary>
    internal static string? Opposite(string slot)
        => slot.StartsWith("likes:", StringComparison.Ordinal) ? "dis" + slot
            : slot.StartsWith("dislikes:", StringComparison.Ordinal) ? slot[3..]
            : null;

    private void Merge(Proposal proposal, KnownMemory into)
    {
        if (proposal.Stored)
        {
            _steps.Add(new MemoryStep.Close(proposal.Id, proposal.StoredVersion, proposal.Text, proposal.At, into.Id, into.Text, Merged: true));
            Absorb(proposal, into);
            Note(proposal, into.TextKey == proposal.TextKey ? ExtractionOutcome.Skipped : ExtractionOutcome.Merged, ReasonOfMerge(proposal, into), into.Id);
            return;
        }

        var confidence = Surer(into.Confidence, proposal.Confidence);
        if (proposal.Source is { } source)
        {
            _steps.Add(new MemoryStep.Link(into.Id, source, confidence, proposal.At));
        }

        Note(proposal, into.TextKey == proposal.TextKey ? ExtractionOutcome.Skipped : ExtractionOutcome.Merged, ReasonOfMerge(proposal, into), into.Id);
        if (_active.IndexOf(into) is >= 0 and var at)
        {
            _active[at] = _active[at] with { Confidence = confidence, ConfirmedAt = proposal.At > into.ConfirmedAt ? proposal.At : into.ConfirmedAt };
        }
    }

    private static string ReasonOfMerge(Proposal proposal, KnownMemory into)
        => into.TextKey == proposal.TextKey ? OutcomeReasons.Duplicate : OutcomeReasons.NearDuplicate;

    /// <summary>How sure something is that was said twice: 1 less the product of what each leaves open, at most 0.99 unless one was surer.</summary>
    internal static double Surer(double known, double said) => Math.Max(known, Math.Min(MostConfidence, 1 - ((1 - known) * (1 - said))));

    private void Absorb(Proposal proposal, KnownMemory into)
    {
        var category = proposal.CategoryGiven && !into.CategoryGiven ? proposal.Category : null;
        double? importance = proposal.ImportanceGiven && !into.ImportanceGiven ? proposal.Importance : null;
        var metadata = into.HasMetadata ? null : proposal.MetadataJson;
        _steps.Add(new MemoryStep.Absorb(into.Id, into.Version, into.Text, category, importance, metadata, Surer(into.Confidence, proposal.Confidence)));
        if (_active.IndexOf(into) is >= 0 and var at && (category ?? metadata ?? (object?)importance) is not null)
        {
            _active[at] = into with
            {
                Version = into.Version + 1,
                Category = category ?? into.Category,
                CategoryGiven = into.CategoryGiven || category is not null,
                ImportanceGiven = into.ImportanceGiven || importance is not null,
                HasMetadata = into.HasMetadata || metadata is not null,
            };
        }
    }

    private void Keep(Proposal proposal, KnownMemory? newer, string? reason = OutcomeReasons.New)
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

        if (reason is not null)
        {
            Note(proposal, ExtractionOutcome.Added, reason, proposal.Id, newer?.Id);
        }
    }

    private void Note(Proposal proposal, ExtractionOutcome outcome, string reason, Guid? memoryId = null, Guid? otherId = null)
        => _ofLesson.Add(new ProposalOutcome(proposal, outcome, reason, memoryId, otherId));

    private void Supersede(KnownMemory memory, Proposal by)
    {
        _active.Remove(memory);
        if (memory.SingleValued)
        {
            _past.Add(memory with { ValidTo = by.At });
        }

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
