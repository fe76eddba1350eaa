using MemoryMesh.Chat;
using MemoryMesh.Chat.Storage;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Integration.Chat;

namespace MemoryMesh.Tests.Integration.Moving;

/// <summary>The list of what moves with conversations, held against the schema of Chat's file.</summary>
public class ConversationTablesTests
{
    /// <summary>What documents need, and keys and delivery do not.</summary>
    private static readonly string[] OfAnswers = ["idempotency_keys", "idempotency_subjects"];

    [Test]
    public async Task Every_table_of_conversations_moves_with_every_column()
    {
        await using var chat = new ChatServices();
        var schema = (await chat.Database.Data.ReadAsync(session => session.Query(session.ColumnsSql, row => (Table: row.Text(0), Column: row.Text(1))), default)).ToLookup(row => row.Table, row => row.Column);
        var shared = TableRule.Shared(ChatModule.Name).Select(rule => rule.Name).Append("document_store").ToHashSet();
        var moved = ConversationMove.Tables.Select(table => table.Name).Concat(ConversationMove.Tables.Select(table => table.Beside?.Table).OfType<string>());
        Assert.Multiple(() =>
        {
            Assert.That(moved, Is.EquivalentTo(ChatTables.All.Select(rule => rule.Name).Where(name => !shared.Contains(name)).Concat(OfAnswers)));
            foreach (var table in ConversationMove.Tables)
            {
                Assert.That(table.OwnColumns, Is.EquivalentTo(schema[table.Name]), table.Name);
            }
        });
    }
}
