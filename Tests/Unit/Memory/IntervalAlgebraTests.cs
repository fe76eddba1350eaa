using FsCheck;
using FsCheck.Fluent;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Tests.Unit.Memory;

/// <summary>The values of an attribute with one value, whatever order they arrive in.</summary>
public class IntervalAlgebraTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] Cities = ["Berlin", "Munich", "Oslo", "Bern", "Rome"];

    /// <summary>What is said, as (day, city), in the order it arrives; and how many arrive at once.</summary>
    private static readonly Arbitrary<(IList<(int Day, int City)> Said, int Batch)> Arrivals =
        Gen.Choose(0, 12).SelectMany(day => Gen.Choose(0, Cities.Length - 1), (day, city) => (Day: day, City: city)).ListOf()
            .SelectMany(said => Gen.Choose(1, 3), (said, batch) => (Said: (IList<(int, int)>)[.. said], Batch: batch)).ToArbitrary();

    [Test]
    public void No_two_values_are_true_at_one_time_and_the_last_one_said_is_current()
        => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(1_000).WithQuietOnSuccess(true),
            Prop.ForAll(Arrivals, arrivals =>
            {
                var timeline = Learn(arrivals.Said, arrivals.Batch);
                var current = timeline.Where(value => value.ValidTo is null).ToList();
                var last = arrivals.Said.Count == 0 ? -1 : arrivals.Said.Max(said => said.Day);
                return current.Count == Math.Min(1, arrivals.Said.Count)
                    && current.TrueForAll(value => arrivals.Said.Any(said => said.Day == last && value.Text.Contains(Cities[said.City], StringComparison.Ordinal)))
                    && Enumerable.Range(0, 14).All(day => ValuesAt(timeline, day).Count() <= 1);
            }));

    [Test]
    public void What_was_said_last_until_a_time_is_what_was_true_then_in_whatever_order_it_was_heard()
        => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(1_000).WithQuietOnSuccess(true),
            Prop.ForAll(Arrivals, arrivals =>
            {
                // Each day says one value, as of two said at one moment the one that was heard last counts; and no value comes between two statements of
                // another, which would be kept without a time.
                var said = arrivals.Said.DistinctBy(item => item.Day).DistinctBy(item => item.City).ToList();
                var timeline = Learn(said, arrivals.Batch);
                return Enumerable.Range(0, 14).All(day =>
                {
                    var until = said.Where(item => item.Day <= day).ToList();
                    var values = ValuesAt(timeline, day).ToList();
                    return until.Count == 0
                        ? values.Count == 0
                        : values is [var value] && value.Text.Contains(Cities[until.MaxBy(item => item.Day).City], StringComparison.Ordinal);
                });
            }));

    [Test]
    public void A_value_that_was_said_earlier_in_the_same_words_was_true_earlier()
    {
        var timeline = Learn([(9, 0), (4, 0)], 1);
        Assert.That(timeline.Single().ValidFrom, Is.EqualTo(Noon.AddDays(4)));

        timeline = Learn([(6, 1), (9, 0), (4, 0)], 1);
        Assert.That(ValuesAt(timeline, 5).Single().Text, Does.Contain(Cities[0]));
        Assert.That(ValuesAt(timeline, 7).Single().Text, Does.Contain(Cities[1]));
    }

    [Test]
    public void A_value_that_was_said_between_two_statements_of_another_does_not_become_current()
    {
        var timeline = Learn([(3, 4), (7, 4), (6, 1)], 2);
        Assert.That(ValuesAt(timeline, 8).Single().Text, Does.Contain(Cities[4]));
    }

    private static IEnumerable<KnownMemory> ValuesAt(IEnumerable<KnownMemory> timeline, int day)
        => timeline.Where(value => value.ValidFrom <= Noon.AddDays(day) && (value.ValidTo is null || value.ValidTo > Noon.AddDays(day)));

    /// <summary>Learns what is said, batch by batch, each from what the ones before left.</summary>
    private static List<KnownMemory> Learn(IEnumerable<(int Day, int City)> said, int batch)
    {
        var memories = new List<KnownMemory>();
        foreach (var some in said.Chunk(batch))
        {
            var snapshot = new OwnerSnapshot
            {
                Revision = 1,
                Active = [.. memories.Where(memory => memory.ValidTo is null)],
                Past = [.. memories.Where(memory => memory.ValidTo > memory.ValidFrom)],
            };
            foreach (var step in Reconciler.Decide(snapshot, some.Select(item => new Lesson { Proposals = [Said(item.Day, Cities[item.City])] })).Steps)
            {
                Apply(memories, step);
            }
        }

        return memories;
    }

    private static void Apply(List<KnownMemory> memories, MemoryStep step)
    {
        switch (step)
        {
            case MemoryStep.Insert insert:
                memories.Add(insert.Fact.ToKnown() with { ValidTo = insert.ValidTo });
                break;
            case MemoryStep.Link link:
                Replace(memories, link.MemoryId, memory => memory with { ConfirmedAt = link.At > memory.ConfirmedAt ? link.At : memory.ConfirmedAt });
                break;
            case MemoryStep.Extend extend:
                Replace(memories, extend.MemoryId, memory => memory with { ValidFrom = extend.ValidFrom });
                break;
            case MemoryStep.Close close:
                Replace(memories, close.MemoryId, memory => memory with { ValidTo = close.ValidTo });
                break;
            case MemoryStep.Cut cut:
                Replace(memories, cut.MemoryId, memory => memory with { ValidTo = cut.ValidTo });
                break;
        }
    }

    private static void Replace(List<KnownMemory> memories, Guid id, Func<KnownMemory, KnownMemory> change)
    {
        var at = memories.FindIndex(memory => memory.Id == id);
        memories[at] = change(memories[at]);
    }

    private static Proposal Said(int day, string city)
    {
        var text = $"User lives in {city}.";
        return new Proposal
        {
            Id = Guid.NewGuid(),
            Text = text,
            TextKey = MemoryText.Fold(text),
            Category = "location",
            Slot = "location",
            SingleValued = true,
            At = Noon.AddDays(day),
            Confidence = 0.9,
            Importance = 0.5,
            Source = new MemorySource { MessageId = Guid.NewGuid(), ConversationId = "c" },
        };
    }
}
