using MemoryMesh.Memory.Consolidation;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Tests.Unit.Memory;

/// <summary>What a consolidation decides about the memories of one owner.</summary>
public class ConsolidatorTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Tenant = Guid.NewGuid();

    [Test]
    public void What_says_no_more_than_another_goes_into_it_and_counts_as_evidence()
    {
        var (shorter, longer) = (Memory("User plays chess and tennis on Sunday.", day: 1) with { Evidence = 2 }, Memory("User plays chess and indoor tennis on Sunday.", day: 2));
        var plan = Decide([shorter, longer]);
        Assert.That(Told(plan), Is.EqualTo((object[])[(ConsolidationChangeKind.Merged, shorter.Id, (Guid?)longer.Id), (ConsolidationChangeKind.Promoted, longer.Id, (Guid?)null)]));
        var (gone, kept) = (Next(plan, shorter), Next(plan, longer));
        Assert.Multiple(() =>
        {
            Assert.That((gone.State, gone.SupersededBy, gone.Version), Is.EqualTo((MemoryState.Merged, (Guid?)longer.Id, 2)));
            Assert.That((kept.Evidence, kept.ValidFrom, kept.ConfirmedAt, kept.Version), Is.EqualTo((3, shorter.ValidFrom, (DateTimeOffset?)longer.ValidFrom, 2)));
            Assert.That(kept.Confidence, Is.GreaterThan(longer.Confidence));
            Assert.That(kept.Boost, Is.EqualTo(Consolidator.BoostOf(3)));
        });
    }

    [Test]
    public void Of_equals_the_older_stays_and_takes_what_a_client_chose_of_the_newer()
    {
        var (older, newer) = (Memory("User likes to hike.", day: 1), Memory("User really likes to hike!", day: 3) with { Category = "interest", CategoryGiven = true, MetadataJson = "{}" });
        var plan = Decide([newer, older]);
        var kept = Next(plan, older);
        Assert.That(Told(plan).Single(), Is.EqualTo((ConsolidationChangeKind.Merged, newer.Id, (Guid?)older.Id)));
        Assert.That((kept.Category, kept.CategoryGiven, kept.MetadataJson, kept.ConfirmedAt), Is.EqualTo(("interest", true, "{}", (DateTimeOffset?)newer.ValidFrom)));
    }

    [Test]
    public void Nothing_that_a_client_chose_is_lost_and_what_was_undone_stays_apart()
    {
        var one = Memory("User likes to hike.", day: 1);
        Assert.Multiple(() =>
        {
            Assert.That(Differing(memory => memory with { Category = "goal", CategoryGiven = true }, memory => memory with { Category = "interest", CategoryGiven = true }), Is.Empty);
            Assert.That(Differing(memory => memory with { MetadataJson = """{"a":1}""" }, memory => memory with { MetadataJson = """{"a":2}""" }), Is.Empty);
            Assert.That(Differing(memory => memory with { Importance = 1, ImportanceGiven = true }, memory => memory with { Importance = .9, ImportanceGiven = true }), Is.Empty);
            Assert.That(Differing(memory => memory with { KeptApart = true }, memory => memory), Is.Empty);
            Assert.That(Differing(memory => memory with { Extract = true }, memory => memory), Is.Empty);
            Assert.That(Differing(memory => memory with { Inferred = true }, memory => memory), Is.Empty, "What was said does not go into what was inferred.");
            Assert.That(Differing(memory => memory with { AgentId = "a" }, memory => memory), Is.Empty);
            Assert.That(Differing(memory => memory with { Slot = "likes:hiking" }, memory => memory with { Slot = "goal:hike" }), Is.Empty);
            Assert.That(Differing(memory => memory, memory => memory), Is.Not.Empty);
        });

        IReadOnlyList<ConsolidationChange> Differing(Func<MemoryRecord, MemoryRecord> older, Func<MemoryRecord, MemoryRecord> newer)
            => Decide([older(one), newer(Memory("User likes to hike a lot.".Replace(" a lot", ""), day: 2))]).Changes;
    }

    [TestCase("User likes tea.", "User likes iced tea.", Description = "Another thing.")]
    [TestCase("User likes tea.", "User does not like tea.")]
    [TestCase("User has a dog.", "User had a dog.")]
    [TestCase("User works at Acme.", "User worked at Acme until 2020.")]
    [TestCase("User runs 5 miles daily.", "User runs 10 miles daily.")]
    public void What_only_looks_alike_stays(string one, string other)
        => Assert.That(Decide([Memory(one, day: 1), Memory(other, day: 2)], (_, _) => false).Changes, Is.Empty);

    [TestCase("User enjoys mountain hiking.", "User enjoys hiking in the mountains.", true)]
    [TestCase("User keeps a cat and two parrots.", "User keeps two parrots and a cat.", true)]
    [TestCase("User is a software engineer.", "User is working as a software engineer.", true)]
    [TestCase("User likes tea.", "User likes coffee.", false)]
    [TestCase("User trusts Anna and Ben.", "User trusts Anna.", false)]
    [TestCase("User likes tea.", "User likes iced tea.", false)]
    [TestCase("User has a brother.", "User has a brother in law.", false)]
    [TestCase("User prefers tea over coffee.", "User prefers coffee over tea.", false)]
    [TestCase("User moved from Rome to Oslo.", "User moved from Oslo to Rome.", false)]
    [TestCase("User likes tea, not coffee.", "User likes coffee, not tea.", false)]
    [TestCase("User teaches Anna.", "Anna teaches User.", false)]
    [TestCase("User's dog is sick.", "User is a sick dog.", false)]
    [TestCase("User loves spicy Thai food.", "User loves Thai food that is spicy.", true)]
    [TestCase("User volunteers at an animal shelter.", "User volunteers at a shelter with animals.", true)]
    [TestCase("User has 2 cats.", "User has cats and 3 dogs.", false)]
    [TestCase("User eats meat.", "User no longer eats meat.", false)]
    public void Where_words_do_not_decide_the_vectors_are_asked(string one, string other, bool doubtful)
    {
        IReadOnlyList<MemoryRecord> memories = [Memory(one, day: 1), Memory(other, day: 2)];
        Assert.That(Consolidator.FindDoubtful(memories), Has.Count.EqualTo(doubtful ? 1 : 0));
        Assert.That(Decide(memories, (_, _) => true).Changes, Has.Count.EqualTo(doubtful ? 1 : 0));
        Assert.That(Decide(memories, (_, _) => false).Changes, Is.Empty);
    }

    [Test]
    public void What_fills_a_list_of_values_is_told_by_its_words_whatever_its_slot()
    {
        var (one, other) = (Memory("User enjoys mountain hiking.", 1) with { Slot = "likes:mountain hiking" }, Memory("User enjoys hiking in the mountains.", 2) with { Slot = "likes:hiking in the mountains" });
        Assert.That(Decide([one, other], (_, _) => true).Changes, Has.Count.EqualTo(1));
        Assert.That(Decide([one, other with { Slot = "dislikes:hiking in the mountains" }], (_, _) => true).Changes, Is.Empty);
        Assert.That(Decide([one with { SingleValued = true }, other], (_, _) => true).Changes, Is.Empty);
    }

    [Test]
    public void Of_several_values_of_an_attribute_the_one_said_last_holds_and_the_earlier_follow_each_other()
    {
        var (berlin, munich, oslo) = (City("Berlin", 1), City("Munich", 5), City("Oslo", 3));
        var plan = Decide([berlin, munich, oslo]);
        Assert.That(Told(plan), Is.EqualTo((object[])
            [(ConsolidationChangeKind.Superseded, oslo.Id, (Guid?)munich.Id), (ConsolidationChangeKind.Superseded, berlin.Id, (Guid?)oslo.Id)]));
        Assert.That((Next(plan, berlin).ValidTo, Next(plan, oslo).ValidTo), Is.EqualTo(((DateTimeOffset?)oslo.ValidFrom, (DateTimeOffset?)munich.ValidFrom)));

        // Said between two statements of another value, it was true at no time.
        var confirmed = berlin with { ConfirmedAt = Noon.AddDays(9) };
        plan = Decide([confirmed, oslo]);
        Assert.That(Next(plan, oslo).ValidTo, Is.EqualTo(oslo.ValidFrom));
    }

    [Test]
    public void What_is_over_ends_and_what_was_observed_often_ranks_higher_once()
    {
        var (over, often) = (Memory("User is in Rome.", day: 1) with { ExpiresAt = Noon.AddDays(2) }, Memory("User likes jazz.", day: 1) with { Evidence = 8 });
        var plan = Decide([over, often]);
        Assert.That(Told(plan), Is.EqualTo((object[])[(ConsolidationChangeKind.Expired, over.Id, (Guid?)null), (ConsolidationChangeKind.Promoted, often.Id, (Guid?)null)]));
        Assert.That(Next(plan, over).ValidTo, Is.EqualTo(over.ExpiresAt));
        Assert.That(Next(plan, often).Boost, Is.EqualTo(.15).Within(1e-9));
        Assert.That(Decide([Next(plan, often)]).Changes, Is.Empty);
    }

    [Test]
    public void An_inferred_memory_is_let_through_by_enough_messages_unless_another_value_holds()
    {
        var held = City("Berlin", 1) with
        {
            State = MemoryState.Review, HoldReason = HoldReasons.Inferred, Inferred = true, ValidTo = Noon.AddDays(1), SupersededAt = Noon, Evidence = 3,
        };
        var approved = Next(Decide([held]), held);
        Assert.That((approved.State, approved.HoldReason, approved.Active, approved.Inferred, approved.TextKey), Is.EqualTo((MemoryState.Current, (string?)null, true, true, (string?)null)));
        Assert.Multiple(() =>
        {
            Assert.That(Decide([held with { Evidence = 2 }]).Changes, Is.Empty);
            Assert.That(Decide([held], approveAfter: 0).Changes, Is.Empty);
            Assert.That(Decide([held, City("Rome", 2)]).Changes, Is.Empty, "Somebody has to decide.");
            Assert.That(Decide([held with { State = MemoryState.Quarantined, HoldReason = HoldReasons.Instructions }]).Changes, Is.Empty);
        });
    }

    [Test]
    public void Decided_again_over_what_it_made_it_finds_nothing()
    {
        var random = new Random(7);
        string[] words = ["chess", "tennis", "jazz", "tea", "rome", "hike", "read", "swim"];
        for (var round = 0; round < 50; round++)
        {
            var memories = Enumerable.Range(0, 30).Select(at => Memory(
                $"User likes {string.Join(" and ", words.OrderBy(_ => random.Next()).Take(random.Next(1, 6)))}.", random.Next(0, 20)) with
            {
                TextKey = Convert.ToHexString(BitConverter.GetBytes(at)),
                Evidence = random.Next(1, 4),
                ExpiresAt = random.Next(8) == 0 ? Noon.AddDays(random.Next(-2, 40)) : null,
            }).ToList();
            var plan = Decide(memories, (_, _) => true);
            var turns = plan.Turns.ToDictionary(turn => turn.Current.Id, turn => turn.Next);
            Assert.That(turns, Has.Count.EqualTo(plan.Turns.Count), "No memory has two next versions.");
            var after = memories.Select(memory => turns.GetValueOrDefault(memory.Id, memory)).ToList();
            Assert.That(Decide(after, (_, _) => true).Changes, Is.Empty);
            Assert.That(plan.Changes.Where(change => change.Kind == ConsolidationChangeKind.Merged).All(change => turns[change.Into!.Id].Active), "Nothing goes into what goes.");
        }
    }

    private static ConsolidationPlan Decide(IReadOnlyList<MemoryRecord> memories, Func<MemoryRecord, MemoryRecord, bool>? alike = null, int approveAfter = 3)
        => Consolidator.Decide(memories, alike ?? ((_, _) => false), approveAfter, Noon.AddDays(30), Noon.AddDays(31));

    private static IEnumerable<(ConsolidationChangeKind, Guid, Guid?)> Told(ConsolidationPlan plan) => plan.Changes.Select(change => (change.Kind, change.Memory.Id, change.Into?.Id));

    private static MemoryRecord Next(ConsolidationPlan plan, MemoryRecord memory) => plan.Turns.Single(turn => turn.Current.Id == memory.Id).Next;

    private static MemoryRecord City(string city, int day)
        => Memory($"User lives in {city}.", day) with { Category = "location", Slot = "location", SingleValued = true };

    private static MemoryRecord Memory(string text, int day) => new()
    {
        Id = Guid.CreateVersion7(Noon.AddDays(day)),
        TenantId = Tenant,
        Scope = MemoryScope.User,
        OwnerKey = Tenant,
        Text = text,
        TextKey = Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(MemoryText.Fold(text))),
        Category = "other",
        Importance = .5,
        Confidence = .8,
        Status = MemoryStatus.Completed,
        ValidFrom = Noon.AddDays(day),
        Version = 1,
        CreatedAt = Noon.AddDays(day),
        UpdatedAt = Noon.AddDays(day),
    };
}
