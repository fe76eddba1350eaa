using System.Security.Cryptography;
using MemoryMesh.Search;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Storage;
using MemoryMesh.Search.Storage.Sqlite;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging;
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
        _database = new ModuleDatabase(
            SearchModule.Name, Migration.FromResources(typeof(SearchModule).Assembly, "MemoryMesh.Search.Migrations."), _folder, _ring, NullLoggerFactory.Instance);
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
    public async Task What_is_not_searched_leaves_memory()
    {
        await StoreAsync([.. Enumerable.Range(0, 40).Select(number => (ItemOf(new Guid(number, 0, 0, new byte[8])), (ItemVectors?)null))]);
        var clock = new SettableTime();
        using var index = Opened(new SearchOptions { VectorIdleTime = TimeSpan.FromMinutes(1) }, clock);
        await FindAllAsync(index);
        Assert.That(index.Count, Is.EqualTo(40));
        index.Trim();
        Assert.That(index.Count, Is.EqualTo(40));
        clock.Now += TimeSpan.FromMinutes(2);
        index.Trim();
        Assert.That((index.Count, index.Bytes), Is.EqualTo((0, 0L)));
    }

    [Test]
    public async Task What_was_searched_longest_ago_leaves_memory_when_the_ceiling_is_reached()
    {
        // Eight owners of 3 MB, of whom five have room.
        const int Megabytes = 16;
        var owners = Enumerable.Range(1, 8).Select(number => new Guid(number, 0, 0, new byte[8])).ToList();
        foreach (var owner in owners)
        {
            await StoreAsync([(ItemOf(owner), Vectors(3_000_000))]);
        }

        var clock = new SettableTime();
        var reads = new ReadCounter();
        using var index = Opened(new SearchOptions { VectorMemoryMegabytes = Megabytes }, clock, reads);
        foreach (var owner in owners)
        {
            clock.Now += TimeSpan.FromSeconds(1);
            Assert.That((await FindAllAsync(index, owner)).Items, Has.Count.EqualTo(1));
            Assert.That(index.Bytes, Is.InRange(1, Megabytes * 1_048_576L), "after every question");
        }

        Assert.That(index.Count, Is.EqualTo(5));
        await FindAllAsync(index, owners[^1]);
        await FindAllAsync(index, owners[^5]);
        Assert.That(reads.Count, Is.EqualTo(8), "those asked for last are there still");
        await FindAllAsync(index, owners[0]);
        Assert.That(reads.Count, Is.EqualTo(9));

        // A question over more than fits finds all of it, and leaves no more behind than fits.
        Assert.That((await FindAllAsync(index)).Items, Has.Count.EqualTo(8));
        Assert.That(index.Bytes, Is.InRange(1, Megabytes * 1_048_576L));

        // One that is larger than all there is answers too, and does not stay.
        var large = Guid.NewGuid();
        await StoreAsync([(ItemOf(large), Vectors(17_000_000))]);
        Assert.That((await FindAllAsync(index, large)).Items, Has.Count.EqualTo(1));
        Assert.That(index.Bytes, Is.LessThanOrEqualTo(Megabytes * 1_048_576L));
    }

    private static readonly Guid Tenant = Guid.NewGuid();

    private static ItemVectors Vectors(int signs) => new("Ann", null, TextTraits.None, new RoundedVector(new sbyte[32], new byte[16], .5f), new byte[signs]);

    private static Task<VectorMatches> FindAllAsync(ResidentVectorIndex index, Guid? owner = null)
        => index.FindAsync(
            new()
            {
                Filter = new ItemFilter { TenantId = Tenant, Kind = ItemKind.Message, OwnerKeys = owner is { } key ? [key] : null },
                Vectors = QueryVectors.Create(1, Enumerable.Repeat(.1f, 32).ToArray(), [], null),
                Lexical = [],
                IsNamed = _ => false,
                Limit = 10,
            },
            default);

    private ResidentVectorIndex Opened(SearchOptions options, TimeProvider clock, ILogger<ResidentVectorIndex>? logger = null)
        => new(_store, _models, Options.Create(options), clock, logger ?? NullLogger<ResidentVectorIndex>.Instance);

    private static IndexedItem ItemOf(Guid owner) => new() { Id = Guid.NewGuid(), Kind = ItemKind.Message, TenantId = Tenant, OwnerKey = owner, Version = 1, CreatedAt = DateTimeOffset.UnixEpoch };

    /// <summary>Counts how often a partition was read.</summary>
    private sealed class ReadCounter : ILogger<ResidentVectorIndex>
    {
        public int Count { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => Count += eventId.Id == 4010 ? 1 : 0;
    }

    private sealed class SettableTime : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks + 1;
    }
}
