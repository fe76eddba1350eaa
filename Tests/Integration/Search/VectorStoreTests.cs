using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>Blocks of vectors in a real file.</summary>
public class VectorStoreTests : VectorStoreFixture
{
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
        Assert.That(await Store.FindEqualAsync(Owner, Model, [Hash(stored[3].Item)], default), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Many_blocks_are_read_by_several_and_lie_alike_each_time()
    {
        var stored = await StoreAsync([.. Enumerable.Range(0, 24 * VectorBlock.MostItems).Select(_ => Vectors())]);
        Assert.That(await CountAsync("vector_blocks"), Is.EqualTo(24));
        var left = stored.Where((_, at) => at % 7 == 0).ToList();
        await Items.ApplyAsync([], [.. left.Select(row => new ItemReference(Owner.TenantId, row.Item.Id))], default);
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
        await Items.ApplyAsync([], [.. stored.Take(10).Select(row => new ItemReference(Owner.TenantId, row.Item.Id))], default);
        Same(await ReadAsync(), stored[10..]);
        var before = await ContentsAsync();
        await Database.Data.ScrubAsync(TimeSpan.FromMinutes(1), default);
        Assert.That(IsInFiles(before[0]), Is.True, "the test would see it");

        Assert.That(await Store.PurgeStepAsync(default), Is.True);
        Assert.That(await Store.PurgeStepAsync(default), Is.False);
        await Database.Data.ScrubAsync(TimeSpan.FromMinutes(1), default);
        Assert.That(IsInFiles(before[0]), Is.False);
        Assert.That((await ContentsAsync())[0], Has.Length.LessThan(before[0].Length * 4 / 5));
        Same(await ReadAsync(), stored[10..]);

        // With the last the block leaves.
        await Items.ApplyAsync([], [.. stored.Skip(10).Select(row => new ItemReference(Owner.TenantId, row.Item.Id))], default);
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
        Assert.That(await Store.PurgeStepAsync(default), Is.True);
        Same(await ReadAsync(), [stored[0], replaced[1], stored[2], replaced[3], stored[4]]);

        // What was changed meanwhile is not stored, and has none until the new ones are there.
        var changed = stored[0].Item with { Version = 2 };
        await Items.ApplyAsync([new IndexEntry(changed, [])], [], default);
        Assert.That((await SaveAsync([(stored[0].Item, Vectors())])).Saved, Is.EqualTo((bool[])[false]));
        using var partition = await ReadAsync();
        Assert.That(partition.Read(view => (view.Entries[view.Find(changed.Id)].Version, view.Entries[view.Find(changed.Id)].HasVectors)), Is.EqualTo((2, false)));
        Assert.That(partition.Count, Is.EqualTo(5));
    }

    [Test]
    public async Task Blocks_that_nobody_can_open_any_more_leave_theirItems_without_vectors()
    {
        var stored = await StoreAsync([.. Enumerable.Range(0, 3).Select(_ => Vectors())]);
        await Database.Keys.DestroyAsync(Owner.TenantId, Owner.OwnerKey, default);
        using (var partition = await ReadAsync())
        {
            Assert.That(partition.Count, Is.EqualTo(3));
            Assert.That(partition.Read(view => view.Entries[0].HasVectors), Is.False);
        }

        // Whoever comes back has another key.
        stored.AddRange(await StoreAsync(Vectors()));
        await Items.ApplyAsync([], [new ItemReference(Owner.TenantId, stored[0].Item.Id)], default);
        using var again = await ReadAsync();
        Assert.That(again.Count, Is.EqualTo(3));
        Assert.That(again.Read(view => view.Entries[view.Find(stored[3].Item.Id)].HasVectors), Is.True);
        while (await Store.PurgeStepAsync(default))
        {
        }

        Assert.That(await Store.FoldSomeAsync(default), Is.False);
    }

    [Test]
    public async Task Vectors_of_aStore_from_before_there_were_blocks_are_taken_over_and_put_together()
    {
        var stored = Enumerable.Range(0, 70).Select(row => (Item: ItemOf(), Vectors: Vectors() with { Pooled = row == 3 ? new RoundedVector(new sbyte[Dimensions], [], .5f) : Vectors().Pooled })).ToList();
        await ReopenBeforeAsync("0050", async () =>
        {
            var key = await Database.Keys.GetOrCreateAsync(Owner.TenantId, Owner.OwnerKey, default);
            await Database.Data.WriteAsync(
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
        Assert.That(Model.Id, Is.EqualTo(1));
        Same(await ReadAsync(), stored);
        Assert.That((await Store.FindEqualAsync(Owner, Model, ["00"], default)).Count, Is.EqualTo(1));
        while (await Store.FoldSomeAsync(default))
        {
        }

        Assert.That(await CountAsync("vector_blocks"), Is.LessThan(16));
        Same(await ReadAsync(), stored);
    }

    [Test]
    public async Task Vectors_of_aStore_from_before_there_were_twoModels_are_taken_over()
    {
        var (item, waiting, vectors) = (ItemOf() with { Version = 4 }, ItemOf(), Vectors());
        await ReopenBeforeAsync("0040", async () =>
        {
            var key = await Database.Keys.GetOrCreateAsync(Owner.TenantId, Owner.OwnerKey, default);
            await Database.Data.WriteAsync(
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
        Assert.That(Model.Id, Is.EqualTo(2));
        using (var partition = await ReadAsync())
        {
            Assert.That(partition.Count, Is.EqualTo(2));
            Assert.That(partition.Read(view => view.Entries[view.Find(item.Id)].HasVectors), Is.True);
        }

        Assert.That((await Store.ListDueAsync(DateTimeOffset.UtcNow, 10, 3, default)).Select(task => (task.RowId, task.Slot)), Is.EqualTo(((long, int)[])[(8, 0)]));
        await Database.Data.WriteAsync(session => session.Execute("DELETE FROM indexed_items"), default);
        Assert.That(
            await CountAsync("vectors") + await CountAsync("embedding_jobs") + await CountAsync("vector_blocks") + await CountAsync("vector_contents"), Is.Zero);
    }
}
