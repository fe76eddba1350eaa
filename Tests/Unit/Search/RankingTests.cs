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
    public void Words_alone_keep_the_proportions_of_their_scores()
    {
        var fused = Fuse([Match(8), Match(4), Match(1)], total: 100);
        Assert.That(fused.Select(item => item.Similarity), Is.EqualTo((double[])[1, .5, .125]).Within(1e-9));
    }

    [TestCase(3)]
    [TestCase(1)]
    public void Equal_scores_are_equally_similar(int count)
        => Assert.That(Fuse([.. Enumerable.Range(0, count).Select(_ => Match(1e-6))], count).Select(item => item.Similarity), Is.All.EqualTo(1).Within(1e-6));

    [TestCase(0.026668247082161273)]
    [TestCase(0.1)]
    [TestCase(3.3)]
    public void Where_words_do_not_differ_meaning_decides_whatever_rounding_leaves_of_their_deviation(double words)
    {
        for (var count = 2; count < 100; count++)
        {
            var fused = Fuse([Match(words, .8), .. Enumerable.Range(1, count - 1).Select(_ => Match(words, .5))], count, cosine: new(.55, .1));
            Assert.That(fused[1].Similarity, Is.LessThan(.5), $"{count} items");
        }
    }

    [Test]
    public void Nothing_found_is_nothing_fused() => Assert.That(Fuse([], 0), Is.Empty);

    [Test]
    public void An_item_that_words_and_meaning_find_beats_those_that_one_finds()
    {
        var (both, onlyWords, onlyMeaning) = (Match(8, .85), Match(9, .3), Match(0, .9));
        var fused = Fuse([onlyWords, both, onlyMeaning, Match(2, .3)], 50, cosine: new(.5, .1));
        Assert.That(fused[0].Item, Is.EqualTo(both.Item));
        Assert.That(fused.Select(item => item.Similarity), Is.Ordered.Descending.And.All.InRange(0.000001, 1));
        Assert.That(fused[0].Similarity, Is.EqualTo(1));
    }

    [Test]
    public void An_item_without_vectors_yet_counts_as_the_mean_of_meaning()
    {
        var fused = Fuse([Match(4), Match(2, .7)], 10, cosine: new(.5, .1));
        var leg = fused.Single(item => item.Legs.Any(leg => leg.Name == "vector" && leg.Score is null)).Legs.Single(leg => leg.Name == "vector");
        Assert.That(leg.Standardised, Is.Zero);
    }

    [Test]
    public void What_shares_no_word_is_listed_only_when_it_means_nearly_the_same()
    {
        var (near, far, beside) = (Match(0, .7), Match(0, .45), Match(0, .56));
        beside.Neighbours.Add((near, 1));
        near.Neighbours.Add((beside, 1));
        var listed = Fuse([near, far, beside], 50, cosine: new(.5, .1)).Select(item => item.Item).ToList();
        Assert.That(listed, Is.EqualTo((Candidate[])[near.Item, beside.Item]));
    }

    [Test]
    public void What_the_filter_keeps_out_lends_its_score_to_its_neighbours_and_is_not_listed()
    {
        var (question, answer, other) = (Match(9, .8), Match(1, .6), Match(1, .6));
        question.IsListed = false;
        answer.Neighbours.Add((question, 1));
        var fused = Fuse([question, answer, other], 50, cosine: new(.5, .1));
        Assert.That(fused.Select(item => item.Item), Is.EqualTo((Candidate[])[answer.Item, other.Item]));
        Assert.That(fused[0].Similarity, Is.GreaterThan(fused[1].Similarity));
    }

    [Test]
    public void A_question_that_asks_when_favours_what_says_when()
    {
        var (says, asks) = (Match(5), Match(5));
        says.Traits = TextSigns.Of("We met last Tuesday.");
        asks.Traits = TextSigns.Of("Did we meet?");
        var fused = Fuse([asks, Match(5), says], 20, QuerySigns.Read("When did we meet?", Now));
        Assert.That(fused[0].Item, Is.EqualTo(says.Item));
        Assert.That(fused[2].Item, Is.EqualTo(asks.Item));
    }

    [TestCase("How many cats do they have?", "There are three of them.")]
    [TestCase("How long did it take?", "It took 40 minutes.")]
    [TestCase("Where did they go?", "The trip went to Lisbon.")]
    [TestCase("What book was it?", "It was \u201cThe Lighthouse\u201d.")]
    public void A_question_favours_the_kind_of_answer_that_it_wants(string query, string text)
    {
        var answer = Match(5);
        answer.Traits = TextSigns.Of(text);
        var fused = Fuse([Match(5), answer, Match(5)], 20, QuerySigns.Read(query, Now));
        Assert.That(fused[0].Item, Is.EqualTo(answer.Item));
        Assert.That(fused[0].Legs.Single(leg => leg.Name == "answer_type").Standardised, Is.Positive);
        Assert.That(Fuse([Match(5), answer], 20, QuerySigns.Read("What do they think of it?", Now)).SelectMany(item => item.Legs).Select(leg => leg.Name), Has.None.EqualTo("answer_type"));
    }

    [TestCase(-1, true)]
    [TestCase(-1, false)]
    [TestCase(1, false)]
    public void What_was_asked_just_before_lends_more_of_its_score(int offset, bool isReply)
    {
        double Lent(int at, bool reply)
        {
            var (around, match) = (Match(9), Match(5));
            match.IsReply = reply;
            match.Neighbours.Add((around, at));
            return Fuse([around, match, Match(5)], 50).Single(item => item.Item == match.Item).Legs.Single(leg => leg.Name == "neighbours").Standardised;
        }

        Assert.That(Lent(-1, true), Is.GreaterThanOrEqualTo(Lent(offset, isReply)).And.Positive);
        Assert.That(Lent(-1, true), Is.EqualTo(2 * Lent(-1, false)).Within(1e-9));
        Assert.That(Lent(2, false), Is.LessThan(Lent(offset, isReply)));
    }

    [Test]
    public void What_a_person_says_of_the_other_alone_stands_behind_what_it_says_of_itself()
    {
        VectorMatch Said(string text, MessageRole role = MessageRole.User) => new(Item(role)) { Lexical = 5, Traits = TextSigns.Of(text) };
        var (ofOther, ofSelf) = (Said("You must be proud of your pottery."), Said("I am proud of my pottery, you know."));
        Assert.That(Fuse([ofOther, ofSelf], 20)[0].Item, Is.EqualTo(ofSelf.Item));
        var (byAssistant, plain) = (Said("You could try the pottery.", MessageRole.Assistant), Said("Try the pottery."));
        Assert.That(Fuse([byAssistant, plain], 20).Select(item => item.Similarity), Is.All.EqualTo(1).Within(1e-9), "an assistant speaks of the person");
    }

    [Test]
    public void A_message_by_the_one_who_is_named_gains()
    {
        var (named, other) = (Match(5), Match(5));
        named.IsByNamed = true;
        Assert.That(Fuse([other, named], 20)[0].Item, Is.EqualTo(named.Item));
    }

    [Test]
    public void A_time_that_the_question_names_counts_the_more_the_fewer_lie_in_it()
    {
        var signs = QuerySigns.Read("What happened on 2026-02-20?", Now);
        var (then, other) = (new VectorMatch(Item(age: 9)) { Lexical = 5 }, Match(5));
        double Gained(int covered, int total)
            => ScoreFusion.Fuse(new([then, other], total, null, null) { Covered = covered }, signs, RankingWeights.Balanced, .65)
                .Single(item => item.Item == then.Item).Legs.Where(leg => leg.Name == "time").Sum(leg => leg.Standardised);
        Assert.That(Gained(25, 625), Is.EqualTo(2 * Gained(125, 625)).Within(1e-9));
        Assert.That(Gained(1, 1_000_000), Is.EqualTo(Gained(1, 100_000)), "there is a bound");
        Assert.That(Gained(1_000, 1_000), Is.Zero);
    }

    [Test]
    public void A_heavier_leg_decides()
    {
        var (words, meaning) = (Match(4, .4), Match(2, .8));
        IReadOnlyList<FusedItem> With(double weight)
            => Fuse([words, meaning], 2, cosine: new(.6, .2), weights: RankingWeights.Balanced with { Lexical = weight, Vector = 1 });
        Assert.That(With(3)[0].Item, Is.EqualTo(words.Item));
        Assert.That(With(.3)[0].Item, Is.EqualTo(meaning.Item));
    }

    [Test]
    public void Every_part_that_counts_is_explained_and_they_sum_up()
    {
        var matches = Enumerable.Range(0, 40).Select(i => Match(i % 7, .3 + (i * .01))).ToList();
        for (var i = 1; i < matches.Count; i++)
        {
            matches[i].Neighbours.Add((matches[i - 1], 1));
            matches[i].Session = 1;
        }

        matches[5].IsByNamed = true;
        var fused = Fuse(matches, 200, cosine: new(.4, .1));
        double Sum(FusedItem item) => item.Legs.Sum(leg => leg.Weight * leg.Standardised);
        Assert.That(fused.Select(Sum), Is.Ordered.Descending);
        Assert.That(fused.SelectMany(item => item.Legs).Select(leg => leg.Name).Distinct(), Is.SupersetOf((string[])["bm25", "vector", "neighbours", "session", "participant"]));
    }

    [Test]
    public void Every_weight_has_its_name()
    {
        foreach (var name in RankingWeights.Names)
        {
            Assert.That(RankingWeights.Balanced.With(name, 9.5), Is.Not.EqualTo(RankingWeights.Balanced), name);
        }

        Assert.That(RankingWeights.Names, Has.Count.EqualTo(typeof(RankingWeights).GetProperties().Count(property => property.PropertyType == typeof(double))));
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
        var fused = Fuse(
            [.. Enumerable.Range(0, 50).Select(_ => new VectorMatch(Item(importance: random.NextDouble(), age: random.Next(2_000))) { Lexical = random.NextDouble() * 10 })], 50);
        var ranked = ItemRanking.Rank(fused, RankingWeights.Presets["recent"], Options, Now);
        Assert.That(ranked.Select(item => item.DecayFactor), Is.All.InRange(0.3, 1.5));
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

    private static VectorMatch Match(double lexical, double? cosine = null) => new(Item()) { Lexical = lexical, Cosine = cosine };

    private static IReadOnlyList<FusedItem> Fuse(
        List<VectorMatch> matches, int total, QuerySigns? signs = null, LegScale? cosine = null, RankingWeights? weights = null)
        => [.. ScoreFusion.Fuse(new(matches, total, cosine, null), signs ?? QuerySigns.Read("anything", Now), weights ?? RankingWeights.Balanced, .65)
            .OrderByDescending(item => item.Similarity)];
}
