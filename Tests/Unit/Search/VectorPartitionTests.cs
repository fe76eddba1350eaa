using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;

namespace MemoryMesh.Tests.Unit.Search;

public class VectorPartitionTests
{
    private const int Dimensions = 32;
    private static readonly PartitionKey Key = new(Guid.NewGuid(), ItemKind.Message, Guid.NewGuid());
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Test]
    public void Whatever_is_done_to_it_it_holds_what_a_plain_list_holds([Range(1, 20)] int seed)
    {
        var random = new Random(seed);
        using var partition = new VectorPartition(Key, Dimensions);
        var expected = new Dictionary<Guid, (IndexedItem Item, sbyte? Mark)>();
        var conversations = Enumerable.Range(0, 3).Select(_ => Guid.NewGuid()).ToArray();
        var ids = Enumerable.Range(0, 30).Select(_ => Guid.NewGuid()).ToArray();
        for (var step = 0; step < 400; step++)
        {
            var id = ids[random.Next(ids.Length)];
            switch (random.Next(4))
            {
                case 0:
                    partition.Remove(id);
                    expected.Remove(id);
                    break;
                case 1 when expected.TryGetValue(id, out var known):
                    var mark = (sbyte)random.Next(1, 127);
                    partition.SetVectors(id, known.Item.Version, Vectors(mark));
                    expected[id] = known with { Mark = mark };
                    break;
                case 2 when expected.TryGetValue(id, out var known):
                    partition.SetVectors(id, known.Item.Version + 1, Vectors(9));
                    break;
                default:
                    var version = expected.TryGetValue(id, out var before) ? before.Item.Version + 1 : 1;
                    var item = Item(id, before.Item?.ConversationKey ?? conversations[random.Next(3)], Start.AddMinutes(random.Next(50)), version);
                    partition.Upsert(item);
                    expected[id] = (item, null);
                    break;
            }
        }

        partition.Read(view =>
        {
            Assert.That(partition.Count, Is.EqualTo(expected.Count));
            foreach (var (id, (item, mark)) in expected)
            {
                var place = view.Find(id);
                Assert.That(view.Entries[place].Item, Is.EqualTo(item));
                Assert.That(view.Entries[place].Signs is null, Is.EqualTo(mark is null));
                if (mark is { } value)
                {
                    Assert.That(view.Entries[place].Signs![0], Is.EqualTo((byte)value));
                }
            }

            foreach (var ofConversation in expected.Values.GroupBy(row => row.Item.ConversationKey!.Value))
            {
                var places = view.Conversation(ofConversation.Key)!.Places;
                var order = ofConversation.Select(row => row.Item).OrderBy(item => item.CreatedAt).ThenBy(item => item.Id).Select(item => item.Id).ToList();
                for (var at = 0; at < places.Count; at++)
                {
                    Assert.That(view.Entries[places[at]].Item.Id, Is.EqualTo(order[at]));
                    Assert.That(view.Conversation(ofConversation.Key)!.PositionOf(view.Entries, places[at]), Is.EqualTo(at));
                }

                Assert.That(places, Has.Count.EqualTo(order.Count));
            }

            return 0;
        });
    }

    [Test]
    public void The_vectors_of_what_was_removed_are_overwritten()
    {
        using var partition = new VectorPartition(Key, Dimensions);
        var item = Item(Guid.NewGuid(), null, Start, 1);
        var vectors = Vectors(77);
        partition.Upsert(item, vectors);
        partition.Remove(item.Id);
        Assert.That(vectors.Signs, Is.All.Zero);
        partition.Read(view =>
        {
            var cosines = new float[view.Entries.Length];
            view.Cosines(QueryVectors.Create(1, new float[Dimensions].Select(_ => 1f).ToArray(), [], null), cosines);
            Assert.That(cosines, Is.All.Zero);
            Assert.That(view.Cosine(QueryVectors.Create(1, new float[Dimensions].Select(_ => 1f).ToArray(), [], null), 0), Is.Zero);
            return 0;
        });
    }

    [Test]
    public void Those_who_said_much_are_known()
    {
        using var partition = new VectorPartition(Key, Dimensions);
        var items = Enumerable.Range(0, 8).Select(_ => Item(Guid.NewGuid(), null, Start, 1)).ToList();
        for (var i = 0; i < items.Count; i++)
        {
            partition.Upsert(items[i], Vectors(1) with { Speaker = i < 2 ? "Ann" : i < 3 ? "Ben" : null });
        }

        Assert.That(partition.Read(view => view.SpeakersOf(.25)), Is.EqualTo((string[])["Ann"]));
        partition.SetVectors(items[0].Id, 1, Vectors(1) with { Speaker = "Ben" });
        partition.Remove(items[2].Id);
        partition.Remove(items[3].Id);
        Assert.That(partition.Read(view => view.SpeakersOf(.3)), Is.Empty);
        Assert.That(partition.Read(view => view.SpeakersOf(.1)), Is.EquivalentTo((string[])["Ann", "Ben"]));
    }

    private static ItemVectors Vectors(sbyte mark) => new("Ann", null, TextTraits.None, new RoundedVector([.. Enumerable.Repeat(mark, Dimensions)], [.. Enumerable.Repeat((byte)0x35, Dimensions / 2)], 1), [(byte)mark, 2, 3, 4]);

    private static IndexedItem Item(Guid id, Guid? conversation, DateTimeOffset at, int version) => new()
    {
        Id = id, Kind = ItemKind.Message, TenantId = Key.TenantId, OwnerKey = Key.OwnerKey, ConversationKey = conversation, Version = version, CreatedAt = at,
    };
}
