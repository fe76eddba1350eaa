using System.Text;
using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Features;
using MemoryMesh.Chat.Storage;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.Tests.Integration.Storage;

namespace MemoryMesh.Tests.Integration.Chat;

/// <summary>What the stores of Chat do, on each engine.</summary>
[TestFixtureSource(typeof(ChatEngines), nameof(ChatEngines.All))]
public class ChatStoreTests(StoreEngine engine) : ChatStoreFixture(engine)
{
    [Test]
    public async Task No_text_of_a_client_stands_in_a_file()
    {
        await Chat.Get<StoreMessages>().StoreAsync(
            new CreateMessageRequest
            {
                ConversationId = "canary-conversation",
                Role = "user",
                Content = "canary-content",
                UserId = "canary-user",
                Metadata = System.Text.Json.JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["canary-name"] = "canary-value" }),
            },
            Owner,
            new StoreOptions("canary-key", WaitFor.Nothing),
            default);
        await Chat.Get<CreateConversation>().CreateAsync(
            new CreateConversationRequest { ConversationId = "canary-other", Title = "canary-title", UserId = "canary-subject" }, Owner, "canary-again", default);
        Assert.That(Chat.FilesHold(Encoding.UTF8.GetBytes("canary")), Is.False);
        Assert.That(await Chat.Engine.HoldsAsync(Encoding.UTF8.GetBytes("canary")), Is.False);
    }

    [Test]
    public async Task Archiving_leaves_messages_readable_by_id_and_out_of_lists()
    {
        var old = await SayAsync("a", "old", createdAt: Chat.Clock.Now.AddDays(-40));
        var fresh = await SayAsync("a", "fresh");
        Assert.That(await Client.ApplyRetentionAsync(Order(days: 30, archive: true), default), Is.EqualTo(1));
        Assert.That(await Client.ApplyRetentionAsync(Order(days: 30, archive: true), default), Is.Zero);

        var messages = await Client.GetMessagesAsync(Tenant, [old, fresh, Guid.NewGuid()], default);
        Assert.That(
            messages.Select(message => (message.Id, message.Archived, message.Version, message.Content)),
            Is.EquivalentTo(new[] { (old, true, 2, "old"), (fresh, false, 1, "fresh") }));
        var key = Chat.Names.ConversationKey(Tenant, "a");
        Assert.That((await Client.GetRecentMessagesAsync(Tenant, key, null, 10, default)).Select(message => message.Content), Is.EqualTo(new[] { "fresh" }));
        Assert.That(await ListAsync(false), Is.EqualTo(new[] { "fresh" }));
        Assert.That(await ListAsync(true), Is.EqualTo(new[] { "old", "fresh" }));
        Assert.That(await Chat.EventsAsync(), Is.EqualTo(new[] { "MessageStored", "MessageStored", "MessageUpdated" }));

        // An archived message can still be changed: its text is sealed under another version than the row's.
        var (changed, _) = await Chat.Get<UpdateMessages>().UpdateAsync(
            old, new UpdateMessageRequest { Importance = 0.3 }, VersionCondition.OneOf(2), Owner, null, default);
        Assert.That((changed!.Version, changed.Archived, changed.Content), Is.EqualTo((3, true, "old")));
        Assert.That((await Client.GetMessagesAsync(Tenant, [old], default))[0].Content, Is.EqualTo("old"));

        async Task<string[]> ListAsync(bool archived)
            => [.. (await Chat.Get<ListMessages>().ListAsync(Owner, null, "a", (null, null), new MessageListFilter { Limit = 50, IncludeArchived = archived }, default)).Page!.Messages
                .Select(message => message.Content)];
    }

    [Test]
    public async Task A_rule_of_importance_takes_what_was_set_or_the_roles_own()
    {
        var past = Chat.Clock.Now.AddDays(-40);
        var ids = new Dictionary<string, Guid>();
        foreach (var role in new[] { "user", "assistant", "system", "tool" })
        {
            ids[role] = await SayAsync("a", role, role, past);
        }

        ids["unimportant"] = await SayAsync("a", "unimportant", "user", past, 0.1);
        ids["important"] = await SayAsync("a", "important", "tool", past, 0.9);
        Assert.That(await Client.ApplyRetentionAsync(Order(days: 30, archive: false, importanceBelow: 0.4), default), Is.EqualTo(3));
        Assert.That(
            (await Client.GetMessagesAsync(Tenant, [.. ids.Values], default)).Select(message => message.Content),
            Is.EquivalentTo(new[] { "user", "assistant", "important" }));
        var (conversation, _, _) = await Chat.Get<FindConversation>().FindAsync(Owner, null, "a", Permission.Read, default);
        Assert.That(conversation!.MessageCount, Is.EqualTo(3));
    }

    [Test]
    public async Task A_rule_is_applied_in_batches_until_nothing_is_left()
    {
        var past = Chat.Clock.Now.AddDays(-40);
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
        var (conversation, _, _) = await Chat.Get<FindConversation>().FindAsync(Owner, null, "c0", Permission.Read, default);
        Assert.That((conversation!.MessageCount, conversation.LastMessageAt), Is.EqualTo((0L, (DateTimeOffset?)null)));
    }

    [Test]
    public async Task A_rule_of_one_tenant_leaves_the_others()
    {
        var other = Guid.CreateVersion7();
        Chat.Members.Roles[(Owner.AccountId, other)] = TenantRole.Owner;
        var id = await SayAsync("a", "theirs", createdAt: Chat.Clock.Now.AddDays(-40), tenantId: other);
        Assert.That(await Client.ApplyRetentionAsync(Order(days: 30, archive: false), default), Is.Zero);
        Assert.That(await Client.GetMessagesAsync(other, [id], default), Has.Count.EqualTo(1));
        Assert.That(await Client.GetMessagesAsync(Tenant, [id], default), Is.Empty, "ids are looked up in their tenant only");
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
            (await Client.GetPrecedingUserMessagesAsync(Tenant, last, 3, default)).Select(message => message.Content),
            Is.EqualTo(new[] { "user 4", "user 5", "user 6" }));
        Assert.That(await Client.GetPrecedingUserMessagesAsync(Tenant, last, 50, default), Has.Count.EqualTo(5));
        Assert.That(await Client.GetPrecedingUserMessagesAsync(Guid.NewGuid(), last, 5, default), Is.Empty);
        Assert.That(await Client.GetPrecedingUserMessagesAsync(Tenant, Guid.NewGuid(), 5, default), Is.Empty);
    }

    [Test]
    public async Task Recent_messages_are_the_newest_and_only_of_the_subject_that_is_named()
    {
        for (var i = 0; i < 5; i++)
        {
            await SayAsync("a", $"m{i}", userId: "u");
        }

        var key = Chat.Names.ConversationKey(Tenant, "a");
        var subject = Chat.Names.SubjectKey(Tenant, "u");
        Assert.That((await Client.GetRecentMessagesAsync(Tenant, key, subject, 2, default)).Select(message => message.Content), Is.EqualTo(new[] { "m3", "m4" }));
        Assert.That(await Client.GetRecentMessagesAsync(Tenant, key, Guid.NewGuid(), 2, default), Is.Empty);
    }

    [Test]
    public async Task What_a_destroyed_key_sealed_is_gone()
    {
        var id = await SayAsync("a", "secret", userId: "u");
        await Chat.Database.Keys.DestroyAsync(Tenant, Chat.Names.SubjectKey(Tenant, "u"), default);
        Assert.That(await Client.GetMessagesAsync(Tenant, [id], default), Is.Empty);
        Assert.That((await Chat.Get<FindMessages>().FindAsync(Owner, null, id, Permission.Read, default)).Problem!.StatusCode, Is.EqualTo(404));
        Assert.That((await Chat.Get<ListConversations>().ListAsync(Owner, null, null, 50, null, default)).Page!.Conversations, Is.Empty);
    }

    [Test]
    public async Task Lists_go_on_past_what_cannot_be_read_any_more()
    {
        foreach (var (conversation, user) in new[] { ("a", "u"), ("b", "gone"), ("c", "u") })
        {
            Chat.Clock.Now = Chat.Clock.Now.AddSeconds(1);
            await SayAsync(conversation, $"in {conversation}", userId: user);
            await SayAsync("mixed", $"of {user}", userId: user);
        }

        await Chat.Database.Keys.DestroyAsync(Tenant, Chat.Names.SubjectKey(Tenant, "gone"), default);
        var names = new List<string>();
        string? cursor = null;
        do
        {
            var (page, _) = await Chat.Get<ListConversations>().ListAsync(Owner, null, null, 1, cursor, default);
            names.AddRange(page!.Conversations.Select(conversation => conversation.ConversationId));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.That(names, Is.EqualTo(new[] { "c", "mixed", "a" }).Or.EqualTo(new[] { "mixed", "c", "a" }));

        var contents = new List<string>();
        cursor = ListMessages.Start;
        do
        {
            var (page, _) = await Chat.Get<ListMessages>().ListAsync(Owner, null, "mixed", (null, cursor), new MessageListFilter { Limit = 1 }, default);
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
        var store = Chat.Get<IConversationStore>();
        var (seen, _) = await Chat.Get<FindMessages>().FindAsync(Owner, null, id, Permission.Read, default);
        await Chat.Get<UpdateMessages>().UpdateAsync(id, new UpdateMessageRequest { Content = "two" }, VersionCondition.Any, Owner, null, default);
        Assert.That(await store.DeleteMessagesAsync([seen!], sameVersion: true, default), Is.EqualTo(new[] { false }));
        Assert.That((await Client.GetMessagesAsync(Tenant, [id], default))[0].Content, Is.EqualTo("two"));

        var key = Chat.Names.ConversationKey(Tenant, "a");
        await Chat.Get<ChangeConversation>().UpdateAsync("a", new UpdateConversationRequest { Title = "t" }, VersionCondition.Any, Owner, null, default);
        Assert.That(await store.DeleteConversationAsync(new ConversationReach(Tenant, null), key, 1, false, default), Is.False);
        Assert.That(await store.DeleteConversationAsync(new ConversationReach(Tenant, null), key, 2, false, default), Is.True);
    }

    [Test]
    public async Task A_message_is_answered_as_stored_when_the_wait_meets_a_full_disk()
    {
        Chat.Others.Fault = new StorageUnavailableException("The store cannot be read.");
        var (stored, _) = await Chat.Get<StoreMessages>().StoreAsync(
            new CreateMessageRequest { ConversationId = "a", Role = "user", Content = "x" }, Owner, new StoreOptions(null, WaitFor.Indexed), default);
        Assert.That(stored!.Waited, Is.False);
        Assert.That(await Client.GetMessagesAsync(Tenant, [stored.Message.Id], default), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task An_answer_that_waits_tells_when_the_wait_ended_early()
    {
        foreach (var (state, waited) in new (bool?, bool)[] { (true, true), (false, false), (null, false) })
        {
            Chat.Others.Waited = state;
            var (stored, _) = await Chat.Get<StoreMessages>().StoreAsync(
                new CreateMessageRequest { ConversationId = "a", Role = "user", Content = "x" }, Owner, new StoreOptions(null, WaitFor.Indexed), default);
            Assert.That(stored!.Waited, Is.EqualTo(waited));
            Assert.That(Chat.Others.WaitedFor[^1].MessageId, Is.EqualTo(stored.Message.Id));
        }
    }

    [Test]
    public async Task Nothing_is_waited_for_where_no_memories_may_be_drawn()
    {
        Chat.Others.Waited = false;
        var (stored, _) = await Chat.Get<StoreMessages>().StoreAsync(
            new CreateMessageRequest { ConversationId = "a", Role = "user", Content = "x", ExtractMemory = false },
            Owner,
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
            Chat.Others.Drawn = drawn;
            var (stats, _) = await Chat.Get<ConversationStatistics>().CountAsync(Owner, null, "a", default);
            Assert.That((stats!.MemoriesDrawn, stats.MessageCount), Is.EqualTo((drawn, 1L)));
        }
    }

    private RetentionOrder Order(int days, bool archive, double? importanceBelow = null) => new()
    {
        TenantId = Tenant,
        CreatedBefore = Chat.Clock.Now.AddDays(-days),
        ImportanceBelow = importanceBelow,
        Archive = archive,
        BatchSize = 1_000,
    };
}
