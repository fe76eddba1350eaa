using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Memory.Processing;

/// <summary>Makes entries of the ledger from decisions.</summary>
internal static class LedgerEntries
{
    /// <summary>What became of a text that was read: an entry for each thing that was found in it, or one that says that nothing was.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="owner">Whose facts they are.</param>
    /// <param name="source">What was read, and its version.</param>
    /// <param name="conversationKey">The conversation of a message.</param>
    /// <param name="cost">How it was read.</param>
    /// <param name="outcomes">What was found.</param>
    /// <param name="nothing">Why there is nothing, when there is nothing.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<LedgerEntry> Of(
        Guid tenantId,
        MemoryOwner owner,
        (Guid Id, int Version, bool FromMemory) source,
        Guid? conversationKey,
        ReadingCost cost,
        IReadOnlyList<ProposalOutcome> outcomes,
        string nothing,
        DateTimeOffset now)
    {
        var ids = new Queue<Guid>(OrderedIds.Create(now, outcomes.Count + 2));
        var entries = new List<LedgerEntry>(outcomes.Count + 1);
        if (cost.Failure is { } failure)
        {
            entries.Add(Entry(ExtractionOutcome.Failed, failure) with { Extractor = cost.FailedModel ?? cost.Extractor });
        }

        if (cost.WithheldPrivate)
        {
            entries.Add(Entry(ExtractionOutcome.Skipped, OutcomeReasons.ConsentNeeded));
        }
        else if (outcomes.Count == 0)
        {
            entries.Add(Entry(ExtractionOutcome.Skipped, nothing));
        }

        foreach (var outcome in outcomes)
        {
            entries.Add(Entry(outcome.Outcome, outcome.Reason) with { MemoryId = outcome.MemoryId, OtherId = outcome.OtherId, Category = outcome.Proposal.Category });
        }

        return entries;

        // What reading cost is counted once, with the first entry.
        LedgerEntry Entry(ExtractionOutcome outcome, string reason) => new()
        {
            Id = ids.Dequeue(),
            TenantId = tenantId,
            Scope = owner.Scope,
            OwnerKey = owner.Key,
            SourceId = source.Id,
            FromMemory = source.FromMemory,
            SourceVersion = source.Version,
            ConversationKey = conversationKey,
            Outcome = outcome,
            Reason = reason,
            Extractor = cost.Extractor,
            InputTokens = entries.Count == 0 ? cost.InputTokens : 0,
            OutputTokens = entries.Count == 0 ? cost.OutputTokens : 0,
            CostMicros = entries.Count == 0 ? cost.CostMicros : 0,
            ElapsedMicros = entries.Count == 0 ? Micros(cost) : 0,
            At = now,
        };
    }

    /// <summary>Consent for what was kept of a message and needed it.</summary>
    public static IEnumerable<ConsentEntry> ConsentsOf(Guid tenantId, Guid ownerKey, Guid messageId, IReadOnlyList<ProposalOutcome> outcomes, DateTimeOffset now)
        => outcomes
            .Where(outcome => outcome is { Proposal.Sensitive: true, Outcome: ExtractionOutcome.Added or ExtractionOutcome.Superseded, MemoryId: not null })
            .Zip(OrderedIds.Create(now, outcomes.Count))
            .Select(pair => new ConsentEntry(pair.Second, tenantId, ownerKey, pair.First.Proposal.Category, messageId, pair.First.MemoryId!.Value, pair.First.Proposal.At));

    private static long Micros(ReadingCost cost) => (long)cost.Elapsed.TotalMicroseconds;
}
