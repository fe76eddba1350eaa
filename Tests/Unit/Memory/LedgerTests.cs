using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;

namespace MemoryMesh.Tests.Unit.Memory;

/// <summary>What the ledger says of a reading.</summary>
public class LedgerTests
{
    private static readonly ReadingCost Failed = new("rules", 120, 8, 250, TimeSpan.FromMilliseconds(3), "timeout", "small-model");

    [TestCase(0)]
    [TestCase(2)]
    public void A_model_that_failed_is_told_with_its_cost_once_and_the_rules_served(int found)
    {
        var entries = LedgerEntries.Of(
            Guid.NewGuid(),
            new MemoryOwner(MemoryScope.User, Guid.NewGuid(), null),
            (Guid.NewGuid(), 1, false),
            Guid.NewGuid(),
            Failed,
            [.. Enumerable.Range(0, found).Select(_ => new ProposalOutcome(Fact(), ExtractionOutcome.Added, OutcomeReasons.New, Guid.NewGuid()))],
            OutcomeReasons.NothingFound,
            DateTimeOffset.UnixEpoch);
        Assert.Multiple(() =>
        {
            Assert.That((entries[0].Outcome, entries[0].Reason, entries[0].Extractor), Is.EqualTo((ExtractionOutcome.Failed, "timeout", "small-model")));
            Assert.That(entries.Skip(1).Select(entry => entry.Extractor), Is.All.EqualTo("rules"));
            Assert.That(entries, Has.Count.EqualTo(1 + Math.Max(1, found)));
            Assert.That(entries.Sum(entry => entry.InputTokens), Is.EqualTo(120));
            Assert.That(entries.Sum(entry => entry.OutputTokens), Is.EqualTo(8));
            Assert.That(entries.Sum(entry => entry.CostMicros), Is.EqualTo(250));
            Assert.That(entries.Sum(entry => entry.ElapsedMicros), Is.EqualTo(3_000));
            Assert.That(entries.Select(entry => entry.Id), Is.Unique.And.Ordered);
        });
    }

    private static Proposal Fact() => new()
    {
        Id = Guid.NewGuid(), Text = "User likes tea.", TextKey = "00", Category = "preference", At = DateTimeOffset.UnixEpoch, Confidence = .8, Importance = .5,
    };
}
