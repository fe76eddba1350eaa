using System.Net;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Features;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;
using MemoryMesh.Search.Searchers;
using MemoryMesh.Search.Usage;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>Searchers over real HTTP: what they find is what Search finds.</summary>
public class SearcherTests : SearchFixture
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private SearcherHost _search = null!;
    private SearchCounter _counter = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _counter = new SearchCounter(Database, TimeProvider.System, NullLogger<SearchCounter>.Instance);
        _search = await SearcherHost.StartAsync(Ranking, Models, VectorStore, _counter);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _search.DisposeAsync();
        _counter.Dispose();
    }

    [Test]
    public async Task A_searcher_finds_what_search_finds_to_the_last_digit()
    {
        await StoreAsync();
        var mine = new TestEmbedder();
        using var searcher = _search.Searcher(mine);
        Embedder.Texts.Clear();
        var compared = 0;
        foreach (var filter in Filters())
        {
            foreach (var settings in Settings())
            {
                foreach (var query in (string[])["Where did she adopt the greyhound?", "greyhound", "When was the harbour frozen?", "wo liegt der Hafen", "?", "nothing like it 4711"])
                {
                    var (expected, found) = (await Ranking.FindAsync(filter, query, 300, settings, default), await searcher.FindAsync(filter, query, 300, settings, default));
                    Assert.That(found.Select(item => item.Item), Is.EqualTo(expected.Select(item => item.Item)), query);
                    Assert.That(found.Select(Numbers), Is.EqualTo(expected.Select(Numbers)), query);
                    Assert.That(found.Select(item => item.Legs), Is.EqualTo(settings.Explain ? expected.Select(item => item.Legs) : expected.Select(_ => Array.Empty<LegScore>())), query);
                    compared += found.Count;
                }
            }
        }

        Assert.That(compared, Is.GreaterThan(500));
        Assert.That(mine.Texts, Has.Count.EqualTo(6), "each question is computed once by the searcher");
    }

    [Test]
    public async Task Questions_of_a_searcher_are_not_computed_by_search()
    {
        await StoreAsync();
        Embedder.Texts.Clear();
        using var searcher = _search.Searcher(new TestEmbedder());
        await searcher.PrepareAsync(["one thing", "another thing", "one thing"], default);
        foreach (var query in (string[])["one thing", "another thing", "a third thing"])
        {
            await searcher.FindAsync(Everything, query, 200, RankingSettings.Default, default);
        }

        Assert.That(Embedder.Texts, Is.Empty);
        await searcher.FindAsync(Everything, "words alone", 200, new() { Mode = SearchMode.FullText }, default);
        Assert.That(Embedder.Texts, Is.Empty);
    }

    [Test]
    public async Task A_tenant_is_searched_alone()
    {
        await StoreAsync();
        using var searcher = _search.Searcher(new TestEmbedder());
        var other = Everything with { TenantId = Guid.NewGuid() };
        Assert.That(await searcher.FindAsync(other, "greyhound", 200, RankingSettings.Default, default), Is.Empty);
        Assert.That(await searcher.FindAsync(Everything with { OwnerKeys = [] }, "greyhound", 200, RankingSettings.Default, default), Is.Empty);
        Assert.That(await searcher.FindAsync(Everything with { OwnerKeys = [Guid.NewGuid()] }, "greyhound", 200, RankingSettings.Default, default), Is.Empty);
        Assert.That(await searcher.FindAsync(Everything, "greyhound", 200, RankingSettings.Default, default), Is.Not.Empty);
    }

    [Test]
    public async Task What_a_searcher_of_another_build_computes_is_not_taken()
    {
        await StoreAsync();
        var texts = new TestEmbedder();
        var other = new OtherBuild(texts);
        using var searcher = _search.Searcher(other);
        foreach (var query in (string[])["Who has a greyhound?", "Where is the harbour?"])
        {
            Embedder.Texts.Clear();
            texts.Texts.Clear();
            var found = await searcher.FindAsync(Everything, query, 200, At(Now), default);
            Assert.That(Embedder.Texts.Select(text => text.Text), Is.EqualTo((string[])[query]), "search computes it");
            Assert.That(found.Select(Numbers), Is.EqualTo((await Ranking.FindAsync(Everything, query, 200, At(Now), default)).Select(Numbers)));
        }

        Assert.That(texts.Texts, Is.Empty, "once it is known, nothing is computed in vain");
        Assert.That(_search.Log.Written.Count(line => line.Contains("another program", StringComparison.Ordinal)), Is.EqualTo(1));

        // As after the searcher was brought to the build of Search.
        other.Identity = ((ITokenEmbedder)Embedder).Identity;
        Embedder.Texts.Clear();
        await searcher.FindAsync(Everything, "What was frozen?", 200, RankingSettings.Default, default);
        Assert.That(Embedder.Texts, Is.Empty);
        Assert.That(texts.Texts, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task While_another_model_serves_search_computes_questions_itself()
    {
        await StoreAsync();
        var texts = new TestEmbedder();
        using var searcher = _search.Searcher(texts);
        var words = new WordEmbedder("words", "greyhound", "harbour");
        await _search.DisposeAsync();
        await RestartAsync(words);
        await StartAsync();
        await EmbedAsync();
        using var other = _search.Searcher(texts);
        await other.FindAsync(Everything, "a first question", 200, RankingSettings.Default, default);
        texts.Texts.Clear();
        var found = await other.FindAsync(Everything, "Which harbour?", 200, At(Now), default);
        Assert.That(texts.Texts, Is.Empty);
        Assert.That(words.Texts, Does.Contain("Which harbour?"));
        Assert.That(found.Select(Numbers), Is.EqualTo((await Ranking.FindAsync(Everything, "Which harbour?", 200, At(Now), default)).Select(Numbers)));
    }

    [Test]
    public async Task A_searcher_whose_model_cannot_be_read_asks_without_vectors()
    {
        await StoreAsync();
        using var searcher = _search.Searcher(new TestEmbedder { Fault = _ => new DependencyUnavailableException("The embedding model cannot be read.") });
        Assert.That(
            (await searcher.FindAsync(Everything, "greyhound", 200, At(Now), default)).Select(Numbers),
            Is.EqualTo((await Ranking.FindAsync(Everything, "greyhound", 200, At(Now), default)).Select(Numbers)));
    }

    [Test]
    public async Task Only_calls_of_services_that_can_be_read_get_in()
    {
        await StoreAsync();
        var identity = ((ITokenEmbedder)Embedder).Identity;
        var encoding = (await Embedder.EncodeAsync([new("greyhound")], default))[0];
        byte[] Body(TextEncoding? vectors) => RankingFrames.WriteCall(new(Everything, "greyhound", vectors, 200, RankingSettings.Default));
        var small = new TextEncoding(new float[8], new int[1], new float[8]);
        var unknown = encoding with { TokenIds = encoding.TokenIds.ToArray().Select(_ => 1_000_000).ToArray() };
        Assert.That(await StatusAsync(_search.Call(Body(encoding), proves: false, identity)), Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await StatusAsync(_search.Call(Body(encoding), identity: identity)), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await StatusAsync(_search.Call([], identity: identity)), Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await StatusAsync(_search.Call(Body(encoding)[..^1], identity: identity)), Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await StatusAsync(_search.Call(Body(small), identity: identity)), Is.EqualTo(HttpStatusCode.BadRequest), "another length of vectors");
        Assert.That(await StatusAsync(_search.Call(Body(unknown), identity: identity)), Is.EqualTo(HttpStatusCode.BadRequest), "a token that the model does not have");
        Assert.That(await StatusAsync(_search.Call(Body(unknown), identity: "another build")), Is.EqualTo(HttpStatusCode.OK), "vectors of others are not looked at");
        Assert.That(await StatusAsync(_search.Call(new byte[RankingFrames.MostCallBytes + 1], identity: identity)), Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));

        async Task<HttpStatusCode> StatusAsync(HttpRequestMessage message)
        {
            using var client = new HttpClient();
            using (message)
            {
                using var response = await client.SendAsync(message);
                return response.StatusCode;
            }
        }
    }

    [Test]
    public async Task Search_that_is_away_is_told_and_found_again()
    {
        await StoreAsync();
        var address = _search.Address;
        var searcher = _search.Searcher(new TestEmbedder(), _search.Reach(new Uri("http://127.0.0.1:9")));
        Assert.ThrowsAsync<DependencyUnavailableException>(() => searcher.FindAsync(Everything, "greyhound", 200, RankingSettings.Default, default));
        searcher.Dispose();
        using var again = _search.Searcher(new TestEmbedder(), _search.Reach(address));
        Assert.That(await again.FindAsync(Everything, "greyhound", 200, RankingSettings.Default, default), Is.Not.Empty);
    }

    [Test]
    public async Task Neighbours_of_messages_are_those_that_search_knows()
    {
        var ids = await StoreAsync();
        var order = _search.Reach().GetRequiredService<RemoteConversationOrder>();
        var (expected, found) = (await VectorStore.ListAroundAsync(Tenant, ids, 2, default), await order.ListAroundAsync(Tenant, ids, 2, default));
        Assert.That(found.Keys, Is.EquivalentTo(expected.Keys));
        foreach (var (id, (before, after)) in expected)
        {
            Assert.That(found[id].Before, Is.EqualTo(before));
            Assert.That(found[id].After, Is.EqualTo(after));
        }
    }

    [Test]
    public async Task A_batch_of_counts_whose_answer_is_lost_counts_once()
    {
        var counter = _search.Reach().GetRequiredService<RemoteSearchCounter>();
        for (var search = 0; search < 5; search++)
        {
            counter.Count(Tenant, SearchedKind.Messages);
        }

        counter.Count(Tenant, SearchedKind.Context);
        var lost = 0;
        _search.OnCarriedOut = context =>
        {
            if (lost++ < 4)
            {
                context.Abort();
            }
        };
        Assert.That(await counter.SendAsync(default), Is.False, "three tries were in vain");
        counter.Count(Tenant, SearchedKind.Messages);
        Assert.That(await counter.SendAsync(default));
        Assert.That(await counter.SendAsync(default), "nothing more is sent");
        Assert.That(lost, Is.EqualTo(6), "one batch five times, and what came later once");
        Assert.That(await CountedAsync(), Is.EqualTo((6L, 0L, 1L)));
    }

    [Test]
    public async Task Counts_wait_for_search_to_come_back()
    {
        var reach = _search.Reach(new Uri("http://127.0.0.1:9"));
        var counter = reach.GetRequiredService<RemoteSearchCounter>();
        counter.Count(Tenant, SearchedKind.Memories);
        Assert.That(await counter.SendAsync(default), Is.False);
        Assert.That(await counter.SendAsync(default), Is.False);
        Assert.That(_search.Log.Written.Count(line => line.Contains("could not be sent", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(await CountedAsync(), Is.EqualTo((0L, 0L, 0L)));
    }

    [Test]
    public void Counts_of_what_nobody_counts_are_refused()
    {
        Assert.ThrowsAsync<ArgumentException>(() => _counter.TakeAsync(Guid.NewGuid(), [new(Tenant, 1, [1, 2])], default));
        Assert.ThrowsAsync<ArgumentException>(() => _counter.TakeAsync(Guid.NewGuid(), [new(Tenant, 1, [1, 2, -3])], default));
        Assert.ThrowsAsync<ArgumentException>(() => _counter.TakeAsync(Guid.NewGuid(), [new(Tenant, -1, [1, 2, 3])], default));
    }

    private static ItemFilter Everything => new() { TenantId = Tenant, Kind = ItemKind.Message, OwnerKeys = null };

    private static RankingSettings At(DateTimeOffset time) => new() { AsOf = time };

    private static IEnumerable<ItemFilter> Filters() =>
    [
        Everything,
        Everything with { OwnerKeys = [Subject] },
        Everything with { ConversationKey = Subject },
        Everything with { Roles = [MessageRole.User] },
        Everything with { From = Now.AddDays(-20), To = Now.AddDays(-5) },
        Everything with { MinImportance = 0.45 },
        Everything with { Kind = ItemKind.Memory, AlsoKind = ItemKind.EndedMemory, OwnerKeys = [Subject], Categories = ["preference"] },
    ];

    private static IEnumerable<RankingSettings> Settings() =>
    [
        At(Now),
        At(Now.AddDays(-10)) with { Explain = true, Weights = RankingWeights.Presets["recent"] },
        At(Now) with { Explain = true, Mode = SearchMode.Semantic },
        At(Now) with { Mode = SearchMode.FullText },
    ];

    private static (double, double, double, double, double, double) Numbers(RankedItem item)
        => (item.Score, item.Similarity, item.Importance, item.ImportanceFactor, item.AgeInDays, item.DecayFactor);

    private async Task<(long Messages, long Memories, long Context)> CountedAsync()
        => await Database.Data.ReadAsync(
            session =>
            (
                session.Scalar("SELECT coalesce(sum(messages), 0) FROM search_usage WHERE level = 3"),
                session.Scalar("SELECT coalesce(sum(memories), 0) FROM search_usage WHERE level = 3"),
                session.Scalar("SELECT coalesce(sum(context), 0) FROM search_usage WHERE level = 3")
            ),
            default);

    private async Task<List<Guid>> StoreAsync()
    {
        var ids = new List<Guid>();
        var other = Guid.NewGuid();
        for (var at = 0; at < 40; at++)
        {
            ids.Add(await IndexAsync(
                at % 4 == 0 ? $"I adopted a greyhound in year {1990 + at}." : $"Note {at}: the harbour of Aarhus froze in {1900 + at}, did it not?",
                subject: at % 5 == 0 ? other : Subject,
                conversation: at % 3 == 0 ? other : Subject,
                role: at % 2 == 0 ? "user" : "assistant",
                importance: at % 7 == 0 ? 0.9 : null,
                at: Now.AddDays(-at).AddSeconds(at)));
        }

        await EmbedAsync();
        return ids;
    }
}
