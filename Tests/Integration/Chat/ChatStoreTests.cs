using System.Text;
using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Features;
using MemoryMesh.Chat.Storage;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Tests.Integration.Chat;

public class ChatStoreTests
{
    private readonly Guid _tenant = Guid.CreateVersion7();
    private ChatServices _chat = null!;
    private Caller _owner = null!;

    private IChatClient Client => _chat.Get<IChatClient>();

    [SetUp]
    public void Open()
    {
        _chat = new ChatServices();
        _owner = _chat.Person(_tenant, TenantRole.Owner);
    }

    [TearDown]
    public async Task CloseAsync() => await _chat.DisposeAsync();

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
            texts[id] = (await _chat.Database.Data.ReadAsync(
                session => session.QueryFirst("SELECT content FROM messages WHERE id = $1", row => row.Bytes(0), id), default))!;
            Assert.That(_chat.FilesHold(texts[id]), Is.True);
        }

        await _chat.Get<DeleteMessages>().DeleteAsync(deleted, VersionCondition.Any, _owner, null, default);
        await _chat.Get<UpdateMessages>().UpdateAsync(replaced, new UpdateMessageRequest { Content = "new" }, VersionCondition.Any, _owner, null, default);
        await _chat.Get<ChangeConversation>().DeleteAsync("b", VersionCondition.Any, false, _owner, null, default);
        await _chat.Database.Data.ScrubAsync(TimeSpan.FromSeconds(10), default);
        Assert.Multiple(() =>
        {
            Assert.That(_chat.FilesHold(texts[deleted]), Is.False);
            Assert.That(_chat.FilesHold(texts[replaced]), Is.False);
            Assert.That(_chat.FilesHold(texts[swept]), Is.False);
            Assert.That(_chat.FilesHold(texts[kept]), Is.True);
        });
        Assert.That(
            await _chat.EventsAsync(),
            Is.EqualTo(new[] { "MessageStored", "MessageStored", "MessageStored", "MessageStored", "MessageDeleted", "MessageUpdated", "ConversationDeleted" }));
    }

    [Test]
    public async Task No_text_of_a_client_stands_in_a_file()
    {
        await _chat.Get<StoreMessages>().StoreAsync(
            new CreateMessageRequest
            {
                ConversationId = "canary-conversation",
                Role = "user",
                Content = "canary-content",
                UserId = "canary-user",
                Metadata = System.Text.Json.JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["canary-name"] = "canary-value" }),
            },
            _owner,
            new StoreOptions("canary-key", WaitFor.Nothing),
            default);
        await _chat.Get<CreateConversation>().CreateAsync(
            new CreateConversationRequest { ConversationId = "canary-other", Title = "canary-title", UserId = "canary-subject" }, _owner, "canary-again", default);
        Assert.That(_chat.FilesHold(Encoding.UTF8.GetBytes("canary")), Is.False);
    }

    [Test]
    public async Task A_key_is_free_again_after_24_hours_and_its_row_is_purged()
    {
        var request = new CreateMessageRequest { ConversationId = "a", Role = "user", Content = "x" };
        var options = new StoreOptions("key", WaitFor.Nothing);
        var (first, _) = await _chat.Get<StoreMessages>().StoreAsync(request, _owner, options, default);
        _chat.Clock.Now += TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(1);
        var (replayed, _) = await _chat.Get<StoreMessages>().StoreAsync(request, _owner, options, default);
        Assert.That(replayed!.Message, Is.EqualTo(first!.Message));
        Assert.That(await PurgeAsync(), Is.Zero);

        _chat.Clock.Now += TimeSpan.FromMilliseconds(1);
        var (second, _) = await _chat.Get<StoreMessages>().StoreAsync(request, _owner, options, default);
        Assert.That((second!.Replayed, second.Message.Id), Is.Not.EqualTo((true, first.Message.Id)));
        Assert.That(await PurgeAsync(), Is.Zero, "the row is the new one's");
        _chat.Clock.Now += TimeSpan.FromHours(24);
        Assert.That(await PurgeAsync(), Is.EqualTo(1));

        Task<int> PurgeAsync() => _chat.Database.Data.WriteAsync(session => IdempotencyTable.Purge(session, _chat.Clock.Now, 100), default);
    }

    [Test]
    public async Task A_purge_takes_no_more_rows_than_it_is_told()
    {
        for (var i = 0; i < 5; i++)
        {
            await _chat.Get<StoreMessages>().StoreAsync(
                new CreateMessageRequest { ConversationId = "a", Role = "user", Content = "x" }, _owner, new StoreOptions($"key-{i}", WaitFor.Nothing), default);
        }

        var later = _chat.Clock.Now.AddDays(2);
        Assert.That(await _chat.Database.Data.WriteAsync(session => IdempotencyTable.Purge(session, later, 3), default), Is.EqualTo(3));
        Assert.That(await _chat.Database.Data.WriteAsync(session => IdempotencyTable.Purge(session, later, 3), default), Is.EqualTo(2));
    }

    [Test]
    public async Task Archiving_leaves_messages_readable_by_id_and_out_of_lists()
    {
        var old = await SayAsync("a", "old", createdAt: _chat.Clock.Now.AddDays(-40));
        var fresh = await SayAsync("a", "fresh");
        Assert.That(await Client.ApplyRetentionAsync(Order(days: 30, archive: true), default), Is.EqualTo(1));
        Assert.That(await Client.ApplyRetentionAsync(Order(days: 30, archive: true), default), Is.Zero);

        var messages = await Client.GetMessagesAsync(_tenant, [old, fresh, Guid.NewGuid()], default);
        Assert.That(
            messages.Select(message => (message.Id, message.Archived, message.Version, message.Content)),
            Is.EquivalentTo(new[] { (old, true, 2, "old"), (fresh, false, 1, "fresh") }));
        var key = _chat.Names.ConversationKey(_tenant, "a");
        Assert.That((await Client.GetRecentMessagesAsync(_tenant, key, null, 10, default)).Select(message => message.Content), Is.EqualTo(new[] { "fresh" }));
        Assert.That(await ListAsync(false), Is.EqualTo(new[] { "fresh" }));
        Assert.That(await ListAsync(true), Is.EqualTo(new[] { "old", "fresh" }));
        Assert.That(await _chat.EventsAsync(), Is.EqualTo(new[] { "MessageStored", "MessageStored", "MessageUpdated" }));

        // An archived message can still be changed: its text is sealed under another version than the row's.
        var (changed, _) = await _chat.Get<UpdateMessages>().UpdateAsync(
            old, new UpdateMessageRequest { Importance = 0.3 }, VersionCondition.OneOf(2), _owner, null, default);
        Assert.That((changed!.Version, changed.Archived, changed.Content), Is.EqualTo((3, true, "old")));
        Assert.That((await Client.GetMessagesAsync(_tenant, [old], default))[0].Content, Is.EqualTo("old"));

        async Task<string[]> ListAsync(bool archived)
            => [.. (await _chat.Get<ListMessages>().ListAsync(_owner, null, "a", (null, null), new MessageListFilter { Limit = 50, IncludeArchived = archived }, default)).Page!.Messages
                .Select(message => message.Content)];
    }

    [Test]
    public async Task A_rule_of_importance_takes_what_was_set_or_the_roles_own()
    {
        var past = _chat.Clock.Now.AddDays(-40);
        var ids = new Dictionary<string, Guid>();
        foreach (var role in new[] { "user", "assistant", "system", "tool" })
        {
            ids[role] = await SayAsync("a", role, role, past);
        }

        ids["unimportant"] = await SayAsync("a", "unimportant", "user", past, 0.1);
        ids["important"] = await SayAsync("a", "important", "tool", past, 0.9);
        Assert.That(await Client.ApplyRetentionAsync(Order(days: 30, archive: false, importanceBelow: 0.4), default), Is.EqualTo(3));
        Assert.That(
            (await Client.GetMessagesAsync(_tenant, [.. ids.Values], default)).Select(message => message.Content),
            Is.EquivalentTo(new[] { "user", "assistant", "important" }));
        var (conversation, _, _) = await _chat.Get<FindConversation>().FindAsync(_owner, null, "a", Permission.Read, default);
        Assert.That(conversation!.MessageCount, Is.EqualTo(3));
    }

    [Test]
    public async Task A_rule_is_applied_in_batches_until_nothing_is_left()
    {
        var past = _chat.Clock.Now.AddDays(-40);
        for (var i = 0; i < 7; i++)
        {
            await SayAsync($"c{i % 2}", $"m{i}", createdAt: past);
        }

        var counts = new List<int>();
        do
        {
            counts.Add(await Client.ApplyRetentionAsync(Order(days: 30, archive: false) with { BatchSize = 3 }, default));
        }
        while (counts[^1] > 0);
        Assert.That(counts, Is.EqualTo(new[] { 3, 3, 1, 0 }));
        var (conversation, _, _) = await _chat.Get<FindConversation>().FindAsync(_owner, null, "c0", Permission.Read, default);
        Assert.That((conversation!.MessageCount, conversation.LastMessageAt), Is.EqualTo((0L, (DateTimeOffset?)null)));
    }

    [Test]
    public async Task A_rule_of_one_tenant_leaves_the_others()
    {
        var other = Guid.CreateVersion7();
        _chat.Members.Roles[(_owner.AccountId, other)] = TenantRole.Owner;
        var id = await SayAsync("a", "theirs", createdAt: _chat.Clock.Now.AddDays(-40), tenantId: other);
        Assert.That(await Client.ApplyRetentionAsync(Order(days: 30, archive: false), default), Is.Zero);
        Assert.That(await Client.GetMessagesAsync(other, [id], default), Has.Count.EqualTo(1));
        Assert.That(await Client.GetMessagesAsync(_tenant, [id], default), Is.Empty, "ids are looked up in their tenant only");
    }

    [Test]
    public async Task What_precedes_a_message_are_user_messages_of_the_same_conversation_and_subject()
    {
        await SayAsync("other", "elsewhere", userId: "u");
        for (var i = 0; i < 7; i++)
        {
            await SayAsync("a", $"user {i}", userId: "u");
            await SayAsync("a", $"assistant {i}", "assistant", userId: "u");
        }

        await SayAsync("a", "about another", userId: "v");
        var last = await SayAsync("a", "it", userId: "u");
        await SayAsync("a", "later", userId: "u");
        Assert.That(
            (await Client.GetPrecedingUserMessagesAsync(_tenant, last, 3, default)).Select(message => message.Content),
            Is.EqualTo(new[] { "user 4", "user 5", "user 6" }));
        Assert.That(await Client.GetPrecedingUserMessagesAsync(_tenant, last, 50, default), Has.Count.EqualTo(5));
        Assert.That(await Client.GetPrecedingUserMessagesAsync(Guid.NewGuid(), last, 5, default), Is.Empty);
        Assert.That(await Client.GetPrecedingUserMessagesAsync(_tenant, Guid.NewGuid(), 5, default), Is.Empty);
    }

    [Test]
    public async Task Recent_messages_are_the_newest_and_only_of_the_subject_that_is_named()
    {
        for (var i = 0; i < 5; i++)
        {
            await SayAsync("a", $"m{i}", userId: "u");
        }

        var key = _chat.Names.ConversationKey(_tenant, "a");
        var subject = _chat.Names.SubjectKey(_tenant, "u");
        Assert.That((await Client.GetRecentMessagesAsync(_tenant, key, subject, 2, default)).Select(message => message.Content), Is.EqualTo(new[] { "m3", "m4" }));
        Assert.That(await Client.GetRecentMessagesAsync(_tenant, key, Guid.NewGuid(), 2, default), Is.Empty);
    }

    [Test]
    public async Task What_a_destroyed_key_sealed_is_gone()
    {
        var id = await SayAsync("a", "secret", userId: "u");
        await _chat.Database.Keys.DestroyAsync(_tenant, _chat.Names.SubjectKey(_tenant, "u"), default);
        Assert.That(await Client.GetMessagesAsync(_tenant, [id], default), Is.Empty);
        Assert.That((await _chat.Get<FindMessages>().FindAsync(_owner, null, id, Permission.Read, default)).Problem!.StatusCode, Is.EqualTo(404));
        Assert.That((await _chat.Get<ListConversations>().ListAsync(_owner, null, null, 50, null, default)).Page!.Conversations, Is.Empty);
    }

    [Test]
    public async Task Lists_go_on_past_what_cannot_be_read_any_more()
    {
        foreach (var (conversation, user) in new[] { ("a", "u"), ("b", "gone"), ("c", "u") })
        {
            _chat.Clock.Now = _chat.Clock.Now.AddSeconds(1);
            await SayAsync(conversation, $"in {conversation}", userId: user);
            await SayAsync("mixed", $"of {user}", userId: user);
        }

        await _chat.Database.Keys.DestroyAsync(_tenant, _chat.Names.SubjectKey(_tenant, "gone"), default);
        var names = new List<string>();
        string? cursor = null;
        do
        {
            var (page, _) = await _chat.Get<ListConversations>().ListAsync(_owner, null, null, 1, cursor, default);
            names.AddRange(page!.Conversations.Select(conversation => conversation.ConversationId));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.That(names, Is.EqualTo(new[] { "c", "mixed", "a" }).Or.EqualTo(new[] { "mixed", "c", "a" }));

        var contents = new List<string>();
        cursor = ListMessages.Start;
        do
        {
            var (page, _) = await _chat.Get<ListMessages>().ListAsync(_owner, null, "mixed", (null, cursor), new MessageListFilter { Limit = 1 }, default);
            contents.AddRange(page!.Messages.Select(message => message.Content));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.That(contents, Is.EqualTo(new[] { "of u", "of u" }));
    }

    [Test]
    public async Task A_deletion_of_one_version_leaves_a_newer_one()
    {
        var id = await SayAsync("a", "one");
        var store = _chat.Get<IConversationStore>();
        var (seen, _) = await _chat.Get<FindMessages>().FindAsync(_owner, null, id, Permission.Read, default);
        await _chat.Get<UpdateMessages>().UpdateAsync(id, new UpdateMessageRequest { Content = "two" }, VersionCondition.Any, _owner, null, default);
        Assert.That(await store.DeleteMessagesAsync([seen!], sameVersion: true, default), Is.EqualTo(new[] { false }));
        Assert.That((await Client.GetMessagesAsync(_tenant, [id], default))[0].Content, Is.EqualTo("two"));

        var key = _chat.Names.ConversationKey(_tenant, "a");
        await _chat.Get<ChangeConversation>().UpdateAsync("a", new UpdateConversationRequest { Title = "t" }, VersionCondition.Any, _owner, null, default);
        Assert.That(await store.DeleteConversationAsync(new ConversationReach(_tenant, null), key, 1, false, default), Is.False);
        Assert.That(await store.DeleteConversationAsync(new ConversationReach(_tenant, null), key, 2, false, default), Is.True);
    }

    [Test]
    public async Task A_message_is_answered_as_stored_when_the_wait_meets_a_full_disk()
    {
        _chat.Others.Fault = new StorageUnavailableException("The store cannot be read.");
        var (stored, _) = await _chat.Get<StoreMessages>().StoreAsync(
            new CreateMessageRequest { ConversationId = "a", Role = "user", Content = "x" }, _owner, new StoreOptions(null, WaitFor.Indexed), default);
        Assert.That(stored!.Waited, Is.False);
        Assert.That(await Client.GetMessagesAsync(_tenant, [stored.Message.Id], default), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task An_answer_that_waits_tells_when_the_wait_ended_early()
    {
        foreach (var (state, waited) in new (bool?, bool)[] { (true, true), (false, false), (null, false) })
        {
            _chat.Others.Waited = state;
            var (stored, _) = await _chat.Get<StoreMessages>().StoreAsync(
                new CreateMessageRequest { ConversationId = "a", Role = "user", Content = "x" }, _owner, new StoreOptions(null, WaitFor.Indexed), default);
            Assert.That(stored!.Waited, Is.EqualTo(waited));
            Assert.That(_chat.Others.WaitedFor[^1].MessageId, Is.EqualTo(stored.Message.Id));
        }
    }

    [Test]
    public async Task Nothing_is_waited_for_where_no_memories_may_be_drawn()
    {
        _chat.Others.Waited = false;
        var (stored, _) = await _chat.Get<StoreMessages>().StoreAsync(
            new CreateMessageRequest { ConversationId = "a", Role = "user", Content = "x", ExtractMemory = false },
            _owner,
            new StoreOptions(null, WaitFor.Memories),
            default);
        Assert.That(stored!.Waited, Is.True);
    }

    [Test]
    public async Task Statistics_go_without_memories_when_memory_cannot_be_reached()
    {
        await SayAsync("a", "x");
        foreach (var drawn in new int?[] { 3, null })
        {
            _chat.Others.Drawn = drawn;
            var (stats, _) = await _chat.Get<ConversationStatistics>().CountAsync(_owner, null, "a", default);
            Assert.That((stats!.MemoriesDrawn, stats.MessageCount), Is.EqualTo((drawn, 1L)));
        }
    }

    [Test]
    public async Task Every_table_of_the_store_has_a_rule_for_personal_data()
    {
        var tables = await _chat.Database.Data.ReadAsync(
            session => session.Query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", row => row.Text(0)), default);
        Assert.That(ChatTables.All.Select(rule => rule.Name), Is.EquivalentTo(tables));
    }

    [TestCase("SELECT * FROM messages m WHERE m.tenant_id = x'00' AND m.conversation_key = x'00' AND (m.created_at, m.seq) > (1, 2) ORDER BY m.created_at, m.seq", "messages_order")]
    [TestCase("SELECT * FROM conversations WHERE tenant_id = x'00' AND (activity_at, conversation_key) < (1, x'00') ORDER BY activity_at DESC, conversation_key DESC", "conversations_activity")]
    [TestCase("SELECT id FROM messages WHERE tenant_id = x'00' AND created_at < 5 AND archived = 0 ORDER BY created_at", "messages_age")]
    [TestCase("SELECT tenant_id FROM messages WHERE id = x'00'", "messages_id")]
    public async Task A_list_is_read_by_its_index_without_sorting(string sql, string index)
    {
        var plan = string.Join('\n', await _chat.Database.Data.ReadAsync(session => session.Query($"EXPLAIN QUERY PLAN {sql}", row => row.Text(3)), default));
        Assert.That(plan, Does.Contain(index));
        Assert.That(plan, Does.Not.Contain("TEMP B-TREE"));
    }

    private RetentionOrder Order(int days, bool archive, double? importanceBelow = null) => new()
    {
        TenantId = _tenant,
        CreatedBefore = _chat.Clock.Now.AddDays(-days),
        ImportanceBelow = importanceBelow,
        Archive = archive,
        BatchSize = 1_000,
    };

    private async Task<Guid> SayAsync(
        string conversation,
        string content,
        string role = "user",
        DateTimeOffset? createdAt = null,
        double? importance = null,
        string? userId = null,
        Guid? tenantId = null)
    {
        var (stored, problem) = await _chat.Get<StoreMessages>().StoreAsync(
            new CreateMessageRequest
            {
                TenantId = tenantId?.ToString(),
                ConversationId = conversation,
                Role = role,
                Content = content,
                CreatedAt = createdAt,
                Importance = importance,
                UserId = userId,
            },
            _owner,
            default,
            default);
        Assert.That(problem, Is.Null);
        return stored!.Message.Id;
    }
}
