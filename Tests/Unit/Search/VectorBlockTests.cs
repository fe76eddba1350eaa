using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;

namespace MemoryMesh.Tests.Unit.Search;

public class VectorBlockTests
{
    private static readonly PartitionKey Owner = new(Guid.NewGuid(), ItemKind.Message, Guid.NewGuid());

    [Test]
    public void Items_come_back_as_they_were_and_keep_their_places()
    {
        var random = new Random(1);
        var items = Enumerable.Range(0, VectorBlock.MostItems).Select(row => Item(random, row)).ToList();
        var block = new VectorBlock(VectorBlock.Write([.. items.Select((item, place) => (place, item))]));
        Assert.That((block.Count, block.Dimensions), Is.EqualTo((64, 96)));
        Same(block.Items(Owner, -1), items);

        // What is left after others went keeps its place.
        var left = block.Items(Owner, 1L << 63 | 1L << 7);
        var again = new VectorBlock(VectorBlock.Write(left));
        Assert.That(again.Items(Owner, -1).Select(row => row.Place), Is.EqualTo((int[])[7, 63]));
        Same(again.Items(Owner, -1), [items[7], items[63]]);
    }

    [Test]
    public void Vectors_without_rests_get_rests_of_zero()
    {
        var item = Item(new Random(2), 1);
        item = item with { Vectors = item.Vectors with { Pooled = item.Vectors.Pooled with { Rests = [] } } };
        var read = new VectorBlock(VectorBlock.Write([(0, item)])).Vectors(0);
        Assert.That(read.Pooled.Values, Is.EqualTo(item.Vectors.Pooled.Values));
        Assert.That(read.Pooled.Rests, Is.EqualTo(new byte[48]));
    }

    [Test]
    public void Packing_keeps_the_order_and_the_bounds()
    {
        var random = new Random(3);
        var items = Enumerable.Range(0, 300).Select(row => Item(random, row, row % 50 == 7 ? 200_000 : random.Next(4_000))).ToList();
        var packed = VectorBlock.Pack(items).ToList();
        Assert.That(packed.SelectMany(members => members), Is.EqualTo(items));
        Assert.That(packed, Is.All.Matches<List<BlockItem>>(members => members.Count == 1
            || (members.Count <= VectorBlock.MostItems && members.Sum(member => member.Size) <= VectorBlock.MostBytes)));
        Assert.That(packed, Has.Count.LessThan(30));
    }

    [Test]
    public void Bytes_that_are_no_block_are_refused()
    {
        var bytes = VectorBlock.Write([(0, Item(new Random(4), 1))]);
        Assert.Throws<InvalidDataException>(() => _ = new VectorBlock([]).Count);
        Assert.Throws<InvalidDataException>(() => _ = new VectorBlock([2, .. bytes[1..]]).Count);
        for (var length = 0; length < bytes.Length - 96; length += 5)
        {
            Assert.Throws<InvalidDataException>(() => _ = new VectorBlock(bytes.AsSpan(0, length)).Count, $"{length}");
        }
    }

    private static void Same(List<(int Place, BlockItem Item)> read, List<BlockItem> expected)
    {
        Assert.That(read.Select(row => (row.Item.RowId, row.Item.Item)), Is.EqualTo(expected.Select(item => (item.RowId, item.Item))));
        foreach (var ((_, item), other) in read.Zip(expected))
        {
            var (mine, theirs) = (item.Vectors, other.Vectors);
            Assert.That((mine.Speaker, mine.Category, mine.Traits, mine.Pooled.Scale), Is.EqualTo((theirs.Speaker, theirs.Category, theirs.Traits, theirs.Pooled.Scale)));
            Assert.That(mine.Pooled.Values, Is.EqualTo(theirs.Pooled.Values));
            Assert.That(mine.Pooled.Rests, Is.EqualTo(theirs.Pooled.Rests));
            Assert.That(mine.Signs, Is.EqualTo(theirs.Signs));
        }
    }

    private static BlockItem Item(Random random, int row, int signs = 24)
    {
        var (values, rests, bytes) = (new byte[96], new byte[48], new byte[signs]);
        random.NextBytes(values);
        random.NextBytes(rests);
        random.NextBytes(bytes);
        return new(
            row,
            new IndexedItem
            {
                Id = Guid.NewGuid(),
                Kind = Owner.Kind,
                TenantId = Owner.TenantId,
                OwnerKey = Owner.OwnerKey,
                ConversationKey = row % 3 == 0 ? null : Guid.NewGuid(),
                Version = row + 1,
                Role = (MessageRole)(row % 5),
                CreatedAt = DateTimeOffset.UnixEpoch.AddMilliseconds(random.NextInt64(1L << 40)),
                Importance = row % 2 == 0 ? null : random.NextDouble(),
            },
            new ItemVectors(
                row % 4 == 0 ? null : $"Zoë 🦊 {row % 9}",
                row % 5 == 0 ? null : $"category {row}",
                (TextTraits)(row % 4),
                new RoundedVector([.. values.Select(value => (sbyte)value)], rests, random.NextSingle()),
                bytes));
    }
}
