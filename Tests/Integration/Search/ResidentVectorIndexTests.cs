using System.Security.Cryptography;
using MemoryMesh.Search;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Storage;
using MemoryMesh.Search.Storage.Sqlite;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>The index in memory, over a real file.</summary>
public class ResidentVectorIndexTests : VectorIndexContract
{
    private string _folder = null!;
    private KeyRing _ring = null!;
    private ModuleDatabase _database = null!;
    private SqliteItemIndex _items = null!;
    private SqliteVectorStore _store = null!;
    private EmbeddingModels _models = null!;
    private ResidentVectorIndex _index = null!;

    internal override async Task<(IVectorIndex Index, ModelInUse Model)> OpenAsync(int dimensions)
    {
        _folder = Directory.CreateTempSubdirectory("memorymesh-vectors-").FullName;
        _ring = new KeyRing(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        _database = Open(_ => true);
        var options = Options.Create(new SearchOptions());
        _items = new SqliteItemIndex(_database, _ring, options, TimeProvider.System);
        _store = new SqliteVectorStore(_database, _ring);
        _models = new EmbeddingModels(new TestEmbedders(new WordEmbedder("words", [.. Enumerable.Range(1, dimensions - 1).Select(number => $"w{number}")])), _store);
        _index = new ResidentVectorIndex(_store, _models, options, TimeProvider.System, NullLogger<ResidentVectorIndex>.Instance);
        return (_index, (await _models.GetAsync(default)).Serving);
    }

    internal override async Task StoreAsync(IReadOnlyList<(IndexedItem Item, ItemVectors? Vectors)> items)
    {
        await _items.ApplyAsync([.. items.Select(row => new IndexEntry(row.Item, []))], [], default);
        var rows = await _database.Data.ReadAsync(
            session => session.Query("SELECT item_id, id FROM indexed_items", row => (Id: row.Id(0), Row: row.Int64(1))).ToDictionary(row => row.Id, row => row.Row), default);
        await _store.SaveAsync(
            Model.Stored,
            [
                .. items.Where(row => row.Vectors is not null)
                    .Select(row => new EmbeddedItem(new EmbeddingTask(rows[row.Item.Id], Model.Stored.Slot, row.Item, 0, 0), new string('0', 32), row.Vectors!)),
            ],
            default);
    }

    internal override async Task<IReadOnlyList<(PartitionKey Partition, Guid ItemId)>> RemoveAsync(IReadOnlyList<IndexedItem> items)
        => (await _items.ApplyAsync([], [.. items.Select(item => new ItemReference(item.TenantId, item.Id))], default)).Removed;

    [TearDown]
    public async Task CloseAsync()
    {
        _index.Dispose();
        _models.Dispose();
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task Vectors_of_a_store_from_before_there_were_two_models_are_taken_over()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        var (tenant, owner, id) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        var vectors = new ItemVectors("Ann", null, TextTraits.None, new RoundedVector([.. Enumerable.Repeat((sbyte)5, 32)], [], .5f), []);
        _database = Open(name => string.CompareOrdinal(name, "0040") < 0);
        var key = await _database.Keys.GetOrCreateAsync(tenant, owner, default);
        await _database.Data.WriteAsync(
            session =>
            {
                session.Execute("INSERT INTO vector_models (id, name, dimensions, layout) VALUES (1, 'older', 8, 2), (2, 'words', 32, 2)");
                session.Execute(
                    "INSERT INTO indexed_items (id, item_id, kind, tenant_id, owner_key, version, role, created_at) VALUES (7, $1, 1, $2, $3, 4, 1, 0), (8, $4, 1, $2, $3, 1, 1, 0)",
                    id,
                    tenant,
                    owner,
                    Guid.NewGuid());
                session.Execute(
                    "INSERT INTO vectors (id, version, model, text_hash, content) VALUES (7, 4, 2, x'00', $1)",
                    key.Seal(vectors.ToBytes(), new RowIdentity("vectors", "content", id, 4)));
                session.Execute("INSERT INTO embedding_jobs (id, state, attempts, due_at) VALUES (8, 0, 0, 0)");
            },
            default);
        await _database.DisposeAsync();

        _database = Open(_ => true);
        var store = new SqliteVectorStore(_database, _ring);
        var models = await store.UseModelAsync(new EmbeddingModel("local", "words", "1", 32), _ => false, default);
        Assert.That((models.Serving.Id, models.Next, models.Queued), Is.EqualTo((2, (StoredModel?)null, 0)));
        var read = new Dictionary<Guid, ItemVectors?>();
        await store.ReadPartitionAsync(new(tenant, ItemKind.Message, owner), models.Serving, _ => { }, (item, found) => read.Add(item.Id, found), default);
        Assert.That(read, Has.Count.EqualTo(2));
        Assert.That(read[id]!.Pooled.Values, Is.EqualTo(vectors.Pooled.Values));
        Assert.That((await store.ListDueAsync(DateTimeOffset.UtcNow, 10, 3, default)).Select(task => (task.RowId, task.Slot)), Is.EqualTo(((long, int)[])[(8, 0)]));
        await _database.Data.WriteAsync(session => session.Execute("DELETE FROM indexed_items"), default);
        Assert.That(await _database.Data.ReadAsync(session => session.Scalar("SELECT (SELECT COUNT(*) FROM vectors) + (SELECT COUNT(*) FROM embedding_jobs)"), default), Is.Zero);
    }

    [Test]
    public async Task What_is_not_searched_leaves_memory_and_the_ceiling_holds()
    {
        await StoreAsync([.. Enumerable.Range(0, 40).Select(number => (ItemOf(new Guid(number, 0, 0, new byte[8])), (ItemVectors?)null))]);
        var clock = new SettableTime();
        using var index = new ResidentVectorIndex(
            _store, _models, Options.Create(new SearchOptions { VectorIdleTime = TimeSpan.FromMinutes(1) }), clock, NullLogger<ResidentVectorIndex>.Instance);
        var filter = new ItemFilter { TenantId = Tenant, Kind = ItemKind.Message, OwnerKeys = null };
        await index.FindAsync(new() { Filter = filter, Vectors = null, Lexical = [], IsNamed = _ => false, Limit = 10 }, default);
        Assert.That(index.Count, Is.EqualTo(40));
        index.Trim();
        Assert.That(index.Count, Is.EqualTo(40));
        clock.Now += TimeSpan.FromMinutes(2);
        index.Trim();
        Assert.That((index.Count, index.Bytes), Is.EqualTo((0, 0L)));
    }

    private static readonly Guid Tenant = Guid.NewGuid();

    private static IndexedItem ItemOf(Guid owner) => new() { Id = Guid.NewGuid(), Kind = ItemKind.Message, TenantId = Tenant, OwnerKey = owner, Version = 1, CreatedAt = DateTimeOffset.UnixEpoch };

    private ModuleDatabase Open(Func<string, bool> isWanted) => new(
        SearchModule.Name,
        [.. Migration.FromResources(typeof(SearchModule).Assembly, "MemoryMesh.Search.Migrations.").Where(migration => isWanted(migration.Name))],
        _folder,
        _ring,
        NullLoggerFactory.Instance);

    private sealed class SettableTime : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks + 1;
    }
}
