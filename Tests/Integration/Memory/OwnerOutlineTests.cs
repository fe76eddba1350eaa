using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Memory;
using MemoryMesh.Memory.Extraction;
using MemoryMesh.Memory.Features;
using MemoryMesh.Memory.Processing;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;
using MemoryMesh.Tests.Integration.Storage;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Tests.Integration.Memory;

/// <summary>Decisions that read what they can have to do with, beside the same decisions over all memories, on each engine.</summary>
[TestFixtureSource(typeof(MemoryEngines), nameof(MemoryEngines.All))]
[SuppressMessage("Design", "CA1001", Justification = "Everything is disposed in TearDown.")]
public class OwnerOutlineTests(StoreEngine engine) : MemoryContractFixture(engine)
{
    private const int MaxCompared = 100;
    private static readonly string[] Verbs = ["likes", "loves", "dislikes", "does not like", "bought", "no longer likes"];
    private static readonly string[] Things = ["tea", "green tea", "chess", "old maps", "rain", "the sea", "jazz", "quiet mornings", "very hot soup", "3 cats"];
    private static readonly string[] Rests = ["", " at home", " in the old garden house", " on long Sunday walks with friends", " now", " too"];
    private static readonly string[] Cities = ["Berlin", "Munich", "Oslo", "Bern"];

    private readonly List<Guid> _messages = [];
    private OwnerOutlines _none = null!;

    /// <summary>The same memories without outlines.</summary>
    private IMemoryStore _plain = null!;

    private OwnerOutlines Outlines => Storage.Get<OwnerOutlines>();

    private MemoryOwner Owner => new(MemoryScope.User, Ada, "ada");

    [SetUp]
    public void OpenPlain()
    {
        _none = new OwnerOutlines(Options.Create(new MemoryOptions { ComparisonMemoryMegabytes = 0 }));
        _plain = Storage.StoreWith(_none);
        _messages.Clear();
    }

    [TearDown]
    public void ClosePlain() => _none?.Dispose();

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task A_decision_is_the_one_that_all_memories_lead_to(int seed)
    {
        var random = new Random(seed);
        await SeedAsync(random, 3 * MaxCompared);
        var (read, all) = (0, 0);
        for (var step = 0; step < 120; step++)
        {
            // Some commits share a millisecond.
            Clock.Now += TimeSpan.FromMilliseconds(random.Next(2));
            await ChangeSomethingAsync(random);
            var lessons = await LessonsAsync(random);
            var query = Query(lessons);
            var (less, whole) = (await Store.ReadOwnerAsync(query, default), await _plain.ReadOwnerAsync(query, default));
            var (decision, expected) = (Reconciler.Decide(less, lessons), Reconciler.Decide(whole, lessons));
            Assert.That(decision.Steps, Is.EqualTo(expected.Steps), $"step {step}");
            Assert.That(decision.Outcomes, Is.EqualTo(expected.Outcomes), $"step {step}");
            Assert.That(less.Active, Is.SubsetOf(whole.Active), $"step {step}");
            (read, all) = (read + less.Active.Count, all + whole.Active.Count);
            Assert.That(await ApplyAsync(less.Revision, decision), $"step {step}");
        }

        Assert.That(read, Is.LessThan(all / 2), "Most memories have nothing to do with a decision.");
    }

    [Test]
    public async Task A_commit_is_taken_over_and_a_change_by_others_has_all_read_again()
    {
        await SeedAsync(new Random(4), 2 * MaxCompared);
        var lessons = (IReadOnlyList<Lesson>)[Lesson(Fact("User plays the oboe in a quartet."))];
        Assert.That(await CountReadAsync(lessons), Is.EqualTo(MaxCompared), "Nothing is known of the owner yet.");
        Assert.That(await CountReadAsync(lessons), Is.LessThan(MaxCompared / 2));
        var snapshot = await Store.ReadOwnerAsync(Query(lessons), default);
        Assert.That(await ApplyAsync(snapshot.Revision, Reconciler.Decide(snapshot, lessons)));

        // The store noted its own commit; that of another leads to a revision that is unknown.
        Assert.That(await CountReadAsync([Lesson(Fact("User plays the oboe in the quartet."))]), Is.InRange(1, MaxCompared / 2));
        await ApplyAsync((await _plain.ReadOwnerAsync(Query(lessons), default)).Revision, new Decision([], []), _plain);
        Assert.That(await CountReadAsync(lessons), Is.EqualTo(MaxCompared));
    }

    [Test]
    public async Task Nothing_is_kept_of_an_owner_who_was_erased_or_of_another_tenant()
    {
        await SeedAsync(new Random(5), 2 * MaxCompared);
        var lessons = (IReadOnlyList<Lesson>)[Lesson(Fact("User likes tea."))];
        await CountReadAsync(lessons);
        Assert.That(Outlines.Find(Tenant, Ada), Is.Not.Null);
        Assert.That(Outlines.Find(Guid.NewGuid(), Ada), Is.Null);
        Assert.That((await Store.ReadOwnerAsync(Query(lessons) with { TenantId = Guid.NewGuid() }, default)).Active, Is.Empty);

        await Storage.EraseAsync(new SubjectErasureRequested { ErasureId = Guid.CreateVersion7(), TenantId = Tenant, SubjectKey = Ada, Service = MemoryModule.Name, ErasedUntil = Now });
        Assert.That(Outlines.Find(Tenant, Ada), Is.Null);
        Assert.That((await Store.ReadOwnerAsync(Query(lessons), default)).Active, Is.Empty);
    }

    [Test]
    public async Task Little_is_kept_of_nobody_and_no_more_than_the_setting_allows()
    {
        await SeedAsync(new Random(6), OwnerOutlines.LeastMemories - 10);
        await CountReadAsync([Lesson(Fact("User likes tea."))]);
        Assert.That(Outlines.Find(Tenant, Ada), Is.Null);

        // A hundred owners of some thousand memories each do not fit one megabyte.
        using var small = new OwnerOutlines(Options.Create(new MemoryOptions { ComparisonMemoryMegabytes = 1 }));
        var memories = Enumerable.Range(0, 2_000).Select(i => MemoryOutline.Of(Guid.NewGuid(), Now.AddMilliseconds(-i), "User likes tea.", null)).ToList();
        var owners = Enumerable.Range(0, 100).Select(_ => Guid.NewGuid()).ToList();
        owners.ForEach(owner => small.Keep(Tenant, owner, 1, memories, maxCompared: 5_000));
        Assert.That(owners.Count(owner => small.Find(Tenant, owner) is not null), Is.LessThanOrEqualTo(1_048_576 / (64 * 2_000)));
    }

    private OwnerSnapshotQuery Query(IReadOnlyList<Lesson> lessons) => new()
    {
        TenantId = Tenant,
        OwnerKey = Ada,
        MessageIds = [.. lessons.Select(lesson => lesson.DrawnFrom).OfType<Guid>()],
        Proposals = [.. lessons.SelectMany(lesson => lesson.Proposals)],
        MaxCompared = MaxCompared,
    };

    private async Task<int> CountReadAsync(IReadOnlyList<Lesson> lessons) => (await Store.ReadOwnerAsync(Query(lessons), default)).Active.Count;

    private Task<bool> ApplyAsync(long revision, Decision decision, IMemoryStore? store = null)
        => (store ?? Store).ApplyAsync(
            new OwnerPlan
            {
                TenantId = Tenant, Owner = Owner, Revision = revision, IndexDeadline = Now.AddMinutes(1), Steps = decision.Steps,
            },
            Now,
            default);

    /// <summary>Memories that differ from each other, most of them.</summary>
    private async Task SeedAsync(Random random, int count)
    {
        for (var i = 0; i < count; i += 50)
        {
            Clock.Now += TimeSpan.FromMilliseconds(1);
            var lessons = Enumerable.Range(i, Math.Min(50, count - i)).Select(number => Lesson(
                Fact($"User {Verbs[random.Next(Verbs.Length)]} number {number.ToString(CultureInfo.InvariantCulture)} of {Things[random.Next(Things.Length)]}."))).ToList();
            var snapshot = await _plain.ReadOwnerAsync(Query(lessons), default);
            Assert.That(await ApplyAsync(snapshot.Revision, Reconciler.Decide(snapshot, lessons), _plain));
        }
    }

    private async Task<IReadOnlyList<Lesson>> LessonsAsync(Random random)
    {
        var lessons = new List<Lesson>();
        for (var count = random.Next(1, 6); count > 0; count--)
        {
            switch (random.Next(8))
            {
                case 0 when _messages.Count > 0:
                    lessons.Add(new Lesson { DrawnFrom = _messages[random.Next(_messages.Count)], Proposals = [.. Facts(random)] });
                    break;
                case 1:
                    lessons.Add(new Lesson { Proposals = [Fact("User forgets likes.", "likes") with { Operation = CandidateOperation.Delete }] });
                    break;
                case 2 or 3:
                    lessons.Add(new Lesson { Proposals = [await AddedAsync(random)] });
                    break;
                default:
                    lessons.Add(Lesson([.. Facts(random)]));
                    break;
            }
        }

        return lessons.DistinctBy(lesson => lesson.DrawnFrom).ToList();
    }

    private IEnumerable<Proposal> Facts(Random random)
    {
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var (verb, thing) = (Verbs[random.Next(Verbs.Length)], Things[random.Next(Things.Length)]);
            yield return random.Next(6) switch
            {
                0 => Fact($"User lives in {Cities[random.Next(Cities.Length)]}.", "location", single: true) with { At = Now.AddMinutes(random.Next(-50, 1)) },
                1 => Fact("User is a nurse.", "location", single: true) with { Category = Categories.Other },
                2 => Fact($"User {verb} {thing}.", (verb.Contains("not", StringComparison.Ordinal) || verb == "dislikes" ? "dislikes:" : "likes:") + thing),
                3 => Fact($"User {verb} {thing}{Rests[random.Next(Rests.Length)]}.") with { Operation = CandidateOperation.Update },
                _ => Fact($"User {verb} {thing}{Rests[random.Next(Rests.Length)]}."),
            };
        }
    }

    /// <summary>A memory that a client added, which waits for the decision.</summary>
    private async Task<Proposal> AddedAsync(Random random)
    {
        var fact = Facts(random).First();
        using var bell = new ProcessingBell();
        var (memory, _) = await new AddMemory(Store, bell, Clock).HandleAsync(
            new NewMemory { TenantId = Tenant, Owner = Owner, AccountId = Guid.NewGuid(), Text = fact.Text }, null, default);
        return fact with { Id = memory.Id, StoredVersion = 1, Source = null, Operation = CandidateOperation.Add, At = memory.ValidFrom };
    }

    /// <summary>What happens to memories beside decisions.</summary>
    private async Task ChangeSomethingAsync(Random random)
    {
        var holding = (await _plain.ListAsync(
            new MemoryListQuery { TenantId = Tenant, Owner = Owner, Now = Now, Page = 1, PageSize = 200 }, default))
            .Memories.Where(memory => memory is { Active: true, TextKey: not null }).ToList();
        var memory = holding[random.Next(holding.Count)];
        switch (random.Next(5))
        {
            case 0:
                await Store.DeleteAsync(Tenant, memory.Id, null, Now, null, default);
                break;
            case 1:
                await Store.ReplaceAsync(
                    memory, memory with { Importance = 0.9, Version = memory.Version + 1, UpdatedAt = Now, Status = MemoryStatus.Pending, NextAttemptAt = Now }, Actor.Of(Guid.NewGuid()), default);
                break;
            case 2:
                await Store.ChangeAsync(
                    [new MemoryTurn(memory, memory.Ended(MemoryState.Expired, Now, Now), HistoryEvent.Expire)], new Actor(ActorKind.Processing), Now, null, default);
                break;
            case 3:
                await Store.ApplyRetentionAsync(new RetentionOrder { TenantId = Tenant, CreatedBefore = memory.CreatedAt, Archive = random.Next(2) == 0, BatchSize = 3 }, Now, default);
                break;
        }
    }

    private Lesson Lesson(params Proposal[] facts)
    {
        var message = Guid.CreateVersion7();
        _messages.Add(message);
        return new Lesson
        {
            Proposals = [.. facts.Select(fact => fact with { Source = new MemorySource { MessageId = message, ConversationId = "c", Quote = fact.Text, QuoteLength = fact.Text.Length } })],
        };
    }

    private Proposal Fact(string text, string? slot = null, bool single = false) => new()
    {
        Id = Guid.CreateVersion7(),
        Text = text,
        TextKey = Storage.Get<MemoryKeys>().TextKey(Tenant, Ada, null, null, text),
        Category = "preference",
        Slot = slot,
        SingleValued = single,
        At = Now,
        Confidence = 0.9,
        Importance = 0.5,
        Source = new MemorySource { MessageId = Guid.CreateVersion7(), ConversationId = "c", Quote = text, QuoteLength = text.Length },
    };
}
