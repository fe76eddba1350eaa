using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>What every <see cref="IVectorIndex"/> does, whatever engine it stands on. A fixture of an engine derives from this.</summary>
[TestFixture]
public abstract class VectorIndexContract
{
    private const int Dimensions = 32;
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Tenant = new("0a000000-0000-7000-8000-000000000001");
    private static readonly Guid OtherTenant = new("0a000000-0000-7000-8000-000000000002");
    private static readonly Guid Ann = new("0b000000-0000-7000-8000-000000000001");
    private static readonly Guid Ben = new("0b000000-0000-7000-8000-000000000002");

    private readonly List<Guid> _conversations = [Guid.NewGuid(), Guid.NewGuid()];

    internal IVectorIndex Index { get; private set; } = null!;

    internal ModelInUse Model { get; private set; } = null!;

    /// <summary>Opens an empty index for vectors of so many dimensions.</summary>
    internal abstract Task<(IVectorIndex Index, ModelInUse Model)> OpenAsync(int dimensions);

    /// <summary>Makes items durable where the index reads them from, with their vectors or without.</summary>
    internal abstract Task StoreAsync(IReadOnlyList<(IndexedItem Item, ItemVectors? Vectors)> items);

    /// <summary>Removes items from there.</summary>
    internal abstract Task<IReadOnlyList<(PartitionKey Partition, Guid ItemId)>> RemoveAsync(IReadOnlyList<IndexedItem> items);

    [SetUp]
    public async Task OpenIndexAsync() => (Index, Model) = await OpenAsync(Dimensions);

    [Test]
    public async Task The_nearest_come_with_the_cosines_of_exact_vectors()
    {
        var random = new Random(1);
        var items = Enumerable.Range(0, 300).Select(_ => (Item: Item(Ann), Vector: Unit(random))).ToList();
        await AddAsync([.. items]);
        var query = Unit(random);
        var found = await FindAsync(query);
        Assert.That(found.Total, Is.EqualTo(300));
        var expected = items.ToDictionary(row => row.Item.Id, row => Dot(row.Vector, query));
        foreach (var match in found.Items)
        {
            Assert.That(match.Cosine, Is.EqualTo(expected[match.Item.Id]).Within(2e-3));
        }

        var best = found.Items.OrderByDescending(match => match.Cosine).Take(10).Select(match => match.Item.Id);
        Assert.That(best, Is.EqualTo(expected.OrderByDescending(row => row.Value).Take(10).Select(row => row.Key)));
        Assert.That(found.Cosine!.Value.Mean, Is.EqualTo(expected.Values.Average()).Within(1e-2));
    }

    [Test]
    public async Task Many_items_are_cut_to_the_nearest_and_what_words_found()
    {
        var random = new Random(2);
        var items = Enumerable.Range(0, 3_000).Select(_ => (Item: Item(Ann), Vector: Unit(random))).ToList();
        await AddAsync([.. items]);
        var query = Unit(random);
        var order = items.OrderByDescending(row => Dot(row.Vector, query)).ToList();
        var farthest = order[^1].Item;
        var found = await FindAsync(query, lexical: [new(Candidate(farthest), 4.5)], limit: 60);
        Assert.That(found.Total, Is.EqualTo(3_000));
        var ids = found.Items.Where(match => match.IsListed).ToDictionary(match => match.Item.Id);
        Assert.That(order.Take(10).Select(row => row.Item.Id), Is.SubsetOf(ids.Keys));
        Assert.That(ids[farthest.Id].Lexical, Is.EqualTo(4.5));
    }

    [Test]
    public async Task Nothing_of_another_tenant_owner_or_kind_is_found()
    {
        var vector = Unit(new Random(3));
        var mine = Item(Ann);
        await AddAsync(
            (mine, vector), (Item(Ben), vector), (Item(Ann, tenant: OtherTenant), vector), (Item(Ann, kind: ItemKind.Memory), vector));
        Assert.That(await IdsAsync(vector), Is.EqualTo((Guid[])[mine.Id]));
        Assert.That(await IdsAsync(vector, filter => filter with { OwnerKeys = [Ann, Ben] }), Has.Count.EqualTo(2));
        Assert.That(await IdsAsync(vector, filter => filter with { OwnerKeys = null }), Has.Count.EqualTo(2), "every owner of the tenant");
        Assert.That(await IdsAsync(vector, filter => filter with { OwnerKeys = [] }), Is.Empty, "no owner is not every owner");
        Assert.That(await IdsAsync(vector, filter => filter with { OwnerKeys = [Guid.NewGuid()] }), Is.Empty);
        Assert.That(await IdsAsync(vector, filter => filter with { TenantId = OtherTenant, OwnerKeys = null }), Has.Count.EqualTo(1));
        Assert.That(await IdsAsync(vector, filter => filter with { Kind = ItemKind.Memory }), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Each_condition_of_the_filter_narrows()
    {
        var vector = Unit(new Random(4));
        var early = Item(Ann) with { CreatedAt = Noon, Role = MessageRole.User, Importance = 0.2, ConversationKey = _conversations[0] };
        var late = Item(Ann) with { CreatedAt = Noon.AddDays(2), Role = MessageRole.Assistant, Importance = 0.9, ConversationKey = _conversations[1] };
        await AddAsync((early, vector), (late, vector));
        async Task Finds(IndexedItem item, Func<ItemFilter, ItemFilter> narrow) => Assert.That(await IdsAsync(vector, narrow), Is.EqualTo((Guid[])[item.Id]));
        await Finds(early, filter => filter with { To = Noon });
        await Finds(late, filter => filter with { From = Noon.AddDays(2) });
        await Finds(early, filter => filter with { Roles = [MessageRole.User] });
        await Finds(late, filter => filter with { Roles = [MessageRole.Assistant, MessageRole.Tool] });
        await Finds(late, filter => filter with { MinImportance = 0.5 });
        await Finds(early, filter => filter with { ConversationKey = _conversations[0] });
        Assert.That(await IdsAsync(vector, filter => filter with { ConversationKey = _conversations[0], Roles = [MessageRole.Assistant] }), Is.Empty);
        Assert.That(await IdsAsync(vector, filter => filter with { ConversationKey = Guid.NewGuid() }), Is.Empty);
        Assert.That(await IdsAsync(vector, filter => filter with { ConversationKey = _conversations[0], OwnerKeys = [Ben] }), Is.Empty, "another's conversation");
        var food = Item(Ann, kind: ItemKind.Memory);
        await AddAsync("food", (food, vector));
        await AddAsync("work", (Item(Ann, kind: ItemKind.Memory), vector));
        await Finds(food, filter => filter with { Kind = ItemKind.Memory, Categories = ["food", "home"] });
    }

    [Test]
    public async Task A_removed_item_is_found_no_more_and_a_changed_one_by_its_new_vector()
    {
        var random = new Random(5);
        var (kept, removed, changed) = (Item(Ann), Item(Ann), Item(Ann));
        var vectors = Enumerable.Range(0, 4).Select(_ => Unit(random)).ToArray();
        await AddAsync((kept, vectors[0]), (removed, vectors[1]), (changed, vectors[2]));
        Assert.That(await IdsAsync(vectors[1]), Has.Count.EqualTo(3));
        await Index.ApplyAsync([], await RemoveAsync([removed]), default);
        Assert.That(await IdsAsync(vectors[1]), Is.EquivalentTo((Guid[])[kept.Id, changed.Id]));

        var newer = changed with { Version = 2 };
        await StoreAsync([(newer, null)]);
        await Index.ApplyAsync([newer], [], default);
        var without = await FindAsync(vectors[2]);
        Assert.That(without.Items.Single(match => match.Item.Id == changed.Id).Cosine, Is.Null, "its old vector tells nothing of its new text");
        await Index.ApplyAsync(Model, [(changed, Vectors(vectors[2]))], default);
        Assert.That((await FindAsync(vectors[2])).Items.Single(match => match.Item.Id == changed.Id).Cosine, Is.Null, "vectors of an older version come too late");
        await AddAsync((newer, vectors[3]));
        Assert.That((await FindAsync(vectors[3])).Items.Single(match => match.Item.Id == changed.Id).Cosine, Is.EqualTo(1).Within(1e-2));
    }

    [Test]
    public async Task What_is_forgotten_is_read_again()
    {
        var vector = Unit(new Random(6));
        await AddAsync((Item(Ann), vector), (Item(Ben), vector));
        Assert.That(await IdsAsync(vector, filter => filter with { OwnerKeys = null }), Has.Count.EqualTo(2));
        Index.Forget(Tenant, Ann);
        Assert.That(await IdsAsync(vector, filter => filter with { OwnerKeys = null }), Has.Count.EqualTo(2));
        Index.Forget(Tenant, null);
        Assert.That(await IdsAsync(vector, filter => filter with { OwnerKeys = null }), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Without_the_vectors_of_the_question_what_words_found_is_described()
    {
        var vector = Unit(new Random(7));
        var (said, other) = (Item(Ann) with { ConversationKey = _conversations[0] }, Item(Ann) with { ConversationKey = _conversations[0], CreatedAt = Noon.AddMinutes(1) });
        await AddAsync((said, vector), (other, vector));
        var found = await Index.FindAsync(Question(null, Filter(), [new(Candidate(said), 2)], 50), default);
        Assert.That((found.Cosine, found.MaxSim), Is.EqualTo(((LegScale?)null, (LegScale?)null)));
        var match = found.Items.Single(match => match.Item.Id == said.Id);
        Assert.That((match.Lexical, match.Cosine, match.Neighbours.Count), Is.EqualTo((2.0, (double?)null, 1)));
    }

    [Test]
    public async Task Who_answers_the_question_of_another_replies()
    {
        var vector = Unit(new Random(10));
        IndexedItem Said(int minute, MessageRole role = MessageRole.User)
            => Item(Ann) with { ConversationKey = _conversations[0], CreatedAt = Noon.AddMinutes(minute), Role = role };
        var asked = Vectors(vector) with { Speaker = "Ann", Traits = TextTraits.Question };
        (IndexedItem Item, ItemVectors Vectors)[] rows =
        [
            (Said(0), asked), (Said(1), Vectors(vector) with { Speaker = "Ben" }), (Said(2), asked), (Said(3), asked), (Said(4, MessageRole.Assistant), asked), (Said(600, MessageRole.Tool), asked),
        ];
        await StoreAsync([.. rows.Select(row => (row.Item, (ItemVectors?)row.Vectors))]);
        await Index.ApplyAsync([.. rows.Select(row => row.Item)], [], default);
        await Index.ApplyAsync(Model, rows, default);
        var found = (await FindAsync(vector)).Items.OrderBy(match => match.Item.CreatedAt).ToList();
        Assert.That(found.Select(match => match.IsReply), Is.EqualTo((bool[])[false, true, false, false, true, false]));
        Assert.That(found[1].Neighbours.Select(other => other.Offset), Is.EquivalentTo((int[])[-1, 1, 2]));
    }

    [Test]
    public async Task A_question_of_another_model_is_held_against_no_vector()
    {
        var vector = Unit(new Random(8));
        await AddAsync((Item(Ann), vector));
        var found = await Index.FindAsync(Question(QueryVectors.Create(Model.Stored.Id + 1, vector, [], null), Filter(), [], 50), default);
        Assert.That(found.Items.Select(match => match.Cosine), Is.All.Null);
    }

    [Test]
    public async Task Changes_and_questions_at_the_same_time_leave_what_was_last()
    {
        var random = new Random(9);
        var items = Enumerable.Range(0, 60).Select(_ => (Item: Item(Ann), Vector: Unit(random))).ToList();
        await AddAsync([.. items]);
        var query = Unit(random);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            for (var round = 0; round < 15; round++)
            {
                if (worker % 2 == 0)
                {
                    Assert.That((await FindAsync(query)).Items.Select(match => match.Item.Id), Is.Unique);
                }
                else
                {
                    await Index.ApplyAsync([], await RemoveAsync([items[(worker / 2 * 30) + round].Item]), default);
                }
            }
        })));
        Assert.That(await IdsAsync(query), Is.EquivalentTo(items.Where((_, at) => at is not (>= 0 and < 15) and not (>= 30 and < 45)).Select(row => row.Item.Id)));
    }

    private Task AddAsync(params (IndexedItem Item, float[] Vector)[] items) => AddAsync(null, items);

    private async Task AddAsync(string? category, params (IndexedItem Item, float[] Vector)[] items)
    {
        var rows = items.Select(row => (row.Item, Vectors: Vectors(row.Vector, category))).ToList();
        await StoreAsync([.. rows.Select(row => (row.Item, (ItemVectors?)row.Vectors))]);
        await Index.ApplyAsync([.. rows.Select(row => row.Item)], [], default);
        await Index.ApplyAsync(Model, rows, default);
    }

    private Task<VectorMatches> FindAsync(float[] query, Func<ItemFilter, ItemFilter>? narrow = null, IReadOnlyList<ScoredItem>? lexical = null, int limit = 400)
        => Index.FindAsync(Question(QueryVectors.Create(Model.Stored.Id, query, [], null), narrow?.Invoke(Filter()) ?? Filter(), lexical ?? [], limit), default);

    private async Task<List<Guid>> IdsAsync(float[] query, Func<ItemFilter, ItemFilter>? narrow = null)
        => [.. (await FindAsync(query, narrow)).Items.Where(match => match.IsListed).Select(match => match.Item.Id)];

    private static VectorQuestion Question(QueryVectors? vectors, ItemFilter filter, IReadOnlyList<ScoredItem> lexical, int limit)
        => new() { Filter = filter, Vectors = vectors, Lexical = lexical, IsNamed = _ => false, Limit = limit };

    private static ItemFilter Filter() => new() { TenantId = Tenant, Kind = ItemKind.Message, OwnerKeys = [Ann] };

    private static IndexedItem Item(Guid owner, Guid? tenant = null, ItemKind kind = ItemKind.Message) => new()
    {
        Id = Guid.NewGuid(), Kind = kind, TenantId = tenant ?? Tenant, OwnerKey = owner, Version = 1, CreatedAt = Noon,
        ConversationKey = kind == ItemKind.Message ? Guid.NewGuid() : null, Role = kind == ItemKind.Message ? MessageRole.User : MessageRole.None,
    };

    private static Candidate Candidate(IndexedItem item) => new(item.Id, item.OwnerKey, item.Role, item.CreatedAt, item.Importance);

    private static ItemVectors Vectors(float[] vector, string? category = null) => new(null, category, TextTraits.None, RoundedVector.Round(vector), []);

    private static float[] Unit(Random random)
    {
        var vector = Enumerable.Range(0, Dimensions).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
        var length = (float)Math.Sqrt(Dot(vector, vector));
        return [.. vector.Select(value => value / length)];
    }

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
}
