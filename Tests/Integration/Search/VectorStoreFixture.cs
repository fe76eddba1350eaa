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

/// <summary>Vectors in a real file, of one owner.</summary>
public abstract class VectorStoreFixture
{
    private protected const int Dimensions = 32;
    private protected static readonly PartitionKey Owner = new(Guid.NewGuid(), ItemKind.Message, Guid.NewGuid());

    private readonly Random _random = new(1);
    private protected string Folder { get; private set; } = null!;
    private KeyRing _ring = null!;
    private protected ModuleDatabase Database { get; private set; } = null!;
    private protected SqliteItemIndex Items { get; private set; } = null!;
    private protected SqliteVectorStore Store { get; private set; } = null!;
    private protected StoredModel Model { get; private set; } = null!;

    private protected string[] CopyFiles => Directory.Exists(Database.CopiesFolder) ? Directory.GetFiles(Database.CopiesFolder) : [];

    [SetUp]
    public async Task OpenAsync()
    {
        Folder = Directory.CreateTempSubdirectory("memorymesh-blocks-").FullName;
        _ring = new KeyRing(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        await OpenAsync(_ => true);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private protected static void Same(VectorPartition partition, IReadOnlyCollection<(IndexedItem Item, ItemVectors Vectors)> expected)
    {
        Assert.That(partition.Count, Is.EqualTo(expected.Count));
        var query = QueryVectors.Create(1, Enumerable.Range(1, Dimensions).Select(number => 1f / number).ToArray(), [], null);
        partition.Read(view =>
        {
            foreach (var (item, vectors) in expected)
            {
                var place = view.Find(item.Id);
                var rests = vectors.Pooled.Rests.Length == 0 ? new byte[Dimensions / 2] : vectors.Pooled.Rests;
                Assert.That(view.Candidate(place), Is.EqualTo(new Candidate(item.Id, item.OwnerKey, item.Role, item.CreatedAt, item.Importance)));
                Assert.That(view.Cosine(query, place), Is.EqualTo(RoundedVector.Dot(query.Exact, vectors.Pooled.Values, rests, vectors.Pooled.Scale)));
                Assert.That(view.Signs(place).ToArray(), Is.EqualTo(vectors.Signs));
                Assert.That(view.Speaker(place), Is.EqualTo(vectors.Speaker));
            }

            return 0;
        });
        partition.Dispose();
    }

    private protected async Task<VectorPartition> ReadAsync()
    {
        var partition = new VectorPartition(Owner, Dimensions);
        await Store.ReadPartitionAsync(Owner, Model, partition, default);
        return partition;
    }

    private protected async Task<List<(IndexedItem Item, ItemVectors Vectors)>> StoreAsync(params ItemVectors[] vectors)
    {
        var rows = vectors.Select(one => (Item: ItemOf(), Vectors: one)).ToList();
        await Items.ApplyAsync([.. rows.Select(row => new IndexEntry(row.Item, []))], [], default);
        await SaveAsync(rows);
        return rows;
    }

    private protected async Task<SavedVectors> SaveAsync(IReadOnlyList<(IndexedItem Item, ItemVectors Vectors)> rows)
    {
        var ids = await Database.Data.ReadAsync(
            session => session.Query("SELECT item_id, id FROM indexed_items", row => (Id: row.Id(0), Row: row.Int64(1))).ToDictionary(row => row.Id, row => row.Row), default);
        return await Store.SaveAsync(
            Model, [.. rows.Select(row => new EmbeddedItem(new EmbeddingTask(ids[row.Item.Id], Model.Slot, row.Item, 0, 0), Hash(row.Item), row.Vectors))], default);
    }

    private protected static string Hash(IndexedItem item) => Convert.ToHexString(item.Id.ToByteArray());

    private protected static IndexedItem ItemOf() => new()
    {
        Id = Guid.CreateVersion7(), Kind = Owner.Kind, TenantId = Owner.TenantId, OwnerKey = Owner.OwnerKey, ConversationKey = Owner.OwnerKey, Version = 1, Role = MessageRole.User,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    private protected ItemVectors Vectors()
    {
        var (values, rests, signs) = (new byte[Dimensions], new byte[Dimensions / 2], new byte[4 * _random.Next(1, 60)]);
        _random.NextBytes(values);
        _random.NextBytes(rests);
        _random.NextBytes(signs);
        return new("Ann", null, TextTraits.None, new RoundedVector([.. values.Select(value => (sbyte)value)], rests, _random.NextSingle()), signs);
    }

    private protected static void Insert(SqliteSession session, int row, IndexedItem item)
        => session.Execute(
            """
            INSERT INTO indexed_items (id, item_id, kind, tenant_id, owner_key, conversation_key, version, role, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            row,
            item.Id,
            item.Kind,
            item.TenantId,
            item.OwnerKey,
            item.ConversationKey,
            item.Version,
            item.Role,
            item.CreatedAt);

    /// <summary>Opens the folder anew, as after a restart.</summary>
    private protected async Task ReopenAsync()
    {
        await Database.DisposeAsync();
        await OpenAsync(_ => true);
    }

    /// <summary>Fills an empty folder of an earlier version, and opens it with this one.</summary>
    private protected async Task ReopenBeforeAsync(string migration, Func<Task> fillAsync)
    {
        await Database.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
        Database = NewDatabase(name => string.CompareOrdinal(name, migration) < 0);
        await fillAsync();
        await Database.DisposeAsync();
        await OpenAsync(_ => true);
    }

    private async Task OpenAsync(Func<string, bool> isWanted)
    {
        Database = NewDatabase(isWanted);
        Items = new SqliteItemIndex(Database, _ring, Options.Create(new SearchOptions()), TimeProvider.System);
        Store = new SqliteVectorStore(Database, _ring);
        Model = (await Store.UseModelAsync(new EmbeddingModel("local", "words", "1", Dimensions), _ => false, default)).Serving;
    }

    private ModuleDatabase NewDatabase(Func<string, bool> isWanted) => new(
        SearchModule.Name,
        [.. Migration.FromResources(typeof(SearchModule).Assembly, "MemoryMesh.Search.Migrations.").Where(migration => isWanted(migration.Name))],
        Folder,
        _ring,
        NullLoggerFactory.Instance);

    private protected Task<long> CountAsync(string table)
        => Database.Data.ReadAsync(
            session => table switch
            {
                "vectors" => session.Scalar("SELECT COUNT(*) FROM vectors"),
                "vector_blocks" => session.Scalar("SELECT COUNT(*) FROM vector_blocks"),
                "vector_contents" => session.Scalar("SELECT COUNT(*) FROM vector_contents"),
                "vector_files" => session.Scalar("SELECT COUNT(*) FROM vector_files"),
                "vector_file_removals" => session.Scalar("SELECT COUNT(*) FROM vector_file_removals"),
                _ => session.Scalar("SELECT COUNT(*) FROM embedding_jobs"),
            },
            default);

    private protected Task<List<byte[]>> ContentsAsync()
        => Database.Data.ReadAsync(session => session.Query("SELECT content FROM vector_contents ORDER BY id", row => row.Bytes(0)), default);

    /// <summary>Whether any part of some sealed bytes stands in a file. A page of the file may cut them anywhere, so parts are looked for.</summary>
    private protected bool IsInFiles(byte[] bytes)
        => Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Any(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return bytes.Chunk(24).Where(part => part.Length == 24).Any(part => content.AsSpan().IndexOf(part) >= 0);
        });
}
