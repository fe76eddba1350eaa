using System.Security.Cryptography;
using MemoryMesh.Search;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Storage;
using MemoryMesh.Search.Storage.Qdrant;
using MemoryMesh.Search.Storage.Sqlite;
using MemoryMesh.ServiceDefaults.Configuration;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>Vectors in Qdrant beside a real file.</summary>
internal sealed class QdrantWorld : IAsyncDisposable
{
    private readonly ServiceProvider _transport;
    private readonly string _folder = Directory.CreateTempSubdirectory("memorymesh-qdrant-").FullName;

    public QdrantWorld(QdrantAddress address, int dimensions)
    {
        Ring = new KeyRing(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        Database = new ModuleDatabase(
            SearchModule.Name, Migration.FromResources(typeof(SearchModule).Assembly, "MemoryMesh.Search.Migrations."), _folder, Ring, NullLoggerFactory.Instance);
        var options = Options.Create(new SearchOptions());
        var settings = Options.Create(new QdrantOptions { Candidates = 50, QuestionTimeout = TimeSpan.FromSeconds(60), WriteTimeout = TimeSpan.FromSeconds(60) });
        Items = new SqliteItemIndex(Database, Ring, options, TimeProvider.System);
        _transport = Connect(address, settings);
        Transport = _transport.GetRequiredService<IQdrantTransport>();
        Points = new QdrantPoints(Database, Ring);
        Store = new QdrantVectorStore(Database, Ring, Points, Transport, settings, TimeProvider.System, NullLogger<QdrantVectorStore>.Instance);
        Models = new EmbeddingModels(new TestEmbedders(new WordEmbedder("words", [.. Enumerable.Range(1, dimensions - 1).Select(number => $"w{number}")])), Store);
        Index = new QdrantVectorIndex(
            Transport, Points, new QdrantItemRows(Database), Models, Ring, settings, options, TimeProvider.System, NullLogger<QdrantVectorIndex>.Instance);
    }

    public KeyRing Ring { get; }

    public ModuleDatabase Database { get; }

    public SqliteItemIndex Items { get; }

    public IQdrantTransport Transport { get; }

    public QdrantPoints Points { get; }

    public QdrantVectorStore Store { get; }

    public EmbeddingModels Models { get; }

    public QdrantVectorIndex Index { get; }

    /// <summary>What Qdrant is asked over, as a host has it.</summary>
    public static ServiceProvider Connect(QdrantAddress address, IOptions<QdrantOptions> options)
        => new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder()
                .AddInMemoryCollection(new Dictionary<string, string?>
                {
                    [$"ConnectionStrings:{QdrantAddress.Name}"] = $"Endpoint={address.Grpc};Key={address.Key}",
                    [$"ConnectionStrings:{QdrantAddress.HttpName}"] = $"Endpoint={address.Http};Key={address.Key}",
                })
                .Build())
            .AddSingleton(options)
            .AddSingleton(TimeProvider.System)
            .AddQdrantTransport()
            .BuildServiceProvider();

    public async Task<ModelInUse> OpenAsync()
    {
        var model = (await Models.GetAsync(default)).Serving;
        await Store.ReadyAsync(model.Stored, default);
        return model;
    }

    /// <summary>Indexes items, and stores their vectors.</summary>
    public async Task<SavedVectors> StoreAsync(ModelInUse model, IReadOnlyList<(IndexedItem Item, ItemVectors? Vectors)> items)
    {
        await Items.ApplyAsync([.. items.Select(row => new IndexEntry(row.Item, []))], [], default);
        return await Store.SaveAsync(model.Stored, await EmbeddedAsync(model, items), default);
    }

    public async Task<List<EmbeddedItem>> EmbeddedAsync(ModelInUse model, IReadOnlyList<(IndexedItem Item, ItemVectors? Vectors)> items)
    {
        var rows = await Database.Data.ReadAsync(
            session => session.Query("SELECT item_id, id FROM indexed_items", row => (Id: row.Id(0), Row: row.Int64(1))).ToDictionary(row => row.Id, row => row.Row), default);
        return
        [
            .. items.Where(row => row.Vectors is not null)
                .Select(row => new EmbeddedItem(new EmbeddingTask(rows[row.Item.Id], model.Stored.Slot, row.Item, 0, 0), new string('0', 32), row.Vectors!)),
        ];
    }

    public async Task<IReadOnlyList<(PartitionKey Partition, Guid ItemId)>> RemoveAsync(IReadOnlyList<IndexedItem> items)
        => (await Items.ApplyAsync([], [.. items.Select(item => new ItemReference(item.TenantId, item.Id))], default)).Removed;

    public Task<long> CountAsync(string table) => Database.Data.ReadAsync(session => session.Scalar($"SELECT COUNT(*) FROM {table}"), default);

    public async ValueTask DisposeAsync()
    {
        Models.Dispose();
        Store.Dispose();
        await _transport.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
