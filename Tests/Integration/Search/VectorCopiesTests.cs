using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Storage.Sqlite;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>Copies of full blocks in files, from which an owner's vectors are read.</summary>
public class VectorCopiesTests : VectorStoreFixture
{
    /// <summary>Fewest blocks that are copied.</summary>
    private const int Copied = 32;

    [Test]
    public async Task Full_blocks_are_copied_and_read_from_the_copy()
    {
        var stored = await StoreBlocksAsync(Copied + 8);
        Assert.That((await CountCopiesAsync(), CopyFiles.Length), Is.EqualTo((Copied, 1)));
        var places = await PlacesAsync();

        // What stands in the store itself cannot be opened now: it is not asked for.
        var originals = await ContentsAsync();
        await SpoilStoreAsync();
        Same(await ReadAsync(), stored);
        await MendStoreAsync(originals);
        Array.ForEach(CopyFiles, File.Delete);
        Assert.That(await PlacesAsync(), Is.EqualTo(places), "laid out alike, wherever it is read from");
    }

    [TestCase("gone")]
    [TestCase("cut off")]
    [TestCase("changed")]
    [TestCase("empty")]
    public async Task Copies_that_cannot_be_read_are_read_from_the_store_and_made_again(string how)
    {
        var stored = await StoreBlocksAsync(Copied);
        var file = CopyFiles.Single();
        var bytes = await File.ReadAllBytesAsync(file);
        switch (how)
        {
            case "gone":
                Directory.Delete(Database.CopiesFolder, recursive: true);
                break;
            case "cut off":
                await File.WriteAllBytesAsync(file, bytes[..(bytes.Length / 2)]);
                break;
            case "empty":
                await File.WriteAllBytesAsync(file, []);
                break;
            default:
                bytes.AsSpan().Fill(7);
                await File.WriteAllBytesAsync(file, bytes);
                break;
        }

        Same(await ReadAsync(), stored);
        Assert.That(await CountCopiesAsync(), Is.LessThan(Copied), "they are known to be missing");
        await CleanAsync();
        while (await Store.FoldSomeAsync(default))
        {
        }

        Assert.That(await CountCopiesAsync(), Is.EqualTo(Copied));
        Same(await ReadAsync(), stored);
    }

    [Test]
    public async Task What_leaves_a_copied_block_is_found_no_more_and_its_bytes_go_with_the_next_cleaning()
    {
        var stored = await StoreBlocksAsync(Copied);
        var sealedBlock = (await ContentsAsync())[3];
        Assert.That(Occurrences(sealedBlock), Is.EqualTo(1));
        var left = stored.GetRange(3 * VectorBlock.MostItems, 5);
        await RemoveAsync(left);
        stored.RemoveAll(left.Contains);
        Same(await ReadAsync(), stored);
        Assert.That(Occurrences(sealedBlock), Is.EqualTo(1), "the test would see it");

        await CleanAsync();
        Assert.That(IsInFiles(sealedBlock), Is.False);
        Assert.That(await CountCopiesAsync(), Is.EqualTo(Copied - 1));
        Same(await ReadAsync(), stored);

        // A block that leaves as a whole.
        var another = (await ContentsAsync())[7];
        left = stored.GetRange((7 * VectorBlock.MostItems) - left.Count, VectorBlock.MostItems);
        await RemoveAsync(left);
        stored.RemoveAll(left.Contains);
        await CleanAsync();
        Assert.That(IsInFiles(another), Is.False);
        Same(await ReadAsync(), stored);
    }

    [Test]
    public async Task A_file_of_which_the_greater_part_has_left_gives_way_to_another_and_one_without_blocks_leaves()
    {
        var stored = await StoreBlocksAsync(Copied);
        stored.AddRange(await StoreBlocksAsync(Copied + 8));
        var file = CopyFiles.Single();
        Assert.That(await CountCopiesAsync(), Is.EqualTo(2 * Copied));
        var left = stored.GetRange(0, 38 * VectorBlock.MostItems);
        await RemoveAsync(left);
        stored.RemoveRange(0, left.Count);
        await CleanAsync();
        Assert.That((CopyFiles.Length, File.Exists(file), await CountCopiesAsync()), Is.EqualTo((1, false, Copied)));
        Same(await ReadAsync(), stored);

        await RemoveAsync(stored);
        await CleanAsync();
        Assert.That((CopyFiles, await CountAsync("vector_files"), await CountAsync("vector_file_removals")), Is.EqualTo((Array.Empty<string>(), 0L, 0L)));
    }

    [Test]
    public async Task What_a_killed_process_left_in_the_files_goes_before_anything_else_is_done_with_them()
    {
        var stored = await StoreBlocksAsync(Copied);
        var file = CopyFiles.Single();
        var length = new FileInfo(file).Length;
        var half = (await ContentsAsync())[0];

        // Killed between writing copies and noting them: in a file that is known, and in one that is not.
        await Database.DisposeAsync();
        await File.AppendAllBytesAsync(file, half);
        await File.WriteAllBytesAsync(Path.Combine(Path.GetDirectoryName(file)!, $"{1:x16}.blocks"), half);
        await ReopenAsync();
        Same(await ReadAsync(), stored);
        await CleanAsync();
        Assert.That((CopyFiles.Single(), new FileInfo(file).Length), Is.EqualTo((file, length)));
        Same(await ReadAsync(), stored);
    }

    [Test]
    public async Task The_file_of_an_owner_that_was_erased_is_gone_after_the_cleaning()
    {
        var stored = await StoreBlocksAsync(Copied);
        var sealedBlock = (await ContentsAsync())[0];
        await Database.Keys.DestroyAsync(Owner.TenantId, Owner.OwnerKey, default);
        await RemoveAsync(stored);
        await Database.Data.WriteAsync(session => session.Execute("DELETE FROM vector_files WHERE owner_key = $1", Owner.OwnerKey), default);
        await CleanAsync();
        Assert.That((CopyFiles.Length, IsInFiles(sealedBlock)), Is.EqualTo((0, false)));

        // Whoever comes back has another key, and another file.
        stored = await StoreBlocksAsync(Copied);
        Same(await ReadAsync(), stored);
        Assert.That((CopyFiles.Length, await CountCopiesAsync()), Is.EqualTo((1, Copied)));
    }

    [Test]
    public async Task Blocks_of_a_store_from_before_there_were_copies_are_copied_in_the_background()
    {
        var stored = new List<(IndexedItem Item, ItemVectors Vectors)>();
        await ReopenBeforeAsync("0080", async () =>
        {
            var key = await Database.Keys.GetOrCreateAsync(Owner.TenantId, Owner.OwnerKey, default);
            await Database.Data.WriteAsync(
                session =>
                {
                    session.Execute("INSERT INTO vector_models (id, source, name, version, dimensions, layout, role, slot) VALUES (1, 'local', 'words', '1', 32, 2, 1, 0)");
                    for (var block = 1; block <= Copied; block++)
                    {
                        var members = Enumerable.Range(0, VectorBlock.MostItems).Select(at => new BlockItem((block * 100) + at, ItemOf(), Vectors())).ToList();
                        SqliteVectorStore.InsertBlock(
                            session, block, Owner, 1, SqliteVectorStore.AllOf(members.Count), members, SqliteVectorStore.Seal(key, new(1, 0), block, SqliteVectorStore.Placed(members)));
                        for (var at = 0; at < members.Count; at++)
                        {
                            Insert(session, (block * 100) + at, members[at].Item);
                            session.Execute(
                                "INSERT INTO vectors (id, version, model, text_hash, block, place) VALUES ($1, 1, 1, x'00', $2, $3)", 2 * members[at].RowId, block, at);
                        }

                        stored.AddRange(members.Select(member => (member.Item, member.Vectors)));
                    }
                },
                default);
        });
        Same(await ReadAsync(), stored);
        Assert.That(await CountCopiesAsync(), Is.Zero);
        while (await Store.FoldSomeAsync(default))
        {
        }

        Assert.That(await CountCopiesAsync(), Is.EqualTo(Copied));
        await SpoilStoreAsync();
        Same(await ReadAsync(), stored);
    }

    [Test]
    public async Task Nothing_is_missed_by_who_reads_while_copies_are_made_and_overwritten()
    {
        var stored = await StoreBlocksAsync(Copied);
        var going = stored.Where((_, at) => at % 40 == 0).ToList();
        var staying = stored.Except(going).ToList();
        var changing = Task.Run(async () =>
        {
            foreach (var some in going.Chunk(4))
            {
                await RemoveAsync(some);
                await CleanAsync();
                await StoreAsync(Vectors());
                while (await Store.FoldSomeAsync(default))
                {
                }
            }
        });
        while (!changing.IsCompleted)
        {
            using var partition = await ReadAsync();
            Assert.That(
                partition.Read(view => staying.TrueForAll(row => view.Find(row.Item.Id) is var place && place >= 0 && view.Entries[place].HasVectors)), Is.True);
        }

        await changing;
        Assert.That(await CountCopiesAsync(), Is.GreaterThan(0));
    }

    private Task<List<(IndexedItem Item, ItemVectors Vectors)>> StoreBlocksAsync(int blocks)
        => StoreAsync([.. Enumerable.Range(0, blocks * VectorBlock.MostItems).Select(_ => Vectors())]);

    private Task RemoveAsync(IReadOnlyCollection<(IndexedItem Item, ItemVectors Vectors)> rows)
        => Items.ApplyAsync([], [.. rows.Select(row => new ItemReference(Owner.TenantId, row.Item.Id))], default);

    private async Task CleanAsync()
    {
        while (await Store.PurgeStepAsync(default))
        {
        }

        await Database.Data.ScrubAsync(TimeSpan.FromMinutes(1), default);
    }

    private async Task<int> CountCopiesAsync()
        => (int)await Database.Data.ReadAsync(session => session.Scalar("SELECT COUNT(*) FROM vector_blocks WHERE file > 0"), default);

    private async Task<List<Guid>> PlacesAsync()
    {
        using var partition = await ReadAsync();
        return partition.Read(view => view.Entries.ToArray().Select(entry => entry.Id).ToList());
    }

    private Task SpoilStoreAsync()
        => Database.Data.WriteAsync(
            session => session.Execute("UPDATE vector_contents SET content = zeroblob(100) WHERE id IN (SELECT id FROM vector_blocks WHERE file > 0)"), default);

    private Task MendStoreAsync(List<byte[]> contents)
        => Database.Data.WriteAsync(
            session =>
            {
                var ids = session.Query("SELECT id FROM vector_contents ORDER BY id", row => row.Int64(0));
                for (var at = 0; at < ids.Count; at++)
                {
                    session.Execute("UPDATE vector_contents SET content = $2 WHERE id = $1", ids[at], contents[at]);
                }
            },
            default);

    /// <summary>How often sealed bytes stand in the files of copies.</summary>
    private int Occurrences(byte[] bytes) => CopyFiles.Count(file => File.ReadAllBytes(file).AsSpan().IndexOf(bytes) >= 0);
}
