using System.Buffers.Binary;
using System.Text;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Index;
using MemoryMesh.Search.Ranking;
using MemoryMesh.Search.Searchers;

namespace MemoryMesh.Tests.Unit.Search;

public class RankingFramesTests
{
    private const int Dimensions = 8;

    private static readonly DateTimeOffset Time = new(2026, 11, 29, 1, 2, 3, 456, TimeSpan.Zero);

    private static readonly ItemFilter Filter = new()
    {
        TenantId = Guid.NewGuid(),
        Kind = ItemKind.Memory,
        AlsoKind = ItemKind.EndedMemory,
        OwnerKeys = [Guid.NewGuid(), Guid.NewGuid()],
        ConversationKey = Guid.NewGuid(),
        Roles = [MessageRole.User, MessageRole.Tool],
        Categories = ["preference"],
        From = Time,
        To = Time.AddTicks(7),
        MinImportance = 0.1 + 0.2,
    };

    [Test]
    public void A_call_comes_back_as_it_was()
    {
        var call = Call(tokens: 3);
        var read = RankingFrames.ReadCall(RankingFrames.WriteCall(call))!;
        Assert.That(read.Query, Is.EqualTo(call.Query));
        Assert.That(read.Limit, Is.EqualTo(call.Limit));
        Assert.That(read.Settings, Is.EqualTo(call.Settings));
        Assert.That(read.Filter with { OwnerKeys = null, Roles = [], Categories = [] }, Is.EqualTo(Filter with { OwnerKeys = null, Roles = [], Categories = [] }));
        Assert.That(read.Filter.OwnerKeys, Is.EqualTo(Filter.OwnerKeys));
        Assert.That(read.Filter.Roles, Is.EqualTo(Filter.Roles));
        Assert.That(read.Filter.Categories, Is.EqualTo(Filter.Categories));
        Assert.That(read.Filter.AllowsAll, Is.EqualTo(Filter.AllowsAll));
        Assert.That(read.Vectors!.Pooled.ToArray(), Is.EqualTo(call.Vectors!.Pooled.ToArray()));
        Assert.That(read.Vectors.TokenIds.ToArray(), Is.EqualTo(call.Vectors.TokenIds.ToArray()));
        Assert.That(read.Vectors.TokenVectors.ToArray(), Is.EqualTo(call.Vectors.TokenVectors.ToArray()));
    }

    [Test]
    public void A_filter_of_everything_and_a_question_without_vectors_come_back_too()
    {
        var all = new ItemFilter { TenantId = Guid.NewGuid(), Kind = ItemKind.Message, OwnerKeys = null };
        var read = RankingFrames.ReadCall(RankingFrames.WriteCall(new(all, "", null, 8_000, RankingSettings.Default)))!;
        Assert.That(read.Filter.OwnerKeys, Is.Null);
        Assert.That(read.Filter.AllowsAll);
        Assert.That(read.Vectors, Is.Null);
        Assert.That(read.Settings, Is.EqualTo(RankingSettings.Default));

        // No owner at all is not every owner.
        Assert.That(RankingFrames.ReadCall(RankingFrames.WriteCall(new(all with { OwnerKeys = [] }, "", null, 1, RankingSettings.Default)))!.Filter.OwnerKeys, Is.Empty);
    }

    [Test]
    public void No_beginning_of_a_call_is_a_call_and_none_with_more_behind_it()
    {
        var call = RankingFrames.WriteCall(Call(tokens: 2));
        for (var length = 0; length < call.Length; length++)
        {
            Assert.That(RankingFrames.ReadCall(call.AsSpan(0, length)), Is.Null, $"{length} bytes");
        }

        Assert.That(RankingFrames.ReadCall([.. call, 0]), Is.Null);
    }

    [Test]
    public void A_head_that_leaves_anything_out_or_has_more_is_refused()
    {
        var head = HeadOf(RankingFrames.WriteCall(Call(tokens: 0)));
        Assert.That(RankingFrames.ReadCall(WithHead(head)), Is.Not.Null);
        foreach (var name in (string[])["tenantId", "kind", "ownerKeys", "roles", "categories", "minImportance", "query", "limit", "weights", "mode", "explain"])
        {
            Assert.That(RankingFrames.ReadCall(WithHead(head.Replace($"\"{name}\"", $"\"{name}s2\"", StringComparison.Ordinal))), Is.Null, name);
        }

        Assert.That(RankingFrames.ReadCall(WithHead("null")), Is.Null);
        Assert.That(RankingFrames.ReadCall(WithHead("[]")), Is.Null);
        Assert.That(RankingFrames.ReadCall(WithHead("")), Is.Null);
    }

    [TestCase("\"limit\":300", "\"limit\":0")]
    [TestCase("\"limit\":300", "\"limit\":8001")]
    [TestCase("\"limit\":300", "\"limit\":-1")]
    [TestCase("\"kind\":2", "\"kind\":9")]
    [TestCase("\"alsoKind\":3", "\"alsoKind\":0")]
    [TestCase("\"roles\":[1,4]", "\"roles\":[1,77]")]
    [TestCase("\"roles\":[1,4]", "\"roles\":null")]
    [TestCase("\"categories\":[\"preference\"]", "\"categories\":[null]")]
    [TestCase("\"mode\":2", "\"mode\":3")]
    public void A_head_with_a_value_that_is_none_is_refused(string value, string other)
    {
        var head = HeadOf(RankingFrames.WriteCall(Call(tokens: 0)));
        Assert.That(head, Does.Contain(value));
        Assert.That(RankingFrames.ReadCall(WithHead(head.Replace(value, other, StringComparison.Ordinal))), Is.Null);
    }

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    [TestCase(float.NegativeInfinity)]
    [TestCase(1.5f)]
    [TestCase(-3e38f)]
    public void Vectors_of_what_is_no_part_of_a_vector_are_refused(float value)
    {
        foreach (var at in (int[])[0, Dimensions - 1])
        {
            var call = Call(tokens: 2);
            var (pooled, tokens) = (call.Vectors!.Pooled.ToArray(), call.Vectors.TokenVectors.ToArray());
            pooled[at] = value;
            Assert.That(RankingFrames.ReadCall(RankingFrames.WriteCall(call with { Vectors = call.Vectors with { Pooled = pooled } })), Is.Null);
            tokens[^(at + 1)] = value;
            Assert.That(RankingFrames.ReadCall(RankingFrames.WriteCall(call with { Vectors = call.Vectors with { TokenVectors = tokens } })), Is.Null);
        }
    }

    [Test]
    public void The_number_of_tokens_is_bounded_and_must_fit()
    {
        Assert.That(RankingFrames.ReadCall(RankingFrames.WriteCall(Call(RankingFrames.MostTokens))), Is.Not.Null);
        Assert.That(RankingFrames.ReadCall(RankingFrames.WriteCall(Call(RankingFrames.MostTokens + 1))), Is.Null);
        foreach (var (dimensions, tokens) in ((int, int)[])[(Dimensions, 3), (Dimensions, 1), (Dimensions, -1), (-1, 2), (0, 2), (int.MaxValue, int.MaxValue), (int.MinValue, 2), (4_097, 2)])
        {
            var call = RankingFrames.WriteCall(Call(tokens: 2));
            var at = 8 + BinaryPrimitives.ReadInt32LittleEndian(call.AsSpan(4));
            BinaryPrimitives.WriteInt32LittleEndian(call.AsSpan(at), dimensions);
            BinaryPrimitives.WriteInt32LittleEndian(call.AsSpan(at + 4), tokens);
            Assert.That(RankingFrames.ReadCall(call), Is.Null, $"{dimensions} {tokens}");
        }
    }

    [Test]
    public void Bytes_that_are_no_call_or_answer_never_make_it_throw()
    {
        var random = new Random(7);
        var (call, answer) = (RankingFrames.WriteCall(Call(tokens: 2)), RankingFrames.WriteAnswer(Items(3), explain: true));
        for (var round = 0; round < 3_000; round++)
        {
            var (one, other) = ((byte[])call.Clone(), (byte[])answer.Clone());
            one[random.Next(one.Length)] = (byte)random.Next(256);
            other[random.Next(other.Length)] = (byte)random.Next(256);
            Assert.DoesNotThrow(() => RankingFrames.ReadCall(one));
            Assert.DoesNotThrow(() => RankingFrames.ReadAnswer(other));
        }
    }

    [TestCase(false)]
    [TestCase(true)]
    public void An_answer_comes_back_as_it_was(bool explain)
    {
        var items = Items(4);
        var read = RankingFrames.ReadAnswer(RankingFrames.WriteAnswer(items, explain))!;
        Assert.That(read, Has.Count.EqualTo(4));
        foreach (var (mine, theirs) in items.Zip(read))
        {
            Assert.That(theirs with { Parts = mine.Parts }, Is.EqualTo(mine));
            Assert.That(theirs.Legs, Is.EqualTo(explain ? mine.Legs : []));
        }

        Assert.That(RankingFrames.ReadAnswer(RankingFrames.WriteAnswer([], explain)), Is.Empty);
    }

    [Test]
    public void An_answer_that_is_cut_too_long_or_of_no_numbers_is_refused()
    {
        var answer = RankingFrames.WriteAnswer(Items(2), explain: true);
        for (var length = 0; length < answer.Length; length++)
        {
            Assert.That(RankingFrames.ReadAnswer(answer.AsMemory(0, length)), Is.Null, $"{length} bytes");
        }

        Assert.That(RankingFrames.ReadAnswer((byte[])[.. answer, 0]), Is.Null);
        Assert.That(RankingFrames.ReadAnswer(RankingFrames.WriteAnswer([Items(1)[0] with { Score = double.NaN }], explain: false)), Is.Null);
        BinaryPrimitives.WriteInt32LittleEndian(answer.AsSpan(4), int.MaxValue);
        Assert.That(RankingFrames.ReadAnswer(answer), Is.Null);
    }

    private static RankingCall Call(int tokens) => new(
        Filter,
        "What did she say in Kyōto? 🗼",
        new(
            Enumerable.Range(0, Dimensions).Select(at => at / 10f).ToArray(),
            Enumerable.Range(1_000, tokens).ToArray(),
            Enumerable.Range(0, tokens * Dimensions).Select(at => -1f / (at + 1)).ToArray()),
        300,
        new() { Weights = new() { Lexical = 0.1 + 0.2, Recency = 6 }, Mode = SearchMode.Semantic, AsOf = Time, Explain = true });

    private static List<RankedItem> Items(int count)
        => [.. Enumerable.Range(1, count).Select(at =>
        {
            var item = new Candidate(Guid.NewGuid(), Guid.NewGuid(), MessageRole.Assistant, Time.AddTicks(at), at % 2 == 0 ? null : 1.0 / at);
            var legs = new LegScore[] { new("bm25", at % 2 == 0 ? null : 1.0 / 3, -0.1, 0.7), new("session", null, 2, 0.2) };
            return new RankedItem
            {
                Item = item,
                Score = 1.0 / at,
                Similarity = 0.9 / at,
                Importance = 0.5,
                ImportanceFactor = 1.1,
                AgeInDays = at,
                DecayFactor = 0.99,
                Parts = new Told(legs),
            };
        })];

    private sealed record Told(IReadOnlyList<LegScore> Legs) : IScoreParts;

    private static string HeadOf(byte[] call) => Encoding.UTF8.GetString(call, 8, BinaryPrimitives.ReadInt32LittleEndian(call.AsSpan(4)));

    private static byte[] WithHead(string head)
    {
        var (call, bytes) = (RankingFrames.WriteCall(Call(tokens: 0)), Encoding.UTF8.GetBytes(head));
        var length = BitConverter.GetBytes(bytes.Length);
        return [.. call[..4], .. length, .. bytes, .. call[(8 + BinaryPrimitives.ReadInt32LittleEndian(call.AsSpan(4)))..]];
    }
}
