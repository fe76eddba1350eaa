using MemoryMesh.Memory;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MemoryMesh.Tests.Integration.Memory;
using MemoryMesh.Tests.Integration.Storage;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Tests.Integration.Moving;

/// <summary>What Memory keeps in its file, as documents: no server is needed for that.</summary>
public class MovedRowsOfMemoryTests() : FilledMemoryFixture(StoreEngine.Embedded)
{
    [Test]
    public async Task Every_row_is_the_same_again_after_it_was_a_document()
    {
        await using var other = new MemoryStorage(StoreEngine.Embedded, Clock);
        foreach (var table in MovedMemories.Tables)
        {
            var rows = await ReadAsync(Storage, table);
            Assert.That(rows, Is.Not.Empty, table.Name);
            await other.Database.Data.WriteAsync(
                session =>
                {
                    if (table.IsMadeByTriggers)
                    {
                        table.DeleteSome(session, int.MaxValue);
                    }

                    rows.ForEach(row => table.Insert(session, table.ToRow(table.ToDocument(row))));
                },
                default);
        }

        // What documents have beside their row comes from other tables, which all have to be there.
        foreach (var table in MovedMemories.Tables)
        {
            var (rows, again) = (await ReadAsync(Storage, table), await ReadAsync(other, table));
            Assert.That(again.Select(row => row.Values), Is.EqualTo(rows.Select(row => row.Values)), table.Name);
        }
    }

    private static Task<List<MovedRow>> ReadAsync(MemoryStorage storage, DocumentTable table)
        => storage.Database.Data.ReadAsync(session => table.Read(session, null, 1_000), default);
}

/// <summary>What Memory keeps in MongoDB, as rows and back.</summary>
public class MovedDocumentsOfMemoryTests() : FilledMemoryFixture(StoreEngine.Mongo)
{
    private MongoStore Documents => Storage.GetKeyed<MongoStore>(MemoryModule.Name);

    [Test]
    public async Task A_row_becomes_the_document_that_the_store_writes_itself()
    {
        foreach (var table in MovedMemories.Tables)
        {
            var documents = await Documents.Collection(table.Collection).Find(new BsonDocument()).ToListAsync();
            Assert.That(documents, Is.Not.Empty, table.Name);
            foreach (var document in documents)
            {
                var moved = table.ToDocument(table.ToRow(document));
                Assert.That(moved["_id"], Is.EqualTo(document["_id"]), table.Name);
                Assert.That(moved.Names, Is.EquivalentTo(document.Names), table.Name);
                foreach (var field in document)
                {
                    Assert.That(moved[field.Name].CompareTo(field.Value), Is.Zero, $"{table.Name}.{field.Name} is {moved[field.Name]} instead of {field.Value}");
                }
            }
        }
    }

    [Test]
    public async Task They_become_rows_and_the_same_documents_again_also_when_the_move_is_repeated()
    {
        await using var files = new MemoryStorage(StoreEngine.Embedded, Clock);
        await using var there = new MemoryStorage(StoreEngine.Mongo, Clock);
        var moved = await DocumentMove.ToRowsAsync(Documents, files.Database, MovedMemories.Tables, default);
        Assert.That((await DocumentMove.ToRowsAsync(Documents, files.Database, MovedMemories.Tables, default)).IsSameAs(moved), Is.True);
        var target = there.GetKeyed<MongoStore>(MemoryModule.Name);
        Assert.That((await DocumentMove.ToDocumentsAsync(files.Database, there.Database, target, MovedMemories.Tables, default)).IsSameAs(moved), Is.True);
        Assert.That((await DocumentMove.ToDocumentsAsync(files.Database, there.Database, target, MovedMemories.Tables, default)).IsSameAs(moved), Is.True);
        Assert.That(target.LastSequence, Is.EqualTo(Documents.LastSequence), "numbers go on behind the last one");
    }
}
