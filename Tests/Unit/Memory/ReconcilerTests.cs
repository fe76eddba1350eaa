using MemoryMesh.Memory.Extraction;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Tests.Unit.Memory;

public class ReconcilerTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void A_new_fact_is_added()
    {
        var fact = Said("User likes tea.", "likes:tea");
        Assert.That(Decide([], fact), Is.EqualTo((MemoryStep[])[new MemoryStep.Insert(fact.Id, fact, null, null)]));
    }

    [Test]
    public void A_later_value_supersedes_the_one_value_of_its_slot()
    {
        var berlin = Known("User lives in Berlin.", "location", single: true);
        var munich = Said("User lives in Munich.", "location", single: true, at: Noon.AddDays(1));
        Assert.That(Decide([berlin], munich), Is.EqualTo((MemoryStep[])
        [
            new MemoryStep.Insert(munich.Id, munich, null, null),
            new MemoryStep.Close(berlin.Id, 1, berlin.Text, munich.At, munich.Id, munich.Text, Merged: false),
        ]));
    }

    [Test]
    public void A_value_that_was_said_earlier_and_arrives_late_does_not_overwrite_the_newer_one()
    {
        var munich = Known("User lives in Munich.", "location", single: true);
        var berlin = Said("User lives in Berlin.", "location", single: true, at: Noon.AddDays(-1));
        Assert.That(Decide([munich], berlin), Is.EqualTo((MemoryStep[])[new MemoryStep.Insert(berlin.Id, berlin, munich.ValidFrom, munich.Id)]));
    }

    [Test]
    public void Values_of_one_batch_supersede_each_other_whatever_order_they_were_said_in()
    {
        var facts = new[] { "Berlin", "Munich", "Oslo" }.Select((city, day) => Said($"User lives in {city}.", "location", single: true, at: Noon.AddDays(day))).ToList();
        foreach (var order in Permutations(facts))
        {
            var active = Apply(Decide([], [.. order]));
            Assert.That(active, Is.EqualTo((string[])["User lives in Oslo."]), string.Join(" ", order.Select(fact => fact.Text)));
        }
    }

    [Test]
    public void The_same_fact_again_only_adds_its_source_and_makes_it_surer()
    {
        var known = Known("User likes tea.", "likes:tea") with { Confidence = 0.8 };
        var again = Said("user likes TEA", "likes:tea");
        var link = (MemoryStep.Link)Decide([known], again).Single();
        Assert.That(link.MemoryId, Is.EqualTo(known.Id));
        Assert.That(link.Confidence, Is.EqualTo(0.98).Within(0.001));
    }

    [Test]
    public void Another_value_of_a_slot_with_many_is_added_beside()
        => Assert.That(Decide([Known("User speaks French.", "language:french")], Said("User speaks Spanish.", "language:spanish")).Single(), Is.InstanceOf<MemoryStep.Insert>());

    [Test]
    public void An_ending_supersedes_what_it_ends_and_a_return_supersedes_the_ending()
    {
        var plays = Known("User plays chess.", "hobby:chess");
        var stopped = Said("User no longer plays chess.", "hobby:chess", operation: CandidateOperation.Update, at: Noon.AddDays(1));
        var again = Said("User plays chess.", "hobby:chess", at: Noon.AddDays(2));
        Assert.That(Apply(Decide([plays], stopped), plays), Is.EqualTo((string[])["User no longer plays chess."]));
        Assert.That(Apply(Decide([plays], stopped, again), plays), Is.EqualTo((string[])["User plays chess."]));
    }

    [Test]
    public void A_like_and_a_dislike_of_the_same_thing_do_not_both_hold()
    {
        var loves = Known("User loves cilantro.", "likes:cilantro");
        var hates = Said("User hates cilantro.", "dislikes:cilantro", at: Noon.AddDays(1));
        Assert.That(Apply(Decide([loves], hates), loves), Is.EqualTo((string[])["User hates cilantro."]));
    }

    [Test]
    public void A_retraction_removes_what_the_slot_held_before_and_nothing_else()
    {
        var name = Known("User's name is Honda.", "name", single: true);
        var nuts = Known("User is allergic to nuts.", "allergy:nuts");
        var eggs = Known("User is allergic to eggs.", "allergy:eggs") with { ValidFrom = Noon.AddDays(2) };
        var forget = Said("User asked to forget it.", "allergy", operation: CandidateOperation.Delete, at: Noon.AddDays(1));
        Assert.That(Decide([name, nuts, eggs], forget), Is.EqualTo((MemoryStep[])[new MemoryStep.Remove(nuts.Id, Remember: true)]));
    }

    [Test]
    public void An_added_memory_that_says_the_same_is_merged_and_one_that_says_more_takes_its_place()
    {
        var known = Known("User has two black cats at home.", null);
        var same = Added("The user has two black cats at home");
        var more = Added("User has two black cats at home now.", at: Noon.AddDays(1));
        Assert.Multiple(() =>
        {
            Assert.That(Decide([known], same), Is.EqualTo((MemoryStep[])
            [
                new MemoryStep.Close(same.Id, 1, same.Text, same.At, known.Id, known.Text, Merged: true),
                new MemoryStep.Absorb(known.Id, 1, known.Text, null, null, null, 0.99),
            ]));
            Assert.That(Apply(Decide([known], more), known), Is.EqualTo((string[])[more.Text]));
        });
    }

    [Test]
    public void What_a_person_added_is_not_dropped_for_a_slot_with_many_values()
    {
        var known = Known("User has a daughter named Noor.", "relationship:daughter:noor");
        var added = Added("Our daughter Noor plays the violin on Tuesdays", slot: "relationship:daughter:noor");
        Assert.That(Decide([known], added).Single(), Is.InstanceOf<MemoryStep.Settle>());
    }

    [Test]
    public void What_a_person_chose_of_a_merged_memory_goes_to_the_other_unless_something_was_chosen_there()
    {
        var known = Known("User likes tea.", null) with { ImportanceGiven = true };
        var same = Added("User likes tea!") with { CategoryGiven = true, Category = "preference", ImportanceGiven = true, Importance = 0.1, MetadataJson = "{}" };
        var absorb = Decide([known], same).OfType<MemoryStep.Absorb>().Single();
        Assert.That((absorb.Category, absorb.Importance, absorb.MetadataJson), Is.EqualTo(("preference", (double?)null, "{}")));
    }

    [Test]
    public void A_value_of_another_kind_supersedes_nothing_though_its_attribute_is_the_same()
    {
        var lives = Known("User lives in Munich.", "location", single: true) with { Category = "location" };
        var wrong = Said("Enjoys beer gardens", "location", single: true, at: Noon.AddDays(1)) with { Category = "preference" };
        var decision = Reconciler.Decide(new OwnerSnapshot { Revision = 1, Active = [lives] }, [Lesson(Guid.NewGuid(), wrong)]);
        Assert.Multiple(() =>
        {
            Assert.That(decision.Steps.Single(), Is.InstanceOf<MemoryStep.Insert>());
            Assert.That(((MemoryStep.Insert)decision.Steps[0]).Fact.Slot, Is.Null, "Nor is it a value of the attribute.");
            Assert.That(decision.Outcomes[0].Single().Reason, Is.EqualTo(OutcomeReasons.Guarded));
        });
    }

    [Test]
    public void What_was_deleted_is_not_brought_back_by_what_was_said_before_and_is_by_what_is_said_after()
    {
        var before = Said("User likes tea.", "likes:tea", at: Noon);
        var after = Said("User likes tea.", "likes:tea", at: Noon.AddMinutes(2));
        var snapshot = new OwnerSnapshot { Revision = 1, Active = [], Barred = new Dictionary<string, DateTimeOffset> { [before.TextKey] = Noon.AddMinutes(1) } };
        Assert.Multiple(() =>
        {
            Assert.That(Reconciler.Decide(snapshot, [Lesson(Guid.NewGuid(), before)]).Steps, Is.Empty);
            Assert.That(Reconciler.Decide(snapshot, [Lesson(Guid.NewGuid(), after)]).Steps.Single(), Is.InstanceOf<MemoryStep.Insert>());
        });
    }

    [Test]
    public void Memories_of_another_agent_are_not_compared()
    {
        var known = Known("User likes tea.", null) with { Narrowing = "1:a-1:" };
        Assert.That(Decide([known], Said("User likes tea!", null)).Single(), Is.InstanceOf<MemoryStep.Insert>());
    }

    [Test]
    public void A_memory_that_was_compared_before_is_not_compared_with_itself()
    {
        var known = Known("User likes tea.", null) with { Version = 2 };
        var changed = Added("User likes tea.") with { Id = known.Id, StoredVersion = 2 };
        Assert.That(Decide([known], changed).Single(), Is.EqualTo(new MemoryStep.Settle(known.Id, changed)));
    }

    [Test]
    public void A_changed_message_takes_back_what_it_does_not_say_any_more_and_what_that_superseded_holds_again()
    {
        var message = Guid.NewGuid();
        var munich = Known("User lives in Munich.", "location", single: true);
        var berlin = Known("User lives in Berlin.", "location", single: true) with { Version = 2 };
        var tea = Known("User likes tea.", "likes:tea");
        var snapshot = new OwnerSnapshot
        {
            Revision = 1,
            Active = [munich, tea],
            Linked = new[] { munich, tea }.ToLookup(_ => message, memory => new LinkedMemory { Memory = memory, Active = true, Derived = true, SourceCount = 1 }),
            Predecessors = new[] { berlin }.ToLookup(_ => munich.Id),
        };
        var steps = Reconciler.Decide(snapshot, [Lesson(message, Said("User likes tea.", "likes:tea"))]).Steps;
        Assert.Multiple(() =>
        {
            Assert.That(steps[0], Is.EqualTo(new MemoryStep.Unlink(message)));
            Assert.That(((MemoryStep.Link)steps[1]).MemoryId, Is.EqualTo(tea.Id), "What it still says keeps its memory.");
            Assert.That(steps[2], Is.EqualTo(new MemoryStep.Remove(munich.Id)));
            Assert.That(steps[3], Is.EqualTo(new MemoryStep.Revive(berlin.Id, 2, berlin.Text)));
        });
    }

    [Test]
    public void A_corrected_message_puts_the_new_value_in_the_place_of_the_old()
    {
        var message = Guid.NewGuid();
        var munich = Known("User lives in Munich.", "location", single: true);
        var berlin = Known("User lives in Berlin.", "location", single: true) with { Version = 2 };
        var bern = Said("User lives in Bern.", "location", single: true);
        var snapshot = new OwnerSnapshot
        {
            Revision = 1,
            Active = [munich],
            Linked = new[] { munich }.ToLookup(_ => message, memory => new LinkedMemory { Memory = memory, Active = true, Derived = true, SourceCount = 1 }),
            Predecessors = new[] { berlin }.ToLookup(_ => munich.Id),
        };
        Assert.That(Reconciler.Decide(snapshot, [Lesson(message, bern)]).Steps.Skip(1), Is.EqualTo((MemoryStep[])
        [
            new MemoryStep.Insert(bern.Id, bern, null, null), new MemoryStep.Remove(munich.Id), new MemoryStep.Repoint(berlin.Id, bern.Id),
        ]));
    }

    [Test]
    public void A_memory_that_other_messages_say_too_or_that_somebody_changed_outlives_a_changed_message()
    {
        var message = Guid.NewGuid();
        var tea = Known("User likes tea.", "likes:tea");
        var name = Known("User's name is Honda.", "name", single: true);
        var snapshot = new OwnerSnapshot
        {
            Revision = 1,
            Active = [tea, name],
            Linked = new[]
            {
                new LinkedMemory { Memory = tea, Active = true, Derived = true, SourceCount = 2 },
                new LinkedMemory { Memory = name, Active = true, Derived = false, SourceCount = 1 },
            }.ToLookup(_ => message),
        };
        Assert.That(Reconciler.Decide(snapshot, [Lesson(message)]).Steps, Is.EqualTo((MemoryStep[])[new MemoryStep.Unlink(message)]));
    }

    private static IReadOnlyList<MemoryStep> Decide(IReadOnlyList<KnownMemory> known, params Proposal[] facts)
        => Reconciler.Decide(
            new OwnerSnapshot { Revision = 1, Active = known },
            facts.Select(fact => fact.Stored ? new Lesson { Proposals = [fact] } : Lesson(Guid.NewGuid(), fact))).Steps;

    /// <summary>Texts that are active after the steps.</summary>
    private static IEnumerable<string> Apply(IReadOnlyList<MemoryStep> steps, params KnownMemory[] known)
    {
        var active = known.ToDictionary(memory => memory.Id, memory => memory.Text);
        foreach (var step in steps)
        {
            switch (step)
            {
                case MemoryStep.Insert { ValidTo: null } insert:
                    active[insert.MemoryId] = insert.Fact.Text;
                    break;
                case MemoryStep.Settle settle:
                    active[settle.MemoryId] = settle.Fact.Text;
                    break;
                case MemoryStep.Close or MemoryStep.Remove:
                    active.Remove(step.MemoryId);
                    break;
            }
        }

        return active.Values;
    }

    private static IEnumerable<IReadOnlyList<T>> Permutations<T>(IReadOnlyList<T> items)
        => items.Count <= 1
            ? [items]
            : items.SelectMany((item, at) => Permutations([.. items.Where((_, i) => i != at)]).Select(rest => (IReadOnlyList<T>)[item, .. rest]));

    private static Lesson Lesson(Guid messageId, params Proposal[] facts)
        => new() { Message = new LessonMessage(messageId, Guid.NewGuid(), 2, Noon), Proposals = facts };

    private static KnownMemory Known(string text, string? slot, bool single = false) => new()
    {
        Id = Guid.NewGuid(), Version = 1, Text = text, TextKey = MemoryText.Fold(text), Slot = slot, SingleValued = single, ValidFrom = Noon, ConfirmedAt = Noon, Confidence = 0.9,
    };

    private static Proposal Said(
        string text, string? slot, bool single = false, CandidateOperation operation = CandidateOperation.Add, DateTimeOffset? at = null) => new()
    {
        Id = Guid.NewGuid(),
        Operation = operation,
        Text = text,
        TextKey = MemoryText.Fold(text),
        Category = "other",
        Slot = slot,
        SingleValued = single,
        At = at ?? Noon,
        Confidence = 0.9,
        Importance = 0.5,
        Source = new MemorySource { MessageId = Guid.NewGuid(), ConversationKey = Guid.NewGuid(), ConversationId = "c", QuoteStart = 0, QuoteLength = 1, Quote = "x" },
    };

    private static Proposal Added(string text, string? slot = null, DateTimeOffset? at = null)
        => Said(text, slot, at: at) with { StoredVersion = 1, Source = null, Confidence = 1 };
}
