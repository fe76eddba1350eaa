using MemoryMesh.Search.Filters;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.Search.Ranking;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>Search by meaning over the real model and a real file.</summary>
public class VectorSearchTests : SearchFixture
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly RankingSettings Semantic = new() { Mode = SearchMode.Semantic };

    [Test]
    public async Task A_message_is_found_by_its_meaning_when_no_word_is_shared()
    {
        await IndexAsync("My puppy needs to see the veterinarian tomorrow", at: Noon);
        await IndexAsync("The quarterly figures are due on Friday", at: Noon.AddDays(1));
        const string Query = "is the dog sick?";
        Assert.That(await FindAsync(Query), Is.Empty, "before its vectors are computed");
        await EmbedAsync();
        Assert.That(await FindAsync(Query), Has.Count.GreaterThan(0).And.ItemAt(0).EqualTo("My puppy needs to see the veterinarian tomorrow"));
        Assert.That(await FindAsync(Query, settings: new() { Mode = SearchMode.FullText }), Is.Empty);
    }

    [Test]
    public async Task Words_find_a_message_before_its_vectors_are_there()
    {
        await IndexAsync("The zebra crossed the road");
        await EmbedAsync();
        await IndexAsync("Another zebra came along");
        Assert.That(await FindAsync("zebra"), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_time_that_the_question_names_counts_before_the_vectors_are_there()
    {
        foreach (var days in (int[])[0, 1, 14, 200])
        {
            await IndexAsync($"Dinner at the Trattoria, {days}", at: Noon.AddDays(-days));
        }

        var settings = new RankingSettings { AsOf = Noon.AddHours(1) };
        Assert.That((await FindAsync("dinner yesterday", settings: settings))[0], Does.EndWith(", 1"));
        Assert.That((await FindAsync("dinner two weeks ago", settings: settings))[0], Does.EndWith(", 14"));
        await EmbedAsync();
        Assert.That((await FindAsync("dinner yesterday", settings: settings))[0], Does.EndWith(", 1"));
    }

    [Test]
    public async Task A_removed_message_is_found_no_more_and_its_vectors_are_gone_from_the_store()
    {
        var id = await IndexAsync("My puppy needs to see the veterinarian");
        await EmbedAsync();
        Assert.That(await FindAsync("dog", settings: Semantic), Has.Count.EqualTo(1));
        Chat.Remove(id);
        await RefreshAsync(id);
        Assert.That(await FindAsync("dog", settings: Semantic), Is.Empty);
        Assert.That(await CountAsync("vectors") + await CountAsync("embedding_jobs"), Is.Zero);
    }

    [Test]
    public async Task No_byte_of_a_removed_vector_stays_in_a_file()
    {
        var removed = await IndexAsync("My puppy needs to see the veterinarian", at: Noon, conversation: Guid.NewGuid());
        var kept = await IndexAsync("The quarterly figures are due on Friday", at: Noon, conversation: Guid.NewGuid());
        var elsewhere = await IndexAsync("Somebody else's bicycle", at: Noon, subject: Guid.NewGuid(), conversation: Guid.NewGuid());
        await EmbedAsync();
        var (gone, others) = (await SealedAsync(removed), await SealedAsync(elsewhere));
        Assert.That(await SealedAsync(kept), Is.EqualTo(gone), "both lie in one block");
        await Database.Data.ScrubAsync(TimeSpan.FromMinutes(1), default);
        Assert.That((AreInFiles(gone), AreInFiles(others)), Is.EqualTo((true, true)), "the test would see them");
        Chat.Remove(removed);
        await RefreshAsync(removed);
        await Cleaner.CleanAsync(default);
        await Database.Data.ScrubAsync(TimeSpan.FromMinutes(1), default);
        Assert.That((AreInFiles(gone), AreInFiles(others)), Is.EqualTo((false, true)));
        Vectors.Forget(Tenant, null);
        Assert.That(await FindAsync("numbers for the finance department", settings: Semantic), Has.Count.EqualTo(1), "what lay beside it is read as before");
    }

    [Test]
    public async Task A_changed_message_is_found_by_its_new_meaning_only()
    {
        var id = await IndexAsync("My puppy needs to see the veterinarian");
        await EmbedAsync();
        Assert.That(await FindAsync("dog", settings: Semantic), Has.Count.EqualTo(1));
        Chat.Change(id, message => message with { Content = "The invoice for the new laptop has arrived" });
        await RefreshAsync(id);
        Assert.That(await FindAsync("dog", settings: Semantic), Is.Empty, "before the new vectors");
        await EmbedAsync();
        Assert.That(await FindAsync("dog", settings: Semantic), Is.Empty);
        Assert.That(await FindAsync("bill for a computer", settings: Semantic), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Token_vectors_see_what_was_said_before_in_the_same_session_only()
    {
        await IndexAsync("long ago", at: Noon.AddHours(-5));
        await IndexAsync("Do you play the violin?", at: Noon);
        await IndexAsync("Yes, since May!", at: Noon.AddMinutes(1));
        await IndexAsync("elsewhere", at: Noon.AddMinutes(1), conversation: Guid.NewGuid());
        await EmbedAsync();
        Assert.That(
            Embedder.Texts.ToDictionary(text => text.Text, text => text.Context),
            Is.EqualTo(new Dictionary<string, string?>
            {
                ["long ago"] = null,
                ["Do you play the violin?"] = null,
                ["Yes, since May!"] = "Do you play the violin?",
                ["elsewhere"] = null,
            }));
    }

    [Test]
    public async Task What_saw_a_message_as_context_is_computed_again_when_that_changes_or_goes()
    {
        var before = await IndexAsync("Do you play the violin?", at: Noon);
        await IndexAsync("Yes, since May!", at: Noon.AddMinutes(1));
        await EmbedAsync();
        Embedder.Texts.Clear();
        Chat.Change(before, message => message with { Content = "Do you play chess?" });
        await RefreshAsync(before);
        await EmbedAsync();
        Assert.That(Embedder.Texts, Has.Some.Matches<MemoryMesh.Search.Embedding.TextInContext>(text => text is { Text: "Yes, since May!", Context: "Do you play chess?" }));
        Embedder.Texts.Clear();
        Chat.Remove(before);
        await RefreshAsync(before);
        await EmbedAsync();
        Assert.That(Embedder.Texts, Is.EqualTo((MemoryMesh.Search.Embedding.TextInContext[])[new("Yes, since May!")]));
    }

    [Test]
    public async Task The_vectors_of_an_equal_text_are_used_again()
    {
        await IndexAsync("Good morning", at: Noon, conversation: Guid.NewGuid());
        await EmbedAsync();
        await IndexAsync("Good morning", at: Noon.AddDays(1), conversation: Guid.NewGuid());
        await EmbedAsync();
        Assert.That(Embedder.Texts, Has.Count.EqualTo(1));
        Assert.That(await CountAsync("vectors"), Is.EqualTo(2));
        await IndexAsync("Good morning", at: Noon, conversation: Guid.NewGuid(), subject: Guid.NewGuid());
        await EmbedAsync();
        Assert.That(Embedder.Texts, Has.Count.EqualTo(2), "not over the bounds of a subject");
    }

    [Test]
    public async Task A_text_that_cannot_be_embedded_is_parked_with_its_reason_and_can_be_tried_again()
    {
        Embedder.Fault = text => text.Contains("bad", StringComparison.Ordinal) ? new ArithmeticException() : null;
        var bad = await IndexAsync("bad puppy", at: Noon, conversation: Guid.NewGuid());
        await IndexAsync("good puppy", at: Noon, conversation: Guid.NewGuid());
        for (var attempt = 0; attempt < 5; attempt++)
        {
            await EmbedAsync();
            Clock.Ahead += TimeSpan.FromHours(2);
        }

        var counts = await CountJobsAsync();
        Assert.That((counts.Items, counts.Embedded, counts.Waiting, counts.Parked), Is.EqualTo((2, 1, 0, 1)));
        Assert.That(counts.Errors, Is.EqualTo(new Dictionary<string, long> { ["ArithmeticException"] = 1 }));
        Assert.That(await FindAsync("puppy"), Has.Count.EqualTo(2), "words find it all the same");
        Assert.That(await Client.WaitUntilEmbeddedAsync(Tenant, [new(bad, 1)], TimeSpan.FromSeconds(1), default), Is.True, "nobody waits for what is parked");
        Embedder.Fault = _ => null;
        Assert.That(await VectorStore.RetryParkedAsync(Guid.NewGuid(), default), Is.Zero, "another tenant's");
        Assert.That(await VectorStore.RetryParkedAsync(Tenant, default), Is.EqualTo(1));
        await EmbedAsync();
        Assert.That((await CountJobsAsync()).Embedded, Is.EqualTo(2));
    }

    [Test]
    public async Task An_embedder_that_cannot_be_reached_parks_nothing_and_words_still_find()
    {
        Embedder.Fault = _ => new DependencyUnavailableException("away");
        await IndexAsync("good puppy");
        for (var attempt = 0; attempt < 12; attempt++)
        {
            await EmbedAsync();
            Clock.Ahead += TimeSpan.FromHours(2);
        }

        Assert.That((await CountJobsAsync()).Waiting, Is.EqualTo(1));
        Assert.That(await FindAsync("puppy"), Has.Count.EqualTo(1));
        Embedder.Fault = _ => null;
        await EmbedAsync();
        Assert.That((await CountJobsAsync()).Embedded, Is.EqualTo(1));
    }

    [Test]
    public async Task Meaning_keeps_to_tenant_owner_and_filter()
    {
        var other = Guid.NewGuid();
        await IndexAsync("My puppy needs to see the veterinarian", at: Noon, role: "assistant");
        await IndexAsync("The kitten of a neighbour", subject: other, conversation: Guid.NewGuid());
        await IndexAsync("A young hamster", tenant: other, conversation: Guid.NewGuid());
        await EmbedAsync();
        async Task Finds(int count, Func<ItemFilter, ItemFilter>? narrow = null)
            => Assert.That(await FindAsync("pets and young animals", narrow, settings: Semantic), Has.Count.EqualTo(count));
        await Finds(2);
        await Finds(1, filter => filter with { OwnerKeys = [Subject] });
        await Finds(0, filter => filter with { OwnerKeys = [] });
        await Finds(1, filter => filter with { OwnerKeys = [Subject], Roles = [MessageRole.Assistant] });
        await Finds(0, filter => filter with { OwnerKeys = [Subject], Roles = [MessageRole.User] });
        await Finds(0, filter => filter with { OwnerKeys = [Subject], From = Noon.AddDays(1) });
        await Finds(1, filter => filter with { ConversationKey = Subject });
        await Finds(1, filter => filter with { TenantId = other });
    }

    [Test]
    public async Task What_was_dropped_from_memory_is_read_again()
    {
        await IndexAsync("My puppy needs to see the veterinarian");
        await EmbedAsync();
        var before = await FindAsync("dog", settings: Semantic);
        Vectors.Forget(Tenant, Subject);
        Assert.That(Vectors.Count, Is.Zero);
        Assert.That(await FindAsync("dog", settings: Semantic), Is.EqualTo(before).And.Count.EqualTo(1));
        Assert.That(Vectors.Count, Is.EqualTo(1));
        Assert.That(Vectors.Bytes, Is.GreaterThan(0));
    }

    [Test]
    public async Task Memories_are_ranked_by_the_same_rules()
    {
        var memory = Memories.Add("Prefers tea without sugar", Subject, "food");
        Memories.Add("Works as a carpenter", Subject, "occupation");
        await Indexer.RefreshMemoriesAsync(Memories.Items.Keys.Select(id => new ItemReference(Tenant, id)), default);
        await EmbedAsync();
        var filter = new ItemFilter { TenantId = Tenant, Kind = ItemKind.Memory, OwnerKeys = [Subject] };
        var found = await SearchMemories.HandleAsync(filter, MemoryTime.Now, Subject, "which hot drinks are liked?", 5, RankingSettings.Default, default);
        Assert.That(found.Items, Has.Count.GreaterThan(0));
        Assert.That(found.Items[0].Memory.Id, Is.EqualTo(memory.Id));
        var none = await SearchMemories.HandleAsync(filter with { Categories = ["occupation"] }, MemoryTime.Now, Subject, "which hot drinks are liked?", 5, Semantic, default);
        Assert.That(none.Items.Select(item => item.Memory.Category), Is.All.EqualTo("occupation"));
    }

    [Test]
    public async Task A_large_partition_finds_what_a_small_one_finds()
    {
        // More than are ranked exactly.
        var conversation = Guid.NewGuid();
        var words = (string[])["river", "paper", "window", "garden", "music", "winter", "bridge", "candle"];
        var filler = Enumerable.Range(0, 1_600).Select(i => Chat.Add(
            Tenant, $"{words[i % 8]} {words[(i / 8) % 8]} {words[(i / 64) % 8]} {i % 5}", Subject, conversation, "user", null, Noon.AddHours(2 * i)).Id).ToList();
        await Indexer.RefreshMessagesAsync(filler.Select(id => new ItemReference(Tenant, id)), default);
        await IndexAsync("My puppy needs to see the veterinarian", at: Noon.AddYears(-1));
        await EmbedAsync();
        Assert.That(await FindAsync("is the dog sick?"), Has.Count.GreaterThan(0).And.ItemAt(0).StartsWith("My puppy"));
        Assert.That(await FindAsync("a puppy beside the river"), Has.ItemAt(0).StartsWith("My puppy"));
    }

    private Task<byte[]> SealedAsync(Guid messageId)
        => Database.Data.ReadAsync(
            session => session.QueryFirst(
                "SELECT c.content FROM vectors v JOIN indexed_items i ON i.id = v.id >> 1 JOIN vector_contents c ON c.id = v.block WHERE i.item_id = $1", row => row.Bytes(0), messageId)!,
            default);

    /// <summary>Whether any part of some sealed bytes stands in a file. A page of the file may cut them anywhere, so parts are looked for.</summary>
    private bool AreInFiles(byte[] bytes)
        => Files.Any(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return bytes.Chunk(24).Where(part => part.Length == 24).Any(part => content.AsSpan().IndexOf(part) >= 0);
        });

    private async Task<MemoryMesh.Search.Storage.EmbeddingCounts> CountJobsAsync()
        => await VectorStore.CountAsync(Tenant, ItemKind.Message, (await Models.GetAsync(default)).Serving.Stored, default);

    private Task<long> CountAsync(string table)
        => Database.Data.ReadAsync(session => session.Scalar(table == "vectors" ? "SELECT COUNT(*) FROM vectors" : "SELECT COUNT(*) FROM embedding_jobs"), default);
}
