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

/// <summary>Blocks of vectors in a real file.</summary>
public class VectorStoreTests
{
    private const int Dimensions = 32;
    private static readonly PartitionKey Owner = new(Guid.NewGuid(), ItemKind.Message, Guid.NewGuid());

    private readonly Random _random = new(1);
    private string _folder = null!;
    private KeyRing _ring = null!;
    private ModuleDatabase _database = null!;
    private SqliteItemIndex _items = null!;
    private SqliteVectorStore _store = null!;
    private StoredModel _model = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        _folder = Directory.CreateTempSubdirectory("memorymesh-blocks-").FullName;
        _ring = new KeyRing(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        await OpenAsync(_ => true);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task What_comes_in_one_by_one_is_put_together()
    {
        var stored = new List<(IndexedItem Item, ItemVectors Vectors)>();
        for (var number = 0; number < 100; number++)
        {
            stored.AddRange(await StoreAsync(Vectors()));
        }

        Assert.That(await CountAsync("vector_blocks"), Is.LessThan(20));
        Assert.That(await CountAsync("vector_contents"), Is.EqualTo(await CountAsync("vector_blocks")));
        Same(await ReadAsync(), stored);
        Assert.That(await _store.FindEqualAsync(Owner, _model, [Hash(stored[3].Item)], default), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Many_blocks_are_read_by_several_and_lie_alike_each_time()
    {
        var stored = await StoreAsync([.. Enumerable.Range(0, 24 * VectorBlock.MostItems).Select(_ => Vectors())]);
        Assert.That(await CountAsync("vector_blocks"), Is.EqualTo(24));
        var left = stored.Where((_, at) => at % 7 == 0).ToList();
        await _items.ApplyAsync([], [.. left.Select(row => new ItemReference(Owner.TenantId, row.Item.Id))], default);
        using (var one = await ReadAsync())
        using (var other = await ReadAsync())
        {
            Assert.That(Places(one), Is.EqualTo(Places(other)));
        }

        Same(await ReadAsync(), [.. stored.Except(left)]);
        var added = await StoreAsync(Vectors());
        Same(await ReadAsync(), [.. stored.Except(left), .. added]);

        static List<Guid> Places(VectorPartition partition) => partition.Read(view => view.Entries.ToArray().Select(entry => entry.Id).ToList());
    }

    [Test]
    public async Task What_is_put_together_while_it_is_read_is_not_missed()
    {
        var stored = await StoreAsync([.. Enumerable.Range(0, 18 * VectorBlock.MostItems).Select(_ => Vectors())]);
        var storing = Task.Run(async () =>
        {
            for (var number = 0; number < 50; number++)
            {
                await StoreAsync(Vectors());
            }
        });
        while (!storing.IsCompleted)
        {
            var before = await CountAsync("vectors");
            using var partition = await ReadAsync();
            Assert.That(partition.Count, Is.GreaterThanOrEqualTo(before));
            Assert.That(partition.Read(view => stored.TrueForAll(row => view.Find(row.Item.Id) >= 0)), Is.True);
        }

        await storing;
    }

    [Test]
    public async Task What_leaves_a_block_is_found_no_more_and_its_bytes_go_with_the_next_cleaning()
    {
        var stored = await StoreAsync([.. Enumerable.Range(0, 40).Select(_ => Vectors())]);
        Assert.That(await CountAsync("vector_blocks"), Is.EqualTo(1));
        await _items.ApplyAsync([], [.. stored.Take(10).Select(row => new ItemReference(Owner.TenantId, row.Item.Id))], default);
        Same(await ReadAsync(), stored[10..]);
        var before = await ContentsAsync();
        await _database.Data.ScrubAsync(TimeSpan.FromMinutes(1), default);
        Assert.That(IsInFiles(before[0]), Is.True, "the test would see it");

        Assert.That(await _store.PurgeStepAsync(default), Is.True);
        Assert.That(await _store.PurgeStepAsync(default), Is.False);
        await _database.Data.ScrubAsync(TimeSpan.FromMinutes(1), default);
        Assert.That(IsInFiles(before[0]), Is.False);
        Assert.That((await ContentsAsync())[0], Has.Length.LessThan(before[0].Length * 4 / 5));
        Same(await ReadAsync(), stored[10..]);

        // With the last the block leaves.
        await _items.ApplyAsync([], [.. stored.Skip(10).Select(row => new ItemReference(Owner.TenantId, row.Item.Id))], default);
        Assert.That(await CountAsync("vector_blocks") + await CountAsync("vector_contents") + await CountAsync("vectors"), Is.Zero);
    }

    [Test]
    public async Task Replaced_vectors_are_those_that_are_read_and_the_old_ones_are_purged()
    {
        var stored = await StoreAsync([.. Enumerable.Range(0, 5).Select(_ => Vectors())]);
        var replaced = stored.ConvertAll(row => (row.Item, Vectors: Vectors()));
        var saved = await SaveAsync([replaced[1], replaced[3]]);
        Assert.That((saved.Saved, saved.LeftTraces), Is.EqualTo(((IReadOnlyList<bool>)[true, true], true)));
        Same(await ReadAsync(), [stored[0], replaced[1], stored[2], replaced[3], stored[4]]);
        Assert.That(await _store.PurgeStepAsync(default), Is.True);
        Same(await ReadAsync(), [stored[0], replaced[1], stored[2], replaced[3], stored[4]]);

        // What was changed meanwhile is not stored, and has none until the new ones are there.
        var changed = stored[0].Item with { Version = 2 };
        await _items.ApplyAsync([new IndexEntry(changed, [])], [], default);
        Assert.That((await SaveAsync([(stored[0].Item, Vectors())])).Saved, Is.EqualTo((bool[])[false]));
        using var partition = await ReadAsync();
        Assert.That(partition.Read(view => (view.Entries[view.Find(changed.Id)].Version, view.Entries[view.Find(changed.Id)].HasVectors)), Is.EqualTo((2, false)));
        Assert.That(partition.Count, Is.EqualTo(5));
    }

    [Test]
    public async Task Blocks_that_nobody_can_open_any_more_leave_their_items_without_vectors()
    {
        var stored = await StoreAsync([.. Enumerable.Range(0, 3).Select(_ => Vectors())]);
        await _database.Keys.DestroyAsync(Owner.TenantId, Owner.OwnerKey, default);
        using (var partition = await ReadAsync())
        {
            Assert.That(partition.Count, Is.EqualTo(3));
            Assert.That(partition.Read(view => view.Entries[0].HasVectors), Is.False);
        }

        // Whoever comes back has another key.
        stored.AddRange(await StoreAsync(Vectors()));
        await _items.ApplyAsync([], [new ItemReference(Owner.TenantId, stored[0].Item.Id)], default);
        using var again = await ReadAsync();
        Assert.That(again.Count, Is.EqualTo(3));
        Assert.That(again.Read(view => view.Entries[view.Find(stored[3].Item.Id)].HasVectors), Is.True);
        while (await _store.PurgeStepAsync(default))
        {
        }

        Assert.That(await _store.FoldSomeAsync(default), Is.False);
    }

    [Test]
    public async Task Vectors_of_a_store_from_before_there_were_blocks_are_taken_over_and_put_together()
    {
        var stored = Enumerable.Range(0, 70).Select(row => (Item: ItemOf(), Vectors: Vectors() with { Pooled = row == 3 ? new RoundedVector(new sbyte[Dimensions], [], .5f) : Vectors().Pooled })).ToList();
        await ReopenBeforeAsync("0050", async () =>
        {
            var key = await _database.Keys.GetOrCreateAsync(Owner.TenantId, Owner.OwnerKey, default);
            await _database.Data.WriteAsync(
                session =>
                {
                    session.Execute("INSERT INTO vector_models (id, source, name, version, dimensions, layout, role, slot) VALUES (1, 'local', 'words', '1', 32, 2, 1, 0)");
                    for (var row = 0; row < stored.Count; row++)
                    {
                        Insert(session, row + 1, stored[row].Item);
                        session.Execute(
                            "INSERT INTO vectors (id, version, model, text_hash, content) VALUES ($1, 1, 1, x'00', $2)",
                            2 * (row + 1),
                            key.Seal(SingleVectors.ToBytes(stored[row].Vectors), new RowIdentity("vectors", "content", stored[row].Item.Id, 1)));
                    }
                },
                default);
        });
        Assert.That(_model.Id, Is.EqualTo(1));
        Same(await ReadAsync(), stored);
        Assert.That((await _store.FindEqualAsync(Owner, _model, ["00"], default)).Count, Is.EqualTo(1));
        while (await _store.FoldSomeAsync(default))
        {
        }

        Assert.That(await CountAsync("vector_blocks"), Is.LessThan(16));
        Same(await ReadAsync(), stored);
    }

    [Test]
    public async Task Vectors_of_a_store_from_before_there_were_two_models_are_taken_over()
    {
        var (item, waiting, vectors) = (ItemOf() with { Version = 4 }, ItemOf(), Vectors());
        await ReopenBeforeAsync("0040", async () =>
        {
            var key = await _database.Keys.GetOrCreateAsync(Owner.TenantId, Owner.OwnerKey, default);
            await _database.Data.WriteAsync(
                session =>
                {
                    session.Execute("INSERT INTO vector_models (id, name, dimensions, layout) VALUES (1, 'older', 8, 2), (2, 'words', 32, 2)");
                    Insert(session, 7, item);
                    Insert(session, 8, waiting);
                    session.Execute(
                        "INSERT INTO vectors (id, version, model, text_hash, content) VALUES (7, 4, 2, x'00', $1)",
                        key.Seal(SingleVectors.ToBytes(vectors), new RowIdentity("vectors", "content", item.Id, 4)));
                    session.Execute("INSERT INTO embedding_jobs (id, state, attempts, due_at) VALUES (8, 0, 0, 0)");
                },
                default);
        });
        Assert.That(_model.Id, Is.EqualTo(2));
        using (var partition = await ReadAsync())
        {
            Assert.That(partition.Count, Is.EqualTo(2));
            Assert.That(partition.Read(view => view.Entries[view.Find(item.Id)].HasVectors), Is.True);
        }

        Assert.That((await _store.ListDueAsync(DateTimeOffset.UtcNow, 10, 3, default)).Select(task => (task.RowId, task.Slot)), Is.EqualTo(((long, int)[])[(8, 0)]));
        await _database.Data.WriteAsync(session => session.Execute("DELETE FROM indexed_items"), default);
        Assert.That(
            await CountAsync("vectors") + await CountAsync("embedding_jobs") + await CountAsync("vector_blocks") + await CountAsync("vector_contents"), Is.Zero);
    }

    private static void Same(VectorPartition partition, IReadOnlyCollection<(IndexedItem Item, ItemVectors Vectors)> expected)
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

    private async Task<VectorPartition> ReadAsync()
    {
        var partition = new VectorPartition(Owner, Dimensions);
        await _store.ReadPartitionAsync(Owner, _model, partition, default);
        return partition;
    }

    private async Task<List<(IndexedItem Item, ItemVectors Vectors)>> StoreAsync(params ItemVectors[] vectors)
    {
        var rows = vectors.Select(one => (Item: ItemOf(), Vectors: one)).ToList();
        await _items.ApplyAsync([.. rows.Select(row => new IndexEntry(row.Item, []))], [], default);
        await SaveAsync(rows);
        return rows;
    }

    private async Task<SavedVectors> SaveAsync(IReadOnlyList<(IndexedItem Item, ItemVectors Vectors)> rows)
    {
        var ids = await _database.Data.ReadAsync(
            session => session.Query("SELECT item_id, id FROM indexed_items", row => (Id: row.Id(0), Row: row.Int64(1))).ToDictionary(row => row.Id, row => row.Row), default);
        return await _store.SaveAsync(
            _model, [.. rows.Select(row => new EmbeddedItem(new EmbeddingTask(ids[row.Item.Id], _model.Slot, row.Item, 0, 0), Hash(row.Item), row.Vectors))], default);
    }

    private static string Hash(IndexedItem item) => Convert.ToHexString(item.Id.ToByteArray());

    private static IndexedItem ItemOf() => new()
    {
        Id = Guid.CreateVersion7(), Kind = Owner.Kind, TenantId = Owner.TenantId, OwnerKey = Owner.OwnerKey, ConversationKey = Owner.OwnerKey, Version = 1, Role = MessageRole.User,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    private ItemVectors Vectors()
    {
        var (values, rests, signs) = (new byte[Dimensions], new byte[Dimensions / 2], new byte[4 * _random.Next(1, 60)]);
        _random.NextBytes(values);
        _random.NextBytes(rests);
        _random.NextBytes(signs);
        return new("Ann", null, TextTraits.None, new RoundedVector([.. values.Select(value => (sbyte)value)], rests, _random.NextSingle()), signs);
    }

    private static void Insert(SqliteSession session, int row, IndexedItem item)
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

    /// <summary>Fills an empty folder of an earlier version, and opens it with this one.</summary>
    private async Task ReopenBeforeAsync(string migration, Func<Task> fillAsync)
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        _database = Database(name => string.CompareOrdinal(name, migration) < 0);
        await fillAsync();
        await _database.DisposeAsync();
        await OpenAsync(_ => true);
    }

    private async Task OpenAsync(Func<string, bool> isWanted)
    {
        _database = Database(isWanted);
        _items = new SqliteItemIndex(_database, _ring, Options.Create(new SearchOptions()), TimeProvider.System);
        _store = new SqliteVectorStore(_database, _ring);
        _model = (await _store.UseModelAsync(new EmbeddingModel("local", "words", "1", Dimensions), _ => false, default)).Serving;
    }

    private ModuleDatabase Database(Func<string, bool> isWanted) => new(
        SearchModule.Name,
        [.. Migration.FromResources(typeof(SearchModule).Assembly, "MemoryMesh.Search.Migrations.").Where(migration => isWanted(migration.Name))],
        _folder,
        _ring,
        NullLoggerFactory.Instance);

    private Task<long> CountAsync(string table)
        => _database.Data.ReadAsync(
            session => table switch
            {
                "vectors" => session.Scalar("SELECT COUNT(*) FROM vectors"),
                "vector_blocks" => session.Scalar("SELECT COUNT(*) FROM vector_blocks"),
                "vector_contents" => session.Scalar("SELECT COUNT(*) FROM vector_contents"),
                _ => session.Scalar("SELECT COUNT(*) FROM embedding_jobs"),
            },
            default);

    private Task<List<byte[]>> ContentsAsync()
        => _database.Data.ReadAsync(session => session.Query("SELECT content FROM vector_contents ORDER BY id", row => row.Bytes(0)), default);

    /// <summary>Whether any part of some sealed bytes stands in a file. A page of the file may cut them anywhere, so parts are looked for.</summary>
    private bool IsInFiles(byte[] bytes)
        => Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Any(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return bytes.Chunk(24).Where(part => part.Length == 24).Any(part => content.AsSpan().IndexOf(part) >= 0);
        });
}
