using MemoryMesh.Contracts.Events;
using MemoryMesh.Contracts.Search;
using MemoryMesh.Search.Consumers;
using MemoryMesh.Search.Filters;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Search;

public class ItemIndexTests : SearchFixture
{
    private static readonly Guid Other = new("0c000000-0000-7000-8000-000000000001");

    [Test]
    public async Task A_message_is_found_by_another_form_of_its_words()
    {
        await IndexAsync("I need help with Python programming");
        await IndexAsync("We had tea");
        Assert.That(await FindAsync("python"), Is.EqualTo((string[])["I need help with Python programming"]));
        Assert.That(await FindAsync("programs"), Is.EqualTo((string[])["I need help with Python programming"]));
        Assert.That(await FindAsync("coffee"), Is.Empty);
    }

    [Test]
    public async Task The_message_that_holds_more_of_the_query_comes_first()
    {
        await IndexAsync("the green bicycle");
        await IndexAsync("green tea and green apples");
        await IndexAsync("tea");
        await IndexAsync("nothing of it");
        Assert.That(await FindAsync("green tea"), Has.Count.EqualTo(3).And.ItemAt(0).EqualTo("green tea and green apples"));
    }

    [TestCase("green tea")]
    [TestCase("green tea and green apples")]
    [TestCase("the green tea is on the shelf in the kitchen")]
    public async Task A_message_that_says_it_itself_comes_before_one_that_follows_it(string said)
    {
        await IndexAsync("the green bicycle");
        await IndexAsync(said);
        await IndexAsync("tea");
        await IndexAsync("nothing of it");
        await EmbedAsync();
        Assert.That(await FindAsync("green tea"), Has.ItemAt(0).EqualTo(said).And.ItemAt(1).EqualTo("tea"));
    }

    [Test]
    public async Task Another_tenant_finds_nothing()
    {
        var theirs = await IndexAsync("secret plan", tenant: Other);
        Assert.That(await FindAsync("secret"), Is.Empty);
        Assert.That(await FindAsync("secret", filter => filter with { TenantId = Other }), Has.Count.EqualTo(1));
        Assert.That(await Index.ContainsAsync(Tenant, [new(theirs, 1)], default), Is.False);
    }

    [Test]
    public async Task Only_messages_of_the_subjects_asked_for_are_found([Values(1, 2, 500)] int owners)
    {
        await IndexAsync("tea of mine");
        await IndexAsync("tea of another", subject: Other);
        IReadOnlyList<Guid> mine = [Subject, .. Enumerable.Range(1, owners - 1).Select(_ => Guid.NewGuid())];
        Assert.That(await FindAsync("tea", filter => filter with { OwnerKeys = mine }), Is.EqualTo((string[])["tea of mine"]));
        Assert.That(await FindAsync("tea", filter => filter with { OwnerKeys = [] }), Is.Empty);
        Assert.That(await FindAsync("tea"), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Conversation_role_time_and_importance_narrow_the_search()
    {
        var noon = new DateTimeOffset(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);
        await IndexAsync("tea one", at: noon);
        await IndexAsync("tea two", conversation: Other, at: noon.AddDays(1));
        await IndexAsync("tea three", role: "assistant", importance: .9, at: noon.AddDays(2));
        await IndexAsync("tea four", role: "tool", at: noon.AddDays(3));

        async Task Finds(Func<ItemFilter, ItemFilter> narrow, params string[] contents)
            => Assert.That(await FindAsync("tea", narrow), Is.EquivalentTo(contents));

        await Finds(filter => filter with { ConversationKey = Other }, "tea two");
        await Finds(filter => filter with { Roles = [MessageRole.Assistant, MessageRole.Tool] }, "tea three", "tea four");
        await Finds(filter => filter with { From = noon.AddDays(1), To = noon.AddDays(2) }, "tea two", "tea three");
        await Finds(filter => filter with { From = noon.AddDays(1).AddMilliseconds(1), To = noon.AddDays(2).AddMilliseconds(-1) });
        await Finds(filter => filter with { MinImportance = .5 }, "tea one", "tea two", "tea three");
        await Finds(filter => filter with { MinImportance = .6 }, "tea three");
        await Finds(filter => filter with { MinImportance = 0, Roles = [MessageRole.User], ConversationKey = Subject }, "tea one");
    }

    [Test]
    public async Task A_changed_message_is_found_by_its_new_words_only()
    {
        var id = await IndexAsync("the old words");
        Chat.Change(id, message => message with { Content = "fresh text" });
        await RefreshAsync(id);
        Assert.That(await FindAsync("old"), Is.Empty);
        Assert.That(await FindAsync("fresh"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_deleted_or_archived_message_is_not_found()
    {
        var (deleted, archived) = (await IndexAsync("tea deleted"), await IndexAsync("tea archived"));
        Chat.Remove(deleted);
        Chat.Change(archived, message => message with { Archived = true });

        // Before the index knows of it, what comes back from the owner decides.
        Assert.That(await FindAsync("tea"), Is.Empty);
        await RefreshAsync(deleted);
        await RefreshAsync(archived);
        Assert.That(await Index.ContainsAsync(Tenant, [new(deleted, 1)], default), Is.False);
        Assert.That(await Index.ContainsAsync(Tenant, [new(archived, 1)], default), Is.False);
    }

    [Test]
    public async Task A_message_deleted_while_it_is_read_does_not_come_back()
    {
        var message = Chat.Add(Tenant, "tea", Subject, Subject, "user", null, DateTimeOffset.UtcNow);
        Task? deletion = null;
        Chat.OnRead = () =>
        {
            if (deletion is null)
            {
                Chat.Remove(message.Id);
                deletion = RefreshAsync(message.Id);
            }

            return Task.CompletedTask;
        };
        await RefreshAsync(message.Id);
        await deletion!;
        Assert.That(await Index.ContainsAsync(Tenant, [new(message.Id, 1)], default), Is.False);
    }

    [Test]
    public async Task An_event_that_comes_twice_changes_nothing()
    {
        var id = await IndexAsync("tea");
        await RefreshAsync(id);
        await Indexer.RefreshMessagesAsync([new(Tenant, id), new(Tenant, id)], default);
        Assert.That(await FindAsync("tea"), Has.Count.EqualTo(1));
        Assert.That(await Index.ReadCleaningAsync(default), Is.EqualTo((0L, 0L)));
    }

    [Test]
    public async Task A_deleted_conversation_leaves_and_a_new_one_of_the_same_id_stays()
    {
        var (old, fresh) = (await IndexAsync("tea old", conversation: Other), await IndexAsync("tea fresh", conversation: Other));
        await IndexAsync("tea elsewhere");
        Chat.Remove(old);
        await new IndexOnEvents(Indexer).ConsumeAsync(
            [new EventEnvelope<ConversationDeleted>(
                Guid.NewGuid(), DateTimeOffset.UtcNow, new() { TenantId = Tenant, ConversationKey = Other, DeletedAt = DateTimeOffset.UtcNow })],
            default);
        Assert.That(await Index.ContainsAsync(Tenant, [new(old, 1)], default), Is.False);
        Assert.That(await Index.ContainsAsync(Tenant, [new(fresh, 1)], default), Is.True);
        Assert.That(await FindAsync("tea"), Is.EquivalentTo((string[])["tea fresh", "tea elsewhere"]));
    }

    [Test]
    public async Task A_message_that_cannot_be_analyzed_does_not_hold_back_the_others()
    {
        var good = Chat.Add(Tenant, "tea", Subject, Subject, "user", null, DateTimeOffset.UtcNow);
        var bad = Chat.Add(Tenant, "tea", Subject, Subject, "user", null, DateTimeOffset.UtcNow);
        Chat[Tenant, bad.Id] = bad with { MetadataJson = "{" };
        await Indexer.RefreshMessagesAsync([new(Tenant, bad.Id), new(Tenant, good.Id)], default);
        Assert.That(await FindAsync("tea"), Has.Count.EqualTo(1));
        Assert.That(await Index.ContainsAsync(Tenant, [new(bad.Id, 1), new(good.Id, 1)], default), Is.True);
    }

    [TestCase("\" OR 1=1 --")]
    [TestCase("tea AND NOT coffee")]
    [TestCase("scope:tea NEAR(a b, 2) ^tea -tea tea*")]
    [TestCase("){}[]^~*:+-\"'")]
    [TestCase("\0\uD800")]
    public async Task Operators_in_a_query_are_words_or_nothing(string query)
    {
        await IndexAsync("tea and coffee");
        Assert.That(await FindAsync(query), Has.Count.EqualTo(query.Contains("tea", StringComparison.Ordinal) ? 1 : 0));
    }

    [Test]
    public async Task More_results_than_one_read_of_the_owner_are_answered()
    {
        var messages = Enumerable.Range(0, 1_200).Select(i => Chat.Add(Tenant, $"tea {i}", Subject, Subject, "user", null, DateTimeOffset.UtcNow)).ToList();
        await Indexer.RefreshMessagesAsync(messages.Select(message => new ItemReference(Tenant, message.Id)), default);
        Assert.That(await FindAsync("tea", topK: 1_000), Has.Count.EqualTo(1_000).And.Unique);
        foreach (var message in messages.Take(600))
        {
            Chat.Remove(message.Id);
        }

        Assert.That(await FindAsync("tea", topK: 1_000), Has.Count.EqualTo(600).And.Unique);
        Assert.That(await FindAsync("tea", topK: 3), Has.Count.EqualTo(3));
    }

    [Test]
    public async Task People_who_opted_out_are_not_recalled()
    {
        await IndexAsync("tea of mine");
        await IndexAsync("tea of another", subject: Other);
        Memories.OptedOut.Add(Other);
        Assert.That(await FindAsync("tea"), Is.EqualTo((string[])["tea of mine"]));
    }

    [Test]
    public async Task A_memory_is_found_by_its_owners_and_category_and_tells_when_it_can_be_found()
    {
        var memory = Memories.Add("Prefers green tea", Subject);
        var others = Memories.Add("Prefers black tea", Other, "habit");
        await Indexer.RefreshMemoriesAsync([new(Tenant, memory.Id), new(Tenant, others.Id)], default);
        await Indexer.RefreshMemoriesAsync([new(Tenant, memory.Id)], default);
        var query = new MemoryQuery { TenantId = Tenant, OwnerKeys = [Subject], Query = "tea", TopK = 5 };
        Assert.That((await Client.SearchMemoriesAsync(query, default)).Select(hit => hit.MemoryId), Is.EqualTo((Guid[])[memory.Id]));
        Assert.That(await Client.SearchMemoriesAsync(query with { OwnerKeys = null }, default), Has.Count.EqualTo(2));
        Assert.That(
            (await Client.SearchMemoriesAsync(query with { OwnerKeys = null, Categories = ["habit"] }, default)).Select(hit => hit.MemoryId),
            Is.EqualTo((Guid[])[others.Id]));
        Assert.That(await Client.SearchMemoriesAsync(query with { Query = "?!" }, default), Is.Empty);
        var events = await Database.Data.ReadAsync(session => session.Query("SELECT type, body FROM outbox", row => (row.Text(0), row.Text(1))), default);
        Assert.That(events, Has.Count.EqualTo(2).And.All.Matches<(string Type, string Body)>(item => item.Type == typeof(MemoryIndexed).FullName));
        Assert.That(events[0].Item2, Does.Contain(memory.Id.ToString()));
    }

    [Test]
    public async Task A_superseded_memory_and_the_memories_of_one_who_opted_out_are_not_found()
    {
        var (old, kept) = (Memories.Add("Drinks tea", Subject), Memories.Add("Drinks much tea", Subject));
        await Indexer.RefreshMemoriesAsync([new(Tenant, old.Id), new(Tenant, kept.Id)], default);
        Memories.Items[old.Id] = old with { Active = false, Version = 2 };
        var filter = new ItemFilter { TenantId = Tenant, Kind = ItemKind.Memory, OwnerKeys = [Subject] };
        Assert.That((await SearchMemories.HandleAsync(filter, MemoryTime.Now, Subject, "tea", 5, RankingSettings.Default, default)).Items.Single().Memory, Is.EqualTo(kept));
        await Indexer.RefreshMemoriesAsync([new(Tenant, old.Id)], default);
        Assert.That(await Client.SearchMemoriesAsync(new() { TenantId = Tenant, OwnerKeys = [Subject], Query = "tea", TopK = 5 }, default), Has.Count.EqualTo(1));
        Memories.OptedOut.Add(Subject);
        Assert.That((await SearchMemories.HandleAsync(filter, MemoryTime.Now, Subject, "tea", 5, RankingSettings.Default, default)).Items, Is.Empty);
    }

    [Test]
    public async Task Waiting_ends_when_the_version_is_indexed()
    {
        var message = Chat.Add(Tenant, "tea", Subject, Subject, "user", null, DateTimeOffset.UtcNow);
        var waiting = Client.WaitUntilIndexedAsync(Tenant, [new(message.Id, 1)], TimeSpan.FromSeconds(20), default);
        Assert.That(waiting.IsCompleted, Is.False);
        await RefreshAsync(message.Id);
        Assert.That(await waiting, Is.True);
        Assert.That(await Client.WaitUntilIndexedAsync(Tenant, [new(message.Id, 1)], TimeSpan.Zero, default), Is.True);
        Assert.That(await Client.WaitUntilIndexedAsync(Tenant, [new(message.Id, 2)], TimeSpan.FromMilliseconds(20), default), Is.False);
        Assert.That(await Client.WaitUntilIndexedAsync(Other, [new(message.Id, 1)], TimeSpan.FromMilliseconds(20), default), Is.False);
    }

    [Test]
    public async Task Too_many_waiters_are_told_what_is_indexed_now()
    {
        var messages = Enumerable.Range(0, MessageWaiters.Capacity).Select(_ => new MessageVersion(Guid.NewGuid(), 1)).ToList();
        using var stop = new CancellationTokenSource();
        var waiting = Waiters.WaitAsync(messages, () => Task.FromResult(false), TimeSpan.FromMinutes(1), TimeProvider.System, stop.Token);
        var indexed = await IndexAsync("tea");
        Assert.That(await Client.WaitUntilIndexedAsync(Tenant, [messages[0]], TimeSpan.FromSeconds(20), default), Is.False);
        Assert.That(await Client.WaitUntilIndexedAsync(Tenant, [new(indexed, 1)], TimeSpan.FromSeconds(20), default), Is.True);
        await stop.CancelAsync();
        Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());

        // Those who left made room: this one waits for its time.
        Assert.That(await Client.WaitUntilIndexedAsync(Tenant, [messages[0]], TimeSpan.FromMilliseconds(20), default), Is.False);
    }

    [Test]
    public async Task No_word_of_a_message_or_memory_stands_in_a_file()
    {
        var words = Enumerable.Range(0, 100).Select(i => $"zq{i}canary").ToList();
        foreach (var word in words)
        {
            await IndexAsync($"The {word} in text");
        }

        var memory = Memories.Add("Likes zqmemorycanary", Subject, "zqcategorycanary");
        await Indexer.RefreshMemoriesAsync([new(Tenant, memory.Id)], default);
        Assert.That(await FindAsync(words[7]), Has.Count.EqualTo(1));
        Assert.That(CountInFiles("canary"), Is.Zero);
    }

    [Test]
    public async Task After_the_cleaning_no_hash_of_a_removed_text_stands_in_a_file()
    {
        var gone = await IndexAsync("unforgettable");
        for (var i = 0; i < 300; i++)
        {
            await IndexAsync($"word{i} tea");
        }

        var hash = await Database.Data.ReadAsync(
            session => session.QueryFirst(
                "SELECT body FROM terms JOIN indexed_items ON id = terms.rowid WHERE item_id = $1", row => row.Text(0).Split(' ')[0], gone),
            default);

        // Inside the index, a hash is kept without the letters it shares with the one before it, so its end is looked for.
        var end = hash![5..];
        Chat.Remove(gone);
        await RefreshAsync(gone);
        await Database.Data.ScrubAsync(TimeSpan.FromSeconds(5), default);
        Assert.That(CountInFiles(end), Is.GreaterThan(0), "Deleting the row alone is said to be enough: then there is nothing to clean.");
        await Cleaner.CleanAsync(default);
        await Database.Data.ScrubAsync(TimeSpan.FromSeconds(5), default);
        Assert.That(CountInFiles(end), Is.Zero);
        Assert.That(await Index.ReadCleaningAsync(default), Is.EqualTo((1L, 1L)));
        Assert.That(await FindAsync("tea", topK: 300), Has.Count.EqualTo(300));
        Assert.That(await Database.Data.CheckIntegrityAsync(default), Is.EqualTo("ok"));
    }

    [Test]
    public async Task The_cleaner_works_by_itself_after_a_removal()
    {
        await Cleaner.StartAsync(default);
        var id = await IndexAsync("tea");
        Chat.Change(id, message => message with { Content = "coffee" });
        await RefreshAsync(id);
        await Eventually.TrueAsync(
            async () => await Index.ReadCleaningAsync(default) == (1L, 1L), TimeSpan.FromSeconds(20), () => "The index was not cleaned.");
        await Cleaner.StopAsync(default);
    }
}
