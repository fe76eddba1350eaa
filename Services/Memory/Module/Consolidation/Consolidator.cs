using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Memory.Consolidation;

/// <summary>Decides what a consolidation does to the memories of one owner.</summary>
/// <remarks>
/// <para>Pure, and idempotent: decided again over what it made, it finds nothing to do. Restatements are told as when a memory is added (<see cref="ContentWords"/>),
/// over all memories of the owner; where two speak in the same words in another order, the vectors of the two decide. Of two that say the same the one that says more stays, of equals the older.</para>
/// <para>Nothing that a client chose is lost: two memories whose category, importance or metadata were chosen, and differ, stay beside each other. So do those
/// whose merge was undone, and texts that facts are drawn from.</para>
/// </remarks>
internal sealed class Consolidator
{
    /// <summary>Least evidence of what is ranked higher.</summary>
    public const int LeastEvidence = 3;

    /// <summary>What each doubling of the evidence is worth when it is ranked.</summary>
    private const double BoostOfDoubling = 0.05;

    /// <summary>Most that evidence is worth.</summary>
    private const double MostBoost = 0.2;

    /// <summary>Memories with one word in common that are compared with each other; a word that more have says too little.</summary>
    private const int MostOfOneWord = 400;

    private readonly DateTimeOffset _now;
    private readonly DateTimeOffset _indexDeadline;
    private readonly List<ConsolidationChange> _changes = [];
    private readonly Dictionary<Guid, MemoryTurn> _turns = [];

    private Consolidator(DateTimeOffset now, DateTimeOffset indexDeadline) => (_now, _indexDeadline) = (now, indexDeadline);

    /// <summary>What evidence is worth when a memory is ranked, 0 to 0.2: 0.05 for each doubling, from three observations on.</summary>
    public static double BoostOf(int evidence) => evidence < LeastEvidence ? 0 : Math.Min(MostBoost, BoostOfDoubling * Math.Log2(evidence));

    /// <summary>Pairs of memories that may say the same by their words, so that their vectors decide; the one that says more is the second.</summary>
    public static IReadOnlyList<(MemoryRecord Memory, MemoryRecord Into)> FindDoubtful(IReadOnlyList<MemoryRecord> memories)
        => [.. Pairs(Comparable(memories)).Where(pair => !pair.Sure).Select(pair => (pair.Memory.Record, pair.Into.Record))];

    /// <summary>Decides.</summary>
    /// <param name="memories">Memories of one owner that hold and were compared, and those that wait for review.</param>
    /// <param name="alike">Whether a pair of <see cref="FindDoubtful"/> says the same.</param>
    /// <param name="approveAfter">Evidence from which inferred memories are let through; 0 for never.</param>
    /// <param name="now">The time.</param>
    /// <param name="indexDeadline">When memories are announced again that search has not found until then.</param>
    public static ConsolidationPlan Decide(
        IReadOnlyList<MemoryRecord> memories, Func<MemoryRecord, MemoryRecord, bool> alike, int approveAfter, DateTimeOffset now, DateTimeOffset indexDeadline)
    {
        var consolidator = new Consolidator(now, indexDeadline);
        consolidator.Expire(memories);
        consolidator.Supersede(memories);
        consolidator.Merge(memories, alike);
        consolidator.Promote(memories);
        consolidator.Approve(memories, approveAfter);
        return new ConsolidationPlan(consolidator._changes, [.. consolidator._turns.Values]);
    }

    private void Expire(IReadOnlyList<MemoryRecord> memories)
    {
        foreach (var memory in memories.Where(memory => memory.Active && memory.ExpiresAt <= _now))
        {
            End(memory, MemoryState.Expired, memory.ExpiresAt!.Value, HistoryEvent.Expire, ConsolidationChangeKind.Expired, null);
        }
    }

    /// <summary>Of several values of an attribute with one value the one that was said last holds. They come to hold beside each other by imports.</summary>
    private void Supersede(IReadOnlyList<MemoryRecord> memories)
    {
        var attributes = Holding(memories).Where(memory => memory is { SingleValued: true, Slot: not null })
            .GroupBy(memory => (Narrowing(memory), memory.Slot));
        foreach (var values in attributes)
        {
            var ordered = values.OrderByDescending(SaidLast).ThenByDescending(memory => memory.Id).ToList();
            var (next, begins) = (ordered[0], ordered[0].ValidFrom);
            foreach (var earlier in ordered.Skip(1).Where(memory => OfOneKind(memory, ordered[0])))
            {
                // What was said between two statements of a later value was true at no time.
                End(earlier, MemoryState.Superseded, begins, HistoryEvent.Supersede, ConsolidationChangeKind.Superseded, next);
                (next, begins) = (earlier, earlier.ValidFrom < begins ? earlier.ValidFrom : begins);
            }
        }
    }

    private void Merge(IReadOnlyList<MemoryRecord> memories, Func<MemoryRecord, MemoryRecord, bool> alike)
    {
        var kept = new HashSet<Guid>();
        var pairs = Pairs(Comparable([.. Holding(memories)]))
            .OrderByDescending(pair => pair.Into.Words.Count).ThenBy(pair => pair.Into.Record.CreatedAt).ThenBy(pair => pair.Into.Record.Id).ThenBy(pair => pair.Memory.Record.Id);
        foreach (var (goes, into, sure) in pairs)
        {
            // The longest come first, so that what goes into one of them was never one that something went into.
            if (!HasEnded(goes.Record) && !HasEnded(into.Record) && !kept.Contains(goes.Record.Id) && MayAbsorb(Latest(into.Record), goes.Record)
                && (sure || alike(goes.Record, into.Record)))
            {
                kept.Add(into.Record.Id);
                Absorb(into.Record, goes.Record);
                End(goes.Record, MemoryState.Merged, _now, HistoryEvent.Merge, ConsolidationChangeKind.Merged, into.Record);
            }
        }
    }

    private void Promote(IReadOnlyList<MemoryRecord> memories)
    {
        foreach (var memory in Holding(memories))
        {
            var latest = Latest(memory);
            if (latest.Boost < BoostOf(latest.Evidence))
            {
                Change(memory, latest with { Boost = BoostOf(latest.Evidence) }, HistoryEvent.Update);
                _changes.Add(new ConsolidationChange(ConsolidationChangeKind.Promoted, memory));
            }
        }
    }

    /// <summary>
    /// What a model inferred again and again from what was said is let through. It stays labelled, and is compared with the others as any memory that is approved.
    /// </summary>
    private void Approve(IReadOnlyList<MemoryRecord> memories, int approveAfter)
    {
        foreach (var memory in memories.Where(memory => memory is { State: MemoryState.Review, HoldReason: HoldReasons.Inferred }
            && approveAfter > 0 && memory.Evidence >= approveAfter && !(memory.ExpiresAt <= _now)))
        {
            // A value that holds is not replaced by one that nobody said: somebody has to decide.
            if (memories.Any(other => other.Id != memory.Id && Latest(other).Active && (other.TextKey == memory.TextKey || IsOfAttribute(other, memory))))
            {
                continue;
            }

            _turns.Add(memory.Id, new MemoryTurn(memory, memory.Reopened(_now, _indexDeadline, compare: true), HistoryEvent.Approve));
            _changes.Add(new ConsolidationChange(ConsolidationChangeKind.Approved, memory));
        }
    }

    private void End(MemoryRecord memory, MemoryState state, DateTimeOffset until, HistoryEvent change, ConsolidationChangeKind kind, MemoryRecord? into)
    {
        _turns[memory.Id] = new MemoryTurn(memory, memory.Ended(state, until, _now, into?.Id), change);
        _changes.Add(new ConsolidationChange(kind, memory, into));
    }

    /// <summary>What goes counts as evidence for what stays, which was true since the earlier of the two and has what a client chose of either.</summary>
    private void Absorb(MemoryRecord into, MemoryRecord goes)
    {
        var latest = Latest(into);
        Change(
            into,
            latest with
            {
                Evidence = latest.Evidence + goes.Evidence,
                Confidence = Reconciler.Surer(latest.Confidence, goes.Confidence),
                Boost = Math.Max(latest.Boost, goes.Boost),
                Category = goes.CategoryGiven && !latest.CategoryGiven ? goes.Category : latest.Category,
                CategoryGiven = latest.CategoryGiven || goes.CategoryGiven,
                Importance = goes.ImportanceGiven && !latest.ImportanceGiven ? goes.Importance : latest.Importance,
                ImportanceGiven = latest.ImportanceGiven || goes.ImportanceGiven,
                MetadataJson = latest.MetadataJson ?? goes.MetadataJson,
                ValidFrom = goes.ValidFrom < latest.ValidFrom ? goes.ValidFrom : latest.ValidFrom,
                ConfirmedAt = SaidLast(goes) > SaidLast(latest) ? SaidLast(goes) : SaidLast(latest),
            },
            HistoryEvent.Update);
    }

    private void Change(MemoryRecord memory, MemoryRecord next, HistoryEvent change)
        => _turns[memory.Id] = new MemoryTurn(
            memory,
            next with
            {
                Version = memory.Version + 1,
                UpdatedAt = _now,
                Status = MemoryStatus.Processing,
                Error = null,
                Attempts = 0,
                NextAttemptAt = _indexDeadline,
            },
            change);

    private MemoryRecord Latest(MemoryRecord memory) => _turns.TryGetValue(memory.Id, out var turn) ? turn.Next : memory;

    private bool HasEnded(MemoryRecord memory) => !Latest(memory).Active;

    private IEnumerable<MemoryRecord> Holding(IEnumerable<MemoryRecord> memories) => memories.Where(memory => memory.Active && memory.TextKey is not null && !HasEnded(memory));

    private static DateTimeOffset SaidLast(MemoryRecord memory) => memory.ConfirmedAt > memory.ValidFrom ? memory.ConfirmedAt.Value : memory.ValidFrom;

    private static string Narrowing(MemoryRecord memory) => MemoryKeys.Narrowing(memory.AgentId, memory.RunId);

    private static bool OfOneKind(MemoryRecord one, MemoryRecord other)
        => one.Category == other.Category || new ContentWords(one.Text).Shared(new ContentWords(other.Text)) > 0;

    private static bool IsOfAttribute(MemoryRecord one, MemoryRecord other)
        => one is { SingleValued: true, Slot: not null } && other.SingleValued && one.Slot == other.Slot && Narrowing(one) == Narrowing(other);

    /// <summary>What was said does not go into what was inferred, and nothing that a client chose is lost.</summary>
    private static bool MayAbsorb(MemoryRecord into, MemoryRecord goes)
        => (!into.Inferred || goes.Inferred) && !(into.CategoryGiven && goes.CategoryGiven && into.Category != goes.Category)
            && !(into.ImportanceGiven && goes.ImportanceGiven && !into.Importance.Equals(goes.Importance))
            && !(into.MetadataJson is not null && goes.MetadataJson is not null && into.MetadataJson != goes.MetadataJson);

    private static List<Item> Comparable(IReadOnlyList<MemoryRecord> memories)
        => [.. memories.Where(memory => memory is { Active: true, Extract: false, KeptApart: false, TextKey: not null }).Select(memory => new Item(memory, new ContentWords(memory.Text)))];

    /// <summary>Pairs of which the first says no more than the second: surely, by its words, or perhaps.</summary>
    private static IEnumerable<(Item Memory, Item Into, bool Sure)> Pairs(List<Item> items)
    {
        var byWord = items.SelectMany(item => item.Words.Bare, (item, word) => (Word: word, Item: item)).ToLookup(pair => pair.Word, pair => pair.Item, StringComparer.Ordinal);
        var counts = byWord.ToDictionary(bucket => bucket.Key, bucket => bucket.Count(), StringComparer.Ordinal);
        foreach (var item in items)
        {
            // What says all that it says has all of its words, so the rarest of them too.
            var rarest = item.Words.Bare.MinBy(word => counts[word]);
            if (rarest is null || counts[rarest] > MostOfOneWord)
            {
                continue;
            }

            foreach (var other in byWord[rarest].Where(other => MayGoInto(item, other)))
            {
                var sameSlot = item.Record.Slot is null || other.Record.Slot is null || item.Record.Slot == other.Record.Slot;
                if (sameSlot && item.Words.Compare(other.Words) == Likeness.SaysNoMore)
                {
                    yield return (item, other, true);
                }
                else if ((sameSlot || AreOfOneList(item.Record, other.Record)) && item.Record.Category == other.Record.Category && item.Words.MayRestate(other.Words))
                {
                    yield return (item, other, false);
                }
            }
        }
    }

    private static bool MayGoInto(Item item, Item other)
    {
        var (goes, into) = (item.Record, other.Record);
        return goes.Id != into.Id
            && Narrowing(goes) == Narrowing(into)
            && goes.ExpiresAt == into.ExpiresAt
            && (item.Words.Count, into.CreatedAt, into.Id).CompareTo((other.Words.Count, goes.CreatedAt, goes.Id)) < 0;
    }

    /// <summary>Whether two are of an attribute with many values, whose slots name what each is about: in another order of words these differ.</summary>
    private static bool AreOfOneList(MemoryRecord one, MemoryRecord other)
        => !one.SingleValued && !other.SingleValued && one.Slot!.IndexOf(':', StringComparison.Ordinal) is > 0 and var end
            && other.Slot!.StartsWith(one.Slot[..(end + 1)], StringComparison.Ordinal);

    private sealed record Item(MemoryRecord Record, ContentWords Words);
}
