using System.Security.Cryptography;
using MemoryMesh.Search;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Tests.Unit.Search;

public class RankingTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly SearchOptions Options = new();

    [Test]
    public void One_leg_alone_keeps_the_proportions_of_its_scores()
    {
        var fused = ScoreFusion.Fuse([new("bm25", 1, 0, [new(Item(), 8), new(Item(), 4), new(Item(), 1)])]);
        Assert.That(fused.Select(item => item.Similarity), Is.EqualTo((double[])[1, .5, .125]).Within(1e-9));
    }

    [TestCase(3)]
    [TestCase(1)]
    public void Equal_scores_are_equally_similar(int count)
    {
        var fused = ScoreFusion.Fuse([new("bm25", 1, 0, [.. Enumerable.Range(0, count).Select(_ => new ScoredItem(Item(), 1e-6))])]);
        Assert.That(fused.Select(item => item.Similarity), Is.All.EqualTo(1).Within(1e-6));
    }

    [Test]
    public void Nothing_found_is_nothing_fused() => Assert.That(ScoreFusion.Fuse([new("bm25", 1, 0, []), new("dense", 1, null, [])]), Is.Empty);

    [Test]
    public void An_item_that_two_legs_find_beats_those_that_one_finds()
    {
        var (both, onlyWords, onlyMeaning) = (Item(), Item(), Item());
        var fused = ScoreFusion.Fuse(
        [
            new("bm25", 1, 0, [new(onlyWords, 9), new(both, 8), new(Item(), 2)]),
            new("dense", 1, null, [new(onlyMeaning, .9), new(both, .85), new(Item(), .3)]),
        ]);
        Assert.That(fused[0].Item, Is.EqualTo(both));
        Assert.That(fused.Select(item => item.Similarity), Is.Ordered.Descending.And.All.InRange(0.000001, 1));
        Assert.That(fused[0].Similarity, Is.EqualTo(1));
    }

    [Test]
    public void An_item_that_a_leg_did_not_find_counts_with_the_lowest_score_of_that_leg()
    {
        var (found, missing) = (Item(), Item());
        var fused = ScoreFusion.Fuse(
        [
            new("bm25", 1, 0, [new(found, 4), new(Item(), 2)]),
            new("dense", 2, null, [new(found, .5), new(missing, .7)]),
        ]);
        var leg = fused.Single(item => item.Item == missing).Legs[0];
        Assert.That(leg, Is.EqualTo(new LegScore("bm25", null, -1, 1)));
    }

    [Test]
    public void A_heavier_leg_decides()
    {
        var (words, meaning) = (Item(), Item());
        LegResult Words(double weight) => new("bm25", weight, 0, [new(words, 4), new(meaning, 2)]);
        var dense = new LegResult("dense", 1, null, [new(meaning, .8), new(words, .4)]);
        Assert.That(ScoreFusion.Fuse([Words(3), dense])[0].Item, Is.EqualTo(words));
        Assert.That(ScoreFusion.Fuse([Words(.3), dense])[0].Item, Is.EqualTo(meaning));
    }

    [Test]
    public void Fused_items_are_in_the_same_order_whatever_the_order_of_the_legs()
    {
        var items = Enumerable.Range(0, 30).Select(_ => Item()).ToArray();
        var random = new Random(3);
        var words = new LegResult("bm25", 1, 0, [.. items.Take(20).Select(item => new ScoredItem(item, random.NextDouble()))]);
        var dense = new LegResult("dense", 1.5, null, [.. items.Skip(10).Select(item => new ScoredItem(item, random.NextDouble()))]);
        Assert.That(
            ScoreFusion.Fuse([words, dense]).Select(item => item.Item.Id), Is.EqualTo(ScoreFusion.Fuse([dense, words]).Select(item => item.Item.Id)));
    }

    [TestCase(0, 1)]
    [TestCase(180, 0.925)]
    [TestCase(360, 0.8875)]
    [TestCase(1e6, 0.85)]
    public void Age_takes_half_of_what_it_can_at_each_half_life(double days, double factor)
        => Assert.That(DecayRule.Factor(days, Options), Is.EqualTo(factor).Within(1e-9));

    [Test]
    public void The_future_has_no_age() => Assert.That(DecayRule.AgeInDays(Now.AddDays(3), Now), Is.Zero);

    [TestCase(0, 0.7)]
    [TestCase(0.5, 1)]
    [TestCase(1, 1.3)]
    [TestCase(7, 1.3)]
    [TestCase(-1, 0.7)]
    public void Importance_changes_a_score_within_its_bounds(double importance, double factor)
        => Assert.That(ImportanceRule.Factor(importance, Options), Is.EqualTo(factor).Within(1e-9));

    [Test]
    public void An_importance_that_was_set_goes_before_that_of_the_role()
    {
        Assert.That(ImportanceRule.Of(Item(role: MessageRole.Tool), Options), Is.EqualTo(Options.ToolImportance));
        Assert.That(ImportanceRule.Of(Item(role: MessageRole.Tool, importance: .9), Options), Is.EqualTo(.9));
        Assert.That(ImportanceRule.Of(Item(role: MessageRole.None), Options), Is.EqualTo(.5));
    }

    [Test]
    public void A_score_is_the_product_of_its_parts_and_orders_the_answer()
    {
        var random = new Random(5);
        var fused = ScoreFusion.Fuse(
        [
            new("bm25", 1, 0, [.. Enumerable.Range(0, 50).Select(_ => new ScoredItem(
                Item(importance: random.NextDouble(), age: random.Next(2_000)), random.NextDouble() * 10))]),
        ]);
        var ranked = ItemRanking.Rank(fused, Options, Now);
        Assert.That(ranked.Select(item => item.Score), Is.Ordered.Descending);
        Assert.That(ranked, Is.All.Matches<RankedItem>(item => Math.Abs(item.Score - (item.Similarity * item.ImportanceFactor * item.DecayFactor)) < 1e-12));
    }

    [Test]
    public void The_hash_of_a_term_is_stable_and_differs_by_tenant_kind_and_key()
    {
        var tenant = new Guid("11111111-1111-1111-1111-111111111111");
        var ring = new KeyRing(new byte[32], [.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
        using var hashes = new TermHashes(ring, tenant);
        using var again = new TermHashes(ring, tenant);
        using var otherTenant = new TermHashes(ring, Guid.NewGuid());
        using var otherKey = new TermHashes(new KeyRing(new byte[32], RandomNumberGenerator.GetBytes(32)), tenant);
        var hash = hashes.Term(ItemKind.Message, "python");
        Assert.That(hash, Does.Match("^[0-9a-v]{13}$"));
        Assert.That(again.Term(ItemKind.Message, "python"), Is.EqualTo(hash));
        Assert.That(
            (string[])[
                hashes.Term(ItemKind.Message, "pythons"),
                hashes.Term(ItemKind.Memory, "python"),
                otherTenant.Term(ItemKind.Message, "python"),
                otherKey.Term(ItemKind.Message, "python"),
            ],
            Has.None.EqualTo(hash).And.Unique);
    }

    private static Candidate Item(MessageRole role = MessageRole.User, double? importance = null, int age = 0)
        => new(Guid.NewGuid(), Guid.Empty, role, Now.AddDays(-age), importance);
}
