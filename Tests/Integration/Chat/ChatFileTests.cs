using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Features;
using MemoryMesh.Chat.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Integration.Storage;

namespace MemoryMesh.Tests.Integration.Chat;

/// <summary>What the file of Chat holds, and how it is read.</summary>
public class ChatFileTests() : ChatStoreFixture(StoreEngine.Embedded)
{
    [Test]
    public async Task Deleted_texts_leave_the_files_after_the_scrub()
    {
        var deleted = await SayAsync("a", "deleted alone");
        var replaced = await SayAsync("a", "replaced");
        var kept = await SayAsync("a", "kept");
        var swept = await SayAsync("b", "deleted with its conversation");
        var texts = new Dictionary<Guid, byte[]>();
        foreach (var id in new[] { deleted, replaced, kept, swept })
        {
            texts[id] = (await Chat.Database.Data.ReadAsync(
                session => session.QueryFirst("SELECT content FROM messages WHERE id = $1", row => row.Bytes(0), id), default))!;
            Assert.That(Chat.FilesHold(texts[id]), Is.True);
        }

        await Chat.Get<DeleteMessages>().DeleteAsync(deleted, VersionCondition.Any, Owner, null, default);
        await Chat.Get<UpdateMessages>().UpdateAsync(replaced, new UpdateMessageRequest { Content = "new" }, VersionCondition.Any, Owner, null, default);
        await Chat.Get<ChangeConversation>().DeleteAsync("b", VersionCondition.Any, false, Owner, null, default);
        await Chat.Database.Data.ScrubAsync(TimeSpan.FromSeconds(10), default);
        Assert.Multiple(() =>
        {
            Assert.That(Chat.FilesHold(texts[deleted]), Is.False);
            Assert.That(Chat.FilesHold(texts[replaced]), Is.False);
            Assert.That(Chat.FilesHold(texts[swept]), Is.False);
            Assert.That(Chat.FilesHold(texts[kept]), Is.True);
        });
        Assert.That(
            await Chat.EventsAsync(),
            Is.EqualTo(new[] { "MessageStored", "MessageStored", "MessageStored", "MessageStored", "MessageDeleted", "MessageUpdated", "ConversationDeleted" }));
    }

    [Test]
    public async Task A_key_is_free_again_after_24_hours_and_its_row_is_purged()
    {
        var request = new CreateMessageRequest { ConversationId = "a", Role = "user", Content = "x" };
        var options = new StoreOptions("key", WaitFor.Nothing);
        var (first, _) = await Chat.Get<StoreMessages>().StoreAsync(request, Owner, options, default);
        Chat.Clock.Now += TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(1);
        var (replayed, _) = await Chat.Get<StoreMessages>().StoreAsync(request, Owner, options, default);
        Assert.That(replayed!.Message, Is.EqualTo(first!.Message));
        Assert.That(await PurgeAsync(), Is.Zero);

        Chat.Clock.Now += TimeSpan.FromMilliseconds(1);
        var (second, _) = await Chat.Get<StoreMessages>().StoreAsync(request, Owner, options, default);
        Assert.That((second!.Replayed, second.Message.Id), Is.Not.EqualTo((true, first.Message.Id)));
        Assert.That(await PurgeAsync(), Is.Zero, "the row is the new one's");
        Chat.Clock.Now += TimeSpan.FromHours(24);
        Assert.That(await PurgeAsync(), Is.EqualTo(1));

        Task<int> PurgeAsync() => Chat.Database.Data.WriteAsync(session => IdempotencyTable.Purge(session, Chat.Clock.Now, 100), default);
    }

    [Test]
    public async Task A_purge_takes_no_more_rows_than_it_is_told()
    {
        for (var i = 0; i < 5; i++)
        {
            await Chat.Get<StoreMessages>().StoreAsync(
                new CreateMessageRequest { ConversationId = "a", Role = "user", Content = "x" }, Owner, new StoreOptions($"key-{i}", WaitFor.Nothing), default);
        }

        var later = Chat.Clock.Now.AddDays(2);
        Assert.That(await Chat.Database.Data.WriteAsync(session => IdempotencyTable.Purge(session, later, 3), default), Is.EqualTo(3));
        Assert.That(await Chat.Database.Data.WriteAsync(session => IdempotencyTable.Purge(session, later, 3), default), Is.EqualTo(2));
    }

    [Test]
    public async Task Every_table_of_the_store_has_a_rule_for_personal_data()
    {
        var tables = await Chat.Database.Data.ReadAsync(
            session => session.Query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", row => row.Text(0)), default);
        Assert.That(ChatTables.All.Select(rule => rule.Name), Is.EquivalentTo(tables));
    }

    [TestCase("SELECT * FROM messages m WHERE m.tenant_id = x'00' AND m.conversation_key = x'00' AND (m.created_at, m.seq) > (1, 2) ORDER BY m.created_at, m.seq", "messages_order")]
    [TestCase("SELECT * FROM conversations WHERE tenant_id = x'00' AND (activity_at, conversation_key) < (1, x'00') ORDER BY activity_at DESC, conversation_key DESC", "conversations_activity")]
    [TestCase("SELECT id FROM messages WHERE tenant_id = x'00' AND created_at < 5 AND archived = 0 ORDER BY created_at", "messages_age")]
    [TestCase("SELECT tenant_id FROM messages WHERE id = x'00'", "messages_id")]
    public async Task A_list_is_read_by_its_index_without_sorting(string sql, string index)
    {
        var plan = string.Join('\n', await Chat.Database.Data.ReadAsync(session => session.Query($"EXPLAIN QUERY PLAN {sql}", row => row.Text(3)), default));
        Assert.That(plan, Does.Contain(index));
        Assert.That(plan, Does.Not.Contain("TEMP B-TREE"));
    }
}
