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
                var entry = view.Entries[place];
                Assert.That((entry.Id, entry.Version, entry.CreatedAt), Is.EqualTo((item.Id, item.Version, item.CreatedAt)));
                Assert.That(view.ConversationOf(place)!.Key, Is.EqualTo(item.ConversationKey));
                Assert.That(entry.HasVectors, Is.EqualTo(mark is not null));
                if (mark is { } value)
                {
                    Assert.That(view.Signs(place).ToArray(), Is.EqualTo(Vectors(value).Signs));
                }
            }

            foreach (var ofConversation in expected.Values.GroupBy(row => row.Item.ConversationKey!.Value))
            {
                var places = view.Conversation(ofConversation.Key)!.Places;
                var order = ofConversation.Select(row => row.Item).OrderBy(item => item.CreatedAt).ThenBy(item => item.Id).Select(item => item.Id).ToList();
                for (var at = 0; at < places.Count; at++)
                {
                    Assert.That(view.Entries[places[at]].Id, Is.EqualTo(order[at]));
                    Assert.That(view.Conversation(ofConversation.Key)!.PositionOf(view.Entries, places[at]), Is.EqualTo(at));
                    Assert.That(view.Conversation(ofConversation.Key)!.PositionOfMember(view.Entries, places[at]), Is.EqualTo(at));
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
        var span = partition.Read(view => view.Entries[0].Signs);
        Assert.That(span.Length, Is.EqualTo(4));
        partition.Remove(item.Id);
        partition.Read(view =>
        {
            Assert.That(view.SignsAt(span).ToArray(), Is.All.Zero);
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

    [Test]
    public void What_is_loaded_in_blocks_is_what_was_put_in_one_by_one([Range(1, 5)] int seed)
    {
        var random = new Random(seed);
        var conversations = Enumerable.Range(0, 4).Select(_ => Guid.NewGuid()).ToArray();
        var items = Enumerable.Range(0, 200).Select(row => new BlockItem(
            row,
            Item(Guid.NewGuid(), row % 5 == 0 ? null : conversations[random.Next(4)], Start.AddMinutes(random.Next(300)), random.Next(1, 9)) with { Importance = row % 3 == 0 ? null : .25, Role = MessageRole.Assistant },
            Vectors((sbyte)random.Next(1, 127)) with { Speaker = row % 4 == 0 ? null : $"speaker {row % 7}", Category = row % 2 == 0 ? null : "food", Traits = TextTraits.Time })).ToList();
        using var loaded = new VectorPartition(Key, Dimensions);
        using var single = new VectorPartition(Key, Dimensions);
        foreach (var members in VectorBlock.Pack(items))
        {
            // Every third has left.
            var live = 0L;
            for (var place = 0; place < members.Count; place++)
            {
                if (place % 3 != 0)
                {
                    live |= 1L << place;
                    single.Upsert(members[place].Item, members[place].Vectors);
                }
            }

            loaded.Load(new VectorBlock(VectorBlock.Write([.. members.Select((member, place) => (place, member))])), live, loaded.Allot(members.Count), members.Count);
        }

        loaded.EndLoading();
        Assert.That(loaded.Count, Is.EqualTo(single.Count));
        var query = QueryVectors.Create(1, Enumerable.Range(0, Dimensions).Select(_ => random.NextSingle()).ToArray(), [], null);
        single.Read(expected => loaded.Read(view =>
        {
            for (var place = 0; place < expected.Entries.Length; place++)
            {
                var at = view.Find(expected.Entries[place].Id);
                Assert.That(view.Candidate(at), Is.EqualTo(expected.Candidate(place)));
                Assert.That(view.Facts(at), Is.EqualTo(expected.Facts(place)));
                Assert.That((view.Speaker(at), view.Entries[at].Traits, view.Entries[at].Version), Is.EqualTo((expected.Speaker(place), expected.Entries[place].Traits, expected.Entries[place].Version)));
                Assert.That(view.Cosine(query, at), Is.EqualTo(expected.Cosine(query, place)));
                Assert.That(view.Signs(at).ToArray(), Is.EqualTo(expected.Signs(place).ToArray()));
            }

            foreach (var key in conversations)
            {
                var (mine, theirs) = (view.Conversation(key)!, expected.Conversation(key)!);
                Assert.That(Ids(view, mine), Is.EqualTo(Ids(expected, theirs)));
                Assert.That(mine.Speakers, Is.EquivalentTo(theirs.Speakers));
            }

            Assert.That(view.SpeakersOf(.1), Is.EquivalentTo(expected.SpeakersOf(.1)));
            return 0;
        }));
    }

    private static List<Guid> Ids(VectorPartition.View view, PartitionConversation conversation)
    {
        var ids = new List<Guid>();
        foreach (var place in conversation.Places)
        {
            ids.Add(view.Entries[place].Id);
        }

        return ids;
    }

    private static ItemVectors Vectors(sbyte mark) => new("Ann", null, TextTraits.None, new RoundedVector([.. Enumerable.Repeat(mark, Dimensions)], [.. Enumerable.Repeat((byte)0x35, Dimensions / 2)], 1), [.. Enumerable.Repeat((byte)mark, 4 * (1 + (mark % 3 == 2 ? 0 : mark % 3)))]);

    private static IndexedItem Item(Guid id, Guid? conversation, DateTimeOffset at, int version) => new()
    {
        Id = id, Kind = ItemKind.Message, TenantId = Key.TenantId, OwnerKey = Key.OwnerKey, ConversationKey = conversation, Version = version, CreatedAt = at,
    };
}
