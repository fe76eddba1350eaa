using MemoryMesh.Search;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;

namespace MemoryMesh.Tests.Unit.Search;

public class VectorScanTests
{
    private const int Dimensions = 32;
    private const int Limit = 40;
    private static readonly PartitionKey Key = new(Guid.NewGuid(), ItemKind.Message, Guid.NewGuid());

    /// <summary>Where near items lie must not matter to a bound that comes from a sample.</summary>
    [Test]
    public void The_nearest_of_a_large_partition_are_found_wherever_they_lie(
        [Values("anywhere", "every 16th", "all but every 16th", "first", "last", "few")] string near, [Values(4_000, 20_000)] int items)
    {
        var random = new Random(items);
        using var partition = new VectorPartition(Key, Dimensions);
        var ids = new List<(Guid Id, double Cosine)>();
        var query = QueryVectors.Create(1, [.. Enumerable.Repeat(1 / MathF.Sqrt(Dimensions), Dimensions)], [], null);
        for (var at = 0; at < items; at++)
        {
            var isNear = near switch
            {
                "every 16th" => at % 16 == 0,
                "all but every 16th" => at % 16 != 0,
                "first" => at < items / 20,
                "last" => at >= items - (items / 20),
                "few" => at % 997 == 3,
                _ => random.Next(10) == 0,
            };
            var item = new IndexedItem { Id = Guid.NewGuid(), Kind = ItemKind.Message, TenantId = Key.TenantId, OwnerKey = Key.OwnerKey, Version = 1, CreatedAt = DateTimeOffset.UnixEpoch.AddMinutes(at) };
            partition.Upsert(item, new ItemVectors(null, null, TextTraits.None, RoundedVector.Round(Unit(random, isNear ? 2 : 0)), []));
            ids.Add((item.Id, partition.Read(view => view.Cosine(query, view.Find(item.Id)))));
        }

        var words = ids[items / 2].Id;
        var scan = new VectorScan(
            new VectorQuestion
            {
                Filter = new ItemFilter { TenantId = Key.TenantId, Kind = ItemKind.Message, OwnerKeys = [Key.OwnerKey] },
                Vectors = query,
                Lexical = [new ScoredItem(new(words, Key.OwnerKey, MessageRole.None, DateTimeOffset.UnixEpoch, null), 1)],
                IsNamed = _ => false,
                Limit = Limit,
            },
            new SearchOptions());
        partition.Read(view =>
        {
            scan.Look(partition, view);
            return 0;
        });
        var found = scan.Finish();

        // Bytes decide what is near, so that the last few may be others than those of exact cosines.
        var nearest = ids.OrderByDescending(item => item.Cosine).Take(Limit - 8).Select(item => item.Id);
        Assert.That(nearest, Is.SubsetOf(found.Items.Select(match => match.Item.Id)));
        Assert.That(found.Items.Single(match => match.Item.Id == words).Lexical, Is.EqualTo(1));
        Assert.That((found.Total, found.Items.Count), Is.EqualTo((items, Limit + (nearest.Contains(words) ? 0 : 1))).Or.EqualTo((items, Limit)));
    }

    private static float[] Unit(Random random, float towards)
    {
        var vector = Enumerable.Range(0, Dimensions).Select(_ => random.NextSingle() - .5f + (towards * .2f)).ToArray();
        var length = MathF.Sqrt(vector.Sum(value => value * value));
        return [.. vector.Select(value => value / length)];
    }
}
