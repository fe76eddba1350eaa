using MemoryMesh.Chat;
using MemoryMesh.Chat.Storage;
using MemoryMesh.Chat.Storage.Mongo;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Mongo;
using MemoryMesh.Tests.Integration.Messaging;
using MemoryMesh.Tests.Integration.Storage;
using MemoryMesh.Tests.Shared;
using MongoDB.Bson;
using MongoDB.Driver;

namespace MemoryMesh.Tests.Integration.Chat;

/// <summary>What holds of documents in MongoDB after crashes, in the hands of two processes, and while the server is away.</summary>
public class MongoStoreTests() : ChatStoreFixture(StoreEngine.Mongo)
{
    private MongoStore Store => Chat.GetKeyed<MongoStore>(ChatModule.Name);

    [Test]
    public async Task A_commit_that_was_not_carried_out_is_when_the_store_is_opened()
    {
        var id = await SayAsync("a", "committed");
        await Chat.Engine.SettleAsync();
        await Store.Collection(ChatCollections.Messages).DeleteManyAsync(new BsonDocument());
        await Store.Collection(ChatCollections.Conversations).DeleteManyAsync(new BsonDocument());
        await ReopenAsync();
        Assert.That((await Client.GetMessagesAsync(Tenant, [id], default)).Single().Content, Is.EqualTo("committed"));
        Assert.That(await Chat.EventsAsync(), Is.EqualTo(new[] { "MessageStored" }), "the event was taken over before");

        // Carried out again where it had been: nothing changes.
        await ReopenAsync();
        var totals = await Chat.Engine.CountAsync(Tenant);
        Assert.That((totals.Messages, totals.Conversations), Is.EqualTo((1L, 1L)));
        Assert.That(await Chat.EventsAsync(), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task Events_that_were_committed_and_not_taken_over_are_after_the_next_start_in_their_order()
    {
        await SayAsync("a", "one");
        await Chat.Engine.SettleAsync();
        await Store.Collection("events").InsertOneAsync(EventOf("MessageDeleted", 3));
        await Store.Collection("events").InsertOneAsync(EventOf("MessageUpdated", 2));
        await ReopenAsync();
        await Eventually.TrueAsync(async () => (await Chat.EventsAsync()).Length == 3, Eventually.Patience, () => "The events were not taken over.");
        Assert.That(await Chat.EventsAsync(), Is.EqualTo(new[] { "MessageStored", "MessageUpdated", "MessageDeleted" }));

        // One that was taken over and could not be deleted is not taken twice.
        await Store.Collection("events").InsertOneAsync(EventOf("MessageDeleted", 3));
        await SayAsync("a", "two");
        await Eventually.TrueAsync(
            async () => await Store.Collection("events").CountDocumentsAsync(new BsonDocument()) == 0, Eventually.Patience, () => "The events were not deleted.");
        Assert.That((await Chat.EventsAsync()).Count(name => name == "MessageDeleted"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_change_that_is_too_large_for_one_document_is_committed_as_a_whole()
    {
        var reach = new ConversationReach(Tenant, null);
        var messages = Enumerable.Range(0, 300).Select(i => Message("large", $"{i} {new string('x', 30_000)}")).ToList();
        await Chat.Get<IConversationStore>().AddMessagesAsync([.. messages.Select(message => (message, reach))], null, default);
        var found = await Chat.Get<IConversationStore>().FindMessagesAsync(reach, [.. messages.Select(message => message.Id)], default);
        Assert.That(found.Select(message => message.Content), Is.EquivalentTo(messages.Select(message => message.Content)));
        Assert.That(await Store.Collection("parts").CountDocumentsAsync(new BsonDocument()), Is.Zero, "parts go when they are carried out");
        Assert.That(await Chat.EventsAsync(), Has.Length.EqualTo(300));
        await ReopenAsync();
        Assert.That((await Chat.Engine.CountAsync(Tenant)).Messages, Is.EqualTo(300));
    }

    [Test]
    public async Task The_data_of_another_folder_and_that_of_other_keys_is_refused()
    {
        await SayAsync("a", "mine");
        var address = Chat.Settings["ConnectionStrings:chat"]!;
        Assert.That(
            () => new ChatServices(StoreEngine.Mongo, null, ("ConnectionStrings:chat", address)),
            Throws.InstanceOf<StartupException>().With.Message.Contains("another data folder"));
        Assert.That(await Client.GetMessagesAsync(Tenant, [await SayAsync("a", "still mine")], default), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Who_was_cut_off_cannot_commit_and_goes_on_once_it_has_the_store_again()
    {
        await SayAsync("a", "one");
        await Store.Collection("state").UpdateOneAsync(new BsonDocument("_id", "writer"), new BsonDocument("$inc", new BsonDocument("epoch", 1L)));
        Assert.That(async () => await SayAsync("a", "lost"), Throws.InstanceOf<StorageUnavailableException>());
        await Eventually.TrueAsync(() => TrySayAsync("after"), Eventually.Patience, () => "It did not recover.");
        Assert.That(await ContentsAsync(), Is.EqualTo(new[] { "one", "after" }));
    }

    [Test]
    public async Task While_the_server_is_away_work_is_refused_and_then_goes_on()
    {
        var direct = Chat.Settings["ConnectionStrings:chat"]!;
        var address = new MongoUrlBuilder(direct);
        await Chat.CloseAsync();
        var proxy = new FaultProxy(address.Server.Port);
        address.Server = new MongoServerAddress("127.0.0.1", proxy.Port);
        Chat = new ChatServices(StoreEngine.Mongo, Chat, ("ConnectionStrings:chat", address.ToString()));
        var answered = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            // The driver may have carried it out over another connection; what was answered must be there, and once.
            proxy.CutAfter(sent: 200 * i);
            if (await TrySayAsync($"m{i}"))
            {
                answered.Add($"m{i}");
            }
        }

        proxy.CutAfter();
        await Eventually.TrueAsync(() => TrySayAsync("last"), Eventually.Patience, () => "It did not recover.");
        var contents = await ContentsAsync();
        Assert.That(contents, Is.SupersetOf(answered.Append("last")).And.Unique);
        await proxy.DisposeAsync();
        Assert.That(async () => await SayAsync("a", "refused"), Throws.InstanceOf<StorageUnavailableException>());
        Chat.Settings["ConnectionStrings:chat"] = direct;
        await ReopenAsync();
    }

    [Test]
    public async Task Writes_at_the_same_time_share_commits_and_count_right()
    {
        var writes = Enumerable.Range(0, 400).Select(i => SayAsync($"c{i % 7}", $"m{i}", userId: $"u{i % 5}"));
        var ids = await Task.WhenAll(writes);
        Assert.That(ids.Distinct().Count(), Is.EqualTo(400));
        var totals = await Chat.Engine.CountAsync(Tenant);
        Assert.That((totals.Messages, totals.Conversations, totals.WrongTokens), Is.EqualTo((400L, 7L, 0L)));
        Assert.That(await Chat.Get<IConversationStore>().CountMessagesAsync(new ConversationReach(Tenant, null), default), Is.EqualTo(400));
        Assert.That(await Chat.EventsAsync(), Has.Length.EqualTo(400));
        var sequences = (await Store.Collection(ChatCollections.Messages).Find(new BsonDocument()).ToListAsync()).ConvertAll(message => message.Int64("seq"));
        Assert.That(sequences, Is.Unique);
    }

    [Test]
    public async Task Every_collection_is_that_of_a_table_with_a_rule()
    {
        await SayAsync("a", "x");
        Assert.That(ChatTables.All.Select(rule => rule.Name), Is.SupersetOf(ChatCollections.All.Select(plan => plan.Name)));
    }

    private static BsonDocument EventOf(string name, long place) => new()
    {
        ["_id"] = place,
        ["id"] = Guid.CreateVersion7().Bson(),
        ["type"] = $"MemoryMesh.Contracts.Events.{name}",
        ["body"] = "{}",
        ["occurred_at"] = DateTimeOffset.UnixEpoch.Bson(),
        ["trace"] = BsonNull.Value,
    };

    private async Task ReopenAsync()
    {
        await Chat.CloseAsync();
        Chat = new ChatServices(StoreEngine.Mongo, Chat);
    }

    private async Task<bool> TrySayAsync(string content)
    {
        try
        {
            await SayAsync("a", content);
            return true;
        }
        catch (StorageUnavailableException)
        {
            return false;
        }
    }

    private async Task<string[]> ContentsAsync()
        => [.. (await Client.GetRecentMessagesAsync(Tenant, Chat.Names.ConversationKey(Tenant, "a"), null, 10, default)).Select(message => message.Content)];

    private MessageRecord Message(string conversation, string content) => new()
    {
        Id = Guid.CreateVersion7(),
        TenantId = Tenant,
        ConversationKey = Chat.Names.ConversationKey(Tenant, conversation),
        ConversationId = conversation,
        SubjectKey = Chat.Names.SubjectKey(Tenant, "u"),
        UserId = "u",
        Role = "user",
        Content = content,
        ExtractMemory = false,
        Version = 1,
        CreatedAt = Chat.Clock.Now,
        UpdatedAt = Chat.Clock.Now,
    };
}
