using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>What answers while everything is embedded again with another model.</summary>
public class ModelChangeTests : SearchFixture
{
    private static readonly RankingSettings Semantic = new() { Mode = SearchMode.Semantic };

    private readonly string[] _words = ["dog", "invoice", "violin", "puppy"];

    [Test]
    public async Task The_old_vectors_answer_until_the_new_ones_are_there()
    {
        await IndexManyAsync();
        await EmbedAsync();
        var next = new WordEmbedder("words-1", _words);
        await RestartAsync(next, Embedder);
        var inUse = await Models.GetAsync(default);
        Assert.That((inUse.Serving.Embedder, inUse.Next?.Embedder), Is.EqualTo(((ITextEmbedder)Embedder, (ITextEmbedder)next)));
        Assert.That(await WaitingAsync(inUse.Next!), Is.EqualTo(60));

        // The old model knows that a puppy is a dog; the new one does not.
        Assert.That(await FindAsync("is the dog sick?", settings: Semantic), Has.ItemAt(0).StartsWith("My puppy"));
        Assert.That(await Queue.WorkAsync(default), Is.GreaterThan(0));
        Assert.That(await WaitingAsync(inUse.Next!), Is.InRange(1, 59), "a part is done");
        Assert.That(await Models.TrySwitchAsync(default), Is.Null, "not before all is done");
        Assert.That(await FindAsync("is the dog sick?", settings: Semantic), Has.ItemAt(0).StartsWith("My puppy"));

        // What comes in meanwhile is found through the old one at once, and has the new one's vectors too.
        await IndexAsync("A kitten sleeps on the sofa", conversation: Guid.NewGuid());
        await EmbedAsync();
        Assert.That(await FindAsync("a cat asleep on the couch", settings: Semantic), Has.Some.StartsWith("A kitten"));
        Assert.That(next.Texts, Has.Count.EqualTo(61));
        var before = await Models.TrySwitchAsync(default);
        Assert.That(before?.Embedder, Is.SameAs(Embedder));
        Vectors.Forget(before!);
        Embedder.Texts.Clear();
        Assert.That(await FindAsync("violin", settings: Semantic), Has.Count.EqualTo(1));
        Assert.That(await FindAsync("is the dog sick?", settings: Semantic), Is.Empty, "the new model answers now");
        Assert.That(Embedder.Texts, Is.Empty, "and is asked for the questions");
        Assert.That(await CountVectorsAsync(), Is.EqualTo(122));
        await CleanAsync();
        Assert.That(await CountVectorsAsync(), Is.EqualTo(61), "the old vectors leave");
        Assert.That(await FindAsync("violin", settings: Semantic), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_restart_in_the_middle_goes_on_where_it_was()
    {
        await IndexManyAsync();
        await EmbedAsync();
        var next = new WordEmbedder("words-1", _words);
        await RestartAsync(next, Embedder);
        await Queue.WorkAsync(default);
        var left = await WaitingAsync((await Models.GetAsync(default)).Next!);
        await RestartAsync(next, Embedder);
        Assert.That(await WaitingAsync((await Models.GetAsync(default)).Next!), Is.EqualTo(left).And.InRange(1, 59));
        await EmbedAsync();
        Assert.That(next.Texts, Has.Count.EqualTo(60), "nothing twice");
        Assert.That(await Models.TrySwitchAsync(default), Is.Not.Null);
        await RestartAsync(next, Embedder);
        var inUse = await Models.GetAsync(default);
        Assert.That((inUse.Serving.Embedder, inUse.Next), Is.EqualTo(((ITextEmbedder)next, (ModelInUse?)null)));
        Assert.That(await FindAsync("violin", settings: Semantic), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Going_back_before_it_is_done_keeps_the_old_vectors_and_drops_the_new()
    {
        await IndexManyAsync();
        await EmbedAsync();
        await RestartAsync(new WordEmbedder("words-1", _words), Embedder);
        await Queue.WorkAsync(default);
        Embedder.Texts.Clear();
        await RestartAsync(Embedder);
        var inUse = await Models.GetAsync(default);
        Assert.That((inUse.Serving.Embedder, inUse.Next), Is.EqualTo(((ITextEmbedder)Embedder, (ModelInUse?)null)));
        Assert.That(await Queue.WorkAsync(default), Is.Zero);
        Assert.That(await FindAsync("is the dog sick?", settings: Semantic), Has.ItemAt(0).StartsWith("My puppy"));
        await CleanAsync();
        Assert.That(await CountVectorsAsync(), Is.EqualTo(60));
        Assert.That(await Database.Data.ReadAsync(session => session.Scalar("SELECT COUNT(*) FROM vector_models"), default), Is.EqualTo(1));
    }

    [Test]
    public async Task A_third_model_takes_the_place_of_a_second_that_was_not_done()
    {
        await IndexManyAsync();
        await EmbedAsync();
        await RestartAsync(new WordEmbedder("words-1", _words), Embedder);
        await Queue.WorkAsync(default);
        var third = new WordEmbedder("words-2", [.. _words, "sofa"]);
        await RestartAsync(third, Embedder);
        Assert.That(await FindAsync("is the dog sick?", settings: Semantic), Has.ItemAt(0).StartsWith("My puppy"));
        await CleanAsync();
        await EmbedAsync();
        Assert.That(await Models.TrySwitchAsync(default), Is.Not.Null);
        await CleanAsync();
        Assert.That((third.Texts.Count, await CountVectorsAsync()), Is.EqualTo((60, 60L)));
        Assert.That(await FindAsync("violin", settings: Semantic), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task When_the_old_model_cannot_be_asked_any_more_the_new_one_serves_at_once()
    {
        var first = new WordEmbedder("words-1", _words);
        await RestartAsync(first);
        await IndexManyAsync();
        await EmbedAsync();
        Assert.That(await FindAsync("a violin", settings: Semantic), Has.Count.EqualTo(1));

        // Only the built-in model is configured, and the server of before is not.
        await RestartAsync(Embedder);
        var inUse = await Models.GetAsync(default);
        Assert.That((inUse.Serving.Embedder, inUse.Next), Is.EqualTo(((ITextEmbedder)Embedder, (ModelInUse?)null)));
        Assert.That(await FindAsync("violin"), Has.Count.EqualTo(1), "by its word");
        Assert.That(await FindAsync("is the dog sick?", settings: Semantic), Is.Empty);
        await EmbedAsync();
        Assert.That(await FindAsync("is the dog sick?", settings: Semantic), Has.ItemAt(0).StartsWith("My puppy"));
    }

    [Test]
    public async Task Another_version_or_another_length_is_another_model()
    {
        await RestartAsync(new WordEmbedder("words", "dog"));
        await IndexAsync("a dog");
        await EmbedAsync();
        var longer = new WordEmbedder("words", "dog", "puppy");
        await RestartAsync(longer);
        Assert.That(await WaitingAsync((await Models.GetAsync(default)).Serving), Is.EqualTo(1));
        await EmbedAsync();
        Assert.That(await FindAsync("a dog", settings: Semantic), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Without_token_vectors_the_order_is_right_and_nothing_is_computed_for_context()
    {
        await RestartAsync(new WordEmbedder("words", "dog", "invoice", "violin"));
        var conversation = Guid.NewGuid();
        await IndexAsync("the invoice for the violin", conversation: conversation);
        var dog = await IndexAsync("my dog plays the violin", conversation: conversation);
        await IndexAsync("a dog", conversation: conversation);
        await EmbedAsync();
        Assert.That((await FindAsync("violin dog", settings: Semantic))[0], Is.EqualTo("my dog plays the violin"));
        Assert.That(await FindAsync("violin dog"), Has.Count.EqualTo(3).And.ItemAt(0).EqualTo("my dog plays the violin"));
        var counted = ((WordEmbedder)Embedders.Configured).Texts.Count;
        Chat.Change(dog, message => message with { Content = "my dog plays chess" });
        await RefreshAsync(dog);
        await EmbedAsync();
        Assert.That(((WordEmbedder)Embedders.Configured).Texts.Count(text => text == "my dog plays chess"), Is.EqualTo(1));
        Assert.That(((WordEmbedder)Embedders.Configured).Texts, Has.Count.LessThanOrEqualTo(counted + 2), "an equal text is not sent again for its context");
    }

    [Test]
    public async Task While_a_server_is_away_words_answer_and_everything_waits_without_an_attempt()
    {
        var server = new WordEmbedder("words", "dog", "invoice") { Fault = _ => new EmbedderUnavailableException("http_503", TimeSpan.FromMinutes(5)) };
        await RestartAsync(server);
        await IndexManyAsync();
        Assert.That(await Queue.WorkAsync(default), Is.GreaterThan(0));
        Assert.That(await Queue.WorkAsync(default), Is.Zero, "the server is left alone for a while");
        var model = (await Models.GetAsync(default)).Serving;
        Assert.That(Queue.OutageOf(model)?.Reason, Is.EqualTo("http_503"));
        Assert.That(Queue.OutageOf(model)?.RetryAt - Clock.GetUtcNow(), Is.GreaterThan(TimeSpan.FromMinutes(3)));
        Assert.That(await FindAsync("violin"), Has.Count.EqualTo(1));
        Assert.That(await FindAsync("violin", settings: Semantic), Is.Empty);
        var failed = await VectorStore.ListFailedAsync(Tenant, model.Stored, 100, default);
        Assert.That(failed.Select(job => (job.Attempts, job.Error, job.IsParked)).Distinct(), Is.EqualTo(((int, string, bool)[])[(0, "http_503", false)]));
        server.Fault = _ => null;
        Clock.Ahead += TimeSpan.FromMinutes(6);
        await EmbedAsync();
        Assert.That(Queue.OutageOf(model), Is.Null);
        Assert.That(await WaitingAsync(model), Is.Zero);
    }

    [Test]
    public async Task A_text_that_a_server_refuses_is_parked_alone()
    {
        var server = new WordEmbedder("words", "dog", "invoice") { Fault = text => text.Contains("puppy", StringComparison.Ordinal) ? new EmbeddingRefusedException("http_400") : null };
        await RestartAsync(server);
        await IndexManyAsync();
        for (var attempt = 0; attempt < 6; attempt++)
        {
            await EmbedAsync();
            Clock.Ahead += TimeSpan.FromHours(2);
        }

        var model = (await Models.GetAsync(default)).Serving;
        var counts = await VectorStore.CountAsync(Tenant, ItemKind.Message, model.Stored, default);
        Assert.That((counts.Items, counts.Embedded, counts.Parked), Is.EqualTo((60L, 59L, 1L)));
        var failed = (await VectorStore.ListFailedAsync(Tenant, model.Stored, 100, default)).Single();
        Assert.That((failed.Error, failed.Attempts, failed.IsParked), Is.EqualTo(("http_400", 5, true)));
        Assert.That(await VectorStore.ListFailedAsync(Guid.NewGuid(), model.Stored, 100, default), Is.Empty, "another tenant's");
    }

    private async Task IndexManyAsync()
    {
        var at = DateTimeOffset.UtcNow.AddDays(-3);
        string[] texts = ["My puppy needs to see the veterinarian", "She plays the violin", .. Enumerable.Range(0, 58).Select(number => $"Note {number} about the quarterly figures")];
        var ids = texts.Select(text => Chat.Add(Tenant, text, Subject, Guid.NewGuid(), "user", null, at).Id).ToList();
        await Indexer.RefreshMessagesAsync(ids.Select(id => new ItemReference(Tenant, id)), default);
    }

    private async Task<long> WaitingAsync(ModelInUse model)
        => (await VectorStore.CountAsync(Tenant, ItemKind.Message, model.Stored, default)).Waiting;

    private Task<long> CountVectorsAsync() => Database.Data.ReadAsync(session => session.Scalar("SELECT COUNT(*) FROM vectors"), default);

    private async Task CleanAsync()
    {
        for (long? after = 0; after is { } from; after = await VectorStore.CleanStepAsync(from, default))
        {
        }
    }
}
