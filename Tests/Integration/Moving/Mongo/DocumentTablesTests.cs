using MemoryMesh.Chat;
using MemoryMesh.Chat.Storage;
using MemoryMesh.Memory;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MemoryMesh.Tests.Integration.Chat;
using MemoryMesh.Tests.Integration.Memory;
using MemoryMesh.Tests.Integration.Storage;

namespace MemoryMesh.Tests.Integration.Moving;

/// <summary>The lists of what moves with conversations and with memories, held against the schemas of the files.</summary>
public class DocumentTablesTests
{
    /// <summary>What documents need, and keys and delivery do not.</summary>
    private static readonly string[] OfAnswers = ["idempotency_keys", "idempotency_subjects"];

    [Test]
    public async Task Every_table_of_conversations_moves_with_every_column()
    {
        await using var chat = new ChatServices();
        await CheckAsync(chat.Database, ChatModule.Name, ChatTables.All, MovedConversations.Tables);
    }

    [Test]
    public async Task Every_table_of_memories_moves_with_every_column()
    {
        await using var memory = new MemoryStorage(StoreEngine.Embedded, TimeProvider.System);
        await CheckAsync(memory.Database, MemoryModule.Name, MemoryTables.All, MovedMemories.Tables);
    }

    private static async Task CheckAsync(ModuleDatabase database, string service, IReadOnlyList<TableRule> rules, IReadOnlyList<DocumentTable> tables)
    {
        var schema = (await database.Data.ReadAsync(session => session.Query(session.ColumnsSql, row => (Table: row.Text(0), Column: row.Text(1))), default)).ToLookup(row => row.Table, row => row.Column);
        var shared = TableRule.Shared(service).Select(rule => rule.Name).Append("document_store").ToHashSet();
        var moved = tables.Select(table => table.Name).Concat(tables.Select(table => table.Beside?.Table).OfType<string>());
        Assert.Multiple(() =>
        {
            Assert.That(moved, Is.EquivalentTo(rules.Select(rule => rule.Name).Where(name => !shared.Contains(name)).Concat(OfAnswers)));
            foreach (var table in tables)
            {
                Assert.That(table.OwnColumns.Where(column => column != MovedColumn.RowNumber), Is.EquivalentTo(schema[table.Name]), table.Name);
            }
        });
    }
}
