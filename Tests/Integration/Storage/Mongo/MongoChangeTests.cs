using System.Diagnostics.CodeAnalysis;
using MemoryMesh.Memory;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MemoryMesh.Tests.Integration.Memory;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Tests.Integration.Storage;

/// <summary>What a write that asks by a filter sees of its commit, and that the filter is understood as the server understands it.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Everything is disposed in TearDown.")]
public class MongoChangeTests
{
    private const string Things = "things";
    private MemoryStorage _storage = null!;

    private MongoStore Store => _storage.GetKeyed<MongoStore>(MemoryModule.Name);

    [SetUp]
    public void Open() => _storage = new MemoryStorage(StoreEngine.Mongo, TimeProvider.System);

    [TearDown]
    public async Task CloseAsync()
    {
        if (_storage is not null)
        {
            await _storage.DisposeAsync();
        }
    }

    [Test]
    public async Task A_filter_matches_here_what_it_matches_on_the_server()
    {
        var (low, high) = (Guid.Parse("00000000-0000-7000-8000-000000000001"), Guid.Parse("f0000000-0000-7000-8000-000000000001"));
        BsonValue[] values =
        [
            BsonNull.Value, 0, 1, 1L, 1.5, -3L, long.MaxValue, double.MinValue, true, false, "", "a", "b", low.Bson(), high.Bson(),
        ];
        var documents = values.Select((value, i) => new BsonDocument { ["_id"] = i, ["v"] = value, ["w"] = i % 3 }).ToList();
        await PutAsync([.. documents]);
        string[] comparisons = ["$gt", "$gte", "$lt", "$lte", "$ne"];
        var filters = values.SelectMany(value => comparisons.Where(comparison => !value.IsBsonNull || comparison == "$ne")
                .Select(comparison => new BsonDocument("v", new BsonDocument(comparison, value))).Append(new BsonDocument("v", value)))
            .Append(new BsonDocument("v", new BsonDocument("$in", new BsonArray { 1, "a", BsonNull.Value, low.Bson() })))
            .Append(new BsonDocument("v", new BsonDocument("$nin", new BsonArray { 1, "a", BsonNull.Value, low.Bson() })))
            .Append(new BsonDocument("v", new BsonDocument { ["$gt"] = -5, ["$lt"] = 1.2 }))
            .Append(new BsonDocument { ["w"] = 1, ["$or"] = new BsonArray { new BsonDocument("v", "a"), new BsonDocument { ["v"] = new BsonDocument("$gte", 0), ["w"] = 1 } } })
            .Append(new BsonDocument("missing", BsonNull.Value))
            .Append([]);
        foreach (var filter in filters)
        {
            var found = await Store.Collection(Things).Find(filter).ToListAsync();
            Assert.That(
                documents.Where(document => MongoMatch.Matches(document, filter)).Select(document => document["_id"].AsInt32),
                Is.EqualTo(found.Select(document => document["_id"].AsInt32).Order()),
                filter.ToString());
        }

        foreach (var condition in new BsonDocument[] { new("$exists", true), new("$lt", BsonNull.Value) })
        {
            Assert.That(() => MongoMatch.Matches(documents[0], new BsonDocument("v", condition)), Throws.InstanceOf<NotSupportedException>());
        }
    }

    [Test]
    public async Task A_write_finds_what_it_changed_itself_and_not_what_was_undone()
    {
        await PutAsync(Thing(1, "a"), Thing(2, "a"), Thing(3, "b"));
        await Store.WriteAsync(
            async change =>
            {
                change.Put(Things, Thing(1, "b"));
                change.Delete(Things, 3);
                change.Put(Things, Thing(4, "a"));
                Assert.That(await IdsAsync(change, "a"), Is.EqualTo(new[] { 2, 4 }));
                Assert.That(await IdsAsync(change, "b"), Is.EqualTo(new[] { 1 }));
                Assert.That(await change.ListAsync(Things, new BsonDocument("of", "a"), 1), Has.Count.EqualTo(1));
                var copy = (await change.ListAsync(Things, new BsonDocument("of", "b"))).Single();
                copy["of"] = "c";
                Assert.That(await IdsAsync(change, "c"), Is.Empty, "a copy that was not put");
                return true;
            },
            default);
        Assert.That(
            async () => await Store.WriteAsync<bool>(
                change =>
                {
                    change.Put(Things, Thing(5, "a"));
                    throw new InvalidOperationException("undone");
                },
                default),
            Throws.InvalidOperationException);
        Assert.That(await Store.WriteAsync(change => IdsAsync(change, "a"), default), Is.EqualTo(new[] { 2, 4 }));
    }

    [Test]
    public async Task Writes_of_one_commit_find_what_those_before_them_changed()
    {
        // Each takes the least number that no other has: two that did not see each other would take the same.
        var numbers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Store.WriteAsync(
            async change =>
            {
                var taken = (await change.ListAsync(Things, new BsonDocument("of", "n"))).Select(document => document["_id"].AsInt32).ToHashSet();
                var number = Enumerable.Range(0, 1_000).First(candidate => !taken.Contains(candidate));
                change.Put(Things, Thing(number, "n"));
                return number;
            },
            default)));
        Assert.That(numbers.Order(), Is.EqualTo(Enumerable.Range(0, 200)));
        Assert.That(await Store.Collection(Things).CountDocumentsAsync(new BsonDocument()), Is.EqualTo(200));
    }

    [Test]
    public async Task What_was_swept_is_not_found_and_what_is_put_after_it_stays()
    {
        await PutAsync(Thing(1, "a"), Thing(2, "b"));
        var writes = new[]
        {
            Store.WriteAsync(
                change =>
                {
                    change.Sweep(Things, new BsonDocument("of", "a"));
                    change.Put(Things, Thing(3, "a"));
                    return Task.FromResult(new List<int>());
                },
                default),
            Store.WriteAsync(change => IdsAsync(change, "a"), default),
        };
        Assert.That((await Task.WhenAll(writes))[1], Is.EqualTo(new[] { 3 }));
    }

    private static BsonDocument Thing(int id, string of) => new() { ["_id"] = id, ["of"] = of };

    private static async Task<List<int>> IdsAsync(MongoChange change, string of)
        => [.. (await change.ListAsync(Things, new BsonDocument("of", of))).Select(document => document["_id"].AsInt32).Order()];

    private Task<bool> PutAsync(params BsonDocument[] documents)
        => Store.WriteAsync(
            change =>
            {
                Array.ForEach(documents, document => change.Put(Things, document));
                return Task.FromResult(true);
            },
            default);
}
